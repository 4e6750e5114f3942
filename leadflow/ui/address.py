"""What the address says: the record that is open, the filters, the parts of the path. The address is the state."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from leadflow.kernel.errors import NotFound


def word(state: Any, name: str) -> str:  # noqa: ANN401 a Reflex state
    """Read one word of the query or of the path; empty when it is absent."""
    given = state.router_data.get("query", {}).get(name, "")
    return str(given[0] if isinstance(given, list) and given else given or "")


def without(state: Any, name: str) -> str:  # noqa: ANN401 a Reflex state
    """Write the address that the page has, without one word of its query."""
    query = {key: given for key, given in state.router_data.get("query", {}).items() if key != name}
    words = urlencode(query, doseq=True)
    return str(state.router_data.get("pathname") or "/") + (f"?{words}" if words else "")


def record(state: Any, name: str) -> UUID | None:  # noqa: ANN401 a Reflex state
    """Read the id of the record that the address names; None when it names none.

    Raises:
        NotFound: what stands there is no id.
    """
    text = word(state, name)
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error
