"""AMFL's generator and the networks it is compared with: sizes, shapes, learning, export."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional

from karyokit.networks import NETWORKS, build_network, parameter_count
from karyokit.networks.padding import forward_padded
from karyokit.training.export import write_onnx

EXACT = {
    "nested_unet": 36_628_676,
    "amfl_unet": 34_526_084,
    "r2_unet": 39_091_460,
    "attention_unet": 34_877_616,
    "r2_attention_unet": 39_442_992,
}
"""Parameters for one input and four classes, to the last digit."""
OURS = {"enet": 352_715, "bisenet_v1": 11_907_268, "bisenet_v2": 3_341_812, "deeplab_v3_plus": 59_333_668}
NAMES = tuple(EXACT) + tuple(OURS)


LEARNING = {"enet": {"dropout": 0.0, "width_mult": 1 / 2}, "bisenet_v2": {"dropout": 0.0}, "deeplab_v3_plus": {"dropout": 0.0}}
"""What makes these learn in a few steps."""


FIXED_SIZE = {"enet"}
"""Exported for one picture size: the exporter cannot prove that maxima put back fit a picture of free size."""


def built(name: str, **options: object) -> nn.Module:
    torch.manual_seed(0)
    return build_network(name, **{"width_mult": 1 / 8, **options})


@pytest.mark.parametrize(("name", "count"), [*EXACT.items(), *OURS.items()])
def test_parameters(name: str, count: int) -> None:
    with torch.device("meta"):
        assert parameter_count(build_network(name)) == count


@pytest.mark.parametrize(
    ("name", "options", "extra", "printed"),
    [
        ("nested_unet", {}, 0, 36.63),
        ("amfl_unet", {}, 0, 34.53),
        ("r2_unet", {}, 0, 39.09),
        ("attention_unet", {}, 0, 34.88),
        ("r2_attention_unet", {}, 0, 39.44),
        ("enet", {}, 0, 0.35),
        ("bisenet_v1", {"inputs": 3}, 513_000, 12.43),
        ("deeplab_v3_plus", {"low": 96}, 0, 59.46),
    ],
)
def test_parameters_come_to_those_of_table_4(name: str, options: dict[str, int], extra: int, printed: float) -> None:
    with torch.device("meta"):
        assert round((parameter_count(build_network(name, **options)) + extra) / 1e6, 2) == printed


@pytest.mark.parametrize("name", NAMES)
def test_logits_have_the_size_of_the_picture(name: str) -> None:
    network = built(name, inputs=3, outputs=5).eval()
    rows, columns = 2 * int(network.stride), 3 * int(network.stride)
    output = network(torch.rand(2, 3, rows, columns))
    assert output.shape == (2, 5, rows, columns)
    assert NETWORKS[name].task == "pairs"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_squashes_the_logits(name: str) -> None:
    network = built(name).eval()
    last = [part for part in network.head.modules() if isinstance(part, nn.Conv2d | nn.ConvTranspose2d)][-1]
    assert last.bias is not None
    nn.init.zeros_(last.weight)
    nn.init.constant_(last.bias, -3.0)
    torch.testing.assert_close(network(torch.rand(1, 1, 32, 32)), torch.full((1, 4, 32, 32), -3.0))


@pytest.mark.parametrize("name", NAMES)
def test_evaluation_of_a_picture_does_not_depend_on_its_batch(name: str) -> None:
    network = built(name).eval()
    x = torch.rand(3, 1, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(network(x)[:1], network(x[:1]), atol=1e-4, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_one_batch_can_be_learnt_by_heart(name: str) -> None:
    network = built(name, **LEARNING.get(name, {}))
    x = functional.interpolate(torch.rand(4, 1, 2, 2), size=(32, 32), mode="bilinear")
    labels = (x[:, 0] * 4).long().clamp(0, 3)
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    losses = []
    for _ in range(25):
        loss = functional.cross_entropy(network(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("name", ["nested_unet", "r2_attention_unet", "bisenet_v1"])
def test_gradients_reach_every_parameter(name: str) -> None:
    network = built(name)
    network(torch.rand(2, 1, 64, 64)).square().mean().backward()
    assert [key for key, value in network.named_parameters() if value.grad is None] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_export_answers_like_torch(name: str, tmp_path: Path) -> None:
    network, path = built(name).eval(), tmp_path / "n.onnx"
    write_onnx(network, torch.rand(2, 1, 64, 128), path, any_size=name not in FIXED_SIZE)  # compares with torch, halves the width
    assert path.stat().st_size > 1000


@pytest.mark.parametrize("name", NAMES)
def test_any_size_through_padding(name: str) -> None:
    network = built(name).eval()
    x = torch.rand(1, 1, 33, 41)
    with torch.no_grad():
        output = forward_padded(network, x)
        whole = network(functional.pad(x, (0, -41 % network.stride, 0, -33 % network.stride)))
    assert output.shape == (1, 4, 33, 41)
    torch.testing.assert_close(output, whole[..., :33, :41])
