from __future__ import annotations

import pytest
import torch

from karyokit.networks import build_network, parameter_count
from karyokit.networks.hu_unet import ENLARGERS, HuUNet


def test_parameter_counts() -> None:
    with torch.device("meta"):
        assert parameter_count(build_network("hu_unet")) == 1_861_892  # systems specification 7.1
        assert build_network("saleh_unet").stride == 8
        wide = 512 * 256 * 9 + 512 + 512 * 512 * 9 + 512  # the third pool's own two convolutions
        back = 512 * 256 * 4 + 256 + 512 * 256 * 9 + 256 + 256 * 256 * 9 + 256
        assert parameter_count(build_network("saleh_unet")) == 1_861_892 + wide + back
        normed = parameter_count(HuUNet(batch_norm=True)) - parameter_count(HuUNet())
        assert normed == 2 * 2 * (64 + 128 + 256 + 128 + 64)


@pytest.mark.parametrize("up", ENLARGERS)
@pytest.mark.parametrize("pools", [1, 2, 3])
def test_88_pixels(up: str, pools: int) -> None:
    network = HuUNet(width_mult=1 / 8, pools=pools, up=up, batch_norm=True).eval()
    with torch.no_grad():
        assert network(torch.rand(1, 1, 88, 88)).shape == (1, 4, 88, 88)


def test_options_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="`pools` must be at least 1"):
        HuUNet(pools=0)
    with pytest.raises(ValueError, match="`up` must be one of"):
        HuUNet(up="bilinear")
