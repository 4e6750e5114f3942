"""Makes the flat row of a lead from the tables that are the truth. One statement, for one lead or for 250,000."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import sql

from leadflow.kernel.db import UnitOfWork
from leadflow.leads.queries import scoring
from models.vocabulary import LeadStatus

STATUS_ORDER = tuple(status.value for status in LeadStatus)
"""The list sorts by where a lead stands, not by the alphabet."""

_COLUMNS = (
    "property_id", "street", "unit", "city", "state", "zip5", "county", "owner", "owner_kind", "owner_count", "status",
    "status_rank", "source", "assignee_id", "stack", "list_ids", "tag_ids", "tag_names", "estimated_value",
    "estimated_equity", "equity_percent", "property_type", "bedrooms", "bathrooms", "building_sqft", "year_built",
    "owner_occupied", "phone_count", "best_person_id", "best_phone_id", "best_phone",
    "best_line_type", "best_phone_status", "last_touch_at", "next_task_at", "next_task", "words", "added_at",
    "county_fips", "latitude", "longitude", "precision", "quadkey", "score", "score_until",
)  # fmt: skip

# Who is asked first: the owner, who speaks for an estate, heirs; then those who only may know.
# A decedent, an attorney, a ward and a fiduciary have no place here: none is ever contacted.
_ROLE_RANK = """case y.role when 'owner' then 1 when 'personal_representative' then 2 when 'heir' then 3
    when 'petitioner' then 3 when 'relative' then 4 when 'tenant' then 5 when 'decedent' then 6 else 7 end"""

_ROWS = """
with picked as materialized (
    select l.* from ({source}) x join lead l on l.org_id = %(org)s and l.id = x.lead_id
    where l.removed_at is null
),
people as materialized (
    select p.id as lead_id, y.person_id, n.name, n.kind, min({rank}) as role_rank, min(y.position) as position,
           bool_or(y.role in ('decedent', 'attorney', 'ward', 'fiduciary')) or n.deceased or n.deceased_on is not null
               as untouchable
    from picked p
    join property_party y on y.org_id = %(org)s and y.property_id = p.property_id
    join person n on n.org_id = %(org)s and n.id = y.person_id
    group by p.id, y.person_id, n.name, n.kind, n.deceased, n.deceased_on
),
owners as (
    select lead_id, string_agg(name, ' & ' order by position, person_id) as owner,
           (array_agg(kind order by position, person_id))[1] as kind, count(*) as n
    from (select *, rank() over (partition by lead_id order by role_rank) as place from people) r
    where place = 1 group by lead_id
),
names as (
    select lead_id, string_agg(name, ' ' order by role_rank, position, person_id) as names from people group by lead_id
),
numbers as materialized (
    select e.lead_id, e.person_id, e.role_rank, e.position, e.untouchable, r.rank,
           f.id as phone_id, f.e164, f.line_type, f.status, f.score
    from people e
    join person_phone r on r.org_id = %(org)s and r.person_id = e.person_id
    join phone f on f.org_id = %(org)s and f.id = r.phone_id
),
dialled as (
    select lead_id, count(distinct phone_id) as n, string_agg(distinct e164::text, ' ') as digits
    from numbers group by lead_id
),
best as (
    select distinct on (lead_id) lead_id, person_id, phone_id, e164, line_type, status
    from numbers where not untouchable
    order by lead_id, status in ('wrong', 'dead'), role_rank > 3, line_type <> 'mobile', status <> 'correct',
             role_rank, position, score desc nulls last, rank, e164
),
addressed as (
    select distinct on (lead_id) lead_id, person_id from people where not untouchable
    order by lead_id, role_rank, position, person_id
),
listed as (
    select p.id as lead_id, array_agg(e.list_id order by e.list_id) as ids
    from picked p join lead_list_entry e on e.org_id = %(org)s and e.lead_id = p.id group by p.id
),
tagged as (
    select p.id as lead_id, array_agg(t.id order by t.name) as ids, array_agg(t.name order by t.name) as names
    from picked p join lead_tag g on g.org_id = %(org)s and g.lead_id = p.id
    join tag t on t.org_id = %(org)s and t.id = g.tag_id group by p.id
),
written as (
    select v.lead_id, string_agg(v.text, ' ' order by v.field_id, v.place) as texts
    from picked p join custom_value v on v.org_id = %(org)s and v.lead_id = p.id
    where v.text is not null group by v.lead_id
),
waiting as (
    select distinct on (p.id) p.id as lead_id, k.title, k.due_at
    from picked p join task k on k.org_id = %(org)s and k.lead_id = p.id and k.state = 'open'
    order by p.id, k.due_at nulls last, k.id
),
estates as (
    select distinct p.id as lead_id
    from picked p join property_party y on y.org_id = %(org)s and y.property_id = p.property_id
    where y.role in {estate}
),
left_alone as (
    select b.lead_id from best b
    where exists (select 1 from suppression x where x.org_id = %(org)s and x.e164 = b.e164 and {marked})
       or exists (select 1 from suppression x where x.org_id = %(org)s and x.person_id = b.person_id and {marked})
),
weighed as materialized ({weighed})
select p.id as lead_id, p.property_id, coalesce(h.street, '') as street, coalesce(h.unit, '') as unit,
       q.city, coalesce(h.state, '') as state, coalesce(h.zip5, '') as zip5, q.county,
       coalesce(o.owner, '') as owner, o.kind as owner_kind,
       coalesce(o.n, 0)::int as owner_count, p.status, array_position(%(statuses)s::text[], p.status) as status_rank,
       p.source, p.assignee_id, coalesce(cardinality(i.ids), 0) as stack, coalesce(i.ids, '{{}}') as list_ids,
       coalesce(g.ids, '{{}}') as tag_ids, coalesce(g.names, '{{}}') as tag_names, h.estimated_value,
       h.estimated_equity, f.equity_percent, coalesce(h.property_type, '') as property_type, h.bedrooms, h.bathrooms,
       h.building_sqft, h.year_built, h.owner_occupied, coalesce(d.n, 0)::int as phone_count,
       coalesce(b.person_id, a.person_id) as best_person_id, b.phone_id as best_phone_id, b.e164 as best_phone,
       b.line_type as best_line_type, b.status as best_phone_status,
       p.last_touch_at, w.due_at as next_task_at, w.title as next_task,
       ' ' || lower(concat_ws(' ', m.names, h.street, h.unit, nullif(q.city, ''), h.zip5, h.apn, d.digits, c.texts))
           as words,
       p.created_at as added_at, coalesce(nullif(h.county_fips, ''), z.county_fips, '') as county_fips,
       t.latitude, t.longitude, t.precision, quadkey(t.latitude, t.longitude) as quadkey, r.score, r.score_until
