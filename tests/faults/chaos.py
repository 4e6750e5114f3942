"""Attack the send machine in every way of docs/proofs/chaos.md, and write that page.

``python -m tests.faults.chaos [--goals R1,R12] [--texts 10000] [--kills 50] [--seed 7] [--lanes 2] [--write]``. Each
goal has real processes around a database of its own; each lane tries one goal at a time with a Postgres and a Redis of
its own. Leaves with 1 when a goal that ran was not met.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
from psycopg import sql

from leadflow.kernel.clock import SystemClock
from leadflow.kernel.schema import migrate
from leadflow.local.postgres import start_postgres
from leadflow.local.redis import start_redis
from tests.faults import lanes
from tests.faults.goals import answers, backups, hours, kills, large, launches, money, people, services
from tests.faults.ground import Ground, Report, Scale
from tests.faults.lanes import Tried
from tests.owning import OWNERS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/proofs/chaos.md"
SETTINGS = {"shared_buffers": "256MB"}
"""Durability stays on: Postgres is stopped as by a power cut."""


@dataclass(frozen=True)
class Goal:
    """One goal: what is done, what must hold, and who tries."""

    id: str
    attack: str
    holds: str
    attempt: Callable[[Ground, Scale], Report]


AS_R1 = "nothing twice, nothing lost, nothing unlawful; every count of ours is the carrier's; no text stays unknown"
GOALS: tuple[Goal, ...] = (
    Goal("R1", "SIGKILL of a random worker, again and again, half of the time of one whose answers are held back", AS_R1 + " longer than twice the reconciler's horizon", kills.random_kills),
    Goal("R2", "SIGKILL of all workers, the clockwork and the API at one moment; all started again", AS_R1 + "; first text within 45 s", kills.all_at_once),
    Goal("R3", "SIGTERM under load, twenty times", "no text unknown, exit within 30 s, no lease held", kills.asked_to_end),
    Goal("R4", "SIGSTOP of a worker for 60 s after its claim, while another takes its texts over; SIGCONT", "the woken worker posts nothing", kills.stopped_and_woken),
    Goal("R5", "Postgres stopped at once (`-m immediate`), three times, 10 s each", AS_R1 + "; sending again within 15 s, no process started by hand", services.postgres_stops),
    Goal("R6", "Redis flushed three times, started again three times, away for a minute", AS_R1 + "; nine tenths of the throughput within 20 s", services.redis_fails),
    Goal("R7", "Redis full (`maxmemory`, `noeviction`)", "the API answers clearly, nothing lost", services.redis_is_full),
    Goal("R8", "429, 500, 502, 503 with and without Retry-After, closed port, no TLS, silence, reset, one byte a second, broken JSON, the same id twice", "a certain no is sent again, a doubt never on suspicion, nobody else waits", answers.wrong_answers),
    Goal("R9", "One byte every five seconds", "the call ends after 10 s ± 1 s", answers.slow_loris),
    Goal("R10", "Nothing but errors from the carrier for a minute, met by eight workers", "the breaker opens once half of the last twenty calls have failed and one call a worker at most, one probe a window, sending again within 10 s", answers.circuit),
    Goal("R11", "Fifty parallel launches by the API, half with one Idempotency-Key, and twenty by the service", "one launch, one entry in the record, others 200 replayed or 409", launches.two_launches),
    Goal("R12", "Five hundred STOPs within twenty seconds while the batch is under way", "commit p99 within 200 ms; nothing submitted after it, nothing taken 10 s after it, p99 within 1 s", people.stop_storm),
    Goal("R13", "STOP in every way that people say it; START", "all in force, one confirmation at most, START undoes it for one organisation", people.ways_to_stop),
    Goal("R14", "Webhooks forged, unsigned, over another address, replayed a hundred times, reordered, early, of an unknown or a foreign text, one megabyte", "403 and nothing written; no second effect; never backwards; joined later", people.webhooks),
    Goal("R15", "Both days of the change of clocks in New York, Phoenix, Indiana, Honolulu, Puerto Rico; a number that may be in two zones; our clock stepped by ±2 h", "no text outside 08:00 to 21:00 of the recipient's clock, the last before 20:55", hours.edges),
    Goal("R16", "A budget for 1,000 texts, 1,500 to send, 16 threads of four workers, half asked to end and half killed on the way", "exactly 1,000 taken, the books are the bill", money.one_purse),
    Goal("R17", "A dump from the middle of a campaign loaded in place of the database, under workers that go on, while the carrier keeps its log", "nothing is sent until an owner resumes; then nothing twice, nothing lost, every STOP in force; within 15 min", backups.restored_backup),
    Goal("R18", "A full disk for files and for the log, SIGKILL as by the kernel's memory killer", "health is red, an upload is refused clearly; nothing lost, sending goes on; well again by itself", services.disk_and_memory),
    Goal("Large", "A campaign of a hundred thousand (as many as ten times the texts of this run), some of whom have said no, some of whose texts end badly", "written within a minute; the states sum to the audience, to the carrier's ledger and to its bill", lambda ground, scale: large.large_campaign(ground, scale.texts * 10)),
)  # fmt: skip


BY_NAME = {goal.id: goal for goal in GOALS}
LARGE = GOALS[-1]
"""Takes longer than all others; run by its name only."""
ALONE = ("R9", "R10", "R12", LARGE.id)
"""Measured in seconds that a neighbour would lengthen; tried one after another when all others have ended."""
BESIDE = ("R1", "R3", "R4", "R18", "R6", "R8", "R5", "R16", "R7", "R17", "R2", "R15", "R14", "R13", "R11")
"""Tried beside each other, in this order: the long ones first, busy ones beside those that mostly wait."""


@dataclass(frozen=True)
class Line:
    """What became of one goal."""

    goal: Goal
    report: Report | None
    took_s: float
    load: tuple[float, float] = (0.0, 0.0)

    @property
    def verdict(self) -> str:
        """Say how it stands."""
        if self.report is None:
            return "open"
        return "NOT MET" if self.report.faults else "met"


@contextmanager
def battlefield(folder: Path) -> Generator[Ground]:
    """Start a Postgres and a Redis of the run's own."""
    postgres = start_postgres(folder / "postgres", settings=SETTINGS)
    redis = start_redis(folder / "redis")
    migrate(postgres.url)

    def new_database(name: str) -> str:
        made = sql.SQL("create database {} template leadflow").format(sql.Identifier(name))
        with psycopg.connect(at(postgres.url, "postgres"), autocommit=True) as connection:
            connection.execute(made)
        runtime = at(postgres.runtime_url, name)
        OWNERS[runtime] = at(postgres.url, name)
        return runtime

    ground = Ground(new_database, redis.url, folder, postgres, SETTINGS, redis)
    try:
        yield ground
    finally:
        for service in (ground.postgres, ground.redis):
            if service is not None:
                service.stop()


