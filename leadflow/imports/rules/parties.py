"""Who stands in one row, in which role, and whose the row's numbers are.

The roles are never mixed up: who has died, the ward of a guardian, an attorney and a fiduciary are shown with the
property and never become somebody to contact. A number of the row belongs to the first who may be contacted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from leadflow.imports.rules.cells import flag
from leadflow.imports.rules.columns import Columns, PartyColumns, PhoneColumns, empty
from leadflow.imports.rules.texts import HOLDERS_NAME, NO_MAIL, city_of, state_of, text_of, zip_of
from leadflow.kernel import phone
from leadflow.properties.rules import addresses, names
from leadflow.properties.rules.addresses import Street
from leadflow.properties.rules.names import Name, Owners
from models.vocabulary import PartyRole, PersonKind

NEVER = frozenset({PartyRole.DECEDENT, PartyRole.ATTORNEY, PartyRole.WARD, PartyRole.FIDUCIARY})
"""Roles that are never contacted; the gate holds the same."""

_LAW_OFFICE = re.compile(r"(?i)\blaw\s+(?:offices?|firm|group)\b|\battorneys?\b|\besq\b|\bllp\b|\bp\.?c\.?$")
_GUARDED = re.compile(r"(?i)guardian|conservator")
_SPOUSE = re.compile(r"(?i)\b(?:spouse|husband|wife|widow(?:er)?)\b")
_KIN = re.compile(
    r"(?i)\b(?:spouse|husband|wife|widow(?:er)?|son|daughter|child|children|brother|sister|sibling|nephew|niece"
    r"|grand\w+|father|mother|parent|cousin|aunt|uncle|heir|beneficiary|step\w+)\b"
)
_NO_LAWYER = re.compile(r"(?i)^(?:in\s+pro\s*per|pro\s+se|none)\.?$")
_WORDS_OF_ROLE: tuple[tuple[str, PartyRole], ...] = (
    ("attorney", PartyRole.ATTORNEY), ("executor", PartyRole.PERSONAL_REPRESENTATIVE), ("owner", PartyRole.OWNER),
    ("family", PartyRole.RELATIVE), ("relative", PartyRole.RELATIVE), ("company", PartyRole.RELATIVE),
    ("tenant", PartyRole.TENANT), ("renter", PartyRole.TENANT), ("resident", PartyRole.TENANT),
)  # fmt: skip
_PARTY_OF_ESTATE = re.compile(r"([^;()]+)\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a row.

    Attributes:
        name: read.
        raw: as it stands in the file.
        role: how they stand to the property.
        mail: the mailing columns of the staged line.
        place: where mail reaches them, for their key; empty where the row does not say.
        phones: their own columns of numbers, besides the row's.
        emails: their own columns of e-mail.
        spouse: was married to the decedent.
    """

    name: Name
    raw: str
    role: PartyRole
    mail: str = NO_MAIL
    place: str = ""
    phones: tuple[PhoneColumns, ...] = ()
    emails: tuple[int, ...] = ()
    spouse: bool = False


def members(of: Columns, row: Sequence[str], street: Street, say: Callable[[str], None]) -> list[Member]:
    """Read everybody whom a row names, those first who may be contacted.

    Args:
        of: where what stands.
        row: its cells.
        street: the property's, for a mailing address that says the same.
        say: takes a warning.
    """
    mail, place = mailing(of, row, street)
    owners = [replace(one, mail=mail, place=place) for one in _owners(of, row, say)]
    if not of.parties and "heirs" not in of.at:
        return owners
    guarded = _GUARDED.search(_cell(of, row, "case_kind")) is not None
    others = [one for columns in of.parties for one in _party(of, row, columns, (mail, place), say)]
    if guarded:
        say("guardianship or conservatorship: nobody died, the ward is living and never contacted")
        # Whoever asks to be guardian speaks for somebody who lives, and is no seller.
        others = [
            replace(one, role=PartyRole.FIDUCIARY) if one.role is PartyRole.PETITIONER else one
            for one in others
            if one.role is not PartyRole.DECEDENT
        ]
    found = _settle(of, row, owners, others)
    found += _heirs(of, row, found)
    return [one for one in found if one.role not in NEVER] + [one for one in found if one.role in NEVER]


def holder(found: Sequence[Member]) -> int:
    """Answer the position, from 1, of whose the row's numbers are; 0 where nobody may be contacted."""
    return next((at for at, one in enumerate(found, 1) if one.role not in NEVER), 0)


