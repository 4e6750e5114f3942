"""What each event of the page needs: read by the guard before an event and by the start-up check.

Every public method of a Reflex state can be called by anyone who opens a socket, decorated or not
(measured; docs/security/threats.md). So the list of handlers is taken from Reflex itself, and a handler without an
entry is a fault that stops the start, not an open door.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel
from reflex_base.registry import RegistrationContext

from models.vocabulary import Permission

MARK = "__leadflow_entry__"

_STATE = "reflex___state____state"
_LOADER = f"{_STATE}.reflex___state____on_load_internal_state"
OPEN = frozenset(
    {
        f"{_STATE}.hydrate",
        f"{_STATE}.hydrate_and_load",
        f"{_LOADER}.on_load_internal",
        f"{_LOADER}.set_is_hydrated",
        f"{_STATE}.set_is_hydrated",
    }
)
"""Reflex's own events without which no page loads, by their full names. They run no code of ours, and run only for a
live session: ``hydrate`` sends every variable of every state."""

FRAMEWORK = frozenset({"setvar", "update_vars_internal", "handle_frontend_exception"})
"""Handlers that Reflex itself puts on every state, or has for uses we have not. Nobody may call them: ``setvar`` calls
any method named ``set_*``, and ``update_vars_internal`` writes variables."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a handler needs.

    Attributes:
        permission: what the caller's role must allow.
        payload: the model that its arguments must fit; extra arguments are refused.
    """

    permission: Permission
    payload: type[BaseModel]


def entry_of(function: Callable[..., Any]) -> Entry | None:
    """Read the mark that ``@action`` left on a handler."""
    return getattr(function, MARK, None)


def entries() -> Mapping[str, Entry]:
    """List every guarded event by its full name, as it arrives from the browser."""
    found = ((name, entry_of(known.handler.fn)) for name, known in handlers().items())
    return {name: entry for name, entry in found if entry}


@cache
def entries_cached() -> Mapping[str, Entry]:
    """List every guarded event; for the running page, whose handlers are all known after the start."""
    return entries()


def unguarded() -> list[str]:
    """Name the handlers that anyone could call: must be empty before the first request."""
    return sorted(
        name
        for name, known in handlers().items()
        if entry_of(known.handler.fn) is None and name not in OPEN and name.rpartition(".")[2] not in FRAMEWORK
    )


def check() -> None:
    """Refuse to start with an open handler.

    Raises:
        RuntimeError: names each of them.
    """
    if names := unguarded():
        msg = "These events have no permission; mark them with @action: " + ", ".join(names)
        raise RuntimeError(msg)


def handlers() -> Mapping[str, Any]:
    """List everything that Reflex would run for a name from the browser."""
    return RegistrationContext.ensure_context().event_handlers
