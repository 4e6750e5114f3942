"""SQL of campaigns after their launch: whom to write to next, what became of everybody, when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from leadflow.campaigns.queries.drafts import MERGE, MergeRow
from leadflow.campaigns.types import RecipientRow, VariantProgress
from leadflow.kernel.db import UnitOfWork

MOVING = ("queued", "claimed", "submitting", "unknown", "accepted", "sent")
"""States of a text that has not ended, as SQL knows them; a test compares with ``messaging.rules.machine``."""
NOBODY = UUID(int=0)
"""Less than every lead's id."""
WENT_OUT = ("accepted", "sent", "delivered")
"""States of a text after which the next message of its sequence may follow."""


class Due(NamedTuple):
    """A member whose next text is to be written."""

    row: MergeRow
    position: int
    variant: str


# Member by member, by key: right after a launch nobody has counted the rows yet, and whatever may be planned for an
# empty table takes minutes for a hundred thousand people.
_FIRST = """
    select a.lead_id, a.variant, 1 as position
    from audience_member a
    where a.org_id = %(org)s and a.campaign_id = %(campaign)s and a.excluded is null and a.stopped_at is null
      and a.phone_id is not null and a.lead_id > %(after)s
      and not coalesce((select true from message n where n.org_id = a.org_id and n.campaign_id = a.campaign_id
                        and n.step = 1 and n.e164 = (select f.e164 from phone f
                                                     where f.org_id = a.org_id and f.id = a.phone_id)
                        limit 1), false)
"""
_FURTHER = """
    select a.lead_id, a.variant, m.step + 1 as position
    from audience_member a
    join phone f on f.org_id = a.org_id and f.id = a.phone_id
    join message m on m.org_id = a.org_id and m.campaign_id = a.campaign_id and m.e164 = f.e164
         and m.state = any(%(went)s)
    join campaign_step s on s.org_id = a.org_id and s.campaign_id = a.campaign_id and s.position = m.step + 1
         and m.submitted_at + s.wait_minutes * interval '1 minute' <= %(now)s
    where a.org_id = %(org)s and a.campaign_id = %(campaign)s and a.excluded is null and a.stopped_at is null
      and a.lead_id > %(after)s
      and not exists (select 1 from message n where n.org_id = a.org_id and n.campaign_id = a.campaign_id
                      and n.step = m.step + 1 and n.e164 = f.e164)
"""


def due(
    uow: UnitOfWork, campaign_id: UUID, now: datetime, limit: int, *, position: int, after: UUID = NOBODY
) -> list[Due]:
    """List members whose text of one kind is to be written, and hold them: a stop waits, or has been heeded.

    Args:
        uow: the caller's transaction.
        campaign_id: the campaign.
        now: the present instant.
        limit: members at most.
        position: 1 for the first message of those who have none; more for whatever follows a text that went out and
            whose wait is over.
        after: only members whose lead's id is greater.
    """
    found = _FIRST if position == 1 else _FURTHER
    with uow.cursor() as cursor:
        cursor.execute(
            f"{found} order by a.lead_id limit %(limit)s for no key update of a skip locked".encode(),
            {
                "org": uow.org(),
                "campaign": campaign_id,
                "now": now,
                "limit": limit,
                "went": list(WENT_OUT),
                "after": after,
            },
        )
        chosen: dict[UUID, tuple[str, int]] = {lead: (variant, step) for lead, variant, step in cursor.fetchall()}
        cursor.execute(
            f"""{MERGE.format(source="audience_member")}
            where a.org_id = %s and a.campaign_id = %s and a.lead_id = any(%s) order by a.lead_id""".encode(),
            [uow.org(), campaign_id, list(chosen)],
        )
        rows = [MergeRow(*row) for row in cursor.fetchall()]
    return [Due(row, step, variant) for row in rows for variant, step in [chosen[row.lead_id]]]


