"""Each tool of the review page, used in a browser as a person would."""

from __future__ import annotations

import numpy as np
import pytest
from bench import Bench

pytestmark = pytest.mark.slow


def numbers(bench: Bench) -> list[int]:
    return [item.number for item in bench.state.present]


def test_a_line_drawn_across_a_chromosome_cuts_it_and_selects_both_parts(bench: Bench) -> None:
    before = bench.state.items[1].region.area
    bench.press("c")
    bench.drag((35, 5), (35, 35))
    state = bench.state
    assert numbers(bench) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert state.items[1].region.area + state.items[9].region.area == before
    assert bench.selected == [1, 9]


def test_a_line_may_be_clicked_point_by_point(bench: Bench) -> None:
    bench.press("c")
    for point in ((35, 5), (35, 35)):
        bench.click(point)
    bench.press("Enter")
    assert len(numbers(bench)) == 9


def test_a_line_beside_every_chromosome_changes_nothing_and_says_so(bench: Bench) -> None:
    bench.press("c")
    bench.drag((5, 5), (8, 60))
    bench.wait_for_status("crosses no chromosome")
    assert len(numbers(bench)) == 8


def test_merging_joins_the_selected(bench: Bench) -> None:
    bench.select(1, 2)
    bench.press("m")
    state = bench.state
    assert len(state.present) == 7
    assert state.items[2].region.area == 30 * 10 + 36 * 10


def test_merging_needs_two(bench: Bench) -> None:
    bench.select(1)
    bench.press("m")
    bench.wait_for_status("Select the pieces")


def test_splitting_two_that_share_an_area_offers_ways_and_shows_them(bench: Bench) -> None:
    bench.select(7, 8)
    bench.press("s")
    bench.page.wait_for_selector("#options button")
    assert bench.ask("review.preview.length") == 2
    bench.press("ArrowRight", "Enter")
    state = bench.state
    shared = state.items[7].region.to_mask(state.shape) & state.items[8].region.to_mask(state.shape)
    assert np.count_nonzero(shared) > 0
    assert bench.ask("review.preview") is None
    assert bench.page.is_hidden("#options")


def test_splitting_one_that_holds_a_crossing_asks_for_its_place(bench: Bench) -> None:
    bench.select(7, 8)
    bench.press("m")
    assert len(bench.state.present) == 7
    bench.press("s")
    bench.drag((112, 50), (112, 70), (128, 70), (128, 50))
    bench.page.wait_for_selector("#options button")
    bench.press("Enter")
    state = bench.state
    assert len(state.present) == 8
    masks = [item.region.to_mask(state.shape) for item in state.present[-2:]]
    assert np.count_nonzero(masks[0] & masks[1]) > 50


def test_the_second_best_reconstruction_is_one_click(bench: Bench) -> None:
    bench.select(7)
    bench.page.hover("#card button:has-text('second-best')")
    assert bench.ask("review.preview.length") == 2
    bench.page.click("#card button:has-text('second-best')")
    assert len(bench.state.present) == 9


@pytest.mark.parametrize(("key", "more"), [("b", True), ("e", False)])
def test_the_brush_adds_and_erases(bench: Bench, key: str, more: bool) -> None:
    before = bench.state.items[3].region.area
    bench.select(3)
    bench.press(key, "]")
    column = 77 if more else 84
    bench.drag((30, column), (45, column))
    after = bench.state.items[3].region.area
    assert (after > before) == more
    assert after != before


def test_the_size_of_the_brush_follows_its_keys(bench: Bench) -> None:
    bench.press("b", "]", "]", "[")
    assert bench.ask("stage.radius") == 6
    assert bench.page.input_value("#options input") == "6"


def test_turning(bench: Bench) -> None:
    bench.select(2)
    one = bench.state.items[2].chromosome
    bench.press("r", "Shift+R", "r")
    assert bench.state.items[2].chromosome.angle == pytest.approx((one.angle + 15) % 360, abs=0.01)
    bench.press("p")
    assert bench.state.items[2].chromosome.polarity == {"unknown": "up", "up": "down", "down": "unknown"}[one.polarity]
    before = bench.state.items[2].chromosome
    bench.press("f")
    after = bench.state.items[2].chromosome
    assert (after.angle, after.polarity) != (before.angle, before.polarity)


def test_a_chromosome_is_dragged_to_another_slot(bench: Bench) -> None:
    thumb = bench.page.locator("[data-chromosome='4']").bounding_box()
    slot = bench.page.locator(".slot[data-category='10']").bounding_box()
    bench.page.mouse.move(thumb["x"] + thumb["width"] / 2, thumb["y"] + thumb["height"] / 2)
    bench.page.mouse.down()
    bench.page.mouse.move(slot["x"] + slot["width"] / 2, slot["y"] + slot["height"] / 2, steps=6)
    assert bench.page.locator(".slot[data-target='true']").count() == 1
    bench.page.mouse.up()
    assert bench.state.items[4].chromosome.category == 10
    assert bench.selected == [4]


def test_escape_leaves_a_dragged_chromosome_where_it_was(bench: Bench) -> None:
    thumb = bench.page.locator("[data-chromosome='4']").bounding_box()
    bench.page.mouse.move(thumb["x"] + 5, thumb["y"] + 5)
    bench.page.mouse.down()
    bench.page.mouse.move(thumb["x"] + 200, thumb["y"] + 60, steps=4)
    bench.press("Escape")
    bench.page.mouse.up()
    assert bench.state.items[4].chromosome.category == 4
    assert bench.page.locator(".ghost").count() == 0


