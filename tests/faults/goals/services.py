"""R5 to R7 and R18: Postgres stops, Redis forgets, stops or is full, the disk is full, memory runs out."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import httpx
import redis

from leadflow.local.postgres import start_postgres
from leadflow.local.redis import start_redis
from tests.faults.crew import Crew, Process, ticking, wait_for
from tests.faults.field import Field
from tests.faults.goals.kills import taken
from tests.faults.ground import Ground, Report, Scale, finish
from tests.faults.visitor import Visitor

DOWN_S = 10
"""How long Postgres stays away."""
OUTAGE_S = 60
"""How long Redis stays away."""
WINDOW_S = 10
"""Over which a throughput is measured: longer than a worker serves a number, so that it has to be woken again."""
REGAINED_S = 20
"""How soon nine tenths of the throughput must be there again."""


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
    full = scale.kills > 10
    times, away = (3, OUTAGE_S) if full else (1, 5)
    with ground.crew("r6") as crew:
        # So many that the last attack, too, meets a campaign under way; what is left then goes out at once.
        field = Field.planted(crew.db, 2_400 if full else 900, numbers=8, per_minute=60)
        crew.serve_hooks()
        visitor, refused = Visitor.welcomed(crew, field), list[str]()
        clockwork = crew.start_scheduler()
        for _ in range(2):
            crew.start_worker()
        field.queue()
        grows(crew, 30)
        usual = throughput(crew)
        attacks = [lambda: forget(ground)] * times + [lambda: restart_redis(ground, 0)] * times
        attacks.append(lambda: restart_redis(ground, away, lambda: refused.extend(visitor.still_in())))
        back: list[float] = []
        for attack in attacks:
            back.append(recovered(crew, usual, attack))
            refused += visitor.still_in()
        left = field.size - taken(crew)
        hurry(field)
        wait_for(lambda: not field.moving(), 300)
        crew.end(*crew.workers, clockwork)
        ended = finish(crew, field)
        verdict = field.judged(crew.carrier.log)
    report.heed(verdict)
    report.figures |= {
        "forgot everything": times,
        "started again": times,
        "away for, s": away,
        "texts left after the last attack": left,
        "usual throughput, texts/s": round(usual, 1),
        "nine tenths of it again after, s": [round(one, 1) for one in back],
        "sessions tried, renewed and begun, times": len(attacks) + 1,
        "clock to the last doubt, s": round(ended.doubts.total_seconds()),
    }
    report.must(max(back) <= REGAINED_S, f"throughput came back after {max(back):.0f} s")
    report.must(left > 0, "the campaign was over before the last attack")
    report.must(not refused, f"somebody was signed out: {refused[:3]}")
    report.notes.append("A browser's page is not part of this: its cookie names the same session, a row in Postgres.")
    return report


def hurry(field: Field) -> None:
    """Let what is left go out at once."""
    field.world.do("update sender_number set per_minute = 6000 where org_id = %s", field.world.org)
    field.world.do("update campaign set per_minute = 6000 where org_id = %s", field.world.org)


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


def restart_redis(ground: Ground, down_s: float, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Kill the run's own Redis and start it where it was; do something while it is away."""
    assert ground.redis is not None
    ground.redis.process.kill()
    ground.redis.process.wait()
    until = time.monotonic() + down_s
    if down_s:
        meanwhile()
    wait_for(lambda: time.monotonic() >= until, down_s + 10)
    ground.redis = start_redis(ground.folder / "redis", port=ground.redis.port)


def redis_is_full(ground: Ground, scale: Scale) -> Report:
    """R7. Redis takes no more writes."""
    report = Report()
    with ground.crew("r7") as crew:
        field = Field.planted(crew.db, scale.share(20), per_minute=60)
        crew.serve_hooks()
        visitor = Visitor.welcomed(crew, field)
        crew.start_worker()
        field.queue()
        client = redis.Redis.from_url(ground.redis_url)
        with ticking(crew):
            grows(crew, 10)
            client.config_set("maxmemory", "1")
            answers = {path: visitor.get(path) for path in PATHS}
            answers["sign-in"] = visitor.sign_in()
            said = crew.carrier.text(field.lots[0].people[0].e164, field.lots[0].e164, "What is this about?")
            client.config_set("maxmemory", "0")
            wait_for(lambda: not field.moving(), 240)
        crew.end(*crew.workers)
        finish(crew, field)
        verdict = field.judged(crew.carrier.log)
    report.heed(verdict)
    report.figures |= {
        "answers of the API": {name: one.status_code for name, one in answers.items()},
        "answer to a person's text": said["answer"],
    }
    report.must(said["answer"] == 200, f"a person's text was answered with {said['answer']}")
    unclear = [f"{name}: {one.status_code} {one.text[:80]}" for name, one in answers.items() if not clear(one)]
    report.must(not unclear, f"not answered clearly: {unclear}")
    return report


