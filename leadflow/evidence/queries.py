"""SQL of evidence: what a pack holds, by what it is about; and the packs themselves. Reads anywhere, writes at home."""

# ruff: noqa: S608 every statement is made of constants of this module

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row, dict_row, tuple_row

from leadflow.evidence.types import Scope
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import EvidenceOf, MailKind

_TEXTED = """exists (select 1 from message x where x.org_id = {0}.org_id and x.campaign_id = %(campaign)s
    and x.{1} = {0}.{1})"""
_MERGED = "select z.loser_id from merged_record z where z.org_id = %(org)s and z.survivor_id = %(person)s"
_ABOUT: Mapping[EvidenceOf, Mapping[str, str]] = {
    EvidenceOf.PHONE: {
        "d": "(d.e164 = %(number)s or (d.e164 is null and d.phone_key = %(key)s))",
        "m": "m.e164 = %(number)s",
        "i": "i.e164 = %(number)s",
        "k": "k.e164 = %(number)s",
        "s": "(s.e164 = %(number)s or (s.e164 is null and s.person_id = any(%(people)s)))",
        "r": "r.e164 = %(number)s",
        "p": "p.id = any(%(people)s)",
        "f": "f.e164 = %(number)s",
    },
    EvidenceOf.PERSON: {
        # A receipt goes on naming who was merged into the person since.
        "d": f"d.person_id in (select %(person)s union {_MERGED})",
        "m": "m.person_id = %(person)s",
        "i": "(i.e164 = any(%(numbers)s) and coalesce(c.person_id, %(person)s) = %(person)s)",
        "k": "(k.person_id = %(person)s or (k.person_id is null and k.e164 = any(%(numbers)s)))",
        "s": "(s.person_id = %(person)s or (s.person_id is null and s.e164 = any(%(numbers)s)))",
        "r": "r.e164 = any(%(numbers)s)",
        "p": "p.id = %(person)s",
        "f": "f.e164 = any(%(numbers)s)",
    },
    EvidenceOf.CAMPAIGN: {
        "d": "d.campaign_id = %(campaign)s",
        "m": "m.campaign_id = %(campaign)s",
        "i": f"""(c.sender_number_id = (select sender_number_id from campaign
                  where org_id = i.org_id and id = %(campaign)s) and {_TEXTED.format("i", "e164")})""",
        "k": _TEXTED.format("k", "e164"),
        "s": f"({_TEXTED.format('s', 'e164')} or (s.e164 is null and {_TEXTED.format('s', 'person_id')}))",
        "r": _TEXTED.format("r", "e164"),
        "p": "exists (select 1 from message x where x.org_id = p.org_id and x.campaign_id = %(campaign)s"
        " and x.person_id = p.id)",
        "f": _TEXTED.format("f", "e164"),
    },
}
"""By what the pack is about: which rows of each table belong to it. The letters are the aliases below."""
_AT_MESSAGE = "coalesce(m.submitted_at, m.final_at, m.not_before)"
_BETWEEN = "(%(since)s::timestamptz is null or {0} >= %(since)s) and {0} < %(until)s"
_PLAIN = "- 'org_id' - 'created_at' - 'updated_at'"
_PHONE = "jsonb_build_object('e164', '+' || {0}.e164)"

