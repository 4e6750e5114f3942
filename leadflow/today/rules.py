"""In which order those who wait are worked, and when waiting is too long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from leadflow.today.types import Turn
from models.vocabulary import ReplyLabel, TurnKind

TOUCH_WITHIN = timedelta(minutes=5)
"""A new lead that is untouched for longer stands in the queue. Source: the product's goals, *Today*."""
ANSWER_WITHIN = timedelta(minutes=15)
"""An answer that takes longer counts as late. Source: the product's goals, *Today*."""
SPEED_OVER = timedelta(days=7)
"""Span of the speed to lead. Own choice."""
_WHY = {
    TurnKind.OVERDUE: "Task overdue",
    TurnKind.UNTOUCHED: "New, untouched",
    TurnKind.DUE: "Due today",
    TurnKind.IDLE: "No next task",
}


def why(kind: TurnKind) -> str:
    """Name the reason."""
    return _WHY[kind]


def why_reply(label: ReplyLabel | None, *, locked: bool) -> str:
    """Name the reason of somebody who has written."""
    if locked:
        return "Legal threat: read it and decide"
    return "Reply waits" + (f": {label.value.replace('_', ' ')}" if label else "")


def arranged(turns: Mapping[TurnKind, Sequence[Turn]], limit: int) -> list[Turn]:
    """Put turns in order, each lead once where it stands first; at most ``limit``."""
    out, seen = list[Turn](), set[UUID]()
    for kind in TurnKind:
        for turn in turns.get(kind, ()):
            if turn.lead_id is not None and turn.lead_id in seen:
                continue
            if turn.lead_id is not None:
                seen.add(turn.lead_id)
            out.append(turn)
    return out[:limit]


def offered(turn: Turn, *, text: bool, call: bool, hindrance: str) -> Turn:
    """Say what may be done: a text answers one of theirs or is the first, which needs a number, as a call does."""
    may_text, may_call = text and bool(turn.conversation_id or turn.e164), call and bool(turn.e164)
    return replace(turn, may_text=may_text, may_call=may_call, hindrance="" if text or call else hindrance)


def median(seconds: Iterable[float]) -> int | None:
    """Answer the middle one, the lower of two; None of none."""
    ordered = sorted(seconds)
    return round(ordered[(len(ordered) - 1) // 2]) if ordered else None
