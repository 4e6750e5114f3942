"""A small model of the send protocol, walked through every state that it can reach. Pure Python, nothing of LeadFlow.

What is in it: two workers, one or two texts, STOP, a crash of either worker at any point, a worker that sleeps past
its lease and wakes, a carrier that takes a text or loses it, answers or does not, reports or does not, and lists with
a lag; the sweeper, the reconciler with its two looks, the way back to the queue. Time is what it allows: a lease may
end at any moment after its claim; the second look comes far enough after the first that a lagging list has caught up;
a call of which the deadline has passed is over.

What must hold, in every state: the carrier never takes a text twice; no call begins after STOP is in force, save one
that the last look before it had cleared (the worker looks again before each call that waited); a text that the machine
calls unsent is not at the carrier. And in the end: from every state an end can be reached, and whatever goes on for
ever, if each step that stays possible is taken at last, ends with every text accounted for.

``explore`` answers how many states there are and the shortest way to the first fault. ``Rules`` switches single
safeguards off: each of these machines must be found faulty, or the walk would prove nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

QUEUED, SUBMITTING, UNKNOWN = "queued", "submitting", "unknown"
ACCEPTED, WITHDRAWN, HUMAN = "accepted", "withdrawn", "human"
ENDS = frozenset({ACCEPTED, WITHDRAWN, HUMAN})
TWICE = "the carrier took a text twice"
STOPPED = "a call began after STOP"
DENIED = "a text that is called unsent is at the carrier"


@dataclass(frozen=True)
class Rules:
    """The safeguards. All on is the machine as it is built."""

    fence: bool = True
    """An answer counts only for the submission that it belongs to."""
    timed: bool = True
    """A call begins only within its lease: whoever slept past it posts nothing."""
    doubt: bool = True
    """A text whose lease ended is looked for at the carrier, not queued again."""
    looks: int = 2
    """Empty lists that prove absence."""
    gated: bool = True
    """The submit transaction asks for STOP under the lock that STOP takes."""
    again: bool = True
    """Between the transaction and the call STOP is looked at once more."""
    written: bool = True
    """The submission is committed before the call begins."""
    most: int = 2
    """After so many submissions that came to nothing a person decides (eight looks in the real machine)."""


class Text(NamedTuple):
    """One text: what the machine believes, and what is true."""

    state: str = QUEUED
    fence: int = 0
    leased: bool = False
    """Its lease has not ended."""
    empty: int = 0
    """Empty lists seen."""
    taken: int = 0
    """How often the carrier took it. The truth."""
    listed: int = 0
    """How many of these the carrier's list shows yet."""
    reports: int = 0
    """Reports of the carrier that are on their way."""


class Worker(NamedTuple):
    """What one worker holds: a text and its fence, and how far the call has got."""

    text: int = -1
    fence: int = 0
    phase: str = "idle"
    """``idle``, ``cleared`` (committed), ``fresh`` (looked again), ``calling``, ``answered``."""
    answer: str = ""
    late: bool = False
    """It slept past its lease."""
    stop_seen: bool = False
    """STOP was in force when the call was cleared for the last time."""


class State(NamedTuple):
    """Everything."""

    texts: tuple[Text, ...]
    workers: tuple[Worker, ...]
    stop: bool = False
    crashes: int = 0
    wrong: str = ""
    """A call that began although STOP was in force when it was last looked at."""


class Step(NamedTuple):
    """One thing that may happen."""

    name: str
    to: State


def start(texts: int, workers: int = 2) -> State:
    """Nothing has happened yet."""
    return State((Text(),) * texts, (Worker(),) * workers)


def _text(of: State, index: int, /, **changed: Any) -> State:
    texts = list(of.texts)
    texts[index] = texts[index]._replace(**changed)
    return of._replace(texts=tuple(texts))


def _worker(state: State, index: int, worker: Worker) -> State:
    workers = list(state.workers)
    workers[index] = worker
    return state._replace(workers=tuple(workers))


def steps(state: State, rules: Rules, most_crashes: int) -> Iterator[Step]:
    """List all that may happen next."""
    if not state.stop:
        yield Step("STOP", _stop(state))
    for index, worker in enumerate(state.workers):
        yield from _of_worker(state, index, worker, rules)
        if worker.phase != "idle" and state.crashes < most_crashes:
            yield Step(f"crash {index}", _worker(state, index, Worker())._replace(crashes=state.crashes + 1))
    for index, text in enumerate(state.texts):
        yield from _of_text(state, index, text, rules)


def _stop(state: State) -> State:
    """The opt-out commits; its job withdraws what is queued."""
    for index, text in enumerate(state.texts):
        if text.state == QUEUED:
            state = _text(state, index, state=WITHDRAWN)
    return state._replace(stop=True)


