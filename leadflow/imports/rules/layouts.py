"""Which vendor made a file, and which column is which field: by header, never by position.

A layout is data. Headers are facts taken from vendors' public files. A file whose vendor is not known gets its fields
guessed by the headers' names, marked as doubtful, for the user to confirm.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from leadflow.imports.errors import BadMapping
from leadflow.imports.rules import rolls, vendors
from leadflow.imports.rules.fields import EXTRA, FIELDS, IGNORE, MOST_PHONES, REPEATABLE
from leadflow.imports.rules.headers import normalise, table
from leadflow.imports.types import Layout, Recognised
from leadflow.properties.rules.names import family_first

_REPEATED = re.compile(r" \(\d+\)$")
_PROBATE = re.compile(r"decedent|deceased|petitioner|attorney|personalrep|executor|administrator|^pr(?:first|last)name")
_ROLE = (
    r"(?P<pr>pr|executor|executrix|administrator|administratrix|personalrep(?:resentative)?)"
    r"|(?P<petitioner>petitioner|applicant)|(?P<decedent>decedents?|deceased)|(?P<attorney>attorneys?)"
)
_PART = (
    r"(?P<first>firstname|first)|(?P<last>lastname|last)|(?P<whole>fullname|name)|(?P<street>streetaddress|address|street)"
    r"|(?P<city>city)|(?P<state>state)|(?P<zip>zipcode|zip)|(?P<phone>phnumber|phonenumber|phone|ph)"
    r"|(?P<email>emailaddress|emailid|email)"
)
_BY_ROLE = re.compile(rf"(?:{_ROLE})(?:{_PART})?")
_ROLE_LAST = re.compile(r"(firstname|lastname|name)(deceased|decedent)")
_PARTY = {
    "pr": "personal_representative", "petitioner": "petitioner", "decedent": "decedent", "attorney": "attorney",
}  # fmt: skip
_PART_OF = {"first": "first_name", "last": "last_name", "whole": "name"}


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
    guessed = {header: field for header, field in GUESSES.items() if header not in UNROLED} | COURT
    return guessed | UNROLED | {header: field for header in have if (field := party_field(header)) is not None}


def by_samples(mapping: Mapping[str, str | None], samples: Mapping[str, Sequence[str]]) -> dict[str, str | None]:
    """Refine a guess by what stands in the columns: owners may be written family name first."""
    return {
        header: "owner_roll" if field == "owner_1_name" and family_first(samples.get(header, ())) else field
        for header, field in mapping.items()
    }


def party_field(header: str) -> str | None:
    """Read a court's header by its grammar, role and part: ``prfirstname``, ``attorneyphnumber``, ``decedentcity``.

    Args:
        header: normalised.
    """
    if match := _ROLE_LAST.fullmatch(header):
        header = f"decedent{match[1]}"
    match = _BY_ROLE.fullmatch(header)
    if match is None:
        return None
    said = [name for name, value in match.groupdict().items() if value]
    party = _PARTY[said[0]]
    part = _PART_OF.get(said[1], said[1]) if len(said) > 1 else "name"
    field = f"{party}_{part}"
    return field if field in FIELDS else None


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


LAYOUTS: tuple[Layout, ...] = (
    vendors.PROPSTREAM, vendors.PROPSTREAM_CONTACTS, vendors.BATCHLEADS, vendors.DEALMACHINE_PROPERTIES,
    vendors.DEALMACHINE_CONTACTS, vendors.XLEADS, vendors.PROPWIRE, vendors.PROPERTYRADAR, vendors.DATASIFT,
    vendors.TRACERFY, vendors.TRACERFY_DNC, vendors.TITLEPRO, rolls.FLORIDA_NAL, rolls.HARRIS, rolls.DALLAS,
    rolls.COURT_CASES, rolls.CALIFORNIA, rolls.TEXAS_PROBATE,
)  # fmt: skip
"""Known files; adding one is adding a row here."""

GUESSES: dict[str, str] = table(
    {
        "Address": "street",
        "Street": "street",
        "Street Address": "street",
        "Property Address": "street",
        "Prop Address": "street",
        "Property Street": "street",
        "Site Address": "street",
        "Situs Address": "street",
        "Full Address": "address",
        "Property Full Address": "address",
        "Unit": "unit",
        "Unit #": "unit",
        "Apt": "unit",
        "Property Unit": "unit",
        "City/St/Zip": "city_line",
        "City, State, Zip": "city_line",
        "City State Zip": "city_line",
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
        "Ph": "phone_1",
        "Ph #": "phone_1",
        "Ph# 2": "phone_2",
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
        "Last Sale Date": "last_sale_on",
        "Sale Date": "last_sale_on",
        "Last Sale Amount": "last_sale_amount",
        "Last Sale Price": "last_sale_amount",
        "Sale Price": "last_sale_amount",
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

UNROLED: dict[str, str] = {
    "name": "decedent_name", "fullname": "decedent_name", "firstname": "decedent_first_name",
    "lastname": "decedent_last_name",
}  # fmt: skip
"""Names that say of nobody how they stand to the property; court files head the decedent's so."""

COURT: dict[str, str] = table(
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
        "Case Number": "case_number",
        "Case No": "case_number",
        "Estate #": "case_number",
        "Case Type": "case_kind",
        "Respondent Last Name": "ward_last_name",
        "Respondent First Name": "ward_first_name",
        "Heirs": "heirs",
    }
)
"""Days that open a time of mourning, as probate courts and vendors of their lists head them."""
