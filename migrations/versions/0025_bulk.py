"""Edits of many leads, and what became of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0021"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"


def upgrade() -> None:
    """Apply."""
    now, no = sa.text("now()"), sa.text("false")
    op.create_table(
        "bulk_edit",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("change", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("chosen", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("only_mine", sa.Boolean(), server_default=no, nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_bulk_edit")),
    )
    op.create_index("ix_bulk_edit_asked", "bulk_edit", ["org_id", sa.text("asked_at desc"), sa.text("id desc")])
    op.create_table(
        "bulk_entry",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("edit_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("done", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "edit_id"],
            ["bulk_edit.org_id", "bulk_edit.id"],
            name=op.f("fk_bulk_entry_org_id_edit_id_bulk_edit"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "lead_id"],
            ["lead.org_id", "lead.id"],
            name=op.f("fk_bulk_entry_org_id_lead_id_lead"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "edit_id", "lead_id", name=op.f("pk_bulk_entry")),
    )
    op.create_index("ix_bulk_entry_outcome", "bulk_entry", ["org_id", "edit_id", "outcome", "lead_id"])
    op.create_index("ix_bulk_entry_lead", "bulk_entry", ["org_id", "lead_id"])
    for table in ("bulk_edit", "bulk_entry"):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant select, insert, update, delete on {table} to {APP}")
        op.execute(f"create policy own on {table} to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")


def downgrade() -> None:
    """Take back."""
    op.drop_table("bulk_entry")
    op.drop_table("bulk_edit")
