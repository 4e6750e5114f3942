"""Every colour, tone and word of state that the page shows. Colours are Radix steps; theme.css gives them shape.

A tone is a meaning, not a colour, and never stands alone: ``pill`` adds a sign and a word.
"""

from __future__ import annotations

from typing import Any, Literal

from leadflow.identity.types import InvitationState
from models.vocabulary import (
    ActivityKind,
    BulkOutcome,
    BulkState,
    CallOutcome,
    CampaignState,
    ConsentState,
    EvidenceState,
    ImportState,
    LeadStatus,
    MessageState,
    RegistrationState,
    ReleaseState,
    ReplyLabel,
    RowVerdict,
    RuleOutcome,
    ScrubRunState,
    SuppressionKind,
    Verdict,
)

Tone = Literal["ok", "warn", "bad", "info", "mute"]

THEME: dict[str, Any] = {
    "accent_color": "indigo",
    "gray_color": "slate",
    "panel_background": "solid",
    "radius": "medium",
    "scaling": "95%",
}

Tones = dict[str, tuple[Tone, str]]

LEAD: Tones = {
    LeadStatus.NEW: ("info", "New"),
    LeadStatus.ATTEMPTED: ("mute", "Attempted"),
    LeadStatus.CONTACTED: ("info", "Contacted"),
    LeadStatus.FOLLOW_UP: ("warn", "Follow up"),
    LeadStatus.INTERESTED: ("ok", "Interested"),
    LeadStatus.APPOINTMENT: ("ok", "Appointment"),
    LeadStatus.OFFER: ("ok", "Offer"),
    LeadStatus.UNDER_CONTRACT: ("ok", "Under contract"),
    LeadStatus.WON: ("ok", "Won"),
    LeadStatus.DEAD: ("mute", "Dead"),
}
VERDICT: Tones = {
    Verdict.SENDABLE: ("ok", "Sendable"),
    Verdict.LATER: ("warn", "Later"),
    Verdict.BLOCKED: ("bad", "Blocked"),
}
OUTCOME: Tones = {
    RuleOutcome.PASS: ("ok", "Pass"),
    RuleOutcome.FAIL: ("bad", "Fail"),
    RuleOutcome.UNKNOWN: ("warn", "Unknown"),
}
CAMPAIGN: Tones = {
    CampaignState.DRAFT: ("mute", "Draft"),
    CampaignState.AWAITING_APPROVAL: ("warn", "Awaiting approval"),
    CampaignState.READY: ("info", "Ready"),
    CampaignState.SCHEDULED: ("info", "Scheduled"),
    CampaignState.MISSED: ("bad", "Missed its start"),
    CampaignState.RUNNING: ("ok", "Running"),
    CampaignState.PAUSED: ("warn", "Paused"),
    CampaignState.FINISHED: ("mute", "Finished"),
    CampaignState.CANCELLED: ("bad", "Cancelled"),
}
MESSAGE: Tones = {
    MessageState.QUEUED: ("mute", "Queued"),
    MessageState.CLAIMED: ("info", "Claimed"),
    MessageState.SUBMITTING: ("info", "Submitting"),
    MessageState.ACCEPTED: ("info", "Accepted"),
    MessageState.SENT: ("info", "Sent"),
    MessageState.DELIVERED: ("ok", "Delivered"),
    MessageState.UNDELIVERED: ("bad", "Undelivered"),
    MessageState.FAILED: ("bad", "Failed"),
    MessageState.REJECTED: ("bad", "Rejected"),
    MessageState.UNKNOWN: ("warn", "Unknown, asking"),
    MessageState.FAILED_UNKNOWN: ("bad", "Never confirmed"),
    MessageState.BLOCKED: ("bad", "Blocked"),
    MessageState.EXPIRED_WINDOW: ("mute", "Window closed"),
    MessageState.WITHDRAWN: ("mute", "Withdrawn"),
}
IMPORT: Tones = {
    ImportState.UPLOADED: ("info", "Uploaded"),
    ImportState.CHECKING: ("info", "Checking"),
    ImportState.CHECKED: ("warn", "Ready to run"),
    ImportState.COMMITTING: ("info", "Running"),
    ImportState.DONE: ("ok", "Done"),
    ImportState.UNDOING: ("info", "Being undone"),
    ImportState.UNDONE: ("mute", "Undone"),
    ImportState.FAILED: ("bad", "Failed"),
    ImportState.CANCELLED: ("mute", "Cancelled"),
}
ROW: Tones = {
    RowVerdict.NEW: ("ok", "New"),
    RowVerdict.UPDATE: ("info", "Update"),
    RowVerdict.UNCHANGED: ("mute", "Unchanged"),
    RowVerdict.DUPLICATE: ("warn", "Duplicate"),
    RowVerdict.NOTED: ("info", "Noted"),
    RowVerdict.REJECT: ("bad", "Reject"),
    RowVerdict.BLANK: ("mute", "Blank"),
    RowVerdict.FOOTER: ("mute", "Footer"),
    RowVerdict.REMOVED: ("warn", "Kept removed"),
    RowVerdict.RESTORED: ("info", "Restored"),
    RowVerdict.REPLACED: ("info", "Replaced"),
}
BULK: Tones = {
    BulkState.WAITING: ("mute", "Waiting"),
    BulkState.RUNNING: ("info", "Under way"),
    BulkState.DONE: ("ok", "Done"),
    BulkState.STOPPED: ("warn", "Stopped"),
    BulkState.FAILED: ("bad", "Failed"),
    BulkState.UNDOING: ("info", "Being undone"),
    BulkState.UNDONE: ("mute", "Undone"),
}
BULK_LEAD: Tones = {
    BulkOutcome.CHANGED: ("ok", "Changed"),
    BulkOutcome.SAME: ("mute", "Was so already"),
    BulkOutcome.GONE: ("warn", "Not there"),
    BulkOutcome.UNDONE: ("mute", "Given back"),
    BulkOutcome.KEPT: ("warn", "Changed since, kept"),
    BulkOutcome.WAITING: ("info", "Waiting"),
}
EVIDENCE: Tones = {
    EvidenceState.MAKING: ("info", "Being made"),
    EvidenceState.READY: ("ok", "Ready"),
    EvidenceState.FAILED: ("bad", "Failed"),
}
SCRUB_RUN: Tones = {
    ScrubRunState.RUNNING: ("info", "Running"),
    ScrubRunState.DONE: ("ok", "Done"),
    ScrubRunState.CANCELLED: ("mute", "Cancelled"),
    ScrubRunState.FAILED: ("bad", "Failed"),
}
SUPPRESSION: Tones = {
    kind: ("bad", kind.replace("_", " ").capitalize().replace("dnc", "DNC").replace("Opt out", "Opt-out"))
    for kind in SuppressionKind
}
REGISTRATION: Tones = {
    RegistrationState.PENDING: ("warn", "Pending"),
    RegistrationState.VERIFIED: ("ok", "Verified"),
    RegistrationState.REJECTED: ("bad", "Rejected"),
    RegistrationState.SUSPENDED: ("bad", "Suspended"),
}
CALL: Tones = {
    CallOutcome.NO_ANSWER: ("mute", "No answer"),
    CallOutcome.VOICEMAIL: ("mute", "Voicemail"),
    CallOutcome.TALKED: ("ok", "Talked"),
    CallOutcome.CALL_BACK: ("warn", "Call back"),
    CallOutcome.WRONG_NUMBER: ("warn", "Wrong number"),
    CallOutcome.DEAD_NUMBER: ("bad", "Dead number"),
    CallOutcome.DO_NOT_CALL: ("bad", "Do not call"),
}
REPLY: Tones = {
    ReplyLabel.HOSTILE_LEGAL: ("bad", "Legal threat"),
    ReplyLabel.DECEASED: ("bad", "Deceased"),
    ReplyLabel.OPT_OUT: ("bad", "Opt-out"),
    ReplyLabel.WRONG_NUMBER: ("warn", "Wrong number"),
    ReplyLabel.INTERESTED: ("ok", "Interested"),
    ReplyLabel.NOT_INTERESTED: ("mute", "Not interested"),
    ReplyLabel.QUESTION: ("info", "Question"),
    ReplyLabel.NEUTRAL: ("mute", "Neutral"),
}
ACTIVITY: dict[str, Tone] = {
    ActivityKind.CREATED: "info",
    ActivityKind.IMPORTED: "info",
    ActivityKind.STATUS: "info",
    ActivityKind.NOTE: "mute",
    ActivityKind.TASK: "mute",
    ActivityKind.TEXT_OUT: "ok",
    ActivityKind.TEXT_FAILED: "bad",
    ActivityKind.TEXT_IN: "ok",
    ActivityKind.CLICKED: "ok",
    ActivityKind.CALL: "ok",
    ActivityKind.BLOCKED: "warn",
    ActivityKind.OPT_OUT: "bad",
    ActivityKind.SUPPRESSED: "bad",
    ActivityKind.EDITED: "mute",
}
"""Colours of the dots of a timeline; each entry says in words what happened."""
CONSENT: Tones = {
    ConsentState.STANDING: ("ok", "Standing"),
    ConsentState.EXPIRED: ("mute", "Expired"),
    ConsentState.REVOKED: ("bad", "Revoked"),
}
RELEASE: Tones = {
    ReleaseState.PENDING: ("warn", "Waits for a second person"),
    ReleaseState.APPROVED: ("ok", "Granted"),
    ReleaseState.DECLINED: ("bad", "Declined"),
    ReleaseState.WITHDRAWN: ("mute", "Taken back"),
    ReleaseState.EXPIRED: ("mute", "Lapsed"),
}
INVITATION: Tones = {
    InvitationState.OPEN: ("info", "Open"),
    InvitationState.ACCEPTED: ("ok", "Accepted"),
    InvitationState.WITHDRAWN: ("mute", "Withdrawn"),
    InvitationState.EXPIRED: ("warn", "Expired"),
}


def words(term: str) -> str:
    """Write a term of the vocabulary for a person: ``follow_up`` is ``Follow up``."""
    text = term.replace("_", " ").capitalize()
    return text.replace("dnc", "DNC").replace("Dnc", "DNC").replace("voip", "VoIP").replace("Voip", "VoIP")
