from __future__ import annotations

import pytest
import torch

from karyokit.losses.adversarial import lsgan_discriminator, lsgan_generator


@pytest.mark.parametrize("pooling", ["picture", "patch"])
def test_both_are_zero_at_their_optimum(pooling: str) -> None:
    ones, zeros = torch.ones(2, 1, 3, 3), torch.zeros(2, 1, 3, 3)
    assert lsgan_discriminator(ones, zeros, pooling=pooling).item() == 0
    assert lsgan_generator(ones, pooling=pooling).item() == 0
    assert lsgan_discriminator(zeros, ones, pooling=pooling).item() == 1
    assert lsgan_discriminator(zeros, ones, factor=1.0, pooling=pooling).item() == 2
    assert lsgan_generator(zeros, pooling=pooling).item() == 1


def test_a_discriminator_that_knows_nothing() -> None:
    half = torch.full((1, 1, 2, 2), 0.5)
    assert lsgan_discriminator(half, half).item() == lsgan_generator(half).item() == 0.25


def test_pooling_by_hand() -> None:
    scores = torch.tensor([[[[0.0, 1.0]]], [[[1.0, 1.0]]]])
    assert lsgan_generator(scores).item() == pytest.approx((0.25 + 0) / 2)
    assert lsgan_generator(scores, pooling="patch").item() == pytest.approx(1 / 4)
    with pytest.raises(ValueError, match="Did you mean 'patch'"):
        lsgan_generator(scores, pooling="patches")


def test_gradients() -> None:
    real, fake = (torch.rand(2, 1, 2, 2, dtype=torch.float32, requires_grad=True) for _ in range(2))
    lsgan_discriminator(real, fake).backward()
    assert real.grad is not None
    assert fake.grad is not None
    assert float(real.grad.max()) < 0 < float(fake.grad.min())  # real scores are pushed up, generated ones down
