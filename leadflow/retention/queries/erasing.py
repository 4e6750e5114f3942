"""What goes, table by table. Each statement is one room's rows of the person; their order is that of the keys."""

from __future__ import annotations

import secrets
from typing import Any

from leadflow.kernel.db import UnitOfWork
from leadflow.retention.rules.wording import ERASED, ERASED_NAME
from leadflow.retention.types import Subject

_THEIRS = "(x.person_id = %(person)s or x.e164 = any(%(gone)s))"
_STAND_IN = "coalesce((select s.new from stand_in s where s.old = x.e164), x.e164)"
"""What the number becomes: a stand-in of its own, so that the rows of one conversation still belong together."""

_STEPS: dict[str, str] = {
    # Before their texts, by whose number they are found.
    "short_links": f"""
        delete from short_link where org_id = %(org)s and message_id in (
            select x.id from message x where x.org_id = %(org)s and {_THEIRS})
    """,  # noqa: S608 constants
    "texts": f"""
        update message x set body = '', e164 = {_STAND_IN}, updated_at = now(),
            state = case when state = 'queued' then 'withdrawn' else state end,
            reasons = case when state = 'queued' then array['erased'] else reasons end,
            final_at = case when state = 'queued' then %(now)s else final_at end
        where x.org_id = %(org)s and {_THEIRS}
    """,  # noqa: S608 constants
    "timeline_entries": """
        update activity a set updated_at = now(),
            summary = case when a.kind in ('created', 'imported') then a.summary else %(erased)s end,
            detail = case when a.kind in ('created', 'imported') then a.detail - 'changes' - 'was' else '{}' end
        where a.org_id = %(org)s and (
            (a.lead_id = any(%(lone)s) and (
                a.kind not in ('created', 'imported', 'status')
                or a.kind in ('created', 'imported') and a.detail ?| array['changes', 'was']))
            or (a.lead_id = any(%(leads)s) and a.kind in ('text_in', 'text_out', 'text_failed', 'blocked', 'call') and (
                a.detail ->> 'call_id' in (select k.id::text from phone_call k where k.org_id = %(org)s
                                           and (k.person_id = %(person)s or k.e164 = any(%(gone)s)))
                or a.detail ->> 'conversation_id' in (select c.id::text from conversation c where c.org_id = %(org)s
                                                   and (c.person_id = %(person)s or c.e164 = any(%(gone)s)))
                or a.detail ->> 'message_id' in (select m.id::text from message m where m.org_id = %(org)s
                                                 and m.person_id = %(person)s))))
    """,
    "inbound_texts": f"""
        update inbound_message x set body = '', e164 = {_STAND_IN}, updated_at = now()
        where x.org_id = %(org)s and (x.e164 = any(%(gone)s) or x.conversation_id in (
            select c.id from conversation c where c.org_id = %(org)s and c.person_id = %(person)s))
    """,  # noqa: S608 constants
    "conversations": f"""
        update conversation x set last_snippet = '', unread = 0, e164 = {_STAND_IN}, updated_at = now()
        where x.org_id = %(org)s and {_THEIRS}
    """,  # noqa: S608 constants
    "calls": f"""
        update phone_call x set note = '', e164 = {_STAND_IN}, updated_at = now()
        where x.org_id = %(org)s and {_THEIRS}
    """,  # noqa: S608 constants
    # Names and addresses of many people; each can be made anew.
    "mailing_lists": "delete from letter_export where org_id = %(org)s and made_at is not null",
    "consent_documents": """
        delete from consent_artefact a where a.org_id = %(org)s
          and a.sha256 in (select x.artefact_sha256 from consent x where x.org_id = %(org)s
                           and (x.person_id = %(person)s or x.e164 = any(%(gone)s)))
          and not exists (select 1 from consent o where o.org_id = %(org)s and o.artefact_sha256 = a.sha256
                          and o.person_id is distinct from %(person)s and o.e164 <> all(%(gone)s))
    """,
    "consents": f"""
        update consent x set address = null, updated_at = now(),
            e164 = coalesce((select s.new from stand_in s where s.old = x.e164),
                            999000000000000 + floor(random() * 1000000000000)::bigint),
            purpose = regexp_replace(x.purpose, %(cells)s, %(erased)s, 'gi'),
            source = regexp_replace(x.source, %(cells)s, %(erased)s, 'gi'),
            revoked_at = coalesce(revoked_at, %(now)s)
        where x.org_id = %(org)s and {_THEIRS}
    """,  # noqa: S608 constants
    "suppression_evidence": """
        update suppression set released_why = null, updated_at = now(),
            evidence = jsonb_strip_nulls(jsonb_build_object('cause', evidence -> 'cause', 'via', evidence -> 'via'))
        where org_id = %(org)s and person_id = %(person)s
    """,
    "holds_lifted_earlier": """
        update legal_hold x set e164 = null, updated_at = now()
        where x.org_id = %(org)s and x.e164 = any(%(gone)s) and x.lifted_at is not null
    """,
    # Zips of words and numbers; what they were, with their hashes, stands in the record of acts.
    "evidence_packs": """
        delete from evidence_pack x where x.org_id = %(org)s and (
            x.person_id = %(person)s or x.e164 = any(%(gone)s) or x.campaign_id in (
                select m.campaign_id from message m where m.org_id = %(org)s and m.person_id = %(person)s))
    """,
    "emails": "delete from email_address where org_id = %(org)s and person_id = %(person)s",
    "numbers_taken_off": "delete from person_phone where org_id = %(org)s and person_id = %(person)s",
    "numbers": """
        delete from phone f where f.org_id = %(org)s and f.e164 = any(%(gone)s)
        and not exists (select 1 from person_phone pp where pp.org_id = f.org_id and pp.phone_id = f.id)
    """,
    "property_facts": "delete from property_fact where org_id = %(org)s and property_id = any(%(homes)s)",
    "properties": """
        update property set property_key = 'erased:' || id, parcel_key = null, street = null, unit = null, city = null,
            zip5 = null, zip4 = null, county = null, county_fips = null, apn = null, raw_address = null,
            decedent_died_on = null,
            latitude = null, longitude = null, precision = null, geocoded_at = null, extra = '{}',
            source_digest = null, mailable = false, updated_at = now()
        where org_id = %(org)s and id = any(%(homes)s)
    """,
    "tasks": """
        update task set title = %(erased)s, updated_at = now(), state = 'done', done_at = coalesce(done_at, %(now)s)
        where org_id = %(org)s and lead_id = any(%(lone)s)
    """,
    "leads_closed": """
        update lead set status = 'dead', updated_at = now() where org_id = %(org)s and id = any(%(lone)s)
    """,
    "import_cells": """
        update import_row set raw = null, place = null, updated_at = now()
        where org_id = %(org)s and (raw is not null or place is not null) and (property_id = any(%(homes)s)
            or (import_id = any(%(imports)s) and concat_ws(' ', variadic raw) ~* %(cells)s))
    """,
    "import_files": """
        update import_batch set file_key = 'erased', file_sha256 = 'erased', updated_at = now(),
            dialect = dialect - 'samples'
        where org_id = %(org)s and id = any(%(imports)s) and state in ('done', 'undone', 'failed', 'cancelled')
    """,
    # What a merge keeps to be taken back names people with all that is known of them.
    "merges": """
        delete from merge_change c where c.org_id = %(org)s and c.merge_id in (
            select o.merge_id from merge_change o where o.org_id = %(org)s
            and (position(%(person)s::text in coalesce(o.before::text, '')) > 0
                 or position(%(person)s::text in coalesce(o.after::text, '')) > 0
                 or (o.before ->> 'id')::uuid = any(%(homes)s)))
    """,
    "merged_keys": """
        update merged_record set key = 'erased:' || loser_id, updated_at = now()
        where org_id = %(org)s and (survivor_id = %(person)s or survivor_id = any(%(homes)s)) and key is not null
    """,
    "proposals": """
        delete from duplicate_pair where org_id = %(org)s and %(person)s in (one_id, other_id)
    """,
    "persons": """
        update person set name = %(name)s, person_key = 'erased:' || id, first_name = null, last_name = null,
            raw_name = null, care_of = null, deceased_on = null, mailing_street = null, mailing_unit = null,
            mailing_city = null, mailing_state = null, mailing_zip5 = null, billing_state = null, updated_at = now()
        where org_id = %(org)s and id = %(person)s
    """,
}


