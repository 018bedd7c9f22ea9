"""46 chromosomes can be moved and zoomed without a visible lag."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bench import Bench
from served import Served, full_case

pytestmark = pytest.mark.slow

FRAMES = """(() => new Promise((done) => {
  const spent = [];
  let count = 0;
  const draw = stage.painter.draw.bind(stage.painter);
  stage.painter.draw = () => { const begun = performance.now(); draw(); spent.push(performance.now() - begun); };
  const step = () => {
    if (count % 30 < 15) stage.viewport.pan(4, -3);
    else stage.viewport.zoom(count % 2 ? 1.04 : 0.97, 300, 300);
    count += 1;
    if (count < 90) requestAnimationFrame(step);
    else { stage.painter.draw = draw; done(spent); }
  };
  requestAnimationFrame(step);
}))()"""


@pytest.fixture
def full(browser: Any, tmp_path: Path) -> Iterator[Bench]:
    """The page of a cell of 46 chromosomes."""
    served = Served(*full_case(tmp_path))
    context = browser.new_context(viewport={"width": 1360, "height": 860})
    yield Bench(context, served)
    context.close()
    served.stop()


def test_a_frame_of_moving_and_zooming_takes_a_small_part_of_a_sixtieth_second(full: Bench) -> None:
    assert full.ask("review.cell.chromosomes.length") == 46
    spent = full.ask(FRAMES)
    assert len(spent) > 30
    assert statistics.median(spent) < 8


def test_outlines_are_made_anew_only_when_the_cell_changes(full: Bench) -> None:
    before = full.ask("(stage.kept = stage.painter.outlines, true)")
    full.press("+", "-", "n", "n", "o", "o")
    assert before
    assert full.ask("stage.kept === stage.painter.outlines")
