"""Every failure of the API in one shape, with the reference under which it was logged.

    {"error": {"code": "not_found", "message": "Not found.", "field": null, "reasons": [], "correlation_id": "…"}}

A row of another organisation and a row that never was give the same answer, to the byte except for the reference.
"""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException

from leadflow.kernel.edge import body, correlation
from leadflow.kernel.errors import Invalid, LeadFlowError, TooMany
from leadflow.leads.errors import MergedLead

log = structlog.get_logger(__name__)

_TOLD = frozenset({401, 403, 404, 429})
"""Refusals that are logged: many of one caller are an attack (ASVS 5.0, 16.3.1 and 16.3.2)."""
_WORDS = {
    400: ("bad_request", "This request cannot be read."),
    401: ("unauthenticated", "Sign in first."),
    403: ("cross_site", "This call did not come from our own page. Send X-LF-Request: 1 and our own Origin."),
    404: ("not_found", "Not found."),
    405: ("method_not_allowed", "This address does not take that method."),
    413: ("too_large", "This is larger than what is accepted here."),
    415: ("unsupported_type", "Send JSON."),
}


def answer(status: int) -> JSONResponse:
    """Answer a failure of the protocol itself."""
    code, message = _WORDS.get(status, ("error", "This request was refused."))
    return JSONResponse(body(code, message), status_code=status)


def broken() -> JSONResponse:
    """Answer a bug; the reference leads to its traceback in the log."""
    return JSONResponse(body("internal", "Something broke. The fault has been noted."), status_code=500)


def install(app: FastAPI) -> None:
    """Translate every failure at this edge; nobody else does."""

    @app.exception_handler(LeadFlowError)
    async def expected(_: Request, error: LeadFlowError) -> JSONResponse:  # pyright: ignore[reportUnusedFunction] registered
        if error.status in _TOLD:
            log.info("api.refused", code=error.code, status=error.status)
        headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, TooMany) else None
        field = error.field if isinstance(error, Invalid) else None
        reasons = tuple(getattr(error, "reasons", ()))
        return JSONResponse(body(error.code, error.message, field, reasons), status_code=error.status, headers=headers)

    @app.exception_handler(MergedLead)
    async def merged(request: Request, error: MergedLead) -> Response:  # pyright: ignore[reportUnusedFunction] registered
        gone = request.path_params.get("lead_id")
        if gone is None or request.method not in {"GET", "HEAD"}:
            # What was meant for the one that is gone is not done to another unasked.
            return JSONResponse(body(error.code, error.message), status_code=error.status)
        path = request.url.path.replace(str(gone), str(error.survivor_id))
        return RedirectResponse(f"{path}?{request.url.query}" if request.url.query else path, status_code=308)

    @app.exception_handler(RequestValidationError)
    async def unreadable(_: Request, error: RequestValidationError) -> JSONResponse:  # pyright: ignore[reportUnusedFunction] registered
        first = error.errors()[0]
        if first.get("loc", ("",))[0] == "path":
            # An id that cannot be one is an id that leads nowhere.
            return answer(404)
        field, message = _said(first)
        return JSONResponse(body("invalid", message, field), status_code=422)

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> JSONResponse:  # pyright: ignore[reportUnusedFunction] registered
        return answer(error.status_code)


def _said(first: Any) -> tuple[str | None, str]:  # noqa: ANN401 a pydantic error
    names = [str(part) for part in first.get("loc", ())[1:] if isinstance(part, str)]
    field = names[-1] if names else None
    if first.get("type") == "json_invalid":
        return None, "This is not JSON."
    message = str(first.get("msg", "This value cannot be used.")).removeprefix("Value error, ")
    return field, f"{field}: {message}." if field else f"{message}."


__all__ = ["answer", "body", "broken", "correlation", "install"]
