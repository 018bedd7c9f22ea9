from __future__ import annotations

import torch

from karyokit.training.placing import placed


def test_any_nest_is_placed_and_pictures_lie_channels_last() -> None:
    nest = ([torch.zeros(1, 3, 4, 4)], [{"boxes": torch.ones(2, 4), "name": "a"}], (torch.zeros(2),))
    images, targets, rest = placed(nest, torch.device("cpu"))
    assert images[0].is_contiguous(memory_format=torch.channels_last)
    assert targets[0]["name"] == "a"
    assert torch.equal(targets[0]["boxes"], torch.ones(2, 4))
    assert isinstance(rest, tuple)
