"""Writes receipts and lists them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from leadflow.compliance.types import DecisionFilter, DecisionRow
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import Channel, Purpose, Verdict

COLUMNS = (
    "org_id",
    "id",
    "at",
    "channel",
    "purpose",
    "verdict",
    "reasons",
    "later_at",
    "policy_version",
    "phone_key",
    "e164",
    "phone_id",
    "person_id",
    "lead_id",
    "campaign_id",
    "message_id",
    "actor_id",
    "body",
    "digest",
)
_TYPES = (
    *("uuid", "uuid", "timestamptz", "text", "text", "text", "text[]", "timestamptz", "text", "bytea", "int8"),
    *("uuid", "uuid", "uuid", "uuid", "uuid", "uuid", "bytea", "bytea"),
)


FEW = 100
"""Receipts that are inserted one by one: below it the table between costs more than it saves. Measured."""


def write(uow: UnitOfWork, rows: Iterable[Sequence[Any]]) -> None:
    """Append decisions, in the order of ``COLUMNS``.

    Postgres takes no COPY into a table with row-level security, and a hundred thousand receipts come at once: many are
    copied into a table of this connection, which every commit empties, and inserted from there.
    """
    given, names = list(rows), ", ".join(COLUMNS)
    with uow.cursor() as cursor:
        if len(given) <= FEW:
            places = ", ".join(f"%s::{kind}" for kind in _TYPES)
            cursor.executemany(f"insert into decision ({names}) values ({places})".encode(), given)  # noqa: S608 constants
            return
        cursor.execute(
            # Like the table itself it keeps a receipt in its row; pushed aside, copying took far longer (measured).
            f"create temp table if not exists receipt with (toast_tuple_target = 8160) on commit delete rows as "  # noqa: S608 constants
            f"select {names} from decision with no data".encode()
        )
        with cursor.copy(f"copy receipt ({names}) from stdin (format binary)".encode()) as copy:
            copy.set_types(_TYPES)
            for row in given:
                copy.write_row(row)
        cursor.execute(f"insert into decision ({names}) select {names} from receipt".encode())  # noqa: S608 constants
        # Another receipt of this transaction must not bring these again.
        cursor.execute("truncate receipt")


@dataclass(frozen=True, slots=True)
class Stored:
    """A decision as stored, with its receipt."""

    row: DecisionRow
    body: bytes
    sealed: bool


_ROW = """
    d.id, d.at, d.channel, d.purpose, d.verdict, d.reasons, d.later_at, d.policy_version, d.e164, d.person_id,
    p.name as person_name, d.lead_id, d.campaign_id, c.name as campaign_name, d.message_id, d.digest
"""
_JOINS = """
    left join merged_record z on z.org_id = d.org_id and z.loser_id = d.person_id
    left join person p on p.org_id = d.org_id and p.id = coalesce(z.survivor_id, d.person_id)
    left join campaign c on c.org_id = d.org_id and c.id = d.campaign_id
"""


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    at: datetime
    channel: str
    purpose: str
    verdict: str
    reasons: list[str]
    later_at: datetime | None
    policy_version: str
    e164: int | None
    person_id: UUID | None
    person_name: str | None
    lead_id: UUID | None
    campaign_id: UUID | None
    campaign_name: str | None
    message_id: UUID | None
    digest: bytes

    def shown(self) -> DecisionRow:
        """Give the terms their types."""
        return DecisionRow(
            id=self.id,
            at=self.at,
            channel=Channel(self.channel),
            purpose=Purpose(self.purpose),
            verdict=Verdict(self.verdict),
            reasons=tuple(self.reasons),
            later_at=self.later_at,
            policy_version=self.policy_version,
            e164=None if self.e164 is None else f"+{self.e164}",
            person_id=self.person_id,
            person_name=self.person_name,
            lead_id=self.lead_id,
            campaign_id=self.campaign_id,
            campaign_name=self.campaign_name,
            message_id=self.message_id,
            digest=bytes(self.digest).hex(),
        )


_ASSIGNED = """(%(assigned)s::uuid is null or exists (
    select 1 from lead l left join merged_record z on z.org_id = d.org_id and z.loser_id = d.lead_id
    where l.org_id = d.org_id and l.id = coalesce(z.survivor_id, d.lead_id) and l.assignee_id = %(assigned)s))"""
"""Those who see only their own leads see only the decisions about them."""
_CONDITIONS: dict[str, str] = {
    "verdict": "d.verdict = %(verdict)s",
    "rule": "%(rule)s = any(d.reasons)",
    "e164": "d.e164 = %(e164)s",
    # A receipt names whom it was about then; who was merged since is found by who it is today.
    "person_id": """d.person_id in (select %(person_id)s union select z.loser_id from merged_record z
                                   where z.org_id = %(org)s and z.survivor_id = %(person_id)s)""",
    "lead_id": """d.lead_id in (select %(lead_id)s union select z.loser_id from merged_record z
                               where z.org_id = %(org)s and z.survivor_id = %(lead_id)s)""",
    "campaign_id": "d.campaign_id = %(campaign_id)s",
    "message_id": "d.message_id = %(message_id)s",
    "actor_id": "d.actor_id = %(actor_id)s",
    "purpose": "d.purpose = %(purpose)s",
    "since": "d.at >= %(since)s",
    "until": "d.at < %(until)s",
}


def counted_up_to(uow: UnitOfWork, wanted: DecisionFilter, most: int, assigned: UUID | None = None) -> int:
    """Count decisions, but never further than to ``most``."""
    where, values = _wanted(wanted)
    statement = f"select count(*) from (select 1 from decision d where {' and '.join(where)} limit %(most)s) x"  # noqa: S608 constants
    with uow.cursor() as cursor:
        cursor.execute(statement.encode(), {**values, "org": uow.org(), "assigned": assigned, "most": most})
        found = cursor.fetchone()
    return found[0] if found else 0


def _wanted(wanted: DecisionFilter) -> tuple[list[str], dict[str, Any]]:
    values = {name: getattr(wanted, name) for name in _CONDITIONS if getattr(wanted, name) is not None}
    where = ["d.org_id = %(org)s", _ASSIGNED, *(_CONDITIONS[name] for name in values)]
    if "e164" in values:
        values["e164"] = int(values["e164"][1:])
    return where, values


def page(
    uow: UnitOfWork,
    wanted: DecisionFilter,
    after: tuple[datetime, UUID] | None,
    limit: int,
    assigned: UUID | None = None,
) -> list[DecisionRow]:
    """List decisions, newest first, from behind a row on; with ``assigned`` only those about that user's leads."""
    where, values = _wanted(wanted)
    if after:
        where.append("(d.at, d.id) < (%(after_at)s, %(after_id)s)")
    statement = f"select {_ROW} from decision d {_JOINS} where {' and '.join(where)} "  # noqa: S608 constants
    with uow.connection().cursor(row_factory=class_row(_Row)) as cursor:
        cursor.execute(
            (statement + "order by d.at desc, d.id desc limit %(limit)s").encode(),
            {
                **values,
                "org": uow.org(),
                "limit": limit,
                "assigned": assigned,
                "after_at": after[0] if after else None,
                "after_id": after[1] if after else None,
            },
        )
        return [row.shown() for row in cursor.fetchall()]


