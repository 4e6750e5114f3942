"""Search everything that the caller may see: the first of each kind, or one kind page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from leadflow.identity.rules import masked, may, only_assigned, require
from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.kernel.paging import Page
from leadflow.leads import service as leads
from leadflow.leads.types import LeadFilter
from leadflow.leads.view_types import ViewRow
from leadflow.properties.rules.addresses import tidy
from leadflow.search.queries import leads as finding
from leadflow.search.queries import names
from leadflow.search.rules import places, ranking, reading
from leadflow.search.types import Answer, Group, Hit, Named, PhoneFound, Place, Query, Ranked
from models.vocabulary import Permission, SearchKind

FIRST = 200
"""Rows of a kind that are ranked for the palette."""
ALL = 2_000
"""Rows of a kind that are ranked and counted for the page of all results."""
MOST = 100
"""Hits of a page."""
KINDS: dict[SearchKind, Permission] = {
    SearchKind.LEAD: Permission.LEAD_READ,
    SearchKind.PERSON: Permission.LEAD_READ,
    SearchKind.PHONE: Permission.LEAD_READ,
    SearchKind.CAMPAIGN: Permission.CAMPAIGN_READ,
    SearchKind.TASK: Permission.LEAD_READ,
    SearchKind.LIST: Permission.LEAD_READ,
    SearchKind.TAG: Permission.LEAD_READ,
    SearchKind.VIEW: Permission.LEAD_READ,
    SearchKind.IMPORT: Permission.IMPORT_RUN,
    SearchKind.MEMBER: Permission.MEMBER_READ,
    SearchKind.PAGE: Permission.LEAD_READ,
    SearchKind.COMMAND: Permission.LEAD_READ,
}
"""What each kind asks for; a page or command asks for its own besides."""


def search(uow: UnitOfWork, actor: Principal, q: str, kinds: Sequence[SearchKind] = (), limit: int = 5) -> Answer:
    """Find the closest hits of each kind, exact ones first.

    Args:
        uow: the caller's transaction.
        actor: who asks; kinds that they may not see are left out.
        q: what was typed; less than two characters find nothing.
        kinds: which kinds; none is all.
        limit: hits of a kind, at most ``MOST``.
    """
    require(actor, Permission.LEAD_READ)
    query = reading.read(q)
    if query is None:
        return Answer(q, ())
    asked = _Asked(uow, actor, query, FIRST)
    wanted = [kind for kind in SearchKind if (not kinds or kind in kinds) and may(actor, KINDS[kind])]
    groups = (_group(kind, asked.ranked(kind), max(1, min(limit, MOST))) for kind in wanted)
    return Answer(q, tuple(group for group in groups if group.hits))


def of_kind(
    uow: UnitOfWork, actor: Principal, kind: SearchKind, q: str, after: str | None = None, limit: int = 50
) -> Page[Hit]:
    """Read the hits of one kind page by page, exact ones first.

    Raises:
        Forbidden: the caller may not see this kind.
        Invalid: the cursor is not one of ours.
    """
    require(actor, KINDS[kind])
    query = reading.read(q)
    if query is None:
        return Page((), count=0)
    found, beyond = _Asked(uow, actor, query, ALL).ranked(kind)
    mark = _mark(after) if after else None
    rest = [one for one in found if mark is None or one.key > mark]
    size = max(1, min(limit, MOST))
    rows = rest[:size]
    return Page(
        tuple(one.hit for one in rows),
        paging.encode(*rows[-1].key) if len(rest) > size else None,
        None if beyond or after else len(found),
        len(found) if beyond and not after else None,
    )


def _mark(after: str) -> tuple[int, str, str]:
    rank, title, row_id = paging.decode(after, 3)
    if not (isinstance(rank, int) and isinstance(title, str) and isinstance(row_id, str)):
        raise Invalid("This page marker belongs to another list. Reload it.", "after")
    return rank, title, row_id


Found = tuple[list[Ranked], bool]
"""Hits in order, and whether there are more than were looked at."""


def _group(kind: SearchKind, found: Found, limit: int) -> Group:
    hits, beyond = found
    return Group(
        kind,
        tuple(one.hit for one in hits[:limit]),
        None if beyond else len(hits),
        len(hits) if beyond else None,
    )


class _Asked:
    """One question; what several kinds need of the database is read once."""

    def __init__(self, uow: UnitOfWork, actor: Principal, query: Query, enough: int) -> None:
        self.uow, self.actor, self.query, self.enough = uow, actor, query, enough
        self.me = (actor.user_id or UUID(int=0)) if only_assigned(actor.role) else None

    def ranked(self, kind: SearchKind) -> Found:
        """Find the hits of a kind, in order."""
        finders: dict[SearchKind, Callable[[], Found]] = {
            SearchKind.LEAD: self._leads,
            SearchKind.PERSON: self._people,
            SearchKind.PHONE: self._phones,
            SearchKind.TASK: self._tasks,
            SearchKind.VIEW: self._views,
            SearchKind.PAGE: lambda: self._places(kind, places.PAGES),
            SearchKind.COMMAND: lambda: self._places(kind, places.COMMANDS),
        }
        hits, beyond = finders[kind]() if kind in finders else self._named(kind)
        return sorted(hits, key=lambda one: one.key), beyond

    # Leads, people, numbers

    @cached_property
    def _sight(self) -> finding.Condition:
        return leads.audience(self.uow, self.actor, {})

    @cached_property
    def _by_words(self) -> list[UUID]:
        """Leads whose words match."""
        found = list[UUID]()
        for patterns in self._patterns():
            found += finding.by_words(self.uow, patterns, self.me, self.enough + 1)
        return list(dict.fromkeys(found))

    def _patterns(self) -> list[tuple[str, ...]]:
        query = self.query
        several = [query.patterns]
        if query.loose:
            several.append(query.loose)
        if query.digits and (f"%{query.digits}%",) != query.patterns and not masked(self.actor.role):
            several.append((f"%{query.digits}%",))
        return several

    @cached_property
    def _exactly(self) -> list[UUID]:
        """Leads that are found whatever else stands in the words of the many."""
        found = list[UUID]()
        if self.query.street_key:
            spellings = {tidy(self.query.text), self.query.text, self.query.text.upper(), self.query.text.title()}
            found += finding.by_street(self.uow, spellings, self.enough)
        if self.query.parcel:
            found += finding.by_parcel(self.uow, self.query.parcel, self.enough)
        return found

    @cached_property
    def _numbers(self) -> list[tuple[PhoneFound, int]]:
        """Numbers that are what was typed, or end so, each with how close that comes."""
        digits, hidden = self.query.digits, masked(self.actor.role)
        whole = None if hidden else reading.whole_number(digits)
        if digits and whole is not None:
            ids, rank = finding.number(self.uow, whole), ranking.EXACT
        elif reading.may_end(digits, masked=hidden):
            ids, rank = finding.numbers_ending(self.uow, digits, self.enough), ranking.BEGINS
        else:
            return []
        return [(one, rank) for one in finding.phones(self.uow, self._sight, ids, self.enough)] if ids else []

    def _leads(self) -> Found:
        numbers: dict[UUID, list[tuple[str, int]]] = {}
        for one, rank in self._numbers:
            numbers.setdefault(one.lead_id, []).append((one.e164, rank))
        ids = list(dict.fromkeys([*numbers, *self._exactly, *self._by_words]))
        rows = finding.leads(self.uow, self._sight, ids) if ids else []
        judged = (ranking.lead(row, self.query, self.actor.role, numbers.get(row.id, ())) for row in rows)
        return [one for one in judged if one is not None], len(self._by_words) > self.enough

    def _people(self) -> Found:
        ids = self._by_words
        rows = finding.people(self.uow, self._sight, ids, self.query.patterns) if ids else []
        judged = (ranking.person(row, self.query) for row in rows)
        return [one for one in judged if one is not None], bool(rows) and len(ids) > self.enough

    def _phones(self) -> Found:
        role, digits = self.actor.role, self.query.digits
        return [ranking.phone(one, role, digits, rank) for one, rank in self._numbers], False

    # What has a name

    def _tasks(self) -> Found:
        rows = names.tasks(self.uow, self._sight, self.query.patterns, self.me, self.enough + 1)
        return self._shown(SearchKind.TASK, rows), len(rows) > self.enough

    def _named(self, kind: SearchKind) -> Found:
        rows = names.named(self.uow, kind, self.query.patterns, self.me, self.enough + 1)
        return self._shown(kind, rows), len(rows) > self.enough

    def _shown(self, kind: SearchKind, rows: Sequence[Named]) -> list[Ranked]:
        return [ranking.named(row, kind, self.query) for row in rows]

    def _views(self) -> Found:
        if self.actor.user_id is None:
            return [], False
        hits = list[Ranked]()
        for view in leads.views(self.uow, self.actor):
            rank = ranking.closeness(view.name, self.query)
            if rank is not None:
                about = "Yours" if view.owner_id == self.actor.user_id else f"Shared by {view.owner or 'the team'}"
                hits.append(Ranked(rank, Hit(SearchKind.VIEW, str(view.id), view.name, about, _address(view), "Name")))
        return hits, False

    def _places(self, kind: SearchKind, all_: tuple[Place, ...]) -> Found:
        judged = (ranking.place(one, kind, self.query) for one in places.allowed(all_, self.actor))
        return [one for one in judged if one is not None], False


def _address(view: ViewRow) -> str:
    """Write a view as an address, with the words that the page of the list writes."""
    words: dict[str, Any] = {"view": view.id}
    for name, value in LeadFilter.read(view.content.get("filter") or {}).as_dict().items():
        words[name] = str(value).lower() if isinstance(value, bool) else value
    if view.content.get("sort"):
        words |= {"sort": view.content["sort"], "dir": view.content.get("dir") or "desc"}
    return f"/leads?{urlencode(words, doseq=True)}"
