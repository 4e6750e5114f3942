"""R1 to R4: processes that are killed, asked to end, or stopped and woken."""

from __future__ import annotations

import random
import signal
import time
from uuid import UUID

import httpx
import psutil

from tests.faults.crew import Crew, Process, ticking, wait_for
from tests.faults.field import Field
from tests.faults.ground import Ground, Report, Scale, finish

HELD = 12
"""Answers that the carrier holds back at most before a kill."""
CREW = 3
"""Workers that run at once while one after another is killed; two in a short run."""
TERMS = 20
"""Workers that are asked to end in a full run."""
SLOW_MS = 4_000
"""How long the carrier takes to answer while R4 stops a worker."""
STOPPED_S = 60
"""How long a stopped worker stays so: twice its lease."""
HORIZON_S = 2 * 600
"""Twice the reconciler's last look at a fresh doubt."""


def taken(crew: Crew) -> int:
    """Count what the carrier has, by its own word."""
    told = httpx.get(f"{crew.carrier.url}/__control", timeout=10).json()
    return sum(told["messages"].values())


def random_kills(ground: Ground, scale: Scale) -> Report:
    """R1. A random worker is killed again and again; half of the time the carrier holds answers back."""
    report = Report()
    chance = random.Random(scale.seed)  # noqa: S311 repeatable
    with ground.crew("r1") as crew:
        field = Field.planted(crew.db, scale.texts)
        crew.serve_hooks()
        for _ in range(CREW if scale.kills > 10 else CREW - 1):
            crew.start_worker()
        field.queue()
        kills = between = 0
        with ticking(crew):
            while kills < scale.kills and field.moving():
                in_doubt = kill_one(crew, chance, held=kills % 2 == 0)
                between += in_doubt
                kills += 1
                if kills < scale.kills:
                    crew.start_worker()
            wait_for(lambda: not field.world.states().get("queued"), 300)
        crew.kill(*crew.workers)
        ended = finish(crew, field)
        states = field.world.states()
        verdict = field.judged(crew.carrier.log)
        told = field.world.one("select count(*) from activity where kind = 'text_out'")
    report.heed(verdict, unread=True)
    report.figures |= {
        "kills": kills,
        "kills between bytes sent and answer read": between,
        "states": states,
        "clock from the last kill to the last end, s": round(ended.texts.total_seconds()),
        "clock from the last kill to the last doubt, s": round(ended.doubts.total_seconds()),
    }
    report.must(kills == scale.kills, f"only {kills} kills before everything was sent")
    report.must(between * 10 >= scale.kills * 3, f"only {between} kills with an answer under way")
    report.must(ended.doubts.total_seconds() <= HORIZON_S, "texts were unknown for more than twice the horizon")
    report.must(told == verdict["figures"]["accepted"], f"{told} texts on the timelines")
    return report


def kill_one(crew: Crew, chance: random.Random, *, held: bool) -> bool:
    """Kill a random worker; True when answers to it were under way, by the carrier's own book.

    Where answers are held, it is one of the workers that wait for one.
    """
    among = crew.workers
    if held:
        crew.carrier.barrier(skip=chance.randint(0, 20), count=HELD)
        among = holding(crew, crew.carrier.waiting(timeout_s=60))
    else:
        goal = taken(crew) + chance.randint(1, 40)
        wait_for(lambda: taken(crew) >= goal)
    before = unread(crew)
    crew.kill(chance.choice(among))
    if held:
        crew.carrier.release()
    try:
        return wait_for(lambda: unread(crew) > before, timeout_s=5.0 if held else 0.2, step_s=0.05)
    except TimeoutError:
        return False


def holding(crew: Crew, ports: set[int]) -> list[Process]:
    """Name the workers that have a call open from one of these ports; all of them where none has."""
    found = [
        one
        for one in crew.workers
        if any(line.laddr.port in ports for line in psutil.Process(one.pid).net_connections("tcp"))
    ]
    return found or crew.workers


def unread(crew: Crew) -> int:
    """Count the answers that nobody was left to read."""
    return crew.carrier.log.read_bytes().count(b'"kind":"unread"')


