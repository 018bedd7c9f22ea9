from __future__ import annotations

import pytest
import torch

from karyokit.networks import parameter_count
from karyokit.networks.patch_discriminator import PatchDiscriminator


def test_parameters() -> None:
    with torch.device("meta"):
        assert parameter_count(PatchDiscriminator()) == 2_768_577
        assert parameter_count(PatchDiscriminator(batch_norm=False)) == 2_766_785


def test_map_of_the_paper_is_19_by_19_and_lies_in_0_to_1() -> None:
    scores = PatchDiscriminator(width_mult=1 / 8)(torch.rand(2, 1, 128, 128), torch.rand(2, 4, 128, 128))
    assert scores.shape == (2, 1, 19, 19)
    assert 0 < float(scores.detach().min()) <= float(scores.detach().max()) < 1


@pytest.mark.parametrize("size", [(94, 93), (1, 1), (33, 70)])
def test_any_size_will_do(size: tuple[int, int]) -> None:
    assert PatchDiscriminator(width_mult=1 / 8).eval()(torch.rand(1, 1, *size), torch.rand(1, 4, *size)).numel() > 0


def test_a_score_sees_70_by_70_pixels() -> None:
    network = PatchDiscriminator(width_mult=1 / 8, batch_norm=False, d_sigmoid=False)
    for value in network.parameters():
        torch.nn.init.constant_(value, 0.1)
    picture = torch.rand(1, 1, 128, 128, requires_grad=True)
    network(picture, torch.rand(1, 4, 128, 128))[0, 0, 9, 9].backward()
    assert picture.grad is not None
    seen = picture.grad[0, 0] != 0
    assert (int(seen.any(1).sum()), int(seen.any(0).sum())) == (70, 70)


def test_without_sigmoid_scores_are_free() -> None:
    torch.manual_seed(0)
    network = PatchDiscriminator(width_mult=1 / 8, d_sigmoid=False, spread=0.5).eval()
    picture, maps = torch.rand(1, 1, 32, 32), torch.rand(1, 4, 32, 32)
    free = network(picture, maps)
    assert float(free.detach().min()) < 0
    network.d_sigmoid = True
    torch.testing.assert_close(network(picture, maps), torch.sigmoid(free))


def test_the_label_map_counts() -> None:
    network = PatchDiscriminator(width_mult=1 / 8).eval()
    picture, maps = torch.rand(1, 1, 32, 32), torch.rand(1, 4, 32, 32)
    assert not torch.equal(network(picture, maps), network(picture, maps.flip(1)))
