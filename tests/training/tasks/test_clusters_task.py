from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from karyokit.data.chromseg import ClusterPicture
from karyokit.losses.focal import focal, mixed_weight_focal
from karyokit.training.recipe import validated
from karyokit.training.tasks import clusters as module
from karyokit.training.tasks.clusters import ClusterSettings, ClusterTask, cluster_tensors, network_input, predicted_maps, turned


def bars(count: int, side: int = 32) -> tuple[ClusterPicture, ...]:
    """White pictures with a bar to the left of the middle, whose upper end is a crossing."""
    found = []
    for number in range(count):
        foreground = np.zeros((side, side), bool)
        foreground[6 : side - 6, 8 + number % 4 : 12 + number % 4] = True
        overlap = foreground.copy()
        overlap[12:] = False
        image = np.repeat(np.where(overlap, 40, np.where(foreground, 140, 255)).astype(np.uint8)[:, :, None], 3, axis=2)
        found.append(ClusterPicture(str(number), image, foreground, overlap))
    return tuple(found)


class Reading(nn.Module):
    """Reads the maps off the grey values: below -0.4 a crossing, below 0.5 foreground."""

    def __init__(self, channels: tuple[int, ...] = (0, 1)) -> None:
        super().__init__()
        self.channels = channels
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        grey = x.mean(dim=1, keepdim=True)
        return self.weight * 100 * torch.cat([0.5 - grey, -0.4 - grey], dim=1)[:, self.channels]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Makes a task over bars."""
    monkeypatch.setattr(module, "cluster_pictures", lambda _source, _data, part: bars({"train": 6, "val": 3}[part]))
    return lambda **settings: ClusterTask(ClusterSettings(**settings), str(Path()))


def test_input_is_scaled_as_the_authors_do() -> None:
    images = torch.tensor([0, 51, 255], dtype=torch.uint8).view(1, 1, 1, 3).expand(2, 3, 1, 3)
    for inputs in (1, 3):
        found = network_input(images, ClusterSettings(inputs=inputs))
        assert found.shape == (2, inputs, 1, 3)
        assert found[0, 0, 0].tolist() == pytest.approx([-1.0, -0.6, 1.0])


def test_without_turns_a_batch_is_the_pictures(make) -> None:  # type: ignore[no-untyped-def]
    task = make(rotation=0, flips=False)
    assert task.samples == 6
    pictures, maps = task.take(np.array([4, 1]), np.random.default_rng(0))
    images, truth = cluster_tensors(bars(6))
    assert torch.allclose(pictures, network_input(images[[4, 1]], task.settings), atol=1e-5)
    assert torch.equal(maps > 0.5, truth[[4, 1]])


@pytest.mark.parametrize(("maps", "channels"), [("both", 2), ("foreground", 1), ("crossing", 1)])
def test_turned_maps_stay_with_their_picture(make, maps: str, channels: int) -> None:  # type: ignore[no-untyped-def]
    task = make(maps=maps)
    pictures, targets = task.take(np.arange(6), np.random.default_rng(3))
    assert (pictures.shape, targets.shape) == ((6, 3, 32, 32), (6, channels, 32, 32))
    grey = pictures.mean(dim=1, keepdim=True)
    assert set(targets.unique().tolist()) == {0.0, 1.0}
    assert pictures.max() <= 1 + 1e-5
    assert pictures[:, :, 0, 0].min() > 0.99  # white comes in from outside
    assert grey[targets[:, :1] > 0].mean() < grey[targets[:, :1] == 0].mean() - 0.5


def test_turns_stay_within_thirty_degrees_and_mirrors_come_in_four() -> None:
    image = torch.full((400, 1, 33, 33), 1.0)
    maps = torch.zeros(400, 1, 33, 33)
    maps[:, :, 16, 20:31] = 1
    _, found = turned(image, maps, np.random.default_rng(0), ClusterSettings())
    rows, columns = np.array([np.argwhere(plane[0].numpy() > 0).mean(axis=0) - 16 for plane in found]).T
    angles = np.rad2deg(np.arctan2(rows, np.abs(columns)))
    assert 25 < np.abs(angles).max() < 33
    assert (columns > 0).mean() == pytest.approx(0.5, abs=0.1)


def test_the_loss_is_the_mixed_weight_focal_loss(make) -> None:  # type: ignore[no-untyped-def]
    logits, target = torch.randn(2, 2, 4, 4), (torch.rand(2, 2, 4, 4) > 0.5).float()
    expected = mixed_weight_focal(logits, target, balance=0.5, alpha=0.25, gamma=2.0)
    assert make(balance=0.5, alpha=0.25, gamma=2.0).loss(logits, target) == expected
    single = make(maps="crossing").loss(logits[:, :1], target[:, :1])
    assert single == focal(logits[:, :1], target[:, :1], alpha=0.75, gamma=1.0, clamp=1e-5)


def test_loss_by_hand(make) -> None:  # type: ignore[no-untyped-def]
    """At p = 0.5: 0.75 * 0.5 * ln 2 where positive, a third of it where negative; lambda weighs the crossing."""
    target = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1)
    value = float(make().loss(torch.zeros(1, 2, 1, 1), target))
    assert value == pytest.approx(np.log(2) * 0.5 * (0.3 * 0.75 + 0.7 * 0.25))


@pytest.mark.parametrize(
    ("maps", "channels", "expected"), [("both", (0, 1), (1, 1)), ("crossing", (1,), (1, 0)), ("foreground", (0,), (0, 1))]
)
def test_validation_gives_iou_per_picture(make, maps: str, channels: tuple, expected: tuple) -> None:  # type: ignore[no-untyped-def]
    task = make(maps=maps)
    with torch.no_grad():
        figures = task.validate(Reading(channels))
    assert (figures["iou_overlap"], figures["iou_foreground"]) == expected
    assert 0 <= figures["val_loss"] < 0.1


def test_predicted_maps_of_one_map_leave_the_other_open() -> None:
    pictures = bars(3)
    maps = predicted_maps(Reading((1,)).eval(), pictures, ClusterSettings(maps="crossing"))
    assert np.isnan(maps[:, 0]).all()
    assert np.array_equal(maps[:, 1] > 0.5, np.stack([picture.overlap for picture in pictures]))
    assert predicted_maps(Reading().eval(), [], ClusterSettings()).shape == (0, 2, 0, 0)


def test_updates_train_all_parameters_and_limits_hold(make) -> None:  # type: ignore[no-untyped-def]
    task, network = make(limit=2), Reading()
    (update,) = task.updates(network)
    assert task.samples == 2
    loss = update.loss(task.batch(np.random.default_rng(0), 3))
    loss.backward()
    assert network.weight.grad is not None
    assert update.parameters == [network.weight]


def test_wrong_settings() -> None:
    for table in ({"maps": "all"}, {"balance": 1.5}, {"rotation": -1}, {"sources": "mfish"}):
        with pytest.raises(ValueError, match=next(iter(table))):
            validated(ClusterSettings, table, "settings")
