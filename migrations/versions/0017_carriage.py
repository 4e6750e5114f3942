"""Registrations as tables, pools of numbers, limits over all numbers, and when a job was last taken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0018"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"
TABLES = ("brand", "registered_campaign", "number_pool", "pool_member")
INSTANT = sa.DateTime(timezone=True)
DUE = sa.text("state = 'queued'")
TAKEN = sa.text("claimed_at is not null")
NAMES = """
insert into brand (org_id, name, registry_id, status)
select org_id, coalesce('Brand ' || brand_id, 'Brand of before'), brand_id,
       case when bool_or(registration = 'verified') then 'verified' else 'pending' end
from sender_number group by org_id, brand_id
"""
CAMPAIGNS = """
insert into registered_campaign (org_id, brand_id, registry_id, status)
select n.org_id, b.id, n.campaign_registry_id,
       case when bool_or(n.registration = 'verified') then 'verified' else 'pending' end
from sender_number n join brand b on b.org_id = n.org_id and b.registry_id is not distinct from n.brand_id
group by n.org_id, b.id, n.campaign_registry_id
"""
BOUND = """
update sender_number n set binding = n.registration, registered_campaign_id = c.id
from registered_campaign c join brand b on b.org_id = c.org_id and b.id = c.brand_id
where c.org_id = n.org_id and b.registry_id is not distinct from n.brand_id
  and c.registry_id is not distinct from n.campaign_registry_id
"""
BACK = """
update sender_number n set brand_id = b.registry_id, campaign_registry_id = c.registry_id
from registered_campaign c join brand b on b.org_id = c.org_id and b.id = c.brand_id
where c.org_id = n.org_id and c.id = n.registered_campaign_id
"""


def _stamped(*columns: sa.Column[object], identity: bool = True) -> list[sa.Column[object]]:
    now = sa.text("now()")
    own: list[sa.Column[object]] = [
        sa.Column("created_at", INSTANT, server_default=now, nullable=False),
        sa.Column("updated_at", INSTANT, server_default=now, nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
    ]
    if identity:
        own.append(sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False))
    return [*own, *columns]


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("org_id", *(columns or ("id",)), name=op.f(f"pk_{table}"))


def _to(table: str, column: str, other: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{other}.org_id", f"{other}.id"],
        name=op.f(f"fk_{table}_org_id_{other}"),
        ondelete=ondelete,
    )


def _text(name: str, default: str | None = None, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=nullable)


def _whole(name: str, default: str | None = None, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), server_default=default, nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, INSTANT, nullable=nullable)


def _registrations() -> None:
    op.create_table(
        "brand",
        *_stamped(
            _text("name"),
            _text("ein_last4", nullable=True),
            _text("registry_id", nullable=True),
            _text("status", "pending"),
        ),
        _key("brand"),
        sa.UniqueConstraint("org_id", "name", name=op.f("uq_brand_org_id_name")),
    )
    op.create_table(
        "registered_campaign",
        *_stamped(
            _id("brand_id"),
            _text("use_case", ""),
            _text("registry_id", nullable=True),
            _text("status", "pending"),
            sa.Column("rates", postgresql.JSONB(), server_default="[]", nullable=False),
        ),
        _key("registered_campaign"),
        _to("registered_campaign", "brand_id", "brand"),
    )
    op.create_index("ix_registered_campaign_brand", "registered_campaign", ["org_id", "brand_id"])
    op.add_column("sender_number", _id("registered_campaign_id", nullable=True))
    op.add_column("sender_number", _text("binding", "pending"))
    op.add_column("sender_number", _whole("per_day", nullable=True))
    op.add_column("sender_number", _at("cooling_until", nullable=True))
    op.add_column("sender_number", _text("cooling_why", nullable=True))
    op.create_foreign_key(
        op.f("fk_sender_number_org_id_registered_campaign"),
        "sender_number",
        "registered_campaign",
        ["org_id", "registered_campaign_id"],
        ["org_id", "id"],
    )
    for statement in (NAMES, CAMPAIGNS, BOUND):
        op.execute(statement)
    op.drop_column("sender_number", "brand_id")
    op.drop_column("sender_number", "campaign_registry_id")


def _pools() -> None:
    op.create_table(
        "number_pool",
        *_stamped(
            _text("name"),
            sa.Column("sticky", sa.Boolean(), server_default=sa.text("true"), nullable=False),
            _whole("cool_after", nullable=True),
            _whole("cool_minutes", "60"),
        ),
        _key("number_pool"),
        sa.UniqueConstraint("org_id", "name", name=op.f("uq_number_pool_org_id_name")),
    )
    op.create_table(
        "pool_member",
        *_stamped(_id("pool_id"), _id("sender_number_id"), identity=False),
        _key("pool_member", "pool_id", "sender_number_id"),
        _to("pool_member", "pool_id", "number_pool", "CASCADE"),
        _to("pool_member", "sender_number_id", "sender_number"),
    )
    op.create_index("ix_pool_member_sender", "pool_member", ["org_id", "sender_number_id"])
    op.add_column("campaign", _id("pool_id", nullable=True))
    op.create_foreign_key(
        op.f("fk_campaign_org_id_number_pool"), "campaign", "number_pool", ["org_id", "pool_id"], ["org_id", "id"]
    )
    op.add_column("organization", _whole("texts_per_minute", nullable=True))
    op.add_column("organization", _whole("texts_per_day", nullable=True))


def upgrade() -> None:
    """Apply."""
    _registrations()
    _pools()
    for table in TABLES:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant select, insert, update, delete on {table} to {APP}")
        op.execute(f"create policy own on {table} to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")
    op.drop_index("ix_message_due", table_name="message", postgresql_where=DUE)
    columns = ["org_id", "campaign_id", "sender_number_id", "not_before", "id"]
    op.create_index("ix_message_due", "message", columns, postgresql_where=DUE)
    op.add_column("job", _at("claimed_at", nullable=True))
    op.create_index("ix_job_turn", "job", ["org_id", "kind", "claimed_at"], postgresql_where=TAKEN)


def downgrade() -> None:
    """Take back. A campaign of a pool goes on with one number of it."""
    op.drop_index("ix_message_due", table_name="message", postgresql_where=DUE)
    op.create_index("ix_message_due", "message", ["org_id", "campaign_id", "not_before", "id"], postgresql_where=DUE)
    op.drop_index("ix_job_turn", table_name="job", postgresql_where=TAKEN)
    op.drop_column("job", "claimed_at")
    op.drop_column("organization", "texts_per_minute")
    op.drop_column("organization", "texts_per_day")
    op.execute(
        "update campaign c set sender_number_id = (select min(m.sender_number_id::text)::uuid from pool_member m"
        " where m.org_id = c.org_id and m.pool_id = c.pool_id) where c.pool_id is not null"
    )
    op.drop_column("campaign", "pool_id")
    op.drop_table("pool_member")
    op.drop_table("number_pool")
    op.add_column("sender_number", _text("brand_id", nullable=True))
    op.add_column("sender_number", _text("campaign_registry_id", nullable=True))
    op.execute(BACK)
    for column in ("registered_campaign_id", "binding", "per_day", "cooling_until", "cooling_why"):
        op.drop_column("sender_number", column)
    op.drop_table("registered_campaign")
    op.drop_table("brand")
