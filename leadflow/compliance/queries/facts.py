"""The one statement that gathers facts, for one recipient or for a whole audience, as of one instant.

Set-wise throughout: every source is read once for all recipients and joined by number or person, so that Postgres
walks indexes for a handful and hashes for a hundred thousand. It holds no rule: what a fact means is ``rules.gate``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import sql

from leadflow.compliance.queries import past
from leadflow.compliance.rules.places import places
from leadflow.compliance.types import Facts, Recipient, Sending
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import Purpose

SMALL = 500
"""Up to here Postgres may keep one plan; beyond, it plans for the very number of recipients."""
KEPT_TOUCHES = 12
"""More contacts than any cap counts. Own choice."""

_RECIPIENTS = """
    r as materialized (
        select u.n, u.lead_id, u.property_id, u.person_id, u.message_id,
               coalesce(f.id, g.id) as phone_id, coalesce(f.e164, g.e164, u.e164) as e164,
               coalesce(f.line_type, g.line_type) as line_type, coalesce(f.status, g.status) as status
        from unnest(%(n)b::int[], %(leads)b::uuid[], %(properties)b::uuid[], %(people)b::uuid[], %(phones)b::uuid[],
                    %(numbers)b::bigint[], %(messages)b::uuid[])
             as u (n, lead_id, property_id, person_id, phone_id, e164, message_id)
        left join {phone} f on f.org_id = %(org)s and f.id = u.phone_id
        left join {phone} g on g.org_id = %(org)s and u.phone_id is null and g.e164 = u.e164
    ),
    who as materialized (
        select n, person_id from r where person_id is not null
        union
        select r.n, pp.person_id from r join {person_phone} pp on pp.org_id = %(org)s and pp.phone_id = r.phone_id
        {become}
    )"""
"""``who``: the person in question and everybody else who is reached at the number."""

_SUPPRESSED = """
    s as (
        select n, array_agg(distinct kind) as kinds,
               max(at) filter (where kind in ('opt_out', 'carrier_opt_out')) as opted_out_at
        from (
            select r.n, x.kind, x.at from r join suppression x on x.org_id = %(org)s and x.e164 = r.e164 where {active}
            union all
            select w.n, x.kind, x.at from who w
            join suppression x on x.org_id = %(org)s and x.person_id = w.person_id where {active}
        ) z group by n
    )"""

_SCRUBBED = """
    c as (
        select e164,
               case when bool_or(list = 'national_dnc' and verdict = 'listed') then 'listed'
                    when bool_or(list = 'national_dnc' and verdict = 'clean') then 'clean'
                    when bool_or(list = 'national_dnc') then 'no_data' end as national,
               coalesce(max(as_of) filter (where list = 'national_dnc' and verdict = 'listed'),
                        max(as_of) filter (where list = 'national_dnc' and verdict = 'clean'),
                        max(as_of) filter (where list = 'national_dnc')) as national_at,
               array_agg(distinct list) filter (where list <> 'national_dnc' and verdict = 'listed') as listed,
               max(array[as_of, consent_date::timestamptz])
                   filter (where list = 'reassigned' and verdict = 'clean') as unchanged
        from (
            select distinct on (x.e164, x.list, x.provider) x.e164, x.list, x.verdict, x.as_of, x.consent_date
            from scrub_result x
            where x.org_id = %(org)s and x.e164 in (select e164 from r) and x.as_of <= %(at)s {recorded}
            order by x.e164, x.list, x.provider, x.as_of desc, (x.verdict = 'listed') desc, x.recorded_at desc
        ) z group by e164
    )"""
"""Each provider's last word on each list; a number is listed when any of them says so.

