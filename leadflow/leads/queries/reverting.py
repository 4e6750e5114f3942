"""Takes changes of leads back, each where the lead still is as the change left it.

What a change did stands in the ``detail`` of its entry on the timeline: see ``changing``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import sql

from leadflow.kernel.db import UnitOfWork
from leadflow.leads.queries.editing import GROUPS, Member, put_in
from models.vocabulary import LeadStatus


class Done(NamedTuple):
    """One change of one lead: its place among those given, the lead, and what it did."""

    place: int
    lead_id: UUID
    detail: Mapping[str, Any]


def statuses(uow: UnitOfWork, given: Sequence[Done]) -> dict[int, LeadStatus]:
    """Move leads back; answers where each stands again, by place."""
    rows = _given(
        uow,
        """
        update lead l set status = u.before, updated_at = now()
        from unnest(%(places)s::int[], %(ids)s::uuid[], %(before)s::text[], %(after)s::text[])
             u (place, id, before, after)
        where l.org_id = %(org)s and l.id = u.id and l.status = u.after returning u.place, l.status
        """,
        given,
        before=[one.detail["from"] for one in given],
        after=[one.detail["to"] for one in given],
    )
    return {place: LeadStatus(status) for place, status in rows}


def assignees(uow: UnitOfWork, given: Sequence[Done]) -> set[int]:
    """Give leads back to whose they were; to nobody where that member has left."""
    rows = _given(
        uow,
        """
        update lead l set updated_at = now(), assignee_id = (
            select m.user_id from membership m join "user" w on w.id = m.user_id
            where m.org_id = l.org_id and m.user_id = u.before and m.disabled_at is null and w.disabled_at is null)
        from unnest(%(places)s::int[], %(ids)s::uuid[], %(before)s::uuid[], %(after)s::uuid[])
             u (place, id, before, after)
        where l.org_id = %(org)s and l.id = u.id and l.assignee_id is not distinct from u.after returning u.place
        """,
        given,
        before=[one.detail["before"] for one in given],
        after=[one.detail["assignee_id"] for one in given],
    )
    return {row[0] for row in rows}


def memberships(uow: UnitOfWork, given: Sequence[Done]) -> set[int]:
    """Put leads back on lists and tags that they were taken off, and take them off those that they were put on.

    In this order: an edit puts on before it takes off, and is taken back from its end.
    """
    undone = set[int]()
    by_kind: dict[tuple[bool, str], list[Done]] = defaultdict(list)
    for one in given:
        joined = "joined" in one.detail
        by_kind[joined, one.detail["joined" if joined else "left"]].append(one)
    for (joined, kind), ones in sorted(by_kind.items()):
        undone |= _leave(uow, kind, ones) if joined else _rejoin(uow, kind, ones)
    return undone


def _leave(uow: UnitOfWork, kind: str, given: Sequence[Done]) -> set[int]:
    _, members, key = GROUPS[kind]
    # A file that named the lead since is a reason of its own to stay on the list.
    untouched = "and m.import_id is null and m.last_seen_at = u.at" if kind == "list" else "and u.at is not null"
    statement = sql.SQL(
        """
        delete from {} m using unnest(%(places)s::int[], %(ids)s::uuid[], %(groups)s::uuid[], %(at)s::timestamptz[])
             u (place, id, group_id, at)
        where m.org_id = %(org)s and m.lead_id = u.id and m.{} = u.group_id {} returning u.place
        """
    ).format(sql.Identifier(members), sql.Identifier(key), sql.SQL(untouched))
    rows = _given(
        uow,
        statement,
        given,
        groups=[one.detail["id"] for one in given],
        at=[one.detail["at"] for one in given],
    )
    return {row[0] for row in rows}


def _rejoin(uow: UnitOfWork, kind: str, given: Sequence[Done]) -> set[int]:
    members = [
        Member(
            one.lead_id,
            one.detail["id"],
            one.detail.get("first_seen_at"),
            one.detail.get("last_seen_at"),
            one.detail.get("by_import", one.detail.get("import_id")),
        )
        for one in given
    ]
    return {given[place].place for place in put_in(uow, kind, members)}


def _given(
    uow: UnitOfWork,
    statement: str | sql.Composed,
    given: Sequence[Done],
    **more: list[Any],
) -> list[tuple[Any, ...]]:
    params = {"org": uow.org(), "places": [one.place for one in given], "ids": [one.lead_id for one in given], **more}
    with uow.cursor() as cursor:
        cursor.execute(statement.encode() if isinstance(statement, str) else statement, params)
        return cursor.fetchall()
