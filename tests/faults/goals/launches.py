"""R11: everybody launches the same campaign at once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import httpx

from leadflow.campaigns import service as campaigns
from leadflow.campaigns.types import CampaignInput
from leadflow.compliance import service as compliance
from leadflow.identity.types import Principal
from leadflow.kernel.errors import LeadFlowError
from leadflow.leads import service as leads
from models.vocabulary import Basis, Role
from tests.factories.identity import a_member
from tests.faults.field import Field
from tests.faults.ground import Ground, Report, Scale
from tests.faults.visitor import Visitor

POSTS, CALLS = 50, 20
"""Launches over the API, and by the service that the page calls."""


def two_launches(ground: Ground, scale: Scale) -> Report:
    """R11. Everybody launches the same campaign at the same moment."""
    report = Report()
    with ground.crew("r11") as crew:
        field = Field.planted(crew.db, min(100, scale.share(100)), numbers=1)
        crew.serve_hooks()
        visitor = Visitor.welcomed(crew, field)
        manager = staff(field)
        campaign = ready(field, manager)
        answers = storm(field, manager, campaign, visitor)
        launched = field.world.one("select count(*) from audit_event where action = 'campaign.launched'")
        state = field.world.one("select state from campaign where id = %s", campaign)
        members = field.world.one("select count(*) from audience_member where campaign_id = %s", campaign)
    report.figures |= {
        "launches by the API": POSTS,
        "of them with one key": POSTS // 2,
        "launches by the service": CALLS,
        "answers": dict(sorted(answers.items())),
        "entries in the record": launched,
        "people in the audience": members,
    }
    won = answers["200"] + answers["done"]
    report.must(won == 1, f"{won} launches succeeded")
    report.must(launched == 1, f"{launched} launches are on record")
    report.must(state == "running", f"the campaign is {state}")
    report.must(members == field.size, f"{members} people in an audience of {field.size}")
    others = {"200", "done", "200 again", "409", "409 again", "refused"}
    report.must(not answers.keys() - others, f"other answers: {sorted(answers.keys() - others)}")
    return report


def staff(field: Field) -> Principal:
    """Hire an owner."""
    with field.world.db.begin(field.world.org) as uow:
        compliance.install_packs(uow)
        return a_member(uow, Role.OWNER, "Oscar Owner")


def ready(field: Field, manager: Principal) -> UUID:
    """Write a campaign that may be launched."""
    world = field.world
    with world.db.begin(world.org) as uow:
        leads.refresh_search(uow, [one.lead for one in world.people])
        made = campaigns.draft(uow, manager, "Spring")
        given = {
            "basis": Basis.WRITTEN_CONSENT,
            "template": "Hi, {{ our_name }} here. Reply STOP to end.",
            "sender_number_id": world.sender,
        }
        campaigns.edit(uow, manager, made.id, CampaignInput.model_validate(given))
        campaigns.submit(uow, manager, made.id)
        return made.id


def storm(field: Field, manager: Principal, campaign: UUID, visitor: Visitor) -> Counter[str]:
    """Launch from everywhere at once; count the answers."""
    shared = uuid4().hex

    def post(number: int) -> str:
        key = shared if number % 2 else uuid4().hex
        answer = httpx.post(
            f"{visitor.address}/api/v1/campaigns/{campaign}/launch",
            json={"name": "Spring"},
            headers=visitor.headers(**{"Idempotency-Key": key}),
            timeout=60,
        )
        return f"{answer.status_code}{' again' if 'Idempotent-Replayed' in answer.headers else ''}"

    def call(_: int) -> str:
        try:
            with field.world.db.begin(field.world.org) as uow:
                campaigns.launch(uow, manager, campaign, "Spring")
        except LeadFlowError:
            return "refused"
        return "done"

    with ThreadPoolExecutor(POSTS + CALLS) as pool:
        asked = [pool.submit(post, number) for number in range(POSTS)]
        asked += [pool.submit(call, number) for number in range(CALLS)]
        return Counter(one.result() for one in asked)
