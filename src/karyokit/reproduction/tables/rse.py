"""RSE-UNet: Tables 3, 4 and 5, and our table of readings.

Source: Wang, Ma and Zhang 2023, "Overlapping Chromosome Segmentation Model Based on Multi-Scale Residual Attention Network".
"""

from __future__ import annotations

from typing import Any

from karyokit.reproduction.protocol import Column, Row, System, Table

COLUMNS = {
    "IoU": Column("pooled/iou"),
    "IoU1": Column("pooled/iou_1"),
    "IoU2": Column("pooled/iou_2"),
    "Acc": Column("pooled/pixel_accuracy"),
    "class mean": Column("pooled/class_accuracy"),
}
"""Overlap, alpha without and beta without overlap; the share of right pixels (Eq. 10), and the mean of the four classes' own shares."""

FIVE = (0, 1, 2, 3, 4)

FOCAL: dict[str, Any] = {"loss": "focal", "loss_options": {"alpha": 0.25, "gamma": 2.0}}
U_NET = {"block": "plain", "mdpac": False, "respath": False}
HU: dict[str, Any] = {
    "loss": "squared_error",
    "training": {"epochs": 5, "schedule": "constant", "patience": 0},
    "settings": {"padding": "crop_88", "labels": "nearest", "activation": "none", "decision": "sigmoid_round"},
}
MIRRORED = ("same", "rows", "columns", "both")


def _paper(iou: float, first: float, second: float, accuracy: float, *time: float) -> dict[str, float]:
    return dict(zip(("IoU", "IoU1", "IoU2", "Acc", "ms"), (iou, first, second, accuracy, *time), strict=False))


POOLS = Table(
    "3",
    "Number of pools",
    COLUMNS | {"ms": Column("ms", factor=1.0, digits=1)},
    (
        Row("RSE-UNet(3L)", "rse_unet", {"pools": 3}, paper=_paper(97.92, 98.11, 97.75, 98.85, 3.6), **FOCAL),
        Row("RSE-UNet(4L)", "rse_unet", paper=_paper(98.58, 98.79, 99.04, 99.41, 4.1), **FOCAL),
        Row("RSE-UNet(5L)", "rse_unet", {"pools": 5}, paper=_paper(98.43, 98.29, 98.43, 99.09, 4.5), **FOCAL),
    ),
    split="rse",
    folds=FIVE,
    note="The paper's times are of one picture on an RTX 2080 Ti.",
)

MODELS = Table(
    "4",
    "RSE-UNet and other networks",
    COLUMNS,
    (
        Row("U-Net", "rse_unet", U_NET, paper=_paper(95.52, 96.01, 96.23, 98.10), **FOCAL),
        Row(
            "sim-UNet",
            "hu_unet",
            paper=_paper(94.70, 88.20, 94.40, 99.22),
            note="The paper's figures are those that Hu et al. print. Run here as Hu et al. trained it, but on this split.",
            **HU,
        ),
        Row(
            "Saleh et al.",
            "saleh_unet",
            paper=_paper(95.12, 95.37, 95.69, 99.68),
            note="Accuracy as Saleh et al. print it. Run here with Hu's training and the mean of four mirrored views.",
            **HU | {"settings": {**HU["settings"], "views": MIRRORED}},
        ),
        Row("DeepLabv3+", "deeplab_v3_plus", paper=_paper(92.48, 93.09, 94.11, 97.05), **FOCAL),
        Row("SegNet", "segnet", paper=_paper(91.04, 91.78, 92.08, 97.81), **FOCAL),
        Row("CE-Net", "ce_net", paper=_paper(92.35, 95.04, 95.51, 98.01), **FOCAL),
        Row("RSE-UNet", "rse_unet", paper=_paper(98.58, 98.79, 99.04, 99.41), **FOCAL),
    ),
    split="rse",
    folds=FIVE,
    note="The paper does not say how the other networks were trained; here they share the main network's loss and schedule.",
)

PARTS = Table(
    "5",
    "Ablation of ResSE, MDPAC and ResPath",
    COLUMNS,
    (
        Row("ResSE", "rse_unet", {"mdpac": False, "respath": False}, paper=_paper(96.88, 96.94, 97.03, 98.80), **FOCAL),
        Row("MDPAC", "rse_unet", {"block": "plain", "respath": False}, paper=_paper(95.92, 96.11, 95.98, 98.77), **FOCAL),
        Row("ResPath", "rse_unet", {"block": "plain", "mdpac": False}, paper=_paper(95.60, 96.02, 96.35, 98.60), **FOCAL),
        Row("ResSE + MDPAC", "rse_unet", {"respath": False}, paper=_paper(97.25, 97.36, 97.41, 98.98), **FOCAL),
        Row("MDPAC + ResPath", "rse_unet", {"block": "plain"}, paper=_paper(96.85, 97.12, 96.99, 98.50), **FOCAL),
        Row("ResSE + ResPath", "rse_unet", {"mdpac": False}, paper=_paper(97.01, 97.23, 97.09, 98.71), **FOCAL),
        Row(
            "ResSE + MDPAC + ResPath",
            "rse_unet",
            paper=_paper(98.58, 97.99, 98.24, 99.41),
            note="The same network as RSE-UNet of Tables 3 and 4, where the paper prints IoU1 98.79 and IoU2 99.04.",
            **FOCAL,
        ),
    ),
    split="rse",
    folds=FIVE,
    note="Without ResSE, blocks are those of a plain U-Net.",
)

READINGS = Table(
    "readings",
    "What the paper leaves open, one change at a time",
    COLUMNS,
    (
        Row("as in Table 4", "rse_unet", **FOCAL),
        Row("alpha 0.75", "rse_unet", loss="focal", loss_options={"alpha": 0.75}),
        Row("alpha 0.25 for the overlap only", "rse_unet", loss="focal", loss_options={"alpha": [0.5, 0.5, 0.5, 0.25]}),
        Row("softmax focal", "rse_unet", loss="softmax_focal"),
        Row("ReLU as in the text", "rse_unet", {"post_act": False}, **FOCAL),
        Row("input added after MDPAC", "rse_unet", {"mdpac_residual": True}, **FOCAL),
        Row("one attention per skip", "rse_unet", {"respath_attention": "end"}, **FOCAL),
        Row("skips without attention", "rse_unet", {"respath_attention": "none"}, **FOCAL),
        Row("residual, channels not weighted", "rse_unet", {"block": "residual"}, **FOCAL),
        Row("labels cleaned by watershed", "rse_unet", settings={"labels": "cleaned"}, **FOCAL),
        Row("labels cleaned by neighbours", "rse_unet", settings={"labels": "nearest"}, **FOCAL),
    ),
    split="rse",
    note="Not in the paper. The last two rows are scored on other labels than the rest.",
)

SYSTEM = System(
    name="rse",
    title="RSE-UNet",
    reference="Wang, Ma and Zhang 2023 (in Chinese; received 3 March, published 23 May)",
    kind="pairs",
    tables=(POOLS, MODELS, PARTS, READINGS),
    main="RSE-UNet",
    baseline="U-Net",
    training={
        "optimizer": "adam",
        "learning_rate": 1e-3,
        "weight_decay": 0.0,
        "batch": 8,
        "epochs": 300,
        "schedule": "plateau",
        "factor": 0.5,
        "plateau_patience": 3,
        "patience": 9,
    },
    settings={"labels": "raw", "padding": "ours", "value_range": "unit", "activation": "sigmoid", "decision": "argmax"},
)
"""The paper bounds the number of epochs by early stopping alone; 300 is never to be reached. It cleans no labels and names no scaling."""
