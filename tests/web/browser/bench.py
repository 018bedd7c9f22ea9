"""The review page as a test handles it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from served import PATIENCE, Served, until

from karyokit.review.state import CellState

MAIN = "import('/static/scripts/main.js').then(({ review, stage, desk }) => "
EXPECTED = ("net::ERR", "status of 4")
"""Messages of the browser about answers that tests provoke: a stopped server, a refused command."""


class Bench:
    """One tab on a served case."""

    def __init__(self, context: Any, served: Served, *, who: str = "Tester", cell: int = 1) -> None:
        self.context, self.served, self.cell = context, served, cell
        self.problems: list[str] = []
        context.set_default_timeout(1000 * PATIENCE)
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._heard)
        if who:
            self.page.add_init_script(f"localStorage.getItem('karyokit.who') || localStorage.setItem('karyokit.who', '{who}')")
        self.page.goto(f"{served.address}#cell={cell}")
        self.wait("Boolean(stage.painter.grey && review.cell)")

    def open_untouched(self) -> None:
        """Go to the next cell, with the tools, the light and the tabs as at the start."""
        self.problems.clear()
        self.cell += 1
        self.page.keyboard.press("Escape")
        self.ask(
            f"(stage.useTool('select'), stage.showOutlines('all'), stage.radius = 5, desk.showTab('karyogram'), review.open({self.cell}))"
        )
        self.wait(f"Boolean(stage.painter.grey) && review.cell.id === {self.cell}")

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning") and not any(text in message.text for text in EXPECTED):
            self.problems.append(message.text)

    def ask(self, expression: str) -> Any:
        """The value of an expression over review, stage and desk."""
        return self.page.evaluate(f"{MAIN}({expression}))")

    def wait(self, expression: str) -> None:
        until(lambda: self.ask(expression), expression)

    def settle(self) -> CellState:
        """Wait until the server has answered every edit and the page shows it; the state as the server has it."""
        self.wait("review.outbox.length === 0")
        revision = self.served.case.history(self.cell).revision
        self.wait(f"review.cell.revision === {revision}")
        return self.served.state(self.cell)

    @property
    def state(self) -> CellState:
        return self.settle()

    @property
    def selected(self) -> list[int]:
        return list(self.ask("review.selected"))

    def select(self, *numbers: int) -> None:
        """Select by clicking in the picture, the further ones with Shift."""
        self.press("v")
        self.ask("review.select([])")
        for at, number in enumerate(numbers):
            row, column = self.ask(f"review.byId.get({number}).centre")
            self.click((row, column), shift=at > 0)
        assert self.selected == list(numbers)

    def screen(self, point: Sequence[float]) -> tuple[float, float]:
        """Where a point (row, column) of the picture is on the page."""
        x, y = self.ask(
            f"(([x, y], box) => [x + box.left, y + box.top])(stage.viewport.toScreen({list(point)}), stage.canvas.getBoundingClientRect())"
        )
        return x, y

    def click(self, point: Sequence[float], *, shift: bool = False) -> None:
        if shift:
            self.page.keyboard.down("Shift")
        self.page.mouse.click(*self.screen(point))
        if shift:
            self.page.keyboard.up("Shift")

    def drag(self, *points: Sequence[float]) -> None:
        """Press the mouse on the first point of the picture, go through the others, let go."""
        places = [self.screen(point) for point in points]
        self.page.mouse.move(*places[0])
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*place, steps=4)
        self.page.mouse.up()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def status(self) -> str:
        return str(self.page.inner_text("#status"))

    def wait_for_status(self, words: str) -> None:
        until(lambda: words in self.status(), f"status line: {words!r}")

    @property
    def log(self) -> list[str]:
        """The kinds of all edits of the cell."""
        return [entry.kind for entry in self.served.case.history(self.cell).entries]
