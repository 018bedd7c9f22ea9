"""Squeeze-and-excitation, CBAM, and the residual block and skip path that hold them."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from karyokit.networks.blocks.attended_respath import ATTENTIONS, attended_respath
from karyokit.networks.blocks.cbam import ChannelAttention, SpatialAttention
from karyokit.networks.blocks.res_se import ResidualBlock
from karyokit.networks.blocks.squeeze_excitation import SqueezeExcitation


def zeroed(module: nn.Module) -> nn.Module:
    with torch.no_grad():
        for weight in module.parameters():
            weight.zero_()
    return module.eval()


@pytest.mark.parametrize("module", [SqueezeExcitation(8), ChannelAttention(8), SpatialAttention()])
def test_without_weights_every_factor_is_a_half(module: nn.Module) -> None:
    x = torch.randn(2, 8, 5, 6)
    torch.testing.assert_close(zeroed(module)(x), x / 2)


def test_squeeze_excitation_by_hand() -> None:
    module = SqueezeExcitation(2, reduction=2)
    with torch.no_grad():
        module.excite[0].weight.copy_(torch.tensor([1.0, -1.0]).view(1, 2, 1, 1))
        module.excite[0].bias.fill_(0.5)  # type: ignore[union-attr, operator]
        module.excite[2].weight.copy_(torch.tensor([2.0, -1.0]).view(2, 1, 1, 1))
        module.excite[2].bias.zero_()  # type: ignore[union-attr, operator]
    x = torch.tensor([[[[1.0, 3.0]], [[1.0, 0.0]]]])  # means 2 and 0.5; hidden 2 - 0.5 + 0.5 = 2; logits 4 and -2
    expected = x * torch.sigmoid(torch.tensor([4.0, -2.0])).view(1, 2, 1, 1)
    torch.testing.assert_close(module(x), expected)


def test_channel_attention_uses_mean_and_maximum() -> None:
    module = ChannelAttention(1)
    with torch.no_grad():
        for part in (module.shared[0], module.shared[2]):
            part.weight.fill_(1.0)
            part.bias.zero_()  # type: ignore[union-attr, operator]
    x = torch.tensor([[[[1.0, 3.0]]]])  # mean 2, maximum 3
    torch.testing.assert_close(module(x), x * torch.sigmoid(torch.tensor(5.0)))


def test_spatial_attention_sees_seven_pixels() -> None:
    x = torch.rand(1, 3, 15, 15, requires_grad=True)
    module = SpatialAttention()
    with torch.no_grad():
        module.weigh.weight.fill_(0.1)
    module(x)[0, :, 7, 7].sum().backward()
    assert x.grad is not None
    assert int((x.grad[0].abs().sum(0) > 0).sum()) == 49


@pytest.mark.parametrize("post_act", [True, False])
def test_place_of_the_last_relu(post_act: bool) -> None:
    torch.manual_seed(0)
    output = ResidualBlock(3, 3, post_act=post_act).eval()(torch.full((1, 3, 6, 6), -1.0))
    assert bool((output < 0).any()) is not post_act  # the shortcut carries -1 past the text's two ReLUs


def test_silenced_residual_block_is_its_shortcut() -> None:
    block = ResidualBlock(2, 2)
    nn.init.zeros_(block.second[0].weight)  # type: ignore[arg-type]
    x = torch.rand(1, 2, 4, 4)
    torch.testing.assert_close(block.eval()(x), x)


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_respath_keeps_the_shape_and_counts_its_attentions(attention: str) -> None:
    path = attended_respath(8, 3, attention=attention).eval()
    assert path(torch.rand(2, 8, 5, 9)).shape == (2, 8, 5, 9)
    found = sum(isinstance(module, SpatialAttention) for module in path.modules())
    assert found == {"none": 0, "end": 1, "per_block": 3}[attention]


def test_unknown_attention() -> None:
    with pytest.raises(ValueError, match="`respath_attention` must be one of"):
        attended_respath(8, 1, attention="cbam")
