"""Records of the generators: a single chromosome, what to compose from it, and the composed picture with its truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, get_args

import numpy as np

from karyokit.checks import lookup, problem, require_plane, require_range, require_same_shape
from karyokit.chromosomes import Region
from karyokit.staining import Stain as Stain

STAINS: tuple[Stain, ...] = get_args(Stain)


@dataclass(frozen=True, eq=False)
class Single:
    """One chromosome alone.

    ``density`` is (rows, columns) float32, the signal above background: fluorescence intensity divided by the cell's
    typical chromosome brightness, or for an absorbing stain the optical density ``-log(transmittance)``; the background
    is 0. ``mask`` is (rows, columns) bool; ``category`` is 1..22, 23 = X, 24 = Y, 0 = not known.
    """

    density: np.ndarray
    mask: np.ndarray
    category: int = 0

    def __post_init__(self) -> None:
        """Check shapes, finite values and the category."""
        require_plane("density", self.density)
        require_same_shape({"density": self.density, "mask": self.mask})
        require_range("category", self.category, 0, 24)
        if self.mask.dtype != bool or not self.mask.any():
            raise ValueError(problem("mask", "be a bool plane with a true pixel", f"dtype {self.mask.dtype}", "Mark the chromosome."))


@dataclass(frozen=True)
class CameraOptions:
    """How densities become grey values; every pair is (lowest, highest) of a uniform draw, once per picture.

    ``level`` is the grey of a typical chromosome (fluorescence) or of the clear slide (brightfield); ``background`` the grey
    of the dark field (fluorescence only); ``contrast`` multiplies densities; ``blur`` is a Gaussian sigma in pixels;
    ``unevenness`` the relative swing of the light over the field; ``haze`` the share of scattered light around
    chromosomes (fluorescence only); ``noise`` the standard deviation in grey values at mid level, half of it shot noise;
    ``jpeg`` the quality range, or nothing for no compression.
    """

    level: tuple[float, float] = (90.0, 220.0)
    background: tuple[float, float] = (2.0, 20.0)
    contrast: tuple[float, float] = (0.8, 1.2)
    blur: tuple[float, float] = (0.5, 1.1)
    unevenness: tuple[float, float] = (0.0, 0.15)
    haze: tuple[float, float] = (0.0, 0.12)
    noise: tuple[float, float] = (0.5, 3.0)
    jpeg: tuple[int, int] | None = None

    @classmethod
    def for_stain(cls, stain: Stain) -> CameraOptions:
        """Ranges that cover the pictures of the project's real sets of that stain."""
        if stain == "fluorescence":
            return cls()
        return cls(level=(215.0, 256.0), blur=(0.4, 1.0), unevenness=(0.0, 0.12), noise=(0.5, 3.5), jpeg=(75, 95))

    @classmethod
    def ideal(cls, level: float) -> CameraOptions:
        """No blur, no noise, even light and no background: grey values follow the densities alone."""
        zero = (0.0, 0.0)
        return cls((level, level), zero, (1.0, 1.0), zero, zero, zero, zero, None)


@dataclass(frozen=True)
class CellOptions:
    """What a composed picture looks like; ranges are (lowest, highest).

    ``crowding`` is the share of chromosomes in touching or crossing clusters, ``crossing`` the share of contacts inside
    clusters that cross rather than touch; ``bend`` the standard deviation in degrees of the turn of each half of a
    long chromosome; ``scale`` the magnification drawn once per picture, ``spread`` the semi-axes of the metaphase plate as
    a share of the picture's; ``gap`` the free pixels between chromosomes that do not meet; ``nuclei`` and ``debris`` count
    ranges; ``nucleus_radius`` in pixels; ``opaque`` lets the upper chromosome hide the lower one.
    """

    stain: Stain = "fluorescence"
    shape: tuple[int, int] = (680, 700)
    crowding: float = 0.25
    crossing: float = 0.5
    bend: float = 18.0
    scale: tuple[float, float] = (0.9, 1.1)
    spread: tuple[float, float] = (0.65, 0.95)
    gap: int = 3
    nuclei: tuple[int, int] = (0, 2)
    nucleus_radius: tuple[float, float] = (45.0, 80.0)
    debris: tuple[int, int] = (0, 25)
    brightness_jitter: float = 0.08
    opaque: bool = False
    camera: CameraOptions = field(default_factory=CameraOptions)

    def __post_init__(self) -> None:
        """Check the stain and the shares."""
        require_stain(self.stain)
        require_range("crowding", self.crowding, 0.0, 1.0)
        require_range("crossing", self.crossing, 0.0, 1.0)
        require_range("bend", self.bend, 0.0, 90.0)
        require_range("scale", min(self.scale), 0.05, 20.0)

    @classmethod
    def for_stain(cls, stain: Stain, **changes: Any) -> CellOptions:
        """Options with the camera of that stain, some fields replaced.

        >>> CellOptions.for_stain("brightfield", crowding=0.5).camera.jpeg
        (75, 95)
        """
        return replace(cls(stain=stain, camera=CameraOptions.for_stain(stain)), **changes)

    @classmethod
    def clean(cls, stain: Stain, **changes: Any) -> CellOptions:
        """Chromosomes alone: no nuclei, debris, blur, noise or uneven light; level 100 or 255."""
        camera = CameraOptions.ideal(100.0 if stain == "fluorescence" else 255.0)
        plain = cls(stain=stain, nuclei=(0, 0), debris=(0, 0), brightness_jitter=0.0, scale=(1.0, 1.0), camera=camera)
        return replace(plain, **changes)


@dataclass(frozen=True, eq=False)
class ComposedCell:
    """A composed picture and its exact truth.

    ``image`` is (rows, columns) uint8; ``masks`` one region per chromosome, which may share pixels; ``categories`` (n,) int;
    ``overlap`` (rows, columns) bool, the pixels of two or more masks; ``arrangement`` is ``"cell"`` or the cluster's kind.
    """

    image: np.ndarray
    masks: tuple[Region, ...]
    categories: np.ndarray
    overlap: np.ndarray
    stain: Stain
    arrangement: str = "cell"


def require_stain(stain: str) -> None:
    """Raise ``ValueError`` unless ``stain`` is one of ``STAINS``."""
    lookup({name: name for name in STAINS}, stain, "stain")


def require_singles(singles: Sequence[Single], low: int, high: int) -> None:
    """Raise ``ValueError`` unless there are ``low``..``high`` singles."""
    if not low <= len(singles) <= high:
        raise ValueError(problem("singles", f"hold {low}..{high} chromosomes", len(singles), "Pass another selection."))
