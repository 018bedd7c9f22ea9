from __future__ import annotations

import pytest
import torch
from torch import nn

from karyokit.networks.blocks.context_pooling import ASSP, PPM, RMP
from karyokit.networks.blocks.same_pooling import same_max_pool

MODULES = {
    "assp": lambda: ASSP(3, size=(8, 8)),
    "assp_dynamic": lambda: ASSP(3, size=(8, 8), dynamic=True),
    "assp_wide": lambda: ASSP(3, size=(8, 8), squeeze=4),
    "ppm": lambda: PPM(3),
    "rmp": lambda: RMP(3),
    "rmp_same": lambda: RMP(3, pool=same_max_pool),
}


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("size", [(8, 8), (7, 9), (4, 4), (1, 3), (16, 10)])
def test_any_map_keeps_its_size(name: str, size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    module = MODULES[name]()
    y = module.eval()(torch.randn(2, 3, *size))
    assert y.shape == (2, module.outputs, *size)
    assert torch.isfinite(y).all()


def test_channels() -> None:
    assert [MODULES[name]().outputs for name in MODULES] == [6, 6, 15, 6, 7, 7]


def test_assp_by_hand() -> None:
    module = ASSP(1, size=(8, 8), dropout=0.0).train(mode=False)
    for layer in module.squeeze:
        nn.init.ones_(layer.weight)  # type: ignore[arg-type]
        nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    module.finish = nn.Identity()  # type: ignore[assignment]
    x = torch.arange(16.0).view(1, 1, 4, 4)
    four, two, three, same = module(x)[0]
    assert module.kernels == (4, 2, 3)
    assert two.tolist() == [[5, 5, 7, 7], [5, 5, 7, 7], [13, 13, 15, 15], [13, 13, 15, 15]]
    assert three.tolist() == [[10, 10, 11, 11], [10, 10, 11, 11], [14, 14, 15, 15], [14, 14, 15, 15]]
    assert four.tolist() == [[10, 10, 11, 11], [10, 10, 11, 11], [14, 14, 15, 15], [14, 14, 15, 15]]
    assert torch.equal(same, x[0, 0])


def test_dynamic_pools_follow_the_map() -> None:
    torch.manual_seed(0)
    fixed, moving = ASSP(2, size=(8, 8)).eval(), ASSP(2, size=(8, 8), dynamic=True).eval()
    for layer in fixed.squeeze:
        nn.init.ones_(layer.weight)  # type: ignore[arg-type]
    moving.load_state_dict(fixed.state_dict())
    x = torch.rand(1, 2, 16, 16)
    assert torch.equal(fixed(x[..., :8, :8]), moving(x[..., :8, :8]))
    assert not torch.equal(fixed(x), moving(x))
    fixed.kernels = (8, 4, 2)
    assert torch.equal(fixed(x), moving(x))
