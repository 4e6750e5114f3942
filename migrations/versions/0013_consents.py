"""Consent artefacts, and a ledger that only grows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

APP = "leadflow_app"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"
GROWS = """
create function consent_only_grows() returns trigger language plpgsql as $$
begin
    if (new.basis, new.channel, new.given_at, new.recorded_at, new.expires_at, new.actor_id, new.import_id,
        new.row_number) is distinct from
       (old.basis, old.channel, old.given_at, old.recorded_at, old.expires_at, old.actor_id, old.import_id,
        old.row_number)
       -- A name in these words goes with the number; what stands for an erased number begins with 999.
       or (new.e164 < 999000000000000
           and (new.purpose, new.source) is distinct from (old.purpose, old.source))
       or (old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at)
       or (new.artefact_sha256 is not null and new.artefact_sha256 is distinct from old.artefact_sha256)
    then
        raise exception 'an entry of the consent ledger does not change' using errcode = 'restrict_violation';
    end if;
    return new;
end $$
"""
"""What was agreed stands. Later facts are added: that it was revoked, and that who gave it was erased."""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "consent_artefact",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.BYTEA(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "sha256", name=op.f("pk_consent_artefact")),
    )
    op.execute("alter table consent_artefact enable row level security")
    # Erasure takes bytes away; nothing changes them.
    op.execute(f"grant select, insert, delete on consent_artefact to {APP}")
    op.execute(f"create policy own on consent_artefact to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")
    _show_what_stands()
    op.create_check_constraint(
        op.f("ck_consent_artefact"),
        "consent",
        "basis <> 'written_consent' or artefact_sha256 is not null or import_id is not null",
    )
    op.execute(GROWS)
    op.execute("create trigger only_grows before update on consent for each row execute function consent_only_grows()")


def _show_what_stands() -> None:
    """Keep what an entry of before says was shown as its document: it is all that there is."""
    lacking = "basis = 'written_consent' and artefact_sha256 is null and import_id is null"
    text, digest = "convert_to(shown_text, 'UTF8')", "encode(sha256(convert_to(shown_text, 'UTF8')), 'hex')"
    op.execute(
        "insert into consent_artefact (org_id, sha256, media_type, filename, size, content, added_at)"  # noqa: S608 constants
        f" select distinct org_id, {digest}, 'text/plain', 'as recorded.txt', octet_length({text}), {text}, now()"
        f" from consent where {lacking}"
    )
    op.execute(f"update consent set artefact_sha256 = {digest} where {lacking}")  # noqa: S608 constants


def downgrade() -> None:
    """Take back."""
    op.execute("drop trigger only_grows on consent")
    op.execute("drop function consent_only_grows")
    op.drop_constraint("ck_consent_artefact", "consent")
    op.drop_table("consent_artefact")
