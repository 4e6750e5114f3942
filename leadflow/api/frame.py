"""Around every call: a reference, a size limit, the cross-site check, and headers that keep answers out of caches.

Cross-site: a call that changes something and is not carried by an ``Authorization`` header must come from one of our
own origins, exactly (or say ``Sec-Fetch-Site: same-origin``), must carry ``X-LF-Request: 1`` and must be JSON. A form
or a link of another site can do none of the three. A program without cookies has no origin and needs the last two.
"""

from __future__ import annotations

from collections.abc import Collection

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leadflow.api import errors
from leadflow.kernel import edge

log = structlog.get_logger(__name__)

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SIGNED = "/hooks/"
"""Calls of carriers: no browser sends them; each proves itself by its signature."""
RAW = {
    "/api/v1/imports": 512_000_000,
    "/api/v1/consents/artefacts": 5_000_000,
    "/api/v1/registry-files": 100_000_000,
    "/api/v1/suppressions/file": 2_000_000,
}
"""Addresses that take a file as it is, and how large it may be in bytes."""
JSON_LIMIT = 1_000_000
SIMPLE = ("text/plain", "multipart/form-data", "application/x-www-form-urlencoded")
"""What a form of another site can send without asking first (Fetch standard, CORS-safelisted types)."""


class TooLarge(Exception):
    """The body went over its limit while it was being read."""


class Frame:
    """The outermost layer of the API.

    Args:
        app: the routes.
        origins: every origin that may change things with a cookie.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self.app = app
        self.origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one call."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if errors.correlation.get():
            # The web process's edge has given it one.
            await self._answer(scope, receive, send, errors.correlation.get())
            return
        reference = edge.new_reference()
        token = errors.correlation.set(reference)
        structlog.contextvars.bind_contextvars(correlation_id=reference)
        try:
            await self._answer(scope, receive, send, reference)
        finally:
            structlog.contextvars.unbind_contextvars("correlation_id")
            errors.correlation.reset(token)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, reference: str) -> None:
        started = False

        async def sealed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message).setdefault("cache-control", "no-store")
                edge.dress(message, reference)
            await send(message)

        refused = self._refused(scope)
        if refused:
            await errors.answer(refused)(scope, receive, sealed)
            return
        try:
            await self.app(scope, _limited(receive, _limit(scope["path"])), sealed)
        except Exception as error:
            answer = _failure(error, scope)
            if started:
                raise
            await answer(scope, receive, sealed)

    def _refused(self, scope: Scope) -> int | None:
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if not length.isdecimal():
            return 400
        if int(length) > _limit(scope["path"]):
            return 413
        if scope["method"] in SAFE or scope["path"].startswith(SIGNED):
            return None
        return self._foreign(scope["path"], headers)

    def _foreign(self, path: str, headers: Headers) -> int | None:
        if not _acceptable_type(path, headers):
            return 415
        if headers.get("authorization", "").lower().startswith("bearer "):
            return None
        if headers.get("x-lf-request") != "1":
            return 403
        origin = headers.get("origin")
        if origin is not None:
            return None if origin in self.origins else 403
        if "sec-fetch-site" in headers:
            return None if headers["sec-fetch-site"] == "same-origin" else 403
        return 403 if "cookie" in headers else None


def _failure(error: Exception, scope: Scope) -> JSONResponse:
    if isinstance(error, TooLarge):
        return errors.answer(413)
    log.error("api.broke", path=scope["path"], method=scope["method"], exc_info=error)
    return errors.broken()


def _limit(path: str) -> int:
    return RAW.get(path, JSON_LIMIT)


def _acceptable_type(path: str, headers: Headers) -> bool:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind:
        return headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
    return kind == "application/json" or (path in RAW and kind not in SIMPLE)


def _limited(receive: Receive, limit: int) -> Receive:
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise TooLarge
        return message

    return counted