def near(
    uow: UnitOfWork, number: int, key: bytes, at: datetime, limit: int, assigned: UUID | None = None
) -> list[DecisionRow]:
    """List the decisions of a number that lie nearest to an instant, nearest first.

    Args:
        uow: the caller's transaction.
        number: the digits of the number.
        key: its keyed hash, by which decisions are found whose number was erased.
        at: the instant.
        limit: how many at most.
        assigned: only those about this user's leads.
    """
    half = (
        f"select {_ROW} from decision d {_JOINS} "  # noqa: S608 constants
        "where d.org_id = %(org)s and (d.e164 = %(number)s or (d.e164 is null and d.phone_key = %(key)s))"
        f" and {_ASSIGNED} and "
    )
    statement = (
        f"select * from (({half} d.at <= %(at)s order by d.at desc limit %(limit)s) union all "  # noqa: S608 constants
        f"({half} d.at > %(at)s order by d.at limit %(limit)s)) x "
        "order by abs(extract(epoch from x.at - %(at)s)), x.id desc limit %(limit)s"
    )
    values = {"org": uow.org(), "number": number, "key": key, "at": at, "limit": limit, "assigned": assigned}
    with uow.connection().cursor(row_factory=class_row(_Row)) as cursor:
        cursor.execute(statement.encode(), values)
        return [row.shown() for row in cursor.fetchall()]


def stored(uow: UnitOfWork, decision_id: UUID, assigned: UUID | None = None) -> Stored | None:
    """Read one decision with its receipt."""
    values = {"org": uow.org(), "id": decision_id, "assigned": assigned}
    with uow.connection().cursor(row_factory=class_row(_Row)) as cursor:
        which = f"d.org_id = %(org)s and d.id = %(id)s and {_ASSIGNED}"
        cursor.execute(f"select {_ROW} from decision d {_JOINS} where {which}".encode(), values)  # noqa: S608 constants
        row = cursor.fetchone()
    if row is None:
        return None
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select d.body, exists (select 1 from audit_leaf l
                                   where l.org_id = d.org_id and l.source = 'decision' and l.source_id = d.id)
            from decision d where d.org_id = %(org)s and d.id = %(id)s
            """,
            values,
        )
        body = cursor.fetchone()
    return Stored(row.shown(), bytes(body[0]), body[1]) if body else None


def counted(uow: UnitOfWork, since: datetime) -> list[tuple[date, str, int]]:
    """Count decisions since an instant by day (of the organisation's time zone) and verdict."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select (d.at at time zone o.timezone)::date as day, d.verdict, count(*)
            from decision d join organization o on o.id = d.org_id
            where d.org_id = %s and d.at >= %s group by 1, 2 order by 1, 2
            """,
            [uow.org(), since],
        )
        return [(row[0], row[1], int(row[2])) for row in cursor.fetchall()]


def counted_by_rule(uow: UnitOfWork, since: datetime) -> dict[str, int]:
    """Count how often each rule stood against a decision since an instant, the most frequent first."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select rule, count(*) from decision d, unnest(d.reasons) rule
            where d.org_id = %s and d.at >= %s group by 1 order by 2 desc, 1
            """,
            [uow.org(), since],
        )
        return {row[0]: int(row[1]) for row in cursor.fetchall()}
