"""SQL of edits of many leads: whom they reach, how far they are, what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from psycopg import sql
from psycopg.rows import class_row

from leadflow.bulk.types import BulkChange, EntryRow, Kept
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import BulkOutcome

_KEPT = """
    select e.id, e.change, e.chosen, e.state, e.total, e.actor_id, e.asked_at, e.ended_at, e.undone_at,
           u.name as asked_by, e.job_id, j.state as job_state, j.error as job_error, a.name as assignee,
           coalesce((select jsonb_object_agg(o.outcome, o.n) from (
               select outcome, count(*) as n from bulk_entry
               where org_id = e.org_id and edit_id = e.id group by outcome) o), '{}') as outcomes
    from bulk_edit e
    left join "user" u on u.id = e.actor_id
    left join "user" a on a.id::text = e.change ->> 'assignee'
    left join job j on j.id = e.job_id
    where e.org_id = %(org)s
"""


def edits(uow: UnitOfWork, before: tuple[datetime, UUID] | None, limit: int, only_of: UUID | None) -> list[Kept]:
    """Read edits, newest first; of one member where told so."""
    at, row_id = before or (None, None)
    with uow.connection().cursor(row_factory=class_row(Kept)) as cursor:
        cursor.execute(
            f"""{_KEPT}
              and (%(at)s::timestamptz is null or (e.asked_at, e.id) < (%(at)s, %(id)s))
              and (%(of)s::uuid is null or e.actor_id = %(of)s)
            order by e.asked_at desc, e.id desc limit %(limit)s
            """.encode(),
            {"org": uow.org(), "at": at, "id": row_id, "of": only_of, "limit": limit},
        )
        return cursor.fetchall()


def count(uow: UnitOfWork, only_of: UUID | None) -> int:
    """Count edits; of one member where told so."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select count(*) from bulk_edit where org_id = %(org)s and (%(of)s::uuid is null or actor_id = %(of)s)",
            {"org": uow.org(), "of": only_of},
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def edit(uow: UnitOfWork, edit_id: UUID) -> Kept | None:
    """Read one edit."""
    with uow.connection().cursor(row_factory=class_row(Kept)) as cursor:
        cursor.execute(f"{_KEPT} and e.id = %(id)s".encode(), {"org": uow.org(), "id": edit_id})
        return cursor.fetchone()


def write_down(uow: UnitOfWork, edit_id: UUID, where: sql.Composable, given: Mapping[str, Any]) -> int:
    """Write the leads of a condition over ``lead_search s`` down as those of an edit; answers how many."""
    statement = sql.SQL(
        """
        insert into bulk_entry (org_id, edit_id, lead_id)
        select s.org_id, %(edit)s, s.lead_id from lead_search s where s.org_id = %(org)s and {} order by s.lead_id
        on conflict do nothing
        """
    ).format(where)
    with uow.cursor() as cursor:
        cursor.execute(statement, {**given, "org": uow.org(), "edit": edit_id}, prepare=False)
        return cursor.rowcount


def count_where(uow: UnitOfWork, where: sql.Composable, given: Mapping[str, Any]) -> int:
    """Count the leads of a condition over ``lead_search s``."""
    statement = sql.SQL("select count(*) from lead_search s where s.org_id = %(org)s and {}").format(where)
    with uow.cursor() as cursor:
        cursor.execute(statement, {**given, "org": uow.org()}, prepare=False)
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def not_yet(change: BulkChange) -> tuple[sql.Composable, dict[str, Any]]:
    """Write the condition over ``lead_search s`` of leads that an edit would change, with parameters."""
    parts, given = list[sql.Composable](), dict[str, Any]()
    if change.status is not None:
        parts.append(sql.SQL("s.status <> %(n_status)s"))
        given["n_status"] = change.status.value
    if change.assignee is not None:
        parts.append(sql.SQL("s.assignee_id is distinct from %(n_assignee)s::uuid"))
        given["n_assignee"] = None if change.assignee == "none" else change.assignee
    for column, table, add, remove in (
        ("tag_ids", "tag", change.add_tag, change.remove_tag),
        ("list_ids", "lead_list", change.add_list, change.remove_list),
    ):
        for sign, word in (("not ", add), ("", remove)):
            if word is not None:
                name = f"n_{column}_{len(parts)}"
                parts.append(_member(sign, column, table, name))
                given[name] = word
    if change.share:
        parts.append(sql.SQL("true"))
    if change.remove is not None:
        parts.append(sql.SQL("true"))
    return sql.SQL(" or ").join(parts), given


