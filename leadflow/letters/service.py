"""Ask for a mailing list, make it, take it away, and let it go after its time."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.compliance.rules.gate import sentence
from leadflow.compliance.types import Ask, Recipient
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel import paging
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.downloads import Download, in_pieces
from leadflow.kernel.errors import NotFound
from leadflow.kernel.paging import Page
from leadflow.kernel.sheets import csv_line
from leadflow.leads import service as leads
from leadflow.leads.types import LeadFilter
from leadflow.letters import queries
from leadflow.letters.errors import NotLaunched, NotReady
from leadflow.letters.queries import Kept, Picked
from leadflow.letters.rules import HEADER, Seen, cells, letters
from leadflow.letters.types import KEPT, LetterInput, LetterRow, Tally
from models.letters import LetterExport
from models.vocabulary import JobKind, JobState, LetterState, Permission

AT_ONCE = 2_000
"""Leads that are read and judged in one step, and told as progress. Own choice."""
CHUNK = 1 << 20
_ENDED = frozenset({JobState.FAILED.value, JobState.CANCELLED.value})
NO_PHONE = "no_phone"
EVERYBODY = 10**9


def ask(uow: UnitOfWork, actor: Principal, wanted: LetterInput) -> UUID:
    """Ask for a mailing list; a job makes it.

    Returns:
        The list's id.

    Raises:
        NotFound: no such campaign.
        NotLaunched: the campaign has decided about nobody yet.
        Invalid: the filter makes no sense.
    """
    made = _asked(uow, actor, wanted)
    payload = {"export_id": str(made.id)}
    made.job_id = jobs.enqueue(uow, JobKind.LETTERS_MAKE, payload=payload, actor_id=actor.user_id, max_attempts=3)
    return made.id


def ask_at_desk(uow: UnitOfWork, actor: Principal, wanted: LetterInput) -> UUID:
    """Ask for a mailing list on the machine itself: no job is set going, the caller makes it."""
    return _asked(uow, actor, wanted).id


def _asked(uow: UnitOfWork, actor: Principal, wanted: LetterInput) -> LetterExport:
    require(actor, Permission.LETTER_EXPORT)
    if wanted.campaign_id is not None:
        launched = queries.launched(uow, wanted.campaign_id)
        if launched is None:
            raise NotFound
        if not launched:
            raise NotLaunched
    chosen = LeadFilter.read({} if wanted.campaign_id else wanted.audience_filter)
    made = LetterExport(
        org_id=uow.org(),
        audience_filter=chosen.as_dict(),
        campaign_id=wanted.campaign_id,
        reason=wanted.reason or None,
        asked_at=uow.now(),
        actor_id=actor.user_id,
    )
    uow.session.add(made)
    uow.session.flush()
    detail = {"filter": chosen.kinds(), "campaign": str(made.campaign_id or ""), "reason": made.reason}
    audit.record(uow, actor.user_id, "letters.asked", "letter_export", made.id, detail)
    return made


# Making


def make(db: Database, org_id: UUID, export_id: UUID, job_id: UUID | None = None) -> None:
    """Make a list that was asked for. One that is made already stays as it is, so that this may be repeated.

    Args:
        db: opens its own transactions: a long one that reads, and a short one that keeps.
        org_id: whose.
        export_id: which.
        job_id: where progress is told.
    """
    with tempfile.TemporaryFile() as file:
        with db.begin(org_id) as uow:
            kept = queries.export(uow, export_id)
            if kept is None or kept.made_at is not None:
                return
            tally = _write(uow, kept, file, _teller(db, job_id))
        _keep(db, org_id, kept, file, tally)


def _teller(db: Database, job_id: UUID | None) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        if job_id is not None:
            with db.begin() as uow:
                jobs.progress(uow, job_id, done, max(total, 1), "Writing addresses")

    return tell


def _write(uow: UnitOfWork, kept: Kept, file: IO[bytes], tell: Callable[[int, int], None]) -> Tally:
    """Write the list page by page; nobody is written twice over all pages."""
    tally, seen, closed = Tally(), Seen(), queries.closed_addresses(uow)
    total = _count(uow, kept)
    file.write(csv_line(HEADER).encode())
    last = UUID(int=0)
    while picked := _next(uow, kept, last):
        last = picked[-1].lead_id
        reasons = _reasons(uow, kept, picked)
        found = queries.addressees(uow, [one.lead_id for one in picked], reasons)
        for one in picked:
            for letter in letters(found.get(one.lead_id, ()), closed, seen, tally):
                file.write(csv_line(cells(letter)).encode())
        tally.leads += len(picked)
        tell(tally.leads, total)
    return tally


def _as_asker(kept: Kept) -> Principal:
    """Stand for who asked, so that a filter's “mine” means theirs; nothing is checked by this again."""
    system = Principal.system(UUID(int=0))
    return Principal(user_id=kept.actor_id, org_id=system.org_id, role=system.role, name=kept.asked_by)


def _count(uow: UnitOfWork, kept: Kept) -> int:
    if kept.campaign_id is not None:
        return queries.count_of_campaign(uow, kept.campaign_id, kept.reason)
    return leads.count(uow, _as_asker(kept), LeadFilter.read(kept.audience_filter), EVERYBODY)


