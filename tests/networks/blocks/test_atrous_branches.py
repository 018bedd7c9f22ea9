from __future__ import annotations

import logging

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from karyokit.networks.blocks.atrous_branches import ACTIVATIONS, AMAC, DAC, DAC_DILATIONS, SharedDAC


def reach(module: nn.Module) -> int:
    """Pixels between the first and the last column that one pixel of the input changes, all weights 1."""
    for parameter in module.parameters():
        nn.init.ones_(parameter) if parameter.ndim > 1 else nn.init.zeros_(parameter)
    spark = torch.zeros(1, 2, 41, 41)
    spark[0, :, 20, 20] = 1
    columns = module(spark)[0, 0].abs().sum(dim=0).nonzero().flatten()
    return int(columns.max() - columns.min() + 1)


def test_receptive_fields_of_dac() -> None:
    assert [reach(branch) for branch in DAC(2).branches] == [3, 7, 9, 19]
    assert reach(SharedDAC(2)) == 19


def test_receptive_fields_of_amac_at_the_papers_size() -> None:
    module = AMAC(2, size=(8, 8))
    assert module.dilations == (4, 2, 1, 3)
    assert [isinstance(narrow, nn.Identity) for narrow in module.narrow] == [False, False, True, False]
    module.finish = nn.Identity()  # type: ignore[assignment]
    assert reach(module) == 9


def test_amac_by_hand() -> None:
    torch.manual_seed(0)
    module = AMAC(3, size=(8, 8), activation=ACTIVATIONS["relu"]).eval()
    x = torch.rand(2, 3, 8, 8)
    expected = x.clone()
    for rate, wide, narrow in zip((4, 2, 1, 3), module.wide, module.narrow, strict=True):
        assert isinstance(wide, nn.Conv2d)
        expected += narrow(functional.conv2d(x, wide.weight, wide.bias, padding=rate, dilation=rate)).relu()
    torch.testing.assert_close(module(x), expected / (1 + 1e-3) ** 0.5)


@pytest.mark.parametrize("size", [(8, 8), (16, 16), (7, 12)])
def test_dynamic_rates_are_those_of_the_map(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    fixed, moving, right = (AMAC(3, size=(8, 8)), AMAC(3, size=(8, 8), dynamic=True), AMAC(3, size=size))
    moving.load_state_dict(fixed.state_dict())
    x = torch.rand(1, 3, *size)
    answers = fixed.eval()(x), moving.eval()(x)
    assert torch.equal(*answers) == (size == (8, 8))
    fixed.dilations = right.dilations
    torch.testing.assert_close(fixed(x), answers[1])


def test_centre_only_dilations_are_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        AMAC(2, size=(4, 4))
    assert "the larger ones see the centre only" in caplog.text


def test_shared_dac_is_dac_with_equal_weights_and_relu() -> None:
    torch.manual_seed(0)
    shared, separate = SharedDAC(3), DAC(3, activation=ACTIVATIONS["relu"])
    separate.finish = nn.Identity()  # type: ignore[assignment]
    by_rate: dict[int, nn.Module] = {1: shared.near, 3: shared.middle, 5: shared.far}
    for branch, dilations in zip(separate.branches, DAC_DILATIONS, strict=True):
        assert isinstance(branch, nn.Sequential)
        sources = [*(by_rate[rate] for rate in dilations), *([shared.narrow] if dilations != (1,) else [])]
        for target, source in zip(branch, sources, strict=True):
            target.load_state_dict(source.state_dict())
    x: Tensor = torch.randn(2, 3, 12, 10)
    torch.testing.assert_close(shared(x), separate(x))
