"""Reading pictures from files and arrays into one grey plane, and writing PNG files.

Every way in which a picture can be unusable ends in ``PictureError`` with one line: which file, what is wrong, what to do.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile
from tifffile import TiffFile, TiffPage

from karyokit.checks import PictureError, problem, require_nonempty
from karyokit.files import atomic_path

logging.getLogger("tifffile").addHandler(logging.NullHandler())

MAX_PIXELS = 200_000_000
"""Pictures above this many pixels are refused from their header, before anything is decoded."""
MIN_SIDE = 32
"""Shortest side of a metaphase picture, in pixels."""
SUFFIXES = (".tif", ".tiff", ".png", ".jpg", ".jpeg", ".bmp", ".dcm")
"""Suffixes by which pictures are found in a folder (upper or lower case)."""

_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"BM": "BMP",
    b"GIF8": "GIF",
    b"RIFF": "WebP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
_OPENERS: dict[str, Callable[[Path], Any]] = {
    "PNG": PngImageFile,
    "JPEG": JpegImageFile,
    "BMP": BmpImageFile,
    "GIF": GifImageFile,
    "WebP": WebPImageFile,
}
_MODES = {"P": "RGB", "PA": "RGBA", "La": "LA", "RGBa": "RGBA", "RGBX": "RGB"}  # mode in the file: mode it is turned into
_PLAIN_MODES = {"1", "L", "LA", "RGB", "RGBA", "F"}
_TIFF_COLOURS = {0, 1, 2, 3, 6}  # white is zero, black is zero, RGB, palette, YCbCr
_TIFF_REFUSED = {4: "mask", 5: "CMYK", 8: "Lab", 9: "Lab", 10: "Lab"}
_ZLIB_LIKE, _LZW_LIKE = {1, 8, 32773, 32946}, {5, 7}  # TIFF compressions: read by tifffile alone, read by Pillow
_CHANNELS = ("red", "green", "blue")
_COLOUR_SHARE = 0.1
_ORIENTATIONS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda plane: plane[:, ::-1],
    3: lambda plane: plane[::-1, ::-1],
    4: lambda plane: plane[::-1],
    5: lambda plane: plane.swapaxes(0, 1),
    6: lambda plane: np.rot90(plane, -1),
    7: lambda plane: plane[::-1, ::-1].swapaxes(0, 1),
    8: lambda plane: np.rot90(plane, 1),
}


@dataclass(frozen=True, eq=False)
class Picture:
    """A grey picture: ``pixels`` (rows, columns) uint8, uint16 or float32, at the levels of the source.

    ``name`` is the file name without its folder; ``source_dtype`` the number type in the source; ``notes`` says what was
    done on the way to grey (plane or channel chosen, transparency filled, depth lost), nothing for a plain grey picture.
    """

    pixels: np.ndarray
    name: str
    source_dtype: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Raw:
    """Decoded pixels, (rows, columns) or (rows, columns, channels), upright; ``alpha``: the last channel is opacity."""

    pixels: np.ndarray
    notes: tuple[str, ...] = ()
    alpha: bool = False


def read_picture(path: str | Path, *, min_side: int = MIN_SIDE) -> Picture:
    """Read one TIFF, PNG, JPEG, BMP or DICOM file (grey, RGB, palette, with or without opacity) as a grey picture.

    Colour becomes grey by the mean of the channels where they carry the same picture, and by the channel of greatest contrast
    where they do not (blue for a DAPI picture saved as RGB, green for a Giemsa stain). Transparent pixels are laid on white,
    the EXIF orientation is applied, of a TIFF with several planes the first is used. 16-bit grey keeps its levels, whatever
    number of bits is in use. Raises ``PictureError`` for whatever cannot be a metaphase picture: missing, unreadable, empty,
    truncated, no picture, animated, over ``MAX_PIXELS``, a side under ``min_side``, one colour, NaN, CMYK, other number types.
    """
    source = Path(path)
    return _checked(_decoded(source), str(source), source.name, min_side)


def picture_from_array(array: np.ndarray, name: str = "picture", *, min_side: int = MIN_SIDE) -> Picture:
    """Check a (rows, columns) or (rows, columns, 1 to 4) array of uint8, uint16 or float as ``read_picture`` checks a file.

    >>> picture_from_array(np.eye(40)).pixels.dtype
    dtype('float32')
    """
    pixels = np.asarray(array)
    if pixels.ndim not in (2, 3) or pixels.size == 0 or (pixels.ndim == 3 and pixels.shape[2] > 4):
        raise _refusal(name, f"has shape {pixels.shape}", "Pass (rows, columns) grey or (rows, columns, 3) colour")
    if pixels.shape[0] * pixels.shape[1] > MAX_PIXELS:
        raise _too_large(name, pixels.shape[1], pixels.shape[0])
    return _checked(_Raw(pixels, alpha=pixels.ndim == 3 and pixels.shape[2] in (2, 4)), name, name, min_side)


def read_mask(path: str | Path) -> np.ndarray:
    """Read a mask file as (rows, columns) bool: true above half of the file's greatest level, so 0/1, 0/255 and JPEG rims do.

    An all-black file is an empty mask. Raises ``PictureError`` as ``read_picture``, except for size and sameness of colour.
    """
    raw = _decoded(Path(path))
    plane = raw.pixels if raw.pixels.ndim == 2 else raw.pixels[..., : raw.pixels.shape[2] - raw.alpha].max(axis=2)
    if plane.dtype == bool:
        return plane.copy()
    mask: np.ndarray = _supported(plane, str(path)) > plane.max() / 2
    return mask


def list_pictures(paths: Iterable[str | Path]) -> list[Path]:
    """Picture files named by ``paths``: files as they are, folders by the pictures directly in them, sorted by name.

    Hidden files and other suffixes in folders are left out, repetitions dropped. Files named one by one are not looked at, so
    that reading can report each. Raises ``PictureError`` for a folder without pictures or one that may not be read.
    """
    named = [Path(path) for path in paths]
    require_nonempty("paths", named)
    found: dict[Path, None] = {}
    for path in named:
        found.update(dict.fromkeys(_pictures_in(path) if os.path.isdir(path) else [path]))
    return list(found)


def to_display(pixels: np.ndarray, *, like: np.ndarray | None = None) -> np.ndarray:
    """Stretch grey values to uint8 between the 0.5 and 99.8 percent levels of ``like`` (of themselves); flat ones become black."""
    model = pixels if like is None else like
    low, high = np.percentile(model, (0.5, 99.8))
    if high <= low:
        low, high = float(model.min()), float(model.max())
    scale = 255.0 / (high - low) if high > low else 0.0
    stretched: np.ndarray = np.clip((pixels.astype(np.float32) - low) * scale + 0.5, 0, 255)
    return stretched.astype(np.uint8)


def write_png(path: str | Path, array: np.ndarray) -> None:
    """Write (rows, columns) uint8, uint16 or bool, or (rows, columns, 3 or 4) uint8, as PNG, aside and then renamed.

    Bool is written as 0 and 255. Raises ``ValueError`` for other arrays, ``files.OutputError`` where writing fails.
    """
    grey = array.ndim == 2 and array.dtype in (np.uint8, np.uint16, bool)
    colour = array.ndim == 3 and array.shape[2] in (3, 4) and array.dtype == np.uint8
    if array.size == 0 or not (grey or colour):
        got = f"{array.dtype} of shape {array.shape}"
        raise ValueError(problem("array", "be uint8 or uint16 grey, bool, or uint8 RGB", got, "Convert it, for example by to_display."))
    levels = array.astype(np.uint8) * 255 if array.dtype == bool else np.ascontiguousarray(array)
    with atomic_path(path) as aside:
        Image.fromarray(levels).save(aside, format="PNG", compress_level=3)


def _refusal(name: str, wrong: str, do: str) -> PictureError:
    return PictureError(f"{name}: {wrong}. {do}.")


def _too_large(name: str, width: int, height: int) -> PictureError:
    size = f"has {width} x {height} = {width * height / 1e6:.0f} megapixels, over the limit of {MAX_PIXELS // 1_000_000}"
    return _refusal(name, size, "Cut out the metaphase or save it smaller")


def _decoded(path: Path) -> _Raw:
    kind = _kind_of(path)
    if kind == "DICOM":
        from karyokit import dicom  # needs pydicom

        with _decoding(path):
            return _Raw(*dicom.read_frame(path, partial(_require_size, path)))
    with _decoding(path):
        return _read_tiff(path) if kind == "TIFF" else _read_raster(path, kind)


def _kind_of(path: Path) -> str:
    """File type by content; refuses whatever is no readable, non-empty picture file."""
    try:
        if path.is_dir():
            raise _refusal(str(path), "is a folder, not a picture", "Name the pictures in it")
        if not path.exists():
            raise _refusal(str(path), "does not exist", "Check the name and the folder")
        if not path.is_file():
            raise _refusal(str(path), "is not a regular file", "Save the picture to a file first")
        with path.open("rb") as stream:
            head = stream.read(132)
    except OSError as error:
        raise _refusal(str(path), f"cannot be read ({error.strerror})", "Check its access rights and the drive") from error
    if not head:
        raise _refusal(str(path), "is empty (0 bytes)", "Copy or export it again")
    kind = next((kind for start, kind in _SIGNATURES.items() if head.startswith(start)), "DICOM" if head.endswith(b"DICM") else None)
    if kind is None or (kind == "WebP" and head[8:12] != b"WEBP"):
        raise _refusal(str(path), "is not a picture, whatever its name says", "Give a TIFF, PNG, JPEG or BMP file")
    return kind


@contextmanager
def _decoding(path: Path) -> Iterator[None]:
    """Turn whatever a decoder throws at a damaged file into one message, and keep its warnings quiet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except PictureError:
            raise
        except MemoryError as error:
            raise _refusal(str(path), "does not fit in memory", "Cut out the metaphase or save it smaller") from error
        except Exception as error:
            why = " ".join(str(error).split()) or type(error).__name__
            raise _refusal(str(path), f"is truncated or damaged ({why})", "Copy or export it again") from error


