"""Which vendor made a file, and which column is which field: by header, never by position.

A layout is data. Headers are facts taken from vendors' public files. A file whose vendor is not known gets its fields
guessed by the headers' names, marked as doubtful, for the user to confirm.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from leadflow.imports.errors import BadMapping
from leadflow.imports.rules.fields import EXTRA, FIELDS, IGNORE, MOST_PHONES, REPEATABLE
from leadflow.imports.types import Layout, Recognised

_REPEATED = re.compile(r" \(\d+\)$")
_PROBATE = re.compile(r"decedent|deceased|petitioner|attorney|personalrep|executor|administrator|^pr(?:first|last)name")
_NOT_WORD = re.compile(r"[^a-z0-9]+", re.ASCII)


def normalise(header: str) -> str:
    """Write a header for comparing: lower case, letters and digits only (``Phone 1: DNC`` → ``phone1dnc``)."""
    return _NOT_WORD.sub("", header.lstrip("\ufeff").lower())


def distinct(headers: Sequence[str]) -> tuple[str, ...]:
    """Give each column a header of its own: a repeated one gets its number (``Phone (2)``), an empty one its place."""
    taken: set[str] = set()
    out: list[str] = []
    for place, raw in enumerate(headers, 1):
        base = " ".join(raw.lstrip("\ufeff").split()) or f"Column {place}"
        name, number = base, 1
        while name.lower() in taken:
            number += 1
            name = f"{base} ({number})"
        taken.add(name.lower())
        out.append(name)
    return tuple(out)


def recognise(headers: Sequence[str]) -> Recognised:
    """Find the layout whose signature is complete and whose headers agree best; else guess field by field.

    Args:
        headers: distinct headers, in the file's order.
    """
    have = {normalise(header) for header in headers}
    scored = [
        (_agreement(layout, have), layout) for layout in LAYOUTS if any(marks <= have for marks in layout.signature)
    ]
    if not scored:
        mapping = _assign(headers, _guesses(have))
        return Recognised(None, 0.0, mapping, frozenset(h for h, f in mapping.items() if f not in {None, EXTRA}))
    confidence, layout = max(scored, key=lambda pair: pair[0])
    return Recognised(layout, round(confidence, 2), _assign(headers, layout.fields))


def _guesses(have: set[str]) -> Mapping[str, str]:
    """Guess by header; in a file of a probate court a name without a role is the decedent's, who is no contact."""
    if not any(_PROBATE.search(header) for header in have):
        return GUESSES
    return {header: field for header, field in GUESSES.items() if header not in UNROLED} | COURT


def remap(
    headers: Sequence[str], mapping: Mapping[str, str | None], wanted: Mapping[str, str | None]
) -> dict[str, str | None]:
    """Change some columns of a mapping by hand; a field that moves leaves its old column.

    Raises:
        BadMapping: no such column, no such field, or one field wanted twice.
    """
    by_key = {normalise(header): header for header in reversed(headers)}
    changed: dict[str, str | None] = {}
    for name, field in wanted.items():
        header = name if name in headers else by_key.get(normalise(name))
        if header is None:
            raise BadMapping(f"The file has no column “{name}”. It has: {', '.join(headers)}.")
        if field is not None and field not in FIELDS:
            raise BadMapping(f"There is no field “{field}”. Fields are: {', '.join(sorted(FIELDS))}.")
        if field is not None and field not in REPEATABLE and field in changed.values():
            raise BadMapping(f"The field “{field}” is given to two columns.")
        changed[header] = None if field == IGNORE else field
    taken = {field for field in changed.values() if field is not None and field not in REPEATABLE}
    kept = {header: None if field in taken else field for header, field in mapping.items()}
    return kept | changed


def layout_named(name: str | None) -> Layout | None:
    """Find a layout by its name."""
    return next((layout for layout in LAYOUTS if layout.name == name), None)


def _agreement(layout: Layout, have: set[str]) -> float:
    """Share of headers on which both agree: twice the common ones by the sum of both sides."""
    expected = set(layout.fields) - layout.optional
    known = have & set(layout.fields)
    return 2 * len(known) / (len(have) + len(expected | known))


