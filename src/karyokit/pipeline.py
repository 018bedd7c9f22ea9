"""From a metaphase picture to a cell of separated, classified chromosomes: the one place where the stages meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from scipy import ndimage

from karyokit.checks import NothingFound, lookup
from karyokit.chromosomes import CLASS_NAMES, Cell, Chromosome, Polarity, Region
from karyokit.exchange.chromosome_pictures import background_level, own_picture
from karyokit.exchange.overlay import draw_overlay
from karyokit.exchange.tables import write_table
from karyokit.files import atomic_path, make_folder
from karyokit.inference import Maps, Model, classify_pictures, default_model, load_model, separation_maps
from karyokit.inference.registry import Task
from karyokit.karyotype.assignment import assign_classes
from karyokit.karyotype.classifier_input import classifier_input
from karyokit.karyotype.iscn import numerical_iscn
from karyokit.karyotype.karyogram import draw_karyogram, karyogram_pdf
from karyokit.karyotype.measurements import Measurements, measure
from karyokit.karyotype.orientation import upright_angle, upright_picture, upright_point
from karyokit.karyotype.page import KaryogramItem
from karyokit.karyotype.straightening import StraightChromosome, straighten
from karyokit.pictures import MIN_SIDE, Picture, picture_from_array, read_picture, to_display, write_png
from karyokit.reconstruction import Reconstructed, reconstruct
from karyokit.reconstruction.plausibility import SetAside, count_reasons, sort_out
from karyokit.reconstruction.reconstruct import MODES
from karyokit.staining import STAIN_NAMES, chromosome_width, resolve_stain, to_density

LOW_CONFIDENCE = 0.5
"""Class probability, score and margin below which a chromosome is marked for a check by eye."""
MOST_OBJECTS = 1000
"""Separate objects above which a picture is no metaphase (noise, text, a whole slide); metaphases have under 200."""
NARROWEST, MOST_COVERED = 4.0, 0.35
"""Objects narrower than this many pixels that cover more than this share of the picture are noise."""


@dataclass(frozen=True, eq=False)
class AnalysedCell(Cell):
    """A cell with what the analysis needs again: its density picture, the typical chromosome width in pixels, notes on
    the picture, and ``doubts``: which counts are unusual and which chromosomes got another class than their likeliest.

    ``set_aside`` holds the objects that were found but not taken for chromosomes, each with the reason.
    """

    density: np.ndarray = field(default_factory=lambda: np.zeros((1, 1), np.float32))
    width_px: float = 0.0
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    set_aside: tuple[SetAside, ...] = ()

    @property
    def classified(self) -> bool:
        """Whether any chromosome has a class."""
        return any(chromosome.category for chromosome in self.chromosomes)

    @cached_property
    def straightened(self) -> tuple[StraightChromosome, ...]:
        """Each chromosome straightened along its medial axis, in order."""
        return tuple(straighten(self.density, chromosome.region) for chromosome in self.chromosomes)

    def measurements(self) -> tuple[Measurements, ...]:
        """Length, area, width, centromere and arms of each chromosome, in order."""
        return tuple(
            measure(self.density, one.region, category=one.category, polarity=one.polarity, angle=one.angle, straight=straight)
            for one, straight in zip(self.chromosomes, self.straightened, strict=True)
        )

    def karyogram(self) -> np.ndarray:
        """(rows, columns, 3) uint8 picture of the karyogram."""
        return draw_karyogram(self.karyogram_items(), file_name=self.name, stain=self.stain)

    def karyogram_items(self) -> list[KaryogramItem]:
        """Each chromosome as it goes into the karyogram."""
        grey = to_display(self.image)
        return [_item(grey, one, found, self.stain) for one, found in zip(self.chromosomes, self.measurements(), strict=True)]

    def summary(self) -> str:
        """Count, proposed ISCN string, what was set aside and the notes, in one line."""
        count = f"{len(self.chromosomes)} chromosome{'s' if len(self.chromosomes) != 1 else ''}"
        proposal = numerical_iscn(one.category for one in self.chromosomes) if self.classified else None
        found = f"{count}, proposed {proposal}" if proposal else count
        return "; ".join(filter(None, (found, count_reasons(self.set_aside), *self.notes)))


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
    """
    picture = _as_picture(image, name)
    polarity = resolve_stain(stain, picture.pixels)
    network = _model("separation", polarity, model, threads)
    density = to_density(picture.pixels, polarity)
    width = chromosome_width(density)
    maps = separation_maps(network, density, width)
    source = str(image) if isinstance(image, str | Path) else picture.name
    _require_metaphase(maps, width, source)
    objects = reconstruct(maps.foreground, maps.overlap, border=maps.border, image=picture.pixels, affinities=maps.affinities, mode=mode)
    apart = width if polarity == "fluorescence" else None  # brightfield cells are spread so widely that a gap says little
    found, set_aside = sort_out(objects, density, maps.foreground, width=apart)
    if not found:
        raise NothingFound(f"{source}: no chromosome is in view. Check that it is a metaphase picture, or set the stain.")
    chromosomes = tuple(_chromosome(number, one, maps) for number, one in enumerate(found, start=1))
    models = {"separation": network.card.sha256["onnx"]}
    return AnalysedCell(picture.name, picture.pixels, polarity, chromosomes, models, density, width, picture.notes, set_aside=set_aside)