def _next(uow: UnitOfWork, kept: Kept, after: UUID) -> list[Picked]:
    if kept.campaign_id is not None:
        return queries.of_campaign(uow, kept.campaign_id, kept.reason, after, AT_ONCE)
    where, given = leads.audience(uow, _as_asker(kept), kept.audience_filter)
    return queries.of_filter(uow, where, given, after, AT_ONCE)


def _reasons(uow: UnitOfWork, kept: Kept, picked: list[Picked]) -> dict[UUID, str]:
    """Say in words why each was or would not be texted: the campaign's own reason, else the gate's at this moment."""
    if kept.campaign_id is not None:
        return {one.lead_id: _words(one.reason) for one in picked}
    asked = [one for one in picked if one.phone_id is not None]
    recipients = [Recipient(one.lead_id, one.property_id, one.person_id, one.phone_id) for one in asked]
    decisions = compliance.assess(uow, recipients, Ask(), uow.now())
    told = {
        one.lead_id: _words(decision.reasons[0]) if decision.reasons else ""
        for one, decision in zip(asked, decisions, strict=True)
    }
    return {one.lead_id: told.get(one.lead_id, _words(NO_PHONE)) for one in picked}


def _words(reason: str) -> str:
    if reason == NO_PHONE:
        return "There is no number to text."
    try:
        return sentence(reason)
    except KeyError:
        return reason.replace("_", " ").capitalize()


def _keep(db: Database, org_id: UUID, kept: Kept, file: IO[bytes], tally: Tally) -> None:
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    for piece in _pieces(file):
        digest.update(piece)
        size += len(piece)
    file.seek(0)
    with db.begin(org_id) as uow:
        # Another worker may have been faster, where this one was taken for dead.
        if not queries.hold(uow, kept.id):
            return
        queries.keep(uow, kept.id, _pieces(file))
        made = uow.session.get_one(LetterExport, (org_id, kept.id))
        made.made_at, made.size_bytes, made.sha256 = uow.now(), size, digest.hexdigest()
        made.counts = asdict(tally)
        detail = {
            "filter": kept.audience_filter,
            "campaign": str(kept.campaign_id or ""),
            "reason": kept.reason,
            "sha256": made.sha256,
            **asdict(tally),
        }
        audit.record(uow, kept.actor_id, "letters.made", "letter_export", kept.id, detail)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(CHUNK), b"")


# Looking and taking away


def listing(uow: UnitOfWork, actor: Principal, after: str | None = None, limit: int = 50) -> Page[LetterRow]:
    """List mailing lists, newest first."""
    require(actor, Permission.LETTER_EXPORT)
    rows = queries.exports(uow, paging.instant_and_id(after), limit + 1)
    shown = tuple(_row(kept) for kept in rows[:limit])
    more = paging.encode(shown[-1].asked_at.isoformat(), str(shown[-1].id)) if len(rows) > limit else None
    return Page(shown, more, None if after else queries.count(uow))


def _row(kept: Kept) -> LetterRow:
    state = LetterState.MAKING
    if kept.made_at is not None:
        state = LetterState.READY
    elif kept.job_state in _ENDED:
        state = LetterState.FAILED
    return LetterRow(
        id=kept.id,
        campaign_id=kept.campaign_id,
        campaign=kept.campaign,
        audience_filter=kept.audience_filter,
        reason=kept.reason,
        state=state,
        done=kept.job_done or 0,
        total=kept.job_total,
        fault=kept.job_error or "" if state is LetterState.FAILED else "",
        asked_at=kept.asked_at,
        asked_by=kept.asked_by or "LeadFlow",
        made_at=kept.made_at,
        expires_at=kept.made_at + KEPT if kept.made_at else None,
        size_bytes=kept.size_bytes,
        sha256=kept.sha256,
        counts=kept.counts,
    )


def open_list(db: Database, actor: Principal, export_id: UUID) -> Download:
    """Take a list away; the record of acts says who did.

    Raises:
        NotFound: no such list in this organisation.
        NotReady: it is still being made.
    """
    require(actor, Permission.LETTER_EXPORT)
    with db.begin(actor.org_id) as uow:
        kept = queries.export(uow, export_id)
        if kept is None:
            raise NotFound
        if kept.made_at is None:
            raise NotReady
        detail = {"sha256": kept.sha256 or "", "letters": kept.counts.get("letters", 0)}
        audit.record(uow, actor.user_id, "letters.downloaded", "letter_export", export_id, detail)
    name = f"mailing-list-{kept.asked_at:%Y-%m-%d}-{str(export_id)[-6:]}.csv"
    chunks = in_pieces(db, actor.org_id, lambda uow, number: queries.chunk(uow, export_id, number))
    return Download(name, kept.size_bytes or 0, kept.sha256 or "", chunks)


def save(db: Database, actor: Principal, export_id: UUID, path: Path) -> LetterRow:
    """Write a list into a file of this machine, whole or not at all."""
    open_list(db, actor, export_id).save(path)
    with db.begin(actor.org_id) as uow:
        kept = queries.export(uow, export_id)
    if kept is None:
        raise NotFound
    return _row(kept)


def sweep(db: Database) -> int:
    """Remove lists whose time is over, in every organisation.

    Returns:
        How many went.
    """
    return audit.remove_aged(db, KEPT, queries.remove_before, "letters.removed", "letter_export")
