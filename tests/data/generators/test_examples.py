from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from karyokit.chromosomes import Region
from karyokit.data.generators.examples import EXAMPLES, draw_example, main
from karyokit.pictures import read_picture

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples") / "cells"
    assert main([str(folder)]) == 0
    return folder


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_truth_and_picture_belong_together(written: Path, example: object) -> None:
    name = example.name  # type: ignore[attr-defined]
    document = json.loads((written / f"{name}.json").read_text())
    image = document["images"][0]
    regions = [Region.from_rle(annotation["segmentation"]) for annotation in document["annotations"]]
    picture = read_picture(written / image["file_name"])
    assert picture.pixels.shape == (image["height"], image["width"]) == (600, 700)
    assert len(regions) == 46
    assert [region.area for region in regions] == [annotation["area"] for annotation in document["annotations"]]
    count = sum(region.to_mask((600, 700)).astype(int) for region in regions)
    assert ndimage.label(count >= 2)[1] >= 4
    assert ndimage.label(count > 0, np.ones((3, 3)))[1] < 42


def test_examples_are_always_the_same(written: Path) -> None:
    again = draw_example(EXAMPLES[1])
    assert again.image.tobytes() == read_picture(written / f"{EXAMPLES[1].name}.png").pixels.tobytes()


def test_wrong_usage_says_how(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main(["--help"]) == 2
    assert "usage:" in capsys.readouterr().err


def test_the_repository_holds_both_examples_with_truth() -> None:
    for example in EXAMPLES:
        assert (REPOSITORY / "examples" / "cells" / f"{example.name}.png").is_file()
        assert (REPOSITORY / "examples" / "cells" / f"{example.name}.json").is_file()
