"""Writes commands into a case for ever and says of each that it is kept; to be killed."""

from __future__ import annotations

import sys

from karyokit.review.case import Case, Conflict


def write_for_ever(folder: str, name: str) -> None:
    """One command after the other; the number of each on a line of its own once it is kept."""
    case = Case(folder)
    while True:
        revision = case.history(1).revision
        kind = "class" if revision % 5 else "flip"
        arguments = {"chromosomes": [1 + revision % 8]} | ({"category": revision % 25} if kind == "class" else {})
        try:
            done = case.submit(1, kind, arguments, revision=revision, who=f"{name} {revision}")
        except Conflict:
            continue
        print(done.entry.id, flush=True)


if __name__ == "__main__":
    write_for_ever(sys.argv[1], sys.argv[2])
