"""SQL of the record: what has no leaf yet, the chain in order, and the seals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row, tuple_row

from leadflow.kernel.db import UnitOfWork

UNSEALED = """
    select e.org_id, e.id, e.digest, 'event' as source, e.created_at
    from audit_event e where e.org_id = %(org)s and not exists (
        select 1 from audit_leaf l where l.org_id = e.org_id and l.source = 'event' and l.source_id = e.id)
    union all
    select d.org_id, d.id, d.digest, 'decision', d.created_at
    from decision d where d.org_id = %(org)s and not exists (
        select 1 from audit_leaf l where l.org_id = d.org_id and l.source = 'decision' and l.source_id = d.id)
"""
"""Entries without a leaf, by anti-join and not by id range: ids commit out of order."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event or decision that waits for its place in the chain."""

    source: str
    id: UUID
    digest: bytes


@dataclass(frozen=True, slots=True)
class Leaf:
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


def organizations(uow: UnitOfWork) -> list[UUID]:
    """List every organisation."""
    with uow.cursor() as cursor:
        cursor.execute("select id from organization order by id")
        return [row[0] for row in cursor.fetchall()]


def unsealed(uow: UnitOfWork, limit: int) -> list[Entry]:
    """List entries without a leaf, oldest first."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"select source, id, digest from ({UNSEALED}) u order by created_at, id limit %(limit)s",  # noqa: S608 our own
            {"org": uow.org(), "limit": limit},
        )
        return [Entry(row[0], row[1], bytes(row[2])) for row in cursor.fetchall()]


def count_unsealed(uow: UnitOfWork) -> int:
    """Count entries without a leaf."""
    with uow.cursor() as cursor:
        cursor.execute(f"select count(*) from ({UNSEALED}) u", {"org": uow.org()})  # noqa: S608 our own
        row = cursor.fetchone()
    return int(row[0]) if row else 0


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
    with (
        uow.cursor() as cursor,
        cursor.copy("copy audit_leaf (org_id, position, source, source_id, digest, chain) from stdin") as copy,
    ):
        for row in rows:
            copy.write_row((uow.org(), *row))


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


def last_seal(uow: UnitOfWork) -> tuple[int, bytes] | None:
    """Answer the last seal's number and signature."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select number, signature from audit_seal where org_id = %s order by number desc limit 1", [uow.org()]
        )
        row = cursor.fetchone()
    return (int(row[0]), bytes(row[1])) if row else None


def leaves(uow: UnitOfWork) -> Iterator[Leaf]:
    """Stream the chain in order, each leaf beside the row it stands for."""
    connection: Connection[tuple[object, ...]] = uow.connection()
    with connection.cursor(name="audit_leaves", row_factory=tuple_row) as cursor:
        cursor.itersize = 5_000
        cursor.execute(
            """
            select l.position, l.source, l.source_id, l.digest, l.chain,
                   coalesce(e.body, d.body), coalesce(e.digest, d.digest)
            from audit_leaf l
            left join audit_event e on l.source = 'event' and e.org_id = l.org_id and e.id = l.source_id
            left join decision d on l.source = 'decision' and d.org_id = l.org_id and d.id = l.source_id
            where l.org_id = %s order by l.position
            """,
            [uow.org()],
        )
        for position, source, source_id, digest, chain, body, stored in cursor:
            yield Leaf(
                int(position),
                source,
                source_id,
                bytes(digest),
                bytes(chain),
                None if body is None else bytes(body),
                None if stored is None else bytes(stored),
            )
