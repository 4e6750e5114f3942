"""An erased person is found nowhere; what was said against the number still counts; the record is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Decision, Recipient
from leadflow.identity.errors import ConfirmPassword
from leadflow.identity.types import Principal
from leadflow.kernel import phone as phones
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Forbidden, Invalid, NotFound
from leadflow.retention import service as retention
from leadflow.retention.errors import UnderWay
from leadflow.retention.queries import sweeping
from leadflow.retention.types import Wish
from models.messaging import Conversation, Message
from models.properties import Person, PersonPhone, Phone
from models.retention import Erasure
from models.vocabulary import ErasureRequest, MessageState, Role, SuppressionKind
from tests.identity.people import PASSWORD, Team
from tests.retention.household import EMAIL, LINE, NAME, NUMBER, Household, finds, import_file


def erased(home: Household, reference: str = "DSR-17") -> None:
    with home.db.begin(home.actor.org_id) as uow:
        retention.erase(uow, home.actor, Wish(home.person, ErasureRequest.PERSON, reference))


def judged(home: Household) -> Decision:
    with home.db.begin(home.actor.org_id) as uow:
        return compliance.assess(uow, [Recipient(e164=NUMBER)], Ask(), uow.now())[0]


def rows(home: Household, statement: str, *values: Any) -> list[Any]:
    with home.db.begin(home.actor.org_id) as uow, uow.cursor() as cursor:
        cursor.execute(statement.encode(), list(values))
        return cursor.fetchall()


def test_the_attacker_sees_the_person_everywhere_before(home: Household) -> None:
    places = finds(home.db)
    assert {
        "person.name", "phone.e164", "email_address.email", "property.street", "message.body", "message.e164",
        "inbound_message.body", "conversation.e164", "activity.summary", "task.title", "consent.e164",
        "suppression.evidence", "scrub_result.e164", "decision.e164", "import_row.raw", "webhook_inbox.params",
        "idempotency_key.body", "job.note", "campaign.audience_filter", "lead_search.words", "phone_gate.e164",
        "person_phone.note", "message_event.detail", "import_batch.dialect", "activity.detail",
    } <= set(places)  # fmt: skip


def test_an_erased_person_is_found_in_no_column_of_the_whole_database(home: Household) -> None:
    erased(home)
    assert finds(home.db) == {}


def test_what_was_said_of_others_stays(home: Household) -> None:
    erased(home)
    assert rows(home, "select name from person where name <> 'Erased person'") == [("Ada Quill",)]
    assert rows(home, "select e164 from phone") == [(12_065_550_177,)]
    notes = [row[0] for row in rows(home, "select summary from activity where kind = 'note'")]
    assert "Neighbour of [erased] ([erased]), tel. 9990000000" in notes


def test_every_receipt_stays_and_the_chain_verifies(home: Household) -> None:
    audit.seal_all(home.db)
    before = rows(home, "select id, body, digest from decision order by id")
    assert len(before) == 2
    erased(home)
    assert rows(home, "select id, body, digest from decision order by id") == before
    assert rows(home, "select e164 from decision") == [(None,), (None,)]
    audit.seal_all(home.db)
    report = audit.verify(home.db, home.actor.org_id)
    assert report.whole, report.fault


def test_the_same_number_imported_again_is_suppressed_and_nothing_of_the_old_record_returns(
    home: Household, tmp_path: Path
) -> None:
    erased(home)
    assert "internal_dnc" in judged(home).reasons, "before anything brings it back"
    import_file(home.db, home.actor, tmp_path, LINE)
    decision = judged(home)
    assert {"litigator", "internal_dnc"} <= set(decision.reasons), decision.reasons
    listed = rows(
        home, "select kind from suppression where e164 = %s and released_at is null order by 1", 12_065_550_142
    )
    assert [row[0] for row in listed] == ["internal_dnc", "litigator"]
    again = [row[0] for row in rows(home, "select id from person where name = %s", NAME)]
    assert again
    assert home.person not in again
    assert rows(home, "select count(*) from activity where summary like '%%wants a call%%'") == [(0,)]
    assert rows(home, "select count(*) from message where e164 = 12065550142") == [(0,)]


def test_the_number_is_closed_to_the_gate_before_anything_binds_it_again(home: Household) -> None:
    erased(home)
    with home.db.begin(home.actor.org_id) as uow:
        phone = Phone(org_id=home.actor.org_id, e164=NUMBER)
        uow.session.add(phone)
        uow.session.flush()
        by_id = compliance.assess(uow, [Recipient(phone_id=phone.id)], Ask(), uow.now())[0]
    assert "litigator" in by_id.reasons
    assert rows(home, "select count(*) from suppression where e164 is not null") == [(0,)]


def test_an_inbound_text_binds_the_suppressions_again(home: Household) -> None:
    erased(home)
    with home.db.begin(home.actor.org_id) as uow:
        assert compliance.recall(uow, ["+12065550177"]) == 0
        assert compliance.recall(uow, [NUMBER]) == 2
        assert compliance.recall(uow, [NUMBER]) == 0, "once"


def test_nothing_is_queued_for_the_person_any_more(home: Household) -> None:
    erased(home)
    with home.db.begin(home.actor.org_id) as uow:
        texts = uow.session.exec(select(Message)).all()
        assert {text.state for text in texts} == {MessageState.WITHDRAWN, MessageState.BLOCKED}
        talk = uow.session.exec(select(Conversation)).one()
        assert {phones.display(one.e164) for one in (*texts, talk)} == {"Erased number"}
        assert {one.e164 for one in texts} == {talk.e164}, "one stand-in, so that the rows still belong together"


def test_the_tombstone_says_who_when_and_at_whose_wish(home: Household) -> None:
    erased(home)
    with home.db.begin(home.actor.org_id) as uow:
        stone = uow.session.exec(select(Erasure)).one()
        page = retention.erasures(uow, home.actor)
    assert (stone.actor_id, stone.request, stone.reference) == (home.actor.user_id, ErasureRequest.PERSON, "DSR-17")
    assert stone.counts["texts"] == 2
    assert (page.count, page.rows[0].actor) == (1, "Owner of Cedar Homes")
    events = rows(home, "select detail from audit_event where action = 'person.erased'")
    assert events[0][0]["rows"] == stone.counts


def test_the_preview_counts_what_the_erasure_does_and_changes_nothing(home: Household) -> None:
    before = finds(home.db)
    with home.db.begin(home.actor.org_id) as uow:
        told = retention.preview(uow, home.actor, home.person)
    assert finds(home.db) == before
    assert (told.name, told.blocked, told.holds) == (NAME, "", ())
    erased(home)
    with home.db.begin(home.actor.org_id) as uow:
        assert uow.session.exec(select(Erasure)).one().counts == told.goes
    assert any("hash" in kept.what for kept in told.stays)


def test_the_imported_file_goes_with_the_person(home: Household) -> None:
    assert home.file.exists()
    erased(home)
    assert not home.file.exists()


def test_a_number_that_two_people_share_stays_with_the_other(home: Household) -> None:
    with home.db.begin(home.actor.org_id) as uow:
        ada = uow.session.exec(select(Person).where(Person.name == "Ada Quill")).one()
        uow.session.add(PersonPhone(org_id=home.actor.org_id, person_id=ada.id, phone_id=home.phone))
    erased(home)
    marks = {mark for found in finds(home.db).values() for mark in found}
    assert marks == {"number"}, "the number is Ada's; nothing else of the person is left"
    assert rows(home, "select count(*) from message where body <> ''") == [(0,)]
    joined = rows(home, "select p.name from person_phone pp join person p on p.id = pp.person_id order by 1")
    assert joined == [("Ada Quill",), ("Ada Quill",)]


def test_a_property_with_another_party_stays_theirs(home: Household) -> None:
    with home.db.begin(home.actor.org_id) as uow, uow.cursor() as cursor:
        cursor.execute(
            "insert into property_party (org_id, property_id, person_id, role) select %s, %s, id, 'owner' from person"
            " where name = 'Ada Quill'",
            [home.actor.org_id, home.property],
        )
    erased(home)
    left = finds(home.db)
    assert {mark for found in left.values() for mark in found} == {"street"}
    assert {place.partition(".")[0] for place in left} <= {"property", "lead_search", "activity"}
    assert rows(home, "select owner from lead_search where lead_id = %s", home.lead) != []


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AGENT, Role.AUDITOR])
def test_only_an_owner_erases(db: Database, team: Team, home: Household, role: Role) -> None:
    caller = team.present(db, role)
    with db.begin(team.org_id) as uow, pytest.raises(Forbidden):
        retention.erase(uow, caller, Wish(home.person, ErasureRequest.PERSON))
    with db.begin(team.org_id) as uow, pytest.raises(Forbidden):
        retention.preview(uow, caller, home.person)


def test_an_erasure_asks_for_the_password(db: Database, team: Team, home: Household) -> None:
    caller = team.principal(db, Role.OWNER)
    with db.begin(team.org_id) as uow, pytest.raises(ConfirmPassword):
        retention.erase(uow, caller, Wish(home.person, ErasureRequest.PERSON))
    with pytest.raises(Invalid):
        retention.erase_with_password(db, caller, "not this", Wish(home.person, ErasureRequest.PERSON))
    assert "person.name" in finds(db)
    retention.erase_with_password(db, caller, PASSWORD, Wish(home.person, ErasureRequest.PERSON))
    assert finds(db) == {}


def test_a_person_is_erased_once(home: Household) -> None:
    erased(home)
    with pytest.raises(NotFound):
        erased(home)


def test_a_text_that_is_being_handed_over_is_waited_for(home: Household) -> None:
    with home.db.begin(home.actor.org_id) as uow, uow.cursor() as cursor:
        cursor.execute("update message set state = 'claimed' where state = 'queued'")
    with pytest.raises(UnderWay):
        erased(home)
    assert "person.name" in finds(home.db)


@pytest.mark.parametrize("reference", [f"Mail of {NAME}", "call 206 555-0142", f"from {EMAIL}"])
def test_the_reference_may_not_name_the_person(home: Household, reference: str) -> None:
    with pytest.raises(Invalid, match="must not name"):
        erased(home, reference)


def test_people_are_found_by_number_name_and_mail(home: Household, boss: Principal) -> None:
    for words in ("(206) 555-0142", "quarterm", EMAIL):
        with home.db.begin(boss.org_id) as uow:
            assert [one.id for one in retention.find(uow, boss, words)] == [home.person], words
    with home.db.begin(boss.org_id) as uow, pytest.raises(Invalid):
        retention.find(uow, boss, " a ")


def test_a_start_undoes_what_a_stop_did_also_after_the_erasure(home: Household) -> None:
    with home.db.begin(home.actor.org_id) as uow:
        compliance.opt_out(uow, NUMBER, source="inbound", evidence={"message_sid": "SM9"}, now=uow.now())
    erased(home)
    with home.db.begin(home.actor.org_id) as uow:
        assert compliance.start_again(uow, NUMBER, now=uow.now()) > 0
    standing = rows(home, "select kind from suppression where released_at is null and phone_key is not null order by 1")
    assert [row[0] for row in standing] == [SuppressionKind.INTERNAL_DNC.value, SuppressionKind.LITIGATOR.value]


def test_every_table_that_the_sweep_cannot_change_is_named_with_a_reason(home: Household) -> None:
    with home.db.begin(home.actor.org_id) as uow, uow.cursor() as cursor:
        cursor.execute("select t from unnest(%s::text[]) t where not has_table_privilege(t, 'update')",
                       [[place.table for place in sweeping.free_text()]])  # fmt: skip
        assert cursor.fetchall() == []
