"""The ledger only grows, and a written consent brings the document that shows it."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from leadflow.compliance import service as compliance
from leadflow.compliance.rules.artefacts import LARGEST, media_type
from leadflow.compliance.types import Grant
from leadflow.identity.types import Principal
from leadflow.kernel.errors import Forbidden, Invalid, NotFound
from models.base import new_id
from models.vocabulary import Basis, Channel, Role
from tests.compliance.world import NUMBER, World
from tests.owning import as_owner

MAIL = b"From: ann@example.com\nSubject: Yes\nDate: Tue, 1 Dec 2026\n\nText me about the house.\n"


def grant(world: World, **changed: Any) -> Grant:
    values: dict[str, Any] = {
        "e164": NUMBER,
        "channel": Channel.TEXT,
        "basis": Basis.WRITTEN_CONSENT,
        "purpose": "offers",
        "shown_text": "I agree to texts.",
        "source": "form",
        "given_at": world.clock.now(),
    }
    return Grant(**(values | changed))


@pytest.mark.parametrize("sha256", [None, "0" * 64])
def test_a_written_consent_without_its_document_is_refused(world: World, owner: Principal, sha256: str | None) -> None:
    with world.db.begin(world.org) as uow, pytest.raises(Invalid) as refused:
        compliance.grant(uow, owner, grant(world, artefact_sha256=sha256))
    assert refused.value.field == "artefact_sha256"


def test_not_even_the_table_takes_one(world: World) -> None:
    with as_owner(world.db.url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            """
            insert into consent (org_id, e164, phone_key, channel, basis, purpose, shown_text, source, given_at,
                                 recorded_at)
            values (%s, 13125550105, '', 'text', 'written_consent', 'offers', 'I agree', 'form', now(), now())
            """,
            [world.org],
        )


def test_what_was_noted_of_a_call_needs_none(world: World, owner: Principal) -> None:
    with world.db.begin(world.org) as uow:
        assert compliance.grant(uow, owner, grant(world, basis=Basis.INQUIRY)) is not None


@pytest.mark.parametrize(
    "change",
    [
        "basis = 'inquiry'",
        "given_at = given_at - interval '1 day'",
        "recorded_at = now()",
        "expires_at = now()",
        "purpose = 'anything'",
        "artefact_sha256 = repeat('b', 64)",
    ],
)
def test_an_entry_does_not_change_not_even_for_the_owner_of_the_table(world: World, change: str) -> None:
    with as_owner(world.db.url) as connection, pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute(sql.SQL("update consent set {} where id = %s").format(sql.SQL(change)), [world.consent])  # pyright: ignore[reportArgumentType] of this test


def test_a_revocation_is_noted_once_and_does_not_go_away(world: World, owner: Principal) -> None:
    with world.db.begin(world.org) as uow:
        compliance.revoke(uow, owner, world.consent, "Said on the phone: no more offers")
    assert "basis_unrevoked" in world.assessed().reasons
    with as_owner(world.db.url) as connection, pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute("update consent set revoked_at = null where id = %s", [world.consent])


def test_how_it_was_revoked_must_be_said(world: World, owner: Principal) -> None:
    with world.db.begin(world.org) as uow, pytest.raises(Invalid):
        compliance.revoke(uow, owner, world.consent, " ")
    with world.db.begin(world.org) as uow, pytest.raises(NotFound):
        compliance.revoke(uow, owner, new_id(), "Said so")


def test_a_document_is_kept_once_by_what_it_holds(world: World, owner: Principal) -> None:
    with world.db.begin(world.org) as uow:
        first = compliance.keep_artefact(uow, owner, '../../etc/"passwd"\n.pdf', b"%PDF-1.7 signed")
        second = compliance.keep_artefact(uow, owner, "again.pdf", b"%PDF-1.7 signed")
        assert first.sha256 == second.sha256
        found = compliance.artefact(uow, owner, first.sha256)
    assert (found.filename, found.media_type) == ("....etcpasswd.pdf", "application/pdf")


def test_documents_stay_with_their_organisation(world: World, owner: Principal) -> None:
    with world.db.begin(world.org) as uow:
        kept = compliance.keep_artefact(uow, owner, "form.txt", b"I agree")
    stranger = Principal(user_id=new_id(), org_id=new_id(), role=Role.OWNER)
    with world.db.begin(stranger.org_id) as uow, pytest.raises(NotFound):
        compliance.artefact(uow, stranger, kept.sha256)


def test_an_agent_keeps_none(world: World) -> None:
    agent = Principal(user_id=new_id(), org_id=world.org, role=Role.AGENT)
    with world.db.begin(world.org) as uow, pytest.raises(Forbidden):
        compliance.keep_artefact(uow, agent, "form.txt", b"I agree")


@pytest.mark.parametrize(
    "content", [b"", b" \n", b"MZ\x90\x00\x03", b"\xff\xfe\x00I", b"text\x00with", b"a" * (LARGEST + 1)]
)
def test_what_nobody_can_read_or_is_too_large_is_refused(world: World, owner: Principal, content: bytes) -> None:
    with world.db.begin(world.org) as uow, pytest.raises(Invalid):
        compliance.keep_artefact(uow, owner, "form.pdf", content)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\x00", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"<!DOCTYPE html><title>Sell</title>", "text/html"),
        (b"  <html>", "text/html"),
        (MAIL, "message/rfc822"),
        (MAIL.replace(b"\n", b"\r\n"), "message/rfc822"),
        ("Sí, envíenme ofertas".encode(), "text/plain"),
    ],
)
def test_a_document_is_known_by_its_bytes(content: bytes, kind: str) -> None:
    assert media_type(content) == kind


@given(st.binary(max_size=300))
def test_any_bytes_are_something_or_nothing(content: bytes) -> None:
    assert media_type(content) in {
        None,
        "application/pdf",
        "image/png",
        "image/jpeg",
        "text/html",
        "message/rfc822",
        "text/plain",
    }