``unchanged``: of the clean look-ups of reassigned numbers the last, and the day from which on it asked."""

_CONSENTED = """
    k as (
        select n, array_agg(id order by given_at, id) as ids,
               max(given_at) filter (where basis = 'written_consent' and not revoked and not lapsed) as written_at,
               max(given_at) filter (where basis = 'existing_relationship' and not revoked and not lapsed)
                   as relationship_at,
               max(given_at) filter (where basis = 'inquiry' and not revoked and not lapsed) as inquiry_at,
               bool_or(revoked) as revoked, bool_or(lapsed and not revoked) as lapsed
        from (
            select r.n, x.id, x.basis, x.given_at, {revoked} as revoked,
                   x.expires_at is not null and x.expires_at <= %(at)s as lapsed
            from r join consent x on x.org_id = %(org)s and x.e164 = r.e164 and x.channel = %(channel)s
            where (x.person_id is null or r.person_id is null or x.person_id = r.person_id {given_as})
              and x.given_at <= %(at)s {recorded}
        ) z group by n
    )"""
"""A consent counts for the person who gave it, at the number it was given for."""

_TOUCHED = """
    t as (
        select n, (array_agg(at order by at desc))[1:{kept}] as touches
        from (
            select r.n, m.id, m.submitted_at as at from r
            join {message} m on m.org_id = %(org)s and m.e164 = r.e164 and m.submitted_at > %(since)s
                 and m.id is distinct from r.message_id and m.state <> 'rejected' {submitted}
            union
            select w.n, m.id, m.submitted_at from who w join r on r.n = w.n
            join {message} m on m.org_id = %(org)s and m.person_id = w.person_id and m.submitted_at > %(since)s
                 and m.id is distinct from r.message_id and m.state <> 'rejected' {submitted}
            union
            select r.n, k.id, k.at from r
            join phone_call k on k.org_id = %(org)s and k.e164 = r.e164 and k.at > %(since)s
                 and k.id is distinct from r.message_id {called}
            union
            select w.n, k.id, k.at from who w join r on r.n = w.n
            join phone_call k on k.org_id = %(org)s and k.person_id = w.person_id and k.at > %(since)s
                 and k.id is distinct from r.message_id {called}
        ) z group by n
    )"""
"""Texts and calls to anybody who is reached at the number; what the carrier refused never reached anyone."""

_REPEATED = """
    y as (
        select r.n from r
        join {message} m on m.org_id = %(org)s and m.campaign_id = %(campaign)s and m.step = %(step)s
             and m.e164 = r.e164 and m.submitted_at is not null
             and m.id is distinct from r.message_id and m.state <> 'rejected' {submitted} and {earlier}
        union
        select r.n from r
        join {message} m on m.org_id = %(org)s and m.person_id = r.person_id and m.campaign_id = %(campaign)s
             and m.step = %(step)s and m.submitted_at is not null and m.id is distinct from r.message_id
             and m.state <> 'rejected' {submitted} and {earlier}
    )"""
_ATTEMPT = """m.attempt >= coalesce((select k.attempt from message k
                                     where k.org_id = %(org)s and k.id = r.message_id), 1)"""
"""A later attempt is written only where it is proved that nobody got the earlier one, so that one does not count."""

_CONFIRMED = """
    y as (
        select distinct r.n from r join s on s.n = r.n
        join {message} m on m.org_id = %(org)s and m.e164 = r.e164 and m.purpose = 'confirmation'
             and m.submitted_at >= s.opted_out_at and m.id is distinct from r.message_id {submitted}
    )"""

_NOTHING_YET = "y as (select null::int as n where false)"

_HEARD = """
    i as (
        select r.n, max(x.received_at) as inbound_at from r
        join conversation v on v.org_id = %(org)s and v.e164 = r.e164
        join inbound_message x on x.org_id = v.org_id and x.conversation_id = v.id and x.received_at <= %(at)s
        group by r.n
    )"""

_NOT_HEARD = "i as (select null::int as n, null::timestamptz as inbound_at where false)"
"""Only an answer to the person may lean on their own text."""

_MOURNED = """
    h as (
        select pp.property_id, max(p.deceased_on) as died_on, bool_or(p.deceased_on is null) as undated
        from {property_party} pp join {person} p on p.org_id = pp.org_id and p.id = pp.person_id
        where pp.org_id = %(org)s and pp.role = 'decedent'
          and pp.property_id in (select property_id from r)
        group by pp.property_id
    )"""
"""Who died is read of the property: its heirs may not be texted for a while, whoever they are."""

_SELECT = """
    select '+' || r.e164::text, r.line_type, r.status, l.status, p.id is not null, p.kind,
           coalesce(p.deceased or p.deceased_on is not null, false),
           exists (select 1 from {property_party} d
                   where d.org_id = %(org)s and d.person_id = r.person_id and d.role = 'decedent'),
           o.roles, coalesce(s.kinds, '{{}}'), s.opted_out_at, c.national, c.national_at, coalesce(c.listed, '{{}}'),
           c.unchanged[1], c.unchanged[2],
           coalesce(k.ids, '{{}}'), k.written_at, k.relationship_at, k.inquiry_at,
           coalesce(k.revoked, false), coalesce(k.lapsed, false), coalesce(t.touches, '{{}}'), y.n is not null,
           i.inbound_at, greatest(h.died_on, q.decedent_died_on),
           coalesce(h.undated and q.decedent_died_on is null, false),
           q.probate_filed_on, coalesce(o.spouse, false), q.zip5, q.state, p.mailing_state,
           p.billing_state
    from r
    left join {lead} l on l.org_id = %(org)s and l.id = r.lead_id
    left join {property} q on q.org_id = %(org)s and q.id = r.property_id
    left join {person} p on p.org_id = %(org)s and p.id = r.person_id
    left join (
        select r.n, array_agg(pp.role order by pp.role) as roles, bool_or(pp.surviving_spouse) as spouse from r
        join {property_party} pp on pp.org_id = %(org)s and pp.property_id = r.property_id
             and pp.person_id = r.person_id
        group by r.n
    ) o on o.n = r.n
    left join h on h.property_id = r.property_id
    left join s on s.n = r.n
    left join c on c.e164 = r.e164
    left join k on k.n = r.n
    left join t on t.n = r.n
    left join y on y.n = r.n
    left join i on i.n = r.n
    order by r.n"""

_MAY_LEAN = frozenset({Purpose.MANUAL_REPLY, Purpose.CONFIRMATION, Purpose.CALL})
_OWN = 29
"""Columns that stand in the row as they stand in ``Facts``, after ``sending``."""


@dataclass(frozen=True, slots=True)
class Moment:
    """For which instant facts are asked, and how far back contacts count.

    Attributes:
        at: the instant that the rules judge.
        span: the longest frequency cap.
        past: read the records as they stood at ``at``, instead of as they stand now.
    """

    at: datetime
    span: timedelta
    past: bool = False


def statement(sending: Sending, *, then: bool) -> sql.SQL:
    """Write the statement for one kind of question, of the records as they stand or as they stood then."""
    if sending.purpose is Purpose.CONFIRMATION:
        repeated = _CONFIRMED
    else:
        repeated = _REPEATED if sending.campaign_id else _NOTHING_YET
    heard = _HEARD if sending.purpose in _MAY_LEAN else _NOT_HEARD
    parts = (_RECIPIENTS, _SUPPRESSED, _SCRUBBED, _CONSENTED, _TOUCHED, repeated, heard, _MOURNED)
    text = "with" + ",".join(parts) + _SELECT
    filled = text.format(kept=KEPT_TOUCHES, earlier=_ATTEMPT, **(_THEN if then else _NOW))
    return sql.SQL(filled)  # pyright: ignore[reportArgumentType] made of the constants above


_NOW = past.NOW | {
    "active": "x.released_at is null",
    "recorded": "",
    "revoked": "x.revoked_at is not null",
    "submitted": "",
    "called": "",
    "become": "",
    "given_as": "",
}
_THEN = past.then(
    phones="select phone_id from r",
    people="select person_id from r where person_id is not null",
    properties="select property_id from r",
) | {
    "active": "x.at <= %(at)s and (x.released_at is null or x.released_at > %(at)s)",
    "recorded": "and x.recorded_at <= %(at)s",
    "revoked": "x.revoked_at is not null and x.revoked_at <= %(at)s",
    "submitted": "and m.submitted_at <= %(at)s",
    "called": "and k.at <= %(at)s",
    # What was said of or to somebody who was merged since is on record under who it is today.
    "become": """
        union
        select r.n, z.survivor_id from r join merged_record z on z.org_id = %(org)s and z.loser_id = r.person_id
        union
        select r.n, z.survivor_id from r
        join {person_phone} pp on pp.org_id = %(org)s and pp.phone_id = r.phone_id
        join merged_record z on z.org_id = %(org)s and z.loser_id = pp.person_id""",
    "given_as": """or exists (select 1 from merged_record z where z.org_id = %(org)s and z.loser_id = r.person_id
                                           and z.survivor_id = x.person_id)""",
}
_THEN["become"] = _THEN["become"].format(person_phone=_THEN["person_phone"])


def load(uow: UnitOfWork, sending: Sending, recipients: Sequence[Recipient], moment: Moment) -> list[Facts]:
    """Gather the facts of every recipient, in the order given."""
    return [facts(sending, *pair) for pair in zip(rows(uow, sending, recipients, moment), recipients, strict=True)]


def rows(uow: UnitOfWork, sending: Sending, recipients: Sequence[Recipient], moment: Moment) -> list[tuple[Any, ...]]:
    """Run the statement."""
    # Binary, because a hundred thousand rows of instants and ids are read faster so.
    with uow.connection().cursor(binary=True) as cursor:
        if len(recipients) > SMALL:
            # Hashing an audience in 4 MB would spill to disk; transaction-local.
            cursor.execute("select set_config('work_mem', '128MB', true)")
        cursor.execute(
            statement(sending, then=moment.past),
            _parameters(uow, sending, recipients, moment),
            prepare=None if len(recipients) <= SMALL else False,
        )
        return cursor.fetchall()


def _parameters(uow: UnitOfWork, sending: Sending, recipients: Sequence[Recipient], moment: Moment) -> dict[str, Any]:
    return {
        "org": uow.org(),
        "n": list(range(len(recipients))),
        "leads": [one.lead_id for one in recipients],
        "properties": [one.property_id for one in recipients],
        "people": [one.person_id for one in recipients],
        "phones": [one.phone_id for one in recipients],
        "numbers": [None if one.e164 is None else int(one.e164[1:]) for one in recipients],
        "messages": [one.message_id for one in recipients],
        "at": moment.at,
        "since": moment.at - moment.span,
        "channel": sending.channel.value,
        "campaign": sending.campaign_id,
        "step": sending.step,
    }


def facts(sending: Sending, row: tuple[Any, ...], recipient: Recipient) -> Facts:
    """Turn one row into facts; the place is looked up here, never guessed."""
    hints = row[_OWN:]
    return Facts._make((sending, *row[:_OWN], recipient.send_before, places(row[0], *hints), *hints))
