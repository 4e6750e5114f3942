"""Where people are billed: one more place where they may be, kept by date like everything that the gate reads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BEFORE = "kind,deceased,deceased_on,mailing_state"
KEPT = f"{BEFORE},billing_state"


def keep(kept: str) -> None:
    """Let the triggers of people keep these columns from now on."""
    old, new = (", ".join(f"{row}.{name}" for name in kept.split(",")) for row in ("old", "new"))
    calls = f"execute function keep_earlier('id', 'id', '{kept}')"
    for trigger in ("keep_changed", "keep_deleted"):
        op.execute(f"drop trigger {trigger} on person")
    op.execute(
        "create trigger keep_changed after update on person for each row"
        f" when (({old}) is distinct from ({new})) {calls}"
    )
    op.execute(f"create trigger keep_deleted after delete on person for each row {calls}")


def upgrade() -> None:
    """Apply."""
    op.add_column("person", sa.Column("billing_state", sa.Text(), nullable=True))
    keep(KEPT)


def downgrade() -> None:
    """Take back."""
    keep(BEFORE)
    op.drop_column("person", "billing_state")
