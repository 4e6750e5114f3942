"""Which life of the database we are in, so that a restored backup sends nothing before an owner says so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

APP = "leadflow_app"
SYSTEM = "leadflow_system"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"
"""The organisation of the transaction, as in 0004."""
UNDECIDED = "state in ('queued', 'claimed', 'blocked', 'expired_window', 'withdrawn')"
PLACE = """
create function install_place() returns text language sql stable as $$
    select concat_ws('/', (select system_identifier from pg_control_system()),
                     (select oid from pg_database where datname = current_database()),
                     'install_epoch'::regclass::oid, left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))
$$
"""
"""Where the data lies: a dump that is loaded lies in another table, a clone in another database, a copied cluster that
was brought forward to an instant, or a standby that took over, on another timeline."""


def upgrade() -> None:
    """Apply."""
    op.add_column("message", sa.Column("regained", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.drop_constraint(op.f("ck_message_decided"), "message", type_="check")
    op.create_check_constraint(
        op.f("ck_message_decided"), "message", f"decision_id is not null or regained or {UNDECIDED}"
    )
    _epoch()
    _restores()
    op.execute(PLACE)
    op.execute("alter table install_epoch enable row level security")
    op.execute(f"grant select on install_epoch to {APP}")
    op.execute(f"create policy everyone on install_epoch for select to {APP} using (true)")
    op.execute(f"grant select, insert, update on install_epoch to {SYSTEM}")
    op.execute(f"create policy everywhere on install_epoch to {SYSTEM} using (true) with check (true)")
    for table in ("restore", "forgotten_text"):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"grant select, insert, update, delete on {table} to {APP}")
        op.execute(f"create policy own on {table} to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")
    op.execute(f"grant select, insert on restore to {SYSTEM}")
    op.execute(f"create policy everywhere on restore to {SYSTEM} using (true) with check (true)")


def _epoch() -> None:
    op.create_table(
        "install_epoch",
        *_stamps(),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("epoch", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("beat", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_install_epoch")),
    )
    op.create_index("uq_install_epoch_one", "install_epoch", [sa.text("(true)")], unique=True)


def _restores() -> None:
    op.create_table(
        "restore",
        *_stamps(),
        *_keys(),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), server_default=sa.text("''"), nullable=False),
        *(
            sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)
            for name in ("texts", "joined", "received", "stops")
        ),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resumed_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_restore")),
        sa.UniqueConstraint("org_id", "epoch", name=op.f("uq_restore_org_id_epoch")),
    )
    op.create_index("ix_restore_waiting", "restore", ["org_id"], postgresql_where="resumed_at is null")
    op.create_table(
        "forgotten_text",
        *_stamps(),
        *_keys(),
        sa.Column("restore_id", sa.Uuid(), nullable=False),
        sa.Column("carrier_sid", sa.Text(), nullable=False),
        sa.Column("phone_key", sa.LargeBinary(), nullable=False),
        sa.Column("words_key", sa.LargeBinary(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("segments", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id", "restore_id"],
            ["restore.org_id", "restore.id"],
            name=op.f("fk_forgotten_text_org_id_restore_id_restore"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_forgotten_text")),
        sa.UniqueConstraint("org_id", "carrier_sid", name=op.f("uq_forgotten_text_org_id_carrier_sid")),
    )
    op.create_index(
        "ix_forgotten_text_open", "forgotten_text", ["org_id", "phone_key"], postgresql_where="message_id is null"
    )


def _stamps() -> list[sa.Column[object]]:
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        for name in ("created_at", "updated_at")
    ]


def _keys() -> list[sa.Column[object]]:
    return [
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
    ]


def downgrade() -> None:
    """Take back."""
    op.execute("drop function install_place()")
    op.drop_table("forgotten_text")
    op.drop_table("restore")
    op.drop_table("install_epoch")
    op.drop_constraint(op.f("ck_message_decided"), "message", type_="check")
    op.drop_column("message", "regained")
    # Not valid: what was regained lost its decision with the backup, and stays.
    op.execute(
        f"alter table message add constraint ck_message_decided check (decision_id is not null or {UNDECIDED})"
        " not valid"
    )
