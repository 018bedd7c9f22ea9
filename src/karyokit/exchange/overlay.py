"""A picture of a cell with every chromosome's outline, its overlap zones and its number drawn in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from karyokit.chromosomes import Cell, Chromosome, Region
from karyokit.pictures import to_display
from karyokit.staining import dark_on_light

COLOURS = np.array(
    [
        *((255, 82, 82), (64, 196, 255), (255, 214, 0), (105, 240, 110), (224, 100, 255), (255, 145, 30)),
        *((24, 255, 230), (255, 128, 190), (150, 140, 255), (190, 230, 60), (215, 160, 120), (90, 150, 255)),
    ],
    np.uint8,
)
"""Outline colours; neighbours get different ones."""

_SMALL_SIDE = 1200
_FONT_SIZE = 15
_STRIPE = 3
_DASH = 5
_FAINT = 128
_REACH = 40
_GRID = 3


def draw_overlay(cell: Cell, *, set_aside: Sequence[Region] = ()) -> np.ndarray:
    """(rows s, columns s, 3) uint8 picture of the cell; s is 2 for pictures under 1,200 px, so that numbers can be read, else 1.

    Each chromosome has a coloured outline and its number beside it in the same colour, with a question mark where it is doubtful;
    an overlap zone is striped in the colours of the chromosomes it belongs to. The picture is stretched to the full range of
    grey. Without chromosomes it is grey alone.
    ``set_aside``: objects not taken for chromosomes; they have a dashed grey outline and no number.
    """
    scale = 2 if max(cell.shape) < _SMALL_SIDE else 1
    bright = dark_on_light(cell.stain)
    regions = [_enlarged(item.region, scale) for item in cell.chromosomes]
    colours = (COLOURS[_colour_numbers(regions)] * (0.75 if bright else 1)).astype(np.uint8)
    canvas = _grey_canvas(_within_chromosomes(cell), scale)
    taken = _counted(regions, (canvas.shape[0], canvas.shape[1]))
    _stripe_zones(canvas, regions, colours, taken)
    for region in (_enlarged(one, scale) for one in set_aside):
        canvas[region.window][_dashed(region, scale)] = _FAINT
    for region, colour in zip(regions, colours, strict=True):
        canvas[region.window][_outline(region.crop, scale)] = colour
    halo = (255, 255, 255) if bright else (0, 0, 0)
    return _with_labels(canvas, cell.chromosomes, regions=regions, colours=colours, occupied=taken > 0, halo=halo)


def _within_chromosomes(cell: Cell) -> np.ndarray:
    """The picture with whatever is stained more strongly than the chromosomes (nuclei) cut to their strongest stain."""
    levels = [cell.image[item.region.window][item.region.crop] for item in cell.chromosomes if item.region.area]
    if not levels:
        return cell.image
    low, high = np.percentile(np.concatenate(levels), (0.5, 99.5))
    return np.maximum(cell.image, low) if dark_on_light(cell.stain) else np.minimum(cell.image, high)


def _enlarged(region: Region, scale: int) -> Region:
    crop = np.repeat(np.repeat(region.crop, scale, axis=0), scale, axis=1)
    return Region(region.row * scale, region.column * scale, crop)


def _grey_canvas(image: np.ndarray, scale: int) -> np.ndarray:
    grey = Image.fromarray(to_display(image))
    large = grey.resize((grey.width * scale, grey.height * scale), Image.Resampling.BICUBIC) if scale > 1 else grey
    return np.repeat(np.asarray(large)[..., None], 3, axis=2)


def _outline(crop: np.ndarray, thickness: int) -> np.ndarray:
    """The rim of a mask, ``thickness`` pixels wide inwards, closed at the border of the crop."""
    if crop.size == 0:
        return crop
    rim: np.ndarray = crop & ~ndimage.binary_erosion(crop, iterations=thickness)
    return rim


def _dashed(region: Region, thickness: int) -> np.ndarray:
    """The outline of a region broken into dashes, a mask over its crop."""
    rows, columns = np.indices(region.crop.shape)
    dashes: np.ndarray = _outline(region.crop, thickness) & ((rows + region.row + columns + region.column) // _DASH % 2 == 0)
    return dashes


def _counted(regions: Sequence[Region], shape: tuple[int, int]) -> np.ndarray:
    """(rows, columns) uint8: to how many chromosomes each pixel belongs."""
    counts = np.zeros(shape, np.uint8)
    for region in regions:
        counts[region.window] += region.crop
    return counts


def _colour_numbers(regions: Sequence[Region]) -> np.ndarray:
    """For each region the colour least used by the regions near it, those nearest counting most."""
    centres = np.array([(region.row + region.crop.shape[0] / 2, region.column + region.crop.shape[1] / 2) for region in regions])
    chosen = np.zeros(len(regions), int)
    for i in range(len(regions)):
        nearness = 1 / (1 + np.hypot(*(centres[:i] - centres[i]).T)) ** 2
        crowd = np.bincount(chosen[:i], weights=nearness, minlength=len(COLOURS))
        chosen[i] = int(np.argmin(crowd))
    return chosen


def _stripe_zones(canvas: np.ndarray, regions: Sequence[Region], colours: np.ndarray, counts: np.ndarray) -> None:
    """Draw diagonal stripes into every pixel of two or more chromosomes, in turn in the colour of each of them."""
    rank = np.zeros(counts.shape, np.uint8)
    for region, colour in zip(regions, colours, strict=True):
        rows, columns = np.nonzero(region.crop & (counts[region.window] > 1))
        rows, columns = rows + region.row, columns + region.column
        mine = (rows + columns) // _STRIPE % counts[rows, columns] == rank[rows, columns]
        rank[rows, columns] += 1
        spots = rows[mine], columns[mine]
        canvas[spots] = (canvas[spots] * 0.35 + colour * 0.65).astype(np.uint8)


def _with_labels(
    canvas: np.ndarray,
    chromosomes: Sequence[Chromosome],
    *,
    regions: Sequence[Region],
    colours: np.ndarray,
    occupied: np.ndarray,
    halo: tuple[int, int, int],
) -> np.ndarray:
    """A copy with each chromosome's number where it hides least: off all chromosomes and other numbers, near its own."""
    picture = Image.fromarray(canvas)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(_FONT_SIZE)
    blocked = occupied.astype(np.float32)
    for item, region, colour in zip(chromosomes, regions, colours, strict=True):
        text = f"{item.number}?" if item.doubts else str(item.number)
        left, top, right, bottom = pen.textbbox((0, 0), text, font=font, stroke_width=2)
        size = int(bottom - top), int(right - left)
        row, column = _free_place(blocked, region, size)
        blocked[row : row + size[0], column : column + size[1]] = 4
        pen.text((column - left, row - top), text, font=font, fill=tuple(colour.tolist()), stroke_width=2, stroke_fill=halo)
    return np.asarray(picture).copy()


