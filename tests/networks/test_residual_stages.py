from __future__ import annotations

import pytest
import torch
import torchvision

from karyokit.networks import parameter_count
from karyokit.networks.blocks.residual_stages import DEPTHS, ResidualStages


@pytest.mark.parametrize("name", DEPTHS)
def test_parameters_are_those_of_the_published_networks(name: str) -> None:
    with torch.device("meta"):
        whole = torchvision.models.get_model(name)
        assert parameter_count(ResidualStages(name, 3)) == parameter_count(whole) - parameter_count(whole.fc)


def test_stages_halve_the_map_unless_dilated() -> None:
    x = torch.rand(1, 1, 64, 96)
    halved = ResidualStages("resnet18", widths=(8, 8, 8, 8)).eval()(x)
    assert [tuple(stage.shape[1:]) for stage in halved] == [(8, 16, 24), (8, 8, 12), (8, 4, 6), (8, 2, 3)]
    spread = ResidualStages("resnet50", widths=(8, 8, 8, 8), dilated=(1, 1, 2, 4)).eval()(x)
    assert [tuple(stage.shape[1:]) for stage in spread] == [(32, 16, 24), (32, 8, 12), (32, 8, 12), (32, 8, 12)]
