"""When two written addresses are the same place.

The key of an address is its street in postal abbreviations, its unit and its ZIP code. Keys are for comparing;
what a person reads is the text as it was written, with its spaces and its shouting put right.
A table reads the plain case (most rows of most files); ``usaddress`` cuts a one-line address that the table cannot,
and whatever that parser says or raises, no text is lost (usaddress 334, 392, 224).

Source of the abbreviations: USPS Publication 28, appendices B, C1 and C2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import usaddress

SUFFIXES = {
    "ALLEY": "ALY", "AVENUE": "AVE", "AV": "AVE", "AVEN": "AVE", "BEND": "BND", "BOULEVARD": "BLVD", "BOUL": "BLVD",
    "BRANCH": "BR", "BRIDGE": "BRG", "BROOK": "BRK", "BYPASS": "BYP", "CAUSEWAY": "CSWY", "CENTER": "CTR",
    "CENTRE": "CTR", "CIRCLE": "CIR", "CIRC": "CIR", "COURT": "CT", "COURTS": "CTS", "COVE": "CV", "CREEK": "CRK",
    "CRESCENT": "CRES", "CROSSING": "XING", "DRIVE": "DR", "DRIV": "DR", "ESTATE": "EST", "ESTATES": "ESTS",
    "EXPRESSWAY": "EXPY", "EXTENSION": "EXT", "FREEWAY": "FWY", "GARDEN": "GDN", "GARDENS": "GDNS", "GATEWAY": "GTWY",
    "GLEN": "GLN", "GREEN": "GRN", "GROVE": "GRV", "HARBOR": "HBR", "HEIGHTS": "HTS", "HIGHWAY": "HWY", "HILL": "HL",
    "HILLS": "HLS", "HOLLOW": "HOLW", "ISLAND": "IS", "JUNCTION": "JCT", "KNOLL": "KNL", "LAKE": "LK",
    "LANDING": "LNDG",
    "LANE": "LN", "LA": "LN", "MANOR": "MNR", "MEADOW": "MDW", "MEADOWS": "MDWS", "MOUNTAIN": "MTN", "PARKWAY": "PKWY",
    "PARKWY": "PKWY", "PLACE": "PL", "PLAZA": "PLZ", "POINT": "PT", "RIDGE": "RDG", "ROAD": "RD", "ROUTE": "RTE",
    "SHORE": "SHR", "SPRING": "SPG", "SPRINGS": "SPGS", "SQUARE": "SQ", "STATION": "STA", "STREET": "ST", "STR": "ST",
    "SUMMIT": "SMT", "TERRACE": "TER", "TERR": "TER", "TRACE": "TRCE", "TRAIL": "TRL", "TURNPIKE": "TPKE",
    "VALLEY": "VLY", "VIEW": "VW", "VILLAGE": "VLG", "VISTA": "VIS", "WALK": "WALK", "WY": "WAY",
}  # fmt: skip
"""USPS Publication 28, appendix C1: the last word of a street, to its abbreviation."""

DIRECTIONS = {
    "NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W", "NORTHEAST": "NE", "NORTHWEST": "NW", "SOUTHEAST": "SE",
    "SOUTHWEST": "SW", "N": "N", "S": "S", "E": "E", "W": "W", "NE": "NE", "NW": "NW", "SE": "SE", "SW": "SW",
}  # fmt: skip
"""USPS Publication 28, appendix B."""

UNITS = {
    "APT": "", "APARTMENT": "", "UNIT": "", "#": "", "NO": "", "SUITE": "STE", "STE": "STE", "FLOOR": "FL", "FL": "FL",
    "FLR": "FL", "BUILDING": "BLDG", "BLDG": "BLDG", "ROOM": "RM", "RM": "RM", "LOT": "LOT", "TRAILER": "TRLR",
    "TRLR": "TRLR", "SPACE": "SPC", "SPC": "SPC", "PENTHOUSE": "PH", "PH": "PH", "BASEMENT": "BSMT", "BSMT": "BSMT",
    "FRONT": "FRNT", "FRNT": "FRNT", "REAR": "REAR", "UPPER": "UPPR", "UPPR": "UPPR", "LOWER": "LOWR", "LOWR": "LOWR",
}  # fmt: skip
"""USPS Publication 28, appendix C2. Apt, Unit and # mean the same door and vanish from the key."""

