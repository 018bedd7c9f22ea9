"""napari's plain layers: back to the same cell, edits taken over, the manifest names functions that are there."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

sys.path.insert(0, str(Path(__file__).parents[1] / "exchange"))
from drawn_cells import assert_same, drawn_cells

import karyokit.napari_plugin
from karyokit.chromosomes import Chromosome, Region
from karyokit.exchange.coco import CellRecord, ObjectSetAside
from karyokit.exchange.formats import FORMATS, read_cells, write_cells
from karyokit.napari_plugin import get_reader, write_layers
from karyokit.napari_plugin.layers import cell_layers, cell_of_layers
from karyokit.pictures import write_png

MANIFEST = json.loads((Path(karyokit.napari_plugin.__file__).parent / "napari.json").read_text())


def crossing() -> CellRecord:
    """Bars 1 and 2 that cross, bar 3 apart from both, a speck set aside."""
    masks = np.zeros((4, 40, 40), bool)
    masks[0, 5, :20], masks[1, :20, 5], masks[2, 30], masks[3, 35, 35] = True, True, True, True
    regions = [Region.from_mask(mask) for mask in masks]
    chromosomes = tuple(Chromosome(number, region, category=number) for number, region in enumerate(regions[:3], start=1))
    return CellRecord("a.png", (40, 40), "brightfield", chromosomes, {}, (ObjectSetAside(regions[3], "speck"),))


@given(cell=drawn_cells(most=6))
def test_layers_give_the_cell_back(cell: CellRecord) -> None:
    chromosomes = tuple(one for one in cell.chromosomes if one.region.area)
    visible = replace(cell, chromosomes=chromosomes, set_aside=tuple(one for one in cell.set_aside if one.region.area))
    assert_same(cell_of_layers(cell_layers(cell), name="x"), visible)


def test_chromosomes_that_do_not_meet_share_a_plane() -> None:
    (stack, _, _), (aside, properties, _) = cell_layers(crossing())
    assert [sorted(set(plane.ravel()) - {0}) for plane in stack] == [[1, 3], [2], []]
    assert (aside.max(), properties["name"]) == (1, "set aside")


def test_edits_are_taken_over() -> None:
    (stack, properties, kind), aside = cell_layers(crossing())
    stack[2, 5:8, 0] = 3  # painted over bar 1 in the blank plane: shared
    stack[1][stack[1] == 2] = 0  # wiped out: deleted
    stack[0, 20, 20] = 9  # a number of its own: new
    properties["features"]["class"][1] = "X"
    back = cell_of_layers([(stack, properties, kind), aside], name="x")
    assert [(one.number, one.category) for one in back.chromosomes] == [(1, 23), (3, 3), (9, 0)]
    assert np.count_nonzero(back.masks()[:2].all(axis=0)) == 1
    assert [one.reason for one in back.set_aside] == ["speck"]


def test_layers_of_others() -> None:
    plane = np.diag([1, 2, 300]).astype(np.int64)
    back = cell_of_layers([(np.zeros((3, 3)), {}, "image"), (plane, {"name": "Labels"}, "labels")], name="x")
    assert (back.name, [one.number for one in back.chromosomes]) == ("x", [1, 2, 300])
    for layers in ([], [(plane, {}, "labels"), (plane[:2], {}, "labels")]):
        with pytest.raises(ValueError, match="labels of one size"):
            cell_of_layers(layers, name="x")
    with pytest.raises(ValueError, match="whole numbers"):
        cell_of_layers([(plane * 0.5, {}, "labels")], name="x")


def test_opening_and_saving(tmp_path: Path) -> None:
    path = str(tmp_path / "a.zip")
    write_cells(path, [crossing()])
    reader = get_reader(path)
    assert reader is not None
    assert [kind for _, _, kind in reader(path)] == ["labels", "labels"]
    write_png(tmp_path / "a.png", np.arange(1600, dtype=np.uint16).reshape(40, 40))
    layers = reader(path)
    assert [properties["name"] for _, properties, _ in layers] == ["a.png", "chromosomes", "set aside"]
    assert write_layers(str(tmp_path / "b.json"), layers) == [str(tmp_path / "b.json")]
    assert_same(read_cells(tmp_path / "b.json")[0], crossing())
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.warns(UserWarning, match="not a picture"):
        assert len(reader(path)) == 2


def test_files_that_are_not_ours(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"other": 1}')
    assert get_reader([str(tmp_path / "a.json")]) is None
    for name in ("a.json", "none.json", "a.txt"):
        assert get_reader(str(tmp_path / name)) is None
    cells = [replace(crossing(), name=name) for name in "ab"]
    write_cells(tmp_path / "two.json", cells)
    reader = get_reader(str(tmp_path / "two.json"))
    assert reader is not None
    with pytest.raises(ValueError, match=r"hold one cell, got .*two\.json with 2"):
        reader(str(tmp_path / "two.json"))


def test_the_manifest_names_what_is_there() -> None:
    contributions = MANIFEST["contributions"]
    for command in contributions["commands"]:
        module, _, name = command["python_name"].partition(":")
        assert callable(getattr(import_module(module), name))
    ends = {suffix for entry in FORMATS.values() for suffix in entry.suffixes}
    assert {pattern.lstrip("*") for reader in contributions["readers"] for pattern in reader["filename_patterns"]} <= ends
    assert {end for writer in contributions["writers"] for end in writer["filename_extensions"]} <= ends
