"""Gives new leads to members in turn. A rule is locked while it gives, so that two imports take turns at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg import sql

from leadflow.kernel.db import UnitOfWork
from leadflow.leads.assignment_types import Attendance, RuleInput, RuleRow, Turn

_ACTIVE = """
    exists (select 1 from membership m join "user" w on w.id = m.user_id
            where m.org_id = t.org_id and m.user_id = t.user_id and m.disabled_at is null and w.disabled_at is null
              and m.role <> 'auditor')
    and not exists (select 1 from absence a where a.org_id = t.org_id and a.user_id = t.user_id and a.until > %(now)s)
"""
"""A member whose turn may come: active, not away, and one who works on leads."""


def rows(uow: UnitOfWork, now: datetime) -> list[RuleRow]:
    """List rules in their order, each with its members, who is next first."""
    given = {"org": uow.org(), "now": now}
    turns: defaultdict[UUID, list[Turn]] = defaultdict(list)
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            select t.rule_id, t.user_id, u.name, t.given, {_ACTIVE} from assignment_turn t
            join "user" u on u.id = t.user_id
            where t.org_id = %(org)s order by t.rule_id, t.turn, t.user_id
            """.encode(),  # noqa: S608 a constant
            given,
        )
        for rule_id, *turn in cursor.fetchall():
            turns[rule_id].append(Turn(*turn))
        cursor.execute(
            """
            select id, name, source, list_name, county, position, active, updated_at from assignment_rule
            where org_id = %(org)s order by position, name
            """,
            given,
        )
        return [RuleRow(*row, turns=tuple(turns[row[0]])) for row in cursor.fetchall()]


def lock(uow: UnitOfWork, rule_id: UUID) -> datetime | None:
    """Hold a rule and answer when it was changed last; None where there is none."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select updated_at from assignment_rule where org_id = %s and id = %s for update", [uow.org(), rule_id]
        )
        row = cursor.fetchone()
    return row[0] if row else None


def taken(uow: UnitOfWork, name: str, but: UUID | None) -> bool:
    """Say whether another rule has this name."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select 1 from assignment_rule where org_id = %s and lower(name) = lower(%s) and id is distinct from %s",
            [uow.org(), name, but],
        )
        return cursor.fetchone() is not None


def write(uow: UnitOfWork, rule_id: UUID, wanted: RuleInput) -> None:
    """Write a rule; members who stay keep their turn, new ones come behind everybody."""
    given = {
        **wanted.model_dump(include=set(RuleInput.model_fields)),
        "org": uow.org(),
        "id": rule_id,
        "members": list(dict.fromkeys(wanted.members)),
    }
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into assignment_rule (org_id, id, name, source, list_name, county, position, active)
            values (%(org)s, %(id)s, %(name)s, %(source)s, %(list_name)s, %(county)s, %(position)s, %(active)s)
            on conflict (org_id, id) do update set name = excluded.name, source = excluded.source,
                list_name = excluded.list_name, county = excluded.county, position = excluded.position,
                active = excluded.active, updated_at = now()
            """,
            given,
        )
        cursor.execute(
            "delete from assignment_turn where org_id = %(org)s and rule_id = %(id)s and user_id <> all(%(members)s)",
            given,
        )
        cursor.execute(
            """
            insert into assignment_turn (org_id, rule_id, user_id, turn)
            select %(org)s, %(id)s, u.id, u.place + coalesce(
                (select max(turn) from assignment_turn where org_id = %(org)s and rule_id = %(id)s), 0)
            from unnest(%(members)s::uuid[]) with ordinality u (id, place)
            on conflict do nothing
            """,
            given,
        )


def of(uow: UnitOfWork, rule_id: UUID) -> set[UUID]:
    """Read who stands in a rule's queue, also those who have left since."""
    with uow.cursor() as cursor:
        cursor.execute("select user_id from assignment_turn where org_id = %s and rule_id = %s", [uow.org(), rule_id])
        return {row[0] for row in cursor.fetchall()}


def requeue(uow: UnitOfWork, rule_id: UUID, members: Sequence[UUID]) -> None:
    """Let turns come in this order; what was given stays counted."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update assignment_turn t set turn = b.last + u.place, updated_at = now()
            from unnest(%(members)s::uuid[]) with ordinality u (id, place),
                 (select coalesce(max(turn), 0) as last from assignment_turn
                  where org_id = %(org)s and rule_id = %(rule)s) b
            where t.org_id = %(org)s and t.rule_id = %(rule)s and t.user_id = u.id
            """,
            {"org": uow.org(), "rule": rule_id, "members": list(dict.fromkeys(members))},
        )


