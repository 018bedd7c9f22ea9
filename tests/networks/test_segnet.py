from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from karyokit.inference.session import open_session, run_session
from karyokit.networks import parameter_count
from karyokit.networks.segnet import SegNet
from karyokit.training.export import write_onnx


def test_encoder_is_that_of_vgg16() -> None:
    with torch.device("meta"):
        network = SegNet(inputs=3)
    convolutions = [module for module in network.encoder.modules() if isinstance(module, nn.Conv2d)]
    assert len(convolutions) == 13
    assert sum(parameter_count(module) for module in convolutions) == 14_714_688  # the paper prints 14.7 M
    assert sum(isinstance(module, nn.Conv2d) for module in network.decoder.modules()) == 13


def test_parameters() -> None:
    with torch.device("meta"):
        assert parameter_count(SegNet()) == 29_444_164


def test_shape_and_gradient() -> None:
    network = SegNet(2, 5, width_mult=1 / 16)
    output = network(torch.rand(2, 2, 64, 32))
    assert output.shape == (2, 5, 64, 32)
    output.square().mean().backward()
    assert all(weight.grad is not None for weight in network.parameters())


def test_values_return_to_the_places_of_the_maxima() -> None:
    network = SegNet(width_mult=1 / 16).eval()
    seen: list[torch.Tensor] = []
    network.decoder[0].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    network(torch.rand(1, 1, 32, 32))
    blocks = nn.functional.unfold((seen[0] != 0).float().movedim(1, 0), 2, stride=2)  # (channels, 4, cells)
    assert blocks.sum(1).max() <= 1  # one place of each 2x2 cell


def test_logits_may_be_negative() -> None:
    torch.manual_seed(0)
    assert (SegNet(width_mult=1 / 16)(torch.rand(2, 1, 32, 32)) < 0).any()


def test_one_batch_can_be_learnt_by_heart() -> None:
    torch.manual_seed(0)
    network = SegNet(width_mult=1 / 8)
    pictures = torch.zeros(2, 1, 32, 32)
    for k in range(2):
        pictures[k, 0, 6 + k : 20, 9 : 17 + k] = 1.0
    labels = pictures[:, 0].long()
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    losses = []
    for _ in range(30):
        loss = nn.functional.cross_entropy(network(pictures), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]


@pytest.mark.slow
def test_export_answers_like_torch(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = SegNet(width_mult=1 / 8).eval()
    write_onnx(network, torch.rand(2, 1, 64, 64), tmp_path / "n.onnx", any_size=True)
    batch = torch.rand(2, 1, 64, 96)
    with torch.no_grad():
        expected = network(batch).numpy()
    np.testing.assert_allclose(run_session(open_session(tmp_path / "n.onnx"), batch.numpy())[0], expected, atol=1e-3)
