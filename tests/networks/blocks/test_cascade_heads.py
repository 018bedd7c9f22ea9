from __future__ import annotations

import pytest
import torch

from karyokit.networks.blocks.box_coding import encode_boxes
from karyokit.networks.blocks.cascade_heads import ONE_STAGE, THREE_STAGES, CascadeHeads, HeadOptions
from karyokit.networks.blocks.instance_records import Target

SHAPE = (128, 128)
BOXES = torch.tensor([[10.0, 10.0, 50.0, 30.0], [60.0, 40.0, 80.0, 100.0]])


def maps(count: int = 1) -> list[torch.Tensor]:
    return [torch.rand(count, 8, 128 // stride, 128 // stride) for stride in (4, 8, 16, 32)]


def target(boxes: torch.Tensor = BOXES, has_mask: bool = True) -> Target:
    masks = torch.zeros(len(boxes), *SHAPE, dtype=torch.uint8)
    for mask, (left, top, right, bottom) in zip(masks, boxes.int().tolist(), strict=True):
        mask[top:bottom, left:right] = 1
    return Target(boxes, torch.ones(len(boxes), dtype=torch.int64), masks, torch.full((len(boxes),), has_mask))


def heads(**options) -> CascadeHeads:
    torch.manual_seed(0)
    return CascadeHeads(8, width=16, options=HeadOptions(**options))


def silent(network: CascadeHeads, score: float = 4.0) -> CascadeHeads:
    """Heads that move no box and are sure of every one."""
    for head in network.box_heads:
        for layer in (head.classify, head.regress):
            torch.nn.init.zeros_(layer.weight)
            torch.nn.init.zeros_(layer.bias)
        head.classify.bias.data[1] = score
    return network


def test_perfect_boxes_need_no_offsets_and_cost_nothing_in_any_stage() -> None:
    for stage in THREE_STAGES:
        assert encode_boxes(BOXES, BOXES, stage.deviations).abs().max() == 0
    losses = silent(heads()).losses(maps(), [BOXES], [target()])
    assert sorted(losses) == sorted(f"{part}_{number}" for part in ("class", "box", "mask") for number in (1, 2, 3))
    assert [float(losses[f"box_{number}"].detach()) for number in (1, 2, 3)] == [0.0, 0.0, 0.0]


def test_perfect_boxes_stay_where_they_are_through_all_stages() -> None:
    stages = silent(heads()).refine(maps(), BOXES, SHAPE)
    assert len(stages) == 3
    for boxes, scores in stages:
        torch.testing.assert_close(boxes, BOXES)
        torch.testing.assert_close(scores[:, 1], torch.full((2,), torch.sigmoid(torch.tensor(4.0)).item()))


def test_stage_weights_scale_equal_losses() -> None:
    network = silent(heads(samples=8), score=0.0)
    losses = network.losses(maps(), [torch.zeros(0, 4)], [target()])
    assert [float(losses[f"class_{number}"].detach()) for number in (1, 2, 3)] == pytest.approx([0.6931, 0.3466, 0.1733], abs=1e-3)


def test_later_stages_ask_for_more_overlap() -> None:
    near = BOXES + torch.tensor([0.0, 0.0, 0.0, 6.0])  # IoU 20/26 and 60/66
    far = BOXES + torch.tensor([0.0, 0.0, 14.0, 6.0])  # IoU 0.57 and 0.54
    network = heads(samples=64)
    drawn = [network._draw(torch.cat([near, far]), target(), stage.threshold) for stage in THREE_STAGES]
    hits = [int((d.labels[~d.appended] > 0).sum()) for d in drawn]
    assert hits == [4, 2, 2]
    assert all(int(d.appended.sum()) == 2 for d in drawn)


def test_true_boxes_are_not_handed_to_the_next_stage() -> None:
    network = silent(heads())
    drawn = [network._draw(BOXES + 1.0, target(), 0.5)]
    logits, offsets = torch.zeros(4, 2), torch.zeros(4, 1, 4)
    following = network._next_boxes(logits, offsets, drawn, 0)[0]
    assert sorted(following[:, 0].tolist()) == sorted((BOXES + 1.0)[:, 0].tolist())


def test_masks_of_box_only_objects_do_not_count() -> None:
    network = heads(samples=8)
    known, unknown = (network.losses(maps(), [BOXES], [target(has_mask=flag)]) for flag in (True, False))
    for number in (1, 2, 3):
        assert float(known[f"mask_{number}"].detach()) > 0
        assert float(unknown[f"mask_{number}"].detach()) == 0
    torch.stack(list(unknown.values())).sum().backward()


def test_pictures_without_objects_and_without_proposals() -> None:
    network = heads(samples=8)
    empty = target(torch.zeros(0, 4))
    losses = network.losses(maps(2), [BOXES, torch.zeros(0, 4)], [empty, empty])
    assert all(torch.isfinite(value) for value in losses.values())
    assert float(losses["box_1"].detach()) == float(losses["mask_1"].detach()) == 0
    found = network.eval()(maps(2), [torch.zeros(0, 4), torch.zeros(0, 4)], SHAPE)
    assert [(f.boxes.shape, f.masks.shape, f.scores.shape) for f in found] == [((0, 4), (0, 28, 28), (0,))] * 2


@pytest.mark.parametrize("suppression", ["hard", "soft", "soft_gaussian", "masks"])
def test_nothing_scored_high_enough_gives_no_detection(suppression: str) -> None:
    network = silent(heads(suppression=suppression), score=-9.0).eval()
    with torch.no_grad():
        found = network(maps(), [BOXES], SHAPE)[0]
    assert len(found.boxes) == len(found.masks) == 0


@pytest.mark.parametrize("suppression", ["hard", "soft", "soft_gaussian", "masks"])
def test_separate_sure_boxes_are_all_found(suppression: str) -> None:
    network = silent(heads(suppression=suppression)).eval()
    for head in network.mask_heads:
        head.decide.bias.data.fill_(9.0)
    with torch.no_grad():
        found = network(maps(), [BOXES], SHAPE)[0]
    assert sorted(found.boxes[:, 0].tolist()) == pytest.approx([10.0, 60.0], abs=1e-3)
    assert found.masks.min() > 0.99


def test_masks_are_the_mean_of_the_three_heads() -> None:
    network = heads().eval()
    with torch.no_grad():
        for head, bias in zip(network.mask_heads, (-40.0, 0.0, 40.0), strict=True):
            torch.nn.init.zeros_(head.decide.weight)
            head.decide.bias.data.fill_(bias)
        mean = network.mask_probabilities(maps(), BOXES, torch.ones(2, dtype=torch.int64))
    torch.testing.assert_close(mean, torch.full((2, 28, 28), 0.5))


def test_scores_on_own_or_last_boxes_differ_only_once_boxes_move() -> None:
    features = maps()
    still = [silent(heads(scores_on=name)).refine(features, BOXES, SHAPE)[-1][1] for name in ("own", "last")]
    torch.testing.assert_close(*still)
    moving = []
    for name in ("own", "last"):
        network = heads(scores_on=name)
        for head in network.box_heads:
            torch.nn.init.normal_(head.regress.bias, std=5.0, generator=torch.Generator().manual_seed(1))
            torch.nn.init.normal_(head.classify.weight, std=1.0, generator=torch.Generator().manual_seed(2))
        moving.append(network.refine(features, BOXES, SHAPE)[-1][1])
    assert (moving[0] - moving[1]).abs().max() > 1e-4


def test_wrong_options_are_named() -> None:
    with pytest.raises(ValueError, match="Did you mean 'soft'"):
        HeadOptions(suppression="softt")
    with pytest.raises(ValueError, match="scores_on"):
        HeadOptions(scores_on="first")
    assert len(CascadeHeads(8, width=16, stages=ONE_STAGE).box_heads) == 1