from picked p
join property h on h.org_id = %(org)s and h.id = p.property_id
left join zip_place z on z.zip5 = h.zip5
cross join lateral (
    select case when k.known then h.latitude else z.latitude end as latitude,
           case when k.known then h.longitude else z.longitude end as longitude,
           case when k.known then coalesce(h.precision, 'file') when z.zip5 is not null then 'zip' end as precision
    from (select h.latitude between -85 and 85 and h.longitude between -180 and 180 as known) k
) t
cross join lateral (
    select coalesce(nullif(h.city, ''), case when k.fits then z.city end, '') as city,
           coalesce(nullif(h.county, ''),
                    case when k.fits and cardinality(z.counties) = 1 then z.counties[1] end, '') as county
    from (select coalesce(h.state, '') in ('', z.state) as fits) k
) q
left join owners o on o.lead_id = p.id
left join names m on m.lead_id = p.id
left join dialled d on d.lead_id = p.id
left join best b on b.lead_id = p.id
left join addressed a on a.lead_id = p.id
left join listed i on i.lead_id = p.id
left join tagged g on g.lead_id = p.id
left join written c on c.lead_id = p.id
left join waiting w on w.lead_id = p.id
left join estates e on e.lead_id = p.id
left join left_alone u on u.lead_id = p.id
cross join lateral (
    select case when h.estimated_value > 0 then round(100.0 * h.estimated_equity / h.estimated_value, 2)::float8 end
               as equity_percent,
           coalesce(cardinality(i.ids), 0) as stack, h.owner_occupied, h.last_sale_on as sold_on,
           h.decedent_died_on is not null or h.probate_filed_on is not null or e.lead_id is not null as probate,
           b.line_type as line, b.status as line_status, b.e164 is not null and u.lead_id is null as contactable
) f
cross join lateral ({scored}) r
"""

GIVEN = sql.SQL("select distinct u.lead_id from unnest(%(leads)s::uuid[]) as u (lead_id)")


def staged(table: sql.Identifier) -> sql.Composed:
    """Name the leads of a table that has a column ``lead_id``."""
    return sql.SQL("select distinct t.lead_id from {} t").format(table)


def rows(source: sql.Composable) -> sql.Composed:
    """Compose the select of the flat rows; the tests hold it against the stored ones."""
    return sql.SQL(_ROWS).format(
        source=source,
        rank=sql.SQL(_ROLE_RANK),
        estate=sql.SQL(scoring.ESTATE),
        marked=sql.SQL(scoring.MARKED),  # pyright: ignore[reportArgumentType] made of constants
        weighed=sql.SQL(scoring.WEIGHED),  # pyright: ignore[reportArgumentType] made of constants
        scored=sql.SQL(scoring.SCORED),  # pyright: ignore[reportArgumentType] made of constants
    )


def params(uow: UnitOfWork) -> dict[str, Any]:
    """Write what ``rows`` asks for, but for the leads."""
    return {"org": uow.org(), "statuses": list(STATUS_ORDER), **scoring.params(uow.now())}


def lock(uow: UnitOfWork, source: sql.Composable, leads: Sequence[UUID] = ()) -> None:
    """Hold the leads, so that two transactions cannot each miss the other's half of the row.

    The next statement sees what the one before us committed.
    """
    statement = sql.SQL(
        "select 1 from lead where org_id = %(org)s and id in ({}) order by id for no key update"
    ).format(source)
    with uow.cursor() as cursor:
        cursor.execute(statement, {"org": uow.org(), "leads": list(leads)})


def write(uow: UnitOfWork, source: sql.Composable, leads: Sequence[UUID] = ()) -> int:
    """Write the flat rows of some leads; rows that say so already are left alone. Answers how many changed."""
    names = sql.SQL(", ").join(map(sql.Identifier, _COLUMNS))
    statement = sql.SQL(
        """
        insert into lead_search as s (org_id, lead_id, {names})
        select %(org)s, lead_id, {names} from ({rows}) r
        on conflict (org_id, lead_id) do update set {sets}, updated_at = now()
        where ({old}) is distinct from ({new})
        """
    ).format(
        names=names,
        rows=rows(source),
        sets=sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in _COLUMNS),
        old=sql.SQL(", ").join(sql.SQL("s.{}").format(sql.Identifier(name)) for name in _COLUMNS),
        new=sql.SQL(", ").join(sql.SQL("excluded.{}").format(sql.Identifier(name)) for name in _COLUMNS),
    )
    with uow.cursor() as cursor:
        cursor.execute(statement, {**params(uow), "leads": list(leads)}, prepare=False)
        return cursor.rowcount