def test_a_class_is_typed(bench: Bench) -> None:
    bench.select(5)
    for keys, category in ((("7",), 7), (("2", "Enter"), 2), (("x",), 23), (("y",), 24), (("0",), 0), (("1", "n"), 1)):
        bench.press(*keys)
        bench.wait(f"review.byId.get(5).category === {category}")
    assert bench.log == ["class"] * 6


def test_two_digits_typed_within_the_pause_are_one_class(bench: Bench) -> None:
    bench.select(5)
    bench.page.evaluate("for (const key of ['1', '9']) document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))")
    bench.wait("review.cell.undo?.kind === 'class'")
    assert bench.state.items[5].chromosome.category == 19


def test_marking_a_derivative(bench: Bench) -> None:
    bench.select(2)
    bench.press("d")
    bench.page.fill("#dialog input", "der(2)t(2;5)")
    bench.press("Enter")
    assert bench.state.items[2].marker == "der(2)t(2;5)"
    assert bench.page.inner_text("[data-chromosome='2'] .mark") == "der(2)t(2;5)"


def test_deleting_and_restoring(bench: Bench) -> None:
    bench.select(4)
    bench.press("Delete")
    assert 4 not in numbers(bench)
    bench.press("w")
    bench.page.click("#aside-panel button:has-text('Restore')")
    assert 4 in numbers(bench)


def test_an_object_set_aside_becomes_a_chromosome(bench: Bench) -> None:
    bench.press("w")
    bench.page.click("#aside-panel button:has-text('Is a chromosome')")
    assert len(numbers(bench)) == 9
    assert bench.state.items[9].region.area == 400


def test_a_locked_chromosome_refuses_other_edits(bench: Bench) -> None:
    bench.select(4)
    bench.press("l")
    assert bench.state.items[4].locked
    bench.press("Delete")
    bench.wait_for_status("ocked")
    assert 4 in numbers(bench)
    bench.press("l")
    assert not bench.state.items[4].locked


def test_the_model_runs_again_on_an_area_or_on_the_selected(bench: Bench) -> None:
    bench.select(1)
    bench.press("g", "Enter")
    state = bench.state
    assert state.items.keys() - set(range(1, 9)) == {9}
    bench.press("g")
    bench.drag((10, 40), (10, 58), (62, 58), (62, 40))
    assert 2 not in [item.number for item in bench.state.present]


def test_outlining_what_was_missed(bench: Bench) -> None:
    bench.press("a")
    bench.drag((95, 195), (95, 225), (125, 225), (125, 195))
    assert len(numbers(bench)) == 9
    assert bench.state.items[9].region.area == pytest.approx(900, rel=0.2)


def test_light_and_view(bench: Bench) -> None:
    grey = "stage.painter.grey.canvas.getContext('2d').getImageData(20, 30, 1, 1).data[0]"
    plain = bench.ask(grey)
    bench.press("i")
    assert bench.ask(grey) == 255 - plain
    bench.press("i", ")", ")")
    assert bench.ask(grey) != plain
    bench.press("\\")
    assert bench.ask(grey) == plain
    scale = bench.ask("stage.viewport.scale")
    bench.press("+")
    assert bench.ask("stage.viewport.scale") == pytest.approx(1.25 * scale)
    bench.page.mouse.move(*bench.screen((80, 130)))
    held = bench.ask("stage.viewport.toPicture(...stage.viewport.toScreen([80, 130]))")
    bench.page.mouse.wheel(0, -240)
    bench.wait(f"stage.viewport.scale > {1.3 * scale}")
    assert bench.ask("stage.viewport.toPicture(...stage.viewport.toScreen([80, 130]))") == pytest.approx(held)
    bench.press("o")
    assert bench.ask("stage.painter.shown") == "none"


def test_space_and_drag_moves_the_picture_in_any_tool(bench: Bench) -> None:
    bench.press("c")
    left = bench.ask("stage.viewport.left")
    bench.page.keyboard.down("Space")
    bench.drag((80, 100), (80, 130))
    bench.page.keyboard.up("Space")
    assert bench.ask("stage.viewport.left") > left + 20
    assert bench.ask("stage.tool.trace.busy") is False
    assert bench.log == []


def test_selecting_in_one_place_selects_in_the_others(bench: Bench) -> None:
    bench.select(5)
    assert bench.page.get_attribute("[data-chromosome='5']", "aria-pressed") == "true"
    assert "Chromosome 5" in bench.page.inner_text("#card h2")
    bench.page.click("[data-chromosome='2']")
    assert bench.selected == [2]
    bench.press("q", "ArrowDown")
    assert bench.selected != [2]
    assert f"Chromosome {bench.selected[0]}" in bench.page.inner_text("#card h2")


def test_a_second_click_takes_the_chromosome_beneath(bench: Bench) -> None:
    crossing = (120, 60)
    bench.click(crossing)
    first = bench.selected
    bench.click(crossing)
    assert sorted(first + bench.selected) == [7, 8]


def test_doubtful_ones_come_first_and_leave_when_checked(bench: Bench) -> None:
    assert bench.ask("review.queue()") == [3, 6]
    assert bench.selected == [3]
    assert "score" in bench.page.inner_text("#card .reasons")
    bench.press("Enter")
    assert bench.selected == [6]
    assert bench.state.items[3].checked
    bench.press("Enter")
    bench.wait("review.queue().length === 0")
    bench.press("n")
    bench.wait_for_status("Nothing is doubtful")
