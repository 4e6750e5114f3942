"""The database's roles: who owns the tables, who works on them, and what a runtime role must never be.

``APP`` is what a transaction of one organisation may do, ``SYSTEM`` what work across organisations may; neither can
sign in. A runtime role signs in, inherits the first, may put on the second for one transaction, and owns nothing.
Roles belong to the whole server, so whoever runs the migrations may not be allowed to make them: ``script`` is what an
administrator runs then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import sql

if TYPE_CHECKING:
    from psycopg import Connection

APP = "leadflow_app"
SYSTEM = "leadflow_system"
RUNTIME = "leadflow_run"
"""The role that signs in where LeadFlow runs its own Postgres."""

_GROUP = """
do $$ begin
    create role {name} nologin;
exception when duplicate_object or unique_violation then null;
end $$;
"""
# An owner who bypasses the walls may also step down before them: `inherit false` keeps the grants out of his own acts.
_OWNER = "grant {app}, {system} to {owner} with admin true, inherit false, set true;\n"
_RUNTIME = "grant {app} to {runtime} with inherit true, set true;\n"
_WEARS = "grant {system} to {runtime} with inherit false, set true;\n"


def groups() -> sql.Composed:
    """Write the statements that make both groups, unless they are there."""
    return sql.SQL("").join(sql.SQL(_GROUP).format(name=sql.Identifier(name)) for name in (APP, SYSTEM))


def admit(runtime: str) -> sql.Composed:
    """Write the statements that let a role work on LeadFlow's tables."""
    names = {name: sql.Identifier(word) for name, word in _words(runtime).items()}
    return sql.SQL("").join(sql.SQL(line).format(**names) for line in (_RUNTIME, _WEARS))


def script(owner: str, runtime: str) -> sql.Composed:
    """Write all that an administrator of the server runs once, before the first migration.

    Args:
        owner: who signs in to migrate, and owns the tables.
        runtime: who signs in to work; made by hand, with a password of its own.
    """
    granted = sql.SQL(_OWNER).format(
        app=sql.Identifier(APP), system=sql.Identifier(SYSTEM), owner=sql.Identifier(owner)
    )
    return groups() + granted + admit(runtime)


def faults(connection: Connection[Any]) -> list[str]:
    """Say what makes the role of a connection unfit to run on: everything that would let it past the walls.

    Returns:
        Sentences without a value of the configuration; empty when it is fit.
    """
    row = connection.execute(
        """
        select r.rolsuper, r.rolbypassrls,
               exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
                       where n.nspname = 'public' and c.relkind in ('r', 'p')
                         and pg_has_role(session_user, c.relowner, 'member')),
               to_regrole(%(app)s) is null or not pg_has_role(session_user, to_regrole(%(app)s), 'set')
                 or to_regrole(%(system)s) is null or not pg_has_role(session_user, to_regrole(%(system)s), 'set'),
               to_regrole(%(system)s) is not null and pg_has_role(session_user, to_regrole(%(system)s), 'usage')
        from pg_roles r where r.rolname = session_user
        """,
        {"app": APP, "system": SYSTEM},
    ).fetchone()
    superuser, bypasses, owns, lacks, always = row or (True, True, True, True, True)
    found = {
        "signs in as a superuser; give the application a role of its own": superuser,
        "signs in as a role that stands above row security (BYPASSRLS)": bypasses,
        "signs in as a role that owns LeadFlow's tables, whom row security does not hold": owns,
        f"signs in as a role that may not put on {APP} and {SYSTEM}; run `leadflow migrate --roles`": lacks,
        f"signs in as a role that inherits {SYSTEM}; grant it with inherit false": always,
    }
    return [sentence for sentence, true in found.items() if true]


def _words(runtime: str) -> dict[str, str]:
    return {"app": APP, "system": SYSTEM, "runtime": runtime}