def at(url: str, database: str) -> str:
    """Point an address at another database."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def attempt(goal: Goal, ground: Ground, scale: Scale) -> Tried:
    """Try one goal; what breaks is a goal that was not met."""
    began, before = time.monotonic(), os.getloadavg()[0]
    try:
        report = goal.attempt(ground, scale)
    except Exception as error:  # noqa: BLE001 whatever it is, the other goals are tried
        traceback.print_exc()
        report = Report(faults=[f"the attack broke off: {type(error).__name__} {error}".strip()])
    return Tried(goal.id, report, time.monotonic() - began, (before, os.getloadavg()[0]))


def page(lines: Sequence[Line], scale: Scale, earlier: str = "", minutes: float | None = None) -> str:
    """Write the page; a goal that this run did not try keeps what an earlier run wrote of it.

    Args:
        lines: what this run has found.
        scale: of this run.
        earlier: the page as it is.
        minutes: how long this run took, where it tried all goals but the large one and has ended.
    """
    kept = {
        found[1]: found[0].strip()
        for found in re.finditer(r"^## (\w+)\n.*?(?=^## |\Z)", earlier, re.MULTILINE | re.DOTALL)
    }
    new = {line.goal.id: section(line, scale) for line in lines}
    sections = {
        goal.id: new.get(goal.id) or kept.get(goal.id) or section(Line(goal, None, 0.0), scale) for goal in GOALS
    }
    verdicts = {name: text.split("| Verdict | **", 1)[1].split("**", 1)[0] for name, text in sections.items()}
    told = list(verdicts.values())
    head = HEAD.format(
        met=told.count("met"),
        ran=len(told) - told.count("open"),
        left=told.count("open"),
        cores=psutil.cpu_count(),
        gib=round(psutil.virtual_memory().total / 2**30),
        arch=platform.machine(),
        whole=whole(scale, earlier, minutes),
    )
    table = "\n".join(f"| [{name}](#{name.lower()}) | {verdict} |" for name, verdict in verdicts.items())
    return "\n\n".join([head, "| Goal | Verdict |\n| --- | --- |\n" + table, *sections.values()]) + "\n"


def whole(scale: Scale, earlier: str, minutes: float | None) -> str:
    """Tell of the last run of all goals but the large one."""
    if minutes is None:
        found = re.search(r"^Last whole run: .*$", earlier, re.MULTILINE)
        return found[0] if found else "Last whole run: none."
    return (
        f"Last whole run: R1 to R18 with {scale.texts:,} texts and {scale.kills} kills asked for in {minutes:.1f} minutes,"
        f" {SystemClock().now().date()}, commit {commit()}."
    )


HEAD = """# What happens to texts when everything goes wrong

