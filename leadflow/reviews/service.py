"""Draw a sample, judge it, sign it, and hold a signature against what stands."""

from __future__ import annotations

import hmac
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.audit.rules import canonical, digest_of, sign
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from leadflow.kernel.paging import Page
from leadflow.kernel.rates import wilson
from leadflow.leads import service as leads
from leadflow.reviews import queries
from leadflow.reviews.rules.sampling import draw as sample
from leadflow.reviews.rules.strata import rank, stratum_of, title
from leadflow.reviews.types import DrawDetail, DrawRow, DrawWish, Rate, ReviewRow, Signature
from models.base import new_id
from models.reviews import ReviewDraw
from models.vocabulary import Permission, Verdict

LARGEST = 500
"""Decisions of one draw: more than a person judges with care. Own choice."""
MOST = 1_000_000
"""Decisions of one stretch; a longer one is drawn in parts."""
LOOK_IN = timedelta(days=2)
"""When the task that a disagreement opens is due."""
BARRED = {
    "actor": "You took part in this decision yourself. Another reviewer has to judge it.",
    "campaign": "You wrote, approved or launched its campaign. Another reviewer has to judge it.",
    "": "",
}


def draw(uow: UnitOfWork, actor: Principal, wish: DrawWish) -> UUID:
    """Draw a stratified sample of a stretch of time and keep it for judging.

    Raises:
        Invalid: the stretch is empty, turned round or too long, or the sample too small for its strata.
    """
    require(actor, Permission.DECISION_REVIEW)
    _check(uow, wish)
    unsure = queries.unsure_states(uow, wish.until)
    strata: dict[str, list[UUID]] = {}
    for one in queries.population(uow, wish.since, wish.until):
        strata.setdefault(stratum_of(one, unsure), []).append(one.id)
    if not strata:
        raise Invalid("There are no decisions in these days.", "since")
    if wish.size < len(strata):
        raise Invalid(f"There are {len(strata)} kinds of risk in these days: draw at least that many.", "size")
    seed = secrets.randbelow(2**53) if wish.seed is None else wish.seed
    made = ReviewDraw(
        id=new_id(),
        org_id=uow.org(),
        since=wish.since,
        until=wish.until,
        seed=seed,
        size=wish.size,
        least=wish.least,
        strata={name: len(ids) for name, ids in strata.items()},
        drawn_at=uow.now(),
        drawn_by=actor.user_id,
    )
    uow.session.add(made)
    uow.session.flush()
    drawn = sample(strata, wish.size, wish.least, seed)
    queries.add_items(uow, made.id, drawn)
    detail = {"seed": seed, "decisions": len(drawn), "strata": len(strata)}
    audit.record(uow, actor.user_id, "review.drawn", "review_draw", made.id, detail)
    return made.id


def _check(uow: UnitOfWork, wish: DrawWish) -> None:
    if wish.since >= wish.until:
        raise Invalid("The first day has to lie before the last.", "since")
    if not 1 <= wish.size <= LARGEST:
        raise Invalid(f"Draw between 1 and {LARGEST} decisions.", "size")
    if wish.least < 1:
        raise Invalid("Every kind of risk needs at least one.", "least")
    if queries.count_population(uow, wish.since, wish.until, MOST + 1) > MOST:
        raise Invalid(f"These days hold more than {MOST:,} decisions. Draw them in parts.", "until")


def draws(uow: UnitOfWork, actor: Principal, after: str | None = None, limit: int = 100) -> Page[DrawRow]:
    """List draws, newest first."""
    require(actor, Permission.DECISION_REVIEW)
    rows = queries.draws(uow, paging.instant_and_id(after), limit + 1)
    shown = tuple(DrawRow(**row) for row in rows[:limit])
    following = paging.encode(shown[-1].drawn_at.isoformat(), str(shown[-1].id)) if len(rows) > limit else None
    return Page(shown, following, None if after else queries.count_draws(uow))


def detail(uow: UnitOfWork, actor: Principal, draw_id: UUID) -> DrawDetail:
    """Open a draw: its decisions in the order of judging, and the rate of agreement by stratum.

    Raises:
        NotFound: no such draw.
    """
    require(actor, Permission.DECISION_REVIEW)
    row = queries.draw_row(uow, draw_id)
    kept = queries.get_draw(uow, draw_id)
    if row is None or kept is None:
        raise NotFound
    items = queries.items(uow, draw_id, actor.user_id)
    return DrawDetail(DrawRow(**row), _rates(kept.strata, items), tuple(_review(one) for one in items))


def _review(row: Mapping[str, Any]) -> ReviewRow:
    return ReviewRow(
        id=row["id"],
        decision_id=row["decision_id"],
        position=row["position"],
        stratum=row["stratum"],
        title=title(row["stratum"]),
        at=row["at"],
        verdict=Verdict(row["verdict"]),
        reasons=tuple(row["reasons"]),
        agrees=row["agrees"],
        reason=row["reason"],
        judged_at=row["judged_at"],
        judged_by_name=row["judged_by_name"],
        barred=BARRED[row["part"]],
    )


def _rates(strata: Mapping[str, int], items: Sequence[Mapping[str, Any]]) -> tuple[Rate, ...]:
    drawn = Counter(one["stratum"] for one in items)
    judged = Counter(one["stratum"] for one in items if one["agrees"] is not None)
    agreed = Counter(one["stratum"] for one in items if one["agrees"])
    return tuple(
        Rate(
            name,
            title(name),
            strata[name],
            drawn[name],
            judged[name],
            agreed[name],
            *wilson(agreed[name], judged[name]),
        )
        for name in sorted(strata, key=rank)
    )


