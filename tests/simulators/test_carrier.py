"""The carrier simulator itself: its book, its memory, its people; pure parts without a process."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from leadflow.simulators.carrier.scenario import (
    Fault,
    FaultKind,
    Outcomes,
    Reply,
    Scenario,
    accepts,
    fate,
    fault,
    reply,
    roll,
)
from tests.carrier import Simulator, running_carrier

ACCOUNT, TOKEN = "AC" + "0" * 32, "simulator"
US, THEM = "+17735550100", "+13125550101"
NUMBERS = st.integers(2_000_000_000, 9_999_999_999).map(lambda digits: f"+1{digits}")


def post(simulator: Simulator, to: str = THEM, body: str = "Hello") -> httpx.Response:
    """Post one text as any client would."""
    form = {"To": to, "From": US, "Body": body, "StatusCallback": ""}
    return httpx.post(address(simulator), data=form, auth=(ACCOUNT, TOKEN), timeout=10)


def address(simulator: Simulator) -> str:
    return f"{simulator.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


def listed(simulator: Simulator, **query: Any) -> list[dict[str, Any]]:
    return httpx.get(address(simulator), params=query, auth=(ACCOUNT, TOKEN), timeout=10).json()["messages"]


@given(st.integers(), st.text(), NUMBERS)
def test_fates_depend_on_seed_and_number_only(seed, purpose, number):
    assert roll(seed, purpose, number) == roll(seed, purpose, number)
    assert 0 <= roll(seed, purpose, number) < 1


@given(NUMBERS, st.floats(0, 0.5), st.floats(0, 0.5))
def test_every_text_has_one_end(number, undelivered, failed):
    end = fate(Scenario(outcomes=Outcomes(undelivered=undelivered, failed=failed)), number)
    assert end.status in {"delivered", "undelivered", "failed"}
    assert (end.error_code is None) == (end.status == "delivered")


def test_shares_above_one_are_refused():
    with pytest.raises(ValidationError):
        Outcomes(undelivered=0.8, failed=0.3)


@given(NUMBERS)
def test_a_fault_strikes_as_often_as_it_is_told_and_then_spares(number):
    scenario = Scenario(faults=(Fault(kind=FaultKind.ERROR_500, share=1.0, per_number=2),))
    assert fault(scenario, number, {}) is not None
    assert fault(scenario, number, {(FaultKind.ERROR_500, number): 1}) is not None
    assert fault(scenario, number, {(FaultKind.ERROR_500, number): 2}) is None


@given(NUMBERS)
def test_what_says_that_it_was_not_taken_was_not_taken(number):
    for one in (
        Fault(kind=FaultKind.RATE_LIMITED, accepted=True),
        Fault(kind=FaultKind.UNAUTHORISED),
        Fault(kind=FaultKind.UNAVAILABLE, retry_after_s=1),
    ):
        assert not accepts(Scenario(), one, number)


@given(NUMBERS)
def test_everybody_answers_where_everybody_should(number):
    script = Reply(share=1.0, body="STOP")
    assert reply(Scenario(replies=(script,)), number) == script
    assert reply(Scenario(), number) is None


def test_the_book_is_on_disk_before_the_answer(tmp_path: Path):
    with running_carrier(tmp_path, callbacks={"never": 1.0}) as simulator:
        answer = post(simulator)
        assert answer.status_code == 201
        assert [line["sid"] for line in simulator.accepted()] == [answer.json()["sid"]]


def test_a_carrier_that_comes_back_remembers_its_texts_and_opt_outs(tmp_path: Path):
    quiet = {"never": 1.0, "sent_after_s": 0.0, "final_after_s": 0.0}
    with running_carrier(tmp_path, callbacks=quiet) as simulator:
        sid = post(simulator).json()["sid"]
        simulator.text(THEM, US, "STOP")
    with running_carrier(tmp_path, callbacks=quiet) as simulator:
        assert [one["sid"] for one in listed(simulator, To=THEM, From=US)] == [sid]
        assert post(simulator).json()["code"] == 21610
        simulator.text(THEM, US, "START")
        assert post(simulator).status_code == 201


def test_a_barrier_holds_answers_whose_texts_are_taken(tmp_path: Path):
    with running_carrier(tmp_path, callbacks={"never": 1.0}) as simulator:
        simulator.barrier(skip=1, count=1)
        assert post(simulator, body="first").status_code == 201
        answers: list[int] = []
        waiting = threading.Thread(target=lambda: answers.append(post(simulator, body="second").status_code))
        waiting.start()
        assert simulator.held(1) == 1
        assert [line["body"] for line in simulator.accepted()] == ["first", "second"]
        assert not answers
        simulator.release()
        waiting.join()
        assert answers == [201]


def test_a_lagging_list_does_not_show_what_was_just_taken(tmp_path: Path):
    with running_carrier(tmp_path, callbacks={"never": 1.0}, list_lag_s=3600) as simulator:
        post(simulator)
        assert listed(simulator, To=THEM) == []
        simulator.control(list_lag_s=0)
        assert len(listed(simulator, To=THEM)) == 1


def test_the_control_endpoint_refuses_what_it_does_not_know(tmp_path: Path):
    with running_carrier(tmp_path) as simulator:
        assert httpx.post(f"{simulator.url}/__control", json={"latency": 5}, timeout=5).status_code == 422
