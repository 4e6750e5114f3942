"""Write the cases of the compliance drill: ``python -m scripts.drill_cases``.

Nothing of the engine is imported here. What is expected is written down from the text of the law or worked out by plain
arithmetic on local clocks, so that the drill holds the engine and the organisation's packs against another reading.
Sources: 47 CFR 64.1200, 16 CFR 310.4, and the state acts named beside each hour; docs/explanation/hours.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

TARGET = Path(__file__).resolve().parents[1] / "leadflow/compliance/data/drill.jsonl"

Case = dict[str, Any]

WEDNESDAY, SATURDAY, SUNDAY = date(2026, 12, 2), date(2026, 12, 5), date(2026, 12, 6)
NOON = datetime(2026, 12, 2, 18, tzinfo=UTC)
"""Wednesday noon in Chicago: inside every window of Illinois."""

# A place: area code of a number that lies in it, a ZIP in it, its zone.
PLACES = {
    "CT": ("860", "06103", "America/New_York"),
    "FL": ("305", "33101", "America/New_York"),
    "KY": ("502", "40202", "America/New_York"),
    "LA": ("504", "70112", "America/Chicago"),
    "MA": ("617", "02108", "America/New_York"),
    "MD": ("410", "21201", "America/New_York"),
    "MS": ("601", "39201", "America/Chicago"),
    "NM": ("505", "87102", "America/Denver"),
    "OK": ("405", "73102", "America/Chicago"),
    "OR": ("503", "97204", "America/Los_Angeles"),
    "RI": ("401", "02903", "America/New_York"),
    "TX": ("214", "75201", "America/Chicago"),
    "UT": ("801", "84101", "America/Denver"),
    "WA": ("206", "98101", "America/Los_Angeles"),
}
# Weekday, Saturday, Sunday; None is a day without contact. The law stands beside each.
HOURS: dict[str, tuple[tuple[str, str] | None, tuple[str, str] | None, tuple[str, str] | None, str]] = {
    "CT": (("09:00", "20:00"), ("09:00", "20:00"), ("09:00", "20:00"), "Conn. Gen. Stat. 42-288a(c)"),
    "FL": (("08:00", "20:00"), ("08:00", "20:00"), ("08:00", "20:00"), "Fla. Stat. 501.616(6)(a)"),
    "KY": (("10:00", "21:00"), ("10:00", "21:00"), ("10:00", "21:00"), "KRS 367.46955(16)"),
    "LA": (("08:00", "20:00"), ("08:00", "20:00"), None, "LPSC General Order R-29617 s. V(A)(2)"),
    "MA": (("08:00", "20:00"), ("08:00", "20:00"), ("08:00", "20:00"), "201 CMR 12.02(2)"),
    "MD": (("08:00", "20:00"), ("08:00", "20:00"), ("08:00", "20:00"), "Md. Code, Com. Law 14-4502"),
    "MS": (("08:00", "20:00"), ("08:00", "20:00"), None, "Miss. Code 77-3-723(1)"),
    "NM": (("09:00", "21:00"), ("09:00", "21:00"), ("09:00", "21:00"), "N.M. Stat. 57-12-22(B)(5)"),
    "OK": (("08:00", "20:00"), ("08:00", "20:00"), ("08:00", "20:00"), "Okla. Stat. tit. 15, 775C.4"),
    "OR": (("08:00", "20:00"), ("08:00", "20:00"), ("08:00", "20:00"), "HB 3865 (2025)"),
    "RI": (("09:00", "18:00"), ("10:00", "17:00"), None, "R.I. Gen. Laws 5-61-3.6"),
    "TX": (("09:00", "21:00"), ("09:00", "21:00"), ("12:00", "21:00"), "Tex. Bus. & Com. Code 301.051"),
    "UT": (("08:00", "21:00"), ("08:00", "21:00"), None, "Utah Code 13-25a-103(3)"),
    "WA": (("08:00", "20:00"), ("08:00", "20:00"), ("08:00", "20:00"), "RCW 80.36.390"),
}
FEDERAL = "47 CFR 64.1200(c)(1)"
MARGIN_MINUTES = 5
"""A text leaves this long before a window closes, by LeadFlow's own caution."""