def exclude_unplanned(uow: UnitOfWork, campaign_id: UUID, why: str) -> None:
    """Note that no message is made for the members that have none yet."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update audience_member a set excluded = %s, updated_at = now()
            from phone f
            where a.org_id = %s and a.campaign_id = %s and a.excluded is null and a.stopped_at is null
              and f.org_id = a.org_id and f.id = a.phone_id
              and not exists (select 1 from message m where m.org_id = a.org_id and m.campaign_id = a.campaign_id
                              and m.step = 1 and m.e164 = f.e164)
            """,
            [why, uow.org(), campaign_id],
        )


class Open(NamedTuple):
    """What a campaign still waits for."""

    moving: bool
    """A text is not written yet, or not in an end."""
    next_due: datetime | None
    """When the first further message falls due, of those whose earlier text has gone out."""


def still_open(uow: UnitOfWork, campaign_id: UUID) -> Open:
    """Say what a campaign still waits for; with nothing it is over."""
    asked = {
        "org": uow.org(),
        "campaign": campaign_id,
        "after": NOBODY,
        "moving": list(MOVING),
        "went": list(WENT_OUT),
    }
    with uow.cursor() as cursor:
        # Cheapest first: while texts move, nobody needs to know what else there is.
        cursor.execute(
            f"""
            select exists (select 1 from message m where m.org_id = %(org)s and m.campaign_id = %(campaign)s
                           and m.state = any(%(moving)s))
                or exists ({_FIRST})
            """.encode(),  # noqa: S608 a constant of this file
            asked,
        )
        if (cursor.fetchone() or (False,))[0]:
            return Open(moving=True, next_due=None)
        cursor.execute(
            """
            select min(m.submitted_at + s.wait_minutes * interval '1 minute')
            from campaign_step s
            join message m on m.org_id = s.org_id and m.campaign_id = s.campaign_id and m.step = s.position - 1
                 and m.state = any(%(went)s)
            join phone f on f.org_id = m.org_id and f.e164 = m.e164
            join audience_member a on a.org_id = m.org_id and a.campaign_id = m.campaign_id
                 and a.phone_id = f.id and a.excluded is null and a.stopped_at is null
            where s.org_id = %(org)s and s.campaign_id = %(campaign)s and s.position > 1
              and not exists (select 1 from message n where n.org_id = m.org_id
                  and n.campaign_id = m.campaign_id and n.step = s.position and n.e164 = m.e164)
            """,
            asked,
        )
        row = cursor.fetchone()
    return Open(moving=False, next_due=row[0] if row else None)


# A member stands where its furthest text stands. A text that was held back after an earlier one went out leaves its
# member there: who was texted once and then stopped is not somebody whom nobody texted.
_FATES = """
    fate as (
        select distinct on (campaign_id, e164) campaign_id, e164, id, state, step, attempt, reasons, not_before,
               submitted_at, final_at, decision_id, error_code,
               max(step) over (partition by campaign_id, e164) as furthest,
               bool_or(state in ('accepted', 'sent', 'delivered')) over (partition by campaign_id, e164) as reached
        from message where org_id = %(org)s and campaign_id = any(%(ids)s)
          and (%(numbers)s::bigint[] is null or e164 = any(%(numbers)s))
        order by campaign_id, e164, state in ('withdrawn', 'blocked', 'expired_window'), step desc, attempt desc
    ),
    plan as (
        select c.id, c.state in ('running', 'paused') as live,
               (select count(*) from campaign_step s where s.org_id = c.org_id and s.campaign_id = c.id) as steps
        from campaign c where c.org_id = %(org)s and c.id = any(%(ids)s)
    ),
    member as (
        select a.campaign_id, a.lead_id, a.person_id, a.phone_id, a.variant, a.stopped_at, a.stopped_why, a.excluded,
               f.e164, m.id as message_id, m.reasons, m.not_before, m.submitted_at, m.final_at, m.decision_id,
               m.error_code, coalesce(m.reached, false) as reached,
               coalesce(m.step, 1) as step, coalesce(m.attempt, 1) as attempt,
               case when a.excluded is not null then 'excluded'
                    when m.state is null and a.stopped_at is not null then 'excluded'
                    when m.state is null then 'planning'
                    when m.state = 'delivered' and p.live and m.furthest = m.step and m.step < p.steps
                         and a.stopped_at is null then 'between'
                    else m.state end as state,
               case when a.excluded is not null then a.excluded
                    when m.state is null then a.stopped_why
                    when m.state in ('withdrawn', 'blocked', 'expired_window') then coalesce(m.reasons[1], m.state)
               end as withheld
        from audience_member a
        join plan p on p.id = a.campaign_id
        left join phone f on f.org_id = a.org_id and f.id = a.phone_id
        left join fate m on m.campaign_id = a.campaign_id and m.e164 = f.e164 and a.excluded is null
        where a.org_id = %(org)s and a.campaign_id = any(%(ids)s)
          and (%(leads)s::uuid[] is null or a.lead_id = any(%(leads)s))
    )
"""
_ALL = {"numbers": None, "leads": None}
"""Of these: every member, not those of one page of a list."""


