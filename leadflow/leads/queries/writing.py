"""Writes timeline entries, touches, lists, tags and tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import orjson

from leadflow.kernel.db import UnitOfWork
from leadflow.leads.types import ListRow, Moment, TagRow
from models.base import new_id


def add_moments(uow: UnitOfWork, moments: Sequence[Moment], now: datetime) -> list[UUID]:
    """Write timeline entries, in one statement."""
    ids = [new_id() for _ in moments]
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into activity (org_id, id, lead_id, at, kind, actor_id, summary, detail)
            select %s, u.id, u.lead_id, u.at, u.kind, u.actor_id, u.summary, u.detail::jsonb
            from unnest(%b::uuid[], %b::uuid[], %b::timestamptz[], %b::text[], %b::uuid[], %b::text[], %b::text[])
                 as u (id, lead_id, at, kind, actor_id, summary, detail)
            join lead l on l.org_id = %s and l.id = u.lead_id
            """,
            [
                uow.org(),
                ids,
                [moment.lead_id for moment in moments],
                [moment.at or now for moment in moments],
                [moment.kind.value for moment in moments],
                [moment.actor_id for moment in moments],
                [moment.summary for moment in moments],
                [orjson.dumps(dict(moment.detail)).decode() for moment in moments],
                uow.org(),
            ],
        )
    return ids


def touch(uow: UnitOfWork, leads: Sequence[UUID], at: datetime) -> None:
    """Move "last touch" forward on leads; never back."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update lead set last_touch_at = %(at)s, updated_at = now()
            where org_id = %(org)s and id in (
                select id from lead where org_id = %(org)s and id = any(%(ids)b)
                  and (last_touch_at is null or last_touch_at < %(at)s) order by id for no key update)
            """,
            {"at": at, "org": uow.org(), "ids": sorted(set(leads))},
        )


def show_touch(uow: UnitOfWork, leads: Sequence[UUID]) -> None:
    """Copy "last touch" from leads to their flat rows; never back."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            with old as (
                select s.lead_id, l.last_touch_at from lead_search s
                join lead l on l.org_id = s.org_id and l.id = s.lead_id
                where s.org_id = %(org)s and s.lead_id = any(%(ids)b)
                  and (s.last_touch_at is null or s.last_touch_at < l.last_touch_at)
                order by s.lead_id for no key update of s)
            update lead_search s set last_touch_at = old.last_touch_at, updated_at = now()
            from old where s.org_id = %(org)s and s.lead_id = old.lead_id
            """,
            {"org": uow.org(), "ids": sorted(set(leads))},
        )


def lists(uow: UnitOfWork, only_assignee: UUID | None) -> list[ListRow]:
    """List the lists by name, each with its size (of what an agent may see)."""
    sizes = _sizes(uow, "list", only_assignee)
    with uow.cursor() as cursor:
        cursor.execute(
            "select id, name, source from lead_list where org_id = %s order by lower(name), name", [uow.org()]
        )
        return [ListRow(row[0], row[1], row[2], sizes.get(row[0], 0)) for row in cursor.fetchall()]


def tags(uow: UnitOfWork, only_assignee: UUID | None) -> list[TagRow]:
    """List the tags by name, each with its use (of what an agent may see)."""
    sizes = _sizes(uow, "tag", only_assignee)
    with uow.cursor() as cursor:
        cursor.execute("select id, name from tag where org_id = %s order by lower(name), name", [uow.org()])
        return [TagRow(row[0], row[1], sizes.get(row[0], 0)) for row in cursor.fetchall()]


_GONE = """
    union all
    select e.{0}, -count(*) from lead l join {1} e on e.org_id = l.org_id and e.lead_id = l.id
    where l.org_id = %(org)s and l.removed_at is not null group by e.{0}
"""
_ALL_SIZES = {
    kind: f"""select g, sum(n) from (
        select {key} as g, count(*) as n from {table} where org_id = %(org)s group by {key}
        {_GONE.format(key, table)}) c group by g"""  # noqa: S608 two names of ours
    for kind, key, table in (("list", "list_id", "lead_list_entry"), ("tag", "tag_id", "lead_tag"))
}
"""From the primary key's index alone, less the few that were removed."""
_OWN_SIZES = {
    "list": """select g, count(*) from lead_search s, unnest(s.list_ids) g
               where s.org_id = %(org)s and s.assignee_id = %(me)s group by g""",
    "tag": """select g, count(*) from lead_search s, unnest(s.tag_ids) g
              where s.org_id = %(org)s and s.assignee_id = %(me)s group by g""",
}


def _sizes(uow: UnitOfWork, kind: str, only_assignee: UUID | None) -> dict[UUID, int]:
    statement = _ALL_SIZES[kind] if only_assignee is None else _OWN_SIZES[kind]
    with uow.cursor() as cursor:
        cursor.execute(statement.encode(), {"org": uow.org(), "me": only_assignee})
        return {row[0]: int(row[1]) for row in cursor.fetchall()}


def lead_ids(uow: UnitOfWork, after: UUID, limit: int) -> list[UUID]:
    """List leads in order of id."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select id from lead where org_id = %s and id > %s order by id limit %s", [uow.org(), after, limit]
        )
        return [row[0] for row in cursor.fetchall()]


def leads_of(
    uow: UnitOfWork,
    *,
    phones: Sequence[int] = (),
    people: Sequence[UUID] = (),
    properties: Sequence[UUID] = (),
) -> list[UUID]:
    """Find the leads whose flat rows depend on these numbers, people or properties."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            with persons as (
                select unnest(%(people)s::uuid[]) as id
                union select r.person_id from phone f join person_phone r on r.org_id = f.org_id and r.phone_id = f.id
                where f.org_id = %(org)s and f.e164 = any(%(phones)s::bigint[])
            ), places as (
                select unnest(%(properties)s::uuid[]) as id
                union select y.property_id from persons p
                join property_party y on y.org_id = %(org)s and y.person_id = p.id
            )
            select l.id from places p join lead l on l.org_id = %(org)s and l.property_id = p.id order by l.id
            """,
            {"org": uow.org(), "phones": list(phones), "people": list(people), "properties": list(properties)},
        )
        return [row[0] for row in cursor.fetchall()]
