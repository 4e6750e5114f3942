"""Stands between the browser's socket and every handler: who is it, whose state is it, may this event run.

Three places, each enough to stop what it is for:

* **The socket** (``GuardedNamespace``). Identity is the session cookie of the handshake, looked up in the database. The
  state that Reflex keeps for a browser tab is named by session *and* tab, so a stolen tab token opens nothing: with
  another cookie, or none, it names another state. Without a live session nothing is loaded, kept or sent.
* **Each event** (``EventGuard``), chained ones too. The session is read afresh, its permission is held against the
  registry, and an event without an entry is refused. The handler's own wrapper (``action``) parses the arguments.
* **Revocation** (``watch``). Postgres tells every process at the commit that ends a session; its sockets are closed. A
  lost message leaves an idle socket, which its next event or the sweep finds dead.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import AsyncGenerator, Generator, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import quote
from uuid import UUID

import psycopg
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from reflex.app import App, EventNamespace
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.event import Event

from leadflow.identity import service as identity
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.kernel.edge import correlation, new_reference
from leadflow.kernel.errors import Forbidden, LeadFlowError, Unauthenticated
from leadflow.ui import registry
from models.vocabulary import Permission

log = structlog.get_logger(__name__)

PUBLIC_PAGES = frozenset({"/login", "/forgot", "/reset", "/join", "/404"})
"""Pages without a frame; they hold no data and need no socket."""
CLOSING = "leadflow.closing"
"""In a socket's scope: the event by which the gate closes it. Socket.IO's own goodbye leaves the connection open."""
SOCKETS_PER_SESSION = 40
SOCKETS_PER_ADDRESS = 20
"""Without a session. A signed-in office behind one address is not counted here."""
SWEEP_S = 20.0
_RETRY_S = 1.0

_database: Database | None = None


def use(database: Database) -> None:
    """Give this process's page its database; called once at start."""
    global _database  # noqa: PLW0603 one database a process
    _database = database


def database() -> Database:
    """Answer the web process's database.

    Raises:
        RuntimeError: ``use`` was not called.
    """
    if _database is None:
        msg = "leadflow.ui.guard.use was not called"
        raise RuntimeError(msg)
    return _database


# Who is it


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the guard found for the event that is running: a caller who may, or the refusal."""

    permission: Permission
    actor: Principal | None = None
    refusal: LeadFlowError | None = None


_verdict: ContextVar[Verdict | None] = ContextVar("the guard's verdict on the present event", default=None)


def secret_of(cookies: str) -> str:
    """Read the session cookie out of a Cookie header; empty when there is none."""
    try:
        found = SimpleCookie(cookies).get(identity.cookies().sid)
    except CookieError:
        return ""
    return found.value if found else ""


_SEALED = "sealed "
_cipher = AESGCM(AESGCM.generate_key(256))
"""Of this process's sockets: their events run here, and a socket does not outlive its process."""


def seal_cookie(cookies: str) -> str:
    """Write a handshake's session cookie so that it means nothing outside this process.

    Reflex keeps the headers of a socket inside the tab's state, and the state in Redis. Whoever reads Redis, or a dump
    of it, must not find sessions there (goal S16).
    """
    secret, nonce = secret_of(cookies), secrets.token_bytes(12)
    return _SEALED + b64encode(nonce + _cipher.encrypt(nonce, secret.encode(), None)).decode() if secret else ""


def cookie_in(router: Mapping[str, Any]) -> str:
    """Read the session cookie of the socket that an event came through.

    A sealed one is opened here and nowhere else: as a header of a request it is worth nothing.
    """
    cookies = str(router.get("headers", {}).get("cookie", ""))
    if not cookies.startswith(_SEALED):
        return cookies
    sealed = b64decode(cookies.removeprefix(_SEALED))
    try:
        return f"{identity.cookies().sid}={_cipher.decrypt(sealed[:12], sealed[12:], None).decode()}"
    except InvalidTag:
        return ""


def actor_of(cookies: str, permission: Permission) -> Principal:
    """Resolve the caller of a Cookie header afresh and hold the permission against the role.

    Raises:
        Unauthenticated: no live session.
        Forbidden: the role may not.
    """
    with database().begin() as uow:
        actor = identity.resume(uow, secret_of(cookies))
    require(actor, permission)
    return actor


