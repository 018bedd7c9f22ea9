"""Pictures for the page of an instance system: whole cells and crossings, with true and found outlines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from karyokit.data.instance_samples import InstanceSample
from karyokit.metrics.boundaries import outline
from karyokit.reproduction.scoring import Case, ranked

COLOURS = np.array(
    [[230, 80, 70], [70, 150, 230], [250, 200, 60], [90, 200, 110], [200, 110, 220], [80, 210, 210], [240, 140, 60]], np.uint8
)
MARGIN = 12


def cases_of(cases: Sequence[Case], values: np.ndarray) -> tuple[Case, ...]:
    """The best, the median and the worst of the cases by their (n,) values."""
    return tuple(replace(cases[place], rank=rank) for rank, place in ranked(values))


def whole_case(sample: InstanceSample, masks: np.ndarray, share: float) -> Case:
    """A cell with all its outlines; ``share`` of its chromosomes were found at mask IoU 0.75."""
    truth = np.stack([region.to_mask(sample.shape) for region in sample.known_regions()]) if sample.regions else masks[:0]
    panels = _panels(sample.density.astype(np.float32), truth, masks)
    return Case("cells", "", f"{sample.name}: {100 * share:.0f} % found at IoU 0.75", panels)


def crossing_case(sample: InstanceSample, pair: np.ndarray, masks: np.ndarray, value: float) -> Case:
    """The window around two true (2, rows, columns) masks; ``value`` is the lower of their best IoU."""
    rows, columns = np.nonzero(pair.any(axis=0))
    window = slice(max(rows.min() - MARGIN, 0), rows.max() + MARGIN), slice(max(columns.min() - MARGIN, 0), columns.max() + MARGIN)
    near = masks[(masks & pair.any(axis=0)).any(axis=(1, 2))]
    panels = _panels(sample.density[window].astype(np.float32), pair[:, *window], near[:, *window])
    return Case("crossings", "", f"{sample.name}: lower IoU of the two {100 * value:.0f} %", panels)


def _panels(density: np.ndarray, truth: np.ndarray, masks: np.ndarray) -> tuple[tuple[str, np.ndarray], ...]:
    grey = np.repeat((np.clip(density / 2, 0, 1) * 255).astype(np.uint8)[..., None], 3, axis=2)
    return (("picture", grey), ("truth", outlined(grey, truth)), ("network", outlined(grey, masks)))


def outlined(picture: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """A copy of a (rows, columns, 3) uint8 picture with the outline of each (n, rows, columns) mask in one of seven colours."""
    drawn = picture.copy()
    for number, mask in enumerate(masks):
        drawn[outline(mask)] = COLOURS[number % len(COLOURS)]
    return drawn
