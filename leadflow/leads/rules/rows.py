"""Decides how leads are shown: the gate's word as a column, instants by the recipient's clock, cursors. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from leadflow.compliance.rules.gate import sentence
from leadflow.compliance.rules.places import located
from leadflow.compliance.types import Decision
from leadflow.identity.rules import mask_numbers, mask_phone
from leadflow.kernel.errors import Invalid
from leadflow.kernel.money import dollars, to_cents
from leadflow.leads.card_types import Line, Party, Proof, Score, Suppressed
from leadflow.leads.rules.score import WEIGHTS, ScoreFacts, score
from leadflow.leads.types import Contactable, Flat, LeadRow, Named, PersonCard, PhoneCard, PhoneCell, clean
from leadflow.leads.view_types import FieldRow, Stored
from leadflow.leads.work_types import Card
from models.vocabulary import FieldKind, LeadStatus, LineType, PartyRole, PersonKind, PhoneStatus, Role, Verdict

NO_PHONE = "no_phone"
"""The one reason that is not the gate's: there is nothing to ask it about."""
LABELS = {Verdict.SENDABLE: "Sendable", Verdict.LATER: "Later", Verdict.BLOCKED: "Blocked"}
CLOSED = (LeadStatus.WON, LeadStatus.DEAD)
"""Nobody works on these any more."""
JOINED = {"tag": "Tagged", "list": "Put on the list"}
LEFT = {"tag": "Tag taken away:", "list": "Taken off the list"}
NOTE_LENGTH, TITLE_LENGTH, NAME_LENGTH = 4_000, 200, 80
_NEVER = frozenset({PartyRole.DECEDENT, PartyRole.ATTORNEY, PartyRole.WARD, PartyRole.FIDUCIARY})
_TODAY, _WEEK = timedelta(hours=20), timedelta(days=6)
_LARGEST = 2**62


def contactable(decision: Decision | None, number: str | None, zip5: str, state: str, now: datetime) -> Contactable:
    """Word the gate's decision for a column.

    Args:
        decision: None where there is no number to ask about.
        number: E.164, for the clock of "later".
        zip5: the property's ZIP; empty when unknown.
        state: the property's state; empty when unknown.
        now: the instant of the decision.
    """
    if decision is None:
        return Contactable("blocked", "No phone", "", "There is no number to text.", (NO_PHONE,))
    reason = _first_upper(sentence(decision.reasons[0])) if decision.reasons else ""
    detail = ""
    if decision.later_at is not None:
        detail = by_their_clock(decision.later_at, _zone(number, zip5, state), now)
    return Contactable(
        decision.verdict.value, LABELS[decision.verdict], detail, reason, decision.reasons, decision.later_at
    )


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _zone(number: str | None, zip5: str, state: str) -> str:
    """Name the zone to tell the hour in: where the property is, else where the number is from."""
    found = located(number, zip5 or None, state or None, None)
    by_source = {place.source: place.place.zone for place in reversed(found)}
    return by_source.get("property") or by_source.get("area_code") or "America/New_York"


def by_their_clock(at: datetime, zone: str, now: datetime) -> str:
    """Write an instant by a zone's clock: ``9:00 AM CT``; with the day where it is farther off.

    ``CT`` covers standard and daylight time, as people say it; a zone without daylight time keeps its own name (MST).
    """
    local = at.astimezone(ZoneInfo(zone))
    text = f"{local.hour % 12 or 12}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'} {_zone_name(local, zone)}"  # noqa: PLR2004 noon
    if at - now < _TODAY:
        return text
    return f"{local:%a} {text}" if at - now < _WEEK else f"{local:%b} {local.day}, {text}"


def _zone_name(local: datetime, zone: str) -> str:
    clock = ZoneInfo(zone)
    winter, summer = (datetime(local.year, month, 1, tzinfo=clock) for month in (1, 7))
    name = local.strftime("%Z")
    if winter.utcoffset() != summer.utcoffset() and name[-2:] in {"ST", "DT"}:
        return name[:-2] + "T"
    return name


