"""The pairs that may be one: written by a search, listed, decided, and followed through merges."""

# ruff: noqa: S608 every statement is made of constants of this file

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from leadflow.duplicates.queries.journal import Journal
from leadflow.duplicates.types import PairFilter, PairRow, Reason, Side, Verdict
from leadflow.kernel.db import UnitOfWork
from models.base import new_id
from models.vocabulary import DuplicateKind, PairState

Found = tuple[UUID, UUID, Verdict]


def propose(uow: UnitOfWork, kind: DuplicateKind, search_id: UUID, found: Sequence[Found], now: datetime) -> None:
    """Write pairs down; of which somebody has decided already, nothing changes."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into duplicate_pair (org_id, kind, one_id, other_id, score, contradicted, reasons, state, found_at,
                                        search_id)
            select %(org)s, %(kind)s, u.one, u.other, u.score, u.against, u.reasons::jsonb, 'open', %(now)s,
                   %(search)s
            from unnest(%(ones)b::uuid[], %(others)b::uuid[], %(scores)b::int[], %(against)b::bool[],
                        %(reasons)b::text[]) as u (one, other, score, against, reasons)
            on conflict (org_id, kind, one_id, other_id) do update
            set score = excluded.score, contradicted = excluded.contradicted, reasons = excluded.reasons,
                search_id = excluded.search_id, updated_at = now()
            where duplicate_pair.state = 'open'
            """,
            {
                "org": uow.org(),
                "kind": kind.value,
                "now": now,
                "search": search_id,
                "ones": [min(one, other) for one, other, _ in found],
                "others": [max(one, other) for one, other, _ in found],
                "scores": [verdict.score for _, _, verdict in found],
                "against": [verdict.contradicted for _, _, verdict in found],
                "reasons": [_written(verdict.reasons) for _, _, verdict in found],
            },
        )


@lru_cache(maxsize=4096)
def _written(reasons: tuple[Reason, ...]) -> str:
    return orjson.dumps([{"words": reason.words, "against": reason.against} for reason in reasons]).decode()


def drop_stale(uow: UnitOfWork, search_id: UUID) -> int:
    """Drop open pairs that a search of everything has not found any more."""
    with uow.cursor() as cursor:
        cursor.execute(
            "delete from duplicate_pair where org_id = %s and state = 'open' and search_id is distinct from %s",
            [uow.org(), search_id],
        )
        return cursor.rowcount


# Listing

_ON_LEAD = """exists (select 1 from lead l join property_party y on y.org_id = l.org_id
    and y.property_id = l.property_id where l.org_id = d.org_id and y.person_id = d.{0} and {1})"""
_OF_LEAD = """exists (select 1 from lead l where l.org_id = d.org_id and l.property_id = d.{0} and {1})"""


def _stands(column: str, which: str) -> str:
    """Say that a record stands on a lead of some sort."""
    return f"case d.kind when 'person' then {_ON_LEAD.format(column, which)} else {_OF_LEAD.format(column, which)} end"


_SEEN = " and ".join(
    _stands(column, "l.assignee_id = %(assigned)s and l.removed_at is null") for column in ("one_id", "other_id")
)
_ABOUT = " or ".join(_stands(column, "l.id = %(lead)s") for column in ("one_id", "other_id"))
_KEPT = " and ".join(
    f"(not {_stands(column, 'l.removed_at is not null')} or {_stands(column, 'l.removed_at is null')})"
    for column in ("one_id", "other_id")
)
"""Neither stands on nothing but leads that were removed. Asked only where some are."""
_WHERE = f"""d.org_id = %(org)s and d.state = %(state)s
    and (%(kind)s::text is null or d.kind = %(kind)s) and d.score >= %(at_least)s
    and (not %(certain)s or not d.contradicted)
    and (%(assigned)s::uuid is null or ({_SEEN}))
    and (not exists (select 1 from lead r where r.org_id = %(org)s and r.removed_at is not null) or ({_KEPT}))
    and (%(lead)s::uuid is null or ({_ABOUT}))"""
_LEAD_OF_PERSON = """(select l.id from property_party y join lead l on l.org_id = y.org_id
    and l.property_id = y.property_id where y.org_id = {0}.org_id and y.person_id = {0}.id and l.removed_at is null
    order by l.id limit 1)"""
