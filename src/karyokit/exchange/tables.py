"""Tables as CSV files (RFC 4180: commas, quotes where needed, CRLF line ends, UTF-8), written aside and then renamed."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from karyokit.checks import problem
from karyokit.files import write_text

PREDICTION_COLUMNS = ("file", "class", "probability", "polarity")
"""Header of the table of class predictions."""


@dataclass(frozen=True)
class ClassPrediction:
    """Class (``"1"`` .. ``"22"``, ``"X"``, ``"Y"``, ``"?"``), its probability and the polarity given to one picture file."""

    file: str
    class_name: str
    probability: float
    polarity: str


def write_table(path: str | Path, rows: Iterable[Any], columns: Sequence[str] | None = None) -> None:
    """Write mappings or dataclass records as CSV with a header line.

    Columns are ``columns``, else the keys of the first row in their order. None and NaN give an empty field, floats six
    significant digits, tuples their elements with blanks between. Raises ``ValueError`` for a row with a key that is no column
    and for no rows without ``columns``; ``TypeError`` for other kinds of rows; ``files.OutputError`` where writing fails.
    """
    records = [_mapping(row) for row in rows]
    if columns is None and not records:
        raise ValueError(problem("columns", "be given where there are no rows", None, "Pass the names for the header line."))
    header = list(columns) if columns is not None else list(records[0])
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    for record in records:
        unknown = [key for key in record if key not in header]
        if unknown:
            raise ValueError(problem("rows", f"have columns out of {header}", unknown, "Add them to `columns` or leave them out."))
        writer.writerow([_field(record.get(column)) for column in header])
    write_text(path, text.getvalue())


def write_predictions(path: str | Path, predictions: Iterable[ClassPrediction]) -> None:
    """Write predictions with the columns ``file,class,probability,polarity``; no predictions give the header alone."""
    rows = [dict(zip(PREDICTION_COLUMNS, asdict(item).values(), strict=True)) for item in predictions]
    write_table(path, rows, PREDICTION_COLUMNS)


def _mapping(row: Any) -> Mapping[str, Any]:
    if isinstance(row, Mapping):
        return row
    if is_dataclass(row) and not isinstance(row, type):
        return asdict(row)
    raise TypeError(problem("rows", "hold mappings or dataclass records", type(row).__name__, "Convert each row to a dict."))


def _field(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float | np.floating):
        return "" if math.isnan(value) else f"{float(value):.6g}"
    if isinstance(value, tuple | list):
        return " ".join(_field(part) for part in value)
    return str(value)