def unnamed(found: Sequence[Member], mail: str, place: str) -> Member:
    """Make the one whom a row's number reaches though it names nobody; where somebody died, their estate."""
    died = next((one.name for one in found if one.role is PartyRole.DECEDENT), None)
    if died is None:
        name = Name(PersonKind.INDIVIDUAL, HOLDERS_NAME, None, None, names.name_key(HOLDERS_NAME))
    else:
        shown = f"Estate of {died.display}"
        name = Name(PersonKind.ESTATE, shown, None, None, names.name_key(shown))
    return Member(name, name.display, PartyRole.OWNER, mail, place)


def mailing(of: Columns, row: Sequence[str], street: Street) -> tuple[str, str]:
    """Answer the mailing columns and the key of the place; empty where the file gives none."""
    whole = of.at.get("mailing_address", -1)
    if whole >= 0 and row[whole].strip():
        return _mail_line(row[whole])
    i_street, i_unit, i_city, i_state, i_zip = of.mailing
    if i_street < 0 or not (written := row[i_street]):
        return NO_MAIL, ""
    unit = row[i_unit] if i_unit >= 0 else ""
    if not unit and written == street.line:
        found = Street(street.line, None, street.key, "")
    else:
        found = addresses.cut_street(written, unit)
    return _mail(
        found,
        row[i_city] if i_city >= 0 else "",
        row[i_state] if i_state >= 0 else "",
        row[i_zip] if i_zip >= 0 else "",
    )


def _mail(street: Street, city: str, state: str, zip_text: str) -> tuple[str, str]:
    town, code = city_of(city), state_of(state) or ""
    zip5 = zip_of(zip_text, code)[0] or ""
    line = "\t".join(map(text_of, (street.line, street.unit, town, code, zip5)))
    return line, f"{street.key}|{street.unit_key}|{zip5 or town.upper()}"


def _mail_line(written: str) -> tuple[str, str]:
    cut = addresses.cut_line(written)
    return _mail(addresses.cut_street(cut.street, cut.unit or ""), cut.city or "", cut.state or "", cut.zip or "")


def _owners(of: Columns, row: Sequence[str], say: Callable[[str], None]) -> list[Member]:
    found: list[Member] = []
    roll = of.at.get("owner_roll", -1)
    if roll >= 0 and not empty(row[roll]):
        found += _of_cell(names.read_roll(row[roll]), row[roll], say)
    for columns in of.owners:
        whole, first, last = (row[index] if index >= 0 else "" for index in columns)
        if first[:1] == "=" or last[:1] == "=" or whole[:1] == "=":
            say('text begins with "=": stored as text, guarded on export')
        if first or last:
            found += _in_two(first, last, say)
        elif whole:
            found += _of_cell(names.read_owners(whole), whole, say)
    return found


def _in_two(first: str, last: str, say: Callable[[str], None]) -> list[Member]:
    name = names.read_parts(first, last)
    if name is None:
        return []
    raw = f"{first} {last}".strip()
    if name.kind is PersonKind.ESTATE:
        return _of_cell(names.read_owners(raw), raw, say)
    return [Member(name, raw, PartyRole.OWNER)]


def _of_cell(owners: Owners, raw: str, say: Callable[[str], None]) -> list[Member]:
    if owners.remark:
        say(owners.remark)
    found = [Member(name, raw, PartyRole.OWNER) for name in owners.names]
    if owners.decedent is not None:
        say("owner is an estate: the person named is deceased and never contacted")
        found.append(Member(owners.decedent, raw, PartyRole.DECEDENT))
    return found


def _party(
    of: Columns, row: Sequence[str], columns: PartyColumns, home: tuple[str, str], say: Callable[[str], None]
) -> Iterable[Member]:
    whole, first, last = (row[index] if index >= 0 and not empty(row[index]) else "" for index in columns.names)
    raw = " ".join(f"{first} {last}".split()) or whole.strip()
    if not raw or (columns.role is PartyRole.ATTORNEY and _NO_LAWYER.match(raw)):
        return
    read = names.read_decedent if columns.role is PartyRole.DECEDENT else names.read_whole
    name = names.read_parts(first, last) if first or last else read(names.without_alias(whole))
    if name is None:
        return
    role, spouse = _role(of, row, columns, raw)
    if role is PartyRole.ATTORNEY and columns.role is not PartyRole.ATTORNEY:
        say(f"{columns.party.replace('_', ' ')} is a law office: kept as attorney, not contacted")
    mail, place = _address(row, columns) or (home if columns.role is not PartyRole.ATTORNEY else (NO_MAIL, ""))
    phones = () if role in NEVER or _is_lawyers(of, row, columns, say) else columns.phones
    yield Member(name, raw, role, mail, place, phones, () if role in NEVER else columns.emails, spouse)


