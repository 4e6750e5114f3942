"""What takes minutes: five thousand interleavings of the refresh protocol, and whether the clock tells secrets."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, settings

from leadflow.identity import service as identity
from leadflow.identity.types import Keys
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from models.vocabulary import Role
from tests.asgi import browser
from tests.attack.planting import plant
from tests.attack.sampler import Call, Ids, nobodys
from tests.attack.test_api_sweep import WITH_IDS, of
from tests.identity.people import PASSWORD, Team, make_team, signed_in
from tests.identity.test_refresh import Refreshing
from tests.owning import as_owner

pytestmark = pytest.mark.slow

FOREIGN_MS, ACCOUNT_MS = 5.0, 10.0
"""Goals S1 and S9: how far two medians may lie apart."""
ROUNDS = 60


Timed = Callable[[], object]


def apart(capsys: pytest.CaptureFixture[str], what: str, first: Timed, second: Timed, *, limit: float, n: int) -> float:
    """Do two things in turn and answer how far their medians lie apart, in milliseconds; print the figures.

    In turn, so that both see the same machine. A difference that is ours shows each time: what a busy machine makes
    is gone at the second or third look.
    """
    least = float("inf")
    for _ in range(3):
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(n * 2 + 4):
            began = time.perf_counter()
            (first, second)[number % 2]()
            if number >= 4:  # the first of each warms up
                times[number % 2].append((time.perf_counter() - began) * 1000)
        one, other = statistics.median(times[0]), statistics.median(times[1])
        least = min(least, abs(one - other))
        with capsys.disabled():
            print(f"\n  {what}: p50 {one:.2f} and {other:.2f} ms, {abs(one - other):.2f} apart (n={n})", end="")  # noqa: T201 a figure
        if least <= limit:
            return least
    return least


@pytest.mark.parametrize("thousand", range(5))
def test_the_refresh_protocol_keeps_its_promises_in_five_thousand_orders(
    db: Database, team: Team, clock: FrozenClock, thousand: int
) -> None:
    del thousand  # each draws anew; a database of its own stays small and quick
    Refreshing.db, Refreshing.team, Refreshing.clock = db, team, clock
    machine = Refreshing.TestCase
    machine.settings = settings(
        max_examples=1_000,
        stateful_step_count=10,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    machine().runTest()


def test_the_clock_does_not_tell_a_row_of_others_from_no_row(
    db: Database, api: FastAPI, team: Team, theirs: dict[str, UUID], capsys: pytest.CaptureFixture[str]
) -> None:
    plant(db, team.org_id, team.ids[Role.AGENT], 13_125_550_143)
    client = signed_in(api, team, Role.OWNER)

    def get(call: Call, ids: Ids) -> Timed:
        return lambda: client.get(call.address(ids))

    found = {
        str(call): apart(capsys, f"S1 {call}", get(call, of(theirs)), get(call, nobodys), limit=FOREIGN_MS, n=ROUNDS)
        for call in WITH_IDS
        if call.method == "GET"
    }
    assert found
    assert {call: ms for call, ms in found.items() if ms > FOREIGN_MS} == {}


def without_limits(db: Database, client: httpx.Client, path: str, status: int, given: dict[str, str]) -> Timed:
    """Make a call that no limit refuses: a limit is the same for both."""

    def attempt() -> None:
        answer = client.post(path, json=given)
        assert answer.status_code == status, answer.text
        with as_owner(db.url) as connection:
            connection.execute("delete from login_attempt")

    return attempt


@pytest.mark.parametrize(("cost", "n"), [(4, 60), (12, 30)])
def test_the_clock_does_not_tell_who_has_an_account(
    db: Database, api: FastAPI, capsys: pytest.CaptureFixture[str], cost: int, n: int
) -> None:
    """At the lowest cost nothing hides a difference in what is asked of the database; at 12 it is as in production."""
    keys = identity.keys()
    identity.configure(Keys(ring=keys.ring, pepper=keys.pepper, bcrypt_cost=cost, secure=keys.secure))
    team, client = make_team(db, "Cedar Homes"), browser(api)

    def guess(email: str) -> Timed:
        given = {"email": email, "password": "this one is wrong"}
        return without_limits(db, client, "/api/v1/auth/login", 401, given)

    what = f"S9 sign-in at cost {cost}, known and unknown"
    known, unknown = guess(team.emails[Role.OWNER]), guess("nobody@cedar.test")
    assert apart(capsys, what, known, unknown, limit=ACCOUNT_MS, n=n) <= ACCOUNT_MS
    given = {"email": team.emails[Role.OWNER], "password": PASSWORD}
    assert client.post("/api/v1/auth/login", json=given).status_code == 200


def test_the_clock_does_not_tell_whose_password_is_forgotten(
    db: Database, api: FastAPI, team: Team, capsys: pytest.CaptureFixture[str]
) -> None:
    client = browser(api)

    def ask(email: str) -> Timed:
        return without_limits(db, client, "/api/v1/auth/forgot", 202, {"email": email})

    known, unknown = ask(team.emails[Role.OWNER]), ask("nobody@cedar.test")
    what = "S9 forgotten password, known and unknown"
    assert apart(capsys, what, known, unknown, limit=ACCOUNT_MS, n=ROUNDS) <= ACCOUNT_MS
