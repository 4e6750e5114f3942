"""The sweeps must be able to fail: each wall is loosened by hand here, and the sweep that guards it must turn red."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from leadflow.api import deps, errors
from leadflow.api.app import ROUTERS, routes
from leadflow.api.deps import Allow
from leadflow.api.frame import Frame
from leadflow.credentials import service as credentials
from leadflow.identity import rules
from leadflow.identity.rules import ROLES
from leadflow.kernel.db import Database
from leadflow.settings import Settings
from leadflow.ui import action, guard, registry
from leadflow.ui.registry import MARK, Entry
from models.vocabulary import Permission, Role
from tests.attack import test_api_sweep as api_sweep
from tests.attack import test_event_sweep as event_sweep
from tests.attack import test_frame as frame
from tests.identity.people import Team

MORE = [
    (Role.MANAGER, Permission.SETTINGS_WRITE),
    (Role.MANAGER, Permission.SUPPRESSION_RELEASE),
    (Role.AGENT, Permission.MEMBER_WRITE),
    (Role.AGENT, Permission.CAMPAIGN_LAUNCH),
    (Role.AUDITOR, Permission.LEAD_WRITE),
    (Role.AUDITOR, Permission.INBOX_READ),
]
"""What a role gets in a mutant."""


@pytest.fixture(autouse=True)
def pages() -> None:
    """Know every page."""
    importlib.import_module("leadflow.leadflow")


@pytest.fixture
def opened(db: Database, monkeypatch: pytest.MonkeyPatch) -> type[event_sweep.Opened]:
    """Count the handlers' bodies that would run."""
    guard.use(db)
    registry.entries_cached.cache_clear()
    monkeypatch.setattr(action, "Desk", event_sweep.Opened)
    event_sweep.Opened.count = 0
    return event_sweep.Opened


def red(sweep: Callable[..., Any], *given: Any, **named: Any) -> bool:
    """Say whether a sweep fails."""
    try:
        sweep(*given, **named)
    except (AssertionError, event_sweep.Reached):
        return True
    return False


@pytest.mark.parametrize(("role", "permission"), MORE)
def test_a_loosened_role_turns_the_sweeps_red(
    db: Database,
    api: FastAPI,
    team: Team,
    theirs: dict[str, UUID],
    opened: type[event_sweep.Opened],
    monkeypatch: pytest.MonkeyPatch,
    role: Role,
    permission: Permission,
) -> None:
    monkeypatch.setitem(ROLES, role, ROLES[role] | {permission})  # pyright: ignore[reportArgumentType] a dictionary
    assert red(api_sweep.test_the_table_of_roles_is_the_one_that_was_decided)
    assert red(api_sweep.test_a_role_gets_nothing_beyond_the_table, db, api, team, theirs, role)
    guarded = {entry.permission for entry in registry.entries().values()}
    if permission in guarded:
        assert red(event_sweep.test_a_role_reaches_what_the_table_allows_and_nothing_else, opened, db, team, role)


def allow_of(path: str, method: str) -> Allow:
    """Find the permission entry of a route."""
    (route,) = [one for one in routes() if one.path == path and method in (one.methods or ())]
    (entry,) = [one.call for one in route.dependant.dependencies if isinstance(one.call, Allow)]
    return entry


ROUTES = [
    ("/api/v1/organization", "PATCH"),
    ("/api/v1/members/{user_id}", "PATCH"),
    ("/api/v1/releases/{release_id}/approve", "POST"),
    ("/api/v1/campaigns/{campaign_id}/launch", "POST"),
    ("/api/v1/credentials/{provider}", "PUT"),
]


@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_a_loosened_route_turns_the_record_red(monkeypatch: pytest.MonkeyPatch, path: str, method: str) -> None:
    assert not red(event_sweep.test_no_route_and_no_event_asks_for_less_than_is_on_record)
    monkeypatch.setattr(allow_of(path, method), "permission", Permission.SESSION_USE)
    assert red(event_sweep.test_no_route_and_no_event_asks_for_less_than_is_on_record)