def analyse(
    image: np.ndarray | Picture | str | Path,
    *,
    stain: str = "auto",
    classify: bool = True,
    mode: str = "graph",
    model: str | Path | None = None,
    classifier: str | Path | None = None,
    threads: int | None = None,
    name: str = "cell",
) -> AnalysedCell:
    """Separate the chromosomes of a metaphase picture, name them and find where their p arm points.

    Arguments and errors as for ``separate``; ``classifier`` is a classification model as ``model`` is a separation model;
    ``classify=False`` stops after the separation.
    """
    cell = separate(image, stain=stain, mode=mode, model=model, threads=threads, name=name)
    return name_chromosomes(cell, _model("classification", cell.stain, classifier, threads)) if classify else cell


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

    Where no ``border`` is given, mode ``graph`` sees the lines between touching chromosomes in the picture with the shipped
    separation network for the stain; with ``network=False`` shapes alone decide.
    """
    picture = _as_picture(image, "image", min_side=1)
    if border is None and network and mode == "graph" and picture.pixels.shape == foreground.shape:
        polarity = resolve_stain(stain, picture.pixels)
        density = to_density(picture.pixels, polarity)
        border = separation_maps(_model("separation", polarity, None, threads), density, chromosome_width(density)).border
    return reconstruct(foreground, overlap, border=border, image=picture.pixels, mode=mode)


def name_chromosomes(cell: AnalysedCell, classifier: Model) -> AnalysedCell:
    """The cell with class, probabilities and polarity of each chromosome, decided together."""
    canvases = [
        _upright_canvas(straight, one.angle, 0.5 * (cell.width_px + straight.median_width_px))
        for one, straight in zip(cell.chromosomes, cell.straightened, strict=True)
    ]
    probabilities, up = classify_pictures(classifier, np.stack(canvases)[:, None])
    assigned = assign_classes(probabilities)
    chromosomes = tuple(
        one.with_changes(
            category=int(category), probabilities=tuple(map(float, row)), polarity=_polarity(p_up), polarity_probability=float(p_up)
        )
        for one, category, row, p_up in zip(cell.chromosomes, assigned.categories, probabilities, up, strict=True)
    )
    models = {**cell.models, "classification": classifier.card.sha256["onnx"]}
    return replace(cell, chromosomes=chromosomes, models=models, doubts=assigned.notes)


def classify_picture(
    picture: str | Path, *, stain: str = "auto", classifier: str | Path | None = None, threads: int | None = None
) -> tuple[str, float, Polarity]:
    """Class name, its probability and polarity of the one chromosome in a picture file.

    ``polarity`` says whether the p arm lies at the upper (of a lying chromosome, the left) end of the picture.
    """
    grey = read_picture(picture, min_side=4)
    polarity = _single_stain(grey.pixels) if stain.lower() == "auto" else resolve_stain(stain, grey.pixels)
    density, region = single_chromosome(replace(grey, name=str(picture)), polarity)
    canvas = classifier_input(straighten(density, region))
    probabilities, up = classify_pictures(_model("classification", polarity, classifier, threads), canvas[None, None])
    best = int(probabilities[0].argmax())
    return CLASS_NAMES[best], float(probabilities[0, best]), _polarity(float(up[0]))


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


def check_choices(stain: str, mode: str, *, models: Sequence[str | Path | None] = (), threads: int | None = None) -> None:
    """Raise ``ValueError`` for an unknown stain, mode or model before any picture is read."""
    lookup(STAIN_NAMES, stain.lower(), "stain")
    lookup(MODES, mode, "mode")
    for name in filter(None, models):
        _named_model(name, threads)


def _as_picture(image: np.ndarray | Picture | str | Path, name: str, *, min_side: int = MIN_SIDE) -> Picture:
    if isinstance(image, Picture):
        return image
    if isinstance(image, str | Path):
        return read_picture(image, min_side=min_side)
    return picture_from_array(image, name, min_side=min_side)


@lru_cache(maxsize=8)
def _named_model(name: str | Path, threads: int | None) -> Model:
    return load_model(name, threads=threads)


@lru_cache(maxsize=8)
def _default_model(task: Task, stain: str, threads: int | None) -> Model:
    return default_model(task, stain, threads=threads)


def _model(task: Task, stain: str, name: str | Path | None, threads: int | None) -> Model:
    """The model asked for, kept open for the next picture."""
    return _named_model(name, threads) if name else _default_model(task, stain, threads)


def _require_metaphase(maps: Maps, width: float, source: str) -> None:
    """Raise ``NothingFound`` for noise, text and whole slides, on which the reconstruction would take hours for nothing."""
    foreground = maps.foreground > 0.5
    count, share = ndimage.label(foreground)[1], float(foreground.mean())
    if count > MOST_OBJECTS or (width < NARROWEST and share > MOST_COVERED):
        seen = f"{count} separate objects, about {width:.0f} pixels wide, cover {share:.0%} of the picture"
        raise NothingFound(f"{source}: no metaphase can be made out, {seen}. Cut out one metaphase, or set the stain.")


def _chromosome(number: int, found: Reconstructed, maps: Maps) -> Chromosome:
    """A chromosome scored by how sure the network is of its pixels and the reconstruction of its decisions."""
    sure = float(maps.foreground[found.region.window][found.region.crop].mean())
    score = sure * (0.5 + 0.5 * float(np.clip(found.separation.margin, 0, 1)))
    return Chromosome(number, found.region, score=score, angle=upright_angle(found.region), separation=found.separation)


def _upright_canvas(straight: StraightChromosome, angle: float, width: float) -> np.ndarray:
    """The classifier's picture with the end on top that is on top once the chromosome is turned by ``angle``."""
    canvas = classifier_input(straight, width=width)
    turn = np.array([np.cos(np.radians(angle)), -np.sin(np.radians(angle))])
    return canvas if (straight.axis[0] - straight.axis[-1]) @ turn <= 0 else canvas[::-1]


