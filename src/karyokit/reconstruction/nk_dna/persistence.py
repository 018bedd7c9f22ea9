"""A knowledge store in a folder: knowledge.json for people and programs, states-HASH.npz for the numbers.

The table of states is named by the hash of its content and written first, then knowledge.json, which names it, replaces the old one:
whenever writing stops, the folder holds the old store or the new one.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from karyokit.checks import problem
from karyokit.files import atomic_path, make_folder, write_text
from karyokit.reconstruction.nk_dna.records import Experience, Network
from karyokit.reconstruction.nk_dna.states import FEATURES
from karyokit.reconstruction.nk_dna.store import KnowledgeStore

Record = TypeVar("Record", Network, Experience)

FILE = "knowledge.json"
_BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, MemoryError, OverflowError)
SCHEMA = 1
"""Version of the layout of the two files."""


def save_store(store: KnowledgeStore, folder: str | Path) -> None:
    """Write a store into ``folder``, made where missing; the same store gives the same bytes.

    Raises ``OutputError`` where it cannot be written.
    """
    target = make_folder(folder)
    states = np.array([one.state for one in store.experiences], float).reshape(-1, len(FEATURES))
    name = f"states-{_digest(states)[:16]}.npz"
    with atomic_path(target / name) as aside, aside.open("wb") as stream:
        np.savez_compressed(stream, states=states)
    content = {
        "schema": SCHEMA,
        "features": list(FEATURES),
        "states": {"file": name, "sha256": _digest(states)},
        "networks": [{"key": one.key, **one.as_dict()} for one in store.networks],
        "experiences": [{"key": one.key, **one.as_dict()} for one in store.experiences],
    }
    write_text(target / FILE, json.dumps(content, indent=1) + "\n")
    for stale in set(target.glob("states-*.npz")) - {target / name}:
        stale.unlink(missing_ok=True)


def load_store(folder: str | Path) -> KnowledgeStore:
    """The store in ``folder``.

    Raises ``FileNotFoundError`` where there is none, ``ValueError`` for files that are damaged, changed by hand so that keys no longer
    fit, or written by another version.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        raise FileNotFoundError(problem("store", f"be a folder with {FILE}", str(folder), "Check the path, or learn a store first."))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        _require_schema(content, path)
        states = _read_states(path.parent / content["states"]["file"], content["states"]["sha256"])
        if len(states) != len(content["experiences"]):
            raise ValueError(f"{len(states)} states for {len(content['experiences'])} experiences")
        networks = tuple(_checked(Network.from_dict(_without_key(row)), row) for row in content["networks"])
        pairs = zip(content["experiences"], states, strict=True)
        experiences = tuple(_checked(Experience.from_dict(_without_key(row), tuple(map(float, state))), row) for row, state in pairs)
        return KnowledgeStore(networks, experiences)
    except (KeyError, TypeError, ValueError, AttributeError, OSError, EOFError, RecursionError, *_BROKEN_ARCHIVE) as error:
        if isinstance(error, OtherVersionError):
            raise
        how = "Take it from a backup or from where it was exported."
        raise ValueError(problem("store", "be an undamaged knowledge store", f"{path} ({error})", how)) from error


class OtherVersionError(ValueError):
    """A store of another layout, which is not damaged."""


def _require_schema(content: Any, path: Path) -> None:
    if content["schema"] != SCHEMA or tuple(content["features"]) != FEATURES:
        got = f"{path} with schema {content['schema']} and features {content['features']}"
        raise OtherVersionError(
            problem("store", f"have schema {SCHEMA} and the features {FEATURES}", got, "Use the version of karyokit that wrote it.")
        )


def _read_states(path: Path, digest: str) -> np.ndarray:
    with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
        states = np.asarray(archive["states"])
    if _digest(states) != digest:
        raise ValueError(f"{path.name} does not have the content that {FILE} names")
    return states


def _digest(states: np.ndarray) -> str:
    return hashlib.sha256(repr(states.shape).encode() + np.ascontiguousarray(states, "<f8").tobytes()).hexdigest()


def _without_key(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "key"}


def _checked(record: Record, row: dict[str, Any]) -> Record:
    """The record, if it still has the key it was written with."""
    if record.key != row["key"]:
        raise ValueError(f"the record {row['key'][:12]} was changed")
    return record