def _assign(headers: Sequence[str], fields: Mapping[str, str]) -> dict[str, str | None]:
    """Give each header its field; the first column of a field keeps it, a later one is kept as an extra."""
    mapping: dict[str, str | None] = dict.fromkeys(headers, EXTRA)
    taken: set[str] = set()
    # Repeated headers come last, so that "Phone (2)" never takes the place of a real "Phone 2".
    for header in sorted(headers, key=lambda header: _REPEATED.search(header) is not None):
        field = fields.get(normalise(_REPEATED.sub("", header)), EXTRA)
        if field not in REPEATABLE and field in taken:
            field = _next_free(field, taken)
        taken.add(field)
        mapping[header] = None if field == IGNORE else field
    return mapping


def _next_free(field: str, taken: set[str]) -> str:
    """Move a repeated phone or e-mail column to the next free number; any other column becomes an extra."""
    name, _, number = field.rpartition("_")
    if not number.isdigit():
        return EXTRA
    following = (f"{name}_{n}" for n in range(int(number) + 1, MOST_PHONES + 1))
    return next((field for field in following if field in FIELDS and field not in taken), EXTRA)


def _table(plain: Mapping[str, str], *numbered: tuple[str, str, int]) -> dict[str, str]:
    """Write a layout's columns: plain ones, and numbered ones with ``{n}`` in header and field."""
    out = {normalise(header): field for header, field in plain.items()}
    for header, field, most in numbered:
        out |= {normalise(header.format(n=n)): field.format(n=n) for n in range(1, most + 1)}
    return out


_PROPSTREAM_FACTS = {
    "Property Type": "property_type",
    "Bedrooms": "bedrooms",
    "Total Bathrooms": "bathrooms",
    "Building Sqft": "building_sqft",
    "Lot Size Sqft": "lot_sqft",
    "Effective Year Built": "year_built",
    "Total Assessed Value": "assessed_value",
    "Last Sale Recording Date": "last_sale_on",
    "Last Sale Amount": "last_sale_amount",
    "Est. Remaining balance of Open Loans": "loan_balance",
    "Est. Value": "estimated_value",
    "Est. Loan-to-Value": "loan_to_value",
    "Est. Equity": "estimated_equity",
    "Owner Occupied": "owner_occupied",
    "Litigator": "litigator",
    "Do Not Mail": "do_not_mail",
    "Marketing Lists": "lists",
    "Notes": "notes",
}

PROPSTREAM = Layout(
    name="propstream_property",
    title="PropStream property export",
    signature=(frozenset({"phone1dnc", "methodofadd"}),),
    fields=_table(
        {
            "Address": "street",
            "Unit #": "unit",
            "City": "city",
            "State": "state",
            "Zip": "zip",
            "County": "county",
            "APN": "apn",
            "Mailing Care of Name": "care_of",
            "Mailing Address": "mailing_street",
            "Mailing Unit #": "mailing_unit",
            "Mailing City": "mailing_city",
            "Mailing State": "mailing_state",
            "Mailing Zip": "mailing_zip",
            "Mailing County": IGNORE,
            "Latitude": "latitude",
            "Longitude": "longitude",
            "Skip Traces": EXTRA,
            **_PROPSTREAM_FACTS,
            **dict.fromkeys(
                (
                    "Property Status",
                    "Total Open Loans",
                    "Total Condition",
                    "Interior Condition",
                    "Exterior Condition",
                    "Bathroom Condition",
                    "Kitchen Condition",
                    "Foreclosure Factor",
                    "MLS Status",
                    "MLS Date",
                    "MLS Amount",
                    "Lien Amount",
                    "Date Added to List",
                    "Method of Add",
                ),
                EXTRA,
            ),
        },
        ("Phone {n}", "phone_{n}", 5),
        ("Phone {n} Type", "phone_{n}_type", 5),
        ("Phone {n} DNC", "phone_{n}_dnc", 5),
        ("Email {n}", "email_{n}", 4),
        ("Owner {n} First Name", "owner_{n}_first_name", 2),
        ("Owner {n} Last Name", "owner_{n}_last_name", 2),
    ),
    optional=frozenset({"latitude", "longitude", "skiptraces"}),
)
"""PropStream's property export, columns as of 2026; order uncertain, so never used."""

LAYOUTS: tuple[Layout, ...] = (PROPSTREAM,)
"""Known vendors; adding one is adding a row here."""

