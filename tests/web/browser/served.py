"""A review server on a free port of this machine that can be stopped and started again, and a hand on its page."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from drawn_case import KnowingAssistant, box, drawn_record, make_case
from scipy import ndimage

from karyokit.chromosomes import Chromosome, Region
from karyokit.exchange.coco import CellRecord, write_coco
from karyokit.pictures import write_png
from karyokit.review.case import Case
from karyokit.review.state import CellState
from karyokit.web.access import Access, known_hosts
from karyokit.web.app import create_app

PATIENCE = 90.0
"""Seconds to wait for anything; machines that run tests are busy."""


class Served:
    """A case and its server."""

    def __init__(self, folder: Path, pictures: Path) -> None:
        self.folder, self.pictures, self.port = folder, pictures, 0
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Open the case and serve it, on the same port as before."""
        self.case = Case(self.folder, pictures=self.pictures, assistant=KnowingAssistant())
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        app = create_app(self.case, access=Access(known_hosts("127.0.0.1", self.port)))
        config = uvicorn.Config(app, log_level="error", access_log=False, ws="none", timeout_graceful_shutdown=1)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listener]}, daemon=True)
        self.thread.start()
        until(lambda: self.server.started, "the server listens")

    def stop(self) -> None:
        """End the server and close the case."""
        self.server.should_exit = True
        self.thread.join(PATIENCE)
        self.case.close()

    def state(self, cell: int = 1) -> CellState:
        return self.case.state(cell)


def until(done: Callable[[], Any], what: str) -> None:
    """Wait for a condition."""
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, f"not within {PATIENCE:g} s: {what}"
        time.sleep(0.02)


def drawn_case(folder: Path, names: Sequence[str] = ("cell.png", "second.png")) -> tuple[Path, Path]:
    """Folders of a case of drawn cells and of its pictures; chromosome 7 offers a second-best reconstruction in two bars."""
    case = make_case(folder, names=names)
    path = case / "annotations.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    shape = drawn_record().shape
    halves = [box(115, 30, 125, 58).to_rle(shape), box(115, 58, 125, 90).to_rle(shape)]
    for annotation in document["annotations"]:
        if annotation["attributes"]["number"] == 7:
            annotation["attributes"]["alternatives"] = [{"margin": 0.05, "replaces": [7], "segmentations": halves}]
    path.write_text(json.dumps(document), encoding="utf-8")
    return case, folder / "pictures"


def full_case(folder: Path) -> tuple[Path, Path]:
    """Folders of a case of one cell of 46 bent chromosomes, some of them crossing, and of its picture."""
    rng = np.random.default_rng(5)
    shape = (700, 760)
    picture = np.full(shape, 20, np.uint8)
    chromosomes = []
    for number in range(1, 47):
        region = _bent(rng, shape, at=(60 + 95 * ((number - 1) // 7), 60 + 105 * ((number - 1) % 7)))
        picture[region.window][region.crop] = 110 + rng.integers(0, 90, region.crop.sum())
        category = min((number + 1) // 2, 23)
        chromosomes.append(Chromosome(number, region, category=category, probabilities=tuple(np.full(24, 1 / 24)), score=0.9))
    (folder / "case").mkdir(parents=True)
    (folder / "pictures").mkdir()
    write_png(folder / "pictures" / "full.png", picture)
    write_coco(folder / "case" / "annotations.json", [CellRecord("full.png", shape, "fluorescence", tuple(chromosomes))])
    return folder / "case", folder / "pictures"


def _bent(rng: np.random.Generator, shape: tuple[int, int], *, at: tuple[int, int]) -> Region:
    """A bent bar of random length and direction, long enough to meet its neighbours now and then."""
    length, turn, bend = rng.uniform(50, 110), rng.uniform(0, np.pi), rng.uniform(-0.6, 0.6)
    along = np.linspace(-0.5, 0.5, 160)
    angle = turn + bend * along
    off = np.ones(shape, bool)
    rows, columns = at[0] + length * along * np.sin(angle), at[1] + length * along * np.cos(angle)
    off[np.clip(rows.round().astype(int), 0, shape[0] - 1), np.clip(columns.round().astype(int), 0, shape[1] - 1)] = False
    return Region.from_mask(ndimage.distance_transform_edt(off) < 7)
