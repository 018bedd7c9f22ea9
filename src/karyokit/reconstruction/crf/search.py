"""Parameters of the CRF learned from masks with truth: a grid, then smaller and smaller steps. No derivative, no chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from karyokit.checks import problem, require_nonempty
from karyokit.reconstruction.crf.instance import InstanceCrop, cut_out
from karyokit.reconstruction.crf.options import RefineOptions
from karyokit.reconstruction.crf.parameters import CrfParameters
from karyokit.reconstruction.crf.refine import refine_crop


@dataclass(frozen=True, eq=False)
class Example:
    """A mask's crop and its truth: ``truth`` inside the crop, ``truth_area`` in the whole picture."""

    crop: InstanceCrop
    truth: np.ndarray
    truth_area: int

    def iou(self, mask: np.ndarray) -> float:
        """IoU in 0..1 of a mask of the crop's size with the whole truth; 0 where both are empty."""
        shared = int(np.count_nonzero(mask & self.truth))
        union = int(np.count_nonzero(mask)) + self.truth_area - shared
        return shared / union if union else 0.0


@dataclass(frozen=True)
class SearchSpace:
    """Where :func:`search_parameters` looks.

    ``coarse`` maps names of parameters to the values of the grid, all combinations of which are tried; ``fine`` names the parameters
    that are then multiplied and divided by a step, which starts at ``step`` and becomes its square root in each of the ``rounds``.
    """

    coarse: dict[str, tuple[float, ...]] = field(
        default_factory=lambda: {"w1": (1.0, 3.0, 10.0), "s_a": (3.0, 10.0, 30.0), "s_b": (5.0, 15.0, 45.0)}
    )
    fine: tuple[str, ...] = ("w1", "s_b", "s_a", "w2")
    step: float = 2.0
    rounds: int = 3


@dataclass(frozen=True)
class SearchResult:
    """The best parameters, their mean IoU, that of the masks as they were, and the number of parameter sets tried."""

    parameters: CrfParameters
    score: float
    unrefined: float
    tried: int


def make_example(
    image: np.ndarray,
    probability: np.ndarray,
    mask: np.ndarray,
    *,
    truth: np.ndarray,
    others: np.ndarray | None = None,
    options: RefineOptions | None = None,
) -> Example:
    """An example from full-size planes; arguments as for ``cut_out``, ``truth`` (rows, columns) bool."""
    crop = cut_out(image, probability, mask, others=others, options=options)
    return Example(crop, truth[crop.window].astype(bool), int(np.count_nonzero(truth)))


def mean_iou(examples: Sequence[Example], parameters: CrfParameters, options: RefineOptions) -> float:
    """Mean IoU with the truth after refinement, guards included."""
    return float(np.mean([example.iou(refine_crop(example.crop, parameters=parameters, options=options).mask) for example in examples]))


def search_parameters(
    examples: Sequence[Example],
    *,
    start: CrfParameters | None = None,
    space: SearchSpace | None = None,
    options: RefineOptions | None = None,
    report: Callable[[CrfParameters, float], None] | None = None,
) -> SearchResult:
    """Parameters that maximise the mean instance IoU of the examples; the same examples always give the same result.

    ``start`` is tried first and gives the values that are not searched; of equal scores the first one tried wins. The spec asks for
    100 instances or more. ``report`` hears of each parameter set tried. Raises ``ValueError`` without examples. Source: spec 6.2.
    """
    require_nonempty("examples", examples)
    start, space, options = start or CrfParameters(), space or SearchSpace(), options or RefineOptions()
    unknown = sorted((set(space.coarse) | set(space.fine)) - {"w1", "w2", "s_a", "s_b", "s_g"})
    if unknown:
        raise ValueError(problem("space", "name weights and scales", unknown, "Search w1, w2, s_a, s_b or s_g."))
    scores: dict[CrfParameters, float] = {}

    def score(parameters: CrfParameters) -> float:
        if parameters not in scores:
            scores[parameters] = mean_iou(examples, parameters, options)
            if report:
                report(parameters, scores[parameters])
        return scores[parameters]

    best = _best([start, *_grid(start, space)], score)
    for round_number in range(space.rounds):
        best = _stepped(best, space.fine, space.step ** (0.5**round_number), score)
    unrefined = float(np.mean([example.iou(example.crop.mask) for example in examples]))
    return SearchResult(best, scores[best], unrefined, len(scores))


def _grid(start: CrfParameters, space: SearchSpace) -> Iterator[CrfParameters]:
    for values in product(*space.coarse.values()):
        yield start.changed(**dict(zip(space.coarse, values, strict=True)))


def _stepped(best: CrfParameters, names: Sequence[str], step: float, score: Callable[[CrfParameters], float]) -> CrfParameters:
    """One sweep over the parameters, each moved up or down by the step where that is better."""
    for name in names:
        value = getattr(best, name)
        best = _best([best, best.changed(**{name: value * step}), best.changed(**{name: value / step})], score)
    return best


def _best(candidates: Sequence[CrfParameters], score: Callable[[CrfParameters], float]) -> CrfParameters:
    """The first candidate with the highest score."""
    return max(candidates, key=score)
