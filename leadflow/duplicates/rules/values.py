"""Whose value stands: what is fuller, else what is newer; and what nobody may choose, because one of it is stricter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from models.vocabulary import DuplicateKind


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that go together: a city of one record and a street of the other would be no address.

    Attributes:
        name: what a caller chooses by.
        label: for people.
        columns: of the record's table.
        fixed: how the stricter of two values is found, where nobody chooses: ``either`` (true stands) or ``later``.
    """

    name: str
    label: str
    columns: tuple[str, ...]
    fixed: str = ""


PERSON = (
    Group("name", "Name", ("name", "first_name", "last_name", "raw_name", "kind")),
    Group("care_of", "Care of", ("care_of",)),
    Group(
        "mailing",
        "Mailing address",
        ("mailing_street", "mailing_unit", "mailing_city", "mailing_state", "mailing_zip5"),
    ),
    Group("billing_state", "Billed in", ("billing_state",)),
    Group("deceased", "Has died", ("deceased",), "either"),
    Group("deceased_on", "Died on", ("deceased_on",), "later"),
)
PROPERTY = (
    Group("address", "Address", ("street", "unit", "city", "state", "zip5", "zip4", "raw_address")),
    Group("parcel", "Parcel", ("apn", "parcel_key", "county", "county_fips")),
    Group("place", "Place on the map", ("latitude", "longitude", "precision", "geocoded_at")),
    Group("property_type", "Type", ("property_type",)),
    Group("bedrooms", "Bedrooms", ("bedrooms",)),
    Group("bathrooms", "Bathrooms", ("bathrooms",)),
    Group("building_sqft", "Building, sq ft", ("building_sqft",)),
    Group("lot_sqft", "Lot, sq ft", ("lot_sqft",)),
    Group("year_built", "Year built", ("year_built",)),
    Group("owner_occupied", "Owner lives there", ("owner_occupied",)),
    Group("assessed_value", "Assessed value", ("assessed_value",)),
    Group("estimated_value", "Estimated value", ("estimated_value",)),
    Group("estimated_equity", "Estimated equity", ("estimated_equity",)),
    Group("loan_balance", "Loan balance", ("loan_balance", "loan_to_value")),
    Group("last_sale", "Last sale", ("last_sale_on", "last_sale_amount")),
    Group("mailable", "Takes mail", ("mailable",), "either"),
    Group("decedent_died_on", "An owner died on", ("decedent_died_on",), "later"),
    Group("probate_filed_on", "Probate filed on", ("probate_filed_on",), "later"),
)
LEAD = (
    Group("status", "Status", ("status",)),
    Group("source", "Source", ("source",)),
    Group("assignee", "Assigned to", ("assignee_id",)),
    Group("last_touch_at", "Last touch", ("last_touch_at",), "later"),
)
GROUPS = {DuplicateKind.PERSON: PERSON, DuplicateKind.PROPERTY: PROPERTY}
MONEY = frozenset({"assessed_value", "estimated_value", "estimated_equity", "loan_balance", "last_sale_amount"})
"""Columns in cents."""
Row = Mapping[str, Any]


def fuller(one: Row, other: Row, groups: tuple[Group, ...]) -> bool:
    """Say whether ``one`` tells at least as much as ``other``."""
    return _filled(one, groups) >= _filled(other, groups)


def _filled(row: Row, groups: tuple[Group, ...]) -> int:
    return sum(row[column] not in (None, "") for group in groups for column in group.columns)


def suggested(group: Group, one: Row, other: Row) -> str:
    """Say whose value stands unless somebody chooses: ``one`` or ``other``."""
    ours, theirs = ([row[column] for column in group.columns] for row in (one, other))
    if group.fixed:
        return "one" if _stricter(group, ours[0], theirs[0]) == ours[0] else "other"
    known = [sum(value not in (None, "") for value in values) for values in (ours, theirs)]
    if group.name == "name":
        known = [len(str(row["name"] or "")) for row in (one, other)]
    if group.name == "status":
        known = [row["status"] != "new" for row in (one, other)]
    if known[0] != known[1]:
        return "one" if known[0] > known[1] else "other"
    gone = [row.get("removed_at") is not None for row in (one, other)]
    if gone[0] != gone[1]:
        # The removal itself made it the newer of the two.
        return "other" if gone[0] else "one"
    return "one" if one["updated_at"] >= other["updated_at"] else "other"


def _stricter(group: Group, one: Any, other: Any) -> Any:  # noqa: ANN401 a column's value
    if group.fixed == "either":
        return bool(one or other)
    known = [value for value in (one, other) if value is not None]
    return max(known) if known else None


def sides(groups: tuple[Group, ...], survivor: Row, loser: Row, choose: Mapping[str, str]) -> dict[str, str]:
    """Say of each group that is anybody's to choose whose value stands: ``survivor`` or ``loser``."""
    return {
        group.name: choose.get(group.name) or ("survivor" if suggested(group, survivor, loser) == "one" else "loser")
        for group in groups
        if not group.fixed
    }


def settled(groups: tuple[Group, ...], survivor: Row, loser: Row, choose: Mapping[str, str]) -> dict[str, Any]:
    """Answer the survivor's columns that change, with their new values.

    Args:
        groups: of the kind.
        survivor: the row that stays.
        loser: the row that goes.
        choose: by group ``survivor`` or ``loser``; what is not named stands as suggested.
    """
    stands = sides(groups, survivor, loser, choose)
    new: dict[str, Any] = {}
    for group in groups:
        if group.fixed:
            new[group.columns[0]] = _stricter(group, survivor[group.columns[0]], loser[group.columns[0]])
        else:
            row = survivor if stands[group.name] == "survivor" else loser
            new |= {column: row[column] for column in group.columns}
    return {column: value for column, value in new.items() if value != survivor[column]}


def shown(group: Group, row: Row) -> str:
    """Write a group's value for people."""
    if group.name == "name":
        return str(row["name"] or "")
    if group.name == "address":
        street = " ".join(filter(None, (row["street"], row["unit"])))
        town = " ".join(filter(None, (row["state"], row["zip5"])))
        return ", ".join(filter(None, (street, row["city"], town)))
    if group.name == "parcel":
        return ", ".join(filter(None, (row["apn"], row["county"])))
    if group.name == "place":
        return "" if row["latitude"] is None else f"{row['latitude']:.5f}, {row['longitude']:.5f}"
    return ", ".join(text for column in group.columns if (text := _text(column, row[column])))


def _text(column: str, value: Any) -> str:  # noqa: ANN401 a column's value
    if value is None or value == "":
        return ""
    if column in MONEY:
        return f"${value // 100:,}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, date) else str(value).replace("_", " ")
