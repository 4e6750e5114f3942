"""Keep answers ready, for everybody or for oneself, and write them for one conversation."""

from __future__ import annotations

from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity.rules import may, require
from leadflow.identity.types import Principal
from leadflow.inbox.queries import canned as queries
from leadflow.inbox.rules.canned import check
from leadflow.inbox.service.reading import found
from leadflow.inbox.types import CannedInput, CannedRow, Filled
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from leadflow.messaging.errors import UnresolvedField
from leadflow.messaging.rules.segments import segments
from leadflow.messaging.rules.templates import render
from models.inbox import CannedReply
from models.vocabulary import Permission

MOST = 200
"""Answers that one owner may keep. Own choice."""


def canned(uow: UnitOfWork, actor: Principal) -> tuple[CannedRow, ...]:
    """List the answers that the caller has ready: own ones first, then the organisation's."""
    require(actor, Permission.INBOX_READ)
    return tuple(
        CannedRow(one.id, one.name, one.body, one.key, one.owner_id is None, segments(one.body), _may(actor, one))
        for one in queries.listing(uow, actor.user_id)
    )


def ready(uow: UnitOfWork, actor: Principal, conversation_id: UUID) -> tuple[Filled, ...]:
    """Write every answer of the caller for one conversation; one that lacks a value says which.

    Raises:
        NotFound: there is no such conversation, or it is not the caller's to see.
    """
    require(actor, Permission.INBOX_READ)
    found(uow, actor, conversation_id)
    values = queries.values(uow, conversation_id)
    return tuple(_filled(one, values) for one in queries.listing(uow, actor.user_id))


def _filled(one: CannedReply, values: dict[str, str | None]) -> Filled:
    try:
        body = render(one.body, values)
    except UnresolvedField as error:
        return Filled(one.id, one.name, one.key, "", error.message, 0)
    return Filled(one.id, one.name, one.key, body, "", segments(body))


def keep_canned(uow: UnitOfWork, actor: Principal, given: CannedInput) -> UUID:
    """Keep a new answer.

    Raises:
        Forbidden: only who approves campaigns writes for everybody.
        Invalid: the template cannot be filled in.
        Conflict: the name or the key is taken, or there are too many.
    """
    require(actor, Permission.INBOX_REPLY)
    owner_id = _owner(actor, given)
    _fits(uow, given, owner_id, None)
    if len(queries.listing(uow, actor.user_id)) >= MOST:
        raise Conflict(f"There are {MOST} answers already. Remove one that nobody uses.")
    made = CannedReply(org_id=uow.org(), owner_id=owner_id, name=given.name.strip(), body=given.body, key=given.key)
    uow.session.add(made)
    uow.session.flush()
    audit.record(uow, actor.user_id, "canned_reply.kept", "canned_reply", made.id, {"shared": given.shared})
    return made.id


def change_canned(uow: UnitOfWork, actor: Principal, reply_id: UUID, given: CannedInput) -> None:
    """Change an answer in every field.

    Raises:
        NotFound: there is none, or it is another member's.
        Forbidden: it is everybody's, or would be.
        Invalid: the template cannot be filled in.
        Conflict: the name or the key is taken.
    """
    require(actor, Permission.INBOX_REPLY)
    one = _held(uow, actor, reply_id)
    owner_id = _owner(actor, given)
    _fits(uow, given, owner_id, reply_id)
    one.owner_id, one.name, one.body, one.key = owner_id, given.name.strip(), given.body, given.key
    audit.record(uow, actor.user_id, "canned_reply.changed", "canned_reply", one.id, {"shared": given.shared})


def remove_canned(uow: UnitOfWork, actor: Principal, reply_id: UUID) -> None:
    """Let an answer go.

    Raises:
        NotFound: there is none, or it is another member's.
        Forbidden: it is everybody's.
    """
    require(actor, Permission.INBOX_REPLY)
    one = _held(uow, actor, reply_id)
    uow.session.delete(one)
    audit.record(uow, actor.user_id, "canned_reply.removed", "canned_reply", one.id, {"name": one.name})


def _may(actor: Principal, one: CannedReply) -> bool:
    if one.owner_id is None:
        return may(actor, Permission.CAMPAIGN_APPROVE)
    return one.owner_id == actor.user_id and may(actor, Permission.INBOX_REPLY)


def _held(uow: UnitOfWork, actor: Principal, reply_id: UUID) -> CannedReply:
    one = queries.held(uow, reply_id)
    if one is None or one.owner_id not in (None, actor.user_id):
        raise NotFound
    if not _may(actor, one):
        raise Forbidden("This answer is the whole organisation's. Ask a manager to change it, or keep your own.")
    return one


def _owner(actor: Principal, given: CannedInput) -> UUID | None:
    if not given.shared:
        if actor.user_id is None:
            raise Forbidden("Only a person keeps answers of their own.")
        return actor.user_id
    if not may(actor, Permission.CAMPAIGN_APPROVE):
        raise Forbidden("Only a manager writes answers for the whole organisation. Keep it as your own.")
    return None


def _fits(uow: UnitOfWork, given: CannedInput, owner_id: UUID | None, but: UUID | None) -> None:
    name = given.name.strip()
    if not name:
        raise Invalid("Give the answer a name.", "name")
    if not given.body.strip():
        raise Invalid("Write the answer.", "body")
    check(given.body)
    taken = queries.with_key_or_name(uow, owner_id, given.key, name, but)
    if taken is not None and given.key is not None and taken[1] == given.key:
        raise Conflict(f"The key {given.key} is that of “{taken[0]}”. Choose another, or none.")
    if taken is not None:
        raise Conflict(f"There is an answer called “{taken[0]}” already.")
