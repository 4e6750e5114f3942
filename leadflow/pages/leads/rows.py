"""What the drawer and the page of a lead show: strings that are ready to read, a page's worth at most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from leadflow.kernel.money import dollars
from leadflow.kernel.phone import display
from leadflow.leads.card_types import Standing
from leadflow.leads.types import Contactable, LeadDetail, LeadRow, PersonCard, PhoneCard, TaskRow
from leadflow.leads.view_types import FieldRow
from leadflow.properties.types import ZIP
from leadflow.properties.types import Fact as Known
from leadflow.ui.tokens import CONSENT, SUPPRESSION, VERDICT, words
from models.vocabulary import PersonKind, PhoneStatus, TaskState

PHONE_STATUS = {
    PhoneStatus.CORRECT: ("ok", "Correct"),
    PhoneStatus.WRONG: ("bad", "Wrong"),
    PhoneStatus.DEAD: ("bad", "Dead"),
}
KEYED = 9
"""Numbers that are reached by a digit."""

LABELS: tuple[tuple[str, str], ...] = (
    ("estimated_value", "Est. value"),
    ("estimated_equity", "Est. equity"),
    ("loan_balance", "Loan balance"),
    ("loan_to_value", "Loan to value"),
    ("assessed_value", "Assessed"),
    ("last_sale_amount", "Last sale"),
    ("last_sale_on", "Sold on"),
    ("decedent_died_on", "Owner died on"),
    ("probate_filed_on", "Probate filed on"),
    ("property_type", "Type"),
    ("bedrooms", "Bedrooms"),
    ("bathrooms", "Bathrooms"),
    ("building_sqft", "Building"),
    ("lot_sqft", "Lot"),
    ("year_built", "Year built"),
    ("owner_occupied", "Owner occupied"),
    ("apn", "APN"),
    ("county", "County"),
)
"""Fields of a property in the order shown."""
BY_ZIP = "◌ "
"""Stands before what only the ZIP says, as on the map."""
NEVER = "Shown, never contacted"
CARE = "Surviving spouse: with care"
MONEY = frozenset({"estimated_value", "estimated_equity", "loan_balance", "assessed_value", "last_sale_amount"})
AREA = frozenset({"building_sqft", "lot_sqft"})


@dataclass(frozen=True)
class Named:
    """A list or tag."""

    id: str
    name: str


@dataclass(frozen=True)
class Fact:
    """One field of the property and where it came from."""

    label: str
    value: str
    source: str = ""
    place: str = ""
    """Its row in the file."""
    origin: str = ""
    at: str = ""
    href: str = ""
    """The import that brought it."""


@dataclass(frozen=True)
class PhoneView:
    """A number with what is known of it and what the gate says."""

    id: str
    number: str
    e164: str
    line: str
    status: str
    status_tone: str
    verdict_word: str
    tone: str
    verdict: str
    detail: str
    reasons: list[str]
    suppressions: list[str]
    explain: str
    status_word: str = ""
    """As the vocabulary has it."""
    place: str = ""
    """Its digit key; empty where there is none."""
    origin: str = ""
    """File, row and column that it was learnt from."""
    origin_href: str = ""
    consent: str = ""
    consent_tone: str = "mute"
    scrubbed_at: str = ""
    score: str = ""


@dataclass(frozen=True)
class PersonView:
    """Somebody who stands to the property."""

    id: str
    name: str
    roles: list[str]
    note: str
    deceased: bool
    reach: str
    """Postal and e-mail addresses."""
    billing: str
    """State where the person is billed."""
    contact: bool
    """False for whom nobody contacts: there is nothing to press."""
    phones: list[PhoneView]


@dataclass(frozen=True)
class TaskView:
    """A follow-up."""

    id: str
    title: str
    due_at: str
    overdue: bool
    done: bool
    assignee: str
    lead_id: str = ""
    street: str = ""
    owner: str = ""


@dataclass(frozen=True)
class Part:
    """What one fact brings to the score."""

    label: str
    points: int
    of: int
    why: str


@dataclass(frozen=True)
class LeadView:
    """Everything that the drawer shows."""

    id: str = ""
    street: str = ""
    place: str = ""
    status: str = ""
    assignee_id: str = ""
    source: str = ""
    last_touch_at: str = ""
    verdict_word: str = ""
    tone: str = "mute"
    verdict: str = ""
    detail: str = ""
    reason: str = ""
    explain: str = ""
    import_id: str = ""
    died_on: str = ""
    filed_on: str = ""
    spouse_id: str = ""
    relatives: list[list[str]] = field(default_factory=list)
    """Who may be the surviving spouse, or be billed somewhere."""
    people: list[PersonView] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    commonest: Fact = Fact("", "")
    """Where most of them came from."""
    lists: list[Named] = field(default_factory=list)
    tags: list[Named] = field(default_factory=list)
    tasks: list[TaskView] = field(default_factory=list)
    score: int = 0
    parts: list[Part] = field(default_factory=list)
    on_map: str = ""
    in_the_street: str = ""
    """Pictures of the street, elsewhere on the web."""


def lead_view(lead: LeadDetail, shown: LeadView | None = None) -> LeadView:
    """Write a lead for the drawer and its page.

    Numbers stay where ``shown`` has them: a number that is marked wrong stands last for whoever opens the lead next,
    but does not move away under the key of who marks it.
    """
    row, gate = lead.row, lead.row.contactable
    facts, commonest = _told_once(_facts(lead))
    return LeadView(
        id=str(row.id),
        street=" ".join(part for part in (row.street, row.unit) if part) or "Address not known",
        place=" ".join(part for part in (_city(row), row.state, row.zip5) if part),
        status=str(row.status),
        assignee_id=str(row.assignee.id) if row.assignee else "",
        source=row.source,
        last_touch_at=iso(row.last_touch_at),
        verdict_word=gate.verdict,
        tone=_tone(gate),
        verdict=_headline(gate),
        detail=gate.detail if gate.verdict == "later" else "",
        reason=gate.reason or _could(lead),
        explain=_explain(row.phone.number) if row.phone else "",
        import_id=str(lead.property.get("import_id") or ""),
        died_on=iso(lead.property.get("decedent_died_on")),
        filed_on=iso(lead.property.get("probate_filed_on")),
        spouse_id=next((str(person.id) for person in lead.people if person.surviving_spouse), ""),
        relatives=[[str(person.id), person.name] for person in lead.people if person.contact],
        people=_people(lead.people, _places(shown)),
        facts=facts,
        commonest=commonest,
        lists=[Named(str(item.id), item.name) for item in lead.lists],
        tags=[Named(tag, tag) for tag in row.tags],
        tasks=[task_view(task) for task in lead.tasks],
        score=lead.score.points,
        parts=[Part(one.label, one.points, one.of, one.why) for one in lead.score.parts],
        on_map="/map?" + urlencode({"q": row.street}) if row.street else "",
        in_the_street=_street(row),
    )


def _city(row: LeadRow) -> str:
    return f"{BY_ZIP if 'city' in row.from_zip else ''}{row.city}," if row.city else ""


def _street(row: LeadRow) -> str:
    """Link to pictures of the street; only a click goes there, with the address of a house and nothing else."""
    where = ", ".join(part for part in (row.street, row.city, f"{row.state} {row.zip5}".strip()) if part)
    return "https://www.google.com/maps/search/?" + urlencode({"api": 1, "query": where}) if row.street else ""


def own_field(field: FieldRow, value: Any) -> dict[str, Any]:  # noqa: ANN401 by the field's kind
    """Write one of the organisation's own fields with what it holds, for ``lists.LeadFields``."""
    return {
        "id": str(field.id),
        "name": field.name,
        "kind": str(field.kind),
        "options": list(field.options),
        "value": orjson.dumps(value).decode(),
    }


