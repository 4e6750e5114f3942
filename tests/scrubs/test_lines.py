"""The contract of every line to a provider, held against the simulator over a real socket; and its reading, pure."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.kernel.breaker import Breaker
from leadflow.kernel.circuits import Alone
from leadflow.scrubs.providers.caller import TRIES, Caller, read, wait_of
from leadflow.scrubs.providers.dncscrub import DncScrub, ReassignedNumbers
from leadflow.scrubs.providers.port import Line
from leadflow.scrubs.rules.answers import CLEAN_CODES, read_reassigned, read_scrub, reported_until
from leadflow.scrubs.types import Answered, Asked, Denied, Doubt, NotAsked
from models.vocabulary import LineType, LookupService, ScrubList, ScrubVerdict
from tests.lookups import LOGIN, Registries
from tests.scrubs.world import number

SERVICES = list(LookupService)
SINCE = date(2024, 3, 1)
MANY = tuple(Asked(number(place), SINCE) for place in range(2000, 2025))
FEW = MANY[:1]


def line(registries: Registries, service: LookupService, waits: list[float] | None = None, **changed: object) -> Line:
    async def note(seconds: float) -> None:
        if waits is not None:
            waits.append(seconds)

    caller = Caller(
        registries.url,
        str(changed.get("login", LOGIN)),
        Breaker("dncscrub", "test", store=Alone()),
        total_s=float(str(changed.get("total_s", 5))),
        sleep=note,
    )
    return DncScrub(caller) if service is LookupService.DNC else ReassignedNumbers(caller)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("asked", [FEW, MANY], ids=["one by GET", "many by POST"])
def test_every_number_is_answered_once(registries: Registries, service: LookupService, asked: tuple[Asked, ...]):
    outcome = line(registries, service).ask(asked)
    assert isinstance(outcome, Answered)
    assert sorted(one.e164 for one in outcome.answers) == sorted(one.e164 for one in asked)
    assert all(set(one.verdicts.values()) == {ScrubVerdict.CLEAN} for one in outcome.answers)
    assert registries.sold(service) == {one.e164[2:]: 1 for one in asked}


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_listed_is_told(registries: Registries, service: LookupService):
    phone = MANY[3].e164[2:]
    registries.control(listed={"national": [phone], "reassigned": [phone]})
    outcome = line(registries, service).ask(MANY)
    assert isinstance(outcome, Answered)
    assert [one.e164 for one in outcome.answers if one.listed] == [MANY[3].e164]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("asked", [FEW, MANY], ids=["one by GET", "many by POST"])
@pytest.mark.parametrize("kind", ["rate_limited", "unavailable"])
def test_what_was_not_carried_out_is_tried_again_after_the_wait_that_was_asked_for(
    registries: Registries, service: LookupService, asked: tuple[Asked, ...], kind: str
):
    waits: list[float] = []
    registries.fault(kind, calls=TRIES - 1, retry_after_s=2)
    assert isinstance(line(registries, service, waits).ask(asked), Answered)
    assert len(waits) == TRIES - 1
    assert min(waits) >= 2
    assert set(registries.sold(service).values()) == {1}


@pytest.mark.parametrize("service", SERVICES)
def test_a_long_wait_is_not_waited_for_here(registries: Registries, service: LookupService):
    waits: list[float] = []
    registries.fault("rate_limited", retry_after_s=60)
    outcome = line(registries, service, waits).ask(MANY)
    assert isinstance(outcome, NotAsked)
    assert outcome.after.total_seconds() == 60
    assert waits == []
    assert not registries.sold(service)


@pytest.mark.parametrize("service", SERVICES)
def test_a_get_that_broke_is_tried_again_and_a_post_never(registries: Registries, service: LookupService):
    registries.fault("error_500")
    assert isinstance(line(registries, service).ask(FEW), Answered)
    registries.control(fault={"kind": "error_500", "calls": 9}, forget=True)
    assert line(registries, service).ask(MANY) == Doubt("http 500")
    assert set(registries.sold(service).values()) == {1}, "asked once"


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("kind", ["silence", "drip", "null", "html"])
def test_a_lost_answer_is_a_doubt_and_never_asked_again(registries: Registries, service: LookupService, kind: str):
    waits: list[float] = []
    registries.fault(kind, seconds=0.2, calls=9)
    outcome = line(registries, service, waits, total_s=0.15).ask(MANY)
    assert isinstance(outcome, Doubt)
    assert waits == []
    assert set(registries.sold(service).values()) == {1}


@pytest.mark.parametrize("service", SERVICES)
def test_a_partial_answer_in_another_order_answers_only_what_it_holds(registries: Registries, service: LookupService):
    registries.fault("partial")
    outcome = line(registries, service).ask(MANY)
    assert isinstance(outcome, Answered)
    assert {one.e164 for one in outcome.answers} == {one.e164 for one in MANY[::2]}


@pytest.mark.parametrize("service", SERVICES)
def test_a_wrong_login_is_denied_and_nobody_is_not_asked(registries: Registries, service: LookupService):
    assert line(registries, service, login="another-login-id").ask(MANY) == Denied("http 401")
    nowhere = Registries("http://127.0.0.1:1", registries.process)
    outcome = line(nowhere, service).ask(MANY)
    assert isinstance(outcome, NotAsked)
    assert outcome.why == "ConnectError"


def test_no_data_is_its_own_answer(registries: Registries):
    old = tuple(Asked(one.e164, date(2020, 12, 31)) for one in MANY)
    outcome = line(registries, LookupService.REASSIGNED).ask(old)
    assert isinstance(outcome, Answered)
    assert {one.verdicts[ScrubList.REASSIGNED] for one in outcome.answers} == {ScrubVerdict.NO_DATA}


# Reading, pure

ROW = {"Phone": "3125552000", "ResultCode": "C", "Reason": ";;;", "LineType": "AllOther"}


def _read(**changed: object) -> dict[ScrubList, ScrubVerdict] | None:
    found = read_scrub(FEW, [{**ROW, **changed}])
    assert found is not None
    return dict(found[0].verdicts) if found else None


@given(st.text(max_size=3))
def test_only_the_codes_that_are_named_clean_are_clean(code: str):
    found = _read(ResultCode=code)
    clean = found is not None and ScrubVerdict.CLEAN in found.values()
    assert clean == (code in CLEAN_CODES)


@pytest.mark.parametrize("code", ["L", "F", "B", "X", "E", "O", "G", "H", "V", "I", "M", "P", "c", "?"])
def test_codes_that_clients_read_in_different_ways_are_no_data(code: str):
    assert set((_read(ResultCode=code) or {}).values()) == {ScrubVerdict.NO_DATA}


@pytest.mark.parametrize(
    ("reason", "listed"),
    [
        ("National (USA) 2003-06-01;;;", {ScrubList.NATIONAL_DNC}),
        (";State (TX) 2019-01-01;;W", {ScrubList.STATE_DNC}),
        ("Litigator", {ScrubList.LITIGATOR}),
        ("National (USA) 2003-06-01;State (TX);Litigator;", set(ScrubList) - {ScrubList.REASSIGNED}),
        ("", {ScrubList.NATIONAL_DNC}),
        ("DMA", {ScrubList.NATIONAL_DNC}),
    ],
)
def test_a_listed_row_is_listed_where_it_says_and_clean_nowhere(reason: str, listed: set[ScrubList]):
    found = _read(ResultCode="D", Reason=reason)
    assert found is not None
    assert {which for which, verdict in found.items() if verdict is ScrubVerdict.LISTED} == listed
    assert ScrubVerdict.CLEAN not in found.values()


def test_a_clean_code_with_a_list_in_its_reason_is_not_clean():
    assert _read(Reason="National (USA) 2003-06-01;;;") == _read(ResultCode="D", Reason="National (USA)")


@pytest.mark.parametrize(
    ("said", "line_type"),
    [("Wireless", LineType.MOBILE), ("VoIP", LineType.VOIP), ("AllOther", None), ("Satellite", None), (None, None)],
)
def test_the_kind_of_line_is_read_where_it_is_told(said: str | None, line_type: LineType | None):
    found = read_scrub(FEW, [{**ROW, "LineType": said}])
    assert found is not None
    assert found[0].line_type is line_type


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["Phone", "PhoneNumber", "ResultCode", "IsReassigned", "Reason"]), inner, max_size=5
        )
    ),
    max_leaves=12,
)


@given(JUNK)
def test_no_answer_whatsoever_makes_a_number_clean_that_it_does_not_name(junk: object):
    for reader, phone in ((read_scrub, "Phone"), (read_reassigned, "PhoneNumber")):
        found = reader(MANY, junk)
        named = str(junk)
        for answer in found or ():
            assert answer.e164[2:] in named, phone


@given(st.permutations(range(6)), st.sets(st.integers(0, 5)))
def test_order_and_gaps_change_no_answer(order: list[int], left_out: set[int]):
    rows = [
        {"PhoneNumber": one.e164[2:], "IsReassigned": (True, False, None)[place % 3]}
        for place, one in enumerate(MANY[:6])
    ]
    whole = {one.e164: one for one in read_reassigned(MANY[:6], rows) or ()}
    found = read_reassigned(MANY[:6], [rows[place] for place in order if place not in left_out])
    assert {one.e164: one for one in found or ()} == {
        e164: one for place, (e164, one) in enumerate(whole.items()) if place not in left_out
    }


def test_rows_that_contradict_each_other_answer_nothing():
    rows = [{"PhoneNumber": FEW[0].e164[2:], "IsReassigned": said} for said in (False, True)]
    assert read_reassigned(FEW, rows) == ()


@pytest.mark.parametrize("said", [0, 1, "false", "", [], {}])
def test_only_yes_no_and_no_data_are_words(said: object):
    assert read_reassigned(FEW, [{"PhoneNumber": FEW[0].e164[2:], "IsReassigned": said}]) == ()


@pytest.mark.parametrize(
    ("header", "seconds"), [(None, 5), ("7", 7), ("soon", 5), ("-3", 5), ("999999999999", 600), ("²", 5)]
)
def test_a_wait_is_within_reason(header: str | None, seconds: int):
    assert wait_of(header).total_seconds() == seconds


@given(st.integers(100, 599), st.binary(max_size=40), st.sampled_from(["GET", "POST"]))
def test_every_answer_means_something(status: int, body: bytes, method: str):
    read(method, status, None, body)


def test_the_version_of_the_reassigned_numbers_is_the_last_month_reported():
    assert [reported_until(date(2026, *day)) for day in ((12, 15), (12, 16), (1, 10), (1, 20))] == [
        "2026-10",
        "2026-11",
        "2025-11",
        "2025-12",
    ]
