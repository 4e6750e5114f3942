"""Reads a removed lead before it goes, and empties what is the lead's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from leadflow.kernel.db import UnitOfWork
from leadflow.retention.rules.wording import ERASED_NAME, SHORTEST
from leadflow.retention.types import LeadSubject, Party


def read(uow: UnitOfWork, lead_id: UUID) -> LeadSubject | None:
    """Hold a removed lead and read who stands to its property; None where there is none, or it was erased."""
    of = {"org": uow.org(), "lead": lead_id, "erased": ERASED_NAME}
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select l.id, l.property_id, l.removed_at, concat_ws(' ', h.street, h.unit), h.street, h.import_id,
                   (select count(*) from message m where m.org_id = l.org_id and m.lead_id = l.id
                    and m.state in ('claimed', 'submitting', 'unknown'))
            from lead l join property h on h.org_id = l.org_id and h.id = l.property_id
            where l.org_id = %(org)s and l.id = %(lead)s and l.removed_at is not null and l.erased_at is null
            for no key update of l
            """,
            of,
        )
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute(
            """
            select p.id, p.name, not exists (
                       select 1 from property_party o where o.org_id = p.org_id and o.person_id = p.id
                       and o.property_id <> y.property_id)
            from (select distinct property_id, person_id from property_party
                  where org_id = %(org)s and property_id = %(property)s) y
            join person p on p.org_id = %(org)s and p.id = y.person_id
            where p.name <> %(erased)s order by p.name, p.id
            """,
            {**of, "property": row[1]},
        )
        people = tuple(Party(*found) for found in cursor.fetchall())
    _, home, removed_at, address, street, import_id, under_way = row
    return LeadSubject(lead_id, home, removed_at, address, people, street or "", import_id, under_way)


def street_alone(uow: UnitOfWork, street: str, property_id: UUID) -> bool:
    """Say whether a street is only this property's: of no other, and where no person who stays has mail sent."""
    if len(street) < SHORTEST:
        return False
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select not exists (select 1 from property where org_id = %(org)s and id <> %(id)s
                               and lower(street) = lower(%(street)s))
               and not exists (select 1 from person where org_id = %(org)s
                               and lower(mailing_street) = lower(%(street)s))
            """,
            {"org": uow.org(), "street": street, "id": property_id},
        )
        row = cursor.fetchone()
    return bool(row and row[0])


_STEPS: dict[str, LiteralString] = {
    "ties_to_others": "delete from property_party where org_id = %(org)s and property_id = %(property)s"
    " and person_id = any(%(staying)s)",
    "list_entries": "delete from lead_list_entry where org_id = %(org)s and lead_id = %(lead)s",
    "tags": "delete from lead_tag where org_id = %(org)s and lead_id = %(lead)s",
    "own_fields": "delete from custom_value where org_id = %(org)s and lead_id = %(lead)s",
    "leads": "update lead set erased_at = %(now)s, removed_why = '', source = '', assignee_id = null,"
    " updated_at = now() where org_id = %(org)s and id = %(lead)s",
}


def empty(uow: UnitOfWork, lead: LeadSubject, staying: Sequence[UUID], now: datetime) -> dict[str, int]:
    """Take from a lead what the team put on it, and from its property whoever stays; answers rows by what they were."""
    given = {
        "org": uow.org(),
        "lead": lead.lead_id,
        "property": lead.property_id,
        "staying": list(staying),
        "now": now,
    }
    done: dict[str, int] = {}
    with uow.cursor() as cursor:
        for name, statement in _STEPS.items():
            cursor.execute(statement, given)
            done[name] = cursor.rowcount
    return done
