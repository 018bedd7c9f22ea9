"""The interface that the page and integrators use."""

from __future__ import annotations

import io
import json
import threading
from typing import Any

import numpy as np
import pytest
from drawn_case import SHAPE, drawn_picture
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from starlette.testclient import TestClient

from karyokit.review.case import Case
from karyokit.review.commands import ARGUMENTS

CUT = {"chromosome": 4, "line": [[40, 100], [44, 120]]}


def send(page: TestClient, kind: str, arguments: Any, *, revision: int | None = None, who: str = "Ann") -> Any:
    current = page.get("/api/cells/1/revision").json()["revision"] if revision is None else revision
    return page.post("/api/cells/1/commands", json={"revision": current, "kind": kind, "arguments": arguments, "who": who})


def test_the_case_lists_its_cells(page: TestClient) -> None:
    found = page.get("/api/case").json()
    assert (found["name"], found["research_only"], len(found["classes"])) == ("case", "For research use only", 24)
    first, second = found["cells"]
    assert (first["id"], first["name"], first["count"], first["doubtful"], first["status"]) == (1, "cell.png", 8, 2, "new")
    assert (first["rows"], first["columns"]) == SHAPE
    assert first["picture"] == ""
    assert "is not found" in second["picture"]


def test_a_cell_is_described_in_full(page: TestClient) -> None:
    cell = page.get("/api/cells/1").json()
    assert cell["doubtful"] == [3, 6]
    assert [one["id"] for one in cell["chromosomes"]] == list(range(1, 9))
    one = cell["chromosomes"][0]
    assert one["bbox"] == {"row": 20, "column": 15, "height": 30, "width": 10}
    ring = np.array(one["outlines"][0])
    assert (ring.min(axis=0).tolist(), ring.max(axis=0).tolist()) == ([20, 15], [50, 25])
    assert one["likely"][0] == {"category": 1, "class": "1", "probability": 0.9}
    assert one["measurements"]["length_px"] == pytest.approx(30, abs=3)
    assert cell["chromosomes"][6]["contacts"] == [{"others": [8], "kind": "crossing"}]
    assert cell["set_aside"][0]["reason"] == "clump"
    assert sorted(place["chromosome"] for place in cell["karyogram"]["places"]) == list(range(1, 9))
    assert [slot["category"] for slot in cell["karyogram"]["slots"]] == [*range(1, 25), 0]
    assert (cell["undo"], cell["redo"], cell["status"]["value"]) == (None, None, "new")


def test_the_evidence_for_the_karyotype_follows_the_edits(page: TestClient) -> None:
    before = page.get("/api/cells/1/evidence").json()
    assert before["revision"] == 0
    first, second = before["evidence"]["karyotypes"][:2]
    assert first["probability"] >= second["probability"] > 0
    assert first["changes"]
    assert all(change[0] in "+-<" for change in first["changes"])
    send(page, "check", {"chromosomes": list(range(1, 9))})
    after = page.get("/api/cells/1/evidence").json()
    assert after["revision"] == 1
    assert after["evidence"]["opinions"] == []
    send(page, "delete", {"chromosomes": list(range(1, 9))})
    assert page.get("/api/cells/1/evidence").json() == {"revision": 2, "evidence": None}


def test_a_cell_without_its_picture_can_still_be_edited(page: TestClient) -> None:
    cell = page.get("/api/cells/2").json()
    assert "--pictures" in cell["picture"]
    assert cell["karyogram"] is None
    assert cell["chromosomes"][0]["upright"] is None
    answer = page.get("/api/cells/2/picture.png")
    assert (answer.status_code, answer.json()["code"]) == (424, "picture")
    body = {"revision": 0, "kind": "cut", "arguments": CUT, "who": "Ann"}
    assert page.post("/api/cells/2/commands", json=body).status_code == 200


def test_pictures(page: TestClient) -> None:
    picture = np.asarray(Image.open(io.BytesIO(page.get("/api/cells/1/picture.png").content)))
    assert picture.shape == SHAPE
    assert np.corrcoef(picture.ravel(), drawn_picture().ravel())[0, 1] > 0.99
    one = page.get("/api/cells/1").json()["chromosomes"][0]
    answer = page.get(one["upright"]["url"])
    assert "immutable" in answer.headers["cache-control"]
    assert np.asarray(Image.open(io.BytesIO(answer.content))).shape == (one["upright"]["rows"], one["upright"]["columns"])
    assert page.get(one["straight"]["url"]).headers["content-type"] == "image/png"
    assert page.get("/api/cells/1/chromosomes/1/other.png").status_code == 400
    assert page.get("/api/cells/1/chromosomes/99/upright.png").status_code == 422


