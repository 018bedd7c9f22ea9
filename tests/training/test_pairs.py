from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from karyokit.metrics.pixels import DECISIONS
from karyokit.networks.test_time_augmentation import VIEWS
from karyokit.training.loop import Trainer
from karyokit.training.recipe import Recipe
from karyokit.training.run import TASKS, best_network, train, wrapped_network
from karyokit.training.task import FiniteTask
from karyokit.training.tasks.adversarial import AdversarialPair
from karyokit.training.tasks.augmentation import augmented
from karyokit.training.tasks.pairs import PairSettings, PairTask, decide, network_input, predicted_probabilities
from karyokit.training.tasks.pairs_data import LABELS, PairData, pair_parts, pair_set, with_validation

TINY = {"name": "arms_unet", "options": {"width_mult": 1 / 32}}


def settings(cache: Path, **changes: Any) -> dict[str, Any]:
    return {"cache": str(cache), "split": "pair_disjoint", "labels": "truth", "limits": (6, 2, 2), **changes}


def recipe(cache: Path, task: str = "pairs", **changes: Any) -> Recipe:
    values = {"name": task, "task": task, "network": TINY, "settings": settings(cache), "steps": 4, "batch": 2, "validate_every": 2}
    return Recipe.model_validate({**values, "checkpoint_every": 1, "average": 0.0, **changes})


def start(chosen: Recipe, folder: Path) -> Trainer:
    task = TASKS[chosen.task].build(chosen.settings, ".")
    return Trainer(chosen, wrapped_network(chosen, task), task, folder)


@pytest.mark.parametrize("task", ["pairs", "adversarial"])
def test_a_killed_run_resumes_to_the_same_weights(task: str, pairs_cache: Path, tmp_path: Path) -> None:
    chosen = recipe(pairs_cache, task, settings=settings(pairs_cache, augment=True))
    whole = start(chosen, tmp_path / "whole").run()
    start(chosen, tmp_path / "cut").run(until=3)
    resumed = start(chosen, tmp_path / "cut").run()
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(value, resumed.state_dict()[name], rtol=0, atol=0)


def test_an_epoch_takes_every_sample_once(pairs_cache: Path, tmp_path: Path) -> None:
    trainer = start(recipe(pairs_cache, steps=0, epochs=2, batch=4), tmp_path)
    assert isinstance(trainer.task, FiniteTask)
    assert trainer.recipe.steps == 4
    sizes, seen = [], []
    for step in range(2):
        trainer.step = step
        images, _ = trainer._batch()
        sizes.append(len(images))
        seen += [float(picture.sum()) for picture in images]
    everything = network_input(trainer.task.train[0], trainer.task.settings)
    assert sizes == [4, 2]
    assert sorted(seen) == pytest.approx(sorted(float(picture.sum()) for picture in everything))


def test_each_update_moves_its_own_player(pairs_cache: Path, tmp_path: Path) -> None:
    trainer = start(recipe(pairs_cache, "adversarial"), tmp_path)
    pair = trainer.network
    assert isinstance(pair, AdversarialPair)
    judge, generator = trainer.updates
    assert (judge.name, generator.name) == ("discriminator_loss", "loss")
    batch = trainer._batch()
    before = {name: value.clone() for name, value in pair.named_parameters()}
    trainer._update(judge, trainer.optimizers[0], batch, 0.01, weight=1.0)
    moved = {name.split(".")[0] for name, value in pair.named_parameters() if not torch.equal(value, before[name])}
    assert moved == {"discriminator"}
    middle = {name: value.clone() for name, value in pair.named_parameters()}
    trainer._update(generator, trainer.optimizers[1], batch, 0.01, weight=1.0)
    moved = {name.split(".")[0] for name, value in pair.named_parameters() if not torch.equal(value, middle[name])}
    assert moved == {"generator"}


def test_of_an_adversarial_run_the_generator_is_kept(pairs_cache: Path, tmp_path: Path) -> None:
    chosen = recipe(pairs_cache, "adversarial", steps=2)
    trainer = train(chosen, tmp_path, data=tmp_path)
    network, stored = best_network(chosen, tmp_path)
    x = torch.rand(1, 1, 32, 32)
    torch.testing.assert_close(network(x), trainer.averaged(x))
    assert set(stored["figures"]) == {"val_loss", "iou", "mean_iou"}
    assert {"loss", "discriminator_loss"} <= set(trainer.history.rows[0])


def test_training_lowers_the_loss(pairs_cache: Path, tmp_path: Path) -> None:
    trainer = start(recipe(pairs_cache, steps=30, validate_every=10, learning_rate=0.02, warmup=0), tmp_path)
    trainer.run()
    losses = [row["loss"] for row in trainer.history.rows]
    assert losses[-1] < 0.7 * losses[0]


