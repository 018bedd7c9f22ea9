from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import ndimage

from karyokit.data.generators.placing import (
    Field,
    Placed,
    Plate,
    cross_corner,
    draw_cluster_sizes,
    meeting_angle,
    place_contact,
    place_free,
    shared_pixels,
    slide_corner,
    tangent_at,
)
from karyokit.data.generators.records import Single
from karyokit.data.generators.warping import Pose, pose_single

Bar = Callable[..., Single]


def test_cluster_sizes_add_up_to_the_share_asked_for() -> None:
    totals = [sum(draw_cluster_sizes(46, 0.25, rng=np.random.default_rng(seed))) for seed in range(200)]
    assert np.mean(totals) == pytest.approx(11.5, abs=0.6)
    assert draw_cluster_sizes(1, 1.0, rng=np.random.default_rng(0)) == []


def test_no_cluster_is_larger_than_the_cell() -> None:
    for seed in range(50):
        sizes = draw_cluster_sizes(7, 1.0, rng=np.random.default_rng(seed))
        assert sum(sizes) <= 7
        assert min(sizes) >= 2


def test_directions_ignore_their_sign() -> None:
    axis = np.stack([np.arange(9.0), np.arange(9.0)], axis=1)
    assert tangent_at(axis, 4) == pytest.approx(np.pi / 4)
    assert meeting_angle(0.2, 0.2 + np.pi) == pytest.approx(0.0, abs=1e-9)


def test_bars_crossed_in_the_middle_share_a_square(flat_bar: Bar) -> None:
    upright, lying = (pose_single(flat_bar(60, 10), Pose(angle=angle)) for angle in (0.0, np.pi / 2))
    partner = Placed(upright, 100, 100)
    row, column, angle = cross_corner(lying, partner, own=0.5, other=0.5)
    assert angle == pytest.approx(np.pi / 2)
    assert shared_pixels(lying, row, column, partner) == 100
    assert shared_pixels(lying, 400, 400, partner) == 0


def test_sliding_stops_at_the_last_free_place(flat_bar: Bar) -> None:
    posed = pose_single(flat_bar(40, 8), Pose(angle=0.4))
    partner = Placed(pose_single(flat_bar(40, 8), Pose()), 100, 100)
    corner = slide_corner(posed, partner, target=partner.axis[20], angle=1.0)
    assert corner is not None
    assert shared_pixels(posed, *corner, partner) == 0
    wide = ndimage.binary_dilation(np.pad(posed.mask, 1), np.ones((3, 3), bool))
    grown = pose_single(Single(wide.astype(np.float32), wide), Pose())
    assert grown.mask.any()
    both = np.zeros((300, 300), bool)
    both[Placed(posed, *corner).window] |= posed.mask
    both[partner.window] |= partner.posed.mask
    assert ndimage.label(both, np.ones((3, 3)))[1] == 1


def test_a_slide_that_misses_gives_nothing(flat_bar: Bar) -> None:
    posed = pose_single(flat_bar(20, 6), Pose())
    assert slide_corner(posed, Placed(posed, 100, 100), target=np.array([400.0, 400.0]), angle=0.0) is None


def test_free_places_keep_the_gap(flat_bar: Bar) -> None:
    field, plate, rng = Field((200, 200), 3), Plate((100, 100), (80, 80)), np.random.default_rng(1)
    for cluster in range(1, 7):
        place_free(field, pose_single(flat_bar(30, 8), Pose(angle=float(cluster))), plate, cluster=cluster, rng=rng)
    assert field.count.max() == 1
    labels, count = ndimage.label(ndimage.binary_dilation(field.count > 0, np.ones((3, 3), bool)), np.ones((3, 3)))
    assert count == 6
    assert labels.max() == 6


def test_a_picture_too_small_is_refused(flat_bar: Bar) -> None:
    field = Field((30, 30), 3)
    with pytest.raises(ValueError, match="`shape` must hold a chromosome"):
        place_free(field, pose_single(flat_bar(60, 10), Pose()), Plate((15, 15), (9, 9)), cluster=1, rng=np.random.default_rng(0))


@pytest.mark.parametrize("crossing", [True, False])
def test_contacts_cross_or_touch_as_asked(flat_bar: Bar, crossing: bool) -> None:
    field, rng = Field((200, 200), 3), np.random.default_rng(3)
    first = field.add(pose_single(flat_bar(60, 10), Pose()), 60, 90, 1)
    posed = pose_single(flat_bar(60, 10), Pose(angle=1.2))
    assert place_contact(field, posed, [first], cluster=1, crossing=crossing, rng=rng) is not None
    assert (field.count.max() == 2) == crossing
    assert ndimage.label(field.count > 0, np.ones((3, 3)))[1] == 1


def test_no_contact_place_gives_nothing(flat_bar: Bar) -> None:
    field = Field((80, 80), 3)
    posed = pose_single(flat_bar(60, 10), Pose())
    first = field.add(posed, 4, 4, 1)
    assert place_contact(field, posed, [first], cluster=1, crossing=True, rng=np.random.default_rng(0)) is None
