"""What is read out of a few words, and how close something comes to them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
import reflex as rx
from hypothesis import given
from hypothesis import strategies as st

from leadflow.identity.rules import PEOPLE, ROLES
from leadflow.pages.compliance.components import TABS
from leadflow.pages.routes import ROUTES
from leadflow.search.rules import places, ranking, reading
from leadflow.search.service import KINDS
from leadflow.search.types import LeadFound, Place, Query
from leadflow.ui.menu import KEYS, MENU
from leadflow.ui.registry import MARK
from leadflow.ui.shell import offered
from models.base import new_id
from models.vocabulary import Permission, Role, SearchKind


def read(text: str) -> Query:
    query = reading.read(text)
    assert query is not None
    return query


def a_lead(**given: str) -> LeadFound:
    facts = {"street": "12 Main St", "unit": "", "city": "Dallas", "state": "TX", "zip5": "75201", "owner": "Ann Oak"}
    facts |= {"apn": "14-000-123"} | given
    words = " " + " ".join((*facts.values(), "13035550100")).lower()
    return LeadFound(id=new_id(), words=facts.pop("words", words), **facts)


@pytest.mark.parametrize("text", ["", " ", "a", "\x00", ", ,"])
def test_too_little_asks_nothing(text: str):
    assert reading.read(text) is None


@pytest.mark.parametrize("text", ["303-555-0100", "(303) 555-0100", "303.555.0100", "+1 303 555 0100", "13035550100"])
def test_a_number_is_read_in_any_spelling(text: str):
    assert reading.whole_number(read(text).digits) == 13035550100


@pytest.mark.parametrize(
    ("digits", "masked", "may"),
    [
        ("0100", False, True),
        ("5550100", False, True),
        ("3035550100", False, False),
        ("100", False, False),
        ("0100", True, True),
        ("50100", True, False),
        ("5550100", True, False),
    ],
)
def test_an_ending_finds_numbers_only_by_digits_that_the_caller_sees(digits: str, masked: bool, may: bool):  # noqa: FBT001 a case
    assert reading.may_end(digits, masked=masked) is may


@pytest.mark.parametrize("text", ["12 main street", "12 Main St", "12 main st."])
def test_an_address_is_the_same_in_any_postal_form(text: str):
    found = ranking.lead(a_lead(), read(text), Role.OWNER, ())
    assert found is not None
    assert (found.rank, found.hit.why) == (ranking.EXACT, "Address")


@pytest.mark.parametrize("text", ["14-000-123", "14000123", "14 000 123"])
def test_a_parcel_number_is_the_same_without_its_punctuation(text: str):
    found = ranking.lead(a_lead(), read(text), Role.AUDITOR, ())
    assert found is not None
    assert (found.rank, found.hit.why) == (ranking.EXACT, "Parcel number")


@pytest.mark.parametrize("text", ["3035550100", "303555", "555010", "35550100", "ann 5550100"])
def test_digits_behind_a_mask_find_nobody(text: str):
    assert ranking.lead(a_lead(), read(text), Role.OWNER, ()) is not None
    assert ranking.lead(a_lead(), read(text), Role.AUDITOR, ()) is None


def test_what_is_typed_comes_before_what_only_holds_it():
    query = read("ann oak")
    assert [ranking.closeness(name, query) for name in ("Ann Oak", "Ann Oakley", "Oak, Ann", "Joann Oak", "Bob")] == [
        *(ranking.EXACT, ranking.BEGINS, ranking.WORDS, ranking.HOLDS, None),
    ]


def _matches(pattern: str, text: str) -> bool:
    written = "".join(
        ".*" if part == "%" else "." if part == "_" else re.escape(part.removeprefix("\\"))
        for part in re.findall(r"\\.|.", pattern, re.DOTALL)
    )
    return re.fullmatch(written, text, re.DOTALL) is not None


@given(st.text(min_size=2, max_size=30), st.text(max_size=60))
def test_python_and_the_database_agree_on_what_a_term_matches(text: str, words: str):
    query = reading.read(text)
    if query is None:
        return
    spaced = " " + words.lower()
    expected = all(_matches(one, spaced) for one in query.patterns)
    assert reading.has(spaced, ((term,) for term in query.terms)) is expected


@given(st.text(max_size=400))
def test_nothing_that_is_typed_breaks_the_reading(text: str):
    query = reading.read(text)
    assert query is None or (len(query.text) <= reading.LONGEST and 0 < len(query.terms) <= reading.MOST_TERMS)


def test_every_page_stands_in_the_palette_with_the_permission_that_it_asks_for():
    wanted = {
        route.path: getattr(route.loaders[-1].fn, MARK).permission if route.loaders else None
        for route in ROUTES
        if "[" not in route.path and route.path != "/campaigns/new"
    }
    known = {place.path: place.permission for place in places.PAGES}
    assert known.keys() == wanted.keys()
    assert {path: one for path, one in known.items() if wanted[path] is not None and wanted[path] != one} == {}


CLOSED = {
    Role.OWNER: set[str](),
    Role.MANAGER: set[str](),
    Role.AGENT: set[str](),
    Role.AUDITOR: {"/inbox", "/imports"},
}
"""What of the menu each role may not open; decided here, so that a change of a role is seen."""
CLOSED_TABS = {
    Role.OWNER: set[str](),
    Role.MANAGER: set[str](),
    Role.AGENT: {"/compliance/reviews", "/compliance/evidence", "/compliance/retention"},
    Role.AUDITOR: set[str](),
}
CLOSED_PARTS = {
    Role.OWNER: set[str](),
    Role.MANAGER: {"keys", "outbox"},
    Role.AGENT: {"", "members", "fields", "numbers", "keys", "providers", "outbox", "audit"},
    Role.AUDITOR: {"fields", "keys", "outbox"},
}


def closed(found: Iterable[Place], role: Role) -> set[str]:
    return {place.path for place in found if place.permission not in ROLES[role]}


@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_is_offered_what_it_may_open(role: Role):
    assert closed((item.place for item in MENU), role) == CLOSED[role]
    assert closed(TABS, role) == CLOSED_TABS[role]
    assert closed(places.SETTINGS, role) == CLOSED_PARTS[role]


@pytest.mark.parametrize("role", PEOPLE)
def test_no_loader_refuses_whoever_is_offered_its_page(role: Role):
    dead = {
        place.path
        for place in places.PAGES
        for route in ROUTES
        if route.path == place.path and place.permission in ROLES[role]
        for loader in route.loaders
        if getattr(loader.fn, MARK).permission not in ROLES[role]
    }
    assert dead == set()


def test_a_way_is_drawn_under_the_permission_of_its_place():
    drawn = str(offered(places.page("/imports"), lambda wait: rx.el.a("Imports", custom_attrs=wait)))
    assert str(Permission.IMPORT_RUN) in drawn
    assert "data-wait" in drawn, "what not everybody may open keeps its place until it is known who is here"
    assert "data-wait" not in str(offered(places.page("/leads"), lambda wait: rx.el.a("Leads", custom_attrs=wait)))


def test_the_keys_and_their_list_ask_as_the_menu_does():
    (ways,) = [group["keys"] for group in KEYS if group["title"] == "Go to"]
    assert {(keys, asks) for keys, _, asks in ways} == {(f"g {one.key}", one.place.permission.value) for one in MENU}


def test_every_command_leads_to_a_page():
    paths = {route.path for route in ROUTES}
    assert {place.path.split("?")[0] for place in places.COMMANDS} <= paths


def test_every_kind_asks_for_a_permission_that_somebody_lacks_or_everybody_has():
    assert KINDS.keys() == set(SearchKind)
    assert {kind for kind, permission in KINDS.items() if permission not in ROLES[Role.AGENT]} == {SearchKind.MEMBER}
    assert {kind for kind, permission in KINDS.items() if permission not in ROLES[Role.AUDITOR]} == {SearchKind.IMPORT}
    assert Permission.LEAD_READ in KINDS.values()
