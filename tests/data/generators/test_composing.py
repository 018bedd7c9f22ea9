from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import ndimage

from karyokit.chromosomes import stack_masks
from karyokit.data.generators import composing
from karyokit.data.generators.composing import KINDS, compose_cluster, compose_pair
from karyokit.data.generators.records import CellOptions, ComposedCell, Single

Bar = Callable[..., Single]
SEEDS = (0, 1, 2)


def _count(mask: np.ndarray) -> int:
    return int(ndimage.label(mask, np.ones((3, 3)))[1])


def _parts(cell: ComposedCell) -> tuple[int, list[int]]:
    """Number of overlap zones and the sorted parts of each mask outside them."""
    masks = stack_masks(cell.masks, cell.overlap.shape)
    areas = [region.area for region in cell.masks]
    for mask, area in zip(masks, areas, strict=True):
        labels, _ = ndimage.label(mask & ~cell.overlap, np.ones((3, 3)))
        assert np.bincount(labels.ravel())[1:].min() >= 0.05 * area
    return _count(cell.overlap), sorted(_count(mask & ~cell.overlap) for mask in masks)


@pytest.fixture(scope="module")
def bars(flat_bar: Bar) -> list[Single]:
    return [flat_bar(length, 9, 1.0, number + 1) for number, length in enumerate((70, 62, 56, 48, 40, 66))]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("kind", "parts"), [("X", [2, 2]), ("bent", [2, 2]), ("T", [1, 2]), ("Y", [1, 2]), ("L", [1, 1])])
def test_pairs_show_what_was_asked_for(bars: list[Single], kind: str, parts: list[int], seed: int) -> None:
    cell = compose_pair(bars[0], bars[1], kind=kind, rng=np.random.default_rng(seed))
    assert _parts(cell) == (1, parts)
    assert cell.arrangement == kind
    assert cell.categories.tolist() == [1, 2]


@pytest.mark.parametrize("seed", SEEDS)
def test_touching_pairs_share_no_pixel_and_form_one_part(bars: list[Single], seed: int) -> None:
    cell = compose_pair(bars[0], bars[3], kind="touching", rng=np.random.default_rng(seed))
    assert not cell.overlap.any()
    assert _count(stack_masks(cell.masks, cell.overlap.shape).any(axis=0)) == 1


@pytest.mark.parametrize(("kind", "count"), [("X", 4), ("T", 3), ("L", 5), ("Y", 3), ("touching", 6), ("bent", 3)])
def test_clusters_join_one_chromosome_at_a_time(bars: list[Single], kind: str, count: int) -> None:
    cell = compose_cluster(bars[:count], kind=kind, rng=np.random.default_rng(7))
    masks = stack_masks(cell.masks, cell.overlap.shape)
    assert masks.sum(axis=0).max() <= 2
    assert _count(cell.overlap) == (0 if kind == "touching" else count - 1)
    assert _count(masks.any(axis=0)) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_touching_and_crossing_shows_both(bars: list[Single], seed: int) -> None:
    cell = compose_cluster(bars[:4], kind="touching+crossing", rng=np.random.default_rng(seed))
    masks = stack_masks(cell.masks, cell.overlap.shape)
    pairs = [(one, two) for number, one in enumerate(masks) for two in masks[:number]]
    crossing = sum(bool((one & two).any()) for one, two in pairs)
    grown = [(ndimage.binary_dilation(one, np.ones((3, 3))) & two).any() and not (one & two).any() for one, two in pairs]
    assert crossing >= 1
    assert sum(grown) >= 1
    assert crossing + sum(grown) == 3


@pytest.mark.parametrize("count", [3, 5])
def test_a_star_has_one_zone_with_pixels_of_all(bars: list[Single], count: int) -> None:
    cell = compose_cluster(bars[:count], kind="star", rng=np.random.default_rng(2))
    assert stack_masks(cell.masks, cell.overlap.shape).sum(axis=0).max() == count
    assert _count(cell.overlap) == 1


def test_bent_chromosomes_are_bent(bars: list[Single]) -> None:
    cell = compose_pair(bars[0], bars[1], kind="bent", rng=np.random.default_rng(0), options=CellOptions.clean("brightfield"))
    for region, length in zip(cell.masks, (70, 62), strict=True):
        points = np.argwhere(region.crop)
        extent = max(np.ptp(points @ np.array([np.cos(angle), np.sin(angle)])) for angle in np.linspace(0, np.pi, 30))
        assert extent < 0.95 * length


def test_the_picture_keeps_its_margin_and_truth_its_place(bars: list[Single]) -> None:
    cell = compose_pair(bars[0], bars[1], kind="X", rng=np.random.default_rng(0), options=CellOptions.clean("fluorescence"))
    foreground = stack_masks(cell.masks, cell.overlap.shape).any(axis=0)
    assert not foreground[:12].any()
    assert not foreground[:, -12:].any()
    assert np.mean((cell.image >= 50) == foreground) > 0.99


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_cluster(bars: list[Single], kind: str) -> None:
    first, second = (compose_cluster(bars[:3], kind=kind, rng=np.random.default_rng(9)) for _ in range(2))
    assert first.image.tobytes() == second.image.tobytes()
    assert [region.bbox for region in first.masks] == [region.bbox for region in second.masks]


def test_what_cannot_be_arranged_is_refused(bars: list[Single], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "CLUSTER_TRIES", 1)
    disc = np.hypot(*np.mgrid[-12:13, -12:13]) < 9
    round_one = Single(disc.astype(np.float32), disc)
    with pytest.raises(ValueError, match="allow the arrangement 'X'"):
        compose_pair(round_one, round_one, kind="X", rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"`singles` must hold 3\.\.6"):
        compose_cluster(bars[:2], kind="star", rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"`singles` must hold 2\.\.6"):
        compose_cluster(bars[:1], kind="X", rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="`kind` must be one of"):
        compose_pair(bars[0], bars[1], kind="Q", rng=np.random.default_rng(0))
