"""SQL of the record: what has no leaf yet, the chain in order, and the seals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, tuple_row

from leadflow.audit.types import EventRow
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.roles import APP

UNSEALED = """
    (select e.id, e.digest, 'event' as source from audit_event e
     where e.org_id = %(org)s and e.id > %(after)s and not exists (
        select 1 from audit_leaf l where l.org_id = e.org_id and l.source = 'event' and l.source_id = e.id)
     order by e.id limit %(limit)s)
    union all
    (select d.id, d.digest, 'decision' from decision d
     where d.org_id = %(org)s and d.id > %(after)s and not exists (
        select 1 from audit_leaf l where l.org_id = d.org_id and l.source = 'decision' and l.source_id = d.id)
     order by d.id limit %(limit)s)
"""
"""Entries without a leaf behind an id, found by looking for the leaf: ids commit out of order."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event or decision that waits for its place in the chain."""

    source: str
    id: UUID
    digest: bytes


class Leaf(NamedTuple):
    """One place of the chain beside what stands at it today."""

    position: int
    source: str
    source_id: UUID
    digest: bytes
    chain: bytes
    body: bytes | None
    stored_digest: bytes | None


@dataclass(frozen=True, slots=True)
class Seal:
    """One seal as stored."""

    number: int
    first_position: int
    last_position: int
    merkle_root: bytes
    head: bytes
    previous: bytes
    sealed_at: datetime
    key_id: str
    signature: bytes


def unsealed(uow: UnitOfWork, after: UUID, limit: int) -> list[Entry]:
    """List entries without a leaf behind an id, oldest first."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"select source, id, digest from ({UNSEALED}) u order by id limit %(limit)s",  # noqa: S608 a constant
            {"org": uow.org(), "after": after, "limit": limit},
        )
        return [Entry(row[0], row[1], bytes(row[2])) for row in cursor.fetchall()]


def hold(uow: UnitOfWork, lock: int) -> bool:
    """Take an advisory lock until the transaction ends; False when somebody else has it."""
    with uow.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [lock])
        row = cursor.fetchone()
    return row is not None and bool(row[0])


def count_unsealed(uow: UnitOfWork) -> int:
    """Count entries without a leaf, however old."""
    with uow.cursor() as cursor:
        everything = {"org": uow.org(), "after": UUID(int=0), "limit": None}
        cursor.execute(f"select count(*) from ({UNSEALED}) u", everything)  # noqa: S608 a constant
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def horizon(uow: UnitOfWork) -> datetime:
    """Answer when the oldest transaction that still writes began; now when none does.

    Whatever a transaction that began earlier has written can be seen by now. Where a role that may write hides its
    times from ours, the answer is long ago: then nothing counts as passed. (A superuser's are left out: autovacuum is
    one, and no process of ours may be.)
    """
    with uow.cursor() as cursor:
        # A connection's times are shown to its own role only, not to the group that this transaction acts as.
        cursor.execute("select set_config('role', 'none', true)")
        cursor.execute(
            """
            select case when bool_or(a.query = '<insufficient privilege>') then 'epoch'::timestamptz + interval '1 day'
                        else least(clock_timestamp(), min(a.xact_start)) end
            from pg_stat_activity a join pg_roles r on r.oid = a.usesysid
            where a.datname = current_database() and a.pid <> pg_backend_pid() and pg_has_role(r.oid, %s, 'member')
              and not (r.rolsuper and a.query = '<insufficient privilege>')
            """,
            [APP],
        )
        row = cursor.fetchone()
        cursor.execute("select set_config('role', %s, true)", [APP])
    if row is None:
        msg = "an aggregate always answers a row"
        raise RuntimeError(msg)
    return row[0]


def last_leaf(uow: UnitOfWork) -> tuple[int, bytes] | None:
    """Answer the last position and its chain hash."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select position, chain from audit_leaf where org_id = %s order by position desc limit 1", [uow.org()]
        )
        row = cursor.fetchone()
    return (int(row[0]), bytes(row[1])) if row else None


def add_leaves(uow: UnitOfWork, rows: Sequence[tuple[int, str, UUID, bytes, bytes]]) -> None:
    """Append leaves (position, source, source id, digest, chain)."""
    positions, sources, ids, digests, chains = zip(*rows, strict=True)
    with uow.cursor() as cursor:
        # No COPY: Postgres does not take one into a table with row-level security.
        cursor.execute(
            """
            insert into audit_leaf (org_id, position, source, source_id, digest, chain)
            select %s, x.* from unnest(%b::bigint[], %s::text[], %b::uuid[], %b::bytea[], %b::bytea[]) x
            """,
            [uow.org(), list(positions), list(sources), list(ids), list(digests), list(chains)],
        )


def seals(uow: UnitOfWork) -> list[Seal]:
    """List the seals in order."""
    connection: Connection[tuple[object, ...]] = uow.connection()
    with connection.cursor(row_factory=class_row(Seal)) as cursor:
        cursor.execute(
            "select number, first_position, last_position, merkle_root, head, previous, sealed_at, key_id, signature "
            "from audit_seal where org_id = %s order by number",
            [uow.org()],
        )
        return cursor.fetchall()


def seals_after(uow: UnitOfWork, number: int, limit: int) -> list[Seal]:
    """List the seals behind a number, in order."""
    connection: Connection[tuple[object, ...]] = uow.connection()
    with connection.cursor(row_factory=class_row(Seal)) as cursor:
        cursor.execute(
            "select number, first_position, last_position, merkle_root, head, previous, sealed_at, key_id, signature "
            "from audit_seal where org_id = %s and number > %s order by number limit %s",
            [uow.org(), number, limit],
        )
        return cursor.fetchall()


