"""A world in which one person was texted, answered and opted out, and another knows nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.evidence import service as evidence
from leadflow.evidence.types import Wanted
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from models.base import new_id
from models.identity import Membership, User
from models.messaging import MessageEvent
from models.properties import Person, PersonPhone, Phone
from models.vocabulary import EvidenceOf, LineType, MessageState, Role, SuppressionKind
from tests.compliance.world import NUMBER, World

STRANGER = "+13125550199"
STRANGERS_NAME = "Sam Stranger"
STRANGERS_WORDS = "This is for Sam alone"


@dataclass
class Case:
    """The world, and who asks about it."""

    world: World
    owner: Principal

    @property
    def db(self) -> Database:
        """The world's database."""
        return self.world.db

    @property
    def org(self) -> UUID:
        """The organisation."""
        return self.world.org

    def ask(self, wanted: Wanted | None = None) -> UUID:
        """Ask for a pack about the person's number."""
        with self.db.begin(self.org) as uow:
            return evidence.ask_at_desk(uow, self.owner, wanted or Wanted(EvidenceOf.PHONE, e164=NUMBER))

    def pack(self, path: Path, wanted: Wanted | None = None) -> Path:
        """Make a pack and write it into a file."""
        pack_id = self.ask(wanted)
        assert evidence.make(self.db, self.org, pack_id)
        evidence.save(self.db, self.owner, pack_id, path)
        return path


def an_owner(world: World, name: str = "Olive Owner") -> Principal:
    user = User(email=f"{new_id()}@example.com", name=name, password_hash="")
    world.add_account(user)
    world.add(Membership(org_id=world.org, user_id=user.id, role=Role.OWNER))
    return Principal(user_id=user.id, org_id=world.org, role=Role.OWNER, name=name)


def tell_the_story(world: World) -> None:
    """Let a text be allowed and go out, the person answer and opt out, and the next text be refused."""
    answer = world.cleared()
    world.change("message", state="delivered", submitted_at=world.clock.now(), decision_id=answer.decision_id)
    world.add(
        MessageEvent(
            org_id=world.org, message_id=world.message, at=world.clock.now(), state=MessageState.DELIVERED, detail={}
        )
    )
    world.clock.advance(timedelta(minutes=5))
    with world.db.begin(world.org) as uow:
        world.heard(uow, timedelta(0))
        compliance.opt_out(uow, world.e164, source="inbound", evidence={"inbound": "SM1"}, now=uow.now())
    world.clock.advance(timedelta(hours=1))
    world.cleared()


def add_a_stranger(world: World) -> None:
    """Add somebody with a decision, a text, a consent and a suppression of his own in the same campaign."""
    person, phone = new_id(), new_id()
    world.add(
        Person(org_id=world.org, id=person, person_key=str(person), name=STRANGERS_NAME, mailing_state="IL"),
        Phone(org_id=world.org, id=phone, e164=STRANGER, line_type=LineType.MOBILE),
    )
    world.add(PersonPhone(org_id=world.org, person_id=person, phone_id=phone))
    world.add(
        world.a_message(id=new_id(), person_id=person, phone_id=phone, e164=STRANGER, body=STRANGERS_WORDS),
        world.a_consent(id=new_id(), e164=STRANGER, person_id=person, shown_text=STRANGERS_WORDS),
        world.a_scrub(e164=STRANGER, provider=STRANGERS_WORDS),
        world.a_suppression(SuppressionKind.LITIGATOR, e164=STRANGER, evidence={"why": STRANGERS_WORDS}),
    )
    world.cleared(person_id=person, phone_id=phone, message_id=new_id())


@pytest.fixture
def case(db: Database, org: UUID) -> Case:
    """Tell the story, seal it, and put an owner before it."""
    world = World(db, org).build()
    case = Case(world, an_owner(world))
    tell_the_story(world)
    add_a_stranger(world)
    world.clock.advance(timedelta(minutes=1))
    audit.seal_all(db)
    return case


@pytest.fixture
def another(db: Database, make_org: Callable[[str], UUID]) -> World:
    """Tell the same story of the same number in another organisation, in other words."""
    world = World(db, make_org("Rival Estates")).build()
    world.change("message", body="A rival's words")
    world.change("consent", shown_text="A rival's words")
    tell_the_story(world)
    audit.seal_all(db)
    return world
