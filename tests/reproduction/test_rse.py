from __future__ import annotations

import pytest

from karyokit.reproduction.tables import read_system

SYSTEM = read_system("rse")


def test_tables_of_the_paper_have_all_their_rows() -> None:
    assert {table.number: len(table.rows) for table in SYSTEM.tables[:3]} == {"3": 3, "4": 7, "5": 7}


def test_the_whole_network_is_one_network_with_the_papers_two_figures() -> None:
    (_, third), (_, fourth), (_, fifth) = map(SYSTEM.row, ("RSE-UNet(4L)", "RSE-UNet", "ResSE + MDPAC + ResPath"))
    assert third.options == fourth.options == fifth.options == {}
    assert third.loss_options == fourth.loss_options == fifth.loss_options
    assert [row.paper["IoU1"] for row in (third, fourth, fifth)] == [98.79, 98.79, 97.99]
    assert [row.paper["IoU2"] for row in (third, fourth, fifth)] == [99.04, 99.04, 98.24]
    assert {row.paper["IoU"] for row in (third, fourth, fifth)} == {98.58}


@pytest.mark.parametrize("label", ["ResSE", "MDPAC", "ResPath", "ResSE + MDPAC", "MDPAC + ResPath", "ResSE + ResPath"])
def test_ablations_build_the_parts_that_they_name(label: str) -> None:
    _, row = SYSTEM.row(label)
    parts = label.split(" + ")
    assert (row.options.get("block", "res_se") == "res_se") == ("ResSE" in parts)
    assert row.options.get("mdpac", True) == ("MDPAC" in parts)
    assert row.options.get("respath", True) == ("ResPath" in parts)


def test_printed_accuracies_cannot_be_shares_of_right_pixels() -> None:
    """A wrong pixel is in the false positives or negatives of a class 1..3, whose sum is at most share * (1 - IoU) / IoU."""
    shares = {"IoU1": 1.297, "IoU2": 2.885, "IoU": 0.766}  # % of pixels, measured on the public test masks
    for label in ("U-Net", "SegNet", "RSE-UNet"):
        paper = SYSTEM.row(label)[1].paper
        wrong = sum(share * (100 - paper[name]) / paper[name] for name, share in shares.items())  # type: ignore[operator]
        assert 100 - wrong > paper["Acc"] + 0.3  # type: ignore[operator]