def lead_row(
    flat: Flat,
    decision: Decision | None,
    role: Role,
    now: datetime,
    fields: Mapping[str, Any] | None = None,
) -> LeadRow:
    """Make a row of the list; ``fields`` is what the own fields hold."""
    gate = contactable(decision, None if flat.best_phone is None else f"+{flat.best_phone}", flat.zip5, flat.state, now)
    number = None if flat.best_phone is None else f"+{flat.best_phone}"
    line = LineType(flat.best_line_type) if flat.best_line_type else None
    return LeadRow(
        id=flat.lead_id,
        street=flat.street,
        unit=flat.unit,
        city=flat.city,
        state=flat.state,
        zip5=flat.zip5,
        county=flat.county,
        from_zip=tuple(flat.from_zip),
        owner=flat.owner,
        owner_kind=PersonKind(flat.owner_kind) if flat.owner_kind else None,
        owner_count=flat.owner_count,
        status=LeadStatus(flat.status),
        source=flat.source,
        assignee=Named(flat.assignee_id, flat.assignee_name or "") if flat.assignee_id else None,
        stack=flat.stack,
        lists=tuple(sorted(map(Named, flat.list_ids, flat.list_names), key=lambda named: named.name)),
        tags=tuple(flat.tag_names),
        estimated_value=flat.estimated_value,
        estimated_equity=flat.estimated_equity,
        equity_percent=flat.equity_percent,
        property_type=flat.property_type,
        bedrooms=flat.bedrooms,
        bathrooms=flat.bathrooms,
        building_sqft=flat.building_sqft,
        year_built=flat.year_built,
        phone=PhoneCell(mask_phone(role, number), line) if number else None,
        phone_count=flat.phone_count,
        contactable=gate,
        last_touch_at=flat.last_touch_at,
        next_task=flat.next_task,
        next_task_at=flat.next_task_at,
        added_at=flat.added_at,
        quadkey=flat.quadkey,
        score=flat.score,
        fields=mask_numbers(role, fields or {}),
    )


def lead_score(
    flat: Flat, rest: tuple[date | None, bool, bool], now: datetime, weights: Mapping[str, int] = WEIGHTS
) -> Score:
    """Tell how promising a lead is, and why.

    Args:
        flat: its flat row.
        rest: when the property was last sold, whether an estate is known, whether no mark stands against the number.
        now: the instant; years of ownership are counted to its day.
        weights: what the score goes by.
    """
    sold_on, probate, free = rest
    facts = ScoreFacts(
        equity_percent=flat.equity_percent,
        stack=flat.stack,
        owner_occupied=flat.owner_occupied,
        sold_on=sold_on,
        probate=probate,
        line=LineType(flat.best_line_type) if flat.best_line_type else None,
        status=PhoneStatus(flat.best_phone_status) if flat.best_phone_status else None,
        contactable=free,
    )
    return score(facts, now.date(), weights)


def person_card(party: Party, phones: Sequence[PhoneCard]) -> PersonCard:
    """Make the card of a person."""
    roles = tuple(PartyRole(role) for role in party.roles)
    return PersonCard(
        id=party.id,
        name=party.name,
        kind=PersonKind(party.kind),
        roles=roles,
        position=party.position,
        surviving_spouse=party.surviving_spouse,
        deceased=party.deceased or PartyRole.DECEDENT in roles,
        contact=not party.deceased and _NEVER.isdisjoint(roles),
        mailing=party.mailing,
        billing_state=party.billing_state,
        phones=tuple(phones),
        emails=tuple(party.emails),
    )


def phone_card(
    line: Line,
    flat: Flat,
    decision: Decision,
    against: Sequence[tuple[int | None, UUID | None, Suppressed]],
    role: Role,
    now: datetime,
    proof: Proof,
) -> PhoneCard:
    """Make the line of a person's number."""
    number = f"+{line.e164}"
    return PhoneCard(
        id=line.phone_id,
        number=mask_phone(role, number),
        line_type=LineType(line.line_type),
        carrier=line.carrier,
        status=PhoneStatus(line.status),
        score=line.score,
        rank=line.rank,
        note=line.note,
        best=(line.person_id, line.phone_id) == (flat.best_person_id, flat.best_phone_id),
        came_from=_came_from(line),
        suppressions=tuple(
            suppressed
            for e164, person_id, suppressed in against
            if e164 == line.e164 or (e164 is None and person_id == line.person_id)
        ),
        contactable=contactable(decision, number, flat.zip5, flat.state, now),
        import_id=line.import_id,
        consent=proof.consent,
        scrubbed_at=proof.scrubbed_at,
    )


def _came_from(line: Line) -> str:
    if line.filename is None:
        return ""
    row = f", row {line.row_number}" if line.row_number is not None else ""
    return f"{line.filename}{row}" + (f", column {line.column}" if line.column else "")


