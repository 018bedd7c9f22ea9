from __future__ import annotations

import pytest
import torch

from karyokit.networks.blocks.box_coding import assign_boxes, decode_boxes, encode_boxes, sample_balanced
from karyokit.networks.blocks.cascade_heads import THREE_STAGES

PROPOSALS = torch.tensor([[10.0, 20.0, 50.0, 40.0], [0.0, 0.0, 8.0, 90.0], [5.5, 6.25, 7.5, 9.75]])
TRUTH = torch.tensor([[14.0, 18.0, 60.0, 44.0], [1.0, 3.0, 12.0, 70.0], [5.5, 6.25, 7.5, 9.75]])


@pytest.mark.parametrize("stage", THREE_STAGES, ids=lambda stage: str(stage.threshold))
def test_decoding_undoes_encoding(stage) -> None:
    offsets = encode_boxes(TRUTH, PROPOSALS, stage.deviations)
    torch.testing.assert_close(decode_boxes(offsets, PROPOSALS, stage.deviations), TRUTH)
    assert offsets[2].abs().max() == 0


def test_offsets_by_hand_and_tighter_stages_have_larger_ones() -> None:
    offsets = [encode_boxes(TRUTH[:1], PROPOSALS[:1], stage.deviations)[0] for stage in THREE_STAGES]
    by_hand = torch.tensor([7 / 40 / 0.1, 1 / 20 / 0.1, torch.log(torch.tensor(46 / 40)) / 0.2, torch.log(torch.tensor(26 / 20)) / 0.2])
    torch.testing.assert_close(offsets[0], by_hand)
    torch.testing.assert_close(offsets[1], 2 * offsets[0])
    assert (offsets[2].abs() > offsets[1].abs()).all()


def test_decoding_bounds_the_growth_of_sides() -> None:
    huge = decode_boxes(torch.full((1, 4), 1e4), PROPOSALS[:1], (1.0, 1.0, 1.0, 1.0))
    assert torch.isfinite(huge).all()
    assert float(huge[0, 2] - huge[0, 0]) == pytest.approx(40 * 1000 / 16, rel=1e-3)


def test_assignment_follows_the_threshold_of_each_stage() -> None:
    truth = torch.tensor([[0.0, 0.0, 10.0, 10.0]])
    shifted = torch.tensor([[0.0, 0.0, 10.0, height] for height in (4.9, 5.5, 6.5, 7.5)])  # IoU = height / 10
    hits = [assign_boxes(shifted, truth, stage.threshold)[1].tolist() for stage in THREE_STAGES]
    assert hits == [[False, True, True, True], [False, False, True, True], [False, False, False, True]]


def test_assignment_takes_the_best_box_and_stands_empty_truth() -> None:
    truth = torch.tensor([[0.0, 0.0, 10.0, 10.0], [4.0, 0.0, 14.0, 10.0]])
    index, positive = assign_boxes(torch.tensor([[3.0, 0.0, 13.0, 10.0], [50.0, 50.0, 60.0, 60.0]]), truth, 0.5)
    assert (index[0].item(), positive.tolist()) == (1, [True, False])
    index, positive = assign_boxes(PROPOSALS, torch.zeros(0, 4), 0.5)
    assert (index.tolist(), positive.tolist()) == ([0, 0, 0], [False] * 3)


def test_sampling_keeps_the_share_and_never_repeats() -> None:
    positive = torch.arange(100) < 40
    torch.manual_seed(0)
    chosen = sample_balanced(positive, 32, 0.25)
    assert (len(chosen), int(positive[chosen].sum()), len(set(chosen.tolist()))) == (32, 8, 32)
    few = sample_balanced(torch.arange(10) < 2, 32, 0.25)
    assert (len(few), int((few < 2).sum())) == (10, 2)
