"""Every event that Reflex would run, by every role and by nobody: the list of targets is Reflex's own."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

import pytest
import reflex as rx
from reflex_base.event import Event

from leadflow.identity.rules import PEOPLE
from leadflow.kernel.db import Database
from leadflow.ui import action, guard, registry
from models.vocabulary import Permission, Role
from scripts.permissions import present, recorded
from tests.asgi import awaited
from tests.attack.matrix import MATRIX
from tests.identity.people import Team
from tests.owning import as_owner

CLIENT = "127.0.0.1"


@pytest.fixture(scope="module", autouse=True)
def pages() -> None:
    """Know every page."""
    importlib.import_module("leadflow.leadflow")


class Opened:
    """Counts desks: one is opened right before a handler's body, and only for a caller who may."""

    count = 0

    def __init__(self, *_: object) -> None:
        type(self).count += 1
        raise Reached

    message: dict[str, str]


class Reached(Exception):
    """The body would have run."""


@pytest.fixture
def opened(db: Database, monkeypatch: pytest.MonkeyPatch) -> type[Opened]:
    """Stand where a desk would be opened, so that no body runs and each attempt is counted."""
    guard.use(db)
    registry.entries_cached.cache_clear()
    monkeypatch.setattr(action, "Desk", Opened)
    Opened.count = 0
    return Opened


class Router:
    """As much of a state as the guard looks at."""

    def __init__(self, cookies: str) -> None:
        self.router_data = {"headers": {"cookie": cookies}, "asPath": "/leads", "pathname": "/leads"}


def passes(name: str, cookies: str, **payload: Any) -> bool:
    """Send one event through guard and wrapper, and say whether its body would have run."""
    before = Opened.count

    async def attempt() -> None:
        event = Event(name=name, payload=payload)
        if await guard.EventGuard().preprocess(rx.App.__new__(rx.App), Router(cookies), event) is not None:  # pyright: ignore[reportArgumentType] as much as it needs
            return
        handler = registry.handlers()[name].handler
        state = handler.state_full_name and _state(name)
        await handler.fn(state, **payload)

    awaited(attempt())
    return Opened.count > before


@cache
def _root() -> Any:
    """Make the states of all pages once: no body runs, and a refusal's words in one of them open nothing."""
    root = rx.State(_reflex_internal_init=True)  # pyright: ignore[reportCallIssue] Reflex's own way in
    root.router_data = Router("").router_data
    return root


def _state(name: str) -> Any:
    return _root().get_substate(name.rpartition(".")[0].split("."))


def cookie(db: Database, team: Team, role: Role) -> str:
    return f"lf_sid={team.sign_in(db, role).sid}"


def test_every_handler_of_ours_has_a_permission_and_the_start_refuses_another() -> None:
    registry.check()
    assert not registry.unguarded()
    assert registry.entries()


def test_a_public_method_without_a_permission_stops_the_start() -> None:
    class Careless(rx.State):
        """Has a handler that anyone could call."""

        def open_door(self) -> None:
            """Do harm."""

    try:
        with pytest.raises(RuntimeError, match="open_door"):
            registry.check()
    finally:
        known = registry.handlers()
        for name in [name for name in known if "careless" in name]:
            del known[name]  # pyright: ignore[reportIndexIssue] Reflex's own dictionary


def test_nobody_reaches_a_handler_without_a_session(opened: type[Opened], team: Team) -> None:  # noqa: ARG001 the team exists
    for cookies in ("", "lf_sid=", "lf_sid=guess", "lf_sid=" + "A" * 4_000, "lf_sid=a; lf_sid=b", "\x00;=;", "lf_at=x"):
        for name in registry.entries():
            assert not passes(name, cookies), name
    assert opened.count == 0


@pytest.mark.parametrize("role", PEOPLE)
def test_a_role_reaches_what_the_table_allows_and_nothing_else(
    opened: type[Opened], db: Database, team: Team, role: Role
) -> None:
    del opened
    cookies = cookie(db, team, role)
    reached = {name: passes(name, cookies) for name in registry.entries()}
    assert reached == {name: entry.permission in MATRIX[role] for name, entry in registry.entries().items()}