def local(day: date, clock: str, zone: str) -> datetime:
    """Answer the instant of a wall clock."""
    hour, minute, second = (int(part) for part in f"{clock}:00".split(":")[:3])
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def stamp(at: datetime) -> str:
    """Write an instant."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def case(group: str, title: str, why: str, at: datetime, **more: Any) -> Case:  # noqa: ANN401 fields of a case
    """Make one case; what is not said is as in the base: a text that may go."""
    facts = {
        name: stamp(value) if isinstance(value, datetime) else value for name, value in more.pop("facts", {}).items()
    }
    return {"group": group, "title": title, "why": why, "at": stamp(at), "facts": facts, **more}


def go(group: str, title: str, why: str, at: datetime, **more: Any) -> Case:  # noqa: ANN401 fields of a case
    """Make a case that may go."""
    return case(group, title, why, at, expect="go", **more)


def stop(group: str, title: str, why: str, at: datetime, rule: str, **more: Any) -> Case:  # noqa: ANN401 fields of a case
    """Make a case that must not go, by a rule."""
    return case(group, title, why, at, expect="stop", rule=rule, **more)


def at_place(state: str) -> dict[str, Any]:
    """Put the person into one state by number, property and mail."""
    area, zip5, _ = PLACES[state]
    return {"e164": f"+1{area}5550105", "zip5": zip5, "property_state": state, "mailing_state": state}


# Hours


def federal_hours() -> Iterator[Case]:
    """Federal hours, to the second, in each zone."""
    zones = {
        "Chicago": ("312", "60601", "IL", "America/Chicago"),
        "New York": ("212", "10001", "NY", "America/New_York"),
        "Los Angeles": ("213", "90012", "CA", "America/Los_Angeles"),
        "Denver": ("303", "80202", "CO", "America/Denver"),
        "Honolulu": ("808", "96813", "HI", "Pacific/Honolulu"),
    }
    for city, (area, zip5, state, zone) in zones.items():
        facts = {"e164": f"+1{area}5550105", "zip5": zip5, "property_state": state, "mailing_state": state}
        for clock in ("00:00:00", "03:00:00", "07:59:59", "21:00:00", "22:30:00"):
            yield stop(
                "hours", f"{city} at {clock}", FEDERAL, local(WEDNESDAY, clock, zone), "quiet_hours",
                facts=facts, provision="us.hours", closed_by="US",
            )  # fmt: skip
        for clock in ("20:55:00", "20:59:59"):
            yield stop(
                "closing margin", f"{city} at {clock}", "A slow carrier would deliver it after nine.",
                local(WEDNESDAY, clock, zone), "quiet_hours", facts=facts, weight="caution",
                provision="organization.closing-margin",
            )  # fmt: skip
        yield go("hours", f"{city} at 12:00:00", FEDERAL, local(WEDNESDAY, "12:00:00", zone), facts=facts)
    facts = {"e164": "+13125550105"}
    yield go(
        "hours",
        "Chicago at 08:00:00",
        "Eight sharp is open.",
        local(WEDNESDAY, "08:00:00", "America/Chicago"),
        facts=facts,
    )
    yield go(
        "hours",
        "Chicago at 20:54:59",
        "The last second before the margin.",
        local(WEDNESDAY, "20:54:59", "America/Chicago"),
        facts=facts,
    )


def state_hours() -> Iterator[Case]:
    """Each state's own hours on each kind of day."""
    days = (("weekday", WEDNESDAY), ("Saturday", SATURDAY), ("Sunday", SUNDAY))
    for state, (*spans, law) in HOURS.items():
        zone = PLACES[state][2]
        more = {"facts": at_place(state), "provision": f"{state.lower()}.hours", "closed_by": state}
        for (kind, day), span in zip(days, spans, strict=True):
            if span is None:
                for clock in ("10:00:00", "13:00:00", "16:00:00"):
                    yield stop(
                        "state hours",
                        f"{state} on a {kind} at {clock}",
                        law,
                        local(day, clock, zone),
                        "quiet_hours",
                        **more,
                    )
                continue
            opens, closes = span
            before = local(day, opens, zone) - timedelta(seconds=1)
            yield stop(
                "state hours", f"{state} on a {kind}, a second before {opens}", law, before, "quiet_hours", **more
            )
            yield stop(
                "state hours", f"{state} on a {kind} at {closes}", law, local(day, closes, zone), "quiet_hours", **more
            )
        # Two of them ask for more than an hour: written consent stands in the base.
        first = spans[0]
        if first:
            middle = local(WEDNESDAY, "14:00:00", zone)
            yield go("state hours", f"{state} on a weekday at 14:00", law, middle, facts=at_place(state))


def elsewhere() -> Iterator[Case]:
    """A state counts by the number, by the property or by the mail alone."""
    for state in ("CT", "FL", "LA", "MA", "MD", "MS", "OK", "RI", "WA", "OR"):
        area, zip5, zone = PLACES[state]
        closes = HOURS[state][0][1] if HOURS[state][0] else "20:00"  # type: ignore[index]
        at = local(WEDNESDAY, closes, zone) + timedelta(minutes=1)
        law = HOURS[state][3]
        more = {"provision": f"{state.lower()}.hours", "closed_by": state}
        hints = {
            "its area code": {"e164": f"+1{area}5550105"},
            "the property": {"zip5": zip5, "property_state": state},
            "the mailing address": {"mailing_state": state},
        }
        for hint, facts in hints.items():
            yield stop(
                "ported numbers",
                f"{state} only by {hint}, a minute after closing",
                law,
                at,
                "quiet_hours",
                facts=facts,
                **more,
            )


