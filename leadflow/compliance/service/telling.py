"""Tell afterwards what the gate said and why: lists, receipts, sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import orjson

from leadflow.audit import service as audit
from leadflow.audit.types import Proof
from leadflow.compliance.queries import decisions as stored
from leadflow.compliance.queries import lists
from leadflow.compliance.queries import packs as kept
from leadflow.compliance.rules import gate, receipts
from leadflow.compliance.rules.book import RuleBookView, RuleRow
from leadflow.compliance.service import books
from leadflow.compliance.service.policies import policy
from leadflow.compliance.types import (
    COUNT_UP_TO,
    ConsentFilter,
    ConsentRow,
    DecisionFilter,
    DecisionRow,
    Overview,
    Receipt,
    SuppressionRow,
)
from leadflow.identity.rules import mask_phone, only_assigned, require
from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from leadflow.kernel.paging import Page, Row
from models.vocabulary import Permission, SuppressionKind

OVERVIEW_DAYS = 30


def decisions(
    uow: UnitOfWork, actor: Principal, wanted: DecisionFilter, after: str | None, limit: int
) -> Page[DecisionRow]:
    """List what the gate decided, newest first."""
    require(actor, Permission.DECISION_READ)
    rows = stored.page(uow, wanted, _cursor(after), limit + 1, assigned(actor))
    shown = tuple(seen_by(actor, row) for row in rows[:limit])
    following = _next(rows, limit, lambda row: row.at)
    if after:
        return Page(shown, following)
    return _first_page(shown, following, stored.counted_up_to(uow, wanted, COUNT_UP_TO + 1, assigned(actor)))


def receipt(uow: UnitOfWork, actor: Principal, decision_id: UUID) -> Receipt:
    """Open one decision with everything it rests on.

    Raises:
        NotFound: no such decision in this organisation.
    """
    require(actor, Permission.DECISION_READ)
    found = stored.stored(uow, decision_id, assigned(actor))
    if found is None:
        raise NotFound
    body: dict[str, Any] = orjson.loads(found.body)
    book = books.read(uow, body["book"]) if "book" in body else receipts.written()
    return Receipt(seen_by(actor, found.row), body, receipts.results(body, book), found.sealed)


def prove(uow: UnitOfWork, actor: Principal, decision_id: UUID) -> Proof:
    """Prove that a decision stands in the record, so that whoever has the receipt can check it against a signed root.

    Raises:
        NotFound: no such decision in this organisation.
        Conflict: it waits for the next seal.
    """
    require(actor, Permission.DECISION_READ)
    if stored.stored(uow, decision_id, assigned(actor)) is None:
        raise NotFound
    proof = audit.prove(uow, "decision", decision_id)
    if proof is None:
        raise Conflict("This decision waits for the next seal, a matter of seconds. Ask again then.")
    return proof


def overview(uow: UnitOfWork, actor: Principal) -> Overview:
    """Sum up the last thirty days."""
    require(actor, Permission.DECISION_READ)
    now = uow.now()
    since = now - timedelta(days=OVERVIEW_DAYS)
    days: dict[date, dict[str, int]] = {}
    totals: dict[str, int] = {}
    for day, verdict, count in stored.counted(uow, since):
        days.setdefault(day, {})[verdict] = count
        totals[verdict] = totals.get(verdict, 0) + count
    return Overview(
        since=since,
        until=now,
        by_verdict=totals,
        by_rule=stored.counted_by_rule(uow, since),
        by_day=tuple(sorted(days.items())),
        suppressions=lists.counted_suppressions(uow),
        consents=lists.counted_consents(uow, now),
        policy_version=policy(uow).version,
    )


def rules(uow: UnitOfWork, actor: Principal) -> RuleBookView:
    """List the gate's rules and every version of the packs."""
    require(actor, Permission.DECISION_READ)
    return RuleBookView(
        policy_version=policy(uow).version,
        rules=tuple(RuleRow(rule.name, rule.sentence, rule.citation, rule.timely) for rule in gate.RULES),
        packs=tuple(kept.listing(uow)),
    )


def suppressions(
    uow: UnitOfWork,
    actor: Principal,
    *,
    kind: SuppressionKind | None = None,
    e164: str | None = None,
    standing: bool | None = True,
    after: str | None = None,
    limit: int = 100,
) -> Page[SuppressionRow]:
    """List suppressions, newest first; for a number also those of everybody who is reached at it."""
    require(actor, Permission.SUPPRESSION_READ)
    number = None if e164 is None else int(e164[1:])
    rows = lists.suppressions(uow, kind=kind, number=number, standing=standing, after=_cursor(after), limit=limit + 1)
    shown = tuple(replace(row, e164=mask_phone(actor.role, row.e164)) if row.e164 else row for row in rows[:limit])
    following = _next(rows, limit, lambda row: row.at)
    if after:
        return Page(shown, following)
    most = COUNT_UP_TO + 1
    counted = lists.count_suppressions(uow, kind=kind, number=number, standing=standing, most=most)
    return _first_page(shown, following, counted)


def consents(
    uow: UnitOfWork, actor: Principal, wanted: ConsentFilter, *, after: str | None = None, limit: int = 100
) -> Page[ConsentRow]:
    """List the consent ledger, newest first."""
    require(actor, Permission.CONSENT_READ)
    now = uow.now()
    rows = lists.consents(uow, wanted, now, after=_cursor(after), limit=limit + 1)
    shown = tuple(replace(row, e164=mask_phone(actor.role, row.e164)) for row in rows[:limit])
    following = _next(rows, limit, lambda row: row.recorded_at)
    if after:
        return Page(shown, following)
    return _first_page(shown, following, lists.count_consents(uow, wanted, now, most=COUNT_UP_TO + 1))


def assigned(actor: Principal) -> UUID | None:
    """Name the user whose leads alone may be seen; None sees all."""
    return actor.user_id if only_assigned(actor.role) else None


def seen_by(actor: Principal, row: DecisionRow) -> DecisionRow:
    """Mask the number of a decision from those who may not see it."""
    return row if row.e164 is None else replace(row, e164=mask_phone(actor.role, row.e164))


def _cursor(after: str | None) -> tuple[datetime, UUID] | None:
    if after is None:
        return None
    at, row_id = paging.decode(after, 2)
    try:
        return datetime.fromisoformat(at), UUID(row_id)
    except (TypeError, ValueError) as error:
        raise Invalid("This page marker belongs to another list. Reload it.", "after") from error


def _next(rows: Sequence[_Listed], limit: int, at: Callable[[Any], datetime]) -> str | None:
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    return paging.encode(at(last).isoformat(), str(last.id))


class _Listed(Protocol):
    """A row of a list that is paged by an instant and its id."""

    @property
    def id(self) -> UUID: ...


def _first_page(rows: tuple[Row, ...], after: str | None, counted: int) -> Page[Row]:
    """Make the page that also says how many rows there are, or that there are more than were counted."""
    more = counted > COUNT_UP_TO
    return Page(rows, after, None if more else counted, COUNT_UP_TO if more else None)
