"""Writes an import, step by step; each step commits with its mark, so that a second try goes on after the last one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.compliance.rules.keys import phone_key
from leadflow.imports.queries import batches, merge, staging, tuning
from leadflow.imports.queries.staging import Tables
from leadflow.imports.rules import choices, telling
from leadflow.imports.service import setup
from leadflow.imports.service.checking import failing, make_plan, planner_of, say, say_planning, stage
from leadflow.imports.types import UpdatePolicy
from leadflow.jobs import service as jobs
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.leads import service as leads
from leadflow.properties import service as properties
from leadflow.properties.types import Prefer, Source, Written
from models.imports import ImportBatch
from models.vocabulary import ImportState, JobKind, RowVerdict


def run_commit(db: Database, org_id: UUID, import_id: UUID) -> bool:
    """Write an import, step by step; each step commits with its mark, so that a second call goes on after the last one.

    Returns:
        False when this or another import of the organisation is being written: come back.
    """
    with batches.alone(db, f"imports of {org_id}") as free:
        if not free:
            return False
        with db.begin(org_id) as uow:
            batch = setup.found(uow, import_id)
            if batch.state is not ImportState.COMMITTING:
                return True
        with failing(db, org_id, import_id):
            _prepare(db, org_id, batch)
            _Commit(db, batch).run()
    return True


def _prepare(db: Database, org_id: UUID, batch: ImportBatch) -> None:
    """Make sure that the plan is there and still true."""
    with db.begin(org_id) as uow:
        connection, tables = uow.connection(), Tables(batch.id)
        begun = bool(batches.steps_done(uow, batch.id))
        there = staging.planned(connection, tables)
        stale = not begun and batches.wrote_since(uow, batch.id, batch.checked_at)
    if there and not stale:
        return
    stage(db, org_id, batch)
    say_planning(db, batch)
    with db.begin(org_id) as uow:
        # The tables of these steps are staging tables too.
        for step in ("contacts.0", "names.0"):
            batches.forget_done(uow, batch.id, step)
        make_plan(uow, batch)


ANEW = RowVerdict.REPLACED
"""Here the file wins, whatever the policy says of others."""
WITHOUT_ANEW = tuple(verdict for verdict in merge.WRITTEN if verdict is not ANEW)
Step = Callable[[UnitOfWork, int], dict[str, int]]


PREFER = {
    UpdatePolicy.OVERWRITE: Prefer.THEIRS,
    UpdatePolicy.FILL: Prefer.OURS,
    UpdatePolicy.MERGE: Prefer.NEWER,
    UpdatePolicy.SKIP: Prefer.OURS,
}


class _Commit:
    """One run of writing."""

    def __init__(self, db: Database, batch: ImportBatch) -> None:
        self.db, self.batch = db, batch
        self.tables = Tables(batch.id)
        self.options = choices.read_options(batch.options)
        self.rows = sum(batch.counts.get(verdict.value, 0) for verdict in merge.WRITTEN)
        self.anew = bool(batch.counts.get(ANEW.value))
        self.at = datetime.fromisoformat(batch.progress["at"])
        self.as_of = datetime.combine(self.options.as_of, time(), UTC) if self.options.as_of else self.at
        self.origin = Source(batch.id, self.as_of, PREFER[self.options.policy])
        self.source = self.options.source or telling.title_of(batch.layout) or batch.filename

    def run(self) -> None:
        """Do what is not done yet; steps of one stage side by side."""
        every = merge.PARTITIONS
        stages: tuple[tuple[tuple[str, Step, int], ...], ...] = (
            (("contacts", self._contacts, 1), ("rows", self._rows, 1)),
            (("phones", self._phones, every), ("people", self._people, every)),
            (("links", self._links, every), ("properties", self._properties, every), ("names", self._tables, 1)),
            (("marks", self._marks, 1), ("parties", self._parties, every)),
            (("back", self._back, 1),),
            (("lists", self._lists, 1), ("statistics", self._statistics, 1)),
            (("leads", self._leads, every),),
        )
        total = sum(parts for stage in stages for _, _, parts in stage)
        with ThreadPoolExecutor(every) as pool:
            for stage in stages:
                units = [(f"{name}.{part}", step, part) for name, step, parts in stage for part in range(parts)]
                for name in pool.map(self._unit, *zip(*units, strict=True)):
                    _say_done(self.db, self.batch, total, name)
        self._finish()

    def _unit(self, name: str, step: Step, part: int) -> str:
        with self.db.begin(self.batch.org_id) as uow:
            if name not in batches.steps_done(uow, self.batch.id):
                tuning.tune(uow, self.rows)
                batches.note_done(uow, self.batch.id, name, step(uow, part))
        return name

    def _statistics(self, uow: UnitOfWork, _: int) -> dict[str, int]:
        merge.look_again(uow, self.rows)
        return {}

    def _contacts(self, uow: UnitOfWork, _: int) -> dict[str, int]:
        planner_of(uow, self.batch, trust=True).reach()
        return {}

    def _phones(self, uow: UnitOfWork, part: int) -> dict[str, int]:
        return _told("phones", properties.upsert_phones(uow, merge.phones(self.tables, part), self.origin))

    def _people(self, uow: UnitOfWork, part: int) -> dict[str, int]:
        return _told("people", properties.upsert_people(uow, merge.people(self.tables, part), self.origin))

    def _rows(self, uow: UnitOfWork, _: int) -> dict[str, int]:
        batches.keep_rows(uow, self.tables, self.batch.id)
        return {}

    def _links(self, uow: UnitOfWork, part: int) -> dict[str, int]:
        return {
            "phone_links": properties.join_phones(uow, merge.person_phones(self.tables, part), self.origin),
            "emails": properties.join_emails(uow, merge.emails(self.tables, part), self.origin),
        }

    def _properties(self, uow: UnitOfWork, part: int) -> dict[str, int]:
        source = merge.properties(self.tables, part, WITHOUT_ANEW)
        facts = properties.keep_facts(uow, source, self.origin)
        written = properties.upsert_properties(uow, source, self.origin)
        if self.anew:
            source, origin = merge.properties(self.tables, part, (ANEW,)), replace(self.origin, prefer=Prefer.THEIRS)
            facts += properties.keep_facts(uow, source, origin)
            begun = properties.upsert_properties(uow, source, origin)
            written = Written(written.made + begun.made, written.changed + begun.changed)
        return _told("properties", written) | {"facts": facts}

    def _back(self, uow: UnitOfWork, _: int) -> dict[str, int]:
        found = leads.bring_back(uow, merge.brought_back(self.tables), self.batch.id, self.batch.actor_id)
        return {f"leads_{verdict}": count for verdict, count in found.items()}

    def _parties(self, uow: UnitOfWork, part: int) -> dict[str, int]:
        return {"parties": properties.join_parties(uow, merge.parties(self.tables, part), self.origin)}

    def _tables(self, uow: UnitOfWork, _: int) -> dict[str, int]:
        merge.make_accept(uow, self.tables, self.options)
        merge.make_suppress(uow, self.tables, self.batch.filename)
        # A file that came in before makes no look-up fresher than it was then.
        known = batches.wrote_before(uow, self.batch.id, self.batch.file_key, self.batch.dialect)
        merge.make_scrubs(uow, self.tables, self.source, None if known else self.as_of)
        return {}

    def _marks(self, uow: UnitOfWork, _: int) -> dict[str, int]:
        common: dict[str, Any] = {"import_id": self.batch.id, "at": self.at}
        who = self.batch.actor_id
        made = compliance.suppress_staged(uow, self.tables["suppress"], source="import", actor_id=who, **common)
        scrubs = compliance.scrubs_staged(uow, self.tables["scrub"], **common)
        written = {f"suppressions.{kind}": count for kind, count in made.items()} | {"scrubs": scrubs}
        written["suppressions_recalled"] = compliance.recall(uow, import_id=self.batch.id)
        if self.options.consent is not None:
            given = datetime.combine(self.options.consent.given_on, time(), UTC)
            pepper = setup.configured().pepper
            merge.make_consents(
                uow, self.tables, self.options.consent, given, lambda e164: phone_key(pepper, f"+{e164}")
            )
            written["consents"] = compliance.consents_staged(uow, self.tables["consent"], actor_id=who, **common)
        return written

    def _lists(self, uow: UnitOfWork, _: int) -> dict[str, int]:
        return self._accept(uow, "accept_seed")

    def _leads(self, uow: UnitOfWork, part: int) -> dict[str, int]:
        return self._accept(uow, f"accept_{part}")

    def _accept(self, uow: UnitOfWork, table: str) -> dict[str, int]:
        taken = leads.accept(
            uow, self.tables[table], source=self.source, import_id=self.batch.id, actor_id=self.batch.actor_id,
            at=self.at,
        )  # fmt: skip
        return {"leads": taken.created, "list_entries": taken.listed, "tags": taken.tagged}

    def _finish(self) -> None:
        with self.db.begin(self.batch.org_id) as uow:
            batch = setup.found(uow, self.batch.id, lock=True)
            written = telling.sum_of(batches.steps_done(uow, batch.id).values())
            batch.counts = batch.counts | {"written": written}
            batch.state, batch.committed_at = ImportState.DONE, uow.now()
            staging.drop(uow.connection(), self.tables)
            # What it brought may have been here under another spelling.
            brought = {"import_id": str(batch.id)}
            jobs.enqueue(uow, JobKind.DUPLICATE_SEARCH, payload=brought, unique_key=f"import:{batch.id}")
            audit.record(uow, batch.actor_id, "import.done", "import", batch.id, {"written": written})


def _told(noun: str, written: Written) -> dict[str, int]:
    return {noun: written.made, f"{noun}_changed": written.changed}


def _say_done(db: Database, batch: ImportBatch, total: int, name: str) -> None:
    with db.begin(batch.org_id) as uow:
        done = len(batches.steps_done(uow, batch.id))
    say(db, batch, done, total, f"writing {name.partition('.')[0]}")
