"""The folder of files that a user gets of a cell."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import chain
from pathlib import Path

import numpy as np

from karyokit.chromosomes import Chromosome
from karyokit.exchange.chromosome_pictures import background_level, own_picture
from karyokit.exchange.overlay import draw_overlay
from karyokit.exchange.tables import write_table
from karyokit.files import atomic_path, make_folder
from karyokit.karyotype.karyogram import draw_page, page_pdf
from karyokit.karyotype.measurements import Measurements
from karyokit.karyotype.orientation import first_is_upper, straight_picture
from karyokit.karyotype.page import compose_page
from karyokit.karyotype.straightening import StraightChromosome
from karyokit.pictures import to_display, write_png
from karyokit.pipeline.analysed_cell import AnalysedCell

TITLE = "Karyogram"
WRITERS = 4
"""Pictures written at a time: most of their time is waiting for the disk."""
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
    written = set()
    with ThreadPoolExecutor(WRITERS) as pool:  # a picture is written, and waits for the disk, while the next ones are drawn
        waiting = []
        for path, picture in chain(_large_pictures(cell, target), _chromosome_pictures(cell, target)):
            written.add(path)
            waiting.append(pool.submit(write_png, path, picture))
        _save_tables(cell, target)
        for one in waiting:
            one.result()
    known = ("chromosome_[0-9]*.png", "straight_[0-9]*.png", "karyogram.png", *(() if cell.classified else ("karyogram.pdf",)))
    for stale in {path for name in known for path in target.glob(name)} - written:
        stale.unlink(missing_ok=True)


def _save_tables(cell: AnalysedCell, folder: Path) -> None:
    """The measurements and the band profiles."""
    restored = [int(np.count_nonzero(changed)) for changed in cell.restored()]
    found = zip(cell.chromosomes, cell.measurements(), cell.confidences(), restored, strict=True)
    rows = ({**_row(one, measured, sure), "restored_px": pixels} for one, measured, sure, pixels in found)
    write_table(folder / "measurements.csv", rows)
    write_table(folder / "profiles.csv", _profile_rows(cell), PROFILE_COLUMNS)


def _large_pictures(cell: AnalysedCell, folder: Path) -> Iterator[tuple[Path, np.ndarray]]:
    """The overlay and, classified, the karyogram, which is written as PDF, too."""
    yield folder / "overlay.png", draw_overlay(cell, set_aside=[one.region for one in cell.set_aside])
    if cell.classified:
        page = compose_page(cell.karyogram_items(), title=TITLE, file_name=cell.name, stain=cell.stain, proposal=cell.proposal())
        yield folder / "karyogram.png", draw_page(page)
        with atomic_path(folder / "karyogram.pdf") as aside:
            aside.write_bytes(page_pdf(page, title=TITLE))


def _chromosome_pictures(cell: AnalysedCell, folder: Path) -> Iterator[tuple[Path, np.ndarray]]:
    """The pictures of each chromosome; grey values as read where they are 8 or 16 bit."""
    display = cell.image.dtype.kind == "f"
    image = to_display(cell.image) if display else cell.image
    background = background_level(image, cell.stain)
    known = zip(cell.chromosomes, cell.straightened, cell.greys(display=display), cell.restored(), strict=True)
    for one, straight, own, changed in known:
        name = folder / f"chromosome_{one.number:02d}.png"
        yield name, own_picture(image, one.region, stain=cell.stain, own=own, background=background)
        if changed.any():
            seen = own_picture(image, one.region, stain=cell.stain, background=background)
            yield name.with_stem(f"{name.stem}_as_seen"), seen
        along = straight_picture(image, one.region, straight, stain=cell.stain, own=own)
        yield folder / f"straight_{one.number:02d}.png", along if _starts_at_p(one, straight) else along[::-1, ::-1]


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