def test_a_run_ends_when_it_stops_gaining(pairs_cache: Path, tmp_path: Path) -> None:
    chosen = recipe(pairs_cache, steps=40, validate_every=1, learning_rate=1e-12, patience=2, settings=settings(pairs_cache, better="iou"))
    trainer = start(chosen, tmp_path)
    trainer.run()
    assert trainer.step < 40
    again = start(chosen, tmp_path)
    again.run()
    assert again.step == trainer.step


def test_a_loss_that_is_no_number_is_told(pairs_cache: Path, tmp_path: Path) -> None:
    trainer = start(recipe(pairs_cache), tmp_path)
    with torch.no_grad():
        next(iter(trainer.network.parameters())).fill_(float("nan"))
    with pytest.raises(FloatingPointError, match="`loss` must be finite"):
        trainer.run()


def test_weights_by_class_come_from_the_training_part(pairs_cache: Path) -> None:
    task = PairTask(PairSettings.model_validate(settings(pairs_cache, loss="as_wbce")), ".")
    assert task.counts.sum() == 6 * 128 * 128
    assert task.loss.keywords["class_counts"] == tuple(task.counts)  # type: ignore[attr-defined]


@pytest.mark.parametrize("split", ["pair_disjoint", "chrom_disjoint"])
def test_validation_shares_no_pair_with_training(split: str, pairs_cache: Path) -> None:
    from karyokit.data.pair_splits import split_pairs

    choice = PairData(split=split, cache=str(pairs_cache))
    _, _, ids = pair_set(Path(), choice)
    parts = with_validation(split_pairs(split, ids)[0], ids, choice)
    pairs = [set(ids.pair[part]) for part in (parts.train, parts.val, parts.test)]
    assert all(pairs)
    assert not pairs[0] & pairs[1]
    assert not pairs[0] & pairs[2]
    assert not pairs[1] & pairs[2]


@pytest.mark.parametrize("labels", LABELS)
def test_all_labels_are_0_to_3_and_padded(labels: str, pairs_cache: Path) -> None:
    parts = pair_parts(Path(), PairData(cache=str(pairs_cache), split="amfl_repo", labels=labels, limits=(2, 1, 1)))
    assert parts.train.images.shape == parts.train.labels.shape == (2, 128, 128)
    assert set(np.unique(parts.train.labels)) == {0, 1, 2, 3}


def test_wrong_choices_are_named(pairs_cache: Path) -> None:
    for wrong, message in (
        ({"split": "tuesday"}, "`split`"),
        ({"labels": "red"}, "`labels`"),
        ({"padding": "soft"}, "`padding`"),
        ({"fold": 7}, "`fold` must be"),
        ({"value_range": "wide"}, "`value_range`"),
        ({"views": ("above",)}, "`view`"),
        ({"loss": "none"}, "`loss`"),
    ):
        with pytest.raises(ValueError, match=message):
            PairTask(PairSettings.model_validate(settings(pairs_cache, **wrong)), ".").take(np.array([0]), np.random.default_rng(0))


def test_augmentation_moves_picture_and_labels_together() -> None:
    labels = torch.zeros(8, 64, 64, dtype=torch.long)
    labels[:, 20:44, 28:36] = 2
    images, moved = augmented((labels[:, None] > 0).float(), labels, np.random.default_rng(0))
    agreement = ((images[:, 0] > 0.5) == (moved > 0)).float().mean()
    assert agreement > 0.99
    assert set(moved.unique().tolist()) == {0, 2}
    assert moved.sum((1, 2)).unique().numel() > 1


@pytest.mark.parametrize("decision", DECISIONS)
def test_decisions_agree_with_the_metrics(decision: str) -> None:
    probabilities = torch.rand(3, 4, 5, 6, generator=torch.Generator().manual_seed(0))
    ours = decide(probabilities, decision).numpy()
    np.testing.assert_array_equal(ours, np.stack([DECISIONS[decision](picture) for picture in probabilities.numpy()]))


class Shifted(nn.Module):
    """Logits that are the picture itself, one pixel to the right."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        return self.scale * x.roll(1, 3).expand(-1, 4, -1, -1)


def test_views_go_there_and_back() -> None:
    picture = torch.rand(2, 1, 6, 6)
    for view in VIEWS.values():
        torch.testing.assert_close(view.back(view.there(picture)), picture)
    images = np.random.default_rng(0).integers(0, 256, (2, 6, 6)).astype(np.int16)
    chosen = PairSettings(activation="none", views=("same", "columns"))
    found = np.stack(list(predicted_probabilities(Shifted(), images, chosen)))
    wanted = (np.roll(images, 1, 2) + np.roll(images, -1, 2)) / 2 / 255
    np.testing.assert_allclose(found[:, 3], wanted, atol=1e-6)
