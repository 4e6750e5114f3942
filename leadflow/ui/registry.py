"""What each event of the page needs: read by the guard before an event and by the start-up check.

Every public method of a Reflex state can be called by anyone who opens a socket, decorated or not
(measured; docs/decisions). So the list of handlers is taken from Reflex itself, and a handler without an
entry is a fault that stops the start, not an open door.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from reflex_base.registry import RegistrationContext

from models.vocabulary import Permission

MARK = "__leadflow_entry__"

OPEN = frozenset(
    {
        "hydrate",
        "hydrate_and_load",
        "on_load_internal",
        "set_is_hydrated",
        "update_vars_internal",
    }
)
"""Reflex's own events without which no page loads. They run no code of ours; the guard still binds them to the session."""

NEVER = frozenset({"setvar"})
"""Reflex's own handlers that are refused to everybody: ``setvar`` calls any method named ``set_*``."""


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
    found = ((name, entry_of(known.handler.fn)) for name, known in _handlers().items())
    return {name: entry for name, entry in found if entry}


def unguarded() -> list[str]:
    """Name the handlers that anyone could call: must be empty before the first request.

    Reflex's own are left out where they are in ``OPEN`` or ``NEVER``, which the guard treats by name.
    """
    return sorted(
        name
        for name, known in _handlers().items()
        if entry_of(known.handler.fn) is None and name.rpartition(".")[2] not in OPEN | NEVER and not _frameworks(name)
    )


def check() -> None:
    """Refuse to start with an open handler.

    Raises:
        RuntimeError: names each of them.
    """
    if names := unguarded():
        msg = "These events have no permission; mark them with @action: " + ", ".join(names)
        raise RuntimeError(msg)


def _handlers() -> Mapping[str, Any]:
    return RegistrationContext.ensure_context().event_handlers


def _frameworks(name: str) -> bool:
    """Say whether the handler belongs to a state inside Reflex itself; the guard refuses those by name."""
    return name.startswith("reflex___") and "leadflow" not in name
