"""Damaged files of masks for `karyokit refine` are refused in one line that names the file."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from hypothesis import given

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import pytest
from mangling import Damage, damages, read_or_refuse

from karyokit.cli.refining import read_masks


@given(damage=damages)
def test_damaged_masks_are_refused_or_read(tmp_path_factory: pytest.TempPathFactory, damage: Damage) -> None:
    path = tmp_path_factory.mktemp("masks") / "masks.npz"
    np.savez_compressed(path, masks=np.ones((2, 6, 7), bool))
    path.write_bytes(damage(path.read_bytes()))
    read_or_refuse(lambda: read_masks(path, (6, 7)), path)
