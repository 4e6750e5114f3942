"""Areas: one writing for each, what makes no sense is refused, the quadkeys cover everything that lies inside."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.kernel import area
from leadflow.kernel.area import BadArea, Box, Circle, Counties, Nowhere, Polygon, Zips

latitudes = st.floats(-84, 84).map(lambda x: round(x, 5))
longitudes = st.floats(-180, 179.9).map(lambda x: round(x, 5))
boxes = st.builds(
    lambda west, south, wide, high: Box(west, south, round(west + wide, 5), round(min(85, south + high), 5)),
    longitudes,
    latitudes,
    st.floats(0.001, 170),
    st.floats(0.001, 30),
)
circles = st.builds(Circle, latitudes, longitudes, st.floats(10, 900_000).map(lambda x: round(x, 1)))
stars = st.builds(
    # Points in the order of their angle around a middle never cross.
    lambda x, y, reach: Polygon(
        tuple(
            (
                round(x + r * math.cos(2 * math.pi * n / len(reach)), 5),
                round(y + r * math.sin(2 * math.pi * n / len(reach)), 5),
            )
            for n, r in enumerate(reach)
        )
    ),
    st.floats(-160, 160),
    st.floats(-70, 70),
    st.lists(st.floats(0.01, 8), min_size=3, max_size=40),
)
codes = st.lists(st.from_regex(r"[0-9]{5}", fullmatch=True), min_size=1, max_size=9).map(
    lambda found: tuple(sorted(set(found)))
)
shapes = st.one_of(boxes, circles, stars, codes.map(Counties), codes.map(Zips), st.just(Nowhere()))


@given(st.lists(shapes, min_size=1, max_size=5, unique=True))
def test_what_is_written_is_read_and_written_the_same(drawn: list[area.Shape]):
    text = area.canonical(area.write(tuple(drawn)))
    assert area.canonical(text) == text
    assert len(area.parse(text)) == len({area.write((shape,)) for shape in area.parse(text)})


@given(stars)
def test_an_address_needs_no_escape(star: Polygon):
    assert set(area.write((star,))) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-.")


@given(boxes, st.floats(0, 1), st.floats(0, 1))
def test_every_place_of_a_box_has_a_quadkey_in_its_ranges(box: Box, right: float, up: float):
    longitude = box.west + right * (box.east - box.west)
    latitude = box.south + up * (box.north - box.south)
    key = area.quadkey(latitude, (longitude + 180) % 360 - 180)
    ranges = area.covering(box)
    assert any(low <= key <= high for low, high in ranges)
    assert len(ranges) <= 34


@given(boxes, st.floats(-0.4, 1.4), st.floats(-0.4, 1.4))
def test_a_place_in_a_range_that_is_sure_is_in_the_box_and_no_place_of_the_box_is_in_none(
    box: Box, right: float, up: float
):
    longitude = box.west + right * (box.east - box.west)
    latitude = max(-85.0, min(85.0, box.south + up * (box.north - box.south)))
    key = area.quadkey(latitude, (longitude + 180) % 360 - 180)
    here = [sure for low, high, sure in area.parted(box) if low <= key <= high]
    inside = any(
        box.west <= longitude + turn <= box.east and box.south <= latitude <= box.north for turn in (-360, 0, 360)
    )
    assert len(here) <= 1
    assert inside if here == [True] else bool(here) >= inside


def test_a_good_part_of_a_box_is_sure():
    ranges = area.parted(Box(-100, 28, -93, 33))
    assert sum(high - low for low, high, sure in ranges if sure) > 0.4 * sum(high - low for low, high, _ in ranges)


@given(boxes)
def test_ranges_are_in_order_and_apart(box: Box):
    ranges = area.covering(box)
    assert all(low <= high for low, high in ranges)
    assert all(one[1] + 1 < other[0] for one, other in itertools.pairwise(ranges))


def test_a_small_box_leaves_most_of_the_world_out():
    cells = sum(high - low + 1 for low, high in area.covering(Box(-97.8, 30.2, -97.7, 30.3)))
    exact = (0.1 / 360 * 2**24) * (0.1 / 360 * 2**24 / math.cos(math.radians(30.25)))
    assert cells < 3 * exact


@given(circles, st.floats(0, 2 * math.pi), st.floats(0, 0.999))
def test_a_circle_lies_in_its_box(circle: Circle, turn: float, share: float):
    angle = circle.metres * share / area.EARTH_M
    start = math.radians(circle.latitude)
    latitude = math.asin(math.sin(start) * math.cos(angle) + math.cos(start) * math.sin(angle) * math.cos(turn))
    step = math.atan2(
        math.sin(turn) * math.sin(angle) * math.cos(start), math.cos(angle) - math.sin(start) * math.sin(latitude)
    )
    box = area.bounds(circle)
    assert box is not None
    if abs(math.degrees(latitude)) < 85:
        assert box.south - 1e-9 <= math.degrees(latitude) <= box.north + 1e-9
        assert box.west - 1e-9 <= circle.longitude + math.degrees(step) <= box.east + 1e-9


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("star_1_2", "made of"),
        ("box_1_2_3", "4 numbers"),
        ("box_1_5_3_2", "south"),
        ("box_-170_10_20_20", "half the world"),
        ("box_1_2_3_nan", "4 numbers"),
        ("circle_30_-97_5", "radius"),
        ("circle_30_-97_2000000", "radius"),
        ("circle_89_-97_500", "not on the map"),
        ("polygon_1_1_2_2", "between 3"),
        ("polygon_1_1_2", "two numbers"),
        ("county_4845", "five digits"),
        ("zip_", "five digits"),
        ("zip_" + "_".join(f"{n:05d}" for n in range(500)), "At most"),
        ("nowhere_1", "no place"),
        ("*".join(f"zip_{n:05d}" for n in range(11)), "shapes together"),
        ("zip_" + "1" * 7_000, "too many points"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(text: str, why: str):
    with pytest.raises(BadArea, match=why):
        area.parse(text)


def test_a_line_that_crosses_itself_is_refused():
    with pytest.raises(BadArea, match="crosses itself"):
        area.polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(BadArea, match="crosses itself"):
        area.polygon([(0, 0), (1, 0), (2, 0)])
    with pytest.raises(BadArea, match="crosses itself"):
        area.polygon([(0, 0), (2, 0), (2, 2), (1, 0), (0, 2)])
    assert len(area.polygon([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]).points) == 4


def test_what_is_drawn_on_a_turned_map_is_the_same_place():
    drawn = area.parse("box_-186_51_-166_55")
    assert drawn == (Box(174, 51, 194, 55),)
    assert area.parse("box_174_51_-166_55") == drawn
    assert area.pieces(Box(174, 51, 194, 55)) == (Box(-180, 51, -166, 55), Box(174, 51, 180, 55))
    guam = area.parse("circle_13.45_-215.2_30000")[0]
    assert isinstance(guam, Circle)
    assert guam.longitude == pytest.approx(144.8)
    turned = area.polygon([(-190, 50), (-160, 50), (-175, 60)])
    assert [x for x, _ in turned.points] == [170, 200, 185]
