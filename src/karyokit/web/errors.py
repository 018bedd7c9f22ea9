"""Every error as one JSON form: a sentence and a code."""

from __future__ import annotations

import logging
import sqlite3
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from karyokit.review.case import Case, Conflict, UnknownCell
from karyokit.review.case_file import CaseError
from karyokit.review.commands import Malformed
from karyokit.review.picture_files import PictureMissing
from karyokit.review.report import Doubtful
from karyokit.review.state import Refused
from karyokit.review.views import Views
from karyokit.web.documents import cell_document

_log = logging.getLogger(__name__)

_CODES: dict[type[Exception], tuple[int, str]] = {
    Malformed: (400, "malformed"),
    UnknownCell: (404, "unknown"),
    Refused: (422, "refused"),
    PictureMissing: (424, "picture"),
    CaseError: (500, "case"),
    sqlite3.Error: (503, "case"),
}
"""Status and code by the kind of error."""


def add_error_answers(app: FastAPI, case: Case, views: Views) -> None:
    """Answer errors of ``app`` in the one form."""

    def conflict(request: Request, error: Exception) -> Response:
        cell = cell_document(case, int(request.path_params["cell"]), views)
        return JSONResponse({"error": str(error), "code": "conflict", "cell": cell}, 409)

    app.add_exception_handler(Conflict, conflict)
    for kind in _CODES:
        app.add_exception_handler(kind, _known)
    app.add_exception_handler(Doubtful, _doubtful)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _defect)


def _known(_: Request, error: Exception) -> Response:
    status, code = next(_CODES[kind] for kind in type(error).__mro__ if kind in _CODES)
    return JSONResponse({"error": str(error), "code": code}, status)


def _doubtful(_: Request, error: Exception) -> Response:
    assert isinstance(error, Doubtful)
    return JSONResponse({"error": str(error), "code": "refused", "doubtful": error.numbers}, 422)


def _malformed(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first: dict[str, Any] = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return JSONResponse({"error": f"the request must fit its form, got {place}: {first['msg']}.", "code": "malformed"}, 400)


def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = "malformed" if error.status_code == 400 else "unknown"
    return JSONResponse({"error": str(error.detail), "code": code}, error.status_code)


def _defect(_: Request, error: Exception) -> Response:
    _log.error("a request failed", exc_info=error)
    return JSONResponse({"error": "this is a defect of the server, nothing was changed. Its terminal shows more.", "code": "defect"}, 500)
