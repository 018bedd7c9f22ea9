from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from karyokit.chromosomes import Region
from karyokit.data.instance_samples import InstanceSample
from karyokit.networks import NETWORKS
from karyokit.reproduction.recipes import Variant, digest, recipe_of
from karyokit.reproduction.scales import SCALES
from karyokit.reproduction.scoring import FinishedRun
from karyokit.reproduction.scoring import instances as scoring
from karyokit.reproduction.scoring.instance_cases import outlined
from karyokit.reproduction.tables import read_system
from karyokit.training.recipe import validated
from karyokit.training.run import TASKS
from karyokit.training.tasks.instance_prediction import FoundInstances
from karyokit.training.tasks.instances import InstanceSettings, crop_options

SYSTEM = read_system("kemr")
ROWS = [(table, row) for table in SYSTEM.tables for row in table.rows if row.network]
PAPER = {
    "Mask R-CNN": (88.91, 75.12, 95.35, 87.15, 90.21),
    "BlendMask": (88.97, 76.09, 95.86, 87.67, 90.15),
    "Cascade Mask R-CNN": (91.42, 77.43, 97.47, 90.83, 95.19),
    "Ours (KEMR-Net)": (91.38, 78.78, 97.76, 91.95, 95.24),
}


def cross() -> InstanceSample:
    """Two bright bars that cross, and one alone."""
    masks = np.zeros((3, 60, 80), bool)
    masks[0, 20:28, 8:52], masks[1, 6:46, 26:34], masks[2, 40:50, 56:76] = True, True, True
    density = masks.sum(axis=0).astype(np.float16)
    regions = tuple(Region.from_mask(mask) for mask in masks)
    corners = [(r.column, r.row, r.column + r.crop.shape[1], r.row + r.crop.shape[0]) for r in regions]
    return InstanceSample("cross", (100 * density).astype(np.uint8), density, np.array(corners, np.float32), regions)


def eroded(sample: InstanceSample) -> FoundInstances:
    """The true masks a pixel too thin all around, and one detection more that is not sure."""
    probabilities = np.zeros((4, *sample.shape), np.float32)
    for number, region in enumerate(sample.known_regions()):
        row, column = region.row, region.column
        rows, columns = region.crop.shape
        probabilities[number, row : row + rows, column : column + columns] = 0.45
        probabilities[number, row + 1 : row + rows - 1, column + 1 : column + columns - 1] = 0.9
    probabilities[3, :10, :10] = 0.8
    boxes = np.array([*(region.bbox for region in sample.known_regions()), (0, 0, 10, 10)], float)
    return FoundInstances(probabilities, boxes, np.array([0.9, 0.8, 0.7, 0.1]))


