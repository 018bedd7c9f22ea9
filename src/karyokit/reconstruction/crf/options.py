"""What can be set about refining a mask, besides the CRF's own parameters."""

from __future__ import annotations

from dataclasses import dataclass

from karyokit.checks import require_range


@dataclass(frozen=True)
class RefineOptions:
    """Settings of :func:`karyokit.reconstruction.crf.refine_instance`; spec 6.2.

    ``backend``: name in ``mean_field.BACKENDS``. ``enlarge``, ``margin``: each side of the mask's box grows to ``enlarge``
    times its length, by at least ``margin`` pixels in all. ``radius``: largest reach of the ``window`` backend in pixels.

    Guards, each of which keeps the initial mask: ``min_iou``, the least IoU of refined and initial mask (0 switches it off);
    ``max_area_change``, the largest change of the area as a share of it; ``keep_whole``, the refined mask must not have more
    8-connected parts than the initial one.

    ``freeze_overlap``: pixels that the mask shares with other masks keep their label, because crossings are darker or
    brighter than the rest of a chromosome and look foreign to the appearance kernel. ``band``: only pixels within so many
    pixels of the initial outline may change; None for all.
    """

    backend: str = "window"
    enlarge: float = 1.25
    margin: int = 10
    radius: int = 15
    min_iou: float = 0.7
    max_area_change: float = 0.3
    keep_whole: bool = True
    freeze_overlap: bool = False
    band: int | None = None

    def __post_init__(self) -> None:
        require_range("enlarge", self.enlarge, 1.0, 10.0)
        require_range("margin", self.margin, 0, 1000)
        require_range("radius", self.radius, 1, 100)
        require_range("min_iou", self.min_iou, 0.0, 1.0)
        require_range("max_area_change", self.max_area_change, 0.0, 1e9)
        if self.band is not None:
            require_range("band", self.band, 1, 1000)