ROWS: Mapping[str, str] = {
    "people": f"""
        select to_jsonb(p) {_PLAIN} from person p where p.org_id = %(org)s and {{p}} order by p.id""",
    "phones": f"""
        select to_jsonb(f) {_PLAIN} || {_PHONE.format("f")} from phone f
        where f.org_id = %(org)s and {{f}} order by f.id""",
    "consents": f"""
        select to_jsonb(k) {_PLAIN} || {_PHONE.format("k")} from consent k
        where k.org_id = %(org)s and {{k}} and k.recorded_at < %(until)s order by k.recorded_at, k.id""",
    "suppressions": f"""
        select to_jsonb(s) {_PLAIN} || {_PHONE.format("s")} from suppression s
        where s.org_id = %(org)s and {{s}} and s.at < %(until)s order by s.at, s.id""",
    "scrubs": f"""
        select to_jsonb(r) {_PLAIN} || {_PHONE.format("r")} from scrub_result r
        where r.org_id = %(org)s and {{r}} and r.recorded_at < %(until)s order by r.recorded_at, r.id""",
    "messages": f"""
        select to_jsonb(m) {_PLAIN} - 'lease_until' - 'fence' || {_PHONE.format("m")}
               || jsonb_build_object('sender', '+' || n.e164)
        from message m join sender_number n on n.org_id = m.org_id and n.id = m.sender_number_id
        where m.org_id = %(org)s and {{m}} and {_BETWEEN.format(_AT_MESSAGE)} order by {_AT_MESSAGE}, m.id""",
    "deliveries": f"""
        select to_jsonb(e) {_PLAIN} from message_event e join message m on m.org_id = e.org_id and m.id = e.message_id
        where e.org_id = %(org)s and {{m}} and {_BETWEEN.format(_AT_MESSAGE)} order by e.at, e.id""",
    "inbound": f"""
        select to_jsonb(i) {_PLAIN} || {_PHONE.format("i")} || jsonb_build_object('sender', '+' || n.e164)
        from inbound_message i join conversation c on c.org_id = i.org_id and c.id = i.conversation_id
        join sender_number n on n.org_id = c.org_id and n.id = c.sender_number_id
        where i.org_id = %(org)s and {{i}} and {_BETWEEN.format("i.received_at")} order by i.received_at, i.id""",
    "decisions": f"""
        select jsonb_build_object('id', d.id, 'at', d.at, 'channel', d.channel, 'purpose', d.purpose,
            'verdict', d.verdict, 'reasons', d.reasons, 'later_at', d.later_at, 'policy_version', d.policy_version,
            'e164', '+' || d.e164, 'person_id', d.person_id, 'lead_id', d.lead_id, 'campaign_id', d.campaign_id,
            'campaign', c.name, 'message_id', d.message_id, 'actor_id', d.actor_id,
            'digest', encode(d.digest, 'hex'), 'position', l.position)
        from decision d join audit_leaf l on l.org_id = d.org_id and l.source = 'decision' and l.source_id = d.id
        left join campaign c on c.org_id = d.org_id and c.id = d.campaign_id
        where d.org_id = %(org)s and {{d}} and {_BETWEEN.format("d.at")} order by l.position""",
}
"""Each file of rows as one JSON object a row, whatever columns a table has; in an order that never changes."""
_RECEIPTS = f"""
    select l.position, d.id, l.digest, l.chain, d.body
    from decision d join audit_leaf l on l.org_id = d.org_id and l.source = 'decision' and l.source_id = d.id
    where d.org_id = %(org)s and {{d}} and {_BETWEEN.format("d.at")} order by l.position"""
_TOUCHED = """
    select m.id, m.lead_id, m.campaign_id, m.conversation_id, null::uuid from message m
    where m.org_id = %(org)s and {m}
    union all select d.id, d.lead_id, d.campaign_id, d.message_id, null from decision d
    where d.org_id = %(org)s and {d}
    union all select k.id, k.import_id, null, null, null from consent k where k.org_id = %(org)s and {k}
    union all select s.id, s.import_id, null, null, null from suppression s where s.org_id = %(org)s and {s}
    union all select p.id, null, null, null, null from person p where p.org_id = %(org)s and {p}
    union all select f.id, null, null, null, null from phone f where f.org_id = %(org)s and {f}
    union all select i.id, i.conversation_id, null, null, null from inbound_message i
    join conversation c on c.org_id = i.org_id and c.id = i.conversation_id where i.org_id = %(org)s and {i}
"""
"""Everything that an act may have had as its subject."""
_EVENTS = f"""
    with touched as (select distinct x.id from ({_TOUCHED}) t (a, b, c, d, e),
                     unnest(array[t.a, t.b, t.c, t.d, t.e]) x (id) where x.id is not null)
    select l.position, e.id, l.digest, l.chain, e.body
    from audit_event e join audit_leaf l on l.org_id = e.org_id and l.source = 'event' and l.source_id = e.id
    where e.org_id = %(org)s and e.at < %(until)s
      and (e.subject_id in (select id from touched union select z.loser_id from merged_record z
                            where z.org_id = %(org)s and z.survivor_id in (select id from touched))
        or starts_with(e.action, 'rule_book.')
        or ({_BETWEEN.format("e.at")} and (starts_with(e.action, 'sending.') or starts_with(e.action, 'rule_pack.'))))
    order by l.position"""
