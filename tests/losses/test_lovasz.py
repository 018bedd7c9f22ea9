from __future__ import annotations

import numpy as np
import pytest
import torch

from karyokit.losses.lovasz import jaccard_slope, lovasz_of_probabilities, lovasz_softmax


def sure(labels: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.one_hot(labels, 4).movedim(-1, 1).float() * 80 - 40


def by_brute_force(errors: np.ndarray, truth: np.ndarray) -> float:
    """Lovasz extension from its definition: error by error, the growth of 1 - IoU of the set of wrong pixels."""
    order, wrong, before, total = np.argsort(-errors, kind="stable"), np.zeros(len(truth), bool), 0.0, 0.0
    for pixel in order:
        wrong[pixel] = True
        found = truth ^ wrong
        union = np.count_nonzero(truth | found)
        now = 1 - np.count_nonzero(truth & found) / union if union else 0.0
        total, before = total + errors[pixel] * (now - before), now
    return total


def test_perfect_is_zero() -> None:
    labels = torch.tensor([[[0, 1], [2, 3]]])
    assert lovasz_softmax(sure(labels), labels).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_sure_answers_cost_one_minus_iou(seed: int) -> None:
    torch.manual_seed(seed)
    labels, answer = torch.randint(4, (2, 2, 5, 5))
    iou = [float(((labels == c) & (answer == c)).sum() / ((labels == c) | (answer == c)).sum()) for c in range(4)]
    assert lovasz_softmax(sure(answer), labels).item() == pytest.approx(1 - np.mean(iou), abs=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_like_the_definition(seed: int) -> None:
    torch.manual_seed(seed)
    labels, logits = torch.randint(4, (2, 2, 3)), torch.randn(2, 4, 2, 3, dtype=torch.float64)
    probabilities = torch.softmax(logits, 1)
    expected = []
    for c in range(4):
        truth = (labels == c).numpy().ravel()
        expected.append(by_brute_force(np.abs(truth - probabilities[:, c].numpy().ravel()), truth))
    assert lovasz_softmax(logits, labels).item() == pytest.approx(np.mean(expected), rel=1e-9)


def test_absent_classes() -> None:
    labels = torch.zeros(1, 1, 2, dtype=torch.int64)
    probabilities = torch.tensor([[[[0.9, 0.6]], [[0.1, 0.2]], [[0.0, 0.2]], [[0.0, 0.0]]]])
    background = 0.5 * 0.4 + 0.5 * 0.1
    assert lovasz_of_probabilities(probabilities, labels, classes="present").item() == pytest.approx(background)
    assert lovasz_of_probabilities(probabilities, labels).item() == pytest.approx((background + 0.2 + 0.2 + 0.0) / 4)


def test_slopes_sum_to_one() -> None:
    truth = (torch.rand(4, 50) > 0.5).double()
    torch.testing.assert_close(jaccard_slope(truth).sum(1), torch.ones(4, dtype=torch.float64))


def test_gradients() -> None:
    torch.manual_seed(0)
    labels, logits = torch.randint(4, (1, 2, 3)), torch.randn(1, 4, 2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: lovasz_softmax(x, labels), (logits,))


def test_the_batch_is_one_set() -> None:
    torch.manual_seed(0)
    labels, logits = torch.randint(4, (2, 3, 3)), torch.randn(2, 4, 3, 3)
    apart = (lovasz_softmax(logits[:1], labels[:1]) + lovasz_softmax(logits[1:], labels[1:])) / 2
    side_by_side = lovasz_softmax(torch.cat([*logits], -1)[None], torch.cat([*labels], -1)[None])
    assert lovasz_softmax(logits, labels).item() == pytest.approx(side_by_side.item(), rel=1e-5)
    assert lovasz_softmax(logits, labels).item() != pytest.approx(apart.item(), rel=1e-4)


def test_no_pixel_and_wrong_input() -> None:
    assert lovasz_softmax(torch.zeros(0, 4, 2, 2), torch.zeros(0, 2, 2, dtype=torch.int64)).item() == 0
    assert lovasz_softmax(torch.zeros(1, 4, 2, 2, dtype=torch.bfloat16), torch.zeros(1, 2, 2, dtype=torch.int64)).dtype == torch.float32
    with pytest.raises(ValueError, match="`labels` must have the shape"):
        lovasz_softmax(torch.zeros(1, 4, 2, 2), torch.zeros(1, 4, 2, 2))
    with pytest.raises(ValueError, match="Did you mean 'present'"):
        lovasz_softmax(torch.zeros(1, 4, 2, 2), torch.zeros(1, 2, 2, dtype=torch.int64), classes="presnt")
