"""Keyed calls: ``Idempotency-Key`` on any POST makes its repetition answer what the first call was answered.

| The key was used | Answer |
| --- | --- |
| never, or more than a day ago | the call is carried out |
| by the same call, and answered | that answer, with ``Idempotent-Replayed: true`` |
| by a call with another body | 422 ``key_reused`` |
| by a call that is still at work | 409 ``in_progress`` with ``Retry-After`` |
| by a call that acted and whose answer was lost | 409 ``already_done`` |

What came to nothing before it began (400, 401, 403, 404, 405, 413, 415, 422, 429) frees the key. Bodies are hashed as
they stream by, so a file of any size may be keyed.
"""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import Depends, Header, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leadflow.api import deps
from leadflow.kernel.db import Database
from leadflow.kernel.edge import body
from leadflow.kernel.errors import LeadFlowError
from leadflow.requests import service as requests
from leadflow.requests.types import Answer, Asked, Busy, Lost, Ticket

HEADER = "idempotency-key"
LONGEST = 255
KEPT_BYTES = 256_000
"""Longest answer that is kept; every POST of ours answers with less."""
_FREE = frozenset({400, 401, 403, 404, 405, 413, 415, 422, 429})
_PUBLIC = ("/api/v1/auth/", "/hooks/")


def _asked(idempotency_key: Annotated[str, Header(min_length=1, max_length=LONGEST)]) -> None:
    """Ask for the key by FastAPI's own checks; the layer below has used it by now."""


KEYED = Depends(_asked)
"""Declare that a route is not taken without a key: ``dependencies=[..., KEYED]``."""


class Once:
    """A layer of the API around its routes.

    Args:
        app: the routes.
        db: the process's database.
    """

    def __init__(self, app: ASGIApp, db: Database) -> None:
        self.app, self.db = app, db

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one call."""
        key = _key(scope)
        if not key:
            await self.app(scope, receive, send)
            return
        if len(key) > LONGEST or not key.isprintable():
            said = body("invalid", f"Idempotency-Key: 1 to {LONGEST} printable characters.", "Idempotency-Key")
            await JSONResponse(said, status_code=422)(scope, receive, send)
            return
        asked = await self._who(scope, key)
        if asked is None:
            await self.app(scope, receive, send)
            return
        given = await run_in_threadpool(requests.begin, self.db, asked)
        if isinstance(given, Ticket):
            await self._carry_out(given, scope, receive, send)
            return
        heard = _Hash(receive)
        await heard.drain()
        await _repeated(given, heard.digest())(scope, receive, send)

    async def _who(self, scope: Scope, key: str) -> Asked | None:
        """Name the caller; None where the routes will refuse it in their own words."""
        try:
            actor = await run_in_threadpool(deps.caller, Request(scope), self.db)
        except LeadFlowError:
            return None
        if actor.user_id is None:
            return None
        query = scope["query_string"].decode("latin-1")
        route = f"{scope['method']} {scope['path']}{'?' + query if query else ''}"
        return Asked(actor.org_id, actor.user_id, route, key)

    async def _carry_out(self, ticket: Ticket, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["ticket"] = ticket
        heard, said = _Hash(receive), _Said(send)
        try:
            await self.app(scope, heard, said)
        except BaseException:
            await run_in_threadpool(requests.drop, self.db, ticket)
            raise
        if said.status in _FREE or len(said.body) > KEPT_BYTES:
            await run_in_threadpool(requests.drop, self.db, ticket)
            return
        await heard.drain()
        answer = Answer(said.status, bytes(said.body), said.content_type, heard.digest())
        await run_in_threadpool(requests.keep, self.db, ticket, answer)


def _key(scope: Scope) -> str:
    if scope["type"] != "http" or scope["method"] != "POST" or scope["path"].startswith(_PUBLIC):
        return ""
    return Headers(scope=scope).get(HEADER, "")


def _repeated(given: Answer | Busy | Lost, digest: bytes) -> Response:
    if isinstance(given, Busy):
        said = body("in_progress", "The first call with this Idempotency-Key is still at work. Ask again.")
        return JSONResponse(said, status_code=409, headers={"Retry-After": str(given.retry_after_s)})
    if isinstance(given, Lost):
        said = body("already_done", "The first call with this key was carried out; its answer was lost. Look it up.")
        return JSONResponse(said, status_code=409)
    if given.request_hash != digest:
        said = body("key_reused", "This Idempotency-Key was used for another body. Choose a new key.")
        return JSONResponse(said, status_code=422)
    return Response(given.body, given.status, {"Idempotent-Replayed": "true"}, given.content_type or "application/json")


class _Hash:
    """Hashes a body while the routes read it."""

    def __init__(self, receive: Receive) -> None:
        self.receive, self.sum, self.more = receive, hashlib.sha256(), True

    async def __call__(self) -> Message:
        message = await self.receive()
        if message["type"] == "http.request":
            self.sum.update(message.get("body", b""))
            self.more = message.get("more_body", False)
        else:
            self.more = False
        return message

    async def drain(self) -> None:
        """Read what the routes left."""
        while self.more:
            await self()

    def digest(self) -> bytes:
        """SHA-256 of the body."""
        return self.sum.digest()


class _Said:
    """Remembers an answer while it is sent."""

    def __init__(self, send: Send) -> None:
        self.send, self.status, self.content_type, self.body = send, 0, "", bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.content_type = MutableHeaders(scope=message).get("content-type", "")
        elif message["type"] == "http.response.body" and len(self.body) <= KEPT_BYTES:
            self.body += message.get("body", b"")
        await self.send(message)
