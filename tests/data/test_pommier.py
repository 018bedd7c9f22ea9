"""The rebuilt set: counts, mean and foregrounds of the published one; laws of the generator on a drawn metaphase."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from karyokit.checks import NothingFound
from karyokit.data.padding import pad_to_128
from karyokit.data.pair_identity import foreground_corner, match_foregrounds
from karyokit.data.pairs_cleaning import clean_watershed
from karyokit.data.pommier import PairRecipe, PairSet, build_pairs, load_pairs, read_source, save_pairs
from karyokit.files import OutputError

BARS = {(40, 40): (60, 14), (40, 120): (40, 16), (150, 60): (50, 14), (150, 140): (30, 14)}
SMALL = PairRecipe(window=(0, 240, 0, 240), every=1, angles=(0, 40), shifts=(0.1, 0.5))


def drawn_metaphase() -> tuple[np.ndarray, np.ndarray]:
    dapi, cy3 = np.full((240, 240), 160, np.uint16), np.full((240, 240), 80, np.uint16)
    for (row, column), (height, width) in BARS.items():
        dapi[row : row + height, column : column + width] = 2000
    return dapi, cy3


@pytest.fixture(scope="module")
def small() -> PairSet:
    return build_pairs(*drawn_metaphase(), recipe=SMALL)


@pytest.fixture(scope="module")
def rebuilt(shared_data: Path) -> PairSet:
    return build_pairs(*read_source(shared_data / "pommier"))


@pytest.mark.slow
def test_rebuilt_set_has_the_published_figures(rebuilt: PairSet) -> None:
    assert rebuilt.candidates == 14_850
    assert rebuilt.images.shape == rebuilt.labels.shape == (13_434, 94, 93)
    assert (rebuilt.images.dtype, rebuilt.labels.dtype) == (np.int16, np.uint8)
    assert float(rebuilt.images.mean()) == 5.8991370727534225
    assert (rebuilt.images.min(), rebuilt.images.max()) == (-15, 402)
    counts = [np.count_nonzero(rebuilt.labels == label) for label in range(5)]
    assert counts == [106_552_584, 3_231_792, 6_185_900, 1_469_586, 166]
    assert sum(counts) == rebuilt.labels.size
    assert np.unique(rebuilt.pair).tolist() == list(range(66))
    assert np.unique(rebuilt.chromosomes).tolist() == list(range(12))


@pytest.mark.slow
def test_rebuilt_truth_agrees_with_the_labels_but_for_their_rims(rebuilt: PairSet) -> None:
    labels, truth = rebuilt.labels, rebuilt.truth
    assert ((labels > 0) == (truth > 0)).all()
    assert (truth[labels == 4] == 3).all()
    assert np.count_nonzero((labels == 3) & (truth != 3)) == 734
    alpha, beta = ((truth & bit).astype(bool).sum(axis=(1, 2)) for bit in (1, 2))
    assert (alpha < beta).mean() > 0.99


@pytest.mark.slow
def test_published_label_maps_are_found_at_their_place(rebuilt: PairSet, shared_data: Path) -> None:
    with np.load(shared_data / "pommier" / "cleaned_test_labels.npz") as published:
        labels = published["labels"]
    index = match_foregrounds(labels, rebuilt.labels)
    assert (index >= 0).all()
    assert len(set(index.tolist())) == len(labels) == 2_432
    raw = rebuilt.labels[index]
    assert (foreground_corner(pad_to_128(raw, "amfl_repo", kind="label")) == foreground_corner(labels)).all()
    both = ((labels == 3) & (pad_to_128(raw, kind="label") == 3)).sum(axis=(1, 2))
    either = ((labels == 3) | (pad_to_128(raw, kind="label") == 3)).sum(axis=(1, 2))
    assert np.median(both / either) == pytest.approx(0.906, abs=5e-4)


@pytest.mark.slow
def test_watershed_cleaning_gives_the_published_label_maps(rebuilt: PairSet, shared_data: Path) -> None:
    with np.load(shared_data / "pommier" / "cleaned_test_labels.npz") as published:
        labels = published["labels"]
    cleaned = pad_to_128(clean_watershed(rebuilt.labels[match_foregrounds(labels, rebuilt.labels)]), kind="label")
    differing = (cleaned != labels).sum(axis=(1, 2))
    assert np.count_nonzero(differing == 0) >= 2_421
    assert differing.sum() <= 14


def test_samples_come_pair_by_pair_with_their_settings(small: PairSet) -> None:
    assert small.candidates == 6 * 4 * 4
    assert 0 < len(small) <= small.candidates
    assert (np.diff(small.pair) >= 0).all()
    assert (small.chromosomes[:, 0] < small.chromosomes[:, 1]).all()
    assert set(small.angles.ravel().tolist()) <= {0, 40}
    assert set(small.shifts.ravel().tolist()) <= {0.1, 0.5}


def test_every_sample_overlaps_only_where_both_masks_are(small: PairSet) -> None:
    assert (small.labels == 3).any(axis=(1, 2)).all()
    for index in range(len(small)):
        alpha, beta = small.masks(index)
        assert ((small.truth[index] == 3) == (alpha & beta)).all()
        assert ((small.labels[index] > 0) == (alpha | beta)).all()


def test_unturned_bars_in_the_middle_give_the_sum_of_greys(small: PairSet) -> None:
    index = int(np.flatnonzero((small.angles == 0).all(axis=1) & (small.shifts == 0.5).all(axis=1))[0])
    alpha, beta = small.masks(index)
    assert set(small.images[index][alpha & beta].tolist()) == {510}
    assert set(small.images[index][alpha ^ beta].tolist()) == {255}
    assert not small.images[index][~(alpha | beta)].any()


def test_building_twice_gives_the_same_and_leaves_the_source_alone() -> None:
    dapi, cy3 = drawn_metaphase()
    first, second = (build_pairs(dapi, cy3, recipe=SMALL) for _ in range(2))
    assert (first.images == second.images).all()
    assert (dapi == drawn_metaphase()[0]).all()


def test_saved_pairs_come_back(small: PairSet, tmp_path: Path) -> None:
    save_pairs(tmp_path / "pairs.npz", small)
    loaded = load_pairs(tmp_path / "pairs.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["pairs.npz"]
    assert loaded.candidates == small.candidates
    for field in fields(PairSet):
        assert np.array_equal(getattr(loaded, field.name), getattr(small, field.name))


def test_source_is_read_from_every_layout(tmp_path: Path) -> None:
    dapi, cy3 = drawn_metaphase()
    cy3[40:60, 42:46] = 3000
    for names in (("DAPI.png", "Cy3.png"), ("DAPI.tif", "Cy3.tif"), ("dapi/1.tif", "cy3/1.tif")):
        folder = tmp_path / names[0].replace("/", "_")
        for name, plane in zip(names, (dapi, cy3), strict=True):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            iio.imwrite(folder / name, plane)
        read = read_source(folder)
        assert (read[0] == dapi).all()
        assert (read[1] == cy3).all()


def test_missing_sources_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere is not there.*DeepFISH"):
        read_source(tmp_path / "nowhere")
    iio.imwrite(tmp_path / "DAPI.png", drawn_metaphase()[0])
    with pytest.raises(FileNotFoundError, match=r"holds none of Cy3\.png, Cy3\.tif"):
        read_source(tmp_path)


def test_wrong_input_is_named(tmp_path: Path, small: PairSet) -> None:
    dapi, cy3 = drawn_metaphase()
    with pytest.raises(ValueError, match=r"`recipe\.window` must lie in a picture of \(240, 240\)"):
        build_pairs(dapi, cy3)
    with pytest.raises(ValueError, match="`cy3` must be a non-empty"):
        build_pairs(dapi, cy3[None], recipe=SMALL)
    with pytest.raises(NothingFound, match="1 chromosomes gave no overlapping pair"):
        build_pairs(dapi, cy3, recipe=PairRecipe(window=(0, 240, 0, 240), every=4))
    with pytest.raises(FileNotFoundError, match=r"Build it with `karyokit data build pommier`"):
        load_pairs(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(ValueError, match="be an npz file with"):
        load_pairs(tmp_path / "text.npz")
    with pytest.raises(OutputError, match="its folder does not exist"):
        save_pairs(tmp_path / "missing" / "pairs.npz", small)
