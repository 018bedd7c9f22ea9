"""Sets of networks and experiences, and the choice of an action."""

from __future__ import annotations

from itertools import permutations

import pytest

from karyokit.reconstruction.crf import CrfParameters
from karyokit.reconstruction.nk_dna import FEATURES, KEEP, Action, Experience, KnowledgeStore, Network, merge_stores

WEAK, STRONG = Network(CrfParameters(w1=1.0), 0.7, 1), Network(CrfParameters(w1=9.0), 0.9, 2)
REFINE, BAND = Action("refine", STRONG.key), Action("band", STRONG.key)


def state(area: float) -> tuple[float, ...]:
    return (area, *[0.0] * (len(FEATURES) - 1))


def store_of(*experiences: Experience) -> KnowledgeStore:
    return KnowledgeStore((WEAK, STRONG), experiences)


def test_a_new_store_is_the_fixed_crf_of_the_paper() -> None:
    store = KnowledgeStore()
    action = store.decide(state(5.0))
    assert action.kind == "refine"
    assert store.parameters_of(action) == CrfParameters()


def test_best_network_has_the_highest_score_and_any_score_beats_none() -> None:
    assert store_of().best_network == STRONG
    assert KnowledgeStore((Network(), WEAK)).best_network == WEAK


def test_similar_states_decide() -> None:
    good = [Experience(state(100.0 + place), REFINE, 0.1) for place in range(3)]
    bad = [Experience(state(10.0 + place), REFINE, -0.1) for place in range(3)]
    banded = [Experience(state(10.0 + place), BAND, 0.02) for place in range(3)]
    store = store_of(*good, *bad, *banded)
    assert store.decide(state(99.0), neighbours=3) == REFINE
    assert store.decide(state(12.0), neighbours=3) == BAND
    assert store_of(*bad).decide(state(12.0), neighbours=3) == KEEP


def test_boundary_counts_where_asked() -> None:
    store = store_of(Experience(state(1.0), REFINE, 0.01, -0.5))
    assert store.decide(state(1.0)) == REFINE
    assert store.decide(state(1.0), boundary_weight=1.0) == KEEP


def test_ties_go_to_keep() -> None:
    assert store_of(Experience(state(1.0), REFINE, 0.0)).decide(state(1.0)) == KEEP


def test_recording_appends_once_and_leaves_the_store_alone() -> None:
    before = store_of()
    one = Experience(state(1.0), REFINE, 0.1)
    after = before.record([one, one]).record([one])
    assert before.experiences == ()
    assert after.experiences == (one,)


def test_merge_is_a_union_idempotent_commutative_and_associative() -> None:
    ones = [Experience(state(float(place)), REFINE, 0.1 * place) for place in range(4)]
    stores = [KnowledgeStore((STRONG,), tuple(ones[:2])), KnowledgeStore((WEAK, STRONG), tuple(ones[1:3])), store_of(ones[3])]
    whole = merge_stores(stores)
    assert set(whole.experiences) == set(ones)
    assert set(whole.networks) == {WEAK, STRONG}
    for order in permutations(stores):
        assert merge_stores(order) == whole
    assert whole.merged(whole) == whole
    assert stores[0].merged(stores[1].merged(stores[2])) == whole


def test_order_of_giving_does_not_matter() -> None:
    ones = tuple(Experience(state(float(place)), REFINE, 0.1) for place in range(4))
    assert KnowledgeStore((WEAK, STRONG), ones) == KnowledgeStore((STRONG, WEAK), ones[::-1])


def test_refuses() -> None:
    with pytest.raises(ValueError, match="at least one network"):
        KnowledgeStore(())
    with pytest.raises(ValueError, match="`network` must"):
        KnowledgeStore((WEAK,), (Experience(state(1.0), REFINE, 0.1),))
    with pytest.raises(ValueError, match="Use `state_of`"):
        store_of(Experience((1.0,), REFINE, 0.1))
    with pytest.raises(ValueError, match="Use `state_of`"):
        store_of().decide((1.0,))
    with pytest.raises(ValueError, match="`neighbours` must"):
        store_of().decide(state(1.0), neighbours=0)
