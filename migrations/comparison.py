"""How models and database are compared: by ``alembic check``, when a migration is drafted, and in the tests."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import TypeDecorator


def _include(_: Any, name: str | None, kind: str, __: bool, ___: Any) -> bool:  # noqa: ANN401, FBT001 Alembic's signature
    """Leave out the UNLOGGED tables that imports make and drop."""
    return not (kind == "table" and name is not None and name.startswith("staging_"))


def _render(kind: str, item: Any, _: Any) -> str | Literal[False]:  # noqa: ANN401 Alembic's signature
    """Write our column types as what Postgres stores, so that a migration never changes its meaning later."""
    if kind == "type" and isinstance(item, TypeDecorator):
        stored = {"Instant": "sa.DateTime(timezone=True)", "Term": "sa.Text()"}
        return stored.get(type(item).__name__, "sa.BigInteger()")
    return False


OPTIONS: dict[str, Any] = {
    "compare_type": True,
    "compare_server_default": False,
    "include_object": _include,
    "render_item": _render,
}
"""Defaults are not compared: Postgres writes them in words of its own. A test looks that each is there."""