_WORDS_IN_NAMES = {
    "SAINT": "ST", "MOUNT": "MT", "FORT": "FT", "HIGHWAY": "HWY", "ROUTE": "RTE", "ROAD": "RD", "FIRST": "1ST",
    "SECOND": "2ND", "THIRD": "3RD", "FOURTH": "4TH", "FIFTH": "5TH", "SIXTH": "6TH", "SEVENTH": "7TH",
    "EIGHTH": "8TH", "NINTH": "9TH", "TENTH": "10TH", "AVENUE": "AVE",
}  # fmt: skip

STATES = frozenset({
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY",
    "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH",
    "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "PR", "VI", "GU",
    "AS", "MP",
})  # fmt: skip
"""USPS two-letter abbreviations of the states, the District and the territories."""

STATE_NAMES = {
    "ALABAMA": "AL", "ALASKA": "AK", "ARIZONA": "AZ", "ARKANSAS": "AR", "CALIFORNIA": "CA", "COLORADO": "CO",
    "CONNECTICUT": "CT", "DELAWARE": "DE", "DISTRICT OF COLUMBIA": "DC", "FLORIDA": "FL", "GEORGIA": "GA",
    "HAWAII": "HI", "IDAHO": "ID", "ILLINOIS": "IL", "INDIANA": "IN", "IOWA": "IA", "KANSAS": "KS", "KENTUCKY": "KY",
    "LOUISIANA": "LA", "MAINE": "ME", "MARYLAND": "MD", "MASSACHUSETTS": "MA", "MICHIGAN": "MI", "MINNESOTA": "MN",
    "MISSISSIPPI": "MS", "MISSOURI": "MO", "MONTANA": "MT", "NEBRASKA": "NE", "NEVADA": "NV", "NEW HAMPSHIRE": "NH",
    "NEW JERSEY": "NJ", "NEW MEXICO": "NM", "NEW YORK": "NY", "NORTH CAROLINA": "NC", "NORTH DAKOTA": "ND",
    "OHIO": "OH", "OKLAHOMA": "OK", "OREGON": "OR", "PENNSYLVANIA": "PA", "RHODE ISLAND": "RI",
    "SOUTH CAROLINA": "SC", "SOUTH DAKOTA": "SD", "TENNESSEE": "TN", "TEXAS": "TX", "UTAH": "UT", "VERMONT": "VT",
    "VIRGINIA": "VA", "WASHINGTON": "WA", "WEST VIRGINIA": "WV", "WISCONSIN": "WI", "WYOMING": "WY",
    "PUERTO RICO": "PR",
}  # fmt: skip

LEADING_ZERO = {
    "CT": "06", "MA": "012", "ME": "034", "NH": "03", "NJ": "078", "RI": "02", "VT": "05", "PR": "0", "VI": "0",
}  # fmt: skip
"""States whose ZIP codes begin with 0, and the second digits that occur there (USPS Publication 65)."""

ZIP_OF_STATE = {
    "AL": "350-369", "AK": "995-999", "AZ": "850-865", "AR": "716-729", "CA": "900-961", "CO": "800-816",
    "CT": "060-069", "DC": "200-205 569", "DE": "197-199", "FL": "320-349", "GA": "300-319 398-399", "HI": "967-968",
    "ID": "832-838", "IL": "600-629", "IN": "460-479", "IA": "500-528", "KS": "660-679", "KY": "400-427",
    "LA": "700-714", "MA": "010-027 055", "MD": "206-219", "ME": "039-049", "MI": "480-499", "MN": "550-567",
    "MO": "630-658", "MS": "386-397", "MT": "590-599", "NC": "270-289", "ND": "580-588", "NE": "680-693",
    "NH": "030-038", "NJ": "070-089", "NM": "870-884", "NV": "889-898", "NY": "005 063 100-149", "OH": "430-459",
    "OK": "730-749", "OR": "970-979", "PA": "150-196", "PR": "006-007 009", "RI": "028-029", "SC": "290-299",
    "SD": "570-577", "TN": "370-385", "TX": "733 750-799 885", "UT": "840-847", "VA": "201 220-246", "VI": "008",
    "VT": "050-059", "WA": "980-994", "WI": "530-549", "WV": "247-268", "WY": "820-831",
}  # fmt: skip
"""First three digits of the ZIP codes of each state (USPS Labeling List L005, in ranges)."""

