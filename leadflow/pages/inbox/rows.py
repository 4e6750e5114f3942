"""What the inbox shows, made from the room's types."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from leadflow.compliance.rules.gate import sentence
from leadflow.inbox.rules.outcomes import CLOSING
from leadflow.inbox.types import Bubble, ConversationRow, Filled, Folder, Thread, Window
from leadflow.kernel.phone import display
from leadflow.messaging.rules.codes import explain
from leadflow.ui.tokens import MESSAGE, REPLY, VERDICT, words
from models.vocabulary import Confidence, MessageState, ReplyLabel, Verdict

FOLDERS: tuple[tuple[Folder, str], ...] = (
    (Folder.UNREAD, "Unread"),
    (Folder.MINE, "Mine"),
    (Folder.UNASSIGNED, "Unassigned"),
    (Folder.INTERESTED, "Interested"),
    (Folder.NEEDS_REVIEW, "Needs review"),
    (Folder.WRONG_NUMBER, "Wrong number"),
    (Folder.OPT_OUTS, "Opt-outs"),
    (Folder.SNOOZED, "Snoozed"),
    (Folder.ALL, "All"),
)
SOON, LATE = timedelta(minutes=5), timedelta(minutes=15)
"""Up to the first a reply waits in green, up to the second in amber. Own choice: after five minutes interest fades."""
ADVICE = {
    "kill_switch": "Ask a manager to resume sending; what you wrote stays here.",
    "legal_threat": "A manager has to review the conversation. Nobody answers before.",
    "opted_out": "They asked not to be texted. Only their own START, or a release by two people, opens this again.",
    "internal_dnc": "They are on your own list. Only a release by two people opens this again.",
    "wrong_number": "The number is somebody else's. Look for another number of the owner in the lead.",
    "deceased": "Write a letter to the estate instead, after the time of mourning.",
    "sender_registered": "An owner has to finish the registration of your number in the settings.",
    "budget": "An owner has to raise the budget in the settings.",
    "number_in_service": "The number is dead. Look for another number in the lead.",
    "line_textable": "This line takes no texts. Call instead, or send a letter.",
    "scrub_known": "Have the number looked up under Compliance, Look-ups.",
    "scrub_fresh": "Have the number looked up again under Compliance, Look-ups.",
    "location_known": "Enter the property's ZIP in the lead, so that the hour there is known.",
}
"""What to do about a refusal, by its worst reason."""


def advice(reason: str) -> str:
    """Say what can be done about a refusal."""
    return ADVICE.get(reason, "Look at why under Explain.")


@dataclass(frozen=True)
class Conv:
    """A conversation in the list."""

    id: str
    name: str
    initials: str
    where: str
    snippet: str
    at: str
    unread: int
    label: str
    label_tone: str
    unsure: bool
    locked: bool
    priority: bool
    suppressed: bool
    assignee: str
    snoozed_until: str
    waits_since: str
    waits_tone: str
    """Of the dot that says how long a reply waits; empty where none does."""


@dataclass(frozen=True)
class Said:
    """One text, either way, or a call."""

    id: str
    kind: str
    out: bool
    at: str
    body: str
    state: str
    tone: str
    label: str
    label_tone: str
    why: str
    by: str


@dataclass(frozen=True)
class Talk:
    """The open conversation."""

    id: str = ""
    name: str = ""
    number: str = ""
    e164: str = ""
    sender: str = ""
    street: str = ""
    lead_id: str = ""
    explain: str = ""
    label: str = ""
    label_value: str = ""
    label_tone: str = ""
    sureness: str = ""
    """How sure the machine is of the label."""
    outcome: str = ""
    undoable: str = ""
    undo_asks: bool = False
    """The undo of this outcome asks why, and a second person."""
    locked: bool = False
    priority: bool = False
    suppressed: bool = False
    assignee: str = ""
    snoozed_until: str = ""
    said: list[Said] = field(default_factory=list)
    mark: str = ""
    """Changes with the last text."""


@dataclass(frozen=True)
class WindowView:
    """What the gate would say to a reply at this moment."""

    verdict: str = ""
    tone: str = "mute"
    text: str = ""
    open: bool = False
    later_at: str = ""


@dataclass(frozen=True)
class Stop:
    """Why an answer was not taken, and what to do."""

    text: str = ""
    advice: str = ""
    confirm: bool = False
    """It may be sent all the same, once the writer says so."""
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Ready:
    """An answer that is kept ready, written for the open conversation."""

    id: str
    name: str
    key: str
    body: str
    missing: str


def conv(row: ConversationRow, now: datetime) -> Conv:
    """Write a conversation for the list."""
    name = row.person_name or display(row.e164)
    tone, label = _label(row.label)
    return Conv(
        id=str(row.id),
        name=name,
        initials="".join(part[0] for part in name.split()[:2] if part[0].isalpha()).upper() or "#",
        where=row.street or "",
        snippet=row.snippet,
        at=row.last_at.isoformat(),
        unread=row.unread,
        label=label,
        label_tone=tone,
        unsure=row.confidence is Confidence.LOW,
        locked=row.locked,
        priority=row.priority,
        suppressed=row.suppressed,
        assignee=row.assignee,
        snoozed_until=row.snoozed_until.isoformat() if row.snoozed_until else "",
        waits_since=row.waits_since.isoformat() if row.waits_since else "",
        waits_tone=_waits(row, now),
    )


def _waits(row: ConversationRow, now: datetime) -> str:
    if row.waits_since is None or row.suppressed or row.snoozed_until is not None:
        return ""
    age = now - row.waits_since
    return "ok" if age <= SOON else "warn" if age <= LATE else "bad"


def talk(thread: Thread) -> Talk:
    """Write the open conversation."""
    row, (tone, label) = thread.row, _label(thread.row.label)
    said = [_said(bubble) for bubble in thread.bubbles]
    return Talk(
        id=str(row.id),
        name=row.person_name or display(row.e164),
        number=display(row.e164),
        e164=row.e164,
        sender=display(row.sender),
        street=row.street or "",
        lead_id=str(row.lead_id or ""),
        explain="" if "*" in row.e164 else f"/compliance/explain?phone=%2B{row.e164.removeprefix('+')}",
        label=label,
        label_value=str(row.label or ""),
        label_tone=tone,
        sureness={Confidence.HIGH: "sure", Confidence.LOW: "unsure"}[row.confidence] if row.confidence else "",
        outcome=words(row.outcome) if row.outcome else "",
        undoable=words(thread.undoable) if thread.undoable else "",
        undo_asks=thread.undoable in CLOSING,
        locked=row.locked,
        priority=row.priority,
        suppressed=row.suppressed,
        assignee=row.assignee,
        snoozed_until=row.snoozed_until.isoformat() if row.snoozed_until else "",
        said=said,
        mark=f"{row.id}{len(said)}",
    )


def ready(one: Filled) -> Ready:
    """Write an answer that is kept ready."""
    return Ready(str(one.id), one.name, str(one.key or ""), one.body, one.missing)


def window(seen: Window) -> WindowView:
    """Write the live check that stands over the composer: the hour there, and how long it stays open."""
    decision = seen.decision
    tone, _ = VERDICT[decision.verdict]
    clock = _clocks(seen)
    if decision.verdict is Verdict.SENDABLE:
        closing = _closing(seen)
        text = f"{clock}; {closing}." if clock and closing else f"{clock or 'A reply may go out now'}."
        close = seen.closes_at is not None and seen.closes_at - seen.now < timedelta(minutes=30)
        return WindowView(str(decision.verdict), "warn" if close else tone, text, open=True)
    reason = sentence(decision.reasons[0])
    if decision.verdict is Verdict.LATER and decision.later_at:
        text = f"{clock}. {reason}" if clock else reason
        return WindowView(str(decision.verdict), tone, text, open=True, later_at=decision.later_at.isoformat())
    return WindowView(str(decision.verdict), tone, f"{reason} {advice(decision.reasons[0])}")


def _clocks(seen: Window) -> str:
    """Say what time it is with them, as ``It is 8:47 pm there``; every hour where they may be in several zones."""
    times = [datetime.strptime(local, "%a %Y-%m-%d %H:%M:%S") for _, local in seen.clocks]  # noqa: DTZ007 a wall clock
    told = list(dict.fromkeys(f"{at:%-I:%M} {at:%p}".lower() for at in times))
    return f"It is {' or '.join(told)} there" if told else ""


def _closing(seen: Window) -> str:
    if seen.closes_at is None:
        return ""
    minutes = max(0, int((seen.closes_at - seen.now) / timedelta(minutes=1)))
    hours, rest = divmod(minutes, 60)
    if hours >= 24:  # noqa: PLR2004 a day
        return ""
    return f"texts may go for {hours} h {rest} min more" if hours else f"the hours end in {rest} min"


def _label(label: ReplyLabel | None) -> tuple[str, str]:
    return REPLY[label] if label else ("", "")


def _said(bubble: Bubble) -> Said:
    tone, state = MESSAGE[bubble.state] if bubble.state else ("", "")
    label_tone, label = _label(bubble.label)
    call = bubble.direction == "call"
    if call:
        state = words(bubble.reasons[0]) if bubble.reasons else "Not said yet what came of it"
    why = "" if call else "; ".join(_reason(reason) for reason in bubble.reasons)
    code = _failure(bubble)
    if bubble.read_as is not None:
        why = f"the machine read {REPLY[bubble.read_as][1].lower()}"
    return Said(
        id=str(bubble.id),
        kind=bubble.direction,
        out=bubble.direction != "in",
        at=bubble.at.isoformat(),
        body=bubble.body,
        state=state,
        tone="mute" if call else tone,
        label=label,
        label_tone=label_tone,
        why=" ".join(part for part in (why, code) if part),
        by=bubble.by,
    )


FAILED = frozenset({MessageState.UNDELIVERED, MessageState.FAILED, MessageState.REJECTED})


def _failure(bubble: Bubble) -> str:
    """Say why a text did not arrive, what was done, and what one can do."""
    if bubble.state not in FAILED:
        return ""
    found = explain(bubble.error_code)
    named = f" Carrier code {found.code}." if found.code else ""
    return f"{found.means}{named} {found.done} {found.todo}"


def _reason(reason: str) -> str:
    try:
        return sentence(reason).rstrip(".")
    except KeyError:
        return words(reason)
