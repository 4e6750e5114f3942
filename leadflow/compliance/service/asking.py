"""Ask the gate: what would it say? Leaves no trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache

from leadflow.compliance.queries import facts as loader
from leadflow.compliance.queries import packs as kept
from leadflow.compliance.rules import gate
from leadflow.compliance.rules.policy import campaign_window
from leadflow.compliance.service.policies import compiled, packs_in_force
from leadflow.compliance.types import Ask, Decision, Pack, Policy, Recipient, Sending, Window
from leadflow.kernel.db import UnitOfWork


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
    facts = loader.load(uow, asked.sending, recipients, asked.moment)
    return [gate.decide(fact, asked.policy, now) for fact in facts]


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
    batch = kept.batch(uow, ask.campaign_id, ask.sender_number_id, at)
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


def _own_window(batch: kept.Batch) -> Window | None:
    if batch.window_start is None or batch.window_end is None:
        return None
    return _campaign_window(batch.window_start, batch.window_end, tuple(batch.weekdays or ()))


@lru_cache(maxsize=512)
def _campaign_window(start: time, end: time, weekdays: tuple[int, ...]) -> Window:
    # Windows are compared by identity, and answers are cached by them.
    return campaign_window(start, end, weekdays)
