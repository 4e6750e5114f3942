"""Reads and writes import_batch and import_row, and reads verdicts out of a plan that is not committed yet."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from sqlmodel import col, select

from leadflow.imports.queries.plan import fill
from leadflow.imports.queries.staging import PIECE_BITS, Tables
from leadflow.imports.types import Template
from leadflow.kernel.db import Database, UnitOfWork
from models.imports import ImportBatch
from models.vocabulary import ImportState


def _verdicts(tables: Tables) -> sql.Composed:
    return fill(VERDICTS, tables, mask=sql.Literal((1 << PIECE_BITS) - 1), bits=sql.Literal(PIECE_BITS))


def get(uow: UnitOfWork, import_id: UUID, *, lock: bool = False) -> ImportBatch | None:
    """Read an import; ``lock`` holds it until the transaction ends."""
    return uow.session.get(ImportBatch, (uow.org(), import_id), with_for_update=lock or None, populate_existing=True)


def listing(uow: UnitOfWork, before: tuple[datetime, UUID] | None, limit: int) -> list[ImportBatch]:
    """List imports, newest first, after the one named by ``before``."""
    statement = select(ImportBatch).where(ImportBatch.org_id == uow.org())
    if before is not None:
        at, last = before
        statement = statement.where(
            (col(ImportBatch.created_at) < at) | ((col(ImportBatch.created_at) == at) & (col(ImportBatch.id) < last))
        )
    order = statement.order_by(col(ImportBatch.created_at).desc(), col(ImportBatch.id).desc()).limit(limit)
    return list(uow.session.exec(order))


def unfinished(uow: UnitOfWork, import_id: UUID) -> bool:
    """Say whether another import of the organisation began to write and did not end: then no digest is trusted."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select exists (select 1 from import_batch where org_id = %s and id <> %s and progress ? 'done'"
            " and state in ('committing', 'failed'))",
            [uow.org(), import_id],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def wrote_since(uow: UnitOfWork, import_id: UUID, at: datetime | None) -> bool:
    """Say whether another import wrote or was undone after ``at``, or a lead was removed: then the plan is stale."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select exists (select 1 from import_batch where org_id = %s and id <> %s and progress ? 'done'"
            " and (%s::timestamptz is null or committed_at is null or committed_at >= %s"
            "      or (progress ->> 'undone_at')::timestamptz >= %s))"
            " or exists (select 1 from lead where org_id = %s and removed_at >= %s)",
            [uow.org(), import_id, at, at, at, uow.org(), at],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def wrote_before(uow: UnitOfWork, import_id: UUID, file_key: str, dialect: Mapping[str, Any]) -> bool:
    """Say whether the same table of the same file was written already by another import."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select exists (select 1 from import_batch where org_id = %s and id <> %s and file_key = %s"
            " and state = 'done' and dialect ->> 'member' is not distinct from %s"
            " and dialect ->> 'sheet' is not distinct from %s)",
            [uow.org(), import_id, file_key, dialect.get("member"), dialect.get("sheet")],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


@contextmanager
def alone(db: Database, word: str) -> Generator[bool]:
    """Hold an advisory lock of this name on a connection of its own; answers whether it was free."""
    with psycopg.connect(db.url, autocommit=True) as connection:
        row = connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [word]).fetchone()
        free = bool(row and row[0])
        try:
            yield free
        finally:
            # Said, not left to the closing: Postgres notices a closed connection a moment later, and whoever came
            # within it would be told to come back though nobody is at work. (A lost connection holds no lock.)
            if free and not connection.closed:
                connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [word])


def note_done(uow: UnitOfWork, import_id: UUID, step: str, written: Mapping[str, int]) -> None:
    """Note that a step of a commit is done, in the transaction that did it."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update import_batch set updated_at = now(), progress = jsonb_set(
                jsonb_set(progress, '{done}', coalesce(progress -> 'done', '{}')), array['done', %s], %s)
            where org_id = %s and id = %s
            """,
            [step, Jsonb(dict(written)), uow.org(), import_id],
        )


def forget_done(uow: UnitOfWork, import_id: UUID, step: str) -> None:
    """Have a step done again whose work was lost."""
    with uow.cursor() as cursor:
        cursor.execute(
            "update import_batch set progress = progress #- array['done', %s] where org_id = %s and id = %s",
            [step, uow.org(), import_id],
        )


