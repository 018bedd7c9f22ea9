from __future__ import annotations

import numpy as np
import pytest
import torch
import torchvision
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.ops import box_iou

from karyokit.networks import build_network, parameter_count
from karyokit.networks.blocks.cascade_heads import BOX_CELLS, MASK_CELLS, ONE_STAGE, CascadeHeads, HeadOptions
from karyokit.networks.blocks.instance_records import Target
from karyokit.networks.blocks.region_pooling import paste_masks, pool_regions
from karyokit.networks.blocks.residual_pyramid import NORMS, RESNETS, ResidualStages, residual_pyramid
from karyokit.networks.cascade_mask_rcnn import InstanceNetwork

NAMES = ("cascade_mask_rcnn", "mask_rcnn")
TINY = {
    "backbone": "resnet10",
    "width_mult": 1 / 8,
    "anchors": {"anchor_scale": 4.0, "proposals": (200, 100)},
    "heads": {"samples": 32, "suppression": "soft"},
}


def bars(side: int = 128) -> tuple[torch.Tensor, Target]:
    """A picture of four bars, two of which cross, and its truth."""
    boxes = torch.tensor([[12, 20, 76, 30], [40, 8, 50, 60], [84, 70, 94, 120], [10, 90, 60, 100]])
    masks = torch.zeros(4, side, side, dtype=torch.uint8)
    for mask, (left, top, right, bottom) in zip(masks, boxes.tolist(), strict=True):
        mask[top:bottom, left:right] = 1
    picture = masks.sum(dim=0).float() + 0.05 * torch.rand(side, side, generator=torch.Generator().manual_seed(0))
    return picture[None, None], Target(boxes.float(), torch.ones(4, dtype=torch.int64), masks, torch.ones(4, dtype=torch.bool))


@pytest.mark.parametrize(
    ("name", "options", "count"),
    [
        ("cascade_mask_rcnn", {}, 96_012_900),
        ("cascade_mask_rcnn", {"backbone": "resnet50"}, 77_020_772),
        ("mask_rcnn", {}, 62_963_286),
        ("cascade_mask_rcnn", {"classes": 80}, 96_316_734),
        ("mask_rcnn", {"classes": 80}, 63_388_464),
    ],
)
def test_parameter_counts_of_the_specification(name: str, options: dict, count: int) -> None:
    with torch.device("meta"):
        assert parameter_count(build_network(name, **options)) == count


@pytest.mark.parametrize("name", ["resnet18", "resnet34", "resnet50", "resnet101"])
def test_backbone_takes_torchvision_weights(name: str) -> None:
    with torch.device("meta"):
        theirs = getattr(torchvision.models, name)(weights=None).state_dict()
        ours = ResidualStages(name).state_dict()
    assert {key: value.shape for key, value in ours.items()} == {k: v.shape for k, v in theirs.items() if not k.startswith("fc.")}


def test_loaded_weights_answer_like_torchvision(tmp_path) -> None:
    torch.manual_seed(0)
    theirs = torchvision.models.resnet18(weights=None).eval()
    torch.save(theirs.state_dict(), tmp_path / "r18.pth")
    stored = str(tmp_path / "r18.pth")
    ours = residual_pyramid("resnet18", norm="frozen", weights=stored).body.eval()
    x = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        whole = torch.nn.Sequential(*list(theirs.children())[:-2])(x)
        torch.testing.assert_close(list(ours(x).values())[-1], whole, atol=1e-4, rtol=1e-4)
    with pytest.raises(ValueError, match="weights"):
        residual_pyramid("resnet10", weights=stored)
    with pytest.raises(FileNotFoundError, match="scratch"):
        residual_pyramid("resnet18", weights="absent.pth")


@pytest.mark.parametrize("norm", NORMS)
def test_every_normalisation_gives_finite_maps(norm: str) -> None:
    stages = ResidualStages("resnet10", width=12, norm=norm, inputs=1)
    maps = stages(torch.rand(1, 1, 64, 96))
    assert [tuple(m.shape[1:]) for m in maps] == [(12, 16, 24), (24, 8, 12), (48, 4, 6), (96, 2, 3)]
    assert all(torch.isfinite(m).all() for m in maps)


def test_unknown_backbone_and_norm_list_the_known() -> None:
    with pytest.raises(ValueError, match="resnet101"):
        build_network("cascade_mask_rcnn", backbone="resnet102")
    with pytest.raises(ValueError, match="group"):
        build_network("cascade_mask_rcnn", backbone="resnet10", norm="groups")
    assert set(RESNETS) >= {"resnet18", "resnet50", "resnet101"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(96, 96), (101, 67), (33, 150)])
def test_odd_sizes_and_boxes_inside_the_picture(name: str, shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    network = build_network(name, **TINY).eval()
    with torch.no_grad():
        found = network(torch.rand(2, 1, *shape))
    assert len(found) == 2
    for one in found:
        assert 0 < len(one.boxes) <= 100
        assert one.masks.shape == (len(one.boxes), 28, 28)
        assert (one.boxes >= 0).all()
        assert (one.boxes <= torch.tensor([shape[1], shape[0]] * 2)).all()
        assert (one.boxes[:, 2:] > one.boxes[:, :2]).all()


@pytest.mark.parametrize("name", NAMES)
def test_losses_are_finite_with_and_without_objects_and_reach_every_weight(name: str) -> None:
    torch.manual_seed(0)
    network = build_network(name, **TINY).train()
    picture, truth = bars()
    nothing = Target(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), torch.zeros(0, 128, 128), torch.zeros(0, dtype=torch.bool))
    empty = network.losses(torch.cat([picture, picture]), [nothing, nothing])
    assert all(torch.isfinite(value) for value in empty.values())
    losses = network.losses(torch.cat([picture, picture]), [truth, nothing])
    torch.stack(list(losses.values())).sum().backward()
    silent = [key for key, value in network.named_parameters() if value.grad is None]
    assert silent == []


