"""The oracle finds each fault that is planted in a forged ledger, and nothing in an honest one."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults import oracle
from tests.faults.oracle import FAULTS, HOURS, judge, local, segments

NOON = datetime(2026, 12, 2, 18, tzinfo=UTC)
BODY = "Hello, is the house still yours? (a)"
SORRY = "You are off our list"


class Forgery:
    """A ledger and all that belongs to it, honest until somebody changes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.people = [f"+1312555000{n}" for n in range(5)]
        self.lines: list[dict[str, Any]] = [{"kind": "start", "at": NOON.isoformat()}]
        for number in self.people[:4]:
            self.take(number)
        self.stops = [{"number": self.people[4], "at": NOON.isoformat()}]
        self.zones = ["America/Chicago"]
        self.case: dict[str, Any] = {
            "bodies": {BODY: "a"},
            "confirmations": [SORRY],
            "price": 110,
            "cap": 440,
            "books": {"at_carrier": {"delivered": 4}, "unsent": [], "unsure": [], "spent": 440, "reserved": 0},
        }

    def take(self, number: str, body: str = BODY, at: datetime = NOON, **more: Any) -> dict[str, Any]:
        """Let the carrier take a text and deliver it."""
        sid = f"SM{len(self.lines):032x}"
        line = {
            "kind": "request",
            "verdict": "accepted",
            "at": at.isoformat(),
            "begun": at.isoformat(),
            "to": number,
            "from": "+17735550100",
            "body": body,
            "message": f"m{len(self.lines)}",
            "sid": sid,
        }
        self.lines += [line | more, {"kind": "status", "at": at.isoformat(), "sid": sid, "status": "delivered"}]
        return self.lines[-2]

    def written(self) -> dict[str, Any]:
        """Write it all down; answer the case."""
        files = {
            "ledger": self.lines,
            "stops": self.stops,
            "people": [{"number": one, "campaign": "a", "zones": self.zones} for one in self.people],
        }
        for name, objects in files.items():
            (self.folder / name).write_text("".join(json.dumps(one) + "\n" for one in objects))
        return self.case | {name: str(self.folder / name) for name in files}


@pytest.fixture
def forgery(tmp_path: Path) -> Forgery:
    return Forgery(tmp_path)


def twice(forged: Forgery) -> None:
    forged.take(forged.people[0])


def lose(forged: Forgery) -> None:
    forged.lines = [line for line in forged.lines if line.get("to") != forged.people[1]]


def to_a_stranger(forged: Forgery) -> None:
    forged.take("+13125559999")


def of_no_campaign(forged: Forgery) -> None:
    forged.lines[1]["body"] = "Who wrote this?"


def deny(forged: Forgery) -> None:
    forged.case["books"]["unsent"] = [["a", forged.people[2]]]


def mix(forged: Forgery) -> None:
    forged.lines[3]["message"] = forged.lines[1]["message"]


def leave_open(forged: Forgery) -> None:
    forged.lines.pop()


def at_night(forged: Forgery) -> None:
    forged.lines[1]["at"] = (NOON + timedelta(hours=9)).isoformat()


def before_dawn(forged: Forgery) -> None:
    forged.lines[1]["at"] = (NOON - timedelta(hours=4, seconds=1)).isoformat()


def in_another_zone(forged: Forgery) -> None:
    forged.zones = ["America/Chicago", "Pacific/Honolulu"]
    forged.lines[1]["at"] = (NOON - timedelta(minutes=1)).isoformat()


def after_stop(forged: Forgery) -> None:
    forged.take(forged.people[4], at=NOON + timedelta(milliseconds=1))


def long_after_stop(forged: Forgery) -> None:
    forged.take(forged.people[4], at=NOON + timedelta(seconds=10, milliseconds=1), begun=NOON.isoformat())


def confirm_twice(forged: Forgery) -> None:
    forged.take(forged.people[4], SORRY)
    forged.take(forged.people[4], SORRY)


def confirm_unasked(forged: Forgery) -> None:
    forged.take(forged.people[0], SORRY)


def spend(forged: Forgery) -> None:
    forged.case["cap"] = 439


def misbook(forged: Forgery) -> None:
    forged.case["books"]["at_carrier"] = {"delivered": 3, "accepted": 1}


def miscount_money(forged: Forgery) -> None:
    forged.case["books"]["spent"] = 441


def hold_money_back(forged: Forgery) -> None:
    forged.case["books"]["reserved"] = 110


