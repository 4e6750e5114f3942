"""Row-level security on every table, and what the two working roles may do (docs/decisions/0004-two-walls.md)."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APP, SYSTEM = "leadflow_app", "leadflow_system"
ALL = "select, insert, update, delete"
HERE = "(select nullif(current_setting('app.org_id', true), '')::uuid)"
"""The organisation of the transaction; null, which equals nothing, where it has none. Asked once a statement."""

OF_ORGANIZATION = {
    **dict.fromkeys(
        (
            *("activity", "api_key", "approval", "audience_member", "budget", "campaign", "campaign_step", "consent"),
            *("conversation", "email_address", "import_batch", "import_row", "inbound_message", "invitation", "job"),
            *("lead", "lead_list", "lead_list_entry", "lead_search", "lead_tag", "mail", "mapping_template"),
            *("membership", "message", "message_event", "person", "person_phone", "phone", "phone_gate", "property"),
            *("property_fact", "property_party", "provider_credential", "rule_pack", "scrub_result", "sender_number"),
            *("simulation", "suppression", "tag", "task"),
        ),
        ALL,
    ),
    # What was recorded stays; of a decision the number may be blanked (see 0002).
    "audit_event": "select, insert",
    "audit_leaf": "select, insert",
    "audit_seal": "select, insert",
    "decision": "select, insert, update",
    # An account's sessions are its own, in whatever organisation: only the system opens and ends them.
    "session": "select",
}
"""Tables with an ``org_id``, and what a transaction of one organisation may do with that organisation's rows."""

OF_THE_SYSTEM = {
    **dict.fromkeys(
        (
            *("api_key", "invitation", "job", "job_attempt", "login_attempt", "mail", "membership", "one_time_token"),
            *("recovery_code", "refresh_token", "session", "user", "webhook_inbox"),
        ),
        ALL,
    ),
    "organization": "select, insert",
    # Found by the carrier's account on a webhook; sealed anew when a key is retired.
    "provider_credential": "select, update",
    # Recorded in passing, never read: but the keys and stamps that SQLAlchemy has the database answer.
    "audit_event": "insert, select (org_id, id, created_at, updated_at)",
    # Sweeps find what was left behind in any organisation, and then work inside it.
    "message": "select, update (lease_until, updated_at)",
    "sender_number": "select",
    "campaign": "select",
    # The bytes of a file are kept once, whoever brought them.
    "import_batch": "select (file_sha256)",
}
"""What work across organisations may do, and nothing else."""


FIND_LEADS = """
create function find_leads(pattern text, lists uuid[], tags uuid[], enough int) returns setof uuid
language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
    return query execute
        'select s.lead_id from lead_search s where s.org_id = $5'
        || case when pattern is null then '' else ' and s.words like $1' end
        || case when lists is null then '' else ' and s.list_ids @> $2' end
        || case when tags is null then '' else ' and s.tag_ids && $3' end
        || ' limit $4'
    using pattern, lists, tags, enough, nullif(current_setting('app.org_id', true), '')::uuid;
end $$
"""
"""Row security keeps Postgres from using an index by an operator that it does not hold to be leakproof, as are all of
trigrams and arrays. Here the owner looks, in the organisation of the transaction only, and answers ids and no more."""


def upgrade() -> None:
    """Apply."""
    _roles()
    op.execute(f"grant usage on schema public to {APP}, {SYSTEM}")
    op.execute(f"grant select on alembic_version to {APP}, {SYSTEM}")
    for table in sorted({*OF_ORGANIZATION, *OF_THE_SYSTEM}):
        op.execute(f'alter table "{table}" enable row level security')
    for table, rights in OF_ORGANIZATION.items():
        op.execute(f"grant {rights} on {table} to {APP}")
        op.execute(f"create policy own on {table} to {APP} using (org_id = {HERE}) with check (org_id = {HERE})")
    op.execute(f"grant select, update on organization to {APP}")
    op.execute(f"create policy own on organization to {APP} using (id = {HERE}) with check (id = {HERE})")
    # Of accounts an organisation sees what its pages name; never a password or a second factor.
    columns = "id, created_at, updated_at, email, name, disabled_at, demo, password_changed_at, totp_confirmed_at"
    op.execute(f'grant select ({columns}) on "user" to {APP}')
    op.execute(
        f'create policy own on "user" for select to {APP} using (exists (select 1 from membership m'  # noqa: S608 constants
        f' where m.org_id = {HERE} and m.user_id = "user".id))'
    )
    for table, rights in OF_THE_SYSTEM.items():
        op.execute(f'grant {rights} on "{table}" to {SYSTEM}')
        op.execute(f'create policy everywhere on "{table}" to {SYSTEM} using (true) with check (true)')
    op.execute(FIND_LEADS)
    op.execute("revoke all on function find_leads from public")
    op.execute(f"grant execute on function find_leads to {APP}")
    # Imports make tables of their own for some minutes; they have a place where nothing else is.
    op.execute("create schema staging")
    op.execute(f"grant usage, create on schema staging to {APP}")
    op.execute(
        """
        do $$ declare left_over regclass; begin
            for left_over in select oid from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
                and relname like 'staging\\_%'
            loop execute format('drop table %s', left_over); end loop;
        end $$
        """
    )


def _roles() -> None:
    """Make the two roles, or say who can. They belong to the server: another database may have brought them."""
    op.execute(
        f"""
        do $$ begin
            if to_regrole('{APP}') is null then create role {APP} nologin; end if;
            if to_regrole('{SYSTEM}') is null then create role {SYSTEM} nologin; end if;
            if not pg_has_role('{APP}', 'set') then
                grant {APP} to current_user with inherit false, set true; end if;
            if not pg_has_role('{SYSTEM}', 'set') then
                grant {SYSTEM} to current_user with inherit false, set true; end if;
        exception
            when duplicate_object or unique_violation then null;
            when insufficient_privilege then
                raise exception 'this role may not make or put on {APP} and {SYSTEM}' using
                    errcode = 'insufficient_privilege',
                    hint = 'Have an administrator of the server run what `leadflow migrate --roles` prints.';
        end $$
        """
    )


def downgrade() -> None:
    """Take back. The roles stay: they belong to the server, and other databases may use them."""
    op.execute("drop schema staging cascade")
    op.execute("drop function find_leads")
    for table in OF_THE_SYSTEM:
        op.execute(f'drop policy everywhere on "{table}"')
    for table in (*OF_ORGANIZATION, "organization", "user"):
        op.execute(f'drop policy own on "{table}"')
    for table in sorted({*OF_ORGANIZATION, *OF_THE_SYSTEM}):
        op.execute(f'alter table "{table}" disable row level security')
    op.execute(f"revoke all on all tables in schema public from {APP}, {SYSTEM}")
    op.execute(f"revoke all on schema public from {APP}, {SYSTEM}")
