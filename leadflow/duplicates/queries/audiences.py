"""What a merge does to campaigns: nobody gets a second text because two became one.

The member who was reached first goes on, with the number and the variant that it had; the other is covered by it, and
what was not submitted to the other is taken back. The gate stands behind it: a text to a person who had one of the same
step is refused, whatever number it is for.
"""

# ruff: noqa: S608 every statement is made of constants of this file

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from leadflow.duplicates.queries.journal import Journal
from leadflow.kernel.db import UnitOfWork
from leadflow.messaging.rules.machine import origins
from leadflow.messaging.types import Event

COVERED = "covered"
"""The word of campaigns for "one text for both"."""
_MEMBERS = """
    select a.campaign_id, a.lead_id, a.person_id, a.phone_id, a.variant, a.excluded, a.covered_by, a.stopped_at,
           a.stopped_why, f.e164,
           (select min(m.submitted_at) from message m where m.org_id = a.org_id and m.campaign_id = a.campaign_id
            and m.e164 = f.e164 and m.submitted_at is not null) as gone_at,
           (select min(m.id::text) from message m where m.org_id = a.org_id and m.campaign_id = a.campaign_id
            and m.e164 = f.e164 and m.state <> 'withdrawn') as text
    from audience_member a left join phone f on f.org_id = a.org_id and f.id = a.phone_id
    where a.org_id = %(org)s and {which}
    order by a.campaign_id, a.lead_id
"""


class Member(NamedTuple):
    """A member of an audience, and how far its campaign is with it."""

    campaign_id: UUID
    lead_id: UUID
    person_id: UUID | None
    phone_id: UUID | None
    variant: str
    excluded: str | None
    covered_by: UUID | None
    stopped_at: datetime | None
    stopped_why: str | None
    e164: int | None
    gone_at: datetime | None
    """When the first text went to its number."""
    text: str | None
    """The first text that is written to its number."""


def _first(members: list[Member], survivor: UUID | None = None) -> Member:
    """Pick who goes on: whoever is addressed, was reached first, is written to already; then the survivor's."""
    return min(
        members,
        key=lambda one: (
            one.excluded is not None,
            one.gone_at is None,
            one.gone_at.timestamp() if one.gone_at else 0.0,
            one.text or "~",
            one.lead_id != survivor,
            one.lead_id,
        ),
    )


def _members(uow: UnitOfWork, which: str, given: dict[str, Any]) -> dict[UUID, list[Member]]:
    found: dict[UUID, list[Member]] = {}
    with uow.cursor() as cursor:
        cursor.execute(_MEMBERS.format(which=which).encode(), {"org": uow.org(), **given})
        for row in cursor.fetchall():
            found.setdefault(row[0], []).append(Member(*row))
    return found


def join_people(journal: Journal, people: tuple[UUID, UUID], now: datetime) -> None:
    """Let one text do for both, in every campaign that addresses the two; call it before their members move."""
    which = "a.excluded is null and a.person_id = any(%(people)s)"
    for campaign_id, members in _members(journal.uow, which, {"people": list(people)}).items():
        first = _first(members)
        for other in members:
            if other is first or other.person_id == first.person_id:
                continue
            _take_back(journal, campaign_id, other, first, now)
            _stop(journal, other, first, now)
        if stopped := [one for one in members if one.stopped_at is not None and one.stopped_why != COVERED]:
            _heed(journal, first, stopped[0])


def _stop(journal: Journal, other: Member, first: Member, now: datetime) -> None:
    if other.gone_at is None:
        sets = "excluded = %(why)s, covered_by = %(first)s"
    elif other.stopped_at is None:
        sets = "stopped_at = %(now)s, stopped_why = %(why)s"
    else:
        return
    journal.change(
        "audience_member",
        f"update audience_member x set {sets}, updated_at = now()"
        " where x.org_id = %(org)s and x.campaign_id = %(campaign)s and x.lead_id = %(lead)s",
        {
            "why": COVERED,
            "first": first.lead_id,
            "now": now,
            "campaign": other.campaign_id,
            "lead": other.lead_id,
        },
    )