GUESSES: dict[str, str] = _table(
    {
        "Address": "street",
        "Street": "street",
        "Street Address": "street",
        "Property Address": "street",
        "Property Street": "street",
        "Site Address": "street",
        "Situs Address": "street",
        "Full Address": "address",
        "Property Full Address": "address",
        "Unit": "unit",
        "Unit #": "unit",
        "Apt": "unit",
        "Property Unit": "unit",
        "City": "city",
        "Property City": "city",
        "State": "state",
        "Property State": "state",
        "Zip": "zip",
        "Zip Code": "zip",
        "Zipcode": "zip",
        "Postal Code": "zip",
        "Property Zip": "zip",
        "Property Zip Code": "zip",
        "Property Zipcode": "zip",
        "County": "county",
        "Property County": "county",
        "APN": "apn",
        "Parcel": "apn",
        "Parcel ID": "apn",
        "Parcel Number": "apn",
        "Owner": "owner_1_name",
        "Owner Name": "owner_1_name",
        "Name": "owner_1_name",
        "Full Name": "owner_1_name",
        "First Name": "owner_1_first_name",
        "Last Name": "owner_1_last_name",
        "Owner First Name": "owner_1_first_name",
        "Owner Last Name": "owner_1_last_name",
        "Mailing Address": "mailing_street",
        "Mailing Street": "mailing_street",
        "Mail Address": "mailing_street",
        "Mailing Unit": "mailing_unit",
        "Mailing City": "mailing_city",
        "Mail City": "mailing_city",
        "Mailing State": "mailing_state",
        "Mail State": "mailing_state",
        "Mailing Zip": "mailing_zip",
        "Mailing Zip Code": "mailing_zip",
        "Mail Zip": "mailing_zip",
        "Phone": "phone_1",
        "Phone Number": "phone_1",
        "Telephone": "phone_1",
        "Cell": "phone_1",
        "Mobile": "phone_1",
        "Phone Type": "phone_1_type",
        "Email": "email_1",
        "E-mail": "email_1",
        "Email Address": "email_1",
        "DNC": "dnc",
        "Do Not Call": "dnc",
        "Litigator": "litigator",
        "Opt-Out": "opt_out",
        "Opted Out": "opt_out",
        "Do Not Mail": "do_not_mail",
        "Property Type": "property_type",
        "Bedrooms": "bedrooms",
        "Beds": "bedrooms",
        "Bathrooms": "bathrooms",
        "Baths": "bathrooms",
        "Square Feet": "building_sqft",
        "Sqft": "building_sqft",
        "Year Built": "year_built",
        "Estimated Value": "estimated_value",
        "Est Value": "estimated_value",
        "Estimated Equity": "estimated_equity",
        "Owner Occupied": "owner_occupied",
        "Latitude": "latitude",
        "Longitude": "longitude",
        "List": "lists",
        "Lists": "lists",
        "Tags": "tags",
        "Notes": "notes",
    },
    ("Phone {n}", "phone_{n}", 9),
    ("Phone {n} Type", "phone_{n}_type", 9),
    ("Phone {n} DNC", "phone_{n}_dnc", 9),
    ("Phone {n} Litigator", "phone_{n}_litigator", 9),
    ("Email {n}", "email_{n}", 9),
    ("Owner {n} First Name", "owner_{n}_first_name", 2),
    ("Owner {n} Last Name", "owner_{n}_last_name", 2),
    ("Owner {n} Name", "owner_{n}_name", 2),
)
"""Headers that people write themselves."""

UNROLED = frozenset({"name", "fullname", "firstname", "lastname"})
"""Names that say of nobody how they stand to the property; court files head the decedent's so."""

COURT: dict[str, str] = _table(
    {
        "Date of Death": "decedent_died_on",
        "Decedent Date of Death": "decedent_died_on",
        "Decedent Died": "decedent_died_on",
        "Date Filed": "probate_filed_on",
        "Filed": "probate_filed_on",
        "Filed On": "probate_filed_on",
        "Filing Date": "probate_filed_on",
        "File Date": "probate_filed_on",
        "Probate Open Date": "probate_filed_on",
    }
)
"""Days that open a time of mourning, as probate courts and vendors of their lists head them."""