def ported() -> Iterator[Case]:
    """A number of one coast for a house on the other."""
    numbers = {
        "212": "America/New_York",
        "617": "America/New_York",
        "312": "America/Chicago",
        "213": "America/Los_Angeles",
        "206": "America/Los_Angeles",
        "808": "Pacific/Honolulu",
    }
    houses = {
        "10001": ("NY", "America/New_York"),
        "60601": ("IL", "America/Chicago"),
        "90012": ("CA", "America/Los_Angeles"),
        "80202": ("CO", "America/Denver"),
    }
    for area, zone in numbers.items():
        for zip5, (state, there) in houses.items():
            if zone == there:
                continue
            facts = {"e164": f"+1{area}5550105", "zip5": zip5, "property_state": state, "mailing_state": state}
            for of, clock in ((zone, "07:30:00"), (zone, "21:30:00"), (there, "07:30:00")):
                yield stop(
                    "ported numbers", f"{area} for a house in {state}: {clock} by the clock of {of}",
                    "Every place where the person may be must allow it.", local(WEDNESDAY, clock, of), "quiet_hours",
                    facts=facts, provision="us.hours", closed_by="US",
                )  # fmt: skip


def split_codes() -> Iterator[Case]:
    """Area codes and states of two zones, Arizona's two clocks, and the days on which clocks change."""
    eastern, central, mountain, pacific = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
    split = {
        "208": ("ID", mountain, pacific), "701": ("ND", central, mountain), "605": ("SD", central, mountain),
        "308": ("NE", central, mountain), "906": ("MI", eastern, central), "850": ("FL", eastern, central),
        "270": ("KY", eastern, central), "541": ("OR", mountain, pacific), "785": ("KS", central, mountain),
        "812": ("IN", eastern, central),
    }  # fmt: skip
    for area, (state, ahead, behind) in split.items():
        facts = {"e164": f"+1{area}5550105", "zip5": None, "property_state": None, "mailing_state": None}
        why = f"{area} lies in two zones; both must be open."
        more = {"facts": facts, "provision": "us.hours", "closed_by": "US"}
        yield stop(
            "zones",
            f"{area} ({state}) at 07:30 of the later clock",
            why,
            local(WEDNESDAY, "07:30:00", behind),
            "quiet_hours",
            **more,
        )
        yield stop(
            "zones",
            f"{area} ({state}) at 21:10 of the earlier clock",
            why,
            local(WEDNESDAY, "21:10:00", ahead),
            "quiet_hours",
            **more,
        )
    arizona = {"e164": "+19285550105", "zip5": None, "property_state": None, "mailing_state": "AZ"}
    why = "Arizona keeps standard time; the Navajo Nation in it does not."
    for day, kind in (
        (date(2026, 7, 15), "summer"),
        (date(2026, 3, 9), "the day after clocks change"),
        (date(2026, 10, 30), "autumn"),
    ):
        more = {"facts": arizona, "provision": "us.hours", "closed_by": "US"}
        yield stop(
            "zones",
            f"Arizona in {kind}: 07:30 in Phoenix, 08:30 in the Navajo Nation",
            why,
            local(day, "07:30:00", "America/Phoenix"),
            "quiet_hours",
            **more,
        )
        yield stop(
            "zones",
            f"Arizona in {kind}: 20:30 in Phoenix, 21:30 in the Navajo Nation",
            why,
            local(day, "20:30:00", "America/Phoenix"),
            "quiet_hours",
            **more,
        )
    for day, kind in ((date(2026, 3, 8), "clocks go forward"), (date(2026, 11, 1), "clocks go back")):
        for area, zip5, state, zone in (
            ("312", "60601", "IL", central),
            ("213", "90012", "CA", pacific),
            ("212", "10001", "NY", eastern),
        ):
            facts = {"e164": f"+1{area}5550105", "zip5": zip5, "property_state": state, "mailing_state": state}
            more = {"facts": facts, "provision": "us.hours", "closed_by": "US"}
            why = "The wall clock of that very day counts."
            yield stop(
                "zones",
                f"{state} on the day {kind}, 07:59:59",
                why,
                local(day, "07:59:59", zone),
                "quiet_hours",
                **more,
            )
            yield stop(
                "zones",
                f"{state} on the day {kind}, 21:00:00",
                why,
                local(day, "21:00:00", zone),
                "quiet_hours",
                **more,
            )
    for area, why in (
        ("800", "Toll-free: nobody knows where it rings."),
        ("888", "Toll-free."),
        ("211", "No area code."),
        ("555", "No area code."),
    ):
        facts = {"e164": f"+1{area}5550105"}
        yield stop("zones", f"An area code that has no place: {area}", why, NOON, "location_known", facts=facts)


