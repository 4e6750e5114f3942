"""How many of an audience could be sent to at each hour to come, by the very function that decides. Pure.

What stands against a contact and is no matter of the hour only ever grows with time: look-ups and consent age, a text
goes stale. So whoever is refused for such a reason at the first hour is refused at all, and whoever is not refused for
one at the last is at none between; those differ by the places and the contacts alone, and one stands for all alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from leadflow.compliance.rules.gate import RULES, decide
from leadflow.compliance.types import Decision, Facts, Policy
from models.vocabulary import Purpose, Verdict

_HEARD = frozenset({Purpose.MANUAL_REPLY, Purpose.CONFIRMATION, Purpose.CALL})
_TIMELY = frozenset(rule.name for rule in RULES if rule.timely)


def sendable_by_hour(
    facts: Sequence[Facts], policy_at: Callable[[datetime], Policy], hours: Sequence[datetime]
) -> list[int]:
    """Count who could be sent to at each instant.

    Args:
        facts: of the audience, as of the first instant or before it.
        policy_at: the packs in force at an instant, compiled.
        hours: instants, earliest first.
    """
    counts: list[int] = []
    for _, group in groupby(hours, key=lambda hour: _content(policy_at(hour))):
        counts += _under_one(facts, policy_at, list(group))
    return counts


def _content(policy: Policy) -> Hashable:
    """Name what a policy holds besides its hours, which carry their own dates."""
    return (
        policy.version,
        policy.scrub_max_age,
        tuple(sorted(policy.basis_months.items())),
        tuple(sorted(policy.written_consent)),
        tuple(sorted(policy.emergencies)),
        policy.caps,
        tuple(sorted(policy.state_caps.items())),
    )


def _under_one(facts: Sequence[Facts], policy_at: Callable[[datetime], Policy], hours: Sequence[datetime]) -> list[int]:
    first, last = hours[0], hours[-1]
    alike: Counter[Hashable] = Counter()
    one_of: dict[Hashable, Facts] = {}
    each: list[Facts] = []
    for fact in facts:
        if _hard(decide(fact, policy_at(first), first)):
            continue
        if _hard(decide(fact, policy_at(last), last)):
            each.append(fact)
            continue
        key = _key(fact)
        alike[key] += 1
        one_of.setdefault(key, fact)
    return [
        sum(count for key, count in alike.items() if _goes(one_of[key], policy_at(hour), hour))
        + sum(_goes(fact, policy_at(hour), hour) for fact in each)
        for hour in hours
    ]


def _key(fact: Facts) -> Hashable:
    """Name all that the rules of the hour look at."""
    heard = fact.inbound_at if fact.sending.purpose in _HEARD else None
    return (fact.places, tuple(fact.touches), heard, fact.sending)


def _hard(decision: Decision) -> bool:
    return any(reason not in _TIMELY for reason in decision.reasons)


def _goes(fact: Facts, policy: Policy, at: datetime) -> bool:
    return decide(fact, policy, at).verdict is Verdict.SENDABLE


def on_the_hour(start: datetime, count: int) -> Iterator[datetime]:
    """List the start itself and the full hours after it."""
    yield start
    full = start.replace(minute=0, second=0, microsecond=0)
    yield from (full + timedelta(hours=ahead) for ahead in range(1, count))
