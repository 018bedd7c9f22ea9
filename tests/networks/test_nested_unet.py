from __future__ import annotations

import pytest
import torch

from karyokit.networks.nested_unet import WIDTHS, NestedUNet, node_channels


def test_channels_into_every_node() -> None:
    channels = node_channels(WIDTHS, 1)
    assert len(channels) == 15
    assert [channels[i, 0] for i in range(5)] == [1, 64, 128, 256, 512]
    assert [channels[0, j] for j in range(1, 5)] == [192, 256, 320, 384]
    assert [channels[i, 4 - i] for i in range(4)] == [384, 640, 1024, 1536]


def test_the_formula_of_the_paper_would_not_fit_its_own_parameter_count() -> None:
    with torch.device("meta"):
        network = NestedUNet()
    printed = {(i, j): WIDTHS[i] * j + WIDTHS[i] for i in range(5) for j in range(1, 5 - i)}
    excess = sum((node_channels(WIDTHS, 1)[i, j] - count) * 9 * WIDTHS[i] for (i, j), count in printed.items())
    total = sum(value.numel() for value in network.parameters())
    assert round(total / 1e6, 2) == 36.63
    assert round((total - excess) / 1e6, 2) != 36.63


def test_nodes_keep_the_size_of_their_level() -> None:
    network = NestedUNet(width_mult=1 / 8)
    shapes = {}
    for key, node in network.nodes.items():
        node.register_forward_hook(lambda _, __, output, key=key: shapes.update({key: tuple(output.shape[1:])}))
    network(torch.rand(2, 1, 32, 48))
    assert len(shapes) == 15
    assert all(shape == (8 * 2 ** int(key[0]), 32 >> int(key[0]), 48 >> int(key[0])) for key, shape in shapes.items())


def test_starting_weights_are_drawn_as_in_the_authors_code() -> None:
    torch.manual_seed(0)
    network = NestedUNet(width_mult=1 / 4)
    wide = network.nodes["3_1"][1]
    assert wide[0].weight.std().item() == pytest.approx(0.02, rel=0.03)
    assert wide[1].weight.mean().item() == pytest.approx(1.0, abs=0.01)
    assert wide[1].weight.std().item() == pytest.approx(0.02, rel=0.3)
    assert not wide[0].bias.any()
    assert not wide[1].bias.any()
    left = NestedUNet(width_mult=1 / 4, spread=None).nodes["3_1"][1]
    assert bool((left[1].weight == 1).all())


def test_align_corners_changes_the_answer() -> None:
    outputs = []
    for align in (True, False):
        torch.manual_seed(0)
        outputs.append(NestedUNet(width_mult=1 / 8, align_corners=align).eval()(torch.ones(1, 1, 32, 32).cumsum(3)))
    assert not torch.allclose(*outputs)


def test_a_width_factor_must_be_positive() -> None:
    with pytest.raises(ValueError, match="`width_mult` must be positive, got 0"):
        NestedUNet(width_mult=0)
