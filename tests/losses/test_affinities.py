from __future__ import annotations

import numpy as np
import pytest
import torch

from karyokit.losses.affinities import affinity_loss, affinity_targets
from karyokit.steps import paired_windows


def crossing() -> torch.Tensor:
    """(1, 2, 5, 5) owners of a lying and a standing bar that cross in the middle."""
    owners = torch.zeros(1, 2, 5, 5, dtype=torch.uint8)
    owners[0, 0, 2, :] = 1
    owners[0, 0, :, 2] = 2
    owners[0, :, 2, 2] = torch.tensor([1, 2], dtype=torch.uint8)
    return owners


@pytest.mark.parametrize("step", [(0, 2), (2, 0), (2, 2), (2, -2), (-2, 4)])
def test_targets_agree_with_a_pixel_by_pixel_count(step: tuple[int, int]) -> None:
    owners = crossing()
    same, known = affinity_targets(owners, step)
    (rows, columns), _ = paired_windows((5, 5), step)
    for r in range(rows.start, rows.stop):
        for c in range(columns.start, columns.stop):
            here = set(owners[0, :, r, c].tolist()) - {0}
            there = set(owners[0, :, r + step[0], c + step[1]].tolist()) - {0}
            place = 0, r - rows.start, c - columns.start
            assert bool(same[place]) == bool(here & there)
            assert bool(known[place]) == bool(here and there)


def test_a_step_beyond_the_picture_pairs_nothing() -> None:
    assert affinity_targets(crossing(), (0, 9))[0].numel() == 0
    assert float(affinity_loss(torch.zeros(1, 1, 5, 5), crossing(), [(0, 10)])) == 0


def test_loss_is_log_two_for_no_opinion_and_falls_for_the_right_one() -> None:
    steps = [(0, 2), (2, 0), (2, 2)]
    logits = torch.zeros(1, 3, 5, 5, requires_grad=True)
    loss = affinity_loss(logits, crossing(), steps, grid=1)
    assert float(loss.detach()) == pytest.approx(np.log(2), abs=1e-6)
    loss.backward()
    better = logits.detach() - 5 * logits.grad.sign()
    assert float(affinity_loss(better, crossing(), steps, grid=1)) < 0.01


def test_unknown_pixels_do_not_count() -> None:
    owners = torch.zeros(1, 2, 6, 6, dtype=torch.uint8)
    assert float(affinity_loss(torch.full((1, 1, 6, 6), 9.0), owners, [(0, 2)])) == 0
