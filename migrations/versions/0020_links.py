"""Short links of an organisation's own domain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

APP = "leadflow_app"
SYSTEM = "leadflow_system"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"
"""The organisation of the transaction, as in 0004."""


def upgrade() -> None:
    """Apply."""
    op.add_column("organization", sa.Column("link_domain", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_table(
        "short_link",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("clicked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clicks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("previews", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "message_id"],
            ["message.org_id", "message.id"],
            name=op.f("fk_short_link_org_id_message_id_message"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_short_link")),
    )
    op.create_index("ix_short_link_code", "short_link", ["code"])
    op.create_index("ix_short_link_message", "short_link", ["org_id", "message_id"])
    op.execute("alter table short_link enable row level security")
    op.execute(f"grant select, insert, update, delete on short_link to {APP}")
    op.execute(f"create policy own on short_link to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")
    # Whoever follows a link names no organisation.
    op.execute(f"grant select (org_id, id, host, code) on short_link to {SYSTEM}")
    op.execute(f"create policy everywhere on short_link for select to {SYSTEM} using (true)")


def downgrade() -> None:
    """Take back."""
    op.drop_table("short_link")
    op.drop_column("organization", "link_domain")
