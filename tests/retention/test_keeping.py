"""What is older than its term goes, within the law's floors; what is under hold stays, whoever asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.compliance.queries import artefacts
from leadflow.compliance.types import Artefact, Grant
from leadflow.identity.errors import ConfirmPassword
from leadflow.identity.types import Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from leadflow.retention import service as retention
from leadflow.retention.errors import Held
from leadflow.retention.rules.keeping import TERMS
from leadflow.retention.types import HoldWish, RuleRow, Wish
from models.base import new_id
from models.vocabulary import Basis, Channel, ErasureRequest, HoldSubject, RetentionKind, Role
from tests.identity.people import Team
from tests.retention.household import NUMBER, Household

FOURTEEN_MONTHS = timedelta(days=426)


def later(db: Database, by: timedelta) -> None:
    assert isinstance(db.clock, FrozenClock)
    db.clock.advance(by)


def column(home: Household, statement: str) -> list[Any]:
    with home.db.begin(home.actor.org_id) as uow, uow.cursor() as cursor:
        cursor.execute(statement.encode())
        return [row[0] for row in cursor.fetchall()]


def place(home: Household, caller: Principal, **subject: Any) -> Any:
    with home.db.begin(caller.org_id) as uow:
        return retention.place(uow, caller, HoldWish(reason="Oak v. Cedar", **subject))


def told(home: Household, kind: RetentionKind) -> RuleRow:
    with home.db.begin(home.actor.org_id) as uow:
        return {row.kind: row for row in retention.rules(uow, home.actor)}[kind]


def end_texts(home: Household) -> None:
    with home.db.begin(home.actor.org_id) as uow, uow.cursor() as cursor:
        cursor.execute("update message set state = 'withdrawn', final_at = %s", [uow.now()])
        # Rows are stamped by the database's own clock, which no test can turn.
        for table in ("import_row", "import_batch", "message"):
            cursor.execute(f"update {table} set created_at = %s".encode(), [uow.now()])  # noqa: S608 names above


def test_words_of_texts_go_after_thirteen_months_and_the_delivery_record_stays(home: Household) -> None:
    end_texts(home)
    assert retention.keep_to(home.db, home.actor.org_id).total == 0, "nothing is old yet"
    later(home.db, FOURTEEN_MONTHS)
    due = told(home, RetentionKind.MESSAGE_BODY)
    assert (due.due, due.held) == (5, 0)
    gone = retention.keep_to(home.db, home.actor.org_id)
    assert gone.rows[RetentionKind.MESSAGE_BODY.value] == due.due
    assert column(home, "select body from message union all select body from inbound_message") == ["", "", ""]
    assert column(home, "select count(*) from message where e164 = 12065550142") == [2]
    assert told(home, RetentionKind.MESSAGE_BODY).due == 0
    assert column(
        home, "select detail -> 'rows' ->> 'message_body' from audit_event where action = 'retention.applied'"
    )
    assert not home.file.exists()


def test_receipts_and_consents_stay_for_five_years_and_then_the_chain_still_verifies(home: Household) -> None:
    end_texts(home)
    audit.seal_all(home.db)
    later(home.db, FOURTEEN_MONTHS)
    retention.keep_to(home.db, home.actor.org_id)
    assert column(home, "select count(e164) from decision") == [2]
    assert column(home, "select count(*) from consent") == [1]
    later(home.db, timedelta(days=1_830))
    retention.keep_to(home.db, home.actor.org_id)
    assert column(home, "select count(e164) from decision") == [0]
    assert column(home, "select count(*) from decision") == [2]
    assert column(home, "select count(*) from consent") == [1], "it has not ended"
    audit.seal_all(home.db)
    assert audit.verify(home.db, home.actor.org_id).whole


def test_what_shows_a_consent_goes_with_the_last_consent_that_it_shows(home: Household) -> None:
    with home.db.begin(home.actor.org_id) as uow:
        kept = Artefact("a" * 64, "application/pdf", "form.pdf", b"%PDF-1.7 signed")
        artefacts.keep(uow, kept, uow.now(), None)
        given = Grant(
            NUMBER,
            Channel.TEXT,
            Basis.WRITTEN_CONSENT,
            "Offers",
            "Text me.",
            "Fair",
            uow.now(),
            artefact_sha256=kept.sha256,
        )
        consent = compliance.grant(uow, home.actor, given)
    assert consent is not None
    later(home.db, timedelta(days=1_900))
    retention.keep_to(home.db, home.actor.org_id)
    assert column(home, "select count(*) from consent_artefact") == [1], "its consent has not ended"
    with home.db.begin(home.actor.org_id) as uow:
        compliance.revoke(uow, home.actor, consent, "Said so on the phone")
    later(home.db, timedelta(days=1_900))
    assert told(home, RetentionKind.CONSENT).due == 1
    retention.keep_to(home.db, home.actor.org_id)
    assert column(home, "select count(*) from consent where artefact_sha256 is not null") == [0]
    assert column(home, "select count(*) from consent_artefact") == [0]


@pytest.mark.parametrize("kind", list(RetentionKind))
def test_no_term_goes_below_its_floor(home: Household, kind: RetentionKind) -> None:
    term = TERMS[kind]
    with home.db.begin(home.actor.org_id) as uow:
        with pytest.raises(Invalid, match="at least"):
            retention.change(uow, home.actor, kind, term.floor - 1)
        retention.change(uow, home.actor, kind, term.floor)
    assert told(home, kind).days == term.floor


@pytest.mark.parametrize("subject", list(HoldSubject))
def test_a_hold_keeps_from_retention_and_from_erasure(home: Household, team: Team, subject: HoldSubject) -> None:
    manager = team.present(home.db, Role.MANAGER)
    which = {
        HoldSubject.PERSON: {"person_id": home.person},
        HoldSubject.PHONE: {"e164": NUMBER},
        HoldSubject.CAMPAIGN: {"campaign_id": home.campaign},
    }[subject]
    hold = place(home, manager, subject=subject, **which)
    end_texts(home)
    later(home.db, FOURTEEN_MONTHS)
    retention.keep_to(home.db, home.actor.org_id)
    assert "" not in column(home, "select body from message union all select body from inbound_message")
    assert home.file.exists()
    boss = team.present(home.db, Role.OWNER)
    with home.db.begin(boss.org_id) as uow, pytest.raises(Held):
        retention.erase(uow, boss, Wish(home.person, ErasureRequest.PERSON))
    with home.db.begin(boss.org_id) as uow:
        assert [one.id for one in retention.preview(uow, boss, home.person).holds] == [hold]
        retention.lift(uow, boss, hold, "Settled")
        retention.erase(uow, boss, Wish(home.person, ErasureRequest.PERSON))


def test_a_hold_is_lifted_by_another_member_or_by_an_owner_with_the_password(home: Household, team: Team) -> None:
    manager, typed, untyped = (
        team.present(home.db, Role.MANAGER),
        team.present(home.db, Role.OWNER),
        team.principal(home.db, Role.OWNER),
    )
    theirs = place(home, manager, subject=HoldSubject.PERSON, person_id=home.person)
    own = place(home, untyped, subject=HoldSubject.PHONE, e164=NUMBER)
    with home.db.begin(team.org_id) as uow:
        with pytest.raises(Forbidden, match="Another member"):
            retention.lift(uow, manager, theirs, "Settled")
        with pytest.raises(ConfirmPassword):
            retention.lift(uow, untyped, own, "Settled")
        with pytest.raises(Invalid):
            retention.lift(uow, typed, own, "  ")
        retention.lift(uow, typed, own, "Settled")
        retention.lift(uow, untyped, theirs, "Settled")
        with pytest.raises(Conflict):
            retention.lift(uow, typed, own, "Again")
        page = retention.listed(uow, untyped, standing=None)
    assert (page.count, {row.lifted_why for row in page.rows}) == (2, {"Settled"})


def test_a_hold_needs_a_reason_and_one_subject_that_is_there(home: Household) -> None:
    cases: list[tuple[HoldWish, type[Exception]]] = [
        (HoldWish(HoldSubject.PERSON, " ", person_id=home.person), Invalid),
        (HoldWish(HoldSubject.PERSON, "x", e164=NUMBER), Invalid),
        (HoldWish(HoldSubject.PERSON, "x", person_id=home.person, e164=NUMBER), Invalid),
        (HoldWish(HoldSubject.PERSON, "x", person_id=new_id()), NotFound),
        (HoldWish(HoldSubject.CAMPAIGN, "x", campaign_id=new_id()), NotFound),
    ]
    for wish, error in cases:
        with home.db.begin(home.actor.org_id) as uow, pytest.raises(error):
            retention.place(uow, home.actor, wish)
    place(home, home.actor, subject=HoldSubject.PHONE, e164=NUMBER)
    with pytest.raises(Conflict):
        place(home, home.actor, subject=HoldSubject.PHONE, e164=NUMBER)
