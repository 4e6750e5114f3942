"""Work on conversations, calls and letters."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"
RIGHTS = {
    "conversation_outcome": "select, insert, update",
    "conversation_presence": "select, insert, update, delete",
    "canned_reply": "select, insert, update, delete",
    # A call that was placed stays placed: it counts as a contact.
    "phone_call": "select, insert, update",
    "letter_export": "select, insert, update, delete",
    "letter_chunk": "select, insert, delete",
}
"""What the application may do with each new table."""


def upgrade() -> None:
    """Apply."""
    op.add_column("conversation", sa.Column("confidence", sa.Text(), nullable=True))
    op.add_column("conversation", sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("conversation", sa.Column("priority", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("inbound_message", sa.Column("confidence", sa.Text(), nullable=True))
    op.add_column("inbound_message", sa.Column("read_as", sa.Text(), nullable=True))
    op.add_column("inbound_message", sa.Column("labeled_by", sa.Uuid(), nullable=True))
    op.add_column("inbound_message", sa.Column("labeled_at", sa.DateTime(timezone=True), nullable=True))
    _conversations()
    _calls()
    _letters()
    for table, rights in RIGHTS.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant {rights} on {table} to {APP}")
        op.execute(f"create policy own on {table} to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")


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


def _to(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{target}.org_id", f"{target}.id"],
        name=op.f(f"fk_{table}_org_id_{target}"),
        ondelete=ondelete,
    )


def _conversations() -> None:
    op.create_table(
        "conversation_outcome",
        *_stamps(),
        *_keyed(),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("before", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        _to("conversation_outcome", "conversation_id", "conversation", "CASCADE"),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_conversation_outcome")),
    )
    op.create_index(
        "ix_conversation_outcome_last",
        "conversation_outcome",
        ["org_id", "conversation_id", sa.text("at desc"), sa.text("id desc")],
    )
    op.create_table(
        "conversation_presence",
        *_stamps(),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replying_at", sa.DateTime(timezone=True), nullable=True),
        _to("conversation_presence", "conversation_id", "conversation", "CASCADE"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_conversation_presence_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("org_id", "conversation_id", "user_id", name=op.f("pk_conversation_presence")),
    )
    op.create_table(
        "canned_reply",
        *_stamps(),
        *_keyed(),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=True),
        sa.CheckConstraint("key between 1 and 9", name=op.f("ck_canned_reply_key")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_canned_reply_owner_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_canned_reply")),
        sa.UniqueConstraint(
            "org_id", "owner_id", "name", name="uq_canned_reply_name", postgresql_nulls_not_distinct=True
        ),
        sa.UniqueConstraint("org_id", "owner_id", "key", name="uq_canned_reply_own_key"),
    )
    op.create_index(
        "uq_canned_reply_shared_key",
        "canned_reply",
        ["org_id", "key"],
        unique=True,
        postgresql_where=sa.text("owner_id is null and key is not null"),
    )


def _calls() -> None:
    op.create_table(
        "phone_call",
        *_stamps(),
        *_keyed(),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("e164", sa.BigInteger(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("property_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("phone_id", sa.Uuid(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("call_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        _to("phone_call", "decision_id", "decision"),
        _to("phone_call", "task_id", "task"),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_phone_call")),
    )
    op.create_index("ix_phone_call_phone", "phone_call", ["org_id", "e164", "at"])
    op.create_index("ix_phone_call_person", "phone_call", ["org_id", "person_id", "at"])
    op.create_index("ix_phone_call_lead", "phone_call", ["org_id", "lead_id", "at"])
    op.create_index("ix_phone_call_at", "phone_call", ["org_id", sa.text("at desc"), sa.text("id desc")])


def _letters() -> None:
    op.create_table(
        "letter_export",
        *_stamps(),
        *_keyed(),
        sa.Column("audience_filter", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("counts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        _to("letter_export", "campaign_id", "campaign", "CASCADE"),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_letter_export")),
    )
    op.create_index("ix_letter_export_asked", "letter_export", ["org_id", sa.text("asked_at desc"), sa.text("id desc")])
    op.create_table(
        "letter_chunk",
        *_stamps(),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.BYTEA(), nullable=False),
        _to("letter_chunk", "export_id", "letter_export", "CASCADE"),
        sa.PrimaryKeyConstraint("org_id", "export_id", "number", name=op.f("pk_letter_chunk")),
    )


def downgrade() -> None:
    """Take back."""
    for table in reversed(RIGHTS):
        op.drop_table(table)
    for name in ("labeled_at", "labeled_by", "read_as", "confidence"):
        op.drop_column("inbound_message", name)
    for name in ("priority", "snoozed_until", "confidence"):
        op.drop_column("conversation", name)
