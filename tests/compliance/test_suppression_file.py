"""A file of people who said no is in whole or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.api.app import create_app
from leadflow.compliance import service as compliance
from leadflow.compliance.rules.suppressionfile import MOST, lines
from leadflow.identity.types import Principal
from leadflow.kernel.errors import Forbidden, Invalid
from leadflow.settings import Settings
from models.base import new_id
from models.vocabulary import Role, SuppressionKind
from tests.compliance.world import NUMBER, World
from tests.identity.people import make_team, signed_in

DNC = SuppressionKind.INTERNAL_DNC


def test_every_number_of_a_file_is_closed(world: World, owner: Principal) -> None:
    content = b"\xef\xbb\xbfphone,kind,note\n(312) 555-0105,legal threat,Letter of May\n\n3125550109,,\n"
    with world.db.begin(world.org) as uow:
        assert compliance.suppress_file(uow, owner, "no.csv", content, DNC) == 2
    assert "legal_threat" in world.assessed().reasons
    with world.db.begin(world.org) as uow:
        (row,) = compliance.suppressions(uow, owner, e164="+13125550109").rows
    assert (row.kind, row.source, row.evidence["line"]) == (DNC, "import", 4)


def test_numbers_alone_will_do(world: World, owner: Principal) -> None:
    with world.db.begin(world.org) as uow:
        assert compliance.suppress_file(uow, owner, "no.txt", NUMBER.encode(), SuppressionKind.LITIGATOR) == 1
    assert "litigator" in world.assessed().reasons


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"phone\n3125550105\n312555\n", "Line 3"),
        (b"phone,kind\n3125550105,because\n", "Line 2"),
        (b"", "no number"),
        (b"phone\n", "no number"),
        (b"\xff\xfe3125550105", "UTF-8"),
        (b"3125550105\0", "no text"),
        (b'"3125550105', "CSV"),
        (b"3125550105\n" * (MOST + 1), "at most"),
    ],
)
def test_a_wrong_line_refuses_the_whole(world: World, owner: Principal, content: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said), world.db.begin(world.org) as uow:
        compliance.suppress_file(uow, owner, "no.csv", content, DNC)
    assert world.assessed().reasons == ()


def test_an_auditor_brings_none_in(world: World) -> None:
    auditor = Principal(user_id=new_id(), org_id=world.org, role=Role.AUDITOR)
    with pytest.raises(Forbidden), world.db.begin(world.org) as uow:
        compliance.suppress_file(uow, auditor, "no.csv", NUMBER.encode(), DNC)


def test_it_is_brought_in_over_http(world: World, settings: Settings) -> None:
    call = signed_in(create_app(world.db, settings), make_team(world.db), Role.AGENT)
    headers = {"Content-Type": "application/octet-stream", "X-Filename": "no.csv"}
    answer = call.post("/api/v1/suppressions/file?kind=litigator", content=b"2065550142\n", headers=headers)
    assert (answer.status_code, answer.json()) == (201, {"rows": 1})
    (row,) = call.get("/api/v1/suppressions").json()["rows"]
    assert (row["kind"], row["e164"]) == ("litigator", "+12065550142")


@given(st.binary(max_size=200))
def test_any_bytes_are_lines_or_a_clear_refusal(content: bytes) -> None:
    try:
        assert all(line.e164.startswith("+1") for line in lines(content, DNC))
    except Invalid as refused:
        assert refused.field == "file"  # noqa: PT017 most bytes are refused, some are not
