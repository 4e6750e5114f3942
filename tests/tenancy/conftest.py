"""Two organisations, each with one row in every table that has an organisation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from leadflow.kernel import db as kernel
from leadflow.kernel.db import Database
from models.vocabulary import Role
from tests.attack.planting import plant
from tests.identity.people import Team, make_team
from tests.owning import as_owner
from tests.tenancy.tables import TABLES, other_rows

Houses = tuple[Team, Team]
"""Ours, and the one that nobody of ours may see."""


@pytest.fixture
def houses(db: Database) -> Houses:
    """Make both, fill both, and see that there is indeed something to see."""
    ours, theirs = make_team(db, "Cedar Homes"), make_team(db, "Birch Partners")
    for number, team in ((13_125_550_142, ours), (13_125_550_143, theirs)):
        team.sign_in(db, Role.OWNER)
        planted = plant(db, team.org_id, team.ids[Role.AGENT], number)
        other_rows(db.url, planted, number)
    with as_owner(db.url) as connection:
        for tenant in TABLES:
            counted = connection.execute(
                f"select count(distinct {tenant.column}) from {tenant.quoted}".encode()  # noqa: S608 names of the models
            ).fetchone()
            assert counted == (2,), f"{tenant.name} holds nothing of one of the two"
    return ours, theirs


@pytest.fixture
def no_policies(db: Database, houses: Houses) -> Houses:
    """Take the second wall away."""
    with as_owner(db.url) as connection:
        for tenant in TABLES:
            connection.execute(f"alter table {tenant.quoted} disable row level security".encode())
            connection.execute(f"grant select, insert, update, delete on {tenant.quoted} to leadflow_app".encode())
    return houses


@pytest.fixture
def no_criteria() -> Iterator[None]:
    """Take the first wall away."""
    event.remove(kernel.Walled, "do_orm_execute", kernel._stay_inside)
    event.remove(kernel.Walled, "before_flush", kernel._write_inside)
    yield
    event.listen(kernel.Walled, "do_orm_execute", kernel._stay_inside)
    event.listen(kernel.Walled, "before_flush", kernel._write_inside)


@contextmanager
def inside(db: Database, team: Team) -> Iterator[kernel.UnitOfWork]:
    """Open a transaction that is given up at its end, whatever it did."""
    with db.begin(team.org_id) as uow:
        yield uow
        uow.session.rollback()