ENTRIES: Mapping[str, str] = {"receipts": _RECEIPTS, "events": _EVENTS}


@dataclass(frozen=True, slots=True)
class Entry:
    """A receipt or event at its place in the chain."""

    position: int
    id: UUID
    digest: bytes
    chain: bytes
    body: bytes


def _values(uow: UnitOfWork, scope: Scope) -> dict[str, Any]:
    return {
        "org": uow.org(),
        "since": scope.since,
        "until": scope.until,
        "number": None if scope.e164 is None else int(scope.e164[1:]),
        "key": scope.phone_key,
        "person": scope.person_id,
        "campaign": scope.campaign_id,
        "numbers": [int(number[1:]) for number in scope.numbers],
        "people": list(scope.people),
    }


def rows(uow: UnitOfWork, name: str, scope: Scope) -> Iterator[dict[str, Any]]:
    """Stream the rows of one file."""
    statement = ROWS[name].format(**_ABOUT[scope.of])
    with uow.connection().cursor(name=f"evidence_{name}", row_factory=tuple_row) as cursor:
        cursor.itersize = 1_000
        cursor.execute(statement.encode(), _values(uow, scope))
        for (row,) in cursor:
            yield row


def entries(uow: UnitOfWork, name: str, scope: Scope) -> Iterator[Entry]:
    """Stream receipts or events in the order of the chain; what waits for a seal is not among them."""
    statement = ENTRIES[name].format(**_ABOUT[scope.of])
    with uow.connection().cursor(name=f"evidence_{name}", row_factory=tuple_row) as cursor:
        cursor.itersize = 1_000
        cursor.execute(statement.encode(), _values(uow, scope), binary=True)
        for row in cursor:
            yield Entry(row[0], row[1], bytes(row[2]), bytes(row[3]), bytes(row[4]))


def artefacts(uow: UnitOfWork, scope: Scope) -> Iterator[tuple[str, str, bytes]]:
    """Stream the documents that the consents of a pack rest on: SHA-256, media type, bytes."""
    with uow.connection().cursor(name="evidence_artefacts", row_factory=tuple_row) as cursor:
        cursor.itersize = 1
        cursor.execute(
            f"""
            select a.sha256, a.media_type, a.content from consent_artefact a
            where a.org_id = %(org)s and a.sha256 in (select k.artefact_sha256 from consent k
                where k.org_id = %(org)s and {_ABOUT[scope.of]["k"]} and k.recorded_at < %(until)s)
            order by a.sha256
            """.encode(),
            _values(uow, scope),
            binary=True,
        )
        for row in cursor:
            yield row[0], row[1], bytes(row[2])


