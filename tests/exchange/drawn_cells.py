"""Cells to write and read: random regions that overlap, in pieces, with holes, and every field at a value of its own."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
from hypothesis import strategies as st

from karyokit.chromosomes import Alternative, Chromosome, Contact, Region, Separation
from karyokit.exchange.coco import CellRecord, ObjectSetAside

SPOT = Region(0, 0, np.ones((1, 1), bool))
_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)


def random_mask(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Blobs, specks, lines, frames and whole pictures; sometimes nothing."""
    grain = rng.integers(1, 4)
    coarse = rng.random((shape[0] // grain + 1, shape[1] // grain + 1)) > rng.uniform(0.1, 1.05)
    mask: np.ndarray = np.kron(coarse, np.ones((grain, grain), bool))[: shape[0], : shape[1]]
    top, left = rng.integers(0, shape[0]), rng.integers(0, shape[1])
    window = np.zeros(shape, bool)
    window[top : top + rng.integers(1, shape[0] + 1), left : left + rng.integers(1, shape[1] + 1)] = True
    return mask & window if rng.random() < 0.8 else mask


@st.composite
def drawn_cells(draw: st.DrawFn, *, most: int = 4) -> CellRecord:
    """A cell of up to ``most`` chromosomes in a picture of 1 to 14 pixels a side."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = draw(st.tuples(st.integers(1, 14), st.integers(1, 14)))
    numbers = draw(st.lists(st.integers(1, 999), unique=True, max_size=most))
    chromosomes = tuple(_chromosome(draw, rng, number, Region.from_mask(random_mask(rng, shape))) for number in numbers)
    reasons = draw(st.lists(_TEXT, max_size=2))
    aside = tuple(ObjectSetAside(Region.from_mask(random_mask(rng, shape)), reason) for reason in reasons)
    models = draw(st.dictionaries(_TEXT, _TEXT, max_size=2))
    notes = tuple(draw(st.lists(_TEXT, max_size=2)))
    return CellRecord(draw(_TEXT), shape, draw(st.sampled_from(["", "fluorescence", "brightfield"])), chromosomes, models, aside, notes)


def _chromosome(draw: st.DrawFn, rng: np.random.Generator, number: int, region: Region) -> Chromosome:
    kinds = ("touching", "crossing")
    contacts = tuple(
        Contact(int(rng.integers(99)), (int(rng.integers(99)),) * int(rng.integers(3)), kinds[k]) for k in range(rng.integers(3))
    )
    return Chromosome(
        number,
        region,
        score=float(rng.random()),
        category=int(rng.integers(25)),
        probabilities=tuple(rng.random(24 * int(rng.integers(2))).tolist()),
        polarity=("up", "down", "unknown")[rng.integers(3)],
        polarity_probability=float(rng.random()),
        angle=float(rng.uniform(-180, 180)),
        separation=Separation(draw(_TEXT), int(rng.integers(1, 6)), float(rng.random()), contacts, *_second_and_score(rng, region)),
        doubts=tuple(draw(st.lists(_TEXT, max_size=1))),
    )


def _second_and_score(rng: np.random.Generator, region: Region) -> tuple[Alternative | None, float | None]:
    return _alternative(rng, region), float(rng.random()) if rng.random() < 0.5 else None


def _alternative(rng: np.random.Generator, region: Region) -> Alternative | None:
    if rng.random() < 0.5:
        return None
    return Alternative((1, int(rng.integers(2, 99))), (region, Region(3, 5, rng.random((2, 3)) > 0.5)), float(rng.random()))


def _plain(one: Chromosome) -> object:
    """Every field but the pixels."""
    return astuple(replace(one, region=SPOT, separation=replace(one.separation, alternative=None)))[2:]


def _pixels(alternative: Alternative | None) -> object:
    """What two alternatives must have in common."""
    if alternative is None:
        return None
    masks = [one.to_mask((40, 40)).tobytes() for one in alternative.regions]
    return alternative.replaces, alternative.margin, masks


def assert_same(back: CellRecord, cell: CellRecord) -> None:
    """Every field and every pixel of two cells are the same."""
    assert (back.name, back.shape, back.stain, back.models, back.notes) == (cell.name, cell.shape, cell.stain, cell.models, cell.notes)
    assert [_plain(one) for one in back.chromosomes] == [_plain(one) for one in cell.chromosomes]
    assert [one.number for one in back.chromosomes] == [one.number for one in cell.chromosomes]
    assert np.array_equal(back.masks(), cell.masks())
    assert [_pixels(one.separation.alternative) for one in back.chromosomes] == [
        _pixels(one.separation.alternative) for one in cell.chromosomes
    ]
    assert [one.reason for one in back.set_aside] == [one.reason for one in cell.set_aside]
    for ours, theirs in zip(cell.set_aside, back.set_aside, strict=True):
        assert np.array_equal(ours.region.to_mask(cell.shape), theirs.region.to_mask(cell.shape))
