"""Who was merged is found by who it is today: in files that come again, in proofs, in what is told of the past."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlmodel import select

from leadflow.compliance import service as compliance
from leadflow.compliance.queries import facts
from leadflow.compliance.types import Recipient, Sending
from leadflow.duplicates import service as duplicates
from leadflow.duplicates.types import Wish
from leadflow.evidence import queries as evidence
from leadflow.evidence.types import Scope
from leadflow.identity.types import Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from models.duplicates import MergedRecord
from models.properties import Person, Property
from models.vocabulary import Channel, DuplicateKind, EvidenceOf, Purpose, Role, SuppressionKind
from tests.duplicates.world import World
from tests.identity.people import make_team
from tests.retention.household import import_file

ONE = "1200 Main St,Chicago,IL,60601,Ada Quill,1200 Main St,Chicago,IL,60601,(312) 555-0142,,ada@quill.example"
OTHER = "1200 N Main St,Chicago,IL,60601,Ada Quill,1200 N Main St,Chicago,IL,60601,(312) 555-0177,,ada@quill.example"


def test_a_file_that_comes_again_makes_neither_of_the_two_anew(db: Database, tmp_path: Path):
    team = make_team(db)
    owner = team.present(db, Role.OWNER)
    import_file(db, owner, tmp_path, ONE, OTHER)
    duplicates.run_search(db, owner.org_id)
    for kind, model in ((DuplicateKind.PERSON, Person), (DuplicateKind.PROPERTY, Property)):
        with db.begin(owner.org_id) as uow:
            ids = [row.id for row in uow.session.exec(select(model)).all()]
            duplicates.merge(uow, owner, Wish(kind, ids[0], ids[1]))
    import_file(db, owner, tmp_path, ONE, OTHER)
    with db.begin(owner.org_id) as uow:
        assert len(uow.session.exec(select(Person)).all()) == 1
        assert len(uow.session.exec(select(Property)).all()) == 1


def _pair(db: Database, org: UUID) -> tuple[UUID, UUID, UUID, UUID]:
    with db.begin(org) as uow:
        world = World(uow)
        phone = world.phone()
        one, other = world.person("John Smith"), world.person("John Smith", phone)
        lead = world.lead(world.house("", other))
        world.suppress(SuppressionKind.LITIGATOR, person_id=other.id)
        world.decision(lead.id, other.id, phone)
        return one.id, other.id, phone.id, lead.property_id


def test_the_past_is_told_as_it_was(db: Database, org: UUID, owner: Principal, clock: FrozenClock):
    one, other, phone, house = _pair(db, org)
    before = clock.now()
    clock.advance(timedelta(days=1))

    def told() -> tuple[object, ...]:
        with db.begin(org) as uow:
            sending = Sending(Purpose.CAMPAIGN, Channel.TEXT, paused=False)
            moment = facts.Moment(before, timedelta(days=30), past=True)
            (found,) = facts.load(uow, sending, [Recipient(None, house, other, phone)], moment)
        return found.person_known, sorted(found.suppressions), found.roles

    then = told()
    assert then[0]
    with db.begin(org) as uow:
        duplicates.merge(uow, owner, Wish(DuplicateKind.PERSON, one, other))
    clock.advance(timedelta(days=1))
    assert told() == then


def test_a_proof_about_the_survivor_holds_the_receipts_of_both(db: Database, org: UUID, owner: Principal):
    one, other, *_ = _pair(db, org)
    with db.begin(org) as uow:
        duplicates.merge(uow, owner, Wish(DuplicateKind.PERSON, one, other))
    with db.begin(org) as uow:
        scope = Scope(of=EvidenceOf.PERSON, until=uow.now() + timedelta(days=1), person_id=one)
        assert evidence.count_receipts(uow, scope)[0] == 1
        key = compliance.phone_key("+13125550142")
        assert key
        assert uow.session.exec(select(MergedRecord)).one().survivor_id == one
