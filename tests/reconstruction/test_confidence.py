from __future__ import annotations

import numpy as np
import pytest

from karyokit.chromosomes import Chromosome, Region, Separation
from karyokit.reconstruction.confidence import (
    CLASS_WORDS,
    SEPARATION_WORDS,
    class_signs,
    doubtful_below,
    judge_classes,
    judge_separation,
    separation_signs,
)
from karyokit.reconstruction.confidence.judging import Weight, Weights, doubts, fitted, scores
from karyokit.reconstruction.confidence.maps import inner_answers, weakest_cut
from karyokit.reconstruction.confidence.shape import longest_path, shape_of

SHAPE = (200, 200)


def bar(row: int, column: int, length: int = 40, width: int = 9) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    mask[row : row + width, column : column + length] = True
    return mask


def plain_cell(*odd: np.ndarray) -> list[Chromosome]:
    """Eight equal bars far from one another, and odd ones below."""
    masks = [bar(10 + 24 * (place // 2), 20 + 80 * (place % 2)) for place in range(8)] + list(odd)
    return [Chromosome(number, Region.from_mask(mask)) for number, mask in enumerate(masks, start=1)]


def signs_of(chromosomes: list[Chromosome], **maps: object) -> dict[str, np.ndarray]:
    union = np.any([one.region.to_mask(SHAPE) for one in chromosomes], axis=0).astype(np.float32)
    return separation_signs(chromosomes, **{"density": union, "foreground": union, **maps})  # type: ignore[arg-type]


def test_every_sign_has_words_and_a_weight() -> None:
    model = fitted()
    assert set(signs_of(plain_cell())) == set(SEPARATION_WORDS) == set(model.separation.signs)
    assert (
        set(class_signs(np.full((2, 24), 1 / 24), np.array([1, 0]), np.array([9.0, 9.0]))) == set(CLASS_WORDS) == set(model.classes.signs)
    )
    assert all(one.weight >= 0 for one in (*model.separation.signs.values(), *model.classes.signs.values()))
    assert 0.5 < doubtful_below() < 1


def test_plain_bars_give_no_sign() -> None:
    for name, values in signs_of(plain_cell()).items():
        assert np.allclose(values, 0), name


@pytest.mark.parametrize(
    ("sign", "odd"),
    [
        ("pieces", bar(130, 20, 18) | bar(130, 50, 18)),
        ("wide", bar(130, 20, 40, 18)),
        ("narrow", bar(130, 20, 40, 5)),
        ("long", bar(130, 20, 90)),
        ("large", bar(130, 20, 90)),
        ("short", bar(130, 20, 12)),
        ("beside", bar(130, 20, 60) | bar(130, 45, 9, 40)),
        ("edge", bar(150, 0)),
    ],
)
def test_an_odd_shape_shows_its_sign_alone(sign: str, odd: np.ndarray) -> None:
    values = signs_of(plain_cell(odd))[sign]
    assert values[-1] > 0
    assert np.allclose(values[:-1], 0)


def test_rings_and_single_pixels_have_finite_signs() -> None:
    ring = bar(130, 20, 30, 30) & ~bar(133, 23, 24, 24)
    for name, values in signs_of(plain_cell(ring, bar(180, 20, 1, 1))).items():
        assert np.isfinite(values).all(), name


def test_neighbours_crowd() -> None:
    crowded = signs_of(plain_cell(bar(130, 20), bar(139, 20)))["crowded"]
    assert crowded[-1] > 0.2
    assert crowded[0] == 0


def test_density_and_faintness() -> None:
    cell = plain_cell(bar(130, 20), bar(160, 20))
    density, foreground = np.ones(SHAPE, np.float32), np.ones(SHAPE, np.float32)
    density[125:145], density[155:175], foreground[125:145] = 2.0, 0.5, 0.75
    found = signs_of(cell, density=density, foreground=foreground)
    assert found["dense"][-2] > 0
    assert found["pale"][-1] > 0
    assert found["dense"][-1] == found["pale"][-2] == 0
    assert found["faint"][-2:] == pytest.approx([0.25, 0.0])


def test_affinities_against_a_cut_and_for_a_neighbour() -> None:
    cell = plain_cell(bar(130, 20, 80), bar(160, 20, 38), bar(160, 60, 38))
    affinity = np.full(SHAPE, 4.0, np.float32)
    affinity[125:145, 50:60] = -4.0
    found = signs_of(cell, affinities={(0, 10): affinity})
    assert found["cut"][-3] > 4
    assert np.allclose(found["cut"][:-3], 0)
    assert found["pull"][-1] == found["pull"][-2] > 4
    assert np.allclose(found["pull"][:-3], 0)


def test_a_rivalled_decision() -> None:
    cell = [one.with_changes(separation=Separation("port-assignment", 2, 0.2)) for one in plain_cell()]
    assert signs_of(cell)["rivalled"] == pytest.approx(0.8)


def test_turning_the_cell_changes_no_sign() -> None:
    cell = plain_cell(bar(130, 20, 60) | bar(130, 45, 9, 40), bar(180, 0, 13))
    turned = [Chromosome(one.number, Region.from_mask(np.rot90(one.region.to_mask(SHAPE)))) for one in cell]
    before, after = signs_of(cell), signs_of(turned)
    for name in before:
        assert before[name] == pytest.approx(after[name], abs=0.05), name


def test_weakest_cut_hears_the_doubting_answers() -> None:
    crop, place = np.ones((1, 6), bool), np.arange(6)[None]
    values, low, high = inner_answers(crop, place, {(0, 2): np.array([[4.0, 4.0, -4.0, 4.0, 4.0, 4.0]])})
    assert (values.tolist(), low.tolist(), high.tolist()) == ([4.0, -4.0], [0, 2], [2, 4])
    assert weakest_cut(values, low, high, 6) == pytest.approx((6 * 4 - 4) / 7)
    assert weakest_cut(*inner_answers(crop, place, {}), 6) == 4.0


def test_shape_of_a_bar() -> None:
    shape = shape_of(Region.from_mask(bar(30, 30, 41, 9)))
    assert shape.width == 9
    assert shape.length == pytest.approx(41, abs=3)
    assert len(longest_path(np.eye(7, dtype=bool))) == 7


def test_an_empty_region_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one pixel"):
        shape_of(Region.from_mask(np.zeros((3, 3), bool)))


def test_scores_and_doubts_by_hand() -> None:
    weights = Weights(intercept=-2.0, signs={"wide": Weight(weight=4.0, usual=0.2), "long": Weight(weight=1.0, usual=0.1)})
    signs = {"wide": np.array([0.0, 0.5, 0.1]), "long": np.array([0.0, 0.5, 0.0])}
    assert scores(signs, weights) == pytest.approx([1 / (1 + np.exp(-2.0)), 1 / (1 + np.exp(0.5)), 1 / (1 + np.exp(-1.6))])
    words = {"wide": "wider", "long": "longer"}
    assert doubts(signs, weights, words) == [("wider",), ("wider", "longer"), ("wider",)]


def test_no_chromosomes_are_judged_as_none() -> None:
    assert judge_separation([], density=np.zeros(SHAPE), foreground=np.zeros(SHAPE)) == ()
    assert judge_classes([]) == ()


def test_only_doubtful_chromosomes_have_doubts() -> None:
    cell = plain_cell(bar(130, 20, 12), bar(150, 0, 90, 20))
    union = np.any([one.region.to_mask(SHAPE) for one in cell], axis=0).astype(np.float32)
    judged = judge_separation(cell, density=union, foreground=union)
    assert judged[0].score > doubtful_below()
    assert judged[-1].score < judged[0].score
    assert "cut by the edge of the picture" in judged[-1].doubts
    for one in judged:
        assert bool(one.doubts) == (one.score < doubtful_below())


def test_classes_can_raise_and_remove_doubt() -> None:
    sure = np.eye(24)[:8]
    plain = [
        one.with_changes(score=0.95, probabilities=tuple(row), category=k + 1)
        for k, (one, row) in enumerate(zip(plain_cell(), sure, strict=True))
    ]
    unsure = [*plain[:7], plain[7].with_changes(probabilities=(1 / 24,) * 24, category=0)]
    before, after = judge_classes(plain), judge_classes(unsure)
    assert after[7].score < min(before[7].score, doubtful_below())
    assert "does not count as one chromosome" in after[7].doubts


def test_the_score_before_classes_is_kept_and_judging_again_starts_from_it() -> None:
    named = [one.with_changes(score=0.9, probabilities=tuple(np.eye(24)[k]), category=k + 1) for k, one in enumerate(plain_cell())]
    once = judge_classes(named)
    again = judge_classes(once)
    assert all(one.score != 0.9 and one.separation_score == 0.9 for one in once)
    assert [one.score for one in again] == [one.score for one in once]
