"""Hours, by the table of 80 instants worked out by hand, and what no place or rule may ever do."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.compliance.errors import BadPack
from leadflow.compliance.rules import windows
from leadflow.compliance.rules.places import located, places
from leadflow.compliance.rules.policy import campaign_window, compile_policy, digest, shipped
from leadflow.compliance.rules.windows import closed, faults_at, opening
from leadflow.compliance.types import Pack, Place, Policy
from models.vocabulary import Channel

DATA = Path(__file__).parent / "data"
TODAY = date(2026, 12, 2)


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CASES = _rows("window_cases.csv")
AREA_CODES = [row["area_code"] for row in _rows("area_code_zones.csv")]


def _policy(*, sure_only: bool) -> Policy:
    """Compile the law alone: the organisation's own margin is not in the table."""
    packs: list[Pack] = []
    for pack in shipped():
        if pack.name == "organization":
            continue
        rows = [row for row in pack.content["provisions"] if not sure_only or row["confidence"] == "high"]
        content = {**pack.content, "provisions": rows}
        packs.append(Pack(pack.name, content, digest(content)))
    return compile_policy(packs, Channel.TEXT, TODAY)


SURE, ALL = _policy(sure_only=True), _policy(sure_only=False)
WHOLE = compile_policy(shipped(), Channel.TEXT, TODAY)


def _instant(row: dict[str, str]) -> datetime:
    return datetime.fromisoformat(row["instant_utc"])


def _reasons(row: dict[str, str]) -> set[str]:
    found: set[str] = set()
    for one in located(row["phone"], row["property_zip"] or None, None, row["mailing_state"] or None):
        for jurisdiction, fault in faults_at(SURE, one.place, _instant(row)):
            level = "federal" if jurisdiction == "US" else "state"
            found.add(f"{level}_{fault.value}@{one.source}/{one.place.state}/{one.place.zone}")
    return found


def test_the_table_is_complete() -> None:
    assert len(CASES) == 80


@pytest.mark.parametrize("row", CASES, ids=[row["case_id"] for row in CASES])
def test_an_instant_is_allowed_or_refused_for_the_reasons_of_the_table(row: dict[str, str]) -> None:
    expected = {reason.strip() for reason in row["all_reasons"].split(";") if reason.strip()}
    found = _reasons(row)
    assert (not found) is (row["expected_allowed"] == "true"), row["why"]
    assert expected <= found, row["why"]
    # Our table of ZIP codes may know a second zone where the case's own table knows one: stricter, never looser.
    assert all("@property/" in extra for extra in found - expected), row["why"]


@pytest.mark.parametrize("row", CASES, ids=[row["case_id"] for row in CASES])
def test_rows_of_low_confidence_change_no_outcome_of_the_table(row: dict[str, str]) -> None:
    where = places(row["phone"], row["property_zip"] or None, None, row["mailing_state"] or None)
    assert where is not None
    assert (closed(ALL, where, None, _instant(row)) == ()) is (row["expected_allowed"] == "true"), row["why"]


@pytest.mark.parametrize("row", _rows("area_code_zones.csv"), ids=AREA_CODES)
def test_an_area_code_means_every_zone_of_the_table(row: dict[str, str]) -> None:
    found = places(f"+1{row['area_code']}5550100", None, None, None)
    assert found is not None
    assert {place.zone for place in found} >= set(row["zones"].split("|"))
    assert {place.state for place in found} == {row["state"]}


@pytest.mark.parametrize("row", _rows("zip_zones.csv"), ids=[row["zip"] for row in _rows("zip_zones.csv")])
def test_a_zip_code_means_the_zone_of_the_table(row: dict[str, str]) -> None:
    found = places("+12125550100", row["zip"], None, None)
    assert found is not None
    assert Place(row["state"], row["zone"]) in found


@pytest.mark.parametrize("number", ["+18005550100", "+442079460000", "+19995550100", None, "+1212555"])
def test_a_number_without_a_known_area_code_has_no_place(number: str | None) -> None:
    assert places(number, "10001", "NY", "NY") is None


def test_an_unknown_hint_is_never_passed_over() -> None:
    assert places("+12125550100", "00000", None, None) is None
    assert places("+12125550100", None, "XX", None) is None
    assert places("+12125550100", None, None, "XX") is None


INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 Hypothesis takes bounds without a zone
HERE = st.frozensets(
    st.sampled_from(
        sorted({place for code in AREA_CODES for place in places(f"+1{code}5550100", None, None, None) or ()})
    ),
    min_size=1,
    max_size=3,
)


