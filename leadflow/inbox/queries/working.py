"""What people do with conversations: who has one, who is at it, what came of it, how a reply was read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from leadflow.inbox.types import Colleague, ConversationOutcome, PresenceKind, Present, Reached
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import ReplyLabel, Role, SuppressionKind

# Who has a conversation


def colleagues(uow: UnitOfWork, roles: list[Role]) -> list[Colleague]:
    """List active members of these roles, by name."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select u.id, u.name from membership m join "user" u on u.id = m.user_id
            where m.org_id = %s and m.role = any(%s) and m.disabled_at is null and u.disabled_at is null
            order by lower(u.name), u.id
            """,
            [uow.org(), [role.value for role in roles]],
        )
        return [Colleague(row[0], row[1]) for row in cursor.fetchall()]


# Who is at it


def arrive(uow: UnitOfWork, conversation_id: UUID, user_id: UUID, kind: PresenceKind, now: datetime) -> None:
    """Note a sign of life, and of typing."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into conversation_presence (org_id, conversation_id, user_id, seen_at, replying_at)
            values (%(org)s, %(id)s, %(user)s, %(now)s, case when %(typing)s then %(now)s::timestamptz end)
            on conflict (org_id, conversation_id, user_id) do update set seen_at = excluded.seen_at,
                replying_at = coalesce(excluded.replying_at, conversation_presence.replying_at), updated_at = now()
            """,
            {
                "org": uow.org(),
                "id": conversation_id,
                "user": user_id,
                "now": now,
                "typing": kind is PresenceKind.REPLYING,
            },
        )


def leave(uow: UnitOfWork, user_id: UUID, before: datetime) -> None:
    """Forget where a user was, and everybody who has not been seen since an instant."""
    with uow.cursor() as cursor:
        cursor.execute(
            "delete from conversation_presence where org_id = %s and (user_id = %s or seen_at < %s)",
            [uow.org(), user_id, before],
        )


def others(
    uow: UnitOfWork, conversation_id: UUID, me: UUID | None, seen_since: datetime, typed_since: datetime
) -> list[Present]:
    """List who else is at a conversation, those who write first."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select p.user_id, u.name, coalesce(p.replying_at > %(typed)s, false) as typing
            from conversation_presence p join "user" u on u.id = p.user_id
            where p.org_id = %(org)s and p.conversation_id = %(id)s and p.seen_at > %(seen)s
              and p.user_id is distinct from %(me)s
            order by typing desc, u.name, u.id
            """,
            {"org": uow.org(), "id": conversation_id, "seen": seen_since, "typed": typed_since, "me": me},
        )
        return [
            Present(row[0], row[1], PresenceKind.REPLYING if row[2] else PresenceKind.VIEWING)
            for row in cursor.fetchall()
        ]


def just_answered(
    uow: UnitOfWork, conversation_id: UUID, me: UUID | None, since: datetime
) -> tuple[UUID, str, datetime] | None:
    """Find a colleague's last answer since an instant: its id, who, and when it was written."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select m.id, coalesce(u.name, 'A colleague'), m.created_at from message m
            left join "user" u on u.id = m.actor_id
            where m.org_id = %s and m.conversation_id = %s and m.purpose in ('manual_reply', 'first_text')
              and m.actor_id is distinct from %s and m.created_at > %s
            order by m.created_at desc, m.id desc limit 1
            """,
            [uow.org(), conversation_id, me, since],
        )
        row = cursor.fetchone()
    return (row[0], row[1], row[2]) if row else None


def reached(uow: UnitOfWork, lead_id: UUID, e164: str) -> Reached | None:
    """Find whom one of a lead's numbers means, an owner before others; None where it is none of them."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select l.property_id, pp.person_id, f.id
            from lead l
            join property_party y on y.org_id = l.org_id and y.property_id = l.property_id
            join person_phone pp on pp.org_id = l.org_id and pp.person_id = y.person_id
            join phone f on f.org_id = l.org_id and f.id = pp.phone_id
            where l.org_id = %s and l.id = %s and f.e164 = %s
            order by y.role <> 'owner', pp.rank, pp.person_id limit 1
            """,
            [uow.org(), lead_id, int(e164)],
        )
        row = cursor.fetchone()
    return Reached(*row) if row else None


def begin(uow: UnitOfWork, sender_id: UUID, e164: str, person_id: UUID, lead_id: UUID, now: datetime) -> UUID:
    """Begin a conversation; of two at once, both are given the one."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into conversation (org_id, sender_number_id, e164, person_id, lead_id, last_at, last_snippet, unread,
                                      locked)
            values (%s, %s, %s, %s, %s, %s, '', 0, false)
            on conflict (org_id, sender_number_id, e164) do update set updated_at = now() returning id
            """,
            [uow.org(), sender_id, int(e164), person_id, lead_id, now],
        )
        row = cursor.fetchone()
    if row is None:
        msg = "a conversation is always answered"
        raise RuntimeError(msg)
    return row[0]


# What came of it


def keep_outcome(
    uow: UnitOfWork,
    conversation_id: UUID,
    outcome: ConversationOutcome,
    actor_id: UUID | None,
    reason: str,
    before: Mapping[str, Any],
    now: datetime,
) -> UUID:
    """Write down what somebody made of a conversation."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into conversation_outcome (org_id, conversation_id, outcome, at, actor_id, reason, before)
            values (%s, %s, %s, %s, %s, %s, %s) returning id
            """,
            [
                uow.org(),
                conversation_id,
                outcome.value,
                now,
                actor_id,
                reason,
                orjson.dumps(dict(before)).decode(),
            ],
        )
        row = cursor.fetchone()
    if row is None:
        msg = "an outcome is always answered"
        raise RuntimeError(msg)
    return row[0]


def last_outcome(
    uow: UnitOfWork, conversation_id: UUID
) -> tuple[UUID, ConversationOutcome, datetime, dict[str, Any]] | None:
    """Read the last outcome, if it was not undone: its id, which, when, and what was there before."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select id, outcome, at, before, undone_at is not null from conversation_outcome
            where org_id = %s and conversation_id = %s order by at desc, id desc limit 1
            """,
            [uow.org(), conversation_id],
        )
        row = cursor.fetchone()
    return None if row is None or row[4] else (row[0], ConversationOutcome(row[1]), row[2], row[3])


def undo_outcome(uow: UnitOfWork, outcome_id: UUID, actor_id: UUID | None, now: datetime) -> None:
    """Note that an outcome was undone."""
    with uow.cursor() as cursor:
        cursor.execute(
            "update conversation_outcome set undone_at = %s, undone_by = %s, updated_at = now() "
            "where org_id = %s and id = %s",
            [now, actor_id, uow.org(), outcome_id],
        )


# How a reply was read


def last_text(uow: UnitOfWork, conversation_id: UUID) -> tuple[UUID, ReplyLabel, str, datetime] | None:
    """Read the last text that came in: its id, label, words and instant."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select id, label, body, received_at from inbound_message where org_id = %s and conversation_id = %s
            order by received_at desc, id desc limit 1
            """,
            [uow.org(), conversation_id],
        )
        row = cursor.fetchone()
    return (row[0], ReplyLabel(row[1]), row[2], row[3]) if row else None


def relabel(uow: UnitOfWork, text_id: UUID, label: ReplyLabel, actor_id: UUID | None, now: datetime) -> None:
    """Give a text another label by a person's word; what the machine made of it is kept."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update inbound_message set read_as = coalesce(read_as, label), label = %s, labeled_by = %s,
                   labeled_at = %s, updated_at = now()
            where org_id = %s and id = %s
            """,
            [label.value, actor_id, now, uow.org(), text_id],
        )


def standing(
    uow: UnitOfWork, conversation_id: UUID, number: int, kinds: list[SuppressionKind] | None
) -> list[tuple[UUID, SuppressionKind]]:
    """List what was suppressed because of a conversation and still stands, one row of each cause.

    Args:
        uow: the caller's transaction.
        conversation_id: the conversation, as the evidence names it.
        number: digits of its number.
        kinds: only these; None is all but what merely waits for a reader.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select distinct on (evidence ->> 'cause') id, kind from suppression
            where org_id = %(org)s and e164 = %(number)s and released_at is null and kind <> 'review'
              and evidence ->> 'conversation_id' = %(id)s and (%(kinds)s::text[] is null or kind = any(%(kinds)s))
              and not exists (select 1 from suppression_release r where r.org_id = suppression.org_id
                              and r.suppression_id = suppression.id and r.state = 'pending')
            order by evidence ->> 'cause', id
            """,
            {
                "org": uow.org(),
                "number": number,
                "id": str(conversation_id),
                "kinds": [kind.value for kind in kinds] if kinds is not None else None,
            },
        )
        return [(row[0], SuppressionKind(row[1])) for row in cursor.fetchall()]


def lead_tags(uow: UnitOfWork, lead_id: UUID) -> set[str]:
    """Name the tags of a lead, in lower case."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select lower(t.name) from lead_tag x join tag t on t.org_id = x.org_id and t.id = x.tag_id
            where x.org_id = %s and x.lead_id = %s
            """,
            [uow.org(), lead_id],
        )
        return {row[0] for row in cursor.fetchall()}