def count_receipts(uow: UnitOfWork, scope: Scope) -> tuple[int, int]:
    """Count the receipts of a pack, and those of them that still wait for a seal."""
    where = f"d.org_id = %(org)s and {_ABOUT[scope.of]['d']} and {_BETWEEN.format('d.at')}"
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            select count(*), count(*) filter (where not exists (select 1 from audit_leaf l
                where l.org_id = d.org_id and l.source = 'decision' and l.source_id = d.id))
            from decision d where {where}
            """.encode(),
            _values(uow, scope),
        )
        row = cursor.fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def seals(uow: UnitOfWork, first: int, *, most: int, touched: list[int]) -> Iterator[dict[str, Any]]:
    """Stream the seals from a number on; where they are more than ``most``, only those named, each with its next.

    The newest is always among them.
    """
    with uow.connection().cursor(name="evidence_seals", row_factory=dict_row) as cursor:
        cursor.itersize = 1_000
        cursor.execute(
            """
            select number, first_position as first, last_position as last, encode(merkle_root, 'hex') as root,
                   encode(head, 'hex') as head, encode(previous, 'hex') as previous, sealed_at, key_id,
                   encode(signature, 'hex') as signature
            from audit_seal where org_id = %(org)s and number >= %(first)s
              and ((select count(*) from audit_seal where org_id = %(org)s and number >= %(first)s) <= %(most)s
                   or number = any(%(touched)s::bigint[]) or number - 1 = any(%(touched)s::bigint[])
                   or number = (select max(number) from audit_seal where org_id = %(org)s))
            order by number
            """,
            {"org": uow.org(), "first": first, "most": most, "touched": touched},
        )
        yield from cursor


def reached(uow: UnitOfWork, e164: str) -> list[UUID]:
    """List the people who are reached at a number, the first of them first."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select pp.person_id from phone f join person_phone pp on pp.org_id = f.org_id and pp.phone_id = f.id
            where f.org_id = %s and f.e164 = %s order by pp.rank, pp.person_id
            """,
            [uow.org(), int(e164[1:])],
        )
        return [row[0] for row in cursor.fetchall()]


def numbers_of(uow: UnitOfWork, person_id: UUID) -> list[str]:
    """List a person's numbers."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select '+' || f.e164 from person_phone pp join phone f on f.org_id = pp.org_id and f.id = pp.phone_id
            where pp.org_id = %s and pp.person_id = %s order by f.e164
            """,
            [uow.org(), person_id],
        )
        return [row[0] for row in cursor.fetchall()]


def name_of(uow: UnitOfWork, table: str, row_id: UUID) -> str | None:
    """Name a person or a campaign; None where there is none of this id."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"select name from {table} where org_id = %s and id = %s".encode(),
            [uow.org(), row_id],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def house(uow: UnitOfWork) -> tuple[str, str]:
    """Answer the organisation's name and time zone."""
    with uow.cursor() as cursor:
        cursor.execute("select name, timezone from organization where id = %s", [uow.org()])
        row = cursor.fetchone()
    return (row[0], row[1]) if row else ("", "UTC")


def rule_packs(uow: UnitOfWork) -> dict[str, dict[str, Any]]:
    """Read every rule pack that the organisation ever had, by digest."""
    with uow.cursor() as cursor:
        cursor.execute("select digest, content from rule_pack where org_id = %s", [uow.org()])
        return {row[0]: row[1] for row in cursor.fetchall()}


# The packs


@dataclass(frozen=True, slots=True)
class Kept:
    """A pack's row."""

    id: UUID
    of: str
    e164: int | None
    person_id: UUID | None
    campaign_id: UUID | None
    since: datetime | None
    until: datetime
    requested_at: datetime
    actor_id: UUID | None
    asked_by: str | None
    made_at: datetime | None
    size_bytes: int | None
    sha256: str | None
    head: dict[str, Any]
    counts: dict[str, Any]
    subject: str | None
    job_state: str | None
    job_error: str | None
    done: int | None
    total: int | None


