"""SQL of campaigns until they are launched: what they say, whom they find, who signed. Reads any table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row
from sqlmodel import col, select

from leadflow.campaigns.types import AudienceSize, Step
from leadflow.kernel.db import UnitOfWork
from models.campaigns import Approval, Campaign, Simulation
from models.identity import Organization, User
from models.vocabulary import CampaignState


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lead of an audience and whom of it the campaign would address."""

    lead_id: UUID
    property_id: UUID
    person_id: UUID | None
    phone_id: UUID | None
    state: str
    covered_by: UUID | None


@dataclass(frozen=True, slots=True)
class MergeRow:
    """The values that a message may name, for one recipient."""

    lead_id: UUID
    property_id: UUID
    person_id: UUID | None
    phone_id: UUID
    e164: int
    first_name: str | None
    last_name: str | None
    full_name: str | None
    street: str | None
    city: str | None
    state: str | None
    zip: str | None
    county: str | None

    @property
    def phone(self) -> str:
        """The number as E.164."""
        return f"+{self.e164}"

    def fields(self, our_name: str) -> dict[str, str]:
        """List the values that are known."""
        values = {
            "first_name": self.first_name,
            "last_name": self.last_name,
            "full_name": self.full_name,
            "street": self.street,
            "city": self.city,
            "state": self.state,
            "zip": self.zip,
            "county": self.county,
            "our_name": our_name,
        }
        return {name: value for name, value in values.items() if value}


MERGE = """
    select a.lead_id, a.property_id, a.person_id, a.phone_id, f.e164,
           initcap(p.first_name) as first_name, initcap(p.last_name) as last_name, p.name as full_name,
           r.street, r.city, r.state, r.zip5 as zip, r.county
    from {source} a
    join phone f on f.org_id = a.org_id and f.id = a.phone_id
    join property r on r.org_id = a.org_id and r.id = a.property_id
    left join person p on p.org_id = a.org_id and p.id = a.person_id
"""


def get(uow: UnitOfWork, campaign_id: UUID, *, lock: str | None = None) -> Campaign | None:
    """Read a campaign; ``lock="update"`` holds it until the end of the transaction."""
    return uow.session.get(Campaign, (uow.org(), campaign_id), with_for_update=lock == "update")


