"""The state of /duplicates: pairs, the one that is open side by side, what was done last, and what runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from leadflow.duplicates import service as duplicates
from leadflow.duplicates.types import SURE, Comparison, MergeRow, PairFilter, PairRow, SearchRow
from leadflow.identity.rules import may
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import record, word
from models.vocabulary import DuplicateKind, JobState, PairState, Permission

SHOWN = 40
MERGED = 15
MERGE = Permission.DUPLICATE_MERGE


@dataclass(frozen=True)
class Why:
    """One reason."""

    words: str
    against: bool


@dataclass(frozen=True)
class PairView:
    """A pair in the list, or open."""

    id: str = ""
    kind: str = ""
    score: int = 0
    tone: str = "mute"
    one: str = ""
    one_detail: str = ""
    one_lead: str = ""
    other: str = ""
    other_detail: str = ""
    other_lead: str = ""
    why: list[Why] = field(default_factory=list)


@dataclass(frozen=True)
class FieldView:
    """One group of fields, side by side."""

    name: str
    label: str
    one: str
    other: str
    choice: str
    chosen: bool
    """Somebody may choose: the two differ, and neither is stricter."""


@dataclass(frozen=True)
class Hanging:
    """How many of something hang on each."""

    name: str
    one: str
    other: str


@dataclass(frozen=True)
class MergedView:
    """A merge that was made."""

    id: str
    title: str
    at: str
    who: str
    undone: bool
    can_undo: bool


@dataclass(frozen=True)
class SearchView:
    """The last search."""

    state: str = ""
    at: str = ""
    told: str = ""
    done: int = 0
    total: int = 1
    skipped: list[str] = field(default_factory=list)


class Duplicates(Page, rx.State):
    """Pairs that may be one."""

    rows: list[PairView] = []
    count: str = ""
    older: str = ""
    pair: PairView = PairView()
    """The pair that is open side by side."""
    values: list[FieldView] = []
    hanging: list[Hanging] = []
    survivor: str = "one"
    merged: list[MergedView] = []
    search_view: SearchView = SearchView()
    busy: bool = False
    """A search is at work."""
    sure: str = ""
    """How many pairs would be merged at once."""
    least: int = SURE
    """From which score on they were counted."""
    undo_kind: str = ""
    """What the undo of what was done last is: ``merge``, ``dismiss`` or ``job``."""
    undo_id: str = ""
    undo_words: str = ""

    @loads(Permission.LEAD_READ)
    async def load(self, desk: Desk) -> None:
        """Read the pairs that the address asks for, and the one that it names."""
        self.failure, self.errors = {}, {}
        await self._list(desk)
        await self._show(desk)
        await self._look(desk)
        self.loaded = True

    async def _list(self, desk: Desk) -> None:
        wanted, after = self._wanted(), word(self, "after") or None
        found = await desk.do(lambda uow: duplicates.pairs(uow, desk.actor, wanted, after, SHOWN))
        self.rows, self.older = [_pair(row) for row in found.rows], found.next or ""
        if after is None:
            self.count = f"{found.count:,}" if found.count is not None else f"more than {found.at_least:,}"
        if may(desk.actor, MERGE):
            page = await desk.do(lambda uow: duplicates.merges(uow, desk.actor, None, None, MERGED))
            self.merged = [_merged(row) for row in page.rows]

    async def _show(self, desk: Desk) -> None:
        chosen = record(self, "pair")
        self.pair, self.values, self.hanging = PairView(), [], []
        if chosen is None:
            return
        try:
            found: Comparison = await desk.do(lambda uow: duplicates.compare(uow, desk.actor, chosen))
        except Conflict:
            # Merged meanwhile: the list below tells the rest.
            return
        if found.pair is None:
            return
        self.pair, self.survivor = _pair(found.pair), found.survivor
        self.values = [
            FieldView(row.field, row.label, row.one, row.other, row.choice, row.differs and not row.fixed)
            for row in found.fields
        ]
        self.hanging = [Hanging(name.capitalize(), f"{one:,}", f"{other:,}") for name, one, other in found.hanging]

    async def _look(self, desk: Desk) -> None:
        found = await desk.do(lambda uow: duplicates.searches(uow, desk.actor, 1))
        self.search_view = _search(found[0]) if found else SearchView()
        self.busy = bool(found) and found[0].state in {JobState.WAITING, JobState.RUNNING}

    def _wanted(self) -> PairFilter:
        kind, least = word(self, "kind"), word(self, "at_least")
        lead = record(self, "lead")
        return PairFilter(
            kind=DuplicateKind(kind) if kind in set(DuplicateKind) else None,
            at_least=int(least) if least.isdecimal() and len(least) < 4 else 0,  # noqa: PLR2004 a score has three digits
            certain=word(self, "certain") == "1",
            lead_id=lead,
            state=PairState.OPEN,
        )

    def _address(self, pair: str = "") -> str:
        given = {name: word(self, name) for name in ("kind", "at_least", "certain", "lead")} | {"pair": pair}
        chosen = {name: value for name, value in given.items() if value}
        return "/duplicates" + (f"?{urlencode(chosen)}" if chosen else "")

    def _following(self, pair_id: str) -> str:
        """Name the pair after one in the list, or the one before it at the end."""
        ids = [row.id for row in self.rows]
        if pair_id not in ids:
            return ids[0] if ids else ""
        at = ids.index(pair_id)
        rest = ids[at + 1 :] or ids[:at][-1:]
        return rest[0] if rest else ""

    @action(Permission.LEAD_READ)
    async def look(self, desk: Desk) -> None:
        """See how far the search is."""
        was = self.busy
        await self._look(desk)
        if was and not self.busy:
            await self._list(desk)

    @action(Permission.LEAD_WRITE)
    async def search(self, desk: Desk) -> None:
        """Set a search going."""
        await desk.do(lambda uow: duplicates.search(uow, desk.actor))
        self.busy = True
        desk.ring("lf:jobs")
        desk.say("The search is on its way", "Pairs appear here while it goes on.")

    @action(MERGE)
    async def merge(self, desk: Desk, form: dict[str, Any]) -> None:
        """Merge the open pair as it is chosen."""
        pair_id = UUID(self.pair.id)
        survivor = str(form.get("survivor") or self.survivor)
        if survivor not in {"one", "other"}:
            raise Invalid("Choose which of the two stays.", "survivor")
        names = {row.name for row in self.values if row.chosen}
        choose = {name: str(form[name]) for name in names if form.get(name) in {"one", "other"}}
        merge_id = await desk.do(lambda uow: duplicates.merge_pair(uow, desk.actor, pair_id, survivor, choose))
        self._done("merge", str(merge_id), f"Merged: {self.pair.one}.")
        desk.say("Merged", "Everything of both is one record's now.", press=("Undo", "#undo"))
        await self._on(desk)

    @action(Permission.LEAD_WRITE)
    async def dismiss(self, desk: Desk) -> None:
        """Say of the open pair that the two are two."""
        pair_id = UUID(self.pair.id)
        await desk.do(lambda uow: duplicates.dismiss(uow, desk.actor, pair_id))
        self._done("dismiss", str(pair_id), f"Not one: {self.pair.one}. Never proposed again.")
        desk.say("Kept as two", "They are never proposed again.", press=("Undo", "#undo"))
        await self._on(desk)

    async def _on(self, desk: Desk) -> None:
        """Go on with the next pair."""
        following = self._following(self.pair.id)
        await self._list(desk)
        desk.go(self._address(following if following in {row.id for row in self.rows} else ""))

    def _done(self, kind: str, given: str, words: str) -> None:
        self.undo_kind, self.undo_id, self.undo_words = kind, given, words

    @action(Permission.LEAD_WRITE)
    async def undo(self, desk: Desk) -> None:
        """Take back what was done last."""
        if not self.undo_id:
            return
        given, kind = UUID(self.undo_id), self.undo_kind
        if kind == "merge":
            await self._unmerge(desk, given)
        elif kind == "job":
            await desk.do(lambda uow: duplicates.undo_job(uow, desk.actor, given))
            desk.ring("lf:jobs")
            desk.say("The merges are being taken back")
        else:
            await desk.do(lambda uow: duplicates.propose_again(uow, desk.actor, given))
            desk.say("Proposed again")
        self._done("", "", "")
        await self._list(desk)

    @action(MERGE)
    async def unmerge(self, desk: Desk, merge_id: UUID) -> None:
        """Take a merge of the list back."""
        await self._unmerge(desk, merge_id)
        if str(merge_id) == self.undo_id:
            self._done("", "", "")
        await self._list(desk)

    async def _unmerge(self, desk: Desk, merge_id: UUID) -> None:
        undone = await desk.do(lambda uow: duplicates.unmerge(uow, desk.actor, merge_id))
        stayed = ", ".join(f"{count:,} {name}" for name, count in undone.stayed.items())
        desk.say("Two again", f"Came later and stayed with the survivor: {stayed}." if stayed else "Row for row.")

    @action(MERGE)
    async def count_sure(self, desk: Desk, form: dict[str, Any]) -> None:
        """Count what would be merged at once."""
        least, kind = _least(form), self._wanted().kind
        self.sure = ""
        found = await desk.do(lambda uow: duplicates.preview_sure(uow, desk.actor, least, kind))
        self.sure, self.least = f"{found:,}", least

    @action(MERGE)
    async def merge_sure(self, desk: Desk) -> None:
        """Set merging what was counted going."""
        least, kind = self.least, self._wanted().kind

        def ask(uow: UnitOfWork) -> tuple[int, UUID]:
            count = duplicates.preview_sure(uow, desk.actor, least, kind)
            return count, duplicates.merge_sure(uow, desk.actor, least, kind)

        count, job_id = await desk.do(ask)
        self.sure = ""
        self._done("job", str(job_id), f"{count:,} pairs of {least} and more are being merged.")
        desk.ring("lf:jobs")
        desk.say("Merging", f"{count:,} pairs, one after another.", press=("Undo", "#undo"))


def _least(form: dict[str, Any]) -> int:
    given = str(form.get("least") or SURE)
    if not given.isdecimal():
        raise Invalid("Give a score from 50 to 100.", "least")
    return int(given)


def _pair(row: PairRow) -> PairView:
    return PairView(
        id=str(row.id),
        kind=row.kind.value,
        score=row.score,
        tone="warn" if row.contradicted else "ok" if row.score >= SURE else "info",
        one=row.one.title or "Gone",
        one_detail=row.one.detail,
        one_lead=str(row.one.lead_id or ""),
        other=row.other.title or "Gone",
        other_detail=row.other.detail,
        other_lead=str(row.other.lead_id or ""),
        why=[Why(reason.words, reason.against) for reason in row.reasons],
    )


def _merged(row: MergeRow) -> MergedView:
    return MergedView(
        id=str(row.id),
        title=row.title or "Merged further since",
        at=row.at.isoformat(),
        who=row.actor or "LeadFlow",
        undone=row.undone_at is not None,
        can_undo=row.can_undo,
    )


def told_of(row: SearchRow) -> str:
    """Say what a search found, and whether it was one of everything or of what an import brought."""
    if not row.compared:
        return "what an import brought is like nothing else" if row.import_id else "no two records are alike"
    pairs = "1 pair" if row.compared == 1 else f"{row.compared:,} pairs"
    told = f"{pairs} compared, {row.proposed:,} may be one"
    return f"what an import brought, held against all else; {told}" if row.import_id else told


def _search(row: SearchRow) -> SearchView:
    return SearchView(
        state=row.state.value,
        at=(row.finished_at or row.started_at).isoformat(),
        told=told_of(row),
        done=row.done,
        total=row.total or 1,
        skipped=[f"a {one['what']} that {one['count']:,} records share" for one in row.skipped[:8]],
    )
