"""Who answers, is settled, or moves on gets no further text; a campaign in bad weather pauses.

Heeded in the transaction in which it happens.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.campaigns.queries import stops as queries
from leadflow.campaigns.rules.funnel import REMOVED, REPLIED, SETTLED, STATUS
from leadflow.kernel.db import UnitOfWork
from leadflow.leads import service as leads
from leadflow.leads.types import Removal, StatusChange
from leadflow.messaging import service as messaging
from leadflow.messaging.service import Stormy, Verified, Wrote
from leadflow.messaging.types import VERIFIED_ELSEWHERE


def stop_people(
    uow: UnitOfWork,
    rule: str,
    *,
    why: str,
    numbers: Collection[str] = (),
    people: Collection[UUID] = (),
    lead_ids: Collection[UUID] = (),
    status: str = "",
) -> int:
    """Stop people, on all their numbers, in every live campaign that heeds the rule; queued texts are withdrawn.

    Members are held first and their texts afterwards, as everybody does who holds both.

    Args:
        uow: the transaction in which it happened.
        rule: ``replied``, ``settled`` or ``status``.
        why: the reason that stands on each recipient.
        numbers: E.164; everybody who is reached there.
        people: persons.
        lead_ids: leads; the person whom a campaign addresses for them.
        status: which one, of that rule.

    Returns:
        How many members were stopped.
    """
    found = queries.stop(
        uow,
        rule,
        numbers=[int(number) for number in numbers],
        people=people,
        leads=lead_ids,
        status=status,
        why=why,
        now=uow.now(),
    )
    for campaign_id, e164s in sorted(found.items()):
        messaging.withdraw_numbers(uow, [f"+{number}" for number in e164s], why, campaign_id=campaign_id)
    return sum(len(e164s) for e164s in found.values())


def _wrote(uow: UnitOfWork, news: Wrote) -> None:
    stop_people(uow, "replied", why=REPLIED, numbers=[news.e164])


def _settled(uow: UnitOfWork, news: Wrote) -> None:
    people = [] if news.person_id is None else [news.person_id]
    stop_people(uow, "settled", why=SETTLED, numbers=[news.e164], people=people)


def _verified(uow: UnitOfWork, news: Verified) -> None:
    """Stop those who are only being looked for; their texts are taken back by whoever settles the conversation."""
    queries.stop_others(uow, news.property_id, int(news.e164), VERIFIED_ELSEWHERE, uow.now())


def _moved(uow: UnitOfWork, news: StatusChange) -> None:
    status = news.status.value
    stop_people(uow, "status", why=f"{STATUS}{status}", lead_ids=news.lead_ids, status=status)


def _removed(uow: UnitOfWork, news: Removal) -> None:
    """Send nothing further for leads that were removed; whoever is addressed for another lead too is still texted."""
    for campaign_id, e164s in sorted(queries.stop_removed(uow, news.lead_ids, REMOVED, uow.now()).items()):
        messaging.withdraw_numbers(uow, [f"+{number}" for number in e164s], REMOVED, campaign_id=campaign_id)


def _storm(uow: UnitOfWork, news: Stormy) -> None:
    """Pause a campaign whose texts are filtered, or answered by opt-outs, too often."""
    if not queries.stop_for_weather(uow, news.campaign_id, news.storm.why):
        return
    rate = news.storm.rate
    audit.record(
        uow,
        None,
        "campaign.paused",
        "campaign",
        news.campaign_id,
        {
            "why": news.storm.why,
            "weather": rate.kind.value,
            "texts": rate.texts,
            "hits": rate.hits,
            "at_least": round(rate.low, 4),
            "limit": rate.limit,
        },
    )


def heed() -> None:
    """Connect the stop rules to what the rooms below tell."""
    messaging.stormy.connect(_storm)
    messaging.wrote.connect(_wrote)
    messaging.settled.connect(_settled)
    messaging.verified.connect(_verified)
    leads.status_changed.connect(_moved)
    leads.removed_now.connect(_removed)