def steps(uow: UnitOfWork, campaign_id: UUID) -> tuple[Step, ...]:
    """Read the messages of a campaign, in order."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select template, wait_minutes, good_for_minutes, others from campaign_step"
            " where org_id = %s and campaign_id = %s order by position",
            [uow.org(), campaign_id],
        )
        return tuple(Step(*row) for row in cursor.fetchall())


def write_steps(uow: UnitOfWork, campaign_id: UUID, wanted: Sequence[Step]) -> None:
    """Make the messages of a campaign these."""
    with uow.cursor() as cursor:
        cursor.execute(
            "delete from campaign_step where org_id = %s and campaign_id = %s and position > %s",
            [uow.org(), campaign_id, len(wanted)],
        )
        cursor.execute(
            """
            insert into campaign_step (org_id, campaign_id, position, template, wait_minutes, good_for_minutes, others)
            select %(org)s, %(campaign)s, x.n, x.template, x.wait, x.good_for, x.others::jsonb
            from unnest(%(templates)s::text[], %(waits)s::int[], %(lives)s::int[], %(others)s::text[])
                 with ordinality as x (template, wait, good_for, others, n)
            on conflict (org_id, campaign_id, position) do update set
                template = excluded.template, wait_minutes = excluded.wait_minutes,
                good_for_minutes = excluded.good_for_minutes, others = excluded.others, updated_at = now()
            """,
            {
                "org": uow.org(),
                "campaign": campaign_id,
                "templates": [step.template for step in wanted],
                "waits": [step.wait_minutes for step in wanted],
                "lives": [step.good_for_minutes for step in wanted],
                "others": [json.dumps(dict(step.others)) for step in wanted],
            },
        )


def named(uow: UnitOfWork, name: str) -> Campaign | None:
    """Find a campaign by its name."""
    return uow.session.exec(select(Campaign).where(Campaign.org_id == uow.org(), Campaign.name == name)).one_or_none()


@dataclass(frozen=True, slots=True)
class Listed:
    """A campaign in the list, before its audience is counted."""

    id: UUID
    name: str
    state: CampaignState
    audience_size: int | None
    author: str
    sender: str
    created_at: datetime
    launched_at: datetime | None
    finished_at: datetime | None
    pause_reason: str | None
    stormbound: bool


def listing(
    uow: UnitOfWork, *, states: Sequence[str], words: str, after: tuple[str, str] | None, limit: int
) -> list[Listed]:
    """List campaigns, newest first.

    Args:
        uow: the caller's transaction.
        states: only these; all when empty.
        words: part of the name.
        after: instant and id of the last row of the page before.
        limit: rows at most.
    """
    with uow.connection().cursor(row_factory=class_row(Listed)) as cursor:
        cursor.execute(
            """
            select c.id, c.name, c.state, c.audience_size, coalesce(u.name, '') as author,
                   coalesce(nullif(n.label, ''), '+' || n.e164, l.name, '') as sender,
                   c.created_at, c.launched_at, c.finished_at, c.pause_reason, c.stormbound
            from campaign c
            left join "user" u on u.id = c.created_by
            left join sender_number n on n.org_id = c.org_id and n.id = c.sender_number_id
            left join number_pool l on l.org_id = c.org_id and l.id = c.pool_id
            where c.org_id = %(org)s
              and (cardinality(%(states)s::text[]) = 0 or c.state = any(%(states)s))
              and (%(words)s = '' or strpos(lower(c.name), lower(%(words)s)) > 0)
              and (%(at)s::timestamptz is null or (c.created_at, c.id) < (%(at)s::timestamptz, %(id)s::uuid))
            order by c.created_at desc, c.id desc limit %(limit)s
            """,
            {
                "org": uow.org(),
                "states": list(states),
                "words": words,
                "at": after[0] if after else None,
                "id": after[1] if after else None,
                "limit": limit,
            },
        )
        return cursor.fetchall()


def state_counts(uow: UnitOfWork) -> dict[str, int]:
    """Count campaigns by state."""
    with uow.cursor() as cursor:
        cursor.execute("select state, count(*) from campaign where org_id = %s group by 1", [uow.org()])
        return {row[0]: int(row[1]) for row in cursor.fetchall()}


def approvals(uow: UnitOfWork, campaign_id: UUID) -> list[tuple[Approval, str]]:
    """List approvals with the approvers' names, newest first."""
    statement = (
        select(Approval, User.name)
        .join(User, col(User.id) == Approval.approver_id, isouter=True)
        .where(Approval.org_id == uow.org(), Approval.campaign_id == campaign_id)
        .order_by(col(Approval.approved_at).desc())
    )
    return [(approval, name or "") for approval, name in uow.session.exec(statement)]


def approved(uow: UnitOfWork, campaign_id: UUID, content_sha256: str | None) -> bool:
    """Say whether a second person signed exactly this content."""
    statement = select(Approval.id).where(
        Approval.org_id == uow.org(), Approval.campaign_id == campaign_id, Approval.content_sha256 == content_sha256
    )
    return uow.session.exec(statement.limit(1)).first() is not None


def names_of(uow: UnitOfWork, user_ids: Sequence[UUID | None]) -> dict[UUID | None, str]:
    """Read users' names; whoever is unknown is left out."""
    with uow.cursor() as cursor:
        cursor.execute('select id, name from "user" where id = any(%s)', [[key for key in user_ids if key]])
        return {row[0]: row[1] for row in cursor.fetchall()}


def organization(uow: UnitOfWork) -> Organization:
    """Read the organisation of this transaction."""
    return uow.session.exec(select(Organization).where(Organization.id == uow.org())).one()


def address_of(uow: UnitOfWork, user_id: UUID | None) -> str | None:
    """Read where a user gets mail."""
    with uow.cursor() as cursor:
        cursor.execute('select email from "user" where id = %s', [user_id])
        row = cursor.fetchone()
    return row[0] if row else None


def latest_simulation(uow: UnitOfWork, campaign_id: UUID) -> Simulation | None:
    """Read the newest simulation of a campaign."""
    statement = (
        select(Simulation)
        .where(Simulation.org_id == uow.org(), Simulation.campaign_id == campaign_id)
        .order_by(col(Simulation.at).desc())
        .limit(1)
    )
    return uow.session.exec(statement).one_or_none()


