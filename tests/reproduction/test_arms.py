from __future__ import annotations

import pytest

from karyokit.networks import build_network
from karyokit.networks.arms_net import ArmsNet
from karyokit.networks.blocks.atrous_branches import AMAC
from karyokit.reproduction.protocol import PaperFigure
from karyokit.reproduction.tables import read_system

SYSTEM = read_system("arms")
POOLS, LOSSES, NETWORKS, OTHERS, READINGS = SYSTEM.tables
ALPHA, BETA = 1.297 + 0.766, 2.885 + 0.766
"""Share in percent of whole chromosomes in the public test masks, overlap included (systems specification 1.1)."""


def single(figure: PaperFigure) -> float:
    assert isinstance(figure, float)
    return figure


def test_tables_of_the_paper_have_all_their_rows() -> None:
    assert {table.number: len(table.rows) for table in SYSTEM.tables[:4]} == {"3": 3, "4": 12, "5": 9, "6": 7}
    assert [row.label for row in OTHERS.rows if not row.network] == ["Sun et al."]


@pytest.mark.parametrize("row", [*POOLS.rows, *NETWORKS.rows], ids=lambda row: row.label)
def test_printed_accuracy_is_the_mean_of_two_binary_ones(row: object) -> None:
    """A pooled IoU gives the binary accuracy 1 - share * (1 - IoU) / sqrt IoU, to within the unknown mix of misses and false alarms."""
    paper = row.paper  # type: ignore[attr-defined]
    ious = [(ALPHA, single(paper["Chrom alpha IoU"]) / 100), (BETA, single(paper["Chrom beta IoU"]) / 100)]
    expected = 100 - sum(share * (1 - iou) / iou**0.5 for share, iou in ious) / 2
    assert single(paper["Accuracy"]) == pytest.approx(expected, abs=0.0015)


def test_table_4_quotes_other_figures_for_the_networks_of_table_5() -> None:
    means = {row.label: row.paper["Testing IoU"] for row in LOSSES.rows}
    assert means["BCE_bs32"] == (99.09, 0.29)
    assert SYSTEM.row("UNet (AAR)")[1].paper["IoU"] == 99.22
    assert means["AS_wBCE_bs32"] == (99.29, 0.27)
    assert SYSTEM.row("ARMS Net")[1].paper["IoU"] == 99.45


@pytest.mark.parametrize(("label", "dilations"), [("UNet (AAR) at 256x256", (8, 4, 2, 1)), ("UNet (AAR) 128 at 256x256", (4, 2, 1, 3))])
def test_rates_at_256(label: str, dilations: tuple[int, ...]) -> None:
    row = SYSTEM.row(label)[1]
    network = build_network(row.network, **row.options, width_mult=1 / 8)
    assert isinstance(network, ArmsNet)
    assert isinstance(network.first, AMAC)
    assert network.first.dilations == dilations


def test_every_reading_differs_from_the_first() -> None:
    first, *others = READINGS.rows
    for row in others:
        assert (row.network, row.options, row.loss, row.loss_options, row.settings) != (
            first.network,
            first.options,
            first.loss,
            first.loss_options,
            first.settings,
        )
