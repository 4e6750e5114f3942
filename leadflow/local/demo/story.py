"""What happened in the demonstration organisation in the last six weeks. Every act goes through the real services."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from leadflow.calls import service as calls
from leadflow.calls.types import CallInput, Placed, SettleInput
from leadflow.campaigns import service as campaigns
from leadflow.campaigns.types import CampaignInput
from leadflow.compliance import service as compliance
from leadflow.compliance.types import Grant, Mark, Scrub
from leadflow.identity import service as identity
from leadflow.identity.types import DEMO_PASSWORD, OrganizationInput, Principal
from leadflow.imports import service as imports
from leadflow.imports.types import AssertedConsent, Options
from leadflow.inbox import service as inbox
from leadflow.inbox.types import CannedInput, ConversationOutcome, Folder
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.leads import service as leads
from leadflow.leads.types import Change, LeadFilter, LeadRow
from leadflow.local.demo.clockwork import Clockwork
from leadflow.local.demo.files import Author, Wish
from leadflow.messaging import service as messaging
from leadflow.messaging.number_types import BrandInput, CampaignRegistration, CarrierRate, PoolInput, SenderInput
from models.vocabulary import (
    Basis,
    CallOutcome,
    CampaignState,
    Channel,
    LeadStatus,
    RegistrationState,
    Role,
    ScrubList,
    ScrubVerdict,
    SuppressionKind,
)

NAME = "Cedar & Main Home Buyers"
DOMAIN = "demo.leadflow.test"
SEED = 2026
BEGAN = timedelta(days=45)
"""How long ago the organisation was founded."""
PEOPLE = (
    ("owner", "Olivia Brandt", Role.OWNER),
    ("manager", "Marcus Tolliver", Role.MANAGER),
    ("agent", "Adriana Quintero", Role.AGENT),
    ("agent2", "Theo Lindqvist", Role.AGENT),
    ("auditor", "Audrey Whitcombe", Role.AUDITOR),
)
NUMBERS = (("+12145550190", "Dallas main"), ("+14045550190", "Atlanta line"))
SHOWN = (
    "By ticking this box I agree to receive text messages from Cedar & Main Home Buyers about buying my property, "
    "also by automated means. Consent is no condition of a sale. Reply STOP to end."
)
"""The request as the people of the website's form saw it."""


@dataclass(frozen=True, slots=True)
class File:
    """A vendor file and what the user decided about it."""

    wish: Wish
    days_ago: int
    list_name: str
    source: str
    basis: Basis | None = None
    given_ago: int = 30
    """Days before the import on which the consent was given."""


COLD = {
    "Tax Delinquent": 0.4,
    "Vacant": 0.25,
    "Absentee": 0.45,
    "High Equity": 0.4,
    "Pre-Foreclosure": 0.12,
    "Tired Landlord": 0.15,
    "Code Violation": 0.08,
    "Inherited": 0.06,
}
WARM = {"Absentee": 0.25, "High Equity": 0.35, "Senior Owner": 0.2, "Free & Clear": 0.2, "Inherited": 0.1}

FILES = (
    File(
        Wish("propstream_texas_oklahoma_nm.csv", ("TX", "OK", "NM"), 720, COLD, spoilt=12),
        40,
        "Tax roll, south central",
        "PropStream",
    ),
    File(
        Wish("propstream_southeast.csv", ("FL", "GA", "NC", "SC", "TN", "AL"), 640, COLD, spoilt=9),
        33,
        "Absentee, southeast",
        "PropStream",
    ),
    File(
        Wish("propstream_midwest.csv", ("OH", "MI", "MO", "IN", "IL", "KY", "PA"), 560, COLD, spoilt=6),
        27,
        "Vacant and absentee, midwest",
        "PropStream",
    ),
    File(
        Wish("website_inquiries.csv", (), 820, WARM, dnc=0.03, mobile=0.95),
        21,
        "Website form",
        "Website",
        Basis.WRITTEN_CONSENT,
        25,
    ),
    File(
        Wish("past_sellers.csv", (), 260, WARM, dnc=0.05, mobile=0.9),
        13,
        "Past sellers",
        "Referral",
        Basis.EXISTING_RELATIONSHIP,
        200,
    ),
)

