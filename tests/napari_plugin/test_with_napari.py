"""napari's own layers and plugin engine, without a window (tried with napari 0.9.2, npe2 0.10.0). Runs where napari is installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

npe2 = pytest.importorskip("npe2", reason="pip install napari to run this test")
layers = pytest.importorskip("napari.layers", reason="pip install napari to run this test")

sys.path.insert(0, str(Path(__file__).parents[1] / "exchange"))
from drawn_cells import assert_same  # noqa: E402

import karyokit.napari_plugin  # noqa: E402
from karyokit.exchange.formats import read_cells, write_cells  # noqa: E402


def test_napari_opens_and_saves_the_same_cell(tmp_path: Path) -> None:
    manifest = npe2.PluginManifest.from_file(Path(karyokit.napari_plugin.__file__).parent / "napari.json")
    manifest.validate_imports()
    npe2.PluginManager.instance().register(manifest)
    (cell,) = read_cells(Path(__file__).parents[2] / "examples" / "cells" / "gband_example.json")
    write_cells(tmp_path / "a.zip", [cell])
    opened = [layers.Layer.create(*one) for one in npe2.read([str(tmp_path / "a.zip")], stack=False)]
    npe2.write(str(tmp_path / "b.json"), [one.as_layer_data_tuple() for one in opened])
    assert_same(read_cells(tmp_path / "b.json")[0], cell)
