"""Decides whether something that was found is meant, how close it comes, and what to say of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from leadflow.identity.rules import mask_phone, masked, without_numbers
from leadflow.kernel.phone import display
from leadflow.properties.rules.addresses import street_key
from leadflow.search.rules.reading import has
from leadflow.search.types import Hit, LeadFound, Named, PersonFound, PhoneFound, Place, Query, Ranked
from models.vocabulary import PartyRole, Role, SearchKind

EXACT, BEGINS, WORDS, HOLDS = range(4)
_LONG_NUMBER = re.compile(r"(?<!\S)\d{10,15}(?!\S)")
"""A telephone number among the words of a lead."""
_ROLES = {PartyRole.PERSONAL_REPRESENTATIVE: "Personal representative"}


def closeness(value: str, query: Query) -> int | None:
    """Say how close a name comes to what was typed; None where it does not hold all of it."""
    text = value.lower()
    if text == query.text:
        return EXACT
    if text.startswith(query.text):
        return BEGINS
    spaced = f" {text}"
    if all(f" {term}" in spaced for term in query.terms):
        return WORDS
    return HOLDS if has(spaced, ((term,) for term in query.terms)) else None


def lead(found: LeadFound, query: Query, role: Role, numbers: Sequence[tuple[str, int]]) -> Ranked | None:
    """Judge a lead.

    Args:
        found: the lead.
        query: what was typed.
        role: the caller's; who sees masked numbers finds nothing by the digits behind the mask.
        numbers: numbers of its people that were found by their digits, each with how close it comes.
    """
    judged = _why(found, query, role, numbers)
    if judged is None:
        return None
    rank, why = judged
    return Ranked(
        rank,
        Hit(
            SearchKind.LEAD,
            str(found.id),
            " ".join(filter(None, (found.street, found.unit))) or "Address not known",
            " · ".join(filter(None, (_place(found), found.owner))),
            f"/leads?lead={found.id}",
            why,
        ),
    )


def _why(found: LeadFound, query: Query, role: Role, numbers: Sequence[tuple[str, int]]) -> tuple[int, str] | None:
    if numbers:
        e164, rank = min(numbers, key=lambda one: one[1])
        return rank, f"Phone {display(mask_phone(role, e164))}"
    if query.parcel and query.parcel == re.sub(r"[^A-Z0-9]+", "", found.apn.upper()):
        return EXACT, "Parcel number"
    return min(filter(None, (_address(found, query), _owner(found, query))), default=None) or _other(found, query, role)


def _address(found: LeadFound, query: Query) -> tuple[int, str] | None:
    street = found.street.lower()
    whole = f" {street} {found.unit} {found.city} {found.state} {found.zip5}".lower()
    if street and query.street_key and query.street_key == street_key(street):
        return EXACT, "Address"
    if not has(whole, query.forms):
        return None
    if street and f"{query.text} ".startswith(f"{street} "):
        return EXACT, "Address"
    return (BEGINS if street.startswith(query.text) else WORDS), "Address"


def _owner(found: LeadFound, query: Query) -> tuple[int, str] | None:
    rank = closeness(found.owner, query)
    return None if rank is None else (rank, "Owner")


def _other(found: LeadFound, query: Query, role: Role) -> tuple[int, str] | None:
    """Say what else of the lead holds the words: a number, the parcel, somebody else, an own field."""
    plain = _LONG_NUMBER.sub("", found.words)
    if query.parcel and query.text in found.apn.lower():
        return HOLDS, "Parcel number"
    if masked(role):
        return (HOLDS, "A person or a detail") if has(without_numbers(plain), query.forms) else None
    if has(plain, query.forms):
        return HOLDS, "A person or a detail"
    number = next((one for one in _LONG_NUMBER.findall(found.words) if query.digits and query.digits in one), None)
    if number is not None:
        return HOLDS, f"Phone {display(f'+{number}')}"
    return (HOLDS, "Several details") if has(found.words, query.forms) else None


def _place(found: LeadFound) -> str:
    return ", ".join(filter(None, (found.city, " ".join(filter(None, (found.state, found.zip5))))))


def person(found: PersonFound, query: Query) -> Ranked | None:
    """Judge somebody by name."""
    rank = closeness(found.name, query)
    if rank is None:
        return None
    more = f" and {found.leads - 1} more" if found.leads > 1 else ""
    where = ", ".join(filter(None, (found.street, found.city))) or "Address not known"
    return Ranked(
        rank,
        Hit(
            SearchKind.PERSON,
            str(found.id),
            f"{found.name} †" if found.deceased else found.name,
            f"{where}{more}",
            f"/leads?lead={found.lead_id}",
            ", ".join(_ROLES.get(role, role.value.replace("_", " ").capitalize()) for role in found.roles[:2]),
        ),
    )


def phone(found: PhoneFound, role: Role, digits: str, rank: int) -> Ranked:
    """Show a number that was found by its digits, masked for whom it is."""
    return Ranked(
        rank,
        Hit(
            SearchKind.PHONE,
            f"{found.id}.{found.lead_id}",
            display(mask_phone(role, found.e164)),
            " · ".join(filter(None, (found.person, found.street))),
            f"/leads?lead={found.lead_id}",
            "The number" if rank == EXACT else f"Ends in {digits}",
        ),
    )


def named(found: Named, kind: SearchKind, query: Query) -> Ranked:
    """Show a row that was found by its name."""
    about = found.about.replace("_", " ")
    if kind is not SearchKind.TASK and kind is not SearchKind.MEMBER:
        about = about.capitalize()
    if found.at is not None:
        about = " · ".join(filter(None, (about, f"{found.at:%b} {found.at.day}, {found.at.year}")))
    rank = closeness(found.name, query)
    return Ranked(
        HOLDS if rank is None else rank,
        Hit(kind, str(found.id), found.name, about, _HREF[kind](found), _WHY.get(kind, "Name")),
    )


_WHY = {SearchKind.TASK: "Follow-up", SearchKind.IMPORT: "File"}
_HREF: dict[SearchKind, Callable[[Named], str]] = {
    SearchKind.CAMPAIGN: lambda one: f"/campaigns/{one.id}",
    SearchKind.TASK: lambda one: f"/leads?lead={one.lead_id}",
    SearchKind.LIST: lambda one: f"/leads?{urlencode({'list': one.name})}",
    SearchKind.TAG: lambda one: f"/leads?{urlencode({'tag': one.name})}",
    SearchKind.IMPORT: lambda one: f"/imports/{one.id}",
    SearchKind.MEMBER: lambda _: "/settings?part=members",
}


def place(found: Place, kind: SearchKind, query: Query) -> Ranked | None:
    """Judge a place by its title and the other words that lead there."""
    by_title = closeness(found.title, query)
    rank = closeness(f"{found.title} {found.words}", query) if by_title is None else by_title
    if rank is None:
        return None
    why = "Page" if kind is SearchKind.PAGE else "Command"
    return Ranked(rank, Hit(kind, found.path, found.title, "", found.path, why))
