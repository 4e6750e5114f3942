"""What the timeline and the history of a lead show: strings that are ready to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from leadflow.leads.types import TimelineEntry
from leadflow.leads.work_types import ChangedBy, HistoryEntry
from leadflow.pages.leads.rows import iso
from leadflow.ui.tokens import ACTIVITY
from models.vocabulary import ActivityKind

ENTRIES, PASTS = 40, 16
"""Entries of the timeline, and of the history, that are shown at once."""
FOLDED = 4
"""From more fields on, an entry of the history tells how many and shows them on demand."""
CHANGES = 24
"""Fields of one entry of the history that are shown; an import may have replaced dozens."""
BY: dict[ChangedBy, tuple[str, str]] = {
    ChangedBy.EDIT: ("mute", "Edit"),
    ChangedBy.BULK: ("info", "Bulk edit"),
    ChangedBy.IMPORT: ("info", "Import"),
    ChangedBy.MERGE: ("warn", "Merge"),
    ChangedBy.UNDO: ("ok", "Undo"),
}


@dataclass(frozen=True)
class Entry:
    """One entry of the timeline."""

    at: str
    tone: str
    summary: str
    actor: str
    id: str = ""
    source: str = ""
    href: str = ""
    note: bool = False
    mine: bool = False
    """A note that the reader wrote."""
    pinned: bool = False
    edited: bool = False


@dataclass(frozen=True)
class Changed:
    """One field that became something else."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Past:
    """What changed at one instant."""

    at: str
    tone: str
    by: str
    actor: str
    source: str
    href: str
    changes: list[Changed]
    more: int
    """Fields that are not shown."""
    fields: str
    """How many, in words, where they are shown on demand; else empty."""


def entries(found: Sequence[TimelineEntry], reader: UUID | None) -> list[Entry]:
    """Write entries of the timeline for a member."""
    return [_entry(one, reader) for one in found]


def past(one: HistoryEntry) -> Past:
    """Write an entry of the history."""
    tone, by = BY[one.by]
    shown = [Changed(each.label, each.before, each.after) for each in one.changes[:CHANGES]]
    actor, more = one.actor.name if one.actor else "", max(0, len(one.changes) - CHANGES)
    fields = f"{len(one.changes)} fields" if len(one.changes) > FOLDED else ""
    return Past(iso(one.at), tone, by, actor, one.source, one.href, shown, more, fields)


def _entry(entry: TimelineEntry, reader: UUID | None) -> Entry:
    return Entry(
        at=iso(entry.at),
        tone=ACTIVITY.get(entry.kind, "mute"),
        summary=entry.summary,
        actor=entry.actor.name if entry.actor else "",
        id=str(entry.id),
        source=entry.source,
        href=entry.href,
        note=entry.kind is ActivityKind.NOTE,
        mine=entry.kind is ActivityKind.NOTE and entry.actor is not None and entry.actor.id == reader,
        pinned=entry.pinned,
        edited=entry.edited,
    )
