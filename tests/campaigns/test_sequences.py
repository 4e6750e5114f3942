"""Campaigns of several messages: waits, variants, snippets; on real Postgres."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from leadflow.campaigns import service as campaigns
from leadflow.campaigns.errors import Incomplete
from leadflow.campaigns.rules.texts import split_seed
from leadflow.campaigns.types import SnippetInput
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.errors import Conflict, Forbidden, Invalid
from leadflow.messaging.rules.spins import pick
from models.vocabulary import CampaignState
from tests.campaigns.conftest import TEMPLATE, Office
from tests.campaigns.courses import DAY, TWO, end, members_of, progress_of, texts_of

# Steps and waits


def test_a_further_message_follows_when_its_wait_is_over_and_not_before(office: Office, clock: FrozenClock):
    office.people(3)
    campaign_id = office.launched(steps=TWO)
    end(office, texts_of(office, campaign_id), "delivered")
    assert progress_of(office, campaign_id).by_state == {"between": 3}
    clock.advance(timedelta(days=2) - timedelta(seconds=1))
    assert campaigns.pace(office.db, office.org, campaign_id) is not None
    assert {one.step for one in texts_of(office, campaign_id)} == {1}
    clock.advance(timedelta(seconds=1))
    assert campaigns.pace(office.db, office.org, campaign_id) is not None
    found = texts_of(office, campaign_id)
    assert Counter(one.step for one in found) == {1: 3, 2: 3}
    assert {one.body for one in found if one.step == 2} == {"Still thinking, Ann?"}
    end(office, [one for one in found if one.step == 2], "delivered")
    assert campaigns.pace(office.db, office.org, campaign_id) is None
    assert office.get(campaign_id).state is CampaignState.FINISHED
    assert progress_of(office, campaign_id).by_state == {"delivered": 3}


@pytest.mark.parametrize("state", ["blocked", "failed", "undelivered", "rejected", "expired_window", "withdrawn"])
def test_whoever_did_not_get_a_text_gets_no_further_one(office: Office, clock: FrozenClock, state: str):
    office.people(2)
    campaign_id = office.launched(steps=TWO)
    first, second = texts_of(office, campaign_id)
    end(office, [first], "delivered")
    end(office, [second], state)
    clock.advance(timedelta(days=3))
    campaigns.pace(office.db, office.org, campaign_id)
    assert [one.e164 for one in texts_of(office, campaign_id) if one.step == 2] == [first.e164]
    assert progress_of(office, campaign_id).steps[1].by_state == {"queued": 1, "ended": 1}


def test_a_text_expires_by_its_own_message_not_by_the_campaign(office: Office, clock: FrozenClock):
    office.people(1)
    campaign_id = office.launched(steps=[{"template": TEMPLATE}, {"template": "Again", "wait_minutes": DAY}])
    began = clock.now()
    end(office, texts_of(office, campaign_id), "delivered")
    clock.advance(timedelta(days=1))
    campaigns.pace(office.db, office.org, campaign_id)
    first, second = texts_of(office, campaign_id)
    assert first.send_before == began + timedelta(days=3)
    assert second.send_before == began + timedelta(days=2)
    assert office.get(campaign_id).send_before == began + timedelta(days=5)


def test_a_campaign_with_somebody_still_waiting_does_not_end(office: Office, clock: FrozenClock):
    office.people(1)
    campaign_id = office.launched(steps=TWO)
    end(office, texts_of(office, campaign_id), "delivered")
    assert campaigns.pace(office.db, office.org, campaign_id) == timedelta(minutes=1)
    assert office.get(campaign_id).state is CampaignState.RUNNING
    clock.advance(timedelta(days=2) - timedelta(seconds=20))
    assert campaigns.pace(office.db, office.org, campaign_id) == timedelta(seconds=20)


def test_nothing_follows_while_it_is_paused(office: Office, clock: FrozenClock):
    office.people(2)
    campaign_id = office.launched(steps=TWO)
    end(office, texts_of(office, campaign_id), "delivered")
    with office.db.begin(office.org) as uow:
        campaigns.pause(uow, office.manager, campaign_id)
    clock.advance(timedelta(days=3))
    assert campaigns.pace(office.db, office.org, campaign_id) is None
    assert len(texts_of(office, campaign_id)) == 2
    with office.db.begin(office.org) as uow:
        campaigns.resume(uow, office.manager, campaign_id)
    campaigns.pace(office.db, office.org, campaign_id)
    assert len(texts_of(office, campaign_id)) == 4


# Variants


def test_everybody_reads_one_variant_in_every_message(office: Office, clock: FrozenClock):
    office.people(10)
    steps = [
        {"template": "First of A, {{ first_name }}", "others": {"B": "First of B, {{ first_name }}"}},
        {"template": "Second of A", "others": {"B": "Second of B"}, "wait_minutes": DAY},
        {"template": "Third of all", "wait_minutes": DAY},
    ]
    campaign_id = office.launched(steps=steps, split=[{"label": "A", "weight": 1}, {"label": "B", "weight": 1}])
    for _ in steps:
        end(office, [one for one in texts_of(office, campaign_id) if one.state == "queued"], "delivered")
        clock.advance(timedelta(days=1))
        campaigns.pace(office.db, office.org, campaign_id)
    found = texts_of(office, campaign_id)
    read = {one.e164: one.variant for one in found if one.step == 1}
    assert len(read) == 10
    assert all(one.variant == read[one.e164] for one in found)
    assert all(f" of {one.variant}" in one.body for one in found if one.step < 3)
    assert {one.body for one in found if one.step == 3} == {"Third of all"}


def test_who_followed_a_link_is_counted_by_variant(office: Office):
    office.people(8)
    with office.db.begin(office.org) as uow, uow.cursor() as cursor:
        cursor.execute("update organization set link_domain = 'go.example.com' where id = %s", [office.org])
    steps = [{"template": "See https://example.com/offers", "others": {"B": "No link here"}}]
    campaign_id = office.launched(steps=steps, split=[{"label": "A", "weight": 1}, {"label": "B", "weight": 1}])
    texts = texts_of(office, campaign_id)
    end(office, texts, "delivered")
    readers = [one for one in texts if one.variant == "A"]
    assert 0 < len(readers) < len(texts)
    assert progress_of(office, campaign_id).followed == 0
    with office.db.begin(office.org) as uow, uow.cursor() as cursor:
        cursor.execute(
            "update short_link set clicks = 3, clicked_at = %s where message_id = %s", [uow.now(), readers[0].id]
        )
    found = progress_of(office, campaign_id)
    assert found.followed == 1
    assert {one.label: one.followed for one in found.variants} == {"A": 1, "B": None}


def test_sql_draws_the_variant_that_the_preview_shows(office: Office):
    office.people(9)
    split = [{"label": "A", "weight": 3}, {"label": "B", "weight": 2}, {"label": "C", "weight": 1}]
    campaign_id = office.draft(split=split, template="Hi")
    with office.db.begin(office.org) as uow:
        shown = {one.lead_id: one.variant for one in campaigns.preview(uow, office.manager, campaign_id, limit=20)}
        campaigns.submit(uow, office.author, campaign_id)
        campaigns.launch(uow, office.manager, campaign_id, "Spring")
    weights = {"A": 3, "B": 2, "C": 1}
    for member in members_of(office, campaign_id):
        assert member.variant == shown[member.lead_id]
        assert member.variant == pick(split_seed(campaign_id, member.person_id, member.phone_id), weights)


# Snippets


def _snippet(office: Office, name: str = "opt_out", body: str = "Reply {STOP|END} to end.") -> UUID:
    with office.db.begin(office.org) as uow:
        return campaigns.add_snippet(uow, office.author, SnippetInput(name=name, body=body))


def test_a_launched_campaign_keeps_the_words_that_were_signed(office: Office, clock: FrozenClock):
    office.people(1)
    snippet = _snippet(office, body="Signed, Ann")
    steps = [{"template": "Hi. {{ snippets.opt_out }}"}, {"template": "Bye. {{snippets.opt_out}}", "wait_minutes": DAY}]
    campaign_id = office.launched(steps=steps)
    with office.db.begin(office.org) as uow:
        campaigns.change_snippet(uow, office.author, snippet, SnippetInput(name="opt_out", body="Signed, Bob"))
    end(office, texts_of(office, campaign_id), "delivered")
    clock.advance(timedelta(days=1))
    campaigns.pace(office.db, office.org, campaign_id)
    assert [one.body for one in texts_of(office, campaign_id)] == ["Hi. Signed, Ann", "Bye. Signed, Ann"]


def test_a_change_of_a_snippet_takes_the_approval_back(office: Office):
    office.people(1)
    snippet = _snippet(office)
    campaign_id = office.ready(template="Hi. {{ snippets.opt_out }}")
    with office.db.begin(office.org) as uow:
        campaigns.change_snippet(uow, office.author, snippet, SnippetInput(name="opt_out", body="Buy now"))
    with office.db.begin(office.org) as uow, pytest.raises(Incomplete, match="changed after its approval"):
        campaigns.launch(uow, office.manager, campaign_id, "Spring")


def test_a_snippet_in_use_is_neither_deleted_nor_renamed(office: Office):
    snippet = _snippet(office)
    campaign_id = office.draft(template="Hi. {{ snippets.opt_out }}")
    with office.db.begin(office.org) as uow:
        assert campaigns.snippets(uow, office.auditor).rows[0].used_in == ("Spring",)
        with pytest.raises(Conflict, match="Spring"):
            campaigns.remove_snippet(uow, office.author, snippet)
    with office.db.begin(office.org) as uow, pytest.raises(Conflict):
        campaigns.change_snippet(uow, office.author, snippet, SnippetInput(name="bye", body="Bye"))
    with office.db.begin(office.org) as uow:
        campaigns.cancel(uow, office.manager, campaign_id)
        campaigns.remove_snippet(uow, office.author, snippet)
        assert campaigns.snippets(uow, office.auditor).rows == ()


@pytest.mark.parametrize("body", ["{{ snippets.other }}", "{{ pet_name }}", "{one}", "{one|two"])
def test_a_snippet_that_could_not_be_filled_in_is_refused(office: Office, body: str):
    with pytest.raises(Invalid):
        _snippet(office, body=body)


def test_an_auditor_changes_no_snippet(office: Office):
    snippet = _snippet(office)
    with office.db.begin(office.org) as uow, pytest.raises(Forbidden):
        campaigns.remove_snippet(uow, office.auditor, snippet)