def lock_all(uow: UnitOfWork) -> list[UUID]:
    """Hold every rule, in the order in which leads are given by them, and answer them so."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select id from assignment_rule where org_id = %s order by position, name for update", [uow.org()]
        )
        return [row[0] for row in cursor.fetchall()]


def reorder(uow: UnitOfWork, ids: Sequence[UUID]) -> None:
    """Put all rules in this order; those whose place stays are not touched."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update assignment_rule r set position = u.place - 1
            from unnest(%s::uuid[]) with ordinality u (id, place)
            where r.org_id = %s and r.id = u.id and r.position <> u.place - 1
            """,
            [list(ids), uow.org()],
        )


def delete(uow: UnitOfWork, rule_id: UUID) -> None:
    """Delete a rule; leads that it gave stay with whom they are."""
    with uow.cursor() as cursor:
        cursor.execute("delete from assignment_rule where org_id = %s and id = %s", [uow.org(), rule_id])


def members(uow: UnitOfWork, now: datetime) -> list[Attendance]:
    """List active members who work on leads, with until when each is away."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select u.id, u.name, case when a.until > %s then a.until end from membership m
            join "user" u on u.id = m.user_id
            left join absence a on a.org_id = m.org_id and a.user_id = m.user_id
            where m.org_id = %s and m.disabled_at is null and u.disabled_at is null and m.role <> 'auditor'
            order by lower(u.name), u.id
            """,
            [now, uow.org()],
        )
        return [Attendance(*row) for row in cursor.fetchall()]


def set_away(uow: UnitOfWork, user_id: UUID, until: datetime | None) -> None:
    """Note until when a member is away; None takes it back."""
    with uow.cursor() as cursor:
        if until is None:
            cursor.execute("delete from absence where org_id = %s and user_id = %s", [uow.org(), user_id])
        else:
            cursor.execute(
                """
                insert into absence (org_id, user_id, until) values (%s, %s, %s)
                on conflict (org_id, user_id) do update set until = excluded.until, updated_at = now()
                """,
                [uow.org(), user_id, until],
            )


def give(uow: UnitOfWork, leads: sql.Composable, import_id: UUID | None, actor_id: UUID | None, now: datetime) -> int:
    """Give leads that nobody has to the members of the rules that fit them; the flat rows are not written here.

    Each rule is held until the transaction ends. Its members stand in a queue: whoever got a lead goes to its end; who
    is away keeps the place. So every member's share differs from another's by one at most, however the leads come in.

    Args:
        uow: the caller's transaction.
        leads: SQL that selects ``lead_id``.
        import_id: the import that brings them, for the timeline.
        actor_id: who brings them.
        now: the instant that "away" is meant by.

    Returns:
        How many were given.
    """
    given = {"org": uow.org(), "now": now, "import": import_id, "actor": actor_id}
    count = 0
    with uow.cursor() as cursor:
        cursor.execute(
            "select id from assignment_rule where org_id = %(org)s and active order by position, name for update", given
        )
        for (rule_id,) in cursor.fetchall():
            statement = sql.SQL(_GIVE).format(leads=leads, active=sql.SQL(_ACTIVE))
            cursor.execute(statement, {**given, "rule": rule_id}, prepare=False)
            row = cursor.fetchone()
            count += int(row[0]) if row else 0
    return count


_GIVE = """
    with rule as (
        select * from assignment_rule where org_id = %(org)s and id = %(rule)s
    ), queue as (
        select t.user_id, u.name, row_number() over (order by t.turn, t.user_id) - 1 as place,
               count(*) over () as members, (select max(turn) from assignment_turn
                                             where org_id = %(org)s and rule_id = %(rule)s) as last
        from assignment_turn t join "user" u on u.id = t.user_id
        where t.org_id = %(org)s and t.rule_id = %(rule)s and {active}
    ), fits as (
        select l.id, row_number() over (order by l.id) - 1 as number
        from ({leads}) x join lead l on l.org_id = %(org)s and l.id = x.lead_id
        cross join rule r
        where l.assignee_id is null and l.removed_at is null
          and (r.source = '' or lower(l.source) = lower(r.source))
          and (r.list_name = '' or exists (
              select 1 from lead_list_entry e join lead_list g on g.org_id = e.org_id and g.id = e.list_id
              where e.org_id = l.org_id and e.lead_id = l.id and lower(g.name) = lower(r.list_name)))
          and (r.county = '' or exists (
              select 1 from property h
              left join zip_place z on z.zip5 = h.zip5 and coalesce(h.state, '') in ('', z.state)
              where h.org_id = l.org_id and h.id = l.property_id and lower(r.county) = lower(
                  coalesce(nullif(h.county, ''), case when cardinality(z.counties) = 1 then z.counties[1] end))))
    ), dealt as (
        select f.id, f.number, q.user_id, q.name, q.last from fits f join queue q on f.number %% q.members = q.place
    ), changed as (
        update lead l set assignee_id = d.user_id, updated_at = now() from dealt d
        where l.org_id = %(org)s and l.id = d.id returning l.id
    ), told as (
        insert into activity (org_id, lead_id, at, kind, actor_id, summary, detail)
        select %(org)s, d.id, %(now)s, 'edited', %(actor)s, 'Assigned to ' || d.name || ' in turn: ' || r.name,
               jsonb_build_object('assignee_id', d.user_id, 'before', null, 'rule', r.name,
                                  'import_id', %(import)s::text)
        from dealt d cross join rule r
    ), moved as (
        update assignment_turn t set turn = s.turn, given = t.given + s.n, updated_at = now()
        from (select user_id, max(last + 1 + number) as turn, count(*) as n from dealt group by user_id) s
        where t.org_id = %(org)s and t.rule_id = %(rule)s and t.user_id = s.user_id
    )
    select count(*) from changed
"""
