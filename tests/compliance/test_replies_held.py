"""What replies mean that no rule was tuned on, and what no disguise may ever do to an opt-out.

``tests/fixtures/replies.csv`` holds judged replies (its provenance stands beside it). The weights are trained here anew
on the tuned part alone, so that neither they nor the wordings have seen a reply that is measured.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.compliance.rules import likeness
from leadflow.compliance.rules.reading import MOST, read
from leadflow.compliance.rules.replies import classify, judge
from models.vocabulary import ReplyLabel, Suppress
from scripts.train_replies import SMALLEST, TABLE, Judged, judged, learnt, train

JUDGED = judged()
HELD = [one for one in JUDGED if one.split == "held"]
MISSED_AT_MOST, IGNORED_AT_MOST, WRONGLY_AT_MOST = 0.02, 0.005, 0.03
"""Floors of the held replies: not suppressed, not even held for a person, suppressed without reason."""
OPT_OUTS = [
    one.text for one in [*JUDGED, *judged(TABLE)] if one.suppress == "yes" and classify(one.text).suppress == "yes"
]
STOPPED = st.sampled_from(OPT_OUTS)
WORDED = st.sampled_from([text for text in OPT_OUTS if any(map(str.isalpha, text)) and text.isascii()])
INVISIBLE = st.sampled_from("\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u034f\u200e\u115f\u3164")
TWINS = dict(
    zip(
        "aceiopsxytun",
        "\u0430\u0441\u0435\u0456\u043e\u0440\u0455\u0445\u0443\u03c4\u03c5\u03b7",
        strict=True,
    )
)
"""Cyrillic and Greek letters that look Latin."""


@cache
def _on_tuned() -> dict[str, float]:
    return train([*(one for one in JUDGED if one.split == "tuned"), *judged(TABLE)])


@cache
def _outcomes() -> Counter[tuple[str, Suppress]]:
    return Counter((one.suppress, judge(one.text, _on_tuned()).suppress) for one in HELD)


def _share(truth: str, *found: Suppress) -> float:
    of_truth = sum(count for (said, _), count in _outcomes().items() if said == truth)
    return sum(_outcomes()[truth, one] for one in found) / of_truth


def test_the_replies_are_many_and_their_split_is_the_one_that_was_fixed() -> None:
    assert len(JUDGED) == len({one.text for one in JUDGED})
    assert len(JUDGED) >= 2700
    assert len(HELD) == 810
    assert {one.label for one in JUDGED} <= {label.value for label in ReplyLabel}
    assert {one.suppress for one in JUDGED} == {one.value for one in Suppress}
    table = {one.text.strip().casefold() for one in judged(TABLE)}
    assert not [one.text for one in JUDGED if one.text.strip().casefold() in table]


def test_held_replies_that_must_stop_are_not_missed() -> None:
    assert _share("yes", Suppress.REVIEW, Suppress.NO) <= MISSED_AT_MOST
    assert _share("yes", Suppress.NO) <= IGNORED_AT_MOST


def test_held_replies_without_a_no_are_not_suppressed() -> None:
    assert _share("no", Suppress.YES) <= WRONGLY_AT_MOST


def test_held_refusals_wait_for_a_person() -> None:
    assert _share("review", Suppress.REVIEW, Suppress.YES) >= 0.95


def test_the_weights_stop_replies_that_no_wording_foresaw() -> None:
    missed = [one for one in JUDGED if one.suppress == "yes" and judge(one.text, {}).suppress is not Suppress.YES]
    without = train([one for one in JUDGED if one not in missed])
    caught = [one for one in missed if judge(one.text, without).suppress is not Suppress.NO]
    assert len(missed) >= 50
    assert len(caught) >= len(missed) / 2


def test_the_weights_that_ship_are_those_of_the_replies() -> None:
    # Another machine's exponential may differ in the last place, and a weight at the limit may be left out.
    anew, kept = train(learnt()), likeness.shipped()
    assert max(abs(anew.get(one, 0.0) - kept.get(one, 0.0)) for one in {*anew, *kept}) <= SMALLEST + 0.01
    assert len(kept) > 1_000


def test_what_ships_misses_none_of_the_table_and_suppresses_none_of_it_wrongly() -> None:
    found = Counter((one.suppress, classify(one.text).suppress.value) for one in judged(TABLE))
    assert (found["yes", "review"], found["yes", "no"]) == (0, 0)
    assert found["no", "yes"] == 0


def test_what_ships_ignores_no_judged_reply_that_must_stop() -> None:
    assert [one.text for one in JUDGED if one.suppress == "yes" and classify(one.text).suppress is Suppress.NO] == []


def _not_ignored(text: str) -> None:
    assert classify(text).suppress is not Suppress.NO, text


@given(STOPPED, st.sampled_from([str.upper, str.lower, str.title, str.swapcase, str.capitalize]))
def test_case_never_turns_an_opt_out_into_a_yes(text: str, change: object) -> None:
    assert callable(change)
    _not_ignored(str(change(text)))


@given(STOPPED, st.sampled_from([".", "!", "!!!", "...", " .", ",", ";", " -", ")", '"', "?", " 😡", "\n", "~", "*"]))
def test_punctuation_after_it_never_turns_an_opt_out_into_a_yes(text: str, mark: str) -> None:
    _not_ignored(text + mark)
    _not_ignored(mark + text)


@given(STOPPED, st.sampled_from(["  ", "\t", "\n", " \u00a0", "\u2003", "\r\n"]))
def test_white_space_never_turns_an_opt_out_into_a_yes(text: str, space: str) -> None:
    _not_ignored(space + text.replace(" ", space) + space)


@given(
    STOPPED,
    st.sampled_from(["thanks", "please", "now", "ok", "lol", "bye", "sir", "Sent from my iPhone", "- John", "gracias"]),
)
def test_trailing_words_never_turn_an_opt_out_into_a_yes(text: str, more: str) -> None:
    _not_ignored(f"{text}. {more}")
    _not_ignored(f"{text} {more}")
    _not_ignored(f"{text}\n{more}")


@given(STOPPED, st.data())
def test_invisible_signs_change_nothing(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    hidden = text[:at] + data.draw(INVISIBLE) + text[at:]
    assert classify(hidden) == classify(text)


@given(WORDED, st.data())
def test_letters_of_other_alphabets_change_nothing(text: str, data: st.DataObject) -> None:
    chosen = data.draw(st.sets(st.sampled_from(sorted(TWINS)), min_size=1))
    disguised = "".join(TWINS[sign] if sign in chosen else sign for sign in text.lower())
    assert read(disguised).plain == read(text.lower()).plain
    _not_ignored(disguised)


@given(WORDED)
def test_wide_and_bold_letters_change_nothing(text: str) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)
    assert unicodedata.normalize("NFKC", wide) == text
    assert classify(wide).suppress == classify(text).suppress


@pytest.mark.parametrize("word", ["stop", "unsubscribe", "cancel", "quit", "revoke", "remove", "optout"])
@pytest.mark.parametrize("shape", [" ".join, ".".join, "-".join, "*".join, "_".join, " . ".join])
def test_a_keyword_letter_by_letter_stops(word: str, shape: object) -> None:
    assert callable(shape)
    assert classify(str(shape(word))).suppress is Suppress.YES
    assert classify(str(shape(word.upper()))).suppress is Suppress.YES


@pytest.mark.parametrize(
    "text", ["st0p", "5top", "ST0P", "0pt out", "un5ubscribe", "stop2end", "STOPTEXTINGME", "stooooop", "st op"]
)
def test_digits_for_letters_and_words_run_together_stop(text: str) -> None:
    assert classify(text).suppress is Suppress.YES


def test_a_reply_of_any_length_is_read_to_a_bound() -> None:
    assert classify("STOP " + "a " * 100_000).suppress is Suppress.YES
    assert len(read("b" * 100_000).plain) <= MOST


def test_the_score_needs_no_words() -> None:
    assert likeness.score(read(""), {}) == 0.0
    assert classify("").suppress is Suppress.NO


def test_a_judged_reply_is_read_with_its_split() -> None:
    assert Judged("x", "opt_out", "yes", "tuned") in [one._replace(text="x") for one in JUDGED]