def mark_id(value: Any) -> UUID:  # noqa: ANN401 a cursor holds anything
    """Check an id that came back in a cursor.

    Raises:
        Invalid: it is none.
    """
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError) as error:
        raise Invalid("This page marker is damaged. Reload the list.", "after") from error


def mark_value(value: Any, kind: str) -> Any:  # noqa: ANN401 a cursor holds any sort value
    """Check a sort value that came back in a cursor.

    Raises:
        Invalid: it is not of the column's type; somebody made the cursor up.
    """
    try:
        if kind == "timestamptz":
            at = datetime.fromisoformat(value)
            if at.tzinfo is not None:
                return at
        elif kind == "text" and isinstance(value, str) and clean(value) == value:
            return value
        elif kind in {"int", "bigint", "float8"} and isinstance(value, int | float) and abs(value) < _LARGEST:
            return float(value) if kind == "float8" else int(value)
    except (TypeError, ValueError):
        pass
    raise Invalid("This page marker is damaged. Reload the list.", "after")


def written(text: str, field: str, longest: int) -> str:
    """Check what a person typed: something, and not too much.

    Raises:
        Invalid: empty or too long.
    """
    tidy = str(clean(text)).strip()
    if not tidy:
        raise Invalid("Write something first.", field)
    if len(tidy) > longest:
        raise Invalid(f"That is longer than {longest:,} characters.", field)
    return tidy


SLOW, STALE = timedelta(days=14), timedelta(days=30)
"""A lead that has stood in a status so long is marked on the board. Own choice: two weeks without a step is slow."""


def board_card(row: LeadRow, since: datetime, now: datetime) -> Card:
    """Make a card of the board."""
    stood = max(now - since, timedelta(0))
    age = "stale" if stood >= STALE else "slow" if stood >= SLOW else "fresh"
    return Card(row, since, stood.days, "fresh" if row.status in CLOSED else age)


EXPORTED = (
    *("address", "unit", "city", "state", "zip", "county", "owner", "owner_kind", "status", "assignee"),
    *("lists", "tags", "source", "estimated_value", "estimated_equity", "equity_percent", "score"),
    *("best_phone", "line_type", "phones", "contactable_now", "why_not", "last_touch", "next_task", "next_task_due"),
    *("added", "lead_id", "exported_by"),
)
"""Columns of a file that is taken away."""


def exported(row: LeadRow, mark: str) -> list[str]:
    """Write a lead as the cells of ``EXPORTED``; instants in UTC, money in dollars.

    What only the ZIP says stays out: a file that comes in again would make a fact of it.
    """
    return [
        *(row.street, row.unit, _said(row, "city"), row.state, row.zip5, _said(row, "county")),
        *(row.owner, row.owner_kind or ""),
        *(row.status.value, row.assignee.name if row.assignee else ""),
        *("; ".join(named.name for named in row.lists), "; ".join(row.tags), row.source),
        *(_dollars(row.estimated_value), _dollars(row.estimated_equity)),
        *("" if row.equity_percent is None else f"{row.equity_percent:g}", str(row.score)),
        *(row.phone.number if row.phone else "", (row.phone.line_type or "") if row.phone else ""),
        *(str(row.phone_count), row.contactable.label, row.contactable.reason),
        *(_utc(row.last_touch_at), row.next_task or "", _utc(row.next_task_at)),
        *(_utc(row.added_at), str(row.id), mark),
    ]


def _said(row: LeadRow, field: str) -> str:
    return "" if field in row.from_zip else str(getattr(row, field))


def _dollars(cents: int | None) -> str:
    return "" if cents is None else f"{cents / 100:.2f}"


