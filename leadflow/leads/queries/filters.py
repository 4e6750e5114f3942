"""Turns a filter into SQL over ``lead_search s``. One place, for the list, the count, bulk edits and audiences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, LiteralString
from uuid import UUID

from psycopg import sql

from leadflow.kernel import area
from leadflow.kernel.db import UnitOfWork
from leadflow.leads.queries import conditions, hiding
from leadflow.leads.queries.conditions import named
from leadflow.leads.queries.places import within
from leadflow.leads.rules.contradictions import impossible
from leadflow.leads.types import LeadFilter
from models.vocabulary import LeadStatus

_PHONE = re.compile(r"^\+?[\d\s().\-]{7,}$")
_RANK = {status: place for place, status in enumerate(LeadStatus, 1)}
_SHORT = 3
"""A trigram index knows nothing shorter inside a word; such a term must begin one."""


FEW = 4_000
"""Leads that a search may name one by one; measured, see docs/decisions/0004-two-walls.md."""


@dataclass(slots=True)
class Where:
    """Conditions over ``lead_search s``.

    In ``search`` stand those of the search, the area and the chips of which the planner cannot tell how many leads they
    leave: how the list is read depends on it.
    """

    terms: list[sql.Composable] = field(default_factory=list[sql.Composable])
    search: list[sql.Composable] = field(default_factory=list[sql.Composable])
    params: dict[str, Any] = field(default_factory=dict[str, Any])
    hints: conditions.Hints = field(default_factory=lambda: conditions.Hints([], [], []))
    few: bool = False
    """An index has named what can be in the answer at most: leads one by one, or an area."""

    alone: bool = False
    """Words, lists and tags are all that is asked, so that ``find_leads`` can count what is more than a few."""

    def add(self, condition: LiteralString, **params: Any) -> None:  # noqa: ANN401 whatever a column holds
        """Narrow further."""
        self.alone = False
        self.terms.append(sql.SQL(condition))
        self.params |= params

    def all(self) -> sql.Composable:
        """Join every condition."""
        return together([*self.terms, *self.search])


def together(terms: Iterable[sql.Composable]) -> sql.Composable:
    """Join conditions by ``and``; none is true."""
    parts = list(terms)
    return sql.SQL(" and ").join(parts) if parts else sql.SQL("true")


def where(uow: UnitOfWork, chosen: LeadFilter, *, me: UUID | None, only_mine: bool, masked: bool = False) -> Where:
    """Write a filter as conditions.

    Args:
        uow: the caller's transaction; names of lists and tags are looked up in it.
        chosen: the filter.
        me: who ``me`` is.
        only_mine: the caller sees assigned leads only, whatever the filter says.
        masked: the caller sees numbers masked, so nothing finds anybody by the digits behind the mask.
    """
    made = Where()
    if only_mine:
        made.add("s.assignee_id = %(f_me)s", f_me=me)
    for write in _PARTS:
        write(made, chosen)
    _assignee(made, chosen, me)
    _groups(made, uow, chosen)
    _search(made, chosen.q)
    if masked:
        _unmask_nobody(made)
    _chips(made, uow, chosen, conditions.Reader(me, masked=masked))
    if impossible(chosen):
        # Only now: a chip that makes no sense is refused all the same.
        return Where([sql.SQL("false")])
    _narrow(made, uow)
    if chosen.area:
        made.few = True
        condition, params = within(area.parse(chosen.area), "f_area")
        made.search.append(condition)
        made.params |= params
    asked = any((made.hints.words, made.hints.lists, made.hints.tags)) and not (only_mine or masked)
    made.alone = asked and chosen == LeadFilter(q=chosen.q, list=chosen.list, tag=chosen.tag)
    return made


def _plain(made: Where, chosen: LeadFilter) -> None:
    if chosen.status:
        # The rank has an index, for the statuses that few leads have.
        made.add("s.status_rank = any(%(f_status)s)", f_status=[_RANK[status] for status in chosen.status])
    if chosen.state:
        made.add("s.state = any(%(f_state)s)", f_state=list(chosen.state))
    if chosen.source is not None:
        made.add("s.source = %(f_source)s", f_source=chosen.source)
    if chosen.import_id is not None:
        made.add(
            "s.lead_id in (select i.id from lead i where i.org_id = s.org_id and i.import_id = %(f_import)s)",
            f_import=chosen.import_id,
        )


def _figures(made: Where, chosen: LeadFilter) -> None:
    if chosen.min_stack is not None:
        made.add("s.stack >= %(f_stack)s", f_stack=chosen.min_stack)
    if chosen.min_equity is not None:
        made.add("s.equity_percent >= %(f_equity)s", f_equity=chosen.min_equity)
    if chosen.min_value is not None:
        made.add("s.estimated_value >= %(f_value)s", f_value=chosen.min_value)
    if chosen.has_phone is not None:
        made.add("s.phone_count > 0" if chosen.has_phone else "s.phone_count = 0")


_PARTS: tuple[Callable[[Where, LeadFilter], None], ...] = (_plain, _figures)


def _assignee(made: Where, chosen: LeadFilter, me: UUID | None) -> None:
    if chosen.assignee == "none":
        made.add("s.assignee_id is null")
    elif chosen.assignee is not None:
        made.add("s.assignee_id = %(f_assignee)s", f_assignee=me if chosen.assignee == "me" else chosen.assignee)


def _groups(made: Where, uow: UnitOfWork, chosen: LeadFilter) -> None:
    if chosen.list:
        made.hints.lists.extend(named(uow, "lead_list", chosen.list))
        made.add("s.list_ids @> %(f_list)s", f_list=list(made.hints.lists))
    if chosen.not_list:
        made.add("not s.list_ids && %(f_not_list)s", f_not_list=named(uow, "lead_list", chosen.not_list))
    if chosen.tag:
        made.hints.tags.extend(named(uow, "tag", chosen.tag))
        made.add("s.tag_ids && %(f_tag)s", f_tag=list(made.hints.tags))


def _search(made: Where, q: str) -> None:
    for place, pattern in enumerate(patterns(q)):
        made.search.append(sql.SQL("s.words like {}").format(sql.Placeholder(f"f_word{place}")))
        made.params[f"f_word{place}"] = pattern
        made.hints.words.append(pattern)


def _unmask_nobody(made: Where) -> None:
    """Ask that the words stand in the lead without its numbers; where they do not, who asks learns nothing."""
    for name in [name for name in made.params if name.startswith("f_word") and re.search(r"\d", made.params[name])]:
        made.search.append(sql.SQL("{} like {}").format(hiding.NUMBERLESS, sql.Placeholder(name)))


def _chips(made: Where, uow: UnitOfWork, chosen: LeadFilter, reader: conditions.Reader) -> None:
    writer = conditions.Writer(uow, reader, made.params, made.hints, chosen.where)
    # Where nothing else narrows, no two conditions can meet in few leads, and the sort's index is near enough.
    single = len(chosen.where) == 1 and not made.terms and not made.search
    for chip in chosen.where:
        made.params["f_org"] = uow.org()
        written, estimated = writer.write(chip)
        made.few |= writer.counted_out
        (made.terms if estimated or (single and writer.of_set) else made.search).append(written)


def _narrow(made: Where, uow: UnitOfWork) -> None:
    """Name the leads that the words, lists and tags leave, where they are few; the conditions themselves stay.

    Under row-level security no index answers these conditions (migration 0004, ``find_leads``): without the names, a
    rare word would be looked for in every lead of the organisation.
    """
    hints = made.hints
    if not hints.words and not hints.lists and not hints.tags:
        return
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select case when count(*) <= %s then coalesce(array_agg(x.id), '{}')::text end
            from find_leads(%s::text[], %s::uuid[], %s::uuid[], %s) x (id)
            """,
            [FEW, *_asked(hints), FEW + 1],
        )
        row = cursor.fetchone()
    if row is not None and row[0] is not None:
        made.few = True
        made.search.append(sql.SQL("s.lead_id = any(%(f_found)s::uuid[])"))
        made.params["f_found"] = row[0]


def count_alone(uow: UnitOfWork, hints: conditions.Hints, up_to: int) -> int:
    """Count the leads that words, lists and tags leave, at most ``up_to``, by their own indexes."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select count(*) from find_leads(%s::text[], %s::uuid[], %s::uuid[], %s)", [*_asked(hints), up_to]
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _asked(hints: conditions.Hints) -> tuple[list[str] | None, list[UUID] | None, list[UUID] | None]:
    return hints.words or None, hints.lists or None, hints.tags or None


def patterns(q: str) -> list[str]:
    """Write what somebody typed as ``like`` patterns over ``words``; all must match.

    A number typed with brackets and dashes is its digits. A term of one or two letters must begin a word
    (``words`` starts with a space, so that the first does too).
    """
    if _PHONE.match(q):
        return [f"%{re.sub(r'[^0-9]', '', q)}%"]
    terms = dict.fromkeys(_escaped(word) for word in q.lower().replace(",", " ").split())
    return [f"%{term}%" if len(term) >= _SHORT else f"% {term}%" for term in list(terms)[:8]]


def _escaped(term: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", term)
