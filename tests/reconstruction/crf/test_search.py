"""Learning parameters from masks with truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from karyokit.reconstruction.crf import (
    CrfParameters,
    Example,
    RefineOptions,
    SearchSpace,
    make_example,
    masks_to_probabilities,
    search_parameters,
)

SPACE = SearchSpace(coarse={"w1": (1.0, 6.0), "s_b": (5.0, 20.0)}, fine=("w1",), rounds=2)
OPTIONS = RefineOptions(max_area_change=1.0, min_iou=0.3)
START = CrfParameters(s_a=5.0)


@pytest.fixture
def eroded() -> list[Example]:
    """Bars of several sizes whose masks are a pixel too thin on every side."""
    rng, found = np.random.default_rng(0), []
    for length, width in ((14, 8), (10, 8)):
        truth = np.zeros((30, 26), bool)
        truth[6 : 6 + length, 8 : 8 + width] = True
        picture = np.clip(50 + 100 * truth + rng.normal(size=truth.shape) * 5, 0, 255).astype(np.uint8)
        mask = ndimage.binary_erosion(truth)
        found.append(make_example(picture, masks_to_probabilities(mask[None])[0], mask, truth=truth, options=OPTIONS))
    return found


def test_search_improves_eroded_masks_and_is_deterministic(eroded: list[Example]) -> None:
    heard: list[float] = []
    found = search_parameters(eroded, start=START, space=SPACE, options=OPTIONS, report=lambda _, score: heard.append(score))
    assert found.unrefined < 0.7
    assert found.score > found.unrefined + 0.2
    assert found.score == max(heard)
    assert found.tried == len(heard)
    assert search_parameters(eroded, start=START, space=SPACE, options=OPTIONS) == found


def test_the_start_is_kept_where_nothing_is_better(eroded: list[Example]) -> None:
    perfect = [Example(one.crop, one.crop.mask, int(one.crop.mask.sum())) for one in eroded]
    start = START.changed(w1=0.0, w2=0.0)
    assert search_parameters(perfect, start=start, space=SPACE, options=OPTIONS).parameters == start


def test_truth_outside_the_crop_counts(eroded: list[Example]) -> None:
    one = eroded[0]
    assert Example(one.crop, one.truth, 2 * one.truth_area).iou(one.truth) == pytest.approx(0.5)
    nothing = np.zeros_like(one.truth)
    assert Example(one.crop, nothing, 0).iou(nothing) == 0


def test_refuses(eroded: list[Example]) -> None:
    with pytest.raises(ValueError, match="`examples` must"):
        search_parameters([])
    with pytest.raises(ValueError, match="iterations"):
        search_parameters(eroded, space=SearchSpace(fine=("iterations",)))
