"""Hours by small windows of the test's own, without a database: every edge to the second, every kind of holiday."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

import pytest

from leadflow.compliance.rules import windows
from leadflow.compliance.rules.hours import Hours, hours
from leadflow.compliance.rules.policy import compile_policy, shipped
from leadflow.compliance.types import Closed, Place, Policy, Span, Window, WindowFault
from models.vocabulary import Channel

HOUR = 3600
NEW_YORK, CHICAGO = "America/New_York", "America/Chicago"
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
LAW = compile_policy([pack for pack in shipped() if pack.name != "organization"], Channel.TEXT, date(2026, 12, 2))


def _window(key: str = "w", jurisdiction: str = "US", opens: int = 8, closes: int = 21, **other: object) -> Window:
    span = Span(opens * HOUR, closes * HOUR)
    return Window(key, jurisdiction, (span,) * 7, **other)  # type: ignore[arg-type] what a case changes


def _policy(*federal: Window, **states: tuple[Window, ...]) -> Policy:
    return Policy(
        version="test",
        channel=Channel.TEXT,
        federal=federal,
        states=MappingProxyType(states),
        caps=(),
        state_caps={},
        written_consent={},
        emergencies={},
        scrub_max_age=timedelta(days=31),
        basis_months={},
        keywords=(),
        mourning={},
    )


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-12-02T12:59:59", WindowFault.BEFORE_OPEN),
        ("2026-12-02T13:00:00", None),
        ("2026-12-03T01:59:59", None),
        ("2026-12-03T02:00:00", WindowFault.AFTER_CLOSE),
        ("2026-12-03T04:59:59", WindowFault.AFTER_CLOSE),
        ("2026-12-03T05:00:00", WindowFault.BEFORE_OPEN),
    ],
)
def test_a_window_is_open_from_its_first_second_to_before_its_last(at: str, expected: WindowFault | None) -> None:
    assert windows.fault(_window(), NEW_YORK, _at(at)) is expected


def test_minutes_and_seconds_count() -> None:
    odd = Window("w", "US", (Span(8 * HOUR + 30 * 60 + 15, 9 * HOUR),) * 7)
    assert windows.fault(odd, NEW_YORK, _at("2026-12-02T13:30:14")) is WindowFault.BEFORE_OPEN
    assert windows.fault(odd, NEW_YORK, _at("2026-12-02T13:30:15")) is None
    assert windows.opening(_policy(odd), frozenset({Place("NY", NEW_YORK)}), None, _at("2026-12-02T10:00:00")) == _at(
        "2026-12-02T13:30:15"
    )


def test_the_margin_closes_earlier_and_opens_no_later() -> None:
    near = _window(margin_s=300)
    assert windows.fault(near, NEW_YORK, _at("2026-12-03T01:54:59")) is None
    assert windows.fault(near, NEW_YORK, _at("2026-12-03T01:55:00")) is WindowFault.AFTER_CLOSE
    assert windows.fault(near, NEW_YORK, _at("2026-12-02T13:00:00")) is None


def test_a_day_without_hours_and_a_holiday_are_told_apart() -> None:
    span = Span(8 * HOUR, 21 * HOUR)
    window = Window("w", "US", (*(span,) * 6, None), holidays=("12-02",))
    assert windows.fault(window, NEW_YORK, _at("2026-12-06T17:00:00")) is WindowFault.DAY_PROHIBITED
    assert windows.fault(window, NEW_YORK, _at("2026-12-02T17:00:00")) is WindowFault.HOLIDAY
    assert windows.fault(window, NEW_YORK, _at("2026-12-05T17:00:00")) is None


def test_a_window_binds_from_its_first_day_to_its_last() -> None:
    first, last = date(2026, 12, 2), date(2026, 12, 4)
    window = _window(opens=12, effective_from=first, effective_to=last)
    for day, expected in ((1, None), (2, WindowFault.BEFORE_OPEN), (4, WindowFault.BEFORE_OPEN), (5, None)):
        assert windows.fault(window, NEW_YORK, _at(f"2026-12-{day:02}T13:00:00")) is expected
    assert windows.in_force(None, None, first)
    assert windows.in_force(first, None, last)
    assert not windows.in_force(None, first, last)
    assert not windows.in_force(last, None, first)
    # Out of force, all of the day is open, its last second too.
    assert windows.fault(window, NEW_YORK, _at("2026-12-06T04:59:59")) is None
    assert windows.fault(window, NEW_YORK, _at("2026-12-05T05:00:00")) is None


def test_every_window_of_every_place_binds() -> None:
    federal, of_state, own = _window("us"), _window("fl", "FL", closes=20), _window("own", "campaign", opens=9)
    policy = _policy(federal, FL=(of_state,), GA=(_window("ga", "GA"),))
    here = frozenset({Place("FL", NEW_YORK), Place("FL", CHICAGO)})
    assert windows.constraints(policy, here, own) == {
        (window, zone) for window in (federal, of_state, own) for zone in (NEW_YORK, CHICAGO)
    }
    assert windows.constraints(policy, here, None) == {
        (window, zone) for window in (federal, of_state) for zone in (NEW_YORK, CHICAGO)
    }
    # Half past eight in New York, half past seven in Chicago.
    found = windows.closed(policy, here, own, _at("2026-12-02T13:30:00"))
    assert set(found) == {
        Closed(federal, CHICAGO, WindowFault.BEFORE_OPEN),
        Closed(of_state, CHICAGO, WindowFault.BEFORE_OPEN),
        Closed(own, CHICAGO, WindowFault.BEFORE_OPEN),
        Closed(own, NEW_YORK, WindowFault.BEFORE_OPEN),
    }
    assert windows.faults_at(policy, Place("FL", NEW_YORK), _at("2026-12-03T01:30:00")) == (
        ("FL", WindowFault.AFTER_CLOSE),
    )
    assert windows.faults_at(policy, Place("FL", NEW_YORK), _at("2026-12-03T02:30:00")) == (
        ("US", WindowFault.AFTER_CLOSE),
        ("FL", WindowFault.AFTER_CLOSE),
    )
    assert windows.faults_at(policy, Place("TX", NEW_YORK), _at("2026-12-02T17:00:00")) == ()


def test_a_window_with_a_zone_of_its_own_is_read_there() -> None:
    texas = _window("tx", "TX", opens=9, zone=CHICAGO)
    policy = _policy(_window("us"), TX=(texas,))
    el_paso = frozenset({Place("TX", "America/Denver")})
    assert (texas, CHICAGO) in windows.constraints(policy, el_paso, None)
    # Eight in El Paso is nine in Chicago.
    assert windows.closed(policy, el_paso, None, _at("2026-12-02T15:00:00")) == ()
    assert windows.faults_at(policy, Place("TX", "America/Denver"), _at("2026-12-02T14:59:59")) == (
        ("US", WindowFault.BEFORE_OPEN),
        ("TX", WindowFault.BEFORE_OPEN),
    )


def test_no_place_no_permission() -> None:
    with pytest.raises(ValueError, match=r"^no place, no permission$"):
        windows.closed(_policy(_window()), frozenset(), None, _at("2026-12-02T17:00:00"))


# The next opening

NY = frozenset({Place("NY", NEW_YORK)})


@pytest.mark.parametrize(
    ("window", "at", "opens"),
    [
        (_window(), "2026-12-02T17:00:00", "2026-12-02T17:00:00"),
        (_window(), "2026-12-02T12:59:59", "2026-12-02T13:00:00"),
        (_window(), "2026-12-03T02:00:00", "2026-12-03T13:00:00"),
        # The clocks go back in the night: eight is an hour later in UTC.
        (_window(), "2026-11-01T01:00:00", "2026-11-01T13:00:00"),
        (_window(), "2027-03-14T02:00:00", "2027-03-14T12:00:00"),
        # A Saturday evening, and no Sundays: Monday.
        (
            Window("w", "US", (*(Span(8 * HOUR, 20 * HOUR),) * 6, None)),
            "2026-12-06T02:00:00",
            "2026-12-07T13:00:00",
        ),
        # Only the last second of Monday.
        (
            Window("w", "US", (Span(24 * HOUR - 1, 24 * HOUR), *(None,) * 6)),
            "2026-12-01T05:00:00",
            "2026-12-08T04:59:59",
        ),
        # Hours that a margin uses up open nothing.
        (
            Window("w", "US", (Span(8 * HOUR, 8 * HOUR + 300), *(Span(9 * HOUR, 20 * HOUR),) * 6), margin_s=300),
            "2026-12-07T12:00:00",
            "2026-12-08T14:00:00",
        ),
    ],
)
def test_the_next_opening_is_found_to_the_second(window: Window, at: str, opens: str) -> None:
    assert windows.opening(_policy(window), NY, None, _at(at)) == _at(opens)


def test_an_opening_is_one_at_every_place_and_for_the_campaign() -> None:
    both = frozenset({Place("NY", NEW_YORK), Place("HI", "Pacific/Honolulu")})
    policy = _policy(_window())
    # Eight in Honolulu is one in New York.
    assert windows.opening(policy, both, None, _at("2026-12-02T13:00:00")) == _at("2026-12-02T18:00:00")
    # The campaign's two hours at each place: New York's are over when Honolulu's begin, every day.
    own = _window("own", "campaign", opens=10, closes=12)
    assert windows.opening(policy, both, own, _at("2026-12-02T13:00:00")) is None
    assert windows.opening(policy, NY, own, _at("2026-12-02T17:00:00")) == _at("2026-12-03T15:00:00")


def test_what_never_opens_has_no_opening() -> None:
    never = Window("w", "US", (None,) * 7)
    assert windows.opening(_policy(_window(), never), NY, None, _at("2026-12-02T17:00:00")) is None
    assert windows.opening(_policy(never), NY, None, _at("2026-12-02T17:00:00")) is None


def test_an_opening_is_looked_for_eight_days_ahead() -> None:
    holidays = tuple(f"12-{day:02}" for day in range(2, 11))
    far = _window(holidays=holidays)
    # Nine holidays in a row: the next open morning lies within the horizon of the second of them, not of the first.
    assert windows.opening(_policy(far), NY, None, _at("2026-12-03T13:00:00")) == _at("2026-12-11T13:00:00")
    one_more = _window(holidays=(*holidays, "12-11", "12-12"))
    assert windows.opening(_policy(one_more), NY, None, _at("2026-12-02T13:00:00")) is None
    assert windows.opening(_policy(), NY, None, _at("2026-12-02T13:00:00")) == _at("2026-12-02T13:00:00")


# Holidays


@pytest.mark.parametrize(
    ("name", "days", "no_days"),
    [
        ("12-24", ["2026-12-24", "2029-12-24"], ["2026-12-23", "2026-12-25"]),
        ("US", ["2026-12-25", "2026-11-26", "2027-07-05"], ["2026-12-24", "2026-11-27"]),
        ("US-LA", ["2026-02-17"], ["2026-02-18"]),
        ("easter", ["2026-04-05", "2024-03-31", "2025-04-20", "2027-03-28", "2028-04-16"], ["2026-04-06"]),
        ("easter-2", ["2026-04-03", "2024-03-29"], ["2026-04-05", "2026-04-07"]),
        ("easter-47", ["2026-02-17", "2027-02-09"], ["2026-02-16"]),
        ("easter+1", ["2026-04-06"], ["2026-04-05"]),
        ("election-day", ["2026-11-03", "2024-11-05", "2027-11-02", "2022-11-08"], ["2026-11-10", "2027-11-09"]),
        ("election-day", [], ["2022-11-01", "2026-11-04", "2026-12-01", "2026-11-02"]),
        ("robert-e-lee", ["2026-01-19", "2028-01-17", "2029-01-15"], ["2026-01-12", "2026-01-26", "2026-02-16"]),
        ("robert-e-lee", ["2027-01-18", "2024-01-15"], ["2026-01-20", "2024-01-22", "2027-01-21"]),
        # 2027-05-04 is a Tuesday, 2025-05-04 a Sunday, 2024-05-04 a Saturday.
        ("05-04/sun", ["2027-05-04", "2025-05-04", "2025-05-05"], ["2024-05-06", "2024-05-05", "2027-05-05"]),
        ("05-04/sat", ["2024-05-06", "2024-05-04"], ["2025-05-05", "2024-05-05"]),
        ("05-04/sat,sun", ["2024-05-06", "2025-05-05"], ["2026-05-05", "2024-05-07", "2026-05-11"]),
    ],
)
def test_a_holiday_falls_on_its_days(name: str, days: list[str], no_days: list[str]) -> None:
    assert [day for day in days if not windows.is_holiday((name,), date.fromisoformat(day))] == []
    assert [day for day in no_days if windows.is_holiday((name,), date.fromisoformat(day))] == []
    assert not windows.is_holiday((), date(2026, 12, 25))
    assert windows.is_holiday(("01-31", name, "02-30"), date(2026, 1, 31))


@pytest.mark.parametrize(
    "easter",
    [
        "1900-04-15",
        "1943-04-25",
        "1954-04-18",
        "1961-04-02",
        "1981-04-19",
        "1999-04-04",
        "2000-04-23",
        "2008-03-23",
        "2011-04-24",
        "2016-03-27",
        "2019-04-21",
        "2023-04-09",
        "2029-04-01",
        "2030-04-21",
        "2038-04-25",
        "2049-04-18",
        "2076-04-19",
        "2100-03-28",
        "2160-03-23",
        "2200-04-06",
        "2285-03-22",
        "2300-04-08",
        "2400-04-16",
    ],
)
def test_easter_by_the_published_tables(easter: str) -> None:
    day = date.fromisoformat(easter)
    assert windows.is_holiday(("easter",), day)
    assert not windows.is_holiday(("easter",), day + DAY)


# Rows of a file


def _hours(
    e164: str | None, zip5: str | None = None, mail: str | None = None, at: str = "2026-12-02T17:00:00"
) -> Hours:
    return hours(LAW, {"us.hours": 0, "states.ri.hours": 1}, e164, zip5, mail, _at(at))


def test_an_open_hour_has_no_reason() -> None:
    found = _hours("+12125550101", "10001", "NY")
    assert found == Hours(
        allowed=True,
        reasons=(),
        citations=(),
        local_times=("America/New_York=Wed 2026-12-02 12:00:00",),
        opens_at=_at("2026-12-02T17:00:00"),
    )


def test_each_reason_names_its_source_and_its_law() -> None:
    found = _hours("+13125550105", "02903", "CA", "2026-12-03T02:30:00")
    assert not found.allowed
    assert found.reasons[0] == "federal_after_close@property/RI/America/New_York"
    assert found.citations[0].startswith("47 CFR 64.1200(c)(1)")
    assert len(found.citations) == len(found.reasons) == len(set(found.reasons))
    assert "state_after_close@property/RI/America/New_York" in found.reasons
    assert not any("area_code" in reason or "mailing/CA/America/Los" in reason for reason in found.reasons)
    assert found.local_times == (
        "America/Chicago=Wed 2026-12-02 20:30:00",
        "America/New_York=Wed 2026-12-02 21:30:00",
        "America/Los_Angeles=Wed 2026-12-02 18:30:00",
    )
    assert found.opens_at == _at("2026-12-03T16:00:00")


def test_the_surest_reason_comes_first_and_one_of_no_known_sureness_last() -> None:
    us, first, second = _window("us", opens=9), _window("a", "NY", opens=9), _window("b", "NY", opens=9, closes=20)
    policy = _policy(us, NY=(first, second))
    at = _at("2026-12-03T02:30:00")
    said = hours(policy, {"us": 2, "b": 0}, "+12125550101", None, None, at).reasons
    assert said == (
        "state_after_close@area_code/NY/America/New_York",
        "federal_after_close@area_code/NY/America/New_York",
    )
    cited = _policy(_window("us", citation="federal law"), NY=(_window("a", "NY", citation="state law"),))
    found = hours(cited, {"us": 1, "a": 0}, "+12125550101", None, None, at)
    assert found.citations == ("state law", "federal law")
    unsure = hours(cited, {"us": 0}, "+12125550101", None, None, at)
    assert unsure.citations == ("federal law", "state law")


@pytest.mark.parametrize(
    ("e164", "zip5", "mail", "reasons"),
    [
        ("+18005550100", None, None, ("location_unknown@area_code/800",)),
        (None, None, None, ("location_unknown@area_code/none",)),
        ("+12125550100", "00000", None, ("location_unknown@property/00000",)),
        ("+12125550100", None, "ZZ", ("location_unknown@mailing/ZZ",)),
        (
            "+18005550100",
            "00000",
            "ZZ",
            ("location_unknown@area_code/800", "location_unknown@property/00000", "location_unknown@mailing/ZZ"),
        ),
        ("+18005550100", "10001", "NY", ("location_unknown@area_code/800",)),
    ],
)
def test_an_unknown_place_is_named(e164: str | None, zip5: str | None, mail: str | None, reasons: tuple[str]) -> None:
    found = _hours(e164, zip5, mail)
    assert (found.allowed, found.reasons, found.citations, found.opens_at) == (False, reasons, (), None)


def test_clocks_of_known_places_are_told_even_where_one_is_unknown() -> None:
    assert _hours("+12125550100", "00000").local_times == ("America/New_York=Wed 2026-12-02 12:00:00",)


def test_where_a_person_is_billed_binds_like_any_other_place() -> None:
    at = _at("2026-12-02T17:00:00")
    west = hours(LAW, {}, "+12125550101", "10001", None, at, "HI")
    assert (west.allowed, {reason.split("@")[1] for reason in west.reasons}) == (False, {"billing/HI/Pacific/Honolulu"})
    assert west.local_times[-1].startswith("Pacific/Honolulu=")
    assert west.opens_at == _at("2026-12-02T18:00:00")
    nowhere = hours(LAW, {}, "+12125550101", "10001", "NY", at, "XX")
    assert (nowhere.allowed, nowhere.reasons) == (False, ("location_unknown@billing/XX",))


def test_a_state_without_hours_of_its_own_has_the_federal_ones() -> None:
    federal = hours(_policy(_window()), {}, "+12125550101", None, None, _at("2026-12-02T17:00:00"))
    assert federal.allowed