def holidays() -> Iterator[Case]:
    """Holidays that bind in a few states only."""
    named = {
        "RI": [
            (date(2026, 5, 4), "Rhode Island Independence Day"), (date(2026, 8, 10), "Victory Day"),
            (date(2026, 10, 12), "Columbus Day"), (date(2026, 11, 11), "Veterans Day"),
            (date(2026, 11, 26), "Thanksgiving"), (date(2026, 12, 25), "Christmas"), (date(2027, 1, 1), "New Year"),
            (date(2026, 11, 3), "Election Day"), (date(2026, 7, 4), "Independence Day, a Saturday"),
            (date(2026, 5, 25), "Memorial Day"), (date(2026, 9, 7), "Labor Day"),
        ],
        "LA": [
            (date(2026, 4, 3), "Good Friday"), (date(2027, 1, 8), "Battle of New Orleans"),
            (date(2026, 11, 3), "Election Day"), (date(2026, 12, 26), "the day after Christmas"),
            (date(2026, 11, 26), "Thanksgiving"), (date(2026, 12, 25), "Christmas"),
            (date(2026, 7, 3), "Independence Day, observed"),
        ],
        "UT": [
            (date(2026, 7, 24), "Pioneer Day"), (date(2026, 11, 26), "Thanksgiving"), (date(2026, 12, 25), "Christmas"),
            (date(2027, 1, 18), "Martin Luther King Day"), (date(2026, 9, 7), "Labor Day"),
        ],
    }  # fmt: skip
    for state, days in named.items():
        zone = PLACES[state][2]
        for day, name in days:
            for clock in ("11:00:00", "14:00:00"):
                yield stop(
                    "holidays", f"{state} on {name} at {clock[:5]}", HOURS[state][3],
                    local(day, clock, zone), "holiday",
                    facts=at_place(state), provision=f"{state.lower()}.hours", closed_by=state,
                )  # fmt: skip
    # A holiday of one state is none of another.
    yield go(
        "holidays",
        "Illinois on Rhode Island's Victory Day",
        "It is a holiday in Rhode Island only.",
        local(date(2026, 8, 10), "12:00:00", "America/Chicago"),
    )


def calls() -> Iterator[Case]:
    """Hours that bind calls alone."""
    facts = {"e164": "+12075550105", "zip5": "04101", "property_state": "ME", "mailing_state": "ME"}
    for day, clock in ((WEDNESDAY, "08:30:00"), (WEDNESDAY, "17:00:00"), (SATURDAY, "12:00:00"), (SUNDAY, "12:00:00")):
        yield stop(
            "calls",
            f"Maine on {day:%A} at {clock[:5]}",
            "10 M.R.S. 1498(3)",
            local(day, clock, "America/New_York"),
            "quiet_hours",
            facts=facts,
            channel="call",
            provision="me.hours.automated",
            closed_by="ME",
        )
    facts = {"e164": "+13125550105"}
    for clock in ("07:59:59", "21:00:00"):
        yield stop(
            "calls",
            f"A call in Chicago at {clock}",
            FEDERAL,
            local(WEDNESDAY, clock, "America/Chicago"),
            "quiet_hours",
            facts=facts,
            channel="call",
            provision="us.hours",
            closed_by="US",
        )


# Lists and look-ups


def marks() -> Iterator[Case]:
    """Everything that closes a number or a person."""
    rules = {
        "opt_out": "opted_out", "carrier_opt_out": "opted_out", "internal_dnc": "internal_dnc",
        "admin": "admin_block",
        "litigator": "litigator", "legal_threat": "legal_threat", "deceased": "deceased",
        "wrong_number": "wrong_number",
        "state_dnc": "state_dnc", "vendor_dnc": "vendor_dnc", "review": "held_for_review",
    }  # fmt: skip
    for kind, rule in rules.items():
        for hours in (0, 24 * 400):
            at = NOON + timedelta(hours=0)
            title = f"Marked {kind.replace('_', ' ')}{' long ago' if hours else ''}"
            facts: dict[str, Any] = {"suppressions": [kind]}
            if rule == "opted_out":
                facts["opted_out_at"] = at - timedelta(hours=hours, minutes=1)
            yield stop("lists", title, "A mark stands until it is released.", at, rule, facts=facts)
    for listed, rule in (("litigator", "litigator"), ("state_dnc", "state_dnc"), ("reassigned", "reassigned")):
        yield stop(
            "lists",
            f"Looked up and listed: {listed}",
            "The last word of a list counts.",
            NOON,
            rule,
            facts={"listed": [listed]},
        )
    asked = no_consent(inquiry_at=NOON - timedelta(days=20))
    yield stop(
        "lists",
        "On the national registry, with an inquiry only",
        "47 CFR 64.1200(c)(2)",
        NOON,
        "national_dnc",
        facts=asked | {"national": "listed"},
        basis="inquiry",
    )
    yield stop(
        "lists",
        "Marked national do-not-call, with an inquiry only",
        "47 CFR 64.1200(c)(2)",
        NOON,
        "national_dnc",
        facts=asked | {"suppressions": ["national_dnc"]},
        basis="inquiry",
    )
    yield go(
        "lists",
        "On the national registry, with written consent",
        "16 CFR 310.4(b)(1)(iii)(B)(1)",
        NOON,
        facts={"national": "listed"},
    )
    for both in (["opt_out", "review"], ["litigator", "opt_out"], ["national_dnc", "admin"]):
        rule = {"opt_out": "opted_out", "litigator": "litigator", "admin": "admin_block"}
        yield stop(
            "lists",
            f"Marked {' and '.join(both)}",
            "One mark is enough.",
            NOON,
            next(rule[one] for one in both if one in rule),
            facts={"suppressions": both},
        )


