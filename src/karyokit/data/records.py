"""The record every reader of whole cells gives back: a picture and what is known about its chromosomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from karyokit.chromosomes import Region


@dataclass(frozen=True, eq=False)
class AnnotatedCell:
    """A picture with its published truth.

    ``image`` is a (rows, columns) uint8 or uint16 plane; ``stain`` is ``"fluorescence"`` (bright on dark) or
    ``"brightfield"`` (dark on light). Element i of ``regions``, ``categories`` and ``boxes`` describes chromosome i;
    ``regions`` is empty where the set has boxes only. ``categories`` are 1..22, 23 = X, 24 = Y, 0 = not known;
    ``boxes`` is (n, 4) float in COCO's order (column, row, width, height), (0, 4) for a cell without chromosomes.
    ``group`` is the slide or case that must not be spread over two splits; ``notes`` holds what the set says besides.
    """

    name: str
    image: np.ndarray
    stain: str
    regions: tuple[Region, ...] = ()
    categories: tuple[int, ...] = ()
    boxes: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))
    group: str = ""
    notes: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_chromosomes(
        cls,
        name: str,
        image: np.ndarray,
        chromosomes: Sequence[tuple[Region, int]],
        *,
        stain: str,
        group: str = "",
        notes: dict[str, Any] | None = None,
    ) -> AnnotatedCell:
        """A cell whose chromosomes are known as (region, category); boxes are those of the regions.

        >>> bar = Region(2, 5, np.ones((3, 4), bool))
        >>> AnnotatedCell.of_chromosomes("a", np.zeros((9, 9), np.uint8), [(bar, 7)], stain="fluorescence").boxes.tolist()
        [[5.0, 2.0, 4.0, 3.0]]
        """
        regions = tuple(region for region, _ in chromosomes)
        categories = tuple(category for _, category in chromosomes)
        boxes = np.array([region.bbox for region in regions], float).reshape(-1, 4)
        return cls(name, image, stain, regions, categories, boxes, group, notes or {})

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns) of the picture."""
        return int(self.image.shape[0]), int(self.image.shape[1])
