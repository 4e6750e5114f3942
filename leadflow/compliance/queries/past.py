"""Reads records as they stood at an instant: each relation here stands where the record's own table stands for now.

The first earlier state of a record to end after the instant says what held at it (``earlier_state``, kept by triggers);
where there is none, the record stands as it stood. Every relation reads the instant from ``%(at)s``. A record that was
merged into another since stood then, too: ``merged_record`` names it, and its deletion was kept like any change.

Records are joined to their earlier states, so that Postgres can still look for one of them. Links may also be gone:
those that stand are united with those that stood, and both are narrowed to whom the question is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leadflow.kernel.db import UnitOfWork

NOW = {
    name: name
    for name in (
        *("phone", "person", "property", "lead", "property_party", "person_phone", "sender_number", "campaign"),
        *("budget", "message"),
    )
}
"""The records as they stand."""


_MERGED = {"person": (), "property": (), "lead": ("property_id",)}
"""Records that a merge takes away, each with the columns that ``merged_record`` keeps of it."""


def _standing(table: str, kept: Sequence[tuple[str, str]]) -> str:
    """Name the rows of a table, those included that were merged into others after the instant."""
    if table not in _MERGED:
        return table
    fixed = ", ".join(("org_id", "id", "created_at", *_MERGED[table]))
    columns = ", ".join(name for name, _ in kept)
    gone = ", ".join(f"null::{kind}" for _, kind in kept)
    was = ", ".join(("org_id", "loser_id", "made_at", *_MERGED[table]))
    return f"""(
        select {fixed}, {columns} from {table}
        union all
        select {was}, {gone} from merged_record where subject = '{table}' and merged_at > %(at)s)"""  # noqa: S608 constants


def _record(table: str, fixed: str, *kept: tuple[str, str]) -> str:
    """Write the relation of a table whose rows are changed and not deleted: what is kept, with its type in Postgres."""
    columns = ", ".join(
        f"case when e.id is null then x.{name} else (e.state {'->' if kind == 'jsonb' else '->>'} '{name}')::{kind} end"
        f" as {name}"
        for name, kind in kept
    )
    return f"""(
        select x.org_id, {fixed}, {columns} from {_standing(table, kept)} x
        left join lateral (
            select e.id, e.state from earlier_state e
            where e.org_id = x.org_id and e.source = '{table}' and e.subject_id = x.id and e.valid_to > %(at)s
            order by e.valid_to, e.id limit 1) e on true
        where x.created_at <= %(at)s)"""  # noqa: S608 constants of this file


def _link(table: str, found_by: str, key: Sequence[str], kept: tuple[str, str], *narrowed: str) -> str:
    """Write the relation of a table whose rows come and go.

    Args:
        table: its name.
        found_by: the column by which its earlier states are found.
        key: the columns of its key.
        kept: a further column, with its type in Postgres.
        narrowed: conditions on ``x``, of which a row that stands meets one and no two; the records of an organisation
            are many.
    """
    whole = " || ':' || ".join(f"x.{name}" for name in key)
    columns = {**{name: "text" if name == "role" else "uuid" for name in key}, kept[0]: kept[1]}
    now = ", ".join(f"x.{name}" for name in columns)
    was = ", ".join(f"(e.state ->> '{name}')::{kind}" for name, kind in columns.items())
    standing = " union all ".join(
        f"""
        select x.org_id, {now} from {table} x
        where x.org_id = %(org)s and {condition} and x.created_at <= %(at)s and not exists (
            select 1 from earlier_state e where e.org_id = x.org_id and e.source = '{table}'
            and e.subject_id = x.{found_by} and e.key = {whole} and e.valid_to > %(at)s)"""  # noqa: S608 constants
        for condition in narrowed
    )
    return f"""({standing}
        union all
        select e.org_id, {was} from (
            select distinct on (e.key) e.* from earlier_state e
            where e.org_id = %(org)s and e.source = '{table}' and e.valid_to > %(at)s
            order by e.key, e.valid_to, e.id) e
        where e.state is not null and e.made_at <= %(at)s)"""  # noqa: S608 constants of this file


_TEXT = "text"
_RECORDS = {
    "phone": _record("phone", "x.id, x.e164", ("line_type", _TEXT), ("status", _TEXT)),
    "person": _record(
        "person",
        "x.id",
        ("kind", _TEXT),
        ("deceased", "boolean"),
        ("deceased_on", "date"),
        ("mailing_state", _TEXT),
        ("billing_state", _TEXT),
    ),
    "property": _record(
        "property",
        "x.id",
        ("state", _TEXT),
        ("zip5", _TEXT),
        ("decedent_died_on", "date"),
        ("probate_filed_on", "date"),
    ),
    "lead": _record("lead", "x.id, x.property_id", ("status", _TEXT)),
    "sender_number": _record("sender_number", "x.id", ("registration", _TEXT), ("disabled_at", "timestamptz")),
    "campaign": _record(
        "campaign",
        "x.id",
        ("state", _TEXT),
        ("basis", _TEXT),
        ("sender_number_id", "uuid"),
        ("window_start", "time"),
        ("window_end", "time"),
        ("weekdays", "jsonb"),
        ("skip_holidays", "boolean"),
        ("send_before", "timestamptz"),
    ),
    "budget": _record(
        "budget",
        "x.id, x.subject, x.subject_id, x.period_start",
        ("cap", "bigint"),
        ("reserved", "bigint"),
        ("spent", "bigint"),
    ),
    "message": _record(
        "message",
        "x.id, x.e164, x.person_id, x.lead_id, x.campaign_id, x.step, x.purpose, x.attempt",
        ("state", _TEXT),
        ("submitted_at", "timestamptz"),
    ),
}
"""Of a budget only whether anything was left is kept, not how much."""


def then(*, phones: str, people: str, properties: str = "select null::uuid where false") -> dict[str, str]:
    """Write every relation as it stood.

    Args:
        phones: a query of the ids of the numbers in question.
        people: a query of the ids of the people in question, none of them null.
        properties: a query of the ids of the properties in question.
    """
    return _RECORDS | {
        "person_phone": _link(
            "person_phone", "phone_id", ("person_id", "phone_id"), ("rank", "int"), f"x.phone_id in ({phones})"
        ),
        "property_party": _link(
            "property_party",
            "person_id",
            ("person_id", "property_id", "role"),
            ("surviving_spouse", "boolean"),
            f"x.person_id in ({people})",
            f"x.property_id in ({properties}) and x.person_id not in ({people})",
        ),
    }


def kept_since(uow: UnitOfWork) -> datetime:
    """Tell since when the organisation's records are kept by date: since it was made, or since LeadFlow kept them."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select coalesce(
                (select e.valid_to from earlier_state e
                 where e.org_id = %(org)s and e.source = 'organization' and e.subject_id = %(org)s),
                (select created_at from organization where id = %(org)s), clock_now())
            """,
            {"org": uow.org()},
        )
        row = cursor.fetchone()
    if row is None:
        msg = "a select without a table answers one row"
        raise RuntimeError(msg)
    since: datetime = row[0]
    return since
