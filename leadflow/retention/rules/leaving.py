"""When a removed lead may be erased, and what stays of it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadflow.retention.rules.kept import STANDS
from leadflow.retention.types import Kept, LeadSubject

WINDOW = timedelta(days=30)
"""For so long a removed lead can only be restored: a mistake is seen within a month. Own choice. A person who asks is
erased at once, by themselves."""


def may_go_from(removed_at: datetime) -> datetime:
    """Say from when on a removed lead may be erased."""
    return removed_at + WINDOW


def stays(lead: LeadSubject) -> tuple[Kept, ...]:
    """Say what stays of a lead and its people, and why."""
    staying = tuple(one.name for one in lead.people if not one.goes)
    if not staying:
        return STANDS
    return (*STANDS, Kept(", ".join(staying), "They stand to other properties of yours as well."))
