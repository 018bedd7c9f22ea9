from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from karyokit.inference.session import open_session, run_session
from karyokit.losses.focal import one_vs_rest_focal
from karyokit.networks import parameter_count
from karyokit.networks.padding import forward_padded
from karyokit.networks.rse_unet import BLOCKS, RSEUNet
from karyokit.training.export import write_onnx

COUNTS: list[tuple[dict[str, Any], int]] = [
    ({}, 47_996_148),
    ({"respath_attention": "none"}, 47_936_056),
    ({"mdpac": False}, 37_310_196),
    ({"respath": False}, 43_341_880),
    ({"mdpac": False, "respath": False}, 32_655_928),
    ({"block": "plain", "mdpac": False, "respath": False}, 31_036_676),
    ({"pools": 3}, 11_897_616),
    ({"pools": 5}, 192_394_970),
]
ABLATIONS = [
    {"block": block, "mdpac": mdpac, "respath": respath} for block in BLOCKS for mdpac in (True, False) for respath in (True, False)
]


@pytest.mark.parametrize(("options", "count"), COUNTS)
def test_parameters(options: dict[str, Any], count: int) -> None:
    with torch.device("meta"):
        assert parameter_count(RSEUNet(**options)) == count


@pytest.mark.parametrize(
    "options",
    [
        *ABLATIONS,
        {"post_act": False},
        {"mdpac_residual": True, "mdpac_rates": (1, 2, 4)},
        {"respath_attention": "end"},
        {"pools": 3, "inputs": 3, "outputs": 2},
    ],
)
def test_every_choice_answers_and_learns(options: dict[str, Any]) -> None:
    network = RSEUNet(width_mult=1 / 16, **options)
    output = network(torch.rand(2, options.get("inputs", 1), 32, 48))
    assert output.shape == (2, options.get("outputs", 4), 32, 48)
    output.square().mean().backward()
    assert all(weight.grad is not None for weight in network.parameters())


def test_choices_change_the_answer() -> None:
    x = torch.rand(1, 1, 128, 128)  # the bottom, 8 x 8, tells rate 3 from rate 4
    answers = []
    for options in ({}, {"post_act": False}, {"mdpac_residual": True}, {"mdpac_rates": (1, 2, 4)}, {"respath": False}):
        torch.manual_seed(0)
        answers.append(RSEUNet(width_mult=1 / 16, **options).eval()(x))
    assert all(not torch.equal(answers[0], other) for other in answers[1:])


@pytest.mark.parametrize("size", [(94, 93), (17, 40)])
def test_odd_sizes_through_padding(size: tuple[int, int]) -> None:
    network = RSEUNet(width_mult=1 / 16).eval()
    with torch.no_grad():
        assert forward_padded(network, torch.rand(1, 1, *size)).shape == (1, 4, *size)


def test_wrong_choices() -> None:
    with pytest.raises(ValueError, match="`block` must be one of"):
        RSEUNet(block="se")
    with pytest.raises(ValueError, match="`pools` must be at least 1"):
        RSEUNet(pools=0)
    with pytest.raises(TypeError, match="unexpected keyword argument 'rates'"):
        RSEUNet(rates=(1, 2))


def crossing_pairs(count: int, size: int = 32) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (count, 1, size, size) of an upright and a lying bar whose greys add, and their labels."""
    alpha, beta = torch.zeros(count, size, size), torch.zeros(count, size, size)
    for k in range(count):
        alpha[k, 6 + k : 20 + k, 12 + k : 17 + k] = 1
        beta[k, 10 + k : 16 + k, 3:29] = 1
    return (0.4 * alpha + 0.5 * beta)[:, None], (alpha + 2 * beta).long()


@pytest.mark.slow
def test_one_batch_can_be_learnt_by_heart() -> None:
    torch.manual_seed(0)
    network = RSEUNet(width_mult=1 / 8)
    pictures, labels = crossing_pairs(4)
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    for _ in range(60):
        optimizer.zero_grad()
        one_vs_rest_focal(network(pictures), labels, alpha=0.75).backward()
        optimizer.step()
    found = network(pictures).argmax(1)
    overlap = ((found == 3) & (labels == 3)).sum() / ((found == 3) | (labels == 3)).sum()
    assert overlap > 0.95


@pytest.mark.slow
def test_export_answers_like_torch(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = RSEUNet(width_mult=1 / 8).eval()
    write_onnx(network, torch.rand(2, 1, 64, 32), tmp_path / "n.onnx", any_size=True)
    batch = torch.rand(2, 1, 48, 96)
    with torch.no_grad():
        expected = network(batch).numpy()
    np.testing.assert_allclose(run_session(open_session(tmp_path / "n.onnx"), batch.numpy())[0], expected, atol=1e-3)