@given(HERE, HERE, INSTANTS)
def test_more_places_never_open_a_window(some: frozenset[Place], more: frozenset[Place], at: datetime) -> None:
    if closed(WHOLE, some, None, at):
        assert closed(WHOLE, some | more, None, at)


@given(HERE, INSTANTS)
def test_a_campaigns_own_hours_never_open_a_window(here: frozenset[Place], at: datetime) -> None:
    own = campaign_window(datetime.min.time(), datetime.max.time().replace(microsecond=0), range(7))
    if closed(WHOLE, here, None, at):
        assert closed(WHOLE, here, own, at)


@given(HERE, INSTANTS)
def test_no_hour_before_eight_or_from_nine_in_the_evening_is_ever_open(here: frozenset[Place], at: datetime) -> None:
    if not closed(WHOLE, here, None, at):
        for place in here:
            local = at.astimezone(ZoneInfo(place.zone))
            assert 8 * 60 <= local.hour * 60 + local.minute < 20 * 60 + 55


@given(HERE, INSTANTS)
def test_the_opening_is_open_and_nothing_before_it_is(here: frozenset[Place], at: datetime) -> None:
    opens = opening(WHOLE, here, None, at)
    assert opens is not None
    assert opens >= at
    assert closed(WHOLE, here, None, opens) == ()
    if opens > at:
        assert closed(WHOLE, here, None, opens - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("at", "zone", "open_"),
    [
        # The clocks go back on 2026-11-01 and forward on 2027-03-14; 8 in the morning is 8 on the wall either way.
        ("2026-10-31T11:59:59+00:00", "America/New_York", False),
        ("2026-10-31T12:00:00+00:00", "America/New_York", True),
        ("2026-11-01T12:59:59+00:00", "America/New_York", False),
        ("2026-11-01T13:00:00+00:00", "America/New_York", True),
        ("2027-03-14T11:59:59+00:00", "America/New_York", False),
        ("2027-03-14T12:00:00+00:00", "America/New_York", True),
        ("2027-03-14T14:59:59+00:00", "America/Phoenix", False),
        ("2027-03-14T15:00:00+00:00", "America/Phoenix", True),
        ("2026-11-02T17:59:59+00:00", "Pacific/Honolulu", False),
        ("2026-11-02T18:00:00+00:00", "Pacific/Honolulu", True),
        ("2026-11-02T11:59:59+00:00", "America/Puerto_Rico", False),
        ("2026-11-02T12:00:00+00:00", "America/Puerto_Rico", True),
    ],
)
def test_the_wall_clock_counts_through_daylight_saving(at: str, zone: str, open_: bool) -> None:  # noqa: FBT001 a column of the table
    faults = [fault for window in SURE.federal if (fault := windows.fault(window, zone, datetime.fromisoformat(at)))]
    assert (not faults) is open_


def test_no_place_is_no_permission() -> None:
    with pytest.raises(ValueError, match="no place"):
        closed(WHOLE, frozenset(), None, datetime(2026, 12, 2, 18, tzinfo=UTC))


def test_packs_without_federal_hours_are_refused() -> None:
    with pytest.raises(BadPack):
        compile_policy([pack for pack in shipped() if pack.name != "federal"], Channel.TEXT, TODAY)


@pytest.mark.parametrize(
    "damage",
    [{"kind": "hurs"}, {"jurisdiction": "Illinois"}, {"citation": ""}, {"colour": "red"}, {"channels": ["fax"]}],
)
def test_a_damaged_provision_refuses_the_whole_pack(damage: dict[str, object]) -> None:
    federal = shipped()[0]
    provisions = [{**federal.content["provisions"][0], **damage}, *federal.content["provisions"][1:]]
    content = {**federal.content, "provisions": provisions}
    with pytest.raises(BadPack):
        compile_policy([Pack("federal", content, digest(content))], Channel.TEXT, TODAY)


def test_a_provision_binds_only_from_its_day_to_its_day() -> None:
    texas = [row for row in shipped()[1].content["provisions"] if row["effective_from"] or row["effective_to"]]
    assert texas, "the shipped packs hold dated provisions"
    for row in texas:
        first = row["effective_from"]
        if first:
            day = date.fromisoformat(str(first))
            assert windows.in_force(day, None, day)
            assert not windows.in_force(day, None, day - timedelta(days=1))
