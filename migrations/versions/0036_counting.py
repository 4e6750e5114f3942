"""The runtime role may let Postgres count the tables that an import fills; without, the server only warns.

MAINTAIN reads and changes no row: it is the right to ANALYZE, VACUUM, REINDEX and the like. Postgres has it since 17.
"""

from __future__ import annotations

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

APP = "leadflow_app"
FILLED = "property, person, property_party, phone, person_phone"


def upgrade() -> None:
    """Apply."""
    op.execute(f"grant maintain on {FILLED} to {APP}")


def downgrade() -> None:
    """Take back."""
    op.execute(f"revoke maintain on {FILLED} from {APP}")
