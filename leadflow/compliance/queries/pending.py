"""What waits to be sent: queued texts, and members of running campaigns whose text is not written yet."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from leadflow.compliance.types import Ask, Recipient
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import Channel, Purpose


@dataclass(frozen=True, slots=True)
class Waiting:
    """Recipients that the gate is asked about on one ground."""

    ask: Ask
    recipients: tuple[Recipient, ...]


def waiting(uow: UnitOfWork) -> tuple[Waiting, ...]:
    """List all that waits, by the ground on which it would be sent."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select m.purpose, m.campaign_id, m.step, m.sender_number_id,
                   m.lead_id, m.property_id, m.person_id, m.phone_id, '+' || m.e164, m.id, m.send_before
            from message m where m.org_id = %(org)s and m.state in ('queued', 'claimed')
            union all
            select 'campaign', a.campaign_id, 1, c.sender_number_id,
                   a.lead_id, a.property_id, a.person_id, a.phone_id, '+' || f.e164, null, c.send_before
            from campaign c
            join audience_member a on a.org_id = c.org_id and a.campaign_id = c.id and a.excluded is null
                 and a.stopped_at is null
            join phone f on f.org_id = a.org_id and f.id = a.phone_id
            where c.org_id = %(org)s and c.state = 'running'
              and not exists (select 1 from message m where m.org_id = a.org_id and m.campaign_id = a.campaign_id
                              and m.step = 1 and m.e164 = f.e164)
            order by 1, 2, 3, 4, 5
            """,
            {"org": uow.org()},
        )
        rows = cursor.fetchall()
    return tuple(
        Waiting(_ask(*ground), tuple(Recipient(*row[4:]) for row in group))
        for ground, group in groupby(rows, key=lambda row: row[:4])
    )


def _ask(purpose: str, campaign_id: UUID | None, step: int | None, sender_id: UUID | None) -> Ask:
    return Ask(Purpose(purpose), Channel.TEXT, campaign_id, step or 1, sender_id)


@dataclass(frozen=True, slots=True)
class Named:
    """How somebody who waits is shown."""

    person: str
    campaign: str


def named(uow: UnitOfWork, pairs: list[tuple[UUID | None, UUID | None]]) -> list[Named]:
    """Read the names of persons and campaigns, in the order given."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select coalesce(p.name, ''), coalesce(c.name, '')
            from unnest(%(people)s::uuid[], %(campaigns)s::uuid[]) with ordinality as u (person_id, campaign_id, n)
            left join person p on p.org_id = %(org)s and p.id = u.person_id
            left join campaign c on c.org_id = %(org)s and c.id = u.campaign_id
            order by u.n
            """,
            {"org": uow.org(), "people": [one[0] for one in pairs], "campaigns": [one[1] for one in pairs]},
        )
        return [Named(*row) for row in cursor.fetchall()]