def steps_done(uow: UnitOfWork, import_id: UUID) -> dict[str, dict[str, int]]:
    """Answer what each finished step of a commit wrote; locks nothing."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select progress -> 'done' from import_batch where org_id = %s and id = %s", [uow.org(), import_id]
        )
        row = cursor.fetchone()
    return dict(row[0] or {}) if row else {}


def saved_mapping(uow: UnitOfWork, headers: list[str]) -> dict[str, Any] | None:
    """Find the mapping that the team last used for a file with exactly these headers."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select mapping from mapping_template where org_id = %s and headers = %s::text[]"
            " order by updated_at desc limit 1",
            [uow.org(), headers],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def save_mapping(
    uow: UnitOfWork, name: str, headers: list[str], mapping: Mapping[str, Any], *, named: bool = False
) -> None:
    """Keep a mapping for the next file with these headers; ``named`` where a person gave it its name."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into mapping_template (org_id, name, headers, mapping, named) values (%s, %s, %s, %s, %s)
            on conflict (org_id, name) do update set headers = excluded.headers, mapping = excluded.mapping,
                   named = excluded.named, updated_at = now()
            """,
            [uow.org(), name, headers, Jsonb(dict(mapping)), named],
        )


def templates(uow: UnitOfWork) -> tuple[Template, ...]:
    """List the mappings that a person gave a name, by it."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select name, cardinality(headers), updated_at from mapping_template where org_id = %s and named"
            " order by lower(name)",
            [uow.org()],
        )
        return tuple(Template(*row) for row in cursor)


def template(uow: UnitOfWork, name: str) -> dict[str, Any] | None:
    """Read a mapping by its name."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select mapping from mapping_template where org_id = %s and name = %s and named", [uow.org(), name]
        )
        row = cursor.fetchone()
    return row[0] if row else None


VERDICTS = """
    select (i.base + (r.ref & {mask}))::int as row_number, r.ref,
           coalesce(r.outcome, case when t.ref is not null then 'duplicate' else p.verdict end) as verdict,
           coalesce(r.reason, case when p.verdict = 'noted' then case
               when p.key like 'case|%%' then 'case ' || split_part(p.key, '|', 3) || ': no property is named'
               else 'a number looked up: no property is named' end end) as reason,
           r.reason_column, r.raw, coalesce(t.first, case when r.outcome is null then r.ref end) as first,
           case when t.ref is not null then (s.base + (t.first & {mask}))::int end as same_as_row,
           array_remove(string_to_array(r.warnings, chr(31)) || m.texts
               || case p.verdict when 'removed' then p.note || '; it stays so'
                                 when 'restored' then p.note || '; it comes back as it was'
                                 when 'replaced' then p.note || '; it comes back as a new one' end
               || case when p.apart then 'found by the ' || p.matched_by || ': left as it is'
                       when p.matched_by = 'phone' then 'found by its phone number; the address stays ours' end, null)
               as warnings, case when p.verdict <> 'new' then p.matched_by end as matched_by
    from {row} r
    join {piece} i on i.number = r.ref >> {bits}
    left join {twin} t on t.ref = r.ref
    left join {piece} s on s.number = t.first >> {bits}
    left join {place} p on p.first = r.ref
    left join (
        select ref, array_agg(distinct text order by text) as texts from {remark} group by ref
    ) m on m.ref = r.ref
"""
"""Every row of the file with its verdict, out of the plan."""