_NOT_WORD = re.compile(r"[^A-Z0-9#/]+", re.ASCII)
_SILENT = str.maketrans("", "", "'.")
_SPACES = re.compile(r"\s+")
_ZIP_PLUS = re.compile(r"(\d{5})(?:[- ]?(\d{4}))?(?:\.0)?", re.ASCII)
_ANY_ZIP = re.compile(r"\d{3,5}(?:-\d{4})?", re.ASCII)
_SHORT_ZIP = re.compile(r"(\d{3,4})(?:\.0)?", re.ASCII)
_UNIT_IN_STREET = re.compile(
    r"""(?ix) [\s,]+ (
        (?: (?:apartment|apt|unit|suite|ste|building|bldg|room|rm|lot|trailer|trlr|space|spc|penthouse|ph|floor|flr|fl)
            \.? (?: [\s#]* \d[\w-]* | [\s#]+ [a-z] (?:-?\d\w*)? ) \b
          | \d{1,3}(?:st|nd|rd|th) \s+ (?:floor|flr|fl)\b
          | \# \s* [\w-]+ )
        (?: [\s,]+ .* )? ) $""",
)
_MAY_HOLD_UNIT = re.compile(
    r"#|,|APT|APARTM|UNIT|S(?:UI)?TE|B(?:UI)?LD|R(?:OO)?M\b|LOT|TR(?:AI)?LE?R|SPC|SPACE|PENT|PH|FL", re.ASCII
)
_STATE_ZIP = re.compile(r"(?i)[\s,]+([a-z]{2})\.?[\s,]+(\d{5})(?:-?(\d{4}))?(?:[\s,]+USA?)?\s*$", re.ASCII)
_ZIP_STATE = re.compile(r"(?i)[\s,]+(\d{5})(?:-?(\d{4}))?[\s,]+([a-z]{2})\s*$", re.ASCII)
_HOUSE = re.compile(r"[A-Z]{0,2}\d+[A-Z0-9/-]*", re.ASCII)
_PO_BOX = re.compile(r"(?:P\s*O|POST\s+OFFICE)\s*BOX|POB(?=\s+\d)")
_FLOOR = frozenset({"FLOOR", "FLR", "FL"})
_HOUSE_WORDS = frozenset({"ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE", "TEN"})


class Street(NamedTuple):
    """A street line, cut.

    Attributes:
        line: for people; unit taken off, spaces put right.
        unit: for people, or None.
        key: for comparing; upper case, postal abbreviations.
        unit_key: for comparing; empty without a unit.
    """

    line: str
    unit: str | None
    key: str
    unit_key: str


@dataclass(frozen=True, slots=True)
class Zip:
    """A ZIP code, and whether its lost zeros were put back."""

    zip5: str
    zip4: str | None
    restored: bool


@dataclass(frozen=True, slots=True)
class OneLine:
    """An address that stood in one cell, cut into parts; parts that are not there are None."""

    street: str
    unit: str | None
    city: str | None
    state: str | None
    zip: str | None


def tidy(text: str) -> str:
    """Put spaces right; a shouted or mumbled text gets its capitals. Anything else stays as written."""
    text = " ".join(text.split())
    if text.isupper() or text.islower():
        return " ".join(_capital(word) for word in text.split(" "))
    return text


def street_key(line: str) -> str:
    """Write a street line (without unit) in postal abbreviations, upper case; stable when asked again."""
    words = _NOT_WORD.sub(" ", line.upper().replace("'", "").replace(".", "")).split()
    if len(words) < 2:  # noqa: PLR2004 a street needs a number and a name to abbreviate
        return " ".join(words)
    text = " ".join(words)
    if "BOX" in text and _PO_BOX.match(text):
        return _PO_BOX.sub("PO BOX", text)
    start = 1 if _HOUSE.fullmatch(words[0]) or words[0] in _HOUSE_WORDS else 0
    return " ".join(words[:start] + _name_key(words[start:]))