def _chosen(where: sql.Composable) -> sql.Composable:
    """One row a lead of the filter: a number is addressed once, and so is a person.

    The first lead (by age) of those that share a number, then of those that share a person, gets the text;
    the others are covered by it.
    """
    return sql.SQL(
        """
        select org_id, lead_id, property_id, person_id, phone_id, state,
               case when phone_id is null then null
                    when by_phone <> lead_id then by_phone
                    when by_person <> lead_id then by_person end as covered_by
        from (
            select t.*, first_value(lead_id) over (
                       partition by coalesce(person_id, lead_id), phone_id is null, by_phone = lead_id
                       order by added_at, lead_id) as by_person
            from (
                select s.org_id, s.lead_id, s.property_id, s.best_person_id as person_id, s.best_phone_id as phone_id,
                       s.state, s.added_at,
                       first_value(s.lead_id) over (
                           partition by coalesce(s.best_phone_id, s.lead_id) order by s.added_at, s.lead_id) as by_phone
                from lead_search s where s.org_id = %(org)s and ({where})
            ) t
        ) u
        """
    ).format(where=where)


def candidates(uow: UnitOfWork, where: sql.Composable, params: Mapping[str, Any]) -> list[Candidate]:
    """Resolve a filter to leads and whom of each the campaign would address."""
    statement = sql.SQL(
        "select lead_id, property_id, person_id, phone_id, state, covered_by from ({}) c order by lead_id"
    ).format(_chosen(where))
    with uow.connection().cursor(row_factory=class_row(Candidate)) as cursor:
        cursor.execute(statement, {**params, "org": uow.org()})
        return cursor.fetchall()


def words_in_use(uow: UnitOfWork) -> tuple[dict[str, int], dict[str, int]]:
    """Count leads by state of the property and by source, the commonest first."""
    counted = list[dict[str, int]]()
    with uow.cursor() as cursor:
        for column in ("state", "source"):
            statement = sql.SQL(
                "select {0}, count(*) from lead_search where org_id = %s and {0} <> '' group by 1 order by 2 desc"
            )
            cursor.execute(statement.format(sql.Identifier(column)), [uow.org()])
            counted.append({row[0]: int(row[1]) for row in cursor.fetchall()})
    return counted[0], counted[1]


