from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from karyokit.chromosomes import stack_masks
from karyokit.data.cluster_crops import Cluster, clusters_of
from karyokit.data.mfish import chromosomes_from_class_map, overlap_zones, split_names
from karyokit.metrics.clusters import well_spliced
from karyokit.reconstruction import Reconstructed, ReconstructionOptions, reconstruct

Measure = Callable[[np.ndarray, np.ndarray], float]
EMPTY = np.zeros((30, 40), bool)


def masks_of(found: tuple[Reconstructed, ...], shape: tuple[int, int]) -> np.ndarray:
    return stack_masks((one.region for one in found), shape)


def rebuilt(foreground: np.ndarray, overlap: np.ndarray, **settings: object) -> np.ndarray:
    return masks_of(reconstruct(foreground, overlap, **settings), foreground.shape)


@pytest.mark.parametrize("name", ["X", "slanted X", "T", "L", "Y", "double X", "star", "offset star", "curved", "hooked", "comb"])
def test_graph_rebuilds_drawn_scenes(scenes: dict, worst_iou: Measure, name: str) -> None:
    scene = scenes[name]
    assert worst_iou(scene.masks, rebuilt(scene.foreground, scene.overlap)) > 0.85


@pytest.mark.parametrize("name", ["X", "slanted X", "L", "double X"])
def test_legacy_rebuilds_simple_scenes(scenes: dict, worst_iou: Measure, name: str) -> None:
    scene = scenes[name]
    assert worst_iou(scene.masks, rebuilt(scene.foreground, scene.overlap, mode="legacy")) > 0.85


@pytest.mark.parametrize("name", ["T", "Y", "comb"])
def test_graph_beats_legacy_where_a_chromosome_ends_on_another(scenes: dict, worst_iou: Measure, name: str) -> None:
    scene = scenes[name]
    graph, legacy = (worst_iou(scene.masks, rebuilt(scene.foreground, scene.overlap, mode=mode)) for mode in ("graph", "legacy"))
    assert graph > legacy + 0.1


def test_a_chromosome_that_crosses_itself_stays_one(scenes: dict, draw: Callable) -> None:
    scene = scenes["self-loop"]
    crossing = draw([(15, 45), (60, 62), (85, 80)]) & draw([(85, 40), (60, 58), (15, 75)])
    found = reconstruct(scene.foreground, crossing)
    assert len(found) == 2
    assert sorted(one.separation.parts for one in found) == [1, 3]


def test_touching_and_crossing_in_one_cluster(draw: Callable, worst_iou: Measure) -> None:
    across, down, beside = draw([(60, 15), (60, 100)]), draw([(20, 40), (100, 40)]), draw([(20, 70), (52, 70)])
    truth = np.stack([across, down, beside & ~across])
    border = np.zeros_like(across)
    border[54:57, 60:80] = True
    found = reconstruct(across | down | beside, across & down, border=border)
    assert worst_iou(truth, masks_of(found, across.shape)) > 0.85
    kinds = sorted(contact.kind for one in found for contact in one.separation.contacts)
    assert kinds == ["crossing", "crossing", "touching", "touching"]


def test_records_of_a_crossing(scenes: dict) -> None:
    scene = scenes["X"]
    first, second = reconstruct(scene.foreground, scene.overlap)
    assert first.separation.method == second.separation.method == "port-assignment"
    assert [(c.zone, c.others, c.kind) for c in first.separation.contacts] == [(1, (2,), "crossing")]
    assert [(c.zone, c.others, c.kind) for c in second.separation.contacts] == [(1, (1,), "crossing")]
    assert first.separation.parts == 2
    assert 0.5 < first.separation.margin <= 1


