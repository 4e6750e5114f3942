"""The merges that were made, who is now whom, and what has happened since."""

# ruff: noqa: S608 every statement is made of names of our own tables and columns

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from leadflow.duplicates.queries.journal import Journal
from leadflow.duplicates.rules.references import moving
from leadflow.duplicates.types import MergeRow
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import DuplicateKind

_BY_THE_APPLICATION = frozenset(
    {"person", "phone", "property", "lead", "property_party", "person_phone", "message", "campaign"}
)
"""Tables whose rows are dated by the application's clock (migration 0007); all others are by the machine's."""


def assign(journal: Journal, table: str, record_id: UUID, values: Mapping[str, Any]) -> None:
    """Write columns of one record; ``extra`` is joined with what is there."""
    if not values:
        return
    sets = ", ".join(
        "extra = %(v_extra)s::jsonb || x.extra" if name == "extra" else f"{name} = %(v_{name})s" for name in values
    )
    journal.change(
        table,
        f"update {table} x set {sets}, updated_at = now() where x.org_id = %(org)s and x.id = %(id)s",
        {"id": record_id, **{f"v_{name}": value for name, value in values.items()}},
    )


def remove(journal: Journal, table: str, record_id: UUID) -> None:
    """Take a record away to which nothing refers any more."""
    if table == "lead":
        journal.change(
            "lead_search",
            "delete from lead_search x where x.org_id = %(org)s and x.lead_id = %(id)s",
            {"id": record_id},
        )
    journal.change(table, f"delete from {table} x where x.org_id = %(org)s and x.id = %(id)s", {"id": record_id})


def forward(
    journal: Journal, subject: str, survivor: UUID, loser: Mapping[str, Any], key: str | None, now: datetime
) -> None:
    """Write down whom a record has become, and let what became it become the survivor too."""
    given = {
        "subject": subject,
        "survivor": survivor,
        "loser": loser["id"],
        "merge_of": journal.merge_id,
        "now": now,
        "made": loser["created_at"],
        "property": loser.get("property_id"),
        "key": key,
    }
    journal.change(
        "merged_record",
        "update merged_record x set survivor_id = %(survivor)s, updated_at = now()"
        " where x.org_id = %(org)s and x.survivor_id = %(loser)s",
        given,
    )
    journal.change(
        "merged_record",
        """insert into merged_record (org_id, loser_id, subject, survivor_id, merge_id, merged_at, made_at, property_id,
                                      key)
           values (%(org)s, %(loser)s, %(subject)s, %(survivor)s, %(merge_of)s, %(now)s, %(made)s, %(property)s,
                   %(key)s)""",
        given,
    )


def since(uow: UnitOfWork, subject: str, survivor: UUID, at: datetime, recorded_at: datetime) -> dict[str, int]:
    """Count what came to the survivor after a merge, by table.

    Args:
        uow: the caller's transaction.
        subject: what it is.
        survivor: it.
        at: of the merge, by the application's clock.
        recorded_at: the same by the database's.
    """
    counted: dict[str, int] = {}
    with uow.cursor() as cursor:
        for table, column, _ in moving(subject):
            cursor.execute(
                f"""select count(*) from {table} x
                    where x.org_id = %s and x.{column} = %s and x.created_at > %s""".encode(),
                [uow.org(), survivor, at if table in _BY_THE_APPLICATION else recorded_at],
            )
            row = cursor.fetchone()
            if row and row[0]:
                counted[table] = counted.get(table, 0) + int(row[0])
    return counted


def hanging(uow: UnitOfWork, subject: str, record_id: UUID) -> dict[str, int]:
    """Count what hangs on a record, by table."""
    counted: dict[str, int] = {}
    with uow.cursor() as cursor:
        for table, column, _ in moving(subject):
            cursor.execute(
                f"select count(*) from {table} x where x.org_id = %s and x.{column} = %s".encode(),
                [uow.org(), record_id],
            )
            row = cursor.fetchone()
            if row and row[0]:
                counted[table] = counted.get(table, 0) + int(row[0])
    return counted


_ROW = """
    select m.id, m.kind, m.survivor_id, m.loser_id, m.lead_id,
           coalesce(p.name, nullif(concat_ws(' ', h.street, h.unit), ''), ''), m.at, u.name, m.score, m.moved,
           m.undone_at, m.undone_at is null and exists (select 1 from merge_change c
               where c.org_id = m.org_id and c.merge_id = m.id)
    from record_merge m
    left join merged_record k on k.org_id = m.org_id and k.loser_id = m.survivor_id
    left join person p on m.kind = 'person' and p.org_id = m.org_id and p.id = coalesce(k.survivor_id, m.survivor_id)
    left join property h on m.kind = 'property' and h.org_id = m.org_id
         and h.id = coalesce(k.survivor_id, m.survivor_id)
    left join "user" u on u.id = m.actor_id
    where m.org_id = %(org)s
"""
_OF_LEAD = """
    and (%(lead)s::uuid is null or m.lead_id = %(lead)s or m.survivor_id in (
        select l.property_id from lead l where l.org_id = m.org_id and l.id = %(lead)s
        union select y.person_id from lead l join property_party y on y.org_id = l.org_id
              and y.property_id = l.property_id where l.org_id = m.org_id and l.id = %(lead)s))
"""


def page(uow: UnitOfWork, lead_id: UUID | None, after: tuple[datetime, UUID] | None, limit: int) -> list[MergeRow]:
    """List merges, newest first, from behind a row on; of all, or of one lead."""
    behind = "and (m.at, m.id) < (%(at)s, %(id)s)" if after else ""
    with uow.cursor() as cursor:
        cursor.execute(
            f"{_ROW} {_OF_LEAD} {behind} order by m.at desc, m.id desc limit %(limit)s".encode(),
            {
                "org": uow.org(),
                "lead": lead_id,
                "at": after[0] if after else None,
                "id": after[1] if after else None,
                "limit": limit,
            },
        )
        return [_row(row) for row in cursor.fetchall()]


def count(uow: UnitOfWork, lead_id: UUID | None) -> int:
    """Count merges; of all, or of one lead."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"select count(*) from record_merge m where m.org_id = %(org)s {_OF_LEAD}".encode(),
            {"org": uow.org(), "lead": lead_id},
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def one(uow: UnitOfWork, merge_id: UUID) -> MergeRow | None:
    """Read one merge."""
    with uow.cursor() as cursor:
        cursor.execute(f"{_ROW} and m.id = %(id)s".encode(), {"org": uow.org(), "id": merge_id})
        row = cursor.fetchone()
    return _row(row) if row else None


def _row(row: tuple[Any, ...]) -> MergeRow:
    return MergeRow(row[0], DuplicateKind(row[1]), *row[2:])


def of_job(uow: UnitOfWork, job_id: UUID) -> list[UUID]:
    """List the merges of one job that stand, the last first."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select id from record_merge where org_id = %s and job_id = %s and undone_at is null order by id desc",
            [uow.org(), job_id],
        )
        return [row[0] for row in cursor.fetchall()]
