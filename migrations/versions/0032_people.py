"""Who works on which lead can be listed without reading every lead."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

NAME = "ix_lead_claimed"


def upgrade() -> None:
    """Apply."""
    held = sa.text("claimed_by is not null")
    op.create_index(NAME, "lead", ["org_id", "claimed_until", "id"], postgresql_where=held)


def downgrade() -> None:
    """Take back."""
    op.drop_index(NAME, "lead")