def last_seal(uow: UnitOfWork) -> tuple[int, bytes] | None:
    """Answer the last seal's number and signature."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select number, signature from audit_seal where org_id = %s order by number desc limit 1", [uow.org()]
        )
        row = cursor.fetchone()
    return (int(row[0]), bytes(row[1])) if row else None


class Link(NamedTuple):
    """One place of the chain as the verifier walks over it."""

    position: int
    source: str
    digest: bytes
    chain: bytes
    body: bytes | None
    """Of what stands at this place today; None where that is gone."""
    same: bool | None
    """Whether the digest beside that body is the leaf's."""


def links(uow: UnitOfWork) -> Iterator[Link]:
    """Stream the chain in order, each leaf beside the row it stands for. The tuples are plain: making names costs."""
    connection: Connection[tuple[Any, ...]] = uow.connection()
    with connection.cursor() as cursor:
        # In the order of the chain, each entry by its key: sorting a million receipts would go through the disk.
        ways = ("enable_sort", "enable_hashjoin", "enable_mergejoin")
        cursor.execute("select set_config(name, 'off', true) from unnest(%s::text[]) name", [list(ways)])
    # Binary, because bytes are twice as long as text and slower to read.
    with connection.cursor(name="audit_leaves", row_factory=tuple_row) as cursor:
        cursor.itersize = 5_000
        cursor.execute(
            """
            select l.position, l.source, l.digest, l.chain, coalesce(e.body, d.body),
                   coalesce(e.digest, d.digest) = l.digest
            from audit_leaf l
            left join audit_event e on l.source = 'event' and e.org_id = l.org_id and e.id = l.source_id
            left join decision d on l.source = 'decision' and d.org_id = l.org_id and d.id = l.source_id
            where l.org_id = %s order by l.position
            """,
            [uow.org()],
            binary=True,
        )
        yield from cast("Iterator[Link]", cursor)


def leaf_of(uow: UnitOfWork, source: str, source_id: UUID) -> Leaf | None:
    """Find an entry's place in the chain, beside the entry as it stands today."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select l.position, l.source, l.source_id, l.digest, l.chain,
                   coalesce(e.body, d.body), coalesce(e.digest, d.digest)
            from audit_leaf l
            left join audit_event e on l.source = 'event' and e.org_id = l.org_id and e.id = l.source_id
            left join decision d on l.source = 'decision' and d.org_id = l.org_id and d.id = l.source_id
            where l.org_id = %s and l.source = %s and l.source_id = %s
            """,
            [uow.org(), source, source_id],
        )
        row = cursor.fetchone()
    return Leaf._make(row) if row else None


def seal_over(uow: UnitOfWork, position: int) -> Seal | None:
    """Find the seal whose stretch holds a position."""
    connection: Connection[tuple[object, ...]] = uow.connection()
    with connection.cursor(row_factory=class_row(Seal)) as cursor:
        cursor.execute(
            "select number, first_position, last_position, merkle_root, head, previous, sealed_at, key_id, signature "
            "from audit_seal where org_id = %s and last_position >= %s order by last_position limit 1",
            [uow.org(), position],
        )
        found = cursor.fetchone()
    return found if found and found.first_position <= position else None


def newest_seal(uow: UnitOfWork) -> Seal | None:
    """Answer the seal at the end of the chain."""
    connection: Connection[tuple[object, ...]] = uow.connection()
    with connection.cursor(row_factory=class_row(Seal)) as cursor:
        cursor.execute(
            "select number, first_position, last_position, merkle_root, head, previous, sealed_at, key_id, signature "
            "from audit_seal where org_id = %s order by number desc limit 1",
            [uow.org()],
        )
        return cursor.fetchone()


def stretch(uow: UnitOfWork, first: int, last: int) -> list[bytes]:
    """Read the digests between two positions, both included, in order."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select digest from audit_leaf where org_id = %s and position between %s and %s order by position",
            [uow.org(), first, last],
        )
        return [bytes(row[0]) for row in cursor.fetchall()]


def latest(uow: UnitOfWork, action: str, subject_kind: str, subject_id: UUID) -> EventRow | None:
    """Read the last act of that name on one thing."""
    with uow.connection().cursor(row_factory=class_row(EventRow)) as cursor:
        return cursor.execute(
            """
            select id, at, actor_id, action, subject_kind, subject_id, detail from audit_event
            where org_id = %s and subject_kind = %s and subject_id = %s and action = %s
            order by at desc, id desc limit 1
            """,
            [uow.org(), subject_kind, subject_id, action],
        ).fetchone()


def events(uow: UnitOfWork, action: str, actor_id: UUID | None, before: UUID | None, limit: int) -> list[EventRow]:
    """Read acts, newest first.

    Args:
        uow: a transaction of the organisation.
        action: how the action begins; empty takes all.
        actor_id: only of this user.
        before: only those recorded before this id.
        limit: at most so many.
    """
    with uow.connection().cursor(row_factory=class_row(EventRow)) as cursor:
        return cursor.execute(
            """
            select id, at, actor_id, action, subject_kind, subject_id, detail from audit_event
            where org_id = %(org)s and starts_with(action, %(action)s)
              and (%(actor)s::uuid is null or actor_id = %(actor)s) and (%(before)s::uuid is null or id < %(before)s)
            order by id desc limit %(limit)s
            """,
            {"org": uow.org(), "action": action, "actor": actor_id, "before": before, "limit": limit},
        ).fetchall()
