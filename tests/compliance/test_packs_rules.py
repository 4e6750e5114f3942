"""Packs as text and as data: faults with their place, what changed and which way, the floor, who wins."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.compliance.errors import BadPack
from leadflow.compliance.rules import packtext
from leadflow.compliance.rules.changes import diff, loosens, overall
from leadflow.compliance.rules.conflicts import conflicts
from leadflow.compliance.rules.floor import below
from leadflow.compliance.rules.policy import compile_policy, digest, parse, shipped
from leadflow.compliance.rules.windows import closed
from leadflow.compliance.types import Pack, Place, Policy
from models.vocabulary import Channel, Leaning

TODAY = date(2026, 12, 2)
PACKS = {pack.name: pack for pack in shipped()}
TEXTS = {name: packtext.write(pack.content) for name, pack in PACKS.items()}


def _edited(name: str, change: Callable[[dict[str, Any]], None]) -> Pack:
    content = copy.deepcopy(dict(PACKS[name].content))
    change(content)
    return Pack(name, content, digest(content))


def _provision(content: dict[str, Any], key: str) -> dict[str, Any]:
    return next(one for one in content["provisions"] if one["key"] == key)


def _with(name: str, key: str, /, **fields: Any) -> Pack:
    return _edited(name, lambda content: _provision(content, key).update(fields))


def _without(name: str, key: str) -> Pack:
    def take(content: dict[str, Any]) -> None:
        content["provisions"] = [one for one in content["provisions"] if one["key"] != key]

    return _edited(name, take)


def _all(pack: Pack) -> tuple[Pack, ...]:
    return tuple(pack if one.name == pack.name else one for one in shipped())


class TestText:
    @pytest.mark.parametrize("name", sorted(PACKS))
    def test_a_pack_that_was_written_is_read_as_the_same(self, name: str):
        assert packtext.read(TEXTS[name]) == PACKS[name]

    @pytest.mark.parametrize(
        ("text", "line", "said"),
        [
            ("", 1, "empty"),
            ("name: x\n  title: y\n", 2, "YAML"),
            ("- a\n- b\n", 1, "mapping"),
            ("name: x\ntitle: y\n", 1, "provisions: is missing"),
            ("name: x\ntitle: y\nprovisions:\n- key: a\n  kind: cap\n", 4, "a, jurisdiction: is missing"),
            ("name: x\nname: y\n", 2, "twice"),
            ("name: x\ntitle: y\nprovisions: []\ncolour: red\n", 4, "colour: is not a field"),
            ("name: x\ntitle: y\nprovisions: 3\n", 3, "valid list"),
            ("name: X Y\ntitle: y\nprovisions: []\n", 1, "short word"),
            ("name: &a x\ntitle: *a\nprovisions: []\n", 1, "References"),
            ("name: x\ntitle: !!python/name:os.system y\nprovisions: []\n", 2, "cannot be read"),
            ('name: x\ntitle: "a\\0b"\nprovisions: []\n', 2, "no text may hold"),
            ("name: x\ntitle: y\nprovisions: []\n---\nname: z\n", 4, "another document"),
            ("a: " + "[" * 40 + "]" * 40, 1, "nested"),
            ("a: " + "[" * 100_000, 1, "nest"),
            ("a: 123456789012345678901234567890\n", 1, "larger"),
            ("a: .nan\n", 1, "quotes"),
            ("? [a]\n: b\n", 1, "word"),
        ],
    )
    def test_a_fault_is_told_with_its_line(self, text: str, line: int, said: str):
        with pytest.raises(BadPack) as caught:
            packtext.read(text)
        assert caught.value.line == line
        assert said in caught.value.message
        assert caught.value.message.startswith(f"Line {line}, column {caught.value.column}: ")

    def test_a_text_that_unfolds_into_gigabytes_is_refused_at_its_first_reference(self):
        bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
        )
        with pytest.raises(BadPack) as caught:
            packtext.read(bomb)
        assert (caught.value.line, caught.value.column) == (1, 5)

    def test_a_text_that_is_too_long_is_not_looked_into(self):
        with pytest.raises(BadPack, match="bytes"):
            packtext.read("a" * (packtext.LONGEST + 1))

    @pytest.mark.parametrize(
        ("name", "key", "fields", "said"),
        [
            ("states", "tx.hours", {"kind": "time"}, "is no kind of provision"),
            ("states", "tx.hours", {"jurisdiction": "ZZ"}, "neither US nor a state"),
            ("states", "tx.hours", {"channels": []}, "at least one channel"),
            ("states", "tx.hours", {"hours": {"weekday": "09:00-21:00"}}, "weekday, saturday and sunday"),
            ("states", "tx.hours", {"hours": 24}, "weekday, saturday and sunday"),
            (
                "states",
                "tx.hours",
                {"hours": {"weekday": "9 to 5", "saturday": "none", "sunday": "none"}},
                "written as 08:00-21:00",
            ),
            (
                "states",
                "tx.hours",
                {"hours": {"weekday": "21:00-09:00", "saturday": "none", "sunday": "none"}},
                "end before they begin",
            ),
            ("states", "ri.hours", {"holidays": ["US-XX"]}, "no holiday"),
            ("states", "ri.hours", {"holidays": ["13-45"]}, "no holiday"),
            ("states", "ri.hours", {"zone": "Mars/Olympus"}, "no time zone"),
            ("states", "ri.hours", {"effective_from": "2027-01-02", "effective_to": "2027-01-01"}, "ends before"),
            ("states", "fl.cap", {"hours": "24"}, "a cap needs hours"),
            ("states", "fl.cap", {"count": None}, "a cap needs a count"),
            ("states", "fl.cap", {"count": 13}, "is not counted"),
            ("states", "fl.cap", {"count": 0}, "greater than 0"),
            ("federal", "us.scrub", {"max_age_days": None}, "max_age_days"),
            ("federal", "us.scrub", {"waived_by": "inquiry"}, "only written_consent"),
            ("federal", "us.basis.inquiry", {"months": None}, "needs months"),
            ("federal", "us.keywords", {"words": [" "]}, "none of them empty"),
            ("organization", "organization.closing-margin", {"minutes": None}, "needs minutes"),
            ("organization", "organization.closing-margin", {"minutes": 500}, "less than or equal to 120"),
            ("organization", "organization.closing-margin", {"key": "organization.cap.day"}, "same key"),
        ],
    )
    def test_what_no_rule_could_read_is_found_when_it_is_brought(
        self, name: str, key: str, fields: dict[str, Any], said: str
    ):
        text = packtext.write(_with(name, key, **fields).content)
        with pytest.raises(BadPack, match=said) as caught:
            packtext.read(text)
        line, column = caught.value.line, caught.value.column
        assert line
        assert column
        around = "\n".join(text.splitlines()[max(0, line - 24) : line + 24])
        assert (fields.get("key") or key) in around, "the line lies in the provision that is to blame"

    @settings(max_examples=300, deadline=None)
    @given(st.sampled_from(sorted(TEXTS)), st.randoms(use_true_random=False))
    def test_any_damage_is_told_with_line_and_reason_and_never_breaks(self, name: str, chance: random.Random):
        text = _damaged(TEXTS[name], chance)
        fault = _fault_in(text)
        if fault is None:
            # What is still a pack is read back as the same, whatever it says.
            read = packtext.read(text)
            assert packtext.read(packtext.write(read.content)).digest == read.digest
            return
        assert fault.reason
        assert fault.column
        assert 1 <= (fault.line or 0) <= text.count("\n") + 2


def _fault_in(text: str) -> BadPack | None:
    try:
        packtext.read(text)
    except BadPack as error:
        return error
    return None


def _damaged(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(text))
        kind = chance.randrange(6)
        if kind == 0:
            text = text[:place] + text[place + chance.randint(1, 40) :]
        elif kind == 1:
            text = text[:place] + chance.choice("{}[]&*!|>'\"%@`:-#,?\t\n\\ é\0\x07") + text[place:]
        elif kind == 2:
            lines = text.splitlines(keepends=True)
            chance.shuffle(lines[max(0, len(lines) - 12) :])
            del lines[chance.randrange(len(lines))]
            text = "".join(lines)
        elif kind == 3:
            lines = text.splitlines(keepends=True)
            lines.insert(chance.randrange(len(lines)), " " * chance.randint(0, 9) + chance.choice(lines).lstrip())
            text = "".join(lines)
        elif kind == 4:
            old = chance.choice(["hours", "US", "text", "08:00-21:00", "null", "high", "[]", "31", "none"])
            text = text.replace(old, chance.choice(["", "3", "{}", "-1", "yes", "2026-01-01", "[[]]", "1e9", "~"]), 1)
        else:
            text = text[:place]
        text = text or "x"
    return text


class TestDiff:
    @pytest.mark.parametrize("name", sorted(PACKS))
    def test_equal_packs_do_not_differ(self, name: str):
        assert diff(parse(PACKS[name].content), parse(PACKS[name].content)) == ()

    @pytest.mark.parametrize(
        ("pack", "leaning"),
        [
            (_with("organization", "organization.closing-margin", minutes=10), Leaning.STRICTER),
            (_with("organization", "organization.closing-margin", minutes=0), Leaning.LOOSER),
            (_with("organization", "organization.cap.day", count=2), Leaning.STRICTER),
            (_with("organization", "organization.cap.day", count=4), Leaning.LOOSER),
            (_with("organization", "organization.cap.day", hours=48), Leaning.STRICTER),
            (_with("organization", "organization.cap.day", hours=12), Leaning.LOOSER),
            (_with("organization", "organization.cap.day", channels=["text"]), Leaning.LOOSER),
            (_with("states", "tx.hours", note="Read again."), Leaning.WORDING),
            (_with("states", "tx.hours", reviewed_by="A. Counsel"), Leaning.WORDING),
            (_with("states", "tx.hours", effective_to="2027-01-01"), Leaning.LOOSER),
            (_with("states", "tx.hours", effective_from=None), Leaning.STRICTER),
            (_with("states", "tx.hours", effective_from="2027-01-01"), Leaning.LOOSER),
            (_with("states", "ri.hours", holidays=["US"]), Leaning.LOOSER),
            (_with("states", "al.hours", holidays=["US", "US-AL", "06-14"]), Leaning.STRICTER),
            (_with("states", "tx.hours", zone="America/Chicago"), Leaning.OTHER),
            (_with("states", "tx.hours", jurisdiction="UT"), Leaning.OTHER),
            (
                _with("states", "tx.hours", hours={"weekday": "10:00-20:00", "saturday": "none", "sunday": "none"}),
                Leaning.STRICTER,
            ),
            (
                _with(
                    "states",
                    "tx.hours",
                    hours={"weekday": "10:00-20:00", "saturday": "none", "sunday": "08:00-21:00"},
                ),
                Leaning.LOOSER,
            ),
            (
                _with(
                    "states",
                    "ut.hours",
                    hours={"weekday": "08:00-21:00", "saturday": "08:00-21:00", "sunday": "12:00-13:00"},
                ),
                Leaning.LOOSER,
            ),
            (_with("states", "la.emergency", declared=True), Leaning.STRICTER),
            (_with("federal", "us.scrub", max_age_days=7), Leaning.STRICTER),
            (_with("federal", "us.scrub", waived_by=None), Leaning.STRICTER),
            (_with("federal", "us.basis.inquiry", months=1), Leaning.STRICTER),
            (_with("federal", "us.basis.inquiry", basis="written_consent"), Leaning.OTHER),
            (_without("states", "tx.hours"), Leaning.LOOSER),
            (_without("states", "fl.cap"), Leaning.LOOSER),
        ],
    )
    def test_each_change_leans_one_way(self, pack: Pack, leaning: Leaning):
        changes = diff(parse(PACKS[pack.name].content), parse(pack.content))
        assert len(changes) == 1
        assert overall(changes) is leaning

    def test_a_provision_of_a_new_key_is_added_and_the_way_back_removes_it(self):
        extra = {**_provision(dict(PACKS["states"].content), "tx.hours"), "key": "tx.mine"}
        more = _edited("states", lambda content: content["provisions"].append(extra))
        there = diff(parse(PACKS["states"].content), parse(more.content))
        back = diff(parse(more.content), parse(PACKS["states"].content))
        assert [(one.key, one.what, one.leaning) for one in there] == [("tx.mine", "added", Leaning.STRICTER)]
        assert [(one.key, one.what, one.leaning) for one in back] == [("tx.mine", "removed", Leaning.LOOSER)]

    @settings(max_examples=60, deadline=None)
    @given(st.randoms(use_true_random=False))
    def test_applying_every_difference_to_the_earlier_pack_makes_the_later_one(self, chance: random.Random):
        later = parse(_varied(chance).content)
        rebuilt = {one.key: one.model_dump(mode="json") for one in parse(PACKS["states"].content).provisions}
        for change in diff(parse(PACKS["states"].content), later):
            if change.what == "removed":
                del rebuilt[change.key]
            elif change.what == "changed":
                rebuilt[change.key] |= {one.field: one.after for one in change.fields}
            else:
                rebuilt[change.key] = next(
                    one.model_dump(mode="json") for one in later.provisions if one.key == change.key
                )
        assert rebuilt == {one.key: one.model_dump(mode="json") for one in later.provisions}

    @settings(max_examples=60, deadline=None)
    @given(
        st.randoms(use_true_random=False),
        st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 made aware
    )
    def test_what_is_called_stricter_never_opens_an_hour(self, chance: random.Random, at: datetime):
        pack = _varied(chance)
        if loosens(overall(diff(parse(PACKS["states"].content), parse(pack.content)))):
            return
        before, after = _present(), compile_policy(_all(pack), Channel.TEXT, TODAY)
        for place in PLACES:
            if closed(before, frozenset({place}), None, at):
                assert closed(after, frozenset({place}), None, at)


PLACES = (
    Place("TX", "America/Chicago"),
    Place("TX", "America/Denver"),
    Place("RI", "America/New_York"),
    Place("UT", "America/Denver"),
    Place("AL", "America/Chicago"),
    Place("LA", "America/Chicago"),
)


@lru_cache(maxsize=1)
def _present() -> Policy:
    """Compile what ships; hours carry their own dates, so any day does."""
    return compile_policy(shipped(), Channel.TEXT, TODAY)


def _varied(chance: random.Random) -> Pack:
    """Change some provisions of the states at random."""

    def vary(content: dict[str, Any]) -> None:
        hours = [one for one in content["provisions"] if one["kind"] == "hours"]
        for one in chance.sample(hours, 12):
            opens, closes = sorted(chance.sample(range(8, 22), 2))
            day = chance.choice(["weekday", "saturday", "sunday"])
            holiday = chance.choice(["US", "06-14", "election-day"])
            one.update(
                chance.choice(
                    [
                        {"hours": one["hours"] | {day: _span(opens, closes)}},
                        {"holidays": [*one["holidays"], holiday]},
                        {"note": "Varied."},
                        {"hours": one["hours"] | {"sunday": "none"}},
                    ]
                )
            )
        if chance.random() < ONE_IN_THREE:
            content["provisions"].remove(chance.choice(hours))

    return _edited("states", vary)


ONE_IN_THREE = 1 / 3


def _span(opens: int, closes: int) -> str:
    return f"{opens:02}:00-{closes:02}:00"


class TestStrictestWins:
    @settings(max_examples=40, deadline=None)
    @given(
        st.randoms(use_true_random=False),
        st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 made aware
    )
    def test_two_versions_together_allow_only_what_each_allows(self, chance: random.Random, at: datetime):
        other = _varied(chance)
        both = compile_policy((*shipped(), other), Channel.TEXT, TODAY)
        one, two = _present(), compile_policy(_all(other), Channel.TEXT, TODAY)
        for place in PLACES:
            there = frozenset({place})
            apart = bool(closed(one, there, None, at)) or bool(closed(two, there, None, at))
            assert bool(closed(both, there, None, at)) == apart

    def test_the_least_number_wins_and_the_longest_margin(self):
        own = Pack(
            "acme",
            {
                "name": "acme",
                "title": "Acme",
                "provisions": [
                    {**_provision(dict(PACKS["federal"].content), "us.scrub"), "key": "a.scrub", "max_age_days": 7},
                    {**_provision(dict(PACKS["federal"].content), "us.basis.inquiry"), "key": "a.basis", "months": 1},
                    {
                        **_provision(dict(PACKS["organization"].content), "organization.closing-margin"),
                        "key": "a.margin",
                        "minutes": 30,
                    },
                ],
            },
            "",
        )
        policy = compile_policy((*shipped(), own), Channel.TEXT, TODAY)
        assert policy.scrub_max_age == timedelta(days=7)
        assert policy.basis_months["inquiry"] == 1  # pyright: ignore[reportArgumentType] a str enum
        assert {window.margin_s for window in policy.federal} == {30 * 60}
        found = {clash.kind: clash for clash in conflicts((*shipped(), own), TODAY) if clash.jurisdiction == "US"}
        assert {kind: [side.key for side in clash.sides if side.wins] for kind, clash in found.items()} == {
            "scrub": ["a.scrub"],
            "basis": ["a.basis"],
            "closing_margin": ["a.margin"],
        }


class TestConflicts:
    def test_a_state_that_is_stricter_than_federal_law_wins(self):
        clash = next(one for one in conflicts(shipped(), TODAY) if one.jurisdiction == "FL")
        assert [(side.key, side.wins) for side in clash.sides] == [("us.hours", False), ("fl.hours", True)]
        assert clash.outcome == "Mon-Fri 08:00-20:00 · Sat 08:00-20:00 · Sun 08:00-20:00"

    def test_where_all_say_the_same_there_is_none(self):
        assert not [one for one in conflicts(shipped(), TODAY) if one.jurisdiction == "IL"]

    def test_hours_that_overlap_are_won_by_both(self):
        late = {
            **_provision(dict(PACKS["states"].content), "fl.hours"),
            "key": "fl.mine",
            "hours": dict.fromkeys(("weekday", "saturday", "sunday"), "10:00-21:00"),
        }
        own = Pack("acme", {"name": "acme", "title": "Acme", "provisions": [late]}, "")
        clash = next(one for one in conflicts((*shipped(), own), TODAY) if one.jurisdiction == "FL")
        assert clash.outcome.startswith("Mon-Fri 10:00-20:00")
        assert {side.key for side in clash.sides if side.wins} == {"fl.hours", "fl.mine"}

    def test_caps_of_one_span_disagree_and_the_fewest_win(self):
        clash = next(
            one
            for one in conflicts(_all(_with("organization", "organization.cap.day", count=5)), TODAY)
            if one.kind == "cap" and one.jurisdiction == "FL"
        )
        assert {side.key for side in clash.sides if side.wins} == {"fl.cap"}

    def test_what_is_not_in_force_yet_does_not_count(self):
        day = date(2026, 10, 17)
        assert not [one for one in conflicts(shipped(), day) if one.jurisdiction == "PA" and "text" in one.channels]
        assert [one for one in conflicts(shipped(), day + timedelta(days=1)) if one.jurisdiction == "PA"]


class TestFloor:
    def test_what_ships_stands_on_it(self):
        assert below(shipped(), TODAY) == ()

    @pytest.mark.parametrize(
        ("pack", "named"),
        [
            (_without("federal", "us.hours"), "us.hours"),
            (_without("federal", "us.scrub"), "us.scrub"),
            (_without("federal", "us.basis.inquiry"), "us.basis.inquiry"),
            (_without("federal", "us.basis.existing_relationship"), "us.basis.existing_relationship"),
            (_without("federal", "us.keywords"), "us.keywords"),
            (
                _with("federal", "us.hours", hours=dict.fromkeys(("weekday", "saturday", "sunday"), "07:59-21:00")),
                "us.hours",
            ),
            (
                _with("states", "ak.hours", hours=dict.fromkeys(("weekday", "saturday", "sunday"), "08:00-21:01")),
                "ak.hours",
            ),
            (_with("federal", "us.hours", channels=["text"]), "us.hours"),
            (_with("federal", "us.hours", effective_to="2030-01-01"), "us.hours"),
            (_with("federal", "us.hours", effective_from="2030-01-01"), "us.hours"),
            (_with("federal", "us.hours", zone="America/Los_Angeles"), "us.hours"),
            (_with("federal", "us.hours", jurisdiction="IL"), "us.hours"),
            (_with("federal", "us.scrub", max_age_days=32), "us.scrub"),
            (_with("federal", "us.scrub", channels=["call"]), "us.scrub"),
            (_with("federal", "us.basis.inquiry", months=4), "us.basis.inquiry"),
            (_with("federal", "us.basis.existing_relationship", months=19), "us.basis.existing_relationship"),
            (_with("federal", "us.keywords", words=["stop"]), "us.keywords"),
        ],
    )
    def test_nothing_goes_below_it(self, pack: Pack, named: str):
        found = below(_all(pack), TODAY)
        assert found
        assert found[0].startswith(f"{named}:")
        assert "CFR" in found[0]

    def test_a_second_provision_may_hold_what_the_first_gave_up(self):
        own = Pack(
            "acme",
            {
                "name": "acme",
                "title": "Acme",
                "provisions": [{**_provision(dict(PACKS["federal"].content), "us.scrub"), "key": "acme.scrub"}],
            },
            "",
        )
        assert below((*_all(_without("federal", "us.scrub")), own), TODAY) == ()