Written by `make chaos`; do not edit. {met} of {ran} goals that were tried are met, {left} were not tried; {cores} cores,
{gib} GiB, {arch}. Each goal says with which size, seed and commit it was last tried: a run writes only of its own goals.

Real processes, each goal with a database of its own: workers, the API, the carrier's simulator, Postgres with its
durability on, Redis. The judge is [a program of its own](../../tests/faults/oracle.py) that imports nothing of LeadFlow
and reads only the carrier's log (each line on disk before the carrier answers), the log of STOPs and the list of whom
was to be texted. Its own tests plant each fault that it must find. Time that only has to pass (leases, the reconciler's
looks) is skipped by moving the clocks of all processes; no figure in seconds is skipped unless it says so.

"Nothing lost" means: each text was taken by the carrier, or ended in a state that says why it was not sent.

{whole}"""


def section(line: Line, scale: Scale) -> str:
    """Write one goal."""
    goal, report = line.goal, line.report
    rows = [f"| Attack | {goal.attack} |", f"| Must hold | {goal.holds} |", f"| Verdict | **{line.verdict}** |"]
    if report is None:
        rows.append("| Why | not tried yet |")
    else:
        rows.append(
            f"| Run | {scale.texts:,} texts and {scale.kills} kills asked for, seed {scale.seed}, {line.took_s:.0f} s; {SystemClock().now().date()}, commit {commit()} |"
        )
        rows.append(f"| Load of the machine before and after | {line.load[0]:.1f}, {line.load[1]:.1f} |")
        rows += [f"| {name} | {shown(value)} |" for name, value in report.figures.items()]
        rows += [f"| **Fault** | {fault} |" for fault in report.faults]
        rows += [f"| Note | {note} |" for note in report.notes]
    return f"## {goal.id}\n\n| | |\n| --- | --- |\n" + "\n".join(rows)


def shown(value: object) -> str:
    """Write a figure."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {shown(each)}" for name, each in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


def commit() -> str:
    """Name the commit, with a plus where the files differ from it."""
    told = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+", "--abbrev=10"]
    return subprocess.run(told, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def main(argv: Sequence[str] | None = None) -> int:
    """Run what was asked for."""
    asked = arguments().parse_args(argv)
    scale = Scale(asked.texts, asked.kills, asked.seed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves through the doors below, which end every process
    if asked.lane:
        return serve(asked.keep, scale)
    wanted = {name.strip().upper() for name in asked.goals.split(",") if name.strip()}
    chosen = {goal.id for goal in GOALS if goal.id.upper() in wanted or (not wanted and goal is not LARGE)}
    lines, began = list[Line](), time.monotonic()

    def told(tried: Tried) -> None:
        line = Line(BY_NAME[tried.goal], tried.report, tried.took_s, tried.load)
        lines.append(line)
        said = {"goal": tried.goal, "verdict": line.verdict, "seconds": round(line.took_s)}
        sys.stdout.write(
            json.dumps(said | {"figures": tried.report.figures, "faults": tried.report.faults}, default=str) + "\n"
        )
        sys.stdout.flush()
        if asked.write:
            # After each, so that a run that is cut short leaves what it has found.
            write(lines, scale)

    count = max(1, min(asked.lanes, len(chosen.intersection(BESIDE))))
    crew = [lanes.Lane(scale, f"{asked.keep}/{number}" if asked.keep else None) for number in range(count)]
    try:
        lanes.run([name for name in BESIDE if name in chosen], [name for name in ALONE if name in chosen], crew, told)
    finally:
        for lane in crew:
            lane.end()
    if asked.write and not wanted:
        write(lines, scale, (time.monotonic() - began) / 60)
    return int(any(line.verdict == "NOT MET" for line in lines))


def arguments() -> argparse.ArgumentParser:
    """Say what may be asked for."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--goals", default="", help="such as R1,R12; all when absent")
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--write", action="store_true", help="write docs/proofs/chaos.md")
    parser.add_argument("--keep", type=Path, help="keep logs and ledgers in this folder")
    parser.add_argument("--lanes", type=int, default=2, help="goals that are tried at a time")
    parser.add_argument("--lane", action="store_true", help="be one of them")
    return parser


def serve(keep: Path | None, scale: Scale) -> int:
    """Be a lane."""
    with tempfile.TemporaryDirectory(prefix="chaos-") as made, battlefield(keep or Path(made)) as ground:
        lanes.serve(lambda name: attempt(BY_NAME[name], ground, scale))
    return 0


def write(lines: Sequence[Line], scale: Scale, minutes: float | None = None) -> None:
    """Bring the page up to date."""
    PAGE.write_text(page(lines, scale, PAGE.read_text() if PAGE.exists() else "", minutes))


if __name__ == "__main__":
    sys.exit(main())
