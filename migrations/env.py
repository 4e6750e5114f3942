"""Runs migrations with the address given by ``leadflow.kernel.schema`` or by the settings."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine

from leadflow.kernel.db import sqlalchemy_url
from migrations.comparison import OPTIONS
from models.registry import metadata


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        **OPTIONS,
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

        url = get_settings().migrating_url
    engine = create_engine(sqlalchemy_url(url))
    with engine.connect() as connection:
        _run(connection)
    engine.dispose()


_online()
