"""Where a lead stands and how exact that is: a better place is never replaced by a worse one."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from psycopg import sql
from psycopg.rows import dict_row

from leadflow.identity.types import Principal
from leadflow.kernel import area
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict, Forbidden, Invalid
from leadflow.leads import service as leads
from leadflow.leads.errors import NoSuchLead
from leadflow.leads.types import LeadFilter
from leadflow.maps import service as maps
from models.vocabulary import Precision, Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead
from tests.factories.properties import a_property


def flat(uow: UnitOfWork, lead_id: UUID) -> dict[str, Any]:
    with uow.connection().cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "select latitude, longitude, precision, quadkey, county_fips from lead_search where lead_id = %s", [lead_id]
        )
        row = cursor.fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({"zip5": "78704"}, (30.24, -97.77, "zip")),
        ({"zip5": "78704", "latitude": 30.2, "longitude": -97.7}, (30.2, -97.7, "file")),
        ({"zip5": None, "latitude": 30.2, "longitude": -97.7}, (30.2, -97.7, "file")),
        ({"zip5": "78704", "latitude": 30.2, "longitude": -97.7, "precision": Precision.PIN}, (30.2, -97.7, "pin")),
        ({"zip5": "78704", "latitude": 30.2, "longitude": None}, (30.24, -97.77, "zip")),
        ({"zip5": "78704", "latitude": 130.2, "longitude": -97.7}, (30.24, -97.77, "zip")),
        ({"zip5": "96910"}, (13.47, 144.75, "zip")),
        ({"zip5": "00000"}, (None, None, None)),
        ({"zip5": None}, (None, None, None)),
    ],
)
def test_a_lead_stands_where_its_property_is_known_to_be_else_at_its_zip(
    uow: UnitOfWork, given_: dict[str, Any], expected: tuple[float | None, float | None, str | None]
):
    row = flat(uow, a_lead(uow, a_property(uow, **given_)).id)
    assert (row["latitude"], row["longitude"], row["precision"]) == (
        pytest.approx(expected[0], abs=0.02),
        pytest.approx(expected[1], abs=0.02),
        expected[2],
    )
    assert (row["quadkey"] is None) == (expected[0] is None)


def test_the_county_of_a_zip_stands_in_where_no_source_told(uow: UnitOfWork):
    assert flat(uow, a_lead(uow, a_property(uow, zip5="78704")).id)["county_fips"] == "48453"
    told = a_property(uow, zip5="78704", county_fips="48209")
    assert flat(uow, a_lead(uow, told).id)["county_fips"] == "48209"


@pytest.mark.parametrize(
    ("given_", "city", "county", "from_zip"),
    [
        ({}, "Agawam", "Hampden", ("city", "county")),
        ({"city": "Feeding Hills"}, "Feeding Hills", "Hampden", ("county",)),
        ({"county": "Berkshire"}, "Agawam", "Berkshire", ("city",)),
        ({"city": "Agawam", "county": "Hampden"}, "Agawam", "Hampden", ()),
        ({"zip5": "75087", "state": "TX"}, "Rockwall", "", ("city",)),
        ({"state": "CT"}, "", "", ()),
        ({"state": None}, "Agawam", "Hampden", ("city", "county")),
        ({"zip5": None}, "", "", ()),
        ({"zip5": "00000"}, "", "", ()),
    ],
)
def test_what_nobody_says_of_the_place_its_zip_says_marked_where_that_is_sure(
    uow: UnitOfWork, given_: dict[str, Any], city: str, county: str, from_zip: tuple[str, ...]
):
    house = a_property(uow, **{"zip5": "01001", "state": "MA", "city": None, "county": None} | given_)
    row = leads.detail(uow, a_member(uow, Role.OWNER), a_lead(uow, house).id).row
    assert (row.city, row.county, row.from_zip) == (city, county, from_zip)
    uow.session.refresh(house)
    assert (house.city, house.county) == (given_.get("city"), given_.get("county")), "the property keeps what was said"


def test_the_page_of_a_lead_names_every_county_of_its_zip_and_whose_word_it_is(uow: UnitOfWork):
    owner = a_member(uow, Role.OWNER)
    split = leads.detail(uow, owner, a_lead(uow, a_property(uow, zip5="75087", state="TX")).id)
    assert [(one.value, one.source) for one in split.facts if one.field == "county"] == [("Collin or Rockwall", "zip")]
    told = leads.detail(uow, owner, a_lead(uow, a_property(uow, zip5="75087", state="TX", county="Rockwall")).id)
    assert [(one.value, one.source) for one in told.facts if one.field == "county"] == [("Rockwall", "")]
    far = leads.detail(uow, owner, a_lead(uow, a_property(uow, zip5="75087", state="OK")).id)
    assert not [one for one in far.facts if one.field == "county"]


def test_a_lead_is_found_by_what_its_zip_says_and_leaves_without_it(db: Database, org: UUID):
    with db.begin(org) as uow:
        owner = a_member(uow, Role.OWNER)
        a_lead(uow, a_property(uow, zip5="01001", state="MA", city=None))
        for asked in ({"where": ["county:is:Hampden"]}, {"where": ["city:is:Agawam"]}, {"q": "agawam"}):
            assert leads.page(uow, owner, leads.parse_filter(asked)).count == 1, asked
    taken = list(
        csv.DictReader(io.StringIO(b"".join(leads.export(db, owner, LeadFilter()).chunks).decode("utf-8-sig")))
    )
    assert [(row["city"], row["county"], row["zip"]) for row in taken] == [("", "", "01001")]


def test_database_and_program_agree_on_every_quadkey(uow: UnitOfWork):
    @given(st.floats(-85, 85), st.floats(-180, 180))
    @example(-5e-324, 5e-324)
    @example(1e-290, 0.0)
    def agree(latitude: float, longitude: float) -> None:
        with uow.cursor() as cursor:
            cursor.execute(sql.SQL("select quadkey(%s::float8, %s::float8)"), [latitude, longitude])
            (key,) = cursor.fetchone() or (None,)
        assert key == area.quadkey(latitude, longitude)

    agree()


def test_a_pin_stays_and_goes_only_by_hand(db: Database, org: UUID):
    with db.begin(org) as uow:
        manager = a_member(uow, Role.MANAGER)
        lead = a_lead(uow, a_property(uow, zip5="78704")).id
    with db.begin(org) as uow:
        maps.pin(uow, manager, lead, 30.25, -97.75)
    with db.begin(org) as uow:
        assert (flat(uow, lead)["latitude"], flat(uow, lead)["precision"]) == (30.25, "pin")
        with pytest.raises(Invalid):
            maps.pin(uow, manager, lead, 89, 0)
        maps.unpin(uow, manager, lead)
        assert flat(uow, lead)["precision"] == "zip"
        with pytest.raises(Conflict):
            maps.unpin(uow, manager, lead)


@pytest.mark.parametrize("precision", [None, Precision.STREET, Precision.ROOFTOP])
def test_a_pin_that_is_taken_away_leaves_what_was_known_before(db: Database, org: UUID, precision: Precision | None):
    with db.begin(org) as uow:
        manager = a_member(uow, Role.MANAGER)
        home = a_property(uow, zip5="78704", latitude=30.2, longitude=-97.7, precision=precision)
        lead = a_lead(uow, home).id
    for latitude in (30.25, 30.26):
        with db.begin(org) as uow:
            maps.pin(uow, manager, lead, latitude, -97.75)
    with db.begin(org) as uow:
        maps.unpin(uow, manager, lead)
        row = flat(uow, lead)
    assert (row["latitude"], row["longitude"], row["precision"]) == (30.2, -97.7, precision or "file")


def test_who_may_not_change_a_lead_may_not_move_it(db: Database, org: UUID):
    with db.begin(org) as uow:
        auditor, agent = a_member(uow, Role.AUDITOR), a_member(uow, Role.AGENT)
        lead = a_lead(uow).id
    for who, refusal in ((auditor, Forbidden), (agent, NoSuchLead)):
        with pytest.raises(refusal), db.begin(org) as uow:
            maps.pin(uow, who, lead, 30.25, -97.75)


def test_the_flat_row_of_a_pinned_lead_is_true(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        lead = a_lead(uow).id
        maps.pin(uow, owner, lead, 41.9, -87.6)
    with db.begin(org) as uow:
        assert leads.refresh_search(uow, [lead]) == 0
