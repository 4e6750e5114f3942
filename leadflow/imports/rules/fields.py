"""The fields that a column can be mapped to, each with its kind."""

from __future__ import annotations

from leadflow.imports.types import FieldInfo, FieldKind
from models.vocabulary import PartyRole

MOST_PHONES = 15
MOST_EMAILS = 9
OWNERS = 2
CONTACTS = 8
"""People that one row may name besides its owners; the widest known layout has eight."""
CONTACT_PHONES = 3

EXTRA = "extra"
"""Keep the value with the property, under the column's header."""

IGNORE = "ignore"
"""Leave the column in the file."""

_PLAIN = {
    "address": FieldKind.ADDRESS,
    "street_number": FieldKind.ADDRESS,
    "street": FieldKind.ADDRESS,
    "unit": FieldKind.ADDRESS,
    "city_line": FieldKind.ADDRESS,
    "city": FieldKind.ADDRESS,
    "state": FieldKind.ADDRESS,
    "zip": FieldKind.ADDRESS,
    "county": FieldKind.ADDRESS,
    "apn": FieldKind.TEXT,
    "latitude": FieldKind.NUMBER,
    "longitude": FieldKind.NUMBER,
    "care_of": FieldKind.NAME,
    "mailing_address": FieldKind.ADDRESS,
    "mailing_street": FieldKind.ADDRESS,
    "mailing_unit": FieldKind.ADDRESS,
    "mailing_city": FieldKind.ADDRESS,
    "mailing_state": FieldKind.ADDRESS,
    "mailing_zip": FieldKind.ADDRESS,
    "owner_roll": FieldKind.NAME,
    "owner_deceased": FieldKind.FLAG,
    "case_number": FieldKind.TEXT,
    "case_kind": FieldKind.TEXT,
    "estate_real": FieldKind.MONEY,
    "heirs": FieldKind.NAME,
    "dnc": FieldKind.MARK,
    "litigator": FieldKind.MARK,
    "opt_out": FieldKind.MARK,
    "do_not_mail": FieldKind.MARK,
    "property_type": FieldKind.TEXT,
    "bedrooms": FieldKind.NUMBER,
    "bathrooms": FieldKind.NUMBER,
    "building_sqft": FieldKind.NUMBER,
    "lot_sqft": FieldKind.NUMBER,
    "year_built": FieldKind.NUMBER,
    "owner_occupied": FieldKind.FLAG,
    "assessed_value": FieldKind.MONEY,
    "estimated_value": FieldKind.MONEY,
    "estimated_equity": FieldKind.MONEY,
    "loan_balance": FieldKind.MONEY,
    "loan_to_value": FieldKind.RATIO,
    "last_sale_on": FieldKind.DATE,
    "last_sale_amount": FieldKind.MONEY,
    "decedent_died_on": FieldKind.DATE,
    "probate_filed_on": FieldKind.DATE,
    "lists": FieldKind.WORDS,
    "tags": FieldKind.WORDS,
    "notes": FieldKind.TEXT,
    EXTRA: FieldKind.TEXT,
    IGNORE: FieldKind.TEXT,
}

_OWNER = {
    f"owner_{n}_{part}": FieldKind.NAME for n in range(1, OWNERS + 1) for part in ("name", "first_name", "last_name")
}

_PHONE = {
    f"phone_{n}{part}": kind
    for n in range(1, MOST_PHONES + 1)
    for part, kind in (
        ("", FieldKind.PHONE),
        ("_type", FieldKind.TEXT),
        ("_dnc", FieldKind.MARK),
        ("_litigator", FieldKind.MARK),
        ("_opt_out", FieldKind.MARK),
    )
}

_LOOKED_UP = {
    "phone_1_national_dnc": FieldKind.MARK,
    "phone_1_state_dnc": FieldKind.MARK,
    "phone_1_clean": FieldKind.MARK,
}
"""What a list of numbers that were looked up says of each."""

PARTIES: dict[str, PartyRole] = {
    "decedent": PartyRole.DECEDENT,
    "personal_representative": PartyRole.PERSONAL_REPRESENTATIVE,
    "petitioner": PartyRole.PETITIONER,
    "decision_maker": PartyRole.RELATIVE,
    "attorney": PartyRole.ATTORNEY,
    "ward": PartyRole.WARD,
    "fiduciary": PartyRole.FIDUCIARY,
} | {f"contact_{n}": PartyRole.RELATIVE for n in range(1, CONTACTS + 1)}
"""Everybody that a row may name besides its owners, with the role where the row says no other."""