def no_consent(**more: Any) -> dict[str, Any]:  # noqa: ANN401 facts of a case
    """Take the base's written consent away."""
    return {"written_at": None, **more}


def scrubs() -> Iterator[Case]:
    """The age of a look-up, to the second."""
    day = timedelta(days=31)
    law = "16 CFR 310.4(b)(3)(iv): no more than 31 days"
    asked = no_consent(inquiry_at=NOON - timedelta(days=20))
    for age in (timedelta(seconds=1), timedelta(days=30), day - timedelta(seconds=1), day):
        yield go(
            "look-ups", f"Looked up {age} ago", law, NOON, facts=asked | {"national_at": NOON - age}, basis="inquiry"
        )
    for extra in (
        timedelta(seconds=1),
        timedelta(minutes=1),
        timedelta(days=1),
        timedelta(days=59),
        timedelta(days=400),
    ):
        yield stop(
            "look-ups",
            f"Looked up 31 days and {extra} ago",
            law,
            NOON,
            "scrub_fresh",
            facts=asked | {"national_at": NOON - day - extra},
            basis="inquiry",
            provision="us.scrub",
        )
    yield stop(
        "look-ups",
        "Never looked up",
        law,
        NOON,
        "scrub_known",
        facts=asked | {"national": None, "national_at": None},
        basis="inquiry",
        provision="us.scrub",
    )
    yield stop(
        "look-ups",
        "Looked up without an answer",
        law,
        NOON,
        "scrub_known",
        facts=asked | {"national": "no_data"},
        basis="inquiry",
        provision="us.scrub",
    )
    yield go(
        "look-ups",
        "Never looked up, with written consent",
        "Written consent waives it.",
        NOON,
        facts={"national": None, "national_at": None},
    )


def bases() -> Iterator[Case]:
    """Consent and relationships, and how long they hold."""
    none = no_consent()
    yield stop("consent", "Nothing on record", "16 CFR 310.5(a)(8)", NOON, "basis_recorded", facts=none)
    yield stop(
        "consent",
        "Consent was revoked",
        "47 CFR 64.1200(a)(10)",
        NOON,
        "basis_unrevoked",
        facts=none | {"consent_revoked": True},
    )
    yield stop(
        "consent",
        "Consent ended by its own date",
        "What was agreed has ended.",
        NOON,
        "basis_unexpired",
        facts=none | {"consent_lapsed": True},
    )
    yield stop("consent", "The campaign names no basis", "Nobody said why.", NOON, "basis_named", basis=None)
    yield stop(
        "consent",
        "An inquiry where written consent is named",
        "It is weaker than what was named.",
        NOON,
        "basis_sufficient",
        facts=none | {"inquiry_at": NOON - timedelta(days=3)},
    )
    yield stop(
        "consent",
        "A relationship where written consent is named",
        "It is weaker than what was named.",
        NOON,
        "basis_sufficient",
        facts=none | {"relationship_at": NOON - timedelta(days=3)},
    )
    law = "47 CFR 64.1200(f)(5)"
    # Given, ends: worked out on the calendar; a day that the month lacks becomes its last.
    inquiries = [
        (datetime(2026, 9, 2, 18, tzinfo=UTC), datetime(2026, 12, 2, 18, tzinfo=UTC)),
        (datetime(2026, 8, 5, 17, tzinfo=UTC), datetime(2026, 11, 5, 17, tzinfo=UTC)),
        (datetime(2026, 7, 15, 17, tzinfo=UTC), datetime(2026, 10, 15, 17, tzinfo=UTC)),
        (datetime(2025, 11, 30, 18, tzinfo=UTC), datetime(2026, 2, 28, 18, tzinfo=UTC)),
        (datetime(2027, 11, 30, 18, tzinfo=UTC), datetime(2028, 2, 29, 18, tzinfo=UTC)),
        (datetime(2026, 1, 31, 18, tzinfo=UTC), datetime(2026, 4, 30, 18, tzinfo=UTC)),
    ]
    relationships = [
        (datetime(2025, 6, 2, 18, tzinfo=UTC), datetime(2026, 12, 2, 18, tzinfo=UTC)),
        (datetime(2024, 8, 31, 18, tzinfo=UTC), datetime(2026, 2, 28, 18, tzinfo=UTC)),
        (datetime(2025, 1, 15, 17, tzinfo=UTC), datetime(2026, 7, 15, 17, tzinfo=UTC)),
        (datetime(2025, 3, 4, 18, tzinfo=UTC), datetime(2026, 9, 4, 18, tzinfo=UTC)),
    ]
    for name, field, pairs, provision in (
        ("inquiry", "inquiry_at", inquiries, "us.basis.inquiry"),
        ("existing_relationship", "relationship_at", relationships, "us.basis.existing_relationship"),
    ):
        for given, ends in pairs:
            words = f"An {name.replace('_', ' ')} of {given:%d %b %Y}"
            facts = none | {field: given}
            yield go(
                "consent",
                f"{words}, a second before it ends",
                law,
                ends - timedelta(seconds=1),
                facts=facts,
                basis=name,
            )
            yield stop(
                "consent",
                f"{words}, at its end",
                law,
                ends,
                "basis_unexpired",
                facts=facts,
                basis=name,
                provision=provision,
            )
            yield stop(
                "consent",
                f"{words}, a month after its end",
                law,
                ends + timedelta(days=28),
                "basis_unexpired",
                facts=facts,
                basis=name,
                provision=provision,
            )
    for state, law, weight in (
        ("FL", "Fla. Stat. 501.059", "law"),
        ("CT", "Conn. Gen. Stat. 42-288a", "law"),
        ("NJ", "N.J.S.A. 56:8-130", "caution"),
    ):
        hints = {
            "number": {"e164": f"+1{ {'FL': '305', 'CT': '860', 'NJ': '201'}[state] }5550105"},
            "mail": {"mailing_state": state},
        }
        for hint, facts in hints.items():
            for basis, field in (("inquiry", "inquiry_at"), ("existing_relationship", "relationship_at")):
                yield stop(
                    "consent",
                    f"{state} by the {hint}, with an {basis.replace('_', ' ')}",
                    law,
                    NOON,
                    "state_consent",
                    facts=none | facts | {field: NOON - timedelta(days=5)},
                    basis=basis,
                    weight=weight,
                    provision=f"{state.lower()}.written-consent",
                )


