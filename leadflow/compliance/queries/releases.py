"""SQL of wishes to lift a suppression."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from leadflow.compliance.types import ReleaseRow
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import ReleaseState, SuppressionKind


def stands(uow: UnitOfWork, suppression_id: UUID) -> bool | None:
    """Say whether a suppression still stands; None where there is none."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select released_at is null from suppression where org_id = %s and id = %s", [uow.org(), suppression_id]
        )
        row = cursor.fetchone()
    return row[0] if row else None


def ask(
    uow: UnitOfWork, suppression_id: UUID, asked_by: UUID, said: tuple[str, str], now: datetime, until: datetime
) -> UUID | None:
    """Write a wish down with its reason and evidence; None where one is waiting."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into suppression_release
                (org_id, suppression_id, why, evidence, state, asked_by, asked_at, expires_at)
            values (%s, %s, %s, %s, 'pending', %s, %s, %s) on conflict do nothing returning id
            """,
            [uow.org(), suppression_id, *said, asked_by, now, until],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def lapse(uow: UnitOfWork, now: datetime) -> None:
    """End what nobody answered in time."""
    with uow.cursor() as cursor:
        cursor.execute(
            "update suppression_release set state = 'expired', decided_at = expires_at, updated_at = now() "
            "where org_id = %s and state = 'pending' and expires_at <= %s",
            [uow.org(), now],
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish, held until the transaction ends."""

    id: UUID
    suppression_id: UUID
    kind: SuppressionKind
    state: ReleaseState
    asked_by: UUID
    why: str


def held(uow: UnitOfWork, release_id: UUID) -> Asked | None:
    """Read a wish and lock it, so that two people do not decide about it at once."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select r.id, r.suppression_id, s.kind, r.state, r.asked_by, r.why from suppression_release r
            join suppression s on s.org_id = r.org_id and s.id = r.suppression_id
            where r.org_id = %s and r.id = %s for update of r
            """,
            [uow.org(), release_id],
        )
        row = cursor.fetchone()
    return Asked(row[0], row[1], SuppressionKind(row[2]), ReleaseState(row[3]), *row[4:]) if row else None


def decide(
    uow: UnitOfWork, release_id: UUID, state: ReleaseState, decided_by: UUID | None, why: str, now: datetime
) -> None:
    """Write down how a wish ended."""
    with uow.cursor() as cursor:
        cursor.execute(
            "update suppression_release set state = %s, decided_by = %s, decided_why = %s, decided_at = %s, "
            "updated_at = now() where org_id = %s and id = %s",
            [state.value, decided_by, why, now, uow.org(), release_id],
        )


def listing(uow: UnitOfWork, *, open_only: bool, limit: int) -> list[ReleaseRow]:
    """List wishes, newest first."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select r.id, r.state, r.suppression_id, s.kind, s.e164, r.asked_by, a.name, p.name, r.why, r.evidence,
                   r.asked_at, r.expires_at, d.name, r.decided_at, r.decided_why
            from suppression_release r
            join suppression s on s.org_id = r.org_id and s.id = r.suppression_id
            left join person p on p.org_id = s.org_id and p.id = s.person_id
            left join "user" a on a.id = r.asked_by
            left join "user" d on d.id = r.decided_by
            where r.org_id = %s and (not %s or r.state = 'pending')
            order by r.asked_at desc, r.id desc limit %s
            """,
            [uow.org(), open_only, limit],
        )
        return [_row(row) for row in cursor.fetchall()]


def _row(row: tuple[Any, ...]) -> ReleaseRow:
    number = None if row[4] is None else f"+{row[4]}"
    return ReleaseRow(row[0], ReleaseState(row[1]), row[2], SuppressionKind(row[3]), number, *row[5:])
