"""The quiet hours against a second reading of the law: any phone, ZIP, mailing state and instant of seven years."""

from __future__ import annotations

import ast
import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadflow.compliance.service import LawfulHours
from models.vocabulary import Channel
from tests.compliance import oracle

HERE = Path(__file__).parent
LAW = {channel: LawfulHours(channel) for channel in (Channel.TEXT, Channel.CALL)}
FIRST, LAST = date(2024, 1, 1), date(2030, 12, 31)
EDGES = sorted({0, 7, 8, 9, 10, 12, 13, 17, 18, 19, 20, 21, 23})
"""Hours at which some window opens or closes, and the ends of the day."""

AREAS = st.sampled_from(sorted(oracle.area_codes()))
PHONES = AREAS.map("+1{}5550100".format) | st.integers(200, 999).map("+1{}5550100".format) | st.just("+442079460000")
ZIPS = st.just("") | st.sampled_from(sorted(oracle.zips())) | st.integers(0, 99999).map("{:05d}".format)
STATES = st.just("") | st.sampled_from(sorted(oracle.states())) | st.just("XX")
SEVEN_YEARS = st.datetimes(
    datetime(2024, 1, 1), datetime(2030, 12, 31, 23, 59, 59), timezones=st.just(UTC)  # noqa: DTZ001 Hypothesis takes bounds without a zone
)  # fmt: skip


@st.composite
def _near_an_edge(draw: st.DrawFn) -> datetime:
    """Draw an instant within a second of an hour at which windows open and close, somewhere in the USA."""
    zone = ZoneInfo(
        draw(st.sampled_from(sorted({zone for _, zones in oracle.area_codes().values() for zone in zones})))
    )
    day = draw(st.dates(FIRST, LAST) | _holidays())
    local = datetime(day.year, day.month, day.day, draw(st.sampled_from(EDGES)), tzinfo=zone)
    return local.astimezone(UTC) + timedelta(seconds=draw(st.integers(-1, 1)))


def _holidays() -> st.SearchStrategy[date]:
    days = (FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1))
    return st.sampled_from([day for day in days if any(oracle.is_holiday(state, day) for state in oracle.states())])


INSTANTS = SEVEN_YEARS | _near_an_edge()


def _agree(phone: str, zip5: str, state: str, at: datetime, channel: Channel) -> None:
    found = LAW[channel].of(phone, zip5 or None, state or None, at)
    assert found.allowed is oracle.allowed(phone, zip5, state, at, channel.value), (found.reasons, found.local_times)
    assert found.allowed is (found.reasons == ())


@settings(max_examples=700)
@given(PHONES, ZIPS, STATES, INSTANTS, st.sampled_from(sorted(LAW)))
@example("+14015550109", "02903", "RI", datetime(2027, 8, 9, 16, tzinfo=UTC), Channel.TEXT)
@example("+12155550120", "19102", "PA", datetime(2026, 10, 17, 23, 30, tzinfo=UTC), Channel.TEXT)
@example("+19155550181", "79901", "", datetime(2026, 12, 8, 3, tzinfo=UTC), Channel.TEXT)
def test_the_engine_and_a_second_reading_of_the_law_agree(
    phone: str, zip5: str, state: str, at: datetime, channel: Channel
) -> None:
    _agree(phone, zip5, state, at, channel)


@pytest.mark.parametrize("state", sorted(oracle.states()))
def test_they_agree_at_every_edge_of_every_kind_of_day_of_a_state(state: str) -> None:
    # A weekday, a Saturday, a Sunday, both changes of the clocks, and Thanksgiving, Christmas and New Year's Day.
    days = [
        "2026-12-02",
        "2026-12-05",
        "2026-12-06",
        "2026-11-01",
        "2027-03-14",
        "2026-11-26",
        "2026-12-25",
        "2027-01-01",
    ]
    area = next((code for code, (where, _) in sorted(oracle.area_codes().items()) if where == state), "212")
    for zone in oracle.states()[state]:
        for day in days:
            for hour in EDGES:
                local = datetime.fromisoformat(f"{day}T{hour:02}:00:00").replace(tzinfo=ZoneInfo(zone))
                for second in (-1, 0):
                    at = local.astimezone(UTC) + timedelta(seconds=second)
                    _agree(f"+1{area}5550100", "", state, at, Channel.TEXT)


def test_every_legal_holiday_of_seven_years_is_kept() -> None:
    for state in ("AL", "LA", "PA", "RI", "UT"):
        zone = ZoneInfo(oracle.states()[state][0])
        area = next(code for code, (where, _) in oracle.area_codes().items() if where == state)
        for ordinal in range(FIRST.toordinal(), LAST.toordinal() + 1):
            day = date.fromordinal(ordinal)
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone).astimezone(UTC)
            _agree(f"+1{area}5550100", "", "", noon, Channel.CALL)


@pytest.mark.slow
@settings(max_examples=20_000, deadline=None)
@given(PHONES, ZIPS, STATES, INSTANTS, st.sampled_from(sorted(LAW)))
def test_they_agree_over_twenty_thousand_rows(
    phone: str, zip5: str, state: str, at: datetime, channel: Channel
) -> None:
    _agree(phone, zip5, state, at, channel)


def _cases() -> list[dict[str, str]]:
    with (HERE / "data" / "window_cases.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", _cases(), ids=lambda row: row["case_id"])
def test_the_second_reading_keeps_the_table_worked_out_by_hand(row: dict[str, str]) -> None:
    at = datetime.fromisoformat(row["instant_utc"])
    expected = row["expected_allowed"] == "true"
    assert oracle.allowed(row["phone"], row["property_zip"], row["mailing_state"], at) is expected, row["why"]
    found = LAW[Channel.TEXT].of(row["phone"], row["property_zip"] or None, row["mailing_state"] or None, at)
    assert (found.allowed, found.reasons[0] if found.reasons else "ok") == (expected, row["expected_reason"])
    assert {reason.strip() for reason in row["all_reasons"].split(";") if reason.strip()} <= set(found.reasons)


def test_the_second_reading_shares_no_code_with_the_first() -> None:
    tree = ast.parse((HERE / "oracle.py").read_text(encoding="utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not {name for name in modules if name.split(".")[0] in {"leadflow", "models", "holidays", "tests"}}


@pytest.mark.parametrize(
    ("phone", "zip5", "state", "reason"),
    [
        ("+18005550100", None, None, "location_unknown@area_code/800"),
        (None, "10001", None, "location_unknown@area_code/none"),
        ("+12125550100", "00000", None, "location_unknown@property/00000"),
        ("+12125550100", None, "ZZ", "location_unknown@mailing/ZZ"),
    ],
)
def test_an_unknown_place_refuses_and_is_named(
    phone: str | None, zip5: str | None, state: str | None, reason: str
) -> None:
    found = LAW[Channel.TEXT].of(phone, zip5, state, datetime(2026, 12, 2, 17, tzinfo=UTC))
    assert not found.allowed
    assert found.reasons == (reason,)
    assert found.opens_at is None


def test_the_organisations_own_margin_closes_earlier_when_asked_for() -> None:
    at = datetime(2026, 12, 3, 1, 57, tzinfo=UTC)
    assert LAW[Channel.TEXT].of("+12125550100", "10001", "NY", at).allowed
    assert not LawfulHours(with_own_limits=True).of("+12125550100", "10001", "NY", at).allowed