# People and lines


def people() -> Iterator[Case]:
    """Whom nobody may write to."""
    yield stop(
        "people", "The owner's attorney", "An attorney is never a lead.", NOON, "role", facts={"roles": ["attorney"]}
    )
    yield stop(
        "people",
        "Attorney and heir at once",
        "An attorney is never a lead.",
        NOON,
        "role",
        facts={"roles": ["attorney", "heir"]},
    )
    yield stop("people", "The decedent", "The dead are not contacted.", NOON, "role", facts={"roles": ["decedent"]})
    yield stop(
        "people",
        "Decedent of another property",
        "The dead are not contacted.",
        NOON,
        "deceased",
        facts={"decedent": True},
    )
    yield stop(
        "people", "Known to have died", "The dead are not contacted.", NOON, "deceased", facts={"deceased": True}
    )
    yield stop(
        "people",
        "The number of an estate",
        "An estate has no telephone.",
        NOON,
        "deceased",
        facts={"person_kind": "estate"},
    )
    yield stop(
        "people",
        "Nobody knows how the person stands to the property",
        "Not knowing is never permission.",
        NOON,
        "role",
        facts={"roles": None},
    )
    yield stop(
        "people",
        "Nobody is known at the number",
        "Not knowing is never permission.",
        NOON,
        "role",
        facts={"person_known": False, "roles": None},
    )
    for role in ("owner", "heir", "personal_representative", "relative", "tenant"):
        yield go("people", f"The {role.replace('_', ' ')}", "May be written to.", NOON, facts={"roles": [role]})
    for status in ("won", "dead"):
        yield stop(
            "people",
            f"A lead that is {status}",
            "The matter is closed.",
            NOON,
            "lead_open",
            facts={"lead_status": status},
            weight="caution",
        )
    for line in ("landline", "voip", "toll_free"):
        yield stop(
            "lines",
            f"A {line.replace('_', '-')} line",
            "It takes no texts.",
            NOON,
            "line_textable",
            facts={"line_type": line},
            weight="caution",
        )
    for line in (None, "unknown"):
        yield stop(
            "lines",
            f"A line of kind {line}",
            "Not knowing is never permission.",
            NOON,
            "line_known",
            facts={"line_type": line},
        )
    yield stop(
        "lines",
        "A number that is dead",
        "It is out of service.",
        NOON,
        "number_in_service",
        facts={"phone_status": "dead"},
        weight="caution",
    )
    yield stop(
        "lines",
        "A number found to be wrong",
        "It is somebody else's.",
        NOON,
        "wrong_number",
        facts={"phone_status": "wrong"},
    )
    for number in ("+442079460000", "+528112345678", "+1312555010", "+131255501055", None):
        yield stop("lines", f"The number {number}", "It is no US number.", NOON, "number_valid", facts={"e164": number})


# Caps, senders, campaigns


