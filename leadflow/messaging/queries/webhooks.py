"""What came in: callbacks as they came, the texts they belong to, conversations and the texts that people sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson

from leadflow.compliance.types import ReplyClass
from leadflow.kernel.db import UnitOfWork
from leadflow.messaging.types import Inbound, StatusCallback


def keep(  # noqa: PLR0913 the columns of a callback
    uow: UnitOfWork,
    provider: str,
    sid: str,
    status: str,
    digest: bytes,
    params: Mapping[str, str],
    now: datetime,
    *,
    message_id: UUID | None = None,
    outcome: str | None = None,
) -> UUID | None:
    """Store a callback; None when the same one is there already. With an outcome it needs no applying."""
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute(
            """
            insert into webhook_inbox (provider, sid, status, body_hash, message_id, params, received_at, applied_at,
                                       outcome)
            values (%(provider)s, %(sid)s, %(status)s, %(digest)s, %(message)s, %(params)s, %(now)s,
                    case when %(outcome)s::text is null then null else %(now)s::timestamptz end, %(outcome)s)
            on conflict (provider, sid, status, body_hash) do nothing returning id
            """,
            {
                "provider": provider,
                "sid": sid,
                "status": status,
                "digest": digest,
                "message": message_id,
                "params": orjson.dumps(dict(params)).decode(),
                "now": now,
                "outcome": outcome,
            },
        )
        row = cursor.fetchone()
    return row[0] if row else None


# The organisation is that of our number on the callback, and the text must be one of that number: a callback can never
# move a text of somebody else.
# Callbacks are kept before anybody knows whose they are, so organisations have no right to them: see ``everywhere``.
_KNOWN = """
    from webhook_inbox w
    join sender_number s on '+' || s.e164 = w.params ->> 'From'
    join lateral (
        select id from message where org_id = s.org_id and id = w.message_id and sender_number_id = s.id
        union all
        select id from message where carrier_sid = w.sid and org_id = s.org_id and sender_number_id = s.id
        limit 1) m on true
    where w.applied_at is null
"""


def organizations_with_callbacks(uow: UnitOfWork) -> list[UUID]:
    """List organisations that have a stored callback whose text is known."""
    with uow.cursor() as cursor:
        cursor.execute(("select distinct s.org_id" + _KNOWN).encode())
        return [row[0] for row in cursor.fetchall()]


def unapplied(uow: UnitOfWork, limit: int) -> list[StatusCallback]:
    """Take the organisation's stored callbacks whose text is known, oldest first.

    One whose text is not known yet stays and is joined later.
    """
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute(
            (
                "select w.id, m.id, w.sid, w.status, w.params ->> 'ErrorCode'"
                + _KNOWN
                + "and s.org_id = %s order by w.received_at, w.id limit %s for update of w skip locked"
            ).encode(),
            [uow.org(), limit],
        )
        return [StatusCallback(row[0], row[1], row[2], row[3], _number(row[4])) for row in cursor.fetchall()]


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def applied(uow: UnitOfWork, outcomes: Mapping[UUID, str], now: datetime) -> None:
    """Note that callbacks are dealt with."""
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute(
            """
            update webhook_inbox w set applied_at = %s, outcome = x.outcome, updated_at = now()
            from unnest(%s::uuid[], %s::text[]) as x (id, outcome) where w.id = x.id
            """,
            [now, list(outcomes), list(outcomes.values())],
        )


def give_up(uow: UnitOfWork, before: datetime, now: datetime) -> int:
    """Set callbacks aside that came long ago and belong to no text of ours."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update webhook_inbox set applied_at = %s, outcome = 'no such text', updated_at = now()
            where applied_at is null and received_at < %s
            """,
            [now, before],
        )
        return cursor.rowcount


def waiting(uow: UnitOfWork, before: datetime) -> bool:
    """Say whether a callback that came before an instant still waits."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select exists (select 1 from webhook_inbox where applied_at is null and received_at < %s)", [before]
        )
        row = cursor.fetchone()
    return bool(row and row[0])


class Owner(NamedTuple):
    """Whose number it is."""

    org_id: UUID
    sender_id: UUID


