"""Transactions. One ``with db.begin(...)`` is one transaction; nothing else commits.

A transaction belongs to one organisation and sees nothing of any other, behind two walls that do not know each other:

* the ORM adds the organisation to every statement it writes, and refuses to write a foreign row (``Walled``);
* Postgres holds every statement, raw ones too, against its policies: the transaction acts as ``leadflow_app``, whatever
  role has signed in, with ``app.org_id`` set (migration 0004). Both settings end with the transaction.

``begin()`` without an organisation acts as ``leadflow_system``: accounts, jobs and the like, and little else. Inside an
organisation's transaction ``everywhere()`` does the same for a few statements. docs/decisions/0004-two-walls.md has
the reasons.

Hooks given to ``after_commit`` run only after the commit, in order; a rollback drops them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import structlog
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, Uuid, create_engine, event, inspect, literal_column, text
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlmodel import Session

from leadflow.kernel.clock import Clock, SystemClock
from leadflow.kernel.roles import APP, SYSTEM, faults
from models.base import OfOrganization

if TYPE_CHECKING:
    from psycopg.rows import TupleRow

log = structlog.get_logger(__name__)

SILENT_MS = 120_000
"""A process that is stopped in the middle of a transaction loses it, and the locks that others wait for, after so long.
The longest that ours compute between two statements is some seconds."""


def sqlalchemy_url(url: str) -> str:
    """Name the psycopg 3 driver in a plain ``postgresql://`` address."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


class Trespass(RuntimeError):
    """A row of one organisation was to be written in a transaction of another: a bug, and nothing was written."""


class Walled(Session):
    """A session whose own statements stay inside the organisation in ``info``, if there is one: the first wall."""


@event.listens_for(Walled, "do_orm_execute")
def _stay_inside(state: ORMExecuteState) -> None:
    """Add the organisation to every select, update and delete of a marked table, joined and aliased ones too."""
    org = state.session.info.get("org_id")
    # What refreshes a row that is loaded already was let through when it was loaded.
    if org is None or state.is_column_load or not (state.is_select or state.is_update or state.is_delete):
        return
    state.statement = state.statement.options(
        with_loader_criteria(OfOrganization, lambda table: _owner(table) == org, include_aliases=True)
    )


def _owner(table: Any) -> Any:  # noqa: ANN401 a mapped class, or the mark itself, by which SQLAlchemy reads the lambda
    return table.org_id if hasattr(table, "org_id") else literal_column("org_id", Uuid[Any]())


@event.listens_for(Walled, "before_flush")
def _write_inside(session: Session, _context: object, _instances: object) -> None:
    """Give new rows their organisation; refuse one of another, and a row that is to change hands.

    Raises:
        Trespass: nothing of this flush is written.
    """
    org = session.info.get("org_id")
    if org is None:
        return
    for row in session.new:
        if isinstance(row, OfOrganization) and getattr(row, "org_id", None) is None:
            row.org_id = org  # pyright: ignore[reportAttributeAccessIssue] every marked table has the column
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, OfOrganization) and _organizations_of(row) != {org}:
            raise Trespass(f"{type(row).__name__} is not of the organisation of this transaction")


def _organizations_of(row: object) -> set[object]:
    """The organisation that a row has, and the one that it had."""
    history = inspect(row, raiseerr=True).attrs.org_id.history
    return {*history.added, *history.unchanged, *history.deleted}


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

    @contextmanager
    def everywhere(self) -> Generator[None]:
        """Act across organisations for a few statements of raw SQL, by the narrow grants of ``leadflow_system``.

        For what belongs to an account or to the installation, and is met while working for an organisation: all of a
        person's sessions, a callback of the carrier. Does nothing where the transaction has no organisation anyway.
        """
        if self.org_id is None:
            yield
            return
        self.session.flush()
        _become(self.session, SYSTEM)
        try:
            yield
        finally:
            # A transaction that failed takes no statement any more, and its end or savepoint brings the role back.
            raw: Any = self.session.connection().connection.dbapi_connection
            if raw.info.transaction_status is not TransactionStatus.INERROR:
                _become(self.session, APP)

    def enter(self, org_id: UUID) -> None:
        """Make a transaction that was opened for none the organisation's, from here to its end."""
        self.session.flush()
        self.org_id = org_id
        enter_organisation(self.session, org_id)

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
        strict: refuse every connection of a role that could step over the walls, as production does.
    """

    def __init__(self, url: str, *, clock: Clock | None = None, pool_size: int = 5, strict: bool = False) -> None:
        self.url = url
        self.clock: Clock = clock or SystemClock()
        self.engine: Engine = create_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            # The connection that was used last: its caches are warm, and the others can be let go.
            pool_use_lifo=True,
            connect_args={
                "options": f"-c timezone=UTC -c idle_in_transaction_session_timeout={SILENT_MS}",
                "connect_timeout": 5,
            },
        )
        if strict:
            event.listen(self.engine, "connect", _refuse_unfit)

    @contextmanager
    def begin(self, org_id: UUID | None = None, *, snapshot: bool = False) -> Generator[UnitOfWork]:
        """Open one transaction; commit at the end, roll back on any exception, then run the hooks.

        Args:
            org_id: whose rows it sees; none for the system's own.
            snapshot: all its statements see the database as it stood at the first of them, whatever others commit
                meanwhile. For reading only: a row that somebody else has changed by then cannot be written.
        """
        with Walled(self.engine, expire_on_commit=False, info={"clock": self.clock}) as session:
            uow = UnitOfWork(self, session, org_id)
            with session.begin():
                if snapshot:
                    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
                if org_id is None:
                    _set(session, {"role": SYSTEM, **_time(session)})
                else:
                    enter_organisation(session, org_id)
                yield uow
        uow.run_hooks()

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def organizations(uow: UnitOfWork) -> list[UUID]:
    """List every organisation, for work that visits each in a transaction of its own; only the system sees them all."""
    with uow.cursor() as cursor:
        cursor.execute("select id from organization order by id")
        return [row[0] for row in cursor.fetchall()]


def enter_organisation(session: Session, org_id: UUID) -> None:
    """Name the organisation to both walls for the rest of this transaction."""
    session.info["org_id"] = org_id
    _set(session, {"role": APP, "app.org_id": str(org_id), **_time(session)})


def _become(session: Session, role: str) -> None:
    _set(session, {"role": role})


def _set(session: Session, settings: dict[str, str]) -> None:
    """Set what holds until the transaction ends, in one round trip."""
    calls = ", ".join(f"set_config('{name}', :v{n}, true)" for n, name in enumerate(settings))
    values = {f"v{n}": value for n, value in enumerate(settings.values())}
    session.connection().execute(text(f"select {calls}"), values)


def _time(session: Session) -> dict[str, str]:
    """Name our clock to ``clock_now()`` of the database, by which it dates what it keeps of earlier states.

    A clock that stands still is named as it stands at the start; the machine's own needs no name.
    """
    clock: Clock = session.info["clock"]
    if clock.shift is None:
        return {"app.at": clock.now().isoformat()}
    return {"app.shift": f"{clock.shift.total_seconds()} s"} if clock.shift else {}


def _refuse_unfit(connection: Any, _record: object) -> None:  # noqa: ANN401 whatever the driver calls a connection
    """Close a connection whose role could step over the walls.

    Raises:
        psycopg.OperationalError: with what is wrong with the role.
    """
    wrong = faults(connection)
    connection.rollback()
    if wrong:
        raise psycopg.OperationalError("DATABASE_URL " + "; ".join(wrong))
