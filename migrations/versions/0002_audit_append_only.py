"""Refuse changes of what must stay as it was: events, leaves, seals, decisions."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEALED = ("audit_event", "audit_leaf", "audit_seal")


def upgrade() -> None:
    """Apply."""
    op.execute(
        """
        create function refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
        end $$
        """
    )
    # A decision's number may be blanked when a person is erased; the receipt itself holds only a keyed hash.
    op.execute(
        """
        create function allow_erasure_only() returns trigger language plpgsql as $$
        begin
            if new.e164 is null
               and to_jsonb(new) - 'e164' - 'updated_at' = to_jsonb(old) - 'e164' - 'updated_at' then
                return new;
            end if;
            raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
        end $$
        """
    )
    for table in SEALED:
        op.execute(
            f"create trigger append_only before update or delete on {table} "
            "for each row execute function refuse_change()"
        )
    op.execute("create trigger append_only before delete on decision for each row execute function refuse_change()")
    op.execute(
        "create trigger erasure_only before update on decision for each row execute function allow_erasure_only()"
    )
    # A receipt stays in its row as it is: packing it takes longer than writing it.
    op.execute("alter table decision set (toast_tuple_target = 8160)")
    for table in (*SEALED, "decision"):
        op.execute(
            f"create trigger keep_all before truncate on {table} for each statement execute function refuse_change()"
        )


def downgrade() -> None:
    """Take back."""
    for table in SEALED:
        op.execute(f"drop trigger append_only on {table}")
        op.execute(f"drop trigger keep_all on {table}")
    op.execute("alter table decision reset (toast_tuple_target)")
    op.execute("drop trigger append_only on decision")
    op.execute("drop trigger erasure_only on decision")
    op.execute("drop trigger keep_all on decision")
    op.execute("drop function refuse_change()")
    op.execute("drop function allow_erasure_only()")
