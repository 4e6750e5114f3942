"""Takes back what is queued for whoever said no, and writes it on the timeline."""

from __future__ import annotations

from uuid import UUID

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Closure
from leadflow.jobs import service as jobs
from leadflow.jobs.types import Claim
from leadflow.kernel.db import Database
from leadflow.leads import service as leads
from leadflow.messaging import service as messaging
from models.vocabulary import ActivityKind, JobKind, SuppressionKind
from workers.job import job

SAID = {
    SuppressionKind.OPT_OUT: "Opted out",
    SuppressionKind.CARRIER_OPT_OUT: "The carrier reports an opt-out",
    SuppressionKind.INTERNAL_DNC: "Put on our do-not-call list",
    SuppressionKind.LEGAL_THREAT: "Threatened legal action",
    SuppressionKind.DECEASED: "Reported as deceased",
    SuppressionKind.WRONG_NUMBER: "Wrong number",
}
_OPT_OUTS = frozenset({SuppressionKind.OPT_OUT, SuppressionKind.CARRIER_OPT_OUT})


@job(JobKind.OPT_OUT_FANOUT)
def fan_out(db: Database, claim: Claim) -> None:
    """Withdraw the queued texts of every number that was closed; note it on every lead of these people.

    The job is finished in the same transaction, so that a worker that dies afterwards does not note it twice.
    """
    if claim.org_id is None:
        return
    with db.begin(claim.org_id) as uow:
        closed = compliance.closure(uow, [UUID(one) for one in claim.payload["suppressions"]])
        if closed is None:
            return
        messaging.withdraw_numbers(uow, list(closed.phones), closed.kind.value)
        kind = ActivityKind.OPT_OUT if closed.kind in _OPT_OUTS else ActivityKind.SUPPRESSED
        for lead_id in closed.lead_ids:
            leads.record(
                uow,
                lead_id,
                kind,
                _sentence(closed),
                actor_id=closed.actor_id,
                detail={"kind": closed.kind.value, "source": closed.source, "numbers": len(closed.phones)},
                at=closed.at,
            )
        # Marks count in the scores.
        leads.refresh_search(uow, closed.lead_ids)
        jobs.finish(uow, claim)


def _sentence(closed: Closure) -> str:
    said = SAID.get(closed.kind, f"Suppressed: {closed.kind.value.replace('_', ' ')}")
    count = len(closed.phones)
    if not count:
        return f"{said}."
    return f"{said}; {count} {'number is' if count == 1 else 'numbers are'} closed."
