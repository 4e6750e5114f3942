"""Brings a database to the newest schema, one process at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, text

import migrations
from leadflow.kernel.db import sqlalchemy_url

LOCK = 7_203_003
"""Advisory lock: two starts at once do not race."""


def configuration(connection: Connection | None = None) -> Config:
    """Point Alembic at the migrations that are installed beside this package."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def head() -> str:
    """Name the newest revision."""
    found = ScriptDirectory.from_config(configuration()).get_current_head()
    return found or ""


def migrate(url: str, revision: str = "head") -> list[str]:
    """Upgrade to ``revision``.

    Returns:
        The revisions that were applied, in order; empty when there was nothing to do.
    """
    return _under_lock(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str = "base") -> list[str]:
    """Take revisions back, newest first; for tests and ``seed --reset`` only.

    Returns:
        The revisions that were taken back.
    """
    return _under_lock(url, lambda config: command.downgrade(config, revision))


def raze(url: str) -> None:
    """Remove every table, with all that is in it; for ``seed --reset`` only."""
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        for statement in (
            "drop schema if exists staging cascade",
            "drop schema public cascade",
            "create schema public",
        ):
            connection.execute(text(statement))


def current(url: str) -> str:
    """Name the revision that the database stands at; empty when it has none."""
    engine = create_engine(sqlalchemy_url(url))
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return found or ""


def pending(at: str) -> list[str]:
    """Name the revisions that a database at ``at`` (empty: none) still lacks, in order."""
    return _between(at or None, head())


def _under_lock(url: str, change: Callable[[Config], object]) -> list[str]:
    # Without a pool: a connection given back by a failed migration would hold the lock as long as the process lives.
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.connect() as lock, engine.connect() as connection:
        lock.execute(text("select pg_advisory_lock(:n)"), {"n": LOCK})
        before = MigrationContext.configure(connection).get_current_revision()
        connection.rollback()
        change(configuration(connection))
        connection.commit()
        after = MigrationContext.configure(connection).get_current_revision()
        lock.rollback()
    return _between(before, after)


def _between(before: str | None, after: str | None) -> list[str]:
    script = ScriptDirectory.from_config(configuration())
    order = [revision.revision for revision in reversed(list(script.walk_revisions()))]
    start = order.index(before) + 1 if before else 0
    end = order.index(after) + 1 if after else 0
    return order[start:end] if end >= start else list(reversed(order[end:start]))