def judge(uow: UnitOfWork, actor: Principal, review_id: UUID, *, agrees: bool, reason: str = "") -> None:
    """Say whether a decision was right; a disagreement needs a reason and opens a task on the lead.

    Until the draw is signed a judgement may be changed.

    Raises:
        NotFound: no such decision in a draw.
        Conflict: the draw is signed.
        Forbidden: the caller caused the decision.
        Invalid: a disagreement without a reason.
    """
    require(actor, Permission.DECISION_REVIEW)
    review = queries.get_review(uow, review_id)
    held = queries.get_draw(uow, review.draw_id) if review else None
    if review is None or held is None:
        raise NotFound
    if held.signed_at is not None:
        raise Conflict("This draw is signed; its judgements stand.")
    item = next(one for one in queries.items(uow, held.id, actor.user_id) if one["id"] == review_id)
    if barred := BARRED[item["part"]]:
        raise Forbidden(barred)
    if not agrees and not reason.strip():
        raise Invalid("Say what was wrong with it.", "reason")
    review.agrees, review.reason = agrees, reason.strip()
    review.judged_at, review.judged_by = uow.now(), actor.user_id
    if not agrees and review.task_id is None and item["lead_id"] is not None:
        review.task_id = leads.follow_task(
            uow,
            Principal.system(uow.org()),
            item["lead_id"],
            "A reviewer disagrees with a decision about this lead: look at the receipt",
            uow.now() + LOOK_IN,
        )
    uow.session.flush()
    detail = {"draw": str(held.id), "decision": str(review.decision_id), "agrees": agrees}
    audit.record(uow, actor.user_id, "review.judged", "review", review_id, detail)


def sign_off(uow: UnitOfWork, actor: Principal, draw_id: UUID) -> str:
    """Sign every judgement of a draw under the organisation's seal key; the record of acts has its hash and signature.

    Returns:
        SHA-256 of what was signed, hexadecimal.

    Raises:
        NotFound: no such draw.
        Conflict: something is not judged yet, or it is signed already.
    """
    require(actor, Permission.DECISION_REVIEW)
    held = queries.get_draw(uow, draw_id)
    if held is None:
        raise NotFound
    if held.signed_at is not None:
        raise Conflict("This draw is signed already.")
    items = queries.items(uow, draw_id, actor.user_id)
    if left := sum(one["agrees"] is None for one in items):
        raise Conflict(f"{left} of {len(items)} decisions are not judged yet.")
    keys = audit.sealing()
    now = uow.now()
    held.signed_at, held.signed_by, held.key_id = now, actor.user_id, keys.key_id
    held.statement = _statement(held, items)
    held.signature = sign(keys.keys[keys.key_id], held.statement)
    uow.session.flush()
    digest = digest_of(held.statement).hex()
    detail = {"digest": digest, "signature": held.signature.hex(), "key": keys.key_id, "decisions": len(items)}
    audit.record(uow, actor.user_id, "review.signed", "review_draw", draw_id, detail)
    return digest


def _statement(held: ReviewDraw, items: Sequence[Mapping[str, Any]]) -> bytes:
    """Write what is signed: one way only."""
    return canonical(
        {
            "format": 1,
            "org": str(held.org_id),
            "draw": str(held.id),
            "since": _instant(held.since),
            "until": _instant(held.until),
            "seed": held.seed,
            "size": held.size,
            "least": held.least,
            "strata": held.strata,
            "signed_by": str(held.signed_by),
            "signed_at": _instant(held.signed_at),
            "judgements": [
                {
                    "position": one["position"],
                    "decision": str(one["decision_id"]),
                    "receipt": one["digest"],
                    "stratum": one["stratum"],
                    "agrees": one["agrees"],
                    "reason": one["reason"],
                    "by": str(one["judged_by"]),
                    "at": _instant(one["judged_at"]),
                }
                for one in items
            ],
        }
    )


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else None


def verify(uow: UnitOfWork, actor: Principal, draw_id: UUID) -> Signature:
    """Hold a sign-off against its signature, the judgements as they stand, and the record of acts.

    Raises:
        NotFound: no such draw.
        Conflict: it is not signed.
    """
    require(actor, Permission.DECISION_REVIEW)
    held = queries.get_draw(uow, draw_id)
    if held is None:
        raise NotFound
    if held.statement is None or held.signature is None:
        raise Conflict("This draw is not signed yet.")
    items = queries.items(uow, draw_id, actor.user_id)
    key = audit.sealing().keys.get(held.key_id or "")
    digest = digest_of(held.statement).hex()
    event = queries.signed_event(uow, draw_id)
    recorded = event[0] if event else {}
    checks = (
        (key is None, "it was signed with a key that is not on the ring"),
        (
            key is not None and not hmac.compare_digest(sign(key, held.statement), held.signature),
            "the signature is not that of its key",
        ),
        (_statement(held, items) != held.statement, "the judgements are not those that were signed"),
        (not event, "the record of acts knows nothing of it"),
        (bool(event) and recorded.get("digest") != digest, "the record of acts has another statement"),
        (bool(event) and recorded.get("signature") != held.signature.hex(), "the record of acts has another signature"),
    )
    faults = tuple(words for broken, words in checks if broken)
    counts = {"decisions": len(items), "agreed": sum(bool(one["agrees"]) for one in items)}
    return Signature(not faults, faults, held.signed_at, held.key_id, digest, bool(event and event[1]), counts)
