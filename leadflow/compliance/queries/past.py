"""Reads records as they stood at an instant: each relation here stands where the record's own table stands for now.

A record stood as it stands if it was there and nothing that changed it came later; else as its earlier state says that
held at the instant (``earlier_state``, kept by triggers). Every relation reads the instant from ``%(at)s``.
"""

from __future__ import annotations

from datetime import datetime

from leadflow.kernel.db import UnitOfWork

_UNCHANGED = """x.created_at <= %(at)s and not exists (
            select 1 from earlier_state e where e.org_id = x.org_id and e.source = '{source}'
            and e.became = {key} and e.valid_to > %(at)s)"""
_HELD = "e.source = '{source}' and e.valid_from <= %(at)s and e.valid_to > %(at)s"


def _relation(source: str, key: str, now: str, then: str, joined: str = "") -> str:
    unchanged, held = _UNCHANGED.format(source=source, key=key), _HELD.format(source=source)
    return f"""(
        select x.org_id, {now} from {source} x where {unchanged}
        union all
        select e.org_id, {then} from earlier_state e {joined} where {held})"""  # noqa: S608 constants of this file


_ID = "x.id::text"

NOW = {
    name: name
    for name in (
        *("phone", "person", "property", "lead", "property_party", "person_phone", "sender_number", "campaign"),
        *("budget", "message"),
    )
}
"""The records as they stand."""

THEN = {
    "phone": _relation(
        "phone",
        _ID,
        "x.id, x.e164, x.line_type, x.status",
        "e.subject_id as id, x.e164, e.state ->> 'line_type', e.state ->> 'status'",
        # The number itself is not kept of what was deleted.
        "left join phone x on x.org_id = e.org_id and x.id = e.subject_id",
    ),
    "person": _relation(
        "person",
        _ID,
        "x.id, x.kind, x.deceased, x.deceased_on, x.mailing_state",
        "e.subject_id, e.state ->> 'kind', (e.state ->> 'deceased')::boolean, (e.state ->> 'deceased_on')::date,"
        " e.state ->> 'mailing_state'",
    ),
    "property": _relation(
        "property",
        _ID,
        "x.id, x.state, x.zip5, x.decedent_died_on, x.probate_filed_on",
        "e.subject_id, e.state ->> 'state', e.state ->> 'zip5', (e.state ->> 'decedent_died_on')::date,"
        " (e.state ->> 'probate_filed_on')::date",
    ),
    "lead": _relation(
        "lead",
        _ID,
        "x.id, x.property_id, x.status",
        "e.subject_id, (e.state ->> 'property_id')::uuid, e.state ->> 'status'",
    ),
    "property_party": _relation(
        "property_party",
        "x.person_id || ':' || x.property_id || ':' || x.role",
        "x.person_id, x.property_id, x.role, x.surviving_spouse",
        "e.subject_id, (e.state ->> 'property_id')::uuid, e.state ->> 'role',"
        " coalesce((e.state ->> 'surviving_spouse')::boolean, false)",
    ),
    "person_phone": _relation(
        "person_phone",
        "x.person_id || ':' || x.phone_id",
        "x.phone_id, x.person_id, x.rank",
        "e.subject_id, (e.state ->> 'person_id')::uuid, (e.state ->> 'rank')::int",
    ),
    "sender_number": _relation(
        "sender_number",
        _ID,
        "x.id, x.registration, x.disabled_at",
        "e.subject_id, e.state ->> 'registration', (e.state ->> 'disabled_at')::timestamptz",
    ),
    "campaign": _relation(
        "campaign",
        _ID,
        "x.id, x.state, x.basis, x.sender_number_id, x.window_start, x.window_end, x.weekdays, x.send_before",
        "e.subject_id, e.state ->> 'state', e.state ->> 'basis', (e.state ->> 'sender_number_id')::uuid,"
        " (e.state ->> 'window_start')::time, (e.state ->> 'window_end')::time, e.state -> 'weekdays',"
        " (e.state ->> 'send_before')::timestamptz",
    ),
    "budget": _relation(
        "budget",
        _ID,
        "x.subject, x.subject_id, x.period_start, x.cap, x.reserved, x.spent",
        "e.state ->> 'subject', (e.state ->> 'subject_id')::uuid, (e.state ->> 'period_start')::date,"
        " (e.state ->> 'cap')::bigint, (e.state ->> 'reserved')::bigint, (e.state ->> 'spent')::bigint",
    ),
    "message": _relation(
        "message",
        _ID,
        "x.id, x.e164, x.person_id, x.lead_id, x.campaign_id, x.step, x.purpose, x.state, x.submitted_at",
        "x.id, x.e164, x.person_id, x.lead_id, x.campaign_id, x.step, x.purpose, e.state ->> 'state',"
        " (e.state ->> 'submitted_at')::timestamptz",
        "join message x on x.org_id = e.org_id and x.id = e.subject_id",
    ),
}
"""The records as they stood. Of a budget only whether anything was left is kept, not how much."""


def kept_since(uow: UnitOfWork) -> datetime:
    """Tell since when the organisation's records are kept by date: since it was made, or since LeadFlow kept them."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select coalesce(
                (select e.valid_to from earlier_state e
                 where e.org_id = %(org)s and e.source = 'organization' and e.subject_id = %(org)s),
                (select created_at from organization where id = %(org)s), clock_now())
            """,
            {"org": uow.org()},
        )
        row = cursor.fetchone()
    if row is None:
        msg = "a select without a table answers one row"
        raise RuntimeError(msg)
    since: datetime = row[0]
    return since
