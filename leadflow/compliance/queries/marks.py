"""Writes suppressions, consents, scrub results and the gate of a number, one at a time or a staged table at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from psycopg import sql

from leadflow.compliance.types import Grant, Mark, Scrub, ScrubSource
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import SuppressionKind


@dataclass(frozen=True, slots=True)
class Reach:
    """Everybody who is reached at a number, and every number of theirs, the number itself included."""

    person_ids: tuple[UUID, ...]
    numbers: tuple[int, ...]
    """Digits of E.164, in order."""


def has_person(uow: UnitOfWork, person_id: UUID) -> bool:
    """Say whether the organisation knows a person."""
    with uow.cursor() as cursor:
        cursor.execute("select 1 from person where org_id = %s and id = %s", [uow.org(), person_id])
        return cursor.fetchone() is not None


def reach(uow: UnitOfWork, number: int | None, person_id: UUID | None) -> Reach:
    """Follow a number, a person or both to all persons and all numbers."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            with people as (
                select pp.person_id from phone f join person_phone pp on pp.org_id = f.org_id and pp.phone_id = f.id
                where f.org_id = %(org)s and f.e164 = %(number)s
                union select %(person)s::uuid where %(person)s::uuid is not null
            )
            select (select coalesce(array_agg(person_id order by person_id), '{}') from people),
                   (select coalesce(array_agg(distinct e164 order by e164), '{}') from (
                        select f.e164 from people w
                        join person_phone pp on pp.org_id = %(org)s and pp.person_id = w.person_id
                        join phone f on f.org_id = pp.org_id and f.id = pp.phone_id
                        union select %(number)s::bigint where %(number)s::bigint is not null) n)
            """,
            {"org": uow.org(), "number": number, "person": person_id},
        )
        row = cursor.fetchone()
    return Reach(tuple(row[0]), tuple(row[1])) if row else Reach((), ())


def lock_gates(uow: UnitOfWork, numbers: Collection[int]) -> None:
    """Take the gate of each number until the transaction ends, in one order everywhere, so that nobody deadlocks.

    An opt-out and a submission take the same lock: whichever commits first, the other sees it.
    """
    ordered = sorted(set(numbers))
    if not ordered:
        return
    with uow.cursor() as cursor:
        cursor.execute(
            "insert into phone_gate (org_id, e164) select %s, n from unnest(%b::bigint[]) n order by n "
            "on conflict do nothing",
            [uow.org(), ordered],
        )
        cursor.execute(
            "select 1 from phone_gate where org_id = %s and e164 = any(%b::bigint[]) order by e164 for update",
            [uow.org(), ordered],
        )


def lock_people(uow: UnitOfWork, people: Collection[UUID]) -> None:
    """Let only one submission at a time count the contacts of a person."""
    ordered = sorted(set(people))
    if not ordered:
        return
    with uow.cursor() as cursor:
        cursor.execute(
            "select 1 from person where org_id = %s and id = any(%b) order by id for no key update",
            [uow.org(), ordered],
        )


def numbers_of_phones(uow: UnitOfWork, phone_ids: Collection[UUID]) -> list[int]:
    """Answer the digits behind phone ids."""
    with uow.cursor() as cursor:
        cursor.execute("select e164 from phone where org_id = %s and id = any(%b)", [uow.org(), list(phone_ids)])
        return [row[0] for row in cursor.fetchall()]


def close_gates(uow: UnitOfWork, numbers: Collection[int], at: datetime | None) -> None:
    """Note on the gates when they were closed last; None notes that they are open."""
    with uow.cursor() as cursor:
        cursor.execute(
            "update phone_gate set closed_at = %s, updated_at = now() where org_id = %s and e164 = any(%s)",
            [at, uow.org(), list(numbers)],
        )


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom one row of suppression is about."""

    number: int | None = None
    phone_key: bytes | None = None
    person_id: UUID | None = None
    address_key: str | None = None