def test_records_of_isolated_and_touching(draw: Callable) -> None:
    one, two = draw([(30, 20), (30, 100)]), draw([(80, 20), (80, 55)])
    three = draw([(80, 64), (80, 100)])
    border = np.zeros_like(one)
    border[:, 59:61] = two[:, 59:61] | three[:, 59:61]
    found = reconstruct(one | two | three, np.zeros_like(one), border=border)
    assert [r.separation.method for r in found] == ["isolated", "touching", "touching"]
    assert [r.separation.margin for r in found] == [1.0, 1.0, 1.0]
    assert [r.separation.contacts[0].others for r in found[1:]] == [(3,), (2,)]
    assert {r.separation.contacts[0].zone for r in found[1:]} == {0}


def test_a_border_that_does_not_cut_separates_nothing(draw: Callable) -> None:
    bar = draw([(60, 20), (60, 100)])
    border = np.zeros_like(bar)
    border[50:60, 59:61] = True
    assert np.array_equal(rebuilt(bar, np.zeros_like(bar), border=border), bar[None])


def test_a_zone_with_one_chromosome_is_foreground(draw: Callable) -> None:
    bar = draw([(60, 20), (60, 100)])
    tip = bar.copy()
    tip[:, 30:] = False
    (found,) = reconstruct(bar, tip)
    assert np.array_equal(found.region.to_mask(bar.shape), bar)
    assert found.separation.method == "isolated"


def test_an_object_that_is_all_overlap_is_kept(draw: Callable) -> None:
    bar = draw([(60, 20), (60, 100)])
    assert np.array_equal(rebuilt(bar, bar), bar[None])


def test_a_stub_joins_a_chromosome(draw: Callable) -> None:
    across, down = draw([(60, 15), (60, 105)]), draw([(60, 60), (110, 60)])
    stub = np.zeros_like(across)
    stub[53:56, 58:63] = True
    found = reconstruct(across | down | stub, across & down, options=ReconstructionOptions(width=9))
    assert len(found) == 2


def test_probabilities_and_masks_agree(scenes: dict) -> None:
    scene = scenes["X"]
    soft = rebuilt(scene.foreground * 0.9, scene.overlap * 0.8, border=np.zeros(scene.foreground.shape))
    assert np.array_equal(soft, rebuilt(scene.foreground, scene.overlap, border=np.zeros(scene.foreground.shape, bool)))


def test_specks_are_dropped_and_nothing_else(scenes: dict) -> None:
    scene = scenes["X"]
    dirty = scene.foreground.copy()
    dirty[2:4, 2:4] = True
    assert np.array_equal(rebuilt(dirty, scene.overlap).any(axis=0), scene.foreground)


@pytest.mark.parametrize("mode", ["graph", "legacy"])
def test_empty_maps_give_nothing(mode: str) -> None:
    assert reconstruct(EMPTY, EMPTY, mode=mode) == ()
    speck = EMPTY.copy()
    speck[3, 3] = True
    assert reconstruct(speck, EMPTY, mode=mode) == ()


@pytest.mark.parametrize("mode", ["graph", "legacy"])
@pytest.mark.parametrize("name", ["X", "T", "double X", "star", "self-loop"])
def test_inputs_are_not_changed(scenes: dict, mode: str, name: str) -> None:
    foreground, overlap = scenes[name].foreground, scenes[name].overlap
    before = foreground.copy(), overlap.copy()
    reconstruct(foreground, overlap, mode=mode)
    assert np.array_equal(foreground, before[0])
    assert np.array_equal(overlap, before[1])


@pytest.mark.parametrize("name", ["X", "T", "double X", "star", "curved"])
def test_turns_and_mirrors_change_nothing(scenes: dict, worst_iou: Measure, name: str) -> None:
    scene = scenes[name]
    plain = rebuilt(scene.foreground, scene.overlap)
    for turn in range(4):
        for flip in (False, True):

            def place(stack: np.ndarray, turn: int = turn, flip: bool = flip) -> np.ndarray:
                turned = np.rot90(stack, turn, axes=(-2, -1))
                return turned[..., ::-1] if flip else turned

            found = rebuilt(place(scene.foreground), place(scene.overlap))
            assert worst_iou(place(plain), found) > 0.9