def owner_of(uow: UnitOfWork, e164: str) -> Owner | None:
    """Find the organisation of a sender number."""
    if not e164.removeprefix("+").isdigit():
        return None
    with uow.cursor() as cursor:
        cursor.execute("select org_id, id from sender_number where e164 = %s", [int(e164)])
        row = cursor.fetchone()
    return Owner(*row) if row else None


class Subject(NamedTuple):
    """Whom a number stands for, as far as we know."""

    person_id: UUID | None
    lead_id: UUID | None


def subject_of(uow: UnitOfWork, sender_id: UUID, e164: int) -> Subject:
    """Say who is meant by a number: whom we texted last at it, else whom the records know under it."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            (select person_id, lead_id, 1 as rank from message
             where org_id = %(org)s and e164 = %(e164)s and lead_id is not null
               and submitted_at is not null
             order by (sender_number_id = %(sender)s) desc, submitted_at desc limit 1)
            union all
            (select pp.person_id, l.id, 2 from phone f
             join person_phone pp on pp.org_id = f.org_id and pp.phone_id = f.id
             left join property_party y on y.org_id = pp.org_id and y.person_id = pp.person_id
             left join lead l on l.org_id = y.org_id and l.property_id = y.property_id
             where f.org_id = %(org)s and f.e164 = %(e164)s
             order by l.removed_at is not null, l.id nulls last, pp.rank limit 1)
            order by rank limit 1
            """,
            {"org": uow.org(), "e164": e164, "sender": sender_id},
        )
        row = cursor.fetchone()
    return Subject(row[0], row[1]) if row else Subject(None, None)


class Opened(NamedTuple):
    """A conversation that a text has just come into."""

    id: UUID
    person_id: UUID | None
    lead_id: UUID | None


def receive(
    uow: UnitOfWork,
    sender_id: UUID,
    text: Inbound,
    meaning: ReplyClass,
    subject: Subject,
    now: datetime,
    *,
    lock: bool,
) -> Opened:
    """Put a text on top of its conversation, opened if it is the first."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into conversation (org_id, sender_number_id, e164, person_id, lead_id, last_at, last_snippet, unread,
                                      label, confidence, locked)
            values (%(org)s, %(sender)s, %(e164)s, %(person)s, %(lead)s, %(now)s, %(snippet)s, 1, %(label)s,
                    %(confidence)s, %(lock)s)
            on conflict (org_id, sender_number_id, e164) do update set
                last_at = excluded.last_at, last_snippet = excluded.last_snippet, label = excluded.label,
                unread = conversation.unread + 1, locked = conversation.locked or excluded.locked,
                confidence = excluded.confidence, snoozed_until = null, outcome = null, updated_at = now(),
                person_id = coalesce(conversation.person_id, excluded.person_id),
                lead_id = coalesce(conversation.lead_id, excluded.lead_id)
            returning id, person_id, lead_id
            """,
            {
                "org": uow.org(),
                "sender": sender_id,
                "e164": int(text.from_),
                "person": subject.person_id,
                "lead": subject.lead_id,
                "now": now,
                "snippet": text.body[:160],
                "label": meaning.label.value,
                "confidence": meaning.confidence.value,
                "lock": lock,
            },
        )
        row = cursor.fetchone()
    if row is None:
        msg = "a conversation is always answered"
        raise RuntimeError(msg)
    return Opened(*row)


def keep_text(uow: UnitOfWork, conversation_id: UUID, text: Inbound, meaning: ReplyClass, now: datetime) -> UUID | None:
    """Store a text that somebody sent."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into inbound_message (org_id, conversation_id, carrier_sid, e164, body, received_at, label, suppress,
                                         confidence)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (org_id, carrier_sid) do nothing returning id
            """,
            [
                uow.org(),
                conversation_id,
                text.sid,
                int(text.from_),
                text.body,
                now,
                meaning.label.value,
                meaning.suppress.value,
                meaning.confidence.value,
            ],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def confirmed_since(uow: UnitOfWork, e164: str, since: datetime) -> bool:
    """Say whether a confirmation to a number was written since an instant, sent or not."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select exists (select 1 from message where org_id = %s and e164 = %s and purpose = 'confirmation'
                           and not_before > %s)
            """,
            [uow.org(), int(e164), since],
        )
        row = cursor.fetchone()
    return bool(row and row[0])
