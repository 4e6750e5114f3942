"""Reading conversations."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from leadflow.kernel.db import UnitOfWork
from leadflow.messaging.types import Bubble, ConversationRow, Folder
from models.vocabulary import MessageState, ReplyLabel

# What stops all contact by text, as the thread shows it; the gate has the last word.
_SUPPRESSED = """
    exists (select 1 from suppression u where u.org_id = c.org_id and u.released_at is null
            and u.kind not in ('do_not_mail', 'review') and (u.e164 = c.e164 or u.person_id = c.person_id))
"""

_IN_FOLDER = {
    Folder.ALL: "true",
    Folder.UNREAD: "c.unread > 0",
    Folder.INTERESTED: "(c.outcome = 'interested' or c.outcome is null and c.label in ('interested', 'question'))",
    Folder.WRONG_NUMBER: "(c.outcome = 'wrong_number' or c.outcome is null and c.label = 'wrong_number')",
    Folder.OPT_OUTS: "(c.outcome = 'dnc' or c.label = 'opt_out')",
    Folder.NEEDS_REVIEW: (
        "(c.locked or c.outcome is null and exists (select 1 from suppression v where v.org_id = c.org_id"
        " and v.e164 = c.e164 and v.kind = 'review' and v.released_at is null))"
    ),
}

_OWN = "c.org_id = %(org)s and (%(mine)s::uuid is null or c.assignee_id = %(mine)s or l.assignee_id = %(mine)s)"

_ROW = f"""
    select c.id, c.e164, s.e164, c.person_id, p.name, c.lead_id, r.street, c.last_at, c.last_snippet, c.unread, c.label,
           c.outcome, c.locked, {_SUPPRESSED}
    from conversation c
    join sender_number s on s.org_id = c.org_id and s.id = c.sender_number_id
    left join person p on p.org_id = c.org_id and p.id = c.person_id
    left join lead l on l.org_id = c.org_id and l.id = c.lead_id
    left join property r on r.org_id = l.org_id and r.id = l.property_id
    where {_OWN}
"""  # noqa: S608 constants of this module

_WORDS = """
    and (%(words)s::text is null or p.name ilike %(words)s or r.street ilike %(words)s or c.last_snippet ilike %(words)s
         or %(digits)s::text <> '' and c.e164::text like '%%' || %(digits)s || '%%')
"""


def rows(
    uow: UnitOfWork,
    folder: Folder,
    *,
    mine: UUID | None,
    words: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ConversationRow]:
    """List conversations of a folder, newest first.

    Args:
        uow: the caller's transaction.
        folder: which part.
        mine: only those of this user.
        words: only those whose person, street, last text or number holds this.
        after: instant and id of the last row of the page before.
        limit: at most so many.
    """
    escaped = None
    if words:
        escaped = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    params: dict[str, Any] = {
        "org": uow.org(),
        "mine": mine,
        "words": escaped,
        "digits": "".join(letter for letter in words or "" if letter.isdigit()),
        "after_at": after[0] if after else None,
        "after_id": after[1] if after else None,
        "limit": limit,
    }
    statement = (
        _ROW
        + f" and {_IN_FOLDER[folder]} "
        + _WORDS
        + " and (%(after_at)s::timestamptz is null or (c.last_at, c.id) < (%(after_at)s, %(after_id)s::uuid))"
        + " order by c.last_at desc, c.id desc limit %(limit)s"
    )
    with uow.cursor() as cursor:
        cursor.execute(statement.encode(), params)
        return [_row(row) for row in cursor.fetchall()]


def one(uow: UnitOfWork, conversation_id: UUID, mine: UUID | None) -> ConversationRow | None:
    """Read one conversation, if this user may see it."""
    with uow.cursor() as cursor:
        cursor.execute((_ROW + " and c.id = %(id)s").encode(), {"org": uow.org(), "mine": mine, "id": conversation_id})
        row = cursor.fetchone()
    return _row(row) if row else None


def counts(uow: UnitOfWork, mine: UUID | None) -> dict[Folder, int]:
    """Count the conversations of each folder."""
    columns = ", ".join(f"count(*) filter (where {_IN_FOLDER[folder]})" for folder in Folder)
    source = f" from conversation c left join lead l on l.org_id = c.org_id and l.id = c.lead_id where {_OWN}"
    statement = "select " + columns + source
    with uow.cursor() as cursor:
        cursor.execute(statement.encode(), {"org": uow.org(), "mine": mine})
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
        outcome=row[11],
        locked=row[12],
        suppressed=row[13],
    )


def bubbles(uow: UnitOfWork, conversation_id: UUID, limit: int) -> list[Bubble]:
    """Read the newest texts of a conversation, either way, oldest first."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select * from (
                select m.id, 'out' as direction, coalesce(m.submitted_at, m.final_at, m.not_before) as at, m.body,
                       m.state, null, m.reasons, m.error_code, m.segments
                from conversation c join message m on m.org_id = c.org_id and m.e164 = c.e164
                     and m.sender_number_id = c.sender_number_id
                where c.org_id = %(org)s and c.id = %(id)s
                union all
                select id, 'in', received_at, body, null, label, '{}', null, null
                from inbound_message where org_id = %(org)s and conversation_id = %(id)s
                order by at desc, id desc limit %(limit)s
            ) t order by at, id
            """,
            {"org": uow.org(), "id": conversation_id, "limit": limit},
        )
        return [
            Bubble(
                id=row[0],
                direction=row[1],
                at=row[2],
                body=row[3],
                state=MessageState(row[4]) if row[4] else None,
                label=ReplyLabel(row[5]) if row[5] else None,
                reasons=tuple(row[6]),
                error_code=row[7],
                segments=row[8],
            )
            for row in cursor.fetchall()
        ]


def phone_of(uow: UnitOfWork, e164: str) -> UUID | None:
    """Find the phone record of a number."""
    with uow.cursor() as cursor:
        cursor.execute("select id from phone where org_id = %s and e164 = %s", [uow.org(), int(e164)])
        row = cursor.fetchone()
    return row[0] if row else None


def property_of(uow: UnitOfWork, lead_id: UUID) -> UUID | None:
    """Find the property of a lead."""
    with uow.cursor() as cursor:
        cursor.execute("select property_id from lead where org_id = %s and id = %s", [uow.org(), lead_id])
        row = cursor.fetchone()
    return row[0] if row else None
