"""What the inbox shows, made from the messaging room's types."""

from __future__ import annotations

from dataclasses import dataclass, field

from leadflow.compliance.rules.gate import sentence
from leadflow.inbox.types import Bubble, ConversationRow, Folder, Thread, Window
from leadflow.kernel.phone import display
from leadflow.ui.tokens import MESSAGE, REPLY, VERDICT, words
from models.vocabulary import Verdict

FOLDERS: tuple[tuple[Folder, str], ...] = (
    (Folder.UNREAD, "Unread"),
    (Folder.ALL, "All"),
    (Folder.INTERESTED, "Interested"),
    (Folder.NEEDS_REVIEW, "Needs review"),
    (Folder.WRONG_NUMBER, "Wrong number"),
    (Folder.OPT_OUTS, "Opt-outs"),
)


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
    locked: bool
    suppressed: bool


@dataclass(frozen=True)
class Said:
    """One text, either way."""

    id: str
    out: bool
    at: str
    body: str
    state: str
    tone: str
    label: str
    label_tone: str
    why: str


@dataclass(frozen=True)
class Talk:
    """The open conversation."""

    id: str = ""
    name: str = ""
    number: str = ""
    sender: str = ""
    street: str = ""
    lead_id: str = ""
    explain: str = ""
    label: str = ""
    label_tone: str = ""
    outcome: str = ""
    locked: bool = False
    suppressed: bool = False
    review: bool = False
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


def conv(row: ConversationRow) -> Conv:
    """Write a conversation for the list."""
    name = row.person_name or display(row.e164)
    tone, label = _label(row)
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
        locked=row.locked,
        suppressed=row.suppressed,
    )


def talk(thread: Thread) -> Talk:
    """Write the open conversation."""
    row, (tone, label) = thread.row, _label(thread.row)
    said = [_said(bubble) for bubble in thread.bubbles]
    return Talk(
        id=str(row.id),
        name=row.person_name or display(row.e164),
        number=display(row.e164),
        sender=display(row.sender),
        street=row.street or "",
        lead_id=str(row.lead_id or ""),
        explain="" if "*" in row.e164 else f"/compliance/explain?phone=%2B{row.e164.removeprefix('+')}",
        label=label,
        label_tone=tone,
        outcome=words(row.outcome) if row.outcome else "",
        locked=row.locked,
        suppressed=row.suppressed,
        said=said,
        mark=f"{row.id}{len(said)}",
    )


def window(seen: Window) -> WindowView:
    """Write the live check that stands over the composer."""
    decision = seen.decision
    tone, _ = VERDICT[decision.verdict]
    if decision.verdict is Verdict.SENDABLE:
        return WindowView(str(decision.verdict), tone, "A reply may go out now.", open=True)
    reason = sentence(decision.reasons[0])
    if decision.verdict is Verdict.LATER and decision.later_at:
        return WindowView(str(decision.verdict), tone, reason, open=True, later_at=decision.later_at.isoformat())
    return WindowView(str(decision.verdict), tone, reason)


def _label(row: ConversationRow) -> tuple[str, str]:
    return REPLY[row.label] if row.label else ("", "")


def _said(bubble: Bubble) -> Said:
    tone, state = MESSAGE[bubble.state] if bubble.state else ("", "")
    label_tone, label = REPLY[bubble.label] if bubble.label else ("", "")
    why = "; ".join(_reason(reason) for reason in bubble.reasons)
    code = f"Carrier code {bubble.error_code}" if bubble.error_code else ""
    return Said(
        id=str(bubble.id),
        out=bubble.direction == "out",
        at=bubble.at.isoformat(),
        body=bubble.body,
        state=state,
        tone=tone,
        label=label,
        label_tone=label_tone,
        why=" ".join(part for part in (why, code) if part),
    )


def _reason(reason: str) -> str:
    try:
        return sentence(reason).rstrip(".")
    except KeyError:
        return words(reason)
