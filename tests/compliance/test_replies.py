"""What people answer, by the table of 160 replies, and what no wording may ever do."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.compliance.rules.policy import parse, shipped
from leadflow.compliance.rules.replies import KEYWORDS, classify
from models.vocabulary import ReplyLabel, Suppress

TABLE = Path(__file__).parent / "data" / "phrases.csv"
WEIGHT = {Suppress.NO: 0, Suppress.REVIEW: 1, Suppress.YES: 2}
PER_SE = ("stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe")
"""47 CFR 64.1200(a)(10)."""


def _phrases() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PHRASES = _phrases()
TEXTS = st.sampled_from([row["text"] for row in PHRASES]) | st.text(max_size=80)


def _is_from_pack(word: str) -> bool:
    packs = (parse(pack.content) for pack in shipped())
    return any(word in provision.words for pack in packs for provision in pack.provisions)


def test_the_table_is_complete() -> None:
    assert len(PHRASES) == 160


@pytest.mark.parametrize("row", PHRASES, ids=[f"{n}" for n in range(len(PHRASES))])
def test_a_reply_means_what_the_table_says(row: dict[str, str]) -> None:
    found = classify(row["text"])
    assert (found.label, found.suppress) == (row["expected"], row["suppress"]), row["text"]


@pytest.mark.parametrize("word", sorted(KEYWORDS))
@pytest.mark.parametrize(
    "shape", ["{}", "{}.", " {} ", "{}!!!", "“{}”", "{} please", "ok. {}", "{}\nsent from my phone"]
)
def test_every_keyword_stops_in_every_shape(word: str, shape: str) -> None:
    for written in (word, word.upper(), word.title()):
        assert classify(shape.format(written)).suppress is Suppress.YES


def test_the_packs_name_no_keyword_that_is_not_understood() -> None:
    words = [word for pack in shipped() for provision in parse(pack.content).provisions for word in provision.words]
    assert words
    assert all(classify(word).suppress is Suppress.YES for word in words)
    assert all(_is_from_pack(word) for word in PER_SE)


@pytest.mark.parametrize(
    "text",
    [
        "Would you stop and think about it",
        "I had to stop working last year",
        "They want us to quit the place",
        "Is there an option to cancel",
        "Stop",
    ],
)
def test_a_sentence_that_merely_contains_a_stop_word_is_never_ignored(text: str) -> None:
    assert classify(text).suppress is not Suppress.NO


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("He passed away. Stop or I will sue you", ReplyLabel.HOSTILE_LEGAL),
        ("She died. Stop texting", ReplyLabel.DECEASED),
        ("Wrong number. Stop", ReplyLabel.OPT_OUT),
        ("Yes but wrong number", ReplyLabel.WRONG_NUMBER),
    ],
)
def test_the_worse_meaning_wins(text: str, label: ReplyLabel) -> None:
    assert classify(text).label is label


@given(TEXTS, st.sampled_from(PER_SE), st.sampled_from([". {}", "\n{}", "! {}!", "? {} please"]))
def test_a_keyword_as_a_sentence_of_its_own_always_stops(text: str, word: str, shape: str) -> None:
    assert classify(text + shape.format(word)).suppress is Suppress.YES
    assert classify(word + ". " + text).suppress is Suppress.YES


@given(st.sampled_from([row["text"] for row in PHRASES]), st.sampled_from(PER_SE), st.booleans())
def test_adding_a_keyword_never_makes_a_reply_less_suppressing(text: str, word: str, before: bool) -> None:  # noqa: FBT001 a drawn value
    more = f"{word} {text}" if before else f"{text} {word}"
    assert WEIGHT[classify(more).suppress] >= WEIGHT[classify(text).suppress]


@given(TEXTS)
def test_case_accents_and_invisible_signs_change_nothing(text: str) -> None:
    assert classify("\u200b" + text + " \u200d") == classify(text)


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert classify(text).suppress in Suppress


@pytest.mark.parametrize("word", ["START", "unstop", "Start."])
def test_an_opt_in_word_says_nothing_about_the_sale(word: str) -> None:
    assert classify(word) == (classify("UNSTOP"))
    assert classify(word).suppress is Suppress.NO
