"""Rule packs of an organisation, and what holds for a whole batch: organisation, campaign, sender, budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import orjson
from psycopg.rows import class_row

from leadflow.compliance.queries import past
from leadflow.compliance.rules.book import PackRow
from leadflow.compliance.types import Pack
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import Basis, CampaignState, RegistrationState

_IN_FORCE = """
    org_id = %(org)s and installed_at <= %(at)s and (retired_at is null or retired_at > %(at)s)
    and (effective_from is null or effective_from <= (%(at)s at time zone 'UTC')::date)
    and (effective_to is null or effective_to >= (%(at)s at time zone 'UTC')::date)
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


@dataclass(frozen=True, slots=True)
class Installing:
    """A version on its way in."""

    pack: Pack
    at: datetime
    actor_id: UUID | None
    reason: str = ""
    starts: date | None = None
    """First day (UTC) on which it counts, later than today; None is at once."""


def lock(uow: UnitOfWork, name: str) -> int:
    """Let no other version of this pack in until the transaction ends; answer the number of the last one, or 0."""
    with uow.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"rule_pack:{uow.org()}:{name}"])
        cursor.execute(
            "select coalesce(max(version), 0) from rule_pack where org_id = %s and name = %s", [uow.org(), name]
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def install(uow: UnitOfWork, wanted: Installing) -> int | None:
    """Make a pack the one in force under its name, at once or from a day on; None when it is already.

    What holds until then goes on to the day itself: on that day both bind, and the strictest wins wherever midnight
    comes later. What was to begin on that day or after it is withdrawn.

    Returns:
        Its version: 1, 2, 3, …
    """
    pack, given = wanted.pack, {"org": uow.org(), "name": wanted.pack.name, "at": wanted.at, "from": wanted.starts}
    last = lock(uow, pack.name)
    with uow.cursor() as cursor:
        cursor.execute(
            "select version from rule_pack where org_id = %(org)s and name = %(name)s and retired_at is null"
            " and digest = %(digest)s and effective_from is null and effective_to is null"
            " and %(from)s::date is null and not exists (select 1 from rule_pack later where later.org_id = %(org)s"
            " and later.name = %(name)s and later.retired_at is null and later.effective_from is not null)",
            {**given, "digest": pack.digest},
        )
        if cursor.fetchone():
            return None
        cursor.execute(
            "update rule_pack set retired_at = %(at)s, updated_at = now() where org_id = %(org)s and name = %(name)s"
            " and retired_at is null and (%(from)s::date is null or effective_from >= %(from)s)",
            given,
        )
        cursor.execute(
            "update rule_pack set effective_to = least(effective_to, %(from)s), updated_at = now()"
            " where org_id = %(org)s and name = %(name)s and retired_at is null and %(from)s::date is not null",
            given,
        )
        cursor.execute(
            "insert into rule_pack"
            " (org_id, name, version, content, digest, installed_at, actor_id, reason, effective_from)"
            " values (%(org)s, %(name)s, %(version)s, %(content)s, %(digest)s, %(at)s, %(actor)s, %(reason)s,"
            " %(from)s)",
            {
                **given,
                "version": last + 1,
                "content": orjson.dumps(pack.content).decode(),
                "digest": pack.digest,
                "actor": wanted.actor_id,
                "reason": wanted.reason,
            },
        )
    return last + 1


_ROW = """
    select p.id, p.name, p.version, p.content, p.digest, p.installed_at, p.retired_at, p.effective_from, p.effective_to,
           p.reason, p.actor_id, coalesce(u.name, '') as author
    from rule_pack p left join "user" u on u.id = p.actor_id
    where p.org_id = %(org)s
"""


def listing(uow: UnitOfWork) -> list[PackRow]:
    """List every version of every pack, newest first under each name."""
    with uow.connection().cursor(row_factory=class_row(PackRow)) as cursor:
        cursor.execute(f"{_ROW} order by p.name, p.version desc", {"org": uow.org()})
        return cursor.fetchall()


def page(uow: UnitOfWork, name: str | None, after: tuple[str, int] | None, limit: int) -> tuple[list[PackRow], int]:
    """List some versions and count all, newest first under each name."""
    given = {"org": uow.org(), "name": name, "after": after[0] if after else None, "version": after[1] if after else 0}
    chosen = " and (%(name)s::text is null or p.name = %(name)s)"
    following = (
        " and (%(after)s::text is null or p.name > %(after)s or (p.name = %(after)s and p.version < %(version)s))"
    )
    with uow.connection().cursor(row_factory=class_row(PackRow)) as cursor:
        cursor.execute(
            f"{_ROW}{chosen}{following} order by p.name, p.version desc limit %(limit)s", {**given, "limit": limit}
        )
        rows = cursor.fetchall()
    with uow.cursor() as cursor:
        cursor.execute(f"select count(*) from rule_pack p where p.org_id = %(org)s{chosen}", given)  # noqa: S608 a constant
        counted = cursor.fetchone()
    return rows, int(counted[0]) if counted else 0


def stored(uow: UnitOfWork, name: str, version: int | None, today: date) -> PackRow | None:
    """Read one version; without a number the newest that counts today."""
    with uow.connection().cursor(row_factory=class_row(PackRow)) as cursor:
        cursor.execute(
            f"""{_ROW} and p.name = %(name)s and case when %(version)s::int is null
                then p.retired_at is null and (p.effective_from is null or p.effective_from <= %(today)s)
                else p.version = %(version)s end order by p.version desc limit 1""",
            {"org": uow.org(), "name": name, "version": version, "today": today},
        )
        return cursor.fetchone()


@dataclass(frozen=True, slots=True)
class Batch:
    """What the database says of the organisation, the campaign and the sender."""

    paused: bool
    campaign_state: CampaignState | None
    basis: Basis | None
    window_start: time | None
    window_end: time | None
    weekdays: Sequence[int] | None
    skip_holidays: bool
    send_before: datetime | None
    sender_id: UUID | None
    registration: RegistrationState | None
    sender_disabled: bool
    budget_left: int | None


def batch(
    uow: UnitOfWork, campaign_id: UUID | None, sender_id: UUID | None, at: datetime, *, then: bool = False
) -> Batch:
    """Read what holds for a whole batch, as it stands or, with ``then``, as it stood at ``at``.

    The sender is the campaign's unless another is named. ``budget_left`` is the least of what the organisation's
    month and the campaign have left; None where neither has a cap. How much was left then is not kept: it is 0 where
    nothing was, else None.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            (_BATCH_THEN if then else _BATCH_NOW).encode(),
            {"org": uow.org(), "campaign": campaign_id, "sender": sender_id, "at": at},
        )
        row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        # An organisation that is not there may send nothing.
        return Batch(True, None, None, None, None, None, False, None, None, None, False, None)  # noqa: FBT003 a row
    return Batch(
        row[0],
        None if row[1] is None else CampaignState(row[1]),
        None if row[2] is None else Basis(row[2]),
        row[3],
        row[4],
        row[5],
        row[6],
        row[7],
        row[8],
        None if row[9] is None else RegistrationState(row[9]),
        row[10],
        row[11],
    )


_BATCH = """
    select o.sending_paused, c.state, c.basis, c.window_start, c.window_end, c.weekdays,
           coalesce(c.skip_holidays, false), c.send_before,
           n.id, n.registration, coalesce(n.disabled_at is not null, false),
           (select {left} from {budget} b
            where b.org_id = o.id and b.cap is not null
              and (b.subject = 'organization' or (b.subject = 'campaign' and b.subject_id = %(campaign)s))
              and (b.period_start is null or b.period_start = date_trunc('month', %(at)s at time zone 'UTC')))
    from organization o
    left join {campaign} c on c.org_id = o.id and c.id = %(campaign)s
    left join {sender_number} n on n.org_id = o.id and n.id = coalesce(%(sender)s, c.sender_number_id,
        (select b.sender_number_id from campaign k
         join pool_member b on b.org_id = k.org_id and b.pool_id = k.pool_id
         join sender_number y on y.org_id = b.org_id and y.id = b.sender_number_id
         where k.org_id = o.id and k.id = %(campaign)s
         order by y.registration = 'verified' and y.disabled_at is null desc, b.sender_number_id limit 1))
    where o.id = %(org)s"""
_LEFT = "min(b.cap - b.reserved - b.spent)"
_BATCH_NOW = _BATCH.format(left=_LEFT, **past.NOW)
_BATCH_THEN = _BATCH.format(left=f"case when {_LEFT} <= 0 then 0 end", **past.then(phones="null", people="null"))


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
