"""The folder of files that a user gets of a cell."""

from __future__ import annotations

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
from karyokit.pictures import to_display, write_png
from karyokit.pipeline.analysed_cell import AnalysedCell


def save_cell(cell: AnalysedCell, folder: str | Path) -> None:
    """Write chromosome_01.png ..., overlay.png, measurements.csv and, for a classified cell, karyogram.png and .pdf.

    Every file is written aside and renamed; chromosome pictures of an earlier run that are not written again are removed.
    """
    target = make_folder(folder)
    written = _save_chromosomes(cell, target)
    write_png(target / "overlay.png", draw_overlay(cell, set_aside=[one.region for one in cell.set_aside]))
    write_table(target / "measurements.csv", (_row(one, found) for one, found in zip(cell.chromosomes, cell.measurements(), strict=True)))
    if cell.classified:
        write_png(target / "karyogram.png", cell.karyogram())
        with atomic_path(target / "karyogram.pdf") as aside:
            aside.write_bytes(karyogram_pdf(cell.karyogram_items(), file_name=cell.name, stain=cell.stain))
    left = set() if cell.classified else {target / "karyogram.png", target / "karyogram.pdf"}
    for stale in (set(target.glob("chromosome_[0-9]*.png")) | left) - written:
        stale.unlink(missing_ok=True)


def _save_chromosomes(cell: AnalysedCell, folder: Path) -> set[Path]:
    """The picture of each chromosome as it lies, neighbours removed; grey values as read where they are 8 or 16 bit."""
    image = to_display(cell.image) if cell.image.dtype.kind == "f" else cell.image
    shared = sum((one.region.to_mask(cell.shape).astype(np.uint8) for one in cell.chromosomes), np.zeros(cell.shape, np.uint8)) > 1
    background = background_level(image, cell.stain)
    paths = set()
    for one in cell.chromosomes:
        path = folder / f"chromosome_{one.number:02d}.png"
        write_png(path, own_picture(image, one.region, stain=cell.stain, shared=shared, background=background))
        paths.add(path)
    return paths


def _row(one: Chromosome, found: Measurements) -> dict[str, object]:
    """One line of the table of measurements."""
    zones = tuple(f"{meet.kind}:{'+'.join(map(str, meet.others))}" for meet in one.separation.contacts)
    kept = {"number": one.number, "class": one.class_name, "class_probability": one.class_probability, "polarity": one.polarity}
    kept |= {"polarity_probability": one.polarity_probability, "score": one.score, "contacts": zones}
    return {**kept, "method": one.separation.method, "margin": one.separation.margin, **asdict(found)}