def suppress(
    uow: UnitOfWork,
    mark: Mark,
    subjects: Sequence[Subject],
    evidence: Mapping[str, Any],
    at: datetime,
    actor_id: UUID | None,
) -> list[UUID]:
    """Write one row a subject; one that stands already is kept and learns the newer evidence.

    A row from elsewhere (an import, an administrator) keeps its own evidence, so that what undoes a text's opt-out
    does not undo it.

    Returns:
        The ids of the rows that now stand, in the order of the subjects.
    """
    found: list[UUID] = []
    with uow.cursor() as cursor:
        for subject in subjects:
            cursor.execute(
                """
                insert into suppression (org_id, kind, e164, phone_key, person_id, address_key, at, source, evidence,
                                         actor_id, import_id)
                values (%(org)s, %(kind)s, %(number)s, %(key)s, %(person)s, %(address)s, %(at)s, %(source)s,
                        %(evidence)s, %(actor)s, %(import)s)
                on conflict (org_id, kind, e164, person_id, address_key)
                    where released_at is null and (e164 is not null or phone_key is null) do update set
                    evidence = case when suppression.source = excluded.source
                                    then suppression.evidence || excluded.evidence else suppression.evidence end,
                    updated_at = now()
                returning id
                """,
                {
                    "org": uow.org(),
                    "kind": mark.kind.value,
                    "number": subject.number,
                    "key": subject.phone_key,
                    "person": subject.person_id,
                    "address": subject.address_key,
                    "at": at,
                    "source": mark.source,
                    "evidence": orjson.dumps(dict(evidence)).decode(),
                    "actor": actor_id,
                    "import": mark.import_id,
                },
            )
            row = cursor.fetchone()
            found.extend([row[0]] if row else [])
    return found


def revoke_consents(uow: UnitOfWork, numbers: Collection[int], people: Collection[UUID], at: datetime) -> int:
    """End every consent of these numbers and people that stands."""
    with uow.cursor() as cursor:
        cursor.execute(
            "update consent set revoked_at = %s, updated_at = now() where org_id = %s and revoked_at is null "
            "and (e164 = any(%s) or person_id = any(%s))",
            [at, uow.org(), list(numbers), list(people)],
        )
        return cursor.rowcount


@dataclass(frozen=True, slots=True)
class Released:
    """A suppression that was just lifted."""

    id: UUID
    kind: SuppressionKind
    number: int | None
    person_id: UUID | None


_RELEASE = """
    update suppression set released_at = %(at)s, released_by = %(actor)s, released_why = %(why)s, updated_at = now()
    where org_id = %(org)s and released_at is null and {which}
    returning id, kind, e164, person_id
"""


