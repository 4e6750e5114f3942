"""Carrier weather: the limits of an organisation, a campaign's window, and which text an opt-out answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None

LIMITS = {
    "weather_window": ("500", 100, 5_000),
    "weather_filtered_pct": ("5", 1, 25),
    "weather_opted_out_pct": ("3", 1, 25),
}
"""Each limit with its default and its sane range."""


def upgrade() -> None:
    """Apply."""
    for name, (default, low, high) in LIMITS.items():
        op.add_column("organization", sa.Column(name, sa.Integer(), server_default=default, nullable=False))
        op.create_check_constraint(op.f(f"ck_organization_{name}"), "organization", f"{name} between {low} and {high}")
    op.add_column("campaign", sa.Column("stormbound", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("campaign", sa.Column("weather_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_message_weather",
        "message",
        ["org_id", "campaign_id", sa.text("least(final_at, opted_out_at) desc")],
        postgresql_where=sa.text("submitted_at is not null and least(final_at, opted_out_at) is not null"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_message_weather", table_name="message")
    op.drop_column("message", "opted_out_at")
    op.drop_column("campaign", "weather_since")
    op.drop_column("campaign", "stormbound")
    for name in LIMITS:
        op.drop_column("organization", name)
