"""Requests that change a cell, and those that ask what a change would do."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from karyokit.review.case import Case, Done
from karyokit.review.commands import Name, Polygon
from karyokit.review.crossings import find_crossing, pairings
from karyokit.review.evidence import Evidences
from karyokit.review.report import compose_report, report_pdf, report_png
from karyokit.review.views import Views
from karyokit.web.documents import Document, cell_document, pairings_document, preview_document
from karyokit.web.reading import CellNumber

Revision = Annotated[int, Field(ge=0, le=2**53)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
_REPORTS = {"pdf": (report_pdf, "application/pdf"), "png": (report_png, "image/png")}


class Body(BaseModel):
    """A JSON body without unknown fields."""

    model_config = ConfigDict(extra="forbid")


class StepBody(Body):
    revision: Revision
    who: Name


class PreviewBody(Body):
    revision: Revision
    kind: str
    arguments: dict[str, Any]
    who: str = ""


class CommandBody(PreviewBody):
    who: Name


class PairingsBody(Body):
    chromosomes: Annotated[tuple[int, ...], Field(min_length=1, max_length=8)]
    zone: Polygon | None = None


class ReportBody(Body):
    format: Literal["pdf", "png"] = "pdf"
    who: Name
    override: Reason = ""


def writing_routes(case: Case, views: Views, evidences: Evidences) -> APIRouter:
    """The routes that change a case."""
    routes = APIRouter(prefix="/api/cells/{cell}")

    def answer(cell: int, done: Done) -> Document:
        return {"command": done.entry.id, "created": list(done.created), "cell": cell_document(case, cell, views)}

    @routes.post("/commands")
    def command(cell: CellNumber, body: CommandBody) -> Document:
        return answer(cell, case.submit(cell, body.kind, body.arguments, revision=body.revision, who=body.who))

    @routes.post("/undo")
    def undo(cell: CellNumber, body: StepBody) -> Document:
        return answer(cell, case.undo(cell, revision=body.revision, who=body.who))

    @routes.post("/redo")
    def redo(cell: CellNumber, body: StepBody) -> Document:
        return answer(cell, case.redo(cell, revision=body.revision, who=body.who))

    @routes.post("/preview")
    def preview(cell: CellNumber, body: PreviewBody) -> Document:
        before, after = case.preview(cell, body.kind, body.arguments, revision=body.revision)
        return preview_document(before, after, views)

    @routes.post("/pairings")
    def ways(cell: CellNumber, body: PairingsBody) -> Document:
        state = case.state(cell)
        regions = [state.item(number).region for number in dict.fromkeys(body.chromosomes)]
        crossing = find_crossing(regions, body.zone, state.shape)
        return pairings_document(crossing, pairings(crossing, wanted=max(len(regions), 2)), views)

    @routes.post("/report")
    def report(cell: CellNumber, body: ReportBody) -> Response:
        history = case.history(cell)
        page = compose_report(history, case.picture(cell), views, evidence=evidences.of(history.state), override=body.override)
        write, kind = _REPORTS[body.format]
        headers = {"content-disposition": f'attachment; filename="report_{cell}.{body.format}"'}
        return Response(write(page), media_type=kind, headers=headers)

    return routes
