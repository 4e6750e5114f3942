"""R8 to R10: a carrier that answers wrongly, slowly, or with nothing but errors."""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from leadflow.kernel import breaker
from leadflow.kernel.circuits import Alone, Circuit, Shared
from leadflow.local.ports import free_port
from leadflow.scrubs.providers.caller import Caller
from leadflow.scrubs.providers.dncscrub import DncScrub
from leadflow.scrubs.types import Answered, Asked
from tests.faults.crew import Crew, ticking, wait_for
from tests.faults.field import Field
from tests.faults.goals.kills import taken
from tests.faults.ground import Ground, Report, Scale, finish
from tests.lookups import LOGIN, running_registries

CERTAIN = (
    {"kind": "rate_limited", "retry_after_s": 2},
    {"kind": "unavailable", "retry_after_s": 1},
)
"""Answers after which a text was certainly not sent: it goes again."""
DOUBTFUL: tuple[dict[str, Any], ...] = (
    {"kind": "error_500"},
    {"kind": "error_502"},
    {"kind": "unavailable", "retry_after_s": None},
    {"kind": "reset"},
    {"kind": "silence"},
    {"kind": "drip", "seconds": 1.0},
    {"kind": "broken_json"},
    {"kind": "same_sid", "accepted": True},
)
"""Answers after which nobody knows."""
APART = timedelta(minutes=5)
"""Between the two empty lists that prove absence."""
DRIPS = 4
"""Calls that are answered drop by drop: one fewer than open the circuit, after which nobody calls at all."""
ERRORS_S = 60
"""For how long the carrier answers with nothing but errors."""
SENDERS = 8
"""Worker processes that meet them."""
THRESHOLD = 5
"""Failures that open the circuit of a carrier that has not answered yet."""
HALF = 10
"""Failures that open the circuit of one that has: half of the last twenty calls (sending.md, the breaker's rule)."""
OPEN_S = 30
"""How long it stays open at first."""
CLOSED_S = 10
"""How soon after the carrier's recovery it must be closed."""
GIVEN_UP = "select count(distinct message_id) from message_event where state = 'unknown'"
"""Texts that somebody gave up waiting for; some of them, the carrier has named since."""
DEADLINE_S = (9.0, 11.0)
"""A call ends after ten seconds in all, give or take one."""