def frequency() -> Iterator[Case]:
    """How often a person may be contacted."""

    def touches(*hours: float, at: datetime) -> list[str]:
        return [stamp(at - timedelta(hours=one)) for one in hours]

    for state in ("FL", "MD", "OK", "OR"):
        at = local(WEDNESDAY, "14:00:00", PLACES[state][2])
        law, more = HOURS[state][3], {"provision": f"{state.lower()}.cap"}
        yield stop(
            "caps",
            f"{state}: a fourth contact within 24 hours",
            law,
            at,
            "frequency",
            facts=at_place(state) | {"touches": touches(1, 2, 3, at=at)},
            **more,
        )
        yield stop(
            "caps",
            f"{state}: three contacts, the oldest 23:59:59 ago",
            law,
            at,
            "frequency",
            facts=at_place(state)
            | {"touches": [*touches(1, 2, at=at), stamp(at - timedelta(hours=23, minutes=59, seconds=59))]},
            **more,
        )
        yield stop(
            "caps",
            f"{state}: five contacts within 24 hours",
            law,
            at,
            "frequency",
            facts=at_place(state) | {"touches": touches(1, 2, 3, 4, 5, at=at)},
            **more,
        )
        yield go(
            "caps", f"{state}: a third contact", law, at, facts=at_place(state) | {"touches": touches(1, 2, at=at)}
        )
        yield go(
            "caps",
            f"{state}: three contacts, the oldest 24 hours ago",
            law,
            at,
            facts=at_place(state) | {"touches": touches(1, 2, 24, at=at)},
        )
    own = {"weight": "caution", "provision": "organization.cap.day"}
    for hours in ((1, 2, 3), (0.1, 0.2, 0.3), (10, 20, 23.9), (1, 2, 3, 4)):
        yield stop(
            "caps",
            f"Illinois: contacts {', '.join(str(one) for one in hours)} hours ago",
            "Own cap: 3 in 24 hours",
            NOON,
            "frequency",
            facts={"touches": touches(*hours, at=NOON)},
            **own,
        )
    own = {"weight": "caution", "provision": "organization.cap.week"}
    for hours in ((30, 50, 70, 90, 110, 130), (25, 60, 61, 62, 63, 167.9)):
        yield stop(
            "caps",
            "Illinois: a seventh contact within a week",
            "Own cap: 6 in 168 hours",
            NOON,
            "frequency",
            facts={"touches": touches(*hours, at=NOON)},
            **own,
        )
    yield go(
        "caps",
        "Illinois: five contacts within a week",
        "Own cap: 6 in 168 hours",
        NOON,
        facts={"touches": touches(30, 50, 70, 90, 110, at=NOON)},
    )
    yield stop(
        "caps",
        "The second text of one campaign",
        "A message goes out once.",
        NOON,
        "not_repeated",
        facts={"already": True},
    )


def sending() -> Iterator[Case]:
    """Senders, money, campaigns and the switch."""
    yield stop("sending", "All sending is paused", "The kill switch.", NOON, "kill_switch", sending={"paused": True})
    for registration in ("pending", "rejected", "suspended", None):
        yield stop(
            "sending",
            f"A sender whose 10DLC registration is {registration}",
            "Carrier code 30034",
            NOON,
            "sender_registered",
            sending={"registration": registration},
        )
    yield stop(
        "sending",
        "A sender that was switched off",
        "It is not ours to use.",
        NOON,
        "sender_registered",
        sending={"sender_disabled": True},
    )
    for left in (0, -1, -100_000):
        yield stop(
            "sending",
            f"{left} hundredths of a cent are left",
            "No money, no text.",
            NOON,
            "budget",
            sending={"budget_left": left},
        )
    yield go("sending", "One hundredth of a cent is left", "There is money.", NOON, sending={"budget_left": 1})
    for state in ("draft", "awaiting_approval", "ready", "paused", "finished", "cancelled"):
        yield stop(
            "sending",
            f"A campaign that is {state.replace('_', ' ')}",
            "Only a running one sends.",
            NOON,
            "campaign_active",
            sending={"campaign_state": state},
        )
    for ago in (0, 1, 3_600):
        yield stop(
            "sending",
            f"A text that was good until {ago} seconds ago",
            "It makes no sense any more.",
            NOON,
            "not_stale",
            facts={"send_before": NOON - timedelta(seconds=ago)},
            weight="caution",
        )
        yield stop(
            "sending",
            f"A campaign that was good until {ago} seconds ago",
            "It makes no sense any more.",
            NOON,
            "not_stale",
            sending={"send_before": stamp(NOON - timedelta(seconds=ago))},
            weight="caution",
        )


