"""labelme's own code reads, fills and saves our files (tried with labelme 6.3.1). Runs where labelme is installed."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
label_file = pytest.importorskip("labelme._label_file", reason="pip install labelme to run this test")
from labelme.app import _shape_to_dict, _shapes_from_dicts  # noqa: E402
from labelme.utils import shapes_to_label  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
from drawn_cells import assert_same  # noqa: E402

from karyokit.exchange.formats import read_cells, write_cells  # noqa: E402
from karyokit.pictures import write_png  # noqa: E402

EXAMPLES = Path(__file__).parents[2] / "examples" / "cells"


@pytest.mark.parametrize("name", ["gband_example", "dapi_example"])
def test_labelme_keeps_pixels_and_fields(tmp_path: Path, name: str) -> None:
    (cell,) = read_cells(EXAMPLES / f"{name}.json")
    write_png(tmp_path / cell.name, np.zeros(cell.shape, np.uint8))
    write_cells(tmp_path / "a.json", [cell], name="labelme")
    data = label_file.read_label_file(str(tmp_path / "a.json"))
    for region, shape in zip([one.region for one in cell.chromosomes], data.shapes, strict=True):
        filled, _ = shapes_to_label(img_shape=cell.shape, shapes=[shape], label_name_to_value={shape["label"]: 1})
        assert np.array_equal(filled > 0, region.to_mask(cell.shape))
    saved = [_shape_to_dict(shape=shape) for shape in _shapes_from_dicts(shape_dicts=data.shapes, label_flags=None)]
    size = {"image_height": cell.shape[0], "image_width": cell.shape[1]}
    label_file.write_label_file(str(tmp_path / "b.json"), shapes=saved, image_path=data.image_path, other_data=data.other_data, **size)
    assert json.loads((tmp_path / "b.json").read_text())["version"] != "5.5.0"
    assert_same(read_cells(tmp_path / "b.json")[0], cell)