@given(st.lists(st.tuples(*[st.integers(6, 113)] * 4), min_size=1, max_size=5), st.sampled_from(["graph", "legacy"]), st.booleans())
def test_regions_cover_the_foreground_and_share_only_zones(bars: list, mode: str, split: bool) -> None:
    rows, columns = np.indices((120, 120))
    masks = []
    for r0, c0, r1, c1 in bars:
        dr, dc = r1 - r0, c1 - c0
        along = np.clip(((rows - r0) * dr + (columns - c0) * dc) / max(dr * dr + dc * dc, 1), 0, 1)
        masks.append(np.hypot(rows - r0 - along * dr, columns - c0 - along * dc) <= 4.5)
    stack = np.stack(masks)
    foreground, overlap = stack.any(axis=0), stack.sum(axis=0) > 1
    options = ReconstructionOptions(split_touching=split, min_object=0.0, width=9.0)
    found = reconstruct(foreground, overlap, mode=mode, options=options)
    cover = masks_of(found, foreground.shape).sum(axis=0)
    assert np.array_equal(cover > 0, foreground)
    assert not (cover > 1)[~overlap].any()
    assert all(0 <= one.separation.margin <= 1 for one in found)
    for number, one in enumerate(found, start=1):
        for contact in one.separation.contacts:
            assert all(number in {o for c in found[other - 1].separation.contacts for o in c.others} for other in contact.others)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"overlap": np.zeros((3, 3), bool)}, ValueError, "must have one shape"),
        ({"border": np.zeros((3, 3), bool)}, ValueError, "must have one shape"),
        ({"image": np.zeros((3, 3))}, ValueError, "must have one shape"),
        ({"foreground": np.zeros((30, 40), np.uint8)}, TypeError, "`foreground` must be bool or float"),
        ({"foreground": np.full((30, 40), 2.0)}, ValueError, "`foreground` must lie in 0..1"),
        ({"overlap": np.full((30, 40), np.nan)}, ValueError, "`overlap` must be finite"),
        ({"foreground": np.zeros((0, 4), bool)}, ValueError, "non-empty"),
        ({"mode": "grap"}, ValueError, "Did you mean 'graph'"),
    ],
)
def test_bad_input(change: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        reconstruct(**{"foreground": EMPTY, "overlap": EMPTY, **change})


def spliced(cluster: Cluster, mode: str) -> bool:
    found = reconstruct(cluster.foreground, cluster.overlap, border=cluster.border, mode=mode)
    return well_spliced(cluster.truth, masks_of(found, cluster.foreground.shape))


def test_true_zones_of_real_cells(shared_data: Path) -> None:
    maps = (
        (name, iio.imread(shared_data / "mfish" / "classes" / f"{name}.png")) for name in split_names(shared_data / "mfish", "val")[::2]
    )
    clusters = [cluster for name, class_map in maps for cluster in clusters_of(name, class_map)]
    graph, legacy = ([spliced(cluster, mode) for cluster in clusters] for mode in ("graph", "legacy"))
    assert np.mean(graph) >= 0.7
    assert np.mean(graph) >= np.mean(legacy) + 0.1


def test_a_real_cell_keeps_every_pixel(shared_data: Path) -> None:
    class_map = iio.imread(shared_data / "mfish" / "classes" / "A0101XY.png")
    found = reconstruct(class_map > 0, overlap_zones(class_map), options=ReconstructionOptions(min_object=0.0))
    assert np.array_equal(masks_of(found, class_map.shape).any(axis=0), class_map > 0)
    assert abs(len(found) - len(chromosomes_from_class_map(class_map))) <= 3


def test_three_chromosomes_share_the_whole_zone(scenes: dict) -> None:
    scene = scenes["star"]
    found = reconstruct(scene.foreground, scene.overlap)
    assert len(found) == 3
    zone = ndimage.binary_erosion(scene.masks.all(axis=0))
    assert zone.any()
    assert all(one.region.to_mask(zone.shape)[zone].all() for one in found)
