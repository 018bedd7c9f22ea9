"""The models of the pipeline in a review: a thresholding separator and a classifier of the mean level."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "inference"))
import tiny_models
from drawn_case import make_case

from karyokit.reconstruction.confidence import doubtful_below, judge_classes, judge_separation
from karyokit.review.case import Case
from karyokit.review.models import ShippedModels
from karyokit.review.state import Refused


@pytest.fixture
def assisted(tmp_path: Path) -> Case:
    """The drawn case with tiny models."""
    tiny_models.separator(tmp_path, stains=("fluorescence",))
    tiny_models.classifier(tmp_path, rows=128, columns=32, stains=("fluorescence",))
    assistant = ShippedModels(model=str(tmp_path / "tiny.onnx"), classifier=str(tmp_path / "tiny-classes.onnx"))
    return Case(make_case(tmp_path), pictures=tmp_path / "pictures", assistant=assistant)


def test_parts_of_a_cut_are_named_and_the_model_is_logged(assisted: Case) -> None:
    done = assisted.submit(1, "cut", {"chromosome": 4, "line": [[40, 100], [44, 120]]}, revision=0, who="Ann")
    ((name, digest),) = done.entry.models
    assert name == "tiny-classes"
    assert len(digest) == 64
    state = assisted.state(1)
    for number in (4, 9):
        one = state.items[number].chromosome
        assert sum(one.probabilities) == pytest.approx(1, abs=1e-3)
        assert one.polarity in ("up", "down")
    assisted.close()


def test_an_area_is_separated_anew_without_its_neighbours(assisted: Case) -> None:
    merged = assisted.submit(1, "merge", {"chromosomes": [1, 2]}, revision=0, who="Ann")
    area = [[10, 10], [10, 60], [70, 60], [70, 10]]
    done = assisted.submit(1, "rerun", {"area": area}, revision=merged.entry.id, who="Ann")
    assert {name for name, _ in done.entry.models} == {"tiny", "tiny-classes"}
    state = assisted.state(1)
    assert sorted(state.items[number].region.area for number in done.created) == [300, 360]
    assert {3, 4, 5, 6, 7, 8} < set(state.items)
    assert not {1, 2} & set(state.items)
    assert all("outline" not in state.items[number].by_hand for number in done.created)
    assisted.close()


def test_what_is_found_anew_is_judged_as_in_a_whole_analysis(assisted: Case) -> None:
    area = [[10, 10], [10, 60], [70, 60], [70, 10]]
    merged = assisted.submit(1, "merge", {"chromosomes": [1, 2]}, revision=0, who="Ann")
    done = assisted.submit(1, "rerun", {"area": area}, revision=merged.entry.id, who="Ann")
    state, picture = assisted.state(1), assisted.picture(1)
    cell = [item.chromosome for item in state.present]
    judged = judge_separation(cell, density=picture.density, foreground=(picture.density > 0.3).astype(np.float32))
    again = {one.number: one for one in judge_classes([one for one in judged if one.probabilities])}
    assert assisted.file.entries(1)[-1].command.outcome.named.keys() == set(done.created)
    for number in done.created:
        one = state.items[number].chromosome
        assert one.separation.score is not None
        assert one.score < one.separation_score  # the tiny classifier's classes speak against it
        assert bool(one.doubts) == (one.score < doubtful_below())
        assert one.separation_score == pytest.approx(again[number].separation_score, abs=0.02)
    assisted.close()


def test_an_outline_drawn_by_hand_stays_certain(assisted: Case) -> None:
    assisted.submit(1, "cut", {"chromosome": 4, "line": [[40, 100], [44, 120]]}, revision=0, who="Ann")
    assert all(assisted.state(1).items[number].chromosome.score == 1 for number in (4, 9))
    assisted.close()


def test_an_area_without_chromosomes_is_refused(assisted: Case) -> None:
    for area, words in (
        ([[500, 500], [500, 510], [510, 510]], "outside the picture"),
        ([[1, 230], [1, 250], [12, 250]], "finds no chromosome"),
    ):
        with pytest.raises(Refused, match=words):
            assisted.submit(1, "rerun", {"area": area}, revision=0, who="Ann")
    assisted.close()