def task_view(task: TaskRow) -> TaskView:
    """Write a task."""
    return TaskView(
        id=str(task.id),
        title=task.title,
        due_at=iso(task.due_at),
        overdue=task.overdue,
        done=task.state is TaskState.DONE,
        assignee=task.assignee.name if task.assignee else "",
        lead_id=str(task.lead_id or ""),
        street=task.street,
        owner=task.owner,
    )


def iso(at: datetime | date | None) -> str:
    """Write an instant or a day for ``client.When``."""
    return at.isoformat() if at else ""


def _could(lead: LeadDetail) -> str:
    phone = lead.row.phone
    return f"A text to {display(phone.number)} could go out now." if phone else "There is no number to text."


def _headline(gate: Contactable) -> str:
    return {"sendable": "Sendable now.", "later": "Later:", "blocked": "Blocked."}.get(gate.verdict, gate.label)


def _tone(gate: Contactable) -> str:
    return next((tone for word, (tone, _) in VERDICT.items() if word == gate.verdict), "mute")


def _explain(number: str) -> str:
    return "" if "*" in number else "/compliance/explain?" + urlencode({"phone": number})


def _places(shown: LeadView | None) -> dict[tuple[str, str], int]:
    """Tell in which place each number of each person stands."""
    people = shown.people if shown else []
    return {(one.id, phone.id): place for one in people for place, phone in enumerate(one.phones)}


def _people(people: Sequence[PersonCard], places: Mapping[tuple[str, str], int]) -> list[PersonView]:
    """Write people; the numbers of those who may be contacted get digits in the order shown."""
    found, place = [], 0
    for person in people:
        phones = []
        for phone in _in_place(person, places):
            place += 1 if person.contact else 0
            phones.append(_phone(phone, str(place) if person.contact and place <= KEYED else ""))
        found.append(_person(person, phones))
    return found


def _in_place(person: PersonCard, places: Mapping[tuple[str, str], int]) -> list[PhoneCard]:
    last = len(person.phones)
    return sorted(person.phones, key=lambda phone: places.get((str(person.id), str(phone.id)), last))


