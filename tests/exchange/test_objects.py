"""What people change in other programs: classes, outlines, objects added, copied and taken away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from karyokit.chromosomes import Chromosome, Region, Separation
from karyokit.exchange.class_labels import category_of
from karyokit.exchange.coco import CellRecord, ObjectSetAside
from karyokit.exchange.fields import cell_fields
from karyokit.exchange.objects import LabelledObject, fields_for, objects_of, record_of

SPOT = Region.from_mask(np.ones((2, 2), bool))


def cell() -> CellRecord:
    one = Chromosome(3, SPOT, 0.5, 23, (1 / 24,) * 24, "up", 0.9, 12.0, Separation("graph", 2, 0.25))
    return CellRecord("a", (4, 4), "brightfield", (one, Chromosome(5, SPOT)), {"separation": "ab"}, (ObjectSetAside(SPOT, "speck"),))


def test_labels_as_other_programs_show_them() -> None:
    assert [one.label for one in objects_of(cell())] == ["X", "unclassified", "set aside speck"]
    assert [one.number for one in objects_of(cell())] == [3, 5, None]


def test_a_changed_class_wins_and_the_rest_stays() -> None:
    objects = objects_of(cell())
    back = record_of(cell_fields(cell()), [replace(objects[0], label="chr 7"), objects[1], replace(objects[2], label="21")])
    assert [(one.number, one.category) for one in back.chromosomes] == [(3, 7), (5, 0), (6, 21)]
    assert (back.chromosomes[0].polarity, back.chromosomes[0].separation.method) == ("up", "graph")
    assert back.set_aside == ()


def test_copies_and_new_objects_get_free_numbers() -> None:
    objects = objects_of(cell())
    back = record_of(cell_fields(cell()), [*objects, objects[0], LabelledObject("?", SPOT), LabelledObject("4", SPOT, 3)])
    assert [(one.number, one.category) for one in back.chromosomes] == [(3, 23), (5, 0), (6, 23), (7, 0), (8, 4)]


def test_labels_that_are_no_classes_are_said() -> None:
    names = ["marker", "0012-0077", "set aside debris", "7"]
    back = record_of(fields_for("a", (4, 4)), [LabelledObject(name, SPOT) for name in names])
    assert [one.category for one in back.chromosomes] == [0, 0, 7]
    assert [one.reason for one in back.set_aside] == ["debris"]
    assert back.notes == ("2 objects read without a class, their labels name none: 'marker', '0012-0077'",)


def test_fields_of_the_wrong_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="margin"):
        record_of(fields_for("a", (4, 4)), [LabelledObject("7", SPOT, 1, {"attributes": {"margin": "wide"}})])
    with pytest.raises(ValueError, match="at most 5000 objects"):
        record_of(fields_for("a", (4, 4)), [LabelledObject("7", SPOT)] * 5001)


@pytest.mark.parametrize(("label", "category"), [("Chr_X", 23), ("chromosome 1", 1), ("Y", 24), ("0", None), ("01", None), ("", 0)])
def test_spellings_of_classes(label: str, category: int | None) -> None:
    assert category_of(label) == category