def unchanged(_image: np.ndarray, _probabilities: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """A refinement that does nothing."""
    return masks


def settings(**changes) -> InstanceSettings:
    whole = {"train": [{"name": "mfish"}], "validate_on": {"name": "mfish"}, "test_on": {"name": "mfish"}, **changes}
    return validated(InstanceSettings, whole, "settings")


def test_the_table_of_the_paper() -> None:
    table = SYSTEM.tables[0]
    names = ("BoxAP", "MaskAP", "AP50", "AP75", "IA")
    assert {row.label: tuple(row.paper[name] for name in names) for row in table.rows} == PAPER
    assert [row.label for row in table.rows if not row.network] == ["BlendMask"]
    assert SYSTEM.row(SYSTEM.main)[1].settings["refine"]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(
    ("table", "row"), ROWS, ids=lambda value: getattr(value, "label", value.number if hasattr(value, "number") else "")
)
def test_every_row_has_a_recipe_whose_settings_and_network_are_known(scale: str, table, row) -> None:
    recipe = recipe_of(SYSTEM, table, row, fold=0, variant=Variant(scale))
    found = TASKS[recipe.task].read_settings(recipe.settings)
    assert found.test_on is not None
    assert crop_options(found).side % 64 == 0
    assert NETWORKS[recipe.network.name].task == "instances"
    assert recipe.network.options.get("width_mult", 1.0) == SCALES[scale]["instances"].width_mult


def test_the_paper_scale_keeps_its_number_of_updates_and_the_drops_inside_the_run() -> None:
    table, row = SYSTEM.row("Cascade Mask R-CNN")
    recipe = recipe_of(SYSTEM, table, row, fold=0, variant=Variant("paper"))
    assert (recipe.steps, recipe.batch, recipe.learning_rate, recipe.weight_decay) == (720 // 2 * 100, 2, 1e-3, 1e-4)
    assert [round(share * recipe.steps) for share in recipe.milestones] == [24_000, 33_000]


def test_rows_of_one_label_share_one_run() -> None:
    for scale in SCALES:
        found: dict[str, set[str]] = {}
        for table, row in ROWS:
            found.setdefault(row.label, set()).add(digest(recipe_of(SYSTEM, table, row, fold=0, variant=Variant(scale))))
        assert all(len(digests) == 1 for digests in found.values())
        assert len({next(iter(digests)) for digests in found.values()}) == len(found)


def test_every_column_of_every_table_is_measured() -> None:
    plain = scoring.score_samples(scoring.Scorer(settings(), {}), [cross()], eroded).figures
    refiners = {"": unchanged, "experience:": unchanged}
    refined = scoring.score_samples(scoring.Scorer(settings(), refiners), [cross()], eroded).figures
    for table in SYSTEM.tables:
        for row in (row for row in table.rows if row.network):
            measured = refined if row.settings.get("refine") else plain
            assert {column.metric for column in table.columns.values()} <= set(measured)


def test_cases_show_cells_and_crossings() -> None:
    scored = scoring.score_samples(scoring.Scorer(settings(), {}), [cross()], eroded)
    assert [case.group for case in scored.cases] == ["cells", "crossings"]
    assert all(case.rank == "best" for case in scored.cases)
    for case in scored.cases:
        assert len({panel.shape for _, panel in case.panels}) == 1
    assert scored.figures["ia"] == scored.figures["ia_crossing"] == scored.figures["ia_count"] == 1.0


def test_a_picture_without_detections_scores_nothing() -> None:
    nothing = FoundInstances(np.zeros((0, 60, 80), np.float32), np.zeros((0, 4)), np.zeros(0))
    refiners = {"": unchanged}
    figures = scoring.score_samples(scoring.Scorer(settings(), refiners), [cross()], lambda _: nothing).figures
    assert figures["mask_ap"] == figures["ia"] == figures["initial:ia_count"] == 0.0


def test_learnt_refinement_mends_thin_masks_and_is_kept_in_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "read_source", lambda *_: [cross()])
    choice = {"learn_on": {"name": "mfish"}, "examples": 3, "coarse": {"w1": [1.0, 3.0], "s_b": [15.0]}, "rounds": 1}
    run = FinishedRun(recipe=None, folder=tmp_path, data=tmp_path)  # type: ignore[arg-type]
    chosen = settings(refine=choice)
    refiners = scoring._refiners(run, chosen, eroded)
    figures = scoring.score_samples(scoring.Scorer(chosen, refiners), [cross()], eroded).figures
    assert figures["mask_ap"] >= figures["initial:mask_ap"]
    assert figures["boundary_iou"] > figures["initial:boundary_iou"]
    assert json.loads((tmp_path / "crf.json").read_text())["version"] == 1
    assert (tmp_path / "nk_dna").is_dir()


def test_examples_are_matches_only_and_no_more_than_asked_for() -> None:
    examples = scoring.examples_of([cross(), cross()], eroded, 4)
    assert len(examples) == 4
    assert all(example.iou(example.crop.mask) > 0.5 for example in examples)
    assert scoring.examples_of([], eroded, 4) == []


def test_pictures_stay_as_they_were_when_outlines_are_drawn() -> None:
    picture = np.zeros((60, 80, 3), np.uint8)
    drawn = outlined(picture, cross().known_regions()[0].to_mask((60, 80))[None])
    assert not picture.any()
    assert drawn[20, 8].any()
    assert not drawn[24, 20].any()
