"""Scores of an instance network on whole cells, with and without refinement of its masks.

Figures are those of :func:`karyokit.metrics.instance_report.instance_report`. Where the settings ask for refinement, plain names
are of masks refined by one CRF with learnt parameters (what the paper ran), ``initial:`` of the network's own masks, and
``experience:`` of masks for which the knowledge store chose between keeping and refining. Parameters and experiences come from
training pictures only. Sources: KEMR-Net; systems specification 6.2 to 6.4.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from karyokit.checks import problem
from karyokit.chromosomes import stack_masks
from karyokit.data.instance_samples import InstanceSample
from karyokit.files import write_text
from karyokit.metrics.boundaries import boundary_f
from karyokit.metrics.instance_report import CROSSING, PictureScore, instance_report, score_picture
from karyokit.metrics.instances import match, overlaps
from karyokit.reconstruction.crf import Example, SearchSpace, make_example, refine_instances
from karyokit.reconstruction.nk_dna import KnowledgeStore, learn, refine_with_store, save_store
from karyokit.reproduction.scoring import Case, FinishedRun, Scored
from karyokit.reproduction.scoring.instance_cases import cases_of, crossing_case, whole_case
from karyokit.training.run import TASKS, best_network
from karyokit.training.tasks.instance_prediction import FoundInstances, find_instances
from karyokit.training.tasks.instances import InstanceSettings, RefineChoice, crop_options, read_source

Refiner = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""(image 0..255, probabilities, masks) -> masks, all (n, rows, columns)."""
Find = Callable[[InstanceSample], FoundInstances]


@dataclass(frozen=True)
class Scorer:
    """How masks are made of what was found, and counted."""

    settings: InstanceSettings
    refiners: Mapping[str, Refiner]

    def masks(self, sample: InstanceSample, found: FoundInstances) -> dict[str, np.ndarray]:
        """(n, rows, columns) bool masks by the prefix of their figures."""
        initial = found.masks(self.settings.level)
        image = eight_bit(sample.image)
        refined = {prefix: refine(image, found.probabilities, initial) for prefix, refine in self.refiners.items()}
        return {**refined, "initial:": initial} if refined else {"": initial}

    def score(self, sample: InstanceSample, found: FoundInstances, masks: np.ndarray) -> PictureScore:
        """Score of one set of masks."""
        truth = stack_masks(sample.known_regions(), sample.shape)
        return score_picture(truth, masks, boxes=found.boxes, scores=found.scores, counted_from=self.settings.counted_from)


def score(run: FinishedRun, metrics: Collection[str]) -> Scored:
    """Figures and cases of the test pictures; see the module's docstring. All figures are made, whichever are asked for."""
    del metrics
    settings: InstanceSettings = TASKS[run.recipe.task].read_settings(run.recipe.settings)
    if settings.test_on is None:
        raise ValueError(problem("test_on", "name a source", "nothing", "Give the run's settings a test_on."))
    network, _ = best_network(run.recipe, run.folder, run.device)
    magnify = crop_options(settings).magnify

    def find(sample: InstanceSample) -> FoundInstances:
        return find_instances(network, sample.density, magnify=magnify)

    scorer = Scorer(settings, _refiners(run, settings, find) if settings.refine else {})
    return score_samples(scorer, read_source(settings.test_on, str(run.data), "test"), find)


def score_samples(scorer: Scorer, samples: Sequence[InstanceSample], find: Find) -> Scored:
    """Figures over all samples, and whole cells and crossings to look at."""
    pictures: dict[str, list[PictureScore]] = {}
    whole: list[Case] = []
    crossings: list[tuple[float, Case]] = []
    shares: list[float] = []
    for sample in samples:
        found = find(sample)
        made = scorer.masks(sample, found)
        for prefix, masks in made.items():
            pictures.setdefault(prefix, []).append(scorer.score(sample, found, masks))
        shown = made[""][found.scores >= scorer.settings.counted_from]
        shares.append(pictures[""][-1].matched_75 / max(pictures[""][-1].objects, 1))
        whole.append(whole_case(sample, shown, shares[-1]))
        crossings += _crossings(sample, shown)
    figures = {prefix + name: value for prefix, group in pictures.items() for name, value in instance_report(group).items()}
    cells = cases_of(whole, np.array(shares))
    return Scored(figures, (*cells, *cases_of([case for _, case in crossings], np.array([value for value, _ in crossings]))))