def _person(person: PersonCard, phones: list[PhoneView]) -> PersonView:
    kind = "" if person.kind is PersonKind.INDIVIDUAL else words(person.kind)
    care = CARE if person.surviving_spouse and person.contact else ""
    return PersonView(
        id=str(person.id),
        name=person.name,
        roles=[words(role) for role in person.roles],
        note=" · ".join(part for part in (kind if person.contact else NEVER, care) if part),
        deceased=person.deceased,
        reach=" · ".join(part for part in (person.mailing, _billed(person), *person.emails) if part),
        billing=person.billing_state or "",
        contact=person.contact,
        phones=phones,
    )


def _billed(person: PersonCard) -> str:
    return f"billed in {person.billing_state}" if person.billing_state else ""


def _phone(phone: PhoneCard, place: str) -> PhoneView:
    gate, (status_tone, status) = phone.contactable, PHONE_STATUS.get(phone.status, ("mute", ""))
    tone, consent = _consent(phone.consent)
    return PhoneView(
        id=str(phone.id),
        number=display(phone.number),
        e164=phone.number,
        line=words(phone.line_type),
        status=status,
        status_tone=status_tone,
        verdict_word=gate.verdict,
        tone=_tone(gate),
        verdict=gate.label,
        detail=gate.detail if gate.verdict == "later" else "",
        reasons=[gate.reason] if gate.reason else [],
        suppressions=[f"{_suppression(s.kind)}, by {s.source}, {s.at:%b %-d, %Y}" for s in phone.suppressions],
        explain=_explain(phone.number),
        status_word=str(phone.status),
        place=place,
        origin=phone.came_from,
        origin_href=f"/imports/{phone.import_id}" if phone.import_id else "",
        consent=consent,
        consent_tone=tone,
        scrubbed_at=iso(phone.scrubbed_at),
        score="" if phone.score is None else str(phone.score),
    )


def _consent(found: Standing | None) -> tuple[str, str]:
    if found is None:
        return "mute", "No consent"
    tone, label = CONSENT[found.state]
    return tone, f"{words(found.basis)}: {label.lower()}"


def _suppression(kind: str) -> str:
    return next((label for word, (_, label) in SUPPRESSION.items() if word == kind), words(kind))


def _facts(lead: LeadDetail) -> list[Fact]:
    origin = {fact.field: fact for fact in lead.facts}
    found: list[Fact] = []
    for name, label in LABELS:
        known = origin.get(name)
        text = BY_ZIP + known.value if known and known.source == ZIP else _value(name, lead.property)
        if not text:
            continue
        found.append(
            Fact(
                label,
                text,
                _came_from(known) if known else "",
                f"row {known.row}" if known and known.row else "",
                _origin(known) if known else "",
                iso(known.observed_at) if known else "",
                f"/imports/{known.import_id}" if known and known.import_id else "",
            )
        )
    return found + [
        Fact(str(key), str(value)) for key, value in list(lead.extra.items())[:12] if value not in (None, "")
    ]


def _told_once(facts: list[Fact]) -> tuple[list[Fact], Fact]:
    """Take the commonest origin from the facts, to be told once; the tooltip of each keeps it."""
    origins = Counter((one.source, one.place, one.at, one.href) for one in facts if one.source)
    if not origins:
        return facts, Fact("", "")
    (origin, count), *_ = origins.most_common(1)
    if count == 1:
        return facts, Fact("", "")
    source, place, at, href = origin
    bare = [
        replace(one, source="", place="", at="", href="")
        if (one.source, one.place, one.at, one.href) == origin
        else one
        for one in facts
    ]
    return bare, Fact("", "", source, place, "", at, href)


def _came_from(known: Known) -> str:
    """Name the file, or who said so."""
    return known.filename or ("by its ZIP" if known.source == ZIP else words(known.source) if known.source else "")


def _origin(known: Known) -> str:
    """Write everything that is known of where a fact came from."""
    row = f", row {known.row}" if known.row else ""
    column = f", column “{known.column}”" if known.column else ""
    seen = f", {known.observed_at:%b %-d, %Y}" if known.observed_at else ""
    return f"{_came_from(known)}{row}{column}{seen}"


def _value(name: str, facts: Mapping[str, Any]) -> str:
    value = facts.get(name)
    return "" if value is None or value == "" else _written(name, value)


def _written(name: str, value: Any) -> str:  # noqa: ANN401 a column of the property
    if name in MONEY:
        return dollars(int(value) // 100 * 100)
    if name == "loan_to_value":
        return f"{100 * float(value):.0f} %"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return f"{int(value):,} sqft" if name in AREA else _plain(value)


def _plain(value: Any) -> str:  # noqa: ANN401 a column of the property
    if isinstance(value, date):
        return f"{value:%b %-d, %Y}"
    return f"{value:g}" if isinstance(value, float) else str(value)
