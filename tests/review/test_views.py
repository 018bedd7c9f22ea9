"""What chromosomes look like, the karyogram, the report and the exports."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from drawn_case import drawn_picture, make_case
from PIL import Image

from karyokit.exchange.coco import read_coco
from karyokit.reconstruction.nk_dna import load_store
from karyokit.regions import contacts_of
from karyokit.review.case import Case
from karyokit.review.evidence import Evidences
from karyokit.review.export import feed_store, write_corrected, write_training_set
from karyokit.review.karyograms import place_karyogram, slots_of
from karyokit.review.report import Doubtful, compose_report, report_pdf, report_png
from karyokit.review.views import Views

SIGNED = {"status": "signed", "name": "A. Person"}


def do(case: Case, kind: str, **arguments: object) -> None:
    case.submit(1, kind, arguments, revision=case.history(1).revision, who="Ann")


def words(case: Case, override: str = "") -> str:
    page = compose_report(case.history(1), case.picture(1), Views(), override=override)
    return "\n".join(shape.words for shape in page.shapes if hasattr(shape, "words"))


def test_a_flip_turns_the_pictures_half_way(case: Case) -> None:
    views, picture = Views(), case.picture(1)
    before = views.of(case.state(1).items[1].chromosome, picture)
    do(case, "polarity", chromosome=1, polarity="down")
    after = views.of(case.state(1).items[1].chromosome, picture)
    assert before.version != after.version
    assert before.upright.shape == after.upright.shape == (34, 14)
    assert np.abs(before.upright[::-1, ::-1].astype(int) - after.upright).mean() < 2
    assert (before.straight[::-1, ::-1] == after.straight).all()
    assert before.centromere_row + after.centromere_row == pytest.approx(33, abs=3)


def test_views_are_worked_out_once(case: Case) -> None:
    views, picture = Views(), case.picture(1)
    one = case.state(1).items[1]
    assert views.of(one.chromosome, picture) is views.of(one.chromosome, picture)
    do(case, "marker", chromosome=1, text="mar")
    assert views.of(case.state(1).items[1].chromosome, picture) is views.of(one.chromosome, picture)
    assert views.outlines(one.region) is views.outlines(one.region)


def test_the_karyogram_holds_every_chromosome_in_its_slot(case: Case) -> None:
    do(case, "class", chromosomes=[5], category=0)
    do(case, "move", chromosome=1, category=2, position=1)
    do(case, "delete", chromosomes=[8])
    placed = place_karyogram(case.state(1), case.picture(1), Views())
    numbers = [placed.items[place.index].number for place in placed.layout.places]
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6, 7]
    slots = {category: list(members) for category, _, members in slots_of(placed)}
    assert (slots[1], slots[2], slots[0]) == ([], [2, 1], [5])
    boxes = {category: box for category, box, _ in slots_of(placed)}
    for place in placed.layout.places:
        left, right, top, bottom = boxes[placed.items[place.index].chromosome.category]
        assert left - 1 <= place.x <= place.x + place.width <= right + 1
        assert top - 1 <= place.y <= place.floor <= bottom + 1


def test_a_cell_without_chromosomes_has_an_empty_form(case: Case) -> None:
    do(case, "delete", chromosomes=list(range(1, 9)))
    placed = place_karyogram(case.state(1), case.picture(1), Views())
    assert placed.layout.places == ()
    assert len(slots_of(placed)) == 25
    assert "Doubtful" not in words(case)


def test_contacts() -> None:
    from drawn_case import REGIONS, box

    assert contacts_of([]) == []
    found = contacts_of([REGIONS[6], REGIONS[7], box(105, 30, 115, 55), REGIONS[0]])
    assert found == [[(1, "crossing"), (2, "touching")], [(0, "crossing"), (2, "touching")], [(0, "touching"), (1, "touching")], []]


def test_a_report_is_refused_while_something_is_doubtful(case: Case) -> None:
    with pytest.raises(Doubtful, match=r"2 doubtful chromosomes are unchecked \(3, 6\)") as error:
        words(case)
    assert error.value.numbers == [3, 6]
    with pytest.raises(Doubtful):
        words(case, override="   ")
    text = words(case, override="urgent, second reader is ill")
    assert "because: urgent, second reader" in text
    assert "Doubtful and unchecked: 3, 6" in text
    assert "Not reviewed" in text
    do(case, "check", chromosomes=[3, 6])
    assert "Doubtful" not in words(case)


def test_a_report_says_who_reviewed_what_and_that_it_is_for_research(case: Case) -> None:
    do(case, "check", chromosomes=[3, 6])
    do(case, "marker", chromosome=2, text="der(9)")
    do(case, "status", **SIGNED)
    text = words(case)
    assert re.search(r"Signed by A\. Person, \d{4}-\d\d-\d\d \d\d:\d\d UTC", text)
    assert "Marked 2: der(9)" in text
    assert text.count("For research use only") == 2
    assert "8 objects" in text
    assert "not counted as chromosomes (dashed): 1" in text


def test_a_report_has_the_evidence_beside_the_karyotype_as_reviewed(case: Case) -> None:
    do(case, "check", chromosomes=[3, 6])
    assert "By all evidence" not in words(case)
    evidence = Evidences().of(case.state(1))
    assert evidence is not None
    page = compose_report(case.history(1), case.picture(1), Views(), evidence=evidence)
    text = " ".join(shape.words.strip() for shape in page.shapes if hasattr(shape, "words"))
    assert "Karyotype by the classes shown: 8<1n>,?,-9" in text
    best = evidence.karyotypes.best
    assert f"By all evidence: {best.iscn} ({best.probability:.0%})," in text
    assert all(f"{one.number}: {one.words}" in text for one in evidence.opinions)


def test_reports_are_a_pdf_and_a_picture(case: Case) -> None:
    page = compose_report(case.history(1), case.picture(1), Views(), override="x" * 300)
    pdf = report_pdf(page)
    assert pdf.startswith(b"%PDF-")
    assert pdf == report_pdf(page)
    pixels = np.asarray(Image.open(io.BytesIO(report_png(page))))
    assert pixels.shape[1] == 1600
    assert pixels.shape[0] == round(page.height)


def test_corrected_cells_are_exported(case: Case, tmp_path: Path) -> None:
    do(case, "delete", chromosomes=[1])
    assert write_corrected(case, tmp_path / "all.json") == 1
    assert write_corrected(case, tmp_path / "finished.json", finished=True) == 0
    (record,) = read_coco(tmp_path / "all.json")
    assert [one.number for one in record.chromosomes] == [2, 3, 4, 5, 6, 7, 8]


def test_a_training_set_holds_finished_cells_with_their_pictures(case: Case, tmp_path: Path) -> None:
    assert write_training_set(case, tmp_path / "set") == 0
    do(case, "status", **SIGNED)
    assert write_training_set(case, tmp_path / "set") == 1
    (record,) = read_coco(tmp_path / "set" / "annotations.json")
    assert record.name == "cell_00001.png"
    assert (np.asarray(Image.open(tmp_path / "set" / record.name)) == drawn_picture()).all()
    kept = json.loads((tmp_path / "set" / "annotations.json").read_text())
    assert kept["images"][0]["review"]["who"] == "A. Person"
    assert kept["images"][0]["source_name"] == "cell.png"


def test_corrections_become_experience_once_a_person_has_signed(case: Case, tmp_path: Path) -> None:
    do(case, "brush", chromosome=1, line=[[30, 25], [45, 25]], radius=2, mode="add")
    assert feed_store(case, tmp_path / "store") == 0
    do(case, "status", **SIGNED)
    assert feed_store(case, tmp_path / "store") == 2
    assert feed_store(case, tmp_path / "store") == 0
    store = load_store(tmp_path / "store")
    assert {one.action.kind for one in store.experiences} == {"refine", "band"}
    assert all("cell" not in one.image for one in store.experiences)


def test_a_case_can_be_made_of_hostile_names(tmp_path: Path) -> None:
    name = "');DROP TABLE cells;--<img src=x onerror=alert(1)>.png"
    case = Case(make_case(tmp_path, names=(name.replace("/", ""),)), pictures=tmp_path / "pictures")
    do(case, "check", chromosomes=[3, 6])
    assert case.state(1).name == name
    assert name in words(case)
    assert report_pdf(compose_report(case.history(1), case.picture(1), Views())).startswith(b"%PDF")
    case.close()
