"""Around everything that the web process answers: whose request it is, over what, its reference, and its headers.

A proxy tells the caller's address in ``X-Forwarded-For``, and so may anybody. The header is believed from the right:
each address is one that the hop behind it saw, so the first that is no proxy of ours is the caller; what stands left of
it was written by the caller. ``X-Forwarded-Proto`` is believed from our proxies only (ASVS 5.0, 4.1.3). No other
header tells anything about an address: ``Forwarded``, ``X-Real-IP`` and ``X-Forwarded-Host`` are not read at all.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable, MutableMapping, Sequence
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger(__name__)

correlation: ContextVar[str] = ContextVar("correlation id of the present request", default="")

Address = IPv4Address | IPv6Address
MOST_HOPS = 20
"""Entries of ``X-Forwarded-For`` that are looked at, from the right."""
YEAR_S = 31_536_000
STRICT_TRANSPORT = f"max-age={YEAR_S}; includeSubDomains"
"""RFC 6797. One year; ASVS 5.0, 3.4.1."""
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "x-frame-options": "DENY",
}
"""Of every answer that does not say otherwise. A page brings a policy of its own (``leadflow.web``)."""


def body(code: str, message: str, field: str | None = None, reasons: tuple[str, ...] = ()) -> dict[str, Any]:
    """Write the one shape of a failure."""
    return {
        "error": {
            "code": code,
            "message": message,
            "field": field,
            "reasons": list(reasons),
            "correlation_id": correlation.get(),
        }
    }


def new_reference() -> str:
    """Make a reference under which a request is logged; it means nothing and cannot be guessed."""
    return secrets.token_hex(8)


class Refusal:
    """Answers every request with one failure."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code, self.message = status, code, message

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        del scope, receive
        content = json.dumps(body(self.code, self.message), separators=(",", ":")).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(content)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": content})


class Edge:
    """The outermost layer of the web process, before the gate.

    Args:
        app: everything else.
        proxies: networks of the proxies before us.
        public_url: what browsers call us; over https, every answer says that it stays so.
    """

    def __init__(self, app: ASGIApp, proxies: Iterable[str], public_url: str) -> None:
        self.app = app
        self.proxies = networks(proxies)
        self.public_url = public_url
        self.secure = public_url.startswith("https://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, socket or start of the process."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        told = self._place(scope)
        reference = new_reference()
        token = correlation.set(reference)
        structlog.contextvars.bind_contextvars(correlation_id=reference)
        try:
            app = self.app if told != "http" or not self.secure else self._in_the_clear(scope)
            await (
                app(scope, receive, send) if scope["type"] == "websocket" else self._answer(app, scope, receive, send)
            )
        finally:
            structlog.contextvars.unbind_contextvars("correlation_id")
            correlation.reset(token)

    def _place(self, scope: Scope) -> str:
        """Put the caller's address and scheme into the scope, and answer the scheme where a proxy told it."""
        peer = read_address(str((scope.get("client") or ("",))[0]))
        if peer is None or not within(peer, self.proxies):
            return ""
        headers = Headers(scope=scope)
        hops = [hop.strip() for line in headers.getlist("x-forwarded-for") for hop in line.split(",")]
        scope["client"] = (str(caller_of(peer, hops, self.proxies)), 0)
        told = headers.getlist("x-forwarded-proto")[-1:]
        scheme = told[0].rpartition(",")[2].strip().lower() if told else ""
        if scheme not in {"http", "https"}:
            return ""
        secure = {"http": "https", "websocket": "wss"}
        plain = {"http": "http", "websocket": "ws"}
        scope["scheme"] = (secure if scheme == "https" else plain)[scope["type"]]
        return scheme

    def _in_the_clear(self, scope: Scope) -> ASGIApp:
        """Answer what came to our proxy without TLS: a page is led to its address, anything else is refused.

        A program that is led on would go on sending its secrets in the clear, unseen (ASVS 5.0, 4.1.2).
        """
        if scope["type"] == "websocket":
            return _shut
        if scope["method"] in {"GET", "HEAD"} and not scope["path"].startswith(("/api/", "/hooks/")):
            return _Moved(self.public_url + _target(scope))
        return Refusal(403, "insecure", f"Call this over https: {self.public_url}")

    async def _answer(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                dress(message, correlation.get())
                if self.secure:
                    MutableHeaders(scope=message)["strict-transport-security"] = STRICT_TRANSPORT
            await send(message)

        try:
            await app(scope, receive, dressed)
        except Exception:
            if started:
                raise
            # The API answers its own bugs; this is one of the page's, or of the gate's.
            log.exception("web.broke", path=scope["path"])
            await Refusal(500, "internal", "Something broke. The fault has been noted.")(scope, receive, dressed)


def dress(message: MutableMapping[str, Any], reference: str) -> None:
    """Add the headers of every answer to the start of one."""
    headers = MutableHeaders(scope=message)
    headers["x-correlation-id"] = reference
    for name, value in HEADERS.items():
        headers.setdefault(name, value)


class _Moved:
    def __init__(self, address: str) -> None:
        self.address = address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        headers = [(b"location", self.address.encode("latin-1", "replace")), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 308, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


async def _shut(scope: Scope, receive: Receive, send: Send) -> None:
    del scope
    await receive()
    await send({"type": "websocket.close", "code": 1008, "reason": ""})


def _target(scope: Scope) -> str:
    # What was sent, quoted as it was: the decoded path could hold a line's end.
    raw: bytes = scope.get("raw_path") or b"/"
    query: bytes = scope.get("query_string", b"")
    target = raw.partition(b"?")[0] + (b"?" + query if query else b"")
    return "/" + target.decode("latin-1").lstrip("/\\")


# Addresses


def networks(names: Iterable[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Read networks or single addresses.

    Raises:
        ValueError: one is neither.
    """
    return tuple(ip_network(name, strict=False) for name in names)


def within(address: Address, known: Collection[IPv4Network | IPv6Network]) -> bool:
    """Say whether an address lies in one of the networks."""
    return any(address.version == network.version and address in network for network in known)


def read_address(text: str) -> Address | None:
    """Read an address as proxies write it, with or without a port; None where it is none.

    An IPv4 address inside an IPv6 one (RFC 4291, 2.5.5.2) is the IPv4 address: limits would otherwise count it twice.
    """
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.scope_id:
            return None
        return address.ipv4_mapped or address
    return address


def caller_of(peer: Address, hops: Sequence[str], proxies: Collection[IPv4Network | IPv6Network]) -> Address:
    """Answer who called: the first from the right that is no proxy of ours.

    Args:
        peer: who holds the connection; one of our proxies.
        hops: ``X-Forwarded-For``, entry by entry.
        proxies: our proxies' networks.
    """
    seen = peer
    for hop in reversed(hops[-MOST_HOPS:]):
        address = read_address(hop)
        if address is None:
            # Nobody of ours writes that: what is left of it is the caller's invention, too.
            return seen
        if not within(address, proxies):
            return address
        seen = address
    return seen
