from __future__ import annotations

import pytest
import torch

from karyokit.networks import parameter_count
from karyokit.networks.blocks.residual_path import BLOCKS, ArmsPathBlock, MultiResPathBlock, residual_path


@pytest.mark.parametrize("style", BLOCKS)
def test_shapes_and_number_of_blocks(style: str) -> None:
    path = residual_path(6, 4, 3, style=style).eval()
    assert len(path) == 3
    assert path(torch.rand(2, 6, 5, 7)).shape == (2, 4, 5, 7)


def test_sizes_of_a_block() -> None:
    wide, narrow, norm = 6 * 4 * 9 + 4, 4 * 4 + 4, 2 * 4
    assert parameter_count(ArmsPathBlock(6, 4)) == wide + narrow + norm
    assert parameter_count(MultiResPathBlock(6, 4)) == wide + (6 * 4 + 4) + 3 * norm


def test_arms_block_by_hand() -> None:
    torch.manual_seed(0)
    block = ArmsPathBlock(3, 2).eval()
    x = torch.randn(1, 3, 4, 4)
    a = block.wide(x).relu()
    torch.testing.assert_close(block(x), (a + block.narrow(a).relu()) / (1 + 1e-3) ** 0.5)


def test_multires_block_by_hand() -> None:
    torch.manual_seed(0)
    block = MultiResPathBlock(3, 2).eval()
    x = torch.randn(1, 3, 4, 4)
    scale = (1 + 1e-3) ** -0.5
    torch.testing.assert_close(block(x), ((block.wide(x) * scale).relu() + block.narrow(x) * scale).relu() * scale)


def test_unknown_style() -> None:
    with pytest.raises(ValueError, match=r"`respath_style` must be one of \['arms', 'multires'\]"):
        residual_path(4, 4, 1, style="arm")
