"""R12 to R14: STOP storms, every way to say STOP, webhooks of every sort."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import httpx

from leadflow.messaging import service as messaging
from leadflow.simulators.carrier import dialect
from leadflow.simulators.carrier.dialect import Sms
from tests.faults.crew import Crew, ticking, wait_for
from tests.faults.field import Field
from tests.faults.goals.kills import taken
from tests.faults.ground import Ground, Report, Scale, finish
from tests.messaging.world import ACCOUNT, TOKEN

STOPS = 500
STOPS_A_SECOND = 25
CHATS = 24
"""Other answers that come before the first STOP."""
COMMIT_MS = 200
LOOK_S = 0.3
"""A call begins on a look that is at most 0.2 s old; the rest is its way to the carrier."""
SOON_S = 1.0
AFTER_S = 15
"""For how long sending goes on after the last STOP: longer than a call may take."""


# R12


def stop_storm(ground: Ground, scale: Scale) -> Report:
    """R12. Hundreds of people say STOP while their texts are being sent."""
    report = Report()
    chance = random.Random(scale.seed)  # noqa: S311 repeatable
    count = min(STOPS, scale.texts // 5)
    with ground.crew("r12", latency_ms=50) as crew:
        # One in ten says STOP, and the organisation bears it: a campaign stopped for its weather would prove nothing.
        field = Field.planted(crew.db, 10 * count, numbers=8, per_minute=240)
        field.world.do("update organization set weather_opted_out_pct = 25 where id = %s", field.world.org)
        crew.serve_hooks()
        clockwork = crew.start_scheduler()
        for _ in range(2):
            crew.start_worker()
        field.queue()
        chosen = chance.sample([(one.e164, lot.e164) for lot in field.lots for one in lot.people], count + CHATS)
        wait_for(lambda: taken(crew) >= 20)
        # Whoever is heard by a server that has just started pays for its first steps; a storm meets one that runs.
        asyncio.run(chat(crew, [chosen.pop() for _ in range(CHATS)]))
        took = sorted(asyncio.run(say_stop(crew, field, chosen, chance)))
        sent = taken(crew)
        until = time.monotonic() + AFTER_S
        wait_for(lambda: time.monotonic() > until)
        after = taken(crew) - sent
        with field.world.db.begin(field.world.org) as uow:
            left = sum(messaging.withdraw_campaign(uow, lot.campaign) for lot in field.lots)
        wait_for(lambda: not field.moving(), 240)
        crew.end(*crew.workers, clockwork)
        finish(crew, field)
        verdict = field.judged(crew.carrier.log, look_s=LOOK_S)
        late = submitted_after(field)
    report.heed(verdict)
    report.must(after > 0 and left > 0, "the batch was over before the last STOP")
    report.figures |= {"texts after the last STOP": after, "called off after that": left}
    weigh(report, verdict["figures"], took, late)
    return report


def weigh(report: Report, told: dict[str, Any], took: Sequence[float], late: int) -> None:
    """Write down what the STOPs met, and hold it against the goal."""
    report.figures |= {
        "STOPs": len(took),
        "a second": STOPS_A_SECOND,
        "webhook to commit, ms, p50 / p99": f"{quantile(took, 0.5):.0f} / {quantile(took, 0.99):.0f}",
        "submitted after the commit": late,
        "calls begun after the commit, on a last look before it": told["begun_after_stop"],
        "taken after the commit": told["taken_after_stop"],
        "of these the latest after, s": told["lag_max_s"],
        "and p99 after, s": told["lag_p99_s"],
    }
    report.must(quantile(took, 0.99) <= COMMIT_MS, f"p99 of the commit is {quantile(took, 0.99):.0f} ms")
    report.must(late == 0, f"{late} texts were submitted after their STOP")
    report.must(told["lag_p99_s"] <= SOON_S, f"p99 of texts taken after STOP is {told['lag_p99_s']} s")


def quantile(ordered: Sequence[float], share: float) -> float:
    """Answer the value below which a share lies."""
    return ordered[max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1)]


async def chat(crew: Crew, chosen: Sequence[tuple[str, str]]) -> None:
    """Let people answer something else than STOP, four at a time."""
    url, turns = f"{crew.public_url}/hooks/twilio/inbound", asyncio.Semaphore(4)
    async with httpx.AsyncClient(timeout=30) as client, asyncio.TaskGroup() as talking:

        async def say(person: str, ours: str) -> None:
            form = inbound(person, ours, "Who is this?")
            async with turns:
                answer = await client.post(url, data=form, headers=signed(url, form))
            assert answer.status_code == 200, answer.text

        for person, ours in chosen:
            talking.create_task(say(person, ours))


async def say_stop(crew: Crew, field: Field, chosen: Sequence[tuple[str, str]], chance: random.Random) -> list[float]:
    """Let people say STOP, whether or not the one before was answered; answer the milliseconds of each webhook."""
    took: list[float] = []
    url, loop = f"{crew.public_url}/hooks/twilio/inbound", asyncio.get_running_loop()
    async with httpx.AsyncClient(timeout=30) as client, asyncio.TaskGroup() as saying:

        async def say(person: str, ours: str) -> None:
            form = inbound(person, ours, "STOP")
            began = loop.time()
            answer = await client.post(url, data=form, headers=signed(url, form))
            at = crew.now()
            took.append((loop.time() - began) * 1000)
            assert answer.status_code == 200, answer.text
            field.stops.append({"number": person, "at": at.isoformat()})

        for person, ours in chosen:
            saying.create_task(say(person, ours))
            await asyncio.sleep(chance.uniform(0, 2 / STOPS_A_SECOND))
    return took


def submitted_after(field: Field) -> int:
    """Count the texts whose submit transaction came after their STOP had been answered."""
    at = {one["number"]: one["at"] for one in field.stops}
    rows = field.world.rows("select e164, submitted_at from message where submitted_at is not null")
    return sum(f"+{number}" in at and when.isoformat() > at[f"+{number}"] for number, when in rows)


def inbound(person: str, ours: str, body: str, sid: str | None = None) -> dict[str, str]:
    """Fill in what the carrier posts when a person texts us."""
    return dialect.inbound_form(made(sid or f"SM{uuid4().hex}", ours, person, body), None)


def made(sid: str, to: str, sender: str, body: str = "") -> Sms:
    """Make a text as the carrier knows it."""
    from tests.messaging.calls import AT  # noqa: PLC0415 a constant

    return Sms(sid, ACCOUNT, to, sender, body, "", "queued", "outbound-api", AT, AT)


def signed(url: str, form: dict[str, str], token: str = TOKEN) -> dict[str, str]:
    """Sign a call as the carrier does."""
    return {"X-Twilio-Signature": dialect.sign(token, url, form)}


# R13

VARIANTS = (
    "stop", "STOP", "Stop.", " stop ", "STOP!!!", "stop 🛑", "quit", "END", "revoke", "opt out", "OPT-OUT", "cancel",
    "Unsubscribe", "please stop texting me", "stopall", "Stop messaging me please", "remove me from your list",
)  # fmt: skip
"""How people say it; the words are those of 47 CFR 64.1200(a)(10)."""


def ways_to_stop(ground: Ground, scale: Scale) -> Report:
    """R13. STOP in every way that people say it; START undoes it, for this organisation alone."""
    del scale
    report = Report()
    with ground.crew("r13") as crew:
        field = Field.planted(crew.db, len(VARIANTS), numbers=1)
        other = Field.planted_beside(field)
        crew.serve_hooks()
        say_all(crew, field)
        stopped = suppressed(field)
        undone(crew, field, other, report)
        field.queue()
        crew.start_worker()
        with ticking(crew):
            wait_for(lambda: not field.moving(), 120)
        crew.end(*crew.workers)
        finish(crew, field)
        verdict = field.judged(crew.carrier.log)
        polite = [line["to"] for line in crew.carrier.accepted() if line["body"].startswith("Cedar Homes: ")]
    missing = [words for words, person in zip(VARIANTS, field.world.people, strict=True) if person.e164 not in stopped]
    report.heed(verdict)
    most = max(Counter(polite).values(), default=0)
    report.figures |= {
        "ways to say it": len(VARIANTS),
        "each said": "twice",
        "in force": len(stopped),
        "confirmations, at most to one": most,
    }
    report.must(not missing, f"not understood: {missing}")
    report.must(most <= 1, f"{most} confirmations to one number")
    return report


def say_all(crew: Crew, field: Field) -> None:
    """Let each person say it in another way, twice."""
    for person, words in zip(field.world.people, VARIANTS, strict=True):
        for _ in range(2):
            assert post_text(crew, person.e164, field.lots[0].e164, words) == 200
        field.stops.append({"number": person.e164, "at": crew.now().isoformat()})


def undone(crew: Crew, field: Field, other: Field, report: Report) -> None:
    """Let one person who has stopped two organisations say START to one of them."""
    first = field.world.people[0].e164
    post_text(crew, first, other.lots[0].e164, "STOP")
    here, there = suppressed(field), suppressed(other)
    post_text(crew, first, field.lots[0].e164, "START")
    report.figures["undone by one START, here and elsewhere"] = (
        f"{len(here - suppressed(field))} and {len(there - suppressed(other))}"
    )
    report.must(here - suppressed(field) == {first}, "START did not undo exactly one STOP")
    report.must(there == suppressed(other), "START undid the STOP of another organisation")
    # Says it again, so that to the oracle everybody has stopped.
    post_text(crew, first, field.lots[0].e164, "STOP")


def post_text(crew: Crew, person: str, ours: str, body: str) -> int:
    """Let a person text us; answer the webhook's status."""
    url, form = f"{crew.public_url}/hooks/twilio/inbound", inbound(person, ours, body)
    return httpx.post(url, data=form, headers=signed(url, form), timeout=30).status_code


