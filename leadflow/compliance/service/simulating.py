"""What if: the gate's answers at another instant, under other packs, with older look-ups, on another channel.

The facts are read by the statement that the real gate uses, and judged by the function that it calls; only what the
question changes is changed. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from leadflow.compliance.queries import facts as loader
from leadflow.compliance.queries import lists
from leadflow.compliance.queries import packs as kept
from leadflow.compliance.rules import gate, packtext
from leadflow.compliance.rules.horizon import on_the_hour, sendable_by_hour
from leadflow.compliance.service.asking import known, question
from leadflow.compliance.service.policies import compiled, packs_in_force, replaced
from leadflow.compliance.types import Ask, Decision, Facts, Pack, Policy, Recipient
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid, NotFound
from models.vocabulary import Channel

WEEK = 24 * 7
"""Hours that are looked ahead."""
FARTHEST = timedelta(days=366)
"""How far away the other instant may lie. Own choice."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is asked to be otherwise; what is left out stays as it is.

    Attributes:
        at: another instant than now.
        channel: another way of contact.
        pack, version: a stored version of a pack, in the place of that in force.
        draft: a pack as YAML, in the place of that of its name.
        scrubs_older_days: as if every look-up in the national registry were so much older.
    """

    at: datetime | None = None
    channel: Channel | None = None
    pack: str | None = None
    version: int | None = None
    draft: str | None = None
    scrubs_older_days: int = 0


@dataclass(frozen=True, slots=True)
class Answers:
    """The gate's answers to an audience as things are, and as they would be."""

    now: datetime
    at: datetime
    before: tuple[Decision, ...]
    after: tuple[Decision, ...]
    policy_before: str
    policy_after: str
    by_hour: tuple[tuple[datetime, int], ...]
    """How many could be sent to at each hour of the week from ``at`` on, as things would be."""


def simulate(
    uow: UnitOfWork, recipients: Sequence[Recipient], ask: Ask, scenario: Scenario, hours: int = WEEK
) -> Answers:
    """Ask the gate twice about the same people.

    Args:
        uow: the caller's transaction.
        recipients: one, or a whole audience.
        ask: on whose behalf.
        scenario: what would be otherwise.
        hours: how many hours ahead are counted.

    Raises:
        BadPack: the draft is no pack.
        Invalid: the instant is too far away.
        NotFound: no such version.
    """
    now = uow.now()
    at = scenario.at or now
    if abs(at - now) > FARTHEST:
        raise Invalid("Ask about an instant within a year.", "at")
    other = replace(ask, channel=scenario.channel or ask.channel)
    pack = _pack(uow, scenario)
    policy_at = _policies(uow, pack, other.channel)
    present = _Load(uow, recipients, ask, now, now, policy=None)
    then = _Load(uow, recipients, other, at, now, policy=policy_at(at))
    aged = [_older(fact, timedelta(days=scenario.scrubs_older_days)) for fact in then.facts]
    clock = tuple(on_the_hour(at, hours))
    return Answers(
        now=now,
        at=at,
        before=tuple(gate.decide(fact, present.policy, now) for fact in present.facts),
        after=tuple(gate.decide(fact, policy_at(at), at) for fact in aged),
        policy_before=present.policy.version,
        policy_after=policy_at(at).version,
        by_hour=tuple(zip(clock, sendable_by_hour(aged, policy_at, clock), strict=True)) if hours else (),
    )


class _Load:
    """Facts of an audience as of an instant, and the packs in force then."""

    def __init__(
        self,
        uow: UnitOfWork,
        recipients: Sequence[Recipient],
        ask: Ask,
        at: datetime,
        now: datetime,
        *,
        policy: Policy | None,
    ) -> None:
        asked = question(uow, ask, at, past=at < now)
        self.policy = asked.policy
        span = asked.moment.span if policy is None else max(asked.moment.span, gate.longest_cap(policy))
        moment = loader.Moment(at, span, past=at < now)
        self.facts = known(uow, asked.sending, recipients, moment) if recipients else []


def _pack(uow: UnitOfWork, scenario: Scenario) -> Pack | None:
    if scenario.draft:
        return packtext.read(scenario.draft)
    if scenario.pack is None:
        return None
    row = kept.stored(uow, scenario.pack, scenario.version, uow.now().date())
    if row is None:
        raise NotFound("There is no such version of this pack.")
    return Pack(row.name, row.content, row.digest)


def _policies(uow: UnitOfWork, pack: Pack | None, channel: Channel) -> Callable[[datetime], Policy]:
    by_day: dict[object, Policy] = {}

    def policy_at(at: datetime) -> Policy:
        found = by_day.get(at.date())
        if found is None:
            packs = packs_in_force(uow, at)
            packs = packs if pack is None else replaced(packs, pack)
            found = by_day.setdefault(at.date(), compiled(packs, channel, at.date()))
        return found

    return policy_at


def _older(fact: Facts, by: timedelta) -> Facts:
    return fact if not by or fact.national_at is None else fact._replace(national_at=fact.national_at - by)


def recipient_of(uow: UnitOfWork, e164: str) -> Recipient:
    """Find whom a number stands for."""
    known = lists.known(uow, int(e164[1:]))
    if known is None:
        return Recipient(e164=e164)
    return Recipient(known.lead_id, known.property_id, known.person_id, known.phone_id)
