"""Builds properties, people and phones."""

from __future__ import annotations

import itertools
from typing import Any, TypeVar
from uuid import UUID

from leadflow.kernel.db import UnitOfWork
from models.properties import EmailAddress, Person, PersonPhone, Phone, Property, PropertyParty
from models.vocabulary import LineType, PartyRole

_numbers = itertools.count(1)
Row = TypeVar("Row")


def a_property(uow: UnitOfWork, **given: Any) -> Property:
    """Write a house in Chicago."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "property_key": f"key {number}",
        "street": f"{number} Cedar St",
        "city": "Chicago",
        "state": "IL",
        "zip5": "60601",
        "apn": f"14-{number:06d}",
        "estimated_value": 20_000_000,
        "estimated_equity": 5_000_000,
    }
    return _written(uow, Property(org_id=uow.org(), **(values | given)))


def a_person(uow: UnitOfWork, **given: Any) -> Person:
    """Write an owner who lives in Illinois."""
    values: dict[str, Any] = {"person_key": f"person {next(_numbers)}", "name": "Ann Oak", "mailing_state": "IL"}
    return _written(uow, Person(org_id=uow.org(), **(values | given)))


def a_phone(uow: UnitOfWork, **given: Any) -> Phone:
    """Write a mobile number of Chicago."""
    values: dict[str, Any] = {"e164": f"+1312{2_000_000 + next(_numbers)}", "line_type": LineType.MOBILE}
    return _written(uow, Phone(org_id=uow.org(), **(values | given)))


def a_party(uow: UnitOfWork, property_id: UUID, person_id: UUID, **given: Any) -> PropertyParty:
    """Write that a person owns a property."""
    values: dict[str, Any] = {"role": PartyRole.OWNER}
    return _written(
        uow, PropertyParty(org_id=uow.org(), property_id=property_id, person_id=person_id, **(values | given))
    )


def a_person_phone(uow: UnitOfWork, person_id: UUID, phone_id: UUID, **given: Any) -> PersonPhone:
    """Write that a person is reached at a number."""
    return _written(uow, PersonPhone(org_id=uow.org(), person_id=person_id, phone_id=phone_id, **given))


def an_email(uow: UnitOfWork, person_id: UUID, **given: Any) -> EmailAddress:
    """Write an e-mail address."""
    values: dict[str, Any] = {"email": f"owner{next(_numbers)}@example.com"}
    return _written(uow, EmailAddress(org_id=uow.org(), person_id=person_id, **(values | given)))


def an_owner(uow: UnitOfWork, house: Property, *, number: str | None = None, **given: Any) -> tuple[Person, Phone]:
    """Write a person who owns a house and is reached at a mobile number."""
    person = a_person(uow, **given)
    a_party(uow, house.id, person.id)
    phone = a_phone(uow, **({"e164": number} if number else {}))
    a_person_phone(uow, person.id, phone.id)
    return person, phone


def _written(uow: UnitOfWork, row: Row) -> Row:
    uow.session.add(row)
    uow.session.flush()
    return row
