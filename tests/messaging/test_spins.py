"""Spintax and snippets: one person always reads the same, values are never read as groups, faults say where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.messaging.errors import UnresolvedField
from leadflow.messaging.rules.spins import pick, spin
from leadflow.messaging.rules.templates import names, render, sizes, used

WORDS = st.text(st.sampled_from("abcxyz ,.'"), min_size=1, max_size=8)
PLAIN = WORDS.map(lambda text: (text, {text}))


def _groups(inner: st.SearchStrategy[tuple[str, set[str]]]) -> st.SearchStrategy[tuple[str, set[str]]]:
    """Write a group of alternatives, and all that it may read; two braces beside each other would be Liquid's."""
    return st.lists(inner, min_size=2, max_size=3).map(
        lambda parts: (
            "{" + "|".join(f"-{text}-" for text, _ in parts) + "}",
            {f"-{read}-" for _, reads in parts for read in reads},
        )
    )


@given(st.recursive(PLAIN, _groups, max_leaves=8), st.text(max_size=12))
def test_a_template_reads_one_of_its_alternatives_and_for_one_seed_always_the_same(template, seed):
    written, reads = template
    found = render(f"x{written}x", {}, seed=seed)
    assert found == render(f"x{written}x", {}, seed=seed)
    assert found in {f"x{text}x" for text in reads}


def test_all_alternatives_are_read_by_somebody():
    found = {render("{Hi|Hello|Hey {there|you}}", {}, seed=str(n)) for n in range(200)}
    assert found == {"Hi", "Hello", "Hey there", "Hey you"}


@given(st.text(st.sampled_from("ab {}|\\%'\""), min_size=1, max_size=40).filter(lambda text: bool(text.strip())))
def test_a_value_is_never_read_as_a_group_or_as_liquid(value):
    assert render("<{{ first_name }}>", {"first_name": value}) == f"<{value}>"


@pytest.mark.parametrize(
    ("template", "reads"),
    [
        (r"\{a\|b\}", "{a|b}"),
        (r"a|b \\ c", "a|b \\ c"),
        ("{{ first_name }}{|}", "Ann"),
        ("{% raw %}{a|b}{% endraw %}", "{a|b}"),
        ("{% if first_name %}{Hi|Hi}{% endif %}", "Hi"),
        (r"{\{|\{}", "{"),
    ],
)
def test_signs_can_be_written_and_liquid_is_left_alone(template: str, reads: str):
    assert render(template, {"first_name": "Ann"}) == reads


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("Hi {Ann|Bob", "Line 1, letter 4"),
        ("Hi\nAnn} you", "Line 2, letter 4"),
        ("Hi {name}", "Line 1, letter 4: this offers no choice"),
        ("{a|{b|{c|{d|{e|{f|g}}}}}}", "Line 1, letter 16"),
        ("{{ first_name }", "expected"),
    ],
)
def test_a_fault_says_where_it_is(template: str, said: str):
    with pytest.raises(UnresolvedField) as refused:
        names(template)
    assert said in refused.value.message


def test_sizes_span_the_shortest_and_the_longest_wording():
    found = sizes("{Hi|" + "x" * 161 + "|\N{GRINNING FACE}} there", {})
    assert (found.least.segments, found.most.segments) == (1, 2)
    assert sizes("{Hi|Ho}", {}).most.encoding == "GSM-7"
    assert sizes("{Hi|\N{GRINNING FACE}}", {}).most.encoding == "UCS-2"


def test_many_groups_are_measured_without_trying_every_combination():
    found = sizes("{a|bb}" * 60, {})
    assert (found.least.segments, found.most.segments) == (1, 1)


def test_snippets_are_expanded_once_and_asked_for_by_name():
    assert render("Hi. {{snippets.bye}}", {"first_name": "Ann"}, snippets={"bye": "{Bye|Bye}, {{ first_name }}"}) == (
        "Hi. Bye, Ann"
    )
    assert used("{{ snippets.a }} {{- snippets.b -}} {{ first_name }}") == {"a", "b"}
    with pytest.raises(UnresolvedField, match="no snippet called “gone”"):
        names("{{ snippets.gone }}")


@given(st.dictionaries(st.sampled_from("ABCDE"), st.integers(1, 100), min_size=1), st.uuids())
def test_a_person_draws_the_same_variant_for_ever(weights, person):
    assert pick(str(person), weights) == pick(str(person), weights)
    assert pick(str(person), weights) in weights


def test_a_split_is_near_its_weights():
    drawn = [pick(f"c:{n}", {"A": 3, "B": 1}) for n in range(4_000)]
    assert 0.72 < drawn.count("A") / len(drawn) < 0.78


def test_a_template_without_groups_is_left_as_it_is():
    assert spin("Hi {{ first_name }}, you").liquid == "Hi {{ first_name }}, you"
