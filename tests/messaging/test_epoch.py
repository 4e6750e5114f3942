"""What is taken for a restored backup, and what is not: the beat, the place, and who remembers them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from redis import Redis

from leadflow.local.ports import free_port
from leadflow.messaging import service as messaging
from leadflow.messaging.providers.witnesses import KEY, Witnesses
from leadflow.messaging.rules.restoring import Remembered
from tests.asgi import Api
from tests.carrier import Simulator
from tests.messaging.backups import Backups, Forget
from tests.messaging.world import World, owner_of


def _held(world: World) -> bool:
    with world.db.begin(world.org) as uow:
        return messaging.held(uow)


def _turn_back(world: World, beats: int = 1) -> None:
    """Put the disk back as it was some beats ago."""
    world.do("update install_epoch set beat = beat - %s", beats)


def test_a_new_database_a_clone_of_a_template_and_one_that_beats_are_no_backups(world: World, witnesses: Forget):
    assert not _held(world)
    for _ in range(3):
        messaging.beat(world.db)
        assert not _held(world)
    witnesses()
    assert not _held(world)
    assert world.one("select count(*) from restore") == 0


def test_a_disk_that_was_put_back_is_noticed_by_a_process_that_goes_on(world: World, carrier: Simulator):
    for _ in range(3):
        messaging.beat(world.db)
    world.add_people(2)
    world.queue()
    assert not _held(world)
    _turn_back(world)
    world.send()
    assert carrier.accepted() == []
    messaging.beat(world.db)
    assert world.one("select why from restore").startswith("The records are older")
    world.send()
    assert carrier.accepted() == []


def test_it_is_noticed_by_the_file_after_everything_was_started_again(world: World, witnesses: Forget):
    for _ in range(30):
        messaging.beat(world.db)
    witnesses()
    assert not _held(world)
    _turn_back(world, 20)
    witnesses()
    assert _held(world)


def test_it_is_noticed_by_redis_on_a_machine_that_is_new(world: World, witnesses: Forget, redis_url: str):
    witnesses(redis_url=redis_url)
    messaging.beat(world.db)
    messaging.beat(world.db)
    witnesses("a new machine", redis_url)
    assert not _held(world)
    _turn_back(world)
    witnesses("another new machine", redis_url)
    assert _held(world)


def test_a_disk_that_was_moved_to_where_nobody_remembers_it_is_noticed(world: World, witnesses: Forget):
    messaging.beat(world.db)
    witnesses("a new machine")
    assert _held(world)
    messaging.beat(world.db)
    assert world.one("select why from restore").startswith("Nothing outside")


def test_an_emptied_redis_alone_stops_nobody(world: World, witnesses: Forget, redis_url: str):
    witnesses(redis_url=redis_url)
    messaging.beat(world.db)
    _redis(redis_url).delete(KEY)
    assert not _held(world)
    witnesses(redis_url=redis_url)
    assert not _held(world)
    messaging.beat(world.db)
    assert world.one("select count(*) from restore") == 0
    assert _redis(redis_url).zscore(KEY, str(world.one("select id from install_epoch"))) == 2


def test_a_redis_that_is_away_says_nothing_and_is_asked_again(world: World, witnesses: Forget):
    messaging.beat(world.db)
    witnesses("a new machine", f"redis://127.0.0.1:{free_port()}/0")
    assert _held(world)
    messaging.beat(world.db)
    assert world.one("select count(*) from restore") == 0
    witnesses("here", f"redis://127.0.0.1:{free_port()}/0")
    assert not _held(world)


def test_a_crash_between_the_database_and_its_witnesses_is_no_backup(world: World, witnesses: Forget):
    messaging.beat(world.db)
    world.do("update install_epoch set beat = beat + 1")
    witnesses()
    assert not _held(world)
    messaging.beat(world.db)
    assert world.one("select count(*) from restore") == 0


def test_the_witnesses_of_other_machines_do_not_stop_what_was_resumed(
    world: World, carrier: Simulator, witnesses: Forget, tmp_path: Path
):
    messaging.beat(world.db)
    installation: UUID = world.one("select id from install_epoch")
    far = Witnesses(tmp_path / "far", None)
    far.saw(installation, 40)
    _turn_back(world)
    messaging.beat(world.db)
    messaging.ask(world.db, world.org)
    messaging.resume(world.db, owner_of(world), world.one("select epoch from restore"))
    witnesses("far")
    assert not _held(world)
    assert carrier.accepted() == []


def test_the_highest_beat_stays_whatever_a_slow_process_tells(tmp_path: Path, redis_url: str):
    installation, one = uuid4(), Witnesses(tmp_path, redis_url)
    one.tell(installation, 50)
    Witnesses(tmp_path, redis_url).tell(installation, 20)
    assert Witnesses(tmp_path, redis_url).ask(installation) == Remembered(50)
    assert Witnesses(tmp_path, None).ask(installation) == Remembered(50)


def test_a_clone_of_a_database_that_has_sent_is_a_backup(
    world: World, backups: Backups, database_url: str, carrier: Simulator
):
    messaging.beat(world.db)
    world.add_people(1)
    world.queue()
    beside = backups.clone(world, database_url)
    beside.send()
    assert carrier.accepted() == []
    world.send()
    assert len(carrier.accepted()) == 1


def test_an_organisation_that_is_founded_afterwards_waits_for_nobody(
    world: World, make_org: Callable[[str], UUID], carrier: Simulator
):
    messaging.beat(world.db)
    _turn_back(world)
    messaging.beat(world.db)
    later = World(world.db, make_org("Oak Partners"), first=13_125_560_000, sender_e164="+17735550199").build(1)
    later.queue()
    later.send()
    assert len(carrier.accepted()) == 1


def test_health_tells_it_and_stays_ready_for_the_owner(world: World, api: Api):
    messaging.beat(world.db)
    assert api.get("/readyz").json()["degraded"] == []
    _turn_back(world)
    messaging.beat(world.db)
    told = api.get("/readyz").json()
    assert [one.split(";")[0] for one in told["degraded"]] == ["A backup was restored"]


def _redis(url: str) -> Any:
    return Redis.from_url(url)
