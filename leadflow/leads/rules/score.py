"""Decides how promising a lead is: points of a hundred, each with the field it comes from and the rule in words. Pure.

Nothing is learnt and nothing is hidden: the score is the sum of its parts, and a part grows with its own fact alone.
The list sorts by it, so ``queries.scoring`` says the same in SQL, to the last bit: the arithmetic here is of binary
fractions in one order, and a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from leadflow.kernel.errors import Invalid
from leadflow.leads.card_types import Score, ScorePart
from models.vocabulary import LineType, PhoneStatus

WEIGHTS: Mapping[str, int] = {
    "equity": 25,
    "stack": 20,
    "absentee": 15,
    "ownership": 10,
    "probate": 10,
    "phone": 10,
    "contactable": 10,
}
"""Points that each fact can bring, together a hundred. Own choice: what can be bought (equity) and how often somebody
is named as likely to sell (lists) weigh most; whether he can be reached weighs least, for a letter can always go."""
FULL_STACK, FULL_YEARS = 5, 20
"""From so many lists, and years of ownership, on there are no more points to get."""
DAYS = 365.2425
"""In a year."""
_WHOLE = 100
NUDGE = 1e-6
"""Added before points are cut to whole ones: 0.7 of ten is seven, whatever a binary fraction makes of it."""
LINES: Mapping[LineType, float] = {
    LineType.MOBILE: 0.7,
    LineType.VOIP: 0.5,
    LineType.LANDLINE: 0.3,
    LineType.TOLL_FREE: 0.1,
    LineType.UNKNOWN: 0.2,
}


@dataclass(frozen=True, slots=True)
class ScoreFacts:
    """What a score is made of; None is not known, and brings nothing.

    Attributes:
        equity_percent: of the estimated value.
        stack: on how many lists.
        owner_occupied: whether the owner lives there.
        sold_on: when it was last sold.
        probate: somebody died, or an estate was opened.
        line: of the best number; None where there is no number.
        status: what the team found out about that number.
        contactable: there is such a number, and no opt-out or other mark stands against it or its person.
    """

    equity_percent: float | None = None
    stack: int = 0
    owner_occupied: bool | None = None
    sold_on: date | None = None
    probate: bool = False
    line: LineType | None = None
    status: PhoneStatus | None = None
    contactable: bool = False


def check_weights(given: Mapping[str, int]) -> dict[str, int]:
    """Check weights that somebody chose.

    Raises:
        Invalid: a name is unknown, one is missing or below nothing, or together they are not a hundred.
    """
    if set(given) != set(WEIGHTS):
        raise Invalid(f"Say of each what it weighs: {', '.join(WEIGHTS)}.", "weights")
    wrong = next((name for name, weight in given.items() if not 0 <= weight <= _WHOLE), None)
    if wrong is not None:
        raise Invalid("Write a whole number from 0 to 100.", wrong)
    if (whole := sum(given.values())) != _WHOLE:
        raise Invalid(f"Together they are {whole}; make it 100.", "weights")
    return {name: given[name] for name in WEIGHTS}


def labels() -> dict[str, str]:
    """Name the facts for people, in their order."""
    return {name: rule.label for name, rule in _RULES.items()}


def score(facts: ScoreFacts, today: date, weights: Mapping[str, int] = WEIGHTS) -> Score:
    """Score a lead.

    Args:
        facts: what is known.
        today: the day on which years of ownership are counted.
        weights: by the names of ``WEIGHTS``, together at most a hundred; what is missing weighs nothing.
    """
    parts = tuple(
        ScorePart(name, rule.label, int(of * _share(rule.share(facts, today)) + NUDGE), of, rule.words(facts, today))
        for name, rule in _RULES.items()
        if (of := max(0, weights.get(name, 0)))
    )
    return Score(min(_WHOLE, sum(part.points for part in parts)), parts)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One part: its name for people, the share of its weight that a lead gets (0 to 1), and why in words."""

    label: str
    share: Callable[[ScoreFacts, date], float]
    words: Callable[[ScoreFacts, date], str]


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))


def _equity(facts: ScoreFacts, today: date) -> float:
    del today
    return (facts.equity_percent or 0) / 100


def _equity_words(facts: ScoreFacts, today: date) -> str:
    del today
    known = "not known" if facts.equity_percent is None else f"{facts.equity_percent:.0f} % of the value"
    return f"Equity is {known}; all points at 100 %."


def _stack(facts: ScoreFacts, today: date) -> float:
    del today
    return facts.stack / FULL_STACK


def _stack_words(facts: ScoreFacts, today: date) -> str:
    del today
    return f"On {facts.stack} {'list' if facts.stack == 1 else 'lists'}; all points from {FULL_STACK} on."


def _absentee(facts: ScoreFacts, today: date) -> float:
    del today
    return 1.0 if facts.owner_occupied is False else 0.0


def _absentee_words(facts: ScoreFacts, today: date) -> str:
    del today
    if facts.owner_occupied is None:
        return "Whether the owner lives there is not known."
    return "The owner lives there." if facts.owner_occupied else "The owner lives elsewhere: all points."


def _years(facts: ScoreFacts, today: date) -> float:
    return 0.0 if facts.sold_on is None else max(0.0, (today - facts.sold_on).days / DAYS)


def _ownership(facts: ScoreFacts, today: date) -> float:
    return _years(facts, today) / FULL_YEARS


def _ownership_words(facts: ScoreFacts, today: date) -> str:
    if facts.sold_on is None:
        return "When it was last sold is not known."
    years = int(_years(facts, today))
    return f"Owned for {years} {'year' if years == 1 else 'years'}; all points from {FULL_YEARS} on."


def _probate(facts: ScoreFacts, today: date) -> float:
    del today
    return 1.0 if facts.probate else 0.0


def _probate_words(facts: ScoreFacts, today: date) -> str:
    del today
    return "An owner died, or an estate was opened: all points." if facts.probate else "No death and no estate known."


def _phone(facts: ScoreFacts, today: date) -> float:
    del today
    if facts.line is None or facts.status in {PhoneStatus.WRONG, PhoneStatus.DEAD}:
        return 0.0
    return 1.0 if facts.status is PhoneStatus.CORRECT else LINES[facts.line]


def _phone_words(facts: ScoreFacts, today: date) -> str:
    del today
    if facts.line is None:
        return "No number on record."
    if facts.status in {PhoneStatus.WRONG, PhoneStatus.DEAD}:
        return f"The best number is {facts.status}."
    if facts.status is PhoneStatus.CORRECT:
        return "The best number is known to be correct: all points."
    line = facts.line.value.replace("_", "-")
    return f"The best number ({line}) is not yet known to be correct."


def _contactable(facts: ScoreFacts, today: date) -> float:
    del today
    return 1.0 if facts.contactable else 0.0


def _contactable_words(facts: ScoreFacts, today: date) -> str:
    del today
    if facts.contactable:
        return "No opt-out and no other mark stands against the best number: all points."
    if facts.line is None:
        return "No number on record."
    return "An opt-out or another mark stands against the best number."


_RULES: Mapping[str, _Rule] = {
    "equity": _Rule("Equity", _equity, _equity_words),
    "stack": _Rule("Lists", _stack, _stack_words),
    "absentee": _Rule("Absentee owner", _absentee, _absentee_words),
    "ownership": _Rule("Years owned", _ownership, _ownership_words),
    "probate": _Rule("Probate", _probate, _probate_words),
    "phone": _Rule("Best phone", _phone, _phone_words),
    "contactable": _Rule("Contactable", _contactable, _contactable_words),
}
