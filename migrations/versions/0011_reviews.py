"""Reviews of decisions, retention and erasure."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"
RIGHTS = {
    # A tombstone stands for good.
    "erasure": "select, insert",
    "legal_hold": "select, insert, update",
    "retention_rule": "select, insert, update",
    "review_draw": "select, insert, update",
    "review": "select, insert, update",
}


def _stamps() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
    )


def _key() -> sa.Column[object]:
    return sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False)


def upgrade() -> None:
    """Apply."""
    _keep_by_key()
    op.create_table(
        "erasure",
        *_stamps(),
        _key(),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("counts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_erasure")),
    )
    op.create_index("ix_erasure_at", "erasure", ["org_id", sa.text("at desc"), sa.text("id desc")])
    op.create_table(
        "legal_hold",
        *_stamps(),
        _key(),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("e164", sa.BigInteger(), nullable=True),
        sa.Column("phone_key", postgresql.BYTEA(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_why", sa.Text(), nullable=True),
        sa.CheckConstraint("num_nonnulls(person_id, phone_key, campaign_id) = 1", name=op.f("ck_legal_hold_subject")),
        sa.ForeignKeyConstraint(
            ["org_id", "campaign_id"],
            ["campaign.org_id", "campaign.id"],
            name=op.f("fk_legal_hold_org_id_campaign_id_campaign"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_legal_hold")),
    )
    op.create_index(
        "ix_legal_hold_standing",
        "legal_hold",
        ["org_id", "subject"],
        postgresql_where=sa.text("lifted_at is null"),
    )
    op.create_table(
        "retention_rule",
        *_stamps(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("days > 0", name=op.f("ck_retention_rule_days")),
        sa.PrimaryKeyConstraint("org_id", "kind", name=op.f("pk_retention_rule")),
    )
    _reviews()
    for table, rights in RIGHTS.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant {rights} on {table} to {APP}")
        op.execute(f"create policy own on {table} to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")
    # Carrier reports are the installation's: how long they stay is the longest term of any organisation.
    op.execute("grant select on retention_rule to leadflow_system")
    op.execute("create policy everywhere on retention_rule to leadflow_system using (true) with check (true)")


def _keep_by_key() -> None:
    """Let a suppression stand for a number of which only the keyed hash is left."""
    op.execute("alter table suppression drop constraint ck_suppression_subject")
    op.execute(
        "alter table suppression add constraint ck_suppression_subject check"
        " (e164 is not null or phone_key is not null or person_id is not null or address_key is not null)"
    )
    op.drop_index("uq_suppression_active", "suppression")
    op.execute(
        "create unique index uq_suppression_active on suppression (org_id, kind, e164, person_id, address_key)"
        " nulls not distinct where released_at is null and (e164 is not null or phone_key is null)"
    )
    op.execute("update suppression set address_key = null where e164 is null and address_key like 'erased:%'")
    op.create_index(
        "ix_suppression_erased",
        "suppression",
        ["org_id", "phone_key"],
        postgresql_where=sa.text("e164 is null and phone_key is not null"),
    )


def _reviews() -> None:
    op.create_table(
        "review_draw",
        *_stamps(),
        _key(),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("least", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("strata", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by", sa.Uuid(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("statement", postgresql.BYTEA(), nullable=True),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("signature", postgresql.BYTEA(), nullable=True),
        sa.CheckConstraint('since < "until"', name=op.f("ck_review_draw_stretch")),
        sa.CheckConstraint("(signed_at is null) = (signature is null)", name=op.f("ck_review_draw_signed")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_review_draw")),
    )
    op.create_index("ix_review_draw_drawn", "review_draw", ["org_id", sa.text("drawn_at desc"), sa.text("id desc")])
    op.create_table(
        "review",
        *_stamps(),
        _key(),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("judged_by", sa.Uuid(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(agrees is null) = (judged_at is null)", name=op.f("ck_review_judged")),
        sa.ForeignKeyConstraint(
            ["org_id", "draw_id"],
            ["review_draw.org_id", "review_draw.id"],
            name=op.f("fk_review_org_id_draw_id_review_draw"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "decision_id"],
            ["decision.org_id", "decision.id"],
            name=op.f("fk_review_org_id_decision_id_decision"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_review")),
        sa.UniqueConstraint("org_id", "draw_id", "decision_id", name=op.f("uq_review_org_id_draw_id_decision_id")),
        sa.UniqueConstraint("org_id", "draw_id", "position", name=op.f("uq_review_org_id_draw_id_position")),
    )


def downgrade() -> None:
    """Take back. What is kept of an erased number by its hash alone stands in the older schema as an address."""
    for table in ("review", "review_draw", "retention_rule", "legal_hold", "erasure"):
        op.drop_table(table)
    op.drop_index("ix_suppression_erased", "suppression")
    op.drop_index("uq_suppression_active", "suppression")
    op.execute(
        "update suppression set address_key = 'erased:' || encode(phone_key, 'hex')"
        " where e164 is null and phone_key is not null and person_id is null"
    )
    op.execute("alter table suppression drop constraint ck_suppression_subject")
    op.execute(
        "alter table suppression add constraint ck_suppression_subject check"
        " (e164 is not null or person_id is not null or address_key is not null)"
    )
    op.execute(
        "create unique index uq_suppression_active on suppression (org_id, kind, e164, person_id, address_key)"
        " nulls not distinct where released_at is null"
    )
