"""Reads from what was recorded which field of a lead became what, and where that came from. Pure.

Every change of a lead stands in the ``detail`` of its entry on the timeline:

| detail | what changed |
| --- | --- |
| ``from``, ``to`` of a status | the status |
| ``field``, ``from``, ``to`` | one value, an own field or a number's state |
| ``assignee_id``, ``before`` | whose the lead is |
| ``joined`` or ``left``, with ``id`` | a list or a tag |
| ``changes``: several ``field``, ``from``, ``to`` | all of them; of an import, what own fields took over |
| ``header`` beside a ``field`` | an own field that took over what files had said before |
| ``merge_id`` | what the merge wrote into the record that stays |

What an import replaced stands in ``import_change``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, cast
from uuid import UUID

from leadflow.identity.rules import mask_numbers
from leadflow.kernel.money import dollars
from leadflow.leads.filter_types import CUSTOM
from leadflow.leads.rules.rows import field_words, status_words
from leadflow.leads.types import TimelineEntry
from leadflow.leads.work_types import ChangedBy, FieldChange, MergedRow, RawChange, RawEntry, Spelling
from models.vocabulary import ActivityKind, FieldKind, LeadStatus, Role

LABELS: Mapping[str, str] = {
    "estimated_value": "Est. value",
    "estimated_equity": "Est. equity",
    "loan_balance": "Loan balance",
    "loan_to_value": "Loan to value",
    "assessed_value": "Assessed",
    "last_sale_amount": "Last sale",
    "last_sale_on": "Sold on",
    "decedent_died_on": "Owner died on",
    "probate_filed_on": "Probate filed on",
    "property_type": "Type",
    "bedrooms": "Bedrooms",
    "bathrooms": "Bathrooms",
    "building_sqft": "Building",
    "lot_sqft": "Lot",
    "year_built": "Year built",
    "owner_occupied": "Owner occupied",
    "apn": "APN",
    "county": "County",
    "street": "Street",
    "unit": "Unit",
    "city": "City",
    "state": "State",
    "zip5": "ZIP",
    "latitude": "Latitude",
    "longitude": "Longitude",
    "status": "Status",
    "source": "Source",
    "assignee_id": "Assigned to",
    "name": "Name",
    "mailing_street": "Mailing street",
    "mailing_unit": "Mailing unit",
    "mailing_city": "Mailing city",
    "mailing_state": "Mailing state",
    "mailing_zip5": "Mailing ZIP",
    "billing_state": "Billed in",
    "deceased": "Deceased",
    "deceased_on": "Died on",
    "surviving_spouse_id": "Surviving spouse",
    "place": "Place on the map",
}
"""Columns of a property, a lead and a person as people call them; what is missing here is nobody's concern."""
TURNED = "undone"
"""Marks an entry that takes another one back."""
_MONEY = frozenset({"estimated_value", "estimated_equity", "loan_balance", "assessed_value", "last_sale_amount"})
_MEMBERSHIP = {"tag": "Tag", "list": "List"}


def entry_changes(raw: RawChange, known: Spelling) -> list[FieldChange]:
    """Read what an entry of the timeline changed; nothing for one that changed no field."""
    first = [FieldChange("lead", "Lead", "", "Added")] if raw.kind is ActivityKind.CREATED else []
    return [*first, *_entry_changes(raw, known)]


def _entry_changes(raw: RawChange, known: Spelling) -> list[FieldChange]:
    detail = raw.detail
    if raw.kind is ActivityKind.STATUS and {"from", "to"} <= detail.keys():
        return [FieldChange("status", LABELS["status"], _status(detail["from"]), _status(detail["to"]))]
    if "assignee_id" in detail:
        before, after = (_name(known, detail.get(word)) for word in ("before", "assignee_id"))
        return [FieldChange("assignee", LABELS["assignee_id"], before, after)]
    if found := next((word for word in ("joined", "left") if word in detail), None):
        kind, name = str(detail[found]), _name(known, detail.get("id"))
        before, after = ("", name) if found == "joined" else (name, "")
        return [FieldChange(kind, _MEMBERSHIP.get(kind, kind), before, after)]
    several: Iterable[Mapping[str, Any]] = detail.get("changes") or ([detail] if "field" in detail else [])
    return [_one(one, known) for one in several]


def _one(said: Mapping[str, Any], known: Spelling) -> FieldChange:
    field, before, after = str(said["field"]), said.get("from"), said.get("to")
    if field.startswith(CUSTOM):
        name, kind = known.fields.get(field.removeprefix(CUSTOM), ("A field that is gone", FieldKind.TEXT))
        sides = (
            "" if one in (None, []) else mask_numbers(known.role, field_words(kind, one)) for one in (before, after)
        )
        return FieldChange(field, name, *sides)
    if field.startswith("phone:"):
        return FieldChange(field, f"Number ending {said.get('ending', '')}", str(before or ""), str(after or ""))
    if field == "value":
        field = "estimated_value"
    label = str(said.get("label") or LABELS.get(field, field))
    if field == "surviving_spouse_id":
        return FieldChange(field, label, _name(known, before), _name(known, after))
    return FieldChange(field, label, _written(field, before), _written(field, after))


