"""R15: the hours, on the days on which clocks change, where they do not, and when our own clock is stepped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from leadflow.messaging import service as messaging
from tests.faults import oracle
from tests.faults.crew import Crew, wait_for
from tests.faults.field import Field, Lot
from tests.faults.ground import Ground, Report, Scale

DAYS = ("2026-11-01", "2027-03-14")
"""Clocks go back and forward."""
EDGES = (time(7, 59, 57), time(8, 0, 1), time(20, 54, 50), time(20, 55, 1), time(20, 59, 57), time(21, 0, 1))
"""Wall clock of each place: around the opening, the last submission that is planned, and the closing."""
LAST = time(20, 55)
"""No text is submitted later, so that none arrives after nine."""
STEP = timedelta(hours=2)
APART = timedelta(seconds=5)
"""After the first visit, so that the pace allows the next text."""
SLICE_S = 0.1
TRIES = 10
SOON, LATE = time(8, 0, 30), time(20, 54, 50)
"""The first text must be there by then, and the last not before."""
QUESTION = timedelta(hours=23)
"""After which the carrier has been asked for the end of every text that it has not reported, whatever the clock did."""


@dataclass(frozen=True)
class Place:
    """Somewhere that people live: area code, state, and every zone that the two may mean."""

    name: str
    area: int
    state: str
    zones: tuple[str, ...]


PLACES = (
    Place("New York", 212, "NY", ("America/New_York",)),
    # The Navajo Nation's part of Arizona keeps summer time.
    Place("Phoenix", 602, "AZ", ("America/Phoenix", "America/Denver")),
    Place("Indiana, two zones", 812, "IN", ("America/Indiana/Indianapolis", "America/Chicago")),
    Place("Honolulu", 808, "HI", ("Pacific/Honolulu",)),
    Place("Puerto Rico", 787, "PR", ("America/Puerto_Rico",)),
    Place("New York's number, lives in California", 212, "CA", ("America/New_York", "America/Los_Angeles")),
)


def edges(ground: Ground, scale: Scale) -> Report:
    """R15. Texts are due all day; each place's edges are visited to the second, then our clock is stepped."""
    del scale
    report = Report()
    for day in DAYS:
        begins = datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=UTC)
        with ground.crew(f"r15-{day}", starts_at=begins, latency_ms=0, callbacks={"never": 1.0}) as crew:
            field = settled(crew, PLACES)
            field.queue()
            for at in instants(day):
                visit(crew, field, at)
            left = call_off(crew, field)
            verdict = field.judged(crew.carrier.log)
            sent = {lot.tag: times(crew, lot) for lot in field.lots}
        report.heed(verdict)
        report.figures[f"{day}: sent, called off in the end"] = f"{verdict['figures']['accepted']}, {left}"
        look(report, day, sent)
        stepped(ground, day, report)
    report.figures.pop("texts")
    report.figures.pop("taken by the carrier")
    return report


def settled(crew: Crew, places: Sequence[Place]) -> Field:
    """Let people live in each place, each place with a number of ours and more texts than the day will see."""
    field = Field.planted(crew.db, 0, numbers=1, per_minute=60)
    world = field.world
    field.lots.clear()
    for index, place in enumerate(places):
        world.people.clear()
        world.first = 10_000_000_000 + place.area * 10_000_000 + 5_550_000 + index * 100
        people = tuple(world.add_people(60))
        world.do(
            "update property set state = %s, zip5 = null where id = any(%s)", place.state, [p.property for p in people]
        )
        world.do("update person set mailing_state = %s where id = any(%s)", place.state, [p.person for p in people])
        e164 = f"+1773558{index:04d}"
        sender = field.add_sender(e164)
        campaign = world.add_campaign(
            sender_number_id=sender, window_start=time(0), window_end=time(23, 59), weekdays=list(range(7))
        )
        field.lots.append(Lot(place.name, campaign, sender, e164, people))
        field.zones |= {one.e164: list(place.zones) for one in people}
    return field


