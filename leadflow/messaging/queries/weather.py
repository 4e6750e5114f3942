"""SQL of the weather: how the last texts of a campaign or of a number were taken. Reads at most a window of rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadflow.kernel.db import UnitOfWork
from leadflow.messaging.rules.weather import FILTERED_CODES, OPT_OUT_CODES
from leadflow.messaging.types import Limits, Seen


class Counted(NamedTuple):
    """Texts of one part of the window.

    Attributes:
        by: ``all``, ``template``, ``number`` or ``carrier``.
        key: which: ``1 A`` for step and variant, a number's id, a carrier's name.
        label: in words.
        seen: what is known of them.
    """

    by: str
    key: str
    label: str
    seen: Seen


class Stand(NamedTuple):
    """By what a campaign is judged: the limits of its organisation, and since when."""

    limits: Limits
    since: datetime | None


def limits(uow: UnitOfWork) -> Limits:
    """Read the organisation's limits."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select weather_window, weather_filtered_pct, weather_opted_out_pct from organization where id = %s",
            [uow.org()],
        )
        row = cursor.fetchone()
    return Limits(*row) if row else Limits(500, 5, 3)


def stand(uow: UnitOfWork, campaign_id: UUID) -> Stand | None:
    """Read by what a running campaign is judged; None for one that does not run."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select o.weather_window, o.weather_filtered_pct, o.weather_opted_out_pct, c.weather_since
            from campaign c join organization o on o.id = c.org_id
            where c.org_id = %s and c.id = %s and c.state = 'running'
            """,
            [uow.org(), campaign_id],
        )
        row = cursor.fetchone()
    return Stand(Limits(*row[:3]), row[3]) if row else None


def since(uow: UnitOfWork, campaign_id: UUID) -> datetime | None:
    """Read when a campaign's window began."""
    with uow.cursor() as cursor:
        cursor.execute("select weather_since from campaign where org_id = %s and id = %s", [uow.org(), campaign_id])
        row = cursor.fetchone()
    return row[0] if row else None


def campaigns_of(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, int]:
    """Count texts by their campaign, of the campaigns that run."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select m.campaign_id, count(*) from message m
            join campaign c on c.org_id = m.org_id and c.id = m.campaign_id and c.state = 'running'
            where m.org_id = %s and m.id = any(%s) group by 1
            """,
            [uow.org(), list(ids)],
        )
        return {row[0]: int(row[1]) for row in cursor.fetchall()}


def hold(uow: UnitOfWork, campaign_ids: Collection[UUID]) -> frozenset[UUID]:
    """Hold campaigns that run, in the order of their ids: nobody else judges them, and no batch of theirs begins."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select id from campaign where org_id = %s and id = any(%s) and state = 'running'
            order by id for no key update
            """,
            [uow.org(), list(campaign_ids)],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def hold_numbers(uow: UnitOfWork) -> None:
    """Hold the organisation's numbers: whoever holds both takes them before campaigns, as a batch does."""
    with uow.cursor() as cursor:
        cursor.execute("select id from sender_number where org_id = %s order by id for no key update", [uow.org()])


# What a text tells: a carrier's word counts in an end that is one, and a person's whenever it came.
_TOLD = """
    m.step, coalesce(m.variant, %(only)s) as variant, m.sender_number_id, m.phone_id,
    m.state in ('undelivered', 'failed', 'rejected') and m.error_code = any(%(filtered)s) as filtered,
    m.opted_out_at is not null
        or m.state in ('undelivered', 'failed', 'rejected') and m.error_code = any(%(opted)s) as opted_out
"""
_KNOWN = """
    m.submitted_at is not null and least(m.final_at, m.opted_out_at) is not null
    and (m.opted_out_at is not null or m.state in ('delivered', 'undelivered', 'failed', 'rejected'))
"""
OF_CAMPAIGN = f"""
    select {_TOLD} from message m
    where m.org_id = %(org)s and m.campaign_id = %(campaign)s and {_KNOWN}
      and (%(since)s::timestamptz is null
           or least(m.final_at, m.opted_out_at) > %(since)s and m.submitted_at > %(since)s)
    order by least(m.final_at, m.opted_out_at) desc limit %(window)s
"""  # noqa: S608 constants of this file
"""The window of a campaign: ``ix_message_weather`` in its own order, so that a long campaign costs no more."""
OF_NUMBERS = f"""
    select x.* from sender_number s cross join lateral (
        select {_TOLD} from message m
        where m.org_id = s.org_id and m.sender_number_id = s.id and {_KNOWN}
        order by m.submitted_at desc limit %(window)s) x
    where s.org_id = %(org)s
"""  # noqa: S608 constants of this file
"""The last texts of each number: ``ix_message_sender`` from its newest end."""
_COUNTS = "count(*), count(*) filter (where filtered), count(*) filter (where opted_out)"


