"""An import and the place of a house: it moves what was reckoned, never what somebody pinned, and says so."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlmodel import select

from leadflow.identity.types import Principal
from leadflow.imports import service as imports
from leadflow.kernel.db import Database
from leadflow.leads import service as leads
from leadflow.leads.types import LeadFilter
from leadflow.maps import service as maps
from models.properties import Property
from models.vocabulary import Precision
from tests.imports.conftest import Importer

FILE = """Address,City,State,Zip,Latitude,Longitude
12 Oak St,Austin,TX,78704,{0},-97.76
14 Oak St,Austin,TX,78704,30.26,-97.77
"""
MAPPING = {"Address": "street", "City": "city", "State": "state", "Zip": "zip", "Latitude": "latitude", "Longitude": "longitude"}  # fmt: skip  # noqa: E501


def place(db: Database, org: UUID) -> tuple[float | None, float | None, Precision | None]:
    with db.begin(org) as uow:
        found = uow.session.exec(select(Property).where(Property.street == "12 Oak St")).one()
        return found.latitude, found.longitude, found.precision


def pinned(db: Database, owner: Principal) -> None:
    with db.begin(owner.org_id) as uow:
        rows = leads.page(uow, owner, LeadFilter(q="12 oak"), limit=1).rows
        maps.pin(uow, owner, rows[0].id, 30.25, -97.75)


def test_a_file_moves_what_another_file_placed(db: Database, owner: Principal, take: Importer):
    take(FILE.format("30.20"), mapping=dict(MAPPING))
    take(FILE.format("30.21"), mapping=dict(MAPPING))
    assert place(db, owner.org_id)[0] == pytest.approx(30.21)


@pytest.mark.parametrize("write", [False, True])
def test_no_file_moves_a_pin_and_its_row_says_so(db: Database, owner: Principal, take: Importer, *, write: bool):
    take(FILE.format("30.20"), mapping=dict(MAPPING))
    pinned(db, owner)
    report = take(FILE.format("30.21"), mapping=dict(MAPPING), write=write)
    assert place(db, owner.org_id) == (30.25, -97.75, Precision.PIN)
    with db.begin(owner.org_id) as uow:
        said = {row.row: row.warnings for row in imports.rows(uow, owner, report.id).rows}
    assert said[1] == ("stays where somebody has put it on the map",)
    assert not said.get(2)
