"""A served case."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "review"))
from drawn_case import KnowingAssistant, make_case

from karyokit.review.case import Case
from karyokit.web.access import Access, known_hosts
from karyokit.web.app import create_app

ADDRESS = "http://127.0.0.1:8710"


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    """A case of two drawn cells, the second without a picture."""
    folder = make_case(tmp_path, names=("cell.png", "gone.png"))
    (tmp_path / "pictures" / "gone.png").unlink()
    opened = Case(folder, pictures=tmp_path / "pictures", assistant=KnowingAssistant())
    yield opened
    opened.close()


@pytest.fixture
def page(case: Case) -> TestClient:
    """A browser's view of the server, defects answered rather than raised."""
    app = create_app(case, access=Access(known_hosts("127.0.0.1", 8710)))
    return TestClient(app, base_url=ADDRESS, raise_server_exceptions=False)
