"""The carrier's port, tried on the adapter against the simulator's process: what answers mean, what lists hold."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.compliance.types import Cleared
from leadflow.kernel.breaker import Call
from leadflow.kernel.clock import FrozenClock, SystemClock
from leadflow.kernel.errors import Transient
from leadflow.local.ports import free_port
from leadflow.messaging.providers.twilio import TwilioCarrier, TwilioWebhooks, read_answer
from leadflow.messaging.types import Accepted, Consequence, Listed, NotSent, Outcome, Rejected, Unknown
from leadflow.simulators.carrier import dialect
from models.base import new_id
from tests.carrier import Simulator, running_carrier

ACCOUNT, TOKEN = "AC" + "0" * 32, "simulator"
US = "+17735550100"
PEOPLE = [f"+1312555{number:04d}" for number in range(1, 20)]
NOW = datetime(2026, 12, 2, 18, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
_fresh = itertools.count(1)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Generator[Simulator]:
    """Run one carrier for all of these."""
    with running_carrier(tmp_path_factory.mktemp("carrier"), callbacks={"never": 1.0}) as running:
        yield running


@pytest.fixture(autouse=True)
def well_behaved(simulator: Simulator) -> None:
    """Begin each test with a carrier that does what it should."""
    simulator.control(faults=[], latency_ms=0, list_lag_s=0, per_sender_per_s=None)


def cleared(to: str, at: datetime | None = None) -> Cleared:
    """Make a permission, as the gate alone does outside tests."""
    return Cleared(new_id(), new_id(), to, (at or SystemClock().now()) + MINUTE)


def using(
    url: str, do: Callable[[TwilioCarrier], Coroutine[Any, Any, Any]], *, token: str = TOKEN, total_s: float = 3.0
) -> Any:
    """Use an adapter in a loop of its own."""

    async def run() -> Any:
        carrier = TwilioCarrier(url, ACCOUNT, token, SystemClock(), total_s=total_s)
        try:
            return await do(carrier)
        finally:
            await carrier.close()

    return asyncio.run(run())


def sent(simulator: Simulator, to: str, body: str = "Hello", **how: Any) -> Outcome:
    """Send one text."""
    return using(
        simulator.url,
        lambda carrier: carrier.send(cleared(to), body, US, f"{simulator.url}/none?m=1", Call("", alone=False)),
        **how,
    )


def listed(simulator: Simulator, to: str, since: datetime) -> list[Listed]:
    """List a pair."""
    return using(simulator.url, lambda carrier: carrier.list_messages(to, US, since, Call("", alone=False)))


def test_a_text_is_accepted_with_the_carriers_id(simulator: Simulator):
    outcome = sent(simulator, PEOPLE[0], "Hello 😀")
    assert outcome == Accepted(simulator.accepted()[-1]["sid"], 1)
    line = simulator.accepted()[-1]
    assert (line["to"], line["from"], line["body"], line["message"]) == (PEOPLE[0], US, "Hello 😀", "1")


@pytest.mark.parametrize(
    ("to", "code", "meaning"),
    [
        ("+15005550001", 21211, Consequence.INVALID_NUMBER),
        ("+15005550004", 21610, Consequence.OPT_OUT),
        ("+15005550009", 21614, Consequence.LANDLINE),
        ("+15005550003", 21408, Consequence.STOP_SENDER),
    ],
)
def test_a_refusal_says_what_its_code_asks_for(simulator: Simulator, to: str, code: int, meaning: Consequence):
    assert sent(simulator, to) == Rejected(code, meaning)


def test_wrong_credentials_stop_the_account(simulator: Simulator):
    assert sent(simulator, PEOPLE[0], token="wrong") == Rejected(20003, Consequence.STOP_ACCOUNT)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "rate_limited", "retry_after_s": 7}, NotSent(timedelta(seconds=7), "http 429")),
        ({"kind": "unavailable", "retry_after_s": 9, "accepted": False}, NotSent(timedelta(seconds=9), "http 503")),
        ({"kind": "unavailable", "accepted": True}, Unknown("http 503")),
        ({"kind": "error_500", "accepted": True}, Unknown("http 500")),
        ({"kind": "error_502", "accepted": False}, Unknown("http 502")),
        ({"kind": "broken_json", "accepted": True}, Unknown("an answer without an id")),
        ({"kind": "reset", "accepted": True}, Unknown("ServerDisconnectedError")),
        ({"kind": "silence", "seconds": 30, "accepted": True}, Unknown("TimeoutError")),
        ({"kind": "drip", "seconds": 0.5, "accepted": True}, Unknown("TimeoutError")),
    ],
)
def test_what_may_have_arrived_is_unknown_and_what_cannot_is_not_sent(
    simulator: Simulator, fault: dict[str, Any], expected: Outcome
):
    simulator.control(faults=[{"share": 1.0, **fault}], seed=len(simulator.lines()))
    before = len(simulator.lines("request"))
    # A fault strikes a number once: each case has a number of its own.
    in_time = 1.5 if expected == Unknown("TimeoutError") else 15.0
    outcome = sent(simulator, f"+1312557{next(_fresh):04}", total_s=in_time)
    if isinstance(expected, Unknown) and expected.reason == "ServerDisconnectedError":
        assert isinstance(outcome, Unknown)
    else:
        assert outcome == expected
    assert len(simulator.lines("request")) == before + 1


def test_nobody_listening_is_certainly_not_sent():
    outcome = using(
        f"http://127.0.0.1:{free_port()}",
        lambda carrier: carrier.send(cleared(PEOPLE[0]), "Hello", US, "http://x", Call("", alone=False)),
    )
    assert isinstance(outcome, NotSent)


def test_a_permission_that_has_run_out_sends_nothing(simulator: Simulator):
    stale = replace(cleared(PEOPLE[0]), expires_at=SystemClock().now())
    before = len(simulator.lines("request"))
    outcome = using(simulator.url, lambda carrier: carrier.send(stale, "Hello", US, "http://x", Call("", alone=False)))
    assert isinstance(outcome, NotSent)
    assert len(simulator.lines("request")) == before


def test_a_list_holds_the_pairs_texts_newest_first_and_no_older_ones(simulator: Simulator):
    to = "+13125559001"
    begun = SystemClock().now() - timedelta(seconds=1)
    bodies = ["one", "two", "three"]
    for body in bodies:
        sent(simulator, to, body)
    sent(simulator, "+13125559002", "another")
    assert [one.body for one in listed(simulator, to, begun)] == bodies[::-1]
    assert listed(simulator, to, SystemClock().now() + MINUTE) == []


def test_a_list_of_many_pages_is_read_to_its_end(simulator: Simulator):
    to, begun = "+13125559003", SystemClock().now() - timedelta(seconds=1)

    async def many(carrier: TwilioCarrier) -> None:
        # Not all at once: a busy machine's queue of connections is shorter than 250; who stands outside is not sent.
        for first in range(0, 250, 50):
            texts = (f"text {n}" for n in range(first, first + 50))
            sending = [carrier.send(cleared(to), text, US, "http://x", Call("", alone=False)) for text in texts]
            assert {type(one) for one in await asyncio.gather(*sending)} == {Accepted}

    using(simulator.url, many, total_s=30)
    assert len({one.sid for one in listed(simulator, to, begun)}) == 250


def test_a_list_that_cannot_be_had_is_an_error_that_may_pass(simulator: Simulator):
    with pytest.raises(Transient):
        using(
            f"http://127.0.0.1:{free_port()}",
            lambda carrier: carrier.list_messages(PEOPLE[0], US, SystemClock().now(), Call("", alone=False)),
        )
    with pytest.raises(Transient):
        using(
            simulator.url,
            lambda carrier: carrier.list_messages(PEOPLE[0], US, NOW, Call("", alone=False)),
            token="wrong",
        )


@given(
    st.integers(200, 599), st.binary(max_size=60), st.sampled_from([{}, {"Retry-After": "3"}, {"Retry-After": "soon"}])
)
def test_no_answer_breaks_the_reading_and_only_a_certain_one_may_be_tried_again(status, body, headers):
    outcome = read_answer(status, headers, body)
    if isinstance(outcome, NotSent):
        assert status == 429 or (status == 503 and "Retry-After" in headers) or 400 <= status < 500
    if status >= 500 and not (status == 503 and "Retry-After" in headers):
        assert isinstance(outcome, Unknown)


# Signatures

FORM = {"MessageSid": "SM1", "Body": "Hello & ä", "From": US}
URL = "https://app.example.com/hooks/twilio/inbound"


@given(st.dictionaries(st.text(min_size=1, max_size=10), st.text(max_size=20), max_size=5))
def test_what_the_carrier_signs_the_official_validator_accepts(form):
    signature = dialect.sign(TOKEN, URL, form)
    assert TwilioWebhooks(TOKEN).genuine(URL, form, signature, None)


@pytest.mark.parametrize(
    ("url", "form", "token"),
    [
        (URL + "?x=1", FORM, TOKEN),
        (URL.replace("https", "http"), FORM, TOKEN),
        (URL, {**FORM, "Body": "Hello"}, TOKEN),
        (URL, FORM, "another"),
    ],
)
def test_a_signature_over_anything_else_is_refused(url: str, form: dict[str, str], token: str):
    assert not TwilioWebhooks(TOKEN).genuine(url, form, dialect.sign(token, URL, FORM), None)


def test_both_tokens_are_accepted_while_one_is_rotated():
    webhooks = TwilioWebhooks("new", TOKEN)
    assert webhooks.genuine(URL, FORM, dialect.sign(TOKEN, URL, FORM), None)
    assert webhooks.genuine(URL, FORM, dialect.sign("new", URL, FORM), None)
    assert not TwilioWebhooks("", "").ready


def test_an_algorithm_that_nobody_knows_is_refused():
    signature = dialect.sign(TOKEN, URL, FORM)
    assert not TwilioWebhooks(TOKEN).genuine(URL, FORM, signature, "algorithm=NONE")


def test_the_clock_of_the_permission_is_the_adapters_own(simulator: Simulator):
    clock = FrozenClock(NOW)

    async def run() -> Outcome:
        carrier = TwilioCarrier(simulator.url, ACCOUNT, TOKEN, clock)
        try:
            return await carrier.send(cleared(PEOPLE[1], NOW), "Hello", US, "http://x", Call("", alone=False))
        finally:
            await carrier.close()

    assert isinstance(asyncio.run(run()), Accepted)
