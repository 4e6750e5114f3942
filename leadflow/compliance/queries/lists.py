"""Reads suppressions, consents and whom a number stands for, for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from leadflow.compliance.queries import past
from leadflow.compliance.types import ConsentFilter, ConsentRow, SuppressionRow
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import Basis, Channel, ConsentState, SuppressionKind

_SUPPRESSED = """s.org_id = %(org)s and (%(kind)s::text is null or s.kind = %(kind)s)
              and (%(number)s::bigint is null or s.e164 = %(number)s or s.person_id in (
                   select pp.person_id from phone f join person_phone pp on pp.org_id = f.org_id and pp.phone_id = f.id
                   where f.org_id = %(org)s and f.e164 = %(number)s))
              and (%(standing)s::boolean is null or (s.released_at is null) = %(standing)s)"""
_STATE = """case when k.revoked_at is not null then 'revoked'
                 when k.expires_at is not null and k.expires_at <= %(now)s then 'expired' else 'standing' end"""
_CONSENTED = f"""k.org_id = %(org)s and (%(number)s::bigint is null or k.e164 = %(number)s)
              and (%(person)s::uuid is null or k.person_id = %(person)s)
              and (%(id)s::uuid is null or k.id = %(id)s)
              and (%(basis)s::text is null or k.basis = %(basis)s)
              and (%(state)s::text is null or {_STATE} = %(state)s)"""


def count_suppressions(
    uow: UnitOfWork, *, kind: SuppressionKind | None, number: int | None, standing: bool | None, most: int
) -> int:
    """Count suppressions, but never further than to ``most``."""
    values = {"kind": kind.value if kind else None, "number": number, "standing": standing}
    return _count(uow, f"select 1 from suppression s where {_SUPPRESSED}", values, most)  # noqa: S608 constants


def count_consents(uow: UnitOfWork, wanted: ConsentFilter, now: datetime, *, most: int) -> int:
    """Count the consent ledger, but never further than to ``most``."""
    return _count(uow, f"select 1 from consent k where {_CONSENTED}", _asked(wanted, now), most)  # noqa: S608 constants


def _asked(wanted: ConsentFilter, now: datetime) -> dict[str, Any]:
    return {
        "number": None if wanted.e164 is None else int(wanted.e164[1:]),
        "person": wanted.person_id,
        "id": wanted.id,
        "basis": wanted.basis.value if wanted.basis else None,
        "state": wanted.state.value if wanted.state else None,
        "now": now,
    }


def _count(uow: UnitOfWork, rows: str, values: Mapping[str, Any], most: int) -> int:
    with uow.cursor() as cursor:
        cursor.execute(
            f"select count(*) from ({rows} limit %(most)s) x".encode(),  # noqa: S608 constants
            {**values, "org": uow.org(), "most": most},
        )
        found = cursor.fetchone()
    return found[0] if found else 0


def suppressions(
    uow: UnitOfWork,
    *,
    kind: SuppressionKind | None,
    number: int | None,
    standing: bool | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[SuppressionRow]:
    """List suppressions, newest first, from behind a row on."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            select s.id, s.kind, s.e164, s.person_id, p.name, s.address_key, s.at, s.source, s.evidence, s.actor_id,
                   s.import_id, s.released_at, s.released_why
            from suppression s left join person p on p.org_id = s.org_id and p.id = s.person_id
            where {_SUPPRESSED}
              and (%(after_at)s::timestamptz is null or (s.at, s.id) < (%(after_at)s, %(after_id)s::uuid))
            order by s.at desc, s.id desc limit %(limit)s
            """.encode(),  # noqa: S608 constants
            {
                "org": uow.org(),
                "kind": kind.value if kind else None,
                "number": number,
                "standing": standing,
                "after_at": after[0] if after else None,
                "after_id": after[1] if after else None,
                "limit": limit,
            },
        )
        return [_suppression(row) for row in cursor.fetchall()]


def _suppression(row: tuple[Any, ...]) -> SuppressionRow:
    return SuppressionRow(row[0], SuppressionKind(row[1]), _e164(row[2]), *row[3:])


def consents(
    uow: UnitOfWork, wanted: ConsentFilter, now: datetime, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[ConsentRow]:
    """List the consent ledger, newest first, from behind a row on."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            select k.id, k.e164, k.person_id, p.name, k.channel, k.basis, k.purpose, k.shown_text, k.source, k.given_at,
                   k.expires_at, k.recorded_at, k.revoked_at, k.actor_id, k.import_id, k.row_number, k.artefact_sha256,
                   {_STATE}
            from consent k left join person p on p.org_id = k.org_id and p.id = k.person_id
            where {_CONSENTED}
              and (%(after_at)s::timestamptz is null or (k.recorded_at, k.id) < (%(after_at)s, %(after_id)s::uuid))
            order by k.recorded_at desc, k.id desc limit %(limit)s
            """.encode(),  # noqa: S608 constants
            {
                **_asked(wanted, now),
                "org": uow.org(),
                "after_at": after[0] if after else None,
                "after_id": after[1] if after else None,
                "limit": limit,
            },
        )
        return [_consent(row) for row in cursor.fetchall()]


def _consent(row: tuple[Any, ...]) -> ConsentRow:
    return ConsentRow(
        id=row[0],
        e164=f"+{row[1]}",
        person_id=row[2],
        person_name=row[3],
        channel=Channel(row[4]),
        basis=Basis(row[5]),
        purpose=row[6],
        shown_text=row[7],
        source=row[8],
        given_at=row[9],
        expires_at=row[10],
        recorded_at=row[11],
        revoked_at=row[12],
        actor_id=row[13],
        import_id=row[14],
        row_number=row[15],
        artefact_sha256=row[16],
        state=ConsentState(row[17]),
    )


def _e164(digits: int | None) -> str | None:
    return None if digits is None else f"+{digits}"


@dataclass(frozen=True, slots=True)
class Known:
    """Whom a number stands for: the recipient that an explanation is about."""

    lead_id: UUID | None
    property_id: UUID | None
    person_id: UUID | None
    phone_id: UUID


def known(uow: UnitOfWork, number: int, at: datetime | None = None) -> Known | None:
    """Find a number's lead, property and person, now or as they stood; None when no import or user had named it.

    Where it stands for several, the one it was texted for last, else the one whose owner it is, else the first.
    """
    with uow.connection().cursor(row_factory=class_row(Known)) as cursor:
        cursor.execute((_KNOWN_THEN if at else _KNOWN_NOW).encode(), {"org": uow.org(), "number": number, "at": at})
        return cursor.fetchone()


_KNOWN = """
    with f as materialized (select * from {phone} f where f.org_id = %(org)s and f.e164 = %(number)s),
    pp as materialized (
        select pp.* from f join {person_phone} pp on pp.org_id = f.org_id and pp.phone_id = f.id
    )
    select l.id as lead_id, o.property_id, pp.person_id, f.id as phone_id
    from f
    left join pp on pp.org_id = f.org_id and pp.phone_id = f.id
    left join {property_party} o on o.org_id = f.org_id and o.person_id = pp.person_id
    left join {lead} l on l.org_id = f.org_id and l.property_id = o.property_id
    left join lateral (
        select max(m.submitted_at) as at from message m
        where m.org_id = f.org_id and m.e164 = f.e164 and m.lead_id = l.id and m.person_id = pp.person_id
          and (%(at)s::timestamptz is null or m.submitted_at <= %(at)s)
    ) m on true
    order by m.at desc nulls last, l.id is null, (o.role = 'owner') desc nulls last, pp.rank, l.id, pp.person_id
    limit 1"""
_KNOWN_NOW = _KNOWN.format(**past.NOW)
_KNOWN_THEN = _KNOWN.format(
    **past.then(phones="select id from f", people="select person_id from pp where person_id is not null")
)


def counted_suppressions(uow: UnitOfWork) -> dict[str, int]:
    """Count standing suppressions by kind, the most frequent first."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select kind, count(*) from suppression where org_id = %s and released_at is null "
            "group by kind order by 2 desc, 1",
            [uow.org()],
        )
        return {row[0]: int(row[1]) for row in cursor.fetchall()}


def counted_consents(uow: UnitOfWork, at: datetime) -> int:
    """Count consents that stand."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select count(*) from consent where org_id = %s and revoked_at is null "
            "and (expires_at is null or expires_at > %s)",
            [uow.org(), at],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0
