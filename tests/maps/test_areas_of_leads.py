"""The area of a filter finds exactly the leads that a plain look at every place finds."""

from __future__ import annotations

import math
import random
from uuid import UUID

import pytest

from leadflow.identity.types import Principal
from leadflow.kernel import area
from leadflow.kernel.area import EARTH_M, Box, Circle, Polygon
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.leads import service as leads
from leadflow.leads.types import LeadFilter
from tests.factories.leads import a_lead
from tests.factories.properties import a_property

Place = tuple[float, float]
ALASKA, HAWAII, GUAM, ATTU = (61.2, -149.9), (21.3, -157.85), (13.45, 144.75), (52.9, 173.0)
FAR = (ALASKA, HAWAII, GUAM, ATTU, (52.0, -176.6), (40.7, -74.0), (25.8, -80.2))


@pytest.fixture
def homes(db: Database, org: UUID) -> dict[UUID, Place]:
    """Write leads all over Texas, and some where maps end."""
    dice = random.Random(11)  # noqa: S311 data, not secrets
    places = [(round(dice.uniform(29, 33), 5), round(dice.uniform(-99, -94), 5)) for _ in range(150)]
    with db.begin(org) as uow:
        return {
            a_lead(uow, a_property(uow, latitude=lat, longitude=lon, zip5=None)).id: (lat, lon)
            for lat, lon in [*places, *FAR]
        }


def found(uow: UnitOfWork, actor: Principal, text: str) -> set[UUID]:
    page = leads.page(uow, actor, LeadFilter(area=text), limit=200)
    assert page.count == len(page.rows)
    return {row.id for row in page.rows}


def inside(shape: area.Shape, place: Place) -> bool:
    """Look at one place, with none of the tricks."""
    latitude, longitude = place
    return any(_holds(shape, latitude, longitude + turn) for turn in (-360, 0, 360))


def _holds(shape: area.Shape, latitude: float, longitude: float) -> bool:
    match shape:
        case Box(west, south, east, north):
            return south <= latitude <= north and west <= longitude <= east
        case Circle():
            one, other = math.radians(latitude), math.radians(shape.latitude)
            apart = math.radians(longitude - shape.longitude)
            cosine = math.sin(one) * math.sin(other) + math.cos(one) * math.cos(other) * math.cos(apart)
            return EARTH_M * math.acos(max(-1, min(1, cosine))) <= shape.metres
        case Polygon(points):
            odd = False
            for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1], strict=True):
                if (y1 > latitude) != (y2 > latitude) and longitude < (x2 - x1) * (latitude - y1) / (y2 - y1) + x1:
                    odd = not odd
            return odd
        case _:
            raise NotImplementedError


def _drawn(dice: random.Random) -> area.Shape:
    """Draw anything, anywhere in Texas or around one of the far places."""
    lat, lon = dice.choice([*FAR, (31.0, -97.0), (30.5, -98.0), (32.0, -95.0)])
    kind = dice.choice(["box", "circle", "polygon"])
    if kind == "box":
        wide, high = dice.uniform(0.1, 9), dice.uniform(0.1, 3)
        return Box(lon - wide, lat - high, lon + wide, lat + high)
    if kind == "circle":
        return Circle(lat, lon, dice.uniform(500, 700_000))
    count = dice.randrange(3, 25)
    return Polygon(
        tuple(
            (
                lon + dice.uniform(0.05, 7) * math.cos(2 * math.pi * n / count),
                lat + dice.uniform(0.05, 3) * math.sin(2 * math.pi * n / count),
            )
            for n in range(count)
        )
    )


