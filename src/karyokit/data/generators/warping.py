"""Bend, turn, mirror and scale a single chromosome in one resampling.

The chromosome's own frame is (t across, s along) its long axis. Each half of the axis is straight, then an arc, then
straight again, so that hooks, C and S shapes all have a closed inverse and one ``map_coordinates`` call is enough.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from karyokit.checks import problem
from karyokit.data.generators.records import Single

MAX_TURN = np.deg2rad(100.0)
PADDING = 3


@dataclass(frozen=True)
class HalfBend:
    """Bend of one half: ``turn`` in radians (signed), the arc starts ``start`` pixels from the centre and is ``length`` long."""

    turn: float = 0.0
    start: float = 0.0
    length: float = 1.0

    @property
    def radius(self) -> float:
        """Radius of the arc in pixels."""
        return self.length / max(abs(self.turn), 1e-9)


@dataclass(frozen=True)
class Pose:
    """How a single lies: ``angle`` in radians of the axis from the rows' direction, magnification, mirroring, bends."""

    angle: float = 0.0
    scale: float = 1.0
    mirrored: bool = False
    upper: HalfBend = HalfBend()
    lower: HalfBend = HalfBend()


@dataclass(frozen=True, eq=False)
class Posed:
    """A posed chromosome: crops of density (float32) and mask (bool), its axis (k, 2) in crop pixels, and its number in the input."""

    density: np.ndarray
    mask: np.ndarray
    axis: np.ndarray
    number: int = 0


@dataclass(frozen=True, eq=False)
class Frame:
    """Long axis of a mask: centre, unit direction, length and mean width in pixels."""

    centre: np.ndarray
    direction: np.ndarray
    length: float
    width: float


def frame_of(mask: np.ndarray) -> Frame:
    """Principal axis of a mask, pointing down; length is its extent along the axis.

    >>> frame = frame_of(np.pad(np.ones((20, 4), bool), 2))
    >>> frame.centre.tolist(), frame.direction.round().tolist(), round(frame.length), round(frame.width)
    ([11.5, 3.5], [1.0, 0.0], 20, 4)
    """
    points = np.argwhere(mask).astype(float)
    mean = points.mean(axis=0)
    centred = points - mean
    values, vectors = np.linalg.eigh(centred.T @ centred / len(points))
    direction = vectors[:, 1] if values[1] > 1.15 * values[0] else np.array([1.0, 0.0])
    direction = direction if direction[0] >= 0 else -direction
    along = centred @ direction
    length = float(np.ptp(along)) + 1.0
    centre = mean + direction * (along.max() + along.min()) / 2
    return Frame(centre, direction, length, len(points) / length)


def draw_pose(frame: Frame, *, rng: np.random.Generator, scale: float, bend: float, angle: float | None = None) -> Pose:
    """Random pose: any angle, mirrored or not, halves turned by a normal draw of ``bend`` degrees, less for short chromosomes."""
    slender = min(1.0, frame.length / frame.width / 6.0)
    upper, lower = (_draw_half(frame, scale, np.deg2rad(bend) * slender, rng) for _ in range(2))
    turned = rng.uniform(0, 2 * np.pi) if angle is None else angle
    return Pose(turned, scale, bool(rng.integers(2)), upper, lower)


def _draw_half(frame: Frame, scale: float, deviation: float, rng: np.random.Generator) -> HalfBend:
    half = frame.length * scale / 2
    turn = float(np.clip(rng.normal(0.0, deviation), -MAX_TURN, MAX_TURN))
    return fit_half(turn, start=rng.uniform(0.0, 0.35) * half, length=rng.uniform(0.3, 1.0) * half, least_radius=0.8 * frame.width * scale)


def fit_half(turn: float, *, start: float, length: float, least_radius: float) -> HalfBend:
    """A half bend whose arc is long enough for its turn, so that the inner side does not fold."""
    return HalfBend(turn, start, max(length, abs(turn) * least_radius, 1.0))


def _straighten_half(across: np.ndarray, along: np.ndarray, half: HalfBend) -> tuple[np.ndarray, np.ndarray]:
    """(t, s) of picture-frame points of one half; ``along`` >= 0."""
    if abs(half.turn) < 1e-4:
        return across, along
    sign, turn, radius = np.sign(half.turn), abs(half.turn), half.radius
    u, v = across * sign, along - half.start
    phi = np.arctan2(v, radius - u)
    phi = np.where(phi < 0, phi + 2 * np.pi, phi)
    t, s = radius - np.hypot(radius - u, v), half.start + radius * phi
    du, dv = u - radius * (1 - np.cos(turn)), v - radius * np.sin(turn)
    beyond = phi > turn
    t = np.where(beyond, du * np.cos(turn) - dv * np.sin(turn), t)
    s = np.where(beyond, half.start + half.length + du * np.sin(turn) + dv * np.cos(turn), s)
    before = (v < 0) & (u < radius)
    return np.where(before, u, t) * sign, np.where(before, along, s)


