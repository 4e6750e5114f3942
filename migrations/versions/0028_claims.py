"""Leads that were removed and can be restored, claims on leads, and rules that give new leads out in turn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"
STAMPS = ("created_at", "updated_at")


def upgrade() -> None:
    """Apply."""
    op.add_column("lead", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("lead", sa.Column("removed_by", sa.Uuid(), nullable=True))
    op.add_column("lead", sa.Column("removed_why", sa.Text(), server_default="", nullable=False))
    op.add_column("lead", sa.Column("claimed_by", sa.Uuid(), nullable=True))
    op.add_column("lead", sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_lead_removed",
        "lead",
        ["org_id", sa.text("removed_at desc"), sa.text("id desc")],
        postgresql_where=sa.text("removed_at is not null"),
    )
    op.add_column("import_row", sa.Column("place", postgresql.JSONB(), nullable=True))
    op.add_column("import_row", sa.Column("matched_by", sa.Text(), nullable=True))
    op.add_column("organization", sa.Column("claim_minutes", sa.Integer(), server_default="15", nullable=False))
    op.create_check_constraint(op.f("ck_organization_claim_minutes"), "organization", "claim_minutes between 1 and 240")
    now = sa.text("now()")
    op.create_table(
        "assignment_rule",
        *(sa.Column(name, sa.DateTime(timezone=True), server_default=now, nullable=False) for name in STAMPS),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("list_name", sa.Text(), server_default="", nullable=False),
        sa.Column("county", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_assignment_rule")),
        sa.UniqueConstraint("org_id", "name", name=op.f("uq_assignment_rule_org_id_name")),
    )
    op.create_table(
        "assignment_turn",
        *(sa.Column(name, sa.DateTime(timezone=True), server_default=now, nullable=False) for name in STAMPS),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("given", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "rule_id"],
            ["assignment_rule.org_id", "assignment_rule.id"],
            name=op.f("fk_assignment_turn_org_id_rule_id_assignment_rule"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_assignment_turn_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("org_id", "rule_id", "user_id", name=op.f("pk_assignment_turn")),
    )
    op.create_table(
        "absence",
        *(sa.Column(name, sa.DateTime(timezone=True), server_default=now, nullable=False) for name in STAMPS),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_absence_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("org_id", "user_id", name=op.f("pk_absence")),
    )
    for table in ("assignment_rule", "assignment_turn", "absence"):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant select, insert, update, delete on {table} to {APP}")
        op.execute(f"create policy own on {table} to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")


def downgrade() -> None:
    """Take back."""
    for table in ("absence", "assignment_turn", "assignment_rule"):
        op.drop_table(table)
    op.drop_constraint(op.f("ck_organization_claim_minutes"), "organization", type_="check")
    op.drop_column("organization", "claim_minutes")
    op.drop_column("import_row", "matched_by")
    op.drop_column("import_row", "place")
    op.drop_index("ix_lead_removed", "lead")
    for name in ("claimed_until", "claimed_by", "removed_why", "removed_by", "removed_at"):
        op.drop_column("lead", name)
