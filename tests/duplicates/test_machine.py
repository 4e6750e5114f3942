"""Whatever is merged and taken back in reverse order: every row of every table is what it was."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadflow.duplicates import service as duplicates
from leadflow.duplicates.types import Wish
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.leads import service as leads
from models.identity import Organization
from models.vocabulary import DuplicateKind, MessageState, PartyRole, SuppressionKind
from tests.duplicates.world import World, rows

PEOPLE, HOUSES = 4, 3
STEPS = st.lists(
    st.tuples(st.sampled_from(DuplicateKind), st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1)),
    min_size=1,
    max_size=6,
)


def neighbourhood(db: Database) -> tuple[UUID, list[UUID], list[UUID]]:
    """Write people and houses that share numbers, lists, campaigns and each other; answers organisation and ids."""
    with db.begin() as uow:
        made = Organization(name="Any")
        uow.session.add(made)
    with db.begin(made.id) as uow:
        world = World(uow)
        shared = world.phone()
        people = [world.person("John Smith", shared, world.phone(), deceased=n == 0) for n in range(PEOPLE)]
        houses = [
            world.house("", *people[n : n + 2], extra={"n": str(n)}, role=list(PartyRole)[n % 2]) for n in range(HOUSES)
        ]
        running = world.campaign()
        states = (MessageState.QUEUED, MessageState.DELIVERED, None)
        for n, house in enumerate(houses):
            lead = world.lead(house)
            number = world.phone()
            world.everything(lead, people[n], number)
            member = world.member(running, lead, people[n], number, variant="AB"[n % 2])
            if state := states[n]:
                world.text(running, member, number, state)
        for person in people:
            world.suppress(SuppressionKind.ADMIN, person_id=person.id)
        # Marks count in the scores; who writes one otherwise than here has a job renew them.
        leads.refresh_for(uow, people=[person.id for person in people])
        return made.id, [person.id for person in people], [house.id for house in houses]


@given(steps=STEPS)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_merges_that_are_taken_back_leave_no_trace(db: Database, steps: list[tuple[DuplicateKind, int, int]]):
    org, *ids = neighbourhood(db)
    actor, made = Principal.system(org), list[tuple[UUID, Any]]()
    whom = {DuplicateKind.PERSON: list(range(PEOPLE)), DuplicateKind.PROPERTY: list(range(HOUSES))}
    by_kind = dict(zip(DuplicateKind, ids, strict=True))
    for kind, one, other in steps:
        now = whom[kind]
        survivor, loser = now[one % len(now)], now[other % len(now)]
        if survivor == loser:
            continue
        before = rows(db)
        with db.begin(org) as uow:
            merge_id = duplicates.merge(uow, actor, Wish(kind, by_kind[kind][survivor], by_kind[kind][loser]))
        made.append((merge_id, before))
        whom[kind] = [survivor if place == loser else place for place in now]
    for merge_id, before in reversed(made):
        with db.begin(org) as uow:
            assert duplicates.unmerge(uow, actor, merge_id).stayed == {}
        assert rows(db) == before
