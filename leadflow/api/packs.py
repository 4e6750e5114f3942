"""Rule packs over HTTP: their versions, what another would change, its installation, where they disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from leadflow.api.deps import After, Limit, Work, allow
from leadflow.compliance import service as compliance
from leadflow.compliance.rules.book import PackRow
from leadflow.compliance.rules.changes import Change
from leadflow.compliance.rules.conflicts import Clash
from leadflow.compliance.service import Installed, Preview, Proposal
from leadflow.kernel.paging import Page
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1/compliance/packs", tags=["compliance"])

READ = [allow(Permission.DECISION_READ)]
WRITE = [allow(Permission.POLICY_WRITE)]

Text = Annotated[str, Field(min_length=1, max_length=400_000)]
Reason = Annotated[str, Field(max_length=1_000)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Proposing(_Given):
    """A pack as YAML, and from which day it shall count."""

    yaml: Text
    effective_from: Annotated[date | None, Field(description="First day (UTC); at once when absent or past.")] = None
    reason: Reason = ""
    seen: Annotated[int | None, Field(ge=0, description="Number of the last version you looked at.")] = None


class Changing(_Given):
    """Some fields of one provision; null takes a field out."""

    fields: Annotated[dict[str, Any], Field(min_length=1, max_length=30)]
    effective_from: date | None = None
    reason: Reason = ""


class Restoring(_Given):
    """Which version shall hold again, and why."""

    version: Annotated[int, Field(ge=0)]
    effective_from: date | None = None
    reason: Reason = ""


@dataclass(frozen=True, slots=True)
class PackText:
    """One version of a pack, as data and as text."""

    pack: PackRow
    yaml: str


@dataclass(frozen=True, slots=True)
class Drafted:
    """A pack as text, not installed."""

    yaml: str


@router.get("", dependencies=READ)
def versions(
    desk: Work, name: Annotated[str | None, Query(max_length=60)] = None, after: After = None, limit: Limit = 100
) -> Page[PackRow]:
    """List every version of every pack, newest first under each name."""
    return compliance.versions(desk.uow, desk.actor, name, after, limit)


@router.get("/conflicts", dependencies=READ)
def conflicts(desk: Work, on: date | None = None) -> tuple[Clash, ...]:
    """List where the packs in force disagree, and which provision wins."""
    return compliance.disagreements(desk.uow, desk.actor, on)


@router.post("/preview", dependencies=WRITE)
def preview(desk: Work, given: Proposing) -> Preview:
    """Say what a version would change, which way, and what it would do to the texts that wait; installs nothing."""
    return compliance.preview(desk.uow, desk.actor, _proposal(given.yaml, given))


@router.post("", status_code=201, dependencies=WRITE)
def install(desk: Work, given: Proposing) -> Installed:
    """Install a version. One that allows more than before needs a reason and the password."""
    return compliance.install(desk.uow, desk.actor, _proposal(given.yaml, given))


@router.get("/{name}", dependencies=READ)
def version(
    desk: Work, name: str, number: Annotated[int | None, Query(alias="version", ge=0, le=1_000_000)] = None
) -> PackText:
    """Open one version; that in force when no number is given."""
    found = compliance.version(desk.uow, desk.actor, name, number)
    return PackText(found, compliance.as_text(found))


@router.get("/{name}/diff", dependencies=READ)
def compare(
    desk: Work,
    name: str,
    before: Annotated[int, Query(ge=0, le=1_000_000)],
    after: Annotated[int | None, Query(ge=0, le=1_000_000)] = None,
) -> tuple[Change, ...]:
    """List what differs between two versions, provision by provision; the later is that in force when absent."""
    return compliance.compare(desk.uow, desk.actor, name, before, after)


@router.post("/{name}/restore", status_code=201, dependencies=WRITE)
def restore(desk: Work, name: str, given: Restoring) -> Installed:
    """Install an old version again, as the next one."""
    text = compliance.restoring(desk.uow, desk.actor, name, given.version)
    return compliance.install(desk.uow, desk.actor, _proposal(text, given))


@router.post("/{name}/provisions/{key}/draft", dependencies=WRITE)
def draft(desk: Work, name: str, key: str, given: Changing) -> Drafted:
    """Write the pack as text with some fields of one provision changed; installs nothing."""
    return Drafted(compliance.with_provision(desk.uow, desk.actor, name, key, given.fields))


@router.patch("/{name}/provisions/{key}", dependencies=WRITE)
def change(desk: Work, name: str, key: str, given: Changing) -> Installed:
    """Change some fields of one provision, as the next version."""
    text = compliance.with_provision(desk.uow, desk.actor, name, key, given.fields)
    return compliance.install(desk.uow, desk.actor, _proposal(text, given))


def _proposal(text: str, given: Proposing | Changing | Restoring) -> Proposal:
    seen = given.seen if isinstance(given, Proposing) else None
    return Proposal(text, given.effective_from, given.reason, seen)
