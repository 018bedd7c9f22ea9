from __future__ import annotations

import pytest
import torch

from karyokit.networks.blocks.mdpac import MDPAC


def seen(block: MDPAC, size: int = 31) -> torch.Tensor:
    """(size, size) bool: input pixels that the middle output pixel depends on, all weights positive so that nothing cancels."""
    with torch.no_grad():
        for weight in block.parameters():
            weight.abs_().add_(0.1)
    x = torch.ones(1, 4, size, size, requires_grad=True)
    block.eval()(x)[0, 0, size // 2, size // 2].backward()
    assert x.grad is not None
    return x.grad[0].abs().sum(0) > 0


@pytest.mark.parametrize(("rates", "field"), [((1, 2, 3), 13), ((1, 2, 4), 15), ((2,), 5)])
def test_receptive_field(rates: tuple[int, ...], field: int) -> None:
    rows, columns = seen(MDPAC(4, rates=rates)).nonzero().unbind(1)
    assert int(rows.max() - rows.min()) + 1 == int(columns.max() - columns.min()) + 1 == field


def test_default_rates_leave_no_gaps_and_wide_ones_do() -> None:
    assert seen(MDPAC(4))[9:22, 9:22].all()
    assert int(seen(MDPAC(4, rates=(2,))).sum()) == 9


def test_layer_sees_input_and_all_layers_before() -> None:
    widths = [layer[0].in_channels for layer in MDPAC(16).layers]  # type: ignore[index, union-attr]
    assert widths == [16, 20, 24]
    assert MDPAC(16).merge[0].in_channels == 28  # type: ignore[union-attr]


def test_residual_adds_the_input() -> None:
    torch.manual_seed(0)
    without, with_input = MDPAC(8).eval(), MDPAC(8, residual=True).eval()
    with_input.load_state_dict(without.state_dict())
    x = torch.rand(2, 8, 5, 7)
    torch.testing.assert_close(with_input(x), without(x) + x)


@pytest.mark.parametrize("rates", [(), (0, 1)])
def test_wrong_rates(rates: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="`mdpac_rates` must hold dilation rates"):
        MDPAC(4, rates=rates)