_ROW = f"""
    select d.id, d.kind, d.one_id, d.other_id, d.score, d.contradicted, d.reasons, d.state, d.found_at,
           coalesce(p.name, nullif(concat_ws(' ', h.street, h.unit), ''), h.apn, ''),
           coalesce(q.name, nullif(concat_ws(' ', k.street, k.unit), ''), k.apn, ''),
           case d.kind when 'person' then concat_ws(', ', p.mailing_street, p.mailing_city, p.mailing_state)
                else concat_ws(', ', h.city, concat_ws(' ', h.state, h.zip5), h.apn) end,
           case d.kind when 'person' then concat_ws(', ', q.mailing_street, q.mailing_city, q.mailing_state)
                else concat_ws(', ', k.city, concat_ws(' ', k.state, k.zip5), k.apn) end,
           case d.kind when 'person' then {_LEAD_OF_PERSON.format("p")}
                else (select l.id from lead l where l.org_id = h.org_id and l.property_id = h.id
                      and l.removed_at is null) end,
           case d.kind when 'person' then {_LEAD_OF_PERSON.format("q")}
                else (select l.id from lead l where l.org_id = k.org_id and l.property_id = k.id
                      and l.removed_at is null) end
    from chosen d
    left join person p on d.kind = 'person' and p.org_id = d.org_id and p.id = d.one_id
    left join person q on d.kind = 'person' and q.org_id = d.org_id and q.id = d.other_id
    left join property h on d.kind = 'property' and h.org_id = d.org_id and h.id = d.one_id
    left join property k on d.kind = 'property' and k.org_id = d.org_id and k.id = d.other_id
    order by d.score desc, d.id desc
"""


def _given(uow: UnitOfWork, wanted: PairFilter, assigned: UUID | None) -> dict[str, Any]:
    return {
        "org": uow.org(),
        "state": wanted.state.value,
        "kind": wanted.kind.value if wanted.kind else None,
        "at_least": wanted.at_least,
        "certain": wanted.certain,
        "lead": wanted.lead_id,
        "assigned": assigned,
    }


def page(
    uow: UnitOfWork, wanted: PairFilter, assigned: UUID | None, after: tuple[int, UUID] | None, limit: int
) -> list[PairRow]:
    """List pairs, the likeliest first, from behind a row on.

    Args:
        uow: the caller's transaction.
        wanted: which.
        assigned: only pairs of which both stand on this user's leads; None is everybody's.
        after: score and id of the row before.
        limit: rows at most.
    """
    behind = "and (d.score, d.id) < (%(score)s, %(last)s)" if after else ""
    given = _given(uow, wanted, assigned) | {
        "limit": limit,
        "score": after[0] if after else None,
        "last": after[1] if after else None,
    }
    with uow.cursor() as cursor:
        cursor.execute(
            f"""with chosen as materialized (select * from duplicate_pair d where {_WHERE} {behind}
                order by d.score desc, d.id desc limit %(limit)s) {_ROW}""".encode(),
            given,
        )
        return [_row(row) for row in cursor.fetchall()]


def one(uow: UnitOfWork, pair_id: UUID, assigned: UUID | None) -> PairRow | None:
    """Read one pair, whatever its state."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"""with chosen as materialized (select * from duplicate_pair d where d.org_id = %(org)s and d.id = %(id)s
                and (%(assigned)s::uuid is null or ({_SEEN}))) {_ROW}""".encode(),
            {"org": uow.org(), "id": pair_id, "assigned": assigned},
        )
        row = cursor.fetchone()
    return _row(row) if row else None


def of(uow: UnitOfWork, kind: DuplicateKind, one_id: UUID, other_id: UUID) -> UUID | None:
    """Find the pair of two records."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select id from duplicate_pair where org_id = %s and kind = %s and one_id = %s and other_id = %s",
            [uow.org(), kind.value, min(one_id, other_id), max(one_id, other_id)],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def count(uow: UnitOfWork, wanted: PairFilter, assigned: UUID | None, up_to: int) -> int:
    """Count pairs, but never further than to ``up_to``."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"select count(*) from (select 1 from duplicate_pair d where {_WHERE} limit %(up_to)s) x".encode(),
            {**_given(uow, wanted, assigned), "up_to": up_to},
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _row(row: Sequence[Any]) -> PairRow:
    return PairRow(
        id=row[0],
        kind=DuplicateKind(row[1]),
        one=Side(row[2], row[9], row[11], row[13]),
        other=Side(row[3], row[10], row[12], row[14]),
        score=row[4],
        contradicted=row[5],
        reasons=tuple(Reason(reason["words"], reason["against"]) for reason in row[6]),
        state=PairState(row[7]),
        found_at=row[8],
    )


# Deciding


def decide(uow: UnitOfWork, pair_id: UUID, state: PairState, actor_id: UUID | None, now: datetime) -> bool:
    """Write down what became of a pair; False where it was decided already."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update duplicate_pair set state = %s, decided_at = %s, decided_by = %s, updated_at = now()
            where org_id = %s and id = %s and state <> 'merged' and state <> %s
            """,
            [state.value, now, actor_id, uow.org(), pair_id, state.value],
        )
        return cursor.rowcount > 0


def dismiss_new(
    uow: UnitOfWork, kind: DuplicateKind, one_id: UUID, other_id: UUID, actor_id: UUID | None, now: datetime
) -> UUID:
    """Remember of two records that no search has proposed that they are not one."""
    pair_id = new_id()
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into duplicate_pair (org_id, id, kind, one_id, other_id, state, found_at, decided_at, decided_by)
            values (%s, %s, %s, %s, %s, 'dismissed', %s, %s, %s)
            """,
            [
                uow.org(),
                pair_id,
                kind.value,
                min(one_id, other_id),
                max(one_id, other_id),
                now,
                now,
                actor_id,
            ],
        )
    return pair_id


