"""Look-ups of numbers at providers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"
"""The organisation of the transaction, as in 0004."""
TABLES = ("scrub_run", "scrub_run_number")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "scrub_run",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("audience", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        *(
            sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)
            for name in ("numbers", "fresh", "undated", "bought", "price")
        ),
        sa.Column("reserved", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("spent", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        *(
            sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)
            for name in ("answered", "listed", "missing", "doubtful", "doubts", "pauses")
        ),
        sa.Column("cancel_requested", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("reserved >= 0 and spent >= 0", name=op.f("ck_scrub_run_amounts")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_scrub_run")),
    )
    op.create_index("ix_scrub_run_at", "scrub_run", ["org_id", sa.text("started_at desc"), sa.text("id desc")])
    op.create_table(
        "scrub_run_number",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("e164", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("consent_date", sa.Date(), nullable=True),
        sa.Column("fence", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "run_id"],
            ["scrub_run.org_id", "scrub_run.id"],
            name=op.f("fk_scrub_run_number_org_id_run_id_scrub_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "run_id", "e164", name=op.f("pk_scrub_run_number")),
    )
    op.create_index("ix_scrub_run_number_state", "scrub_run_number", ["org_id", "run_id", "state", "e164"])
    op.create_index("ix_scrub_run_number_phone", "scrub_run_number", ["org_id", "e164"])
    op.add_column("scrub_result", sa.Column("run_id", sa.Uuid(), nullable=True))
    op.add_column("scrub_result", sa.Column("consent_date", sa.Date(), nullable=True))
    op.create_index(
        "uq_scrub_result_run",
        "scrub_result",
        ["org_id", "e164", "list", "run_id"],
        unique=True,
        postgresql_where="run_id is not null",
    )
    for table in TABLES:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant select, insert, update, delete on {table} to {APP}")
        op.execute(f"create policy own on {table} to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")


def downgrade() -> None:
    """Take back."""
    op.drop_index("uq_scrub_result_run", table_name="scrub_result")
    op.drop_column("scrub_result", "consent_date")
    op.drop_column("scrub_result", "run_id")
    for table in reversed(TABLES):
        op.drop_table(table)
