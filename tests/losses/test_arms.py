from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from karyokit.losses import PAIR_LOSSES
from karyokit.losses.arms import MODES, adaptive_weights, as_wbce, bce, log_ratios, wbce

SHARES = (0.95051, 0.01297, 0.02885, 0.00766)
"""Background, alpha, beta and overlap of the 2,432 public test masks (systems specification 1.1)."""
COUNTS = tuple(round(share * 1e6) for share in SHARES)

EVERY: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "bce": bce,
    "wbce": partial(wbce, weight=2.0),
    **{
        f"{mode} of the {scope}": partial(as_wbce, mode=mode, scope=scope, class_counts=COUNTS)
        for mode in MODES
        for scope in ("dataset", "batch")
    },
}


def example(dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(2, 4, 3, 5, generator=generator, dtype=dtype) * 3, torch.randint(0, 4, (2, 3, 5), generator=generator)


def test_published_shares_give_the_expected_weights() -> None:
    assert [round(weight, 3) for weight in adaptive_weights(COUNTS)] == [0.700, 1.627, 1.509, 1.704]


def test_real_masks_give_the_expected_weights(shared_data: Path) -> None:
    file = shared_data / "pommier" / "cleaned_test_labels.npz"
    if not file.is_file():
        pytest.skip(f"no masks at {file}")
    labels = np.load(file)["labels"]
    counts = [int(np.count_nonzero(labels == number)) for number in range(4)]
    assert [round(weight, 3) for weight in adaptive_weights(counts)] == [0.700, 1.627, 1.509, 1.704]
    assert [round(weight, 3) for weight in adaptive_weights(counts, decimals=2)] == [0.698, 1.627, 1.509, 1.704]


def test_weight_one_is_plain_cross_entropy() -> None:
    logits, labels = example()
    target = functional.one_hot(labels, 4).movedim(-1, 1).double()
    expected = functional.binary_cross_entropy_with_logits(logits, target)
    for loss in (bce(logits, labels), wbce(logits, labels, weight=1.0)):
        torch.testing.assert_close(loss, expected)
    weighted = functional.binary_cross_entropy_with_logits(logits, target, pos_weight=torch.tensor(1.3, dtype=torch.float64))
    torch.testing.assert_close(wbce(logits, labels, weight=1.3), weighted)


def test_balanced_classes_weigh_nothing() -> None:
    logits, _ = example()
    labels = torch.zeros(2, 3, 5, dtype=torch.int64)
    labels[1] = 1
    for mode in MODES:
        torch.testing.assert_close(as_wbce(logits[:, :2], labels, class_counts=(7, 7), mode=mode), bce(logits[:, :2], labels))


def test_modes_by_hand_on_one_pixel() -> None:
    """Logits 0 make every term log 2; class 1 is the rare one, Neg / Pos = 1000, so |l| = 1 for both."""
    logits, labels = torch.zeros(1, 2, 1, 1), torch.tensor([[[1]]])
    counts = (1000, 1)
    expected = {"author": 2 + 1, "printed_y": 2 + 1 / 2, "symmetric": 2 + 1 / (1 / 2)}
    for mode, total in expected.items():
        value = as_wbce(logits, labels, class_counts=counts, mode=mode)
        assert float(value) == pytest.approx(total * math.log(2) / 2, rel=1e-6)


def test_author_mode_is_a_weight_per_class() -> None:
    logits, labels = example()
    target = functional.one_hot(labels, 4).movedim(-1, 1).double()
    weights = torch.tensor(adaptive_weights(COUNTS), dtype=torch.float64).view(4, 1, 1)
    expected = functional.binary_cross_entropy_with_logits(logits, target, pos_weight=weights)
    torch.testing.assert_close(as_wbce(logits, labels, class_counts=COUNTS), expected)


@pytest.mark.parametrize("mode", MODES)
def test_batch_scope_is_the_data_set_of_that_batch(mode: str) -> None:
    logits, labels = example()
    counts = torch.bincount(labels.flatten(), minlength=4).tolist()
    torch.testing.assert_close(as_wbce(logits, labels, mode=mode, scope="batch"), as_wbce(logits, labels, mode=mode, class_counts=counts))


def test_absent_classes_are_clamped() -> None:
    ratios = log_ratios(torch.tensor([100.0, 0.0]))
    assert ratios.tolist() == pytest.approx([-math.log(100) / math.log(1000), math.log(100) / math.log(1000)])
    logits, labels = example()
    assert torch.isfinite(as_wbce(logits, labels * 0, scope="batch"))


@pytest.mark.parametrize("name", EVERY)
def test_gradients(name: str) -> None:
    logits, labels = example()
    assert torch.autograd.gradcheck(lambda z: EVERY[name](z, labels), logits.requires_grad_())


@pytest.mark.parametrize("name", EVERY)
def test_sure_answers_are_finite_and_right_ones_cost_nothing(name: str) -> None:
    _, labels = example()
    right = (functional.one_hot(labels, 4).movedim(-1, 1) * 2 - 1) * 200.0
    assert float(EVERY[name](right, labels)) == pytest.approx(0.0, abs=1e-6)
    wrong = EVERY[name](-right, labels)
    assert torch.isfinite(wrong)
    assert float(wrong) > 50


@pytest.mark.parametrize("name", EVERY)
def test_half_precision_is_raised(name: str) -> None:
    logits, labels = example(torch.float32)
    half = EVERY[name](logits.bfloat16(), labels)
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, EVERY[name](logits.bfloat16().float(), labels))


def test_registered_and_given_counts() -> None:
    assert PAIR_LOSSES["as_wbce"] is as_wbce
    logits, labels = example()
    with pytest.raises(ValueError, match="Count the labels of the training part, or use scope='batch'"):
        as_wbce(logits, labels)


def test_wrong_input() -> None:
    logits, labels = example()
    with pytest.raises(ValueError, match="`weight` must be positive"):
        wbce(logits, labels, weight=0.0)
    with pytest.raises(ValueError, match="Did you mean 'author'"):
        as_wbce(logits, labels, class_counts=COUNTS, mode="authors")
    with pytest.raises(ValueError, match="`scope` must be one of"):
        as_wbce(logits, labels, class_counts=COUNTS, scope="epoch")
    with pytest.raises(ValueError, match=r"`labels` must be \(n, rows, columns\) of the logits"):
        bce(logits, labels[:1])