def suppressed(field: Field) -> set[str]:
    """List the numbers that the organisation may not text."""
    rows = field.world.rows(
        "select e164 from suppression where org_id = %s and released_at is null and e164 is not null", field.world.org
    )
    return {f"+{row[0]}" for row in rows}


# R14


def webhooks(ground: Ground, scale: Scale) -> Report:
    """R14. Webhooks forged, unsigned, over the wrong address, replayed, reordered, early, foreign, enormous."""
    del scale
    report = Report()
    with ground.crew("r14", callbacks={"never": 1.0}) as crew:
        field = Field.planted(crew.db, 20, numbers=1)
        crew.serve_hooks()
        field.queue()
        crew.start_worker()
        with ticking(crew):
            wait_for(lambda: field.world.states() == {"accepted": 20})
            forged(crew, field, report)
            reordered(crew, field, report)
            early(crew, field, report)
        crew.end(*crew.workers)
    return report


Posted = Callable[..., httpx.Response]


def poster(crew: Crew, field: Field, message: object, sid: str) -> Posted:
    """Make a caller of the status hook for one text."""

    def post(status: str, token: str = TOKEN, base: str | None = None, **more: str) -> httpx.Response:
        path = f"/hooks/twilio/status?m={message}"
        form = dialect.status_form(made(sid, "+13125550001", field.lots[0].e164), status, None) | more
        headers = signed((base or crew.public_url) + path, form, token) if token else {}
        return httpx.post(crew.public_url + path, data=form, headers=headers, timeout=30)

    return post


