"""What has grown too old, kind by kind: counting it and letting it go in batches."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from leadflow.kernel.db import UnitOfWork
from leadflow.retention.rules.wording import ERASED
from models.vocabulary import RetentionKind


def terms(uow: UnitOfWork) -> dict[RetentionKind, int]:
    """Read the terms that the organisation has set, in days."""
    with uow.cursor() as cursor:
        cursor.execute("select kind, days from retention_rule where org_id = %s", [uow.org()])
        return {RetentionKind(row[0]): row[1] for row in cursor.fetchall()}


class Due(NamedTuple):
    """Rows that are older than the term: those that may go, and those that a hold keeps."""

    free: int
    held: int


_HELD_TEXT = """exists (select 1 from legal_hold h where h.org_id = x.org_id and h.lifted_at is null
    and (h.person_id = x.person_id or h.e164 = x.e164 or h.campaign_id = x.campaign_id))"""
_HELD_INBOUND = """exists (select 1 from legal_hold h join conversation c on c.org_id = x.org_id
    and c.id = x.conversation_id where h.org_id = x.org_id and h.lifted_at is null
    and (h.person_id = c.person_id or h.e164 = x.e164
         or h.campaign_id in (select m.campaign_id from message m
                              where m.org_id = x.org_id and m.conversation_id = x.conversation_id)))"""
_HELD_CONVERSATION = """exists (select 1 from legal_hold h where h.org_id = x.org_id and h.lifted_at is null
    and (h.person_id = x.person_id or h.e164 = x.e164
         or h.campaign_id in (select m.campaign_id from message m
                              where m.org_id = x.org_id and m.conversation_id = x.id)))"""
_HELD_CONSENT = """exists (select 1 from legal_hold h where h.org_id = x.org_id and h.lifted_at is null
    and (h.person_id = x.person_id or h.e164 = x.e164))"""
_HELD_ENTRY = """exists (select 1 from legal_hold h where h.org_id = x.org_id and h.lifted_at is null
    and (h.person_id in (select pp.person_id from lead l join property_party pp
                         on pp.org_id = l.org_id and pp.property_id = l.property_id
                         where l.org_id = x.org_id and l.id = x.lead_id)
         or h.phone_key is not null and h.e164 in (
            select f.e164 from lead l join property_party pp on pp.org_id = l.org_id and pp.property_id = l.property_id
            join person_phone n on n.org_id = l.org_id and n.person_id = pp.person_id
            join phone f on f.org_id = l.org_id and f.id = n.phone_id
            where l.org_id = x.org_id and l.id = x.lead_id)
         or h.campaign_id in (select a.campaign_id from audience_member a
                              where a.org_id = x.org_id and a.lead_id = x.lead_id)))"""
_ANY_HOLD = "exists (select 1 from legal_hold h where h.org_id = x.org_id and h.lifted_at is null)"
"""A file holds many people: while anything is under hold, none goes."""


class Piece(NamedTuple):
    """One table's part of a kind."""

    table: str
    key: str
    old: str
    held: str
    act: str
    """``set …`` empties; an empty one deletes."""


_PIECES: dict[RetentionKind, tuple[Piece, ...]] = {
    RetentionKind.MESSAGE_BODY: (
        Piece("message", "id", "x.body <> '' and coalesce(x.final_at, x.created_at) < %(before)s"
              " and x.state not in ('queued', 'claimed', 'submitting', 'unknown')", _HELD_TEXT, "set body = ''"),
        Piece("inbound_message", "id", "x.body <> '' and x.received_at < %(before)s", _HELD_INBOUND, "set body = ''"),
        Piece("conversation", "id", "x.last_snippet <> '' and x.last_at < %(before)s",
              _HELD_CONVERSATION, "set last_snippet = ''"),
        Piece("phone_call", "id", "x.note <> '' and x.at < %(before)s", _HELD_CONSENT, "set note = ''"),
        Piece("activity", "id", "x.kind in ('text_in', 'text_out', 'text_failed', 'call') and x.at < %(before)s"
              " and x.summary <> %(erased)s",
              _HELD_ENTRY, "set summary = %(erased)s"),
    ),
    RetentionKind.IMPORT_FILE: (
        Piece("import_row", "import_id, row_number", "x.raw is not null and x.created_at < %(before)s", _ANY_HOLD,
              "set raw = null"),
        Piece("import_batch", "id", "x.file_key <> 'erased' and x.state in ('done', 'undone', 'failed', 'cancelled')"
              " and x.created_at < %(before)s", _ANY_HOLD,
              "set file_key = 'erased', file_sha256 = 'erased', dialect = dialect - 'samples'"),
    ),
    RetentionKind.CONSENT: (
        Piece("consent", "id", "least(x.revoked_at, x.expires_at) < %(before)s", _HELD_CONSENT, ""),
        # What shows a consent goes after the last that it shows.
        Piece("consent_artefact", "sha256", "x.added_at < %(before)s and not exists (select 1 from consent o"
              " where o.org_id = x.org_id and o.artefact_sha256 = x.sha256)", "false", ""),
    ),
    RetentionKind.DECISION: (
        Piece("decision", "id", "x.e164 is not null and x.at < %(before)s", _HELD_TEXT, "set e164 = null"),
    ),
}  # fmt: skip
OF_ORGANIZATION = tuple(_PIECES)
"""Kinds whose rows are an organisation's own."""


