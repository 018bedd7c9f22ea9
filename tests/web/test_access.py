"""Who is let in."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from karyokit.review.case import Case
from karyokit.web.access import MOST_BYTES, Access, known_hosts
from karyokit.web.app import create_app
from karyokit.web.server import choose_token

TOKEN = "0123456789abcdef-_"
FLIP = {"revision": 0, "kind": "flip", "arguments": {"chromosomes": [1]}, "who": "Ann"}


@pytest.fixture
def locked(case: Case) -> TestClient:
    """The same case behind a token, on all addresses."""
    app = create_app(case, access=Access(known_hosts("0.0.0.0", 8710), TOKEN))
    return TestClient(app, base_url="http://10.0.0.5:8710", follow_redirects=False)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8710", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:8710.evil.example", ""])
def test_names_that_are_made_to_point_here_are_refused(page: TestClient, host: str) -> None:
    answer = page.get("/api/case", headers={"host": host})
    assert (answer.status_code, answer.json()["code"]) == (403, "origin")


@pytest.mark.parametrize("host", ["127.0.0.1:8710", "LOCALHOST:8710", "[::1]:8710"])
def test_names_of_this_machine_are_let_in(page: TestClient, host: str) -> None:
    assert page.get("/api/case", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://localhost:8710"},
    ],
)
def test_other_pages_cannot_write(page: TestClient, case: Case, headers: dict[str, str]) -> None:
    answer = page.post("/api/cells/1/commands", json=FLIP, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "origin")
    assert case.history(1).entries == []


def test_the_page_itself_can_write(page: TestClient) -> None:
    headers = {"origin": "http://127.0.0.1:8710", "sec-fetch-site": "same-origin"}
    assert page.post("/api/cells/1/commands", json=FLIP, headers=headers).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_forms_cannot_write(page: TestClient, kind: str) -> None:
    answer = page.post("/api/cells/1/commands", content=b"{}", headers={"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_large_bodies_are_refused_whether_or_not_they_say_so(page: TestClient) -> None:
    headers = {"content-type": "application/json"}
    assert page.post("/api/cells/1/commands", content=b"x" * (MOST_BYTES + 1), headers=headers).status_code == 413
    pieces = (b" " * 100_000 for _ in range(40))
    assert page.post("/api/cells/1/commands", content=pieces, headers=headers).status_code == 413
    for length in ("-1", "9" * 40, "x"):
        assert page.post("/api/cells/1/commands", content=b"", headers=headers | {"content-length": length}).status_code == 413


def test_every_answer_forbids_what_the_page_does_not_need(page: TestClient) -> None:
    for path in ("/", "/api/case", "/api/cells/1/picture.png", "/nothing", "/static/nothing.js"):
        headers = page.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers


def test_no_page_that_loads_from_elsewhere_is_served(page: TestClient) -> None:
    assert [page.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")] == [404] * 3


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd", "/static/%00", "/static/....//app.py"],
)
def test_paths_do_not_lead_out_of_the_page(page: TestClient, path: str) -> None:
    answer = page.get(path)
    assert answer.status_code in (404, 405)
    assert "create_app" not in answer.text


def test_a_token_is_asked_for_on_every_request(locked: TestClient) -> None:
    for path in ("/", "/api/case", "/static/index.html", "/?token=wrong", f"/api/case?token={TOKEN}", "/nothing"):
        assert locked.get(path).status_code == 401, path
    assert locked.post("/api/cells/1/commands", json=FLIP).status_code == 401
    for headers in ({"authorization": f"Basic {TOKEN}"}, {"authorization": "Bearer"}, {"cookie": "karyokit_token=x"}, {"cookie": "é=;;"}):
        assert locked.get("/api/case", headers={k: v.encode() for k, v in headers.items()}).status_code == 401


def test_a_token_lets_in_by_header_and_by_the_address_of_the_first_visit(locked: TestClient) -> None:
    assert locked.get("/api/case", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    first = locked.get(f"/?token={TOKEN}")
    assert (first.status_code, first.headers["location"]) == (303, "/")
    for word in ("HttpOnly", "SameSite=Strict"):
        assert word in first.headers["set-cookie"]
    assert locked.get("/api/case").status_code == 200, "the cookie is kept"
    answer = locked.post("/api/cells/1/commands", json=FLIP, headers={"origin": "http://evil.example"})
    assert answer.status_code == 403


def test_tokens_are_made_where_others_can_reach_the_server() -> None:
    assert choose_token("127.0.0.1", None) == ""
    assert len(choose_token("0.0.0.0", None)) >= 32
    assert choose_token("0.0.0.0", None) != choose_token("0.0.0.0", None)
    assert choose_token("127.0.0.1", TOKEN) == TOKEN
    for bad in ("", "short", "x" * 20 + ";", "é" * 20):
        with pytest.raises(ValueError, match="16 or more letters"):
            choose_token("127.0.0.1", bad)
    assert known_hosts("192.168.0.7", 80) == {"192.168.0.7:80", "[192.168.0.7]:80"}


def test_the_page_is_there() -> None:
    import karyokit.web

    assert karyokit.web.__file__ is not None
    assert (Path(karyokit.web.__file__).parent / "static" / "index.html").is_file()
