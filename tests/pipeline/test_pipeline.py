"""The stages together on drawn pictures, with tiny models of known answers."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "inference"))
import tiny_models

from karyokit import pipeline
from karyokit.checks import NothingFound, PictureError
from karyokit.data import gband_cells, mfish
from karyokit.exchange.coco import read_coco, write_coco
from karyokit.inference import Model, classify_pictures, load_model
from karyokit.pictures import write_png
from karyokit.pipeline import naming, separating


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    tiny_models.separator(folder)
    tiny_models.classifier(folder, rows=128, columns=32)
    return folder


def bars(*, lengths: tuple[int, ...] = (30, 40, 50)) -> np.ndarray:
    """Upright bars of 10 columns on a dark background."""
    picture = np.full((120, 40 * len(lengths)), 10, np.uint8)
    for number, length in enumerate(lengths):
        picture[30 : 30 + length, 15 + 40 * number : 25 + 40 * number] = 160
    picture[::9, ::7] += 2
    return picture


def test_arrays_and_files_give_the_same(folder: Path, tmp_path: Path) -> None:
    write_png(tmp_path / "cell.png", bars())
    before = bars()
    cells = [pipeline.separate(given, model=folder / "tiny.onnx") for given in (before, tmp_path / "cell.png")]
    assert (before == bars()).all()
    assert [cell.name for cell in cells] == ["cell", "cell.png"]
    assert (cells[0].masks() == cells[1].masks()).all()
    assert [one.region.crop.shape for one in cells[0].chromosomes] == [(30, 10), (40, 10), (50, 10)]
    assert all(one.category == 0 and one.separation.method == "isolated" for one in cells[0].chromosomes)


def test_dark_on_light_is_found_as_well(folder: Path) -> None:
    cell = pipeline.separate(255 - bars(), model=folder / "tiny.onnx")
    assert cell.stain == "brightfield"
    assert len(cell.chromosomes) == 3


def test_pictures_seen_before_are_not_classified_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cell = pipeline.separate(bars(), model=folder / "tiny.onnx")
    classifier = load_model(folder / "tiny-classes.onnx")
    counts: list[int] = []

    def counted(model: Model, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        counts.append(len(batch))
        return classify_pictures(model, batch)

    monkeypatch.setattr(naming, "classify_pictures", counted)
    seen: naming.Seen = {}
    part = naming.name_as_separated(replace(cell, chromosomes=cell.chromosomes[1:]), classifier, seen)
    whole = naming.name_as_separated(cell, classifier, seen)
    assert counts == [2, 1]
    assert [one.probabilities for one in whole.chromosomes[1:]] == [one.probabilities for one in part.chromosomes]
    fresh = naming.name_as_separated(cell, classifier)
    assert [one.probabilities for one in whole.chromosomes] == [one.probabilities for one in fresh.chromosomes]


def test_analyse_classifies_measures_and_lays_out(folder: Path) -> None:
    cell = pipeline.analyse(bars(), model=folder / "tiny.onnx", classifier=folder / "tiny-classes.onnx")
    assert all(0 <= one.category <= 24 and sum(one.probabilities) == pytest.approx(1, abs=1e-5) for one in cell.chromosomes)
    assert [found.length_px for found in cell.measurements()] == pytest.approx([30, 40, 50], abs=3)
    karyogram = cell.karyogram()
    assert karyogram.dtype == np.uint8
    assert karyogram.ndim == 3
    assert set(cell.models) == {"separation", "classification"}
    assert "3 chromosomes" in cell.summary()
    assert not pipeline.analyse(bars(), classify=False, model=folder / "tiny.onnx").classified


def test_refusals(folder: Path) -> None:
    model = folder / "tiny.onnx"
    with pytest.raises(PictureError):
        pipeline.separate(np.zeros((100, 100), np.uint8), model=model)
    faint = np.full((100, 100), 10, np.uint8)
    faint[50, 50] = 12
    with pytest.raises(NothingFound, match="no chromosome is in view"):
        pipeline.separate(faint, model=model, stain="dapi")
    for wrong in ({"stain": "gbnad"}, {"mode": "grpah"}, {"model": "nothing"}):
        with pytest.raises(ValueError, match="must be one of"):
            pipeline.separate(bars(), **{"model": model, **wrong})
    with pytest.raises(ValueError, match="`stain` must be one of"):
        pipeline.check_choices("gbnad", "graph")


def test_picture_without_a_chromosome_cannot_be_classified(folder: Path, tmp_path: Path) -> None:
    speck = np.zeros((20, 20), np.uint8)
    speck[10, 10] = 99
    write_png(tmp_path / "speck.png", speck)
    with pytest.raises(NothingFound, match=r"speck\.png"):
        pipeline.classify_picture(tmp_path / "speck.png", classifier=folder / "tiny-classes.onnx")


def test_noise_is_refused_before_it_is_taken_apart(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(separating, "reconstruct", lambda *_args, **_options: pytest.fail("noise was reconstructed"))
    noise = np.random.default_rng(0).normal(20, 4, (400, 400)).clip(0, 255).astype(np.uint8)
    write_png(tmp_path / "noise.png", noise)
    with pytest.raises(NothingFound, match=r"^\S+/noise\.png: no metaphase can be made out, \d+ separate objects"):
        pipeline.separate(tmp_path / "noise.png", model=folder / "tiny.onnx", stain="dapi")


def test_objects_set_aside_are_told_kept_and_drawn(folder: Path, tmp_path: Path) -> None:
    picture = bars()
    picture[5:11, 5:11] = 160
    cell = pipeline.separate(picture, model=folder / "tiny.onnx")
    assert cell.summary() == "3 chromosomes; 1 object set aside: 1 speck"
    write_coco(tmp_path / "a.json", [cell])
    (record,) = read_coco(tmp_path / "a.json")
    assert [(one.reason, one.region.bbox) for one in record.set_aside] == [("speck", (5, 5, 6, 6))]
    pipeline.save_cell(cell, tmp_path / "out")
    assert (imageio.imread(tmp_path / "out" / "overlay.png")[10:22, 10:22] == 128).all(axis=2).any()


def test_the_negative_of_fluorescence_is_taken_apart_alike(folder: Path, tmp_path: Path) -> None:
    model, classifier = folder / "tiny.onnx", folder / "tiny-classes.onnx"
    picture = bars()
    straight = pipeline.analyse(picture, stain="dapi", model=model, classifier=classifier)
    negative = pipeline.analyse(255 - picture, stain="dapi-inverted", model=model, classifier=classifier)
    assert [one.region.bbox for one in negative.chromosomes] == [one.region.bbox for one in straight.chromosomes]
    assert [one.category for one in negative.chromosomes] == [one.category for one in straight.chromosomes]
    pipeline.save_cell(negative, tmp_path)
    own = imageio.imread(tmp_path / "chromosome_01.png")
    assert own[0, 0] > own[own.shape[0] // 2, own.shape[1] // 2], "dark on light, as in the picture"


@pytest.mark.parametrize(
    ("first", "second", "kept"), [(2.85, 9.0, "tiny"), (2.4, 3.8, "tiny"), (2.4, 4.0, "tiny2")], ids=["sure", "hardly better", "better"]
)
def test_a_doubtful_picture_is_shown_to_the_other_network_that_knows_the_stain(
    folder: Path, monkeypatch: pytest.MonkeyPatch, first: float, second: float, kept: str
) -> None:
    tiny = load_model(folder / "tiny.onnx")
    models = (tiny, replace(tiny, card=tiny.card.model_copy(update={"name": "tiny2", "sha256": {"onnx": "2"}})))
    expected = {models[0].card.sha256["onnx"]: first, "2": second}
    monkeypatch.setattr(separating, "models_for", lambda *_: iter(models))
    monkeypatch.setattr(separating, "_expected_right", lambda cell: expected[cell.models["separation"]])
    cell = pipeline.separate(255 - bars())
    assert len(cell.chromosomes) == 3
    assert cell.models["separation"] == models[kept == "tiny2"].card.sha256["onnx"]
    assert ("separated by tiny2, which is surer of this picture than tiny" in cell.notes) == (kept == "tiny2")


def test_a_real_negative_is_separated_by_the_network_that_knows_fluorescence(shared_data: Path) -> None:
    cell = mfish.read_cell(shared_data / "mfish", "V180408")
    plane = np.rint(cell.image * (255 / cell.image.max())).astype(np.uint8)
    negative = pipeline.separate(255 - plane)
    assert (negative.stain, len(negative.chromosomes)) == ("brightfield", 45)
    assert any("separated by separation_joint" in note for note in negative.notes)
    assert pipeline.separate(plane).stain == "fluorescence"
    real = next(iter(gband_cells.cells(shared_data / "gband_cells", "val")))
    assert not pipeline.separate(real.image).notes