def _utc(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat(timespec="seconds")


def status_words(status: LeadStatus) -> str:
    """Write a status for people."""
    return status.value.replace("_", " ").capitalize()


# The organisation's own fields

SEARCHED_KINDS = frozenset({FieldKind.TEXT, FieldKind.LINK, FieldKind.SELECT, FieldKind.MULTI_SELECT})
"""Kinds whose words the search of the list finds."""
VALUE_LENGTH = 500
"""Characters of one value; an index entry holds no more than 2,700 bytes."""
_YES, _NO = frozenset({"yes", "y", "true", "t", "1", "x"}), frozenset({"no", "n", "false", "f", "0"})
_DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%b %d, %Y")
"""As people and vendors of the United States write a day."""


def read_field(field: FieldRow, value: Any) -> list[Stored]:  # noqa: ANN401 whatever JSON holds
    """Check what a person gives a field; nothing at all where it is emptied.

    Raises:
        Invalid: it does not read as the field's kind.
    """
    if value in (None, "", []):
        return []
    if field.kind is FieldKind.MULTI_SELECT:
        if not isinstance(value, str | list):
            raise Invalid("Choose among the words of the field.", "value")
        words = [value] if isinstance(value, str) else [str(word) for word in cast("list[object]", value)]
        return [_stored(field, word) for word in dict.fromkeys(words)]
    if field.kind is FieldKind.MONEY and isinstance(value, int) and not isinstance(value, bool):
        return [Stored(number=_figure(value))]
    text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
    if not isinstance(text, str | int | float):
        raise Invalid("That cannot stand in this field.", "value")
    return [_stored(field, str(text))]


def read_imported(field: FieldRow, text: str) -> list[Stored]:
    """Read what a file says for a field; nothing where it does not read as the field's kind."""
    parts = re.split(r"[;,|]", text) if field.kind is FieldKind.MULTI_SELECT else [text]
    found: dict[Stored, None] = {}
    for part in parts:
        try:
            if part.strip():
                found[_stored(field, part)] = None
        except Invalid:
            continue
    return list(found)


def _stored(field: FieldRow, given: str) -> Stored:
    text = str(clean(given)).strip()
    if len(text) > VALUE_LENGTH:
        raise Invalid(f"That is longer than {VALUE_LENGTH} characters.", "value")
    return _STORING[field.kind](field, text)


def _store_text(field: FieldRow, text: str) -> Stored:
    del field
    return Stored(text=text)


def _store_number(field: FieldRow, text: str) -> Stored:
    plain = text.replace(",", "").replace("$", "").replace("%", "").strip()
    try:
        amount = Decimal(plain)
    except InvalidOperation as error:
        raise Invalid("Write a number, as 1,200.5.", "value") from error
    if not amount.is_finite() or abs(amount) > 2**53:
        raise Invalid("That number is too large.", "value")
    return Stored(number=_figure(float(to_cents(amount) if field.kind is FieldKind.MONEY else amount)))


def _figure(number: float) -> float:
    if not math.isfinite(number) or abs(number) > 2**53:
        raise Invalid("That number is too large.", "value")
    return float(number)


def _store_day(field: FieldRow, text: str) -> Stored:
    del field
    for form in _DAYS:
        with suppress(ValueError):
            return Stored(day=datetime.strptime(text, form).date())  # noqa: DTZ007 a day has no zone
    raise Invalid("That is not a day. Write it as 2026-11-30.", "value")


def _store_flag(field: FieldRow, text: str) -> Stored:
    del field
    if text.lower() in _YES | _NO:
        return Stored(number=1.0 if text.lower() in _YES else 0.0)
    raise Invalid("Say yes or no.", "value")


def _store_word(field: FieldRow, text: str) -> Stored:
    for word in field.options:
        if word.lower() == text.lower():
            return Stored(text=word)
    raise Invalid(f"Choose one of {', '.join(field.options)}.", "value")


def _store_link(field: FieldRow, text: str) -> Stored:
    del field
    if not re.match(r"https?://[^\s/]+", text, re.IGNORECASE):
        raise Invalid("Write a web address that begins with https://.", "value")
    return Stored(text=text)


_STORING: Mapping[FieldKind, Callable[[FieldRow, str], Stored]] = {
    FieldKind.TEXT: _store_text,
    FieldKind.NUMBER: _store_number,
    FieldKind.MONEY: _store_number,
    FieldKind.DATE: _store_day,
    FieldKind.YES_NO: _store_flag,
    FieldKind.SELECT: _store_word,
    FieldKind.MULTI_SELECT: _store_word,
    FieldKind.LINK: _store_link,
}


def field_words(kind: FieldKind, value: Any) -> str:  # noqa: ANN401 what a field holds
    """Write what a field holds for the timeline."""
    if value is None or value == []:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if kind is FieldKind.MONEY:
        return dollars(int(value))
    if isinstance(value, list):
        return ", ".join(str(word) for word in cast("list[object]", value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def share(ids: Sequence[UUID], members: Sequence[UUID], begin: int) -> dict[UUID, list[UUID]]:
    """Deal leads out evenly among members; answers the leads of each. ``begin``: how many were dealt before."""
    dealt: dict[UUID, list[UUID]] = {member: [] for member in members}
    for place, lead_id in enumerate(sorted(ids)):
        dealt[members[(begin + place) % len(members)]].append(lead_id)
    return dealt
