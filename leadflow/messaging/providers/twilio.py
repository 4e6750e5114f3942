"""Twilio's Messages API. The simulator speaks it too; only the base address differs.

A POST is made once: Twilio has no idempotency key, so that a repeated POST is a second text. What an answer means:

- 2xx with an id: accepted. 2xx that cannot be read: unknown.
- 429, or 503 with Retry-After, or no connection: not sent. Other 5xx, and anything cut after the first byte: unknown.
- 4xx: rejected; the code says why.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, cast
from urllib.parse import quote_plus, urlencode

import aiohttp
import orjson
from twilio import request_validator as official  # pyright: ignore[reportMissingTypeStubs] it has none

from leadflow.compliance.types import Cleared
from leadflow.kernel.breaker import Call
from leadflow.kernel.clock import Clock
from leadflow.kernel.errors import Transient
from leadflow.messaging.providers.port import Page, Side
from leadflow.messaging.rules.codes import consequence
from leadflow.messaging.types import Accepted, Consequence, Listed, NotSent, Outcome, Rejected, Unknown

TOTAL_S = 10.0
"""One call ends by then, however slowly the answer drips."""
CONNECT_S = 3.0
CONNECTIONS = 200
BACK_OFF = timedelta(seconds=5)
"""When the carrier does not say how long to wait."""
LONGEST_BACK_OFF = timedelta(hours=1)
PAGE = 200
MOST_PAGES = 5
LONG_PAGE = 1000
"""The most that one page may hold. https://www.twilio.com/docs/usage/twilios-response#paging"""
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class TwilioCarrier:
    """A carrier at one address.

    Args:
        base_url: ``https://api.twilio.com`` or a simulator; no slash at the end.
        account_sid: account, also the user of HTTP Basic.
        auth_token: its secret.
        clock: tells whether a permission is still good.
        total_s: deadline of one call in seconds.
    """

    def __init__(
        self, base_url: str, account_sid: str, auth_token: str, clock: Clock, *, total_s: float = TOTAL_S
    ) -> None:
        self._base = base_url
        self._url = f"{base_url}/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._authorization = "Basic " + b64encode(f"{account_sid}:{auth_token}".encode()).decode()
        self._clock = clock
        self._total_s = total_s
        self._session: aiohttp.ClientSession | None = None

    async def send(self, cleared: Cleared, body: str, from_: str, status_callback: str, call: Call) -> Outcome:
        """POST one message, once."""
        if self._clock.now() >= cleared.expires_at:
            return NotSent(timedelta(0), "the permission has expired")
        form = _form(cleared.e164, from_, body, status_callback)
        try:
            async with asyncio.timeout(self._total_s):
                return await self._post(form, call)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            call.bad()
            return NotSent(BACK_OFF, type(error).__name__)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            call.bad()
            return Unknown(type(error).__name__)

    async def list_messages(self, to: str, from_: str, since: datetime, call: Call) -> list[Listed]:
        """GET the pair's messages page by page.

        ``DateSent`` is not used as a filter: a text that is still queued at the carrier has none.
        """
        found: list[Listed] = []
        address: str | None = f"{self._url}?{urlencode({'To': to, 'From': from_, 'PageSize': PAGE})}"
        for _ in range(MOST_PAGES):
            page = await self._get(address, call)
            fresh = [read_listed(one) for one in page["messages"]]
            found += [one for one in fresh if one.created >= since]
            following = page.get("next_page_uri")
            if not following or not fresh or fresh[-1].created < since:
                return found
            address = self._base + str(following)
        return found

    async def list_number(self, side: Side, number: str, call: Call, following: str = "") -> Page:
        """GET one page of a number's messages, as long as pages may be."""
        page = await self._get(following or f"{self._url}?{urlencode({side: number, 'PageSize': LONG_PAGE})}", call)
        following = page.get("next_page_uri") or ""
        return Page([read_listed(one) for one in page["messages"]], self._base + following if following else "")

    async def alive(self) -> bool:
        """GET one text, whichever."""
        try:
            await self._get(f"{self._url}?PageSize=1", Call("", alone=False))
        except Transient:
            return False
        return True

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _post(self, form: bytes, call: Call) -> Outcome:
        async with self._open().post(self._url, data=form, headers=_FORM, allow_redirects=False) as answer:
            outcome = read_answer(answer.status, answer.headers, await answer.read())
        # Also an answer that blames us, or asks us to slow down, shows a carrier that works.
        call.bad() if answer.status >= 500 or isinstance(outcome, Unknown) else call.good()  # noqa: PLR2004 HTTP's server errors
        return outcome

    async def _get(self, address: str, call: Call) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self._total_s), self._open().get(address) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            call.bad()
            raise Transient("The carrier could not be asked for its list.") from error
        call.bad() if answer.status >= 500 else call.good()  # noqa: PLR2004 HTTP's server errors
        if answer.status != 200:  # noqa: PLR2004 HTTP's OK
            raise Transient(f"The carrier answered {answer.status} to a list.")
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            call.bad()
            raise Transient("The carrier's list could not be read.") from error

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
                headers={"Authorization": self._authorization, "Accept": "application/json"},
                # The carrier sets no cookies that mean anything; looking for them takes a tenth of a call (measured).
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _form(to: str, from_: str, body: str, status_callback: str) -> bytes:
    # By hand: urlencode quotes what never changes anew for every text.
    fields = ("To", quote_plus(to)), ("From", _quoted(from_)), ("Body", quote_plus(body))
    stem = "&".join(f"{name}={value}" for name, value in fields)
    return f"{stem}&StatusCallback={_address(status_callback)}".encode()


