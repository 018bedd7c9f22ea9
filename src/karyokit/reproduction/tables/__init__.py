"""The published systems by name. Each file of this folder holds one system as a literal and is read when it is asked for."""

from __future__ import annotations

from importlib import import_module

from karyokit.checks import lookup
from karyokit.reproduction.protocol import System

SYSTEMS: dict[str, str] = {
    "arms": "karyokit.reproduction.tables.arms",
    "amfl": "karyokit.reproduction.tables.amfl",
    "chromseg": "karyokit.reproduction.tables.chromseg",
    "rse": "karyokit.reproduction.tables.rse",
    "kemr": "karyokit.reproduction.tables.kemr",
}
"""Module of each system; it holds the record under the name ``SYSTEM``."""


def read_system(name: str) -> System:
    """The system of that name; ``ValueError`` lists the known ones."""
    system = import_module(lookup(SYSTEMS, name, "system")).SYSTEM
    assert isinstance(system, System)
    return system
