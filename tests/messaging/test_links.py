"""Short links: in place of long ones, followed by people, counted once, and of no use to anybody else."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from leadflow.identity import service as identity
from leadflow.identity.types import OrganizationInput
from leadflow.kernel.clock import FrozenClock
from leadflow.messaging.rules.links import CODE, as_counted, by_a_machine, leads_out, plain, shorten, shorteners
from leadflow.messaging.rules.segments import quote
from tests.asgi import Api
from tests.messaging.world import World, owner_of

DOMAIN = "go.example.com"
LONG = "https://cedar-homes.example.com/offers/what-we-can-pay?source=text&campaign=spring-2026"
BODY = f"See {LONG}. Reply STOP to end."
PHONE = {"host": DOMAIN, "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1"}


@pytest.fixture
def linked(world: World) -> World:
    """Set a domain, and write one text with a link."""
    world.do("update organization set link_domain = %s", DOMAIN)
    world.add_people(1)
    world.queue(body=BODY)
    return world


def _code(world: World) -> str:
    return world.one("select code from short_link")


def _ask(api: Api, code: str, method: str = "GET", **headers: str) -> httpx.Response:
    return api.call(method, f"/l/{code}", headers=PHONE | headers)


# Writing


def test_links_become_short_ones_of_the_domain_and_the_words_around_them_stay(linked: World):
    body, segments = linked.rows("select body, segments from message")[0]
    assert body == f"See https://{DOMAIN}/l/{_code(linked)}. Reply STOP to end."
    assert linked.one("select target from short_link") == LONG
    assert CODE.fullmatch(_code(linked))
    assert segments == quote(body, 0).segments == 1 < quote(BODY * 2, 0).segments


def test_without_a_domain_the_words_stay_as_they_are(world: World):
    world.add_people(1)
    world.queue(body=BODY)
    assert world.one("select body from message") == BODY
    assert world.one("select count(*) from short_link") == 0


def test_each_text_has_a_code_of_its_own_however_often_it_is_planned(linked: World):
    linked.add_people(20)
    assert linked.queue(body=BODY) == 20
    assert linked.queue(body=BODY) == 0
    found = linked.rows("select m.body, l.code from short_link l join message m on m.id = l.message_id")
    assert len({code for _, code in found}) == len(found) == 21
    assert all(code in body for body, code in found)


@given(st.text(max_size=300))
def test_no_text_is_changed_but_in_its_links(body: str):
    assert shorten(body, "").body == body
    short = shorten(body, DOMAIN)
    restored = short.body
    for code, target in short.targets:
        assert leads_out(target)
        restored = restored.replace(f"https://{DOMAIN}/l/{code}", target, 1)
    assert restored == body
    assert len(as_counted(body, DOMAIN)) == len(short.body)


@pytest.mark.parametrize(
    "words",
    [
        "http://example.com/a",
        "javascript:alert(1)",
        f"https://{DOMAIN}/l/abcdefghijkl",
        "https://",
        "https://u:p@x.com/",
    ],
)
def test_what_is_no_whole_link_stays(words: str):
    assert shorten(words, DOMAIN) == (words, ())


def test_a_text_that_is_written_anew_is_the_same_but_for_its_codes():
    assert plain(shorten(BODY, DOMAIN).body) == plain(shorten(BODY, DOMAIN).body)


def test_public_shorteners_are_named():
    assert shorteners("Look: https://bit.ly/3x or http://www.tinyurl.com/y, not https://example.com") == (
        "bit.ly",
        "tinyurl.com",
    )


# Following


def test_a_person_is_led_on_and_it_stands_on_the_timeline_once(linked: World, api: Api, clock: FrozenClock):
    clicked = linked.now()
    answer = _ask(api, _code(linked))
    assert (answer.status_code, answer.headers["location"], answer.content) == (302, LONG, b"")
    clock.advance(timedelta(minutes=5))
    assert _ask(api, _code(linked)).status_code == 302
    assert linked.rows("select clicks, previews, clicked_at from short_link") == [(2, 0, clicked)]
    assert linked.one("select count(*) from activity where kind = 'clicked'") == 1


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"user-agent": "facebookexternalhit/1.1"}),
        ("GET", {"user-agent": "Slackbot-LinkExpanding 1.0"}),
        ("GET", {"user-agent": ""}),
        ("GET", {"sec-purpose": "prefetch;prerender"}),
    ],
)
def test_a_machine_that_looks_ahead_is_led_on_and_counted_apart(
    linked: World, api: Api, method: str, headers: dict[str, str]
):
    assert _ask(api, _code(linked), method, **headers).status_code == 302
    assert linked.rows("select clicks, previews, clicked_at from short_link") == [(0, 1, None)]
    assert linked.one("select count(*) from activity where kind = 'clicked'") == 0


# Attacks


def _shape(answer: httpx.Response) -> tuple[int, str, set[str]]:
    said = re.sub(r'"correlation_id":"[^"]*"', "", answer.text)
    return answer.status_code, said, set(answer.headers) - {"x-correlation-id"}


def test_whatever_leads_nowhere_is_answered_alike_and_changes_nothing(linked: World, api: Api):
    code = _code(linked)
    wrong = ["a" * 12, code[:-1], code + "a", code[::-1], code.swapcase(), "'or'1'='1", "%00" * 12]
    shapes = [_shape(_ask(api, one)) for one in wrong]
    shapes.append(_shape(_ask(api, code, host="evil.example.com")))
    shapes.append(_shape(_ask(api, code, host="testserver")))
    shapes.append(_shape(_ask(api, code, host=f"{DOMAIN}.evil.example.com")))
    assert all(one == shapes[0] for one in shapes), shapes
    assert shapes[0][0] == 404
    assert linked.rows("select clicks, previews from short_link") == [(0, 0)]


def test_nothing_in_the_request_changes_where_a_link_leads(linked: World, api: Api):
    code = _code(linked)
    for query in ("?url=https://evil.example.com", "?next=//evil.example.com", "#//evil.example.com"):
        answer = api.get(f"/l/{code}{query}", headers=PHONE | {"x-forwarded-host": "evil"})
        assert answer.headers["location"] == LONG


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "data:text/html,x", "http://example.com", "//evil.example.com", "https://a.com/\r\nx: y"],
)
def test_an_address_that_was_changed_in_the_database_is_not_followed(linked: World, api: Api, target: str):
    linked.do("update short_link set target = %s", target)
    assert _ask(api, _code(linked)).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_but_looking_is_allowed(linked: World, api: Api, method: str):
    assert _ask(api, _code(linked), method).status_code in {403, 405, 415}
    assert linked.rows("select clicks, previews from short_link") == [(0, 0)]


def test_whoever_tries_many_codes_waits_and_others_do_not(linked: World, api: Api):
    answers = [_ask(api, "a" * 12).status_code for _ in range(40)]
    assert answers[:30] == [404] * 30
    assert set(answers[30:]) == {429}
    assert _ask(api, _code(linked)).status_code == 302


# Setting it


@pytest.mark.parametrize(
    "domain",
    ["bit.ly", "www.tinyurl.com", "localhost", "10.0.0.1", "a b.com", "x.com:8080", "x.com/y", "-x.com", "é.com"],
)
def test_a_domain_that_cannot_be_one_is_refused(domain: str):
    with pytest.raises(ValidationError):
        OrganizationInput(link_domain=domain)


def test_an_owner_sets_it_and_takes_it_away(world: World):
    for wanted, kept in ((" HTTPS://Go.Example.com/ ", DOMAIN), ("", "")):
        with world.db.begin(world.org) as uow:
            change = OrganizationInput(link_domain=wanted.replace("HTTPS", "https"))
            assert identity.change_organization(uow, owner_of(world), change).link_domain == kept


def test_people_are_no_machines():
    assert not by_a_machine("GET", PHONE["user-agent"], "")