PARTY_PARTS = {
    "name": FieldKind.NAME,
    "first_name": FieldKind.NAME,
    "last_name": FieldKind.NAME,
    "address": FieldKind.ADDRESS,
    "street": FieldKind.ADDRESS,
    "city": FieldKind.ADDRESS,
    "state": FieldKind.ADDRESS,
    "zip": FieldKind.ADDRESS,
    "role": FieldKind.TEXT,
    "phone": FieldKind.PHONE,
    "email": FieldKind.EMAIL,
}

_PARTY = {
    f"{party}_{part}": kind
    for party in PARTIES
    for part, kind in PARTY_PARTS.items()
    if not (party.startswith("contact_") and part in {"phone", "email"})
}
_PARTY_PHONE = {
    f"contact_{n}_phone_{m}{part}": kind
    for n in range(1, CONTACTS + 1)
    for m in range(1, CONTACT_PHONES + 1)
    for part, kind in (
        ("", FieldKind.PHONE),
        ("_type", FieldKind.TEXT),
        ("_dnc", FieldKind.MARK),
        ("_litigator", FieldKind.MARK),
    )
}
_PARTY_EMAIL = {
    f"contact_{n}_email_{m}": FieldKind.EMAIL for n in range(1, CONTACTS + 1) for m in range(1, CONTACT_PHONES + 1)
}

_EMAIL = {f"email_{n}": FieldKind.EMAIL for n in range(1, MOST_EMAILS + 1)}

FIELDS: dict[str, FieldKind] = _PLAIN | _OWNER | _PHONE | _LOOKED_UP | _EMAIL | _PARTY | _PARTY_PHONE | _PARTY_EMAIL
"""Every field by its name; ``extra`` and ``ignore`` may be given to any number of columns."""

REPEATABLE = frozenset({EXTRA, IGNORE, "lists", "tags", "notes"})
"""Fields that several columns may share."""

_LABELS = {
    "address": "Whole address in one cell",
    "street_number": "House number, where the street stands in a column of its own",
    "city_line": "City, state and ZIP code in one cell",
    "owner_roll": "Owners in one cell, family name first",
    "owner_deceased": "Owner has died (yes or no)",
    "case_number": "Court case number",
    "case_kind": "Kind of court case",
    "estate_real": "Real estate in the estate",
    "heirs": "Parties of the estate in one cell",
    "phone_1_national_dnc": "Phone 1: on the national DNC list",
    "phone_1_state_dnc": "Phone 1: on a state's DNC list",
    "phone_1_clean": "Phone 1: looked up and clean",
    "zip": "ZIP code",
    "apn": "Parcel number (APN)",
    "care_of": "Mailing: care of",
    "mailing_address": "Mailing: whole address",
    "mailing_zip": "Mailing ZIP code",
    "dnc": "Do not call (all numbers)",
    "litigator": "Litigator (all numbers)",
    "opt_out": "Opted out (all numbers)",
    "last_sale_on": "Last sale date",
    "decedent_died_on": "Owner's date of death",
    "probate_filed_on": "Probate filing date",
    EXTRA: "Keep as an extra",
    IGNORE: "Leave out",
}


def label(name: str) -> str:
    """Write a field's name for people: ``phone_2_dnc`` is “Phone 2: DNC”."""
    if name in _LABELS:
        return _LABELS[name]
    words = name.split("_")
    party = next((party for party in PARTIES if name.startswith(f"{party}_")), None)
    if party is not None:
        rest = name.removeprefix(f"{party}_").replace("_", " ").replace("dnc", "DNC").replace("zip", "ZIP code")
        title = party.replace("_", " ")
        return f"{title[:1].upper()}{title[1:]}: {rest}"
    if words[0] in {"phone", "email", "owner"} and len(words) > 2:  # noqa: PLR2004 phone, 2, dnc
        rest = " ".join(words[2:])
        return f"{words[0].capitalize()} {words[1]}: {'DNC' if rest == 'dnc' else rest}"
    text = " ".join(words).replace("sqft", "sq ft")
    return text[:1].upper() + text[1:]


def catalogue() -> tuple[FieldInfo, ...]:
    """List every field for the mapping's menu, in a sensible order."""
    return tuple(FieldInfo(name, label(name), kind, name in REPEATABLE) for name, kind in FIELDS.items())
