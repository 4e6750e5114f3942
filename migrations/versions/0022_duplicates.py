"""Duplicates: proposed pairs, merges with all that they changed, and who is now whom."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0023"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"
RIGHTS = {
    "duplicate_search": "select, insert, update, delete",
    "duplicate_pair": "select, insert, update, delete",
    # That two records were made one stays on record, whatever became of it.
    "record_merge": "select, insert, update",
    "merge_change": "select, insert, update, delete",
    "merged_record": "select, insert, update, delete",
}
"""What the application may do with each new table."""
GROWS = """
create or replace function consent_only_grows() returns trigger language plpgsql as $$
begin
    if (new.basis, new.channel, new.given_at, new.recorded_at, new.expires_at, new.actor_id, new.import_id,
        new.row_number) is distinct from
       (old.basis, old.channel, old.given_at, old.recorded_at, old.expires_at, old.actor_id, old.import_id,
        old.row_number)
       -- A name in these words goes with the number; what stands for an erased number begins with 999.
       or (new.e164 < 999000000000000
           and (new.purpose, new.source) is distinct from (old.purpose, old.source))
       or (old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at{but})
       or (new.artefact_sha256 is not null and new.artefact_sha256 is distinct from old.artefact_sha256)
    then
        raise exception 'an entry of the consent ledger does not change' using errcode = 'restrict_violation';
    end if;
    return new;
end $$
"""
BUT = """
           -- A revocation that a merge wrote, because the other of the two had revoked, goes when it is taken back.
           and not (new.revoked_at is null and exists (
               select 1 from merge_change c
               where c.org_id = old.org_id and c.table_name = 'consent' and c.before ->> 'id' = old.id::text
                 and c.before ->> 'revoked_at' is null
                 and (c.after ->> 'revoked_at')::timestamptz = old.revoked_at))"""


def _stamps() -> list[sa.Column[datetime]]:
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        for name in ("created_at", "updated_at")
    ]


def _keyed() -> list[sa.Column[UUID]]:
    return [
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
    ]


def _at(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _who(*names: str) -> list[sa.Column[UUID]]:
    return [sa.Column(name, sa.Uuid(), nullable=True) for name in names]


def _json(name: str, empty: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(), server_default=sa.text(f"'{empty}'"), nullable=False)


def _of_merge(table: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", "merge_id"],
        ["record_merge.org_id", "record_merge.id"],
        name=op.f(f"fk_{table}_org_id_record_merge"),
        ondelete=ondelete,
    )


def upgrade() -> None:
    """Apply."""
    _proposals()
    _merges()
    for table, rights in RIGHTS.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant {rights} on {table} to {APP}")
        op.execute(f"create policy own on {table} to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")
    op.execute(GROWS.format(but=BUT))


def _proposals() -> None:
    op.create_table(
        "duplicate_search",
        *_stamps(),
        *_keyed(),
        *_who("import_id"),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        _at("started_at"),
        _at("finished_at", nullable=True),
        *_who("actor_id", "job_id"),
        sa.Column("compared", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("proposed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _json("skipped", "[]"),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_duplicate_search")),
    )
    op.create_index(
        "ix_duplicate_search_started", "duplicate_search", ["org_id", sa.text("started_at desc"), sa.text("id desc")]
    )
    op.create_table(
        "duplicate_pair",
        *_stamps(),
        *_keyed(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("contradicted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _json("reasons", "[]"),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        _at("found_at"),
        *_who("search_id"),
        _at("decided_at", nullable=True),
        *_who("decided_by"),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_duplicate_pair_order")),
        sa.CheckConstraint("score between 0 and 100", name=op.f("ck_duplicate_pair_score")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_duplicate_pair")),
        sa.UniqueConstraint(
            "org_id", "kind", "one_id", "other_id", name=op.f("uq_duplicate_pair_org_id_kind_one_id_other_id")
        ),
    )
    op.create_index(
        "ix_duplicate_pair_open",
        "duplicate_pair",
        ["org_id", sa.text("score desc"), sa.text("id desc")],
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_duplicate_pair_other", "duplicate_pair", ["org_id", "other_id"])
    op.create_index("ix_duplicate_pair_one", "duplicate_pair", ["org_id", "one_id"])


def _merges() -> None:
    op.create_table(
        "record_merge",
        *_stamps(),
        *_keyed(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.Column("loser_id", sa.Uuid(), nullable=False),
        *_who("lead_id"),
        _at("at"),
        *_who("actor_id", "job_id"),
        sa.Column("score", sa.Integer(), nullable=True),
        _json("chosen", "{}"),
        _json("moved", "{}"),
        _at("undone_at", nullable=True),
        *_who("undone_by"),
        _json("stayed", "{}"),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_record_merge")),
    )
    op.create_index("ix_record_merge_at", "record_merge", ["org_id", sa.text("at desc"), sa.text("id desc")])
    op.create_index("ix_record_merge_survivor", "record_merge", ["org_id", "survivor_id"])
    op.create_index(
        "ix_record_merge_job", "record_merge", ["org_id", "job_id"], postgresql_where=sa.text("job_id is not null")
    )
    op.create_table(
        "merge_change",
        *_stamps(),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=True),
        sa.Column("becomes", sa.Text(), nullable=True),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        _of_merge("merge_change", "CASCADE"),
        sa.PrimaryKeyConstraint("org_id", "merge_id", "number", name=op.f("pk_merge_change")),
    )
    op.create_index("ix_merge_change_was", "merge_change", ["org_id", "table_name", "was"])
    op.create_table(
        "merged_record",
        *_stamps(),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("loser_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        _at("merged_at"),
        _at("made_at"),
        *_who("property_id"),
        sa.Column("key", sa.Text(), nullable=True),
        _of_merge("merged_record"),
        sa.PrimaryKeyConstraint("org_id", "loser_id", name=op.f("pk_merged_record")),
    )
    op.create_index("ix_merged_record_survivor", "merged_record", ["org_id", "survivor_id"])
    op.create_index(
        "ix_merged_record_key",
        "merged_record",
        ["org_id", "subject", "key"],
        postgresql_where=sa.text("key is not null"),
    )


def downgrade() -> None:
    """Take back."""
    op.execute(GROWS.format(but=""))
    for table in ("merged_record", "merge_change", "record_merge", "duplicate_pair", "duplicate_search"):
        op.drop_table(table)
