"""Conversations over HTTP: folders, one with its texts, and the work on it; answers that are kept ready."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from leadflow.api.deps import After, Limit, Made, Work, allow
from leadflow.inbox import service as inbox
from leadflow.inbox.types import (
    CannedInput,
    CannedRow,
    Closed,
    ConversationOutcome,
    ConversationRow,
    Folder,
    PresenceKind,
)
from leadflow.kernel.edge import body
from models.vocabulary import Permission, ReplyLabel

router = APIRouter(prefix="/api/v1", tags=["inbox"])


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReplyInput(_Given):
    """An answer to a conversation."""

    body: str = Field(max_length=1600)
    message_id: UUID | None = None
    """A colleague's answer of moments ago that you know of, to send this one all the same."""


class BeginInput(_Given):
    """Whom a first text is for."""

    lead_id: UUID
    number: str = Field(max_length=40)
    """One of the lead's numbers, in any spelling."""


class OutcomeInput(_Given):
    """What came of a conversation."""

    outcome: ConversationOutcome
    reason: str = Field(default="", max_length=500)
    """Why; ``dnc`` is not taken without."""


class UndoInput(_Given):
    """Why an outcome was a mistake; asked for where a suppression stands."""

    why: str = Field(default="", max_length=500)


class LabelInput(_Given):
    """What the last reply really means."""

    label: ReplyLabel
    why: str = Field(default="", max_length=500)
    """Why the label before was wrong; asked for where that has suppressed the person."""


class AssigneeInput(_Given):
    """Whose the conversation is."""

    assignee_id: UUID | None


class SnoozeInput(_Given):
    """Until when it is put off; null brings it back."""

    until: AwareDatetime | None


class PresenceInput(_Given):
    """What you do in the conversation."""

    kind: PresenceKind = PresenceKind.VIEWING


