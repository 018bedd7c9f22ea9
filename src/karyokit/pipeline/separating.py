"""From a picture, or from given maps, to a cell of separated chromosomes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import ndimage

from karyokit.checks import NothingFound
from karyokit.chromosomes import Chromosome
from karyokit.inference import Maps, Model, separation_maps
from karyokit.karyotype.orientation import upright_angle
from karyokit.pictures import MIN_SIDE, Picture, picture_from_array, read_picture
from karyokit.pipeline.analysed_cell import AnalysedCell
from karyokit.pipeline.models import model_for, models_for
from karyokit.reconstruction import Reconstructed, reconstruct
from karyokit.reconstruction.confidence import judge_separation
from karyokit.reconstruction.plausibility import sort_out
from karyokit.staining import chromosome_width, resolve_stain, seen_as, to_density

MOST_OBJECTS = 1000
"""Separate objects above which a picture is no metaphase (noise, text, a whole slide); metaphases have under 200."""
NARROWEST, MOST_COVERED = 4.0, 0.35
"""Objects narrower than this many pixels that cover more than this share of the picture are noise."""

DOUBTFUL, CLEARLY_BETTER = 0.93, 1.5
"""Mean score below which other networks that know the stain are asked, and how many more chromosomes must be expected to be right.
Chosen on 170 G-banded cells that neither network has seen and on the negatives of the 12 M-FISH validation cells (docs/results.md)."""
SECOND_NETWORK = "separated by {}, which is surer of this picture than {}"


def separate(
    image: np.ndarray | Picture | str | Path,
    *,
    stain: str = "auto",
    mode: str = "graph",
    model: str | Path | None = None,
    threads: int | None = None,
    name: str = "cell",
) -> AnalysedCell:
    """Take the chromosomes of a metaphase picture apart, without naming them.

    ``image`` is a file, or a (rows, columns) or (rows, columns, channels) array; ``stain`` is one of ``STAIN_NAMES``;
    ``mode`` one of ``MODES``; ``model`` the name of a separation model or the path of an .onnx file, the shipped one for
    the stain when None; ``threads`` the processor cores used, all when None. Raises ``PictureError`` for what is no
    metaphase picture, ``NothingFound`` where no chromosome is in view, ``ValueError`` for unknown names.

    Where no model is asked for and the one for the stain leaves much in doubt, the other shipped ones that know the stain are asked, too,
    and the cell in which clearly more chromosomes are expected to be right is taken, with a note. So are negatives of fluorescence
    pictures, which look like brightfield.
    """
    picture = _as_picture(image, name)
    source = str(image) if isinstance(image, str | Path) else picture.name
    kind = resolve_stain(stain, picture.pixels)
    networks = models_for("separation", kind, model, threads)
    network = next(networks)
    cell = first = _separated(picture, kind, source, mode, network)
    if _expected_right(first) >= DOUBTFUL * len(first.chromosomes):
        return first
    for other in networks:
        with suppress(NothingFound):
            second = _separated(picture, kind, source, mode, other)
            if _expected_right(second) > _expected_right(cell) + CLEARLY_BETTER:
                note = SECOND_NETWORK.format(other.card.name, network.card.name)
                cell = replace(second, notes=(*second.notes, note))
    return cell


def _expected_right(cell: AnalysedCell) -> float:
    """Number of chromosomes that are one whole, by their scores."""
    return float(sum(one.score for one in cell.chromosomes))


def _separated(picture: Picture, kind: str, source: str, mode: str, network: Model) -> AnalysedCell:
    """The cell of a picture whose stain is known; ``source`` is what messages call it."""
    density = to_density(picture.pixels, kind)
    width = chromosome_width(density)
    maps = separation_maps(network, density, width)
    _require_metaphase(maps, width, source)
    objects = reconstruct(maps.foreground, maps.overlap, border=maps.border, image=picture.pixels, affinities=maps.affinities, mode=mode)
    apart = width if seen_as(kind) == "fluorescence" else None  # brightfield cells are spread so widely that a gap says little
    found, set_aside = sort_out(objects, density, maps.foreground, width=apart)
    if not found:
        raise NothingFound(f"{source}: no chromosome is in view. Check that it is a metaphase picture, or set the stain.")
    chromosomes = judge_separation(_numbered(found), density=density, foreground=maps.foreground, affinities=maps.affinities)
    return AnalysedCell(
        picture.name,
        picture.pixels,
        kind,
        chromosomes,
        {"separation": network.card.sha256["onnx"]},
        density,
        width,
        picture.notes,
        set_aside=set_aside,
        maps=maps if mode == "graph" and maps.affinities else None,
    )


def rebuild(
    image: np.ndarray | Picture | str | Path,
    foreground: np.ndarray,
    overlap: np.ndarray,
    *,
    border: np.ndarray | None = None,
    stain: str = "auto",
    mode: str = "graph",
    network: bool = True,
    threads: int | None = None,
) -> tuple[Reconstructed, ...]:
    """Whole chromosomes from given maps and the picture they belong to; maps and errors as for ``reconstruct``.

    Where no ``border`` is given, mode ``graph`` sees the lines between touching chromosomes, and what lies on one chromosome,
    in the picture with the shipped separation network for the stain; with ``network=False`` shapes alone decide.
    """
    picture = _as_picture(image, "image", min_side=1)
    affinities: dict[tuple[int, int], np.ndarray] = {}
    if border is None and network and mode == "graph" and picture.pixels.shape == foreground.shape:
        polarity = resolve_stain(stain, picture.pixels)
        density = to_density(picture.pixels, polarity)
        seen = separation_maps(model_for("separation", polarity, None, threads), density, chromosome_width(density))
        border, affinities = seen.border, seen.affinities
    return reconstruct(foreground, overlap, border=border, image=picture.pixels, affinities=affinities, mode=mode)


def _as_picture(image: np.ndarray | Picture | str | Path, name: str, *, min_side: int = MIN_SIDE) -> Picture:
    if isinstance(image, Picture):
        return image
    if isinstance(image, str | Path):
        return read_picture(image, min_side=min_side)
    return picture_from_array(image, name, min_side=min_side)


def _require_metaphase(maps: Maps, width: float, source: str) -> None:
    """Raise ``NothingFound`` for noise, text and whole slides, on which the reconstruction would take hours for nothing."""
    foreground = maps.foreground > 0.5
    count, share = ndimage.label(foreground)[1], float(foreground.mean())
    if count > MOST_OBJECTS or (width < NARROWEST and share > MOST_COVERED):
        seen = f"{count} separate objects, about {width:.0f} pixels wide, cover {share:.0%} of the picture"
        raise NothingFound(f"{source}: no metaphase can be made out, {seen}. Cut out one metaphase, or set the stain.")


def _numbered(found: Sequence[Reconstructed]) -> tuple[Chromosome, ...]:
    """Chromosomes numbered from 1 in their order, not yet judged."""
    return tuple(
        Chromosome(number, one.region, angle=upright_angle(one.region), separation=one.separation)
        for number, one in enumerate(found, start=1)
    )
