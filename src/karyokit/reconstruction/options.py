"""What can be set about the reconstruction of whole chromosomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from karyokit.checks import lookup, problem, require_range


@dataclass(frozen=True)
class ReconstructionOptions:
    """Settings of :func:`karyokit.reconstruction.reconstruct`.

    Lengths are in units of the cell's median chromosome width unless they say pixels, areas in squared widths, so that
    the same settings hold at any magnification.

    ``threshold``: probability above which a pixel belongs to a map. ``doubtful_border``, ``doubtful_neck``,
    ``merge_above``: with affinity maps, borders and necks are cut as soon as they are this likely (probability; log odds),
    and joined again where the maps hold the two sides for one chromosome (mean log odds). ``width``: median chromosome
    width in pixels, measured where it is None. ``min_object``: smaller objects are specks and dropped. ``min_zone``: smaller
    overlap zones are rather touching borders than crossings. ``min_arm``: smaller arms are stubs, joined to a chromosome of
    their zone (``graph`` mode). ``split_touching``: cut touching chromosomes apart at dents of their outline, too, not only
    along the border map. ``reach``: pixels within which an arm touches a zone. ``max_ports``: ports of a zone that are
    paired exhaustively; more are paired greedily. ``beam``: joint assignments kept while zones are decided one after
    another. ``ring``: radius in pixels of the ring of ``legacy`` mode; ``mutual``: in ``legacy`` mode, both rays must hit.
    """

    threshold: float = 0.5
    doubtful_border: float = 0.3
    doubtful_neck: float = -1.0
    merge_above: float = 0.3
    width: float | None = None
    min_object: float = 0.2
    min_zone: float = 0.15
    min_arm: float = 0.3
    split_touching: bool = True
    reach: int = 2
    max_ports: int = 8
    beam: int = 24
    ring: int = 4
    ring_shape: Literal["square", "disk"] = "square"
    erosion: int = 1
    mutual: bool = False

    def __post_init__(self) -> None:
        require_range("threshold", self.threshold, 0.0, 1.0)
        require_range("doubtful_border", self.doubtful_border, 0.0, 1.0)
        for name in ("min_object", "min_zone", "min_arm"):
            require_range(name, getattr(self, name), 0.0, 100.0)
        require_range("reach", self.reach, 1, 20)
        require_range("max_ports", self.max_ports, 2, 10)
        require_range("beam", self.beam, 1, 10_000)
        require_range("ring", self.ring, 1, 100)
        require_range("erosion", self.erosion, 0, 20)
        lookup({"square": 0, "disk": 0}, self.ring_shape, "ring_shape")
        if self.width is not None and not self.width > 0:
            raise ValueError(problem("width", "be positive", self.width, "Pass a width in pixels, or None to measure it."))
