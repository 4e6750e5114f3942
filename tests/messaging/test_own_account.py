"""An organisation's own account at the carrier: used for its own texts, and believed about its own numbers only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from leadflow.credentials.errors import CredentialLocked
from leadflow.kernel import vault
from leadflow.kernel.clock import FrozenClock
from leadflow.messaging import service as messaging
from leadflow.messaging.service.carriers import configured
from leadflow.simulators.carrier import dialect
from models.base import new_id
from models.credentials import ProviderCredential
from models.vocabulary import Provider
from tests.carrier import Simulator
from tests.messaging.calls import Calls, sms
from tests.messaging.world import ACCOUNT, TOKEN, World

SID = "SM" + "b" * 32
OWN, OWN_TOKEN = "AC" + "5" * 32, "the-token-of-the-others-own"


def give(world: World, account: str, token: str) -> None:
    """Set an organisation's own account."""
    row = ProviderCredential(id=new_id(), org_id=world.org, provider=Provider.TWILIO, account=account, secret=b"")
    place = vault.Place("provider_credential", "secret", row.id, world.org)
    row.secret = vault.vault().seal(place, token.encode())
    with world.db.begin(world.org) as uow:
        uow.session.add(row)


def elsewhere(account: str, token: str) -> None:
    """Make the installation's own account another."""
    messaging.configure(replace(configured(), account_sid=account, auth_token=token))


@pytest.fixture
def other(db: object, make_org: Callable[[str], UUID], world: World) -> World:
    """Write down a second organisation, with a number of its own."""
    del db
    return World(world.db, make_org("Birch Partners"), first=13_125_560_000, sender_e164="+17735550111").build()


def test_texts_go_out_by_the_organisations_own_account(world: World, carrier: Simulator):
    elsewhere("AC" + "9" * 32, "of-the-installation")
    give(world, ACCOUNT, TOKEN)
    world.add_people(1)
    world.queue()
    world.send()
    assert world.states() == {"accepted": 1}
    assert len(carrier.accepted()) == 1


def test_the_installations_account_never_stands_in_for_a_wrong_one(world: World, carrier: Simulator):
    give(world, OWN, OWN_TOKEN)
    world.add_people(1)
    world.queue()
    world.send()
    assert "accepted" not in world.states()
    assert carrier.accepted() == []


def test_a_credential_that_cannot_be_opened_stops_sending_and_sends_nothing(world: World, carrier: Simulator):
    give(world, ACCOUNT, TOKEN)
    vault.configure(vault.Vault({"another": b"x" * 32}))
    world.add_people(1)
    world.queue()
    with pytest.raises(CredentialLocked):
        world.send()
    assert world.states() == {"queued": 1}
    assert carrier.accepted() == []


def test_a_lost_text_is_looked_for_by_the_account_that_sent_it(world: World, carrier: Simulator, clock: FrozenClock):
    elsewhere("AC" + "9" * 32, "of-the-installation")
    give(world, ACCOUNT, TOKEN)
    carrier.control(faults=[{"kind": "reset", "share": 1.0, "accepted": True}])
    world.add_people(1)
    world.queue()
    world.send()
    clock.advance(timedelta(seconds=31))
    assert messaging.reconcile(world.db) == 1
    assert world.rows("select carrier_sid from message") == [(carrier.accepted()[0]["sid"],)]


# What such an account signs


def text(account: str, ours: str, body: str = "STOP", sid: str = SID) -> dict[str, str]:
    return dialect.inbound_form(replace(sms(sid, ours, "+13125550001", body), account=account), None)


def report(account: str, world: World) -> dict[str, str]:
    return dialect.status_form(replace(sms(SID, "+13125550001", world.sender_e164), account=account), "delivered", None)


def test_its_own_signature_is_believed_about_its_own_numbers(world: World, calls: Calls):
    give(world, OWN, OWN_TOKEN)
    assert calls.post("/hooks/twilio/inbound", text(OWN, world.sender_e164), token=OWN_TOKEN).status_code == 200
    assert world.one("select count(*) from suppression") == 1
    answer = calls.post(f"/hooks/twilio/status?m={new_id()}", report(OWN, world), token=OWN_TOKEN)
    assert answer.status_code == 204


def test_its_signature_is_worth_nothing_about_the_numbers_of_others(world: World, other: World, calls: Calls):
    """An organisation chooses its token itself: it could sign whatever it likes."""
    give(other, OWN, OWN_TOKEN)
    assert calls.post("/hooks/twilio/inbound", text(OWN, world.sender_e164), token=OWN_TOKEN).status_code == 403
    assert calls.post("/hooks/twilio/inbound", text(OWN, "+17735559999"), token=OWN_TOKEN).status_code == 403
    posted = calls.post(f"/hooks/twilio/status?m={new_id()}", report(OWN, world), token=OWN_TOKEN)
    assert posted.status_code == 403
    assert world.one("select count(*) from suppression") == 0
    assert world.one("select count(*) from webhook_inbox") == 0


def test_who_claims_the_installations_account_signs_for_itself_only(world: World, other: World, calls: Calls):
    give(other, ACCOUNT, OWN_TOKEN)
    assert calls.post("/hooks/twilio/inbound", text(ACCOUNT, world.sender_e164), token=OWN_TOKEN).status_code == 403
    assert calls.post("/hooks/twilio/inbound", text(ACCOUNT, other.sender_e164), token=OWN_TOKEN).status_code == 200
    # And the installation's own goes on as before.
    later = text(ACCOUNT, world.sender_e164, sid="SM" + "c" * 32)
    assert calls.post("/hooks/twilio/inbound", later, token=TOKEN).status_code == 200


def test_an_account_that_nobody_has_is_nobodys(world: World, calls: Calls):
    give(world, OWN, OWN_TOKEN)
    unknown = "AC" + "8" * 32
    for token in (OWN_TOKEN, TOKEN):
        assert calls.post("/hooks/twilio/inbound", text(unknown, world.sender_e164), token=token).status_code == 403
    assert calls.post("/hooks/twilio/inbound", text(OWN, world.sender_e164), token=TOKEN).status_code == 403


def test_a_removed_account_signs_nothing_any_more(world: World, calls: Calls):
    give(world, OWN, OWN_TOKEN)
    with world.db.begin(world.org) as uow, uow.cursor() as cursor:
        cursor.execute("delete from provider_credential")
    assert calls.post("/hooks/twilio/inbound", text(OWN, world.sender_e164), token=OWN_TOKEN).status_code == 403