def actor_for(permission: Permission, cookies: str) -> Principal:
    """Answer the caller whom the guard let pass, or resolve one where no guard stood before the handler.

    Raises:
        LeadFlowError: the guard's refusal.
    """
    verdict = _verdict.get()
    if verdict is None or verdict.permission is not permission:
        return actor_of(cookies, permission)
    if verdict.actor is None:
        raise verdict.refusal or Unauthenticated("Sign in first.")
    return verdict.actor


@contextlib.contextmanager
def acting(actor: Principal, permission: Permission) -> Generator[None]:
    """Run handlers as ``actor`` without a socket: for tests of handlers. The role is held against the permission."""
    try:
        require(actor, permission)
        verdict = Verdict(permission, actor)
    except Forbidden as refusal:
        verdict = Verdict(permission, refusal=refusal)
    token = _verdict.set(verdict)
    try:
        yield
    finally:
        _verdict.reset(token)


def leave(path: str) -> StateUpdate:
    """Make the browser load the sign-in page anew, so that nothing of the old page stays in its memory."""
    from leadflow.ui.action import Bus  # noqa: PLC0415 action asks this module who may

    back = quote(path, safe="/") if path.startswith("/") and not path.startswith("//") else "/"
    message = {"n": secrets.token_hex(6), "leave": f"/login?next={back}"}
    return StateUpdate(delta={Bus.get_full_name(): {"msg" + FIELD_MARKER: message}})


# Each event


class EventGuard(Middleware):
    """Runs before every event, plain or chained, in the task that then runs the handler."""

    async def preprocess(self, app: App, state: BaseState, event: Event) -> StateUpdate | None:
        """Let an event pass, or answer it.

        Returns:
            None to go on; an update to end it here.
        """
        del app
        _verdict.set(None)
        # Each event is a request of its own: its failures are told and logged under this reference.
        reference = new_reference()
        correlation.set(reference)
        structlog.contextvars.bind_contextvars(correlation_id=reference)
        entry = registry.entries_cached().get(event.name)
        if entry is None and event.name not in registry.OPEN:
            log.warning("event.unknown", name=event.name[:200])
            return StateUpdate()
        router: Mapping[str, Any] = state.router_data
        cookies = cookie_in(router)
        permission = entry.permission if entry else Permission.SESSION_USE
        try:
            actor = await asyncio.to_thread(actor_of, cookies, permission)
        except Unauthenticated:
            return leave(_path(router))
        except Forbidden as refusal:
            # The handler's wrapper says so where the user looks; the handler itself does not run.
            _verdict.set(Verdict(permission, refusal=refusal))
            return None
        _verdict.set(Verdict(permission, actor))
        return None


def _path(router: Mapping[str, Any]) -> str:
    return str(router.get("asPath") or router.get("pathname") or "/")


# The socket


@dataclass(frozen=True, slots=True)
class Seat:
    """One open socket of a live session."""

    session_id: UUID
    secret: str
    closing: asyncio.Event


