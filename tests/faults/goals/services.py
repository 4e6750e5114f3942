"""R5 to R7 and R18: Postgres stops, Redis forgets, stops or is full, the disk is full, memory runs out."""

from __future__ import annotations

import resource
import signal
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import httpx
import redis

from leadflow.local.postgres import start_postgres
from leadflow.local.redis import start_redis
from tests.faults.crew import Crew, ticking, wait_for
from tests.faults.field import Field
from tests.faults.goals.kills import taken
from tests.faults.ground import Ground, Report, Scale, finish

DOWN_S = 10
"""How long Postgres stays away."""
OUTAGE_S = 60
"""How long Redis stays away."""
WINDOW_S = 5
"""Over which a throughput is measured."""


def postgres_stops(ground: Ground, scale: Scale) -> Report:
    """R5. Postgres is stopped at once, as by a power cut, three times for ten seconds."""
    report = Report()
    times = 3 if scale.kills > 10 else 1
    recoveries: list[float] = []
    with ground.crew("r5") as crew:
        field = Field.planted(crew.db, scale.share(5), per_minute=60)
        crew.serve_hooks()
        clockwork = crew.start_scheduler()
        workers = [crew.start_worker() for _ in range(2)]
        field.queue()
        for _ in range(times):
            grows(crew, 20)
            stop_postgres(ground)
            came = start_again(ground)
            before = taken(crew)
            wait_for(lambda before=before: taken(crew) > before, 120)
            recoveries.append(time.monotonic() - came)
        died = [one for one in (*workers, clockwork) if one.poll() is not None]
        wait_for(lambda: not field.moving(), 300)
        crew.end(*crew.workers, clockwork)
        ended = finish(crew, field)
        verdict = field.judged(crew.carrier.log)
    report.heed(verdict, unread=True)
    report.figures |= {
        "stops": times,
        "each for, s": DOWN_S,
        "first text after it was back, s": [round(one, 1) for one in recoveries],
        "processes that ended over it": len(died),
        "clock to the last doubt, s": round(ended.doubts.total_seconds()),
    }
    report.must(max(recoveries) <= 15, f"sending came back after {max(recoveries):.0f} s")
    report.must(not died, f"{len(died)} processes ended and had to be started by hand")
    return report


def stop_postgres(ground: Ground) -> None:
    """Stop the run's own Postgres without a checkpoint, and leave it away for a while."""
    assert ground.postgres is not None
    ground.postgres.process.send_signal(signal.SIGQUIT)
    ground.postgres.process.wait(60)
    until = time.monotonic() + DOWN_S
    wait_for(lambda: time.monotonic() > until)


def start_again(ground: Ground) -> float:
    """Start the run's own Postgres where it was; answer when it was ready."""
    assert ground.postgres is not None
    ground.postgres = start_postgres(ground.folder / "postgres", port=ground.postgres.port, settings=ground.settings)
    return time.monotonic()


def grows(crew: Crew, by: int, timeout_s: float = 120) -> None:
    """Wait until the carrier has taken so many more."""
    goal = taken(crew) + by
    wait_for(lambda: taken(crew) >= goal, timeout_s)


def redis_fails(ground: Ground, scale: Scale) -> Report:
    """R6. Redis forgets everything, is started again, and is away for a minute, in the middle of a campaign."""
    report = Report()
    times = 3 if scale.kills > 10 else 1
    with ground.crew("r6") as crew:
        field = Field.planted(crew.db, scale.share(5), numbers=8, per_minute=120)
        crew.serve_hooks()
        for _ in range(2):
            crew.start_worker()
        field.queue()
        with ticking(crew):
            grows(crew, 30)
            usual = throughput(crew)
            back = [recovered(crew, usual, lambda: forget(ground)) for _ in range(times)]
            back += [recovered(crew, usual, lambda: restart_redis(ground, 0)) for _ in range(times)]
            back.append(recovered(crew, usual, lambda: restart_redis(ground, OUTAGE_S if times > 1 else 5)))
            wait_for(lambda: not field.moving(), 300)
        crew.end(*crew.workers)
        ended = finish(crew, field)
        verdict = field.judged(crew.carrier.log)
    report.heed(verdict)
    report.figures |= {
        "forgot everything": times,
        "started again": times,
        "away for, s": OUTAGE_S if times > 1 else 5,
        "usual throughput, texts/s": round(usual, 1),
        "nine tenths of it again after, s": [round(one, 1) for one in back],
        "clock to the last doubt, s": round(ended.doubts.total_seconds()),
    }
    report.must(max(back) <= 20, f"throughput came back after {max(back):.0f} s")
    report.notes.append(
        "That nobody is signed out is not attacked here: sessions are rows in Postgres, and Redis holds none."
    )
    return report


