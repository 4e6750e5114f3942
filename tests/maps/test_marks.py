"""What a view shows: every lead once, in cells or one by one, for whoever may see it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from uuid import UUID

import pytest

from leadflow.identity.types import Principal
from leadflow.kernel.area import Box, quadkey
from leadflow.kernel.db import Database
from leadflow.leads.types import LeadFilter
from leadflow.maps import rules
from leadflow.maps import service as maps
from leadflow.maps.errors import NoView
from leadflow.maps.types import Tally, View
from models.vocabulary import LeadStatus, Precision, Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead
from tests.factories.properties import a_property

TEXAS = View(Box(-107, 25.5, -93, 37), 5)
AMERICA = View(Box(-180, -20, 180, 75), 2)


def _crowd(db: Database, org: UUID, count: int) -> list[tuple[float, float]]:
    dice = random.Random(5)  # noqa: S311 data, not secrets
    places = [(round(dice.gauss(30.3, 0.4), 5), round(dice.gauss(-97.7, 0.4), 5)) for _ in range(count)]
    with db.begin(org) as uow:
        for lat, lon in places:
            a_lead(
                uow, a_property(uow, latitude=lat, longitude=lon, zip5=None), status=dice.choice(list(LeadStatus)[:4])
            )
    return places


def test_cells_hold_every_lead_of_the_view_once(db: Database, org: UUID, owner: Principal):
    places = _crowd(db, org, rules.FEW + 60)
    with db.begin(org) as uow:
        seen = maps.marks(uow, owner, LeadFilter(), TEXAS)
        half = maps.marks(uow, owner, LeadFilter(), View(Box(-97.7, 25, -93, 37), 5))
    assert seen.shown == len(places)
    counted = Counter(quadkey(lat, lon) >> seen.shift for lat, lon in places)
    assert {cell.cell: cell.count for cell in seen.cells} == counted
    assert half.shown == sum(lon >= -97.7 for _, lon in places)
    assert all(cell.lead_id is None for cell in seen.cells)
    assert len(seen.cells) > 3


def test_a_few_leads_are_drawn_one_by_one_and_those_on_one_spot_together(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        alone = a_lead(uow, a_property(uow, latitude=30.1, longitude=-97.5)).id
        for status in (LeadStatus.NEW, LeadStatus.OFFER, LeadStatus.OFFER):
            a_lead(uow, a_property(uow, zip5="78704"), status=status)
        seen = maps.marks(uow, owner, LeadFilter(), View(TEXAS.box, 10))
    stacked, single = sorted(seen.cells, key=lambda cell: -cell.count)
    assert (stacked.count, stacked.status, stacked.of_status, stacked.by_zip, stacked.lead_id) == (
        3,
        LeadStatus.OFFER,
        2,
        3,
        None,
    )
    assert (single.count, single.lead_id, single.by_zip, single.latitude) == (1, alone, 0, 30.1)
    assert (stacked.one_spot, single.one_spot) == (True, False)
    assert (seen.shown, seen.by_zip) == (4, 3)


def test_a_few_whose_marks_would_lie_on_each_other_stand_together_until_a_zoom_parts_them(
    db: Database, org: UUID, owner: Principal
):
    with db.begin(org) as uow:
        ids = {a_lead(uow, a_property(uow, latitude=lat, longitude=-97.5)).id for lat in (30.1, 30.1004)}
        far, near = (maps.marks(uow, owner, LeadFilter(), View(TEXAS.box, zoom)) for zoom in (9, 18))
    (both,) = far.cells
    assert (both.count, both.lead_id, both.one_spot) == (2, None, False)
    assert both.latitude == pytest.approx(30.1002)
    assert {cell.lead_id for cell in near.cells} == ids


def test_the_whole_of_america_is_one_view_and_guam_stays_on_it(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        for zip5 in ("96910", "99501", "96813", "00901", "10001", None):
            a_lead(uow, a_property(uow, zip5=zip5))
        assert maps.marks(uow, owner, LeadFilter(), AMERICA).shown == 5
        guam = maps.marks(uow, owner, LeadFilter(), rules.view("-230,0,-200,30", 4))
        totals = maps.totals(uow, owner, LeadFilter())
    assert (guam.shown, guam.cells[0].longitude) == (1, pytest.approx(144.75, abs=0.1))
    assert (totals.total, totals.nowhere) == (6, 1)
    assert totals.box is not None
    assert totals.box.west == pytest.approx(144.75, abs=0.1)
    assert totals.box.east == pytest.approx(360 - 66, abs=0.5)


def test_totals_count_who_has_no_place_whatever_area_is_drawn(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        a_lead(uow, a_property(uow, zip5="78704"))
        a_lead(uow, a_property(uow, zip5=None))
        a_lead(uow, a_property(uow, zip5=None), status=LeadStatus.OFFER)
        drawn = maps.totals(uow, owner, LeadFilter(area="zip_78704"))
        offers = maps.totals(uow, owner, LeadFilter(status=(LeadStatus.OFFER,)))
    assert (drawn.total, drawn.nowhere) == (1, 2)
    assert (offers.total, offers.nowhere, offers.box) == (1, 1, None)


def test_the_list_beside_the_map_holds_the_same_leads(db: Database, org: UUID, owner: Principal):
    _crowd(db, org, 30)
    with db.begin(org) as uow:
        view = View(Box(-97.8, 30.2, -97.2, 30.9), 17)
        seen, rows = maps.marks(uow, owner, LeadFilter(), view), maps.rows(uow, owner, LeadFilter(), view, 100)
        short = maps.rows(uow, owner, LeadFilter(), view, 2)
    assert {row.row.id for row in rows} == {cell.lead_id for cell in seen.cells}
    assert len(rows) > 3
    assert [row.row.id for row in short] == [row.row.id for row in rows][:2]
    assert {row.precision for row in rows} == {Precision.FILE}
    assert all(row.row.quadkey == quadkey(row.latitude, row.longitude) for row in rows)


def test_an_agent_sees_assigned_leads_and_nobody_sees_another_house(
    db: Database, org: UUID, owner: Principal, make_org: Callable[[str], UUID]
):
    elsewhere = make_org("Elm Homes")
    with db.begin(elsewhere) as uow:
        a_lead(uow, a_property(uow, zip5="78704"))
        stranger = a_member(uow, Role.OWNER)
    with db.begin(org) as uow:
        agent = a_member(uow, Role.AGENT)
        mine = a_lead(uow, a_property(uow, zip5="78704"), assignee_id=agent.user_id).id
        a_lead(uow, a_property(uow, zip5="78704"))
    with db.begin(org) as uow:
        assert maps.marks(uow, owner, LeadFilter(), TEXAS).shown == 2
        assert maps.marks(uow, agent, LeadFilter(), TEXAS).shown == 1
        assert [row.row.id for row in maps.rows(uow, agent, LeadFilter(), TEXAS)] == [mine]
        assert maps.totals(uow, agent, LeadFilter()).total == 1
        assert {found.label for found in maps.find(uow, agent, "cedar st")} != set()
        assert len(maps.find(uow, agent, "cedar st")) == 1
    with db.begin(elsewhere) as uow:
        assert maps.marks(uow, stranger, LeadFilter(), TEXAS).shown == 1


def test_the_status_of_a_cell_is_that_of_most():
    tallies = [Tally(7, 1, 5, 50, 50, 1), Tally(7, 4, 9, 90, 90, 0), Tally(8, 2, 3, 3, 3, 3), Tally(8, 1, 3, 3, 3, 0)]
    one, other = rules.cells(tallies)
    assert (one.count, one.status, one.of_status, one.latitude) == (14, LeadStatus.FOLLOW_UP, 9, 10)
    assert (other.status, other.by_zip) == (LeadStatus.NEW, 3)


@pytest.mark.parametrize("edges", ["", "1,2,3", "a,b,c,d", "5,1,2,3", "1,5,2,3", "nan,1,2,3", "1,88,2,89"])
def test_edges_that_make_no_sense_are_refused(edges: str):
    with pytest.raises(NoView):
        rules.view(edges, 5)


def test_a_view_wider_than_the_world_is_the_world():
    assert rules.view("-400,-89,400,89", 1).box == Box(-180, -85, 180, 85)
    assert rules.view("170,10,200,20", 3).box == Box(170, 10, 200, 20)
    assert rules.view("-190,10,-160,20", 3).box == Box(170, 10, 200, 20)


def test_places_are_found_by_name(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        (austin,) = maps.find(uow, owner, " 78704 ")
        travis = maps.find(uow, owner, "Travis")
        parish = maps.find(uow, owner, "orleans parish, la")
        assert maps.find(uow, owner, "00000") == ()
        words = maps.describe(uow, owner, "county_48453*zip_78704_78702*circle_30.2672_-97.7431_8046.7*nowhere")
    assert (austin.label, austin.area) == ("ZIP 78704, TX", "zip_78704")
    assert ("Travis County, TX", "county_48453") in [(found.label, found.area) for found in travis]
    assert [found.label for found in parish] == ["Orleans Parish, LA"]
    assert [shape.label for shape in words.shapes] == [
        "Travis County, TX",
        "ZIP 78702, 78704",
        "Within 5 mi of 30.2672, -97.7431",
        "Without a place",
    ]
    assert words.west is not None
    assert words.west < -98