def _free_place(blocked: np.ndarray, region: Region, size: tuple[int, int]) -> tuple[int, int]:
    """(row, column) of the top left corner of a label of ``size`` (rows, columns) near the region, on a grid of ``_GRID`` px."""
    height, width = size
    top, left = max(region.row - _REACH - height, 0), max(region.column - _REACH - width, 0)
    bottom = min(region.row + region.crop.shape[0] + _REACH + height, blocked.shape[0])
    right = min(region.column + region.crop.shape[1] + _REACH + width, blocked.shape[1])
    if bottom - top < height or right - left < width or region.area == 0:
        return top, left
    hidden = _box_sums(blocked[top:bottom, left:right], size)
    own = Region(region.row - top, region.column - left, region.crop).to_mask((bottom - top, right - left))
    far = _GRID * ndimage.distance_transform_edt(~own[height // 2 :: _GRID, width // 2 :: _GRID])
    row, column = np.unravel_index(np.argmin(hidden + 1.5 * far[: hidden.shape[0], : hidden.shape[1]]), hidden.shape)
    return top + _GRID * int(row), left + _GRID * int(column)


def _box_sums(plane: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Sum over the box of ``size`` whose top left corner is each pixel on the grid, for every box inside the plane."""
    total = np.pad(plane.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    height, width = size
    upper, lower = total[:-height:_GRID], total[height::_GRID]
    sums: np.ndarray = lower[:, width::_GRID] - upper[:, width::_GRID] - lower[:, :-width:_GRID] + upper[:, :-width:_GRID]
    return sums