def counts(uow: UnitOfWork, campaign_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """Count each frozen audience by what became of its members; every campaign's counts sum to its audience."""
    counted: dict[UUID, dict[str, int]] = {campaign_id: {} for campaign_id in campaign_ids}
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            with {_FATES}
            select campaign_id, case when state = 'excluded' then 'excluded_' || withheld else state end, count(*)
            from member group by 1, 2
            """.encode(),  # noqa: S608 constants of this file
            {"org": uow.org(), "ids": list(campaign_ids), **_ALL},
        )
        for campaign_id, state, count in cursor.fetchall():
            counted[campaign_id][state] = int(count)
    return counted


def withheld(uow: UnitOfWork, campaign_id: UUID) -> dict[str, int]:
    """Count the members that nobody texted, by the worst reason."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"with {_FATES} select withheld, count(*) from member where withheld is not null group by 1".encode(),  # noqa: S608 constants
            {"org": uow.org(), "ids": [campaign_id], **_ALL},
        )
        return {row[0]: int(row[1]) for row in cursor.fetchall()}


def by_step(uow: UnitOfWork, campaign_id: UUID) -> dict[int, dict[str, int]]:
    """Count the audience by where it stands with each message; every message's counts sum to the audience.

    Beside states of texts: ``excluded_…`` and ``planning`` as in ``counts``; ``between`` waits for this message;
    ``ended`` never gets it, because of an earlier one, a stop rule, or the campaign's end.
    """
    counted = dict[int, dict[str, int]]()
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            with {_FATES}, text as (
                select distinct on (step, e164) step, e164, state from message
                where org_id = %(org)s and campaign_id = any(%(ids)s) order by step, e164, attempt desc
            ),
            -- Texts follow one another, so the one before a text that is not there is the last that is.
            last as (select distinct on (e164) e164, state from text order by e164, step desc)
            select s.position,
                   case when a.excluded is not null then 'excluded_' || a.excluded
                        when m.state is not null then m.state
                        when a.state = 'excluded' then 'excluded_' || a.withheld
                        when a.state = 'planning' then 'planning'
                        when a.stopped_at is null and p.live and b.state = any(%(may)s) then 'between'
                        else 'ended' end,
                   count(*)
            from campaign_step s
            join member a on a.campaign_id = s.campaign_id
            join plan p on p.id = s.campaign_id
            left join text m on m.step = s.position and m.e164 = a.e164 and a.excluded is null
            left join last b on b.e164 = a.e164 and m.state is null and s.position > 1
            where s.org_id = %(org)s and s.campaign_id = any(%(ids)s)
            group by 1, 2
            """.encode(),  # noqa: S608 constants of this file
            {
                "org": uow.org(),
                "ids": [campaign_id],
                **_ALL,
                "may": [*WENT_OUT, "queued", "claimed", "submitting", "unknown"],
            },
        )
        for position, state, count in cursor.fetchall():
            counted.setdefault(position, {})[state] = int(count)
    return counted


class Heard(NamedTuple):
    """What came back from the people of an audience since its launch."""

    replied: int
    opted_out: int
    stopped: int
    followed: int | None = None
    """Who followed a link of theirs; None where no text had one of ours."""


def heard(uow: UnitOfWork, campaign_id: UUID) -> tuple[Heard, tuple[VariantProgress, ...]]:
    """Count who wrote, who opted out and whom a rule stopped; in all, and by variant."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            with {_FATES},
            since as (select launched_at as at from campaign where org_id = %(org)s and id = any(%(ids)s)),
            wrote as (
                select distinct v.e164 from inbound_message i
                join conversation v on v.org_id = i.org_id and v.id = i.conversation_id
                where i.org_id = %(org)s and i.received_at >= (select at from since)
            ),
            linked as (
                select m.e164, bool_or(l.clicked_at is not null) as followed
                from short_link l join message m on m.org_id = l.org_id and m.id = l.message_id
                where l.org_id = %(org)s and m.campaign_id = any(%(ids)s) group by 1
            ),
            left_us as (
                select distinct e164 from suppression
                where org_id = %(org)s and kind in ('opt_out', 'carrier_opt_out') and at >= (select at from since)
            )
            select a.variant, count(*), count(*) filter (where a.reached), count(w.e164), count(o.e164),
                   case when count(k.e164) > 0 then count(*) filter (where k.followed) end,
                   count(*) filter (where a.stopped_at is not null)
            from member a left join wrote w on w.e164 = a.e164 left join left_us o on o.e164 = a.e164
            left join linked k on k.e164 = a.e164
            where a.excluded is null group by 1 order by 1
            """.encode(),  # noqa: S608 constants of this file
            {"org": uow.org(), "ids": [campaign_id], **_ALL},
        )
        rows = cursor.fetchall()
    variants = tuple(VariantProgress(*row[:6]) for row in rows)
    followed = [one.followed for one in variants if one.followed is not None]
    replied, opted_out = sum(one.replied for one in variants), sum(one.opted_out for one in variants)
    return Heard(replied, opted_out, sum(row[6] for row in rows), sum(followed) if followed else None), variants


@dataclass(frozen=True, slots=True)
class Pulse:
    """How fast a campaign goes and what it has cost."""

    spent_cents_x100: int
    last_minute: int
    waiting: int
    next_at: datetime | None


def pulse(uow: UnitOfWork, campaign_id: UUID, now: datetime) -> Pulse:
    """Measure a running campaign."""
    with uow.connection().cursor(row_factory=class_row(Pulse)) as cursor:
        cursor.execute(
            """
            select coalesce(sum(cost_cents_x100) filter (
                       where submitted_at is not null and state not in ('rejected', 'queued', 'withdrawn')
                   ), 0)::bigint as spent_cents_x100,
                   count(*) filter (where submitted_at > %(since)s) as last_minute,
                   count(*) filter (where state in ('queued', 'claimed', 'submitting')) as waiting,
                   min(not_before) filter (where state = 'queued') as next_at
            from message where org_id = %(org)s and campaign_id = %(id)s
            """,
            {"since": now - timedelta(minutes=1), "org": uow.org(), "id": campaign_id},
        )
        found = cursor.fetchone()
    return found or Pulse(0, 0, 0, None)


def recipients(
    uow: UnitOfWork,
    campaign_id: UUID,
    *,
    state: str | None,
    reason: str | None,
    of_agent: UUID | None,
    after: UUID | None,
    limit: int,
) -> list[RecipientRow]:
    """List the frozen audience in order of lead id, each with state and reasons; ``reason`` asks for the worst one."""
    # Without a filter a page's members are known beforehand, and nothing is looked up of the hundred thousand others.
    page = _page(uow, campaign_id, of_agent, after, limit) if state is None and reason is None else _ALL
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            with {_FATES}, listed as (
                select m.*, case when m.state = 'excluded' then array[m.withheld]
                                 when m.stopped_why is not null
                                 then array_prepend(m.stopped_why, array_remove(m.reasons, m.stopped_why))
                                 else coalesce(m.reasons, '{{}}') end as why
                from member m
            )
            select a.lead_id, coalesce(s.street, ''), coalesce(p.name, s.owner, ''), '+' || a.e164, a.state, a.why,
                   a.not_before, a.submitted_at, a.final_at, a.message_id, coalesce(a.decision_id, d.id), a.step,
                   a.attempt, a.variant, a.error_code
            from (
                select * from listed l
                where (%(after)s::uuid is null or l.lead_id > %(after)s)
                  and (%(state)s::text is null or l.state = %(state)s)
                  and (%(reason)s::text is null or l.why[1] = %(reason)s)
                  and (%(agent)s::uuid is null or exists (
                      select 1 from lead x where x.org_id = %(org)s and x.id = l.lead_id and x.assignee_id = %(agent)s))
                order by l.lead_id limit %(limit)s
            ) a
            left join lead_search s on s.org_id = %(org)s and s.lead_id = a.lead_id
            left join person p on p.org_id = %(org)s and p.id = a.person_id
            left join lateral (select id from decision d where d.org_id = %(org)s and d.message_id = a.message_id
                               order by at desc limit 1) d on true
            order by a.lead_id
            """.encode(),  # noqa: S608 constants of this file
            {
                "org": uow.org(),
                "ids": [campaign_id],
                **page,
                "after": after,
                "state": state,
                "reason": reason,
                "agent": of_agent,
                "limit": limit,
            },
        )
        rows: list[list[Any]] = [list(row) for row in cursor.fetchall()]
    for row in rows:
        row[5] = tuple(row[5])
    return [RecipientRow(*row) for row in rows]


