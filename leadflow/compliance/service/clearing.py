"""Pass the gate: the only maker of ``Cleared``, and the writer of every receipt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leadflow.audit.rules import digest_of
from leadflow.compliance.queries import decisions as stored
from leadflow.compliance.queries import marks
from leadflow.compliance.rules import gate, receipts
from leadflow.compliance.service import books
from leadflow.compliance.service.asking import gather, question
from leadflow.compliance.service.secrets import phone_key
from leadflow.compliance.types import Ask, Cleared, Decision, Facts, Later, Policy, Recipient, Refused
from leadflow.kernel.db import UnitOfWork
from models.base import new_id
from models.vocabulary import Verdict

CLEARED_FOR = timedelta(minutes=1)
"""A permission that is not used at once is void: the person may opt out meanwhile. Own choice."""


def clear(
    uow: UnitOfWork, recipients: Sequence[Recipient], ask: Ask, now: datetime, actor_id: UUID | None = None
) -> list[Cleared | Later | Refused]:
    """Decide over texts that are about to leave, and write each decision down with its receipt.

    Takes the gate of every number until the caller's transaction ends: an opt-out that commits first is seen here, one
    that comes later waits for what was decided here. The caller must make each cleared text ``submitting`` in this
    very transaction, with ``submitted_at`` set, so that the next batch counts it.

    Args:
        uow: the caller's transaction; keep it short.
        recipients: each with its ``message_id``.
        ask: on whose behalf; never ``CHECK``.
        now: the present instant.
        actor_id: the user who wrote the text; None for a campaign's.

    Returns:
        One answer a recipient, in order.
    """
    if not recipients:
        return []
    hold(uow, recipients)
    asked = question(uow, ask, now, past=False)
    facts = gather(uow, asked, recipients)
    heading = receipts.Heading(uow.org(), now, asked.policy, asked.packs, actor_id)
    judged = _judge_in_turn(recipients, facts, asked.policy, now)
    answers: list[Cleared | Later | Refused] = []
    rows: list[tuple[Any, ...]] = []
    for recipient, fact, decision in judged:
        decision_id = new_id()
        rows.append(row(heading, decision_id, recipient, fact, decision))
        answers.append(_answer(recipient, fact, decision, decision_id, now))
    books.keep(uow)
    stored.write(uow, rows)
    return answers


def hold(uow: UnitOfWork, recipients: Sequence[Recipient]) -> None:
    """Take the gates of every number until the caller's transaction ends; ``clear`` does it for its own batch.

    Whoever clears several batches in one transaction holds them all first: gates are taken in one order, so that a
    submission and an opt-out never wait for each other.
    """
    given = [int(one.e164[1:]) for one in recipients if one.phone_id is None and one.e164]
    by_id = marks.numbers_of_phones(uow, [one.phone_id for one in recipients if one.phone_id])
    marks.lock_gates(uow, [*given, *by_id])
    marks.lock_people(uow, [one.person_id for one in recipients if one.person_id])


def _judge_in_turn(
    recipients: Sequence[Recipient], facts: Sequence[Facts], policy: Policy, now: datetime
) -> list[tuple[Recipient, Facts, Decision]]:
    """Judge one after another: what is cleared here is a contact for the next text to the same person or number."""
    judged: list[tuple[Recipient, Facts, Decision]] = []
    contacted: dict[object, int] = {}
    for recipient, found in zip(recipients, facts, strict=True):
        before = max(contacted.get(recipient.person_id, 0), contacted.get(found.e164, 0))
        fact = found._replace(touches=[*[now] * before, *found.touches]) if before else found
        decision = gate.decide(fact, policy, now)
        judged.append((recipient, fact, decision))
        if decision.verdict is Verdict.SENDABLE:
            for subject in {recipient.person_id, fact.e164} - {None}:
                contacted[subject] = contacted.get(subject, 0) + 1
    return judged


def row(
    heading: receipts.Heading, decision_id: UUID, recipient: Recipient, fact: Facts, decision: Decision
) -> tuple[Any, ...]:
    """Write one decision with its receipt as a row, in the order of ``queries.decisions.COLUMNS``."""
    key = phone_key(fact.e164 or "")
    body = receipts.body(heading, decision_id, recipient, fact, decision, key)
    return (
        heading.org_id,
        decision_id,
        heading.at,
        fact.sending.channel.value,
        fact.sending.purpose.value,
        decision.verdict.value,
        list(decision.reasons),
        decision.later_at,
        decision.policy_version,
        key,
        None if fact.e164 is None else int(fact.e164[1:]),
        recipient.phone_id,
        recipient.person_id,
        recipient.lead_id,
        fact.sending.campaign_id,
        recipient.message_id,
        heading.actor_id,
        body,
        digest_of(body),
    )


def _answer(
    recipient: Recipient, fact: Facts, decision: Decision, decision_id: UUID, now: datetime
) -> Cleared | Later | Refused:
    message_id = recipient.message_id
    if message_id is None:
        msg = "clear is asked about messages"
        raise ValueError(msg)
    if decision.verdict is Verdict.SENDABLE and fact.e164 is not None:
        return Cleared(message_id, decision_id, fact.e164, now + CLEARED_FOR)
    if decision.later_at is not None:
        return Later(message_id, decision_id, decision.later_at, decision.reasons)
    return Refused(message_id, decision_id, decision.reasons)
