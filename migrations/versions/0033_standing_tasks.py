"""The search for follow-ups passes over those of removed leads, before it counts to enough."""

from __future__ import annotations

from alembic import op

revision = "0033"
down_revision = "0030"
branch_labels = None
depends_on = None

HERE = "nullif(current_setting('app.org_id', true), '')::uuid"
ONLY_BITMAPS = "set enable_seqscan = off set enable_indexscan = off set enable_indexonlyscan = off"
STANDING = """
                || ' and not exists (select 1 from lead r where r.org_id = k.org_id and r.id = k.lead_id'
                || ' and r.removed_at is not null)'"""
FIND_TASKS = """
        create or replace function find_tasks(patterns text[], member uuid, enough int) returns setof uuid
        language plpgsql stable security definer set search_path = public, pg_temp <only bitmaps> as $$
        declare asked text := '';
        begin
            for place in 1 .. cardinality(patterns) loop
                asked := asked || format(' and ('' '' || lower(k.title)) like %L', patterns[place]);
            end loop;
            return query execute 'select k.id from task k where k.org_id = $1 and k.state = ''open'''<standing>
                || case when member is null then '' else ' and (k.assignee_id = $2 or exists (select 1 from lead l'
                || ' where l.org_id = k.org_id and l.id = k.lead_id and l.assignee_id = $2))' end
                || asked || ' limit $3'
            using <here>, member, enough;
        end $$"""
"""As in 0027, but for ``standing``. Grants stay with what is replaced."""


def upgrade() -> None:
    """Apply."""
    _make(STANDING)


def downgrade() -> None:
    """Take back."""
    _make("")


def _make(standing: str) -> None:
    statement = FIND_TASKS
    for mark, text in {"<here>": HERE, "<only bitmaps>": ONLY_BITMAPS, "<standing>": standing}.items():
        statement = statement.replace(mark, text)
    op.execute(statement)
