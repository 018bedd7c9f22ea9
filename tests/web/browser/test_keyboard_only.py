"""A whole correction without a mouse."""

from __future__ import annotations

import pytest
from bench import Bench

pytestmark = pytest.mark.slow


def hold(bench: Bench, key: str, times: int) -> None:
    for _ in range(times):
        bench.press(key)


def test_a_cell_is_corrected_signed_and_reported_from_the_keyboard(bench: Bench) -> None:
    bench.press("n")
    assert bench.selected == [6]
    bench.press("2", "2", "N")
    assert bench.selected == [3]
    bench.press("Enter")
    bench.wait("review.cell.doubtful.length === 0")

    bench.press("j", "ArrowRight", "ArrowLeft")
    number = bench.selected[0]
    bench.press("c")
    hold(bench, "Shift+ArrowLeft", 2)
    bench.press("Space")
    hold(bench, "Shift+ArrowRight", 4)
    bench.press("Space", "Enter")
    assert len(bench.state.present) == 9

    assert bench.selected == [number, 9]
    bench.press("m")
    assert len(bench.state.present) == 8

    bench.press("b", "Space")
    hold(bench, "Shift+ArrowRight", 1)
    bench.press("Space")
    bench.settle()
    bench.press("Control+z", "v")

    bench.press("k", "ArrowRight", "ArrowDown")
    assert bench.page.evaluate("document.activeElement.dataset.chromosome") == str(bench.selected[0])

    bench.press("Shift+S", "ArrowRight", "Enter")
    assert bench.state.status.value == "signed"
    bench.press("Control+Enter")
    with bench.page.expect_download():
        bench.press("Enter")
    assert bench.log == ["class", "check", "cut", "merge", "brush", "undo", "status"]


def test_the_tab_key_reaches_every_part_in_order(bench: Bench) -> None:
    bench.page.focus("#cell-list li:last-child button")
    seen = []
    for _ in range(40):
        bench.press("Tab")
        seen.append(bench.page.evaluate("document.activeElement.closest('[id]')?.id"))
    order = ("rail", "picture", "view-buttons", "divider", "card", "tab-karyogram", "karyogram")
    parts = [seen.index(part) for part in order]
    assert parts == sorted(parts)


def test_single_keys_can_be_switched_off(bench: Bench) -> None:
    bench.press("?")
    bench.page.uncheck("#dialog input[type=checkbox]")
    bench.press("Escape", "Delete", "7")
    assert bench.ask("review.outbox.length") == 0
    assert bench.log == []
    bench.page.evaluate("localStorage.removeItem('karyokit.keys')")


def test_every_action_has_its_key_in_the_list_and_no_key_means_two_things(bench: Bench) -> None:
    keys = bench.ask("desk.actions.flatMap((action) => action.keys)")
    assert len(keys) == len(set(keys))
    bench.press("?")
    shown = bench.page.inner_text("#dialog")
    for title in bench.ask("desk.actions.map((action) => action.title)"):
        assert title in shown


def test_a_focused_button_keeps_enter_and_space(bench: Bench) -> None:
    bench.page.focus("#card [data-act=lock]")
    bench.press("Enter")
    assert bench.state.items[3].locked
    assert not bench.state.items[3].checked
    bench.page.focus("#card [data-act=lock]")
    bench.press("Space")
    assert not bench.state.items[3].locked
