"""Reading conversations: folders, rows, and the texts of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from leadflow.inbox.types import Bubble, ConversationRow, Folder
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import CallOutcome, Confidence, LeadStatus, MessageState, ReplyLabel

# What stops all contact by text, as the thread shows it; the gate has the last word.
_SUPPRESSED = """
    exists (select 1 from suppression u where u.org_id = c.org_id and u.released_at is null
            and u.kind not in ('do_not_mail', 'review') and (u.e164 = c.e164 or u.person_id = c.person_id))
"""
_AWAKE = "(c.snoozed_until is null or c.snoozed_until <= %(now)s)"
_UNREAD = "(case when c.snoozed_until <= %(now)s then greatest(c.unread, 1) else c.unread end)"
"""What was put off comes back unread, at that very instant: no job has to run for it."""
_HELD = """(c.locked or c.outcome is null and exists (
    select 1 from suppression v where v.org_id = c.org_id and v.e164 = c.e164 and v.kind = 'review'
    and v.released_at is null))"""

_IN_FOLDER = {
    Folder.ALL: "true",
    Folder.UNREAD: f"({_AWAKE} and {_UNREAD} > 0)",
    Folder.WAITING: f"(c.locked or {_AWAKE} and {_UNREAD} > 0)",
    Folder.MINE: f"({_AWAKE} and %(me)s::uuid in (c.assignee_id, l.assignee_id))",
    Folder.UNASSIGNED: f"({_AWAKE} and c.assignee_id is null and l.assignee_id is null)",
    Folder.INTERESTED: f"""({_AWAKE} and (c.outcome in ('interested', 'qualified')
        or c.outcome is null and c.label in ('interested', 'question')))""",
    Folder.WRONG_NUMBER: f"""({_AWAKE} and (c.outcome = 'wrong_number'
        or c.outcome is null and c.label = 'wrong_number'))""",
    Folder.OPT_OUTS: f"({_AWAKE} and (c.outcome = 'dnc' or c.label = 'opt_out'))",
    Folder.NEEDS_REVIEW: _HELD,
    Folder.SNOOZED: "c.snoozed_until > %(now)s",
}

_OWN = "c.org_id = %(org)s and (%(mine)s::uuid is null or c.assignee_id = %(mine)s or l.assignee_id = %(mine)s)"

_WAITS = """
    case when c.outcome is null then (
        select min(i.received_at) from inbound_message i
        where i.org_id = c.org_id and i.conversation_id = c.id and i.received_at > coalesce(
            (select max(m.created_at) from message m where m.org_id = c.org_id and m.conversation_id = c.id
             and m.purpose = 'manual_reply'), '-infinity')) end
"""

_SPOKEN = """(c.unread > 0 or c.label is not null or c.last_snippet <> ''
    or exists (select 1 from inbound_message i where i.org_id = c.org_id and i.conversation_id = c.id)
    or exists (select 1 from message m where m.org_id = c.org_id and m.conversation_id = c.id))"""
"""What was begun and never written in stands in no folder."""

_ROW = f"""
    select c.id, c.e164, s.e164, c.person_id, p.name, c.lead_id, r.street, c.last_at, c.last_snippet, {_UNREAD},
           c.label, c.confidence, c.outcome, c.locked, c.priority,
           case when c.snoozed_until > %(now)s then c.snoozed_until end,
           coalesce(c.assignee_id, l.assignee_id), coalesce(a.name, ''), {_WAITS}, {_SUPPRESSED}
    from conversation c
    join sender_number s on s.org_id = c.org_id and s.id = c.sender_number_id
    left join person p on p.org_id = c.org_id and p.id = c.person_id
    left join lead l on l.org_id = c.org_id and l.id = c.lead_id
    left join property r on r.org_id = l.org_id and r.id = l.property_id
    left join "user" a on a.id = coalesce(c.assignee_id, l.assignee_id)
    where {_OWN}
"""  # noqa: S608 constants of this module

_WORDS = """
    and (%(words)s::text is null or p.name ilike %(words)s or r.street ilike %(words)s or c.last_snippet ilike %(words)s
         or %(digits)s::text <> '' and c.e164::text like '%%' || %(digits)s || '%%'
         or exists (select 1 from inbound_message i where i.org_id = c.org_id and i.conversation_id = c.id
                    and i.body ilike %(words)s))
