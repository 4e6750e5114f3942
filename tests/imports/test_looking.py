"""Looking at an import while a worker is busy with it."""

from __future__ import annotations

from typing import Any

import pytest

from leadflow.identity.types import Principal
from leadflow.imports import service as imports
from leadflow.imports.queries import staging
from leadflow.kernel.db import Database
from models.vocabulary import RowVerdict
from tests.imports.conftest import Importer


def test_rows_that_are_read_while_the_commit_ends_are_those_that_it_keeps(
    take: Importer, db: Database, owner: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = take("Address,City,State,Zip\n12 Elm St,Dallas,TX,75201\n14 Elm St,Dallas,TX,75201\n", write=False)
    present = staging.present

    def end_the_commit(*_: Any) -> bool:
        """The tables were there when they were looked for, and the commit that waited took them away."""
        monkeypatch.setattr(staging, "present", present)
        with db.begin(owner.org_id) as uow:
            imports.commit(uow, owner, checked.id)
        imports.run_commit(db, owner.org_id, checked.id)
        return True

    monkeypatch.setattr(staging, "present", end_the_commit)
    with db.begin(owner.org_id) as uow:
        found = imports.rows(uow, owner, checked.id)
    assert [(row.row, row.verdict) for row in found.rows] == [(1, RowVerdict.NEW), (2, RowVerdict.NEW)]
    assert found.count == 2
