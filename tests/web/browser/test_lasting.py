"""Nothing is lost: reload, two tabs, a server that stops and comes back, hostile names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bench import Bench
from served import Served, drawn_case, until

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=alert(1)>&amp;'\".png"


def test_undo_and_redo_survive_a_reload(bench: Bench) -> None:
    bench.select(2)
    bench.press("9")
    bench.settle()
    bench.press("Delete")
    bench.settle()
    bench.page.reload()
    bench.wait("Boolean(review.cell)")
    bench.press("Control+z")
    assert bench.state.items[2].chromosome.category == 9
    assert not bench.state.items[2].deleted
    bench.press("Control+z")
    assert bench.state.items[2].chromosome.category == 2
    bench.page.reload()
    bench.wait("Boolean(review.cell)")
    bench.press("Control+Shift+z")
    assert bench.state.items[2].chromosome.category == 9
    bench.press("Control+y")
    assert bench.state.items[2].deleted


def test_undo_goes_back_through_any_number_of_edits(bench: Bench) -> None:
    bench.select(2)
    for key in ("3", "4", "5", "6", "7", "8"):
        bench.press(key)
    assert bench.state.items[2].chromosome.category == 8
    for _ in range(6):
        bench.press("Control+z")
    assert bench.state.items[2].chromosome.category == 2
    bench.press("Control+z")
    bench.wait_for_status("nothing to undo")


def test_the_open_cell_survives_a_reload(bench: Bench) -> None:
    bench.press("PageDown")
    bench.cell += 1
    bench.wait(f"review.cell.id === {bench.cell}")
    bench.page.reload()
    bench.wait(f"review.cell?.id === {bench.cell}")


def test_two_tabs_keep_each_others_edits(bench: Bench) -> None:
    other = Bench(bench.context, bench.served, cell=bench.cell)
    bench.select(1)
    bench.press("Delete")
    other.select(2)
    other.press("9")
    other.settle()
    state = bench.settle()
    assert state.items[1].deleted
    assert state.items[2].chromosome.category == 9
    bench.wait("review.byId.get(2).category === 9")
    other.wait("!review.byId.has(1)")
    assert not other.problems
    other.page.close()


def test_a_tab_is_told_when_another_was_first(bench: Bench) -> None:
    other = Bench(bench.context, bench.served, cell=bench.cell)
    for tab in (bench, other):
        tab.ask("void (review._poll = () => {})")
    bench.select(1)
    other.select(1)
    bench.press("Delete")
    bench.settle()
    other.press("f")
    other.wait_for_status("since")
    other.wait("!review.byId.has(1)")
    assert bench.settle().items[1].deleted
    bench.ask("delete review._poll")
    other.page.close()


def test_edits_wait_while_the_server_is_away(alone: Bench) -> None:
    alone.select(2)
    alone.served.stop()
    alone.press("7")
    alone.page.wait_for_selector("#banner:not([hidden])")
    alone.press("l")
    until(lambda: "2 edits wait" in alone.page.inner_text("#banner"), "the banner counts the waiting edits")
    alone.served.start()
    state = alone.settle()
    assert state.items[2].chromosome.category == 7
    assert state.items[2].locked
    until(lambda: alone.page.is_hidden("#banner"), "the banner goes away")


def test_waiting_edits_survive_a_reload(bench: Bench) -> None:
    bench.select(2)
    bench.page.route("**/commands", lambda route: route.abort())
    bench.press("7")
    bench.page.wait_for_selector("#banner:not([hidden])")
    bench.page.reload()
    bench.wait("review.outbox.length === 1")
    bench.page.unroute("**/commands")
    assert bench.state.items[2].chromosome.category == 7


def test_an_edit_whose_answer_was_lost_is_done_once(bench: Bench) -> None:
    lost: list[Any] = []

    def swallow(route: Any) -> None:
        if lost:
            return route.continue_()
        lost.append(route.fetch())
        return route.abort()

    bench.page.route("**/commands", swallow)
    bench.select(2)
    bench.press("r")
    bench.wait("review.outbox.length === 0 && review.cell.undo !== null")
    bench.page.unroute("**/commands")
    assert lost[0].ok
    assert bench.log == ["rotate"]
    assert not bench.page.locator("#status.refused").count()


def test_a_new_reviewer_is_asked_once(browser: Any, served: Served) -> None:
    context = browser.new_context()
    bench = Bench(context, served, who="")
    bench.select(2)
    bench.press("7")
    bench.page.wait_for_selector("#dialog[open]")
    bench.page.fill("#dialog input", "Dr Ada")
    bench.press("Enter")
    assert bench.state.items[2].chromosome.category == 7
    bench.press("8")
    assert bench.state.items[2].chromosome.category == 8
    assert {entry.who for entry in served.case.history(1).entries} == {"Dr Ada"}
    context.close()


def test_names_of_files_are_text(browser: Any, tmp_path: Path) -> None:
    served = Served(*drawn_case(tmp_path, names=(HOSTILE,)))
    context = browser.new_context()
    bench = Bench(context, served)
    assert bench.page.inner_text(".cell-name") == HOSTILE
    assert bench.page.inner_text("#cell-list .name") == HOSTILE
    assert bench.page.locator("img[src='x']").count() == 0
    assert not bench.problems
    context.close()
    served.stop()