def test_what_was_taken_from_a_member_is_reached_by_no_event(opened: type[Opened], db: Database, team: Team) -> None:
    del opened
    cookies = cookie(db, team, Role.OWNER)
    permissions = {entry.permission for entry in registry.entries().values()} - {Permission.SESSION_USE}
    for permission in sorted(permissions):
        with as_owner(db.url) as connection:
            connection.execute(
                "update membership set denied = array[%s] where user_id = %s", [permission, team.ids[Role.OWNER]]
            )
        reached = {name for name, entry in registry.entries().items() if passes(name, cookies)}
        refused = {name for name, entry in registry.entries().items() if entry.permission is permission}
        assert reached == set(registry.entries()) - refused, permission


def test_no_route_and_no_event_asks_for_less_than_is_on_record() -> None:
    """Who loosens one, by hand or by mistake, has to change the record too: ``make permissions``."""
    known = dict(line.rsplit("  ", 1) for line in recorded())
    now = dict(line.rsplit("  ", 1) for line in present())
    assert {name: now[name] for name in now if name in known} == {name: known[name] for name in now if name in known}
    assert set(now) == set(known), "new or gone: look at them, then run `make permissions`"


def test_reflexs_own_handlers_are_refused_but_for_those_that_load_a_page(
    opened: type[Opened], db: Database, team: Team
) -> None:
    del opened
    cookies = cookie(db, team, Role.OWNER)

    async def answer(name: str) -> Any:
        return await guard.EventGuard().preprocess(rx.App.__new__(rx.App), Router(cookies), Event(name=name))  # pyright: ignore[reportArgumentType] as above

    let_through = {
        name for name in registry.handlers() if name not in registry.entries() and awaited(answer(name)) is None
    }
    assert let_through == registry.OPEN & set(registry.handlers())
    for name in (
        "reflex___state____state.setvar",
        "state.nothing",
        "",
        "__class__",
        "reflex___state____state.get_state",
    ):
        assert awaited(answer(name)) is not None, name


def test_a_page_is_not_even_loaded_for_a_stranger(opened: type[Opened], db: Database, team: Team) -> None:
    del opened

    async def answer(cookies: str) -> Any:
        event = Event(name="reflex___state____state.hydrate_and_load")
        return await guard.EventGuard().preprocess(rx.App.__new__(rx.App), Router(cookies), event)  # pyright: ignore[reportArgumentType] as above

    update = awaited(answer(""))
    ((name, change),) = update.delta.items()
    assert name.endswith("bus")
    assert change["msg_rx_state_"]["leave"] == "/login?next=/leads"
    assert awaited(answer(cookie(db, team, Role.AUDITOR))) is None


def test_what_a_handler_is_sent_must_fit_its_model(db: Database, team: Team) -> None:
    guard.use(db)
    registry.entries_cached.cache_clear()
    cookies = cookie(db, team, Role.OWNER)

    async def outcome(name: str, payload: dict[str, Any]) -> str:
        assert await guard.EventGuard().preprocess(rx.App.__new__(rx.App), Router(cookies), Event(name=name)) is None  # pyright: ignore[reportArgumentType] as above
        try:
            action.parse(registry.entries()[name], payload)
        except Exception as refusal:  # noqa: BLE001 whatever it is, it is named
            return type(refusal).__name__
        return "fits"

    for name, entry in registry.entries().items():
        fields = entry.payload.model_fields
        assert awaited(outcome(name, {field: {"$ne": None} for field in fields} | {"extra": 1})) == "Invalid", name


@pytest.mark.parametrize("path", ["//evil.test/x", "https://evil.test", "javascript:alert(1)", "/\\evil.test", ""])
def test_no_way_back_leads_to_another_site(path: str) -> None:
    ((_, change),) = guard.leave(path).delta.items()
    assert change["msg_rx_state_"]["leave"] in {"/login?next=/", "/login?next=/%5Cevil.test"}


def test_permissions_of_events_are_ones_that_exist() -> None:
    assert {entry.permission for entry in registry.entries().values()} <= set(Permission)
