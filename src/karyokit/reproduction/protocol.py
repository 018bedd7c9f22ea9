"""What a published system's experiments are: tables of rows, each a network, a loss and a way to train, with the paper's own numbers.

A table says which metric each of its columns prints; a row says what is trained. Values are given once, at the level where they
hold, and the inner level wins: ``System.training`` < ``Table.training`` < ``Row.training`` < the scale, and likewise ``settings``.

``training`` holds keys of :class:`karyokit.training.recipe.Recipe` (``batch``, ``epochs``, ``learning_rate``, ``schedule``,
``patience`` ...), ``settings`` those of the task (for pairs :class:`karyokit.training.tasks.pairs.PairSettings`: ``padding``,
``labels``, ``value_range``, ``decision``, ``turns`` ...).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["pairs", "clusters", "instances"]
PaperFigure = float | tuple[float, float]
"""A number as the paper prints it, in the unit of its table; (value, spread) where the paper gives a spread over folds."""


@dataclass(frozen=True)
class Column:
    """One column of a table: the ``metric`` it prints, times ``factor``, with ``digits`` decimals.

    Metrics of pairs are the keys of :func:`karyokit.metrics.pixels.pair_report` (``pooled/iou``, ``per_image/dice``,
    ``pooled/iou_pi`` ...), the same on the training part behind ``train:`` (``train:pooled/iou``), and of every kind
    ``ms`` (one picture, batch 1, on the device of the run), ``parameters`` (use factor 1e-6) and ``seconds`` of training.
    """

    metric: str
    factor: float = 100.0
    digits: int = 2


@dataclass(frozen=True)
class Row:
    """One line of a table.

    ``network`` is a name of ``NETWORKS``; empty for a line that is only quoted from the paper. ``loss`` is a name of ``PAIR_LOSSES``
    with its ``loss_options`` (pairs; other tasks take theirs from ``settings``). ``task`` is a name of ``TASKS``; empty means the
    task of the system's kind; AMFL's alternating training is ``adversarial``. ``paper`` maps column names to the paper's figures.
    """

    label: str
    network: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    loss: str = "cross_entropy"
    loss_options: Mapping[str, Any] = field(default_factory=dict)
    task: str = ""
    training: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    paper: Mapping[str, PaperFigure] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Table:
    """One table of a paper. ``number`` is written as the user will type it: "3", not "III".

    ``columns`` maps a column's name (the key of ``Row.paper``) to what it prints. ``split`` is a name of
    ``karyokit.data.pair_splits.SPLITS`` (pairs) or of the system's own; ``folds`` are those that are run at paper scale (one run per
    row and fold, mean and spread are printed), ``seed`` the one of split and training.
    """

    number: str
    title: str
    columns: Mapping[str, Column]
    rows: tuple[Row, ...]
    split: str
    folds: tuple[int, ...] = (0,)
    seed: int = 0
    training: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class System:
    """A published system: its tables in the paper's order, and what holds for all of them.

    ``main`` and ``baseline`` are labels of rows anywhere in ``tables``; the table ``honest``, which every system of kind ``pairs``
    has beside the paper's own, trains these two on the splits that do not leak.
    """

    name: str
    title: str
    reference: str
    kind: Kind
    tables: tuple[Table, ...]
    main: str
    baseline: str
    training: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    def row(self, label: str) -> tuple[Table, Row]:
        """The first row of that label and its table."""
        for table in self.tables:
            for row in table.rows:
                if row.label == label:
                    return table, row
        raise KeyError(label)
