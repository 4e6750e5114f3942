"""Say how long each kind of record is kept, tell what falls due, and let it go at night, batch after batch."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.imports import service as imports
from leadflow.jobs import service as jobs
from leadflow.kernel.db import Database, UnitOfWork, organizations
from leadflow.kernel.errors import Invalid
from leadflow.retention.queries import keeping
from leadflow.retention.rules.keeping import TERMS, fault
from leadflow.retention.types import RuleRow, Swept
from models.retention import RetentionRule
from models.vocabulary import JobKind, Permission, RetentionKind

AT_ONCE = 2_000
"""Rows that go in one transaction: the sender never waits long for a row."""


def rules(uow: UnitOfWork, actor: Principal) -> tuple[RuleRow, ...]:
    """List how long each kind is kept, and how much has fallen due by now."""
    require(actor, Permission.AUDIT_READ)
    now, terms = uow.now(), keeping.terms(uow)
    return tuple(_row(uow, kind, terms.get(kind, TERMS[kind].default), now) for kind in RetentionKind)


def _row(uow: UnitOfWork, kind: RetentionKind, days: int, now: datetime) -> RuleRow:
    term, before = TERMS[kind], now - timedelta(days=days)
    if kind in keeping.OF_ORGANIZATION:
        free, held = keeping.due(uow, kind, before)
    else:
        free, held = keeping.due_everywhere(uow, kind, before), 0
    return RuleRow(kind, term.title, days, term.floor, term.default, term.citation, free, held)


def change(uow: UnitOfWork, actor: Principal, kind: RetentionKind, days: int) -> None:
    """Set how long a kind is kept; what is older goes in the coming night.

    Raises:
        Invalid: shorter than the law asks, or longer than a century.
    """
    require(actor, Permission.RETENTION_WRITE)
    if wrong := fault(kind, days):
        raise Invalid(wrong, "days")
    row = uow.session.get(RetentionRule, (uow.org(), kind), with_for_update=True)
    before = row.days if row else TERMS[kind].default
    if row is None:
        row = RetentionRule(org_id=uow.org(), kind=kind, days=days, changed_at=uow.now())
    row.days, row.changed_at, row.changed_by = days, uow.now(), actor.user_id
    uow.session.add(row)
    uow.session.flush()
    detail = {"kind": kind.value, "from": before, "to": days}
    audit.record(uow, actor.user_id, "retention.changed", "retention_rule", None, detail)


def keep_to(db: Database, org_id: UUID, job_id: UUID | None = None) -> Swept:
    """Let everything go that is older than its term and under no hold; each batch commits for itself.

    A run that was killed goes on where it stopped: what is gone is not counted as due again.
    """
    gone: dict[str, int] = {}
    for kind in RetentionKind:
        count = _keep_kind(db, org_id, kind, job_id, sum(gone.values()))
        if count:
            gone[kind.value] = count
    if gone:
        with db.begin(org_id) as uow:
            audit.record(uow, None, "retention.applied", "organization", org_id, {"rows": gone})
    return Swept(gone)


def _keep_kind(db: Database, org_id: UUID, kind: RetentionKind, job_id: UUID | None, before_it: int) -> int:
    gone = 0
    while True:
        with db.begin(org_id) as uow:
            count = _batch(uow, kind)
            gone += count
            if job_id is not None:
                jobs.progress(uow, job_id, before_it + gone, note=TERMS[kind].title)
        if not count:
            return gone


def _batch(uow: UnitOfWork, kind: RetentionKind) -> int:
    days = keeping.terms(uow).get(kind, TERMS[kind].default)
    if kind is RetentionKind.WEBHOOK:
        # The installation's: the longest term of any organisation counts for all.
        days = max(days, keeping.longest(uow, kind))
    before = uow.now() - timedelta(days=days)
    if kind not in keeping.OF_ORGANIZATION:
        return keeping.let_go_everywhere(uow, kind, before, AT_ONCE)
    if kind is RetentionKind.IMPORT_FILE:
        for key in keeping.files(uow, before, AT_ONCE):
            uow.after_commit(lambda key=key: imports.forget_file(uow.db, key))
    return keeping.let_go(uow, kind, before, AT_ONCE)


def keep_all(db: Database) -> int:
    """Ask for one job an organisation, so that each has its own progress; answers how many."""
    with db.begin() as uow:
        orgs = organizations(uow)
    for org_id in orgs:
        with db.begin(org_id) as uow:
            jobs.enqueue(uow, JobKind.RETENTION_APPLY, unique_key=str(org_id))
    return len(orgs)