def wrong_answers(ground: Ground, scale: Scale) -> Report:
    """R8. Every wrong answer there is, each to a few numbers among many that get a right one."""
    report = Report()
    put_back = unreachable(ground, report)
    with ground.crew("r8") as crew:
        field = Field.planted(crew.db, max(400, scale.share(10)), numbers=4, per_minute=600)
        crew.serve_hooks()
        kinds = (*CERTAIN, *DOUBTFUL)
        each = max(2, field.size // 200)
        struck = scattered(field, len(kinds), each)
        faults = [{**fault, "numbers": struck[index]} for index, fault in enumerate(kinds)]
        crew.carrier.control(faults=faults)
        field.queue()
        began = time.monotonic()
        crew.start_worker()
        healthy = field.size - each * len(kinds)
        with ticking(crew):
            wait_for(lambda: taken(crew) >= healthy, 120)
            took = time.monotonic() - began
            wait_for(lambda: not field.moving(), 120)
        crew.end(*crew.workers)
        ended = finish(crew, field)
        verdict = field.judged(crew.carrier.log)
        blind = resent(crew, set().union(*struck[len(CERTAIN) :]))
        posted = requests(crew)
    again = sum(len(posted[number]) == 2 for numbers in struck[: len(CERTAIN)] for number in numbers)
    report.heed(verdict)
    report.figures |= {
        "kinds of wrong answers": len(kinds) + 2,
        "numbers struck by each": each,
        "texts put back when the carrier was not there": put_back,
        "all others sent after, s": round(took, 1),
        "sent again after a certain no": again,
        "sent again on suspicion": len(blind),
        "clock to the last doubt, s": round(ended.doubts.total_seconds()),
    }
    report.must(again == each * len(CERTAIN), "a text that was certainly not sent did not go again")
    report.must(not blind, f"sent again on suspicion: {blind[:3]}")
    return report


def scattered(field: Field, kinds: int, each: int) -> list[list[str]]:
    """Choose so many numbers for each kind, evenly among all: bad numbers among good ones, not a broken carrier."""
    step = field.size // (kinds * each)
    chosen = [one.e164 for one in field.world.people[step - 1 :: step]]
    return [sorted(chosen[kind::kinds][:each]) for kind in range(kinds)]


def unreachable(ground: Ground, report: Report) -> int:
    """Let workers meet a closed port, then a carrier that does not speak TLS; then the real one takes every text."""
    certainly = "select count(*) from message_event where state = 'queued'"
    seen = 0
    for name in ("closed", "no-tls"):
        with ground.crew(f"r8-{name}") as crew:
            address = (
                f"http://127.0.0.1:{free_port()}" if name == "closed" else crew.carrier.url.replace("http", "https")
            )
            field = Field.planted(crew.db, 40, numbers=2, per_minute=6_000)
            crew.serve_hooks()
            field.queue()
            before = field.world.one(certainly)
            worker = crew.start_worker(variables={"LF_TWILIO_API_URL": address})
            with ticking(crew):
                wait_for(lambda before=before, field=field: field.world.one(certainly) >= before + THRESHOLD)
            crew.end(worker)
            states = field.world.states()
            report.must(states == {"queued": field.size}, f"{name}: an unreachable carrier left {states}")
            report.must(not crew.carrier.lines("request"), f"{name}: the carrier was reached")
            seen += field.world.one(certainly) - before
            finish(crew, field)
            report.heed(field.judged(crew.carrier.log))
    return seen


def requests(crew: Crew) -> dict[str, list[datetime]]:
    """List when each number's texts were posted."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for line in crew.carrier.lines("request"):
        found[line["to"]].append(datetime.fromisoformat(line["begun"]))
    return found


def resent(crew: Crew, numbers: set[str]) -> list[str]:
    """List the numbers of a doubtful answer that were posted to again before two lists could prove the first absent."""
    found = requests(crew)
    return [
        number
        for number in numbers
        for one, two in zip(found[number], found[number][1:], strict=False)
        if two - one < APART
    ]


def slow_loris(ground: Ground, scale: Scale) -> Report:
    """R9. The carrier answers one byte every five seconds."""
    report = Report()
    del scale
    faults = [{"kind": "drip", "share": 1.0, "seconds": 5.0, "accepted": True}]
    with ground.crew("r9", faults=faults, callbacks={"never": 1.0}) as crew:
        field = Field.planted(crew.db, DRIPS, numbers=2, per_minute=6_000)
        crew.serve_hooks()
        crew.start_worker()
        field.queue()
        with ticking(crew):
            # One call after another: who is not sure of the carrier makes one at a time.
            wait_for(lambda: field.world.one(GIVEN_UP) == field.size, 120, step_s=0.5)
        crew.end(*crew.workers)
        took = lengths(crew, field)
        finish(crew, field)
        verdict = field.judged(crew.carrier.log)
    shortest, longest = took[0], took[-1]
    report.heed(verdict)
    report.figures |= {"shortest call, s": round(shortest, 2), "longest call, s": round(longest, 2)}
    report.must(DEADLINE_S[0] <= shortest and longest <= DEADLINE_S[1], f"calls took {shortest:.1f} to {longest:.1f} s")
    return report


def lengths(crew: Crew, field: Field) -> list[float]:
    """List how long the calls took in seconds, shortest first: from the carrier's first byte to our giving up."""
    begun = {line["message"]: datetime.fromisoformat(line["begun"]) for line in crew.carrier.lines("request")}
    rows = field.world.rows("select message_id::text, at from message_event where state = 'unknown'")
    return sorted((at - begun[message]).total_seconds() for message, at in rows)


def others(crew: Crew) -> list[str]:
    """Wait until the circuit of texts is open; ask another provider, look at the other circuits; name what is wrong."""
    circuits = Shared(crew.redis_url)
    wait_for(lambda: circuits.look("twilio:messages").state is Circuit.OPEN)
    wrong = [
        f"{name} is {view.state.value}"
        for name in ("twilio:lists", "dncscrub:registries", "dncscrub:reassigned")
        if (view := circuits.look(name)).state is not Circuit.CLOSED
    ]
    breaker.install(circuits)
    with running_registries() as registries:
        line = DncScrub(Caller(registries.url, LOGIN, breaker.of("dncscrub", "registries")))
        answer = line.ask((Asked("+13125550001"),))
    breaker.install(Alone())
    if not isinstance(answer, Answered):
        wrong.append(f"DNCScrub: {answer}")
    return wrong


def circuit(ground: Ground, scale: Scale) -> Report:
    """R10. The carrier answers every call of eight workers with 500 for a minute, then recovers."""
    report = Report()
    with ground.crew("r10", callbacks={}) as crew:
        # Two texts a second and number: what is under way when the carrier breaks is not the circuit's doing.
        field = Field.planted(crew.db, max(400, scale.share(20)), numbers=SENDERS * 2, per_minute=120)
        crew.serve_hooks()
        for _ in range(SENDERS):
            crew.start_worker(2)
        field.queue()
        with ticking(crew):
            # Eight workers start at once on what may be two cores.
            wait_for(lambda: taken(crew) >= 40, 240)
            broke = crew.now()
            crew.carrier.control(faults=[{"kind": "error_500", "share": 1.0, "accepted": False, "per_number": 1_000}])
            elsewhere = others(crew)
            wait_for(lambda: crew.now() > broke + timedelta(seconds=ERRORS_S), ERRORS_S + 30)
            recovered, before = crew.now(), taken(crew)
            crew.carrier.control(faults=[])
            wait_for(lambda: taken(crew) > before, 120, step_s=0.05)
            closed = (crew.now() - recovered).total_seconds()
            wait_for(lambda: not field.moving(), 120)
        crew.end(*crew.workers)
        ended = finish(crew, field)
        verdict = field.judged(crew.carrier.log)
        failed = sorted(
            (datetime.fromisoformat(line["begun"]) - broke).total_seconds()
            for line in crew.carrier.lines("request")
            if line.get("fault") == "error_500"
        )
    # From the first failure on; what is under way at that moment is counted too.
    first = [at for at in failed if at < failed[0] + OPEN_S - 2]
    probes = failed[len(first) :]
    report.heed(verdict)
    report.figures |= {
        "workers": SENDERS,
        "errors for, s": ERRORS_S,
        "calls until it was open": len(first),
        "of three other circuits, open meanwhile": len(elsewhere),
        "probes after that, at s": [round(at, 1) for at in probes],
        "sending again after the recovery, s": round(closed, 1),
        "clock to the last doubt, s": round(ended.doubts.total_seconds()),
    }
    report.must(not elsewhere, f"another circuit was concerned: {elsewhere}")
    report.must(len(first) <= HALF + SENDERS, f"{len(first)} calls before the circuit was open")
    report.must(len(probes) <= 1, f"{len(probes)} probes in one window")
    report.must(closed <= CLOSED_S, f"sending again {closed:.0f} s after the recovery")
    return report