def _of_worker(state: State, index: int, worker: Worker, rules: Rules) -> Iterator[Step]:
    match worker.phase:
        case "idle":
            yield from _claims(state, index, rules)
        case "cleared":
            yield from _looks(state, index, worker, rules)
        case "fresh":
            yield from _posts(state, index, worker, rules)
        case "calling":
            yield from _carrier(state, index, worker)
        case "answered":
            yield Step(f"record {index}", _recorded(state, index, worker, rules))


def _claims(state: State, index: int, rules: Rules) -> Iterator[Step]:
    for number, text in enumerate(state.texts):
        if text.state != QUEUED:
            continue
        if state.stop and rules.gated:
            yield Step(f"block {number}", _text(state, number, state=WITHDRAWN))
            continue
        fence = text.fence + 1
        if fence > rules.most:
            yield Step(f"give up {number}", _text(state, number, state=HUMAN))
            continue
        held = Worker(number, fence, "cleared", stop_seen=state.stop)
        if rules.written:
            yield Step(f"submit {number} by {index}", _worker(
                _text(state, number, state=SUBMITTING, fence=fence, leased=True, empty=0), index, held))  # fmt: skip
        else:
            yield Step(f"take {number} by {index}", _worker(state, index, held))


def _looks(state: State, index: int, worker: Worker, rules: Rules) -> Iterator[Step]:
    if worker.late and rules.timed:
        yield Step(f"let go {index}", _worker(state, index, Worker()))
        return
    if state.stop and rules.again:
        gone = _worker(state, index, Worker())
        if state.texts[worker.text].fence == worker.fence and state.texts[worker.text].state == SUBMITTING:
            gone = _text(gone, worker.text, state=WITHDRAWN, leased=False)
        yield Step(f"recall {index}", gone)
        return
    yield Step(f"look {index}", _worker(state, index, worker._replace(phase="fresh", stop_seen=state.stop)))


def _posts(state: State, index: int, worker: Worker, rules: Rules) -> Iterator[Step]:
    if worker.late and rules.timed:
        yield Step(f"let go {index}", _worker(state, index, Worker()))
        return
    wrong = STOPPED if worker.stop_seen else state.wrong
    yield Step(f"post {index}", _worker(state, index, worker._replace(phase="calling"))._replace(wrong=wrong))


def _carrier(state: State, index: int, worker: Worker) -> Iterator[Step]:
    """The carrier takes it and answers, takes it and does not, loses it and nobody knows, or certainly refuses it."""
    text = state.texts[worker.text]
    took = _text(state, worker.text, taken=text.taken + 1, reports=text.reports + 1)
    for name, after, answer in (
        ("takes", took, "sid"),
        ("takes, the answer is lost", took, "nobody knows"),
        ("loses", state, "nobody knows"),
        ("refuses to take it now", state, "not sent"),
    ):
        yield Step(f"carrier {name} ({index})", _worker(after, index, worker._replace(phase="answered", answer=answer)))


def _recorded(state: State, index: int, worker: Worker, rules: Rules) -> State:
    """Write the answer down, if the text is still the one that was submitted."""
    text, free = state.texts[worker.text], _worker(state, index, Worker())
    if rules.fence and text.fence != worker.fence:
        return free
    if worker.answer == "sid":
        return free if text.state in ENDS else _text(free, worker.text, state=ACCEPTED, leased=False)
    if rules.written and text.state != SUBMITTING:
        return free
    if text.state in ENDS:
        return free
    if worker.answer == "not sent":
        return _text(free, worker.text, state=WITHDRAWN if state.stop else QUEUED, leased=False)
    return _text(free, worker.text, state=UNKNOWN, leased=False)


def _of_text(state: State, index: int, text: Text, rules: Rules) -> Iterator[Step]:
    if text.state == SUBMITTING and text.leased:
        yield Step(f"lease {index} ends", _expired(state, index, rules))
    if text.listed < text.taken:
        yield Step(f"list shows {index}", _text(state, index, listed=text.taken))
    if text.reports:
        heard = _text(state, index, reports=text.reports - 1)
        yield Step(f"report on {index} is lost", heard)
        if text.state not in ENDS:
            yield Step(f"report on {index}", _text(heard, index, state=ACCEPTED, leased=False))
    if text.state == UNKNOWN:
        yield from _reconciled(state, index, text, rules)


