from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from karyokit.data.cluster_crops import MARGIN, cell_pictures, clusters_of, mfish_clusters, read_clusters, true_border
from karyokit.data.mfish import OVERLAP

SHAPE = (120, 160)


def class_map() -> np.ndarray:
    """A crossing of classes 1 and 2, a lone chromosome of class 3 near it, and two that touch along a thin line of overlap."""
    drawn = np.zeros(SHAPE, np.uint8)
    drawn[30:38, 20:60] = 1
    drawn[14:54, 36:44] = 2
    drawn[30:38, 36:44] = OVERLAP
    drawn[20:45, 66:72] = 3
    drawn[80:88, 20:50] = 4
    drawn[80:88, 50:80] = 5
    drawn[80:88, 50] = OVERLAP
    return drawn


def picture() -> np.ndarray:
    drawn = class_map()
    return np.where(drawn == OVERLAP, 200, np.where(drawn > 0, 100, 5)).astype(np.uint8)


def test_the_recipe() -> None:
    (cluster,) = clusters_of("A", class_map())
    assert cluster.foreground.shape == (40 + 2 * MARGIN, 40 + 2 * MARGIN)
    assert cluster.foreground.sum() == 40 * 8 + 40 * 8 - 64
    assert cluster.overlap.sum() == 64
    assert sorted(cluster.truth.sum(axis=(1, 2)).tolist()) == [320, 320]
    assert len(list(clusters_of("A", class_map(), every=True))) == 3
    assert list(clusters_of("A", np.zeros(SHAPE, np.uint8))) == []


def test_a_picture_of_a_cluster() -> None:
    (found,) = cell_pictures("A", picture(), class_map())
    assert (found.image.shape, found.image.dtype, found.overlap.sum()) == ((256, 256, 3), np.uint8, 64)
    assert np.array_equal(found.foreground, np.any([region.to_mask((256, 256)) for region in found.instances], axis=0))
    grey = found.image[:, :, 0]
    assert grey[found.overlap].mean() < grey[found.foreground & ~found.overlap].mean() - 50
    assert (grey[~found.foreground] == 255).all()  # the neighbour, 6 px from the cluster's end, is painted over


def test_border_between_touching_chromosomes() -> None:
    masks = np.zeros((2, 3, 6), bool)
    masks[0, :, :4] = masks[1, :, 3:] = True
    assert true_border(masks)[0].tolist() == [False] * 6  # they share column 3: a crossing, not a border
    masks[1, :, 3] = False
    assert true_border(masks)[0].tolist() == [False, False, False, True, True, False]


def test_reading_by_split(tmp_path: Path) -> None:
    for folder, drawn in (("classes", class_map()), ("dapi", picture())):
        (tmp_path / folder).mkdir()
        for name in ("A01", "B01"):
            iio.imwrite(tmp_path / folder / f"{name}.png", drawn)
    (tmp_path / "splits.json").write_text(json.dumps({"train": ["A01"], "val": ["B01"], "test": []}))
    assert [found.name for found in mfish_clusters(tmp_path, "val")] == ["B01_1"]
    assert [cluster.cell for cluster in read_clusters(tmp_path, ["train", "val"])] == ["A01", "B01"]
    assert list(mfish_clusters(tmp_path, "test")) == []
    with pytest.raises(ValueError, match="`split` must be one of"):
        list(mfish_clusters(tmp_path, "tests"))


@pytest.mark.slow
def test_the_219_real_clusters(shared_data: Path) -> None:
    numbers, sizes = {}, Counter()
    for split in ("train", "val", "test"):
        clusters = read_clusters(shared_data / "mfish", [split])
        numbers[split] = len(clusters)
        sizes.update(len(cluster.truth) for cluster in clusters)
    assert numbers == {"train": 160, "val": 24, "test": 35}
    assert (sizes[2], sizes[3], sizes[4]) == (110, 49, 27)


def test_real_pictures_of_one_part(shared_data: Path) -> None:
    found = next(iter(mfish_clusters(shared_data / "mfish", "val")))
    assert found.image.shape == (256, 256, 3)
    assert found.overlap.any()
    assert not (found.overlap & ~found.foreground).any()
    assert len(found.instances) >= 2
    assert found.image[found.foreground].mean() < found.image[~found.foreground].mean() - 50
