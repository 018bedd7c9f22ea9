"""A case: commands that are logged before they count, from several hands and processes."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_case import SHA, KnowingAssistant, drawn_picture, drawn_record, make_case
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from karyokit.batch.noted_pictures import NotedPicture, note_pictures
from karyokit.exchange.coco import cells_to_coco, read_coco, write_coco
from karyokit.files import sha256_of
from karyokit.pictures import write_png
from karyokit.review.case import Case, Conflict, UnknownCell
from karyokit.review.case_file import CaseError
from karyokit.review.commands import Malformed
from karyokit.review.doubts import doubtful_first, doubts_of
from karyokit.review.picture_files import PictureMissing
from karyokit.review.records import document_of, state_of
from karyokit.review.state import CellState, Refused

CUT = {"chromosome": 4, "line": [[40, 100], [44, 120]]}


def text(state: CellState) -> str:
    """Everything about a state, deleted chromosomes with their marks included."""
    deleted = [(item.number, item.region.to_rle(state.shape), item.marker) for item in state.items.values() if item.deleted]
    return json.dumps([document_of([state]), deleted], sort_keys=True)


def do(case: Case, kind: str, arguments: dict[str, Any], *, who: str = "Ann") -> tuple[int, ...]:
    return case.submit(1, kind, arguments, revision=case.history(1).revision, who=who).created


def reopened(case: Case, **options: Any) -> Case:
    case.close()
    return Case(case.folder, **options)


def test_a_command_is_logged_with_who_what_and_which_model(case: Case) -> None:
    assert do(case, "cut", CUT) == (9,)
    (entry,) = case.history(1).entries
    assert (entry.kind, entry.who, entry.models) == ("cut", "Ann", (("namer", SHA),))
    assert entry.when.endswith("+00:00")
    assert [case.state(1).items[n].chromosome.category for n in (4, 9)] == [9, 9]
    assert case.assistant is not None
    assert isinstance(case.assistant, KnowingAssistant)
    assert case.assistant.asked == [(4, 9)]


def test_undo_and_redo_go_all_the_way_and_survive_reopening(case: Case) -> None:
    states = [text(case.state(1))]
    steps: list[tuple[str, dict[str, Any]]] = [
        ("cut", CUT),
        ("delete", {"chromosomes": [9]}),
        ("class", {"chromosomes": [1], "category": 23}),
        ("marker", {"chromosome": 2, "text": "mar"}),
        ("status", {"status": "signed", "name": "Ann"}),
    ]
    for kind, arguments in steps:
        do(case, kind, arguments)
        states.append(text(case.state(1)))
    for expected in states[-2::-1]:
        case.undo(1, revision=case.history(1).revision, who="Ann")
        assert text(case.state(1)) == expected
        case = reopened(case)
        assert text(case.state(1)) == expected
    with pytest.raises(Refused, match="nothing to undo"):
        case.undo(1, revision=case.history(1).revision, who="Ann")
    for expected in states[1:]:
        case.redo(1, revision=case.history(1).revision, who="Bob")
        case = reopened(case)
        assert text(case.state(1)) == expected
    with pytest.raises(Refused, match="nothing to redo"):
        case.redo(1, revision=case.history(1).revision, who="Ann")
    case.close()


def test_a_new_command_ends_what_could_be_redone_and_numbers_are_never_used_twice(case: Case) -> None:
    assert do(case, "cut", CUT) == (9,)
    case.undo(1, revision=case.history(1).revision, who="Ann")
    assert do(case, "cut", CUT) == (10,)
    with pytest.raises(Refused, match="nothing to redo"):
        case.redo(1, revision=case.history(1).revision, who="Ann")
    history = case.history(1)
    assert history.undone == {1}
    assert history.to_undo is not None
    assert history.to_undo.id == 3


moves = st.lists(
    st.one_of(
        st.tuples(st.just("cut"), st.integers(1, 6), st.integers(28, 44)),
        st.tuples(st.just("brush"), st.integers(1, 8), st.integers(10, 140)),
        st.tuples(st.sampled_from(["flip", "delete", "restore", "lock", "unlock", "check"]), st.integers(1, 10), st.just(0)),
        st.tuples(st.just("class"), st.integers(1, 10), st.integers(0, 24)),
        st.tuples(st.just("move"), st.integers(1, 10), st.integers(0, 24)),
        st.tuples(st.just("merge"), st.integers(1, 6), st.integers(7, 10)),
        st.tuples(st.sampled_from(["undo", "redo"]), st.just(0), st.just(0)),
    ),
    max_size=14,
)


def arguments_of(kind: str, number: int, value: int) -> dict[str, Any]:
    plain = {"chromosomes": [number]}
    return {
        "cut": {"chromosome": number, "line": [[value, 0], [value, 259]]},
        "brush": {"chromosome": number, "line": [[value, value]], "radius": 5, "mode": "add" if value % 2 else "erase"},
        "class": plain | {"category": value},
        "move": {"chromosome": number, "category": value, "position": value % 3},
        "merge": {"chromosomes": [number, value]},
    }.get(kind, plain)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=6)
@given(moves)
def test_the_log_replayed_is_the_live_state_and_undo_restores_exactly(tmp_path_factory: pytest.TempPathFactory, moves: list[Any]) -> None:
    case = Case(make_case(tmp_path_factory.mktemp("case"), pictures=False))
    shown = [text(case.state(1))]
    for kind, number, value in moves:
        revision = case.history(1).revision
        try:
            if kind in ("undo", "redo"):
                getattr(case, kind)(1, revision=revision, who="Ann")
            else:
                case.submit(1, kind, arguments_of(kind, number, value), revision=revision, who="Ann")
        except Refused:
            assert text(case.state(1)) == shown[-1]
            continue
        shown.append(text(case.state(1)))
    replayed = Case(case.folder)
    assert text(replayed.state(1)) == shown[-1]
    while replayed.history(1).to_undo:
        replayed.undo(1, revision=replayed.history(1).revision, who="Ann")
    assert text(replayed.state(1)) == shown[0]
    case.close()
    replayed.close()


def test_edits_of_other_chromosomes_merge_and_edits_of_the_same_are_refused(case: Case) -> None:
    do(case, "class", {"chromosomes": [1], "category": 5})
    case.submit(1, "class", {"chromosomes": [2], "category": 6}, revision=0, who="Bob")
    assert [case.state(1).items[n].chromosome.category for n in (1, 2)] == [5, 6]
    with pytest.raises(Conflict, match="since"):
        case.submit(1, "class", {"chromosomes": [1], "category": 7}, revision=0, who="Bob")
    with pytest.raises(Conflict):
        case.submit(1, "merge", {"chromosomes": [2, 3]}, revision=1, who="Bob")
    with pytest.raises(Conflict):
        case.submit(1, "status", {"status": "signed", "name": "Bob"}, revision=1, who="Bob")
    with pytest.raises(Conflict):
        case.submit(1, "class", {"chromosomes": [5], "category": 7}, revision=99, who="Bob")
    with pytest.raises(Conflict):
        case.undo(1, revision=1, who="Bob")
    assert len(case.history(1).entries) == 2


def test_an_undo_touches_what_it_takes_back(case: Case) -> None:
    do(case, "class", {"chromosomes": [1], "category": 5})
    case.undo(1, revision=1, who="Ann")
    with pytest.raises(Conflict):
        case.submit(1, "flip", {"chromosomes": [1]}, revision=1, who="Bob")
    case.submit(1, "flip", {"chromosomes": [2]}, revision=1, who="Bob")


def test_two_open_cases_see_each_other(case: Case) -> None:
    other = Case(case.folder)
    do(case, "cut", CUT)
    assert text(other.state(1)) == text(case.state(1))
    other.submit(1, "delete", {"chromosomes": [9]}, revision=1, who="Bob")
    assert case.state(1).items[9].deleted
    with pytest.raises(Conflict):
        case.submit(1, "flip", {"chromosomes": [9]}, revision=1, who="Ann")
    other.close()


def test_many_hands_at_once_lose_nothing(case: Case) -> None:
    """Eight threads on two open cases, each on its own chromosome; every acknowledged entry is in the log, in one order."""
    other = Case(case.folder)
    acknowledged: list[int] = []

    def work(number: int) -> None:
        mine = case if number % 2 else other
        for category in range(1, 6):
            done = mine.submit(1, "class", {"chromosomes": [number], "category": category}, revision=mine.history(1).revision, who="Ann")
            acknowledged.append(done.entry.id)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(acknowledged) == [entry.id for entry in case.history(1).entries]
    assert len(acknowledged) == 40
    assert text(case.state(1)) == text(other.state(1))
    assert all(item.chromosome.category == 5 for item in case.state(1).present)
    other.close()


def test_a_clock_that_goes_backwards_does_not_matter(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(["2030-01-01T00:00:00+00:00", "1999-01-01T00:00:00+00:00", "2010-01-01T00:00:00+00:00"] * 3)
    monkeypatch.setattr("karyokit.review.case_file.now", lambda: next(times))
    for category in (5, 6, 7):
        do(case, "class", {"chromosomes": [1], "category": category})
    case = reopened(case)
    assert case.state(1).items[1].chromosome.category == 7
    assert [entry.id for entry in case.history(1).entries] == [1, 2, 3]
    assert len({entry.when for entry in case.history(1).entries}) == 3
    case.close()


def test_running_an_area_again_is_kept_without_the_model(case: Case) -> None:
    area = [[18, 10], [18, 30], [60, 30], [60, 10]]
    assert do(case, "rerun", {"area": area}) == (9,)
    assert {name for name, _ in case.history(1).entries[0].models} == {"finder", "namer"}
    expected = text(case.state(1))
    case = reopened(case)
    assert text(case.state(1)) == expected
    assert 1 not in case.state(1).items
    with pytest.raises(Refused, match="no model"):
        do(case, "rerun", {"area": area})
    case.close()


def test_bad_commands_leave_no_trace(case: Case) -> None:
    for kind, arguments in (
        ("nonsense", {}),
        ("cut", {}),
        ("cut", {"chromosome": 1, "line": "x"}),
        ("cut", {"chromosome": 1, "line": [[float("nan"), 1], [2, 3]]}),
        ("cut", CUT | {"more": 1}),
        ("class", {"chromosomes": [1], "category": 25}),
        ("class", {"chromosomes": [], "category": 1}),
        ("marker", {"chromosome": 1, "text": "x" * 81}),
        ("marker", {"chromosome": 1, "text": "a\x00b"}),
        ("brush", {"chromosome": 1, "line": [[1, 1]], "radius": float("nan"), "mode": "add"}),
        ("cut", None),
        ("cut", [1, 2]),
    ):
        with pytest.raises(Malformed):
            case.submit(1, kind, arguments, revision=0, who="Ann")
    with pytest.raises(Refused):
        do(case, "cut", {"chromosome": 1, "line": [[0, 0], [1, 1]]})
    with pytest.raises(UnknownCell):
        case.submit(7, "flip", {"chromosomes": [1]}, revision=0, who="Ann")
    assert case.history(1).entries == []


def test_a_preview_shows_and_keeps_nothing(case: Case) -> None:
    before, after = case.preview(1, "cut", CUT, revision=0)
    assert set(after.items) - set(before.items) == {9}
    assert case.history(1).entries == []
    with pytest.raises(Refused, match="beforehand"):
        case.preview(1, "rerun", {"area": [[1, 1], [1, 9], [9, 9]]}, revision=0)


def test_doubts_and_what_settles_them(case: Case) -> None:
    assert doubtful_first(case.state(1)) == [3, 6]
    assert doubts_of(case.state(1).items[6]) == ("class 6 is only 30% likely",)
    do(case, "class", {"chromosomes": [6], "category": 6})
    do(case, "check", {"chromosomes": [3]})
    assert doubtful_first(case.state(1)) == []
    do(case, "class", {"chromosomes": [1], "category": 0})
    assert doubtful_first(case.state(1)) == []


def test_pictures_are_found_remembered_and_checked(tmp_path: Path) -> None:
    folder = make_case(tmp_path)
    case = Case(folder)
    with pytest.raises(PictureMissing, match="is not found"):
        case.picture(1)
    assert case.state(1).present
    case = reopened(case, pictures=tmp_path / "pictures")
    assert case.picture(1).image.shape == (160, 260)
    case = reopened(case)
    assert case.picture(1).image.shape == (160, 260)
    shutil.move(tmp_path / "pictures", tmp_path / "moved")
    case = reopened(case)
    assert "--pictures" in case.picture_problem(1)
    case = reopened(case, pictures=tmp_path / "moved")
    assert case.picture(1).image.shape == (160, 260)
    write_png(tmp_path / "moved" / "cell.png", 255 - drawn_picture())
    case = reopened(case)
    with pytest.raises(PictureMissing, match="has changed"):
        case.picture(1)
    assert do(case, "cut", CUT) == (9,), "masks can be edited without the picture"
    case.close()


def test_pictures_are_found_where_they_were_analysed(tmp_path: Path) -> None:
    folder, picture = make_case(tmp_path), tmp_path / "pictures" / "cell.png"
    (folder / ".karyokit").mkdir()
    note_pictures(folder, {"cell.png": NotedPicture(str(picture), sha256_of(picture))})
    case = Case(folder)
    assert case.picture_problem(1) == ""
    assert case.picture(1).image.shape == (160, 260)
    case.close()


def test_a_picture_changed_since_its_analysis_is_refused_at_once(tmp_path: Path) -> None:
    folder, picture = make_case(tmp_path), tmp_path / "pictures" / "cell.png"
    (folder / ".karyokit").mkdir()
    note_pictures(folder, {"cell.png": NotedPicture(str(picture), "0" * 64)})
    for pictures in (None, tmp_path / "pictures"):
        case = Case(folder, pictures=pictures)
        with pytest.raises(PictureMissing, match="has changed"):
            case.picture(1)
        case.close()


@pytest.mark.parametrize("name", ["../outside.png", "/etc/passwd", "a/../../outside.png"])
def test_a_picture_name_never_leads_out_of_its_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    write_coco(folder / "annotations.json", [drawn_record(name)])
    write_png(tmp_path / "outside.png", drawn_picture())
    inner = tmp_path / "pictures"
    inner.mkdir()
    case = Case(folder, pictures=inner)
    assert case.cells[1].picture == "" or Path(case.cells[1].picture).parent == folder.resolve().parent
    if name.startswith("/"):
        with pytest.raises(PictureMissing):
            case.picture(1)
    case.close()


def test_a_second_analysis_renews_untouched_cells_only(tmp_path: Path) -> None:
    folder = make_case(tmp_path, names=("a.png", "b.png"))
    case = Case(folder)
    case.submit(1, "flip", {"chromosomes": [1]}, revision=0, who="Ann")
    case.close()
    few = [drawn_record(name) for name in ("a.png", "b.png", "c.png")]
    write_coco(folder / "annotations.json", [type(one)(one.name, one.shape, one.stain, one.chromosomes[:3]) for one in few])
    case = Case(folder)
    assert [len(case.state(number).present) for number in case.cells] == [8, 3, 3]
    assert case.kept_analyses == ("a.png",)
    (folder / "annotations.json").unlink()
    case = reopened(case)
    assert list(case.cells) == [1, 2, 3]
    case.close()


def test_folders_and_files_that_are_no_case(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"annotations\.json is missing"):
        Case(tmp_path)
    image = '{"id": %d, "file_name": "a", "width": 9, "height": 9}'
    twice = f'{{"images": [{image % 1}, {image % 2}], "annotations": []}}'
    for content in (twice, "[1]", "{", '{"images": [{"id": 1}], "annotations": []}', '{"images": [], "annotations": [{"image_id": 4}]}'):
        (tmp_path / "annotations.json").write_text(content)
        with pytest.raises(CaseError, match="cannot be used"):
            Case(tmp_path)
    folder = make_case(tmp_path / "good")
    (folder / "case.sqlite").write_text("no database at all, but long enough to be looked at" * 40)
    with pytest.raises(CaseError, match="cannot be opened"):
        Case(folder)
    with pytest.raises(CaseError, match="is not a folder"):
        Case(make_case(tmp_path / "third"), pictures=tmp_path / "nowhere")


@pytest.mark.parametrize(("column", "value"), [("arguments", "{"), ("outcome", "[]"), ("kind", "nonsense"), ("models", "3")])
def test_a_damaged_log_is_named(case: Case, column: str, value: str) -> None:
    do(case, "cut", CUT)
    case.close()
    with sqlite3.connect(case.folder / "case.sqlite") as base:
        base.execute(f"UPDATE commands SET {column} = ?", (value,))
    base.close()
    damaged = Case(case.folder)
    with pytest.raises(CaseError, match="entry 1 of the log"):
        damaged.state(1)
    damaged.close()


def test_another_layout_is_refused(case: Case) -> None:
    case.close()
    with sqlite3.connect(case.folder / "case.sqlite") as base:
        base.execute("UPDATE about SET value = '99'")
    base.close()
    with pytest.raises(CaseError, match="has layout 99"):
        Case(case.folder)


def test_records_go_out_and_come_back_with_everything_people_decided(case: Case, tmp_path: Path) -> None:
    for kind, arguments in (
        ("cut", CUT),
        ("class", {"chromosomes": [1], "category": 24}),
        ("marker", {"chromosome": 2, "text": 'der(9) <b>"x"</b>'}),
        ("lock", {"chromosomes": [5]}),
        ("check", {"chromosomes": [3]}),
        ("delete", {"chromosomes": [8]}),
    ):
        do(case, kind, arguments)
    document = document_of([case.state(1)])
    assert document_of([state_of(document)])["annotations"] == document["annotations"]
    assert [one["reason"] for one in document["images"][0]["set_aside"]] == ["clump", "deleted in review"]
    (tmp_path / "out.json").write_text(json.dumps(document))
    (record,) = read_coco(tmp_path / "out.json")
    assert [one.number for one in record.chromosomes] == [1, 2, 3, 4, 5, 6, 7, 9]


def test_alternatives_are_read_where_there_are_some() -> None:
    document = cells_to_coco([drawn_record()])
    halves = [np.zeros((160, 260), bool) for _ in range(2)]
    halves[0][20:30, 15:25] = halves[1][30:50, 15:25] = True
    from karyokit.chromosomes import Region

    kept = {"margin": 0.2, "segmentations": [Region.from_mask(half).to_rle((160, 260)) for half in halves]}
    document["annotations"][0]["attributes"]["alternatives"] = [kept]
    (found,) = state_of(document).items[1].alternatives
    assert (found.margin, found.replaces, [one.area for one in found.regions]) == (0.2, (1,), [100, 200])


def test_repeated_numbers_are_given_anew() -> None:
    document = cells_to_coco([drawn_record()])
    for annotation in document["annotations"]:
        annotation["attributes"]["number"] = 3
    assert sorted(state_of(document).items) == list(range(1, 9))
