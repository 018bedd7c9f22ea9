"""The folder of files that a user gets of a cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from karyokit.chromosomes import Chromosome
from karyokit.exchange.chromosome_pictures import background_level, own_picture
from karyokit.exchange.overlay import draw_overlay
from karyokit.exchange.tables import write_table
from karyokit.files import atomic_path, make_folder
from karyokit.karyotype.karyogram import karyogram_pdf
from karyokit.karyotype.measurements import Measurements
from karyokit.karyotype.orientation import first_is_upper, straight_picture
from karyokit.karyotype.straightening import StraightChromosome
from karyokit.pictures import to_display, write_png
from karyokit.pipeline.analysed_cell import AnalysedCell

PROFILE_COLUMNS = ("number", "class", "position", "density", "width_px")
"""Header of the table of band profiles; ``position`` runs from 0 to 1 along the axis."""


def save_cell(cell: AnalysedCell, folder: str | Path) -> None:
    """Write the pictures of each chromosome, overlay.png, measurements.csv, profiles.csv and, classified, karyogram.png and .pdf.

    ``chromosome_01.png`` ... show each chromosome as it lies, neighbours removed; pixels under a crossing chromosome are restored,
    then ``chromosome_01_as_seen.png`` has them untouched and ``restored_px`` in measurements.csv counts them. ``straight_01.png`` ...
    show it straightened, profiles.csv its density along the axis, both from the p arm's end where the polarity is known. Every
    file is written aside and renamed; pictures of an earlier run that are not written again are removed.
    """
    target = make_folder(folder)
    written = _save_chromosomes(cell, target)
    write_png(target / "overlay.png", draw_overlay(cell, set_aside=[one.region for one in cell.set_aside]))
    restored = [int(np.count_nonzero(changed)) for changed in cell.restored()]
    found = zip(cell.chromosomes, cell.measurements(), cell.confidences(), restored, strict=True)
    rows = ({**_row(one, measured, sure), "restored_px": pixels} for one, measured, sure, pixels in found)
    write_table(target / "measurements.csv", rows)
    write_table(target / "profiles.csv", _profile_rows(cell), PROFILE_COLUMNS)
    if cell.classified:
        write_png(target / "karyogram.png", cell.karyogram())
        with atomic_path(target / "karyogram.pdf") as aside:
            aside.write_bytes(karyogram_pdf(cell.karyogram_items(), file_name=cell.name, stain=cell.stain, proposal=cell.proposal()))
    left = set() if cell.classified else {target / "karyogram.png", target / "karyogram.pdf"}
    for stale in (set(target.glob("chromosome_[0-9]*.png")) | set(target.glob("straight_[0-9]*.png")) | left) - written:
        stale.unlink(missing_ok=True)


def _save_chromosomes(cell: AnalysedCell, folder: Path) -> set[Path]:
    """The pictures of each chromosome; grey values as read where they are 8 or 16 bit."""
    display = cell.image.dtype.kind == "f"
    image = to_display(cell.image) if display else cell.image
    background = background_level(image, cell.stain)
    pictures: dict[Path, np.ndarray] = {}
    known = zip(cell.chromosomes, cell.straightened, cell.greys(display=display), cell.restored(), strict=True)
    for one, straight, own, changed in known:
        name = folder / f"chromosome_{one.number:02d}.png"
        pictures[name] = own_picture(image, one.region, stain=cell.stain, own=own, background=background)
        if changed.any():
            seen = own_picture(image, one.region, stain=cell.stain, background=background)
            pictures[name.with_stem(f"{name.stem}_as_seen")] = seen
        along = straight_picture(image, one.region, straight, stain=cell.stain, own=own)
        pictures[folder / f"straight_{one.number:02d}.png"] = along if _starts_at_p(one, straight) else along[::-1, ::-1]
    for path, picture in pictures.items():
        write_png(path, picture)
    return set(pictures)


def _starts_at_p(one: Chromosome, straight: StraightChromosome) -> bool:
    """Whether the axis begins at the p arm's end; where the polarity is not known, at the upper end of the upright picture."""
    return first_is_upper(straight.axis, one.angle) != (one.polarity == "down")


def _profile_rows(cell: AnalysedCell) -> Iterator[dict[str, object]]:
    """Mean density across each chromosome, and its width, at every pixel of axis."""
    for one, straight in zip(cell.chromosomes, cell.straightened, strict=True):
        order = slice(None) if _starts_at_p(one, straight) else slice(None, None, -1)
        values = zip(straight.profile[order], straight.widths[order], strict=True)
        for place, (density, width) in enumerate(values):
            position = (place + 0.5) / len(straight.axis)
            yield dict(zip(PROFILE_COLUMNS, (one.number, one.class_name, position, float(density), float(width)), strict=True))


def _row(one: Chromosome, found: Measurements, sure: float) -> dict[str, object]:
    """One line of the table of measurements."""
    zones = tuple(f"{meet.kind}:{'+'.join(map(str, meet.others))}" for meet in one.separation.contacts)
    kept = {"number": one.number, "class": one.class_name, "class_probability": one.class_probability, "class_confidence": sure}
    kept |= {"polarity": one.polarity, "polarity_probability": one.polarity_probability, "score": one.score}
    kept |= {"doubts": "; ".join(one.doubts), "contacts": zones}
    return {**kept, "method": one.separation.method, "margin": one.separation.margin, **asdict(found)}
