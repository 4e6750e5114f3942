"""What single cells say, remembered: shared by the readers of one row and of many."""

from __future__ import annotations

import re
from functools import lru_cache

from leadflow.imports.rules import cells
from leadflow.imports.rules.cells import NULL, escape
from leadflow.properties.rules import addresses
from models.vocabulary import LineType, PartyRole

LINE_TYPES = {
    "mobile": LineType.MOBILE,
    "cell": LineType.MOBILE,
    "wireless": LineType.MOBILE,
    "cellular": LineType.MOBILE,
    "w": LineType.MOBILE,
    "landline": LineType.LANDLINE,
    "land line": LineType.LANDLINE,
    "residential": LineType.LANDLINE,
    "fixed": LineType.LANDLINE,
    "l": LineType.LANDLINE,
    "voip": LineType.VOIP,
    "fixedvoip": LineType.VOIP,
    "nonfixedvoip": LineType.VOIP,
    "toll free": LineType.TOLL_FREE,
    "tollfree": LineType.TOLL_FREE,
}
"""Vendors' words for a kind of line; any other word is unknown, and unknown is never textable."""

OWNER = PartyRole.OWNER.value
HOLDERS_NAME = "Current owner"
"""Stands for an owner whose name the file does not give, so that the number still belongs to somebody."""
LAND = "0 beds, baths or square feet on land: not recorded"
"""What is said of a row of land whose zeros nobody counted."""
NO_MAIL = "\t".join([NULL] * 5)


UNCOUNTED = frozenset({cells.number, cells.whole})
"""Readers of facts that land has none of, though vendors write 0."""
AGAINST_CONTACT = re.compile(
    r"(?i)\bdnc\b|\bdo\s+not\s+(?:call|text|contact|message)|\bdon'?t\s+(?:call|text|contact|message)"
    r"|\bstop\s+(?:texting|calling|contacting|messaging|sending)|\bopt(?:ed|s)?[\s-]*out\b|\bremove\s+me\b"
    r"|\btake\s+me\s+off\b|\bno\s+more\s+(?:calls|texts|messages)\b|^\W*stop\W*$"
)
"""What people write beside a number or in a note when somebody asked not to be contacted."""
_LAND = re.compile(r"(?i)\bland\b|\bacreage\b|\bvacant\s+lot\b")


@lru_cache(maxsize=1024)
def is_land(kind: str) -> bool:
    """Say whether a kind of property is land without a building."""
    return _LAND.search(kind) is not None


def text_of(value: str | None) -> str:
    """Write a text for COPY, and nothing as nothing."""
    return escape(value) if value else NULL


def zip_of(text: str, state: str) -> tuple[str | None, str | None, str | None]:
    """Answer ZIP code, its four more digits, and what is to be said about it."""
    if len(text) == 5 and text.isdecimal() and text.isascii() and addresses.zip_fits(text, state):  # noqa: PLR2004 a plain ZIP code
        return text, None, None
    return _doubtful_zip(text, state)


@lru_cache(maxsize=4096)
def _doubtful_zip(text: str, state: str) -> tuple[str | None, str | None, str | None]:
    written = text.strip()
    if written.lower() in cells.NOTHING:
        return None, None, None
    found = addresses.read_zip(written, state)
    if found is None:
        return None, None, f'"{written}" is no ZIP code; left empty'
    if found.restored:
        return found.zip5, found.zip4, f"{written.removesuffix('.0')} in {state} padded to {found.zip5}"
    if state and not addresses.zip_fits(found.zip5, state):
        return found.zip5, found.zip4, f"{found.zip5} does not lie in {state}; kept as written"
    return found.zip5, found.zip4, None


city_of = lru_cache(maxsize=8192)(addresses.tidy)
state_of = lru_cache(maxsize=1024)(addresses.read_state)
county_of = lru_cache(maxsize=8192)(addresses.read_county)


@lru_cache(maxsize=256)
def line_type_of(cell: str) -> str:
    """Read a vendor's word for a kind of line."""
    return LINE_TYPES.get(cell.strip().lower(), LineType.UNKNOWN).value


@lru_cache(maxsize=1024)
def type_of_property(cell: str) -> str:
    """Read a kind of property: the vendor's words, spaces put right."""
    return text_of(" ".join(cell.split()))


def why_by_parcel(street_key: str) -> str:
    """Say why a row's place is known by its parcel only."""
    if not street_key:
        return "no street: lead keyed by APN + county, not mailable/mappable"
    if street_key.split(" ", 1)[0].strip("0") == "":
        return "house number 0: lead keyed by APN + county, not mailable/mappable"
    if not addresses.has_house_number(street_key):
        return "no house number: lead keyed by APN + county, not mailable/mappable"
    return "no ZIP code and no city: lead keyed by APN + county, not mailable/mappable"