def _polarity(p_up: float) -> Polarity:
    return "up" if p_up >= 0.5 else "down"


def _item(grey: np.ndarray, one: Chromosome, found: Measurements, stain: str) -> KaryogramItem:
    flip = one.polarity == "down"
    upright = upright_picture(grey, one.region, angle=one.angle, flip=flip, stain=stain)
    row, _ = upright_point(one.region, found.centromere, angle=one.angle, flip=flip)
    doubtful = min(one.class_probability, one.score) < LOW_CONFIDENCE
    return KaryogramItem(upright, one.category, float(np.clip(row, 0, len(upright) - 1)), low_confidence=doubtful, number=one.number)


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


def _single_stain(pixels: np.ndarray) -> str:
    """The stain of a picture of one chromosome: brightfield where its rim is lighter than its middle level."""
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return "brightfield" if np.median(rim) > (float(pixels.min()) + float(pixels.max())) / 2 else "fluorescence"


def single_chromosome(grey: Picture, stain: str) -> tuple[np.ndarray, Region]:
    """Density and region of the largest object in a picture of one chromosome; ``NothingFound`` where none stands out."""
    plane = grey.pixels.astype(np.float32)
    rim = float(np.median(np.concatenate([plane[0], plane[-1], plane[:, 0], plane[:, -1]])))
    if stain == "brightfield":
        density = -np.log(np.clip((plane + 1) / (rim + 1), 0.004, 1))
        stained = density > 0.06
    else:
        density = np.maximum(plane - rim, 0)
        density /= max(float(np.percentile(density, 99)), 1e-6)
        stained = density > 0.3
    labels, count = ndimage.label(np.pad(stained, 2), np.ones((3, 3), bool))
    sizes = np.bincount(labels.ravel())[1:]
    if count == 0 or sizes.max() < 12:
        raise NothingFound(f"{grey.name}: no chromosome is in view. Check the picture, or set the stain.")
    region = Region.from_mask(ndimage.binary_fill_holes(labels == 1 + int(sizes.argmax())))
    return np.pad(density, 2), region
