"""R1 to R4: processes that are killed, asked to end, or stopped and woken."""

from __future__ import annotations

import random

import httpx

from tests.faults.crew import Crew, ticking, wait_for
from tests.faults.field import Field
from tests.faults.ground import Ground, Report, Scale, finish

HELD = 12
"""Answers that the carrier holds back at most before a kill."""
CREW = 3
"""Workers that run at once while one after another is killed; two in a short run."""
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
    """Kill a random worker; True when answers to it were under way, by the carrier's own book."""
    if held:
        crew.carrier.barrier(skip=chance.randint(0, 20), count=HELD)
        crew.carrier.held(1, timeout_s=60)
    else:
        goal = taken(crew) + chance.randint(1, 40)
        wait_for(lambda: taken(crew) >= goal)
    before = unread(crew)
    crew.kill(chance.choice(crew.workers))
    if held:
        crew.carrier.release()
    try:
        return wait_for(lambda: unread(crew) > before, timeout_s=1.0 if held else 0.2, step_s=0.05)
    except TimeoutError:
        return False


def unread(crew: Crew) -> int:
    """Count the answers that nobody was left to read."""
    return crew.carrier.log.read_bytes().count(b'"kind":"unread"')
