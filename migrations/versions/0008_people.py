"""What the probate guard knows, kept by date like everything that the gate reads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# table: (the column that it is found by, its key, the columns kept before, the columns kept from now on)
KEPT = {
    "property": ("id", "id", "state,zip5", "state,zip5,decedent_died_on,probate_filed_on"),
    "property_party": (
        "person_id",
        "person_id,property_id,role",
        "person_id,property_id,role",
        "person_id,property_id,role,surviving_spouse",
    ),
}


def keep(table: str, subject: str, key: str, kept: str) -> None:
    """Let the triggers of a table keep these columns from now on."""
    old, new = (", ".join(f"{row}.{name}" for name in kept.split(",")) for row in ("old", "new"))
    calls = f"execute function keep_earlier('{subject}', '{key}', '{kept}')"
    for trigger in ("keep_changed", "keep_deleted"):
        op.execute(f"drop trigger {trigger} on {table}")
    op.execute(
        f"create trigger keep_changed after update on {table} for each row"
        f" when (({old}) is distinct from ({new})) {calls}"
    )
    op.execute(f"create trigger keep_deleted after delete on {table} for each row {calls}")


def upgrade() -> None:
    """Apply."""
    op.add_column("property", sa.Column("decedent_died_on", sa.Date(), nullable=True))
    op.add_column("property", sa.Column("probate_filed_on", sa.Date(), nullable=True))
    op.add_column(
        "property_party",
        sa.Column("surviving_spouse", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    for table, (subject, key, _, kept) in KEPT.items():
        keep(table, subject, key, kept)


def downgrade() -> None:
    """Take back."""
    for table, (subject, key, kept, _) in KEPT.items():
        keep(table, subject, key, kept)
    op.drop_column("property_party", "surviving_spouse")
    op.drop_column("property", "probate_filed_on")
    op.drop_column("property", "decedent_died_on")
