from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from karyokit.inference.session import open_session, run_session
from karyokit.losses.arms import adaptive_weights, as_wbce
from karyokit.networks import build_network, parameter_count
from karyokit.networks.arms_net import ArmsNet, ArmsOptions, arms_net
from karyokit.networks.blocks.atrous_branches import AMAC
from karyokit.networks.blocks.context_pooling import ASSP
from karyokit.training.export import write_onnx

COUNTS: list[tuple[str, dict[str, Any], int]] = [
    ("arms_unet", {}, 19_590_212),
    ("arms_unet", {"bottom_width": 1024}, 31_389_764),
    ("arms_unet_r", {}, 19_957_060),
    ("arms_unet_pr", {}, 17_612_621),
    ("arms_unet_ar", {}, 17_612_621),
    ("arms_unet_dar", {}, 32_559_437),
    ("arms_net", {}, 25_480_013),
    ("arms_net", {"pools": 3}, 6_306_509),
    ("arms_net", {"pools": 5}, 102_147_277),
]
"""Systems specification 2.7."""


@pytest.mark.parametrize(("name", "options", "expected"), COUNTS)
def test_parameter_counts(name: str, options: dict[str, Any], expected: int) -> None:
    with torch.device("meta"):
        network = build_network(name, **options)
    assert parameter_count(network) == expected
    assert network.stride == 2 ** options.get("pools", 4)


RATES = {3: ((8, 4, 2, 1), (8, 4, 2)), 4: ((4, 2, 1, 3), (4, 2, 3)), 5: ((2, 1, 3, 4), (2, 3, 4))}


@pytest.mark.parametrize("pools", RATES)
def test_rates_follow_the_number_of_pools(pools: int) -> None:
    network = small(pools=pools)
    assert isinstance(network.first, AMAC)
    assert isinstance(network.second, ASSP)
    assert (network.first.dilations, network.second.kernels) == RATES[pools]
    assert [len(path) for path in network.paths] == list(range(pools, 0, -1))  # type: ignore[arg-type]


def test_rates_follow_the_nominal_size() -> None:
    assert ArmsOptions(nominal_size=(94, 93)).map_size == (6, 6)
    network = small(nominal_size=256)
    assert isinstance(network.first, AMAC)
    assert network.first.dilations == (8, 4, 2, 1)


READINGS: list[dict[str, Any]] = [
    {"pools": 3},
    {"pools": 5},
    {"rate_mode": "dynamic"},
    {"skip_tap": "norm"},
    {"enlarge": 2},
    {"respath_style": "multires"},
    {"amac_activation": "relu"},
    {"first": "dac", "dac_activation": "relu"},
    {"assp_channels": 4},
    {"convs_per_level": [2, 2, 3, 2], "decoder_convs": 1},
    {"widths": [32, 64, 64, 96]},
    {"first": "conv", "second": "conv", "skip": "plain", "bottom_width": 1024},
    {"first": "dac", "second": "ppm", "skip": "plain"},
]


@pytest.mark.parametrize("options", READINGS)
def test_every_reading_is_another_network_that_answers(options: dict[str, Any]) -> None:
    network, plain = small(**options).eval(), small().eval()
    x = torch.rand(2, 1, 64, 96)
    with torch.no_grad():
        y = network(x)
        assert y.shape == (2, 4, 64, 96)
        assert not torch.equal(y, plain(x))
        assert network(x[:0]).shape == (0, 4, 64, 96)


@pytest.mark.parametrize("size", [128, 96])
def test_sizes_of_the_papers(size: int) -> None:
    with torch.no_grad():
        assert small().eval()(torch.rand(1, 1, size, size)).shape == (1, 4, size, size)


def test_dynamic_rates_equal_fixed_ones_at_the_nominal_size_only() -> None:
    fixed, moving = small().eval(), small(rate_mode="dynamic").eval()
    moving.load_state_dict(fixed.state_dict())
    with torch.no_grad():
        for size in (128, 112, 256):
            x = torch.rand(1, 1, size, size)
            assert torch.equal(fixed(x), moving(x)) == (size in (128, 112)), "7x7 and 8x8 have the same rates"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"first": "amca"}, "Did you mean 'amac'"),
        ({"second": "none"}, "`second` must be one of"),
        ({"skip": "res"}, "`skip` must be one of"),
        ({"rate_mode": "static"}, "`rate_mode` must be one of"),
        ({"skip_tap": "pool"}, "`skip_tap` must be one of"),
        ({"amac_activation": "elu"}, "`amac_activation` must be one of"),
        ({"first": "dac", "dac_activation": "elu"}, "`dac_activation` must be one of"),
        ({"pools": 0}, "must have one value per pool"),
        ({"widths": [8, 16]}, "must have one value per pool"),
        ({"convs_per_level": [2, 2]}, "must have one value per pool"),
        ({"convs_per_level": 0}, "must be at least 1"),
        ({"enlarge": 0}, "must be at least 1"),
        ({"bottom_width": 1024}, "unless `first` is 'conv'"),
    ],
)
def test_options_that_do_not_fit(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        arms_net(**options)
    with pytest.raises(TypeError, match="poolings"):
        arms_net(poolings=3)


@pytest.mark.slow
def test_export_answers_like_torch_at_another_size(tmp_path: Path) -> None:
    network = small().eval()
    write_onnx(network, torch.rand(2, 1, 128, 128), tmp_path / "n.onnx", any_size=True)
    batch = torch.rand(1, 1, 80, 144)  # maps of 5 x 9 at the bottom
    with torch.no_grad():
        expected = network(batch).numpy()
    np.testing.assert_allclose(run_session(open_session(tmp_path / "n.onnx"), batch.numpy())[0], expected, atol=1e-3)


@pytest.mark.slow
def test_one_batch_can_be_learnt_by_heart() -> None:
    network = small(nominal_size=32, first_dropout=0.0, dropout=0.0, module_dropout=0.0, norm_momentum=0.1)
    x, labels = crossed_bars(4)
    counts = torch.bincount(labels.flatten(), minlength=4).tolist()
    assert adaptive_weights(counts)[0] < 1 < min(adaptive_weights(counts)[1:])
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    for _ in range(100):
        loss = as_wbce(network(x), labels, class_counts=counts)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        found = network.eval()(x)[:, 3] > 0
    true = labels == 3
    assert float((found & true).sum() / (found | true).sum()) > 0.95


def crossed_bars(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (count, 1, 32, 32) of a short and a long bar that cross, greys added, and their labels."""
    masks = torch.zeros(2, count, 32, 32, dtype=torch.bool)
    for index in range(count):
        masks[0, index, 10 + index : 14 + index, 6 + index : 22 + index] = True
        masks[1, index, 3:29, 10 + 2 * index : 15 + 2 * index] = True
    return (masks[0] * 0.4 + masks[1] * 0.5)[:, None], masks[0] + 2 * masks[1].long()


def small(**options: Any) -> ArmsNet:
    torch.manual_seed(0)
    return arms_net(width_mult=1 / 8, **options)