@router.get("/conversations", dependencies=[allow(Permission.INBOX_READ)])
def conversations(
    desk: Work,
    folder: Annotated[Folder, Query()] = Folder.ALL,
    q: Annotated[str | None, Query(max_length=200)] = None,
    after: After = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List conversations of a folder, newest first, with the size of every folder."""
    found = inbox.inbox(desk.uow, desk.actor, folder, after, limit, q)
    return {
        "rows": [_row(row) for row in found.rows],
        "count": found.counts[folder] if not q else None,
        "next": found.after,
        "folders": {name.value: count for name, count in found.counts.items()},
    }


@router.post("/conversations", status_code=201, dependencies=[allow(Permission.INBOX_REPLY)])
def begin(desk: Work, given: BeginInput) -> Any:  # noqa: ANN401 a conversation, or the refusal with its reasons
    """Open the conversation with a number of a lead, begun where the gate would let a first text go; else 409."""
    found = inbox.begin(desk.uow, desk.actor, given.lead_id, given.number)
    if isinstance(found, Closed):
        said = body("refused", found.sentences[0], None, found.reasons)
        said["error"] |= {"sentences": list(found.sentences)}
        return JSONResponse(said, status_code=409)
    return Made(found.conversation_id)


@router.get("/conversations/{conversation_id}", dependencies=[allow(Permission.INBOX_READ)])
def conversation(desk: Work, conversation_id: UUID) -> dict[str, Any]:
    """Read a conversation with its texts and calls, whether an answer may go out now, and who else is at it."""
    found = inbox.thread(desk.uow, desk.actor, conversation_id)
    seen = inbox.window(desk.uow, desk.actor, conversation_id)
    return {
        **_row(found.row),
        "texts": [asdict(bubble) for bubble in found.bubbles],
        "undoable": found.undoable,
        "window": {
            "verdict": seen.decision.verdict.value,
            "later_at": seen.decision.later_at,
            "reasons": list(seen.decision.reasons),
            "clocks": [{"zone": zone, "local_time": local} for zone, local in seen.clocks],
            "closes_at": seen.closes_at,
        },
        "others": [asdict(one) for one in inbox.others(desk.uow, desk.actor, conversation_id)],
    }


@router.post("/conversations/{conversation_id}/reply", status_code=202, dependencies=[allow(Permission.INBOX_REPLY)])
def reply(desk: Work, conversation_id: UUID, given: ReplyInput) -> Made:
    """Queue an answer; a worker sends it through the gate."""
    return Made(inbox.reply(desk.uow, desk.actor, conversation_id, given.body, given.message_id))


@router.post("/conversations/{conversation_id}/outcome", status_code=201, dependencies=[allow(Permission.INBOX_REPLY)])
def outcome(desk: Work, conversation_id: UUID, given: OutcomeInput) -> Made:
    """Say what came of a conversation."""
    return Made(inbox.settle(desk.uow, desk.actor, conversation_id, given.outcome, given.reason))


@router.post("/conversations/{conversation_id}/undo", dependencies=[allow(Permission.INBOX_REPLY)])
def undo(desk: Work, conversation_id: UUID, given: UndoInput) -> dict[str, Any]:
    """Undo the last outcome, as far as that is lawful."""
    return asdict(inbox.undo(desk.uow, desk.actor, conversation_id, given.why))


@router.put("/conversations/{conversation_id}/label", dependencies=[allow(Permission.INBOX_REPLY)])
def label(desk: Work, conversation_id: UUID, given: LabelInput) -> dict[str, Any]:
    """Say what the last reply really means."""
    return asdict(inbox.relabel(desk.uow, desk.actor, conversation_id, given.label, given.why))


@router.put("/conversations/{conversation_id}/assignee", status_code=204, dependencies=[allow(Permission.INBOX_REPLY)])
def assignee(desk: Work, conversation_id: UUID, given: AssigneeInput) -> None:
    """Give a conversation to a member, or to nobody."""
    inbox.assign(desk.uow, desk.actor, conversation_id, given.assignee_id)


@router.put("/conversations/{conversation_id}/snooze", status_code=204, dependencies=[allow(Permission.INBOX_REPLY)])
def snooze(desk: Work, conversation_id: UUID, given: SnoozeInput) -> None:
    """Put a conversation off, or bring it back."""
    inbox.snooze(desk.uow, desk.actor, conversation_id, given.until)


@router.post("/conversations/{conversation_id}/read", status_code=204, dependencies=[allow(Permission.INBOX_READ)])
def read(desk: Work, conversation_id: UUID) -> None:
    """Note that somebody has read it."""
    inbox.mark_read(desk.uow, desk.actor, conversation_id)


@router.post("/conversations/{conversation_id}/presence", dependencies=[allow(Permission.INBOX_READ)])
def presence(desk: Work, conversation_id: UUID, given: PresenceInput) -> dict[str, Any]:
    """Give a sign of life at a conversation, and see who else is there."""
    found = inbox.arrive(desk.uow, desk.actor, conversation_id, given.kind)
    return {"others": [asdict(one) for one in found]}


@router.get("/conversations/{conversation_id}/ready", dependencies=[allow(Permission.INBOX_READ)])
def ready(desk: Work, conversation_id: UUID) -> dict[str, Any]:
    """Write every answer that is kept ready for one conversation."""
    rows = inbox.ready(desk.uow, desk.actor, conversation_id)
    return {"rows": [asdict(one) for one in rows], "count": len(rows), "next": None}


@router.get("/inbox/colleagues", dependencies=[allow(Permission.INBOX_REPLY)])
def colleagues(desk: Work) -> dict[str, Any]:
    """List whom you may give a conversation to."""
    rows = inbox.colleagues(desk.uow, desk.actor)
    return {"rows": [asdict(one) for one in rows], "count": len(rows), "next": None}


def _row(row: ConversationRow) -> dict[str, Any]:
    return asdict(row)


# Answers that are kept ready


@router.get("/canned-replies", dependencies=[allow(Permission.INBOX_READ)])
def canned_replies(desk: Work) -> dict[str, Any]:
    """List the answers that you have ready: your own first, then the organisation's."""
    rows: tuple[CannedRow, ...] = inbox.canned(desk.uow, desk.actor)
    return {"rows": [asdict(row) for row in rows], "count": len(rows), "next": None}


@router.post("/canned-replies", status_code=201, dependencies=[allow(Permission.INBOX_REPLY)])
def keep_canned_reply(desk: Work, given: CannedInput) -> Made:
    """Keep a new answer."""
    return Made(inbox.keep_canned(desk.uow, desk.actor, given))


@router.put("/canned-replies/{canned_reply_id}", status_code=204, dependencies=[allow(Permission.INBOX_REPLY)])
def change_canned_reply(desk: Work, canned_reply_id: UUID, given: CannedInput) -> None:
    """Change an answer in every field."""
    inbox.change_canned(desk.uow, desk.actor, canned_reply_id, given)


@router.delete("/canned-replies/{canned_reply_id}", status_code=204, dependencies=[allow(Permission.INBOX_REPLY)])
def remove_canned_reply(desk: Work, canned_reply_id: UUID) -> None:
    """Let an answer go."""
    inbox.remove_canned(desk.uow, desk.actor, canned_reply_id)
