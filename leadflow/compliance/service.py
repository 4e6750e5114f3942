"""Use cases of the gate: ask it, pass it, mark people, and tell afterwards what it said and why.

``assess`` asks without a trace; ``clear`` is the only maker of ``Cleared``. Both read the same facts by the same
statement and fold the same rules over them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

import orjson
from psycopg import sql

from leadflow.audit import service as audit
from leadflow.audit.rules import digest_of
from leadflow.compliance.errors import NoPepper
from leadflow.compliance.queries import decisions as stored
from leadflow.compliance.queries import facts as loader
from leadflow.compliance.queries import lists, marks
from leadflow.compliance.queries import packs as kept
from leadflow.compliance.rules import gate, keys, receipts, replies
from leadflow.compliance.rules.explain import closed_words, local_times, told
from leadflow.compliance.rules.policy import campaign_window, compile_policy, parse, shipped
from leadflow.compliance.types import (
    Ask,
    Cleared,
    Closure,
    ConsentRow,
    Decision,
    DecisionFilter,
    DecisionRow,
    Explanation,
    Facts,
    Grant,
    Later,
    Mark,
    OptOut,
    Overview,
    Pack,
    Page,
    Policy,
    Receipt,
    Recipient,
    Refused,
    ReplyClass,
    RuleBookView,
    RuleRow,
    Scrub,
    Sending,
    SuppressionRow,
    Window,
)
from leadflow.identity.rules import mask_phone, require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from models.base import new_id
from models.vocabulary import Channel, JobKind, Permission, SuppressionKind, Verdict

CLEARED_FOR = timedelta(minutes=1)
"""A permission that is not used at once is void: the person may opt out meanwhile. Own choice."""
PERSON_WIDE = frozenset(
    {
        SuppressionKind.OPT_OUT,
        SuppressionKind.CARRIER_OPT_OUT,
        SuppressionKind.INTERNAL_DNC,
        SuppressionKind.LEGAL_THREAT,
        SuppressionKind.DECEASED,
        SuppressionKind.REVIEW,
    }
)
"""Said of a person, whatever number it came from. A wrong number or a listed one is said of the number alone."""
REVOKING = frozenset({SuppressionKind.OPT_OUT, SuppressionKind.CARRIER_OPT_OUT, SuppressionKind.INTERNAL_DNC})
"""47 CFR 64.1200(a)(10) and (d)(3): a wish to stop ends the consent."""
NEAR = 10
"""Decisions that an explanation shows around its instant."""
OVERVIEW_DAYS = 30

_pepper: bytes | None = None


def configure(pepper: bytes) -> None:
    """Give this process the secret under which numbers are hashed; called once by the door at start."""
    global _pepper  # noqa: PLW0603 one secret a process, read from the settings at start
    _pepper = pepper


def phone_key(e164: str) -> bytes:
    """Hash a number under the installation's pepper.

    Raises:
        NoPepper: the process was started without it.
    """
    if _pepper is None:
        raise NoPepper
    return keys.phone_key(_pepper, e164)


# Policy


def policy(uow: UnitOfWork, channel: Channel = Channel.TEXT, at: datetime | None = None) -> Policy:
    """Compile the packs in force for the organisation; equal packs give the very same object."""
    return _policy(_packs(uow, at or uow.now()), channel, (at or uow.now()).date())


def install_packs(uow: UnitOfWork, actor_id: UUID | None = None) -> int:
    """Install the packs that ship with the program where the organisation has older ones, or none.

    Returns:
        How many were installed.
    """
    now, installed = uow.now(), 0
    for pack in shipped():
        parse(pack.content)
        version = kept.install(uow, pack, now, actor_id)
        if version is not None:
            installed += 1
            detail = {"name": pack.name, "version": version, "digest": pack.digest}
            audit.record(uow, actor_id, "rule_pack.installed", "rule_pack", None, detail)
    return installed


_by_digest: dict[str, Pack] = {}


def _packs(uow: UnitOfWork, at: datetime) -> tuple[Pack, ...]:
    """Answer the organisation's packs; one that never had any goes by those that ship with the program."""
    digests = kept.digests(uow, at)
    if not digests:
        return shipped()
    if any(digest not in _by_digest for digest in digests):
        _by_digest.update((pack.digest, pack) for pack in kept.packs(uow, at))
    return tuple(_by_digest[digest] for digest in digests)


