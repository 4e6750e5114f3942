"""Reads one lead with everything that hangs on it: property, people, numbers, lists, tasks, timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row, dict_row

from leadflow.kernel.db import UnitOfWork
from leadflow.leads.card_types import Line, Party, Proof, Standing, Suppressed
from leadflow.leads.types import Membership, Named, TaskRow
from models.vocabulary import Basis, ConsentState, TaskState

_INTERNAL = frozenset({"org_id", "id", "property_key", "parcel_key", "source_digest", "created_at", "updated_at"})


def property_of(uow: UnitOfWork, property_id: UUID) -> dict[str, Any]:
    """Read a property's fields."""
    with uow.connection().cursor(row_factory=dict_row) as cursor:
        cursor.execute("select * from property where org_id = %s and id = %s", [uow.org(), property_id])
        found = cursor.fetchone() or {}
    return {name: value for name, value in found.items() if name not in _INTERNAL}


def parties(uow: UnitOfWork, property_id: UUID) -> list[Party]:
    """List the people of a property: owners first, in their order."""
    with uow.connection().cursor(row_factory=class_row(Party)) as cursor:
        cursor.execute(
            """
            select n.id, n.name, n.kind, y.roles, y.position, y.surviving_spouse,
                   n.deceased or n.deceased_on is not null as deceased,
                   concat_ws(', ', nullif(concat_ws(' ', n.mailing_street, n.mailing_unit), ''), n.mailing_city,
                             nullif(concat_ws(' ', n.mailing_state, n.mailing_zip5), '')) as mailing, n.billing_state,
                   coalesce((select array_agg(e.email order by e.email) from email_address e
                             where e.org_id = n.org_id and e.person_id = n.id), '{}') as emails
            from (select y.person_id, array_agg(y.role order by y.role) as roles, min(y.position) as position,
                         bool_or(y.surviving_spouse) as surviving_spouse,
                         min(case y.role when 'owner' then 1 when 'personal_representative' then 2 when 'heir' then 3
                             else 4 end) as place
                  from property_party y where y.org_id = %(org)s and y.property_id = %(property)s
                  group by y.person_id) y
            join person n on n.org_id = %(org)s and n.id = y.person_id
            order by y.place, y.position, n.name, n.id
            """,
            {"org": uow.org(), "property": property_id},
        )
        return cursor.fetchall()


def lines(uow: UnitOfWork, people: Sequence[UUID]) -> list[Line]:
    """List the numbers of people with where each was learnt."""
    with uow.connection().cursor(row_factory=class_row(Line)) as cursor:
        cursor.execute(
            """
            select r.person_id, f.id as phone_id, f.e164, f.line_type, f.carrier, f.status, f.score, r.rank, r.note,
                   b.filename, r.row_number, r.column, r.import_id
            from person_phone r
            join phone f on f.org_id = r.org_id and f.id = r.phone_id
            left join import_batch b on b.org_id = r.org_id and b.id = r.import_id
            where r.org_id = %s and r.person_id = any(%s)
            order by f.status in ('wrong', 'dead'), f.line_type <> 'mobile', f.score desc nulls last, r.rank, f.e164
            """,
            [uow.org(), list(people)],
        )
        return cursor.fetchall()


def suppressions(
    uow: UnitOfWork, phones: Sequence[int], people: Sequence[UUID]
) -> list[tuple[int | None, UUID | None, Suppressed]]:
    """List what stands against numbers or people now."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select e164, person_id, kind, at, source from suppression
            where org_id = %(org)s and released_at is null and kind <> 'do_not_mail'
              and (e164 = any(%(phones)s::bigint[]) or (e164 is null and person_id = any(%(people)s::uuid[])))
            order by at desc, id
            """,
            {"org": uow.org(), "phones": list(phones), "people": list(people)},
        )
        return [(row[0], row[1], Suppressed(row[2], row[3], row[4])) for row in cursor.fetchall()]


def memberships(uow: UnitOfWork, lead_id: UUID) -> list[Membership]:
    """List the lists that a lead is on."""
    with uow.connection().cursor(row_factory=class_row(Membership)) as cursor:
        cursor.execute(
            """
            select l.id, l.name, e.first_seen_at, e.last_seen_at from lead_list_entry e
            join lead_list l on l.org_id = e.org_id and l.id = e.list_id
            where e.org_id = %s and e.lead_id = %s order by lower(l.name), l.name
            """,
            [uow.org(), lead_id],
        )
        return cursor.fetchall()


