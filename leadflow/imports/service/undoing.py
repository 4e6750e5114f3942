"""Takes a written import back, as far as nobody has touched since what it brought.

What stands against contact stays: an opt-out that came in a file is one, whatever becomes of the file. Everything
happens in one transaction, so that a killed undo has changed nothing and begins again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg import sql

from leadflow.audit import service as audit
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.imports.errors import NotReady
from leadflow.imports.queries import batches
from leadflow.imports.service import setup
from leadflow.imports.types import Undo
from leadflow.jobs import service as jobs
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import LeadFlowError
from leadflow.leads import service as leads
from leadflow.properties import service as properties
from models.imports import ImportBatch
from models.vocabulary import ImportState, JobKind, Permission


def undo_preview(uow: UnitOfWork, actor: Principal, import_id: UUID) -> Undo:
    """Say what an undo would take back and what it would keep, without doing it.

    Raises:
        NotReady: the import was not written, or was undone.
    """
    require(actor, Permission.IMPORT_RUN)
    batch = _written(setup.found(uow, import_id))
    made = leads.made_by(uow, import_id, batch.committed_at)
    back = leads.brought_back(uow, import_id, batch.committed_at)
    replaced, suppressions = batches.replaced(uow, import_id), batches.suppressions_of(uow, import_id)
    going, again = made.pop("", 0), back.pop("", 0)
    return Undo(going, again, _both(made, back), replaced, suppressions)


def undo(uow: UnitOfWork, actor: Principal, import_id: UUID) -> UUID:
    """Set the undo going; answers the job's id.

    Raises:
        NotReady: the import was not written, or was undone.
    """
    require(actor, Permission.IMPORT_RUN)
    batch = _written(setup.found(uow, import_id, lock=True))
    batch.state, batch.error = ImportState.UNDOING, None
    batch.job_id = jobs.enqueue(
        uow, JobKind.IMPORT_UNDO, payload={"import_id": str(import_id)}, unique_key=str(import_id),
        actor_id=actor.user_id,
    )  # fmt: skip
    batch.progress = batch.progress | {"undone_by": str(actor.user_id) if actor.user_id else None}
    audit.record(uow, actor.user_id, "import.undo_begun", "import", import_id)
    return batch.job_id


def run_undo(db: Database, org_id: UUID, import_id: UUID) -> bool:
    """Take an import back.

    Returns:
        False when an import of the organisation is being written: come back.
    """
    with batches.alone(db, f"imports of {org_id}") as free:
        if not free:
            return False
        try:
            with db.begin(org_id) as uow:
                batch = setup.found(uow, import_id, lock=True)
                if batch.state is ImportState.UNDOING:
                    _take_back(uow, batch)
        except Exception as failure:
            with db.begin(org_id) as uow:
                batch = setup.found(uow, import_id, lock=True)
                batch.state = ImportState.DONE
                known = isinstance(failure, LeadFlowError)
                batch.error = failure.message if known else "The undo stopped, and nothing was changed. Try it again."
            raise
    return True


def _take_back(uow: UnitOfWork, batch: ImportBatch) -> None:
    uow.connection().execute("set local work_mem = '128MB'")
    kept, who = leads.made_by(uow, batch.id, batch.committed_at), batch.progress.get("undone_by")
    kept.pop("", None)
    back, stay, about = properties.restore(uow, batch.id)
    going = sql.SQL("select property_id from leads_made where why is null")
    batches.remember_places(uow, batch.id, going)
    removed: dict[str, int] = {"leads": leads.remove_made(uow)}
    removed |= properties.remove_made(uow, batch.id, going)
    leads.give_back(uow, batch.id)
    listed = leads.off_lists(uow, batch.id)
    back_again = leads.remove_again(uow, batch.id, batch.committed_at, UUID(who) if who else None)
    removed["again"] = back_again.pop("", 0)
    leads.refresh_search(uow, listed)
    leads.refresh_for(uow, properties=about)
    told: dict[str, Any] = {
        "removed": removed,
        "restored": back,
        "changed_since": stay,
        "kept": _both(kept, back_again),
        "suppressions_kept": batches.suppressions_of(uow, batch.id),
    }
    batch.counts = batch.counts | {"undone": told}
    batch.state = ImportState.UNDONE
    batch.progress = batch.progress | {"undone_at": uow.now().isoformat()}
    audit.record(uow, UUID(who) if who else None, "import.undone", "import", batch.id, told)


def _both(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(one) + Counter(other))


def _written(batch: ImportBatch) -> ImportBatch:
    if batch.state is not ImportState.DONE:
        raise NotReady("Only an import that was written can be undone, and only once.")
    return batch