def _crossings(sample: InstanceSample, masks: np.ndarray) -> Iterator[tuple[float, Case]]:
    """Every pair of true chromosomes that cross, with the lower of their best IoU."""
    truth = stack_masks(sample.known_regions(), sample.shape)
    shared = overlaps(truth, truth).shared
    best = overlaps(truth, masks).iou.max(axis=1, initial=0.0)
    for first, second in np.argwhere(np.triu(shared >= CROSSING, 1)):
        pair = truth[np.array([first, second])]
        value = float(min(best[first], best[second]))
        yield value, crossing_case(sample, pair, masks, value)


def _refiners(run: FinishedRun, settings: InstanceSettings, find: Find) -> dict[str, Refiner]:
    """Refinement by the learnt parameters alone and by the whole store, which is kept in the run's folder."""
    choice = settings.refine
    assert choice is not None
    samples = read_source(choice.learn_on, str(run.data), "train")
    store = learnt_store(examples_of(samples, find, choice.examples, level=settings.level), choice)
    save_store(store, run.folder / "nk_dna")
    write_text(run.folder / "crf.json", json.dumps(store.best_network.as_dict(), indent=1) + "\n")
    parameters = store.best_network.parameters

    def by_parameters(image: np.ndarray, probabilities: np.ndarray, masks: np.ndarray) -> np.ndarray:
        return _stacked([one.mask for one in refine_instances(image, probabilities, masks, parameters=parameters)], masks)

    def by_experience(image: np.ndarray, probabilities: np.ndarray, masks: np.ndarray) -> np.ndarray:
        return _stacked([one.mask for one in refine_with_store(image, probabilities, masks, store=store)], masks)

    return {"": by_parameters, "experience:": by_experience}


def learnt_store(examples: Sequence[Example], choice: RefineChoice) -> KnowledgeStore:
    """A store with parameters learnt from the examples and what refining did to each; a bare one without examples."""
    if not examples:
        return KnowledgeStore()
    space = SearchSpace(coarse=dict(choice.coarse), rounds=choice.rounds)
    return learn(KnowledgeStore(), examples, space=space, boundary=boundary_f)


def examples_of(samples: Sequence[InstanceSample], find: Find, count: int, *, level: float = 0.5) -> list[Example]:
    """Up to ``count`` detections that match a true chromosome at mask IoU 0.5, taken evenly from all samples."""
    found: list[Example] = []
    share = -(-count // max(len(samples), 1))
    for sample in samples:
        answer = find(sample)
        masks = answer.masks(level)
        truth = stack_masks(sample.known_regions(), sample.shape)
        together = masks.sum(axis=0)
        rows, columns = match(overlaps(truth, masks).iou, 0.5)
        for row, column in list(zip(rows, columns, strict=True))[:share]:
            planes = {"truth": truth[row], "others": together > masks[column]}
            found.append(make_example(eight_bit(sample.image), answer.probabilities[column], masks[column], **planes))
    return found[:count]


def eight_bit(image: np.ndarray) -> np.ndarray:
    """A (rows, columns) picture on the scale of 0..255 that the CRF's grey distances are meant for.

    >>> eight_bit(np.array([[0, 4095]], np.uint16)).tolist()
    [[0, 255]]
    """
    if image.dtype == np.uint8:
        return image
    return np.rint(image * (255 / max(float(image.max()), 1.0))).astype(np.uint8)


def _stacked(masks: Sequence[np.ndarray], like: np.ndarray) -> np.ndarray:
    return np.stack(masks) if masks else np.zeros_like(like)
