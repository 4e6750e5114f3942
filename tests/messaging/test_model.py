"""The exhaustive walk through the model of the send protocol, and that it finds what is planted."""

from __future__ import annotations

import re

import pytest

from tests.messaging.model import DENIED, PLANTED, STOPPED, TWICE, explore
from tests.messaging.model_page import PAGE, describe


def test_one_text_is_never_sent_twice_nor_after_stop_and_always_ends():
    found = explore(1)
    assert (found.fault, found.stuck) == ("", 0)
    assert found.states > 2_000


@pytest.mark.slow
def test_two_texts_are_never_sent_twice_nor_after_stop_and_always_end():
    found = explore(2)
    assert (found.fault, found.stuck) == ("", 0)
    assert found.states > 700_000


@pytest.mark.parametrize("name", PLANTED)
def test_a_machine_without_one_safeguard_is_found_faulty(name: str):
    rules, fault = PLANTED[name]
    found = explore(1, rules, only=fault)
    assert found.fault == fault
    assert found.path


def test_each_fault_is_planted():
    assert {fault for _, fault in PLANTED.values()} == {TWICE, STOPPED}
    assert DENIED in {explore(1, rules, only=DENIED).fault for rules, _ in PLANTED.values()}


def test_the_page_says_what_the_walk_finds():
    written = PAGE.read_text()
    found = explore(1)
    assert f"| 1 | {found.states:,} | {found.moves:,} |" in written
    for name, (rules, fault) in PLANTED.items():
        assert describe(name, explore(1, rules, only=fault)) in written
    assert re.search(r"\| 2 \| \d{3},\d{3} \|", written)
