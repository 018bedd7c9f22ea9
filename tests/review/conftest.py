"""Cases to work on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from drawn_case import KnowingAssistant, drawn_record, make_case

from karyokit.exchange.coco import cells_to_coco
from karyokit.review.case import Case
from karyokit.review.records import state_of
from karyokit.review.state import CellState


@pytest.fixture
def state() -> CellState:
    """The drawn cell, untouched."""
    return state_of(cells_to_coco([drawn_record()]))


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    """A case of the drawn cell with an assistant of known answers."""
    opened = Case(make_case(tmp_path), pictures=tmp_path / "pictures", assistant=KnowingAssistant())
    yield opened
    opened.close()
