"""Learning CRF parameters by gradient."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from karyokit.reconstruction.crf import CrfParameters, Example, InstanceCrop, RefineOptions, make_example, masks_to_probabilities
from karyokit.reconstruction.crf.mean_field import infer
from karyokit.reconstruction.crf.search import mean_iou
from karyokit.training.crf_learning import LEARNED, _sample, learn_by_gradient, soft_iou_loss, unrolled

OPTIONS = RefineOptions(backend="exact", min_iou=0.0, max_area_change=9.0)


@pytest.fixture
def example() -> Example:
    """A bar whose mask is a pixel too thin."""
    truth = np.zeros((24, 20), bool)
    truth[6:18, 6:14] = True
    picture = np.clip(50 + 100 * truth + np.random.default_rng(0).normal(size=truth.shape) * 5, 0, 255).astype(np.uint8)
    mask = ndimage.binary_erosion(truth)
    return make_example(picture, masks_to_probabilities(mask[None])[0], mask, truth=truth)


@pytest.mark.parametrize("changes", [{}, {"self_messages": True}, {"normalise": "none", "w1": 0.02, "w2": 0.01}])
def test_unrolled_steps_are_those_of_the_exact_backend(example: Example, changes: dict[str, object]) -> None:
    parameters = CrfParameters(s_a=5.0).changed(**changes)
    values = torch.tensor([getattr(parameters, name) for name in LEARNED], dtype=torch.float64)
    found = unrolled(_sample(example, parameters.clip), values, parameters).reshape(example.crop.mask.shape).numpy()
    exact = infer(example.crop.probability, example.crop.image, parameters=parameters, backend="exact")
    np.testing.assert_allclose(found, exact, atol=1e-6)


def test_gradient_of_the_unrolled_steps(example: Example) -> None:
    crop = example.crop
    part = (slice(3, 9), slice(3, 9))
    small = Example(
        InstanceCrop(part, *(plane[part] for plane in (crop.image, crop.probability, crop.mask, crop.others))), example.truth[part], 9
    )
    sample, parameters = _sample(small, 0.02), CrfParameters(iterations=3)
    values = torch.tensor([1.0, 0.5, 3.0, 20.0, 1.5], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda free: soft_iou_loss(unrolled(sample, free, parameters), sample.truth), values)


@pytest.mark.slow  # the first optimiser of a process takes seconds to import
def test_learning_improves_an_eroded_mask_and_is_deterministic(example: Example) -> None:
    start = CrfParameters(w1=0.3, w2=0.3, s_a=3.0)
    losses: list[float] = []
    found = learn_by_gradient([example], start=start, steps=10, rate=0.5, report=lambda _, loss: losses.append(loss))
    assert min(losses) < losses[0] - 0.05
    assert mean_iou([example], found, OPTIONS) > mean_iou([example], start, OPTIONS)
    assert learn_by_gradient([example], start=start, steps=10, rate=0.5) == found


def test_refuses() -> None:
    with pytest.raises(ValueError, match="`examples` must"):
        learn_by_gradient([])
    large = np.zeros((80, 80), bool)
    large[5:70, 5:70] = True
    with pytest.raises(ValueError, match="79 x 79"):
        learn_by_gradient([make_example(large * 9.0, large * 1.0, large, truth=large)])
