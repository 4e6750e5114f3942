"""The only decorator for handlers of the page: who asks, may they, is the input right, then the service.

    class LaunchState(rx.State):
        @action(Permission.CAMPAIGN_LAUNCH)
        async def launch(self, desk: Desk, campaign_id: UUID) -> None:
            await desk.do(lambda uow: campaigns.launch(uow, desk.actor, campaign_id, uow.now()))
            desk.say("Launched")

The actor is resolved anew for every event by the guard (``ui.guard``), never from the state: a state can be handed from
one socket to another (measured; docs/security/threats.md). Arguments are parsed by Pydantic, because
Reflex coerces them without validating. The service runs in a thread, because a blocked event loop blocks every
user. A ``LeadFlowError`` becomes an error at its field, a callout on the page, or a toast; anything else is a bug:
logged with a reference that the user sees.
"""

from __future__ import annotations

import asyncio
import inspect
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar, get_type_hints
from urllib.parse import quote

import reflex as rx
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from leadflow.identity.types import Principal
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.edge import correlation, new_reference
from leadflow.kernel.errors import Forbidden, Invalid, LeadFlowError, NotFound, Refused, Unauthenticated
from leadflow.ui.guard import actor_for, cookie_in, database
from leadflow.ui.registry import MARK, Entry
from models.vocabulary import Permission

log = structlog.get_logger(__name__)
T = TypeVar("T")
Handler = Callable[..., Awaitable[Any]]


