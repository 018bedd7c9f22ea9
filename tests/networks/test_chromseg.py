from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from karyokit.inference.session import open_session, run_session
from karyokit.losses.focal import mixed_weight_focal
from karyokit.networks import NETWORKS, build_network, parameter_count
from karyokit.networks.chromseg_unet import ChromSegUNet
from karyokit.networks.chromseg_unetpp import POOLS, SKIPS, RegionGuidedUNetPP
from karyokit.training.export import write_onnx

NAMES = [name for name, entry in NETWORKS.items() if entry.task == "clusters"]


@pytest.mark.parametrize(
    ("name", "options", "count"),
    [
        ("chromseg_unetpp", {}, 8_971_074),
        ("chromseg_unetpp", {"skip": "dense"}, 8_971_074),
        ("chromseg_unetpp", {"skip": "released"}, 8_713_026),
        ("chromseg_unetpp", {"skip": "released", "pool": "maxpool3_ceil"}, 8_713_026),
        ("chromseg_unet", {}, 7_703_042),
        ("chromseg_unet", {"outputs": 1}, 7_702_977),
    ],
)
def test_parameter_counts(name: str, options: dict, count: int) -> None:
    with torch.device("meta"):
        assert parameter_count(build_network(name, **options)) == count


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("size", [(64, 64), (40, 24), (8, 8)])
def test_maps_have_the_size_of_the_picture(name: str, pool: str, size: tuple[int, int]) -> None:
    network = build_network(name, pool=pool, width_mult=1 / 16).eval()
    with torch.no_grad():
        assert network(torch.rand(2, 3, *size)).shape == (2, 2, *size)


@pytest.mark.parametrize("name", NAMES)
def test_pictures_of_any_size_are_padded_and_cropped(name: str) -> None:
    padding = pytest.importorskip("karyokit.networks.padding")
    network = build_network(name, inputs=1, width_mult=1 / 16).eval()
    with torch.no_grad():
        assert padding.forward_padded(network, torch.rand(1, 1, 37, 51)).shape == (1, 2, 37, 51)


def gradients(network: nn.Module, channel: int) -> set[str]:
    """Nodes that a map of the network depends on."""
    torch.manual_seed(0)
    network(torch.rand(1, 3, 16, 16))[:, channel].sum().backward()
    return {name for name, node in network.nodes.items() if node[0][0].weight.grad is not None and node[0][0].weight.grad.any()}


@pytest.mark.parametrize("skip", SKIPS)
def test_the_foreground_comes_from_the_shallow_nodes(skip: str) -> None:
    assert gradients(RegionGuidedUNetPP(skip=skip, width_mult=1 / 16), 0) == {"x0_1", "x0_2", "x1_1"}


def test_the_crossings_come_from_the_deep_node() -> None:
    assert gradients(RegionGuidedUNetPP(width_mult=1 / 16), 1) == {"x0_1", "x0_2", "x0_3", "x1_1", "x1_2", "x2_1"}
    assert gradients(RegionGuidedUNetPP(skip="released", width_mult=1 / 16), 1) == {"x0_3", "x1_2", "x2_1"}


@pytest.mark.parametrize(
    ("skip", "channels"),
    [
        ("dense", {"x0_1": 128, "x1_1": 256, "x2_1": 512, "x0_2": 192, "x1_2": 384, "x0_3": 256}),
        ("released", {"x0_1": 128, "x1_1": 256, "x2_1": 512, "x0_2": 128, "x1_2": 256, "x0_3": 128}),
    ],
)
def test_inputs_of_the_nodes(skip: str, channels: dict[str, int]) -> None:
    with torch.device("meta"):
        network = RegionGuidedUNetPP(skip=skip)
    assert {name: node[0][0].in_channels for name, node in network.nodes.items()} == channels


def test_the_released_wiring_adds_the_encoder_to_the_first_node() -> None:
    """With a node that gives nothing, what comes out of it is what was added."""
    seen = {}
    for skip in SKIPS:
        torch.manual_seed(0)
        network = RegionGuidedUNetPP(skip=skip, width_mult=1 / 16).eval()
        nn.init.zeros_(network.nodes["x0_1"][1][1].weight)
        network.foreground.register_forward_pre_hook(lambda _, inputs, skip=skip: seen.update({skip: inputs[0][:, :4]}))
        with torch.no_grad():
            network(torch.rand(1, 3, 16, 16))
    assert not seen["dense"].any()
    assert seen["released"].any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RegionGuidedUNetPP(skip="densee"), "Did you mean 'dense'"),
        (lambda: RegionGuidedUNetPP(pool="max3"), "`pool` must be one of"),
        (lambda: ChromSegUNet(pool="max3"), "`pool` must be one of"),
        (lambda: ChromSegUNet(outputs=3), "`outputs` must lie in 1..2"),
    ],
)
def test_wrong_options(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("name", NAMES)
def test_one_batch_can_be_learnt_by_heart(name: str) -> None:
    torch.manual_seed(0)
    network = build_network(name, width_mult=1 / 8)
    rows, columns = torch.meshgrid(torch.arange(32), torch.arange(32), indexing="ij")
    across, down = (rows - 15).abs() < 4, (columns - torch.tensor([10, 20])[:, None, None]).abs() < 4
    target = torch.stack([across | down, across & down], dim=1).float()
    x = (1 - target.sum(dim=1, keepdim=True)).repeat(1, 3, 1, 1) + 0.1 * torch.randn(2, 3, 32, 32)
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    for _ in range(40):
        loss = mixed_weight_focal(network(x), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    found = network(x) > 0
    iou = (found & (target > 0)).sum((0, 2, 3)) / (found | (target > 0)).sum((0, 2, 3))
    assert iou.min() > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_export_answers_like_torch_at_other_sizes(name: str, tmp_path: Path) -> None:
    network = build_network(name, width_mult=1 / 16).eval()
    write_onnx(network, torch.rand(2, 3, 32, 16), tmp_path / "n.onnx", any_size=True)
    batch = torch.rand(1, 3, 40, 24)
    with torch.no_grad():
        expected = network(batch).numpy()
    np.testing.assert_allclose(run_session(open_session(tmp_path / "n.onnx"), batch.numpy())[0], expected, atol=1e-3)
