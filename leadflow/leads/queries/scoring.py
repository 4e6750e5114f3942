"""Reads and keeps what an organisation's scores go by, and says in SQL what ``rules.score`` says of one lead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from leadflow.kernel.db import UnitOfWork
from leadflow.leads.rules.score import DAYS, FULL_STACK, FULL_YEARS, LINES, NUDGE, WEIGHTS
from models.vocabulary import SuppressionKind

_NO_MARK = f"'{SuppressionKind.DO_NOT_MAIL}', '{SuppressionKind.REVIEW}'"
"""One is about letters; the other only waits for somebody to read a reply."""
ESTATE = "('decedent', 'personal_representative', 'petitioner', 'heir')"
"""Roles that tell of a death or an estate."""
MARKED = f"x.released_at is null and x.kind not in ({_NO_MARK})"
"""Over ``suppression x``: it stands against a contact."""
_WEIGHTS = ", ".join(f"greatest(0, coalesce((w.words ->> '{name}')::int, 0)) as {name}" for name in WEIGHTS)
WEIGHED = f"""
    select {_WEIGHTS}
    from (select coalesce((select weights from lead_scoring where org_id = %(org)s), %(usual)s::jsonb) as words) w
"""  # noqa: S608 constants
"""The weights, read by the very statement that writes the rows: whoever changes them then finds every row that was
written by the old ones."""
_LINE = " ".join(f"when '{line.value}' then {share}::float8" for line, share in LINES.items())


def _points(name: str, share: str) -> str:
    return f"floor(w.{name} * least(1::float8, greatest(0::float8, {share})) + {NUDGE}::float8)"


_YEARS = f"greatest(0::float8, (%(today)s::date - f.sold_on)::float8 / {DAYS}::float8) / {FULL_YEARS}::float8"
_OWNED = _points("ownership", _YEARS)
_SHARES: Mapping[str, str] = {
    "equity": "coalesce(f.equity_percent, 0) / 100::float8",
    "stack": f"f.stack::float8 / {FULL_STACK}::float8",
    "absentee": "case when f.owner_occupied is false then 1::float8 end",
    "ownership": _YEARS,
    "probate": "case when f.probate then 1::float8 end",
    "phone": "case when f.line is null or f.line_status in ('wrong', 'dead') then 0::float8"
    f" when f.line_status = 'correct' then 1::float8 else case f.line {_LINE} end end",
    "contactable": "case when f.contactable then 1::float8 end",
}
SCORED = f"""
    select least(100, ({" + ".join(_points(name, share) for name, share in _SHARES.items())}))::smallint as score,
           case when {_OWNED} < w.ownership then f.sold_on + greatest(
               floor(({_OWNED} + 1) * {FULL_YEARS * DAYS}::float8 / w.ownership)::int,
               %(today)s::date - f.sold_on + 1
           ) end as score_until
    from weighed w
"""  # noqa: S608 constants
"""Over ``f``: equity_percent, stack, owner_occupied, sold_on, probate, line, line_status, contactable.

``score_until`` is the day from which the years of ownership, the one fact that ages, bring another point; perhaps a day
early, never late. It is null where they bring all they can, or nothing is known.
"""


def params(today: datetime) -> dict[str, Any]:
    """Write what ``WEIGHED`` and ``SCORED`` ask for."""
    return {"usual": orjson.dumps(dict(WEIGHTS)).decode(), "today": today.date()}


def weights(uow: UnitOfWork) -> Mapping[str, int]:
    """Read the points that each fact can bring; the usual ones where nobody has chosen others."""
    with uow.cursor() as cursor:
        cursor.execute("select weights from lead_scoring where org_id = %s", [uow.org()])
        row = cursor.fetchone()
    return {name: int(row[0].get(name, 0)) for name in WEIGHTS} if row else WEIGHTS


def keep(uow: UnitOfWork, chosen: Mapping[str, int], actor_id: UUID | None) -> None:
    """Keep other ones."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into lead_scoring (org_id, weights, actor_id) values (%s, %s::jsonb, %s)
            on conflict (org_id) do update
                set weights = excluded.weights, actor_id = excluded.actor_id, updated_at = now()
            """,
            [uow.org(), orjson.dumps(dict(chosen)).decode(), actor_id],
        )


def rest(uow: UnitOfWork, lead_id: UUID) -> tuple[date | None, bool, bool]:
    """Read what the flat row has not of the facts of a score: sold on, an estate is known, nothing stands against."""
    statement = f"""
        select h.last_sale_on,
               h.decedent_died_on is not null or h.probate_filed_on is not null or exists (
                   select 1 from property_party y
                   where y.org_id = s.org_id and y.property_id = s.property_id and y.role in {ESTATE}),
               s.best_phone is not null
               and not exists (select 1 from suppression x
                               where x.org_id = s.org_id and x.e164 = s.best_phone and {MARKED})
               and not exists (select 1 from suppression x
                               where x.org_id = s.org_id and x.person_id = s.best_person_id and {MARKED})
        from lead_search s join property h on h.org_id = s.org_id and h.id = s.property_id
        where s.org_id = %s and s.lead_id = %s
    """  # noqa: S608 constants
    with uow.cursor() as cursor:
        cursor.execute(statement.encode(), [uow.org(), lead_id])
        row = cursor.fetchone()
    return (row[0], row[1], row[2]) if row else (None, False, False)


def due(uow: UnitOfWork, day: date, after: UUID, limit: int) -> list[UUID]:
    """List leads whose score is another one from this day on, in order of id."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select s.lead_id from lead_search s
            where s.org_id = %s and s.score_until <= %s and s.lead_id > %s order by s.lead_id limit %s
            """,
            [uow.org(), day, after, limit],
            prepare=False,
        )
        return [row[0] for row in cursor.fetchall()]


def marked(uow: UnitOfWork, import_id: UUID, after: UUID, limit: int) -> list[UUID]:
    """List leads against whose best number or person an import wrote a mark, in order of id."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            with made as materialized (
                select e164, person_id from suppression where org_id = %(org)s and import_id = %(import)s
            )
            select s.lead_id from lead_search s join made x on x.e164 = s.best_phone
            where s.org_id = %(org)s and s.lead_id > %(after)s
            union
            select s.lead_id from lead_search s join made x on x.person_id = s.best_person_id
            where s.org_id = %(org)s and s.lead_id > %(after)s
            order by 1 limit %(limit)s
            """,
            {"org": uow.org(), "import": import_id, "after": after, "limit": limit},
            prepare=False,
        )
        return [row[0] for row in cursor.fetchall()]
