from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

from karyokit.losses.focal import focal, mixed_weight_focal, one_vs_rest_focal, softmax_focal


def logit(p: float) -> float:
    return math.log(p / (1 - p))


@pytest.fixture
def maps() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 4, 3, 5, generator=generator, dtype=torch.float64)
    return logits, (torch.rand(2, 4, 3, 5, generator=generator) > 0.5).double()


def test_without_focus_it_is_half_the_cross_entropy(maps: tuple[torch.Tensor, torch.Tensor]) -> None:
    torch.testing.assert_close(focal(*maps, alpha=0.5, gamma=0), functional.binary_cross_entropy_with_logits(*maps) / 2)


def test_by_hand() -> None:
    logits = torch.tensor([[[[logit(0.8), logit(0.3)]]]])
    target = torch.tensor([[[[1.0, 0.0]]]])
    expected = (0.25 * 0.2**2 * -math.log(0.8) + 0.75 * 0.3**2 * -math.log(0.7)) / 2
    assert float(focal(logits, target)) == pytest.approx(expected, rel=1e-6)


def test_one_alpha_per_channel_by_hand() -> None:
    logits = torch.full((1, 2, 1, 1), logit(0.8))
    target = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1)
    expected = (0.9 * 0.2 * -math.log(0.8) + 0.4 * 0.8 * -math.log(0.2)) / 2
    assert float(focal(logits, target, alpha=[0.9, 0.6], gamma=1.0)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
def test_gradients(maps: tuple[torch.Tensor, torch.Tensor], gamma: float) -> None:
    logits, target = maps[0].clone().requires_grad_(), maps[1]
    labels = target.argmax(1)
    assert torch.autograd.gradcheck(lambda z: focal(z, target, alpha=[0.1, 0.25, 0.5, 0.75], gamma=gamma, clamp=1e-5), (logits,))
    assert torch.autograd.gradcheck(lambda z: one_vs_rest_focal(z, labels, gamma=gamma), (logits,))
    assert torch.autograd.gradcheck(lambda z: softmax_focal(z, labels, gamma=gamma), (logits,))
    assert torch.autograd.gradcheck(lambda z: mixed_weight_focal(z, target[:, :2], gamma=gamma), (logits[:, :2].detach().requires_grad_(),))


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_extreme_logits_stay_finite(gamma: float) -> None:
    logits = torch.tensor([200.0, -200.0, 200.0, -200.0]).view(1, 4, 1, 1).requires_grad_()
    target = torch.tensor([1.0, 0.0, 0.0, 1.0]).view(1, 4, 1, 1)
    total = focal(logits, target, gamma=gamma) + softmax_focal(logits, torch.zeros(1, 1, 1, dtype=torch.int64), gamma=gamma)
    total.backward()
    assert torch.isfinite(total)
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def test_perfect_maps_cost_nothing(maps: tuple[torch.Tensor, torch.Tensor]) -> None:
    target = maps[1]
    assert float(focal(80 * target - 40, target)) == pytest.approx(0.0, abs=1e-12)
    labels = target.argmax(1)
    sure = 80.0 * functional.one_hot(labels, 4).movedim(-1, 1) - 40
    assert float(one_vs_rest_focal(sure, labels)) == pytest.approx(0.0, abs=1e-12)
    assert float(softmax_focal(sure, labels)) == pytest.approx(0.0, abs=1e-12)


def test_focus_lowers_sure_pixels_more() -> None:
    target = torch.ones(1, 1, 1, 1)
    sure, unsure = torch.full((1, 1, 1, 1), logit(0.9)), torch.full((1, 1, 1, 1), logit(0.6))
    ratios = [float(focal(sure, target, gamma=g) / focal(unsure, target, gamma=g)) for g in (0.0, 1.0, 2.0)]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[2] == pytest.approx(ratios[0] * (0.1 / 0.4) ** 2, rel=1e-5)


def test_one_vs_rest_is_the_mean_over_pixels_and_classes(maps: tuple[torch.Tensor, torch.Tensor]) -> None:
    logits, labels = maps[0], maps[1].argmax(1)
    single = [focal(logits[:, c : c + 1], (labels == c).double()[:, None]) for c in range(4)]
    torch.testing.assert_close(one_vs_rest_focal(logits, labels), torch.stack(single).mean())


def test_softmax_reading_without_focus_is_cross_entropy(maps: tuple[torch.Tensor, torch.Tensor]) -> None:
    logits, labels = maps[0], maps[1].argmax(1)
    torch.testing.assert_close(softmax_focal(logits, labels, gamma=0), functional.cross_entropy(logits, labels))
    halved = softmax_focal(logits, labels, gamma=1.0, alpha=[0.5] * 4)
    torch.testing.assert_close(halved, softmax_focal(logits, labels, gamma=1.0) / 2)


def test_mixed_weight_by_hand() -> None:
    logits = torch.tensor([logit(0.6), logit(0.1)]).view(1, 2, 1, 1)  # foreground, crossing
    target = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1)
    expected = 0.7 * 0.25 * 0.1 * -math.log(0.9) + 0.3 * 0.75 * 0.4 * -math.log(0.6)
    assert float(mixed_weight_focal(logits, target)) == pytest.approx(expected, rel=1e-5)


def test_clamp_holds_the_probability() -> None:
    far = torch.full((1, 2, 1, 1), -50.0, requires_grad=True)
    value = mixed_weight_focal(far, torch.ones(1, 2, 1, 1))
    assert value.item() == pytest.approx(0.75 * (1 - 1e-5) * -math.log(1e-5), rel=1e-4)
    value.backward()
    assert far.grad is not None
    assert (far.grad == 0).all()


def test_half_precision_is_raised(maps: tuple[torch.Tensor, torch.Tensor]) -> None:
    logits, labels = maps[0].bfloat16(), maps[1].argmax(1)
    assert one_vs_rest_focal(logits, labels).dtype == torch.float32
    torch.testing.assert_close(one_vs_rest_focal(logits, labels), one_vs_rest_focal(logits.float(), labels))


def test_wrong_input(maps: tuple[torch.Tensor, torch.Tensor]) -> None:
    logits, target = maps
    with pytest.raises(ValueError, match="`target` must have the shape"):
        focal(logits, target[:, :1])
    with pytest.raises(ValueError, match="`alpha` must be one number or 4"):
        focal(logits, target, alpha=[0.5, 0.5])
    with pytest.raises(ValueError, match="`alpha` must lie in"):
        focal(logits, target, alpha=1.5)
    with pytest.raises(ValueError, match="`gamma` must lie in"):
        focal(logits, target, gamma=-1.0)
    with pytest.raises(ValueError, match="`gamma` must lie in"):
        softmax_focal(logits, target.argmax(1), gamma=-1.0)
    with pytest.raises(ValueError, match="`clamp` must lie in"):
        focal(logits, target, clamp=0.6)
    with pytest.raises(ValueError, match="`balance` must lie in"):
        mixed_weight_focal(logits[:, :2], target[:, :2], balance=2.0)
    with pytest.raises(ValueError, match="`logits` must have 2 channels"):
        mixed_weight_focal(logits, target)
