"""Laws that every network of the four-class pair problem obeys, whoever published it."""

from __future__ import annotations

import inspect
import io

import pytest
import torch
from torch import Tensor, nn

from karyokit.networks import NETWORKS, build_network, parameter_count
from karyokit.networks.padding import forward_padded

PAIRS = [name for name, entry in NETWORKS.items() if entry.task == "pairs"]
EIGHTH = 1 / 8


def small(name: str, **options: object) -> nn.Module:
    torch.manual_seed(0)
    return build_network(name, width_mult=EIGHTH, **options)


def pictures(network: nn.Module, count: int = 2, inputs: int = 1) -> Tensor:
    """Pictures of about 64 x 96, both sides multiples of the network's stride."""
    stride = network.stride
    assert isinstance(stride, int)
    rows, columns = (max(1, round(side / stride)) * stride for side in (64, 96))
    return torch.rand(count, inputs, rows, columns, generator=torch.Generator().manual_seed(1))


def logits_of(answer: Tensor | tuple[Tensor, ...]) -> Tensor:
    """The main output of networks that answer with helper maps in training."""
    return answer if isinstance(answer, Tensor) else answer[0]


@pytest.mark.parametrize("name", PAIRS)
def test_four_finite_logits_per_pixel(name: str) -> None:
    network = small(name).eval()
    x = pictures(network)
    before = x.clone()
    with torch.no_grad():
        y = network(x)
    assert y.shape == (2, 4, *x.shape[2:])
    assert torch.isfinite(y).all()
    torch.testing.assert_close(x, before, rtol=0, atol=0)
    assert float(y.std()) > 0, "the answer is the same everywhere"


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("size", [(94, 93), (33, 70)])
def test_pictures_of_any_size_through_padding(name: str, size: tuple[int, int]) -> None:
    network = small(name).eval()
    with torch.no_grad():
        y = forward_padded(network, torch.rand(1, 1, *size))
    assert y.shape == (1, 4, *size)
    assert torch.isfinite(y).all()


@pytest.mark.parametrize("name", PAIRS)
def test_other_numbers_of_inputs_and_outputs(name: str) -> None:
    network = small(name, inputs=3, outputs=2).eval()
    x = pictures(network, inputs=3)
    with torch.no_grad():
        assert network(x).shape == (2, 2, *x.shape[2:])


@pytest.mark.parametrize("name", PAIRS)
def test_width_mult_scales_the_weights(name: str) -> None:
    """The small scale of reproductions asks the signature whether a network can be narrowed."""
    assert "width_mult" in inspect.signature(NETWORKS[name].build).parameters
    with torch.device("meta"):
        whole, half, eighth = (parameter_count(build_network(name, width_mult=factor)) for factor in (1.0, 0.5, EIGHTH))
    assert eighth < half < whole
    assert half == pytest.approx(whole / 4, rel=0.25)


@pytest.mark.parametrize("name", PAIRS)
def test_saved_weights_answer_alike(name: str) -> None:
    network = small(name).eval()
    kept = io.BytesIO()
    torch.save(network.state_dict(), kept)
    kept.seek(0)
    other = build_network(name, width_mult=EIGHTH).eval()
    x = pictures(network, 1)
    with torch.no_grad():
        assert not torch.equal(other(x), network(x)), "two drawings of the weights answer alike"
        other.load_state_dict(torch.load(kept, weights_only=True))
        torch.testing.assert_close(other(x), network(x), rtol=0, atol=0)


@pytest.mark.parametrize("name", PAIRS)
def test_gradient_reaches_every_parameter(name: str) -> None:
    """Narrow networks have ReLUs of a single unit that a drawing of the weights may shut: then another drawing must reach them."""
    left = untouched(name, 0)
    for seed in range(1, 12):
        left = left & untouched(name, seed) if left else left
    assert not left


def untouched(name: str, seed: int) -> set[str]:
    """Names of the kernels that get no gradient; all parameters must get a finite one."""
    torch.manual_seed(seed)
    network = build_network(name, width_mult=EIGHTH).train()
    answer = network(pictures(network))
    for y in [answer] if isinstance(answer, Tensor) else answer:
        (y * torch.randn(y.shape)).sum().backward(retain_graph=True)
    gradients = {key: parameter.grad for key, parameter in network.named_parameters()}
    assert all(gradient is not None and gradient.isfinite().all() for gradient in gradients.values())
    return {key for key, gradient in gradients.items() if gradient is not None and gradient.ndim > 1 and not gradient.any()}


@pytest.mark.parametrize("name", PAIRS)
def test_half_precision(name: str) -> None:
    network = small(name).train()
    x = pictures(network)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = logits_of(network(x))
    assert y.dtype in (torch.bfloat16, torch.float32)
    assert torch.isfinite(y.float()).all()
    y.float().square().mean().backward()
    assert all(parameter.grad is None or parameter.grad.isfinite().all() for parameter in network.parameters())