def audience_size(uow: UnitOfWork, where: sql.Composable, params: Mapping[str, Any]) -> AudienceSize:
    """Count whom a filter finds and whom of them a campaign would address."""
    statement = sql.SQL(
        """
        select count(*) as leads, count(*) filter (where phone_id is null) as no_phone,
               count(*) filter (where covered_by is not null) as covered,
               count(*) filter (where phone_id is not null and covered_by is null) as addressed
        from ({}) c
        """
    ).format(_chosen(where))
    with uow.connection().cursor(row_factory=class_row(AudienceSize)) as cursor:
        cursor.execute(statement, {**params, "org": uow.org()})
        return cursor.fetchone() or AudienceSize(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Face:
    """How a lead of the audience is shown."""

    lead_id: UUID
    owner: str
    street: str
    city: str
    state: str
    e164: int | None


def faces(uow: UnitOfWork, picked: Sequence[Candidate]) -> dict[UUID, Face]:
    """Read how candidates are shown, by lead."""
    with uow.connection().cursor(row_factory=class_row(Face)) as cursor:
        cursor.execute(
            """
            select s.lead_id, coalesce(p.name, s.owner) as owner, s.street, s.city, s.state, f.e164
            from unnest(%(leads)s::uuid[], %(people)s::uuid[], %(phones)s::uuid[]) as u (lead_id, person_id, phone_id)
            join lead_search s on s.org_id = %(org)s and s.lead_id = u.lead_id
            left join person p on p.org_id = %(org)s and p.id = u.person_id
            left join phone f on f.org_id = %(org)s and f.id = u.phone_id
            """,
            {
                "org": uow.org(),
                "leads": [one.lead_id for one in picked],
                "people": [one.person_id for one in picked],
                "phones": [one.phone_id for one in picked],
            },
        )
        return {row.lead_id: row for row in cursor.fetchall()}


def assigned(uow: UnitOfWork, user_id: UUID | None) -> set[UUID]:
    """List the leads that a user works."""
    with uow.cursor() as cursor:
        cursor.execute("select id from lead where org_id = %s and assignee_id = %s", [uow.org(), user_id])
        return {row[0] for row in cursor.fetchall()}


def frozen(uow: UnitOfWork, campaign_id: UUID) -> list[Candidate]:
    """List the frozen audience of a launched campaign."""
    with uow.connection().cursor(row_factory=class_row(Candidate)) as cursor:
        cursor.execute(
            """
            select a.lead_id, a.property_id, a.person_id, a.phone_id, coalesce(r.state, '') as state, a.covered_by
            from audience_member a left join property r on r.org_id = a.org_id and r.id = a.property_id
            where a.org_id = %s and a.campaign_id = %s order by a.lead_id
            """,
            [uow.org(), campaign_id],
        )
        return cursor.fetchall()


def freeze(
    uow: UnitOfWork,
    campaign_id: UUID,
    where: sql.Composable,
    params: Mapping[str, Any],
    split: Sequence[tuple[str, int]],
) -> int:
    """Write the audience down once and for all, each with the variant that ``rules.texts`` draws; answers its size."""
    statement = sql.SQL(
        """
        insert into audience_member
               (org_id, campaign_id, lead_id, property_id, person_id, phone_id, covered_by, excluded, variant)
        select c.org_id, %(campaign)s::uuid, c.lead_id, c.property_id, c.person_id, c.phone_id, c.covered_by,
               case when c.phone_id is null then 'no_phone' when c.covered_by is not null then 'covered' end,
               (select v.label from unnest(%(labels)s::text[], %(upto)s::int[]) as v (label, upto)
                where ('x' || left(encode(sha256(convert_to(%(campaign)s || ':' ||
                          coalesce(c.person_id, c.phone_id, c.lead_id) || ':0', 'UTF8')), 'hex'), 14))::bit(56)::bigint
                      %% %(total)s < v.upto
                order by v.upto limit 1)
        from ({}) c order by c.lead_id
        """
    ).format(_chosen(where))
    upto = list(accumulate(weight for _, weight in split))
    with uow.cursor() as cursor:
        cursor.execute(
            statement,
            {
                **params,
                "org": uow.org(),
                "campaign": str(campaign_id),
                "labels": [label for label, _ in split],
                "upto": upto,
                "total": upto[-1],
            },
        )
        return cursor.rowcount


def merge_rows(uow: UnitOfWork, picked: Sequence[Candidate]) -> dict[UUID, MergeRow]:
    """Read the merge values of candidates, by lead."""
    statement = MERGE.format(
        source="(select %(org)s::uuid as org_id, * from unnest(%(leads)s::uuid[], %(properties)s::uuid[],"
        " %(people)s::uuid[], %(phones)s::uuid[]) as u (lead_id, property_id, person_id, phone_id))"
    )
    wanted = [c for c in picked if c.phone_id is not None]
    with uow.connection().cursor(row_factory=class_row(MergeRow)) as cursor:
        cursor.execute(
            statement.encode(),
            {
                "org": uow.org(),
                "leads": [c.lead_id for c in wanted],
                "properties": [c.property_id for c in wanted],
                "people": [c.person_id for c in wanted],
                "phones": [c.phone_id for c in wanted],
            },
        )
        return {row.lead_id: row for row in cursor.fetchall()}


def claim_launch(uow: UnitOfWork, campaign_id: UUID, actor_id: UUID | None, now: datetime) -> bool:
    """Move a campaign whose launch was checked to running, once: the second caller gets False."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update campaign set state = 'running', launched_by = %s, launched_at = %s, pause_reason = null,
                   updated_at = now()
            where org_id = %s and id = %s and state in ('ready', 'scheduled', 'missed') returning id
            """,
            [actor_id, now, uow.org(), campaign_id],
        )
        return cursor.fetchone() is not None


def move(
    uow: UnitOfWork, campaign_id: UUID, allowed: Sequence[CampaignState], to: CampaignState, why: str | None
) -> bool:
    """Move a campaign from one of ``allowed`` to ``to``; False when it stands elsewhere."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update campaign set state = %(to)s, pause_reason = %(why)s, updated_at = now(),
                   finished_at = case when %(to)s in ('finished', 'cancelled') then %(now)s end
            where org_id = %(org)s and id = %(id)s and state = any(%(allowed)s) returning id
            """,
            {
                "to": to.value,
                "why": why,
                "now": uow.now(),
                "org": uow.org(),
                "id": campaign_id,
                "allowed": [state.value for state in allowed],
            },
        )
        return cursor.fetchone() is not None
