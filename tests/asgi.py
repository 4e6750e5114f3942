"""Calls an application without a socket, one call at a time."""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import Coroutine
from contextvars import copy_context
from functools import cache
from typing import Any, TypeVar
from uuid import uuid4

import httpx

Answer = TypeVar("Answer")


@cache
def _loop() -> asyncio.Runner:
    """Keep one event loop and its threads for all requests: to start them takes longer than most answers."""
    runner = asyncio.Runner()
    atexit.register(runner.close)
    return runner


def awaited(asked: Coroutine[Any, Any, Answer]) -> Answer:
    """Await ``asked`` on the kept loop; what it notes in its context ends with it, as with ``asyncio.run``."""
    return _loop().run(asked, context=copy_context())


class Api:
    """Calls ``app`` as a client of ``base_url`` would."""

    def __init__(self, app: Any, base_url: str = "http://testserver", **headers: str) -> None:
        self.app, self.base_url, self.headers = app, base_url, headers

    def call(self, method: str, target: str, **given: Any) -> httpx.Response:
        """Make one call."""
        return awaited(self._call(method, target, given))

    def get(self, target: str, **given: Any) -> httpx.Response:
        """GET."""
        return self.call("GET", target, **given)

    def post(self, target: str, **given: Any) -> httpx.Response:
        """POST."""
        return self.call("POST", target, **given)

    async def _call(self, method: str, target: str, given: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url=self.base_url, headers=self.headers) as client:
            return await client.request(method, target, **given)


class Here(httpx.BaseTransport):
    """Answers requests by an application of this process.

    Args:
        app: the application.
        client: the address that requests seem to come from.
    """

    def __init__(self, app: Any, client: str = "192.0.2.1") -> None:
        self.inner = httpx.ASGITransport(app, raise_app_exceptions=False, client=(client, 50_000))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        return awaited(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        answer = await self.inner.handle_async_request(asked)
        content = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content, request=request)


def browser(app: Any, client: str = "192.0.2.1") -> httpx.Client:
    """Make a client that behaves as our page does: same origin, our header, cookies kept."""
    return httpx.Client(
        transport=Here(app, client),
        base_url="http://testserver",
        headers={"Origin": "http://testserver", "X-LF-Request": "1"},
        event_hooks={"request": [keyed]},
    )


def keyed(request: httpx.Request) -> None:
    """Give a POST a key of its own, as our page does, unless the test chose one."""
    if request.method == "POST":
        request.headers.setdefault("Idempotency-Key", uuid4().hex)


def program(app: Any, token: str | None = None) -> httpx.Client:
    """Make a client that behaves as a program does: no cookies, no origin, a bearer's token."""
    headers = {"Authorization": f"Bearer {token}"} if token else {"X-LF-Request": "1"}
    return httpx.Client(
        transport=Here(app), base_url="http://testserver", headers=headers, event_hooks={"request": [keyed]}
    )