class GuardedNamespace(EventNamespace):
    """Reflex's socket namespace, open only to live sessions, with states that belong to their session."""

    def __init__(self, namespace: str, app: App) -> None:
        super().__init__(namespace, app)
        self.seats: dict[str, Seat] = {}
        self.strangers: dict[str, str] = {}

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> Any:  # noqa: ANN401 Reflex's signature
        """Take a socket in.

        A stranger's socket stays open and silent: the sign-in page shows no error, and nothing is loaded or kept.
        """
        cookies = str(environ.get("HTTP_COOKIE", ""))
        try:
            actor = await asyncio.to_thread(actor_of, cookies, Permission.SESSION_USE)
        except LeadFlowError:
            return await self._receive_stranger(sid, environ, auth)
        if actor.session_id is None or self._count(actor.session_id) >= SOCKETS_PER_SESSION:
            return False
        closing = environ.get("asgi.scope", {}).get(CLOSING) or asyncio.Event()
        self.seats[sid] = Seat(actor.session_id, secret_of(cookies), closing)
        return await super().on_connect(sid, environ, auth)

    async def _receive_stranger(self, sid: str, environ: Mapping[str, Any], auth: Any) -> bool | None:  # noqa: ANN401 from outside
        address = str((environ.get("asgi.scope", {}).get("client") or ("",))[0])
        if Counter(self.strangers.values())[address] >= SOCKETS_PER_ADDRESS:
            return False
        self.strangers[sid] = address
        router = _boot_router(auth)
        if router and str(router.get("pathname")).rstrip("/") not in PUBLIC_PAGES:
            await self.emit("event", leave(_path(router)), to=sid)
        return None

    def _build_static_router_data(self, sid: str, environ: dict[str, Any]) -> dict[str, Any]:
        """Keep the cookies of a socket out of the state."""
        data: dict[str, Any] = super()._build_static_router_data(sid, environ)
        headers: dict[str, Any] = dict(data["headers"])
        headers["cookie"] = seal_cookie(str(environ.get("HTTP_COOKIE", "")))
        headers.pop("authorization", None)
        return {**data, "headers": headers}

    def _count(self, session_id: UUID) -> int:
        return sum(seat.session_id == session_id for seat in self.seats.values())

    async def link_token_to_sid(self, sid: str, token: str, *, update_state: bool = True) -> None:
        """Name the tab's state by its session too."""
        seat = self.seats[sid]
        bound = hashlib.sha256(f"{seat.session_id}\n{seat.secret}\n{token}".encode()).digest()
        await super().link_token_to_sid(sid, str(UUID(bytes=bound[:16])), update_state=update_state)

    async def on_event(self, sid: str, data: Any) -> None:  # noqa: ANN401 whatever the browser sent
        """Take an event in; what no registry knows is dropped before Reflex looks at it, or logs it."""
        if sid not in self.seats or not isinstance(data, dict):
            return
        name: Any = data.get("name")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] from outside
        if not isinstance(name, str) or not (name in registry.OPEN or name in registry.entries_cached()):
            log.warning("event.refused", name=str(name)[:200])
            return
        payload: Any = data.get("payload") or {}  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] same
        if name in registry.OPEN and isinstance(payload, dict) and payload.get("vars"):  # pyright: ignore[reportUnknownMemberType] same
            # No variable of ours lives in the browser, so none may come from there.
            log.warning("event.refused", name=name, why="vars")
            return
        await super().on_event(sid, data)

    def on_disconnect(self, sid: str) -> asyncio.Task[None] | None:
        """Forget a socket."""
        self.strangers.pop(sid, None)
        self.seats.pop(sid, None)
        return super().on_disconnect(sid)

    def close(self, session_ids: Iterable[UUID]) -> int:
        """Close the sockets of sessions. The browser opens a new one, which is then judged anew.

        Returns:
            How many were closed.
        """
        ended = set(session_ids)
        doomed = [seat for seat in self.seats.values() if seat.session_id in ended]
        for seat in doomed:
            seat.closing.set()
        return len(doomed)


def _boot_router(auth: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 from outside
    """Read where the browser is from the first event, which travels in the socket's greeting."""
    match auth:
        case {"event": {"router_data": {"pathname": str()} as router}}:
            return router
        case _:
            return None


def install(app: App) -> GuardedNamespace:
    """Put the guard into Reflex's application.

    Raises:
        RuntimeError: a handler has no permission.
    """
    registry.check()
    found = app._event_namespace  # noqa: SLF001 Reflex makes its namespace itself and offers no hook
    if app.sio is None or found is None:
        msg = "Reflex's application has no event namespace; leadflow/ui/guard.py must follow"
        raise RuntimeError(msg)
    guarded = GuardedNamespace(found.namespace, app)
    app._event_namespace = guarded  # noqa: SLF001 same
    app.sio.register_namespace(guarded)
    app.add_middleware(EventGuard(), index=0)

    @contextlib.asynccontextmanager
    async def watching() -> AsyncGenerator[None]:
        task = asyncio.create_task(watch(guarded, database().url))
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    app.register_lifespan_task(watching)
    return guarded


# Revocation


async def watch(namespace: GuardedNamespace, url: str) -> None:
    """Close the sockets of ended sessions for as long as this process serves."""
    while True:
        try:
            await _listen(namespace, url)
        except (psycopg.Error, OSError) as error:
            log.warning("revocation.deaf", error=type(error).__name__)
            await asyncio.sleep(_RETRY_S)


async def _listen(namespace: GuardedNamespace, url: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=5) as connection:
        await connection.execute(f"listen {identity.REVOKED}".encode())
        while True:
            # Whatever was missed while nobody listened, and what ended by itself.
            await sweep(namespace)
            async for notice in connection.notifies(timeout=SWEEP_S):
                namespace.close([UUID(notice.payload)])


async def sweep(namespace: GuardedNamespace) -> int:
    """Close the sockets whose session has ended.

    Returns:
        How many were closed.
    """
    seated = {seat.session_id for seat in namespace.seats.values()}
    if not seated:
        return 0
    alive = await asyncio.to_thread(identity.still_open, database(), seated)
    return namespace.close(seated - alive)