def unit_key(unit: str) -> str:
    """Write a unit for comparing: ``Apt 4``, ``#4`` and ``Unit 4`` are the same door."""
    words = _NOT_WORD.sub(" ", unit.upper().replace("#", " # ")).split()
    out: list[str] = []
    while words:
        word = words.pop(0)
        number = _floor_number(word) if words and words[0] in _FLOOR else None
        if number is not None:
            words.pop(0)
            out += ["FL", number]
        elif short := UNITS.get(word, word):
            out.append(short)
    return " ".join(out)


def cut_street(line: str, unit: str = "") -> Street:
    """Cut a street line from its unit; a unit column, where there is one, is the unit."""
    number, _, name = line.partition(" ")
    if number.isdecimal() and number.isascii() and (known := plain_name(name)) is not None:
        door, door_key = plain_unit(unit) if unit else _NO_UNIT
        return Street(f"{number} {known[0]}", door, f"{number} {known[1]}", door_key)
    if number == "PO" and not unit and name[:4] in _BOX and name[4:].isdecimal() and name.isascii():
        return Street(f"PO Box {name[4:]}", None, f"PO BOX {name[4:]}", "")
    text = _SPACES.sub(" ", line).strip(" ,")
    if not unit and not _MAY_HOLD_UNIT.search(text.upper()):
        return Street(tidy(text), None, street_key(text), "")
    return _cut_unit(text, unit)


_NO_UNIT = (None, "")
_BOX = frozenset({"Box ", "BOX "})


@lru_cache(maxsize=8192)
def plain_name(name: str) -> tuple[str, str] | None:
    """Answer line and key of a street's name behind a plain house number; None where it must be read with the number.

    A street has many houses: asking its name once saves most of the work on a large file.
    """
    text = _SPACES.sub(" ", f"1 {name}").strip(" ,")
    if _MAY_HOLD_UNIT.search(text.upper()) or _UNIT_IN_STREET.search(text):
        return None
    line, key = tidy(text), street_key(text)
    return (line[2:], key[2:]) if line.startswith("1 ") and key.startswith("1 ") else None


@lru_cache(maxsize=4096)
def plain_unit(unit: str) -> tuple[str | None, str]:
    """Answer a unit that stands in a column of its own, for people and for comparing."""
    found = _cut_unit("", unit)
    return found.unit, found.unit_key


def _cut_unit(text: str, unit: str) -> Street:
    inside: str | None = None
    match = _UNIT_IN_STREET.search(text)
    if (
        match is not None
        and match.start() > 0
        and not _PO_BOX.match(_NOT_WORD.sub(" ", text.upper().translate(_SILENT)))
    ):
        text, inside = text[: match.start()], match.group(1)
    parts = [part for part in (inside, unit.strip()) if part]
    if len(parts) == 2 and unit_key(parts[0]) == unit_key(parts[1]):  # noqa: PLR2004 said twice: in the line and in its own column
        parts = parts[1:]
    whole = " ".join(_SPACES.sub(" ", part).replace(",", "").strip() for part in parts) or None
    return Street(tidy(text), tidy(whole) if whole else None, street_key(text), unit_key(whole) if whole else "")


def has_house_number(key: str) -> bool:
    """Say whether a street key begins with a house number other than 0 (0 is a vendor's "none")."""
    first = key.split(" ", 1)[0] if key else ""
    if first in _HOUSE_WORDS or key.startswith("PO BOX "):
        return True
    return any(map(str.isdigit, first)) and first.strip("0") != ""


def read_zip(text: str, state: str) -> Zip | None:
    """Read a ZIP code; lost zeros are put back only where the state's codes begin with one.

    Args:
        text: as written: ``08901``, ``8901``, ``8901.0``, ``44105-2231``.
        state: two letters, or empty when unknown.

    Returns:
        None when it is no ZIP code.
    """
    text = text.strip().removeprefix("=").strip('"')
    match = _ZIP_PLUS.fullmatch(text)
    if match:
        more = match.group(2)
        return Zip(match.group(1), more if more and more != "0000" else None, restored=False)
    short = _SHORT_ZIP.fullmatch(text.split("-", 1)[0])
    if short is None or state not in LEADING_ZERO:
        return None
    padded = short.group(1).zfill(5)
    if not zip_fits(padded, state):
        return None
    rest = text.split("-", 1)[1] if "-" in text else ""
    return Zip(padded, rest if len(rest) == 4 and rest.isdigit() else None, restored=True)  # noqa: PLR2004 ZIP+4


