"""Indexes of the search over everything, and the functions that look into them for one organisation."""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "nullif(current_setting('app.org_id', true), '')::uuid"
BARE = "upper(regexp_replace(apn, '[^A-Za-z0-9]', '', 'g'))"
"""A parcel number without punctuation. The same expression stands in models/properties.py."""
ONLY_BITMAPS = "set enable_seqscan = off set enable_indexscan = off set enable_indexonlyscan = off"
"""How many rows two words leave together is beyond the planner: it hopes to meet enough of them soon, and reads every
lead where there are five. The index of the words answers the rare and the common alike, in bounded time."""

FUNCTIONS = {
    "find_by_words(text[], uuid, int)": """
        create function find_by_words(patterns text[], assignee uuid, enough int) returns setof uuid
        language plpgsql stable security definer set search_path = public, pg_temp <only bitmaps> as $$
        declare asked text := '';
        begin
            for place in 1 .. cardinality(patterns) loop
                asked := asked || format(' and s.words like %L', patterns[place]);
            end loop;
            return query execute 'select s.lead_id from lead_search s where s.org_id = $1'
                || case when assignee is null then '' else ' and s.assignee_id = $2' end || asked || ' limit $3'
            using <here>, assignee, enough;
        end $$""",
    "find_by_parcel(text, int)": """
        create function find_by_parcel(parcel text, enough int) returns setof uuid
        language sql stable security definer set search_path = public, pg_temp as $$
            select l.id from property h join lead l on l.org_id = h.org_id and l.property_id = h.id
            where h.org_id = <here> and <bare> = parcel and h.apn is not null limit enough
        $$""",
    "find_by_ending(bigint, int, int)": """
        create function find_by_ending(ending bigint, digits int, enough int) returns setof uuid
        language sql stable security definer set search_path = public, pg_temp as $$
            select f.id from phone f
            where f.org_id = <here> and f.e164 % 10000 = ending % 10000
              and f.e164 % (10::numeric ^ digits)::bigint = ending limit enough
        $$""",
    "find_tasks(text[], uuid, int)": """
        create function find_tasks(patterns text[], member uuid, enough int) returns setof uuid
        language plpgsql stable security definer set search_path = public, pg_temp <only bitmaps> as $$
        declare asked text := '';
        begin
            for place in 1 .. cardinality(patterns) loop
                asked := asked || format(' and ('' '' || lower(k.title)) like %L', patterns[place]);
            end loop;
            return query execute 'select k.id from task k where k.org_id = $1 and k.state = ''open'''
                || case when member is null then '' else ' and (k.assignee_id = $2 or exists (select 1 from lead l'
                || ' where l.org_id = k.org_id and l.id = k.lead_id and l.assignee_id = $2))' end
                || asked || ' limit $3'
            using <here>, member, enough;
        end $$""",
}
"""Row security keeps Postgres from using an index by an operator, or over an expression, that it does not hold to be
leakproof (0004, ``find_leads``). Here the owner looks, in the organisation of the transaction only, and answers ids."""


def upgrade() -> None:
    """Apply."""
    op.execute(f"create index ix_property_apn on property (org_id, ({BARE})) where apn is not null")
    op.execute("create index ix_phone_ending on phone (org_id, (e164 % 10000))")
    op.execute("create index ix_task_title on task using gin ((' ' || lower(title)) gin_trgm_ops) where state = 'open'")
    for signature, statement in FUNCTIONS.items():
        for mark, text in {"<here>": HERE, "<bare>": BARE, "<only bitmaps>": ONLY_BITMAPS}.items():
            statement = statement.replace(mark, text)  # noqa: PLW2901 filled in
        op.execute(statement)
        op.execute(f"revoke all on function {signature} from public")
        op.execute(f"grant execute on function {signature} to {APP}")


def downgrade() -> None:
    """Take back."""
    for signature in FUNCTIONS:
        op.execute(f"drop function {signature}")
    for index in ("ix_task_title", "ix_phone_ending", "ix_property_apn"):
        op.execute(f"drop index {index}")
