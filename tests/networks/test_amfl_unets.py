from __future__ import annotations

import pytest
import torch

from karyokit.networks import build_network, parameter_count
from karyokit.networks.blocks.attention_gate import AttentionGate
from karyokit.networks.blocks.recurrent_convolution import doubled, fed_back


def twice(variant: str, **options: object) -> torch.nn.Module:
    torch.manual_seed(0)
    return build_network("r2_unet", width_mult=1 / 8, r2_variant=variant, **options).eval()


def test_variants_share_parameters_but_not_answers() -> None:
    ours, theirs = twice("alom"), twice("bigmb")
    theirs.load_state_dict(ours.state_dict())
    x = torch.rand(1, 1, 32, 32)
    assert parameter_count(ours) == parameter_count(theirs)
    assert not torch.allclose(ours(x), theirs(x))
    with pytest.raises(ValueError, match="Did you mean 'alom'"):
        twice("alon")


def test_iterations_by_hand() -> None:
    halve = torch.nn.Conv2d(1, 1, 1, bias=False)
    torch.nn.init.constant_(halve.weight, 0.5)
    x = torch.ones(1, 1, 1, 1)
    assert fed_back(halve, x, 2).item() == 0.875  # 0.5, then (1 + 0.5) / 2, then (1 + 0.75) / 2
    assert doubled(halve, x, 2).item() == 0.5  # 0.5, then (0.5 + 0.5) / 2
    assert doubled(halve, x, 5).item() == 0.5
    assert fed_back(halve, x, 0).item() == doubled(halve, x, 0).item() == 0.5


def test_steps_change_the_answer_without_new_parameters() -> None:
    two, three = twice("alom"), twice("alom", steps=3)
    three.load_state_dict(two.state_dict())
    x = torch.rand(1, 1, 32, 32)
    assert not torch.allclose(two(x), three(x))


def test_batch_statistics_in_evaluation_equal_those_of_training() -> None:
    network = twice("alom", bn_eval_batchstats=True)
    x = torch.rand(3, 1, 32, 32)
    evaluated = network(x)
    torch.testing.assert_close(evaluated, network.train()(x))
    assert not torch.allclose(evaluated, twice("alom")(x))
    assert not any("running" in key for key in network.state_dict())


def test_a_gate_only_dims_its_skip() -> None:
    torch.manual_seed(0)
    skip = torch.rand(2, 8, 4, 4)
    gated = AttentionGate(8, 4)(torch.rand(2, 8, 4, 4), skip).detach()
    share = gated / skip
    assert float(share.min()) > 0
    assert float(share.max()) < 1
    torch.testing.assert_close(share, share[:, :1].expand_as(share))
