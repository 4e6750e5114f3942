"""Evidence packs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"
TABLES = ("evidence_pack", "evidence_chunk")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "evidence_pack",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("of", sa.Text(), nullable=False),
        sa.Column("e164", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("head", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("counts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_evidence_pack")),
    )
    op.create_index(
        "ix_evidence_pack_requested",
        "evidence_pack",
        ["org_id", sa.text("requested_at desc"), sa.text("id desc")],
        unique=False,
    )
    op.create_table(
        "evidence_chunk",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("pack_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.BYTEA(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "pack_id"],
            ["evidence_pack.org_id", "evidence_pack.id"],
            name=op.f("fk_evidence_chunk_org_id_evidence_pack"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "pack_id", "number", name=op.f("pk_evidence_chunk")),
    )
    op.create_index("ix_audit_seal_last_position", "audit_seal", ["org_id", "last_position"], unique=False)
    # The bytes are a zip already.
    op.execute("alter table evidence_chunk alter column content set storage external")
    for table in TABLES:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant select, insert, update, delete on {table} to {APP}")
        op.execute(f"create policy own on {table} to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_audit_seal_last_position", table_name="audit_seal")
    op.drop_table("evidence_chunk")
    op.drop_index("ix_evidence_pack_requested", table_name="evidence_pack")
    op.drop_table("evidence_pack")
