"""Drills that were run, and what of the organisation itself a drill looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from psycopg.rows import class_row

from leadflow.kernel.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class DrillRow:
    """One drill."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    author: str
    """Name of who ran it; empty for the program."""
    why: str
    policy_version: str
    cases_sha256: str
    cases: int
    failed: int
    unlawful: int
    results: Mapping[str, Any]

    @property
    def score(self) -> float:
        """Answer the share of cases that did not fail, in percent."""
        return round(100 * (self.cases - self.failed) / self.cases, 1) if self.cases else 0.0


_ROW = """
    select d.id, d.at, d.actor_id, coalesce(u.name, '') as author, d.why, d.policy_version, d.cases_sha256, d.cases,
           d.failed, d.unlawful, d.results
    from drill_run d left join "user" u on u.id = d.actor_id where d.org_id = %(org)s
"""


def write(uow: UnitOfWork, run: DrillRow) -> None:
    """Write a drill down."""
    with uow.cursor() as cursor:
        cursor.execute(
            "insert into drill_run (org_id, id, at, actor_id, why, policy_version, cases_sha256, cases, failed,"
            " unlawful, results) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                *(uow.org(), run.id, run.at, run.actor_id, run.why, run.policy_version, run.cases_sha256, run.cases),
                *(run.failed, run.unlawful, orjson.dumps(run.results).decode()),
            ],
        )


def page(uow: UnitOfWork, after: tuple[datetime, UUID] | None, limit: int) -> tuple[list[DrillRow], int]:
    """List some drills, newest first, and count all."""
    given = {"org": uow.org(), "at": after[0] if after else None, "id": after[1] if after else None, "limit": limit}
    with uow.connection().cursor(row_factory=class_row(DrillRow)) as cursor:
        cursor.execute(
            f"{_ROW} and (%(at)s::timestamptz is null or (d.at, d.id) < (%(at)s::timestamptz, %(id)s::uuid))"
            " order by d.at desc, d.id desc limit %(limit)s",
            given,
        )
        rows = cursor.fetchall()
    with uow.cursor() as cursor:
        cursor.execute("select count(*) from drill_run where org_id = %(org)s", given)
        counted = cursor.fetchone()
    return rows, int(counted[0]) if counted else 0


def stored(uow: UnitOfWork, run_id: UUID) -> DrillRow | None:
    """Read one drill."""
    with uow.connection().cursor(row_factory=class_row(DrillRow)) as cursor:
        cursor.execute(f"{_ROW} and d.id = %(id)s", {"org": uow.org(), "id": run_id})
        return cursor.fetchone()


def last_of(uow: UnitOfWork, policy_version: str) -> DrillRow | None:
    """Read the last drill of a set of packs."""
    with uow.connection().cursor(row_factory=class_row(DrillRow)) as cursor:
        cursor.execute(
            f"{_ROW} and d.policy_version = %(version)s order by d.at desc, d.id desc limit 1",
            {"org": uow.org(), "version": policy_version},
        )
        return cursor.fetchone()


@dataclass(frozen=True, slots=True)
class Sender:
    """A number of the organisation's own."""

    name: str
    registration: str
    disabled: bool


def senders(uow: UnitOfWork) -> list[Sender]:
    """List the organisation's own numbers."""
    with uow.connection().cursor(row_factory=class_row(Sender)) as cursor:
        cursor.execute(
            "select coalesce(nullif(label, ''), '…' || right(e164::text, 4)) as name, registration,"
            " disabled_at is not null as disabled from sender_number where org_id = %s order by e164",
            [uow.org()],
        )
        return cursor.fetchall()
