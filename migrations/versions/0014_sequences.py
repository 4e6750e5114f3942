"""Campaigns of several steps: waits, variants, snippets, stop rules, a scheduled start, attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"
STOP_STATUSES = '["interested", "appointment", "offer", "under_contract", "won", "dead"]'
KEPT = "state,basis,sender_number_id,window_start,window_end,weekdays,send_before"
"""What was kept of a campaign before, as migration 0007 names it."""
ONCE = ["org_id", "campaign_id", "step", "e164"]
ATTEMPT = 100
"""Without the column, the second attempt of step 3 is kept as step 103, so that nothing is lost on the way back."""


def _keep(columns: str) -> None:
    """Keep earlier states of a campaign by these columns."""
    names = columns.split(",")
    old, new = (", ".join(f"{row}.{name}" for name in names) for row in ("old", "new"))
    op.execute("drop trigger keep_changed on campaign")
    op.execute("drop trigger keep_deleted on campaign")
    op.execute(
        f"create trigger keep_changed after update on campaign for each row when (({old}) is distinct from ({new}))"
        f" execute function keep_earlier('id', 'id', '{columns}')"
    )
    op.execute(
        "create trigger keep_deleted after delete on campaign for each row"
        f" execute function keep_earlier('id', 'id', '{columns}')"
    )


def _once(columns: list[str]) -> None:
    op.drop_index("uq_message_once", table_name="message")
    op.create_index(
        "uq_message_once", "message", columns, unique=True, postgresql_where=sa.text("campaign_id is not null")
    )


def upgrade() -> None:
    """Apply."""
    now = sa.text("now()")
    op.create_table(
        "snippet",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_snippet")),
        sa.UniqueConstraint("org_id", "name", name=op.f("uq_snippet_org_id_name")),
    )
    op.execute("alter table snippet enable row level security")
    op.execute(f"grant select, insert, update, delete on snippet to {APP}")
    op.execute(f"create policy own on snippet to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")

    for column in (
        sa.Column("split", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("start_zone", sa.Text(), nullable=True),
        sa.Column("stop_on_reply", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("stop_on_outcome", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("stop_on_statuses", postgresql.JSONB(), server_default=STOP_STATUSES, nullable=False),
        sa.Column("skip_holidays", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("snippets", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("scheduled_by", sa.Uuid(), nullable=True),
    ):
        op.add_column("campaign", column)
    op.add_column("campaign_step", sa.Column("wait_minutes", sa.Integer(), server_default="0", nullable=False))
    op.add_column("campaign_step", sa.Column("good_for_minutes", sa.Integer(), server_default="4320", nullable=False))
    op.add_column("campaign_step", sa.Column("others", postgresql.JSONB(), server_default="{}", nullable=False))
    op.add_column("audience_member", sa.Column("variant", sa.Text(), server_default="A", nullable=False))
    op.add_column("audience_member", sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("audience_member", sa.Column("stopped_why", sa.Text(), nullable=True))
    op.create_index("ix_audience_member_person", "audience_member", ["org_id", "campaign_id", "person_id"])
    op.add_column("approval", sa.Column("plan", postgresql.JSONB(), nullable=True))
    op.add_column("message", sa.Column("attempt", sa.Integer(), server_default="1", nullable=False))
    op.add_column("message", sa.Column("variant", sa.Text(), nullable=True))
    op.execute("update message set variant = 'A' where campaign_id is not null and variant is null")
    op.execute(f"update message set attempt = 1 + step / {ATTEMPT}, step = step % {ATTEMPT} where step > {ATTEMPT}")  # noqa: S608 a constant
    _once([*ONCE, "attempt"])
    _keep(f"{KEPT},skip_holidays")


def downgrade() -> None:
    """Take back: what waits for its start is a draft again; further steps and attempts stay as the texts they are."""
    _keep(KEPT)
    op.execute("update campaign set state = 'draft' where state in ('scheduled', 'missed')")
    op.execute("delete from job where kind = 'campaign.start'")
    op.execute("delete from campaign_step where position > 1")
    op.execute(f"update message set step = step + {ATTEMPT} * (attempt - 1) where attempt > 1")  # noqa: S608 a constant
    _once(ONCE)
    op.drop_column("message", "variant")
    op.drop_column("message", "attempt")
    op.drop_column("approval", "plan")
    op.drop_index("ix_audience_member_person", table_name="audience_member")
    for column in ("stopped_why", "stopped_at", "variant"):
        op.drop_column("audience_member", column)
    for column in ("others", "good_for_minutes", "wait_minutes"):
        op.drop_column("campaign_step", column)
    for column in (
        *("scheduled_by", "snippets", "skip_holidays", "stop_on_statuses", "stop_on_outcome", "stop_on_reply"),
        *("start_zone", "start_at", "split"),
    ):
        op.drop_column("campaign", column)
    op.drop_table("snippet")
