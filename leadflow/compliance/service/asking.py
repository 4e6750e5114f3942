"""Ask the gate: what would it say? Leaves no trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache

from leadflow.compliance.queries import erased as erasures
from leadflow.compliance.queries import facts as loader
from leadflow.compliance.queries import lists
from leadflow.compliance.queries import packs as kept
from leadflow.compliance.queries.past import kept_since
from leadflow.compliance.rules import gate, state
from leadflow.compliance.rules.explain import local_times
from leadflow.compliance.rules.policy import FEDERAL, campaign_window
from leadflow.compliance.rules.windows import closing
from leadflow.compliance.service.policies import compiled, packs_in_force
from leadflow.compliance.service.secrets import phone_key
from leadflow.compliance.types import Ask, Decision, Facts, Pack, Policy, Recipient, Sending, Window
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import Verdict


@dataclass(frozen=True, slots=True)
class Question:
    """A batch ready to be judged."""

    sending: Sending
    policy: Policy
    packs: tuple[Pack, ...]
    moment: loader.Moment


def assess(uow: UnitOfWork, recipients: Sequence[Recipient], ask: Ask, now: datetime) -> list[Decision]:
    """Say of each recipient what the gate would say at ``now``; writes nothing.

    Args:
        uow: the caller's transaction.
        recipients: a few, or a whole audience: it is one statement either way.
        ask: on whose behalf.
        now: the instant that is judged; the records count as they stand in this transaction.

    Returns:
        One decision a recipient, in order.
    """
    if not recipients:
        return []
    asked = question(uow, ask, now, past=False)
    facts = gather(uow, asked, recipients)
    return [gate.decide(fact, asked.policy, now) for fact in facts]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the gate would say to one contact, and for how long."""

    decision: Decision
    clocks: tuple[tuple[str, str], ...]
    """Zone and wall clock of every place where the person may be, each zone once."""
    closes_at: datetime | None
    """When the hours end at the first of these places; None where they are over, or no end is near."""


def outlook(uow: UnitOfWork, recipient: Recipient, ask: Ask, now: datetime) -> Outlook:
    """Say what ``assess`` says of one recipient, what time it is there, and when the hours end; writes nothing."""
    asked = question(uow, ask, now, past=False)
    facts = facts_of(uow, asked, recipient)
    decision = gate.decide(facts, asked.policy, now)
    clocks = {zone: local for _, _, zone, local in local_times(facts, now)}
    open_now = decision.verdict is Verdict.SENDABLE and facts.places
    until = closing(asked.policy, facts.places, asked.sending.window, now) if open_now and facts.places else None
    return Outlook(decision, tuple(clocks.items()), until)


def gather(uow: UnitOfWork, asked: Question, recipients: Sequence[Recipient]) -> list[Facts]:
    """Read what the rules need to know of each recipient, in the order given."""
    return known(uow, asked.sending, recipients, asked.moment)


def known(uow: UnitOfWork, sending: Sending, recipients: Sequence[Recipient], moment: loader.Moment) -> list[Facts]:
    """Read what is known of recipients as of a moment.

    A suppression whose number was erased counts for whoever comes with that number: it is held against the keyed hash,
    here and not in SQL, because the secret of the hash is never in the database.
    """
    found = loader.load(uow, sending, recipients, moment)
    erased = erasures.by_key(uow, moment)
    if not erased:
        return found
    return [_with_erased(fact, erased) for fact in found]


def _with_erased(fact: Facts, erased: Mapping[bytes, erasures.Erased]) -> Facts:
    known = None if fact.e164 is None else erased.get(phone_key(fact.e164))
    if known is None:
        return fact
    opted_out = max(filter(None, (fact.opted_out_at, known.opted_out_at)), default=None)
    kinds = [*fact.suppressions, *sorted(known.kinds - set(fact.suppressions))]
    return fact._replace(suppressions=kinds, opted_out_at=opted_out)


def question(uow: UnitOfWork, ask: Ask, at: datetime, *, past: bool) -> Question:
    """Read what holds for a whole batch.

    Args:
        uow: the caller's transaction.
        ask: on whose behalf.
        at: the instant that is judged.
        past: read the records as they stood at ``at``.
    """
    packs = packs_in_force(uow, at)
    policy = compiled(packs, ask.channel, at.date())
    batch = kept.batch(uow, ask.campaign_id, ask.sender_number_id, at, then=past)
    paused = kept.was_paused(uow, at) if past else batch.paused
    sending = Sending(
        purpose=ask.purpose,
        channel=ask.channel,
        paused=paused,
        campaign_id=ask.campaign_id,
        step=ask.step,
        campaign_state=batch.campaign_state,
        basis=batch.basis,
        window=_own_window(batch),
        send_before=batch.send_before,
        sender_id=batch.sender_id,
        registration=batch.registration,
        sender_disabled=batch.sender_disabled,
        budget_left=batch.budget_left,
    )
    return Question(sending, policy, packs, loader.Moment(at, gate.longest_cap(policy), past))


def judged(uow: UnitOfWork, asked: Question, recipient: Recipient) -> tuple[Facts, Decision]:
    """Judge one recipient; of a time before records were kept by date only what is known counts."""
    facts = facts_of(uow, asked, recipient)
    undated = asked.moment.past and asked.moment.at < kept_since(uow)
    if undated:
        facts = state.undated(facts)
    decision = gate.decide(facts, asked.policy, asked.moment.at)
    return facts, state.unsure(decision, campaign=asked.sending.campaign_id is not None) if undated else decision


def recipient_of(uow: UnitOfWork, e164: str, at: datetime | None) -> Recipient:
    """Find whom a number stands for, now or as it stood at an instant."""
    known = lists.known(uow, int(e164[1:]), at)
    if known is None:
        return Recipient(e164=e164)
    return Recipient(known.lead_id, known.property_id, known.person_id, known.phone_id)


def facts_of(uow: UnitOfWork, asked: Question, recipient: Recipient) -> Facts:
    """Read what the rules need to know of one recipient."""
    return gather(uow, asked, [recipient])[0]


def _own_window(batch: kept.Batch) -> Window | None:
    if batch.window_start is None or batch.window_end is None:
        return None
    return _campaign_window(
        batch.window_start, batch.window_end, tuple(batch.weekdays or ()), FEDERAL if batch.skip_holidays else ()
    )


@lru_cache(maxsize=512)
def _campaign_window(start: time, end: time, weekdays: tuple[int, ...], holidays: tuple[str, ...]) -> Window:
    # Windows are compared by identity, and answers are cached by them.
    return campaign_window(start, end, weekdays, holidays)