# The organisation


def organization_of(uow: UnitOfWork) -> UUID | None:
    """Find the demonstration organisation by its owner."""
    with uow.cursor() as cursor:
        cursor.execute(
            'select m.org_id from membership m join "user" u on u.id = m.user_id where u.demo and m.role = %s limit 1',
            [Role.OWNER.value],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def others_live_here(uow: UnitOfWork) -> bool:
    """Say whether any user is not of the demonstration."""
    with uow.cursor() as cursor:
        cursor.execute('select exists (select 1 from "user" where not demo)')
        row = cursor.fetchone()
    return bool(row and row[0])


def tell(db: Database, clockwork: Clockwork, say: Callable[[str], None]) -> dict[str, Any]:
    """Tell the whole story, from the founding until now.

    Args:
        db: whose clock is the clockwork's.
        clockwork: moves the clock and does the jobs.
        say: told what is being done.
    """
    now = db.clock.now()
    team = _found(db, clockwork, now - BEGAN)
    author = Author(SEED, now.date())
    for file in FILES:
        say(f"Importing {file.wish.name}")
        _import(clockwork, team, file, now - timedelta(days=file.days_ago), author)
    say("Working the leads")
    _scrub(db, team, now - timedelta(days=12))
    _work(db, clockwork, team, now)
    say("Running campaigns")
    Campaigning(db, clockwork, team, now).run()
    _desks(db, clockwork, team, now)
    clockwork.settle()
    return _numbers(db, team)


@dataclass(frozen=True, slots=True)
class Team:
    """Who acts."""

    org_id: UUID
    owner: Principal
    manager: Principal
    agent: Principal
    second_agent: Principal
    senders: tuple[UUID, ...]
    pool: UUID


def _found(db: Database, clockwork: Clockwork, at: datetime) -> Team:
    clockwork.clock.set(at)
    with db.begin() as uow:
        org_id = identity.create_organization(uow, NAME, timezone="America/Chicago")
    with db.begin(org_id) as uow:
        for who, name, role in PEOPLE:
            identity.add_member(uow, f"{who}@{DOMAIN}", name, DEMO_PASSWORD, role, demo=True)
        compliance.install_packs(uow)
    with db.begin() as uow:
        owner, manager, agent, second = (
            identity.member_principal(uow, f"{who}@{DOMAIN}") for who in ("owner", "manager", "agent", "agent2")
        )
    with db.begin(org_id) as uow:
        identity.change_organization(uow, owner, OrganizationInput.model_validate({"monthly_budget_cents": 250_00}))
        brand = messaging.keep_brand(
            uow,
            owner,
            BrandInput(
                name="Prairie Home Offers LLC", ein="1234", registry_id="BNDEMO1", status=RegistrationState.VERIFIED
            ),
        )
        registered = messaging.keep_registration(
            uow,
            owner,
            CampaignRegistration(
                brand_id=brand,
                use_case="Mixed: offers and conversations",
                registry_id="CDEMO1",
                status=RegistrationState.VERIFIED,
                rates=[
                    CarrierRate(carrier="T-Mobile", per_day=2_000, source="T-Mobile code of conduct, brand tier"),
                    CarrierRate(carrier="AT&T", per_minute=75, source="AT&T 10DLC campaign class"),
                ],
            ),
        )
        senders = tuple(
            messaging.add_sender(
                uow,
                owner,
                SenderInput(
                    e164=number,
                    label=label,
                    registration=RegistrationState.VERIFIED,
                    registered_campaign_id=registered,
                    per_minute=1_200,
                ),
            )
            for number, label in NUMBERS
        )
        given = PoolInput(name="South", numbers=list(senders), cool_after=400, cool_minutes=30)
        pool = messaging.keep_pool(uow, owner, given)
    return Team(org_id, owner, manager, agent, second, senders, pool)


# Leads


def _import(clockwork: Clockwork, team: Team, file: File, at: datetime, author: Author) -> None:
    clockwork.go_to(at)
    author.today = at.date()
    import_id = imports.upload(clockwork.db, team.manager, file.wish.name, [author.write(file.wish)])
    with clockwork.db.begin(team.org_id) as uow:
        imports.set_options(uow, team.manager, import_id, _options(file, at))
    clockwork.settle()
    with clockwork.db.begin(team.org_id) as uow:
        imports.commit(uow, team.manager, import_id)
    clockwork.settle()


def _options(file: File, at: datetime) -> Options:
    consent = None
    if file.basis is not None:
        consent = AssertedConsent(
            basis=file.basis,
            shown_text=SHOWN
            if file.basis is Basis.WRITTEN_CONSENT
            else "They sold a property to us; closing statement on file.",
            given_on=(at - timedelta(days=file.given_ago)).date(),
            source="https://cedarandmain.example/sell" if file.basis is Basis.WRITTEN_CONSENT else "Closing file",
        )
    return Options(list_name=file.list_name, tags=(), source=file.source, as_of=at.date(), consent=consent)


def _scrub(db: Database, team: Team, at: datetime) -> None:
    """Look past sellers up in the national registry: most are clean, some listed, some were never looked up."""
    with db.begin(team.org_id) as uow:
        for place, row in enumerate(_leads(uow, team.owner, LeadFilter(list=("Past sellers",)), 200)):
            if row.phone is None or place % 7 == 0:
                continue
            compliance.record_scrub(
                uow,
                Scrub(
                    e164=row.phone.number,
                    list=ScrubList.NATIONAL_DNC,
                    verdict=ScrubVerdict.LISTED if place % 9 == 0 else ScrubVerdict.CLEAN,
                    provider="demo",
                    # Every eleventh look-up is older than the law allows.
                    as_of=at - timedelta(days=40 if place % 11 == 0 else 1),
                    list_version="2026-10",
                ),
            )


def _leads(uow: UnitOfWork, actor: Principal, chosen: LeadFilter, limit: int) -> tuple[LeadRow, ...]:
    return leads.page(uow, actor, chosen, "added_at", "asc", None, limit).rows


NOTES = (
    "Owner says the roof was done in 2019. Wants to hear a number before spring.",
    "Tenant in place until June, pays on time.",
    "Spoke with the neighbour: house stood empty since August.",
    "Asked for a text in the evening only.",
    "Inherited with two sisters; all three have to sign.",
)
TASKS = (
    "Call about the walk-through",
    "Send the offer letter",
    "Check the title for the lien",
    "Ask for photos of the kitchen",
    "Follow up on the counter offer",
    "Order a second valuation",
)
STATUSES = (
    LeadStatus.ATTEMPTED,
    LeadStatus.CONTACTED,
    LeadStatus.FOLLOW_UP,
    LeadStatus.INTERESTED,
    LeadStatus.APPOINTMENT,
    LeadStatus.OFFER,
    LeadStatus.UNDER_CONTRACT,
    LeadStatus.WON,
    LeadStatus.DEAD,
)
TAGS = ("Hot", "Needs roof", "Tenant in place", "Probate likely", "Call first", "Cash only")


def _work(db: Database, clockwork: Clockwork, team: Team, now: datetime) -> None:
    """Give leads to people, move some along, tag them, write notes, plan tasks."""
    clockwork.go_to(now - timedelta(days=11, hours=3))
    with db.begin(team.org_id) as uow:
        rows = [
            *_leads(uow, team.owner, LeadFilter(list=("Website form",)), 140),
            *_leads(uow, team.owner, LeadFilter(list=("Past sellers",)), 60),
            *_leads(uow, team.owner, LeadFilter(source="PropStream", min_stack=3), 80),
        ]
        ids = [row.id for row in rows]
        for part, who in enumerate((team.agent, team.second_agent)):
            _edit(uow, team.manager, ids[part::2], Change(assignee=who.user_id))
        for place, status in enumerate(STATUSES):
            _edit(uow, team.manager, ids[place * 9 : place * 9 + 7], Change(status=status))
        for place, tag in enumerate(TAGS):
            _edit(uow, team.manager, ids[place :: 11 + place], Change(add_tag=tag))
    _notes_and_tasks(db, clockwork, team, ids, now)


def _edit(uow: UnitOfWork, actor: Principal, ids: Sequence[UUID], change: Change) -> None:
    leads.edit(uow, actor, leads.hold(uow, ids, None), change)


def _notes_and_tasks(db: Database, clockwork: Clockwork, team: Team, ids: Sequence[UUID], now: datetime) -> None:
    for place, lead_id in enumerate(ids[:90]):
        clockwork.go_to(now - timedelta(days=11) + timedelta(minutes=11 * place))
        who = (team.agent, team.second_agent)[place % 2]
        with db.begin(team.org_id) as uow:
            if place % 3 == 0:
                leads.add_note(uow, who, lead_id, NOTES[place % len(NOTES)])
            if place % 2 == 0:
                due = now + timedelta(hours=(place % 9) * 17 - 40)
                task = leads.add_task(uow, who, lead_id, TASKS[place % len(TASKS)], due)
                if place % 10 == 0:
                    leads.finish_task(uow, who, task)


def _desks(db: Database, clockwork: Clockwork, team: Team, now: datetime) -> None:
    """Write into the ledgers what people decide by hand."""
    clockwork.go_to(now - timedelta(minutes=30))
    with db.begin(team.org_id) as uow:
        cold = _leads(uow, team.owner, LeadFilter(source="PropStream", has_phone=True), 40)
        for row, kind in zip(cold[::8], (SuppressionKind.INTERNAL_DNC, SuppressionKind.ADMIN), strict=False):
            if row.phone:
                evidence = {"why": "Asked on the phone not to be contacted"}
                compliance.suppress(uow, team.manager, Mark(kind, "manual", e164=row.phone.number, evidence=evidence))
        for row in cold[1::9]:
            if row.phone:
                compliance.grant(uow, team.manager, _by_phone(row.phone.number, now - timedelta(days=2)))


def _by_phone(e164: str, at: datetime) -> Grant:
    return Grant(
        e164=e164,
        channel=Channel.TEXT,
        basis=Basis.INQUIRY,
        purpose="An offer for the property",
        shown_text="Called in and asked for an offer by text; call noted by Marcus Tolliver.",
        source="Inbound call",
        given_at=at,
    )


# Campaigns

SATURDAY = 5
OPEN_UTC, CLOSED_UTC = 17, 23
"""Between these hours of UTC it is day in every zone of the mainland."""
EAST_AND_CENTRE = ["FL", "GA", "NC", "TX", "IL", "MI", "AZ"]
FIRST = (
    "Hi {{ first_name | default: 'there' }}, this is Adriana with {{ our_name }}. You asked us about {{ street }}. "
    "Is it still of interest to sell this year? Reply STOP to end."
)
AGAIN = (
    "Hello {{ first_name }}, {{ our_name }} here. We still buy in {{ city }}. "
    "Shall we make an offer for {{ street }}? STOP ends."
)
SPANISH = "Hola {{ first_name }}, somos {{ our_name }}. ¿Le interesa vender {{ street }}? Responda ALTO para terminar."

REPLIES = (
    "yes I might sell",
    "STOP",
    "what would you pay for it as is",
    "How did you get my number?",
    "Not interested",
    "Wrong number",
    "Driving, can't talk",
    "Call me tomorrow after 5",
    "No más mensajes por favor",
    "My attorney will be in touch",
    "Possibly, depends on the price",
    "He passed away",
    "Who is this?",
    "We're happy here, thanks",
    "Sure, make me an offer",
    "Stop texting me",
    "No. Just refinanced",
    "I'd take 250k",
    "se equivocó de persona",
    "Is this a real person or a bot?",
    "👍",
)
"""What people answer, in turn; every label of a reply is among them."""
ANSWERS = (
    "Thank you! May I call you tomorrow at ten to go through the details?",
    "You filled in the form on our website on the property's page. Shall I take you off the list?",
    "We buy as it stands and pay the closing costs. When would a walk-through suit you?",
)
CALLED = (
    SettleInput(outcome=CallOutcome.TALKED, note="Wants to see an offer in writing first"),
    SettleInput(outcome=CallOutcome.VOICEMAIL),
    SettleInput(outcome=CallOutcome.TALKED, note="Roof is from 2004, tenant until June"),
    SettleInput(outcome=CallOutcome.NO_ANSWER),
)
"""What came of calling those who are interested."""
CANNED = (
    (
        "When may I call?",
        "Thank you{% if first_name %}, {{ first_name }}{% endif %}! When may I call you about {{ street }}?",
    ),
    ("How we buy", "We buy as it stands, pay the closing costs, and close on the day that suits you."),
    ("Where from", "You filled in the form on our website about {{ street }}. Shall I take you off the list?"),
)
"""Answers that the team keeps ready, under the keys 1, 2 and 3."""


@dataclass
class Campaigning:
    """Runs the organisation's campaigns, one after another."""

    db: Database
    clockwork: Clockwork
    team: Team
    now: datetime
    replied: int = 0

    def run(self) -> None:
        """Leave one campaign in each state behind."""
        self._finished()
        self._cancelled()
        self._paused()
        self._standing()
        self._running()

    def _workday(self, ago: int, hour: int, minute: int = 0) -> datetime:
        """Find an instant on a Monday to Friday, ``ago`` days back or a little more, at that hour of UTC."""
        day = (self.now - timedelta(days=ago)).date()
        while True:
            at = datetime.combine(day, time(hour, minute), self.now.tzinfo)
            if day.weekday() < SATURDAY and at < self.now:
                return at
            day -= timedelta(days=1)

    def _lately(self) -> datetime:
        """Find the last instant at which texts could leave everywhere: a while ago, or on a workday before."""
        lately = self.now - timedelta(minutes=12)
        if lately.weekday() < SATURDAY and OPEN_UTC <= lately.hour < CLOSED_UTC:
            return lately
        return self._workday(0 if lately.hour >= CLOSED_UTC else 1, 18)

    def _draft(self, name: str, template: str, audience: dict[str, Any], **more: Any) -> UUID:  # noqa: ANN401 fields of the input
        change = {
            "audience_filter": audience,
            "basis": Basis.WRITTEN_CONSENT,
            "template": template,
            "sender_number_id": self.team.senders[0],
            "per_minute": 600,
        } | more
        with self.db.begin(self.team.org_id) as uow:
            made = campaigns.draft(uow, self.team.agent, name)
            campaigns.edit(uow, self.team.agent, made.id, CampaignInput(**change))
        return made.id

    def _submit(self, campaign_id: UUID) -> None:
        with self.db.begin(self.team.org_id) as uow:
            campaigns.simulate(uow, self.team.agent, campaign_id)
            made = campaigns.submit(uow, self.team.agent, campaign_id)
        if made.state is CampaignState.AWAITING_APPROVAL:
            with self.db.begin(self.team.org_id) as uow:
                campaigns.approve(uow, self.team.manager, campaign_id, "Read the funnel and five texts.")

    def _launch(self, campaign_id: UUID) -> None:
        self._submit(campaign_id)
        with self.db.begin(self.team.org_id) as uow:
            name = campaigns.get(uow, self.team.manager, campaign_id).name
            campaigns.launch(uow, self.team.manager, campaign_id, name)

    def _is_over(self, campaign_id: UUID) -> Callable[[], bool]:
        def over() -> bool:
            with self.db.begin(self.team.org_id) as uow:
                return campaigns.get(uow, self.team.owner, campaign_id).state is CampaignState.FINISHED

        return over

    def _finished(self) -> None:
        # Half past eight in Chicago: the east goes at once, the others wait for the campaign's hours.
        self.clockwork.go_to(self._workday(9, 14, 30))
        campaign_id = self._draft(
            "Website form, first text", FIRST, {"list": ["Website form"], "state": EAST_AND_CENTRE}, per_minute=1_200
        )
        self._launch(campaign_id)
        self.clockwork.run_until(self.clockwork.clock.now() + timedelta(hours=3))
        self._people_answer(campaign_id, 26)
        self.clockwork.run_until(
            self.clockwork.clock.now() + timedelta(days=3, hours=4), over=self._is_over(campaign_id)
        )
        self._team_answers()

    def _cancelled(self) -> None:
        """Text a list that is mostly cold: the gate lets few through, and the manager gives up."""
        self.clockwork.go_to(self._workday(4, 17))
        campaign_id = self._draft(
            "High equity, mostly cold",
            FIRST,
            {"list": ["High Equity"], "state": ["FL", "GA", "NC", "TN"]},
            per_minute=20,
        )
        self._launch(campaign_id)
        self.clockwork.run_until(self.clockwork.clock.now() + timedelta(seconds=30))
        with self.db.begin(self.team.org_id) as uow:
            campaigns.cancel(uow, self.team.manager, campaign_id)
        self.clockwork.settle()

    def _paused(self) -> None:
        self.clockwork.go_to(self._workday(2, 18))
        campaign_id = self._draft(
            "Past sellers, follow-up",
            AGAIN,
            {"list": ["Past sellers"]},
            basis=Basis.EXISTING_RELATIONSHIP,
            per_minute=40,
        )
        self._launch(campaign_id)
        self.clockwork.run_until(self.clockwork.clock.now() + timedelta(seconds=75))
        with self.db.begin(self.team.org_id) as uow:
            campaigns.pause(uow, self.team.manager, campaign_id, "Waiting for the new offer letter")
        self.clockwork.settle()
        self._people_answer(campaign_id, 4)

    def _standing(self) -> None:
        """Make those that nobody has launched."""
        self.clockwork.go_to(self._workday(1, 19))
        waiting = self._draft("Website form, second text", AGAIN, {"list": ["Website form"]}, per_minute=60)
        with self.db.begin(self.team.org_id) as uow:
            campaigns.simulate(uow, self.team.agent, waiting)
            campaigns.submit(uow, self.team.agent, waiting)
        ready = self._draft(
            "Arizona and Nevada, small test", FIRST, {"list": ["Website form"], "state": ["AZ", "NV"]}, per_minute=10
        )
        self._submit(ready)
        complete = self._draft(
            "Texas tax roll, winter",
            AGAIN,
            {"list": ["Tax roll, south central"], "state": ["TX"]},
            sender_number_id=None,
            pool_id=self.team.pool,
            per_minute=30,
        )
        with self.db.begin(self.team.org_id) as uow:
            campaigns.simulate(uow, self.team.agent, complete)
            campaigns.draft(uow, self.team.agent, "Florida, Spanish text")
        self._spanish()
        self._planned("Referrals, next morning", "IL", self.now + timedelta(days=1))
        start = self.clockwork.clock.now() + timedelta(minutes=10)
        self._planned("Referrals, missed start", "OH", start)
        # Nothing ran at that hour, and later nobody means it any more.
        self.clockwork.go_to(min(self.now, start + timedelta(hours=1)))
        self.clockwork.settle()

    def _planned(self, name: str, state: str, start: datetime) -> None:
        audience = {"list": ["Website form"], "state": [state]}
        self._launch(self._draft(name, AGAIN, audience, per_minute=10, start_at=start))

    def _spanish(self) -> None:
        with self.db.begin(self.team.org_id) as uow:
            found = campaigns.named(uow, self.team.agent, "Florida, Spanish text")
            change = CampaignInput(template=SPANISH, audience_filter={"state": ["FL"], "tag": ["Call first"]})
            campaigns.edit(uow, self.team.agent, found.id, change)

    def _running(self) -> None:
        self.clockwork.go_to(self._lately())
        campaign_id = self._draft(
            "Website form, southern states",
            AGAIN,
            {"list": ["Website form"], "state": ["TX", "GA", "NC", "TN", "AL", "SC", "KY", "MO"]},
            sender_number_id=self.team.senders[1],
            per_minute=12,
        )
        self._launch(campaign_id)
        self.clockwork.run_until(min(self.now, self.clockwork.clock.now() + timedelta(minutes=3)))
        self._people_answer(campaign_id, 6)

    # Conversations

    def _people_answer(self, campaign_id: UUID, most: int) -> None:
        with self.db.begin(self.team.org_id) as uow:
            rows = campaigns.recipients(uow, self.team.owner, campaign_id, state="delivered", limit=200)
            sender = campaigns.get(uow, self.team.owner, campaign_id).sender_number_id
            numbers = {row.id: row.e164 for row in messaging.senders(uow, self.team.owner)}
        ours = numbers[sender] if sender else NUMBERS[0][0]
        for row in _spread(rows, most):
            self.clockwork.go_to(min(self.now, self.clockwork.clock.now() + timedelta(minutes=4)))
            self.clockwork.line.says(self.db, row.phone or "", ours, REPLIES[self.replied % len(REPLIES)])
            self.replied += 1
            self.clockwork.settle()

    def _team_answers(self) -> None:
        """Read most conversations, answer who is interested, and mark what is plain."""
        with self.db.begin(self.team.org_id) as uow:
            found = inbox.inbox(uow, self.team.manager, Folder.ALL, None, 100)
            for place, (name, body) in enumerate(CANNED, start=1):
                given = CannedInput(name=name, body=body, key=place, shared=True)
                inbox.keep_canned(uow, self.team.manager, given)
        for place, row in enumerate(found.rows):
            if place % 4 == 0:
                continue
            with self.db.begin(self.team.org_id) as uow:
                inbox.mark_read(uow, self.team.manager, row.id)
                if row.label is not None and row.label.value == "interested":
                    inbox.settle(uow, self.team.manager, row.id, ConversationOutcome.INTERESTED)
                    inbox.reply(uow, self.team.manager, row.id, ANSWERS[place % len(ANSWERS)])
                    self._call(uow, row.e164, row.lead_id, CALLED[place % len(CALLED)])
        self.clockwork.run_until(self.clockwork.clock.now() + timedelta(minutes=5))

    def _call(self, uow: UnitOfWork, number: str, lead_id: UUID | None, came: SettleInput) -> None:
        """Call who is interested, where the gate lets us, and note what came of it."""
        placed = calls.place(uow, self.team.manager, CallInput(number=number, lead_id=lead_id))
        if isinstance(placed, Placed):
            calls.settle(uow, self.team.manager, placed.id, came)


def _spread(rows: Sequence[Any], most: int) -> Iterator[Any]:
    step = max(1, len(rows) // most) if rows else 1
    return iter(rows[::step][:most])


def _numbers(db: Database, team: Team) -> dict[str, Any]:
    with db.begin(team.org_id) as uow:
        return {
            "organization": NAME,
            "leads": leads.count(uow, team.owner, LeadFilter()),
            "campaigns": campaigns.state_counts(uow, team.owner),
        }
