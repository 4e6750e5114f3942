"""Chips that narrow the lead list, saved views, custom fields."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0020"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"
RIGHTS = "select, insert, update, delete"
TABLES = ("custom_field", "custom_value", "saved_view", "view_choice")
FACTS = {
    "bedrooms": sa.Double(),
    "bathrooms": sa.Double(),
    "building_sqft": sa.Integer(),
    "year_built": sa.Integer(),
    "owner_occupied": sa.Boolean(),
}
NARROWING = ("zip5", "county", "property_type", "bedrooms", "bathrooms", "building_sqft", "year_built", "status_rank")
"""Without the organisation: Postgres intersects two indexes only where no condition is answered by both."""


def upgrade() -> None:
    """Apply."""
    _facts()
    _fields()
    _views()
    for table in TABLES:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant {RIGHTS} on {table} to {APP}")
        op.execute(f"create policy own on {table} to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")


def _facts() -> None:
    op.add_column("lead_search", sa.Column("property_type", sa.Text(), server_default="", nullable=False))
    for name, kind in FACTS.items():
        op.add_column("lead_search", sa.Column(name, kind, nullable=True))
    op.execute(
        """
        update lead_search s set property_type = coalesce(h.property_type, ''), bedrooms = h.bedrooms,
            bathrooms = h.bathrooms, building_sqft = h.building_sqft, year_built = h.year_built,
            owner_occupied = h.owner_occupied
        from property h where h.org_id = s.org_id and h.id = s.property_id
        """
    )
    for name in NARROWING:
        op.create_index(f"ix_lead_search_{name}", "lead_search", [name])


def _stamps() -> list[sa.Column[datetime]]:
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        for name in ("created_at", "updated_at")
    ]


def _keyed() -> list[sa.Column[UUID]]:
    return [
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
    ]


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{target}.org_id", f"{target}.id"],
        name=op.f(f"fk_{table}_org_id_{target}"),
        ondelete="CASCADE",
    )


def _to_user(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["user.id"], name=op.f(f"fk_{table}_{column}_user"), ondelete="CASCADE")


def _no(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def _fields() -> None:
    op.create_table(
        "custom_field",
        *_stamps(),
        *_keyed(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("options", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("header", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_custom_field")),
        sa.UniqueConstraint("org_id", "name", name=op.f("uq_custom_field_org_id_name")),
    )
    op.create_table(
        "custom_value",
        *_stamps(),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("field_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("number", sa.Double(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        _no("imported"),
        _to("custom_value", "field_id", "custom_field"),
        _to("custom_value", "lead_id", "lead"),
        sa.PrimaryKeyConstraint("org_id", "field_id", "lead_id", "place", name=op.f("pk_custom_value")),
    )
    op.create_index("ix_custom_value_lead", "custom_value", ["org_id", "lead_id"])
    for name in ("text", "number", "day"):
        op.create_index(
            f"ix_custom_value_{name}",
            "custom_value",
            ["org_id", "field_id", name, "lead_id"],
            postgresql_where=sa.text(f"{name} is not null"),
        )


def _views() -> None:
    op.create_table(
        "saved_view",
        *_stamps(),
        *_keyed(),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        _no("shared"),
        sa.Column("content", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        _to_user("saved_view", "owner_id"),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_saved_view")),
    )
    op.create_index(
        "uq_saved_view_name",
        "saved_view",
        ["org_id", "owner_id", "name"],
        unique=True,
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.create_table(
        "view_choice",
        *_stamps(),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("view_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        _no("pinned"),
        _no("opens_first"),
        _to("view_choice", "view_id", "saved_view"),
        _to_user("view_choice", "user_id"),
        sa.PrimaryKeyConstraint("org_id", "view_id", "user_id", name=op.f("pk_view_choice")),
    )
    op.create_index(
        "uq_view_choice_first",
        "view_choice",
        ["org_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("opens_first"),
    )


def downgrade() -> None:
    """Take back."""
    for table in reversed(TABLES):
        op.drop_table(table)
    for name in NARROWING:
        op.drop_index(f"ix_lead_search_{name}", table_name="lead_search")
    for name in ("property_type", *FACTS):
        op.drop_column("lead_search", name)
