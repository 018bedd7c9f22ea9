"""ARMS Net: Tables 3 to 6, and our table of readings. (Table 1 lists the residual paths, Table 2 the networks.)

Source: Wang et al. 2021, Biomed. Signal Process. Control 68, 102811. Figures are pooled over the test set, every channel cut at 0.5
(systems specification 8.1 to 8.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from karyokit.reproduction.protocol import Column, Row, System, Table

COLUMNS: Mapping[str, Column] = {
    "IoU": Column("pooled/iou"),
    "Chrom alpha IoU": Column("pooled/iou_alpha"),
    "Chrom beta IoU": Column("pooled/iou_beta"),
    "Accuracy": Column("pooled/accuracy", digits=4),
    "ms": Column("ms", factor=1.0, digits=1),
}
"""Overlap, whole chromosomes, mean binary accuracy of the two whole chromosomes, one picture."""

FIVE = (0, 1, 2, 3, 4)
_TIMES = "The paper's times are of one picture on an RTX 2080 Ti. It prints one figure per network, presumably of the best of five folds."


def _paper(*figures: float) -> dict[str, float]:
    return dict(zip(COLUMNS, figures, strict=True))


POOLS = Table(
    "3",
    "UNet (AAR) with 3, 4 and 5 pools",
    COLUMNS,
    (
        Row("UNet (AAR) 3L", "arms_net", {"pools": 3}, loss="bce", paper=_paper(99.12, 99.59, 99.79, 99.9923, 3.9)),
        Row("UNet (AAR) 4L", "arms_net", loss="bce", paper=_paper(99.22, 99.70, 99.85, 99.9943, 4.6)),
        Row("UNet (AAR) 5L", "arms_net", {"pools": 5}, loss="bce", paper=_paper(98.60, 99.64, 99.82, 99.9932, 4.8)),
    ),
    split="arms_paper",
    folds=FIVE,
    note=_TIMES,
)


def _sizes(batch: int, train: tuple[float, float], test: tuple[float, float]) -> Row:
    paper = {"Training IoU": train, "Testing IoU": test}
    return Row(f"BCE_bs{batch}", "arms_net", loss="bce", training={"batch": batch}, paper=paper)


def _weights(weight: float, train: tuple[float, float], test: tuple[float, float]) -> Row:
    paper = {"Training IoU": train, "Testing IoU": test}
    return Row(f"wBCE ({weight})_bs32", "arms_net", loss="wbce", loss_options={"weight": weight}, paper=paper)


LOSSES = Table(
    "4",
    "Batch sizes and losses of UNet (AAR) 4L",
    {"Training IoU": Column("train:pooled/iou"), "Testing IoU": Column("pooled/iou")},
    (
        _sizes(8, (99.43, 0.25), (98.37, 0.41)),
        _sizes(16, (99.48, 0.28), (98.98, 0.39)),
        _sizes(32, (99.63, 0.18), (99.09, 0.29)),
        _sizes(64, (99.56, 0.21), (99.01, 0.31)),
        _weights(1.1, (99.53, 0.25), (99.15, 0.39)),
        _weights(1.2, (99.57, 0.23), (99.12, 0.38)),
        _weights(1.3, (99.57, 0.26), (99.10, 0.32)),
        _weights(1.4, (99.52, 0.24), (99.02, 0.31)),
        _weights(1.5, (99.45, 0.25), (99.04, 0.50)),
        _weights(2.0, (99.55, 0.18), (99.01, 0.44)),
        _weights(3.0, (99.44, 0.23), (98.73, 0.55)),
        Row(
            "AS_wBCE_bs32",
            "arms_net",
            loss="as_wbce",
            paper={"Training IoU": (99.33, 0.24), "Testing IoU": (99.29, 0.27)},
        ),
    ),
    split="arms_paper",
    folds=FIVE,
    note="Mean over five folds; the paper calls the figure in brackets the variance, ours is the standard deviation. "
    "At the small scale all rows have one batch size.",
)

LARGE = "Pictures of 128x128 are enlarged to 256x256 in front of the network, whose answer is averaged back, so scores are of 128x128."

NETWORKS = Table(
    "5",
    "Ablation",
    COLUMNS,
    (
        Row("UNet", "arms_unet", loss="bce", paper=_paper(96.38, 98.38, 99.16, 99.9690, 3.8)),
        Row("UNet (R)", "arms_unet_r", loss="bce", paper=_paper(96.77, 98.85, 99.41, 99.9780, 4.0)),
        Row("UNet (PR)", "arms_unet_pr", loss="bce", paper=_paper(96.73, 98.84, 99.40, 99.9778, 4.4)),
        Row("UNet (AR)", "arms_unet_ar", loss="bce", paper=_paper(98.29, 99.12, 99.55, 99.9832, 4.4)),
        Row("UNet (DAR)", "arms_unet_dar", loss="bce", paper=_paper(98.36, 99.27, 99.62, 99.9860, 4.7)),
        Row("UNet (AAR)", "arms_net", loss="bce", paper=_paper(99.22, 99.70, 99.85, 99.9943, 4.6)),
        Row(
            "UNet (AAR) at 256x256",
            "arms_net",
            {"enlarge": 2, "nominal_size": 256},
            loss="bce",
            paper=_paper(97.26, 99.03, 99.51, 99.9817, 4.7),
            note=f"Rates from the 16x16 map. {LARGE}",
        ),
        Row(
            "UNet (AAR) 128 at 256x256",
            "arms_net",
            {"enlarge": 2},
            loss="bce",
            paper=_paper(98.00, 99.30, 99.65, 99.9869, 4.7),
            note=f"Rates as for 128x128: better than the adaptive ones, against the paper's claim. {LARGE}",
        ),
        Row("ARMS Net", "arms_net", loss="as_wbce", paper=_paper(99.45, 99.77, 99.88, 99.9955, 4.5)),
    ),
    split="arms_paper",
    folds=FIVE,
    note=f"{_TIMES} UNet (AAR) and ARMS Net have 99.09 and 99.29 as means of five folds in Table 4.",
)

HU: dict[str, Any] = {
    "loss": "squared_error",
    "training": {"epochs": 5, "patience": 0},
    "settings": {"padding": "crop_88", "labels": "nearest", "value_range": "unit", "activation": "none", "decision": "sigmoid_round"},
}
MIRRORED: dict[str, Any] = {**HU, "settings": {**HU["settings"], "views": ("same", "rows", "columns", "both")}}
_NOT_WHOLE = "88.20 and 94.40 are IoUs without the overlap in Hu et al. (our columns 1 and 2), printed here beside those of whole ones."


def _other(*figures: float | None) -> dict[str, float]:
    names = ("IoU", "Chrom alpha IoU", "Chrom beta IoU", "Accuracy")
    return {name: figure for name, figure in zip(names, figures, strict=True) if figure is not None}


OTHERS = Table(
    "6",
    "ARMS Net and other work on this set",
    {name: column for name, column in COLUMNS.items() if name not in ("ms", "Accuracy")}
    | {"Accuracy": Column("pooled/accuracy"), "1": Column("pooled/iou_1"), "2": Column("pooled/iou_2")}
    | {"pixel accuracy": Column("pooled/pixel_accuracy")},
    (
        Row("Hu et al.", "hu_unet", paper=_other(94.70, 88.20, 94.40, 99.22), note=f"{_NOT_WHOLE} 99.22 is a pixel accuracy.", **HU),
        Row("Hu et al. + TTA", "hu_unet", paper=_other(None, None, None, 99.27), **MIRRORED),
        Row("Saleh et al.", "saleh_unet", paper=_other(None, None, None, 99.68), **MIRRORED),
        Row("Sun et al.", paper=_other(96.32, None, None, 99.86), note="Quoted only: U-Net with improved dilated convolutions, 2020."),
        Row("CE-Net", "ce_net", {"form": "remake"}, loss="bce", paper=_other(90.35, 96.04, 97.76, 99.92)),
        Row("CE-Net, official form", "ce_net", loss="bce", note="Not in the paper."),
        Row("ARMS Net", "arms_net", loss="as_wbce", paper=_other(99.45, 99.77, 99.88, 99.99)),
    ),
    split="arms_paper",
    folds=FIVE,
    note="The paper quotes the first four lines from their authors, who used other splits and 88x88 pictures, scored as such. Run here "
    "as they trained, on this split. Columns 1, 2 and pixel accuracy are not in the paper.",
)


def _reading(label: str, options: Mapping[str, Any] | None = None, **changes: Any) -> Row:
    return Row(label, "arms_net", options or {}, **{"loss": "as_wbce"} | changes)


READINGS = Table(
    "readings",
    "What the paper leaves open, one change at a time",
    {name: column for name, column in COLUMNS.items() if name != "ms"},
    (
        _reading("as in Table 5"),
        _reading("weights by pixel", loss_options={"mode": "printed_y"}),
        _reading("weights on both terms", loss_options={"mode": "symmetric"}),
        _reading("weights of each batch", loss_options={"scope": "batch"}),
        _reading("ratios of two decimals", loss_options={"decimals": 2}),
        _reading("ReLU in AMAC", {"amac_activation": "relu"}),
        _reading("skips after batch norm", {"skip_tap": "norm"}),
        _reading("residual paths of MultiResUNet", {"respath_style": "multires"}),
        _reading("three convolutions at level 3", {"convs_per_level": [2, 2, 3, 2]}),
        Row("UNet with 1024 channels at the bottom", "arms_unet", {"bottom_width": 1024}, loss="bce"),
        _reading("greys divided by 255", settings={"value_range": "unit"}),
        _reading("the largest of four", settings={"decision": "argmax"}),
        _reading("pictures cut to 88x88 and padded", settings={"padding": "arms_repo"}),
        _reading("labels cleaned by watershed", settings={"labels": "cleaned"}),
        _reading("labels as generated", settings={"labels": "raw"}),
    ),
    split="arms_paper",
    note="Not in the paper. The last two rows are scored on other labels than the rest.",
)

SYSTEM = System(
    name="arms",
    title="ARMS Net",
    reference="Wang, Liu, Yi, Zhou and Zhang 2021, Biomed. Signal Process. Control 68, 102811",
    kind="pairs",
    tables=(POOLS, LOSSES, NETWORKS, OTHERS, READINGS),
    main="ARMS Net",
    baseline="UNet",
    training={
        "optimizer": "adam",
        "learning_rate": 1e-3,
        "weight_decay": 0.0,
        "batch": 32,
        "epochs": 300,
        "schedule": "constant",
        "patience": 30,
    },
    settings={"labels": "nearest", "padding": "ours", "value_range": "raw", "activation": "sigmoid", "decision": "sigmoid_round"},
)
"""Cleaning, grey range and decision are those of the group's scripts; padding of all 94x93 pixels is the paper's."""
