"""Rates of the recipients' carriers, and what counts towards them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadflow.kernel.db import UnitOfWork


class Rate(NamedTuple):
    """What one carrier takes."""

    registered_campaign_id: UUID
    brand_id: UUID
    carrier: str
    """A part of its name, in small letters."""
    texts: int
    a_minute: bool
    """Of the campaign in a minute; else of the brand in any 24 hours."""


def hold_rates(uow: UnitOfWork, sender_id: UUID) -> list[Rate]:
    """Hold the brand of a number until the end of the batch, if carriers have set rates, and read them."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select r.id, b.id, r.rates from sender_number s
            join registered_campaign r on r.org_id = s.org_id and r.id = s.registered_campaign_id
            join brand b on b.org_id = r.org_id and b.id = r.brand_id
            where s.org_id = %s and s.id = %s and r.rates <> '[]' for no key update of b
            """,
            [uow.org(), sender_id],
        )
        row = cursor.fetchone()
    if row is None:
        return []
    return [
        Rate(row[0], row[1], str(one["carrier"]).lower(), int(one[unit]), unit == "per_minute")
        for one in row[2]
        for unit in ("per_minute", "per_day")
        if one.get(unit) is not None
    ]


def carriers_of(uow: UnitOfWork, message_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Find the carriers of the recipients of texts, in small letters, where they are known."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select m.id, lower(f.carrier) from message m join phone f on f.org_id = m.org_id and f.e164 = m.e164
            where m.org_id = %s and m.id = any(%s) and f.carrier is not null
            """,
            [uow.org(), list(message_ids)],
        )
        return {row[0]: row[1] for row in cursor.fetchall()}


def sent_to(uow: UnitOfWork, rate: Rate, since: datetime) -> tuple[int, datetime | None]:
    """Count texts to a carrier that count towards a rate, and find the first of them."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select count(*), min(m.submitted_at)
            from registered_campaign r
            join sender_number s on s.org_id = r.org_id and s.registered_campaign_id = r.id
            join message m on m.org_id = s.org_id and m.sender_number_id = s.id and m.submitted_at > %(since)s
            join phone f on f.org_id = m.org_id and f.e164 = m.e164 and position(%(carrier)s in lower(f.carrier)) > 0
            where r.org_id = %(org)s and r.brand_id = %(brand)s and (not %(minute)s or r.id = %(campaign)s)
            """,
            {
                "org": uow.org(),
                "brand": rate.brand_id,
                "campaign": rate.registered_campaign_id,
                "carrier": rate.carrier,
                "minute": rate.a_minute,
                "since": since,
            },
        )
        return cursor.fetchone() or (0, None)  # pyright: ignore[reportReturnType] two columns


def wait(uow: UnitOfWork, waits: Sequence[tuple[UUID, datetime]]) -> None:
    """Let texts wait for their carrier's rate. The caller has drawn them."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update message m set not_before = x.at, reasons = array['carrier_rate'], updated_at = now()
            from unnest(%(ids)s::uuid[], %(at)s::timestamptz[]) as x (id, at)
            where m.org_id = %(org)s and m.id = x.id
            """,
            {"org": uow.org(), "ids": [one[0] for one in waits], "at": [one[1] for one in waits]},
        )
