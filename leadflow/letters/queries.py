"""SQL of mailing lists: the audience page by page, what stands against mail, and the bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from leadflow.kernel.db import UnitOfWork
from leadflow.letters.rules import NO_LETTER
from leadflow.letters.types import Address, Addressee

NOT_TEXTED = ("blocked", "expired_window", "rejected", "undelivered", "failed", "failed_unknown")
"""States of a text that reached nobody."""


@dataclass(frozen=True, slots=True)
class Picked:
    """A lead of an audience, with the number that a text would have gone to."""

    lead_id: UUID
    property_id: UUID
    person_id: UUID | None
    phone_id: UUID | None
    reason: str
    """Why the campaign did not text it; empty of a filter, where the gate is asked."""


def of_filter(
    uow: UnitOfWork, where: sql.Composable, given: Mapping[str, Any], after: UUID, limit: int
) -> list[Picked]:
    """Read the next leads of a filter."""
    statement = sql.SQL(
        """
        select s.lead_id, s.property_id, s.best_person_id as person_id, s.best_phone_id as phone_id, '' as reason
        from lead_search s where s.org_id = %(org)s and {} and s.lead_id > %(after)s order by s.lead_id limit %(limit)s
        """
    ).format(where)
    with uow.connection().cursor(row_factory=class_row(Picked)) as cursor:
        cursor.execute(statement, {**given, "org": uow.org(), "after": after, "limit": limit}, prepare=False)
        return cursor.fetchall()


_BLOCKED = """
    select a.lead_id, a.property_id, a.person_id, a.phone_id, coalesce(a.excluded, m.reason, '') as reason
    from audience_member a
    left join lateral (
        select m.state, coalesce(m.reasons[1], case when m.state <> 'blocked' then m.state end) as reason
        from phone f join message m on m.org_id = a.org_id and m.campaign_id = a.campaign_id and m.e164 = f.e164
        where f.org_id = a.org_id and f.id = a.phone_id order by m.step, m.created_at desc limit 1) m on true
    where a.org_id = %(org)s and a.campaign_id = %(campaign)s
      and (a.excluded is not null and a.excluded <> 'covered' or m.state = any(%(states)s))
      and (%(reason)s::text is null or coalesce(a.excluded, m.reason) = %(reason)s)
"""


def of_campaign(uow: UnitOfWork, campaign_id: UUID, reason: str | None, after: UUID, limit: int) -> list[Picked]:
    """Read the next leads that a campaign did not text."""
    with uow.connection().cursor(row_factory=class_row(Picked)) as cursor:
        cursor.execute(
            (_BLOCKED + " and a.lead_id > %(after)s order by a.lead_id limit %(limit)s").encode(),
            {
                "org": uow.org(),
                "campaign": campaign_id,
                "states": list(NOT_TEXTED),
                "reason": reason,
                "after": after,
                "limit": limit,
            },
        )
        return cursor.fetchall()


def count_of_campaign(uow: UnitOfWork, campaign_id: UUID, reason: str | None) -> int:
    """Count the leads that a campaign did not text."""
    given = {"org": uow.org(), "campaign": campaign_id, "states": list(NOT_TEXTED), "reason": reason}
    with uow.cursor() as cursor:
        cursor.execute(f"select count(*) from ({_BLOCKED}) z".encode(), given)  # noqa: S608 a constant
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def launched(uow: UnitOfWork, campaign_id: UUID) -> bool | None:
    """Say whether a campaign was launched; None where there is none."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select launched_at is not null from campaign where org_id = %s and id = %s", [uow.org(), campaign_id]
        )
        row = cursor.fetchone()
    return bool(row[0]) if row else None


def addressees(uow: UnitOfWork, leads: Sequence[UUID], reasons: Mapping[UUID, str]) -> dict[UUID, list[Addressee]]:
    """Read who stands to the properties of these leads and may own them, by lead; owners first."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select l.id, n.id, n.name, n.mailing_street, n.mailing_unit, n.mailing_city, n.mailing_state,
                   n.mailing_zip5, q.street, q.unit, q.city, q.state, q.zip5, q.mailable, q.property_key,
                   n.deceased or n.deceased_on is not null or exists (
                       select 1 from property_party d where d.org_id = n.org_id and d.person_id = n.id
                       and d.role = 'decedent'),
                   exists (select 1 from suppression s where s.org_id = n.org_id and s.released_at is null
                           and s.person_id = n.id and s.kind = any(%(kinds)s))
                   or exists (select 1 from person_phone pp
                              join phone f on f.org_id = pp.org_id and f.id = pp.phone_id
                              join suppression s on s.org_id = f.org_id and s.e164 = f.e164 and s.released_at is null
                                   and s.kind = any(%(kinds)s)
                              where pp.org_id = n.org_id and pp.person_id = n.id)
            from lead l
            join property q on q.org_id = l.org_id and q.id = l.property_id
            join (select org_id, property_id, person_id, min(position) as position,
                         min(case role when 'owner' then 1 when 'personal_representative' then 2 else 3 end) as place
                  from property_party where org_id = %(org)s and role in ('owner', 'heir', 'personal_representative')
                  group by 1, 2, 3) y on y.org_id = q.org_id and y.property_id = q.id
            join person n on n.org_id = y.org_id and n.id = y.person_id
            where l.org_id = %(org)s and l.id = any(%(leads)s) and l.removed_at is null
            order by l.id, y.place, y.position, n.name, n.id
            """,
            {"org": uow.org(), "leads": list(leads), "kinds": [kind.value for kind in NO_LETTER]},
        )
        rows = cursor.fetchall()
    found: dict[UUID, list[Addressee]] = {}
    for row in rows:
        mailing, home = (Address(*(part or "" for part in row[start : start + 5])) for start in (3, 8))
        one = Addressee(
            row[0], row[1], row[2], mailing, home, row[13], row[14], row[15], row[16], reasons.get(row[0], "")
        )
        found.setdefault(row[0], []).append(one)
    return found