def _page(uow: UnitOfWork, campaign_id: UUID, of_agent: UUID | None, after: UUID | None, limit: int) -> dict[str, Any]:
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select a.lead_id, f.e164 from audience_member a
            left join phone f on f.org_id = a.org_id and f.id = a.phone_id
            where a.org_id = %(org)s and a.campaign_id = %(id)s
              and (%(after)s::uuid is null or a.lead_id > %(after)s)
              and (%(agent)s::uuid is null or exists (
                  select 1 from lead x where x.org_id = a.org_id and x.id = a.lead_id and x.assignee_id = %(agent)s))
            order by a.lead_id limit %(limit)s
            """,
            {"org": uow.org(), "id": campaign_id, "after": after, "agent": of_agent, "limit": limit},
        )
        found = cursor.fetchall()
    return {"leads": [row[0] for row in found], "numbers": [row[1] for row in found if row[1] is not None]}


class Failed(NamedTuple):
    """The last text of a member, which failed."""

    row: MergeRow
    state: str
    code: int | None
    position: int
    attempt: int
    variant: str


def failed(uow: UnitOfWork, campaign_id: UUID) -> list[Failed]:
    """List members whose furthest text ended without reaching them and who were not stopped; holds them."""
    statement = f"""
        with bad as materialized (
            select distinct on (a.lead_id) a.lead_id, a.variant, m.state, m.error_code, m.step, m.attempt
            from audience_member a
            join phone f on f.org_id = a.org_id and f.id = a.phone_id
            join message m on m.org_id = a.org_id and m.campaign_id = a.campaign_id and m.e164 = f.e164
            where a.org_id = %(org)s and a.campaign_id = %(campaign)s and a.excluded is null and a.stopped_at is null
            order by a.lead_id, m.step desc, m.attempt desc
        )
        select row.*, bad.state, bad.error_code, bad.step, bad.attempt, bad.variant
        from ({MERGE.format(source="audience_member")}
              where a.org_id = %(org)s and a.campaign_id = %(campaign)s) row
        join bad on bad.lead_id = row.lead_id and bad.state in ('failed', 'undelivered', 'failed_unknown')
        order by row.lead_id
    """  # noqa: S608 constants of this file
    with uow.cursor() as cursor:
        cursor.execute(statement.encode(), {"org": uow.org(), "campaign": campaign_id})
        return [Failed(MergeRow(*row[:-5]), *row[-5:]) for row in cursor.fetchall()]


def reopen(uow: UnitOfWork, campaign_id: UUID, send_before: datetime) -> bool:
    """Let a finished campaign run once more, for the texts that are sent anew."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update campaign set state = 'running', finished_at = null, updated_at = now(),
                   send_before = greatest(send_before, %(until)s)
            where org_id = %(org)s and id = %(id)s and state = 'finished' returning id
            """,
            {"org": uow.org(), "id": campaign_id, "until": send_before},
        )
        return cursor.fetchone() is not None
