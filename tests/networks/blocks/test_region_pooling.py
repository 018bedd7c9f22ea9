from __future__ import annotations

import pytest
import torch

from karyokit.networks.blocks.region_pooling import crop_masks, paste_masks, pool_regions

STRIDES = (4, 8, 16, 32)


def ramp(rows: int, columns: int, stride: int) -> torch.Tensor:
    """(1, 2, rows, columns): the column and the row of each map pixel's centre in picture pixels."""
    y = (torch.arange(rows) + 0.5) * stride
    x = (torch.arange(columns) + 0.5) * stride
    return torch.stack([x.expand(rows, columns), y[:, None].expand(rows, columns)])[None]


@pytest.mark.parametrize("size", [7, 14])
def test_pooling_a_ramp_gives_the_centres_of_the_cells(size: int) -> None:
    maps = [ramp(256 // stride, 320 // stride, stride) for stride in STRIDES]
    boxes = torch.tensor([[20.0, 30.0, 90.0, 58.0], [33.3, 40.7, 210.1, 230.9], [16.5, 16.5, 40.0, 100.0]])
    pooled = pool_regions(maps, [boxes], size, STRIDES)
    steps = (torch.arange(size) + 0.5) / size
    for box, cells in zip(boxes, pooled, strict=True):
        torch.testing.assert_close(cells[0], (box[0] + steps * (box[2] - box[0])).expand(size, size), atol=1e-3, rtol=0)
        torch.testing.assert_close(cells[1], (box[1] + steps * (box[3] - box[1]))[:, None].expand(size, size), atol=1e-3, rtol=0)


def test_size_chooses_the_map_and_order_and_pictures_are_kept() -> None:
    maps = [torch.full((2, 1, 512 // stride, 512 // stride), float(level)) for level, stride in enumerate(STRIDES)]
    for level in range(4):
        maps[level][1] += 10
    sides = (600.0, 30.0, 111.0, 113.0, 225.0, 450.0)
    first = torch.tensor([[0.0, 0.0, side, side] for side in sides]).clamp(max=512)
    second = torch.tensor([[0.0, 0.0, 60.0, 60.0]])
    pooled = pool_regions(maps, [first, second], 2, STRIDES)[:, 0, 0, 0]
    assert pooled.tolist() == [3.0, 0.0, 0.0, 1.0, 2.0, 3.0, 10.0]


def test_no_boxes_give_no_features() -> None:
    maps = [torch.rand(1, 3, 16, 16) for _ in STRIDES]
    assert pool_regions(maps, [torch.zeros(0, 4)], 7, STRIDES).shape == (0, 3, 7, 7)


def test_a_mask_cut_and_pasted_back_is_the_mask() -> None:
    mask = torch.zeros(2, 40, 50)
    mask[0, 6:20, 10:38] = 1
    mask[1, 12:26, 3:17] = 1
    boxes = torch.tensor([[4.0, 2.0, 44.0, 30.0], [0.0, 8.0, 28.0, 36.0]])
    back = paste_masks(crop_masks(mask, boxes, 28), boxes, (40, 50)) > 0.5
    assert torch.equal(back, mask > 0.5)


def test_boxes_that_leave_the_picture_paste_what_is_inside() -> None:
    pasted = paste_masks(
        torch.ones(3, 28, 28), torch.tensor([[-10.0, -5.0, 6.0, 8.0], [60.0, 0.0, 70.0, 9.0], [2.2, 1.0, 2.4, 1.5]]), (20, 30)
    )
    assert pasted[0, :8, :6].min() > 0.5
    assert pasted[0, 9:].max() == 0
    assert pasted[1].max() == 0
    assert paste_masks(torch.zeros(0, 28, 28), torch.zeros(0, 4), (5, 6)).shape == (0, 5, 6)