def _require_size(path: Path, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise _too_large(str(path), width, height)


def _read_raster(path: Path, kind: str) -> _Raw:
    with _OPENERS[kind](path) as image:
        if getattr(image, "is_animated", False):
            raise _refusal(str(path), f"is an animated {kind}", "Save the one picture you want as PNG or TIFF")
        _require_size(path, *image.size)
        raw = _raster_pixels(path, image)
        return _turned(raw, image.getexif().get(274, 1))


def _raster_pixels(path: Path, image: Any) -> _Raw:
    """Pixels of an opened Pillow picture at the depth of the file where Pillow can."""
    deep = image.mode in ("RGB", "RGBA") and any(";16" in str(tile[3]) for tile in image.tile)
    notes = ("16-bit colour read with 8 bits",) if deep else ()
    mode = "RGBA" if image.mode == "P" and "transparency" in image.info else _MODES.get(image.mode, image.mode)
    if mode.startswith("I"):
        return _Raw(np.asarray(image).astype(np.uint16), notes)
    if mode not in _PLAIN_MODES:
        raise _refused_colours(path, mode)
    return _Raw(np.asarray(image.convert(mode) if mode != image.mode else image), notes, alpha=mode in ("LA", "RGBA"))


def _refused_colours(path: Path, space: str) -> PictureError:
    return _refusal(str(path), f"is stored in {space} colours", "Convert it to grey or RGB")


def _read_tiff(path: Path) -> _Raw:
    with TiffFile(path) as tiff:
        count = len(tiff.pages)
        page = tiff.pages[0]
        assert isinstance(page, TiffPage)
        _require_size(path, page.imagewidth, page.imagelength)
        if int(page.photometric) not in _TIFF_COLOURS:
            raise _refused_colours(path, _TIFF_REFUSED.get(int(page.photometric), "unusual"))
        ends = (offset + size for offset, size in zip(page.dataoffsets, page.databytecounts, strict=True))
        if max(ends) > path.stat().st_size:
            raise _refusal(str(path), "is truncated", "Copy or export it again")
        raw = _tiff_pixels(path, page)
    notes = (f"first of {count} planes used",) if count > 1 else ()
    return _Raw(raw.pixels, notes + raw.notes, raw.alpha)


def _tiff_pixels(path: Path, page: TiffPage) -> _Raw:
    """Pixels of the first plane: by tifffile where it needs no plug-in (any number type), else by Pillow (LZW, JPEG)."""
    packed = page.bitspersample not in (1, 8, 16, 32, 64)
    if int(page.compression) in _LZW_LIKE or int(page.photometric) == 6 or packed:
        with TiffImageFile(path) as image:
            return _raster_pixels(path, image)
    if int(page.compression) not in _ZLIB_LIKE:
        raise _refusal(
            str(path),
            f"uses TIFF compression {int(page.compression)}, which cannot be read",
            "Save it as TIFF without compression or with LZW",
        )
    pixels = page.asarray()
    if pixels.ndim == 3 and page.planarconfig == 2:
        pixels = np.moveaxis(pixels, 0, -1)
    if int(page.photometric) == 3 and page.colormap is not None:
        pixels = np.moveaxis(page.colormap, 0, -1)[pixels] >> 8
        pixels = pixels.astype(np.uint8)
    if int(page.photometric) == 0 and pixels.dtype.kind in "uf":
        pixels = (np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else pixels.max()) - pixels
    orientation = page.tags.valueof(274, default=1)
    return _turned(_without_extras(path, page, pixels), int(orientation))


def _without_extras(path: Path, page: TiffPage, pixels: np.ndarray) -> _Raw:
    """Keep grey or RGB and an opacity channel; other extra samples are dropped, with a note."""
    if pixels.ndim == 2:
        return _Raw(pixels)
    if pixels.ndim != 3:
        raise _refusal(str(path), f"holds an array of shape {pixels.shape}", "Save one plane as a grey TIFF")
    extras = [int(extra) for extra in page.extrasamples]
    kept = pixels.shape[2] - len(extras)
    alpha = bool(extras) and extras[0] in (1, 2)
    notes = (f"{len(extras) - alpha} extra channels left out",) if len(extras) > alpha else ()
    chosen = pixels[..., : kept + alpha]
    return _Raw(chosen[..., 0] if chosen.shape[2] == 1 else chosen, notes, alpha)


def _turned(raw: _Raw, orientation: int) -> _Raw:
    turn = _ORIENTATIONS.get(orientation)
    return raw if turn is None else _Raw(turn(raw.pixels), raw.notes, raw.alpha)


def _checked(raw: _Raw, source: str, name: str, min_side: int) -> Picture:
    height, width = raw.pixels.shape[:2]
    if min(height, width) < min_side:
        raise _refusal(source, f"has only {width} x {height} pixels", f"Give a picture of at least {min_side} x {min_side}")
    pixels, notes = _grey(_supported(raw.pixels, source), raw.alpha)
    if pixels.min() == pixels.max():
        raise _refusal(source, f"has one colour only (level {pixels.flat[0]})", "Check the export and the exposure")
    return Picture(np.ascontiguousarray(pixels), name, str(raw.pixels.dtype), raw.notes + notes)


def _supported(pixels: np.ndarray, source: str) -> np.ndarray:
    """The pixels as native uint8, uint16 or float32 without loss of levels; other number types are refused."""
    kind, size = pixels.dtype.kind, pixels.dtype.itemsize
    if kind == "b":
        raise _refusal(source, "holds only black and white (1 bit)", "Give the grey picture it was made from")
    if kind == "f":
        with np.errstate(over="ignore"):
            pixels = pixels.astype(np.float32)
        if not np.isfinite(pixels).all():
            raise _refusal(source, "holds NaN or infinite values", "Replace missing pixels before the analysis")
        return pixels
    if (kind == "u" and size <= 2) or (kind == "i" and size == 2 and pixels.min() >= 0):
        return pixels.astype(np.uint8 if size == 1 else np.uint16, copy=False)
    raise _refusal(source, f"holds {pixels.dtype} numbers", "Convert it to 8-bit, 16-bit unsigned or 32-bit float")


def _grey(pixels: np.ndarray, alpha: bool) -> tuple[np.ndarray, tuple[str, ...]]:
    """One plane of the same number type, and what was done to get it."""
    notes: tuple[str, ...] = ()
    if pixels.ndim == 3 and alpha:
        pixels, notes = _laid_on_white(pixels[..., :-1], pixels[..., -1])
    if pixels.ndim == 2:
        return pixels, notes
    first = pixels[..., 0]
    if all(np.array_equal(first, pixels[..., channel]) for channel in range(1, pixels.shape[2])):  # grey, as most colour files are
        return np.ascontiguousarray(first), notes
    step = max(1, int(np.sqrt(pixels.shape[0] * pixels.shape[1] / 250_000)))
    sample = pixels[::step, ::step].astype(np.float64)
    if _colour_share(sample) > _COLOUR_SHARE:
        best = int(np.argmax(sample.std(axis=(0, 1))))
        return pixels[..., best], (*notes, f"colour picture: {_CHANNELS[best]} channel used")
    mean = pixels.mean(axis=2, dtype=np.float32)
    return (mean if pixels.dtype.kind == "f" else np.rint(mean)).astype(pixels.dtype), notes


def _colour_share(sample: np.ndarray) -> float:
    """Share of a colour picture's contrast by which its channels differ: 0 for grey, 2/3 where one channel has it all."""
    centred = sample - sample.mean(axis=(0, 1))
    total = float((centred**2).mean())
    return float(centred.var(axis=2).mean()) / total if total else 0.0


def _laid_on_white(colour: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Colour over white by its opacity, which runs from 0 to the number type's greatest value (1 for float)."""
    whole = float(np.iinfo(colour.dtype).max) if colour.dtype.kind == "u" else 1.0
    if alpha.min() >= whole:
        return colour, ()
    white = whole if colour.dtype.kind == "u" else max(1.0, float(colour.max()))
    share = (alpha / np.float32(whole))[..., None]
    laid = colour * share + white * (1 - share)
    return (np.rint(laid) if colour.dtype.kind == "u" else laid).astype(colour.dtype), ("transparent pixels laid on white",)


def _pictures_in(folder: Path) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise _refusal(str(folder), f"this folder cannot be read ({error.strerror})", "Check its access rights") from error
    found = [entry for entry in entries if entry.suffix.lower() in SUFFIXES and not entry.name.startswith(".") and not entry.is_dir()]
    if not found:
        raise _refusal(str(folder), "this folder holds no pictures", f"Put {', '.join(SUFFIXES)} files into it or name another folder")
    return found