def release(uow: UnitOfWork, which: str, values: Mapping[str, Any]) -> list[Released]:
    """Lift suppressions.

    Args:
        uow: the caller's transaction.
        which: one of the conditions of this module.
        values: ``at``, ``actor``, ``why`` and what the condition names.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            sql.SQL(_RELEASE.format(which=which)),  # pyright: ignore[reportArgumentType] conditions are constants
            {**values, "org": uow.org()},
        )
        return [Released(row[0], SuppressionKind(row[1]), row[2], row[3]) for row in cursor.fetchall()]


BY_CAUSE = """(id = %(id)s or evidence ->> 'cause' = (
    select evidence ->> 'cause' from suppression where org_id = %(org)s and id = %(id)s))"""
"""A row and all that were written with it."""
BY_NUMBER_AND_SOURCE = """
    kind = any(%(kinds)s) and source = any(%(sources)s) and evidence ->> 'via' = %(via)s"""
"""What a text or the carrier said of one number, wherever it reached."""
REVIEWS = "kind = 'review' and (e164 = any(%(numbers)s) or person_id = any(%(people)s))"


def grant(uow: UnitOfWork, given: Grant, phone_key: bytes, at: datetime, actor_id: UUID | None) -> UUID | None:
    """Write one consent; None when the same import has written it before."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into consent (org_id, e164, phone_key, person_id, channel, basis, purpose, shown_text, source,
                artefact_sha256, address, given_at, expires_at, recorded_at, actor_id, import_id, row_number)
            values (%(org)s, %(number)s, %(key)s, %(person)s, %(channel)s, %(basis)s, %(purpose)s, %(shown)s,
                %(source)s, %(artefact)s, %(address)s, %(given)s, %(expires)s, %(at)s, %(actor)s, %(import)s, %(row)s)
            on conflict do nothing returning id
            """,
            {
                "org": uow.org(),
                "number": int(given.e164[1:]),
                "key": phone_key,
                "person": given.person_id,
                "channel": given.channel.value,
                "basis": given.basis.value,
                "purpose": given.purpose,
                "shown": given.shown_text,
                "source": given.source,
                "artefact": given.artefact_sha256,
                "address": given.address,
                "given": given.given_at,
                "expires": given.expires_at,
                "at": at,
                "actor": actor_id,
                "import": given.import_id,
                "row": given.row_number,
            },
        )
        row = cursor.fetchone()
    return row[0] if row else None


def revoke_one(uow: UnitOfWork, consent_id: UUID, at: datetime) -> bool | None:
    """Note that a consent was taken back; False where it was before, None where there is no such entry."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select revoked_at is null from consent where org_id = %s and id = %s for update", [uow.org(), consent_id]
        )
        row = cursor.fetchone()
        if row is None or not row[0]:
            return None if row is None else False
        cursor.execute(
            "update consent set revoked_at = %s, updated_at = now() where org_id = %s and id = %s",
            [at, uow.org(), consent_id],
        )
    return True


def scrub(uow: UnitOfWork, result: Scrub, at: datetime) -> UUID | None:
    """Write what a list said of a number; None when the same import or run has written it before."""
    with uow.cursor() as cursor:
        cursor.execute(_SCRUB + b" returning id", _scrub_values(uow, result, at))
        row = cursor.fetchone()
    return row[0] if row else None


def scrubs(uow: UnitOfWork, results: Sequence[Scrub], at: datetime) -> None:
    """Write what lists said of many numbers; what the same run has written before stays."""
    with uow.cursor() as cursor:
        cursor.executemany(_SCRUB, [_scrub_values(uow, result, at) for result in results])


_SCRUB = b"""
    insert into scrub_result
        (org_id, e164, list, verdict, provider, list_version, as_of, recorded_at, import_id, run_id, consent_date)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing
"""


def _scrub_values(uow: UnitOfWork, result: Scrub, at: datetime) -> list[Any]:
    return [
        uow.org(),
        int(result.e164[1:]),
        result.list.value,
        result.verdict.value,
        result.provider,
        result.list_version,
        result.as_of,
        at,
        result.import_id,
        result.run_id,
        result.consent_date,
    ]


def registry_answers(uow: UnitOfWork, source: ScrubSource, listed: Mapping[int, bool], at: datetime) -> None:
    """Write what a list said of many numbers."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into scrub_result (org_id, e164, list, verdict, provider, list_version, as_of, recorded_at)
            select %s, x.e164, %s, case when x.listed then 'listed' else 'clean' end, %s, %s, %s, %s
            from unnest(%b::bigint[], %b::bool[]) x (e164, listed)
            """,
            [
                uow.org(),
                source.list.value,
                source.provider,
                source.list_version,
                source.as_of,
                at,
                list(listed),
                list(listed.values()),
            ],
        )


