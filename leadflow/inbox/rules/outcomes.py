"""What each outcome asks for, and what its undo may do. No undo opens what a suppression has closed. Pure."""

from __future__ import annotations

from leadflow.inbox.types import ConversationOutcome
from models.vocabulary import LeadStatus, ReplyLabel, SuppressionKind

CLOSING = {
    ConversationOutcome.WRONG_NUMBER: SuppressionKind.WRONG_NUMBER,
    ConversationOutcome.DNC: SuppressionKind.INTERNAL_DNC,
}
"""Outcomes that suppress, and as what. Their undo is a wish that a second person grants."""
ON_LOCKED = frozenset({ConversationOutcome.WRONG_NUMBER, ConversationOutcome.DNC, ConversationOutcome.REVIEWED})
"""What may be said of a locked conversation: what stops more, and that somebody responsible has looked."""
NEEDS_LEAD = frozenset({ConversationOutcome.QUALIFIED})
STOPPING = {
    ReplyLabel.HOSTILE_LEGAL: SuppressionKind.LEGAL_THREAT,
    ReplyLabel.DECEASED: SuppressionKind.DECEASED,
    ReplyLabel.OPT_OUT: SuppressionKind.OPT_OUT,
    ReplyLabel.WRONG_NUMBER: SuppressionKind.WRONG_NUMBER,
}
"""Labels that stop contact, whoever gives them, and as what."""
_BEFORE_INTEREST = frozenset({LeadStatus.NEW, LeadStatus.ATTEMPTED, LeadStatus.CONTACTED, LeadStatus.FOLLOW_UP})


def lead_moves_to(outcome: ConversationOutcome, status: LeadStatus) -> LeadStatus | None:
    """Say to which status an outcome moves a lead; None where it stands: nothing moves a lead back in its sale."""
    if outcome in {ConversationOutcome.QUALIFIED, ConversationOutcome.INTERESTED} and status in _BEFORE_INTEREST:
        return LeadStatus.INTERESTED
    return None


def asks_reason(outcome: ConversationOutcome) -> bool:
    """Say whether an outcome is taken only with a reason."""
    return outcome is ConversationOutcome.DNC
