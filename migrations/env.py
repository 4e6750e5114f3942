"""Runs migrations with the address given by ``leadflow.local.migrate`` or by the settings."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, TypeDecorator, create_engine

from leadflow.kernel.db import sqlalchemy_url
from models.registry import metadata


def _include(_: Any, name: str | None, kind: str, __: bool, ___: Any) -> bool:  # noqa: ANN401, FBT001 Alembic's signature
    """Leave out the UNLOGGED tables that imports make and drop."""
    return not (kind == "table" and name is not None and name.startswith("staging_"))


def _render(kind: str, item: Any, _: Any) -> str | Literal[False]:  # noqa: ANN401 Alembic's signature
    """Write our column types as what Postgres stores, so that a migration never changes its meaning later."""
    if kind == "type" and isinstance(item, TypeDecorator):
        stored = {"Instant": "sa.DateTime(timezone=True)", "Term": "sa.Text()"}
        return stored.get(type(item).__name__, "sa.BigInteger()")
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        compare_server_default=False,
        include_object=_include,
        render_item=_render,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        connection.exec_driver_sql("set local lock_timeout = '3s'")
        context.run_migrations()


def _online() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        _run(given)
        return
    url = context.config.get_main_option("sqlalchemy.url")
    if not url:
        from leadflow.settings import get_settings  # noqa: PLC0415 only the bare alembic command needs it

        url = get_settings().database_url.get_secret_value()
    engine = create_engine(sqlalchemy_url(url))
    with engine.connect() as connection:
        _run(connection)
    engine.dispose()


_online()
