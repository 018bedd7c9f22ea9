from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from karyokit.chromosomes import Region
from karyokit.data import cluster_sets, generated_clusters
from karyokit.data.chromseg import ClusterPicture
from karyokit.data.generated_clusters import procedural_clusters
from karyokit.metrics.clusters import summarise_clusters
from karyokit.reproduction.scoring import FinishedRun
from karyokit.reproduction.scoring.clusters import READINGS, cases_of, cluster_scores, coloured, maps_figures, score, true_masks
from karyokit.training.recipe import Recipe
from karyokit.training.run import train


def cross(name: str = "x") -> ClusterPicture:
    """Two bars that cross at a right angle."""
    masks = np.zeros((2, 64, 64), bool)
    masks[0, 28:38, 8:56] = masks[1, 8:56, 28:38] = True
    image = np.repeat((255 - 100 * masks.sum(axis=0)).astype(np.uint8)[:, :, None], 3, axis=2)
    return ClusterPicture(name, image, masks.any(axis=0), masks.all(axis=0), tuple(Region.from_mask(mask) for mask in masks))


@pytest.mark.parametrize("reading", READINGS.values())
def test_true_maps_of_a_cross_are_perfect(reading: object) -> None:
    picture = cross()
    figures = summarise_clusters([cluster_scores(picture, true_masks([picture])[0], reading)])
    assert set(figures.values()) == {1.0}


def test_a_missed_crossing_is_neither_detected_nor_spliced() -> None:
    picture = cross()
    maps = true_masks([picture, picture]).astype(np.float32)
    maps[1, 1] = 0
    figures = maps_figures([picture, picture], maps, READINGS[""])
    assert (figures["iou_overlap"], figures["iou_foreground"]) == (0.5, 1.0)
    assert (figures["overlap_acc"], figures["sp_acc"], figures["overall"], figures["sp_acc_of_detected"]) == (0.5, 0.5, 0.25, 1.0)


def test_foreground_iou_is_that_of_the_map() -> None:
    picture = cross()
    maps = true_masks([picture]).astype(np.float32)
    maps[0, 0, 28:38, 8:18] = 0.4
    assert maps_figures([picture], maps, READINGS[""])["iou_foreground"] == pytest.approx(1 - 100 / 860)
    assert maps_figures([picture], maps, READINGS["truth"])["iou_foreground"] == 1.0


def test_a_network_of_one_map_has_no_splicing_score() -> None:
    picture = cross()
    maps = true_masks([picture]).astype(np.float32)
    maps[:, 0] = np.nan
    figures = maps_figures([picture], maps, READINGS[""])
    assert (figures["iou_overlap"], figures["overlap_acc"]) == (1.0, 1.0)
    assert np.isnan([figures["iou_foreground"], figures["sp_acc"], figures["overall"]]).all()
    assert set(figures) == set(maps_figures([picture], true_masks([picture]).astype(float), READINGS[""]))


def test_pictures_without_instances_have_no_splicing_score() -> None:
    picture = replace(cross(), instances=())
    figures = maps_figures([picture], true_masks([picture]).astype(float), READINGS[""])
    assert figures["iou_foreground"] == figures["overlap_acc"] == 1.0
    assert np.isnan(figures["sp_acc"])


def test_cases_by_number_of_chromosomes() -> None:
    pictures = list(islice(procedural_clusters("val"), 2))
    cases = cases_of(pictures, true_masks(pictures).astype(float))
    assert [case.group for case in cases] == ["3 chromosomes (1 pictures)", "4 chromosomes (1 pictures)"]
    assert all(panel.shape == (256, 256, 3) for case in cases for _, panel in case.panels)


def test_chromosomes_are_painted_in_hues() -> None:
    masks = np.zeros((2, 1, 3), bool)
    masks[0, 0, :2] = masks[1, 0, 1:] = True
    left, both, right = coloured(masks)[0].astype(int)
    assert not np.array_equal(left, right)
    assert np.abs(both - (left + right) / 2).max() <= 1
    assert not coloured(np.zeros((0, 2, 2), bool)).any()


def test_a_run_is_scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated_clusters, "COUNTS", {"train": 2, "val": 1, "test": 2})
    cluster_sets.cluster_pictures.cache_clear()
    network = {"name": "chromseg_unetpp", "options": {"width_mult": 1 / 32}}
    settings = {"source": "procedural"}
    recipe = Recipe.model_validate(
        {"name": "a", "task": "clusters", "network": network, "settings": settings, "steps": 1, "batch": 2, "validate_every": 1}
    )
    train(recipe, tmp_path / "run", data=tmp_path)
    scored = score(FinishedRun(recipe, tmp_path / "run", tmp_path), {"iou_overlap", "truth:sp_acc", "train:iou_overlap", "parameters"})
    assert {"iou_overlap", "sp_acc", "truth:sp_acc", "train:iou_overlap"} <= set(scored.figures)
    assert scored.figures["truth:iou_overlap"] == 1.0
    assert len(scored.cases) == 2
    cluster_sets.cluster_pictures.cache_clear()
