"""Decides whether the conditions of a filter contradict each other, so that no lead can be in the answer. Pure.

Only what is sure is called a contradiction; of the rest the database knows more.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from leadflow.leads.filter_types import FIELDS, Condition, Kind, Op, spellings
from leadflow.leads.types import LeadFilter

_OF_BLANKS = frozenset({Op.EMPTY, Op.NOT, Op.NOT_CONTAINS, Op.NONE})
"""What can be true of a field that holds nothing."""


def impossible(chosen: LeadFilter) -> bool:
    """Say whether no lead can be what a filter asks, whatever leads there are.

    Chips with alternatives and own fields are not weighed.
    """
    asked = defaultdict[str, list[Condition]](list)
    for one in _all(chosen):
        asked[one.field].append(one)
    return any(_contradict(FIELDS[field].kind, every) for field, every in asked.items() if len(every) > 1)


def _all(chosen: LeadFilter) -> Iterator[Condition]:
    yield from (chip[0] for chip in chosen.where if len(chip) == 1 and chip[0].field in FIELDS)
    for field, op, values in (
        ("status", Op.IS, chosen.status),
        ("state", Op.IS, chosen.state),
        ("list", Op.ALL, chosen.list),
        ("list", Op.NONE, chosen.not_list),
        ("tag", Op.ANY, chosen.tag),
        ("stack", Op.AT_LEAST, _given(chosen.min_stack)),
        ("equity", Op.AT_LEAST, _given(chosen.min_equity)),
        ("value", Op.AT_LEAST, _given(chosen.min_value)),
        ("source", Op.IS, _given(chosen.source)),
        ("import", Op.IS, _given(chosen.import_id)),
    ):
        if values:
            yield Condition(field, op, tuple(str(value) for value in values))
    if chosen.has_phone is not None:
        yield Condition("has_phone", Op.YES if chosen.has_phone else Op.NO)


def _given(value: object) -> tuple[object, ...]:
    return () if value is None else (value,)


def _contradict(kind: Kind, asked: Sequence[Condition]) -> bool:
    ops = {one.op for one in asked}
    # A task without a title or a day is neither empty nor given for every question.
    if Op.EMPTY in ops and ops - _OF_BLANKS and kind is not Kind.TASK:
        return True
    return {Op.YES, Op.NO} <= ops or (kind in _WEIGH and _WEIGH[kind](asked))


def _words(asked: Sequence[Condition]) -> bool:
    wanted = [set(spellings(one.values)) for one in asked if one.op is Op.IS]
    if not wanted or any("me" in one.values for one in asked):
        return False
    refused = {word for one in asked if one.op is Op.NOT for word in spellings(one.values)}
    return not wanted[0].intersection(*wanted[1:]) - refused


def _figures(asked: Sequence[Condition]) -> bool:
    lowest, highest, wanted = -math.inf, math.inf, list[set[float]]()
    for one in asked:
        values = sorted(float(value) for value in one.values)
        if one.op in {Op.AT_LEAST, Op.BETWEEN}:
            lowest = max(lowest, values[0])
        if one.op in {Op.AT_MOST, Op.BETWEEN}:
            highest = min(highest, values[-1])
        if one.op is Op.IS:
            wanted.append(set(values))
    if not wanted:
        return lowest > highest
    return not any(lowest <= value <= highest for value in wanted[0].intersection(*wanted[1:]))


def _groups(asked: Sequence[Condition]) -> bool:
    refused = {name for one in asked if one.op is Op.NONE for name in one.values}
    return any(
        (one.op is Op.ALL and not refused.isdisjoint(one.values))
        or (one.op is Op.ANY and refused.issuperset(one.values))
        for one in asked
    )


_WEIGH: dict[Kind, Callable[[Sequence[Condition]], bool]] = {
    Kind.TEXT: _words,
    Kind.CHOICE: _words,
    Kind.WHO: _words,
    Kind.ONE: _words,
    Kind.NUMBER: _figures,
    Kind.MONEY: _figures,
    Kind.PERCENT: _figures,
    Kind.GROUP: _groups,
}