def _expired(state: State, index: int, rules: Rules) -> State:
    """The lease ends: whoever holds the text has slept past it, and the sweeper finds it."""
    workers = tuple(
        one._replace(late=True) if one.text == index and one.fence == state.texts[index].fence else one
        for one in state.workers
    )
    ended = UNKNOWN if rules.doubt else WITHDRAWN if state.stop else QUEUED
    return _text(state._replace(workers=workers), index, state=ended, leased=False)


def _reconciled(state: State, index: int, text: Text, rules: Rules) -> Iterator[Step]:
    """Look for an unknown text. A call of the submission in doubt is over by its deadline before the last look."""
    if text.listed:
        yield Step(f"found {index}", _text(state, index, state=ACCEPTED))
        return
    if text.empty + 1 < rules.looks:
        yield Step(f"nothing listed for {index}", _text(state, index, empty=text.empty + 1))
        return
    under_way = any(one.text == index and one.phase == "calling" for one in state.workers)
    lagging = text.listed < text.taken
    if rules.looks > 1 and (under_way or lagging):
        # Minutes lie between the looks: a call ends in seconds, and the list shows by then what was taken.
        return
    to = WITHDRAWN if state.stop else QUEUED
    yield Step(f"absent {index}", _text(state, index, state=to, empty=0))


def faults(state: State) -> frozenset[str]:
    """Say what is wrong with a state."""
    found = {state.wrong} if state.wrong else set[str]()
    if any(text.taken > 1 for text in state.texts):
        found.add(TWICE)
    for index, text in enumerate(state.texts):
        held = any(one.text == index and one.phase != "idle" for one in state.workers)
        if text.state == WITHDRAWN and text.taken and not held:
            found.add(DENIED)
    return frozenset(found)


@dataclass(frozen=True)
class Found:
    """What a walk found.

    Attributes:
        states: how many there are.
        moves: from one to another.
        fault: the first that was met; empty when there is none.
        path: the shortest way to it.
        stuck: states from which no end can be reached.
    """

    states: int
    moves: int
    fault: str = ""
    path: tuple[str, ...] = ()
    stuck: int = 0


def explore(texts: int, rules: Rules | None = None, most_crashes: int = 2, only: str = "") -> Found:
    """Walk through every state, breadth first; stop at the first fault, or at the first of one sort."""
    rules = rules or Rules()
    first = start(texts)
    came: dict[State, tuple[State, str] | None] = {first: None}
    follows: dict[State, list[State]] = {}
    todo, moves = deque([first]), 0
    while todo:
        state = todo.popleft()
        wrong = faults(state)
        if only in wrong or (wrong and not only):
            return Found(len(came), moves, only or min(wrong), _path(came, state))
        following = list(steps(state, rules, most_crashes))
        follows[state] = [step.to for step in following]
        moves += len(following)
        for step in following:
            if step.to not in came:
                came[step.to] = (state, step.name)
                todo.append(step.to)
    return Found(len(came), moves, stuck=stuck(follows))


def _path(came: dict[State, tuple[State, str] | None], state: State) -> tuple[str, ...]:
    names: list[str] = []
    while (step := came[state]) is not None:
        state, name = step
        names.append(name)
    return tuple(reversed(names))


def ended(state: State) -> bool:
    """Say whether every text is accounted for."""
    return all(text.state in ENDS for text in state.texts)


def stuck(follows: dict[State, list[State]]) -> int:
    """Count the states from which no end can be reached; what is ended must stay so.

    Then every part of the graph that nothing leads out of consists of ends, and that is where each run is at last that
    takes every step that stays possible.
    """
    before: dict[State, list[State]] = {}
    for state, following in follows.items():
        for after in following:
            before.setdefault(after, []).append(state)
    reach = {state for state in follows if ended(state)}
    assert all(ended(after) for state in reach for after in follows[state]), "an end was left"
    todo = deque(reach)
    while todo:
        for state in before.get(todo.popleft(), ()):
            if state not in reach:
                reach.add(state)
                todo.append(state)
    return len(follows) - len(reach)


PLANTED: dict[str, tuple[Rules, str]] = {
    "no fence: a late answer counts for whatever submission there is": (Rules(fence=False, most=3), TWICE),
    "no deadline: who slept past his lease posts all the same": (Rules(timed=False), TWICE),
    "blind retry: a text whose lease ended is queued again": (Rules(doubt=False), TWICE),
    "queued again after one empty list": (Rules(looks=1), TWICE),
    "called before the submission is committed": (Rules(written=False), TWICE),
    "the submit transaction does not ask for STOP, nor does a look": (Rules(gated=False, again=False), STOPPED),
    "no look between the transaction and the call": (Rules(again=False), STOPPED),
}
"""Machines with one safeguard missing, and the fault that the walk must find in each."""