def closed_addresses(uow: UnitOfWork) -> frozenset[str]:
    """Read the keys of addresses that want no mail."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select address_key from suppression where org_id = %s and released_at is null and address_key is not null",
            [uow.org()],
        )
        return frozenset(row[0] for row in cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Kept:
    """A mailing list as it is kept, with its job."""

    id: UUID
    campaign_id: UUID | None
    campaign: str
    audience_filter: dict[str, Any]
    reason: str | None
    asked_at: datetime
    actor_id: UUID | None
    asked_by: str
    made_at: datetime | None
    size_bytes: int | None
    sha256: str | None
    counts: dict[str, Any]
    job_state: str | None
    job_done: int | None
    job_total: int | None
    job_error: str | None


_KEPT = """
    select x.id, x.campaign_id, coalesce(c.name, '') as campaign, x.audience_filter, x.reason, x.asked_at, x.actor_id,
           coalesce(u.name, '') as asked_by, x.made_at, x.size_bytes, x.sha256, x.counts,
           j.state as job_state, j.done as job_done, j.total as job_total, j.error as job_error
    from letter_export x
    left join campaign c on c.org_id = x.org_id and c.id = x.campaign_id
    left join "user" u on u.id = x.actor_id
    left join job j on j.id = x.job_id and j.org_id = x.org_id
    where x.org_id = %(org)s
"""


def exports(uow: UnitOfWork, after: tuple[datetime, UUID] | None, limit: int) -> list[Kept]:
    """List mailing lists, newest first."""
    with uow.connection().cursor(row_factory=class_row(Kept)) as cursor:
        cursor.execute(
            (
                _KEPT + " and (%(at)s::timestamptz is null or (x.asked_at, x.id) < (%(at)s, %(id)s::uuid))"
                " order by x.asked_at desc, x.id desc limit %(limit)s"
            ).encode(),
            {
                "org": uow.org(),
                "at": after[0] if after else None,
                "id": after[1] if after else None,
                "limit": limit,
            },
        )
        return cursor.fetchall()


def export(uow: UnitOfWork, export_id: UUID) -> Kept | None:
    """Read one mailing list."""
    with uow.connection().cursor(row_factory=class_row(Kept)) as cursor:
        cursor.execute((_KEPT + " and x.id = %(id)s").encode(), {"org": uow.org(), "id": export_id})
        return cursor.fetchone()


def count(uow: UnitOfWork) -> int:
    """Count mailing lists."""
    with uow.cursor() as cursor:
        cursor.execute("select count(*) from letter_export where org_id = %s", [uow.org()])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def hold(uow: UnitOfWork, export_id: UUID) -> bool:
    """Hold a list that is not made yet, so that two workers do not make it at once."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select 1 from letter_export where org_id = %s and id = %s and made_at is null for update",
            [uow.org(), export_id],
        )
        return cursor.fetchone() is not None


def keep(uow: UnitOfWork, export_id: UUID, pieces: Iterator[bytes]) -> None:
    """Write a list's bytes, piece by piece."""
    with uow.cursor() as cursor:
        for number, piece in enumerate(pieces, start=1):
            cursor.execute(
                "insert into letter_chunk (org_id, export_id, number, content) values (%s, %s, %s, %s)",
                [uow.org(), export_id, number, piece],
            )


def chunk(uow: UnitOfWork, export_id: UUID, number: int) -> bytes | None:
    """Read one piece."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select content from letter_chunk where org_id = %s and export_id = %s and number = %s",
            [uow.org(), export_id, number],
        )
        row = cursor.fetchone()
    return bytes(row[0]) if row else None


def remove_before(uow: UnitOfWork, before: datetime) -> list[UUID]:
    """Remove lists that were made before an instant."""
    with uow.cursor() as cursor:
        cursor.execute("delete from letter_export where org_id = %s and made_at < %s returning id", [uow.org(), before])
        return [row[0] for row in cursor.fetchall()]
