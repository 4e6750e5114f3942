"""A file folder, the keys that imports need, and one call that takes a file in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from leadflow.compliance import service as compliance
from leadflow.identity.types import Principal
from leadflow.imports import service as imports
from leadflow.imports.types import Given, Options, Reading, Report
from leadflow.kernel.db import Database

PEPPER = b"p" * 32
FIXTURES = Path(__file__).parent.parent / "fixtures"

Importer = Callable[..., Report]


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> Path:
    """Keep raw files in the test's folder; one process reads."""
    folder = tmp_path / "files"
    imports.configure(imports.Setup(folder, PEPPER, processes=0))
    compliance.configure(PEPPER)
    return folder


@pytest.fixture
def take(db: Database, owner: Principal, tmp_path: Path) -> Importer:
    """Check a file and, unless told otherwise, write it."""

    def importer(
        source: Path | str | bytes,
        *,
        write: bool = True,
        mapping: dict[str, str | None] | None = None,
        options: Options | None = None,
        reading: Reading | None = None,
    ) -> Report:
        path = source if isinstance(source, Path) else tmp_path / "given.csv"
        if isinstance(source, str | bytes):
            path.write_bytes(source.encode() if isinstance(source, str) else source)
        import_id = imports.receive(db, owner, path, Given(mapping, options, reading or Reading()))
        assert imports.check(db, owner.org_id, import_id)
        if write:
            commit(db, owner, import_id)
        return told(db, owner, import_id)

    return importer


def commit(db: Database, owner: Principal, import_id: UUID) -> None:
    with db.begin(owner.org_id) as uow:
        imports.commit(uow, owner, import_id)
    assert imports.run_commit(db, owner.org_id, import_id)


def told(db: Database, owner: Principal, import_id: UUID) -> Report:
    with db.begin(owner.org_id) as uow:
        return imports.report(uow, owner, import_id)
