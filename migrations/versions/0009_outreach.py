"""Keyed calls, and releases that need a second person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"
OF_ORGANIZATION = {
    "idempotency_key": "select, insert, update, delete",
    # What was asked and decided stays.
    "suppression_release": "select, insert, update",
}


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "idempotency_key",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", postgresql.BYTEA(), nullable=True),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("body", postgresql.BYTEA(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "user_id", "route", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index("ix_idempotency_key_expires", "idempotency_key", ["org_id", "expires_at"])
    op.create_table(
        "suppression_release",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("suppression_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_why", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state <> 'approved' or (decided_by is not null and decided_by <> asked_by)",
            name=op.f("ck_suppression_release_second_person"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "suppression_id"],
            ["suppression.org_id", "suppression.id"],
            name=op.f("fk_suppression_release_org_id_suppression"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_suppression_release")),
    )
    op.create_index(
        "uq_suppression_release_pending",
        "suppression_release",
        ["org_id", "suppression_id"],
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_suppression_release_asked", "suppression_release", ["org_id", sa.text("asked_at desc"), sa.text("id desc")]
    )
    for table, rights in OF_ORGANIZATION.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant {rights} on {table} to {APP}")
        op.execute(f"create policy own on {table} to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")


def downgrade() -> None:
    """Take back."""
    op.drop_table("suppression_release")
    op.drop_table("idempotency_key")
