"""Reading who did what: newest first, by the page, by what it is called, and never another organisation's."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from leadflow.audit import service as audit
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Invalid
from models.base import new_id


def test_a_walk_shows_each_act_once_newest_first(db: Database, org: UUID, make_org: Callable[[str], UUID]):
    with db.begin(make_org("Other House")) as uow:
        audit.record(uow, None, "member.invited", "invitation", new_id())
    made: list[UUID] = []
    for number in range(7):
        with db.begin(org) as uow:
            made.append(audit.record(uow, None, "member.changed", "user", new_id(), {"number": number}))
    with db.begin(org) as uow:
        seen: list[UUID] = []
        after: str | None = None
        while True:
            page = audit.events(uow, action="member.", after=after, limit=3)
            seen += [row.id for row in page.rows]
            if page.next is None:
                break
            after = page.next
    assert seen == made[::-1]


def test_only_acts_that_begin_so_or_of_one_person(db: Database, org: UUID):
    who = new_id()
    with db.begin(org) as uow:
        audit.record(uow, who, "session.opened", "session", new_id())
        audit.record(uow, None, "campaign.launched", "campaign", new_id())
    with db.begin(org) as uow:
        assert [row.action for row in audit.events(uow, action=" Session.").rows] == ["session.opened"]
        assert [row.action for row in audit.events(uow, actor_id=who).rows] == ["session.opened"]
        assert audit.events(uow, action="%").rows == ()


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd", "WyJub3QgYW4gaWQiXQ"])
def test_a_damaged_page_marker_is_refused(db: Database, org: UUID, cursor: str):
    with db.begin(org) as uow, pytest.raises(Invalid):
        audit.events(uow, after=cursor)