"""


def rows(
    uow: UnitOfWork,
    folder: Folder,
    *,
    me: UUID | None,
    mine: UUID | None,
    words: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ConversationRow]:
    """List conversations of a folder, newest first.

    Args:
        uow: the caller's transaction.
        folder: which part.
        me: who looks.
        mine: only those of this user.
        words: only those whose person, street, number or text of theirs holds this.
        after: instant and id of the last row of the page before.
        limit: at most so many.
    """
    escaped = None
    if words:
        escaped = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    params: dict[str, Any] = {
        "org": uow.org(),
        "me": me,
        "mine": mine,
        "now": uow.now(),
        "words": escaped,
        "digits": "".join(letter for letter in words or "" if letter.isdigit()),
        "after_at": after[0] if after else None,
        "after_id": after[1] if after else None,
        "limit": limit,
    }
    statement = (
        _ROW
        + f" and {_SPOKEN} and {_IN_FOLDER[folder]} "
        + _WORDS
        + " and (%(after_at)s::timestamptz is null or (c.last_at, c.id) < (%(after_at)s, %(after_id)s::uuid))"
        + " order by c.last_at desc, c.id desc limit %(limit)s"
    )
    with uow.cursor() as cursor:
        cursor.execute(statement.encode(), params)
        return [_row(row) for row in cursor.fetchall()]


def one(uow: UnitOfWork, conversation_id: UUID, mine: UUID | None) -> ConversationRow | None:
    """Read one conversation, if this user may see it."""
    given = {"org": uow.org(), "mine": mine, "now": uow.now(), "id": conversation_id}
    with uow.cursor() as cursor:
        cursor.execute((_ROW + " and c.id = %(id)s").encode(), given)
        row = cursor.fetchone()
    return _row(row) if row else None


def with_number(uow: UnitOfWork, e164: str) -> UUID | None:
    """Find the latest conversation with a number, from whichever of ours."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select id from conversation where org_id = %s and e164 = %s order by last_at desc, id desc limit 1",
            [uow.org(), int(e164)],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def has_written(uow: UnitOfWork, conversation_id: UUID) -> bool:
    """Say whether they have written in a conversation."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select exists (select 1 from inbound_message where org_id = %s and conversation_id = %s)",
            [uow.org(), conversation_id],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def of_lead(uow: UnitOfWork, lead_id: UUID, mine: UUID | None, limit: int) -> list[ConversationRow]:
    """Read the conversations of a lead that this user may see, the latest first."""
    given = {"org": uow.org(), "mine": mine, "now": uow.now(), "lead": lead_id, "limit": limit}
    with uow.cursor() as cursor:
        cursor.execute(
            (_ROW + " and c.lead_id = %(lead)s order by c.last_at desc, c.id limit %(limit)s").encode(), given
        )
        return [_row(row) for row in cursor.fetchall()]


def counts(uow: UnitOfWork, me: UUID | None, mine: UUID | None) -> dict[Folder, int]:
    """Count the conversations of each folder."""
    columns = ", ".join(f"count(*) filter (where {_IN_FOLDER[folder]})" for folder in Folder)
    source = " from conversation c left join lead l on l.org_id = c.org_id and l.id = c.lead_id"
    source += f" where {_OWN} and {_SPOKEN}"
    with uow.cursor() as cursor:
        cursor.execute(
            ("select " + columns + source).encode(), {"org": uow.org(), "me": me, "mine": mine, "now": uow.now()}
        )
        row = cursor.fetchone() or ()
    return dict(zip(Folder, (int(count) for count in row), strict=True))


def _row(row: tuple[Any, ...]) -> ConversationRow:
    return ConversationRow(
        id=row[0],
        e164=f"+{row[1]}",
        sender=f"+{row[2]}",
        person_id=row[3],
        person_name=row[4],
        lead_id=row[5],
        street=row[6],
        last_at=row[7],
        snippet=row[8],
        unread=row[9],
        label=ReplyLabel(row[10]) if row[10] else None,
        confidence=Confidence(row[11]) if row[11] else None,
        outcome=row[12],
        locked=row[13],
        priority=row[14],
        snoozed_until=row[15],
        assignee_id=row[16],
        assignee=row[17],
        waits_since=row[18],
        suppressed=row[19],
    )


def bubbles(uow: UnitOfWork, conversation_id: UUID, limit: int) -> list[Bubble]:
    """Read the newest texts and calls of a conversation, either way, oldest first."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select * from (
                select m.id, 'out' as direction, coalesce(m.submitted_at, m.final_at, m.not_before) as at, m.body,
                       m.state, null, null, null, m.reasons, m.error_code, m.segments, m.actor_id
                from conversation c join message m on m.org_id = c.org_id and m.e164 = c.e164
                     and m.sender_number_id = c.sender_number_id
                where c.org_id = %(org)s and c.id = %(id)s
                union all
                select id, 'in', received_at, body, null, label, confidence, read_as, '{}', null, null, labeled_by
                from inbound_message where org_id = %(org)s and conversation_id = %(id)s
                union all
                select k.id, 'call', k.at, k.note, k.outcome, null, null, null, '{}', null, null, k.actor_id
                from conversation c join phone_call k on k.org_id = c.org_id and k.e164 = c.e164
                where c.org_id = %(org)s and c.id = %(id)s
                order by at desc, id desc limit %(limit)s
            ) t left join lateral (select u.name from "user" u where u.id = t.actor_id) w on true
            order by at, id
            """,
            {"org": uow.org(), "id": conversation_id, "limit": limit},
        )
        return [_bubble(row) for row in cursor.fetchall()]


def _bubble(row: tuple[Any, ...]) -> Bubble:
    call = row[1] == "call"
    return Bubble(
        id=row[0],
        direction=row[1],
        at=row[2],
        body=row[3],
        state=MessageState(row[4]) if row[4] and not call else None,
        label=ReplyLabel(row[5]) if row[5] else None,
        confidence=Confidence(row[6]) if row[6] else None,
        read_as=ReplyLabel(row[7]) if row[7] else None,
        reasons=(CallOutcome(row[4]).value,) if row[4] and call else tuple(row[8]),
        error_code=row[9],
        segments=row[10],
        by=row[12] or "",
    )


def phone_of(uow: UnitOfWork, e164: str) -> tuple[UUID, str] | None:
    """Find the phone record of a number, and its status."""
    with uow.cursor() as cursor:
        cursor.execute("select id, status from phone where org_id = %s and e164 = %s", [uow.org(), int(e164)])
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


class Standing(NamedTuple):
    """What a conversation needs to know of its lead."""

    property_id: UUID
    status: LeadStatus
    assignee_id: UUID | None


def lead(uow: UnitOfWork, lead_id: UUID | None) -> Standing | None:
    """Read how a lead stands; None of none."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select property_id, status, assignee_id from lead where org_id = %s and id = %s", [uow.org(), lead_id]
        )
        row = cursor.fetchone()
    return Standing(row[0], LeadStatus(row[1]), row[2]) if row else None
