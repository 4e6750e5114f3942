"""A person has texts sent anew that nobody got. Never by itself, and never one that may have arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import timedelta
from itertools import groupby
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.campaigns.errors import NotThere
from leadflow.campaigns.queries import course
from leadflow.campaigns.queries import drafts as queries
from leadflow.campaigns.rules.again import CERTAIN, WORDS, reason
from leadflow.campaigns.service.drafting import found_campaign, plan_of
from leadflow.campaigns.service.judging import Writer
from leadflow.campaigns.service.launching import look
from leadflow.campaigns.service.running import write
from leadflow.campaigns.types import Again
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid
from leadflow.messaging import service as messaging
from models.vocabulary import CampaignState, MessageState, Permission


def may_retry(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> list[Again]:
    """Count, by reason, the failed texts of a finished campaign that may get through later; largest first."""
    require(actor, Permission.CAMPAIGN_READ)
    if found_campaign(uow, campaign_id).state is not CampaignState.FINISHED:
        return []
    counted = Counter(why for _, why in _failed(uow, campaign_id))
    return [Again(why, WORDS[why], count, why in CERTAIN) for why, count in counted.most_common()]


def retry_failed(uow: UnitOfWork, actor: Principal, campaign_id: UUID, reasons: Collection[str]) -> int:
    """Send failed texts of a finished campaign anew, each as a further attempt, through the gate like every text.

    The wall of one text per person and message stands: an attempt is a row of its own, and is written only while the
    one before it has ended without reaching anybody, in the same transaction.

    Args:
        uow: the caller's transaction.
        actor: who answers for it.
        campaign_id: a finished campaign.
        reasons: which of ``may_retry``; naming one that is not certain is this person's word that nobody got them.

    Returns:
        How many texts are sent anew.

    Raises:
        NotThere: it has not finished.
        Invalid: there is no such reason.
        Conflict: nothing failed for these reasons.
    """
    require(actor, Permission.CAMPAIGN_LAUNCH)
    campaign = found_campaign(uow, campaign_id, lock="update")
    if campaign.state is not CampaignState.FINISHED:
        raise NotThere("Only a finished campaign has texts that can be sent anew.")
    wanted = set(reasons)
    if not wanted or wanted - WORDS.keys():
        raise Invalid("Choose why the texts failed that shall be sent anew.", "reasons")
    chosen = [(one, why) for one, why in _failed(uow, campaign_id) if why in wanted]
    if not chosen:
        raise Conflict("No text failed for these reasons any more. Reload.")
    now, plan = uow.now(), plan_of(uow, campaign)
    writer = Writer(campaign.id, plan, queries.organization(uow).name)
    course.reopen(uow, campaign_id, now + timedelta(minutes=max(step.good_for_minutes for step in plan.steps)))
    written = 0
    for position, group in groupby(sorted((one for one, _ in chosen), key=_position), key=_position):
        drafts = [write(writer, one.row, position, one.variant, now, one.attempt + 1) for one in group]
        written += messaging.queue_many(uow, campaign_id, position, drafts)
    audit.record(
        uow,
        actor.user_id,
        "campaign.retried",
        "campaign",
        campaign_id,
        {"texts": written, "reasons": dict(Counter(why for _, why in chosen)), "by": sorted(wanted)},
    )
    look(uow, campaign_id, now)
    uow.session.refresh(campaign)
    return written


def _position(one: course.Failed) -> int:
    return one.position


def _failed(uow: UnitOfWork, campaign_id: UUID) -> Iterator[tuple[course.Failed, str]]:
    for one in course.failed(uow, campaign_id):
        why = reason(MessageState(one.state), one.code)
        if why is not None:
            yield one, why
