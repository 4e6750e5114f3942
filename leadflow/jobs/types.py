"""What a worker is handed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from models.vocabulary import JobKind, JobState

LEASE = timedelta(seconds=30)
"""How long a claim holds without a sign of life."""
RETRY_AFTER = (timedelta(seconds=2), timedelta(seconds=10), timedelta(seconds=60), timedelta(minutes=5))
"""Waits before the second, third, … attempt."""
QUEUES: dict[JobKind, str] = {
    JobKind.MESSAGE_SEND: "send",
    JobKind.OPT_OUT_FANOUT: "urgent",
    JobKind.CALLBACK_APPLY: "urgent",
}
"""Queues of their own, so that a long import never stands before a text; all others share ``work``."""
SHARED = frozenset({JobKind.MESSAGE_SEND, JobKind.CAMPAIGN_PACE})
"""Kinds whose jobs may be many for one organisation: organisations take turns, whoever's job was rung for."""
DEFAULT_QUEUE = "work"
TICK_KEY = "tick"
"""Unique key of what the clockwork asks for."""
KEPT = timedelta(days=30)
"""How long an ended job is shown."""
STOPPABLE = frozenset(
    {
        JobKind.IMPORT_CHECK,
        JobKind.IMPORT_COMMIT,
        JobKind.DUPLICATE_SEARCH,
        JobKind.DUPLICATE_MERGE,
        JobKind.BULK_EDIT,
    }
)
"""What a person may stop in the list of jobs. Campaigns are paused instead, and the clockwork is nobody's to stop."""


def queue_of(kind: JobKind) -> str:
    """Name the Redis queue that rings for ``kind``."""
    return QUEUES.get(kind, DEFAULT_QUEUE)


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in somebody's hands until the lease ends; ``fence`` tells a late sleeper that it is not his any more."""

    job_id: UUID
    org_id: UUID | None
    kind: JobKind
    payload: dict[str, Any]
    fence: int
    attempt: int
    max_attempts: int
    actor_id: UUID | None


@dataclass(frozen=True, slots=True)
class Snooze:
    """A job's answer: not an error, come back later."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as people see it."""

    id: UUID
    kind: JobKind
    state: JobState
    done: int
    total: int | None
    note: str
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    stoppable: bool
