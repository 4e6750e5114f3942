"""A registry's file is in whole or not at all, and answers for every number of its area codes."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.api.app import create_app
from leadflow.identity.types import Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict, Forbidden, Invalid
from leadflow.registries import rules
from leadflow.registries import service as registries
from leadflow.registries.types import Described
from leadflow.settings import Settings
from models.base import new_id
from models.properties import Phone
from models.vocabulary import LineType, Role, ScrubList, ScrubVerdict
from tests.identity.people import make_team, signed_in

LISTED, CLEAN, ELSEWHERE = "+12065550142", "+12065550143", "+14255550142"
ONE = b"2065550142\n"
PACKED = gzip.compress(ONE, mtime=0)
"""Without the time of packing, which would name the test anew each time."""


def described(clock: FrozenClock, **changed: Any) -> Described:
    values: dict[str, Any] = {
        "list": ScrubList.NATIONAL_DNC,
        "version": "2026-11",
        "area_codes": frozenset({206}),
        "as_of": clock.now() - timedelta(days=2),
        "filename": "206.txt",
    }
    return Described(**(values | changed))


def phone(db: Database, org: UUID, e164: str) -> None:
    with db.begin(org) as uow:
        uow.session.add(Phone(org_id=org, e164=e164, line_type=LineType.MOBILE))


def answers(db: Database, org: UUID) -> dict[str, ScrubVerdict]:
    with db.begin(org) as uow:
        found = uow.connection().execute("select e164, verdict from scrub_result order by recorded_at, id").fetchall()
    return {f"+{number}": ScrubVerdict(verdict) for number, verdict in found}


@pytest.fixture
def manager(org: UUID) -> Principal:
    """Somebody who may."""
    return Principal(user_id=new_id(), org_id=org, role=Role.MANAGER)


@pytest.mark.parametrize(
    "content",
    [
        ONE,
        b"206,5550142\r\n",
        b"phone\n(206) 555-0142\n\n",
        b"1-206-555-0142",
        b"+12065550142",
        gzip.compress(ONE, mtime=0),
    ],
)
def test_named_is_listed_and_the_rest_of_the_area_code_is_clean(
    db: Database, org: UUID, manager: Principal, clock: FrozenClock, content: bytes
) -> None:
    for number in (LISTED, CLEAN, ELSEWHERE):
        phone(db, org, number)
    with db.begin(org) as uow:
        registries.add(uow, manager, described(clock), content)
    assert answers(db, org) == {LISTED: ScrubVerdict.LISTED, CLEAN: ScrubVerdict.CLEAN}


def test_a_zip_of_one_file_is_unpacked(db: Database, org: UUID, manager: Principal, clock: FrozenClock) -> None:
    phone(db, org, LISTED)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("206.txt", ONE)
    with db.begin(org) as uow:
        registries.add(uow, manager, described(clock), held.getvalue())
    assert answers(db, org) == {LISTED: ScrubVerdict.LISTED}


def test_a_number_that_comes_later_is_answered_once(
    db: Database, org: UUID, manager: Principal, clock: FrozenClock
) -> None:
    with db.begin(org) as uow:
        registries.add(uow, manager, described(clock), ONE)
    for number in (LISTED, CLEAN):
        phone(db, org, number)
    assert answers(db, org) == {}
    for _ in range(2):
        registries.apply_all(db)
    assert answers(db, org) == {LISTED: ScrubVerdict.LISTED, CLEAN: ScrubVerdict.CLEAN}
    with db.begin(org) as uow:
        assert uow.connection().execute("select count(*) from scrub_result").fetchone() == (2,)


def test_a_newer_file_answers_anew(db: Database, org: UUID, manager: Principal, clock: FrozenClock) -> None:
    phone(db, org, LISTED)
    with db.begin(org) as uow:
        registries.add(uow, manager, described(clock), ONE)
        clock.advance(timedelta(days=30))
        registries.add(uow, manager, described(clock, version="2026-12"), b"2065550199\n")
        older, newer = sorted(registries.files(uow, manager), key=lambda row: row.as_of)
    assert answers(db, org) == {LISTED: ScrubVerdict.CLEAN}
    assert (older.days_left, newer.days_left) == (0, 29)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"phone\n", b"<html>Service unavailable</html>\n", b"\0\0\n"])
def test_a_file_without_a_number_calls_nothing_clean(
    db: Database, org: UUID, manager: Principal, clock: FrozenClock, content: bytes
) -> None:
    phone(db, org, LISTED)
    with db.begin(org) as uow, pytest.raises(Invalid, match="names no number"):
        registries.add(uow, manager, described(clock), content)
    assert answers(db, org) == {}


WRONG = {
    "nine digits": (b"2065550142\n206555014\n", "Line 2"),
    "letters": (b"2065550142\n206555O142\n", "Line 2"),
    "another area code": (b"2065550142\n\n4255550142\n", "Line 3"),
    "a NUL": (b"2065550142\n206555\x000142\n", "Line 2"),
    "two numbers": (b"2065550142 2065550143\n", "Line 1"),
    "an area code that cannot be": (b"1065550142\n", "Line 1"),
    "an endless line": (b"2065550142\n" + b"2" * 5_000, "Line 2"),
    "a damaged gzip": (gzip.compress(ONE * 500)[:-12], "damaged"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_line_is_named_and_nothing_is_kept(
    db: Database, org: UUID, manager: Principal, clock: FrozenClock, what: str
) -> None:
    content, said = WRONG[what]
    phone(db, org, LISTED)
    with pytest.raises(Invalid) as refused, db.begin(org) as uow:
        registries.add(uow, manager, described(clock), content)
    assert said in refused.value.message
    assert "5550142" not in refused.value.message, "no number in a message"
    assert answers(db, org) == {}
    with db.begin(org) as uow:
        assert registries.files(uow, manager) == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"area_codes": frozenset[int]()}, "area_codes"),
        ({"area_codes": frozenset({99})}, "area_codes"),
        ({"version": " "}, "version"),
        ({"list": ScrubList.REASSIGNED}, "list"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(
    db: Database, org: UUID, manager: Principal, clock: FrozenClock, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused, db.begin(org) as uow:
        registries.add(uow, manager, described(clock, **changed), ONE)
    assert refused.value.field == field


@pytest.mark.parametrize("days", [-1, 400])
def test_a_file_of_tomorrow_or_of_long_ago_is_refused(
    db: Database, org: UUID, manager: Principal, clock: FrozenClock, days: int
) -> None:
    with pytest.raises(Invalid), db.begin(org) as uow:
        registries.add(uow, manager, described(clock, as_of=clock.now() - timedelta(days=days)), ONE)


def test_the_same_file_twice_is_a_conflict(db: Database, org: UUID, manager: Principal, clock: FrozenClock) -> None:
    with db.begin(org) as uow:
        registries.add(uow, manager, described(clock), ONE)
        with pytest.raises(Conflict):
            registries.add(uow, manager, described(clock), ONE)


def test_a_corrected_file_needs_a_version_of_its_own(
    db: Database, org: UUID, manager: Principal, clock: FrozenClock
) -> None:
    phone(db, org, LISTED)
    with db.begin(org) as uow:
        registries.add(uow, manager, described(clock), b"2065550199\n")
        with pytest.raises(Conflict):
            registries.add(uow, manager, described(clock), ONE)
        registries.add(uow, manager, described(clock, version="2026-11b", as_of=clock.now()), ONE)
    assert answers(db, org) == {LISTED: ScrubVerdict.LISTED}


@pytest.mark.parametrize("role", [Role.AGENT, Role.AUDITOR])
def test_only_who_may_scrub_brings_one_in(db: Database, org: UUID, clock: FrozenClock, role: Role) -> None:
    other = Principal(user_id=new_id(), org_id=org, role=role)
    with pytest.raises(Forbidden), db.begin(org) as uow:
        registries.add(uow, other, described(clock), ONE)


def test_it_is_brought_in_and_listed_over_http(db: Database, settings: Settings, clock: FrozenClock) -> None:
    call = signed_in(create_app(db, settings), make_team(db), Role.MANAGER)
    words = {"list": "national_dnc", "version": "2026-11", "area_codes": "206, 425", "as_of": clock.now().isoformat()}
    headers = {"Content-Type": "application/octet-stream", "X-Filename": "206.txt"}
    wrong = call.post("/api/v1/registry-files", params=words, content=b"206555\n", headers=headers)
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (422, "file")
    assert call.post("/api/v1/registry-files", params=words, content=ONE, headers=headers).status_code == 201
    (row,) = call.get("/api/v1/registry-files").json()["rows"]
    assert (row["area_codes"], row["listed"], row["days_left"]) == ([206, 425], 1, 31)


@given(
    st.sets(st.integers(0, rules.NUMBERS - 1), max_size=30), st.lists(st.integers(0, rules.NUMBERS - 1), max_size=30)
)
def test_a_block_answers_as_the_set_of_its_lines(named: set[int], asked: list[int]) -> None:
    (block,) = rules.blocks([f"206{local:07d}" for local in sorted(named)], {206})
    assert block.listed == len(named)
    found = dict(rules.listed(block, [12_060_000_000 + local for local in asked]))
    assert found == {12_060_000_000 + local: local in named for local in asked}


@given(st.text(max_size=40))
def test_any_line_is_a_number_or_a_clear_refusal(line: str) -> None:
    try:
        rules.blocks(["header", line], {206})
    except Invalid as refused:
        assert refused.message.startswith("Line 2")  # noqa: PT017 most lines are refused, some are not
