"""A run, batch by batch: noted as asked, asked, settled; and its end.

Each batch is noted in a transaction of its own before the call. A worker that dies after the call leaves its numbers
``asked``; whoever goes on counts them as paid and unknown and asks only the others, so that no answer is paid twice.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.compliance.types import Scrub
from leadflow.costs import service as costs
from leadflow.credentials.errors import CredentialLocked
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.jobs.types import Claim
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict, NotFound
from leadflow.leads import service as leads
from leadflow.properties import service as properties
from leadflow.scrubs.providers.port import Line
from leadflow.scrubs.queries import runs
from leadflow.scrubs.rules.answers import reported_until
from leadflow.scrubs.service.lines import open_line
from leadflow.scrubs.types import Answer, Answered, Asked, Batch, Denied, Doubt, NotAsked, Outcome
from models.scrubs import ScrubRun
from models.vocabulary import LookupService, LookupState, Permission, ScrubList, ScrubRunState

MOST_DOUBTS = 2
"""After so many lost answers in a row the run stops: each may cost money and brings nothing. Own choice."""
MOST_PAUSES = 20
"""After so many calls in a row that the provider put off, the run stops. Own choice."""


def carry_out(db: Database, org_id: UUID, run_id: UUID, claim: Claim) -> timedelta | None:
    """Ask whatever waits, until the run ends or the provider asks us to wait.

    Returns:
        How long to wait before going on; None when the run has ended.
    """
    with db.begin(org_id) as uow:
        run = runs.hold(uow, run_id)
        if run is None or run.state is not ScrubRunState.RUNNING:
            return None
        _count_lost(uow, run, runs.lost(uow, run_id, claim.fence))
        try:
            line = open_line(uow, run.service)
        except CredentialLocked as locked:
            _end(uow, run, ScrubRunState.FAILED, locked.message)
            return None
    while True:
        with db.begin(org_id) as uow:
            batch = _next(uow, run_id, claim, line)
        if batch is None:
            return None
        outcome = line.ask(batch.asked)
        with db.begin(org_id) as uow:
            pause = _settle(uow, batch, outcome, line)
        if pause is not None:
            return pause


def _next(uow: UnitOfWork, run_id: UUID, claim: Claim, line: Line) -> Batch | None:
    """Take the next numbers; None when the run has ended, now or before."""
    run = runs.hold(uow, run_id)
    if run is None or run.state is not ScrubRunState.RUNNING:
        return None
    if run.cancel_requested:
        _end(uow, run, ScrubRunState.CANCELLED)
        return None
    if run.doubts >= MOST_DOUBTS:
        _end(uow, run, ScrubRunState.FAILED, f"{run.doubts} answers in a row were lost. {run.error or ''}".strip())
        return None
    asked = runs.take(uow, run_id, claim.fence, line.at_once)
    if not asked:
        _end(uow, run, ScrubRunState.DONE, run.error)
        return None
    return Batch(run_id, claim.fence, asked)


def _settle(uow: UnitOfWork, batch: Batch, outcome: Outcome, line: Line) -> timedelta | None:
    """Write down what came of a batch; answers how long to wait, if at all."""
    run = runs.hold(uow, batch.run_id)
    if run is None:
        return None
    if isinstance(outcome, Answered):
        # Also where the run has ended without us, who came too late: what was paid is kept.
        _keep(uow, run, batch.asked, outcome.answers, line)
    elif run.state is ScrubRunState.RUNNING:
        return _fall_short(uow, run, batch, outcome)
    if run.state is ScrubRunState.RUNNING:
        jobs.progress(uow, _job(run), run.answered + run.missing + run.doubtful, run.bought)
    return None


def _fall_short(uow: UnitOfWork, run: ScrubRun, batch: Batch, outcome: NotAsked | Doubt | Denied) -> timedelta | None:
    """Write down that a batch has no answer; answers how long to wait, if at all."""
    if isinstance(outcome, Doubt):
        run.doubts, run.error = run.doubts + 1, f"The provider gave {outcome.why}."
        lost = runs.settle(uow, run.id, [one.e164 for one in batch.asked], LookupState.DOUBTFUL)
        _count_lost(uow, run, sum(one.before is LookupState.ASKED for one in lost))
        return None
    runs.put_back(uow, run.id, batch.fence)
    if isinstance(outcome, Denied):
        _end(uow, run, ScrubRunState.FAILED, f"The provider refused ({outcome.why}). Check its login in the settings.")
        return None
    run.error = f"The provider puts us off ({outcome.why})."
    jobs.progress(uow, _job(run), run.answered, run.bought, run.error)
    return _put_off(uow, run, outcome.after)


def _put_off(uow: UnitOfWork, run: ScrubRun, after: timedelta) -> timedelta | None:
    run.pauses += 1
    if run.pauses < MOST_PAUSES:
        return after
    _end(uow, run, ScrubRunState.FAILED, f"{run.error} It did so {run.pauses} times in a row.")
    return None


def _keep(uow: UnitOfWork, run: ScrubRun, asked: tuple[Asked, ...], answers: tuple[Answer, ...], line: Line) -> None:
    """Write clear answers into the gate and pay for them; a number that the answer left out stays unknown, unpaid."""
    now = uow.now()
    run.pauses = run.doubts = 0
    if not run.doubtful and run.state is ScrubRunState.RUNNING:
        run.error = None
    version = reported_until(now.date()) if run.service is LookupService.REASSIGNED else now.date().isoformat()
    dates = {one.e164: one.consent_date for one in asked}
    compliance.record_scrubs(
        uow,
        [
            Scrub(
                e164=answer.e164,
                list=which,
                verdict=verdict,
                provider=line.provider.value,
                as_of=now,
                list_version=version,
                run_id=run.id,
                consent_date=dates[answer.e164] if which is ScrubList.REASSIGNED else None,
            )
            for answer in answers
            for which, verdict in answer.verdicts.items()
        ],
    )
    _name_lines(uow, answers)
    told = {answer.e164 for answer in answers}
    paid = runs.settle(uow, run.id, sorted(told), LookupState.ANSWERED)
    left_out = runs.settle(uow, run.id, [one for one in dates if one not in told], LookupState.MISSING)
    # What was given up as lost is counted as paid already.
    fresh = sum(one.before is LookupState.ASKED for one in paid)
    unpaid = sum(one.before is LookupState.ASKED for one in left_out)
    _pay(uow, run, fresh + unpaid, fresh)
    run.answered += len(paid)
    run.doubtful -= len(paid) - fresh + len(left_out) - unpaid
    run.missing += len(left_out)
    settled = {one.e164 for one in paid}
    run.listed += sum(answer.listed for answer in answers if int(answer.e164[1:]) in settled)


def _name_lines(uow: UnitOfWork, answers: tuple[Answer, ...]) -> None:
    """Fill in the kind of line where nobody knew it."""
    found = {answer.e164: answer.line_type for answer in answers if answer.line_type is not None}
    named = runs.of_unknown_line(uow, list(found))
    for e164 in named:
        properties.line_type(uow, e164, found[e164])
    if named:
        leads.refresh_for(uow, phones=named, people=[], properties=[])


def _count_lost(uow: UnitOfWork, run: ScrubRun, numbers: int) -> None:
    _pay(uow, run, numbers, numbers)
    run.doubtful += numbers


def _pay(uow: UnitOfWork, run: ScrubRun, held: int, paid: int) -> None:
    """End the reservation of ``held`` numbers, of which ``paid`` cost money."""
    costs.settle(uow, None, held * run.price, paid * run.price, run.started_at)
    run.reserved -= held * run.price
    run.spent += paid * run.price


def _end(uow: UnitOfWork, run: ScrubRun, state: ScrubRunState, error: str | None = None) -> None:
    """End a run: what was not asked is given back, what was asked without an answer counts as paid."""
    _count_lost(uow, run, runs.counted(uow, run.id).get(LookupState.ASKED, 0))
    # Whatever else is held is given back, also for numbers that were erased meanwhile.
    costs.release(uow, None, run.reserved, run.started_at)
    run.reserved = 0
    run.missing = run.bought - run.answered - run.doubtful
    run.state, run.error, run.finished_at = state, error, uow.now()
    runs.forget_numbers(uow, run.id)
    detail = {"state": state.value, "answered": run.answered, "spent": run.spent}
    audit.record(uow, run.actor_id, "scrub.ended", "scrub_run", run.id, detail)


def close_stranded(uow: UnitOfWork) -> None:
    """End runs whose job was given up, so that their money is free again."""
    for run_id in runs.stranded(uow):
        run = runs.hold(uow, run_id)
        if run is not None and run.state is ScrubRunState.RUNNING:
            _end(uow, run, ScrubRunState.FAILED, "The worker stopped answering.")


def cancel(uow: UnitOfWork, actor: Principal, run_id: UUID) -> None:
    """Stop a run: at once while it waits, else after the call that is under way. What is paid stays paid.

    Raises:
        Forbidden: the role may not.
        NotFound: no such run in this organisation.
        Conflict: it has ended.
    """
    require(actor, Permission.SCRUB_RUN)
    run = runs.hold(uow, run_id)
    if run is None:
        raise NotFound
    if run.state is not ScrubRunState.RUNNING:
        raise Conflict("This run has ended already.")
    run.cancel_requested = True
    audit.record(uow, actor.user_id, "scrub.cancelled", "scrub_run", run.id, {"answered": run.answered})
    if jobs.call_off(uow, run.job_id):
        _end(uow, run, ScrubRunState.CANCELLED)


def _job(run: ScrubRun) -> UUID:
    return run.job_id or run.id
