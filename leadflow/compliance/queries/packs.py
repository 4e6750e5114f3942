"""Rule packs of an organisation, and what holds for a whole batch: organisation, campaign, sender, budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

import orjson
from psycopg.rows import class_row

from leadflow.compliance.types import Pack, PackRow
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import Basis, CampaignState, RegistrationState

_IN_FORCE = """
    org_id = %(org)s and installed_at <= %(at)s and (retired_at is null or retired_at > %(at)s)
    and (effective_from is null or effective_from <= %(at)s::date)
    and (effective_to is null or effective_to >= %(at)s::date)
"""


def digests(uow: UnitOfWork, at: datetime) -> tuple[str, ...]:
    """List the digests of the packs in force at an instant, by name."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"select digest from rule_pack where {_IN_FORCE} order by name",  # noqa: S608 a constant
            {"org": uow.org(), "at": at},
        )
        return tuple(row[0] for row in cursor.fetchall())


def packs(uow: UnitOfWork, at: datetime) -> tuple[Pack, ...]:
    """Read the packs in force at an instant, by name."""
    with uow.connection().cursor(row_factory=class_row(Pack)) as cursor:
        cursor.execute(
            f"select name, content, digest from rule_pack where {_IN_FORCE} order by name",  # noqa: S608 a constant
            {"org": uow.org(), "at": at},
        )
        return tuple(cursor.fetchall())


def install(uow: UnitOfWork, pack: Pack, at: datetime, actor_id: UUID | None) -> int | None:
    """Make a pack the one in force under its name; None when it is already.

    Returns:
        Its version: 1, 2, 3, …
    """
    with uow.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"rule_pack:{uow.org()}:{pack.name}"])
        cursor.execute(
            "select digest, retired_at is null, version from rule_pack where org_id = %s and name = %s "
            "order by version desc limit 1",
            [uow.org(), pack.name],
        )
        last = cursor.fetchone()
        if last and last[0] == pack.digest and last[1]:
            return None
        cursor.execute(
            "update rule_pack set retired_at = %s, updated_at = now() "
            "where org_id = %s and name = %s and retired_at is null",
            [at, uow.org(), pack.name],
        )
        version = last[2] + 1 if last else 1
        cursor.execute(
            "insert into rule_pack (org_id, name, version, content, digest, installed_at, actor_id) "
            "values (%s, %s, %s, %s, %s, %s, %s)",
            [uow.org(), pack.name, version, orjson.dumps(pack.content).decode(), pack.digest, at, actor_id],
        )
    return version


def listing(uow: UnitOfWork) -> list[PackRow]:
    """List every version of every pack, newest first under each name."""
    with uow.connection().cursor(row_factory=class_row(PackRow)) as cursor:
        cursor.execute(
            "select id, name, version, content, digest, installed_at, retired_at from rule_pack "
            "where org_id = %s order by name, version desc",
            [uow.org()],
        )
        return cursor.fetchall()


@dataclass(frozen=True, slots=True)
class Batch:
    """What the database says of the organisation, the campaign and the sender."""

    paused: bool
    campaign_state: CampaignState | None
    basis: Basis | None
    window_start: time | None
    window_end: time | None
    weekdays: Sequence[int] | None
    send_before: datetime | None
    sender_id: UUID | None
    registration: RegistrationState | None
    sender_disabled: bool
    budget_left: int | None


def batch(uow: UnitOfWork, campaign_id: UUID | None, sender_id: UUID | None, at: datetime) -> Batch:
    """Read what holds for a whole batch.

    The sender is the campaign's unless another is named. ``budget_left`` is the least of what the organisation's
    month and the campaign have left; None where neither has a cap.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select o.sending_paused, c.state, c.basis, c.window_start, c.window_end, c.weekdays, c.send_before,
                   n.id, n.registration, coalesce(n.disabled_at is not null, false),
                   (select min(b.cap - b.reserved - b.spent) from budget b
                    where b.org_id = o.id and b.cap is not null
                      and (b.subject = 'organization' or (b.subject = 'campaign' and b.subject_id = %(campaign)s))
                      and (b.period_start is null or b.period_start = date_trunc('month', %(at)s at time zone 'UTC')))
            from organization o
            left join campaign c on c.org_id = o.id and c.id = %(campaign)s
            left join sender_number n on n.org_id = o.id and n.id = coalesce(%(sender)s, c.sender_number_id)
            where o.id = %(org)s
            """,
            {"org": uow.org(), "campaign": campaign_id, "sender": sender_id, "at": at},
        )
        row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        # An organisation that is not there may send nothing.
        return Batch(True, None, None, None, None, None, None, None, None, False, None)  # noqa: FBT003 a row
    return Batch(
        row[0],
        None if row[1] is None else CampaignState(row[1]),
        None if row[2] is None else Basis(row[2]),
        row[3],
        row[4],
        row[5],
        row[6],
        row[7],
        None if row[8] is None else RegistrationState(row[8]),
        row[9],
        row[10],
    )


def was_paused(uow: UnitOfWork, at: datetime) -> bool:
    """Say whether all sending was paused at a past instant, by the record of acts."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select action from audit_event where org_id = %(org)s and subject_kind = 'organization'
            and subject_id = %(org)s and at <= %(at)s and action in ('sending.paused', 'sending.resumed')
            order by at desc, id desc limit 1
            """,
            {"org": uow.org(), "at": at},
        )
        row = cursor.fetchone()
    return row is not None and row[0] == "sending.paused"
