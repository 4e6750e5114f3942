"""Suppressions whose number was erased: kept by the number's keyed hash, and bound to it again when it comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadflow.compliance.queries.facts import Moment
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import SuppressionKind

OPT_OUTS = frozenset({SuppressionKind.OPT_OUT.value, SuppressionKind.CARRIER_OPT_OUT.value})


@dataclass(frozen=True, slots=True)
class Erased:
    """What stands against a number that only its hash names."""

    kinds: frozenset[str]
    opted_out_at: datetime | None


def by_key(uow: UnitOfWork, moment: Moment) -> dict[bytes, Erased]:
    """Read every suppression of an erased number that stands, or stood then; empty where nobody was erased."""
    standing = "released_at is null"
    if moment.past:
        standing = "at <= %(at)s and (released_at is null or released_at > %(at)s)"
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            select phone_key, array_agg(distinct kind), max(at) filter (where kind = any(%(opt_outs)s))
            from suppression where org_id = %(org)s and e164 is null and phone_key is not null and {standing}
            group by phone_key
            """.encode(),  # noqa: S608 constants
            {"org": uow.org(), "at": moment.at, "opt_outs": list(OPT_OUTS)},
        )
        return {bytes(row[0]): Erased(frozenset(row[1]), row[2]) for row in cursor.fetchall()}


def keys(uow: UnitOfWork) -> frozenset[bytes]:
    """List the hashes of erased numbers that a suppression stands against."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select distinct phone_key from suppression where org_id = %s and e164 is null and phone_key is not null",
            [uow.org()],
        )
        return frozenset(bytes(row[0]) for row in cursor.fetchall())


def numbers_of_import(uow: UnitOfWork, import_id: UUID) -> list[int]:
    """Answer the numbers that an import brought."""
    with uow.cursor() as cursor:
        cursor.execute("select e164 from phone where org_id = %s and import_id = %s", [uow.org(), import_id])
        return [row[0] for row in cursor.fetchall()]


def bind(uow: UnitOfWork, numbers: Mapping[int, bytes]) -> int:
    """Give suppressions their number back; one that stands already for the number is not doubled."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update suppression s set e164 = u.number, updated_at = now()
            from unnest(%(numbers)s::bigint[], %(keys)s::bytea[]) as u (number, key)
            where s.org_id = %(org)s and s.e164 is null and s.phone_key = u.key
              and not exists (select 1 from suppression o where o.org_id = s.org_id and o.kind = s.kind
                              and o.e164 = u.number and o.person_id is not distinct from s.person_id
                              and o.address_key is not distinct from s.address_key and o.released_at is null)
              and (s.released_at is not null or s.id = (
                    select min(t.id::text)::uuid from suppression t
                    where t.org_id = s.org_id and t.kind = s.kind and t.e164 is null and t.phone_key = s.phone_key
                      and t.released_at is null and t.person_id is not distinct from s.person_id))
            """,
            {"org": uow.org(), "numbers": list(numbers), "keys": list(numbers.values())},
        )
        return cursor.rowcount


def forget(uow: UnitOfWork, numbers: Sequence[int], keys: Sequence[bytes], at: datetime) -> dict[str, int]:
    """Take numbers out of everything that the gate keeps. Their suppressions stay by hash, and one is added.

    Args:
        uow: the caller's transaction, which holds the gates of the numbers.
        numbers: digits of E.164.
        keys: their hashes, in the same order.
        at: when.
    """
    given = {"org": uow.org(), "numbers": list(numbers), "keys": list(keys), "at": at}
    done: dict[str, int] = {}
    with uow.cursor() as cursor:
        for name, statement in _FORGET.items():
            cursor.execute(statement.encode(), given)
            done[name] = cursor.rowcount
    return done


_GIVEN = "unnest(%(numbers)s::bigint[], %(keys)s::bytea[]) as u (number, key)"
_FORGET = {
    "suppressions_kept_by_hash": f"""
        update suppression s set e164 = null, phone_key = u.key, updated_at = now(), released_why = null,
            evidence = jsonb_strip_nulls(jsonb_build_object('cause', s.evidence -> 'cause', 'via', s.evidence -> 'via'))
        from {_GIVEN} where s.org_id = %(org)s and s.e164 = u.number
    """,  # noqa: S608 constants
    "suppressions_added": f"""
        insert into suppression (org_id, kind, phone_key, at, source, evidence)
        select %(org)s, 'internal_dnc', u.key, %(at)s, 'erasure', '{{}}'::jsonb from {_GIVEN}
        where not exists (select 1 from suppression o where o.org_id = %(org)s and o.phone_key = u.key
                          and o.e164 is null and o.kind = 'internal_dnc' and o.released_at is null)
    """,  # noqa: S608 constants
    "scrub_results_deleted": "delete from scrub_result where org_id = %(org)s and e164 = any(%(numbers)s)",
    "look_ups_taken_back": "delete from scrub_run_number where org_id = %(org)s and e164 = any(%(numbers)s)",
    "gates_deleted": "delete from phone_gate where org_id = %(org)s and e164 = any(%(numbers)s)",
    "decisions_without_number": """
        update decision set e164 = null, updated_at = now() where org_id = %(org)s and e164 = any(%(numbers)s)
    """,
}
