"""`karyokit refine` from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from karyokit.pictures import write_png
from karyokit.reconstruction.crf import CrfParameters
from karyokit.reconstruction.nk_dna import KnowledgeStore, Network, save_store

Run = Callable[..., object]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A picture of two crossing bars and their masks, a pixel too wide."""
    truth = np.zeros((2, 50, 50), bool)
    truth[0, 5:45, 20:30] = truth[1, 20:30, 5:45] = True
    picture = (40 + 80 * truth.sum(axis=0)).astype(np.uint8)
    wide = np.stack([ndimage.binary_dilation(mask) for mask in truth])
    write_png(tmp_path / "cell.png", picture)
    np.savez(tmp_path / "masks.npz", masks=wide)
    np.savez(tmp_path / "truth.npz", masks=truth)
    save_store(KnowledgeStore((Network(CrfParameters(w1=4.0, s_a=6.0)),)), tmp_path / "store")
    return {name: tmp_path / name for name in ("cell.png", "masks.npz", "truth.npz", "store")} | {"out": tmp_path / "out.npz"}


def test_masks_come_closer_to_the_picture(karyokit: Run, files: dict[str, Path]) -> None:
    given = ["--store", files["store"], "-o", files["out"]]
    result = karyokit("refine", "--image", files["cell.png"], "--masks", files["masks.npz"], *given)
    assert result.exit_code == 0, result.stderr
    assert "2 masks, 2 refined" in result.stdout
    with np.load(files["out"]) as out, np.load(files["masks.npz"]) as before, np.load(files["truth.npz"]) as truth:
        wrong_before, wrong_after = (np.count_nonzero(one["masks"] != truth["masks"]) for one in (before, out))
        assert out["masks"].dtype == bool
        assert out["actions"].tolist() == ["refine", "refine"]
        assert out["masks"].all(axis=0).any()
    assert wrong_after < wrong_before


def test_without_a_store_the_start_values_refine_and_frozen_overlaps_stay(karyokit: Run, files: dict[str, Path]) -> None:
    start = ["refine", "--image", files["cell.png"], "--masks", files["masks.npz"], "-o", files["out"]]
    found = []
    for extra in ([], ["--freeze-overlap"]):
        assert karyokit(*start, *extra).exit_code == 0
        with np.load(files["out"]) as out:
            found.append(out["masks"])
    with np.load(files["masks.npz"]) as before:
        shared = before["masks"].all(axis=0)
        assert (found[0] != before["masks"]).any()
    assert found[1][:, shared].all()
    assert not found[0][:, shared].all()


def test_no_masks_and_given_probabilities(karyokit: Run, files: dict[str, Path]) -> None:
    np.savez(files["masks.npz"], masks=np.zeros((0, 50, 50), bool))
    assert karyokit("refine", "--image", files["cell.png"], "--masks", files["masks.npz"], "-o", files["out"]).exit_code == 0
    with np.load(files["out"]) as out:
        assert out["masks"].shape == (0, 50, 50)
    with np.load(files["truth.npz"]) as truth:
        np.savez(files["masks.npz"], masks=truth["masks"], probabilities=truth["masks"] * 5.0)
    result = karyokit("refine", "--image", files["cell.png"], "--masks", files["masks.npz"], "-o", files["out"])
    assert result.exit_code == 2
    assert "not logits" in result.stderr


def test_refuses(karyokit: Run, files: dict[str, Path]) -> None:
    start = ["refine", "--image", files["cell.png"], "-o", files["out"], "--masks"]
    files["masks.npz"].write_bytes(b"no archive")
    np.savez(files["truth.npz"], masks=np.zeros((2, 9, 9), bool))
    for name, text in (("none.npz", "no such file"), ("masks.npz", "be an .npz file"), ("truth.npz", "the picture's size")):
        result = karyokit(*start, files["cell.png"].with_name(name))
        assert result.exit_code == 2
        assert text in result.stderr
        assert result.stderr.count("\n") == 1
    assert "knowledge.json" in karyokit(*start, files["truth.npz"], "--store", files["cell.png"].parent).stderr
    assert not files["out"].exists()
