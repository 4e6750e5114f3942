"""Whatever happens to a campaign, in whatever order: one text a message and person, one variant, sums that add up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from leadflow.campaigns import service as campaigns
from leadflow.campaigns.queries.course import WENT_OUT
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.errors import LeadFlowError
from leadflow.leads import service as leads
from leadflow.messaging import service as messaging
from leadflow.messaging.service import Wrote
from models.vocabulary import CampaignState, LeadStatus
from tests.campaigns.conftest import Office
from tests.campaigns.courses import DAY, end, members_of, progress_of, texts_of

ENDS = ("delivered", "delivered", "delivered", "accepted", "sent", "undelivered", "failed", "failed_unknown", "blocked")
CODES = (None, 30003, 30007, 30034)
STEPS = [
    {"template": "First {Hi|Hello}, {{ first_name }}", "others": {"B": "Other first"}},
    {"template": "Second", "wait_minutes": DAY},
    {"template": "Third", "others": {"B": "Other third"}, "wait_minutes": 2 * DAY},
]
ACTS = 14


class History:
    """One campaign and what befalls it."""

    def __init__(self, office: Office, clock: FrozenClock, seed: int) -> None:
        self.office, self.clock, self.random = office, clock, Random(seed)  # noqa: S311 a history, not a secret
        self.campaign = self._launched()

    def _launched(self) -> UUID:
        with self.office.db.begin(self.office.org) as uow:
            for _ in range(5):
                self.office.person(uow)
            self.office.shared_number(uow)
            self.office.two_houses(uow)
            self.office.without_number(uow)
        split = [{"label": "A", "weight": 2}, {"label": "B", "weight": 1}]
        campaign_id = self.office.ready(steps=STEPS, split=split)
        with self.office.db.begin(self.office.org) as uow:
            campaigns.launch(uow, self.office.manager, campaign_id, "Spring")
        return campaign_id

    def act(self) -> str:
        """Let one thing happen; what the rules refuse does not."""
        happens: Callable[[], object] = self.random.choice(
            [self.pace, self.pace, self.pace, self.report, self.report, self.report, self.wait, self.wait, self.reply,
             self.move, self.pause, self.resume, self.retry, self.cancel]
        )  # fmt: skip
        with suppress(LeadFlowError):
            happens()
        return happens.__name__

    def pace(self) -> None:
        campaigns.pace(self.office.db, self.office.org, self.campaign)

    def wait(self) -> None:
        self.clock.advance(timedelta(hours=self.random.choice([1, 12, 24, 49])))

    def report(self) -> None:
        for text in texts_of(self.office, self.campaign):
            if text.state.value in {"queued", "accepted", "sent"} and self.random.random() < 0.7:
                state = self.random.choice(ENDS)
                code = self.random.choice(CODES) if state in {"failed", "undelivered"} else None
                end(self.office, [text], state, code)

    def reply(self) -> None:
        texts = texts_of(self.office, self.campaign)
        if texts:
            with self.office.db.begin(self.office.org) as uow:
                messaging.wrote.tell(uow, Wrote(self.random.choice(texts).e164))

    def move(self) -> None:
        member = self.random.choice(members_of(self.office, self.campaign))
        with self.office.db.begin(self.office.org) as uow:
            leads.set_status(uow, self.office.manager, member.lead_id, self.random.choice(list(LeadStatus)))

    def pause(self) -> None:
        self._person(campaigns.pause)

    def resume(self) -> None:
        self._person(campaigns.resume)

    def cancel(self) -> None:
        if self.random.random() < 0.3:
            self._person(campaigns.cancel)

    def retry(self) -> None:
        with self.office.db.begin(self.office.org) as uow:
            campaigns.retry_failed(uow, self.office.manager, self.campaign, ["unreachable", "unexplained"])

    def _person(self, act: Callable[..., object]) -> None:
        with self.office.db.begin(self.office.org) as uow:
            act(uow, self.office.manager, self.campaign)

    def holds(self) -> None:
        """What is true at every moment."""
        found = progress_of(self.office, self.campaign)
        assert found.audience == len(members_of(self.office, self.campaign)) == 10
        assert sum(bar.count for bar in found.withheld) == found.tally.withheld
        texts = texts_of(self.office, self.campaign)
        assert max(Counter((one.step, one.attempt, one.e164) for one in texts).values(), default=1) == 1
        addressed = [one for one in members_of(self.office, self.campaign) if one.excluded is None]
        variants = {member.phone_id: member.variant for member in addressed}
        assert all(one.variant == variants[one.phone_id] for one in texts)
        by_person = defaultdict[str, list[tuple[int, int, str]]](list)
        for one in texts:
            by_person[one.e164].append((one.step, one.attempt, one.state.value))
        for history in by_person.values():
            for step, attempt, _ in history:
                # Nothing is written anew that is at the carrier, and a further message has an earlier one behind it.
                assert attempt == 1 or (step, attempt - 1) in {(s, a) for s, a, _ in history}
                assert sum(1 for s, _, state in history if s == step and state in WENT_OUT) <= 1
                assert step == 1 or any(s == step - 1 for s, _, _ in history)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_everything_adds_up(office: Office, clock: FrozenClock, seed: int):
    campaigns.heed()
    history = History(office, clock, seed)
    history.holds()
    done = list[str]()
    for _ in range(ACTS):
        done.append(history.act())
        history.holds()
    state = office.get(history.campaign).state
    assert state in {CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.FINISHED, CampaignState.CANCELLED}, done
