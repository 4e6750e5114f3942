"""SQL of the call log."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from leadflow.calls.types import CallBack, Callee, CallRow
from leadflow.compliance.types import Cleared
from leadflow.kernel.db import UnitOfWork
from models.calls import PhoneCall
from models.vocabulary import CallOutcome, LeadStatus


def callee(uow: UnitOfWork, number: int, lead_id: UUID | None) -> Callee:
    """Find whom a number means: at the lead an owner before others, else whom the records know under it."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select l.id, l.property_id, pp.person_id, f.id
            from phone f
            left join person_phone pp on pp.org_id = f.org_id and pp.phone_id = f.id
            left join property_party y on y.org_id = f.org_id and y.person_id = pp.person_id
            left join lead l on l.org_id = f.org_id and l.property_id = y.property_id
            where f.org_id = %(org)s and f.e164 = %(number)s and (%(lead)s::uuid is null or l.id = %(lead)s)
            order by l.removed_at is not null, l.id nulls last, y.role <> 'owner', pp.rank, pp.person_id limit 1
            """,
            {"org": uow.org(), "number": number, "lead": lead_id},
        )
        row = cursor.fetchone()
        if row is not None:
            return Callee(*row)
        cursor.execute("select property_id from lead where org_id = %s and id = %s", [uow.org(), lead_id])
        home = cursor.fetchone()
        cursor.execute("select id from phone where org_id = %s and e164 = %s", [uow.org(), number])
        phone = cursor.fetchone()
    return Callee(lead_id, home[0] if home else None, None, phone[0] if phone else None)


def is_mine(uow: UnitOfWork, number: int, user_id: UUID) -> bool:
    """Say whether a number is that of a conversation or a lead that a user has."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select exists (select 1 from conversation c left join lead l on l.org_id = c.org_id and l.id = c.lead_id
                           where c.org_id = %(org)s and c.e164 = %(number)s
                             and %(user)s in (c.assignee_id, l.assignee_id))
            """,
            {"org": uow.org(), "number": number, "user": user_id},
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def place(uow: UnitOfWork, cleared: Cleared, whom: Callee, actor_id: UUID | None, now: datetime) -> UUID:
    """Write a call down under the permission that the gate has just given; there is no other way to write one."""
    made = PhoneCall(
        org_id=uow.org(),
        id=cleared.message_id,
        at=now,
        actor_id=actor_id,
        e164=cleared.e164,
        lead_id=whom.lead_id,
        property_id=whom.property_id,
        person_id=whom.person_id,
        phone_id=whom.phone_id,
        decision_id=cleared.decision_id,
    )
    uow.session.add(made)
    uow.session.flush()
    return made.id


def held(uow: UnitOfWork, call_id: UUID, mine: UUID | None) -> PhoneCall | None:
    """Read a call and hold it; None where there is none, or it is not this user's to see."""
    with uow.cursor() as cursor:
        cursor.execute((_SEEN + " and k.id = %(id)s").encode(), {"org": uow.org(), "mine": mine, "id": call_id})
        if cursor.fetchone() is None:
            return None
    return uow.session.get(PhoneCall, (uow.org(), call_id), with_for_update=True)


_MINE = "(%(mine)s::uuid is null or k.actor_id = %(mine)s or l.assignee_id = %(mine)s)"
_WANTED = """(%(lead)s::uuid is null or k.lead_id = %(lead)s)
    and (%(outcome)s::text is null or k.outcome = %(outcome)s)"""
_SEEN = f"""
    select k.id from phone_call k left join lead l on l.org_id = k.org_id and l.id = k.lead_id
    where k.org_id = %(org)s and {_MINE}
"""  # noqa: S608 constants of this module
_ROW = f"""
    select k.id, k.at, k.e164, k.lead_id, coalesce(r.street, ''), coalesce(p.name, ''), k.actor_id,
           coalesce(u.name, ''), k.outcome, k.note, k.call_back_at, k.decision_id
    from phone_call k
    left join lead l on l.org_id = k.org_id and l.id = k.lead_id
    left join property r on r.org_id = k.org_id and r.id = k.property_id
    left join person p on p.org_id = k.org_id and p.id = k.person_id
    left join "user" u on u.id = k.actor_id
    where k.org_id = %(org)s and {_MINE} and {_WANTED}
      and (%(at)s::timestamptz is null or (k.at, k.id) < (%(at)s, %(id)s::uuid))
    order by k.at desc, k.id desc limit %(limit)s
"""  # noqa: S608 constants of this module


def rows(
    uow: UnitOfWork,
    *,
    mine: UUID | None,
    lead_id: UUID | None,
    outcome: CallOutcome | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[CallRow]:
    """List calls, newest first."""
    given: dict[str, Any] = {
        "org": uow.org(),
        "mine": mine,
        "lead": lead_id,
        "outcome": outcome,
        "at": after[0] if after else None,
        "id": after[1] if after else None,
        "limit": limit,
    }
    with uow.cursor() as cursor:
        cursor.execute(_ROW.encode(), given)
        return [_row(row) for row in cursor.fetchall()]


def _row(row: tuple[Any, ...]) -> CallRow:
    return CallRow(
        id=row[0],
        at=row[1],
        e164=f"+{row[2]}",
        lead_id=row[3],
        street=row[4],
        person=row[5],
        by_id=row[6],
        by=row[7],
        outcome=CallOutcome(row[8]) if row[8] else None,
        note=row[9],
        call_back_at=row[10],
        decision_id=row[11],
    )


def count(uow: UnitOfWork, *, mine: UUID | None, lead_id: UUID | None, outcome: CallOutcome | None) -> int:
    """Count calls."""
    statement = f"{_SEEN.replace('select k.id', 'select count(*)')} and {_WANTED}"
    with uow.cursor() as cursor:
        cursor.execute(statement.encode(), {"org": uow.org(), "mine": mine, "lead": lead_id, "outcome": outcome})
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def lead_status(uow: UnitOfWork, lead_id: UUID) -> LeadStatus | None:
    """Read where a lead stands."""
    with uow.cursor() as cursor:
        cursor.execute("select status from lead where org_id = %s and id = %s", [uow.org(), lead_id])
        row = cursor.fetchone()
    return LeadStatus(row[0]) if row else None


def call_backs(uow: UnitOfWork, *, mine: UUID | None, due_before: datetime, limit: int) -> list[CallBack]:
    """List promised calls whose time has come and whose task is open, the longest overdue first."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select k.id, t.id, k.lead_id, '+' || k.e164, coalesce(r.street, ''), coalesce(p.name, ''), t.due_at
            from phone_call k
            join task t on t.org_id = k.org_id and t.id = k.task_id and t.state = 'open' and t.due_at <= %(before)s
            left join property r on r.org_id = k.org_id and r.id = k.property_id
            left join person p on p.org_id = k.org_id and p.id = k.person_id
            where k.org_id = %(org)s and (%(mine)s::uuid is null or t.assignee_id = %(mine)s)
            order by t.due_at, k.id limit %(limit)s
            """,
            {"org": uow.org(), "mine": mine, "before": due_before, "limit": limit},
        )
        return [CallBack(*row) for row in cursor.fetchall()]
