from __future__ import annotations

import pytest
import torch
from torchvision.models import resnet34

from karyokit.networks import parameter_count
from karyokit.networks.ce_net import FORMS, CENet


def test_the_encoder_is_resnet34() -> None:
    with torch.device("meta"):
        ours, theirs = parameter_count(CENet(3).encoder), resnet34()
    assert ours == parameter_count(theirs) - parameter_count(theirs.fc)


def test_sizes_of_the_modules() -> None:
    with torch.device("meta"):
        official, remake = CENet(), CENet(form="remake")
    convolution, narrow = 512 * 512 * 9 + 512, 512 * 512 + 512
    assert parameter_count(official.dense) == 3 * convolution + narrow
    assert parameter_count(remake.dense) == 7 * convolution + 3 * narrow + 2 * 512
    assert parameter_count(official.pools) == 513
    assert parameter_count(remake) - parameter_count(official) == 4 * convolution + 2 * narrow + 2 * 512
    assert round(parameter_count(official) / 1e6, 2) == 29.0


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [(128, 128), (96, 160), (32, 32)])
def test_maps_smaller_than_the_pools(form: str, size: tuple[int, int]) -> None:
    network = CENet(width_mult=1 / 8, form=form).eval()
    with torch.no_grad():
        assert network(torch.rand(1, 1, *size)).shape == (1, 4, *size)


def test_unknown_form() -> None:
    with pytest.raises(ValueError, match="Did you mean 'remake'"):
        CENet(form="remade")