def throughput(crew: Crew) -> float:
    """Measure texts a second, over a while."""
    before, began = taken(crew), time.monotonic()
    wait_for(lambda: time.monotonic() > began + WINDOW_S)
    return (taken(crew) - before) / (time.monotonic() - began)


def recovered(crew: Crew, usual: float, attack: Callable[[], None]) -> float:
    """Attack; answer the seconds until a window of the usual throughput began, or 999 where none came in a minute."""
    attack()
    began = time.monotonic()
    seen: list[tuple[float, int]] = []

    def back() -> float:
        now = time.monotonic()
        seen.append((now, taken(crew)))
        return next(
            (
                max(0.1, start - began)
                for (start, before), _ in pairwise([*seen, seen[-1]])
                if now - start >= WINDOW_S and (seen[-1][1] - before) / (now - start) >= 0.9 * usual
            ),
            0.0,
        )

    try:
        return wait_for(back, 60, step_s=0.5)
    except TimeoutError:
        return 999.0


def forget(ground: Ground) -> None:
    """Let Redis forget everything."""
    redis.Redis.from_url(ground.redis_url).flushall()


def restart_redis(ground: Ground, down_s: float) -> None:
    """Kill the run's own Redis and start it where it was."""
    assert ground.redis is not None
    ground.redis.process.kill()
    ground.redis.process.wait()
    until = time.monotonic() + down_s
    wait_for(lambda: time.monotonic() >= until, down_s + 10)
    ground.redis = start_redis(ground.folder / "redis", port=ground.redis.port)


def redis_is_full(ground: Ground, scale: Scale) -> Report:
    """R7. Redis takes no more writes."""
    report = Report()
    with ground.crew("r7") as crew:
        field = Field.planted(crew.db, scale.share(20), per_minute=60)
        crew.serve_hooks()
        crew.start_worker()
        field.queue()
        client = redis.Redis.from_url(ground.redis_url)
        with ticking(crew):
            grows(crew, 10)
            client.config_set("maxmemory", "1")
            answers = [
                httpx.get(f"{crew.public_url}{path}", timeout=20) for path in ("/healthz", "/readyz", "/api/v1/version")
            ]
            said = crew.carrier.text(field.lots[0].people[0].e164, field.lots[0].e164, "What is this about?")
            clear = [one for one in answers if one.status_code in {200, 204, 401, 404} or one.text]
            client.config_set("maxmemory", "0")
            wait_for(lambda: not field.moving(), 240)
        crew.end(*crew.workers)
        finish(crew, field)
        verdict = field.judged(crew.carrier.log)
    report.heed(verdict)
    report.figures |= {
        "answers of the API": [one.status_code for one in answers],
        "answer to a person's text": said["answer"],
    }
    report.must(said["answer"] == 200, f"a person's text was answered with {said['answer']}")
    report.must(len(clear) == len(answers), "an answer had no body")
    report.must(all(one.status_code < 500 or one.status_code == 503 for one in answers), "the API broke")
    return report


def disk_and_memory(ground: Ground, scale: Scale) -> Report:
    """R18. The log's disk is full, uploads meet the end of theirs, and a worker is killed as by lack of memory."""
    report = Report()
    full = Path("/dev/full")
    with ground.crew("r18") as crew:
        field = Field.planted(crew.db, scale.share(20), per_minute=120)
        crew.serve_hooks()
        crew.start_worker(output=full)
        field.queue()
        with ticking(crew):
            grows(crew, 20)
            victim = crew.start_worker(output=full)
            grows(crew, 5)
            alive = crew.workers[0].poll() is None
            # The kernel's own killer sends the same signal.
            crew.kill(victim)
            wait_for(lambda: not field.moving(), 240)
        crew.end(*crew.workers)
        ended = finish(crew, field)
        verdict = field.judged(crew.carrier.log)
    report.heed(verdict)
    report.figures |= {
        "worker whose log could not be written went on": alive,
        "clock to the last doubt, s": round(ended.doubts.total_seconds()),
    }
    report.must(alive, "a worker ended because its log could not be written")
    return report


def small_files() -> None:
    """Let this process write no file longer than 64 KiB: what a full disk does to an upload."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536))
