"""Features of boxes cut from a pyramid, masks cut by boxes, and masks pasted back into the picture.

RoIAlign: He et al. 2017, with the half-pixel shift ("aligned"); choice of the map: Lin et al. 2017, Equation 1.
Pixel (row, column) of a picture covers [column, column + 1) x [row, row + 1) of the plane that boxes live in.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.ops import roi_align

FINEST_SIDE = 56.0
"""Boxes of under twice this mean side in pixels are pooled from the finest map."""


def pool_regions(maps: Sequence[Tensor], boxes: Sequence[Tensor], size: int, strides: Sequence[int], *, samples: int = 2) -> Tensor:
    """(boxes of all pictures, channels, ``size``, ``size``) features, each box from the map that suits its size.

    ``maps`` are (n, channels, rows, columns) from fine to coarse, with ``strides``; ``boxes`` one (k, 4) per picture; ``samples``
    squared points are averaged per cell. No boxes at all give (0, channels, size, size).
    """
    regions = with_picture(boxes)
    level = torch.log2((regions[:, 3:] - regions[:, 1:3]).clamp(min=1e-6).prod(dim=1).sqrt() / FINEST_SIDE + 1e-6)
    level = level.floor().clamp(0, len(maps) - 1).long()
    pooled = maps[0].new_zeros((len(regions), maps[0].shape[1], size, size), dtype=torch.float32)
    for number, (features, stride) in enumerate(zip(maps, strides, strict=True)):
        chosen = torch.nonzero(level == number)[:, 0]
        cells = roi_align(features.float(), regions[chosen], size, 1 / stride, samples, aligned=True)
        pooled = pooled.index_copy(0, chosen, cells)
    return pooled


def with_picture(boxes: Sequence[Tensor]) -> Tensor:
    """(all boxes, 5): number of the picture, then the box."""
    numbers = [torch.full_like(group[:, :1], number) for number, group in enumerate(boxes)]
    return torch.cat([torch.cat(numbers), torch.cat(list(boxes))], dim=1)


def crop_masks(masks: Tensor, boxes: Tensor, size: int) -> Tensor:
    """(n, ``size``, ``size``) float in 0..1: mask i of (n, rows, columns) as seen by box i; outside the picture it is 0."""
    each = torch.arange(len(boxes), device=boxes.device, dtype=boxes.dtype)[:, None]
    return roi_align(masks[:, None].float(), torch.cat([each, boxes], dim=1), size, 1.0, -1, aligned=True)[:, 0]


def paste_masks(masks: Tensor, boxes: Tensor, shape: tuple[int, int]) -> Tensor:
    """(n, rows, columns) float: (n, size, size) masks stretched bilinearly over their boxes in a picture of ``shape``; 0 elsewhere."""
    pasted = masks.new_zeros((len(masks), *shape))
    low = boxes[:, :2].floor().long().clamp(min=0)
    high = torch.minimum(boxes[:, 2:].ceil().long(), low.new_tensor([shape[1], shape[0]]))
    for number, ((left, top), (right, bottom)) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
        if right > left and bottom > top:
            window = stretch_mask(masks[number], boxes[number], (left, top, right, bottom))
            pasted[number, top:bottom, left:right] = window
    return pasted


def stretch_mask(mask: Tensor, box: Tensor, window: tuple[int, int, int, int]) -> Tensor:
    """(rows, columns) values of a (size, size) mask over ``box`` at the pixel centres of ``window`` (left, top, right, bottom)."""
    left, top, right, bottom = window
    sides = (box[2:] - box[:2]).clamp(min=1e-6)
    x = (torch.arange(left, right, device=box.device) + 0.5 - box[0]) / sides[0] * 2 - 1
    y = (torch.arange(top, bottom, device=box.device) + 0.5 - box[1]) / sides[1] * 2 - 1
    grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)
    return functional.grid_sample(mask[None, None].float(), grid[None].float(), align_corners=False)[0, 0]