def forged(crew: Crew, field: Field, report: Report) -> None:
    """Nothing may be written for whoever is not the carrier."""
    message, sid = field.world.rows("select id, carrier_sid from message order by id limit 1")[0]
    post, count = poster(crew, field, message, sid), "select count(*) from webhook_inbox"
    before = field.world.one(count)
    answers = [
        post("delivered", token="wrong"),
        post("delivered", token=""),
        post("delivered", base=crew.public_url.replace("http:", "https:")),
        post("delivered", base="http://elsewhere.example"),
        post("delivered", AccountSid="AC" + "9" * 32),
    ]
    large = post("delivered", Padding="x" * 1_000_000)
    kept = field.world.one(count) - before
    report.figures |= {
        "answers to forged calls": sorted({one.status_code for one in answers}),
        "answer to one megabyte": large.status_code,
        "written for them": kept,
    }
    report.must({one.status_code for one in answers} == {403}, "a forged call was not answered with 403")
    report.must(large.status_code in {413, 422}, f"one megabyte was answered with {large.status_code}")
    report.must(kept == 0, f"{kept} rows were written for forged calls")


def reordered(crew: Crew, field: Field, report: Report) -> None:
    """Delivered, then sent, then queued; each a hundred times."""
    message, sid = field.world.rows("select id, carrier_sid from message order by id limit 1")[0]
    post, state = poster(crew, field, message, sid), "select state from message where id = %s"
    seen = []
    for status in ("delivered", "sent", "queued"):
        assert {post(status).status_code for _ in range(100)} == {204}
        wait_for(lambda: not field.world.one("select count(*) from webhook_inbox where applied_at is null"))
        seen.append(field.world.one(state, message))
    events = field.world.one(
        "select count(*) from message_event where message_id = %s and state = 'delivered'", message
    )
    rows = field.world.one("select count(*) from webhook_inbox where sid = %s", sid)
    report.figures |= {"states after delivered, sent, queued": seen, "kept of 300 calls": rows}
    report.must(seen == ["delivered"] * 3, f"the status went {seen}")
    report.must(events == 1, f"a replayed call had {events} effects")
    report.must(rows == 3, f"{rows} of 300 calls were kept")


def early(crew: Crew, field: Field, report: Report) -> None:
    """A report that comes before the answer to our own call; one on a text that nobody knows; one on a foreign text."""
    world, state = field.world, "select state from message where id = %s"
    other = Field.planted_beside(field)
    other.queue()
    foreign = world.one("select id from message where org_id = %s order by id limit 1", other.world.org)
    theirs = "select count(*) from message where org_id = %s and state <> 'accepted'"
    wait_for(lambda: not world.one(theirs, other.world.org))
    crew.carrier.barrier(skip=0, count=1)
    (late,) = world.add_people(1)
    with world.db.begin(world.org) as uow:
        messaging.queue_many(uow, world.campaign, 1, [late.draft(field.lots[0].body)])
    field.dispatch()
    crew.carrier.held(1)
    mine = next(
        line for line in crew.carrier.accepted() if line["to"] == late.e164 and line["from"] == world.sender_e164
    )
    answers = [
        poster(crew, field, mine["message"], mine["sid"])("delivered").status_code,
        poster(crew, field, uuid4(), f"SM{uuid4().hex}")("delivered").status_code,
        poster(crew, field, foreign, f"SM{uuid4().hex}")("delivered").status_code,
    ]
    wait_for(lambda: world.one(state, mine["message"]) == "delivered")
    crew.carrier.release()
    wait_for(lambda: not world.one("select count(*) from message where state in ('queued', 'submitting')"))
    after, untouched = world.one(state, mine["message"]), world.one(state, foreign)
    report.figures |= {
        "answers to early, unknown and foreign": answers,
        "early one after our own answer": after,
        "foreign text": untouched,
    }
    report.must(after == "delivered", f"an early report was lost: {after}")
    report.must(untouched != "delivered", "a number of one organisation moved a text of another")
