"""The numbers that we send from, as people register and stop them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from leadflow.api.app import create_app
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict, LeadFlowError
from leadflow.messaging import service as messaging
from leadflow.messaging.number_types import SenderChange, SenderInput
from leadflow.settings import Settings
from models.vocabulary import RegistrationState, Role
from tests.asgi import Api
from tests.factories.identity import a_member
from tests.messaging.world import World


def do(world: World, use: Callable[..., object], actor: Principal, *given: object) -> Any:
    """Call a use case in a transaction of its own."""
    with world.db.begin(world.org) as uow:
        return use(uow, actor, *given)


def test_sender_numbers_are_registered_once_and_stopped_and_started(world: World, owner: Principal):
    given = SenderInput(e164="(773) 555-0123", label="Second", registration=RegistrationState.VERIFIED)
    sender_id = do(world, messaging.add_sender, owner, given)
    with pytest.raises(Conflict):
        do(world, messaging.add_sender, owner, given)
    with pytest.raises(LeadFlowError):
        do(world, messaging.add_sender, owner, SenderInput(e164="12"))
    do(world, messaging.change_sender, owner, sender_id, SenderChange(enabled=False))
    rows = {row.id: row for row in do(world, messaging.senders, owner)}
    assert rows[sender_id].disabled_why == "Stopped by hand."
    do(world, messaging.change_sender, owner, sender_id, SenderChange(enabled=True, per_minute=30))
    rows = {row.id: row for row in do(world, messaging.senders, owner)}
    assert (rows[sender_id].disabled_at, rows[sender_id].per_minute, rows[sender_id].label) == (None, 30, "Second")


@pytest.fixture
def http(db: Database, settings: Settings, world: World, token_of: Callable[[Principal], str]) -> Api:
    """Call the API as a manager."""
    with world.db.begin(world.org) as uow:
        manager = a_member(uow, Role.MANAGER)
    return Api(create_app(db, settings), Authorization=f"Bearer {token_of(manager)}")


def test_numbers_are_listed_over_http_and_added_by_who_may(world: World, http: Api):
    (row,) = http.get("/api/v1/senders").json()["rows"]
    assert row["e164"] == world.sender_e164
    assert http.post("/api/v1/senders", json={"e164": "+17735550155"}).status_code == 403