def answers() -> Iterator[Case]:
    """Replies by hand and the one confirmation of an opt-out."""
    out = {"suppressions": ["opt_out"]}
    law = "47 CFR 64.1200(a)(12): within five minutes"
    for seconds in (0, 60, 299, 300):
        yield go(
            "answers",
            f"A confirmation {seconds} seconds after STOP",
            law,
            NOON,
            purpose="confirmation",
            facts=out | {"opted_out_at": NOON - timedelta(seconds=seconds)},
        )
    for seconds in (301, 600, 86_400):
        yield stop(
            "answers",
            f"A confirmation {seconds} seconds after STOP",
            law,
            NOON,
            "opted_out",
            purpose="confirmation",
            facts=out | {"opted_out_at": NOON - timedelta(seconds=seconds)},
        )
    yield stop(
        "answers",
        "A second confirmation",
        "One confirmation at most.",
        NOON,
        "not_repeated",
        purpose="confirmation",
        facts=out | {"opted_out_at": NOON, "already": True},
    )
    yield stop(
        "answers",
        "A reply by hand to somebody who opted out",
        "47 CFR 64.1200(a)(10)",
        NOON,
        "opted_out",
        purpose="manual_reply",
        facts=out | {"inbound_at": NOON - timedelta(minutes=1), "opted_out_at": NOON - timedelta(minutes=1)},
    )
    yield stop(
        "answers",
        "A reply by hand at 21:30",
        FEDERAL,
        local(WEDNESDAY, "21:30:00", "America/Chicago"),
        "quiet_hours",
        purpose="manual_reply",
        facts={"inbound_at": local(WEDNESDAY, "21:29:00", "America/Chicago")},
        provision="us.hours",
        closed_by="US",
    )
    yield stop(
        "answers",
        "A first text by hand, without anything on record",
        "16 CFR 310.5(a)(8)",
        NOON,
        "basis_recorded",
        purpose="manual_reply",
        facts=no_consent(),
        basis=None,
    )
    yield stop(
        "answers",
        "A reply to a text of four months ago",
        "An inquiry holds three months.",
        NOON,
        "basis_recorded",
        purpose="manual_reply",
        facts=no_consent(inbound_at=NOON - timedelta(days=122)),
        basis=None,
    )


# Words


WORDS = {
    "yes": (
        "STOP", "stop", "Stop.", "STOP!!!", "stop please", "Stop texting me", "please stop", "STOP ALL",
        "stopall", "UNSUBSCRIBE",
        "unsubscribe me", "Cancel", "END", "quit", "REVOKE", "opt out", "opt-out", "optout", "Remove me",
        "remove my number",
        "take me off your list", "take me off this list now", "do not text me again", "don't text me",
        "dont contact me anymore",
        "no more texts", "leave me alone", "quit texting me", "stop messaging me", "lose my number",
        "delete my number",
        "sotp", "stpo", "stopp", "STO P", "s t o p", "unsubcribe", "unsuscribe", "unsubscirbe", "cancle", "remvoe me",
        "alto", "basta", "pare", "no mas", "no más", "no me moleste", "no me escriba", "no me textee",
        "ya no me mande mensajes",
        "deje de escribirme", "quiteme de la lista", "quítame de tu lista", "cancelar", "no me contacte mas", "parar",
        "I want you to stop contacting me", "I said stop", "For the last time stop", "stop it",
        "Stop sending me these",
        "Not interested, remove me", "Not interested. Take me off your list", "I never signed up for this, stop",
        "Do not contact me again", "never text me again", "no more messages please",
        "Please remove me from your list",
        "wrong number stop", "who is this? stop texting me", "I'm reporting you to the FCC", "I will sue you",
        "my attorney will be in touch if you text again", "This violates the TCPA", "cease and desist",
    ),
    "no": (
        "What is your offer?", "How much?", "Yes, call me tomorrow", "I might sell in spring",
        "Can you send the offer by mail?",
        "Who is this?", "Is this about the house on Elm?", "Call me after five", "It needs a new roof",
        "Make me an offer",
        "We want 250k", "Yes", "Sure, tell me more", "When could you close?", "The tenants leave in May",
    ),
}  # fmt: skip
"""Texts that end all sends, and texts that do not."""

PER_SE = ("stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe")
"""47 CFR 64.1200(a)(10)."""


def words() -> Iterator[Case]:
    """What people write."""
    for expect, texts in WORDS.items():
        for text in texts:
            why = (
                "Any reasonable wording revokes consent: 47 CFR 64.1200(a)(10)"
                if expect == "yes"
                else "It asks for nothing to end."
            )
            yield {"group": "words", "title": f"“{text}”", "why": why, "text": text, "expect": expect}
    for word in PER_SE:
        yield {
            "group": "words",
            "title": f"The packs name “{word}”",
            "why": "47 CFR 64.1200(a)(10)",
            "keyword": word,
            "expect": "yes",
            "provision": "us.keywords",
        }


PARTS = (
    federal_hours,
    state_hours,
    elsewhere,
    ported,
    split_codes,
    holidays,
    calls,
    marks,
    scrubs,
    bases,
    people,
    frequency,
    sending,
    answers,
    words,
)


def cases() -> list[Case]:
    """List every case with its number."""
    found = [one for part in PARTS for one in part()]
    return [{"id": f"D{number:03}", "weight": "law", **one} for number, one in enumerate(found, 1)]


if __name__ == "__main__":
    TARGET.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in cases()), encoding="utf-8")
