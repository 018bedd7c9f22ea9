"""The table that no paper has: the system's network and its baseline on splits that do not leak, and on real pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from karyokit.reproduction.protocol import Column, Row, System, Table

NUMBER = "honest"
SPLITS = ("pair_disjoint", "chrom_disjoint")

COLUMNS = {
    "overlap": Column("pooled/iou"),
    "alpha": Column("pooled/iou_alpha"),
    "beta": Column("pooled/iou_beta"),
    "overlap, better labelling": Column("pooled/iou_pi"),
    "alpha, better labelling": Column("pooled/iou_alpha_pi"),
    "beta, better labelling": Column("pooled/iou_beta_pi"),
    "real overlap": Column("real:pooled/iou_pi"),
    "real alpha": Column("real:pooled/iou_alpha_pi"),
    "real beta": Column("real:pooled/iou_beta_pi"),
}
"""Pooled IoU. On real pairs the smaller chromosome is often hardly smaller, so only the better labelling is told there."""


def honest_table(system: System) -> Table:
    """Main network and baseline, each on the split of its table, with pairs apart, and with chromosomes apart."""
    home, _ = system.row(system.main)
    rows = tuple(row for label in dict.fromkeys((system.baseline, system.main)) for row in _rows(system, label))
    note = (
        "Every random split shows each test pair in near-duplicate during training. pair_disjoint keeps the 66 pairs apart, chrom_disjoint "
        "the 12 chromosomes. Real: two-chromosome groups of the M-FISH validation and test cells, never trained on."
    )
    return Table(NUMBER, "Splits that do not leak, and real pairs", COLUMNS, rows, split=home.split, seed=home.seed, note=note)


def all_tables(system: System) -> tuple[Table, ...]:
    """The system's tables, and the honest one where it is a system of pairs."""
    return (*system.tables, honest_table(system)) if system.kind == "pairs" else system.tables


def _rows(system: System, label: str) -> Iterator[Row]:
    table, row = system.row(label)
    training, settings = {**table.training, **row.training}, {**table.settings, **row.settings}
    for split in dict.fromkeys((table.split, *SPLITS)):
        changed = {"training": training, "settings": {**settings, "split": split}, "paper": {}}
        yield replace(row, label=f"{label} ({split})", **changed)  # type: ignore[arg-type]