def test_a_route_and_its_service_that_are_both_loosened_turn_the_sweep_red(
    db: Database, api: FastAPI, team: Team, theirs: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allow_of("/api/v1/organization", "PATCH"), "permission", Permission.SESSION_USE)
    # The service alone still refuses.
    assert not red(api_sweep.test_a_role_gets_nothing_beyond_the_table, db, api, team, theirs, Role.AUDITOR)
    monkeypatch.setattr(rules, "require", lambda *_: None)
    assert red(api_sweep.test_a_role_gets_nothing_beyond_the_table, db, api, team, theirs, Role.AUDITOR)


@pytest.mark.parametrize("room", [rules, credentials])
def test_a_service_that_asks_nothing_turns_the_sweep_of_services_red(
    db: Database, api: FastAPI, team: Team, monkeypatch: pytest.MonkeyPatch, room: Any
) -> None:
    monkeypatch.setattr(room, "require", lambda *_: None)
    with pytest.MonkeyPatch.context() as inner:
        assert red(api_sweep.test_the_services_ask_the_same_as_the_routes, db, api, team, Role.AUDITOR, inner)


def test_a_route_that_asks_nobodys_name_turns_the_sweep_red(
    db: Database, settings: Settings, theirs: dict[str, UUID], team: Team
) -> None:
    api = FastAPI()  # with routes of its own: ours are one for all apps of this process, and cannot be bent for one
    api.state.db, api.state.settings = db, settings
    for router in ROUTERS:
        api.include_router(router)
    errors.install(api)
    assert not red(api_sweep.test_a_stranger_gets_nothing_anywhere, db, api, theirs)
    api.dependency_overrides[deps.caller] = lambda: team.principal(db, Role.OWNER)
    assert red(api_sweep.test_a_stranger_gets_nothing_anywhere, db, api, theirs)


def test_a_loosened_event_turns_the_record_red(monkeypatch: pytest.MonkeyPatch) -> None:
    loosened = 0
    for known in registry.handlers().values():
        entry = registry.entry_of(known.handler.fn)
        if entry is None or entry.permission is Permission.SESSION_USE:
            continue
        with monkeypatch.context() as mutant:
            mutant.setattr(known.handler.fn, MARK, Entry(Permission.SESSION_USE, entry.payload))
            assert red(event_sweep.test_no_route_and_no_event_asks_for_less_than_is_on_record)
        loosened += 1
    registry.entries_cached.cache_clear()
    assert loosened > 20


def test_an_event_without_a_mark_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    name, entry = next(iter(registry.entries().items()))
    assert entry
    monkeypatch.delattr(registry.handlers()[name].handler.fn, MARK)
    with pytest.raises(RuntimeError, match=name.rpartition(".")[2]):
        registry.check()


def test_a_guard_that_asks_for_no_role_turns_the_sweep_red(
    opened: type[event_sweep.Opened], db: Database, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "require", lambda *_: None)
    assert red(
        event_sweep.test_a_role_reaches_what_the_table_allows_and_nothing_else, opened, db, team, role=Role.AUDITOR
    )


def test_a_guard_that_asks_for_no_session_turns_the_sweep_red(
    opened: type[event_sweep.Opened], db: Database, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    anybody = team.principal(db, Role.OWNER)
    monkeypatch.setattr(guard, "actor_of", lambda *_: anybody)
    assert red(event_sweep.test_nobody_reaches_a_handler_without_a_session, opened, team)


@pytest.mark.parametrize("attack", ["another site", "a form without scripts", "no origin at all"])
def test_a_frame_that_asks_for_no_origin_turns_the_sweep_red(
    db: Database, api: FastAPI, team: Team, monkeypatch: pytest.MonkeyPatch, attack: str
) -> None:
    monkeypatch.setattr(Frame, "_foreign", lambda *_: None)
    assert red(frame.test_no_other_site_changes_anything_with_our_cookies, db, api, team, attack)
