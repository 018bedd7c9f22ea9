"""The tables of AMFL: adversarial multiscale feature learning for overlapping chromosome segmentation.

Figures are per image, means over four classes that include the background, over the test images whose cleaned labels hold all four
(systems specification 8.4). Hausdorff distances are in pixels, everything else in percent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from karyokit.reproduction.protocol import Column, Row, System, Table

EIGHT: Mapping[str, Column] = {
    "Acc": Column("per_image/accuracy", digits=4),
    "Dice": Column("per_image/dice", digits=4),
    "IoU": Column("per_image/iou", digits=4),
    "Recall": Column("per_image/recall", digits=4),
    "Precision": Column("per_image/precision", digits=4),
    "FNR": Column("per_image/fnr", digits=4),
    "FPR": Column("per_image/fpr", digits=4),
    "Hausdorff": Column("per_image/hausdorff", factor=1.0, digits=4),
}
"""The eight scores of Tables I, II and V."""


def _eight(*figures: float) -> dict[str, float]:
    return dict(zip(EIGHT, figures, strict=True))


_AMFL: Mapping[str, Any] = {"task": "adversarial", "loss": "lovasz_softmax"}
_R2_NOTE = (
    "The authors evaluate this network with batch norm in training mode, and so does this row (`bn_eval_batchstats`). Its recurrent units "
    "are those of Alom et al.; much used public code iterates differently with the same parameters (`r2_variant = 'bigmb'`)."
)
_R2: Mapping[str, Any] = {"options": {"bn_eval_batchstats": True}, "note": _R2_NOTE}
_DEEPLAB_NOTE = "59.33M parameters with the 48 low-level channels of Chen et al. 2018; 96 (`low`) give the printed 59.46M."
_NO_FASTFCN = "Quoted only: FastFCN (104.3M parameters) is not built."

_TABLE_1 = Table(
    number="1",
    title="AMFL with different generators",
    columns=EIGHT,
    split="amfl_paper",
    seed=123,
    rows=(
        Row(
            "AMFL (DeepLabV3+)",
            "deeplab_v3_plus",
            **_AMFL,
            paper=_eight(99.9149, 96.4414, 93.8028, 96.2027, 96.9309, 3.7973, 0.3094, 1.4366),
            note=_DEEPLAB_NOTE,
        ),
        Row("AMFL (FastFCN)", paper=_eight(99.9130, 96.5195, 93.8791, 96.5454, 96.7388, 3.4546, 0.2450, 1.4376), note=_NO_FASTFCN),
        Row("AMFL (UNet)", "amfl_unet", **_AMFL, paper=_eight(99.9727, 98.2346, 96.9548, 98.2836, 98.3897, 1.7164, 0.0314, 0.9524)),
        Row("AMFL (R2UNet)", "r2_unet", **_R2, **_AMFL, paper=_eight(99.9694, 98.2646, 97.0231, 98.6001, 98.1223, 1.3999, 0.0348, 0.9423)),
        Row("AMFL (AttUNet)", "attention_unet", **_AMFL, paper=_eight(99.971, 98.2409, 96.9582, 98.2301, 98.4575, 1.7699, 0.0304, 0.9515)),
        Row(
            "AMFL (R2AttUNet)",
            "r2_attention_unet",
            **_R2,
            **_AMFL,
            paper=_eight(99.9585, 97.8592, 96.4989, 98.1673, 97.7693, 1.8327, 0.0399, 1.0054),
        ),
        Row("AMFL (NestedUNet)", "nested_unet", **_AMFL, paper=_eight(99.9776, 98.6048, 97.5974, 98.6550, 98.7267, 1.3450, 0.0227, 0.8252)),
    ),
    note="Every generator is trained with the same discriminator and 10 times the Lovasz-Softmax loss.",
)

_TABLE_2 = Table(
    number="2",
    title="Ten baselines trained with cross-entropy, and AMFL",
    columns=EIGHT,
    split="amfl_paper",
    seed=123,
    rows=(
        Row("ENet", "enet", paper=_eight(99.8707, 94.5821, 90.7770, 94.5365, 95.0898, 5.4635, 0.3791, 1.5861)),
        Row("BiSeNetV1", "bisenet_v1", paper=_eight(99.7361, 90.9037, 85.1075, 89.3718, 93.2404, 10.6282, 1.4966, 1.9584)),
        Row("BiSeNetV2", "bisenet_v2", paper=_eight(99.8055, 93.2973, 88.8068, 93.1980, 93.8226, 6.8020, 0.6947, 1.8145)),
        Row(
            "DeepLabV3+",
            "deeplab_v3_plus",
            paper=_eight(99.9048, 95.8592, 92.8454, 96.0429, 96.0126, 3.9571, 0.2623, 1.4886),
            note=_DEEPLAB_NOTE,
        ),
        Row("FastFCN", paper=_eight(99.9170, 96.4061, 93.6931, 96.6915, 96.3868, 3.3085, 0.2017, 1.4452), note=_NO_FASTFCN),
        Row("UNet", "amfl_unet", paper=_eight(99.9684, 97.8970, 96.3765, 97.9654, 98.0156, 2.0346, 0.0331, 1.0230)),
        Row("R2UNet", "r2_unet", **_R2, paper=_eight(99.8659, 95.1638, 92.7348, 96.0719, 95.1458, 3.9281, 0.1046, 1.2535)),
        Row("AttUNet", "attention_unet", paper=_eight(99.9625, 97.678, 96.0418, 97.7765, 97.8637, 2.2235, 0.0395, 1.0528)),
        Row("R2AttUNet", "r2_attention_unet", **_R2, paper=_eight(99.9122, 95.7752, 93.6760, 96.6767, 95.6791, 3.3233, 0.0792, 1.1688)),
        Row("NestedUNet", "nested_unet", paper=_eight(99.9625, 97.967, 96.6473, 98.0266, 98.0809, 1.9734, 0.0341, 0.9518)),
        Row(
            "AMFL (Lovasz-Softmax)",
            "nested_unet",
            **_AMFL,
            paper=_eight(99.9776, 98.6048, 97.5974, 98.655, 98.7267, 1.345, 0.0227, 0.8252),
        ),
    ),
)

_TABLE_3 = Table(
    number="3",
    title="Methods made for overlapping chromosomes, as quoted from their papers",
    columns={
        "Class 1": Column("per_image/iou_1"),
        "Class 2": Column("per_image/iou_2"),
        "Class 3": Column("per_image/iou_3"),
        "Accuracy": Column("per_image/accuracy"),
    },
    split="amfl_paper",
    seed=123,
    rows=(
        Row(
            "Hu et al.",
            paper={"Class 1": 88.2, "Class 2": 94.4, "Class 3": 94.7, "Accuracy": 92.22},
            note="Quoted: another split, 88x88 pictures, pooled scores. 92.22 is a misprint, Hu et al. give 99.22.",
        ),
        Row("Saleh et al.", paper={"Accuracy": 99.68}, note="Quoted: another split, pooled scores."),
        Row("AMFL", "nested_unet", **_AMFL, paper={"Class 1": 97.09, "Class 2": 98.93, "Class 3": 94.37, "Accuracy": 99.98}),
    ),
    note="Not a like-for-like comparison: only AMFL's line is per image. The three methods never shared a test set.",
)

_UNTRAINED: Mapping[str, Any] = {"steps": 1, "batch": 2, "patience": 0}
_SIZES: tuple[tuple[str, str, float, float, float], ...] = (
    ("ENet", "enet", 0.35, 63, 38),
    ("BiSeNetV1", "bisenet_v1", 12.43, 19, 43),
    ("BiSeNetV2", "bisenet_v2", 2.85, 34, 34),
    ("DeepLabV3+", "deeplab_v3_plus", 59.46, 72, 190),
    ("FastFCN", "", 104.3, 78, 380),
    ("UNet", "amfl_unet", 34.53, 19, 274),
    ("R2UNet", "r2_unet", 39.09, 61, 715),
    ("AttUNet", "attention_unet", 34.88, 27, 285),
    ("R2AttUNet", "r2_attention_unet", 39.44, 71, 734),
    ("NestedUNet", "nested_unet", 36.63, 27, 568),
    ("AMFL", "nested_unet", 36.63, 27, 568),
)
"""Label, network, million parameters, milliseconds on a Tesla P40 and on a Xeon E5-2680 v4."""
_SIZE_NOTES = {
    "BiSeNetV1": "12.43M is reached with three input channels and ResNet-18's unused layer of 1,000 classes (513,000), not built here.",
    "BiSeNetV2": "2.85M is not reached by any reading tried; 3.34M with the usual head of 1,024 channels.",
    "DeepLabV3+": _DEEPLAB_NOTE,
    "FastFCN": _NO_FASTFCN,
}


def _size_table(number: str, device: str, machine: str, place: int) -> Table:
    """Parameters and milliseconds; ``place`` is where the printed time stands in a line of the list above."""
    time = f"ms on the {device}"
    columns = {"Params (M)": Column("parameters", factor=1e-6), time: Column("ms", factor=1.0, digits=1)}
    rows = tuple(
        Row(
            label,
            network,
            options=_R2["options"] if network.startswith("r2") else {},
            training=_UNTRAINED,
            paper={"Params (M)": millions, time: times[place]},
            note=_SIZE_NOTES.get(label, ""),
        )
        for label, network, millions, *times in _SIZES
    )
    title = f"Parameters, and time of one 128x128 picture on the {device}"
    note = f"Run it with the {device} as device; the paper's is a {machine}. At paper scale nothing is trained but one step."
    return Table(number, title, columns, rows, split="amfl_paper", seed=123, note=note)


_TABLE_5 = Table(
    number="5",
    title="Losses without and with the discriminator",
    columns=EIGHT,
    split="amfl_paper",
    seed=123,
    rows=(
        Row(
            "NestedUNet with Dice",
            "nested_unet",
            loss="dice",
            paper=_eight(99.9457, 97.3146, 95.596, 97.4631, 97.3846, 2.5369, 0.0701, 1.1617),
        ),
        Row(
            "NestedUNet with weighted Dice",
            "nested_unet",
            loss="weighted_dice",
            paper=_eight(99.9434, 97.1637, 95.2851, 97.3318, 97.3021, 2.6682, 0.0929, 1.2242),
        ),
        Row("NestedUNet with CE", "nested_unet", paper=_eight(99.9625, 97.9670, 96.6473, 98.0266, 98.0809, 1.9734, 0.0341, 0.9518)),
        Row(
            "NestedUNet with weighted CE",
            "nested_unet",
            loss="weighted_cross_entropy",
            paper=_eight(99.9529, 97.7494, 96.063, 98.4318, 97.3030, 1.5682, 0.0256, 1.2219),
        ),
        Row(
            "NestedUNet with Lovasz-Softmax",
            "nested_unet",
            loss="lovasz_softmax",
            paper=_eight(99.9714, 98.2898, 97.1699, 98.3459, 98.3993, 1.6541, 0.0326, 0.9036),
        ),
        Row(
            "AMFL with Dice",
            "nested_unet",
            loss="dice",
            task="adversarial",
            paper=_eight(99.9670, 98.2422, 97.0882, 98.228, 98.4479, 1.772, 0.0335, 0.9166),
        ),
        Row(
            "AMFL with weighted Dice",
            "nested_unet",
            loss="weighted_dice",
            task="adversarial",
            paper=_eight(99.9699, 98.3117, 97.1692, 98.3524, 98.4454, 1.6476, 0.0381, 0.9366),
        ),
        Row(
            "AMFL with CE",
            "nested_unet",
            task="adversarial",
            paper=_eight(99.9735, 98.4012, 97.3453, 98.3788, 98.6395, 1.6212, 0.0266, 0.8388),
        ),
        Row(
            "AMFL with weighted CE",
            "nested_unet",
            loss="weighted_cross_entropy",
            task="adversarial",
            paper=_eight(99.9699, 98.4557, 97.3259, 98.7066, 98.3769, 1.2934, 0.0175, 0.9988),
        ),
        Row(
            "AMFL with Lovasz-Softmax",
            "nested_unet",
            **_AMFL,
            paper=_eight(99.9776, 98.6048, 97.5974, 98.6550, 98.7267, 1.3450, 0.0227, 0.8252),
        ),
    ),
    note="Weights of classes are not published: inverse frequencies of the training part, mean 1.",
)

SYSTEM = System(
    name="amfl",
    title="AMFL: adversarial multiscale feature learning",
    reference="Mei, Yu, Weng, Guo, Liu, Wang, Liu, Zhou, Lei: Adversarial Multiscale Feature Learning for Overlapping Chromosome "
    "Segmentation, arXiv preprint, 2020; Entropy, 2022",
    kind="pairs",
    tables=(
        _TABLE_1,
        _TABLE_2,
        _TABLE_3,
        _size_table("4", "CPU", "Xeon E5-2680 v4", 1),
        _size_table("4-gpu", "GPU", "Tesla P40", 0),
        _TABLE_5,
    ),
    main="AMFL (NestedUNet)",
    baseline="UNet",
    training={
        "optimizer": "adam",
        "learning_rate": 2e-4,
        "betas": (0.5, 0.999),
        "weight_decay": 0.0,
        "schedule": "constant",
        "batch": 64,
        "epochs": 400,
        "patience": 15,
    },
    settings={
        "labels": "cleaned",
        "padding": "ours",
        "value_range": "unit",
        "activation": "softmax",
        "decision": "argmax",
        "better": "mean_iou",
    },
)
