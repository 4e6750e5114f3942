"""The score that is kept equals the one that is explained, whatever happens and whatever day it is; lists go by it."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Mark
from leadflow.identity.types import Principal
from leadflow.jobs.types import Claim
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.leads import rules
from leadflow.leads import service as leads
from leadflow.leads.queries import listing, scoring
from leadflow.leads.rules.score import WEIGHTS
from leadflow.leads.service.looking import narrowed
from leadflow.leads.types import LeadFilter
from models.base import new_id
from models.compliance import Suppression
from models.leads import Lead, LeadListEntry
from models.vocabulary import JobKind, LineType, PartyRole, PhoneStatus, Role, SuppressionKind
from tests.factories.identity import a_member
from tests.factories.leads import a_lead, a_list
from tests.factories.properties import a_party, a_person, a_person_phone, a_phone, a_property, an_owner
from tests.leads.conftest import Sign
from workers.compliance import fan_out
from workers.leads import refresh

HOUSES = 50
OTHERS = (
    dict.fromkeys(WEIGHTS, 0) | {"ownership": 100},
    dict.fromkeys(WEIGHTS, 0) | {"equity": 97, "ownership": 3},
    {"equity": 13, "stack": 17, "absentee": 11, "ownership": 19, "probate": 7, "phone": 23, "contactable": 10},
)
WORK = {JobKind.OPT_OUT_FANOUT: fan_out, JobKind.LEAD_SEARCH_REFRESH: refresh}


@pytest.fixture
def crowd(db: Database, org: UUID) -> Principal:
    """Write leads of which every fact of a score is known, unknown, or on the edge of another point."""
    dice = random.Random(17)  # noqa: S311 data, not secrets
    with db.begin(org) as uow:
        lists = [a_list(uow) for _ in range(7)]
        made = [_house(uow, dice) for _ in range(HOUSES)]
        for lead in made:
            for one in dice.sample(lists, dice.randrange(8)):
                seen: dict[str, Any] = {"first_seen_at": uow.now(), "last_seen_at": uow.now()}
                uow.session.add(LeadListEntry(org_id=org, list_id=one.id, lead_id=lead.id, **seen))
        uow.session.flush()
        leads.refresh_search(uow, [lead.id for lead in made])
        return a_member(uow, Role.OWNER)


def _house(uow: UnitOfWork, dice: random.Random) -> Lead:
    today, year = uow.now().date(), 365.2425
    edges = [today - timedelta(days=round(step * 2 * year) + shift) for step in range(11) for shift in (-1, 0, 1)]
    value = dice.choice([None, 0, 10_000_000, 33_333_333])
    house = a_property(
        uow,
        owner_occupied=dice.choice([None, True, False]),
        estimated_value=value,
        estimated_equity=dice.choice([None, -500, 0, 4_000_000, 5_800_000, 33_333_333, 90_000_000]),
        last_sale_on=dice.choice([None, date(1931, 5, 1), today, today + timedelta(days=40), *edges]),
        decedent_died_on=dice.choice([None, None, None, date(2026, 1, 1)]),
        probate_filed_on=dice.choice([None, None, None, date(2026, 2, 1)]),
    )
    for _ in range(dice.randrange(3)):
        person = a_person(uow)
        a_party(uow, house.id, person.id, role=dice.choice([PartyRole.OWNER, PartyRole.OWNER, PartyRole.HEIR]))
        if dice.random() < 0.8:
            phone = a_phone(uow, line_type=dice.choice(list(LineType)), status=dice.choice(list(PhoneStatus)))
            a_person_phone(uow, person.id, phone.id)
            if dice.random() < 0.5:
                _mark(uow, dice, phone.e164, person.id)
    lead = Lead(org_id=uow.org(), property_id=house.id, created_at=uow.now())
    uow.session.add(lead)
    uow.session.flush()
    return lead


def _mark(uow: UnitOfWork, dice: random.Random, e164: str, person_id: UUID) -> None:
    of_number = dice.random() < 0.5
    uow.session.add(
        Suppression(
            org_id=uow.org(),
            kind=dice.choice(list(SuppressionKind)),
            e164=e164 if of_number else None,
            person_id=None if of_number else person_id,
            at=uow.now(),
            source="manual",
            released_at=dice.choice([None, None, uow.now()]),
        )
    )
    uow.session.flush()


def kept(uow: UnitOfWork) -> dict[UUID, tuple[int, date | None]]:
    with uow.cursor() as cursor:
        cursor.execute("select lead_id, score, score_until from lead_search")
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def explained(uow: UnitOfWork, who: Principal) -> dict[UUID, int]:
    """Explain the score of every lead."""
    return {lead: at(0) for lead, at in explaining(uow, who).items()}


def explaining(uow: UnitOfWork, who: Principal) -> dict[UUID, Callable[[int], int]]:
    """Explain the score of every lead as it will be in so many days if nothing happens."""
    found = listing.by_ids(uow, narrowed(uow, who, LeadFilter()), list(kept(uow)))
    now, weights = uow.now(), scoring.weights(uow)
    rest = {flat.lead_id: scoring.rest(uow, flat.lead_id) for flat in found}
    return {
        flat.lead_id: lambda days, flat=flat: (
            rules.lead_score(flat, rest[flat.lead_id], now + timedelta(days=days), weights).points
        )
        for flat in found
    }


def scores(uow: UnitOfWork) -> dict[UUID, int]:
    return {lead: score for lead, (score, _) in kept(uow).items()}


def work(db: Database, org: UUID) -> list[JobKind]:
    """Do what waits for a worker; tells what that was."""
    with db.begin() as uow, uow.cursor() as cursor:
        cursor.execute("select id, kind, payload from job where org_id = %s and state = 'waiting'", [org])
        waiting = cursor.fetchall()
        cursor.execute("update job set state = 'done' where org_id = %s", [org])
    for job_id, kind, payload in waiting:
        WORK[JobKind(kind)](db, Claim(job_id, org, JobKind(kind), payload, 1, 1, 5, None))
    return [JobKind(kind) for _, kind, _ in waiting]


def test_what_is_kept_is_what_is_explained_by_any_weights(db: Database, org: UUID, crowd: Principal) -> None:
    for weights in (WEIGHTS, *OTHERS):
        with db.begin(org) as uow:
            leads.set_score_weights(uow, crowd, weights)
        with db.begin(org) as uow:
            assert scores(uow) == explained(uow, crowd)
            assert len(set(scores(uow).values())) > 5, "a crowd of one score proves nothing"
            shown = {row.id: row.score for row in leads.page(uow, crowd, LeadFilter(), limit=200).rows}
            assert shown == scores(uow)
            one = next(iter(shown))
            assert leads.detail(uow, crowd, one).score.points == shown[one]


@pytest.mark.parametrize("weights", [WEIGHTS, *OTHERS])
def test_a_row_says_from_which_day_on_its_score_is_another_one(
    db: Database, org: UUID, crowd: Principal, weights: Mapping[str, int]
) -> None:
    with db.begin(org) as uow:
        leads.set_score_weights(uow, crowd, weights)
    with db.begin(org) as uow:
        today, at = uow.now().date(), explaining(uow, crowd)
        rows = kept(uow)
    for lead, (score, until) in rows.items():
        last = (until - today).days - 1 if until else 9_000
        assert last >= 0
        assert {at[lead](days) for days in (0, last // 2, last)} == {score}
        assert until is None or at[lead](last + 2) > score, "at most a day early"


def test_days_change_the_rows_that_are_due_and_touch_no_other(
    db: Database, org: UUID, crowd: Principal, clock: FrozenClock
) -> None:
    leads.ask_renewal(db)
    assert work(db, org) == [], "nothing is due today"
    for days in (1, 300, 4_000):
        clock.advance(timedelta(days=days))
        with db.begin(org) as uow:
            today, before = uow.now().date(), _versions(uow)
            due = {lead for lead, (_, day) in kept(uow).items() if day and day <= today}
        leads.ask_renewal(db)
        leads.ask_renewal(db)
        assert work(db, org) == [JobKind.LEAD_SEARCH_REFRESH] * bool(due)
        with db.begin(org) as uow:
            assert scores(uow) == explained(uow, crowd)
            assert {lead for lead, version in _versions(uow).items() if version != before[lead]} == due
            assert all(day is None or day > today for _, day in kept(uow).values())
        assert leads.renew_due(db, org) == 0


def _versions(uow: UnitOfWork) -> dict[UUID, Any]:
    with uow.cursor() as cursor:
        cursor.execute("select lead_id, ctid::text from lead_search")
        return dict(cursor.fetchall())


def test_a_mark_takes_points_and_its_release_gives_them_back(db: Database, org: UUID) -> None:
    with db.begin(org) as uow:
        house, other = a_property(uow), a_property(uow)
        person, phone = an_owner(uow, house)
        a_party(uow, other.id, person.id)
        made = [a_lead(uow, house), a_lead(uow, other)]
        owner = a_member(uow, Role.OWNER)
        before = scores(uow)
        compliance.suppress(uow, owner, Mark(SuppressionKind.INTERNAL_DNC, "manual", phone.e164, evidence={}))
    work(db, org)
    with db.begin(org) as uow:
        assert scores(uow) == {lead.id: before[lead.id] - WEIGHTS["contactable"] for lead in made}
        assert scores(uow) == explained(uow, owner)
        row = uow.connection().execute("select id from suppression where e164 is not null").fetchone()
        assert row is not None
        wish = compliance.ask_release(uow, owner, row[0], "She asked us to write again", "letter of 2 December")
        second = a_member(uow, Role.OWNER)
    with db.begin(org) as uow:
        compliance.approve_release(uow, second, wish)
    assert JobKind.LEAD_SEARCH_REFRESH in work(db, org)
    with db.begin(org) as uow:
        assert scores(uow) == before == explained(uow, owner)


def test_a_stop_takes_points_and_a_start_gives_them_back(db: Database, org: UUID) -> None:
    with db.begin(org) as uow:
        house = a_property(uow)
        _, phone = an_owner(uow, house)
        a_lead(uow, house)
        before = scores(uow)
        compliance.opt_out(uow, phone.e164, source="inbound", evidence={}, now=uow.now())
    work(db, org)
    with db.begin(org) as uow:
        assert scores(uow) != before
        compliance.start_again(uow, phone.e164, now=uow.now())
    work(db, org)
    with db.begin(org) as uow:
        assert scores(uow) == before


def test_marks_of_an_import_reach_leads_that_are_not_in_the_file(db: Database, org: UUID) -> None:
    import_id = new_id()
    with db.begin(org) as uow:
        house, owner = a_property(uow), a_member(uow, Role.OWNER)
        person, phone = an_owner(uow, house)
        a_lead(uow, house)
        _, free = an_owner(uow, a_property(uow))
        assert free.e164 != phone.e164
        common: dict[str, Any] = {"at": uow.now(), "source": "import", "import_id": import_id}
        kind = SuppressionKind.VENDOR_DNC
        uow.session.add(Suppression(org_id=org, kind=kind, e164=phone.e164, **common))
        uow.session.add(Suppression(org_id=org, kind=kind, person_id=person.id, **common))
    refresh(db, Claim(new_id(), org, JobKind.LEAD_SEARCH_REFRESH, {"marks_of_import": str(import_id)}, 1, 1, 5, None))
    with db.begin(org) as uow:
        assert scores(uow) == explained(uow, owner)
    assert leads.renew_marked(db, org, import_id) == 0


def test_more_leads_than_a_few_follow_by_a_job(
    db: Database, org: UUID, crowd: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadflow.leads.service.scoring.FEW", 10)
    with db.begin(org) as uow:
        leads.set_score_weights(uow, crowd, OTHERS[0])
        assert scores(uow) != explained(uow, crowd)
    assert work(db, org) == [JobKind.LEAD_SEARCH_REFRESH]
    with db.begin(org) as uow:
        assert scores(uow) == explained(uow, crowd)


def test_lists_narrow_and_sort_by_the_score(db: Database, org: UUID, crowd: Principal, sign: Sign) -> None:
    with db.begin(org) as uow:
        wanted = sorted(scores(uow).items(), key=lambda pair: (pair[1], pair[0]), reverse=True)
        chosen = leads.parse_filter({"where": "score:at_least:30"})
        rows = leads.page(uow, crowd, chosen, "score", "desc", limit=200).rows
    assert [(row.id, row.score) for row in rows] == [pair for pair in wanted if pair[1] >= 30]
    assert 0 < len(rows) < HOUSES
    asked = {"where": "score:at_least:30", "sort": "score", "direction": "desc"}
    call = sign(crowd)
    assert [row["id"] for row in call.get("/api/v1/leads", params=asked).json()["rows"]] == [
        str(row.id) for row in rows
    ][:50]
    taken = b"".join(leads.export(db, crowd, chosen, "score", "desc").chunks).decode("utf-8-sig")
    assert [int(line["score"]) for line in csv.DictReader(io.StringIO(taken))] == [row.score for row in rows]
