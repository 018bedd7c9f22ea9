"""Give every chromosome its own density inside an overlap, where the picture shows two or more at once.

Stains add where chromosomes cross: fluorescence in intensity, absorbing stains in optical density, and the density picture
is made so that both add. A chromosome is modelled as a band profile along its axis times a cross-section that depends on
the depth below its edge. All profiles are found together by one linear least-squares fit: outside overlaps a profile must
give the chromosome's own pixels, inside them the profiles of all owners together must give the picture, and from one pixel
of axis to the next a profile changes little, so that bands go on from both sides. The picture is then shared out in
proportion to these models.

In real pictures an overlap is weaker than the sum of its owners (0.6 of it in the median, `benchmarks/layers.py`). The model says
what the sum should be, so the ``gain`` of each overlap, observed over expected, is measured and taken out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage, sparse, spatial
from scipy.sparse.linalg import spsolve

from karyokit.checks import problem, require_plane
from karyokit.chromosomes import Region

CLEARANCE = 2
"""Own pixels this near to another chromosome carry its blurred edge and do not tell the own density."""

STIFFNESS, PULL = 100.0, 1.0
"""What holds a profile, in pixels of picture: to its neighbouring values, and to the chromosome's mean density."""

ADDITIVE = 0.85
"""An overlap with this share of the expected sum or more counts as additive; the expectation is not surer than that."""

EXPONENTS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0)
"""Exponents q tried for ``(a**q + b**q)**(1/q)``, what an overlap of densities a and b shows: 1 is the sum, large is the denser."""

_DEEPEST = 12
_EIGHT = np.ones((3, 3), bool)


@dataclass(frozen=True, eq=False)
class _Owner:
    """A chromosome that shares pixels. Of its n pixels: ``at`` their numbers among all pixels of the fit, ``place`` the numbers
    of their profile values, ``section`` the cross-section (about 1), whether they are ``shared``, whether ``clear`` of others."""

    index: int
    at: np.ndarray
    place: np.ndarray
    section: np.ndarray
    shared: np.ndarray
    clear: np.ndarray


@dataclass(frozen=True, eq=False)
class _Fit:
    """The pixels of all chromosomes that share some: ``seen`` (m,) density, ``zones`` (m,) number of the overlap, 0 for none,
    ``covers`` (m,) number of chromosomes; and these chromosomes."""

    seen: np.ndarray
    zones: np.ndarray
    covers: np.ndarray
    owners: tuple[_Owner, ...]

    @property
    def unknowns(self) -> int:
        """Number of profile values."""
        return int(self.owners[-1].place.max()) + 1


