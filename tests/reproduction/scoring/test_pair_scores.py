from __future__ import annotations

import numpy as np
import pytest

from karyokit.metrics.pixels import channels_of, pair_report
from karyokit.reproduction.scoring import ranked
from karyokit.reproduction.scoring.pairs import cases_of, overlap_sort, painted, part_figures
from karyokit.training.tasks.pairs_data import PairPart


def cross(size: int = 40) -> np.ndarray:
    labels = np.zeros((size, size), np.uint8)
    labels[16:24, 5:35] |= 1
    labels[5:35, 16:24] |= 2
    return labels


def test_figures_are_those_of_the_pair_report() -> None:
    truth = np.stack([cross(), cross().T])
    found = truth.copy()
    found[0, 16:20, 5:35] = 0
    channels = np.stack([channels_of(labels) for labels in found])
    report = pair_report(truth, found)
    wanted = {"pooled/iou", "per_image/dice", "pooled/iou_pi", "per_image_foreground/iou_pi"}
    figures = part_figures(truth, channels, wanted)
    assert {name: figures[name] for name in wanted} == pytest.approx({name: report[name] for name in wanted})


def test_only_the_groups_asked_for_are_computed() -> None:
    channels = channels_of(cross())[None]
    assert all(name.startswith("pooled/") and not name.endswith("_pi") for name in part_figures(cross()[None], channels, {"pooled/iou"}))


def test_sorts_of_overlap() -> None:
    heavy = cross()
    heavy[heavy == 1] = 3
    tiny = cross()
    tiny[tiny == 3] = 2
    tiny[16:20, 16:20] = 3
    end = cross()
    end[16:24, 24:] = 0
    none = np.minimum(cross(), 2)
    assert [overlap_sort(labels) for labels in (cross(), heavy, tiny, end, none)] == ["crossing", "heavy", "tiny", "end or side", "none"]


def test_best_median_and_worst_are_ranked_by_the_overlap() -> None:
    truth = np.stack([cross()] * 3)
    found = truth.copy()
    found[1][found[1] == 3] = 1
    found[2, 16:20, 16:24] = 0
    part = PairPart(truth.astype(np.int16), truth)
    cases = cases_of(part, np.stack([channels_of(labels) for labels in found]))
    assert [case.rank for case in cases] == ["best", "median", "worst"]
    assert [case.figures for case in cases] == ["overlap IoU 100.0 %", "overlap IoU 50.0 %", "overlap IoU 0.0 %"]
    assert all(panel.shape == (40, 40, 3) for case in cases for _, panel in case.panels)


def test_overlap_is_painted_over_the_rest() -> None:
    channels = np.zeros((4, 1, 2), bool)
    channels[1, 0, :] = channels[3, 0, 1] = True
    colours = painted(channels)
    assert (colours[0, 0] != colours[0, 1]).any()


def test_ranks_leave_out_what_cannot_be_told() -> None:
    assert ranked(np.array([np.nan, 0.5])) == [("best", 1)]
    assert ranked(np.array([])) == []