def _member(sign: str, column: str, table: str, name: str) -> sql.Composable:
    return sql.SQL(
        "{}s.{} && array(select g.id from {} g where g.org_id = %(org)s"
        " and (lower(g.name) = lower({word}) or g.id::text = {word}))"
    ).format(
        sql.SQL("not " if sign else ""),
        sql.Identifier(column),
        sql.Identifier(table),
        word=sql.Placeholder(name),
    )


def next_of(
    uow: UnitOfWork, edit_id: UUID, outcome: BulkOutcome, limit: int
) -> list[tuple[UUID, list[dict[str, Any]]]]:
    """Read the next leads of an edit that stand so, with what was done to each."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select lead_id, done from bulk_entry where org_id = %s and edit_id = %s and outcome = %s
            order by lead_id limit %s
            """,
            [uow.org(), edit_id, outcome.value, limit],
        )
        return [(row[0], row[1]) for row in cursor.fetchall()]


def settle(
    uow: UnitOfWork, edit_id: UUID, outcomes: Mapping[UUID, tuple[BulkOutcome, Sequence[Mapping[str, Any]]]]
) -> None:
    """Note what became of leads, and what was done to each."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update bulk_entry e set outcome = u.outcome, done = u.done::jsonb, updated_at = now()
            from unnest(%(ids)s::uuid[], %(outcomes)s::text[], %(done)s::text[]) u (id, outcome, done)
            where e.org_id = %(org)s and e.edit_id = %(edit)s and e.lead_id = u.id
            """,
            {
                "org": uow.org(),
                "edit": edit_id,
                "ids": list(outcomes),
                "outcomes": [outcome.value for outcome, _ in outcomes.values()],
                "done": [orjson.dumps([dict(one) for one in done]).decode() for _, done in outcomes.values()],
            },
        )


def tally(uow: UnitOfWork, edit_id: UUID) -> dict[str, int]:
    """Count an edit's leads by what became of them."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select outcome, count(*) from bulk_entry where org_id = %s and edit_id = %s group by outcome",
            [uow.org(), edit_id],
        )
        return {row[0]: int(row[1]) for row in cursor.fetchall()}


def entries(
    uow: UnitOfWork, edit_id: UUID, outcome: BulkOutcome | None, after: UUID | None, limit: int, mine: UUID | None
) -> list[EntryRow]:
    """Read what became of leads, in order of id; only those that a member has, where told so."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select e.lead_id, coalesce(s.street, h.street, ''), coalesce(s.owner, ''), e.outcome, e.done
            from bulk_entry e
            join lead l on l.org_id = e.org_id and l.id = e.lead_id
            join property h on h.org_id = l.org_id and h.id = l.property_id
            left join lead_search s on s.org_id = e.org_id and s.lead_id = e.lead_id
            where e.org_id = %(org)s and e.edit_id = %(edit)s and (%(outcome)s::text is null or e.outcome = %(outcome)s)
              and (%(after)s::uuid is null or e.lead_id > %(after)s)
              and (%(me)s::uuid is null or l.assignee_id = %(me)s)
            order by e.lead_id limit %(limit)s
            """,
            {
                "org": uow.org(),
                "edit": edit_id,
                "outcome": outcome.value if outcome else None,
                "after": after,
                "limit": limit,
                "me": mine,
            },
        )
        return [
            EntryRow(row[0], row[1], row[2], BulkOutcome(row[3]), tuple(one["summary"] for one in row[4]))
            for row in cursor.fetchall()
        ]


def count_entries(uow: UnitOfWork, edit_id: UUID, outcome: BulkOutcome | None, mine: UUID | None) -> int:
    """Count them."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select count(*) from bulk_entry e join lead l on l.org_id = e.org_id and l.id = e.lead_id
            where e.org_id = %(org)s and e.edit_id = %(edit)s and (%(outcome)s::text is null or e.outcome = %(outcome)s)
              and (%(me)s::uuid is null or l.assignee_id = %(me)s)
            """,
            {"org": uow.org(), "edit": edit_id, "outcome": outcome.value if outcome else None, "me": mine},
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def remove_before(uow: UnitOfWork, before: datetime) -> list[UUID]:
    """Remove edits that ended before an instant, with what became of each lead."""
    with uow.cursor() as cursor:
        cursor.execute("delete from bulk_edit where org_id = %s and asked_at < %s returning id", [uow.org(), before])
        return [row[0] for row in cursor.fetchall()]