def proofs(uow: UnitOfWork, phones: Sequence[int]) -> dict[int, Proof]:
    """Read what speaks for numbers: the best standing consent, else the latest; and the latest do-not-call look-up."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select n.e164, k.basis, k.given_at, k.state, s.as_of
            from unnest(%(phones)s::bigint[]) n (e164)
            left join lateral (
                select c.basis, c.given_at, case when c.revoked_at is not null then 'revoked'
                       when c.expires_at <= %(now)s then 'expired' else 'standing' end as state
                from consent c where c.org_id = %(org)s and c.e164 = n.e164
                order by c.revoked_at is not null, coalesce(c.expires_at <= %(now)s, false), c.basis desc,
                         c.given_at desc limit 1) k on true
            left join lateral (
                select max(r.as_of) as as_of from scrub_result r
                where r.org_id = %(org)s and r.e164 = n.e164 and r.list in ('national_dnc', 'state_dnc')) s on true
            """,
            {"org": uow.org(), "phones": list(phones), "now": uow.now()},
        )
        return {
            row[0]: Proof(Standing(Basis(row[1]), row[2], ConsentState(row[3])) if row[1] else None, row[4])
            for row in cursor.fetchall()
        }


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which tasks to read."""

    lead_id: UUID | None = None
    only_mine: UUID | None = None
    """Tasks of this user, or of leads that are this user's."""
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 200


def tasks(uow: UnitOfWork, wanted: TaskQuery, now: datetime) -> list[TaskRow]:
    """Read tasks: of a lead all, open first; otherwise the open ones that are due within the span, soonest first."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select k.id, k.title, k.due_at, k.state, k.assignee_id, u.name, k.done_at, k.lead_id,
                   coalesce(s.street, ''), coalesce(s.owner, '')
            from task k
            left join "user" u on u.id = k.assignee_id
            left join lead_search s on s.org_id = k.org_id and s.lead_id = k.lead_id
            where k.org_id = %(org)s
              and (%(lead)s::uuid is null or k.lead_id = %(lead)s)
              and (%(lead)s::uuid is not null or k.state = 'open' and (k.lead_id is null or s.lead_id is not null))
              and (%(me)s::uuid is null or k.assignee_id = %(me)s or s.assignee_id = %(me)s)
              and (%(since)s::timestamptz is null or k.due_at >= %(since)s)
              and (%(until)s::timestamptz is null or k.due_at < %(until)s)
            order by k.state = 'done', case when k.state = 'open' then k.due_at end nulls last, k.done_at desc, k.id
            limit %(limit)s
            """,
            {
                "org": uow.org(),
                "lead": wanted.lead_id,
                "me": wanted.only_mine,
                "since": wanted.since,
                "until": wanted.until,
                "limit": wanted.limit,
            },
        )
        return [task_row(row, now) for row in cursor.fetchall()]


def task_row(row: Sequence[Any], now: datetime) -> TaskRow:
    """Make a task of the columns that ``tasks`` reads."""
    state, due_at = TaskState(row[3]), row[2]
    return TaskRow(
        id=row[0],
        title=row[1],
        due_at=due_at,
        state=state,
        assignee=Named(row[4], row[5] or "") if row[4] else None,
        done_at=row[6],
        lead_id=row[7],
        street=row[8],
        owner=row[9],
        overdue=state is TaskState.OPEN and due_at is not None and due_at < now,
    )


def waiting_replies(uow: UnitOfWork, only_mine: UUID | None) -> int:
    """Count conversations with a text that nobody has read."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select count(*) from conversation c
            left join lead l on l.org_id = c.org_id and l.id = c.lead_id
            where c.org_id = %(org)s
              and (c.unread > 0 and c.snoozed_until is null or c.snoozed_until <= %(now)s)
              and (%(me)s::uuid is null or l.assignee_id = %(me)s or c.assignee_id = %(me)s)
            """,
            {"org": uow.org(), "me": only_mine, "now": uow.now()},
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def end_of_day(uow: UnitOfWork, now: datetime, days: int = 0) -> datetime:
    """Tell when the day of ``now`` ends by the team's clock, or that of so many days later."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select (date_trunc('day', %s::timestamptz at time zone timezone) + %s * interval '1 day')
                   at time zone timezone
            from organization where id = %s
            """,
            [now, days + 1, uow.org()],
        )
        row = cursor.fetchone()
    return row[0] if row else now


def survivor(uow: UnitOfWork, lead_id: UUID) -> UUID | None:
    """Name the lead into which one was merged; None where it was not."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select survivor_id from merged_record where org_id = %s and loser_id = %s and subject = 'lead'",
            [uow.org(), lead_id],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def sources(uow: UnitOfWork, only_mine: UUID | None) -> list[str]:
    """List where leads came from, by name."""
    with uow.cursor() as cursor:
        cursor.execute(_OWN_SOURCES if only_mine else _ALL_SOURCES, {"org": uow.org(), "me": only_mine})
        return [row[0] for row in cursor.fetchall()]


_ALL_SOURCES = b"""
    with recursive hop as (
        (select source from lead_search where org_id = %(org)s and source > '' order by source limit 1)
        union all
        select (select s.source from lead_search s where s.org_id = %(org)s and s.source > h.source
                order by s.source limit 1) from hop h where h.source is not null
    )
    select source from hop where source is not null
"""
"""Hops through the index from one value to the next: a few values among a million leads."""
_OWN_SOURCES = b"""
    select distinct source from lead_search
    where org_id = %(org)s and assignee_id = %(me)s and source > '' order by source
"""