def test_commands_undo_redo_and_history(page: TestClient) -> None:
    answer = send(page, "cut", CUT).json()
    assert (answer["created"], answer["cell"]["count"], answer["cell"]["revision"]) == ([9], 9, answer["command"])
    assert answer["cell"]["undo"]["title"] == "cut 4"
    undone = page.post("/api/cells/1/undo", json={"revision": answer["command"], "who": "Bob"}).json()
    assert (undone["cell"]["count"], undone["cell"]["redo"]["kind"], undone["cell"]["undo"]) == (8, "cut", None)
    history = page.get("/api/cells/1/history").json()["commands"]
    assert [(one["kind"], one["who"], one["state"]) for one in history] == [("cut", "Ann", "undone"), ("undo", "Bob", "done")]
    assert history[0]["models"][0]["name"] == "namer"
    redone = page.post("/api/cells/1/redo", json={"revision": undone["command"], "who": "Bob"}).json()
    assert redone["cell"]["count"] == 9
    assert page.post("/api/cells/1/redo", json={"revision": redone["command"], "who": "Bob"}).status_code == 422
    assert page.post("/api/cells/1/undo", json={"revision": 0, "who": "Bob"}).json()["code"] == "conflict"


def test_two_pages_merge_or_are_told(page: TestClient) -> None:
    send(page, "class", {"chromosomes": [1], "category": 5})
    merged = send(page, "class", {"chromosomes": [2], "category": 6}, revision=0).json()["cell"]
    assert [one["category"] for one in merged["chromosomes"][:2]] == [5, 6]
    refused = send(page, "class", {"chromosomes": [1], "category": 7}, revision=0)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert refused.json()["cell"]["revision"] == merged["revision"]


def test_many_requests_at_once_lose_nothing(page: TestClient) -> None:
    answers: list[int] = []

    def work(number: int) -> None:
        answers.extend(send(page, "class", {"chromosomes": [number], "category": category}).status_code for category in (3, 4, 5))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 15
    assert len(page.get("/api/cells/1/history").json()["commands"]) == 15
    assert [one["category"] for one in page.get("/api/cells/1").json()["chromosomes"][:5]] == [5] * 5


def test_previews_and_pairings(page: TestClient) -> None:
    preview = page.post("/api/cells/1/preview", json={"revision": 0, "kind": "cut", "arguments": CUT}).json()
    assert [one["id"] for one in preview["chromosomes"]] == [4, None]
    merged = page.post("/api/cells/1/preview", json={"revision": 0, "kind": "merge", "arguments": {"chromosomes": [1, 5]}}).json()
    assert merged["removed"] == [1]
    ways = page.post("/api/cells/1/pairings", json={"chromosomes": [7, 8], "zone": None}).json()
    assert ways["pairings"][0]["groups"] == [[1, 4], [2, 3]]
    assert len(ways["arms"]) == 4
    assert send(page, "split", {"chromosomes": [7, 8], "zone": None, "groups": ways["pairings"][1]["groups"]}).status_code == 200
    assert page.post("/api/cells/1/pairings", json={"chromosomes": [1, 2]}).json()["code"] == "refused"
    assert page.get("/api/cells/1/revision").json()["revision"] == 1


def test_an_area_is_run_again(page: TestClient) -> None:
    answer = send(page, "rerun", {"area": [[18, 10], [18, 30], [60, 30], [60, 10]]}).json()
    assert answer["created"] == [9]
    assert 1 not in [one["id"] for one in answer["cell"]["chromosomes"]]


def test_reports(page: TestClient) -> None:
    refused = page.post("/api/cells/1/report", json={"format": "pdf", "who": "Ann"})
    assert (refused.status_code, refused.json()["doubtful"]) == (422, [3, 6])
    pdf = page.post("/api/cells/1/report", json={"format": "pdf", "who": "Ann", "override": "in a hurry"})
    assert pdf.content.startswith(b"%PDF")
    assert pdf.headers["content-disposition"] == 'attachment; filename="report_1.pdf"'
    send(page, "check", {"chromosomes": [3, 6]})
    assert page.post("/api/cells/1/report", json={"format": "png", "who": "Ann"}).content.startswith(b"\x89PNG")
    assert page.post("/api/cells/2/report", json={"who": "Ann", "override": "x"}).json()["code"] == "picture"


