from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from karyokit.chromosomes import Region
from karyokit.data import instance_samples
from karyokit.data.instance_samples import InstanceSample
from karyokit.networks import build_network
from karyokit.networks.blocks.instance_records import Detections
from karyokit.training.recipe import validated
from karyokit.training.tasks.instance_prediction import find_instances
from karyokit.training.tasks.instances import InstanceSettings, InstanceTask, instance_loss

TINY = {"backbone": "resnet10", "width_mult": 1 / 8, "anchors": {"proposals": (50, 30)}, "heads": {"samples": 16}}


def one_bar(_data: str, split: str, *, empty: bool = False) -> Sequence[InstanceSample]:
    density = np.zeros((70, 90), np.float16)
    density[20:30, 15:60] = 1
    regions = () if empty else (Region(20, 15, np.ones((10, 45), bool)),)
    boxes = np.array([[15, 20, 60, 30]], np.float32)[: len(regions)]
    return [InstanceSample(split, density, density, boxes, regions)]


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> InstanceTask:
    monkeypatch.setitem(instance_samples.INSTANCE_SOURCES, "bar", one_bar)
    whole = {
        "train": [{"name": "bar"}, {"name": "bar", "share": 0.5, "options": {"empty": True}}],
        "validate_on": {"name": "bar"},
        "crop": {"side": 64},
    }
    return InstanceTask(validated(InstanceSettings, whole, "settings"), "")


class Perfect(torch.nn.Module):
    """Answers with the bar, as a network of the given magnification would."""

    def __init__(self, magnify: float) -> None:
        super().__init__()
        self.here = torch.nn.Parameter(torch.zeros(1))
        self.magnify = magnify

    def forward(self, pictures: torch.Tensor) -> list[Detections]:
        assert pictures.shape == (1, 1, round(70 * self.magnify), round(90 * self.magnify))
        box = torch.tensor([[15.0, 20.0, 60.0, 30.0]]) * self.magnify
        return [Detections(box, torch.tensor([0.9]), torch.ones(1, dtype=torch.int64), torch.ones(1, 28, 28))]


@pytest.mark.parametrize("magnify", [0.5, 1.0, 2.0])
def test_answers_come_back_in_the_pixels_of_the_picture(magnify: float) -> None:
    sample = one_bar("", "val")[0]
    found = find_instances(Perfect(magnify), sample.density, magnify=magnify)
    assert found.boxes.tolist() == [[15, 20, 45, 10]]
    assert np.array_equal(found.masks()[0], sample.regions[0].to_mask((70, 90)))


def test_a_perfect_network_scores_one(task: InstanceTask) -> None:
    figures = task.validate(Perfect(1.0))
    assert figures[task.better] == pytest.approx(1.0)
    assert figures["ia"] == 1.0


def test_batches_with_and_without_objects_can_be_learnt_from(task: InstanceTask) -> None:
    torch.manual_seed(0)
    network = build_network("cascade_mask_rcnn", **TINY).train()
    (update,) = task.updates(network)
    assert update.name == "loss"
    counts = set()
    for seed in range(4):
        batch = task.batch(np.random.default_rng(seed), 2)
        assert batch["pictures"].shape == (2, 1, 64, 64)
        counts |= {len(boxes) for boxes in batch["boxes"]}
        loss = instance_loss(network, batch)
        loss.backward()
        assert torch.isfinite(loss)
    assert counts == {0, 1}


def test_the_same_generator_gives_the_same_batch(task: InstanceTask) -> None:
    first, second = (task.batch(np.random.default_rng(5), 3) for _ in range(2))
    assert torch.equal(first["pictures"], second["pictures"])
    assert all(torch.equal(a, b) for a, b in zip(first["boxes"], second["boxes"], strict=True))


def test_unknown_source_and_option_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: dict = {"train": [{"name": "mfishh"}], "validate_on": {"name": "mfish"}}
    with pytest.raises(ValueError, match="mean 'mfish'"):
        InstanceTask(validated(InstanceSettings, wrong, "settings"), "")
    monkeypatch.setitem(instance_samples.INSTANCE_SOURCES, "bar", one_bar)
    wrong = {"train": [{"name": "bar"}], "validate_on": {"name": "bar"}, "crop": {"sidee": 9}}
    with pytest.raises(ValueError, match="mean 'side'"):
        InstanceTask(validated(InstanceSettings, wrong, "settings"), "")
