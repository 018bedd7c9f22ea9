from __future__ import annotations

from pathlib import Path

import pytest

from karyokit.data.catalogue import CATALOGUE, listing, present


def test_every_set_can_be_had_somehow() -> None:
    for name, entry in CATALOGUE.items():
        assert bool(entry.files) != bool(entry.instructions), name
        assert entry.what, name
        assert entry.licence, name
        assert all(file.address.startswith("https://") and file.address.endswith(file.name) for file in entry.files)


def test_listing_says_what_is_here(tmp_path: Path) -> None:
    assert not any(line.present for line in listing(tmp_path / "nowhere"))
    (tmp_path / "singles").mkdir()
    (tmp_path / "singles" / "qband_singles.npz").touch()
    assert [line.name for line in listing(tmp_path) if line.present] == ["qband_singles"]
    assert {line.name for line in listing(tmp_path) if line.fetchable} == {"pommier", "pairs"}


@pytest.mark.parametrize("name", ["mfish", "pommier", "gband_cells", "gband_singles", "qband_singles"])
def test_shared_sets_are_seen(shared_data: Path, name: str) -> None:
    assert present(name, shared_data)
