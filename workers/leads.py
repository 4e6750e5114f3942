"""Makes flat rows of leads true again after a change elsewhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from leadflow.jobs.types import Claim
from leadflow.kernel.db import Database
from leadflow.leads import service as leads
from models.vocabulary import JobKind
from workers.job import job


@job(JobKind.LEAD_SEARCH_REFRESH)
def refresh(db: Database, claim: Claim) -> None:
    """Refresh the leads that the payload names: by lead, number, person or property; all of them when it names none.

    ``due`` names those whose score another day changes, ``marks_of_import`` those against whom an import wrote a mark.
    """
    if claim.org_id is None:
        return
    given = claim.payload
    if given.get("due"):
        leads.renew_due(db, claim.org_id)
        return
    if marked := given.get("marks_of_import"):
        leads.renew_marked(db, claim.org_id, UUID(marked))
        return
    if not given:
        leads.refresh_all(db, claim.org_id)
        return
    with db.begin(claim.org_id) as uow:
        leads.refresh_search(uow, _ids(given, "lead_ids"))
        leads.show_touch(uow, _ids(given, "touched"))
        leads.refresh_for(
            uow,
            phones=[str(number) for number in given.get("phones", ())],
            people=_ids(given, "person_ids"),
            properties=_ids(given, "property_ids"),
        )


@job(JobKind.FIELD_FILL)
def fill_field(db: Database, claim: Claim) -> None:
    """Fill a custom field with what files have brought under its header."""
    if claim.org_id is not None:
        leads.fill_field(db, claim.org_id, UUID(claim.payload["field_id"]), claim.actor_id)


def _ids(given: dict[str, Any], name: str) -> list[UUID]:
    return [UUID(word) for word in given.get(name, ())]
