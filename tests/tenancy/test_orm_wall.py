"""The first wall alone: row security is off, and the ORM still stays inside its organisation."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from leadflow.kernel.db import Database, Trespass
from models.base import new_id
from models.columns import PhoneNumber
from models.leads import Lead, LeadList, Tag
from models.properties import Property
from tests.owning import as_owner
from tests.tenancy.conftest import Houses, inside
from tests.tenancy.tables import MODELS


def _keys(url: str, model: type[Any], org: object) -> list[tuple[Any, ...]]:
    columns = model.__table__.primary_key.columns
    # As people write numbers, which is how the ORM takes them.
    keys = ["'+' || e164" if isinstance(one.type, PhoneNumber) else one.name for one in columns]
    with as_owner(url) as connection:
        return connection.execute(
            f'select {", ".join(keys)} from "{model.__tablename__}" where org_id = %s'.encode(),  # noqa: S608 models
            [org],
        ).fetchall()


def test_no_statement_of_the_orm_reaches_a_foreign_row(db: Database, no_policies: Houses) -> None:
    ours, theirs = no_policies
    for model in MODELS:
        foreign = _keys(db.url, model, theirs.org_id)
        assert foreign
        with inside(db, ours) as uow:
            found = uow.session.exec(select(model)).all()
            assert {row.org_id for row in found} == {ours.org_id}, model.__name__
            other = aliased(model)
            assert {row.org_id for row in uow.session.exec(select(other)).all()} == {ours.org_id}
            assert all(uow.session.get(model, key) is None for key in foreign), model.__name__
            named = model.__table__.c.org_id == theirs.org_id
            assert uow.session.exec(select(model).where(named)).all() == []
            assert uow.session.exec(update(model).where(named).values(created_at=uow.now())).rowcount == 0
            assert uow.session.exec(delete(model).where(named)).rowcount == 0


def test_a_joined_table_stays_inside_too(db: Database, no_policies: Houses) -> None:
    ours, theirs = no_policies
    with inside(db, ours) as uow:
        everything = select(Lead, Property).join(Property, col(Property.org_id) == theirs.org_id)
        assert uow.session.exec(everything).all() == []
        counted = select(Lead).where(col(Lead.property_id).in_(select(Property.id)))
        assert {row.org_id for row in uow.session.exec(counted)} == {ours.org_id}


def test_one_statement_asked_for_two_organisations_answers_each_its_own(db: Database, no_policies: Houses) -> None:
    statement = select(Lead)
    for team in (*no_policies, *no_policies):
        with db.begin(team.org_id) as uow:
            assert {row.org_id for row in uow.session.exec(statement)} == {team.org_id}


def test_a_row_without_organisation_gets_that_of_the_transaction(db: Database, no_policies: Houses) -> None:
    ours, _ = no_policies
    with db.begin(ours.org_id) as uow:
        made = LeadList(name="Made without a thought")  # pyright: ignore[reportCallIssue] the point
        uow.session.add(made)
    assert made.org_id == ours.org_id


def test_a_foreign_row_is_not_written(db: Database, no_policies: Houses) -> None:
    ours, theirs = no_policies
    with pytest.raises(Trespass), db.begin(ours.org_id) as uow:
        uow.session.add(Tag(org_id=theirs.org_id, id=new_id(), name="Planted"))
    with as_owner(db.url) as connection:
        assert connection.execute("select count(*) from tag where name = 'Planted'").fetchone() == (0,)


def test_a_row_does_not_change_hands(db: Database, no_policies: Houses) -> None:
    ours, theirs = no_policies
    with inside(db, ours) as uow:
        row = uow.session.exec(select(Tag)).one()
        row.org_id = theirs.org_id
        with pytest.raises(Trespass):
            uow.session.flush()


def test_a_foreign_row_from_elsewhere_is_neither_changed_nor_deleted(db: Database, no_policies: Houses) -> None:
    ours, theirs = no_policies
    with db.begin(theirs.org_id) as uow:
        stolen = uow.session.exec(select(Tag)).one()
        uow.session.expunge(stolen)
    with inside(db, ours) as uow:
        uow.session.add(stolen)
        stolen.name = "Ours now"
        with pytest.raises(Trespass):
            uow.session.flush()
        uow.session.expunge(stolen)
    with inside(db, ours) as uow:
        uow.session.delete(stolen)
        with pytest.raises(Trespass):
            uow.session.flush()
        uow.session.expunge(stolen)