_KEPT = """
    select k.id, k.of, k.e164, k.person_id, k.campaign_id, k.since, k.until, k.requested_at, k.actor_id,
           u.name as asked_by, k.made_at, k.size_bytes, k.sha256, k.head, k.counts,
           coalesce(p.name, c.name) as subject, j.state as job_state, j.error as job_error, j.done, j.total
    from evidence_pack k
    left join person p on p.org_id = k.org_id and p.id = k.person_id
    left join campaign c on c.org_id = k.org_id and c.id = k.campaign_id
    left join "user" u on u.id = k.actor_id
    left join job j on j.org_id = k.org_id and j.id = k.job_id
    where k.org_id = %(org)s
"""


def packs(uow: UnitOfWork, after: tuple[datetime, UUID] | None, limit: int) -> list[Kept]:
    """List packs, newest first, from behind a row on."""
    with uow.connection().cursor(row_factory=class_row(Kept)) as cursor:
        cursor.execute(
            f"{_KEPT} and (%(at)s::timestamptz is null or (k.requested_at, k.id) < (%(at)s, %(id)s::uuid))"
            " order by k.requested_at desc, k.id desc limit %(limit)s".encode(),
            {"org": uow.org(), "at": after[0] if after else None, "id": after[1] if after else None, "limit": limit},
        )
        return cursor.fetchall()


def count_packs(uow: UnitOfWork) -> int:
    """Count packs."""
    with uow.cursor() as cursor:
        cursor.execute("select count(*) from evidence_pack where org_id = %s", [uow.org()])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def pack(uow: UnitOfWork, pack_id: UUID) -> Kept | None:
    """Read one pack's row."""
    with uow.connection().cursor(row_factory=class_row(Kept)) as cursor:
        cursor.execute(f"{_KEPT} and k.id = %(id)s".encode(), {"org": uow.org(), "id": pack_id})
        return cursor.fetchone()


def hold(uow: UnitOfWork, pack_id: UUID) -> bool:
    """Lock a pack that is still to be made; False when it is made already, or gone."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select 1 from evidence_pack where org_id = %s and id = %s and made_at is null for update",
            [uow.org(), pack_id],
        )
        return cursor.fetchone() is not None


def keep(uow: UnitOfWork, pack_id: UUID, chunks: Iterator[bytes]) -> None:
    """Write a pack's bytes."""
    with uow.cursor() as cursor:
        for number, content in enumerate(chunks, 1):
            cursor.execute(
                "insert into evidence_chunk (org_id, pack_id, number, content) values (%s, %s, %s, %b)",
                [uow.org(), pack_id, number, content],
            )


def chunk(uow: UnitOfWork, pack_id: UUID, number: int) -> bytes | None:
    """Read one piece of a pack."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select content from evidence_chunk where org_id = %s and pack_id = %s and number = %s",
            [uow.org(), pack_id, number],
            binary=True,
        )
        row = cursor.fetchone()
    return bytes(row[0]) if row else None


def remove_before(uow: UnitOfWork, at: datetime) -> list[UUID]:
    """Remove packs that were asked for before an instant, bytes included; answer their ids."""
    with uow.cursor() as cursor:
        cursor.execute(
            "delete from evidence_pack where org_id = %s and coalesce(made_at, requested_at) < %s returning id",
            [uow.org(), at],
        )
        return [row[0] for row in cursor.fetchall()]


def owners(uow: UnitOfWork) -> list[str]:
    """List the addresses of the organisation's active owners."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select u.email from membership m join "user" u on u.id = m.user_id
            where m.org_id = %s and m.role = 'owner' and m.disabled_at is null and u.disabled_at is null
            order by u.email
            """,
            [uow.org()],
        )
        return [row[0] for row in cursor.fetchall()]


def last_mail(uow: UnitOfWork, kind: MailKind) -> datetime | None:
    """Say when a mail of a kind was written last on the organisation's behalf."""
    with uow.cursor() as cursor:
        cursor.execute("select max(created_at) from mail where org_id = %s and kind = %s", [uow.org(), kind.value])
        row = cursor.fetchone()
    return row[0] if row else None
