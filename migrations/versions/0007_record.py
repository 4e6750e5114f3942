"""What the gate reads of records, as it stood: earlier versions kept by triggers, dated by the application's clock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"

CLOCK = """
create function clock_now() returns timestamptz language sql volatile as $$
    select coalesce(nullif(current_setting('app.at', true), '')::timestamptz,
                    clock_timestamp() + coalesce(nullif(current_setting('app.shift', true), '')::interval, '0'))
$$
"""
"""The application's clock, as ``kernel/db.py`` names it to each transaction; the machine's where it names none."""

WHOLE = ("id", "id")
KEPT = {
    # table: (the column that it is found by, its key, the columns that are kept)
    "person": (*WHOLE, "kind,deceased,deceased_on,mailing_state"),
    "phone": (*WHOLE, "line_type,status"),
    "property": (*WHOLE, "state,zip5"),
    "lead": (*WHOLE, "status"),
    "property_party": ("person_id", "person_id,property_id,role", "person_id,property_id,role"),
    "person_phone": ("phone_id", "person_id,phone_id", "person_id,phone_id,rank"),
    "sender_number": (*WHOLE, "registration,disabled_at"),
    "campaign": (*WHOLE, "state,basis,sender_number_id,window_start,window_end,weekdays,send_before"),
    "budget": (*WHOLE, "subject,subject_id,period_start,cap,reserved,spent"),
    "message": (*WHOLE, "state,submitted_at"),
}
ONLY = {
    # Amounts move with every text; kept is only whether anything was left.
    "budget": """(old.cap is null, old.cap > old.reserved + old.spent)
                 is distinct from (new.cap is null, new.cap > new.reserved + new.spent)""",
    # A text that came back no longer counts as a contact; until then it did.
    "message": """old.submitted_at is not null and old.state <> 'rejected'
                  and (new.submitted_at is null or new.state = 'rejected')""",
}
"""When an update is kept, where that is not with every change of what is kept."""


def changed(table: str, kept: str) -> str:
    """Say when an update changes what is kept."""
    columns = kept.split(",")
    old, new = (", ".join(f"{row}.{name}" for name in columns) for row in ("old", "new"))
    return ONLY.get(table, f"({old}) is distinct from ({new})")


KEEP = """
create function keep_earlier() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    old_row jsonb := to_jsonb(old);
    new_row jsonb := case when tg_op = 'UPDATE' then to_jsonb(new) end;
    until timestamptz := clock_now();
    was text;
    becomes text;
begin
    select string_agg(old_row ->> x.name, ':' order by x.n), string_agg(new_row ->> x.name, ':' order by x.n)
    into was, becomes from unnest(string_to_array(tg_argv[1], ',')) with ordinality x (name, n);
    insert into earlier_state (org_id, source, subject_id, key, state, made_at, valid_to)
    select old.org_id, tg_table_name, (old_row ->> tg_argv[0])::uuid, was,
           jsonb_object_agg(x.name, old_row -> x.name), old.created_at, until
    from unnest(string_to_array(tg_argv[2], ',')) x (name);
    if becomes <> was then
        -- Under its new key it was not there before.
        insert into earlier_state (org_id, source, subject_id, key, state, made_at, valid_to)
        values (old.org_id, tg_table_name, (new_row ->> tg_argv[0])::uuid, becomes, null, '-infinity', until);
    end if;
    return null;
end $$
"""
"""Writes as the owner of the table: the application may read what was and not write it. Only inserts: a transaction
may change a hundred thousand rows, and a look at what it has written itself would be planned for an empty table."""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "earlier_state",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", postgresql.JSONB(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_earlier_state")),
    )
    op.create_index("ix_earlier_state_subject", "earlier_state", ["org_id", "source", "subject_id", "valid_to"])
    op.execute("alter table earlier_state enable row level security")
    op.execute(f"grant select on earlier_state to {APP}")
    op.execute(f"create policy own on earlier_state to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")
    op.execute(
        "create trigger append_only before update or delete on earlier_state "
        "for each row execute function refuse_change()"
    )
    op.execute(
        "create trigger keep_all before truncate on earlier_state for each statement execute function refuse_change()"
    )
    op.execute(CLOCK)
    op.execute(KEEP)
    op.execute("revoke all on function keep_earlier() from public")
    for table, (subject, key, kept) in KEPT.items():
        op.execute(
            f"create trigger keep_changed after update on {table} for each row when ({changed(table, kept)})"
            f" execute function keep_earlier('{subject}', '{key}', '{kept}')"
        )
        op.execute(
            f"create trigger keep_deleted after delete on {table} for each row"
            f" execute function keep_earlier('{subject}', '{key}', '{kept}')"
        )
    # A record is there from the instant at which the application's clock says that it was made.
    for table in (*KEPT, "organization"):
        op.execute(f"alter table {table} alter column created_at set default clock_now()")
    # Of organisations that are there already, nothing is known of the time before.
    op.execute(
        "insert into earlier_state (org_id, source, subject_id, key, made_at, valid_to)"
        " select id, 'organization', id, id::text, '-infinity', clock_now() from organization"
    )
    # Erased numbers are still found by their keyed hash.
    op.create_index(
        "ix_decision_erased", "decision", ["org_id", "phone_key", "at"], postgresql_where=sa.text("e164 is null")
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_decision_erased", "decision")
    for table in (*KEPT, "organization"):
        op.execute(f"alter table {table} alter column created_at set default now()")
    for table in KEPT:
        op.execute(f"drop trigger keep_changed on {table}")
        op.execute(f"drop trigger keep_deleted on {table}")
    op.drop_table("earlier_state")
    op.execute("drop function keep_earlier()")
    op.execute("drop function clock_now()")