def instants(day: str) -> list[datetime]:
    """List every edge of every zone of a day, in order."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=UTC)
    found = set[datetime]()
    for zone in {zone for place in PLACES for zone in place.zones}:
        for edge in EDGES:
            guess = midnight + timedelta(hours=edge.hour, minutes=edge.minute, seconds=edge.second)
            # The clock is far from its change at these hours, so that one step finds the instant.
            found.add(guess - (oracle.local(zone, guess + timedelta(hours=8)) - guess - timedelta(hours=8)))
    return sorted(found)


def visit(crew: Crew, field: Field, at: datetime) -> None:
    """Go to an instant and serve every number until it has sent something or may not."""
    crew.advance(at - crew.now())
    field.world.db = crew.db
    for lot in field.lots:
        for _ in range(TRIES):
            done = messaging.send(crew.db, field.world.org, lot.sender, slice_s=SLICE_S)
            if done.taken or done.again_at is None or done.again_at > crew.now():
                break


def stepped(ground: Ground, day: str, report: Report) -> None:
    """Step the clock by two hours, both ways, late in New York's evening: at each the clock that is told decides."""
    evening = datetime.fromisoformat(f"{day}T20:00").replace(tzinfo=UTC)
    evening -= oracle.local("America/New_York", evening) - evening
    counts: list[int] = []
    # Nobody reports, and the carrier knows at once how each text ends.
    known = {"never": 1.0, "sent_after_s": 0.0, "final_after_s": 0.0}
    with ground.crew(f"r15-step-{day}", starts_at=evening - STEP, latency_ms=0, callbacks=known) as crew:
        field = settled(crew, PLACES[:1])
        field.queue()
        for at in (evening, evening + STEP, evening + APART, evening - STEP):
            before = len(crew.carrier.accepted())
            visit(crew, field, at)
            counts.append(len(crew.carrier.accepted()) - before)
        # The reconciler asks of a text by the clock at which it went, which was ahead of this one.
        crew.advance(evening + STEP - crew.now())
        call_off(crew, field)
        report.heed(field.judged(crew.carrier.log))
    report.figures[f"{day}: texts at 20:00, at a step to 22:00, back, and to 18:00"] = counts
    report.must(counts[0] and counts[2], f"{day}: nothing was sent at 20:00: {counts}")
    report.must(not counts[1], f"{day}: {counts[1]} texts at 22:00")


def call_off(crew: Crew, field: Field) -> int:
    """Take back what the day had no time for, so that every text is accounted for; ask for the ends of the others."""
    with field.world.db.begin(field.world.org) as uow:
        left = sum(messaging.withdraw_campaign(uow, lot.campaign) for lot in field.lots)
    crew.advance(QUESTION)

    def over() -> bool:
        messaging.reconcile(crew.db)
        return not field.unfinished()

    field.world.db = crew.db
    wait_for(over, step_s=0.5)
    return left


def times(crew: Crew, lot: Lot) -> list[datetime]:
    """List when a place's texts were posted."""
    return sorted(datetime.fromisoformat(one["begun"]) for one in crew.carrier.accepted() if one["from"] == lot.e164)


def look(report: Report, day: str, sent: dict[str, list[datetime]]) -> None:
    """Note each place's first and last text by its own clocks."""
    for place in PLACES:
        # The zone that opens last and the one that closes first.
        opening = [min(oracle.local(zone, at) for zone in place.zones) for at in sent[place.name]]
        closing = [max(oracle.local(zone, at) for zone in place.zones) for at in sent[place.name]]
        if not opening:
            report.faults.append(f"{day}, {place.name}: nothing was sent")
            continue
        first, last = min(opening).time(), max(closing).time()
        report.figures[f"{day}, {place.name}: first, last"] = f"{first:%H:%M:%S}, {last:%H:%M:%S}"
        report.must(time(8) <= first < SOON, f"{day}, {place.name}: first at {first}")
        report.must(LATE <= last < LAST, f"{day}, {place.name}: last at {last}, not within {LATE} and {LAST}")
