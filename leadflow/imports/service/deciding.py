"""What the user decides before a file is written: how it is read, which column is what, by which rules, and to begin.

Each decision has the check run again; nothing is written before it was looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.imports.errors import NotReady
from leadflow.imports.queries import batches, staging
from leadflow.imports.queries.staging import Tables
from leadflow.imports.rules import choices, layouts
from leadflow.imports.service import receiving, setup
from leadflow.imports.service.checking import enqueue_check
from leadflow.imports.types import Options, Reading, Template
from leadflow.jobs import service as jobs
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid
from models.vocabulary import ImportState, JobKind, Permission

LONGEST_NAME = 120
"""Characters of a template's name."""


def reread(uow: UnitOfWork, actor: Principal, import_id: UUID, wanted: Reading) -> None:
    """Read a file another way: its encoding, delimiter, header row or sheet; what was mapped by hand is found anew.

    Raises:
        NotReady: it is written already.
        Invalid: there is no such encoding, delimiter, row or sheet.
        UnreadableFile: read so, it is no table.
    """
    require(actor, Permission.IMPORT_RUN)
    batch = setup.editable(uow, import_id)
    receiving.read_again(uow, batch, wanted)
    enqueue_check(uow, actor, batch)


def templates(uow: UnitOfWork, actor: Principal) -> tuple[Template, ...]:
    """List the mappings that the team keeps under a name."""
    require(actor, Permission.IMPORT_RUN)
    return batches.templates(uow)


def keep_template(uow: UnitOfWork, actor: Principal, import_id: UUID, name: str) -> None:
    """Keep the mapping of an import under a name; a template of this name takes the new mapping.

    Raises:
        Invalid: the name is empty or too long.
    """
    require(actor, Permission.IMPORT_RUN)
    batch = setup.found(uow, import_id)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(f"Give the template a name of at most {LONGEST_NAME} characters.", "template")
    batches.save_mapping(uow, name, list(batch.dialect["headers"]), batch.mapping, named=True)
    audit.record(uow, actor.user_id, "import.template_kept", "import", import_id, {"name": name})


def use_template(uow: UnitOfWork, actor: Principal, import_id: UUID, name: str) -> None:
    """Map a file as a template does, column by column of the same header; other columns stay as they are.

    Raises:
        NotFound: there is no such template.
        NotReady: it is written already.
    """
    require(actor, Permission.IMPORT_RUN)
    batch = setup.editable(uow, import_id)
    remap(uow, actor, import_id, receiving.by_template(uow, batch, name))


def remap(uow: UnitOfWork, actor: Principal, import_id: UUID, mapping: Mapping[str, str | None]) -> None:
    """Give columns their fields by hand; the check runs again, and the next file with these headers starts from here.

    Args:
        uow: the transaction.
        actor: who imports.
        import_id: the import.
        mapping: header to field; None or ``ignore`` leaves the column out. Columns not named stay as they are.

    Raises:
        BadMapping: no such column or field, or a field twice.
        NotReady: it is written already.
    """
    require(actor, Permission.IMPORT_RUN)
    batch = setup.editable(uow, import_id)
    headers = tuple(batch.dialect["headers"])
    batch.mapping = layouts.remap(headers, batch.mapping, mapping)
    doubtful = set(batch.dialect.get("doubtful", ())) - set(mapping)
    batch.dialect = batch.dialect | {"doubtful": sorted(doubtful)}
    batches.save_mapping(uow, _template_name(headers), list(headers), batch.mapping)
    enqueue_check(uow, actor, batch)


def set_options(uow: UnitOfWork, actor: Principal, import_id: UUID, options: Options) -> None:
    """Decide list, tags, source, date, update policy and consent; the check runs again.

    Raises:
        NotReady: it is written already.
        Forbidden: asserting consent needs the permission to record it.
    """
    require(actor, Permission.IMPORT_RUN)
    if options.consent is not None:
        require(actor, Permission.CONSENT_RECORD)
    batch = setup.editable(uow, import_id)
    batch.options = choices.as_document(choices.read_options(choices.as_document(options)))
    enqueue_check(uow, actor, batch)


def cancel(uow: UnitOfWork, actor: Principal, import_id: UUID) -> None:
    """Give an import up that has written nothing; its staged rows go, the file and the record stay.

    Raises:
        NotReady: it is being written, or has ended.
    """
    require(actor, Permission.IMPORT_RUN)
    batch = setup.found(uow, import_id, lock=True)
    if batch.state in {ImportState.COMMITTING, ImportState.DONE, ImportState.CANCELLED} or setup.writing(batch):
        raise NotReady(setup.REFUSED)
    batch.state = ImportState.CANCELLED
    staging.drop(uow.connection(), Tables(import_id))
    audit.record(uow, actor.user_id, "import.cancelled", "import", import_id)


def _template_name(headers: tuple[str, ...]) -> str:
    return hashlib.sha256("\x1f".join(headers).encode()).hexdigest()


def commit(uow: UnitOfWork, actor: Principal, import_id: UUID) -> UUID:
    """Set the writing going; also goes on with one that stopped half way.

    Returns:
        The job's id.

    Raises:
        NotReady: it was not checked, or has ended.
    """
    require(actor, Permission.IMPORT_RUN)
    batch = setup.found(uow, import_id, lock=True)
    stopped = batch.state is ImportState.FAILED and setup.writing(batch)
    if batch.state is not ImportState.CHECKED and not stopped:
        raise NotReady("This import is not ready to be written: wait for the check, or see what stopped it.")
    if batch.options.get("consent"):
        require(actor, Permission.CONSENT_RECORD)
    batch.state, batch.error = ImportState.COMMITTING, None
    batch.progress = {"done": {}, "at": uow.now().isoformat()} | batch.progress
    batch.job_id = jobs.enqueue(
        uow,
        JobKind.IMPORT_COMMIT,
        payload={"import_id": str(import_id)},
        unique_key=str(import_id),
        actor_id=actor.user_id,
    )
    audit.record(uow, actor.user_id, "import.committed", "import", import_id, {"resumed": stopped})
    return batch.job_id
