from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from karyokit.data import cluster_sets, generated_clusters
from karyokit.data.chromseg import clusters
from karyokit.data.cluster_sets import CLUSTER_SETS, build_cluster_sets, cluster_pictures


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated_clusters, "COUNTS", {"train": 2, "val": 1, "test": 1})
    cluster_sets.cluster_pictures.cache_clear()


@pytest.mark.usefixtures("few")
def test_a_built_set_is_read_as_it_was_made(tmp_path: Path) -> None:
    made = {split: cluster_pictures("procedural", tmp_path, split) for split in ("train", "val", "test")}
    counts = build_cluster_sets(tmp_path, tmp_path / "clusters", ("procedural",))
    assert counts == {"procedural": {"train": 2, "val": 1, "test": 1}}
    for split, pictures in made.items():
        for one, two in zip(pictures, clusters(tmp_path / "clusters" / "procedural", split), strict=True):
            assert one.name == two.name
            for plane in ("image", "foreground", "overlap"):
                assert np.array_equal(getattr(one, plane), getattr(two, plane))
            assert [region.to_rle((256, 256)) for region in one.instances] == [region.to_rle((256, 256)) for region in two.instances]
    cluster_pictures.cache_clear()
    assert cluster_pictures("procedural", tmp_path, "val")[0].name == "val_1"


def test_unknown_sets_and_missing_sources(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Did you mean 'gband'"):
        cluster_pictures("gbands", tmp_path, "val")
    with pytest.raises(ValueError, match="Did you mean 'mfish'"):
        build_cluster_sets(tmp_path, tmp_path, ("mfsh",))
    for name in set(CLUSTER_SETS) - {"procedural"}:
        with pytest.raises(FileNotFoundError):
            cluster_pictures(name, tmp_path, "val")
