"""Registry files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "registry_file",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_registry_file")),
        sa.UniqueConstraint(
            "org_id", "list", "version", "sha256", name=op.f("uq_registry_file_org_id_list_version_sha256")
        ),
    )
    op.create_table(
        "registry_block",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.Integer(), nullable=False),
        sa.Column("bits", postgresql.BYTEA(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "file_id"],
            ["registry_file.org_id", "registry_file.id"],
            name=op.f("fk_registry_block_org_id_file_id_registry_file"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "file_id", "area_code", name=op.f("pk_registry_block")),
    )
    for table in ("registry_file", "registry_block"):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant select, insert on {table} to {APP}")
        op.execute(f"create policy own on {table} to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")


def downgrade() -> None:
    """Take back."""
    op.drop_table("registry_block")
    op.drop_table("registry_file")
