"""What came of a call, and what follows: the number's state, the lead's, and what is closed. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.vocabulary import CallOutcome, LeadStatus, PhoneStatus, SuppressionKind

FARTHEST = timedelta(days=366)
"""A call back that is farther away is better a task of its own. Own choice."""
PHONE = {
    CallOutcome.TALKED: PhoneStatus.CORRECT,
    CallOutcome.CALL_BACK: PhoneStatus.CORRECT,
    CallOutcome.WRONG_NUMBER: PhoneStatus.WRONG,
    CallOutcome.DEAD_NUMBER: PhoneStatus.DEAD,
}
"""What was found out about the number."""
CLOSES = {
    CallOutcome.WRONG_NUMBER: SuppressionKind.WRONG_NUMBER,
    CallOutcome.DO_NOT_CALL: SuppressionKind.INTERNAL_DNC,
}
"""What is closed from now on, for texts as well. 47 CFR 64.1200(d)(3) for the wish not to be called."""
WORDS = {
    CallOutcome.NO_ANSWER: "no answer",
    CallOutcome.VOICEMAIL: "left a voicemail",
    CallOutcome.TALKED: "talked",
    CallOutcome.CALL_BACK: "agreed to be called back",
    CallOutcome.WRONG_NUMBER: "wrong number",
    CallOutcome.DEAD_NUMBER: "dead number",
    CallOutcome.DO_NOT_CALL: "asked not to be contacted again",
}
_REACHED = frozenset({CallOutcome.TALKED, CallOutcome.CALL_BACK})
_TRIED = frozenset({CallOutcome.NO_ANSWER, CallOutcome.VOICEMAIL})


def lead_moves_to(outcome: CallOutcome, status: LeadStatus) -> LeadStatus | None:
    """Say to which status a call moves a lead; None where it stays. Nothing moves a lead back in its sale."""
    if outcome in _REACHED and status in {LeadStatus.NEW, LeadStatus.ATTEMPTED}:
        return LeadStatus.CONTACTED
    return LeadStatus.ATTEMPTED if outcome in _TRIED and status is LeadStatus.NEW else None


def is_ahead(at: datetime | None, now: datetime) -> bool:
    """Say whether an instant may be promised for a call back."""
    return at is not None and now < at <= now + FARTHEST