def suppress_staged(
    uow: UnitOfWork,
    table: sql.Identifier,
    *,
    source: str,
    import_id: UUID | None,
    actor_id: UUID | None,
    at: datetime,
) -> dict[str, int]:
    """Write every staged suppression that does not stand already; answers new rows by kind."""
    statement = sql.SQL(
        """
        with made as (
            insert into suppression (org_id, kind, e164, phone_key, person_id, address_key, at, source, evidence,
                                     actor_id, import_id)
            select distinct on (kind, e164, person_id, address_key)
                   %(org)s, kind, e164, phone_key, person_id, address_key, %(at)s, %(source)s,
                   coalesce(evidence, '{{}}'::jsonb), %(actor)s, %(import)s
            from {} order by kind, e164, person_id, address_key
            on conflict do nothing returning kind
        )
        select kind, count(*) from made group by kind
        """
    ).format(table)
    with uow.cursor() as cursor:
        cursor.execute(
            statement, {"org": uow.org(), "at": at, "source": source, "actor": actor_id, "import": import_id}
        )
        return {row[0]: int(row[1]) for row in cursor.fetchall()}


def scrubs_staged(uow: UnitOfWork, table: sql.Identifier, *, import_id: UUID | None, at: datetime) -> int:
    """Write every staged scrub result, the worst verdict of a number and list; answers the new rows."""
    statement = sql.SQL(
        """
        insert into scrub_result (org_id, e164, list, verdict, provider, as_of, recorded_at, import_id)
        select distinct on (e164, list) %(org)s, e164, list, verdict, provider, as_of, %(at)s, %(import)s
        from {}
        order by e164, list, array_position(array['listed', 'no_data', 'clean'], verdict), as_of desc
        on conflict do nothing
        """
    ).format(table)
    with uow.cursor() as cursor:
        cursor.execute(statement, {"org": uow.org(), "at": at, "import": import_id})
        return cursor.rowcount


def consents_staged(
    uow: UnitOfWork, table: sql.Identifier, *, import_id: UUID | None, actor_id: UUID | None, at: datetime
) -> int:
    """Write every staged consent; answers the new rows."""
    statement = sql.SQL(
        """
        insert into consent (org_id, e164, phone_key, person_id, channel, basis, purpose, shown_text, source, given_at,
                             recorded_at, actor_id, import_id, row_number)
        select distinct on (e164, channel, basis) %(org)s, e164, phone_key, person_id, channel, basis, purpose,
               shown_text, source, given_at, %(at)s, %(actor)s, %(import)s, row_number
        from {} order by e164, channel, basis, given_at desc, row_number
        on conflict do nothing
        """
    ).format(table)
    with uow.cursor() as cursor:
        cursor.execute(statement, {"org": uow.org(), "at": at, "actor": actor_id, "import": import_id})
        return cursor.rowcount


@dataclass(frozen=True, slots=True)
class Closed:
    """What a job needs to know of suppressions that were just written."""

    kind: SuppressionKind
    source: str
    at: datetime
    actor_id: UUID | None
    numbers: tuple[int, ...]
    lead_ids: tuple[UUID, ...]


def closed(uow: UnitOfWork, suppression_ids: Sequence[UUID]) -> Closed | None:
    """Read back what suppressions closed and which leads it concerns."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            with s as (select * from suppression where org_id = %(org)s and id = any(%(ids)s)),
            people as (
                select person_id from s where person_id is not null
                union
                select pp.person_id from s join phone f on f.org_id = s.org_id and f.e164 = s.e164
                join person_phone pp on pp.org_id = f.org_id and pp.phone_id = f.id
            )
            select min(kind), min(source), max(at), (array_agg(actor_id))[1],
                   array_agg(distinct e164 order by e164) filter (where e164 is not null),
                   (select array_agg(distinct l.id) from people w
                    join property_party pp on pp.org_id = %(org)s and pp.person_id = w.person_id
                    join lead l on l.org_id = pp.org_id and l.property_id = pp.property_id)
            from s
            """,
            {"org": uow.org(), "ids": list(suppression_ids)},
        )
        row = cursor.fetchone()
    if row is None or row[0] is None:
        return None
    return Closed(SuppressionKind(row[0]), row[1], row[2], row[3], tuple(row[4] or ()), tuple(row[5] or ()))