@lru_cache(maxsize=1024)
def _quoted(text: str) -> str:
    return quote_plus(text)


def _address(address: str) -> str:
    # All but the text's own id, which stands at the end and needs no quoting, is the same every time.
    known, mark, own = address.rpartition("=")
    return _quoted(known + mark) + quote_plus(own)


def read_answer(status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Say what an answer to a POST means. Pure."""
    document = read_json(body)
    if status < 300:  # noqa: PLR2004 HTTP's successes
        return read_success(document)
    if status == 429 or (status == 503 and "Retry-After" in headers):  # noqa: PLR2004 HTTP's numbers
        return NotSent(read_wait(headers.get("Retry-After")), f"http {status}")
    if status == 408 or not 400 <= status < 500:  # noqa: PLR2004 HTTP's numbers; 408 may be a proxy's
        return Unknown(f"http {status}")
    code = document.get("code")
    known = code if isinstance(code, int) else {401: 20003, 403: 20003}.get(status)
    meaning = consequence(known)
    if meaning is Consequence.BACK_OFF:
        return NotSent(read_wait(headers.get("Retry-After")), f"code {known}")
    return Rejected(known, meaning)


def read_success(document: Mapping[str, Any]) -> Outcome:
    """Read the id out of a created message; without one nobody knows."""
    sid = document.get("sid")
    if not isinstance(sid, str) or len(sid) != 34:  # noqa: PLR2004 SM and 32 hexadecimal digits
        return Unknown("an answer without an id")
    counted = str(document.get("num_segments") or "0")
    return Accepted(sid, int(counted) if counted.isdigit() else 0)


def read_json(body: bytes) -> dict[str, Any]:
    """Read an object; anything else is an empty one."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return cast("dict[str, Any]", document) if isinstance(document, dict) else {}


def read_wait(header: str | None) -> timedelta:
    """Read Retry-After in seconds, within reason."""
    if header is None or not header.isdigit():
        return BACK_OFF
    return min(timedelta(seconds=int(header)), LONGEST_BACK_OFF)


def read_listed(document: Mapping[str, Any]) -> Listed:
    """Read one entry of a list."""
    counted = str(document.get("num_segments") or "0")
    return Listed(
        sid=document["sid"],
        to=document["to"],
        from_=document["from"],
        body=document["body"],
        status=document["status"],
        error_code=document.get("error_code"),
        segments=int(counted) if counted.isdigit() else 0,
        created=parsedate_to_datetime(document["date_created"]),
    )


class TwilioWebhooks:
    """Checks signatures with the official library.

    Args:
        tokens: auth tokens that are accepted: the primary, and the secondary while it is rotated.
    """

    def __init__(self, *tokens: str) -> None:
        self._validators: list[Any] = [official.RequestValidator(token) for token in tokens if token]

    @property
    def ready(self) -> bool:
        """Whether any token is configured."""
        return bool(self._validators)

    def genuine(self, url: str, params: Mapping[str, str], signature: str, settings: str | None) -> bool:
        """Check the signature over ``url``, which must be the configured one, never the Host header's."""
        algorithm: str = official.get_signature_algorithm(settings)  # pyright: ignore[reportUnknownMemberType]
        return any(one.validate(url, dict(params), signature, algorithm) for one in self._validators)
