"""ChromSeg's tables II, III and IV. Source: Cao et al., BIBM 2020, section III; values of training and scoring in spec 4.

The paper's 345 pictures are not ours to ship, so that every table is run on two sets of the same form: 345 generated clusters of real
G-banded chromosomes (the number), and the 219 real clusters of the M-FISH cells (``-mfish``). The paper's figures stand beside both.
"""

from __future__ import annotations

from karyokit.reproduction.protocol import Column, Row, System, Table

IOU_C, IOU_F, OVERLAP_ACC, SP_ACC, OVERALL = "IOU (crossing-overlap)", "IOU (foreground)", "OverlapAcc", "SPAcc", "Overall"

STAGE_ONE = {IOU_C: Column("iou_overlap"), IOU_F: Column("iou_foreground")}
BOTH_STAGES = {
    **STAGE_ONE,
    OVERLAP_ACC: Column("overlap_acc", digits=1),
    SP_ACC: Column("sp_acc", digits=1),
    OVERALL: Column("overall", digits=1),
    "SPAcc, graph mode": Column("graph:sp_acc", digits=1),
    "SPAcc, ring of 10 px": Column("paper:sp_acc", digits=1),
    "SPAcc of true maps": Column("truth:sp_acc", digits=1),
    "AJI": Column("aji"),
    "PQ": Column("pq"),
    "Parameters, M": Column("parameters", factor=1e-6),
}
"""Those after Overall are ours."""

COMPARISON = (
    Row("Computational geometry", paper={OVERLAP_ACC: 96.0}, note="Quoted by the paper from Joshi et al. 2012, on other pictures."),
    Row(
        "U-Net",
        network="chromseg_unet",
        options={"outputs": 1},
        settings={"maps": "crossing"},
        paper={IOU_C: 78.7, OVERLAP_ACC: 98.2},
        note="One map, as the paper gives no foreground IoU; 98.26 would be 113 of 115 pictures.",
    ),
    Row("U-Net, two maps", network="chromseg_unet", note="The other reading of the baseline."),
    Row(
        "ChromSeg",
        network="chromseg_unetpp",
        paper={IOU_C: 80.8, IOU_F: 99.7, OVERLAP_ACC: 99.1, SP_ACC: 91.3, OVERALL: 90.5},
        note="Dense skips, as the paper says; the overall figure is in its text.",
    ),
    Row("ChromSeg, skips as released", network="chromseg_unetpp", options={"skip": "released", "pool": "maxpool3_ceil"}),
)

ALPHA_GAMMA = {
    (0.0, 0.5): (79.98, 99.70),
    (1.0, 0.25): (69.64, 99.11),
    (1.0, 0.5): (79.36, 99.71),
    (1.0, 0.75): (80.62, 99.74),
    (1.0, 0.9): (75.90, 99.69),
    (2.0, 0.25): (58.80, 98.74),
    (2.0, 0.5): (73.76, 99.66),
    (2.0, 0.75): (79.80, 99.70),
    (2.0, 0.9): (77.92, 99.71),
}
"""(gamma, alpha) -> IoU of crossings and of foreground. The paper's last four rows carry a second gamma of 1; it must be 2."""

BALANCE = {0.9: (78.85, 99.75), 0.7: (80.77, 99.75), 0.5: (80.62, 99.74), 0.3: (79.96, 99.75), 0.1: (79.09, 99.75)}
"""lambda -> the same."""


def _paper(figures: tuple[float, float]) -> dict[str, float]:
    return dict(zip((IOU_C, IOU_F), figures, strict=True))


def _alpha_gamma_row(gamma: float, alpha: float) -> Row:
    note = "The binary cross-entropy, halved." if gamma == 0 else ("Printed with gamma = 1 in the paper." if gamma == 2 else "")
    settings = {"balance": 0.5, "gamma": gamma, "alpha": alpha}
    label = f"gamma {gamma:g}, alpha {alpha:g}"
    return Row(label, network="chromseg_unetpp", settings=settings, paper=_paper(ALPHA_GAMMA[gamma, alpha]), note=note)


def _balance_row(balance: float) -> Row:
    return Row(f"lambda {balance:g}", network="chromseg_unetpp", settings={"balance": balance}, paper=_paper(BALANCE[balance]))


def _tables(source: str, what: str, mark: str) -> tuple[Table, ...]:
    """The three tables on one set of clusters."""
    on_set = {"source": source}
    return (
        Table("2" + mark, f"Comparison of methods, {what}", BOTH_STAGES, COMPARISON, split=source, seed=1, settings=on_set),
        Table(
            "3" + mark,
            f"Alpha and gamma of the mixed-weight focal loss, {what}",
            STAGE_ONE,
            tuple(_alpha_gamma_row(*key) for key in ALPHA_GAMMA),
            split=source,
            seed=1,
            settings=on_set,
        ),
        Table(
            "4" + mark,
            f"Lambda of the mixed-weight focal loss, {what}",
            STAGE_ONE,
            tuple(_balance_row(value) for value in BALANCE),
            split=source,
            seed=1,
            settings=on_set,
        ),
    )


SYSTEM = System(
    name="chromseg",
    title="ChromSeg: region-guided UNet++ and crossing-partition",
    reference="Cao, Lan, Liu, Lam and Luo: ChromSeg: Two-Stage Framework for Overlapping Chromosome Segmentation and Reconstruction, 2020.",
    kind="clusters",
    tables=(
        *_tables("gband", "345 generated clusters of real G-banded chromosomes", ""),
        *_tables("mfish", "219 real clusters of the M-FISH cells", "-mfish"),
    ),
    main="ChromSeg",
    baseline="U-Net",
    training={
        "optimizer": "adam",
        "learning_rate": 1e-4,
        "batch": 8,
        "epochs": 100,
        "patience": 5,
        "schedule": "constant",
        "warmup": 0,
        "weight_decay": 0.0,
        "gradient_clip": 0.0,
        "average": 0.0,
    },
    settings={"balance": 0.7, "alpha": 0.75, "gamma": 1.0, "rotation": 30.0, "flips": True},
)
"""lambda 0.7 is the best of table IV (the text names 0.75, the code 0.5); learning rate and patience are the paper's (code: 1e-3, 7)."""