def test_exports(page: TestClient) -> None:
    send(page, "delete", {"chromosomes": [1]})
    assert len(page.get("/api/cells/1/export.json").json()["annotations"]) == 7
    both = page.get("/api/export.json")
    assert len(both.json()["images"]) == 2
    assert "attachment" in both.headers["content-disposition"]
    assert page.get("/api/cells/9/export.json").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/api/cells/9", "/api/cells/9/history", "/api/cells/9/evidence", "/api/cells/9/revision", "/api/cells/9/picture.png", "/api/none"],
)
def test_what_is_not_there(page: TestClient, path: str) -> None:
    answer = page.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown")


@pytest.mark.parametrize("cell", ["0", "-1", "1.5", "x", "..%2f..", "1;DROP TABLE cells", "99999999999999999999999"])
def test_a_cell_is_a_number(page: TestClient, cell: str) -> None:
    assert page.get(f"/api/cells/{cell}").status_code in (400, 404)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"x"',
        b"[" * 100_000,
        b'{"revision": 0, "kind": "flip", "arguments": {"chromosomes": [1]}}',
        b'{"revision": 0, "kind": "flip", "arguments": {"chromosomes": [1]}, "who": ""}',
        b'{"revision": 0, "kind": "flip", "arguments": {"chromosomes": [1]}, "who": "\\ud800"}',
        b'{"revision": 0, "kind": "flip", "arguments": {"chromosomes": [1]}, "who": "a\\u0000"}',
        b'{"revision": -1, "kind": "flip", "arguments": {"chromosomes": [1]}, "who": "Ann"}',
        b'{"revision": 1e400, "kind": "flip", "arguments": {"chromosomes": [1]}, "who": "Ann"}',
        b'{"revision": 0, "kind": "flip", "arguments": {"chromosomes": [1]}, "who": "Ann", "path": "/etc/passwd"}',
        b'{"revision": 0, "kind": "flip", "arguments": [1], "who": "Ann"}',
        b'{"revision": 0, "kind": "__class__", "arguments": {}, "who": "Ann"}',
        b'{"revision": 0, "kind": "undo", "arguments": {}, "who": "Ann"}',
        b'{"revision": 0, "kind": "cut", "arguments": {"chromosome": 1, "line": [[NaN, 1], [2, Infinity]]}, "who": "Ann"}',
        b'{"revision": 0, "kind": "cut", "arguments": {"chromosome": 1, "line": [[1e308, 1], [2, 3]]}, "who": "Ann"}',
        b'{"revision": 0, "kind": "rotate", "arguments": {"chromosome": 1, "degrees": NaN}, "who": "Ann"}',
        b'{"revision": 0, "kind": "add", "arguments": {"outline": [[1, 1], [2, 2]]}, "who": "Ann"}',
        b'\xff\xfe{"revision": 0}',
    ],
)
def test_malformed_commands(page: TestClient, case: Case, body: bytes) -> None:
    answer = page.post("/api/cells/1/commands", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert case.history(1).entries == []


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**20) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
names = ["chromosome", "chromosomes", "line", "radius", "mode", "zone", "groups", "outline", "area", "category", "position", "object"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.sampled_from(sorted(ARGUMENTS)), st.dictionaries(st.sampled_from(names), plain, max_size=4), plain)
def test_no_arguments_make_the_server_fail(page: TestClient, kind: str, arguments: dict[str, Any], revision: Any) -> None:
    body = json.dumps({"revision": revision, "kind": kind, "arguments": arguments, "who": "Ann"})
    headers = {"content-type": "application/json"}
    for path in ("commands", "preview"):
        assert page.post(f"/api/cells/1/{path}", content=body.encode("utf-8", "replace"), headers=headers).status_code in (
            200,
            400,
            409,
            422,
        )


def test_free_texts_are_kept_as_they_are(page: TestClient) -> None:
    hostile = "<script>alert(1)</script>'; DROP TABLE commands; --"
    cell = send(page, "marker", {"chromosome": 1, "text": hostile}, who=hostile).json()["cell"]
    assert cell["chromosomes"][0]["marker"] == hostile
    answer = page.get("/api/cells/1/history")
    assert answer.json()["commands"][0]["who"] == hostile
    assert answer.headers["content-type"] == "application/json"


def test_a_defect_is_one_sentence_without_insides(page: TestClient, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case, "history", lambda _: 1 / 0)
    answer = page.get("/api/cells/1/revision")
    assert (answer.status_code, answer.json()["code"]) == (500, "defect")
    assert "division" not in answer.text
