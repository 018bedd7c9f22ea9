"""Tables: RFC 4180 bytes by hand, stable columns, refused rows."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyokit.exchange.tables import ClassPrediction, write_predictions, write_table


@dataclass(frozen=True)
class Row:
    """A record with one of each kind of value."""

    name: str
    length: float
    spot: tuple[float, float]
    size: float | None = None


def test_bytes_of_records(tmp_path: Path) -> None:
    write_table(tmp_path / "a.csv", [Row('a,"b"', 1 / 3, (1.0, 2.5)), Row("c\nd", float("nan"), (0.0, 1e-9), 4.0)])
    assert (tmp_path / "a.csv").read_bytes() == (b'name,length,spot,size\r\n"a,""b""",0.333333,1 2.5,\r\n"c\nd",,0 1e-09,4\r\n')


def test_columns_given_keep_their_order_and_fill_gaps(tmp_path: Path) -> None:
    write_table(tmp_path / "a.csv", [{"b": np.float32(0.5)}, {"a": 3, "b": "x"}], ["a", "b"])
    assert (tmp_path / "a.csv").read_text().splitlines() == ["a,b", ",0.5", "3,x"]
    write_table(tmp_path / "b.csv", [], ["a", "b"])
    assert (tmp_path / "b.csv").read_bytes() == b"a,b\r\n"


def test_refused_rows(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="`columns` must be given"):
        write_table(tmp_path / "a.csv", [])
    with pytest.raises(ValueError, match="`rows` must have columns out of"):
        write_table(tmp_path / "a.csv", [{"a": 1}, {"c": 2}])
    with pytest.raises(TypeError, match="`rows` must hold mappings"):
        write_table(tmp_path / "a.csv", [3])
    assert not (tmp_path / "a.csv").exists()


@settings(deadline=None, max_examples=40)
@given(text=st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    write_table(path, [{"a": text, "b": 1}])
    with path.open(newline="", encoding="utf-8") as stream:
        assert list(csv.reader(stream)) == [["a", "b"], [text, "1"]]


def test_predictions(tmp_path: Path) -> None:
    write_predictions(
        tmp_path / "a.csv", [ClassPrediction("x.png", "X", 0.97, "up"), ClassPrediction("y.png", "?", float("nan"), "unknown")]
    )
    assert (tmp_path / "a.csv").read_text().splitlines() == ["file,class,probability,polarity", "x.png,X,0.97,up", "y.png,?,,unknown"]
    write_predictions(tmp_path / "b.csv", iter(()))
    assert (tmp_path / "b.csv").read_bytes() == b"file,class,probability,polarity\r\n"