def zip_fits(zip5: str, state: str) -> bool:
    """Say whether a ZIP code can lie in a state; an unknown state fits nothing, an untabled one everything."""
    return _area_fits(zip5[:3], state)


@lru_cache(maxsize=4096)
def _area_fits(area: str, state: str) -> bool:
    ranges = ZIP_OF_STATE.get(state)
    if ranges is None:
        return state in STATES
    return any(part[:3] <= area <= part[-3:] for part in ranges.split())


def read_state(text: str) -> str | None:
    """Read a state as its two letters; None when it is no state."""
    word = _SPACES.sub(" ", text.replace(".", "")).strip().upper()
    return word if word in STATES else STATE_NAMES.get(word)


def read_county(text: str) -> str:
    """Write a county's name without its kind: ``Hampden County`` and ``HAMPDEN CO`` are Hampden."""
    return tidy(re.sub(r"(?i)\s+(?:county|co\.?|parish)$", "", text.strip()))


FLORIDA = (
    "Alachua", "Baker", "Bay", "Bradford", "Brevard", "Broward", "Calhoun", "Charlotte", "Citrus", "Clay", "Collier",
    "Columbia", "Miami-Dade", "DeSoto", "Dixie", "Duval", "Escambia", "Flagler", "Franklin", "Gadsden", "Gilchrist",
    "Glades", "Gulf", "Hamilton", "Hardee", "Hendry", "Hernando", "Highlands", "Hillsborough", "Holmes",
    "Indian River", "Jackson", "Jefferson", "Lafayette", "Lake", "Lee", "Leon", "Levy", "Liberty", "Madison",
    "Manatee", "Marion", "Martin", "Monroe", "Nassau", "Okaloosa", "Okeechobee", "Orange", "Osceola", "Palm Beach",
    "Pasco", "Pinellas", "Polk", "Putnam", "St. Johns", "St. Lucie", "Santa Rosa", "Sarasota", "Seminole", "Sumter",
    "Suwannee", "Taylor", "Union", "Volusia", "Wakulla", "Walton", "Washington",
)  # fmt: skip
"""Florida's counties in the order of their numbers in the tax rolls (Department of Revenue, NAL user's guide)."""

FLORIDA_FIRST = 11


def florida_county(number: str) -> str | None:
    """Name the county that Florida's tax rolls give by its number, 11 to 77; None for anything else."""
    number = number.strip()
    at = int(number) - FLORIDA_FIRST if number.isdecimal() and number.isascii() and len(number) == 2 else -1  # noqa: PLR2004 two digits
    return FLORIDA[at] if 0 <= at < len(FLORIDA) else None


def cut_city_line(text: str) -> tuple[str, str, str]:
    """Cut ``Kansas City, MO 64130`` into city, state and ZIP code; parts that are not there are empty."""
    words = _SPACES.sub(" ", text.replace(",", " ")).strip().split(" ")
    zip_text = words.pop() if words and _ANY_ZIP.fullmatch(words[-1]) else ""
    for size in (1, 2):
        state = read_state(" ".join(words[-size:])) if len(words) > size or (zip_text and len(words) == size) else None
        if state is not None:
            return " ".join(words[:-size]), state, zip_text
    return " ".join(words), "", zip_text


def address_key(street: str, unit: str, zip5: str | None, city: str, state: str | None) -> str | None:
    """Make the key by which two rows are the same place, or None when the place is not known well enough.

    Args:
        street: a street key with a house number.
        unit: a unit key, may be empty.
        zip5: five digits, or None: then city and state must do.
        city: as written.
        state: two letters or None.
    """
    if not has_house_number(street):
        return None
    if zip5:
        return f"{street}|{unit}|{zip5}"
    town = " ".join(_NOT_WORD.sub(" ", city.upper()).split())
    return f"{street}|{unit}|{town} {state}" if town and state else None


def cut_line(text: str) -> OneLine:
    """Cut an address that was written in one cell; nothing is lost and nothing is raised."""
    flat = _SPACES.sub(" ", text).strip(" ,")
    body, state, zip_text = _take_state_and_zip(flat)
    pieces = [piece.strip() for piece in body.split(",") if piece.strip()]
    if len(pieces) > 1:
        street = cut_street(", ".join(pieces[:-1]))
        return OneLine(street.line, street.unit, tidy(pieces[-1]), state, zip_text)
    words = body.split(" ")
    split = _end_of_street(words)
    if split is not None and state is not None:
        street = cut_street(" ".join(words[:split]))
        rest = cut_street("x " + " ".join(words[split:]))
        unit = " ".join(part for part in (street.unit, rest.unit) if part) or None
        return OneLine(street.line, unit, tidy(rest.line[2:]) or None, state, zip_text)
    return _cut_by_library(body, state, zip_text)


