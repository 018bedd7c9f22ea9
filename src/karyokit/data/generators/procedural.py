"""Procedural chromosomes and cells: shapes, bands and pictures that need no data at all.

Lengths and centromeres are those of human chromosomes (``karyokit.human``).
The banding patterns are not the human ones: each class has one of our own, drawn once from a fixed seed.
"""

from __future__ import annotations

import re

import numpy as np
from scipy import ndimage

from karyokit.checks import lookup, problem, require_range
from karyokit.chromosomes import CLASS_NAMES
from karyokit.data.generators.cells import compose_cell
from karyokit.data.generators.records import CellOptions, ComposedCell, Single, require_stain
from karyokit.data.generators.warping import HalfBend, Pose, fit_half, frame_of, pose_single
from karyokit.human import CENTROMERIC_INDICES, RELATIVE_LENGTHS
from karyokit.staining import Stain

MAIN_BANDS, FINEST_BANDS = 260, 850
BAND_SEED = 1971
BAND_DENSITY: dict[Stain, tuple[float, float]] = {"brightfield": (0.36, 1.2), "fluorescence": (0.84, 1.14)}
"""Density of the lightest and the darkest (fluorescence: faintest and brightest) band."""

PIXELS_PER_PERCENT: dict[Stain, float] = {"brightfield": 15.5, "fluorescence": 8.0}
WIDTHS: dict[Stain, float] = {"brightfield": 15.0, "fluorescence": 10.0}
EDGE = 0.9


def band_profile(category: int, *, count: int = 256, resolution: float = 400.0) -> np.ndarray:
    """(count,) darkness in 0..1 along a chromosome of the class, p arm first; always the same for a class.

    ``resolution`` is the number of bands of a haploid set (ISCN: 400, 550, 850); fewer bands blur the finest pattern.
    """
    require_range("category", category, 1, 24)
    require_range("resolution", resolution, 50, FINEST_BANDS)
    rng = np.random.default_rng([BAND_SEED, category])
    share = RELATIVE_LENGTHS[category - 1] / 100
    main, fine = (_stripes(max(round(bands * share), 4), 8 * count, rng) for bands in (MAIN_BANDS, FINEST_BANDS))
    width = 0.25 * 8 * count / max(resolution * share, 4)
    blurred = ndimage.gaussian_filter1d(main + 0.35 * (fine - 0.5), width, mode="nearest")
    profile = blurred.reshape(count, 8).mean(axis=1)
    return np.asarray((profile - profile.min()) / max(float(np.ptp(profile)), 1e-9))


def _stripes(bands: int, samples: int, rng: np.random.Generator) -> np.ndarray:
    """(samples,) light and dark stripes in turn, widths and levels drawn at random."""
    edges = np.concatenate([[0.0], np.cumsum(rng.uniform(0.35, 1.65, bands))])
    dark = (np.arange(bands) + int(rng.integers(2))) % 2 == 0
    level = np.where(dark, rng.uniform(0.55, 1.0, bands), rng.uniform(0.0, 0.35, bands))
    position = np.linspace(0, edges[-1], samples, endpoint=False)
    return np.asarray(level[np.searchsorted(edges, position, side="right") - 1])


def procedural_single(
    category: int,
    *,
    rng: np.random.Generator,
    length_px: float = 80.0,
    width_px: float = 15.0,
    resolution: float = 400.0,
    stain: Stain = "brightfield",
    splay: float = 0.0,
    bend: float = 0.0,
) -> Single:
    """A chromosome of the class, upright, p arm up: bands, centromere constriction, rounded tips, two chromatids.

    ``length_px`` and ``width_px`` in pixels; ``resolution`` see ``band_profile``; ``splay`` opens the chromatids towards the
    tips, in widths; ``bend`` turns both halves together by that many degrees. ``rng`` varies texture, edges and band
    positions slightly. Raises ``ValueError`` for an unknown class or a length below the width.
    """
    require_range("category", category, 1, 24)
    require_range("width_px", width_px, 3.0, 200.0)
    require_range("length_px", length_px, width_px, 5000.0)
    require_stain(stain)
    body, along = _body(category, rng, length_px, width_px, splay)
    low, high = BAND_DENSITY[stain]
    profile = band_profile(category, resolution=resolution)
    bands = np.interp(along, np.linspace(0, 1, profile.size), low + (high - low) * profile)
    texture = 1.0 + 0.05 * ndimage.gaussian_filter(rng.standard_normal(body.shape), 1.0) * 3.5
    density = (body * bands * np.clip(texture, 0.5, 1.5)).astype(np.float32)
    single = Single(density, _solid(body > 0.5), category)
    return _bent(single, bend) if bend else single