def _role(of: Columns, row: Sequence[str], columns: PartyColumns, raw: str) -> tuple[PartyRole, bool]:
    """Answer the role of a party, and whether they were married to the decedent."""
    if columns.role in NEVER:
        return columns.role, False
    if _LAW_OFFICE.search(raw):
        return PartyRole.ATTORNEY, False
    word = row[columns.role_word].lower() if columns.role_word >= 0 else ""
    spouse = "decedent_name" in of.at and _SPOUSE.search(word) is not None
    if columns.party == "decision_maker" and _KIN.search(word):
        return PartyRole.HEIR, spouse
    if not columns.party.startswith("contact_"):
        return columns.role, spouse
    return next((role for text, role in _WORDS_OF_ROLE if text in word), columns.role), spouse


def _address(row: Sequence[str], columns: PartyColumns) -> tuple[str, str] | None:
    if columns.address >= 0:
        return None if empty(row[columns.address]) else _mail_line(row[columns.address])
    i_street, i_city, i_state, i_zip = columns.mailing
    if i_street < 0 or empty(row[i_street]):
        return None
    city, state, zip_text = (row[index] if index >= 0 else "" for index in (i_city, i_state, i_zip))
    return _mail(addresses.cut_street(row[i_street]), city, state, zip_text)


def _is_lawyers(of: Columns, row: Sequence[str], columns: PartyColumns, say: Callable[[str], None]) -> bool:
    """Say whether a party's number is the attorney's: then it is not theirs."""
    lawyer = of.at.get("attorney_phone", -1)
    if lawyer < 0 or empty(row[lawyer]):
        return False
    theirs = phone.read(row[lawyer]).e164
    for column in columns.phones:
        if theirs is not None and phone.read(row[column.number]).e164 == theirs:
            say(f"{column.header} is the attorney's number: not stored for the {columns.party.replace('_', ' ')}")
            return True
    return False


def _settle(of: Columns, row: Sequence[str], owners: list[Member], others: list[Member]) -> list[Member]:
    """Bring owners and others together: an owner who has died is the decedent, one person is named once a role."""
    dead = {one.name.key for one in others if one.role is PartyRole.DECEDENT}
    died = flag(_cell(of, row, "owner_deceased")) == "t"
    found: list[Member] = []
    for one in owners:
        gone = one.name.kind is PersonKind.INDIVIDUAL and one.role is PartyRole.OWNER
        # Where several own and nobody is named, the first owner is the one who died.
        gone = gone and (one.name.key in dead or (died and not dead and not found))
        found.append(replace(one, role=PartyRole.DECEDENT) if gone else one)
    for one in others:
        at = next((at for at, known in enumerate(found) if known.name.key == one.name.key), None)
        if at is not None and found[at].role == one.role:
            found[at] = replace(
                found[at], phones=found[at].phones + one.phones, emails=found[at].emails + one.emails,
                spouse=found[at].spouse or one.spouse,
            )  # fmt: skip
        else:
            # The same person in a second role is one person: their place must be the same.
            found.append(replace(one, mail=found[at].mail, place=found[at].place) if at is not None else one)
    return found


def _heirs(of: Columns, row: Sequence[str], found: Sequence[Member]) -> list[Member]:
    """Read the parties of an estate that stand in one cell: ``Ada Oak (heir); Oak LLC (creditor)``."""
    cell = _cell(of, row, "heirs")
    known = {one.name.key for one in found}
    out: list[Member] = []
    for written, role in _PARTY_OF_ESTATE.findall(cell):
        name = names.read_whole(written.strip())
        if name is not None and name.key not in known and re.search(r"(?i)heir|beneficiar|devisee|legatee", role):
            known.add(name.key)
            out.append(Member(name, written.strip(), PartyRole.HEIR))
    return out


def _cell(of: Columns, row: Sequence[str], name: str) -> str:
    index = of.at.get(name, -1)
    return (row[index] if index >= 0 else "") or of.fixed.get(name, "")
