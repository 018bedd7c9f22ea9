"""Requests that only read."""

from __future__ import annotations

import io
import json
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Path
from PIL import Image
from starlette.responses import Response

from karyokit.review.case import Case
from karyokit.review.contacts import crossing_regions
from karyokit.review.evidence import Evidences
from karyokit.review.export import corrected
from karyokit.review.views import Views
from karyokit.web.documents import Document, case_document, cell_document, evidence_document, history_document

CellNumber = Annotated[int, Path(ge=1, le=2**53)]
_FOR_EVER = {"cache-control": "private, max-age=31536000, immutable"}


def reading_routes(case: Case, views: Views, evidences: Evidences, version: str) -> APIRouter:
    """The routes that show a case."""
    routes = APIRouter(prefix="/api")

    @routes.get("/case")
    def whole_case() -> Document:
        return case_document(case, version)

    @routes.get("/cells/{cell}")
    def one_cell(cell: CellNumber) -> Document:
        return cell_document(case, cell, views)

    @routes.get("/cells/{cell}/revision")
    def revision(cell: CellNumber) -> Document:
        return {"revision": case.history(cell).revision}

    @routes.get("/cells/{cell}/evidence")
    def evidence(cell: CellNumber) -> Document:
        return evidence_document(case.history(cell), evidences)

    @routes.get("/cells/{cell}/history")
    def history(cell: CellNumber) -> Document:
        return history_document(case.history(cell))

    @routes.get("/cells/{cell}/picture.png")
    def picture(cell: CellNumber) -> Response:
        return png(case.picture(cell).display, {"cache-control": "private, max-age=3600"})

    @routes.get("/cells/{cell}/chromosomes/{number}/{kind}.png")
    def chromosome(cell: CellNumber, number: CellNumber, kind: Literal["upright", "straight"]) -> Response:
        state = case.state(cell)
        view = views.of(state.known(number).chromosome, case.picture(cell), crossing_regions(state).get(number, ()))
        return png(view.upright if kind == "upright" else view.straight, _FOR_EVER)

    @routes.get("/cells/{cell}/export.json")
    def export_cell(cell: CellNumber) -> Response:
        case.history(cell)  # refuses an unknown cell
        return download(corrected(case, cells=[cell]))

    @routes.get("/export.json")
    def export_case() -> Response:
        return download(corrected(case))

    return routes


def png(pixels: np.ndarray, headers: dict[str, str]) -> Response:
    """A grey picture."""
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(stream, format="PNG", compress_level=1)
    return Response(stream.getvalue(), media_type="image/png", headers=headers)


def download(document: dict[str, Any]) -> Response:
    """A JSON file to be saved, under a name of our own."""
    headers = {"content-disposition": 'attachment; filename="annotations.json"'}
    return Response(json.dumps(document, sort_keys=True, allow_nan=False), media_type="application/json", headers=headers)
