"""The vocabulary of edits: what each command is called and which arguments it takes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from karyokit.checks import lookup
from karyokit.chromosomes import Polarity
from karyokit.review.state import StatusName

MOST_POINTS = 4000
Coordinate = Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False)]
Points = Annotated[tuple[tuple[Coordinate, Coordinate], ...], Field(min_length=1, max_length=MOST_POINTS)]
Polygon = Annotated[tuple[tuple[Coordinate, Coordinate], ...], Field(min_length=3, max_length=MOST_POINTS)]
Number = Annotated[int, Field(ge=1, le=1_000_000_000)]
Numbers = Annotated[tuple[Number, ...], Field(min_length=1, max_length=1000)]
Category = Annotated[int, Field(ge=0, le=24)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
ArmGroups = Annotated[tuple[Annotated[tuple[Number, ...], Field(min_length=1, max_length=8)], ...], Field(min_length=1, max_length=8)]


class Arguments(BaseModel):
    """Arguments of a command: no others are taken, and types are not guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def named(self) -> tuple[int, ...]:
        """Numbers of the chromosomes that the command names."""
        one = getattr(self, "chromosome", None)
        return getattr(self, "chromosomes", ()) if one is None else (one,)


class Cut(Arguments):
    chromosome: Number
    line: Points


class Merge(Arguments):
    chromosomes: Annotated[tuple[Number, ...], Field(min_length=2, max_length=100)]


class Split(Arguments):
    chromosomes: Annotated[tuple[Number, ...], Field(min_length=1, max_length=8)]
    zone: Polygon | None = None
    groups: ArmGroups


class TakeAlternative(Arguments):
    chromosome: Number
    index: Annotated[int, Field(ge=0, le=100)] = 0


class Brush(Arguments):
    chromosome: Number
    line: Points
    radius: Annotated[float, Field(gt=0, le=500)]
    mode: Literal["add", "erase"]


class Rotate(Arguments):
    chromosome: Number
    degrees: Annotated[float, Field(ge=-360, le=360, allow_inf_nan=False)]


class SetPolarity(Arguments):
    chromosome: Number
    polarity: Polarity


class SetClass(Arguments):
    chromosomes: Numbers
    category: Category


class Mark(Arguments):
    chromosome: Number
    text: Words


class Move(Arguments):
    chromosome: Number
    category: Category
    position: Annotated[int, Field(ge=0, le=10_000)] = 0


class Several(Arguments):
    chromosomes: Numbers


class Add(Arguments):
    outline: Polygon


class TakeBack(Arguments):
    object: Number


class Rerun(Arguments):
    area: Polygon


class SetStatus(Arguments):
    status: StatusName
    name: Words = ""


class Check(Arguments):
    chromosomes: Numbers
    checked: bool = True


ARGUMENTS: dict[str, type[Arguments]] = {
    "cut": Cut,
    "merge": Merge,
    "split": Split,
    "alternative": TakeAlternative,
    "brush": Brush,
    "rotate": Rotate,
    "flip": Several,
    "polarity": SetPolarity,
    "class": SetClass,
    "marker": Mark,
    "move": Move,
    "delete": Several,
    "restore": Several,
    "lock": Several,
    "unlock": Several,
    "add": Add,
    "take_back": TakeBack,
    "rerun": Rerun,
    "status": SetStatus,
    "check": Check,
}
"""Arguments by the kind of command; ``undo`` and ``redo`` are rows of the log without arguments."""


@dataclass(frozen=True)
class Named:
    """What a classifier says of one chromosome, and how sure its outline is once its class is heard; None where that is not asked."""

    category: int
    probabilities: tuple[float, ...]
    polarity: Polarity
    polarity_probability: float
    score: float | None = None
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """A chromosome that a model found: compressed run lengths over the picture, how sure it is and what speaks against it."""

    rle: dict[str, Any]
    score: float
    margin: float
    method: str
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a command adds to its arguments so that it can be applied again without a model, a clock or chance.

    ``first`` is the number that the first new chromosome gets; ``named`` what the classifier said of changed ones, by number;
    ``found`` what a separation model found; ``when`` the time, used for the status alone.
    """

    first: int = 1
    named: dict[int, Named] = field(default_factory=dict)
    found: tuple[Found, ...] = ()
    when: str = ""

    def to_json(self) -> str:
        """Text for the log."""
        named = {str(number): vars(one) for number, one in self.named.items()}
        found = [vars(one) for one in self.found]
        return json.dumps({"first": self.first, "named": named, "found": found, "when": self.when}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Outcome:
        """The outcome that ``to_json`` wrote."""
        kept = json.loads(text)
        named = {int(number): Named(**_tuples(one)) for number, one in kept["named"].items()}
        return cls(kept["first"], named, tuple(Found(**_tuples(one)) for one in kept["found"]), kept["when"])


def _tuples(kept: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}


@dataclass(frozen=True)
class Command:
    """One edit: its kind, its arguments and its outcome."""

    kind: str
    arguments: Arguments
    outcome: Outcome = field(default_factory=Outcome)


class Malformed(ValueError):  # noqa: N818
    """A command that is none: unknown kind, missing, unknown or wrong arguments."""


def parse_arguments(kind: str, arguments: Any) -> Arguments:
    """Arguments of a command from plain data; ``Malformed`` says which one is wrong."""
    try:
        return lookup(ARGUMENTS, kind, "kind").model_validate(arguments)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise Malformed(f"`arguments` of `{kind}` must fit its form, got {place}: {first['msg']}. Correct the command.") from error
    except ValueError as error:
        raise Malformed(str(error)) from error


def title_of(kind: str, arguments: Arguments) -> str:
    """A few words for the history: what was done to which chromosomes."""
    numbers = ", ".join(map(str, arguments.named))
    detail = getattr(arguments, "status", "") or getattr(arguments, "mode", "")
    words = "brush" if kind == "brush" else kind.replace("_", " ")
    return " ".join(filter(None, (words, detail, numbers)))
