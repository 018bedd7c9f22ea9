"""Every route of the server under requests that make no sense: an answer with a code of its own, never a defect."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from karyokit.review.case import Case
from karyokit.review.commands import ARGUMENTS
from karyokit.review.evidence import Evidences
from karyokit.review.views import Views
from karyokit.web.reading import reading_routes
from karyokit.web.writing import writing_routes

READING = (
    "/api/case",
    "/api/cells/{cell}",
    "/api/cells/{cell}/revision",
    "/api/cells/{cell}/evidence",
    "/api/cells/{cell}/history",
    "/api/cells/{cell}/picture.png",
    "/api/cells/{cell}/chromosomes/{number}/{kind}.png",
    "/api/cells/{cell}/export.json",
    "/api/export.json",
    "/",
    "/static/{cell}",
)
WRITING = tuple(f"/api/cells/{{cell}}/{name}" for name in ("commands", "undo", "redo", "preview", "pairings", "report"))
ANSWERS = {200, 304, 400, 404, 405, 409, 413, 422, 424}

part = st.one_of(st.sampled_from(["1", "2", "0", "-1", "9" * 30, "..", "%2e%2e", "1e3", "case.sqlite"]), st.text(max_size=8))
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 10**20) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
values: dict[str, st.SearchStrategy[Any]] = {
    "revision": st.sampled_from([0, 1, -1, 2**60]) | plain,
    "kind": st.sampled_from(sorted(ARGUMENTS)) | plain,
    "arguments": st.just({"chromosomes": [1]}) | plain,
    "who": st.just("Ann") | plain,
    "chromosomes": st.just([7, 8]) | st.just([1] * 8) | plain,
    "zone": st.just([[110, 50], [110, 70], [130, 70], [130, 50]]) | plain,
    "format": st.sampled_from(["pdf", "png"]) | plain,
    "override": st.just("in a hurry") | plain,
}
bodies = st.one_of(st.fixed_dictionaries({}, optional=values), plain).map(
    lambda body: json.dumps(body).encode("utf-8", "replace")
) | st.binary(max_size=40)


def test_every_route_is_tried(case: Case) -> None:
    views, evidences = Views(), Evidences()
    routes = [*reading_routes(case, views, evidences, "").routes, *writing_routes(case, views, evidences).routes]
    assert {route.path for route in routes} == {path for path in (*READING, *WRITING) if path.startswith("/api")}


@pytest.mark.parametrize("path", READING)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(cell=part, number=part, kind=st.sampled_from(["upright", "straight"]) | part)
def test_no_address_makes_the_server_fail(page: TestClient, path: str, cell: str, number: str, kind: str) -> None:
    address = path.format(cell=quote(cell, safe="%"), number=quote(number, safe="%"), kind=quote(kind, safe="%"))
    answer = page.get(address)
    assert answer.status_code in ANSWERS, answer.text
    assert "SQLite" not in answer.text[:200]
    if answer.status_code != 200 and path.startswith("/api"):
        assert answer.json()["error"]


@pytest.mark.parametrize("path", WRITING)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(body=bodies, cell=st.sampled_from(["1", "1", "2", "9", "x"]))
def test_no_body_makes_the_server_fail(page: TestClient, path: str, body: bytes, cell: str) -> None:
    answer = page.post(path.format(cell=cell), content=body, headers={"content-type": "application/json"})
    assert answer.status_code in ANSWERS, answer.text
    if answer.status_code != 200:
        assert answer.json()["error"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(method=st.sampled_from(["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD"]), path=st.sampled_from([*READING, *WRITING]))
def test_other_methods_are_refused(page: TestClient, method: str, path: str) -> None:
    answer = page.request(method, path.format(cell=1, number=1, kind="upright"))
    assert answer.status_code in {*ANSWERS, 403}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(name=st.sampled_from(["host", "origin", "cookie", "authorization", "content-type", "range", "accept"]), value=st.binary(max_size=30))
def test_no_header_makes_the_server_fail(page: TestClient, name: str, value: bytes) -> None:
    clean = bytes(byte for byte in value if byte >= 32 and byte != 127)
    answer = page.post("/api/cells/1/undo", content=b'{"revision": 0, "who": "Ann"}', headers=[(name.encode(), clean)])
    assert answer.status_code in {*ANSWERS, 401, 403, 415}, answer.text
