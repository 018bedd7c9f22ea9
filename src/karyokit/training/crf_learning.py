"""CRF parameters learned by gradient through the unrolled steps of the exact field, on small crops.

The derivative-free search of ``reconstruction.crf`` is the usual way; this one moves all weights and scales at once. Source: spec 6.2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from karyokit.checks import problem, require_nonempty
from karyokit.reconstruction.crf import CrfParameters, Example
from karyokit.reconstruction.crf.exact import MOST_PIXELS, squared_distances

LEARNED = ("w1", "w2", "s_a", "s_b", "s_g")


@dataclass(frozen=True, eq=False)
class _Sample:
    """Tensors of one example: (n, n) squared distances in space and colour, (n,) log odds and truth."""

    far: Tensor
    foreign: Tensor
    odds: Tensor
    truth: Tensor


def learn_by_gradient(
    examples: Sequence[Example],
    *,
    start: CrfParameters | None = None,
    steps: int = 60,
    rate: float = 0.1,
    report: Callable[[int, float], None] | None = None,
) -> CrfParameters:
    """Parameters that minimise the mean of 1 - soft IoU of the belief with the truth, by Adam over all examples at once.

    Weights and scales are softplus of free numbers, so that they stay positive; scales are moved relative to their start. Guards and
    the truth outside a crop do not enter. The values with the lowest loss of all ``steps`` are returned. Deterministic on one machine.
    ``report`` hears of each step and its loss. Raises ``ValueError`` without examples or for crops over 64 x 64 pixels.
    """
    require_nonempty("examples", examples)
    start = start or CrfParameters()
    samples = [_sample(example, start.clip) for example in examples]
    unit = torch.tensor([max(getattr(start, name), 1e-2) for name in LEARNED], dtype=torch.float64)
    free = torch.full((len(LEARNED),), _inverse_softplus(1.0), dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([free], lr=rate)
    best = (float("inf"), start)
    for step in range(steps):
        optimiser.zero_grad()
        values = unit * functional.softplus(free)
        loss = torch.stack([soft_iou_loss(unrolled(sample, values, start), sample.truth) for sample in samples]).mean()
        loss.backward()
        value = loss.item()
        best = min(best, (value, _parameters(start, values)), key=lambda pair: pair[0])
        if report:
            report(step, value)
        optimiser.step()
    return best[1]


def unrolled(sample: _Sample, values: Tensor, parameters: CrfParameters) -> Tensor:
    """(n,) belief after ``parameters.iterations`` steps with the five ``values`` named in ``LEARNED``, differentiable."""
    w1, w2, s_a, s_b, s_g = values
    appearance = torch.exp(-sample.far / (2 * s_a**2) - sample.foreign / (2 * s_b**2))
    smoothness = torch.exp(-sample.far / (2 * s_g**2))
    matrix = w1 * _normalised(appearance, parameters.normalise) + w2 * _normalised(smoothness, parameters.normalise)
    if not parameters.self_messages:
        matrix = matrix - torch.diag(torch.diagonal(matrix))
    belief = torch.sigmoid(sample.odds)
    for _ in range(parameters.iterations):
        belief = torch.sigmoid(sample.odds + matrix @ (2 * belief - 1))
    return belief


def soft_iou_loss(belief: Tensor, truth: Tensor) -> Tensor:
    """1 - sum(q t) / sum(q + t - q t) of (n,) beliefs and truth in 0..1; 0 where both are 0."""
    shared = (belief * truth).sum()
    return 1 - (shared + 1e-9) / (belief.sum() + truth.sum() - shared + 1e-9)


def _normalised(kernel: Tensor, how: str) -> Tensor:
    if how == "none":
        return kernel
    scale = kernel.sum(dim=1).rsqrt()
    return kernel * scale[:, None] * scale[None, :]


def _sample(example: Example, clip: float) -> _Sample:
    rows, columns = example.crop.mask.shape
    if rows * columns > MOST_PIXELS:
        how = "Leave out large crops, or use `search_parameters`."
        raise ValueError(problem("examples", f"have crops of at most {MOST_PIXELS} pixels", f"{rows} x {columns}", how))
    places = np.indices((rows, columns)).reshape(2, -1).T.astype(float)
    image = example.crop.image.astype(float)
    colour = np.repeat(image[:, :, None], 3, axis=2) if image.ndim == 2 else image
    sure = np.clip(example.crop.probability.astype(float).ravel(), clip, 1 - clip)
    foreign = squared_distances(colour.reshape(rows * columns, -1))
    planes = (squared_distances(places), foreign, np.log(sure / (1 - sure)), example.truth.ravel().astype(float))
    return _Sample(*(torch.from_numpy(plane) for plane in planes))


def _inverse_softplus(value: float) -> float:
    return float(np.log(np.expm1(value)))


def _parameters(start: CrfParameters, values: Tensor) -> CrfParameters:
    return start.changed(**dict(zip(LEARNED, values.detach().tolist(), strict=True)))
