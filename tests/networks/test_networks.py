from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from karyokit.inference.session import open_session, run_session
from karyokit.losses.segmentation import soft_dice, weighted_bce_dice
from karyokit.networks import NETWORKS, build_network, parameter_count
from karyokit.training.export import write_onnx

INPUTS = {"separation": [(64, 48), (32, 96)], "classification": [(128, 32)]}
SMALL = {"compact_unet": {"widths": (4, 8, 8)}, "chromosome_classifier": {"widths": (4, 8)}}


@pytest.mark.parametrize("name", SMALL)
def test_shapes(name: str) -> None:
    network = build_network(name, **SMALL[name]).eval()
    for size in INPUTS[NETWORKS[name].task]:
        output = network(torch.rand(2, 1, *size))
        assert output.shape == ((2, 3, *size) if NETWORKS[name].task == "separation" else (2, 25))


def test_sizes_and_unknown_names() -> None:
    assert parameter_count(build_network("compact_unet")) == 940_300
    with pytest.raises(ValueError, match="Did you mean 'compact_unet'"):
        build_network("compact_unett")


@pytest.mark.parametrize("name", SMALL)
def test_one_batch_can_be_learnt_by_heart(name: str) -> None:
    torch.manual_seed(0)
    network = build_network(name, **({"widths": (8, 16, 16)} if name == "compact_unet" else {"widths": (8, 16), "dropout": 0.0}))
    separation = NETWORKS[name].task == "separation"
    x = torch.rand(4, 1, *((32, 32) if separation else (64, 32)))
    target = (torch.nn.functional.avg_pool2d(x, 5, 1, 2).repeat(1, 3, 1, 1) > 0.5).float() if separation else torch.tensor([0, 1, 2, 3])
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    losses = []
    for _ in range(60):
        output = network(x)
        loss = (
            weighted_bce_dice(output, target, torch.ones_like(target), positive=(1.0, 1.0, 1.0))
            if separation
            else torch.nn.functional.cross_entropy(output[:, :24], target)
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.25 * losses[0]


def test_export_answers_like_torch_at_other_sizes(tmp_path: Path) -> None:
    network = build_network("compact_unet", widths=(4, 8)).eval()
    write_onnx(network, torch.rand(2, 1, 64, 32), tmp_path / "n.onnx", any_size=True)
    batch = torch.rand(1, 1, 36, 100)
    with torch.no_grad():
        expected = network(batch).numpy()
    np.testing.assert_allclose(run_session(open_session(tmp_path / "n.onnx"), batch.numpy())[0], expected, atol=1e-3)


def test_loss_of_perfect_maps_is_nothing_and_weight_zero_does_not_count() -> None:
    target = (torch.rand(2, 3, 8, 8) > 0.5).float()
    sure = (target * 2 - 1) * 40
    ones = torch.ones_like(target)
    assert float(weighted_bce_dice(sure, target, ones, positive=(1, 3, 3))) == pytest.approx(0.0, abs=1e-6)
    assert float(soft_dice(target, target, ones)) == pytest.approx(0.0, abs=1e-6)
    weight = ones.clone()
    weight[:, :, :4] = 0
    wrong = sure.clone()
    wrong[:, :, :4] *= -1
    assert float(weighted_bce_dice(wrong, target, weight, positive=(1, 3, 3))) == pytest.approx(0.0, abs=1e-6)


def test_bce_part_by_hand() -> None:
    logits = torch.zeros(1, 1, 1, 2)
    target = torch.tensor([[[[1.0, 0.0]]]])
    value = weighted_bce_dice(logits, target, torch.ones_like(target), positive=(3.0,), dice=0.0)
    assert float(value) == pytest.approx((3 * np.log(2) + np.log(2)) / 2, rel=1e-6)
