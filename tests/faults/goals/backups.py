"""R17: a backup comes back while the carrier keeps its log, and the workers never noticed that it was away."""

from __future__ import annotations

import subprocess
import time

import psycopg
from psycopg import sql

from leadflow.messaging import service as messaging
from tests.faults.crew import Crew, ticking, wait_for
from tests.faults.field import Field
from tests.faults.goals.services import grows
from tests.faults.ground import Ground, Report, Scale, finish
from tests.messaging.backups import BIN
from tests.messaging.world import owner_of
from tests.owning import OWNERS

STOPS = 10
"""People who write STOP after the backup was taken, and whom it knows nothing of."""
QUIET_S = 20
"""How long nobody resumes."""


def restored_backup(ground: Ground, scale: Scale) -> Report:
    """R17. A dump from the middle of a campaign is loaded in place of the database, under workers that go on."""
    report = Report()
    with ground.crew("r17") as crew:
        field = begun(crew, scale)
        with ticking(crew):
            grows(crew, field.size // 10)
            dump(crew)
            as_of = len(crew.carrier.accepted())
            grows(crew, field.size // 5)
            stopped = stop_some(crew, field)
        began = time.monotonic()
        load(crew)
        restored = time.monotonic() - began
        last = len(crew.carrier.accepted())
        with ticking(crew):
            nobody_resumes(field)
            before = len(crew.carrier.accepted())
            told = messaging.resume(crew.db, owner_of(field.world), field.world.one("select max(epoch) from restore"))
            resumed = time.monotonic() - began
            wait_for(lambda: not field.moving(), 300)
        crew.end(*crew.workers)
        finish(crew, field)
        heard = field.world.one("select count(distinct e164) from suppression where kind = 'opt_out'")
        verdict = field.judged(crew.carrier.log)
    report.heed(verdict)
    report.figures |= {
        "taken when the backup was made": as_of,
        "taken after it and forgotten": last - as_of,
        "of those, known again from the carrier's list": told.joined,
        "STOPs after it": len(stopped),
        "of those, in force again": heard,
        "loading the backup, s": round(restored, 1),
        "texts while nobody had resumed": before - last,
        "from the loss to sending again, s": round(resumed),
    }
    report.must(before == last, f"{before - last} texts went out before an owner resumed")
    report.must(last > as_of, "nothing was forgotten")
    report.must(heard >= len(stopped), f"only {heard} of {len(stopped)} STOPs are in force")
    report.must(resumed <= 15 * 60, "sending came back after more than a quarter of an hour")
    return report


def begun(crew: Crew, scale: Scale) -> Field:
    """Begin the campaigns, with two workers."""
    field = Field.planted(crew.db, scale.share(10), per_minute=120)
    crew.serve_hooks()
    for _ in range(2):
        crew.start_worker()
    field.queue()
    return field


def nobody_resumes(field: Field) -> None:
    """Wait a while, and until the carrier's lists were taken over."""
    until = time.monotonic() + QUIET_S
    wait_for(lambda: time.monotonic() > until)
    waiting = "select count(*) from restore where answered_at is not null and resumed_at is null"
    wait_for(lambda: field.world.one(waiting), 120)


def stop_some(crew: Crew, field: Field) -> list[str]:
    """Let people who got a text write STOP; the database hears each, and then forgets it with the rest."""
    lines = crew.carrier.accepted()[:STOPS]
    for line in lines:
        told = crew.carrier.text(line["to"], line["from"], "STOP")
        assert told["answer"] == 200
        field.stops.append({"number": line["to"], "at": crew.now().isoformat()})
    return [line["to"] for line in lines]


def dump(crew: Crew) -> None:
    """Take a backup as docs/operate/backup.md does."""
    run("pg_dump", "--format=custom", f"--file={crew.folder / 'dump'}", OWNERS[crew.database_url])


def load(crew: Crew) -> None:
    """Lose the database under everybody, and put the backup in its place."""
    owner = OWNERS[crew.database_url]
    server, name = owner.rsplit("/", 1)
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    run("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={owner}", str(crew.folder / "dump"))


def run(tool: str, *words: str) -> None:
    """Run one of Postgres's tools."""
    done = subprocess.run([BIN / tool, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