class _TheirBoxAnswer(torch.nn.Module):
    """Our box head's answer in torchvision's form: offsets for the background, too."""

    def __init__(self, head) -> None:
        super().__init__()
        self.head = head

    def forward(self, features):
        logits, offsets = self.head(features)
        return logits, torch.cat([torch.zeros(len(logits), 4), offsets.flatten(1)], dim=1)


class _TheirMaskAnswer(torch.nn.Module):
    def __init__(self, head) -> None:
        super().__init__()
        self.head = head

    def forward(self, features):
        logits = self.head(features)
        return torch.cat([torch.zeros_like(logits[:, :1]), logits], dim=1)


def their_heads(ours: CascadeHeads, iou: float) -> RoIHeads:
    def pooler(size: int):
        class Pooler(torch.nn.Module):
            def forward(self, features, boxes, _shapes):
                return pool_regions(list(features.values()), boxes, size, (4, 8, 16, 32))

        return Pooler()

    same = torch.nn.Identity()
    box, mask = _TheirBoxAnswer(ours.box_heads[0]), _TheirMaskAnswer(ours.mask_heads[0])
    learning, reading = (0.5, 0.5, 4096, 1.0, None), (0.05, iou, 100)
    return RoIHeads(pooler(BOX_CELLS), same, box, *learning, *reading, pooler(MASK_CELLS), same, mask)


@pytest.mark.parametrize("classes", [1, 3])
def test_one_stage_answers_like_torchvision(classes: int) -> None:
    torch.manual_seed(1)
    options = HeadOptions(samples=4096, positive=1.0, beta=1 / 9)
    ours = CascadeHeads(8, classes=classes, stages=ONE_STAGE, agnostic=False, width=16, options=options)
    torch.nn.init.normal_(ours.box_heads[0].classify.weight, std=2.0)
    torch.nn.init.normal_(ours.box_heads[0].regress.weight, std=0.5)
    theirs = their_heads(ours, 0.5)
    maps = [torch.rand(1, 8, 128 // stride, 128 // stride) for stride in (4, 8, 16, 32)]
    corners = torch.rand(80, 2) * 90
    boxes = torch.cat([corners, corners + 8 + torch.rand(80, 2) * 30], dim=1)
    features = {str(level): one for level, one in enumerate(maps)}
    if classes == 1:
        with torch.no_grad():
            mine, other = ours.eval()(maps, [boxes], (128, 128))[0], theirs.eval()(features, [boxes], [(128, 128)])[0][0]
        torch.testing.assert_close(mine.boxes, other["boxes"], atol=1e-3, rtol=1e-4)
        torch.testing.assert_close(mine.scores, other["scores"])
        torch.testing.assert_close(mine.masks, other["masks"][:, 0])
    truth = boxes[:5] + 1.0
    labels = torch.arange(5) % classes + 1
    masks = torch.zeros(5, 128, 128, dtype=torch.uint8)
    target = Target(truth, labels, masks, torch.ones(5, dtype=torch.bool))
    mine = ours.train().losses(maps, [boxes], [target])
    other = theirs.train()(features, [boxes], [(128, 128)], [{"boxes": truth, "labels": labels, "masks": masks}])[1]
    torch.testing.assert_close(mine["class_1"], other["loss_classifier"])
    torch.testing.assert_close(mine["box_1"], other["loss_box_reg"])


@pytest.fixture(scope="module")
def fitted() -> tuple[InstanceNetwork, torch.Tensor, Target]:
    """A small network after 150 steps on one picture, the picture, and its truth."""
    torch.manual_seed(0)
    network = build_network("cascade_mask_rcnn", **(TINY | {"width_mult": 1 / 4, "norm": "group"})).train()
    assert isinstance(network, InstanceNetwork)
    picture, truth = bars()
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    for _ in range(150):
        loss = torch.stack(list(network.losses(picture, [truth]).values())).sum()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimizer.step()
    return network.eval(), picture, truth


@pytest.mark.slow
def test_one_picture_can_be_learnt_by_heart(fitted) -> None:
    network, picture, truth = fitted
    with torch.no_grad():
        found = network(picture)[0]
    best = found.only(torch.arange(4))
    masks, known = paste_masks(best.masks, best.boxes, (128, 128)) > 0.5, truth.masks.bool()
    shared = (masks[:, None] & known[None]).sum((2, 3)) / (masks[:, None] | known[None]).sum((2, 3))
    assert sorted(shared.argmax(dim=1).tolist()) == [0, 1, 2, 3]
    assert float(shared.max(dim=0).values.min()) > 0.7
    assert float(best.scores.min()) > 0.5


@pytest.mark.slow
def test_boxes_fit_better_from_stage_to_stage(fitted) -> None:
    network, picture, truth = fitted
    rng = np.random.default_rng(0)
    sides = (truth.boxes[:, 2:] - truth.boxes[:, :2]).repeat(1, 2)
    moved = torch.cat([truth.boxes + sides * torch.tensor(rng.uniform(-0.12, 0.12, (4, 4)), dtype=torch.float32) for _ in range(25)])
    with torch.no_grad():
        maps, _, _ = network._propose(picture, None)
        stages = network.heads.refine(maps, moved, (128, 128))
    row, column = torch.arange(len(moved)), torch.arange(len(moved)) % 4
    means = [float(box_iou(boxes, truth.boxes)[row, column].mean()) for boxes in (moved, *(b for b, _ in stages))]
    print("mean IoU of proposals and of the three stages", means)
    assert means[1] > means[0] + 0.03
    assert means[3] > means[2] > means[1]