def files(uow: UnitOfWork, subject: Subject) -> list[str]:
    """Name the stored files of ended imports that brought the person."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select distinct file_key from import_batch where org_id = %s and id = any(%s) "
            "and state in ('done', 'undone', 'failed', 'cancelled') and file_key <> 'erased'",
            [uow.org(), list(subject.imports)],
        )
        return [row[0] for row in cursor.fetchall()]


def carrier_ids(uow: UnitOfWork, subject: Subject) -> list[str]:
    """Name the carrier's ids of every text to and from the person, before they cannot be told any more."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            select x.carrier_sid from message x where x.org_id = %(org)s and {_THEIRS} and x.carrier_sid is not null
            union
            select i.carrier_sid from inbound_message i join conversation x
                on x.org_id = i.org_id and x.id = i.conversation_id
            where i.org_id = %(org)s and (i.e164 = any(%(gone)s) or x.person_id = %(person)s)
            """.encode(),  # noqa: S608 constants
            {"org": uow.org(), "person": subject.person_id, "gone": _digits(subject)},
        )
        return [row[0] for row in cursor.fetchall()]


def erase(uow: UnitOfWork, subject: Subject, cells: str, now: Any) -> dict[str, int]:  # noqa: ANN401 an instant
    """Empty every row of the person; answers rows by what they were.

    Args:
        uow: the caller's transaction.
        subject: by what the person is known.
        cells: the pattern by which raw cells of an import are recognised.
        now: when.
    """
    gone = _digits(subject)
    given: dict[str, Any] = {
        "org": uow.org(),
        "person": subject.person_id,
        "gone": gone,
        "homes": list(subject.homes),
        "leads": list(subject.leads),
        "lone": list(subject.lone_leads),
        "imports": list(subject.imports),
        "cells": cells,
        "now": now,
        "erased": ERASED,
        "name": ERASED_NAME,
    }
    done: dict[str, int] = {}
    with uow.cursor() as cursor:
        cursor.execute("create temp table if not exists stand_in (old bigint primary key, new bigint) on commit drop")
        cursor.execute("truncate stand_in")
        # ITU-T E.164 gives 999 to nobody: fifteen digits of which twelve are random.
        rows = [(number, 999_000_000_000_000 + secrets.randbelow(1_000_000_000_000)) for number in gone]
        cursor.executemany("insert into stand_in values (%s, %s)", rows)
        for name, statement in _STEPS.items():
            cursor.execute(statement.encode(), given)
            done[name] = cursor.rowcount
    return done


def erase_callbacks(uow: UnitOfWork, sids: list[str], pattern: str | None) -> int:
    """Empty what the carrier reported of these texts, or with the number in it; across organisations by nature."""
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute(
            """
            update webhook_inbox set params = '{}', applied_at = coalesce(applied_at, now()), outcome = 'erased',
                updated_at = now()
            where sid = any(%(sids)s) or (%(pattern)s::text is not null and params::text ~* %(pattern)s)
            """,
            {"sids": sids, "pattern": pattern},
        )
        return cursor.rowcount


def forget_answers(uow: UnitOfWork, pattern: str | None) -> int:
    """Delete kept answers of the API that name the person."""
    if pattern is None:
        return 0
    with uow.cursor() as cursor:
        cursor.execute(
            "delete from idempotency_key where org_id = %s and (convert_from(body, 'UTF8') ~* %s or route ~* %s)",
            [uow.org(), pattern, pattern],
        )
        return cursor.rowcount


def _digits(subject: Subject) -> list[int]:
    return [int(number[1:]) for number in subject.alone]
