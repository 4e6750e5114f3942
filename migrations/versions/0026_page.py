"""Notes that are pinned, changed and taken away, who is mentioned in them, and what a lead's score goes by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"
MOMENTS = ("pinned_at", "edited_at", "deleted_at")


def upgrade() -> None:
    """Apply."""
    now = sa.text("now()")
    for name in MOMENTS:
        op.add_column("activity", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "lead_scoring",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("weights", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_lead_scoring")),
    )
    op.create_table(
        "mention",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id", "lead_id"],
            ["lead.org_id", "lead.id"],
            name=op.f("fk_mention_org_id_lead_id_lead"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "entry_id"],
            ["activity.org_id", "activity.id"],
            name=op.f("fk_mention_org_id_entry_id_activity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_mention_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_mention")),
        sa.UniqueConstraint("org_id", "entry_id", "user_id", name=op.f("uq_mention_org_id_entry_id_user_id")),
    )
    op.create_index(
        "ix_mention_unread", "mention", ["org_id", "user_id", "at"], postgresql_where=sa.text("read_at is null")
    )
    op.create_index("ix_mention_lead", "mention", ["org_id", "lead_id"])
    for table in ("mention", "lead_scoring"):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant select, insert, update, delete on {table} to {APP}")
        op.execute(f"create policy own on {table} to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")


def downgrade() -> None:
    """Take back."""
    op.drop_table("mention")
    op.drop_table("lead_scoring")
    for name in MOMENTS:
        op.drop_column("activity", name)
