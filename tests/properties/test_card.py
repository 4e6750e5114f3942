"""One property's card: every value with where it came from, people in their order, numbers with theirs."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest

from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import NotFound
from leadflow.properties import service as properties
from models.identity import Organization
from models.imports import ImportBatch, ImportRow
from models.properties import PropertyFact
from models.vocabulary import ImportState, LineType, PartyRole, PhoneStatus, RowVerdict
from tests.factories.properties import a_party, a_person, a_person_phone, a_phone, a_property, an_email


@pytest.fixture
def batch(uow: UnitOfWork) -> ImportBatch:
    """Write a committed import that is true of the first of June."""
    made = ImportBatch(
        org_id=uow.org(),
        filename="june.csv",
        file_key="0",
        file_sha256="0",
        state=ImportState.DONE,
        mapping={"Est. Value": "estimated_value", "Beds": "bedrooms"},
        options={"as_of": "2026-06-01"},
    )
    uow.session.add(made)
    uow.session.flush()
    return made


def test_each_fact_names_the_file_row_and_column_it_came_from(uow: UnitOfWork, batch: ImportBatch) -> None:
    house = a_property(uow, bedrooms=3.0, year_built=1961, import_id=batch.id, extra={"Pool": "Yes"})
    for number, same_as in ((4, None), (9, 4)):
        uow.session.add(
            ImportRow(
                org_id=uow.org(),
                import_id=batch.id,
                row_number=number,
                verdict=RowVerdict.NEW,
                same_as_row=same_as,
                property_id=house.id,
            )
        )
    seen = PropertyFact(
        org_id=uow.org(), property_id=house.id, field="year_built", value="1961", source="county", observed_at=uow.now()
    )
    uow.session.add(seen)
    uow.session.flush()
    card = properties.card(uow, house.id)
    facts = {fact.field: fact for fact in card.facts}
    assert (card.street, card.extra, card.mailable) == (house.street, {"Pool": "Yes"}, True)
    beds = facts["bedrooms"]
    assert (beds.value, beds.source, beds.filename, beds.row, beds.column) == ("3.0", "import", "june.csv", 4, "Beds")
    assert beds.observed_at is not None
    assert beds.observed_at.date() == date(2026, 6, 1)
    assert (facts["year_built"].source, facts["year_built"].filename) == ("county", None)
    assert facts["estimated_value"].column == "Est. Value"
    assert "bathrooms" not in facts
    assert properties.facts(uow, house.id) == card.facts


def test_people_stand_in_the_owners_order_with_their_numbers_by_rank(uow: UnitOfWork, batch: ImportBatch) -> None:
    house = a_property(uow)
    second = a_person(uow, name="Bea Elm")
    first = a_person(
        uow, name="Ann Oak", care_of="Cy Ash", mailing_street="5 Low Rd", mailing_unit="Apt 2", mailing_city="Joliet",
        mailing_zip5="60431",
    )  # fmt: skip
    a_party(uow, house.id, second.id, position=2)
    a_party(uow, house.id, first.id)
    a_party(uow, house.id, first.id, role=PartyRole.TENANT)
    home = a_phone(uow, line_type=LineType.LANDLINE, status=PhoneStatus.WRONG)
    cell = a_phone(uow)
    a_person_phone(uow, first.id, home.id, rank=2, note="x12")
    a_person_phone(uow, first.id, cell.id, import_id=batch.id, row_number=7, column="Cell 1")
    email = an_email(uow, first.id)
    ann, bea = properties.card(uow, house.id).people
    assert (ann.person_id, ann.roles, ann.position, ann.care_of) == (
        first.id, (PartyRole.OWNER, PartyRole.TENANT), 1, "Cy Ash",
    )  # fmt: skip
    assert (ann.mailing, ann.emails) == ("5 Low Rd Apt 2, Joliet, IL 60431", (email.email,))
    assert [(one.e164, one.filename, one.row, one.column, one.note) for one in ann.phones] == [
        (cell.e164, "june.csv", 7, "Cell 1", None),
        (home.e164, None, None, None, "x12"),
    ]
    assert (ann.phones[1].line_type, ann.phones[1].status) == (LineType.LANDLINE, PhoneStatus.WRONG)
    assert (bea.name, bea.position, bea.phones, bea.emails) == ("Bea Elm", 2, (), ())


def test_another_organisations_property_is_not_there(db: Database, uow: UnitOfWork) -> None:
    house = a_property(uow)
    uow.session.commit()
    other = Organization(name="Other")
    with db.begin() as elsewhere:
        elsewhere.session.add(other)
    for org, subject in ((other.id, house.id), (uow.org(), uuid4())):
        with db.begin(org) as elsewhere, pytest.raises(NotFound):
            properties.card(elsewhere, UUID(str(subject)))
    with db.begin(other.id) as elsewhere:
        assert properties.facts(elsewhere, house.id) == ()