def separate_layers(density: np.ndarray, regions: Sequence[Region], axes: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Each chromosome's own density: float32 crops of the shapes of ``regions[i].crop``, 0 outside the region.

    ``density`` is the (rows, columns) cell picture, background 0, chromosomes bright; ``axes[i]`` holds the points (k, 2) of
    chromosome i's axis from tip to tip, (row, column) in the picture, about one pixel apart (`karyotype.straightening`).
    Pixels of one chromosome alone stay as they are. In an overlap the crops are 0 or more and add up to ``density`` over
    its gain: to ``density`` itself where the overlap is additive, to more where it is weaker than its owners' sum. No
    regions give an empty list. Raises ``ValueError`` for regions that do not fit the picture or the axes.
    """
    require_plane("density", density)
    if len(regions) != len(axes):
        raise ValueError(problem("axes", f"hold one axis for each of {len(regions)} regions", len(axes), "Pass them in one order."))
    count, crowd = _counts(regions, (density.shape[0], density.shape[1]))
    layers = [np.where(region.crop, density[region.window], 0).astype(np.float32) for region in regions]
    sharing = [index for index, region in enumerate(regions) if (region.crop & (count[region.window] > 1)).any()]
    if sharing:
        _share_out(_fit_of(density, regions, axes, sharing=sharing, count=count, crowd=crowd), regions, layers)
    return layers


def restored_grey(
    image: np.ndarray, density: np.ndarray, region: Region, layer: np.ndarray, *, stain: str, background: float
) -> np.ndarray:
    """(height, width) grey values of the region's box, number type of ``image``, as if the chromosome lay there alone.

    ``layer`` is its crop from ``separate_layers(density, ...)``, ``background`` the grey level of nothing. Only pixels whose density
    the layer changes are changed: in fluorescence the intensity over the background, in brightfield the optical density.
    """
    seen, grey = density[region.window], image[region.window]
    changed = region.crop & (layer != seen) & (seen > 0)
    share, level = layer[changed] / seen[changed], max(background, 1e-6)
    plane = grey[changed].astype(float)
    own = level * (plane / level) ** share if stain == "brightfield" else level + (plane - level) * share
    restored = grey.copy()
    limits = np.iinfo(image.dtype) if image.dtype.kind in "ui" else None
    restored[changed] = own if limits is None else np.clip(np.rint(own), limits.min, limits.max)
    return restored


def _counts(regions: Sequence[Region], shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """(rows, columns) number of regions over each pixel, and number of regions within ``CLEARANCE`` of it."""
    count, crowd = np.zeros(shape, np.uint8), np.zeros((shape[0] + 2 * CLEARANCE, shape[1] + 2 * CLEARANCE), np.uint8)
    for region in regions:
        if count[region.window].shape != region.crop.shape:
            raise ValueError(problem("regions", f"lie inside the picture of shape {shape}", region.bbox, "Pass the picture they are of."))
        count[region.window] += region.crop
        wide = ndimage.binary_dilation(np.pad(region.crop, CLEARANCE), _EIGHT, iterations=CLEARANCE)
        crowd[region.row : region.row + wide.shape[0], region.column : region.column + wide.shape[1]] += wide
    return count, crowd[CLEARANCE:-CLEARANCE, CLEARANCE:-CLEARANCE]


def _fit_of(
    density: np.ndarray,
    regions: Sequence[Region],
    axes: Sequence[np.ndarray],
    *,
    sharing: Sequence[int],
    count: np.ndarray,
    crowd: np.ndarray,
) -> _Fit:
    """The pixels and chromosomes of the fit; profile values are numbered through."""
    number = np.zeros(density.shape, int)
    for index in sharing:
        number[regions[index].window][regions[index].crop] = 1
    inside = number > 0
    number[inside] = np.arange(np.count_nonzero(inside))
    seen = np.maximum(density[inside].astype(float), 0)
    before, owners = 0, []
    for index in sharing:
        region, crop = regions[index], regions[index].crop
        at, shared, clear = number[region.window][crop], (count[region.window] > 1)[crop], (crowd[region.window] == 1)[crop]
        place = before + spatial.cKDTree(axes[index]).query(np.argwhere(crop) + np.array([region.row, region.column]))[1]
        clear = clear if clear.any() else ~shared
        owners.append(_Owner(index, at, place, _section(seen[at], _depth(crop), clear), shared, clear))
        before += len(axes[index])
    zones = ndimage.label(count > 1, _EIGHT)[0]
    return _Fit(seen, zones[inside], count[inside], tuple(owners))


def _depth(crop: np.ndarray) -> np.ndarray:
    """(n,) distance of each pixel of a region from its edge."""
    return np.asarray(ndimage.distance_transform_edt(np.pad(crop, 1))[1:-1, 1:-1][crop])


def _section(values: np.ndarray, depth: np.ndarray, clear: np.ndarray) -> np.ndarray:
    """(n,) typical density at each pixel's depth below the edge, as a share of the chromosome's mean; 1 where nothing tells."""
    step = np.minimum(np.rint(depth).astype(int), _DEEPEST)
    total = np.bincount(step[clear], values[clear], minlength=_DEEPEST + 1)
    number = np.bincount(step[clear], minlength=_DEEPEST + 1)
    known = np.flatnonzero(number)
    mean = float(values[clear].mean()) if clear.any() else 0.0
    return np.interp(depth, known, total[known] / number[known] / mean) if mean > 0 else np.ones(len(values))


def _share_out(fit: _Fit, regions: Sequence[Region], layers: list[np.ndarray]) -> None:
    """Write the owners' densities in overlaps into ``layers``."""
    undone = fit.seen / _gains(fit, _models(fit, None))
    models = _models(fit, undone)
    total = _total(fit, models)
    for owner, model in zip(fit.owners, models, strict=True):
        at = owner.at[owner.shared]
        share = np.divide(model[owner.shared], total[at], out=1.0 / fit.covers[at], where=total[at] > 1e-9)
        rows, columns = np.argwhere(regions[owner.index].crop)[owner.shared].T
        layers[owner.index][rows, columns] = share * undone[at]


def _total(fit: _Fit, models: Sequence[np.ndarray], exponent: float = 1.0) -> np.ndarray:
    """(m,) what the owners' models show together: their sum, or less for an ``exponent`` above 1."""
    total = np.zeros(fit.seen.size)
    for owner, model in zip(fit.owners, models, strict=True):
        total[owner.at] += model**exponent
    return np.asarray(total ** (1 / exponent))


def _gains(fit: _Fit, models: Sequence[np.ndarray]) -> np.ndarray:
    """(m,) share of the owners' sum that shows at each pixel, 1 outside overlaps; each overlap's exponent is that of
    ``EXPONENTS`` which best explains its mean density."""
    plain = _total(fit, models)
    shown = np.stack([np.bincount(fit.zones, _total(fit, models, exponent)) for exponent in EXPONENTS])
    observed = np.bincount(fit.zones, fit.seen)
    chosen = np.abs(shown - observed).argmin(axis=0)
    chosen[observed >= ADDITIVE * shown[0]] = 0
    gain = np.ones(plain.size)
    for number in np.unique(chosen):
        at = (chosen[fit.zones] == number) & (fit.zones > 0) & (plain > 1e-9)
        gain[at] = _total(fit, models, EXPONENTS[number])[at] / plain[at]
    return gain


def _models(fit: _Fit, undone: np.ndarray | None) -> list[np.ndarray]:
    """Each owner's model (n,) at its pixels; overlaps take part with the densities ``undone`` where these are given."""
    seen = fit.seen if undone is None else undone
    used = [owner.clear | (owner.shared & (undone is not None)) for owner in fit.owners]
    values, at, place = (np.concatenate([getattr(o, name)[use] for o, use in zip(fit.owners, used, strict=True)]) for name in _ENTRY)
    system = sparse.csr_matrix((values, (at, place)), shape=(seen.size, fit.unknowns))
    taken = np.zeros(seen.size)
    taken[at] = seen[at]
    normal = system.T @ system + STIFFNESS * _roughness(fit) + PULL * sparse.identity(fit.unknowns)
    profile = np.maximum(spsolve(normal.tocsc(), system.T @ taken + PULL * _means(fit)), 0)
    return [profile[owner.place] * owner.section for owner in fit.owners]


_ENTRY = ("section", "at", "place")


def _means(fit: _Fit) -> np.ndarray:
    """(unknowns,) mean density of the chromosome that each profile value belongs to, of all of them where nothing tells."""
    means = np.full(fit.unknowns, float(fit.seen[fit.covers == 1].mean()) if (fit.covers == 1).any() else float(fit.seen.mean()))
    for owner in fit.owners:
        if owner.clear.any():
            means[owner.place.min() : owner.place.max() + 1] = fit.seen[owner.at[owner.clear]].mean()
    return means


def _roughness(fit: _Fit) -> sparse.csr_matrix:
    """Quadratic form of the differences between neighbouring values of each profile."""
    starts = [int(owner.place.min()) for owner in fit.owners]
    first = np.setdiff1d(np.arange(fit.unknowns - 1), np.array(starts) - 1)
    rows = np.tile(np.arange(first.size), 2)
    values = np.repeat([-1.0, 1.0], first.size)
    steps = sparse.csr_matrix((values, (rows, np.concatenate([first, first + 1]))), shape=(first.size, fit.unknowns))
    return steps.T @ steps