def counts(uow: UnitOfWork, tables: Tables) -> dict[str, Any]:
    """Count a plan: rows by verdict, people, numbers, marks."""
    connection = uow.connection()
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            fill(
                """
                select r.*, p.*, y.*, (select count(*) from {twin}) as duplicate,
                       w.warned + (select count(distinct m.ref) from {remark} m join {row} r using (ref)
                                   where r.warnings is null) as warnings,
                       (select count(*) from {people} p where same_as = person_key and kind <> 'entity'
                          and (kind <> 'estate' or not exists (
                              select 1 from {person} d where d.ref = p.ref and d.role = 'decedent'))
                          and role not in ('decedent', 'attorney', 'ward', 'fiduciary')
                          and (role <> 'heir' or exists (
                              select 1 from {person} c join {phone} f using (ref, position) join {live} using (ref)
                              where c.person_key = p.person_key))) as people,
                       n.once + (select count(distinct e164) from {often}) as phones,
                       n.once + (select count(*) from (
                           select distinct p.same_as, o.e164 from {often} o join {people} p using (person_key)) d)
                           as phone_links
                from (select count(*) as data_rows, count(*) filter (where outcome = 'reject') as reject,
                             count(*) filter (where outcome = 'blank') as blank,
                             count(*) filter (where outcome = 'footer') as footer from {row}) r,
                     (select count(*) as warned from {row} where warnings is not null) w,
                     (select count(*) filter (where verdict = 'new') as new,
                             count(*) filter (where verdict = 'update') as update,
                             count(*) filter (where verdict = 'unchanged') as unchanged,
                             count(*) filter (where verdict = 'noted') as noted,
                             count(*) filter (where verdict = 'removed') as removed,
                             count(*) filter (where verdict = 'restored') as restored,
                             count(*) filter (where verdict = 'replaced') as replaced from {place}) p,
                     (select count(*) filter (where kind = 'entity' and role not in ('attorney', 'fiduciary'))
                                 as organisations,
                             count(*) filter (where role = 'decedent') as decedents
                      from {people} where same_as = person_key) y,
                     (select (select count(*) from {phone} join {live} using (ref) where position > 0)
                             - (select coalesce(sum(lines), 0)::bigint from {often}) as once) n
                """,
                tables,
            )
        )
        out: dict[str, Any] = dict(cursor.fetchone() or {})
        cursor.execute(
            fill(
                """
                select kind, count(*) as marked
                from (select distinct m.kind, m.e164, case when m.e164 is null then l.key end
                      from {mark} m join {live} l using (ref)) d
                group by kind order by kind
                """,
                tables,
            )
        )
        out["suppressions"] = {row["kind"]: row["marked"] for row in cursor}
    return out


def keep_rows(uow: UnitOfWork, tables: Tables, import_id: UUID) -> int:
    """Write the verdict on every row for good."""
    connection = uow.connection()
    connection.execute("set local work_mem = '128MB'")
    connection.execute("delete from import_row where org_id = %s and import_id = %s", [uow.org(), import_id])
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                """
                insert into import_row (org_id, import_id, row_number, verdict, reasons, warnings, same_as_row,
                                        property_id, raw, reason_column, matched_by)
                select %(org)s, %(import)s, v.row_number, v.verdict,
                       case when v.reason is null then '{{}}' else array[v.reason] end,
                       coalesce(v.warnings, '{{}}'), v.same_as_row,
                       case when p.verdict <> 'noted' then p.property_id end, string_to_array(v.raw, chr(31)),
                       v.reason_column, v.matched_by
                from ({verdicts}) v left join {place} p on p.first = v.first
                order by v.row_number
                """
            ).format(verdicts=_verdicts(tables), place=tables["place"]),
            {"org": uow.org(), "import": import_id},
            prepare=False,
        )
        return cursor.rowcount


PLANNED = """
    select v.*, r.street, r.unit, r.city, r.state, r.zip5, r.zip4, r.county, r.apn, {facts}, {extra} as extra,
           r.lists, r.tags, r.notes,
           case when p.verdict <> 'noted' then p.property_id end as property_id, p.lead_id,
           (select jsonb_agg(jsonb_build_object('name', y.name, 'kind', y.kind, 'role', y.role,
                   'position', y.position, 'care_of', y.care_of,
                   'mailing_street', y.mailing_street, 'mailing_unit', y.mailing_unit,
                   'mailing_city', y.mailing_city,
                   'mailing_state', y.mailing_state, 'mailing_zip', y.mailing_zip5) order by y.position)
            from {person} y where y.ref = v.ref) as owners,
           (select jsonb_agg(jsonb_build_object('number', '+' || f.e164, 'line_type', f.line_type,
                   'column', f.column_name, 'note', f.note, 'clean', f.clean, 'position', f.position,
                   'marks', (select coalesce(jsonb_agg(distinct m.kind), '[]') from {mark} m
                             where m.ref = f.ref and m.e164 = f.e164)) order by f.rank)
            from {phone} f where f.ref = v.ref) as phones,
           (select jsonb_agg(e.email) from {email} e where e.ref = v.ref) as emails,
           exists (select 1 from {mark} m where m.ref = v.ref and m.kind = 'do_not_mail') as do_not_mail
    from ({verdicts}) v join {row} r on r.ref = v.ref left join {place} p on p.first = v.first
    where v.row_number > %(after)s and (%(verdict)s::text is null or v.verdict = %(verdict)s)
    order by v.row_number limit %(limit)s
"""
"""Rows of a plan in the file's order, with the values that would be stored."""