_compiled: dict[tuple[tuple[str, ...], Channel, date], Policy] = {}


def _policy(packs: tuple[Pack, ...], channel: Channel, today: date) -> Policy:
    key = (tuple(pack.digest for pack in packs), channel, today)
    found = _compiled.get(key)
    if found is None:
        found = _compiled.setdefault(key, compile_policy(packs, channel, today))
    return found


# Asking


@dataclass(frozen=True, slots=True)
class _Question:
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
    question = _question(uow, ask, now, past=False)
    facts = loader.load(uow, question.sending, recipients, question.moment)
    return [gate.decide(fact, question.policy, now) for fact in facts]


def _question(uow: UnitOfWork, ask: Ask, at: datetime, *, past: bool) -> _Question:
    packs = _packs(uow, at)
    compiled = _policy(packs, ask.channel, at.date())
    batch = kept.batch(uow, ask.campaign_id, ask.sender_number_id, at)
    sending = Sending(
        purpose=ask.purpose,
        channel=ask.channel,
        paused=batch.paused,
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
    return _Question(sending, compiled, packs, loader.Moment(at, gate.longest_cap(compiled), past))


def _own_window(batch: kept.Batch) -> Window | None:
    if batch.window_start is None or batch.window_end is None:
        return None
    return _campaign_window(batch.window_start, batch.window_end, tuple(batch.weekdays or ()))


@lru_cache(maxsize=512)
def _campaign_window(start: time, end: time, weekdays: tuple[int, ...]) -> Window:
    # Windows are compared by identity, and answers are cached by them.
    return campaign_window(start, end, weekdays)


# Passing


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
    _lock(uow, recipients)
    question = _question(uow, ask, now, past=False)
    facts = loader.load(uow, question.sending, recipients, question.moment)
    heading = receipts.Heading(uow.org(), now, question.policy, question.packs, actor_id)
    judged = _judge_in_turn(recipients, facts, question.policy, now)
    answers: list[Cleared | Later | Refused] = []
    rows: list[tuple[Any, ...]] = []
    for recipient, fact, decision in judged:
        decision_id = new_id()
        rows.append(_row(heading, decision_id, recipient, fact, decision))
        answers.append(_answer(recipient, fact, decision, decision_id, now))
    stored.write(uow, rows)
    return answers


def _lock(uow: UnitOfWork, recipients: Sequence[Recipient]) -> None:
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


def _row(
    heading: receipts.Heading, decision_id: UUID, recipient: Recipient, fact: Facts, decision: Decision
) -> tuple[Any, ...]:
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


# Saying no


def opt_out(
    uow: UnitOfWork,
    e164: str,
    *,
    source: str,
    evidence: Mapping[str, Any],
    now: datetime,
    kind: SuppressionKind = SuppressionKind.OPT_OUT,
    actor_id: UUID | None = None,
) -> OptOut:
    """Take a person's "no" for every number of everybody who is reached at ``e164``.

    After the caller's commit no text to any of them can enter ``submitting``; a job then takes back what is queued and
    writes the timeline.

    Args:
        uow: the caller's transaction.
        e164: the number it came from or is about.
        source: ``inbound``, ``carrier``, ``manual`` or ``import``.
        evidence: where it stands, such as the inbound message's id.
        now: when it arrived.
        kind: ``OPT_OUT``, or another that is said of a person.
        actor_id: the user who noted it.
    """
    closed = _close(uow, Mark(kind=kind, source=source, e164=e164, evidence=evidence), now, actor_id)
    job_id = _fan_out(uow, closed.suppression_ids)
    return OptOut(e164, closed.person_ids, tuple(f"+{number}" for number in closed.numbers), job_id)


@dataclass(frozen=True, slots=True)
class _Closed:
    suppression_ids: tuple[UUID, ...]
    person_ids: tuple[UUID, ...]
    numbers: tuple[int, ...]


def _close(uow: UnitOfWork, mark: Mark, now: datetime, actor_id: UUID | None) -> _Closed:
    """Write one mark as far as it reaches, under the gates of every number that it reaches."""
    number = None if mark.e164 is None else int(mark.e164[1:])
    reach = _reach(uow, mark, number)
    marks.lock_gates(uow, reach.numbers)
    evidence = {**mark.evidence, "cause": str(new_id())}
    if mark.e164 is not None:
        evidence["via"] = phone_key(mark.e164).hex()
    ids = marks.suppress(uow, mark, _subjects(mark, reach), evidence, now, actor_id)
    if mark.kind in REVOKING:
        marks.close_gates(uow, reach.numbers, now)
        marks.revoke_consents(uow, reach.numbers, reach.person_ids, now)
    detail = {"kind": mark.kind.value, "source": mark.source, "rows": len(ids), "cause": evidence["cause"]}
    audit.record(uow, actor_id, "suppression.added", "suppression", ids[0] if ids else None, detail)
    return _Closed(tuple(ids), reach.person_ids, reach.numbers)


def _reach(uow: UnitOfWork, mark: Mark, number: int | None) -> marks.Reach:
    if mark.kind in PERSON_WIDE:
        return marks.reach(uow, number, mark.person_id)
    return marks.Reach(() if mark.person_id is None else (mark.person_id,), () if number is None else (number,))


def _subjects(mark: Mark, reach: marks.Reach) -> list[marks.Subject]:
    by_number = [marks.Subject(number=digits, phone_key=phone_key(f"+{digits}")) for digits in reach.numbers]
    by_person = [marks.Subject(person_id=person) for person in reach.person_ids]
    by_mail = [marks.Subject(address_key=mark.address_key)] if mark.address_key else []
    return [*by_number, *by_person, *by_mail]


def _fan_out(uow: UnitOfWork, suppression_ids: Sequence[UUID]) -> UUID:
    payload = {"suppressions": [str(one) for one in suppression_ids]}
    return jobs.enqueue(uow, JobKind.OPT_OUT_FANOUT, payload=payload)


def closure(uow: UnitOfWork, suppression_ids: Sequence[UUID]) -> Closure | None:
    """Read back what an opt-out closed, for the job that takes texts back; None when it is gone."""
    found = marks.closed(uow, suppression_ids)
    if found is None:
        return None
    phones = tuple(f"+{number}" for number in found.numbers)
    return Closure(found.kind, found.source, found.at, found.actor_id, phones, found.lead_ids)


def start_again(uow: UnitOfWork, e164: str, *, now: datetime, evidence: Mapping[str, Any] | None = None) -> int:
    """Undo what this number's own STOP did, and nothing else: an import's or a colleague's "no" stays.

    Consents that the STOP ended stay ended: a new one must be given (carrier words are no consent).

    Returns:
        How many suppressions were lifted.
    """
    number = int(e164[1:])
    marks.lock_gates(uow, marks.reach(uow, number, None).numbers)
    lifted = marks.release(
        uow,
        marks.BY_NUMBER_AND_SOURCE,
        {
            "at": now,
            "actor": None,
            "why": "The person asked to hear from us again.",
            "kinds": [SuppressionKind.OPT_OUT.value, SuppressionKind.CARRIER_OPT_OUT.value],
            "sources": ["inbound", "carrier"],
            "via": phone_key(e164).hex(),
        },
    )
    _reopen(uow, lifted)
    if lifted:
        detail = {"rows": len(lifted), **(evidence or {})}
        audit.record(uow, None, "suppression.start_again", "suppression", lifted[0].id, detail)
    return len(lifted)


def _reopen(uow: UnitOfWork, lifted: Sequence[marks.Released]) -> None:
    marks.close_gates(uow, [one.number for one in lifted if one.number is not None], None)


def suppress(uow: UnitOfWork, actor: Principal, mark: Mark) -> tuple[UUID, ...]:
    """Note a reason not to contact somebody, as a user.

    Returns:
        The ids of the rows that now stand.
    """
    require(actor, Permission.SUPPRESSION_ADD)
    return _note(uow, mark, actor.user_id)


def suppress_system(uow: UnitOfWork, mark: Mark) -> tuple[UUID, ...]:
    """Note a reason not to contact somebody, as the system: a reply's meaning, a carrier's word."""
    return _note(uow, mark, None)


def _note(uow: UnitOfWork, mark: Mark, actor_id: UUID | None) -> tuple[UUID, ...]:
    if mark.e164 is None and mark.person_id is None and mark.address_key is None:
        raise Invalid("Name a number, a person or an address.", "e164")
    ids = _close(uow, mark, uow.now(), actor_id).suppression_ids
    if mark.kind is not SuppressionKind.REVIEW:
        # What is only held for a person's eye may still go out.
        _fan_out(uow, ids)
    return ids


def release(uow: UnitOfWork, actor: Principal, suppression_id: UUID, why: str) -> int:
    """Lift a suppression and all that were written with it.

    Returns:
        How many rows were lifted.

    Raises:
        Invalid: no reason is given.
        NotFound: there is no such suppression.
        Conflict: it was lifted already.
    """
    require(actor, Permission.SUPPRESSION_RELEASE)
    if not why.strip():
        raise Invalid("Say why this person may be contacted again.", "why")
    found = marks.closed(uow, [suppression_id])
    if found is None:
        raise NotFound
    marks.lock_gates(uow, found.numbers)
    values = {"id": suppression_id, "at": uow.now(), "actor": actor.user_id, "why": why.strip()}
    lifted = marks.release(uow, marks.BY_CAUSE, values)
    if not lifted:
        raise Conflict("This suppression was lifted already.")
    _reopen(uow, lifted)
    detail = {"kind": lifted[0].kind.value, "rows": len(lifted), "why": why.strip()}
    audit.record(uow, actor.user_id, "suppression.released", "suppression", suppression_id, detail)
    return len(lifted)


def settle_review(uow: UnitOfWork, actor: Principal, e164: str) -> int:
    """Note that a person has read the unclear reply of this number: sending is held no longer.

    Returns:
        How many suppressions were lifted; 0 when nothing was held.
    """
    require(actor, Permission.INBOX_REPLY)
    reach = marks.reach(uow, int(e164[1:]), None)
    marks.lock_gates(uow, reach.numbers)
    values = {
        "numbers": list(reach.numbers),
        "people": list(reach.person_ids),
        "at": uow.now(),
        "actor": actor.user_id,
        "why": "The reply was read.",
    }
    lifted = marks.release(uow, marks.REVIEWS, values)
    if lifted:
        audit.record(uow, actor.user_id, "review.settled", "suppression", lifted[0].id, {"rows": len(lifted)})
    return len(lifted)


# Saying yes


def grant(uow: UnitOfWork, actor: Principal, given: Grant) -> UUID | None:
    """Enter a consent into the ledger; None when the same import has entered it before.

    A suppression that stands is not lifted by it.

    Raises:
        Invalid: a field that the record must have is empty, or the consent lies in the future.
    """
    require(actor, Permission.CONSENT_RECORD)
    now = uow.now()
    for field in ("purpose", "shown_text", "source"):
        if not getattr(given, field).strip():
            raise Invalid("A consent record needs what the person was shown, for what, and where.", field)
    if given.given_at > now:
        raise Invalid("A consent cannot be given in the future.", "given_at")
    consent_id = marks.grant(uow, given, phone_key(given.e164), now, actor.user_id)
    if consent_id is not None:
        detail = {"basis": given.basis.value, "channel": given.channel.value, "source": given.source}
        audit.record(uow, actor.user_id, "consent.recorded", "consent", consent_id, detail)
    return consent_id


def record_scrub(uow: UnitOfWork, result: Scrub) -> UUID | None:
    """Note what a list said of a number; None when the same import has noted it before."""
    return marks.scrub(uow, result, uow.now())


def suppress_staged(
    uow: UnitOfWork,
    table: sql.Identifier,
    *,
    source: str,
    import_id: UUID | None,
    actor_id: UUID | None,
    at: datetime,
) -> dict[str, int]:
    """Note a whole table of reasons: kind, e164, phone_key, person_id, address_key, evidence.

    Returns:
        New rows by kind; what stands already is left as it is.
    """
    made = marks.suppress_staged(uow, table, source=source, import_id=import_id, actor_id=actor_id, at=at)
    if made:
        audit.record(uow, actor_id, "suppression.imported", "import", import_id, {"rows": made})
    return made


def scrubs_staged(uow: UnitOfWork, table: sql.Identifier, *, import_id: UUID | None, at: datetime) -> int:
    """Note a whole table of look-ups: e164, list, verdict, provider, as_of. Answers the new rows."""
    return marks.scrubs_staged(uow, table, import_id=import_id, at=at)


def consents_staged(
    uow: UnitOfWork, table: sql.Identifier, *, import_id: UUID | None, actor_id: UUID | None, at: datetime
) -> int:
    """Enter a whole table of consents; answers the new rows.

    Its columns: e164, phone_key, person_id, channel, basis, purpose, shown_text, source, given_at, row_number.
    """
    made = marks.consents_staged(uow, table, import_id=import_id, actor_id=actor_id, at=at)
    if made:
        audit.record(uow, actor_id, "consent.imported", "import", import_id, {"rows": made})
    return made


def classify(body: str) -> ReplyClass:
    """Say what an inbound text means and what it does to consent."""
    return replies.classify(body)


# Telling


def decisions(
    uow: UnitOfWork, actor: Principal, wanted: DecisionFilter, after: str | None, limit: int
) -> Page[DecisionRow]:
    """List what the gate decided, newest first."""
    require(actor, Permission.DECISION_READ)
    rows = stored.page(uow, wanted, _cursor(after), limit + 1)
    shown = tuple(_seen_by(actor, row) for row in rows[:limit])
    return Page(shown, _next(rows, limit, lambda row: row.at))


def receipt(uow: UnitOfWork, actor: Principal, decision_id: UUID) -> Receipt:
    """Open one decision with everything it rests on.

    Raises:
        NotFound: no such decision in this organisation.
    """
    require(actor, Permission.DECISION_READ)
    found = stored.stored(uow, decision_id)
    if found is None:
        raise NotFound
    body: dict[str, Any] = orjson.loads(found.body)
    return Receipt(_seen_by(actor, found.row), body, receipts.results(body), found.sealed)


def explain(uow: UnitOfWork, actor: Principal, e164: str, at: datetime | None = None) -> Explanation:
    """Answer "was this number texted, could it be, and why not?" for an instant, now when absent.

    For a past instant, consents, suppressions, look-ups, packs and contacts count as they stood then; a lead's status,
    a person's roles and a line's kind are not kept by date and count as they stand now.
    """
    require(actor, Permission.DECISION_READ)
    now = uow.now()
    moment = at or now
    question = _question(uow, Ask(), moment, past=moment < now)
    known = lists.known(uow, int(e164[1:]))
    recipient = (
        Recipient(known.lead_id, known.property_id, known.person_id, known.phone_id) if known else Recipient(e164=e164)
    )
    facts = loader.load(uow, question.sending, [recipient], question.moment)[0]
    decision = gate.decide(facts, question.policy, moment)
    around = tuple(_seen_by(actor, row) for row in stored.near(uow, int(e164[1:]), moment, NEAR))
    return Explanation(
        e164=mask_phone(actor.role, e164),
        at=moment,
        sentence=told(decision, around, moment, now, known=known is not None),
        decision=decision,
        rules=gate.outcomes(decision),
        places=local_times(facts, moment),
        closed=closed_words(question.policy, facts, moment),
        around=around,
        facts=orjson.loads(orjson.dumps(receipts.inputs(facts))),
    )


def overview(uow: UnitOfWork, actor: Principal) -> Overview:
    """Sum up the last thirty days."""
    require(actor, Permission.DECISION_READ)
    now = uow.now()
    since = now - timedelta(days=OVERVIEW_DAYS)
    days: dict[date, dict[str, int]] = {}
    totals: dict[str, int] = {}
    for day, verdict, count in stored.counted(uow, since):
        days.setdefault(day, {})[verdict] = count
        totals[verdict] = totals.get(verdict, 0) + count
    return Overview(
        since=since,
        until=now,
        by_verdict=totals,
        by_rule=stored.counted_by_rule(uow, since),
        by_day=tuple(sorted(days.items())),
        suppressions=lists.counted_suppressions(uow),
        consents=lists.counted_consents(uow, now),
        policy_version=policy(uow).version,
    )


def rules(uow: UnitOfWork, actor: Principal) -> RuleBookView:
    """List the gate's rules and every version of the packs."""
    require(actor, Permission.DECISION_READ)
    return RuleBookView(
        policy_version=policy(uow).version,
        rules=tuple(RuleRow(rule.name, rule.sentence, rule.citation, rule.timely) for rule in gate.RULES),
        packs=tuple(kept.listing(uow)),
    )


def suppressions(
    uow: UnitOfWork,
    actor: Principal,
    *,
    kind: SuppressionKind | None = None,
    e164: str | None = None,
    standing: bool | None = True,
    after: str | None = None,
    limit: int = 100,
) -> Page[SuppressionRow]:
    """List suppressions, newest first; for a number also those of everybody who is reached at it."""
    require(actor, Permission.SUPPRESSION_READ)
    number = None if e164 is None else int(e164[1:])
    rows = lists.suppressions(uow, kind=kind, number=number, standing=standing, after=_cursor(after), limit=limit + 1)
    shown = tuple(replace(row, e164=mask_phone(actor.role, row.e164)) if row.e164 else row for row in rows[:limit])
    return Page(shown, _next(rows, limit, lambda row: row.at))


def consents(
    uow: UnitOfWork,
    actor: Principal,
    *,
    e164: str | None = None,
    person_id: UUID | None = None,
    after: str | None = None,
    limit: int = 100,
) -> Page[ConsentRow]:
    """List the consent ledger, newest first."""
    require(actor, Permission.CONSENT_READ)
    number = None if e164 is None else int(e164[1:])
    rows = lists.consents(uow, number=number, person_id=person_id, after=_cursor(after), limit=limit + 1)
    shown = tuple(replace(row, e164=mask_phone(actor.role, row.e164)) for row in rows[:limit])
    return Page(shown, _next(rows, limit, lambda row: row.recorded_at))


def _seen_by(actor: Principal, row: DecisionRow) -> DecisionRow:
    return row if row.e164 is None else replace(row, e164=mask_phone(actor.role, row.e164))


def _cursor(after: str | None) -> tuple[datetime, UUID] | None:
    if after is None:
        return None
    at, row_id = paging.decode(after, 2)
    try:
        return datetime.fromisoformat(at), UUID(row_id)
    except (TypeError, ValueError) as error:
        raise Invalid("This page marker belongs to another list. Reload it.", "after") from error


def _next(rows: Sequence[_Listed], limit: int, at: Callable[[Any], datetime]) -> str | None:
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    return paging.encode(at(last).isoformat(), str(last.id))


class _Listed(Protocol):
    """A row of a list that is paged by an instant and its id."""

    @property
    def id(self) -> UUID: ...