def _values(uow: UnitOfWork, window: int) -> dict[str, object]:
    return {
        "org": uow.org(),
        "window": window,
        "only": "A",
        "filtered": list(FILTERED_CODES),
        "opted": list(OPT_OUT_CODES),
    }


def seen(uow: UnitOfWork, campaign_id: UUID, window: int, since: datetime | None) -> Seen:
    """Count the last texts of a campaign."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"with recent as ({OF_CAMPAIGN}) select {_COUNTS} from recent".encode(),  # noqa: S608 constants
            {**_values(uow, window), "campaign": campaign_id, "since": since},
        )
        row = cursor.fetchone()
    return Seen(*row) if row else Seen(0, 0, 0)


def of_campaign(uow: UnitOfWork, campaign_id: UUID, window: int, since: datetime | None) -> list[Counted]:
    """Count the last texts of a campaign: all, and by template, number and carrier."""
    return _parts(uow, OF_CAMPAIGN, {**_values(uow, window), "campaign": campaign_id, "since": since})


def of_numbers(uow: UnitOfWork, window: int) -> list[Counted]:
    """Count the last texts of each number, whatever they belonged to, by number and carrier."""
    return [one for one in _parts(uow, OF_NUMBERS, _values(uow, window)) if one.by != "template"]


def _parts(uow: UnitOfWork, recent: str, values: Mapping[str, object]) -> list[Counted]:
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            with recent as ({recent}), told as (
                select r.*, coalesce(nullif(trim(f.carrier), ''), 'unknown') as carrier
                from recent r left join phone f on f.org_id = %(org)s and f.id = r.phone_id
            )
            select case t.level when 1 then 'all' when 2 then 'template' when 3 then 'number' else 'carrier' end,
                   coalesce(t.step || ' ' || t.variant, t.sender_number_id::text, t.carrier, ''),
                   coalesce(t.step || ' ' || t.variant, nullif(s.label, ''), '+' || s.e164, t.carrier, ''),
                   t.texts, t.filtered, t.opted_out
            from (
                select step, variant, sender_number_id, carrier, count(*) as texts,
                       count(*) filter (where filtered) as filtered, count(*) filter (where opted_out) as opted_out,
                       case when grouping(step) = 0 then 2 when grouping(sender_number_id) = 0 then 3
                            when grouping(carrier) = 0 then 4 else 1 end as level
                from told group by grouping sets ((), (step, variant), (sender_number_id), (carrier))
            ) t left join sender_number s on s.org_id = %(org)s and s.id = t.sender_number_id
            """.encode(),  # noqa: S608 constants
            dict(values),
        )
        return [Counted(row[0], row[1], row[2], Seen(*row[3:])) for row in cursor.fetchall()]


class Last(NamedTuple):
    """The text that somebody answers."""

    message_id: UUID
    campaign_id: UUID | None


def last_text(uow: UnitOfWork, sender_id: UUID, e164: str) -> Last | None:
    """Find the last text that somebody had from one of our numbers, confirmations apart."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select id, campaign_id from message
            where org_id = %s and e164 = %s and sender_number_id = %s and submitted_at is not null
              and purpose <> 'confirmation'
            order by submitted_at desc, id desc limit 1
            """,
            [uow.org(), int(e164), sender_id],
        )
        row = cursor.fetchone()
    return Last(*row) if row else None


def opted_out(uow: UnitOfWork, ids: Sequence[UUID], now: datetime) -> int:
    """Note that texts were answered by an opt-out; one that was so before keeps its instant."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update message set opted_out_at = %s, updated_at = now()
            where org_id = %s and id = any(%s) and opted_out_at is null
            """,
            [now, uow.org(), list(ids)],
        )
        return cursor.rowcount
