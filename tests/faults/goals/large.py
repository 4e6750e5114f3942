"""A campaign of a hundred thousand, from the launch to sums that add up."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from leadflow.campaigns import service as campaigns
from leadflow.campaigns.service.running import LOOK_LATER
from leadflow.campaigns.types import CampaignInput, Progress
from leadflow.identity.types import Principal
from leadflow.leads import service as leads
from models.vocabulary import Basis
from tests.faults.crew import Crew, ticking, wait_for
from tests.faults.field import Field, Lot
from tests.faults.goals.launches import staff
from tests.faults.ground import Ground, Report, finish, work_off

OUTCOMES = {"undelivered": 0.04, "failed": 0.02, "filtered": 0.01}
PLANNED_S = 60
"""A hundred thousand texts are written within a minute; fewer in proportion."""
SENT_S = 3_600
DEAD = 500
"""Every so many people one has said no before: the gate withholds the text."""


def large_campaign(ground: Ground, size: int) -> Report:
    """Launch over everybody; some have said no before, some texts end badly; hold every sum against every other."""
    report = Report()
    calm = {"sent_after_s": 0.2, "final_after_s": 0.4}
    with ground.crew("large", latency_ms=20, callbacks=calm, outcomes=OUTCOMES) as crew:
        field, owner = prepared(crew, size)
        with crew.db.begin(field.world.org) as uow:
            campaigns.launch(uow, owner, field.lots[0].campaign, "Large")
        # Faster than a campaign may be set to: the sums are what counts here.
        field.world.do("update campaign set per_minute = 60000 where id = %s", field.lots[0].campaign)
        began = time.monotonic()
        assert campaigns.plan(crew.db, field.world.org, field.lots[0].campaign)
        planned = time.monotonic() - began
        crew.serve_hooks()
        for _ in range(2):
            crew.start_worker()
        began = time.monotonic()
        with ticking(crew, 2.0):
            wait_for(lambda: not field.moving(), SENT_S, step_s=2.0)
        sent = time.monotonic() - began
        crew.end(*crew.workers)
        finish(crew, field)
        close(crew)
        with crew.db.begin(field.world.org) as uow:
            told = campaigns.progress(uow, owner, field.lots[0].campaign)
        verdict = field.judged(crew.carrier.log)
        state = field.world.one("select state from campaign where id = %s", field.lots[0].campaign)
    report.heed(verdict)
    report.figures |= {
        "written in, s": round(planned, 1),
        "sent and ended in, s": round(sent),
        "people": told.audience,
        "by state": told.by_state,
        "the campaign is": state,
    }
    add_up(report, told, verdict["figures"], size)
    report.must(planned <= PLANNED_S * size / 100_000 + 5, f"writing {size} texts took {planned:.0f} s")
    report.must(state == "finished", f"the campaign is {state}")
    return report


def close(crew: Crew) -> None:
    """Let the campaign's own clockwork look once more: the last texts ended after its last look."""
    crew.advance(LOOK_LATER)
    with ThreadPoolExecutor(1) as pool:
        work_off(crew, pool)


def prepared(crew: Crew, size: int) -> tuple[Field, Principal]:
    """Write the people and a campaign over all of them; some of them have said no before."""
    field = Field.planted(crew.db, size, numbers=1, per_minute=60_000)
    world, owner = field.world, staff(field)
    world.do(
        "insert into suppression (org_id, kind, source, e164, at) select org_id, 'opt_out', 'inbound', e164, %s"
        " from phone where e164 %% %s = 0",
        world.now(),
        DEAD,
    )
    world.do("update organization set approval_threshold = 1000000")
    with crew.db.begin(world.org) as uow:
        leads.refresh_search(uow, [one.lead for one in world.people])
        made = campaigns.draft(uow, owner, "Large")
        given = {
            "basis": Basis.WRITTEN_CONSENT,
            "template": "Hello, is the house still yours? (large)",
            "sender_number_id": world.sender,
            "per_minute": 3_000,
        }
        campaigns.edit(uow, owner, made.id, CampaignInput.model_validate(given))
        campaigns.submit(uow, owner, made.id)
    field.lots = [Lot("large", made.id, world.sender, world.sender_e164, tuple(world.people))]
    return field, owner


def add_up(report: Report, told: Progress, ledger: dict[str, int], size: int) -> None:
    """Hold the running page's sums against the audience and against the carrier's ledger."""
    total = sum(told.by_state.values())
    at_carrier = sum(told.by_state.get(state, 0) for state in ("delivered", "undelivered", "failed"))
    report.must(told.audience == size, f"{told.audience} people in an audience of {size}")
    report.must(total == told.audience, f"the states sum to {total}")
    report.must(
        at_carrier == ledger["accepted"], f"{at_carrier} at the carrier by our sums, {ledger['accepted']} by its own"
    )
    report.must(told.spent_cents_x100 == ledger["cost"], f"{told.spent_cents_x100} spent, {ledger['cost']} billed")