def due(uow: UnitOfWork, kind: RetentionKind, before: datetime) -> Due:
    """Count what is older than its term."""
    free = held = 0
    with uow.cursor() as cursor:
        for piece in _PIECES[kind]:
            cursor.execute(
                f"""
                select count(*) filter (where not y.held), count(*) filter (where y.held)
                from (select {piece.held} as held from {piece.table} x where x.org_id = %(org)s and {piece.old}) y
                """.encode(),  # noqa: S608 constants
                {"org": uow.org(), "before": before, "erased": ERASED},
            )
            row = cursor.fetchone()
            free, held = free + (row[0] if row else 0), held + (row[1] if row else 0)
    return Due(free, held)


def files(uow: UnitOfWork, before: datetime, limit: int) -> list[str]:
    """Name stored files of imports that are older, which the next batch lets go."""
    piece = _PIECES[RetentionKind.IMPORT_FILE][1]
    with uow.cursor() as cursor:
        cursor.execute(
            f"select x.file_key from import_batch x where x.org_id = %(org)s and {piece.old} and not {piece.held}"  # noqa: S608 constants
            " order by x.id limit %(limit)s".encode(),
            {"org": uow.org(), "before": before, "limit": limit},
        )
        return [row[0] for row in cursor.fetchall()]


def let_go(uow: UnitOfWork, kind: RetentionKind, before: datetime, limit: int) -> int:
    """Let the next rows of a kind go; answers how many."""
    gone = 0
    with uow.cursor() as cursor:
        for piece in _PIECES[kind]:
            key = ", ".join(f"x.{name}" for name in piece.key.split(", "))
            which = f"select {key} from {piece.table} x where x.org_id = %(org)s and {piece.old} and not {piece.held}"  # noqa: S608 constants
            # Whoever deletes the same rows at the same time finds them gone; only what is emptied is held first.
            which += f" order by {key} limit %(limit)s" + (" for update skip locked" if piece.act else "")
            act = f"update {piece.table} {piece.act}, updated_at = now()" if piece.act else f"delete from {piece.table}"  # noqa: S608 constants
            cursor.execute(
                f"{act} where org_id = %(org)s and ({piece.key}) in ({which})".encode(),
                {"org": uow.org(), "before": before, "limit": limit, "erased": ERASED},
            )
            gone += cursor.rowcount
    return gone


def due_everywhere(uow: UnitOfWork, kind: RetentionKind, before: datetime) -> int:
    """Count what is older of the kinds that are the installation's: carrier reports, and this team's sign-ins."""
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute(
            f"select count(*) from {_OF_THE_SYSTEM[kind]}".encode(),  # noqa: S608 constants
            {"org": uow.org(), "before": before, "limit": None},
        )
        row = cursor.fetchone()
    return row[0] if row else 0


def let_go_everywhere(uow: UnitOfWork, kind: RetentionKind, before: datetime, limit: int) -> int:
    """Let the next rows of such a kind go."""
    which = _OF_THE_SYSTEM[kind]
    table = which.split(maxsplit=1)[0]
    statement = f"delete from {table} where id in (select id from {which} order by id limit %(limit)s)"  # noqa: S608 constants
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute(
            statement.encode(),
            {"org": uow.org(), "before": before, "limit": limit},
        )
        return cursor.rowcount


_OF_THE_SYSTEM = {
    RetentionKind.WEBHOOK: "webhook_inbox where applied_at is not null and received_at < %(before)s",
    RetentionKind.SESSION: (
        "session where org_id = %(org)s and least(coalesce(revoked_at, absolute_at), absolute_at) < %(before)s"
    ),
}


def longest(uow: UnitOfWork, kind: RetentionKind) -> int:
    """Answer the longest term that any organisation has set for a kind, in days; 0 where none has."""
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute("select coalesce(max(days), 0) from retention_rule where kind = %s", [kind.value])
        row = cursor.fetchone()
    return row[0] if row else 0
