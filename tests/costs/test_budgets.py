"""Caps hold, however many reserve at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.costs import service as costs
from leadflow.costs.service import _fit
from leadflow.kernel.db import Database
from models.base import new_id
from models.vocabulary import BudgetSubject

AT = datetime(2026, 12, 2, 18, tzinfo=UTC)
CAMPAIGN = new_id()


def amounts(db: Database, org: UUID) -> dict[str, tuple[int, int]]:
    """Read what is reserved and spent, by subject."""
    with db.begin(org) as uow, uow.cursor() as cursor:
        cursor.execute(
            "select subject, sum(reserved)::int, sum(spent)::int from budget where org_id = %s group by 1", [org]
        )
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def cap(db: Database, org: UUID, *, campaign: int | None = None, month_cents: int | None = None) -> None:
    """Set caps."""
    with db.begin(org) as uow, uow.cursor() as cursor:
        cursor.execute("update organization set monthly_budget_cents = %s where id = %s", [month_cents, org])
        if campaign is not None:
            costs.set_cap(uow, BudgetSubject.CAMPAIGN, CAMPAIGN, campaign)


@given(st.lists(st.integers(0, 1000), max_size=20), st.none() | st.integers(0, 5000))
def test_what_fits_never_exceeds_the_room_and_one_more_would(asked, room):
    count, total = _fit(asked, room)
    assert total == sum(asked[:count])
    assert room is None or total <= room
    assert count == len(asked) or (room is not None and total + asked[count] > room)


def test_sixteen_at_once_never_reserve_more_than_the_cap(db: Database, org: UUID):
    cap(db, org, campaign=10_000)
    got: list[int] = []

    def spend() -> None:
        for _ in range(10):
            with db.begin(org) as uow:
                count = costs.reserve(uow, CAMPAIGN, [110] * 3, AT)
            got.append(count)
            if count:
                with db.begin(org) as uow:
                    costs.settle(uow, CAMPAIGN, count * 110, count * 110, AT)

    threads = [threading.Thread(target=spend) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(got) == 90
    assert amounts(db, org) == {"campaign": (0, 9900), "organization": (0, 9900)}


def test_the_smaller_of_two_caps_counts(db: Database, org: UUID):
    cap(db, org, campaign=1000, month_cents=5)
    with db.begin(org) as uow:
        assert costs.reserve(uow, CAMPAIGN, [110] * 10, AT) == 4
        assert costs.left(uow, BudgetSubject.CAMPAIGN, CAMPAIGN) == 560
        assert costs.left(uow, BudgetSubject.ORGANIZATION, org, AT) == 60


def test_what_is_released_can_be_reserved_again(db: Database, org: UUID):
    cap(db, org, campaign=220)
    with db.begin(org) as uow:
        assert costs.reserve(uow, CAMPAIGN, [110] * 3, AT) == 2
        assert costs.reserve(uow, CAMPAIGN, [110], AT) == 0
        costs.release(uow, CAMPAIGN, 110, AT)
        assert costs.reserve(uow, CAMPAIGN, [110, 110], AT) == 1


def test_a_reservation_rolls_back_with_what_it_was_for(db: Database, org: UUID):
    cap(db, org, campaign=220)

    def break_off() -> None:
        with db.begin(org) as uow:
            costs.reserve(uow, CAMPAIGN, [110, 110], AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    with db.begin(org) as uow:
        assert costs.left(uow, BudgetSubject.CAMPAIGN, CAMPAIGN) == 220


def test_without_a_cap_everything_fits_and_is_counted(db: Database, org: UUID):
    with db.begin(org) as uow:
        assert costs.left(uow, BudgetSubject.CAMPAIGN, CAMPAIGN) is None
        assert costs.left(uow, BudgetSubject.ORGANIZATION, org) is None
        assert costs.reserve(uow, CAMPAIGN, [110] * 5, AT) == 5
    assert amounts(db, org) == {"campaign": (550, 0), "organization": (550, 0)}


def test_each_month_of_the_organisations_calendar_has_its_own_money(db: Database, org: UUID):
    cap(db, org, month_cents=2)
    in_november_in_new_york = datetime(2026, 12, 1, 4, 59, tzinfo=UTC)
    in_december_in_new_york = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)
    with db.begin(org) as uow:
        assert costs.reserve(uow, None, [110, 110], in_november_in_new_york) == 1
        assert costs.reserve(uow, None, [110, 110], in_december_in_new_york) == 1
        costs.settle(uow, None, 110, 110, in_november_in_new_york)
        assert costs.left(uow, BudgetSubject.ORGANIZATION, org, in_november_in_new_york) == 90
    with db.begin(org) as uow, uow.cursor() as cursor:
        cursor.execute("select period_start::text, reserved::int, spent::int from budget order by 1")
        assert cursor.fetchall() == [("2026-11-01", 0, 110), ("2026-12-01", 110, 0)]


def test_a_cap_that_is_lowered_below_what_is_spent_leaves_nothing(db: Database, org: UUID):
    cap(db, org, campaign=1000)
    with db.begin(org) as uow:
        costs.reserve(uow, CAMPAIGN, [110] * 5, AT)
        costs.set_cap(uow, BudgetSubject.CAMPAIGN, CAMPAIGN, 100)
        assert costs.left(uow, BudgetSubject.CAMPAIGN, CAMPAIGN) == 0
        assert costs.reserve(uow, CAMPAIGN, [1], AT) == 0
        costs.set_cap(uow, BudgetSubject.CAMPAIGN, CAMPAIGN, None)
        assert costs.reserve(uow, CAMPAIGN, [1], AT) == 1


def test_an_organisations_cap_is_set_where_its_settings_are(db: Database, org: UUID):
    with db.begin(org) as uow, pytest.raises(ValueError, match="settings"):
        costs.set_cap(uow, BudgetSubject.ORGANIZATION, org, 1)


def test_organisations_have_purses_of_their_own(db: Database, org: UUID, make_org: Callable[[str], UUID]):
    other = make_org("Oak Partners")
    cap(db, org, month_cents=1)
    with db.begin(other) as uow:
        assert costs.reserve(uow, None, [110] * 3, AT) == 3
    with db.begin(org) as uow:
        assert costs.reserve(uow, None, [50, 50, 50], AT) == 2
