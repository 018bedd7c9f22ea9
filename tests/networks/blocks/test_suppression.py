from __future__ import annotations

import pytest
import torch

from karyokit.networks.blocks.suppression import SUPPRESSIONS, by_masks, mask_overlap

CROSS = torch.tensor([[0.0, 0.0, 60.0, 60.0], [2.0, 1.0, 61.0, 60.0], [200.0, 200.0, 230.0, 210.0]])
SCORES = torch.tensor([0.95, 0.9, 0.8])
ONE = torch.ones(3, dtype=torch.int64)
OPTIONS = {"iou": 0.5, "least": 0.05, "limit": 100}


def bars() -> torch.Tensor:
    """Two bars that cross in an X, and a third one elsewhere."""
    rows, columns = torch.meshgrid(torch.arange(61), torch.arange(61), indexing="ij")
    down, up = (rows - columns).abs() < 5, (rows + columns - 60).abs() < 5
    masks = torch.zeros(3, 240, 240, dtype=torch.bool)
    masks[0, :61, :61], masks[1, :61, :61] = down, up
    masks[2, 200:210, 200:230] = True
    return masks


def test_an_x_pair_dies_by_hard_suppression_and_survives_the_soft_ones() -> None:
    assert SUPPRESSIONS["hard"](CROSS, SCORES, ONE, **OPTIONS)[0].tolist() == [0, 2]
    for name in ("soft", "soft_gaussian"):
        keep, scores = SUPPRESSIONS[name](CROSS, SCORES, ONE, **(OPTIONS | {"least": 0.04}))
        assert keep.tolist() == [0, 2, 1], name
        assert scores[-1] < 0.2


def test_an_x_pair_survives_by_masks_and_a_copy_does_not() -> None:
    masks = torch.cat([bars(), bars()[:1]])
    scores = torch.tensor([0.9, 0.8, 0.7, 0.85])
    assert by_masks(masks, scores, torch.ones(4, dtype=torch.int64), iou=0.5, limit=100).tolist() == [0, 1, 2]
    assert by_masks(masks, scores, torch.ones(4, dtype=torch.int64), iou=0.5, limit=2).tolist() == [0, 1]
    assert float(mask_overlap(bars())[0, 1]) < 0.2


def test_soft_score_by_hand() -> None:
    boxes = torch.tensor([[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 8.0]])
    scores, one = torch.tensor([0.6, 0.5]), torch.ones(2, dtype=torch.int64)
    assert SUPPRESSIONS["soft"](boxes, scores, one, **OPTIONS)[1].tolist() == pytest.approx([0.6, 0.5 * 0.2], rel=1e-5)
    gaussian = SUPPRESSIONS["soft_gaussian"](boxes, scores, one, **OPTIONS)[1]
    assert float(gaussian[1]) == pytest.approx(0.5 * 2.718281828 ** (-0.64 / 0.5), rel=1e-5)


@pytest.mark.parametrize("name", SUPPRESSIONS)
def test_laws_of_every_rule(name: str) -> None:
    rule = SUPPRESSIONS[name]
    torch.manual_seed(3)
    corners = torch.rand(60, 2) * 100
    boxes, scores, labels = torch.cat([corners, corners + 5 + torch.rand(60, 2) * 40], dim=1), torch.rand(60), torch.randint(1, 3, (60,))
    before = scores.clone()
    keep, kept = rule(boxes, scores, labels, iou=0.5, least=0.3, limit=20)
    assert len(keep) == len(set(keep.tolist())) == len(kept) <= 20
    assert (kept >= 0.3).all()
    assert (kept.diff() <= 1e-6).all()
    assert (kept <= scores[keep] + 1e-6).all()
    assert torch.equal(scores, before)
    nothing = rule(boxes[:0], scores[:0], labels[:0], iou=0.5, least=0.3, limit=20)
    assert [len(part) for part in nothing] == [0, 0]
    apart = rule(boxes[:2], scores[:2] * 0 + 0.9, torch.tensor([1, 2]), iou=0.5, least=0.3, limit=20)[0]
    assert len(apart) == 2
