"""The score of a lead is kept in its flat row, so that lists narrow and sort by it; words are looked up all at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0032"
branch_labels = None
depends_on = None

PLACE = "ix_lead_search_score"
UNTIL = "ix_lead_search_score_until"
APP = "leadflow_app"

FIND_LEADS = """
create function find_leads({given}, lists uuid[], tags uuid[], enough int) returns setof uuid
language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
    return query execute
        'select s.lead_id from lead_search s where s.org_id = $5'
        || {words}
        || case when lists is null then '' else ' and s.list_ids @> $2' end
        || case when tags is null then '' else ' and s.tag_ids && $3' end
        || ' limit $4'
    using {using}, lists, tags, enough, nullif(current_setting('app.org_id', true), '')::uuid;
end $$
"""
"""As in 0004, but for the words. The index of words meets several more cheaply than it reads all that have one."""
ONE = {
    "given": "pattern text",
    "words": "case when pattern is null then '' else ' and s.words like $1' end",
    "using": "pattern",
}
ALL = {
    "given": "patterns text[]",
    "words": "coalesce((select string_agg(format(' and s.words like $1[%s]', n), '')"
    " from generate_subscripts(patterns, 1) n), '')",
    "using": "patterns",
}


def upgrade() -> None:
    """Apply. Rows that are there already are due at once: the next tick of the clockwork renews them."""
    op.add_column("lead_search", sa.Column("score", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("lead_search", sa.Column("score_until", sa.Date(), server_default="1970-01-01", nullable=True))
    op.alter_column("lead_search", "score_until", server_default=None)
    op.create_index(PLACE, "lead_search", ["org_id", "score", "lead_id"])
    op.create_index(
        UNTIL, "lead_search", ["org_id", "score_until"], postgresql_where=sa.text("score_until is not null")
    )
    _find_leads(ALL)


def _find_leads(words: dict[str, str]) -> None:
    op.execute("drop function find_leads")
    op.execute(FIND_LEADS.format(**words))
    op.execute("revoke all on function find_leads from public")
    op.execute(f"grant execute on function find_leads to {APP}")


def downgrade() -> None:
    """Take back."""
    _find_leads(ONE)
    op.drop_index(UNTIL, "lead_search")
    op.drop_index(PLACE, "lead_search")
    op.drop_column("lead_search", "score_until")
    op.drop_column("lead_search", "score")
