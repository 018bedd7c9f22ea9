from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

from karyokit.losses import PAIR_LOSSES
from karyokit.losses.classes import dice, inverse_frequency_weights, weighted_cross_entropy, weighted_dice

EQUAL = (1.0, 1.0, 1.0, 1.0)


def drawn(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(seed)
    return torch.randn(2, 4, 5, 6, dtype=torch.float64), torch.randint(4, (2, 5, 6))


def test_weights() -> None:
    assert inverse_frequency_weights([100, 100]) == (1.0, 1.0)
    weights = inverse_frequency_weights([95051, 1297, 2885, 766])
    assert sum(weights) == pytest.approx(4)
    assert weights[3] / weights[0] == pytest.approx(95051 / 766)
    with pytest.raises(ValueError, match="`class_counts` must be pixel counts, not all 0"):
        inverse_frequency_weights([0, 0])
    with pytest.raises(ValueError, match="`class_counts` must be"):
        inverse_frequency_weights([1, -1])


def test_equal_weights_change_nothing() -> None:
    logits, labels = drawn()
    torch.testing.assert_close(weighted_cross_entropy(logits, labels, weights=EQUAL), functional.cross_entropy(logits, labels))
    torch.testing.assert_close(weighted_dice(logits, labels, weights=EQUAL), dice(logits, labels))
    torch.testing.assert_close(weighted_dice(logits, labels, class_counts=(7, 7, 7, 7)), dice(logits, labels))


def test_weighted_cross_entropy_by_hand() -> None:
    logits = torch.tensor([[[[0.0, 0.0]], [[0.0, math.log(3)]]]])
    labels = torch.tensor([[[0, 1]]])
    expected = (3 * math.log(2) + 1 * math.log(4 / 3)) / 4
    assert weighted_cross_entropy(logits, labels, weights=(3.0, 1.0)).item() == pytest.approx(expected, rel=1e-6)


def test_dice_identities() -> None:
    _, labels = drawn()
    sure = functional.one_hot(labels, 4).movedim(-1, 1).float() * 80 - 40
    assert dice(sure, labels).item() == pytest.approx(0, abs=1e-6)
    never = functional.one_hot((labels + 1) % 4, 4).movedim(-1, 1).float() * 80 - 40
    assert dice(never, labels, smooth=0.0).item() == pytest.approx(1, abs=1e-6)
    other = torch.randint(4, labels.shape)
    answer = functional.one_hot(other, 4).movedim(-1, 1).float() * 80 - 40
    expected = [2 * ((labels == c) & (other == c)).sum() / ((labels == c).sum() + (other == c).sum()) for c in range(4)]
    assert dice(answer, labels, smooth=0.0).item() == pytest.approx(1 - float(torch.stack(expected).mean()), abs=1e-6)


def test_weighted_dice_counts_what_has_weight() -> None:
    labels = torch.tensor([[[0, 0, 1, 1]]])
    answer = torch.tensor([[[0, 0, 1, 0]]])
    sure = functional.one_hot(answer, 2).movedim(-1, 1).float() * 80 - 40
    assert weighted_dice(sure, labels, weights=(0.0, 2.0), smooth=0.0).item() == pytest.approx(1 - 2 / 3, abs=1e-6)
    assert weighted_dice(sure, labels, weights=(1.0, 0.0), smooth=0.0).item() == pytest.approx(1 - 4 / 5, abs=1e-6)


@pytest.mark.parametrize("name", ["weighted_cross_entropy", "dice", "weighted_dice"])
def test_gradients(name: str) -> None:
    logits, labels = drawn()
    options = {"weights": (1.0, 2.0, 3.0, 4.0)} if name.startswith("weighted") else {}
    small = logits[:1, :, :2, :2].clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: PAIR_LOSSES[name](x, labels[:1, :2, :2], **options), (small,))


@pytest.mark.parametrize("loss", [weighted_cross_entropy, weighted_dice])
def test_weights_must_be_known_and_fit(loss) -> None:  # type: ignore[no-untyped-def]
    logits, labels = drawn()
    with pytest.raises(ValueError, match="`weights` must be given where `class_counts` is not"):
        loss(logits, labels)
    with pytest.raises(ValueError, match="one value for each of 4 classes"):
        loss(logits, labels, weights=(1.0, 2.0))
