"""Who gets a letter, where, and who does not."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Mark
from leadflow.identity.types import Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.errors import Forbidden, NotFound
from leadflow.leads import service as leads
from leadflow.letters import service as letters
from leadflow.letters.errors import NotLaunched, NotReady
from leadflow.letters.rules import HEADER, NO_LETTER, Seen, key_of
from leadflow.letters.rules import letters as written
from leadflow.letters.types import KEPT, Address, Addressee, LetterInput, Tally
from models.base import new_id
from models.vocabulary import JobKind, LetterState, Role, SuppressionKind
from tests.factories.identity import a_member
from tests.messaging.world import Somebody, World

HOME = Address("12 Elm St", "", "Chicago", "IL", "60601")
FAR = Address("9 Oak Ave", "4", "Dallas", "TX", "75201")
NOWHERE = Address("", "", "", "", "")


@pytest.fixture
def manager(world: World) -> Principal:
    """Act as a manager."""
    with world.db.begin(world.org) as uow:
        return a_member(uow, Role.MANAGER)


def settle_in(world: World, people: list[Somebody], mailing: Address = FAR) -> None:
    """Give people a house each, in one street, and an address for their mail."""
    for number, one in enumerate(people, start=1):
        world.do(
            "update property set street = %s, city = 'Chicago', property_key = %s where id = %s",
            f"{number} Elm St",
            f"{number} ELM ST||60601",
            one.property,
        )
        world.do(
            "update person set mailing_street = %s, mailing_unit = %s, mailing_city = %s, mailing_state = %s,"
            " mailing_zip5 = %s where id = %s",
            *(part or None for part in mailing),
            one.person,
        )
    with world.db.begin(world.org) as uow:
        leads.refresh_search(uow, [one.lead for one in people])


def made(world: World, actor: Principal, **wanted: object) -> UUID:
    """Make a list."""
    with world.db.begin(world.org) as uow:
        export_id = letters.ask_at_desk(uow, actor, LetterInput.model_validate(wanted))
    letters.make(world.db, world.org, export_id)
    return export_id


def rows(world: World, actor: Principal, export_id: UUID) -> list[dict[str, str]]:
    """Take a list away and read it."""
    text = b"".join(letters.open_list(world.db, actor, export_id).chunks).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


# One property


def addressee(**changed: object) -> Addressee:
    """Write down an owner who gets a letter."""
    base = Addressee(
        lead_id=new_id(),
        person_id=new_id(),
        name="Ann Oak",
        mailing=FAR,
        home=HOME,
        mailable=True,
        property_key="12 ELM ST||60601",
        died=False,
        closed=False,
        reason="",
    )
    return base._replace(**changed)


def test_owners_who_live_together_get_one_letter_and_others_their_own():
    ann, ben = addressee(), addressee(name="Ben Oak", mailing=FAR._replace(street="9 OAK AVENUE"))
    cid = addressee(name="Cid Elm", mailing=NOWHERE)
    found = written([ann, ben, cid], (), Seen(), Tally())
    assert [(one.names, one.to, one.from_record) for one in found] == [
        (("Ann Oak", "Ben Oak"), FAR, "mailing"),
        (("Cid Elm",), HOME, "property"),
    ]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"died": True}, "died"),
        ({"closed": True}, "closed"),
        ({"mailing": NOWHERE, "mailable": False}, "no_address"),
        ({"mailing": NOWHERE, "home": HOME._replace(street="Elm St")}, "no_address"),
    ],
)
def test_who_gets_none_is_counted_by_why(changed: dict[str, object], why: str):
    tally = Tally()
    assert written([addressee(**changed)], (), Seen(), tally) == []
    assert (tally.letters, tally.left_out) == (0, {why: 1})


def test_an_address_that_wants_no_mail_gets_none_whether_it_is_the_house_or_the_mailbox():
    for key in ("12 ELM ST||60601", key_of(FAR)):
        tally = Tally()
        assert written([addressee()], [key or ""], Seen(), tally) == []
        assert tally.left_out == {"closed": 1}


PEOPLE = [new_id() for _ in range(3)]
PARTY = st.builds(
    addressee,
    person_id=st.sampled_from(PEOPLE),
    mailing=st.sampled_from([FAR, NOWHERE, HOME._replace(street="12 ELM STREET")]),
    home=st.sampled_from([HOME, HOME._replace(street="14 Elm St")]),
    died=st.booleans(),
    closed=st.booleans(),
)


@given(st.lists(st.lists(PARTY, max_size=4), max_size=6))
def test_nobody_gets_two_letters_at_one_address_and_everybody_is_accounted_for(properties: list[list[Addressee]]):
    seen, tally = Seen(), Tally()
    total = 0
    sent: list[tuple[UUID, str]] = []
    for people in properties:
        before = set(seen)
        for letter in written(people, (), seen, tally):
            total += 1
            assert letter.names
            assert key_of(letter.to) is not None
        sent += list(seen - before)
        assert not any(one.died or one.closed for one in people if (one.person_id, "") in seen)
    assert len(sent) == len(set(sent)) == len(seen)
    assert tally.letters == total
    assert sum(tally.left_out.values()) + len(sent) == sum(len(people) for people in properties)


# A list


def test_a_list_of_a_filter_holds_addresses_and_the_gates_word(world: World, manager: Principal):
    texted, stopped = world.add_people(2)
    settle_in(world, [texted, stopped])
    with world.db.begin(world.org) as uow:
        compliance.opt_out(uow, stopped.e164, source="manual", evidence={}, now=uow.now())
    found = rows(world, manager, made(world, manager))
    assert list(found[0]) == list(HEADER)
    assert [(row["names"], row["street"], row["property_street"]) for row in found] == [
        ("Person 1", "9 Oak Ave", "1 Elm St"),
        ("Person 2", "9 Oak Ave", "2 Elm St"),
    ]
    assert [row["not_texted_because"] for row in found] == ["", "The person has opted out."]


def test_a_list_of_a_campaign_holds_those_whom_it_did_not_text_by_reason(world: World, manager: Principal):
    landline, sent, bare, covered = people = world.add_people(4)
    settle_in(world, people)
    world.do("update campaign set launched_at = now()")
    for one, excluded in ((landline, None), (sent, None), (bare, "no_phone"), (covered, "covered")):
        world.do(
            "insert into audience_member (org_id, campaign_id, lead_id, property_id, person_id, phone_id, excluded)"
            " values (%s, %s, %s, %s, %s, %s, %s)",
            *(world.org, world.campaign, one.lead, one.property, one.person, one.phone, excluded),
        )
    world.queue(people=[landline], reasons=("line_textable",))
    world.queue(people=[sent])
    world.do("update message set state = 'delivered', decision_id = null where false")
    everybody = rows(world, manager, made(world, manager, campaign_id=world.campaign))
    assert [(row["names"], row["not_texted_because"]) for row in everybody] == [
        ("Person 1", "The line takes no texts (landline, VoIP or toll-free)."),
        ("Person 3", "There is no number to text."),
    ]
    chosen = made(world, manager, campaign_id=world.campaign, reason="no_phone")
    assert [row["names"] for row in rows(world, manager, chosen)] == ["Person 3"]


@pytest.mark.parametrize("kind", SuppressionKind)
def test_only_what_speaks_of_every_contact_stands_against_a_letter(
    world: World, manager: Principal, kind: SuppressionKind
):
    (person,) = world.add_people(1)
    settle_in(world, [person])
    with world.db.begin(world.org) as uow:
        mark = Mark(kind, "manual", person.e164, person.person if kind is SuppressionKind.DO_NOT_MAIL else None)
        compliance.suppress_system(uow, mark)
    found = rows(world, manager, made(world, manager))
    assert len(found) == (0 if kind in NO_LETTER else 1)


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(world: World, manager: Principal):
    (person,) = world.add_people(1)
    settle_in(world, [person])
    world.do("update person set name = '=HYPERLINK(1)' where id = %s", person.person)
    assert rows(world, manager, made(world, manager))[0]["names"] == "'=HYPERLINK(1)"


def test_who_died_gets_none(world: World, manager: Principal):
    (person,) = world.add_people(1)
    settle_in(world, [person])
    world.do(
        "insert into property_party (org_id, property_id, person_id, role) values (%s, %s, %s, 'decedent')",
        *(world.org, person.property, person.person),
    )
    export_id = made(world, manager)
    assert rows(world, manager, export_id) == []
    with world.db.begin(world.org) as uow:
        (row,) = letters.listing(uow, manager).rows
    assert row.counts == {"leads": 1, "letters": 0, "left_out": {"died": 1}}


# Who, when, how long


def test_every_step_of_a_list_is_on_record_with_its_question_and_counts(world: World, manager: Principal):
    (person,) = world.add_people(1)
    settle_in(world, [person])
    export_id = made(world, manager, audience_filter={"state": ["IL"]})
    rows(world, manager, export_id)
    acts = world.rows("select action, detail from audit_event where subject_id = %s order by id", export_id)
    assert [row[0] for row in acts] == ["letters.asked", "letters.made", "letters.downloaded"]
    assert acts[0][1]["filter"] == ["state"], "what was asked, not what was typed"


def test_a_job_makes_the_list_once_however_often_it_runs(world: World, manager: Principal):
    settle_in(world, world.add_people(1))
    with world.db.begin(world.org) as uow:
        export_id = letters.ask(uow, manager, LetterInput())
        assert letters.listing(uow, manager).rows[0].state is LetterState.MAKING
    with pytest.raises(NotReady):
        letters.open_list(world.db, manager, export_id)
    job_id = world.one("select id from job where kind = %s", JobKind.LETTERS_MAKE.value)
    for _ in range(2):
        letters.make(world.db, world.org, export_id, job_id)
    assert world.rows("select done, total from job where id = %s", job_id) == [(1, 1)]
    assert world.one("select count(*) from letter_chunk") == 1


def test_a_list_is_removed_after_its_week(world: World, manager: Principal, clock: FrozenClock):
    settle_in(world, world.add_people(1))
    export_id = made(world, manager)
    clock.advance(KEPT)
    assert letters.sweep(world.db) == 0
    clock.advance(timedelta(seconds=1))
    assert letters.sweep(world.db) == 1
    with pytest.raises(NotFound):
        letters.open_list(world.db, manager, export_id)
    assert world.one("select count(*) from letter_chunk") == 0


def test_agents_auditors_and_others_take_none(world: World, another_world: World, manager: Principal, tmp_path: Path):
    settle_in(world, world.add_people(1))
    export_id = made(world, manager)
    for role in (Role.AGENT, Role.AUDITOR):
        with world.db.begin(world.org) as uow:
            somebody = a_member(uow, role)
        with pytest.raises(Forbidden):
            letters.open_list(world.db, somebody, export_id)
    with another_world.db.begin(another_world.org) as uow:
        stranger = a_member(uow, Role.OWNER)
        with pytest.raises(NotFound):
            letters.ask(uow, stranger, LetterInput(campaign_id=world.campaign))
    with pytest.raises(NotFound):
        letters.open_list(another_world.db, stranger, export_id)
    row = letters.save(world.db, manager, export_id, tmp_path / "list.csv")
    assert ((tmp_path / "list.csv").stat().st_size, row.counts["letters"]) == (row.size_bytes, 1)


def test_a_campaign_that_has_decided_about_nobody_has_no_list(world: World, manager: Principal):
    with world.db.begin(world.org) as uow, pytest.raises(NotLaunched):
        letters.ask(uow, manager, LetterInput(campaign_id=world.campaign))
