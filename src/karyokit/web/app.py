"""The server of one case: what it answers to each request. docs/review.md describes the interface."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

from karyokit.review.case import Case
from karyokit.review.evidence import Evidences
from karyokit.review.views import Views
from karyokit.web.access import Access, AccessGuard
from karyokit.web.errors import add_error_answers
from karyokit.web.reading import reading_routes
from karyokit.web.writing import writing_routes

STATIC = Path(__file__).parent / "static"


def create_app(case: Case, *, access: Access) -> FastAPI:
    """The ASGI application that serves a case to those whom ``access`` lets in; the caller closes the case."""
    app = FastAPI(
        title="KaryoKit review", openapi_url=None, docs_url=None, redoc_url=None
    )  # the shipped documentation page loads from a CDN
    views, evidences = Views(), Evidences()
    app.include_router(reading_routes(case, views, evidences, installed_version()))
    app.include_router(writing_routes(case, views, evidences))
    add_error_answers(app, case, views)
    app.add_middleware(AccessGuard, access=access)
    app.add_api_route("/", _page, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC, follow_symlink=False))
    return app


def installed_version() -> str:
    """Version of the installed package, ``"source"`` where it runs from its source folder."""
    try:
        return version("karyokit")
    except PackageNotFoundError:
        return "source"


def _page() -> FileResponse:
    return FileResponse(STATIC / "index.html")