def import_changes(raw: RawChange, role: Role) -> list[FieldChange]:
    """Read what an import replaced, column by column; numbers in columns without a field as ``role`` may see them."""
    found = [
        FieldChange(name, label, _written(name, raw.before.get(name)), _written(name, raw.after.get(name)))
        for name, label in LABELS.items()
        if name in raw.before or name in raw.after
    ]
    before, after = (_mapping(side.get("extra")) for side in (raw.before, raw.after))
    for name in dict.fromkeys([*before, *after]):
        old, new = (mask_numbers(role, _written("", side.get(name))) for side in (before, after))
        if before.get(name) != after.get(name):
            found.append(FieldChange(f"extra:{name}", str(name), old, new))
    return [one for one in found if one.before != one.after or one.field.startswith("extra:")]


def merge_changes(rows: Sequence[MergedRow], known: Spelling) -> list[FieldChange]:
    """Read what a merge wrote into the record that stays."""
    found: list[FieldChange] = []
    for row in rows:
        for name, label in LABELS.items():
            before, after = row.before.get(name), row.after.get(name)
            if name in row.after and before != after:
                sides = (_name(known, one) if name == "assignee_id" else _written(name, one) for one in (before, after))
                found.append(FieldChange(name, label, *sides))
    return found


def source_of(raw: RawChange) -> tuple[ChangedBy, str, str]:
    """Say what changed it, in a word and for people, and where that is shown."""
    detail = raw.detail
    if raw.import_id is not None:
        row = f", row {raw.row:,}" if raw.row is not None else ""
        taken = " (taken back since)" if raw.undone else ""
        return ChangedBy.IMPORT, f"{raw.filename or 'An import'}{row}{taken}", f"/imports/{raw.import_id}"
    if detail.get(TURNED):
        return ChangedBy.UNDO, "Undone", "/bulk" if detail.get("bulk_edit_id") else ""
    if detail.get("header"):
        return ChangedBy.IMPORT, f"Column “{detail['header']}” of its file", ""
    if detail.get("bulk_edit_id"):
        return ChangedBy.BULK, "A bulk edit", "/bulk"
    if detail.get("merge_id"):
        return ChangedBy.MERGE, "Two records merged", "/duplicates"
    return ChangedBy.EDIT, "By hand" if raw.actor else "By the system", ""


def timeline_entry(raw: RawEntry) -> TimelineEntry:
    """Write an entry of the timeline for people."""
    source, href = _entry_source(raw.detail, raw.filename)
    return TimelineEntry(
        raw.id, raw.at, raw.kind, raw.summary, raw.actor, raw.detail, source, href, raw.pinned, raw.edited
    )


def _entry_source(detail: Mapping[str, Any], filename: str | None) -> tuple[str, str]:
    """Say what wrote an entry of the timeline, for people, and where that is shown; empty for who did it by hand."""
    if detail.get("import_id"):
        return filename or "An import", f"/imports/{detail['import_id']}"
    for name, words, href in _ORIGINS:
        if detail.get(name):
            return words, href.format(detail[name])
    return "", ""


_ORIGINS = (
    ("conversation_id", "Inbox", "/inbox?conversation={}"),
    ("call_id", "Call", ""),
    ("decision_id", "Gate", "/compliance/decisions?decision={}"),
    ("bulk_edit_id", "Bulk edit", "/bulk"),
    ("merge_id", "Duplicates", "/duplicates"),
    ("campaign_id", "Campaign", "/campaigns/{}"),
    ("message_id", "Message", ""),
)
"""Rooms that write on timelines, by what they leave in the detail."""


def ids_in(details: Iterable[Mapping[str, Any]]) -> set[UUID]:
    """Find the ids that changes name members, people, lists and tags by."""
    found: set[UUID] = set()
    for detail in details:
        for said in (detail, *detail.get("changes", ())):
            for name in ("assignee_id", "before", "id", "from", "to"):
                with suppress(ValueError):
                    found.add(UUID(str(said.get(name))))
    return found


def turned(detail: Mapping[str, Any]) -> dict[str, Any]:
    """Write the detail of an entry that takes another one back."""
    back = {TURNED: True}
    if {"from", "to"} <= detail.keys():
        return {**detail, "from": detail["to"], "to": detail["from"], **back}
    if "assignee_id" in detail:
        return {"assignee_id": detail.get("before"), "before": detail["assignee_id"], **back}
    for here, there in (("joined", "left"), ("left", "joined")):
        if here in detail:
            return {there: detail[here], "id": detail["id"], **back}
    return back


def _status(word: object) -> str:
    try:
        return status_words(LeadStatus(str(word)))
    except ValueError:
        return str(word)


def _name(known: Spelling, one: object) -> str:
    return known.names.get(str(one), "Somebody who is gone") if one else ""


def _mapping(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 what a JSON column holds
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _written(field: str, value: Any) -> str:  # noqa: ANN401 a column of a record
    if value is None or value in ("", [], {}):
        return ""
    if field == "status":
        return _status(value)
    if field in _MONEY:
        return dollars(int(value) // 100 * 100)
    if field == "loan_to_value":
        return f"{100 * float(value):.0f} %"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return _plain(value)


def _plain(value: Any) -> str:  # noqa: ANN401 a column of a record
    text = f"{value:g}" if isinstance(value, float) and abs(value) < 1_000_000 else str(value)  # noqa: PLR2004 above, %g rounds
    try:
        return f"{date.fromisoformat(text):%b %-d, %Y}" if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text
    except ValueError:
        return text