PATHS = ("/healthz", "/readyz", "/api/v1/me", "/api/v1/campaigns", "/api/v1/leads")


def clear(answer: httpx.Response) -> bool:
    """Say whether an answer is a success, or a 503 whose body names what is wrong."""
    if answer.is_success:
        return True
    if answer.status_code != 503:
        return False
    told = answer.json()
    checks = told.get("checks", {})
    return bool(told.get("error", {}).get("message")) or any(word != "ok" for word in checks.values())


def disk_and_memory(ground: Ground, scale: Scale) -> Report:
    """R18. No room for logs and files, and a worker that is killed as by lack of memory."""
    report = Report()
    full = Path("/dev/full")
    with ground.crew("r18") as crew:
        field = Field.planted(crew.db, max(200, scale.share(20)), per_minute=30)
        crew.data.mkdir()
        api = crew.serve_hooks("unshare", "--map-root-user", "--mount", "sh", "-c", MOUNT, str(crew.data))
        visitor = Visitor.welcomed(crew, field)
        crew.start_worker(output=full)
        field.queue()
        with ticking(crew):
            grows(crew, 20)
            health, uploads = fill(crew, api, visitor)
            victim = crew.start_worker(output=full)
            grows(crew, 5)
            alive = crew.workers[0].poll() is None
            # The kernel's own killer sends the same signal.
            crew.kill(victim)
            hurry(field)
            wait_for(lambda: not field.moving(), 240)
        crew.end(*crew.workers)
        ended = finish(crew, field)
        verdict = field.judged(crew.carrier.log)
        kept = field.world.one("select count(*) from import_batch")
    report.heed(verdict)
    report.figures |= {
        "worker whose log could not be written went on": alive,
        "health before, on a full disk, and after": health,
        "upload before, on a full disk, and after": uploads,
        "clock to the last doubt, s": round(ended.doubts.total_seconds()),
    }
    report.must(alive, "a worker ended because its log could not be written")
    report.must(health == [200, 503, 200], f"health showed {health}")
    report.must(uploads == [201, 507, 201], f"uploads were answered with {uploads}")
    report.must(kept == 2, f"{kept} of two files are known")
    return report


MOUNT = 'mount -t tmpfs -o size=80m none "$0" && exec "$@"'
"""Gives a process and its children a disk of 80 MB of their own, where the folder of files is."""


def fill(crew: Crew, api: Process, visitor: Visitor) -> tuple[list[int], list[int]]:
    """Fill the API's disk and empty it again; answer what it says of its health, and to uploads, each time."""
    ballast = Path(f"/proc/{api.pid}/root{crew.data}/ballast")
    health, uploads = list[int](), list[int]()

    def note() -> None:
        health.append(visitor.get("/readyz").status_code)
        uploads.append(upload(visitor, len(uploads)))

    note()
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(1 << 16)):
            pass
    note()
    sent = taken(crew)
    wait_for(lambda: taken(crew) > sent)
    ballast.unlink()
    note()
    return health, uploads


def upload(visitor: Visitor, place: int) -> int:
    """Bring a list of half a megabyte; answer the status."""
    rows = "".join(f"{number} Cedar Ln,Houston,TX,77084,Person {number}\n" for number in range(12_000))
    return httpx.post(
        f"{visitor.address}/api/v1/imports",
        content=f"Address,City,State,Zip,Owner\n{place}{rows}".encode(),
        headers=visitor.headers(
            **{
                "X-Filename": "list.csv",
                "Content-Type": "application/octet-stream",
                "Idempotency-Key": uuid4().hex,
            }
        ),
        timeout=60,
    ).status_code