def test_any_shape_finds_what_a_plain_look_finds(db: Database, org: UUID, owner: Principal, homes: dict[UUID, Place]):
    dice = random.Random(3)  # noqa: S311 data, not secrets
    kinds: set[str] = set()
    with db.begin(org) as uow:
        for _ in range(120):
            text = ""
            while not text:
                try:
                    text = area.canonical(area.write((_drawn(dice),)))
                except area.BadArea:
                    continue
            (shape,) = area.parse(text)
            expected = {lead for lead, place in homes.items() if inside(shape, place)}
            assert found(uow, owner, text) == expected, text
            kinds |= {text.split("_")[0]} if 0 < len(expected) < len(homes) else set()
    assert kinds == {"box", "circle", "polygon"}


def test_shapes_together_find_what_any_of_them_finds(
    db: Database, org: UUID, owner: Principal, homes: dict[UUID, Place]
):
    with db.begin(org) as uow:
        one, other = found(uow, owner, "box_-98_30_-96_31"), found(uow, owner, "circle_31_-97_60000")
        assert one - other
        assert other - one
        assert found(uow, owner, "box_-98_30_-96_31*circle_31_-97_60000") == one | other
    assert len(homes) == 157


def test_the_ends_of_the_map_stay_on_it(db: Database, org: UUID, owner: Principal, homes: dict[UUID, Place]):
    by_place = {place: lead for lead, place in homes.items()}
    with db.begin(org) as uow:
        assert found(uow, owner, "box_144_13_145_14") == {by_place[GUAM]}
        assert found(uow, owner, "box_-216_13_-215_14") == {by_place[GUAM]}
        assert found(uow, owner, "box_172_51_-176_54") == {by_place[ATTU], by_place[(52.0, -176.6)]}
        line = area.write((area.polygon([(172, 51), (172, 54), (185, 54), (185, 51)]),))
        assert found(uow, owner, line) == {by_place[ATTU], by_place[(52.0, -176.6)]}
        assert found(uow, owner, "circle_52.5_-180_500000") == {by_place[ATTU], by_place[(52.0, -176.6)]}


def test_counties_and_zips_ask_the_record_and_not_the_map(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        austin = a_lead(uow, a_property(uow, zip5="78704", latitude=30.2, longitude=-97.7)).id
        by_zip = a_lead(uow, a_property(uow, zip5="78702")).id
        other = a_lead(uow, a_property(uow, zip5="78704", county_fips="48209")).id
        nowhere = a_lead(uow, a_property(uow, zip5=None, state="TX")).id
    with db.begin(org) as uow:
        assert found(uow, owner, "zip_78704") == {austin, other}
        assert found(uow, owner, "zip_78702_78704") == {austin, by_zip, other}
        assert found(uow, owner, "county_48453") == {austin, by_zip}
        assert found(uow, owner, "county_48209_48453") == {austin, by_zip, other}
        assert found(uow, owner, "nowhere") == {nowhere}
        assert found(uow, owner, "nowhere*county_48209") == {nowhere, other}


def test_the_area_joins_the_other_conditions(db: Database, org: UUID, owner: Principal, homes: dict[UUID, Place]):
    with db.begin(org) as uow:
        where = {"area": "box_-98_30_-96_31", "q": "cedar"}
        some = {row.id for row in leads.page(uow, owner, leads.parse_filter(where), limit=200).rows}
        assert some == {lead for lead, place in homes.items() if inside(Box(-98, 30, -96, 31), place)}
        assert leads.count(uow, owner, leads.parse_filter({**where, "q": "nothing such"})) == 0
        assert leads.count(uow, owner, leads.parse_filter({**where, "state": "TX"})) == 0


def test_a_bad_area_names_its_field():
    with pytest.raises(Invalid, match="crosses itself") as refused:
        leads.parse_filter({"area": "polygon_0_0_2s_2s_0_-2s_-2s_2s"})
    assert refused.value.field == "area"


def test_equal_areas_are_equal_filters():
    assert LeadFilter(area="box_-98.00000_30_-96_31") == LeadFilter(area="box_-98_30.0_-96_31")
    assert LeadFilter(area="zip_78704_78702").as_dict() == {"area": "zip_78702_78704"}
    assert LeadFilter(area="").as_dict() == {}
