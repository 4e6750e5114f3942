"""Who of a property gets a letter, and where: one letter an address and household, nobody twice. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from leadflow.letters.types import Address, Addressee, Letter, Tally
from leadflow.properties.rules.addresses import address_key, street_key, unit_key
from models.vocabulary import SuppressionKind

NO_LETTER = (
    SuppressionKind.DO_NOT_MAIL,
    SuppressionKind.INTERNAL_DNC,
    SuppressionKind.LEGAL_THREAT,
    SuppressionKind.DECEASED,
    SuppressionKind.ADMIN,
)
"""What stands against a letter. A STOP and the registries speak of texts and calls; a wish never to be contacted again,
a threat and a death speak of everything. Own caution; no law forbids the letter."""
HEADER = (
    *("names", "street", "unit", "city", "state", "zip", "address_is"),
    *(
        "property_street",
        "property_unit",
        "property_city",
        "property_state",
        "property_zip",
        "not_texted_because",
        "lead_id",
    ),
)

Seen = set[tuple[UUID, str]]
"""People and addresses that have their letter."""


def key_of(address: Address) -> str | None:
    """Name an address so that two ways of writing it are one; None where it cannot be delivered to."""
    return address_key(
        street_key(address.street),
        unit_key(address.unit),
        address.zip5 or None,
        address.city,
        address.state or None,
    )


def letters(people: Sequence[Addressee], closed_addresses: Iterable[str], seen: Seen, tally: Tally) -> list[Letter]:
    """Write the letters of one property.

    Args:
        people: who stands to the property, in the order in which they are named.
        closed_addresses: keys of addresses that want no mail.
        seen: who has a letter already; grows.
        tally: counts who gets none, and why; grows.
    """
    closed = frozenset(closed_addresses)
    households: dict[str, list[tuple[Addressee, Address, str]]] = {}
    for one in people:
        found = _address(one)
        why = _against(one, found, closed)
        if why is not None or found is None:
            tally.leave(why or "no_address")
        elif (one.person_id, found[0]) in seen:
            tally.leave("twice")
        else:
            seen.add((one.person_id, found[0]))
            households.setdefault(found[0], []).append((one, found[1], found[2]))
    tally.letters += len(households)
    return [_letter(household) for household in households.values()]


def _address(one: Addressee) -> tuple[str, Address, str] | None:
    """Choose where to write: where their mail goes, else the property itself."""
    if (key := key_of(one.mailing)) is not None:
        return key, one.mailing, "mailing"
    if one.mailable and (key := key_of(one.home)) is not None:
        return key, one.home, "property"
    return None


def _against(one: Addressee, found: tuple[str, Address, str] | None, closed: frozenset[str]) -> str | None:
    if one.died:
        return "died"
    if one.closed or one.property_key in closed or (found is not None and found[0] in closed):
        return "closed"
    return None


def _letter(household: Sequence[tuple[Addressee, Address, str]]) -> Letter:
    first, to, which = household[0]
    names = tuple(dict.fromkeys(one.name for one, _, _ in household))
    return Letter(names, to, which, first.home, first.reason, first.lead_id)


def cells(letter: Letter) -> list[str]:
    """Write a letter as the cells of a line, in the order of ``HEADER``."""
    return [
        " & ".join(letter.names),
        *letter.to,
        letter.from_record,
        *letter.home,
        letter.reason,
        str(letter.lead_id),
    ]
