"""Use cases of properties: take sets of them in, tell one number's state, show one property's card.

The set-wise steps of an import are the functions of ``leadflow.properties.queries.writing``, given out here under the
names that the import calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.area import POLE
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from leadflow.properties.queries import card as cards
from leadflow.properties.queries import undoing, writing
from leadflow.properties.rules.addresses import STATES
from leadflow.properties.types import Card, Fact, Loss
from models.vocabulary import LineType, Permission, PhoneStatus, Precision

upsert_phones = writing.phones
upsert_people = writing.people
upsert_properties = writing.properties
keep_facts = writing.keep_facts
join_phones = writing.person_phones
join_emails = writing.emails
join_parties = writing.parties
restore = undoing.restore
remove_made = undoing.remove


def phone_status(uow: UnitOfWork, e164: str, status: PhoneStatus) -> int:
    """Note what the team or the carrier found out about a number.

    Returns:
        How many rows changed: 0 when it was known, or the number is nobody's.
    """
    return writing.phone_status(uow, e164, status)


def line_type(uow: UnitOfWork, e164: str, kind: LineType) -> int:
    """Note what kind of line a number turned out to be, by the carrier's word.

    Returns:
        How many rows changed.
    """
    return writing.line_type(uow, e164, kind)


def note_loss(uow: UnitOfWork, actor: Principal, property_id: UUID, loss: Loss) -> None:
    """Note what opens a time of mourning at a property; what is None stays. Who noted what is kept for good.

    A day can be put right, never taken back: a family is not texted because somebody emptied a field.

    Raises:
        Invalid: a day lies ahead, or the spouse is nobody of this property.
    """
    require(actor, Permission.LEAD_WRITE)
    # West of here it may still be yesterday, and nowhere in the United States is it tomorrow already.
    today = uow.now().date()
    for field in ("died_on", "filed_on"):
        day = getattr(loss, field)
        if day is not None and day > today:
            raise Invalid("This day has not come yet. Enter the day as the record has it.", field)
    if not writing.loss(uow, property_id, loss):
        raise Invalid("The surviving spouse is a person of this property.", "surviving_spouse_id")
    detail = {name: str(value) for name, value in asdict(loss).items() if value is not None}
    audit.record(uow, actor.user_id, "property.loss_noted", "property", property_id, detail)


def note_billing(uow: UnitOfWork, actor: Principal, property_id: UUID, person_id: UUID, state: str | None) -> None:
    """Note in which state a person of a property is billed; None takes it back. The hours there bind as well.

    Args:
        uow: the caller's transaction.
        actor: who knows it.
        property_id: the property.
        person_id: somebody of it.
        state: two letters.

    Raises:
        Invalid: no such state or territory.
        NotFound: the person is nobody of this property.
    """
    require(actor, Permission.LEAD_WRITE)
    code = state.strip().upper() if state else None
    if code and code not in STATES:
        raise Invalid("Write the state with its two letters, as NY.", "billing_state")
    if not writing.billing(uow, property_id, person_id, code or None):
        raise NotFound
    audit.record(uow, actor.user_id, "person.billing_noted", "person", person_id, {"state": code or ""})


LARGEST_VALUE = 10**13
"""A hundred billion dollars, in cents: above it somebody has mistyped."""


def note_value(uow: UnitOfWork, actor: Principal, property_id: UUID, cents: int | None) -> bool:
    """Note what somebody of the team holds a property to be worth.

    Args:
        uow: the caller's transaction.
        actor: who says so.
        property_id: the property.
        cents: the estimate; None takes it back.

    Returns:
        Whether that is another value than before.

    Raises:
        Invalid: no house is worth that.
    """
    require(actor, Permission.LEAD_WRITE)
    if cents is not None and not 0 <= cents <= LARGEST_VALUE:
        raise Invalid("Write an amount between $0 and $100 billion.", "value")
    return writing.value(uow, property_id, cents, uow.now())


def pin(uow: UnitOfWork, actor: Principal, property_id: UUID, latitude: float, longitude: float) -> None:
    """Put a property where somebody knows it to be. No file and no geocoder moves it from there.

    Raises:
        Invalid: the place is not on the map.
    """
    require(actor, Permission.LEAD_WRITE)
    if not (abs(latitude) <= POLE and abs(longitude) <= 180):  # noqa: PLR2004 degrees
        raise Invalid("This place is not on the map.", "latitude")
    stood = writing.pin(uow, property_id, round(latitude, 6), round(longitude, 6))
    known = _before(uow, property_id) if stood.endswith(Precision.PIN) else stood
    audit.record(uow, actor.user_id, "property.pinned", "property", property_id, {"before": known} if known else {})


def unpin(uow: UnitOfWork, actor: Principal, property_id: UUID) -> None:
    """Take away where somebody had put a property by hand; it stands where it was known to be before.

    Raises:
        Conflict: nobody has.
    """
    require(actor, Permission.LEAD_WRITE)
    if not writing.unpin(uow, property_id, _before(uow, property_id)):
        raise Conflict("Nobody has put this property there by hand.")
    audit.record(uow, actor.user_id, "property.unpinned", "property", property_id, {})


def _before(uow: UnitOfWork, property_id: UUID) -> str:
    """Say where a property stood before it was pinned, as ``writing.pin`` answers; empty where nobody knew."""
    last = audit.latest(uow, "property.pinned", "property", property_id)
    return last.detail.get("before", "") if last else ""


def place(uow: UnitOfWork, asked: Sequence[UUID], found: Sequence[tuple[UUID, float, float, Precision]]) -> list[UUID]:
    """Note what a geocoder answered; a place that is known better stays.

    Args:
        uow: the caller's transaction.
        asked: properties that it answered about, whether it knew them or not.
        found: of these, where it says they are.

    Returns:
        The properties that stand somewhere else now.
    """
    return writing.place(uow, asked, found)


def facts(uow: UnitOfWork, property_id: UUID) -> tuple[Fact, ...]:
    """Tell of each known fact of a property which file, row and column it came from, and its day."""
    return cards.facts(uow, property_id)


def card(uow: UnitOfWork, property_id: UUID) -> Card:
    """Show a property: facts with their origin, people with their roles, numbers with theirs.

    Raises:
        NotFound: no such property in this organisation.
    """
    found = cards.card(uow, property_id)
    if found is None:
        raise NotFound
    return found
