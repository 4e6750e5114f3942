"""Short links: written with their texts, found by their code, counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadflow.kernel.db import UnitOfWork


def domain(uow: UnitOfWork) -> str:
    """Read the domain of the organisation's links; empty where links stay as they are written."""
    with uow.cursor() as cursor:
        cursor.execute("select link_domain from organization where id = %s", [uow.org()])
        row = cursor.fetchone()
    return row[0] if row else ""


def write(uow: UnitOfWork, host: str, campaign_id: UUID, step: int, found: Sequence[tuple[str, int, str, str]]) -> None:
    """Write the links of texts that were written just now: number, attempt, code, target.

    A text that was there already has links of its own; its words name none of these codes.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into short_link (org_id, message_id, host, code, target)
            select m.org_id, m.id, %(host)s, x.code, x.target
            from unnest(%(numbers)s::bigint[], %(attempts)s::int[], %(codes)s::text[], %(targets)s::text[])
                 as x (e164, attempt, code, target)
            join message m on m.org_id = %(org)s and m.campaign_id = %(campaign)s and m.step = %(step)s
                 and m.e164 = x.e164 and m.attempt = x.attempt and position(x.code in m.body) > 0
            """,
            {
                "org": uow.org(),
                "host": host,
                "campaign": campaign_id,
                "step": step,
                "numbers": [int(one[0]) for one in found],
                "attempts": [one[1] for one in found],
                "codes": [one[2] for one in found],
                "targets": [one[3] for one in found],
            },
        )


def owner(uow: UnitOfWork, host: str, code: str) -> tuple[UUID, UUID] | None:
    """Find whose link a code is, at the host that it was written for: organisation and link."""
    with uow.cursor() as cursor:
        cursor.execute("select org_id, id from short_link where code = %s and host = %s", [code, host])
        return cursor.fetchone()


class Visit(NamedTuple):
    """A link that was followed."""

    target: str
    lead_id: UUID | None
    message_id: UUID
    first: bool
    """Nobody had followed a link of this text before."""


def visit(uow: UnitOfWork, link_id: UUID, now: datetime, *, machine: bool) -> Visit | None:
    """Count a visit; a machine's apart."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            with texts as (
                select m.id, m.lead_id from message m join short_link l on l.org_id = m.org_id and l.message_id = m.id
                where l.org_id = %(org)s and l.id = %(id)s for no key update of m
            ), before as (
                select exists (select 1 from short_link o, texts where o.org_id = %(org)s and o.message_id = texts.id
                               and o.clicked_at is not null) as clicked
            )
            update short_link l set clicks = l.clicks + case when %(machine)s then 0 else 1 end,
                   previews = l.previews + case when %(machine)s then 1 else 0 end,
                   clicked_at = case when %(machine)s then l.clicked_at else coalesce(l.clicked_at, %(now)s) end,
                   updated_at = now()
            from texts, before where l.org_id = %(org)s and l.id = %(id)s
            returning l.target, texts.lead_id, l.message_id, not before.clicked and not %(machine)s
            """,
            {"org": uow.org(), "id": link_id, "now": now, "machine": machine},
        )
        row = cursor.fetchone()
    return Visit(*row) if row else None
