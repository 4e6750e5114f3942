"""The outermost door of the web process: whose host, whose origin, which addresses exist at all.

Machines go to the API, sockets to Reflex, everything else to the built page. Of Reflex's own addresses only the event
socket is open. A page with data is only sent to a browser that has a live session; others are led to the sign-in page.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leadflow.kernel.edge import Refusal
from leadflow.kernel.errors import LeadFlowError
from leadflow.ui import guard
from models.vocabulary import Permission

HEALTH = frozenset({"/healthz", "/readyz"})
"""Asked by the machine that keeps us running, which knows no name of ours."""
MACHINES = ("/api/", "/hooks/")
LINKS = "/l/"
SOCKET = "/_event"
CLOSED = ("/_", "/ping", "/auth-codespace", "/metrics", "/docs", "/redoc", "/openapi.json")
"""Reflex's and FastAPI's own addresses: uploads, health, routes. The page is built without a need of them."""
SOCKETS = 400
"""Of one address; a whole office may stand behind one."""
THREADS = 32
"""For what blocks: the handlers of the page wait for Postgres there."""


class Gate:
    """Sends each request where it belongs, or away.

    Args:
        page: Reflex with the built page.
        api: the JSON API.
        origins: every origin of ours, exactly as browsers write it.
    """

    def __init__(self, page: ASGIApp, api: ASGIApp, origins: Collection[str]) -> None:
        self.page = page
        self.api = api
        self.origins = frozenset(origins)
        self.hosts = frozenset(urlsplit(origin).netloc.lower() for origin in origins)
        self.sockets: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, socket or start of the process."""
        if scope["type"] == "http":
            await (await self._choose(scope))(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            # The default has five threads on a small machine; a page waits for Postgres in one.
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, "page"))
            await self.page(scope, receive, send)

    async def _choose(self, scope: Scope) -> ASGIApp:
        path: str = scope["path"]
        headers = Headers(scope=scope)
        # Links are called under domains of organisations' own, which only the links know.
        if path in HEALTH or path.startswith(LINKS):
            return self.api
        if headers.get("host", "").lower() not in self.hosts:
            return Refusal(421, "misdirected", "This server does not answer for that name.")
        if path.startswith(MACHINES):
            return self.api
        if path.startswith(CLOSED):
            return Refusal(404, "not_found", "Not found.")
        if _is_page(scope) and not await asyncio.to_thread(_has_session, headers.get("cookie", "")):
            return _to_sign_in(scope)
        return self.page

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        address = str((scope.get("client") or ("",))[0])
        ours = headers.get("host", "").lower() in self.hosts and headers.get("origin") in self.origins
        place = scope["path"] == SOCKET or scope["path"].startswith(SOCKET + "/")
        if not (ours and place) or self.sockets[address] >= SOCKETS:
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        self.sockets[address] += 1
        closing = asyncio.Event()
        try:
            await self.page({**scope, guard.CLOSING: closing}, _until(closing, receive), send)
        finally:
            self.sockets[address] -= 1
            self.sockets += Counter()  # forgets addresses without a socket
        if closing.is_set():
            with contextlib.suppress(RuntimeError, OSError):
                await send({"type": "websocket.close", "code": 1000, "reason": ""})


def _until(closing: asyncio.Event, receive: Receive) -> Receive:
    """Answer what arrives until ``closing``, then that the browser has gone."""
    ended = asyncio.ensure_future(closing.wait())
    coming: asyncio.Future[Message] | None = None

    async def next_or_end() -> Message:
        nonlocal coming
        coming = coming or asyncio.ensure_future(receive())
        await asyncio.wait({coming, ended}, return_when=asyncio.FIRST_COMPLETED)
        if closing.is_set():
            coming.cancel()
            return {"type": "websocket.disconnect", "code": 1000}
        message, coming = coming.result(), None
        if message["type"] == "websocket.disconnect":
            ended.cancel()
        return message

    return next_or_end


def _is_page(scope: Scope) -> bool:
    path: str = scope["path"]
    name = path.rsplit("/", 1)[-1]
    return (
        scope["method"] in {"GET", "HEAD"} and "." not in name and (path.rstrip("/") or "/") not in guard.PUBLIC_PAGES
    )


def _has_session(cookies: str) -> bool:
    try:
        guard.actor_of(cookies, Permission.SESSION_USE)
    except LeadFlowError:
        return False
    return True


def _to_sign_in(scope: Scope) -> Response:
    query = scope["query_string"].decode("latin-1")
    wanted = scope["path"] + (f"?{query}" if query else "")
    back = "" if wanted == "/" else f"?next={quote(wanted, safe='/')}"
    return RedirectResponse(f"/login{back}", status_code=303, headers={"cache-control": "no-store"})
