"""Versions of rule packs with their reason, and the drills that a configuration was put to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"


def upgrade() -> None:
    """Apply."""
    op.add_column("rule_pack", sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_table(
        "drill_run",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("cases_sha256", sa.Text(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("unlawful", sa.Integer(), nullable=False),
        sa.Column("results", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_drill_run")),
    )
    op.create_index("ix_drill_run_at", "drill_run", ["org_id", sa.text("at desc"), sa.text("id desc")], unique=False)
    op.execute("alter table drill_run enable row level security")
    # What was recorded stays.
    op.execute(f"grant select, insert on drill_run to {APP}")
    op.execute(f"create policy own on drill_run to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")


def downgrade() -> None:
    """Take back."""
    op.drop_table("drill_run")
    op.drop_column("rule_pack", "reason")
