"""The index of places holds the figures that maps are narrowed by, so that a wide view reads nothing but the index."""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

NAME = "ix_lead_search_place"
BEFORE = ["latitude", "longitude", "status_rank", "precision"]
FIGURES = ["stack", "equity_percent", "estimated_value", "phone_count"]


def upgrade() -> None:
    """Apply."""
    _index([*BEFORE, *FIGURES])


def downgrade() -> None:
    """Take back."""
    _index(BEFORE)


def _index(included: list[str]) -> None:
    op.drop_index(NAME, "lead_search")
    op.create_index(NAME, "lead_search", ["org_id", "quadkey"], postgresql_include=included)
