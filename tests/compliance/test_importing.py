"""Whole tables of marks, as an import stages them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg import sql

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Grant, Scrub
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Forbidden, Invalid
from models.base import new_id
from models.vocabulary import Basis, Channel, Role, ScrubList, ScrubVerdict, SuppressionKind
from tests.compliance.world import NUMBER, World

DIGITS = int(NUMBER[1:])
MARKS = "kind text, e164 bigint, phone_key bytea, person_id uuid, address_key text, evidence jsonb"
SCRUBS = "e164 bigint, list text, verdict text, provider text, as_of timestamptz"
CONSENTS = (
    "e164 bigint, phone_key bytea, person_id uuid, channel text, basis text, purpose text, shown_text text, "
    "source text, given_at timestamptz, row_number int"
)


def _stage(uow: UnitOfWork, name: str, columns: str, rows: list[tuple[Any, ...]]) -> sql.Identifier:
    with uow.cursor() as cursor:
        cursor.execute(f"create temp table {name} ({columns}) on commit drop".encode())
        places = ", ".join(["%s"] * len(rows[0]))
        cursor.executemany(f"insert into {name} values ({places})".encode(), rows)  # noqa: S608 names from this file
    return sql.Identifier(name)


def _suppress(world: World, rows: list[tuple[Any, ...]], import_id: UUID) -> dict[str, int]:
    with world.db.begin(world.org) as uow:
        table = _stage(uow, "marks", MARKS, rows)
        return compliance.suppress_staged(uow, table, source="import", import_id=import_id, actor_id=None, at=uow.now())


def test_staged_suppressions_count_and_stand_once(world: World) -> None:
    key = compliance.phone_key(NUMBER)
    rows = [
        ("litigator", DIGITS, key, None, None, '{"row": 7, "column": "LITIGATOR", "cell": "Yes"}'),
        ("litigator", DIGITS, key, None, None, '{"row": 8}'),
        ("deceased", None, None, world.person, None, None),
        ("do_not_mail", None, None, None, "1 main st|60601", None),
    ]
    assert _suppress(world, rows, new_id()) == {"litigator": 1, "deceased": 1, "do_not_mail": 1}
    assert _suppress(world, rows, new_id()) == {}, "idempotent"
    assert set(world.assessed().reasons) == {"litigator", "deceased"}


def _scrub(world: World, rows: list[tuple[Any, ...]], import_id: UUID) -> int:
    with world.db.begin(world.org) as uow:
        table = _stage(uow, "scrubs", SCRUBS, rows)
        return compliance.scrubs_staged(uow, table, import_id=import_id, at=uow.now())


def test_a_vendors_no_is_a_clean_look_up_and_its_worst_word_counts(world: World) -> None:
    world.delete("scrub_result")
    as_of, import_id = world.clock.now() - timedelta(days=2), new_id()
    rows = [
        (DIGITS, "national_dnc", "clean", "propstream", as_of),
        (DIGITS, "national_dnc", "listed", "propstream", as_of),
        (DIGITS, "state_dnc", "clean", "propstream", as_of),
    ]
    assert _scrub(world, rows, import_id) == 2
    assert _scrub(world, rows, import_id) == 0, "idempotent"
    world.change("consent", basis="inquiry", given_at=as_of)
    world.change("campaign", basis="inquiry")
    assert world.assessed().reasons == ("national_dnc",)


def _consent_rows(world: World, given_at: datetime) -> list[tuple[Any, ...]]:
    key = compliance.phone_key(NUMBER)
    words = ("offers", "I agree to texts.", "form.csv")
    first = (DIGITS, key, world.person, "text", "written_consent", *words, given_at, 7)
    return [first, (DIGITS, key, world.person, "text", "inquiry", *words, given_at, 8)]


def test_staged_consents_are_entered_once_and_count(world: World) -> None:
    world.delete("consent")
    import_id = new_id()
    for expected in (2, 0):
        with world.db.begin(world.org) as uow:
            table = _stage(uow, "consents", CONSENTS, _consent_rows(world, uow.now() - timedelta(days=3)))
            made = compliance.consents_staged(uow, table, import_id=import_id, actor_id=None, at=uow.now())
        assert made == expected
    assert world.assessed().reasons == ()


FORM = b"I agree to texts. Ann Oak, 1 December 2026"
FORM_SHA256 = hashlib.sha256(FORM).hexdigest()


def _grant(world: World, **changed: Any) -> Grant:
    values: dict[str, Any] = {
        "e164": NUMBER,
        "channel": Channel.TEXT,
        "basis": Basis.WRITTEN_CONSENT,
        "purpose": "offers",
        "shown_text": "I agree to texts.",
        "source": "form",
        "given_at": world.clock.now(),
        "person_id": world.person,
        "artefact_sha256": FORM_SHA256,
    }
    return Grant(**(values | changed))


@pytest.fixture
def form(world: World, owner: Principal) -> None:
    """Keep the document that shows the consent."""
    with world.db.begin(world.org) as uow:
        assert compliance.keep_artefact(uow, owner, "form.txt", FORM).sha256 == FORM_SHA256


@pytest.mark.usefixtures("form")
def test_a_consent_recorded_by_hand_counts_but_lifts_no_suppression(world: World, owner: Principal) -> None:
    world.delete("consent")
    with world.db.begin(world.org) as uow:
        assert compliance.grant(uow, owner, _grant(world)) is not None
    assert world.assessed().reasons == ()
    world.add(world.a_suppression(SuppressionKind.OPT_OUT))
    with world.db.begin(world.org) as uow:
        compliance.grant(uow, owner, _grant(world))
    assert world.assessed().reasons == ("opted_out",)


@pytest.mark.parametrize("field", ["purpose", "shown_text", "source"])
def test_a_consent_without_what_was_shown_is_none(world: World, owner: Principal, field: str) -> None:
    with world.db.begin(world.org) as uow, pytest.raises(Invalid):
        compliance.grant(uow, owner, _grant(world, **{field: " "}))


def test_a_consent_cannot_be_given_tomorrow(world: World, owner: Principal) -> None:
    with world.db.begin(world.org) as uow, pytest.raises(Invalid):
        compliance.grant(uow, owner, _grant(world, given_at=world.clock.now() + timedelta(seconds=1)))


def test_an_agent_records_no_consent(world: World) -> None:
    agent = Principal(user_id=new_id(), org_id=world.org, role=Role.AGENT)
    with world.db.begin(world.org) as uow, pytest.raises(Forbidden):
        compliance.grant(uow, agent, _grant(world))


def test_a_look_up_is_recorded(world: World) -> None:
    scrub = Scrub(NUMBER, ScrubList.LITIGATOR, ScrubVerdict.LISTED, "simulated", world.clock.now())
    with world.db.begin(world.org) as uow:
        assert compliance.record_scrub(uow, scrub) is not None
    assert world.assessed().reasons == ("litigator",)
