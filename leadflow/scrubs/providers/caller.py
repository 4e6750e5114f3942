"""One call to a provider over HTTP: a deadline for the whole of it, and what each way of failing means.

A look-up costs money and has no idempotency key, so that only what was certainly not carried out is tried again:

- no connection, 429, 503 with Retry-After: not carried out; tried again after a wait, any method.
- other 5xx: tried again with GET, which providers answer from the same record; a POST may have been charged: doubt.
- cut or silent after the first byte, 200 that is no JSON or ``null``: may have been charged: doubt.
- 400, 401, 403 and their like: denied.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import orjson
from tenacity import AsyncRetrying, RetryCallState, retry_if_result, stop_after_attempt, wait_exponential_jitter

from leadflow.kernel.breaker import Breaker, Shut
from leadflow.scrubs.types import Denied, Doubt, NotAsked

TOTAL_S = 30.0
"""One call ends by then, however slowly the answer drips."""
TRIES = 3
BACK_OFF = timedelta(seconds=5)
"""When the provider does not say how long to wait."""
LONGEST_BACK_OFF = timedelta(minutes=10)
LONGEST_WAIT_S = 8.0
"""A longer Retry-After is not waited for here: the run goes to sleep instead."""

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Document:
    """JSON that the provider answered."""

    value: Any


@dataclass(frozen=True, slots=True)
class Call:
    """What is sent: query of a GET, or body of a POST."""

    path: str
    query: dict[str, str] | None = None
    body: dict[str, Any] | None = None

    @property
    def method(self) -> str:
        """GET without a body."""
        return "GET" if self.body is None else "POST"


@dataclass(frozen=True, slots=True)
class _Again:
    """Worth another try; after the last, ``final`` stands."""

    final: NotAsked | Doubt


class Caller:
    """Calls one address under one login.

    Args:
        base_url: no slash at the end.
        circuit: the breaker before this address.
        login_id: sent as the header ``loginId``, so that no address and no log of a proxy holds it.
        total_s: deadline of one try in seconds.
        sleep: waits between tries; tests pass their own.
    """

    def __init__(
        self,
        base_url: str,
        login_id: str,
        circuit: Breaker,
        *,
        total_s: float = TOTAL_S,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._base_url = base_url
        self._circuit = circuit
        self._login_id = login_id
        self._total_s = total_s
        self._sleep = sleep

    def call(self, call: Call) -> Document | NotAsked | Doubt | Denied:
        """Make one call; tries again what was certainly not carried out."""
        return asyncio.run(self._call(call))

    async def _call(self, call: Call) -> Document | NotAsked | Doubt | Denied:
        retrying = AsyncRetrying(
            stop=stop_after_attempt(TRIES),
            wait=_wait,
            retry=retry_if_result(_is_again),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
            sleep=self._sleep,
        )
        headers = {"loginId": self._login_id, "Accept": "application/json"}
        async with httpx.AsyncClient(base_url=self._base_url, headers=headers, timeout=self._total_s) as client:
            found: Document | _Again | Doubt | Denied = await retrying(self._try, client, call)
        return found.final if isinstance(found, _Again) else found

    async def _try(self, client: httpx.AsyncClient, call: Call) -> Document | _Again | Doubt | Denied:
        content = None if call.body is None else orjson.dumps(call.body)
        headers = {} if content is None else {"Content-Type": "application/json"}
        try:
            async with self._circuit.calling() as passing:
                passing.bad()
                async with asyncio.timeout(self._total_s):
                    answer = await client.request(
                        call.method, call.path, params=call.query, content=content, headers=headers
                    )
                if answer.status_code < 500:  # noqa: PLR2004 HTTP's server errors
                    passing.good()
        except Shut as shut:
            return _Again(NotAsked(timedelta(seconds=max(LONGEST_WAIT_S + 1, shut.wait_s)), "it failed too often"))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return _Again(NotAsked(BACK_OFF, type(error).__name__))
        except (httpx.HTTPError, TimeoutError) as error:
            return Doubt(f"no whole answer ({type(error).__name__})")
        return read(call.method, answer.status_code, answer.headers.get("Retry-After"), answer.content)


def read(method: str, status: int, retry_after: str | None, body: bytes) -> Document | _Again | Doubt | Denied:
    """Say what an answer means. Pure."""
    if status == 429 or (status == 503 and retry_after is not None):  # noqa: PLR2004 HTTP's numbers
        return _Again(NotAsked(wait_of(retry_after), f"http {status}"))
    if status >= 500:  # noqa: PLR2004 HTTP's server errors
        lost = Doubt(f"http {status}")
        return _Again(lost) if method == "GET" else lost
    if status != 200:  # noqa: PLR2004 HTTP's OK
        return Denied(f"http {status}")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Doubt("an answer that is no JSON")
    return Doubt("an empty answer") if document is None else Document(document)


def wait_of(header: str | None) -> timedelta:
    """Read Retry-After in seconds, within reason."""
    if header is None or not header.isascii() or not header.isdigit():
        return BACK_OFF
    return min(timedelta(seconds=int(header[:9])), LONGEST_BACK_OFF)


def _is_again(found: object) -> bool:
    return isinstance(found, _Again) and not _asks_for_long(found)


def _asks_for_long(again: _Again) -> bool:
    return isinstance(again.final, NotAsked) and again.final.after.total_seconds() > LONGEST_WAIT_S


_growing = wait_exponential_jitter(multiplier=0.5, max=LONGEST_WAIT_S)


def _wait(state: RetryCallState) -> float:
    """Wait as long as the provider asked, else longer each time, with jitter."""
    found = state.outcome.result() if state.outcome else None
    asked = found.final.after.total_seconds() if isinstance(found, _Again) and isinstance(found.final, NotAsked) else 0
    return max(asked, _growing(state))
