from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from karyokit.data.generated_clusters import COUNTS, gband_clusters, generate_clusters, procedural_clusters
from karyokit.data.generators.procedural import procedural_single


def test_as_many_as_in_the_paper() -> None:
    assert sum(COUNTS.values()) == 345
    assert COUNTS["test"] == 115
    assert round(COUNTS["val"] / 230, 2) == 0.15


def test_sizes_come_in_turn_and_the_truth_is_whole() -> None:
    pictures = list(islice(procedural_clusters("val"), 4))
    assert [len(picture.instances) for picture in pictures] == [3, 4, 5, 2]
    assert [picture.name for picture in pictures] == ["val_1", "val_2", "val_3", "val_4"]
    for picture in pictures:
        cover = np.sum([region.to_mask((256, 256)) for region in picture.instances], axis=0)
        assert np.array_equal(cover > 0, picture.foreground)
        assert np.array_equal(cover > 1, picture.overlap)
        assert picture.overlap.any()
        assert np.median(picture.image[~picture.foreground]) == 255
        assert picture.image[picture.foreground].mean() < 200


def test_a_picture_depends_on_seed_and_part() -> None:
    first, again, other_seed, other_part = (
        next(iter(procedural_clusters(part, seed=seed))).image for part, seed in (("val", 0), ("val", 0), ("val", 1), ("test", 0))
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other_seed)
    assert not np.array_equal(first, other_part)


def test_wrong_part_and_chromosomes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="`split` must be one of"):
        procedural_clusters("tests")

    def too_long(size: int, rng: np.random.Generator) -> list:
        return [procedural_single(1, rng=rng, length_px=400)] * min(size, 1)

    with pytest.raises(ValueError, match="`singles` must allow a cluster of 3 within 256 px"):
        list(islice(generate_clusters(too_long, "val"), 1))


def test_real_chromosomes(shared_data: Path) -> None:
    picture = next(iter(gband_clusters(shared_data / "singles", "test")))
    assert len(picture.instances) == 3
    assert picture.overlap.any()