PLANTED: list[tuple[Callable[[Forgery], None], str]] = [
    (twice, "duplicates"),
    (lose, "lost"),
    (to_a_stranger, "strangers"),
    (of_no_campaign, "strangers"),
    (deny, "denied"),
    (mix, "mixed"),
    (leave_open, "unended"),
    (at_night, "unlawful"),
    (before_dawn, "unlawful"),
    (in_another_zone, "unlawful"),
    (after_stop, "begun_after_stop"),
    (long_after_stop, "taken_late"),
    (confirm_twice, "impolite"),
    (confirm_unasked, "impolite"),
    (spend, "overspent"),
    (misbook, "misbooked"),
    (miscount_money, "misbooked"),
    (hold_money_back, "misbooked"),
]


@pytest.mark.parametrize(("plant", "fault"), PLANTED, ids=lambda value: getattr(value, "__name__", value))
def test_a_planted_fault_is_found(forgery: Forgery, plant: Callable[[Forgery], None], fault: str):
    plant(forgery)
    assert judge(forgery.written())["faults"][fault]


def test_each_kind_of_fault_is_planted_once_at_least():
    assert {fault for _, fault in PLANTED} == {fault.__name__ for fault in FAULTS}


def test_an_honest_ledger_has_no_fault(forgery: Forgery):
    found = judge(forgery.written())
    assert not any(found["faults"].values()), found
    assert found["figures"]["accepted"] == 4
    assert found["figures"]["cost"] == 440


def test_a_text_that_was_given_up_on_may_have_been_taken_or_not(forgery: Forgery):
    forgery.case["books"] |= {"unsure": [["a", forgery.people[0]]], "at_carrier": {"delivered": 3}}
    assert not any(judge(forgery.written())["faults"].values())
    forgery.lines = [line for line in forgery.lines if line.get("to") != forgery.people[0]]
    forgery.lines = [line for line in forgery.lines if line.get("sid") != f"SM{1:032x}"]
    assert not any(judge(forgery.written())["faults"].values())


@pytest.mark.parametrize(("after_s", "excused"), [(0.3, True), (0.301, False)])
def test_a_look_before_the_stop_excuses_a_call_for_so_long_and_no_longer(
    forgery: Forgery, after_s: float, *, excused: bool
):
    forgery.take(forgery.people[4], at=NOON + timedelta(seconds=after_s))
    forgery.case["books"] |= {"at_carrier": {"delivered": 5}, "spent": 550}
    forgery.case |= {"cap": 550, "look_s": 0.3}
    found = judge(forgery.written())
    assert found["figures"]["begun_after_stop"] == 1
    assert bool(found["faults"]["begun_after_stop"]) is not excused
    assert not any(wrong for name, wrong in found["faults"].items() if name != "begun_after_stop")


def test_a_line_that_a_crash_cut_short_is_passed_over(forgery: Forgery):
    case = forgery.written()
    with (forgery.folder / "ledger").open("a") as ledger:
        ledger.write('{"kind": "request", "verd')
    assert not any(judge(case)["faults"].values())


def test_as_a_program_it_says_by_its_code_whether_all_is_well(forgery: Forgery):
    def run() -> int:
        (forgery.folder / "case").write_text(json.dumps(forgery.written()))
        command = [sys.executable, "-I", oracle.__file__, str(forgery.folder / "case")]
        return subprocess.run(command, check=False, capture_output=True).returncode

    assert run() == 0
    twice(forgery)
    assert run() == 1


def test_it_knows_nothing_but_the_standard_library():
    known = sys.stdlib_module_names
    for node in ast.walk(ast.parse(Path(oracle.__file__).read_text())):
        if isinstance(node, ast.Import):
            assert all(one.name.partition(".")[0] in known for one in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.module
            assert node.module.partition(".")[0] in known


@given(
    st.sampled_from(sorted(HOURS)),
    st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 hypothesis adds it
)
def test_its_clocks_are_those_of_the_tz_database(zone: str, at: datetime):
    assert local(zone, at).replace(tzinfo=None) == at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@pytest.mark.parametrize("day", ["2026-11-01", "2027-03-14"])
@pytest.mark.parametrize("zone", sorted(HOURS))
def test_its_clocks_change_at_the_right_second(zone: str, day: str):
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    for second in (hour * 3600 + off for hour in range(30) for off in (-1, 0, 1)):
        at = start + timedelta(seconds=second)
        assert local(zone, at).replace(tzinfo=None) == at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("body", "count"), [("a" * 160, 1), ("a" * 161, 2), ("ш" * 70, 1), ("ш" * 71, 2), ("a" * 307, 3)]
)
def test_it_counts_segments_by_itself(body: str, count: int):
    assert segments(body) == count