def _body(category: int, rng: np.random.Generator, length: float, width: float, splay: float) -> tuple[np.ndarray, np.ndarray]:
    """Soft outline 0..1 with the two chromatids, and the share of the length at each pixel."""
    margin = 4 + int(np.ceil(abs(splay) * width))
    rows = np.arange(int(np.ceil(length)) + 2 * margin) - margin + 0.5
    columns = np.arange(int(np.ceil(width)) + 2 * margin) - (int(np.ceil(width)) + 2 * margin - 1) / 2
    from_centromere = rows - CENTROMERIC_INDICES[category - 1] / 100 * length
    wobble = 1.0 + 0.04 * ndimage.gaussian_filter1d(rng.standard_normal((2, rows.size)), 4.0, axis=1) * 3.0
    waist = 1.0 - 0.2 * np.exp(-((from_centromere / (0.3 * width)) ** 2))
    opening = splay * width * (from_centromere / length) ** 2
    tip = np.clip(np.minimum(rows, length - rows) / (0.42 * width), 0.0, 1.0)
    half = 0.5 * width * waist * np.sqrt(np.clip(1 - (1 - tip) ** 2, 0.0, 1.0))
    left, right = (_chromatid(columns, side * (0.44 * half + opening), 0.58 * half * wobble[index]) for index, side in enumerate((-1, 1)))
    inside = ((rows > 0) & (rows < length))[:, None]
    body = np.where(inside, np.maximum(left, right), 0.0)
    shift = ndimage.gaussian_filter(rng.standard_normal(body.shape), 3.0) * 0.5 * width
    return np.asarray(ndimage.gaussian_filter(body, 0.5)), np.clip((rows[:, None] + 0.35 * shift) / length, 0.0, 1.0)


def _chromatid(columns: np.ndarray, centre: np.ndarray, half: np.ndarray) -> np.ndarray:
    """Soft tube: 1 inside, falling over ``EDGE`` pixels, thinner towards its sides."""
    offset = np.abs(columns[None, :] - centre[:, None])
    soft = np.clip((half[:, None] - offset) / EDGE + 0.5, 0.0, 1.0)
    return np.asarray(soft * (1.0 - 0.22 * np.clip(offset / np.maximum(half[:, None], 0.5), 0.0, 1.0) ** 2))


def _solid(raw: np.ndarray) -> np.ndarray:
    labels, _ = ndimage.label(raw, np.ones((3, 3), bool))
    return np.asarray(labels == 1 + int(np.bincount(labels.ravel())[1:].argmax()))


def _bent(single: Single, bend: float) -> Single:
    require_range("bend", bend, -180.0, 180.0)
    frame = frame_of(single.mask)
    half: HalfBend = fit_half(np.deg2rad(bend) / 2, start=0.0, length=frame.length / 2, least_radius=0.6 * frame.width)
    posed = pose_single(single, Pose(upper=half, lower=half), frame=frame)
    return Single(posed.density, posed.mask, single.category)


def karyotype_categories(karyotype: str) -> tuple[int, ...]:
    """Classes 1..24 of all chromosomes of a numerical karyotype, in rising order.

    >>> len(karyotype_categories("47,XX,+21")), karyotype_categories("45,X").count(23)
    (47, 1)
    """
    match = re.fullmatch(r"(\d+),([XY]+)((?:,[+-](?:\d+|[XY]))*)", karyotype.replace(" ", ""))
    advice = "Write for example '46,XY' or '47,XX,+21'; structural changes cannot be drawn."
    if match is None:
        raise ValueError(problem("karyotype", "be a numerical karyotype", repr(karyotype), advice))
    categories = [*range(1, 23), *range(1, 23), *(CLASS_NAMES.index(sex) + 1 for sex in match[2])]
    for change in filter(None, match[3].split(",")):
        category = lookup({name: number for number, name in enumerate(CLASS_NAMES, 1)}, change[1:], "chromosome")
        if change[0] == "+":
            categories.append(category)
        elif category in categories:
            categories.remove(category)
        else:
            raise ValueError(problem("karyotype", "lose only chromosomes it has", repr(karyotype), advice))
    if len(categories) != int(match[1]):
        raise ValueError(problem("karyotype", f"count its {len(categories)} chromosomes", repr(karyotype), advice))
    return tuple(sorted(categories))


def procedural_singles(categories: tuple[int, ...], *, stain: Stain, rng: np.random.Generator) -> list[Single]:
    """Chromosomes of one cell: one condensation, width and band resolution for all, a few percent between homologues."""
    condensation, width = rng.uniform(0.85, 1.15), WIDTHS[stain] * rng.uniform(0.94, 1.06)
    resolution = 400.0 * condensation
    singles = []
    for category in categories:
        length = PIXELS_PER_PERCENT[stain] * RELATIVE_LENGTHS[category - 1] * condensation * rng.normal(1.0, 0.04)
        own = width * rng.normal(1.0, 0.04)
        splay = max(rng.normal(0.0, 0.12), 0.0)
        size = {"length_px": max(length, 1.05 * own), "width_px": own}
        singles.append(procedural_single(category, rng=rng, resolution=resolution, stain=stain, splay=splay, **size))
    return singles


def procedural_cell(
    karyotype: str = "46,XY", *, stain: Stain = "brightfield", seed: int, options: CellOptions | None = None
) -> ComposedCell:
    """A whole procedural cell of a numerical karyotype; the same arguments give the same bytes.

    ``options`` must be of ``stain``; left out, the picture is 680 x 700 (brightfield) or 517 x 645 (fluorescence) pixels with
    about 30 % of the chromosomes in clusters.
    """
    require_stain(stain)
    shape = (680, 700) if stain == "brightfield" else (517, 645)
    options = CellOptions.for_stain(stain, shape=shape, crowding=0.3) if options is None else options
    if options.stain != stain:
        raise ValueError(problem("options", f"be of the stain {stain!r}", repr(options.stain), "Use CellOptions.for_stain(stain)."))
    rng = np.random.default_rng(seed)
    singles = procedural_singles(karyotype_categories(karyotype), stain=stain, rng=rng)
    return compose_cell(singles, rng=rng, options=options)
