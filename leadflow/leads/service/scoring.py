"""Choose what the scores of an organisation's leads go by."""

from __future__ import annotations

from collections.abc import Mapping

from leadflow.audit import service as audit
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.leads.card_types import Weight
from leadflow.leads.queries import scoring as queries
from leadflow.leads.rules.score import WEIGHTS, check_weights, labels
from models.vocabulary import Permission


def score_weights(uow: UnitOfWork, actor: Principal) -> tuple[Weight, ...]:
    """Tell how many points each fact can bring, and how many it usually does."""
    require(actor, Permission.LEAD_READ)
    chosen = queries.weights(uow)
    return tuple(Weight(name, label, chosen[name], WEIGHTS[name]) for name, label in labels().items())


def set_score_weights(uow: UnitOfWork, actor: Principal, given: Mapping[str, int]) -> None:
    """Let each fact bring so many points from now on; every score follows at once.

    Raises:
        Invalid: they are not a hundred together, or one is missing.
    """
    require(actor, Permission.SETTINGS_WRITE)
    chosen, before = check_weights(given), dict(queries.weights(uow))
    if chosen == before:
        return
    queries.keep(uow, chosen, actor.user_id)
    audit.record(uow, actor.user_id, "lead.scoring_changed", "organization", uow.org(), {"to": chosen, "from": before})