def planned(
    uow: UnitOfWork, tables: Tables, verdict: str | None, after: int, limit: int | None
) -> Iterator[dict[str, Any]]:
    """Read rows of a plan in the file's order, with the values that would be stored."""
    facts = sql.SQL(", ").join(sql.Identifier("r", name) for name in FACTS)
    statement = fill(PLANNED, tables, verdicts=_verdicts(tables), facts=facts)
    with uow.connection().cursor(row_factory=dict_row) as cursor:
        cursor.execute(statement, {"after": after, "verdict": verdict, "limit": limit}, prepare=False)
        yield from cursor


FACTS = (
    "property_type", "bedrooms", "bathrooms", "building_sqft", "lot_sqft", "year_built", "owner_occupied",
    "assessed_value", "estimated_value", "estimated_equity", "loan_balance", "loan_to_value", "last_sale_on",
    "last_sale_amount", "latitude", "longitude",
    "decedent_died_on", "probate_filed_on",
)  # fmt: skip


def kept(
    uow: UnitOfWork, import_id: UUID, verdict: str | None, after: int, limit: int | None
) -> Iterator[dict[str, Any]]:
    """Read rows of a committed import, with the place they stand for."""
    with uow.connection().cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            """
            select r.*, coalesce(p.street, r.place ->> 'street') as street,
                   coalesce(p.unit, r.place ->> 'unit') as unit,
                   coalesce(p.city, r.place ->> 'city') as city, coalesce(p.state, r.place ->> 'state') as state,
                   coalesce(p.zip5, r.place ->> 'zip5') as zip5, coalesce(p.county, r.place ->> 'county') as county,
                   coalesce(p.apn, r.place ->> 'apn') as apn, l.id as found_lead
            from import_row r
            left join property p on p.org_id = r.org_id and p.id = r.property_id
            left join lead l on l.org_id = r.org_id and l.property_id = r.property_id and l.removed_at is null
            where r.org_id = %(org)s and r.import_id = %(import)s and r.row_number > %(after)s
              and (%(verdict)s::text is null or r.verdict = %(verdict)s)
            order by r.row_number limit %(limit)s
            """,
            {"org": uow.org(), "import": import_id, "after": after, "verdict": verdict, "limit": limit},
        )
        yield from cursor


def remember_places(uow: UnitOfWork, import_id: UUID, going: sql.Composable) -> None:
    """Keep with the rows of an import where the properties are that are about to go; ``going`` selects their ids."""
    with uow.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                """
                update import_row r set updated_at = now(), place = jsonb_strip_nulls(jsonb_build_object(
                    'street', p.street, 'unit', p.unit, 'city', p.city, 'state', p.state, 'zip5', p.zip5,
                    'county', p.county, 'apn', p.apn))
                from property p
                where r.org_id = %(org)s and r.import_id = %(import)s and p.org_id = r.org_id and p.id = r.property_id
                  and p.id in ({})
                """
            ).format(going),
            {"org": uow.org(), "import": import_id},
            prepare=False,
        )


def replaced(uow: UnitOfWork, import_id: UUID) -> int:
    """Count the properties of which an import replaced a value."""
    return _number(uow, "select count(*) from import_change where org_id = %s and import_id = %s", import_id)


def suppressions_of(uow: UnitOfWork, import_id: UUID) -> int:
    """Count what stands against contact because a file said so."""
    return _number(uow, "select count(*) from suppression where org_id = %s and import_id = %s", import_id)


def _number(uow: UnitOfWork, statement: LiteralString, import_id: UUID) -> int:
    with uow.cursor() as cursor:
        cursor.execute(statement, [uow.org(), import_id])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def job_progress(uow: UnitOfWork, job_id: UUID | None) -> dict[str, Any]:
    """Tell how far the job of an import is."""
    if job_id is None:
        return {}
    with uow.connection().cursor(row_factory=dict_row) as cursor:
        cursor.execute("select state, done, total, note, error from job where id = %s", [job_id])
        return dict(cursor.fetchone() or {})


def remove(uow: UnitOfWork, import_id: UUID) -> None:
    """Forget an import that wrote nothing."""
    with uow.cursor() as cursor:
        cursor.execute(
            "delete from import_batch where org_id = %s and id = %s and not progress ? 'done'", [uow.org(), import_id]
        )


def file_in_use(uow: UnitOfWork, sha256: str) -> bool:
    """Say whether any import of any organisation refers to a stored file."""
    with uow.cursor() as cursor:
        cursor.execute("select exists (select 1 from import_batch where file_sha256 = %s)", [sha256])
        row = cursor.fetchone()
    return bool(row and row[0])


RUNNING = (ImportState.CHECKING, ImportState.COMMITTING)
"""States in which a job is at work."""