def _take_state_and_zip(flat: str) -> tuple[str, str | None, str | None]:
    match = _STATE_ZIP.search(flat)
    if match and match.group(1).upper() in STATES:
        return flat[: match.start()], match.group(1).upper(), "-".join(filter(None, match.groups()[1:]))
    match = _ZIP_STATE.search(flat)
    if match and match.group(3).upper() in STATES:
        return flat[: match.start()], match.group(3).upper(), "-".join(filter(None, match.groups()[:2]))
    return flat, None, None


_KNOWN_SUFFIXES = frozenset(SUFFIXES) | frozenset(SUFFIXES.values())


def _end_of_street(words: list[str]) -> int | None:
    """Find where the street ends and the city begins: after its suffix, a direction that follows, and its unit."""
    for index in range(2, len(words)):
        if words[index].upper().strip(".") not in _KNOWN_SUFFIXES - {"LA", "STA", "EST"}:
            continue
        end = index + 1
        if end < len(words) and words[end].upper() in DIRECTIONS and len(words[end]) <= 2:  # noqa: PLR2004 NW, not Northwest
            end += 1
        while end + 1 < len(words) and words[end].upper().strip(".") in UNITS:
            end += 2
        return end if end < len(words) else None
    return None


def _cut_by_library(body: str, state: str | None, zip_text: str | None) -> OneLine:
    labelled: Any = usaddress.parse(body)  # parse() labels words and never raises on repeats, tag() does
    street: list[str] = []
    unit: list[str] = []
    city: list[str] = []
    for word, label in labelled:
        if label == "PlaceName":
            city.append(word)
        elif label.startswith(("Occupancy", "Subaddress")):
            unit.append(word)
        elif label == "StateName" and state is None and read_state(word.strip(",")):
            state = read_state(word.strip(","))
        elif label == "ZipCode" and zip_text is None:
            zip_text = word.strip(",")
        else:
            street.append(word)
    cut = cut_street(" ".join(street), " ".join(unit))
    return OneLine(cut.line, cut.unit, tidy(" ".join(city).strip(" ,")) or None, state, zip_text)


def _name_key(words: list[str]) -> list[str]:
    """Abbreviate the words of a street's name by their place in it."""
    if not words:
        return words
    end = len(words)
    tail: list[str] = []
    if end > 2 and words[-1] in DIRECTIONS:  # noqa: PLR2004 "AVENUE N" is a name, "MAIN ST N" is not
        tail = [DIRECTIONS[words[-1]]]
        end -= 1
    if end > 1 and words[end - 1] in _KNOWN_SUFFIXES:
        tail = [SUFFIXES.get(words[end - 1], words[end - 1]), *tail]
        end -= 1
    head: list[str] = []
    start = 0
    if end > 1 and words[0] in DIRECTIONS:
        head = [DIRECTIONS[words[0]]]
        start = 1
    return [*head, *(_WORDS_IN_NAMES.get(word, word) for word in words[start:end]), *tail]


def _floor_number(word: str) -> str | None:
    match = re.fullmatch(r"(\d{1,3})(?:ST|ND|RD|TH)", word)
    return match.group(1) if match else None


def _capital(word: str) -> str:
    """Give a word its capitals: Main, 21st, NW, PO, O'Neil."""
    upper = word.upper()
    if upper in {"NE", "NW", "SE", "SW", "PO", "N", "S", "E", "W", "US", "FM", "LLC", "LP", "LLP", "II", "III", "IV"}:
        return upper
    if word[:1].isdigit():
        return word.lower() if word[-2:].lower() in {"st", "nd", "rd", "th"} else upper
    return "-".join("'".join(_part_capital(part) for part in piece.split("'")) for piece in word.split("-"))


def _part_capital(part: str) -> str:
    return part[:1].upper() + part[1:].lower() if len(part) > 1 or part.isalpha() else part