def _bend_half(s: np.ndarray, half: HalfBend) -> np.ndarray:
    """(k, 2) points (u across, v along) of the bent axis at lengths ``s`` >= 0."""
    if abs(half.turn) < 1e-4:
        return np.stack([np.zeros_like(s), s], axis=1)
    sign, turn, radius = np.sign(half.turn), abs(half.turn), half.radius
    phi = np.clip((s - half.start) / radius, 0.0, turn)
    rest = np.maximum(s - half.start - half.length, 0.0)
    u = radius * (1 - np.cos(phi)) + rest * np.sin(turn)
    v = np.minimum(s, half.start) + radius * np.sin(phi) + rest * np.cos(turn)
    return np.stack([u * sign, v], axis=1)


def bent_axis(frame: Frame, pose: Pose, count: int = 41) -> np.ndarray:
    """(count, 2) points (row, column) of the posed axis from one tip to the other, relative to its centre."""
    s = np.linspace(-0.5, 0.5, count) * frame.length * pose.scale
    low, high = _bend_half(-s[s < 0], pose.lower), _bend_half(s[s >= 0], pose.upper)
    u, v = np.concatenate([low * [1.0, -1.0], high]).T
    cos, sin = np.cos(pose.angle), np.sin(pose.angle)
    return np.stack([v * cos - u * sin, v * sin + u * cos], axis=1)


def _source_points(rows: np.ndarray, columns: np.ndarray, frame: Frame, pose: Pose) -> np.ndarray:
    """(2, ...) source (row, column) of output points given relative to the posed centre."""
    cos, sin = np.cos(pose.angle), np.sin(pose.angle)
    v, u = rows * cos + columns * sin, columns * cos - rows * sin
    t, s = np.empty_like(u), np.empty_like(v)
    for below, half in ((v < 0, pose.lower), (v >= 0, pose.upper)):
        side, along = _straighten_half(u[below], np.abs(v[below]), half)
        t[below], s[below] = side, np.where(v[below] < 0, -along, along)
    t, s = t * (-1.0 if pose.mirrored else 1.0) / pose.scale, s / pose.scale
    down, right = frame.direction
    return np.stack([frame.centre[0] + s * down - t * right, frame.centre[1] + s * right + t * down])


def pose_single(single: Single, pose: Pose, *, number: int = 0, frame: Frame | None = None) -> Posed:
    """Resample a single once (bilinear) in its new pose; the crop is the mask's box with a margin of three pixels.

    Parts of a strongly bent single that would fold over each other are lost, as the inverse map has one branch.
    Raises ``ValueError`` where the scale leaves nothing.
    """
    frame = frame_of(single.mask) if frame is None else frame
    axis = bent_axis(frame, pose)
    reach = _side_reach(single.mask, frame) * pose.scale + PADDING
    grid = frame.centre % 1  # where the centre lies between pixels: an upright single stays as it is, bit for bit
    low, high = np.floor(axis.min(axis=0) - reach) - grid, np.ceil(axis.max(axis=0) + reach)
    rows, columns = np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1), indexing="ij")
    points = _source_points(rows, columns, frame, pose)
    mask = ndimage.map_coordinates(single.mask.astype(np.float32), points, order=1) >= 0.5
    if not mask.any():
        raise ValueError(problem("scale", "leave a pixel of the chromosome", pose.scale, "Choose a larger scale."))
    density = ndimage.map_coordinates(np.asarray(single.density, np.float32), points, order=1)
    return _trimmed(density, mask, axis - low, number)


def _side_reach(mask: np.ndarray, frame: Frame) -> float:
    offsets = np.argwhere(mask) - frame.centre
    return float(np.abs(offsets @ np.array([-frame.direction[1], frame.direction[0]])).max()) + 1.0


def _trimmed(density: np.ndarray, mask: np.ndarray, axis: np.ndarray, number: int) -> Posed:
    """Cut empty borders off, leaving ``PADDING`` pixels around the mask."""
    window = []
    for side in (1, 0):
        used = np.flatnonzero(mask.any(axis=side))
        window.append(slice(max(int(used[0]) - PADDING, 0), int(used[-1]) + PADDING + 1))
    corner = np.array([window[0].start, window[1].start])
    return Posed(np.ascontiguousarray(density[tuple(window)]), np.ascontiguousarray(mask[tuple(window)]), axis - corner, number)