class Desk:
    """What one handler works with: who asks, the way to the services, and the way to speak to the user."""

    def __init__(self, actor: Principal, database: Database) -> None:
        self.actor = actor
        self.database = database
        self.message: dict[str, str] = {}

    async def do(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run ``work`` in a thread, in one transaction of the actor's organisation."""

        def run() -> T:
            with self.database.begin(self.actor.org_id) as uow:
                return work(uow)

        return await asyncio.to_thread(run)

    def say(
        self, text: str, sub: str = "", kind: str = "success", *, undo: str = "", press: tuple[str, str] = ("", "")
    ) -> None:
        """Show a toast when the handler is done; the last one wins. One that offers something stays longer.

        Args:
            text: what happened.
            sub: what follows from it.
            kind: ``success``, ``info`` or ``error``.
            undo: a path of the API that takes the act back by POST.
            press: a word, and the element of the page that a press on it presses, as an undo.
        """
        self.message |= {"kind": kind, "text": text, "sub": sub, "undo": undo, "act": press[0], "press": press[1]}

    def go(self, path: str) -> None:
        """Move to another page when the handler is done."""
        self.message["go"] = path

    def ring(self, event: str) -> None:
        """Fire an event in the browser: ``lf:grid`` refreshes the lists, ``lf:jobs`` looks for running jobs."""
        self.message["event"] = event


class Bus(rx.State):
    """Carries one message at a time to the browser, because a returned ``rx.toast`` needs ``eval``."""

    msg: dict[str, str] = {}


class Page(rx.State, mixin=True):
    """What every page's state has: whether it has loaded, why it could not, and errors at its fields."""

    loaded: bool = False
    failure: dict[str, str] = {}
    errors: dict[str, str] = {}


def action(permission: Permission) -> Callable[[Handler], Any]:
    """Mark a handler: it runs only for a caller whose role has ``permission``.

    Args:
        permission: what the role must allow. ``SESSION_USE`` asks only for being signed in.
    """
    return _marker(permission, _told)


def loads(permission: Permission) -> Callable[[Handler], Any]:
    """Mark a page's loader: like ``action``, but an expected failure fills the page instead of a toast."""
    return _marker(permission, _shown)


def _marker(permission: Permission, failed: Callable[[Any, LeadFlowError], Awaitable[Any]]) -> Callable[[Handler], Any]:
    def mark(function: Handler) -> Any:  # noqa: ANN401 Reflex's own wrapper type
        payload = _payload_model(function)
        entry = Entry(permission, payload)

        # Reflex calls handlers by keyword, which a *args-only wrapper would refuse.
        async def handler(self: Any, **given: Any) -> Any:  # noqa: ANN401 a Reflex state
            return await _run(self, function, entry, given, failed)

        names = list(payload.model_fields)
        handler.__name__, handler.__qualname__ = function.__name__, function.__qualname__
        handler.__doc__, handler.__module__ = function.__doc__, function.__module__
        # Reflex reads names from the signature and types from the hints; ours are parsed by the payload model.
        handler.__annotations__ = dict.fromkeys(names, Any)
        any_kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters = [inspect.Parameter(name, any_kind, annotation=Any) for name in names]
        handler.__signature__ = inspect.Signature(  # pyright: ignore[reportFunctionMemberAccess] read by inspect
            [inspect.Parameter("self", any_kind), *parameters]
        )
        setattr(handler, MARK, entry)
        return rx.event(handler)

    return mark


def _payload_model(function: Handler) -> type[BaseModel]:
    hints = get_type_hints(function)
    fields: dict[str, Any] = {
        name: (hints[name], ... if parameter.default is inspect.Parameter.empty else parameter.default)
        for name, parameter in list(inspect.signature(function).parameters.items())[2:]
    }
    return create_model(f"{function.__qualname__}.payload", __config__=ConfigDict(extra="forbid"), **fields)


async def _run(
    state: Any,  # noqa: ANN401 a Reflex state
    function: Handler,
    entry: Entry,
    given: dict[str, Any],
    failed: Callable[[Any, LeadFlowError], Awaitable[Any]],
) -> Any:  # noqa: ANN401 what the handler returns
    try:
        desk = Desk(await asyncio.to_thread(actor_for, entry.permission, cookie_of(state)), database())
        arguments = parse(entry, given)
        if getattr(state, "errors", None):
            state.errors = {}
        outcome = await function(state, desk, **arguments)
    except Unauthenticated:
        await _tell(state, {"leave": f"/login?next={quote(_path_of(state))}"})
        return None
    except LeadFlowError as error:
        return await failed(state, error)
    except Exception as error:  # noqa: BLE001 the edge where a bug becomes a reference
        return await _broke(state, function, error)
    if desk.message:
        await _tell(state, desk.message)
    return outcome


def parse(entry: Entry, given: dict[str, Any]) -> dict[str, Any]:
    """Read a handler's arguments.

    Raises:
        Invalid: one does not fit, is missing, or is unknown.
    """
    try:
        parsed = entry.payload.model_validate(given)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else None
        raise Invalid("That value cannot be used here.", field) from error
    return {name: getattr(parsed, name) for name in entry.payload.model_fields}


async def _told(state: Any, error: LeadFlowError) -> None:  # noqa: ANN401 a Reflex state
    """Put a refusal where the user looks: at the field, else into a toast."""
    if isinstance(error, Invalid) and error.field and hasattr(state, "errors"):
        state.errors = {error.field: error.message}
        return
    log.info("ui.refused", code=error.code)
    sub = "; ".join(error.reasons) if isinstance(error, Refused) else f"Reference {correlation.get()}"
    await _tell(state, {"kind": "error", "text": error.message, "sub": sub})


async def _shown(state: Any, error: LeadFlowError) -> None:  # noqa: ANN401 a Reflex state
    titles: dict[type[LeadFlowError], str] = {NotFound: "There is no such page", Forbidden: "Not for your role"}
    title = titles.get(type(error), "This could not be loaded")
    # What is not there, or not allowed, is so the next time too.
    again = "" if type(error) in titles else "1"
    state.failure = {"title": title, "text": error.message, "reference": correlation.get(), "again": again}
    state.loaded = True


async def _broke(state: Any, function: Handler, error: Exception) -> None:  # noqa: ANN401 a Reflex state
    reference = correlation.get() or new_reference()
    log.error("ui.broke", handler=function.__qualname__, correlation_id=reference, exc_info=error)
    if "failure" in getattr(state, "base_vars", {}) and not state.loaded:
        text = "The fault has been noted. Try again."
        state.failure = {"title": "Something broke", "text": text, "reference": reference, "again": "1"}
        state.loaded = True
        return
    with suppress(Exception):
        await _tell(state, {"kind": "error", "text": "Something broke.", "sub": f"Reference {reference}"})


async def _tell(state: Any, message: dict[str, str]) -> None:  # noqa: ANN401 a Reflex state
    """Give the browser one message; its number tells a new one from one that a reload brings again."""
    (await state.get_state(Bus)).msg = {"n": secrets.token_hex(6), **message}


def cookie_of(state: Any) -> str:  # noqa: ANN401 a Reflex state
    """Read the session cookie of the socket that the event came through."""
    return cookie_in(state.router_data)


def _path_of(state: Any) -> str:  # noqa: ANN401 a Reflex state
    return str(state.router_data.get("asPath") or state.router_data.get("pathname") or "/")
