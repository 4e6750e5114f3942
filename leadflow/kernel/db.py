"""Transactions. One ``with db.begin(...)`` is one transaction; nothing else commits.

The organisation travels with the transaction (``set_config('app.org_id', …, true)``, transaction-local),
ready for row-level security. Hooks given to ``after_commit`` run only after the commit, in order;
a rollback drops them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import Engine, create_engine, text
from sqlmodel import Session

from leadflow.kernel.clock import Clock, SystemClock

if TYPE_CHECKING:
    from psycopg.rows import TupleRow

log = structlog.get_logger(__name__)


def sqlalchemy_url(url: str) -> str:
    """Name the psycopg 3 driver in a plain ``postgresql://`` address."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


class UnitOfWork:
    """One open transaction: a session, the organisation, and what to do once it is committed."""

    def __init__(self, db: Database, session: Session, org_id: UUID | None) -> None:
        self.db = db
        self.session = session
        self.org_id = org_id
        self._hooks: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """Ask the database's clock (plus the clock's shift), so that all processes agree on the instant.

        A frozen clock answers for itself. Aware, UTC; advances within the transaction.
        """
        shift = self.db.clock.shift
        if shift is None:
            return self.db.clock.now()
        at: datetime = self.session.connection().execute(text("select clock_timestamp()")).scalar_one()
        return at.astimezone(UTC) + shift

    def org(self) -> UUID:
        """Answer the organisation of this transaction.

        Raises:
            RuntimeError: the transaction was opened for none.
        """
        if self.org_id is None:
            msg = "this transaction belongs to no organisation"
            raise RuntimeError(msg)
        return self.org_id

    def after_commit(self, hook: Callable[[], None]) -> None:
        """Run ``hook`` once the transaction is committed; a rollback forgets it."""
        self._hooks.append(hook)

    def connection(self) -> psycopg.Connection[TupleRow]:
        """Answer the psycopg connection of this very transaction, for COPY and set-wise SQL."""
        self.session.flush()
        raw: Any = self.session.connection().connection.dbapi_connection
        return raw

    @contextmanager
    def cursor(self) -> Generator[psycopg.Cursor[TupleRow]]:
        """Open a psycopg cursor inside this transaction."""
        with self.connection().cursor() as cursor:
            yield cursor

    def run_hooks(self) -> None:
        """Run what waited for the commit. A failing hook is logged, never raised: the commit stands."""
        for hook in self._hooks:
            try:
                hook()
            except Exception:
                log.exception("after_commit.failed")
        self._hooks.clear()


class Database:
    """A connection pool and a clock.

    Args:
        url: ``postgresql://user:password@host:port/name``.
        clock: who tells the time in every transaction.
        pool_size: connections kept; as many again may be opened under load.
    """

    def __init__(self, url: str, *, clock: Clock | None = None, pool_size: int = 5) -> None:
        self.url = url
        self.clock: Clock = clock or SystemClock()
        self.engine: Engine = create_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            connect_args={"options": "-c timezone=UTC", "connect_timeout": 5},
        )

    @contextmanager
    def begin(self, org_id: UUID | None = None) -> Generator[UnitOfWork]:
        """Open one transaction; commit at the end, roll back on any exception, then run the hooks."""
        with Session(self.engine, expire_on_commit=False) as session:
            uow = UnitOfWork(self, session, org_id)
            with session.begin():
                if org_id is not None:
                    enter_organisation(session, org_id)
                yield uow
        uow.run_hooks()

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def enter_organisation(session: Session, org_id: UUID) -> None:
    """Name the organisation to Postgres for the rest of this transaction."""
    session.connection().execute(text("select set_config('app.org_id', :org, true)"), {"org": str(org_id)})
