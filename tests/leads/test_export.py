"""Leads are taken away as a file: by whom, how many, masked where they must be, and no cell runs."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import Any
from uuid import UUID

import pytest

from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Forbidden, Invalid
from leadflow.leads import service as leads
from leadflow.leads.types import LeadFilter
from models.vocabulary import Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead
from tests.factories.properties import a_property, an_owner
from tests.leads.conftest import Sign


def acts(db: Database, org: UUID) -> list[tuple[str, dict[str, Any]]]:
    with db.begin(org) as uow, uow.cursor() as cursor:
        cursor.execute("select action, detail from audit_event where action like 'leads.export%' order by created_at")
        return cursor.fetchall()


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_filter_is_taken_away_in_the_order_of_the_list_whole_and_marked(
    db: Database, org: UUID, sign: Sign, manager: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadflow.leads.service.exporting.PAGE_LIMIT", 2)
    with db.begin(org) as uow:
        for number in (3, 1, 5, 2, 4):
            house = a_property(uow, street=f"{number} Elm St")
            an_owner(uow, house, number=f"+1312555014{number}")
            a_lead(uow, house, source="=cmd()" if number == 1 else "fair")
    answer = sign(manager).get("/api/v1/leads/export.csv?sort=street&dir=asc")
    rows = read(answer.content)
    assert [row["address"] for row in rows] == [f"{number} Elm St" for number in range(1, 6)]
    assert [row["best_phone"] for row in rows][:2] == ["+13125550141", "+13125550142"]
    assert rows[0]["source"].startswith("'=")
    mark = rows[0]["exported_by"]
    assert {row["exported_by"] for row in rows} == {mark}
    assert manager.name in mark
    assert mark.split()[0] in answer.headers["content-disposition"]
    (began, asked), (ended, came) = acts(db, org)
    assert (began, ended) == ("leads.export_begun", "leads.exported")
    assert (asked["sort"], came["rows"]) == ("street", 5)
    assert came["sha256"] == hashlib.sha256(answer.content).hexdigest()
    only = read(sign(manager).get("/api/v1/leads/export.csv?source=fair").content)
    assert len(only) == 4
    assert [told["filter"] for name, told in acts(db, org) if name == "leads.export_begun"] == [[], ["source"]]


def test_an_auditor_takes_masked_numbers_and_an_agent_takes_nothing(db: Database, org: UUID) -> None:
    with db.begin(org) as uow:
        house = a_property(uow)
        an_owner(uow, house, number="+13125550142")
        auditor, agent = a_member(uow, Role.AUDITOR), a_member(uow, Role.AGENT)
        a_lead(uow, house, assignee_id=agent.user_id)
    taken = b"".join(leads.export(db, auditor, LeadFilter()).chunks)
    assert [row["best_phone"] for row in read(taken)] == ["'+1******0142"]
    assert b"3125550142" not in taken
    with pytest.raises(Forbidden):
        leads.export(db, agent, LeadFilter())


def test_what_breaks_off_stands_in_the_record_with_how_far_it_came(
    db: Database, org: UUID, manager: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadflow.leads.service.exporting.PAGE_LIMIT", 1)
    with db.begin(org) as uow:
        for _ in range(3):
            a_lead(uow)
    chunks = leads.export(db, manager, LeadFilter()).chunks
    for _ in range(2):
        next(chunks)
    chunks.close()  # pyright: ignore[reportAttributeAccessIssue] a generator
    assert [(name, detail.get("rows")) for name, detail in acts(db, org)] == [
        ("leads.export_begun", None),
        ("leads.export_broken", 1),
    ]
    with pytest.raises(Invalid):
        leads.export(db, manager, LeadFilter(), sort="colour")
