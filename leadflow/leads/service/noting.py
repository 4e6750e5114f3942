"""Notes on a lead's timeline: written, changed, pinned, taken away and brought back; and who is mentioned in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from leadflow.kernel.paging import Page
from leadflow.leads import rules
from leadflow.leads.queries import noting as queries
from leadflow.leads.rules.notes import mentioned
from leadflow.leads.service.bringing import record
from leadflow.leads.service.looking import only
from leadflow.leads.service.working import held
from leadflow.leads.types import PAGE_LIMIT, Named
from leadflow.leads.work_types import MentionRow, NoteState
from models.vocabulary import ActivityKind, Permission

KEPT = timedelta(days=1)
"""How long a note that was taken away can be brought back. Own choice."""


def add_note(uow: UnitOfWork, actor: Principal, lead_id: UUID, text: str, mentions: Sequence[UUID] = ()) -> UUID:
    """Write a note on the timeline; who is named in it behind an ``@``, or given, finds it under Today.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
        Invalid: it is empty or too long, or somebody given is no active member.
    """
    held(uow, actor, [lead_id])
    queries.forget_removed(uow, lead_id)
    words = rules.written(text, "text", rules.NOTE_LENGTH)
    made = record(uow, lead_id, ActivityKind.NOTE, words, actor_id=actor.user_id)
    _mention(uow, actor, lead_id, made, words, mentions)
    return made


def change_note(
    uow: UnitOfWork, actor: Principal, lead_id: UUID, entry_id: UUID, text: str, mentions: Sequence[UUID] = ()
) -> None:
    """Change the words of an own note.

    Raises:
        NoSuchLead: the lead is not there, or not the caller's to see.
        NotFound: there is no such note.
        Forbidden: somebody else wrote it.
        Invalid: it is empty or too long, or somebody given is no active member.
    """
    found = _own(uow, actor, lead_id, entry_id)
    words = rules.written(text, "text", rules.NOTE_LENGTH)
    if words != found.text:
        queries.rewrite(uow, entry_id, words)
    _mention(uow, actor, lead_id, entry_id, words, mentions)


def remove_note(uow: UnitOfWork, actor: Principal, lead_id: UUID, entry_id: UUID) -> None:
    """Take an own note away; for a day it can be brought back.

    Raises:
        NoSuchLead: the lead is not there, or not the caller's to see.
        NotFound: there is no such note.
        Forbidden: somebody else wrote it.
    """
    _own(uow, actor, lead_id, entry_id)
    queries.remove(uow, entry_id)


def restore_note(uow: UnitOfWork, actor: Principal, lead_id: UUID, entry_id: UUID) -> None:
    """Bring an own note back that was taken away.

    Raises:
        NoSuchLead: the lead is not there, or not the caller's to see.
        NotFound: there is no such note, or it is too long ago.
        Forbidden: somebody else wrote it.
        Conflict: it was not taken away.
    """
    held(uow, actor, [lead_id])
    found = queries.hold(uow, lead_id, entry_id)
    if found is None or (found.deleted_at and found.deleted_at < uow.now() - KEPT):
        raise NotFound("There is no such note on this lead.")
    _must_be_own(actor, found)
    if found.deleted_at is None:
        raise Conflict("This note stands on the timeline already.")
    queries.bring_back(uow, entry_id)


def pin_note(uow: UnitOfWork, actor: Principal, lead_id: UUID, entry_id: UUID) -> None:
    """Let a note stand above the timeline, in the place of the one that stood there.

    Raises:
        NoSuchLead: the lead is not there, or not the caller's to see.
        NotFound: there is no such note.
    """
    _standing(uow, actor, lead_id, entry_id)
    queries.unpin(uow, lead_id)
    queries.pin(uow, entry_id)


def unpin_note(uow: UnitOfWork, actor: Principal, lead_id: UUID, entry_id: UUID) -> None:
    """Put a note back into its place on the timeline.

    Raises:
        NoSuchLead: the lead is not there, or not the caller's to see.
        NotFound: there is no such note.
    """
    _standing(uow, actor, lead_id, entry_id)
    queries.unpin(uow, lead_id)


def colleagues(uow: UnitOfWork, actor: Principal) -> tuple[Named, ...]:
    """List whom a note can mention, by name."""
    require(actor, Permission.LEAD_READ)
    return tuple(Named(key, name) for key, name in queries.members(uow).items())


def mentions(uow: UnitOfWork, actor: Principal, after: str | None = None, limit: int = 50) -> Page[MentionRow]:
    """List the caller's mentions that wait to be read, newest first; an agent's once the lead is theirs to see.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    require(actor, Permission.LEAD_READ)
    if actor.user_id is None:
        return Page((), None, 0)
    size = max(1, min(limit, PAGE_LIMIT))
    found = queries.unread(uow, actor.user_id, only(actor), paging.instant_and_id(after), size + 1)
    rows = tuple(found[:size])
    return Page(
        rows,
        paging.encode(rows[-1].at, rows[-1].id) if len(found) > size else None,
        None if after else queries.count_unread(uow, actor.user_id, only(actor)),
    )


def read_mention(uow: UnitOfWork, actor: Principal, mention_id: UUID) -> None:
    """Note that the caller has read a mention.

    Raises:
        NotFound: it is none of the caller's.
    """
    require(actor, Permission.LEAD_READ)
    if actor.user_id is None or not queries.read(uow, mention_id, actor.user_id):
        raise NotFound("There is no such mention of you.")


def _mention(
    uow: UnitOfWork, actor: Principal, lead_id: UUID, entry_id: UUID, text: str, given: Sequence[UUID]
) -> None:
    members = queries.members(uow)
    if set(given) - members.keys():
        raise Invalid("Somebody who is mentioned is not an active member of the team.", "mentions")
    people = mentioned(text, members) | set(given)
    queries.mention(uow, lead_id, entry_id, people - {actor.user_id})


def _standing(uow: UnitOfWork, actor: Principal, lead_id: UUID, entry_id: UUID) -> NoteState:
    held(uow, actor, [lead_id])
    found = queries.hold(uow, lead_id, entry_id)
    if found is None or found.deleted_at is not None:
        raise NotFound("There is no such note on this lead.")
    return found


def _own(uow: UnitOfWork, actor: Principal, lead_id: UUID, entry_id: UUID) -> NoteState:
    found = _standing(uow, actor, lead_id, entry_id)
    _must_be_own(actor, found)
    return found


def _must_be_own(actor: Principal, note: NoteState) -> None:
    if actor.user_id is None or note.actor_id != actor.user_id:
        raise Forbidden("Only who wrote a note changes it or takes it away.")
