"""How carriers and people take our texts, and telling the room above when a campaign has to stop for it.

The outcome that brings a rate over its limit stops the campaign in its own transaction. Whoever writes bad outcomes
down calls ``brace`` before it holds any text, so that locks are taken in the order of a batch (our numbers, campaigns,
texts, gates), and ``look`` when all is written. A batch holds its campaigns until its end: what it has begun is the
last.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import structlog

from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.phone import display
from leadflow.messaging.queries import weather as queries
from leadflow.messaging.rules import weather as rules
from leadflow.messaging.service.telling import Stormy, stormy
from leadflow.messaging.types import Consequence, Limits, Part, Report, Seen
from models.vocabulary import Permission, Weather

log = structlog.get_logger(__name__)

NOBODY: frozenset[UUID] = frozenset()
_STOPPING = frozenset({Consequence.STOP_SENDER, Consequence.STOP_ACCOUNT})


def brace(uow: UnitOfWork, news: Collection[tuple[UUID, Consequence]]) -> frozenset[UUID]:
    """Hold the campaigns that bad news of these texts could stop. Before any text is held.

    Args:
        uow: the caller's transaction.
        news: texts, and what the carrier's code asks for.

    Returns:
        The campaigns that ``look`` has to look at; those that the news cannot stop are left alone.
    """
    bad = {message_id for message_id, what in news if what in rules.BAD}
    if not bad:
        return NOBODY
    turning = _turning(uow, queries.campaigns_of(uow, bad))
    if turning and any(what in _STOPPING for _, what in news):
        # Numbers that are stopped in the same transaction are held first, as a batch holds them.
        queries.hold_numbers(uow)
    return queries.hold(uow, turning) if turning else NOBODY


def brace_for_stop(uow: UnitOfWork, sender_id: UUID, e164: str) -> tuple[queries.Last | None, frozenset[UUID]]:
    """Find the text that an opt-out answers, and hold its campaign where the opt-out could stop it."""
    last = queries.last_text(uow, sender_id, e164)
    if last is None or last.campaign_id is None:
        return last, NOBODY
    turning = _turning(uow, {last.campaign_id: 1})
    return last, queries.hold(uow, turning) if turning else NOBODY


def opted_out(uow: UnitOfWork, message_id: UUID) -> None:
    """Note that a text was answered by an opt-out."""
    queries.opted_out(uow, [message_id], uow.now())


def _turning(uow: UnitOfWork, coming: Mapping[UUID, int]) -> list[UUID]:
    return [campaign_id for campaign_id, bad in coming.items() if _may_turn(uow, campaign_id, bad)]


def _may_turn(uow: UnitOfWork, campaign_id: UUID, coming: int) -> bool:
    stand = queries.stand(uow, campaign_id)
    if stand is None:
        return False
    seen = queries.seen(uow, campaign_id, stand.limits.window, stand.since)
    return rules.may_turn(seen, coming, stand.limits)


def look(uow: UnitOfWork, campaign_ids: Collection[UUID]) -> None:
    """Judge campaigns that are held, and tell of those that have to stop."""
    for campaign_id in sorted(campaign_ids):
        stand = queries.stand(uow, campaign_id)
        if stand is None:
            continue
        storm = rules.judge(queries.seen(uow, campaign_id, stand.limits.window, stand.since), stand.limits)
        if storm is not None:
            log.warning("weather.storm", campaign_id=str(campaign_id), kind=storm.rate.kind.value)
            stormy.tell(uow, Stormy(campaign_id, storm))


def look_again(uow: UnitOfWork, campaign_id: UUID) -> None:
    """Judge one campaign, now and then: limits may have changed, or many outcomes have come at one instant."""
    look(uow, queries.hold(uow, _turning(uow, {campaign_id: 0})))


# For people


def weather_of_campaign(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> Report:
    """Tell how the last texts of a campaign were taken: by template, number and carrier.

    The caller has found the campaign.
    """
    require(actor, Permission.CAMPAIGN_READ)
    limits, since = queries.limits(uow), queries.since(uow, campaign_id)
    return _report(queries.of_campaign(uow, campaign_id, limits.window, since), limits, since)


def weather_of_numbers(uow: UnitOfWork, actor: Principal) -> Report:
    """Tell how the last texts of each of the organisation's numbers were taken, by number and carrier."""
    require(actor, Permission.CAMPAIGN_READ)
    limits = queries.limits(uow)
    return _report(queries.of_numbers(uow, limits.window), limits, None)


def _report(counted: Collection[queries.Counted], limits: Limits, since: datetime | None) -> Report:
    parts = {
        by: tuple(_part(one, limits) for one in counted if one.by == by) for by in ("template", "number", "carrier")
    }
    whole = next((one for one in counted if one.by == "all"), queries.Counted("all", "", "", Seen(0, 0, 0)))
    return Report(
        limits=limits,
        since=since,
        whole=_part(whole, limits),
        templates=tuple(sorted(parts["template"], key=_key)),
        numbers=tuple(sorted(parts["number"], key=_worst)),
        carriers=tuple(sorted(parts["carrier"], key=_worst)),
    )


def _part(one: queries.Counted, limits: Limits) -> Part:
    label = display(one.label) if one.label.startswith("+") else one.label
    filtered, opted = (rules.rate(one.seen, kind, limits) for kind in (Weather.FILTERED, Weather.OPTED_OUT))
    return Part(one.key, label, one.seen.texts, filtered, opted)


def _key(part: Part) -> str:
    return part.key


def _worst(part: Part) -> tuple[float, float, str]:
    return (-part.filtered.low, -part.opted_out.low, part.label)