def all_at_once(ground: Ground, scale: Scale) -> Report:
    """R2. Every worker, the clockwork and the API are killed at one moment and started again."""
    report = Report()
    with ground.crew("r2") as crew:
        field = Field.planted(crew.db, scale.share(10), per_minute=120)
        api, clockwork = crew.serve_hooks(), crew.start_scheduler()
        workers = [crew.start_worker() for _ in range(2)]
        field.queue()
        wait_for(lambda: taken(crew) >= field.size // 10)
        crew.kill(*workers, clockwork, api)
        restarted, before = time.monotonic(), taken(crew)
        crew.serve_hooks()
        clockwork = crew.start_scheduler()
        for _ in range(2):
            crew.start_worker()
        wait_for(lambda: taken(crew) > before, 120)
        first = time.monotonic() - restarted
        wait_for(lambda: not field.moving(), 240)
        crew.end(*crew.workers, clockwork)
        ended = finish(crew, field)
        verdict = field.judged(crew.carrier.log)
    report.heed(verdict, unread=True)
    report.figures |= {
        "first text after the restart, s": round(first, 1),
        "clock to the last doubt, s": round(ended.doubts.total_seconds()),
    }
    report.must(first <= 45, f"the first text came {first:.0f} s after the restart")
    return report


def asked_to_end(ground: Ground, scale: Scale) -> Report:
    """R3. Workers are asked to end under load, one after another."""
    report = Report()
    times = min(TERMS, 2 * scale.kills)
    longest, unknown = 0.0, 0
    with ground.crew("r3", callbacks={}) as crew:
        field = Field.planted(crew.db, scale.share(10), per_minute=60)
        crew.serve_hooks()
        field.queue()
        with ticking(crew):
            crew.start_worker()
            for number in range(times):
                goal = taken(crew) + 1
                wait_for(lambda goal=goal: taken(crew) >= goal or not field.moving())
                old = crew.workers[0]
                if number + 1 < times:
                    crew.start_worker()
                longest = max(longest, crew.end(old))
                unknown = max(unknown, field.world.states().get("unknown", 0))
        held = field.world.one("select count(*) from job where state = 'running'")
        submitting = field.world.states().get("submitting", 0)
        left = field.unfinished()
        crew.start_worker()
        with ticking(crew):
            wait_for(lambda: not field.unfinished(), 240)
        verdict = field.judged(crew.carrier.log)
    report.heed(verdict)
    report.figures |= {
        "workers asked to end": times,
        "of them with texts left to send": times if left else f"fewer than {times}",
        "longest exit, s": round(longest, 1),
        "unknown texts": unknown,
        "leases held after the last exit": held + submitting,
    }
    report.must(longest <= 30, f"a worker took {longest:.0f} s to end")
    report.must(unknown == 0, f"{unknown} texts became unknown")
    report.must(held + submitting == 0, f"{held} jobs and {submitting} texts were still held")
    return report


def stopped_and_woken(ground: Ground, scale: Scale) -> Report:
    """R4. A worker is stopped after its claim for twice its lease, while another takes its texts over, and woken."""
    report = Report()
    with ground.crew("r4", latency_ms=SLOW_MS, callbacks={"never": 1.0}) as crew:
        field = Field.planted(crew.db, max(400, scale.share(20)), numbers=1, per_minute=6_000)
        crew.serve_hooks()
        field.queue()
        sleeper = crew.start_worker()
        with ticking(crew):
            wait_for(lambda: field.world.states().get("submitting", 0) > 2 * 100)
            sleeper.send_signal(signal.SIGSTOP)
            stopped = time.monotonic()
        # What was on its way is answered and written into the ledger; the rest was claimed and not posted.
        claimed = waiting(field, crew)
        crew.carrier.control(latency_ms=30)
        crew.workers.remove(sleeper)
        ended = finish(crew, field)
        wait_for(lambda: time.monotonic() > stopped + STOPPED_S)
        woken = crew.now()
        sleeper.send_signal(signal.SIGCONT)
        crew.workers.append(sleeper)
        crew.end(sleeper)
        again = [line for line in crew.carrier.lines("request") if line["begun"] > woken.isoformat()]
        verdict = field.judged(crew.carrier.log)
    report.heed(verdict)
    report.figures |= {
        "claimed by the stopped worker and not posted": len(claimed),
        "stopped for, s": STOPPED_S,
        "clock until another had sent them, s": round(ended.texts.total_seconds()),
        "posted by the woken worker": len(again),
    }
    report.must(claimed, "the stopped worker had nothing left to post")
    report.must(not again, f"the woken worker posted {len(again)}")
    return report


def waiting(field: Field, crew: Crew) -> list[UUID]:
    """List the texts that are claimed and of which the carrier has not heard.

    First it answers all that has reached it: no carrier takes a quarter of an hour of skipped clock over a call.
    """
    seen: list[tuple[float, int]] = []

    def silent() -> bool:
        count = len(crew.carrier.lines("request"))
        if not seen or seen[-1][1] != count:
            seen.append((time.monotonic(), count))
        return time.monotonic() - seen[-1][0] > 2 * SLOW_MS / 1000

    wait_for(silent)
    heard = {line["message"] for line in crew.carrier.lines("request")}
    rows = field.world.rows("select id from message where state = 'submitting'")
    return [row[0] for row in rows if str(row[0]) not in heard]