def follow(journal: Journal, kind: DuplicateKind, survivor: UUID, loser: UUID, now: datetime) -> int | None:
    """Settle the pair of two records that are now one, and let what was said of the loser hold for the survivor.

    What was only proposed with the loser is dropped: the next search proposes it anew. What somebody had said is not
    the loser's duplicate is not the survivor's.

    Returns:
        The score by which the two were proposed; None where they were not.
    """
    given = {"kind": kind.value, "survivor": survivor, "loser": loser, "now": now}
    with journal.uow.cursor() as cursor:
        cursor.execute(
            "select score from duplicate_pair where org_id = %s and kind = %s and one_id = %s and other_id = %s",
            [journal.uow.org(), kind.value, min(survivor, loser), max(survivor, loser)],
        )
        row = cursor.fetchone()
    journal.change(
        "duplicate_pair",
        """update duplicate_pair x set state = 'merged', decided_at = %(now)s, updated_at = now()
           where x.org_id = %(org)s and x.kind = %(kind)s and x.one_id = least(%(survivor)s::uuid, %(loser)s::uuid)
             and x.other_id = greatest(%(survivor)s::uuid, %(loser)s::uuid)""",
        given,
    )
    rest = "x.org_id = %(org)s and x.kind = %(kind)s and %(loser)s in (x.one_id, x.other_id) and x.state <> 'merged'"
    stranger = "case when x.one_id = %(loser)s then x.other_id else x.one_id end"
    journal.change(
        "duplicate_pair",
        f"""delete from duplicate_pair x where {rest} and (x.state = 'open' or exists (
                select 1 from duplicate_pair o where o.org_id = x.org_id and o.kind = x.kind and o.state = 'dismissed'
                and o.one_id = least(%(survivor)s::uuid, {stranger})
                and o.other_id = greatest(%(survivor)s::uuid, {stranger})))""",
        given,
    )
    journal.change(
        "duplicate_pair",
        f"""delete from duplicate_pair x where x.org_id = %(org)s and x.kind = %(kind)s and x.state = 'open'
              and exists (select 1 from duplicate_pair o where o.org_id = x.org_id and o.kind = x.kind
                and o.state = 'dismissed' and %(loser)s in (o.one_id, o.other_id)
                and x.one_id = least(%(survivor)s::uuid, {stranger.replace("x.", "o.")})
                and x.other_id = greatest(%(survivor)s::uuid, {stranger.replace("x.", "o.")}))""",
        given,
    )
    journal.change(
        "duplicate_pair",
        f"""update duplicate_pair x set one_id = least(%(survivor)s::uuid, {stranger}),
                   other_id = greatest(%(survivor)s::uuid, {stranger}), updated_at = now() where {rest}""",
        given,
    )
    return row[0] if row else None


def sure(uow: UnitOfWork, kind: DuplicateKind | None, at_least: int, tried: Sequence[UUID], limit: int) -> list[UUID]:
    """List open pairs of a score and more against which nothing speaks, the likeliest first."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select id from duplicate_pair where org_id = %s and state = 'open' and not contradicted and score >= %s
              and (%s::text is null or kind = %s) and id <> all(%s) order by score desc, id desc limit %s
            """,
            [uow.org(), at_least, kind and kind.value, kind and kind.value, list(tried), limit],
        )
        return [row[0] for row in cursor.fetchall()]