def _heed(journal: Journal, first: Member, stopped: Member) -> None:
    """Stop who goes on where the other was stopped: both are one, and one of them had enough."""
    journal.change(
        "audience_member",
        """update audience_member x set stopped_at = %(at)s, stopped_why = %(why)s, updated_at = now()
           where x.org_id = %(org)s and x.campaign_id = %(campaign)s and x.lead_id = %(lead)s
             and x.stopped_at is null""",
        {
            "at": stopped.stopped_at,
            "why": stopped.stopped_why,
            "campaign": first.campaign_id,
            "lead": first.lead_id,
        },
    )
    if first.e164 is not None and first.stopped_at is None:
        _withdraw(journal, first.campaign_id, first.e164, stopped.stopped_why or COVERED, stopped.stopped_at)


def _take_back(journal: Journal, campaign_id: UUID, other: Member, first: Member, now: datetime) -> None:
    if other.e164 is not None and other.e164 != first.e164:
        _withdraw(journal, campaign_id, other.e164, COVERED, now)


def _withdraw(journal: Journal, campaign_id: UUID, e164: int, why: str, now: datetime | None) -> None:
    given = {"campaign": campaign_id, "e164": e164, "why": why, "now": now, "from": list(origins(Event.WITHDRAW))}
    journal.change(
        "message_event",
        """insert into message_event (org_id, message_id, at, state, detail)
           select %(org)s, m.id, %(now)s, 'withdrawn', jsonb_build_object('reason', %(why)s::text) from message m
           where m.org_id = %(org)s and m.campaign_id = %(campaign)s and m.e164 = %(e164)s
             and m.state = any(%(from)s)""",
        given,
    )
    journal.change(
        "message",
        """update message x set state = 'withdrawn', reasons = array[%(why)s], final_at = %(now)s, lease_until = null,
                  updated_at = now()
           where x.org_id = %(org)s and x.campaign_id = %(campaign)s and x.e164 = %(e164)s
             and x.state = any(%(from)s)""",
        given,
    )


def join_leads(journal: Journal, survivor: UUID, loser: UUID, now: datetime) -> None:
    """Make one member of two, in every campaign that has both leads; call it before the loser's members move."""
    which = "a.lead_id = any(%(leads)s)"
    for campaign_id, members in _members(journal.uow, which, {"leads": [survivor, loser]}).items():
        if len(members) < 2:  # noqa: PLR2004 a pair
            continue
        first = _first(members, survivor)
        other = next(one for one in members if one is not first)
        if other.excluded is None:
            _take_back(journal, campaign_id, other, first, now)
        stopped = next((one for one in (first, other) if one.stopped_at is not None and one.excluded is None), None)
        given = {
            "campaign": campaign_id,
            "survivor": survivor,
            "loser": loser,
            "person": first.person_id,
            "phone": first.phone_id,
            "variant": first.variant,
            "excluded": first.excluded,
            "covered": None if first.covered_by in {survivor, loser} else first.covered_by,
            "stopped": stopped.stopped_at if stopped else None,
            "why": stopped.stopped_why if stopped else None,
        }
        if stopped and first.stopped_at is None and first.e164 is not None:
            _withdraw(journal, campaign_id, first.e164, stopped.stopped_why or COVERED, now)
        journal.change(
            "audience_member",
            "delete from audience_member x where x.org_id = %(org)s and x.campaign_id = %(campaign)s"
            " and x.lead_id = %(loser)s",
            given,
        )
        journal.change(
            "audience_member",
            """update audience_member x set person_id = %(person)s, phone_id = %(phone)s, variant = %(variant)s,
                      excluded = %(excluded)s, covered_by = %(covered)s, stopped_at = %(stopped)s,
                      stopped_why = %(why)s, updated_at = now()
               where x.org_id = %(org)s and x.campaign_id = %(campaign)s and x.lead_id = %(survivor)s""",
            given,
        )
        # The frozen audience has one member less, and its counts go on summing to it.
        journal.change(
            "campaign",
            "update campaign x set audience_size = audience_size - 1, updated_at = now()"
            " where x.org_id = %(org)s and x.id = %(campaign)s and x.audience_size is not null",
            given,
        )
