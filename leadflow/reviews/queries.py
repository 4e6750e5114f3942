"""All SQL of the room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from psycopg.rows import dict_row

from leadflow.kernel.db import UnitOfWork
from leadflow.reviews.types import Judgeable
from models.base import new_id
from models.reviews import Review, ReviewDraw
from models.vocabulary import Purpose, Verdict


def count_population(uow: UnitOfWork, since: datetime, until: datetime, most: int) -> int:
    """Count the decisions of a stretch, but never further than to ``most``."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select count(*) from (select 1 from decision where org_id = %s and at >= %s and at < %s limit %s) x",
            [uow.org(), since, until, most],
        )
        row = cursor.fetchone()
    return row[0] if row else 0


def population(uow: UnitOfWork, since: datetime, until: datetime) -> list[Judgeable]:
    """Read every decision of a stretch with what its risk depends on."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select d.id, d.at, d.verdict, d.purpose, d.reasons, d.body,
                   d.message_id is not null and exists (
                       select 1 from decision e where e.org_id = d.org_id and e.message_id = d.message_id
                       and e.verdict = 'later' and e.at < d.at)
            from decision d where d.org_id = %s and d.at >= %s and d.at < %s order by d.id
            """,
            [uow.org(), since, until],
        )
        return [_judgeable(*row) for row in cursor]


def _judgeable(
    row_id: UUID,
    at: datetime,
    verdict: str,
    purpose: str,
    reasons: list[str],
    body: bytes,
    waited: bool,  # noqa: FBT001 same
) -> Judgeable:
    document: dict[str, Any] = orjson.loads(body)
    facts: dict[str, Any] = document.get("facts", {})
    places = [str(place).split(" ", 1) for place in facts.get("places", ()) if " " in str(place)]
    local = [at.astimezone(ZoneInfo(zone)) for _, zone in places]
    return Judgeable(
        id=row_id,
        verdict=Verdict(verdict),
        purpose=Purpose(purpose),
        reasons=tuple(reasons),
        unknown=bool(document.get("unknown")),
        waited=waited,
        held="review" in facts.get("suppressions", ()),
        states=frozenset(state for state, _ in places),
        local_hours=tuple(moment.hour + moment.minute / 60 for moment in local),
    )


def unsure_states(uow: UnitOfWork, at: datetime) -> frozenset[str]:
    """Name the states of which a provision of the packs installed at an instant is of low confidence."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select distinct p ->> 'jurisdiction'
            from rule_pack r, jsonb_array_elements(r.content -> 'provisions') p
            where r.org_id = %(org)s and r.installed_at <= %(at)s and (r.retired_at is null or r.retired_at > %(at)s)
              and jsonb_typeof(r.content -> 'provisions') = 'array' and p ->> 'confidence' = 'low'
            """,
            {"org": uow.org(), "at": at},
        )
        return frozenset(str(row[0]).rpartition("-")[2] for row in cursor.fetchall() if row[0])


def add_items(uow: UnitOfWork, draw_id: UUID, drawn: Sequence[tuple[str, UUID]]) -> None:
    """Write the decisions of a draw, in the order of judging."""
    uow.session.add_all(
        Review(id=new_id(), org_id=uow.org(), draw_id=draw_id, decision_id=one, position=place, stratum=stratum)
        for place, (stratum, one) in enumerate(drawn, 1)
    )
    uow.session.flush()


def get_draw(uow: UnitOfWork, draw_id: UUID) -> ReviewDraw | None:
    """Read a draw, held until the transaction ends: a judgement and a sign-off wait for each other."""
    return uow.session.get(ReviewDraw, (uow.org(), draw_id), with_for_update=True, populate_existing=True)


def get_review(uow: UnitOfWork, review_id: UUID) -> Review | None:
    """Read one decision of a draw."""
    return uow.session.get(Review, (uow.org(), review_id), populate_existing=True)


_DRAW = """
    select d.id, d.since, d.until, d.seed, d.size, d.least, d.drawn_at, coalesce(u.name, '') as drawn_by_name,
           d.signed_at, coalesce(v.name, '') as signed_by_name,
           (select count(*) from review r where r.org_id = d.org_id and r.draw_id = d.id) as drawn,
           (select count(agrees) from review r where r.org_id = d.org_id and r.draw_id = d.id) as judged,
           (select count(*) from review r where r.org_id = d.org_id and r.draw_id = d.id and r.agrees) as agreed
    from review_draw d left join "user" u on u.id = d.drawn_by left join "user" v on v.id = d.signed_by
    where d.org_id = %(org)s
"""


def draws(uow: UnitOfWork, after: tuple[datetime, UUID] | None, limit: int) -> list[dict[str, Any]]:
    """List draws, newest first."""
    rest = """ and (%(at)s::timestamptz is null or (d.drawn_at, d.id) < (%(at)s, %(id)s::uuid))
        order by d.drawn_at desc, d.id desc limit %(limit)s"""
    given = {"at": after[0] if after else None, "id": after[1] if after else None, "limit": limit}
    return _rows(uow, _DRAW + rest, given)


def draw_row(uow: UnitOfWork, draw_id: UUID) -> dict[str, Any] | None:
    """Read one draw as people see it."""
    found = _rows(uow, _DRAW + " and d.id = %(id)s", {"id": draw_id})
    return found[0] if found else None


def count_draws(uow: UnitOfWork) -> int:
    """Count draws."""
    with uow.cursor() as cursor:
        cursor.execute("select count(*) from review_draw where org_id = %s", [uow.org()])
        row = cursor.fetchone()
    return row[0] if row else 0


_CAUSED = """case when d.actor_id = %(me)s then 'actor'
    when %(me)s in (c.created_by, c.submitted_by, c.launched_by) or exists (
        select 1 from approval a where a.org_id = d.org_id and a.campaign_id = c.id and a.approver_id = %(me)s)
    then 'campaign' else '' end"""


def items(uow: UnitOfWork, draw_id: UUID, me: UUID | None) -> list[dict[str, Any]]:
    """List the decisions of a draw in order, each with how the caller had a part in it."""
    return _rows(
        uow,
        f"""
        select r.id, r.decision_id, r.position, r.stratum, d.at, d.verdict, d.reasons, r.agrees, r.reason, r.judged_at,
               r.judged_by, coalesce(u.name, '') as judged_by_name, {_CAUSED} as part, d.lead_id,
               encode(d.digest, 'hex') as digest
        from review r join decision d on d.org_id = r.org_id and d.id = r.decision_id
        left join campaign c on c.org_id = d.org_id and c.id = d.campaign_id
        left join "user" u on u.id = r.judged_by
        where r.org_id = %(org)s and r.draw_id = %(draw)s order by r.position
        """,  # noqa: S608 constants
        {"draw": draw_id, "me": me},
    )


def signed_event(uow: UnitOfWork, draw_id: UUID) -> tuple[dict[str, Any], bool] | None:
    """Read the record's event of a sign-off, and whether it is sealed into the chain."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select e.detail, exists (select 1 from audit_leaf l where l.org_id = e.org_id and l.source = 'event'
                                     and l.source_id = e.id)
            from audit_event e where e.org_id = %s and e.action = 'review.signed' and e.subject_id = %s
            """,
            [uow.org(), draw_id],
        )
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def _rows(uow: UnitOfWork, statement: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    with uow.connection().cursor(row_factory=dict_row) as cursor:
        cursor.execute(statement.encode(), {"org": uow.org(), **given})
        return cursor.fetchall()
