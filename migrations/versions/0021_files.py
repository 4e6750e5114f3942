"""Files: mappings under a name, and what an import replaced, so that it can be taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0024"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"


def upgrade() -> None:
    """Apply."""
    op.add_column("mapping_template", sa.Column("named", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_table(
        "import_change",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("property_id", sa.Uuid(), nullable=False),
        sa.Column("before", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("after", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "import_id"],
            ["import_batch.org_id", "import_batch.id"],
            name=op.f("fk_import_change_org_id_import_batch"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "property_id"],
            ["property.org_id", "property.id"],
            name=op.f("fk_import_change_org_id_property"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "import_id", "property_id", name=op.f("pk_import_change")),
    )
    op.create_index("ix_import_change_property", "import_change", ["org_id", "property_id"])
    op.execute("alter table import_change enable row level security")
    op.execute(f"grant select, insert, update, delete on import_change to {APP}")
    op.execute(f"create policy own on import_change to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")


def downgrade() -> None:
    """Take back."""
    op.drop_table("import_change")
    op.drop_column("mapping_template", "named")
