"""Many people, many numbers of ours, one campaign a number; and what the oracle says of them afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from leadflow.kernel.db import Database
from leadflow.messaging import service as messaging
from leadflow.messaging.rules.machine import TERMINAL
from models.identity import Organization
from models.messaging import SenderNumber
from models.vocabulary import RegistrationState
from tests.faults import oracle
from tests.messaging.world import Somebody, World

PRICE = 110
"""Of a segment, hundredths of a cent."""
UNSENT = ("blocked", "rejected", "expired_window", "withdrawn")
AT_CARRIER = ("accepted", "sent", "delivered", "undelivered", "failed")
STUCK = """
    select (select count(*) from message where state in ('queued', 'claimed', 'submitting')
            or state in ('unknown', 'accepted', 'sent') and lease_until <= %s)
         + (select count(*) from job where kind = 'message.reconcile' and state = 'running')
"""


@dataclass(frozen=True)
class Lot:
    """One campaign on one number, and its people."""

    tag: str
    campaign: UUID
    sender: UUID
    e164: str
    people: tuple[Somebody, ...]

    @property
    def body(self) -> str:
        """The text, by which the oracle tells campaigns apart."""
        return f"Hello, is the house still yours? ({self.tag})"


@dataclass
class Field:
    """All campaigns of one organisation."""

    world: World
    lots: list[Lot] = field(default_factory=list)
    zones: dict[str, list[str]] = field(default_factory=dict)
    """Time zones of people who live elsewhere than in Chicago, by number."""
    cap: int | None = None
    stops: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def planted(cls, db: Database, texts: int, numbers: int = 24, per_minute: int = 240) -> Field:
        """Write down an organisation with so many numbers and as many texts in all."""
        organization = Organization(name="Cedar Homes")
        with db.begin() as uow:
            uow.session.add(organization)
        planted = cls(World(db, organization.id, per_minute=per_minute).build(texts))
        world = planted.world
        for index in range(numbers):
            people = tuple(world.people[index::numbers])
            if index == 0:
                planted.lots.append(Lot("0", world.campaign, world.sender, world.sender_e164, people))
                continue
            e164 = f"+1773556{index:04d}"
            sender = planted.add_sender(e164)
            campaign = world.add_campaign(sender_number_id=sender)
            planted.lots.append(Lot(str(index), campaign, sender, e164, people))
        return planted

    @classmethod
    def planted_beside(cls, other: Field) -> Field:
        """Write down another organisation that has a text for each of the same people, from a number of its own."""
        db, organization = other.world.db, Organization(name="Oak Partners")
        with db.begin() as uow:
            uow.session.add(organization)
        world = World(db, organization.id, sender_e164="+17735570000", first=other.world.first)
        world.build(len(other.world.people))
        return cls(world, [Lot("beside", world.campaign, world.sender, world.sender_e164, tuple(world.people))])

    def add_sender(self, e164: str) -> UUID:
        """Register one more number of ours."""
        world = self.world
        number = SenderNumber(
            org_id=world.org, e164=e164, registration=RegistrationState.VERIFIED, per_minute=world.per_minute
        )
        with world.db.begin(world.org) as uow:
            uow.session.add(number)
            uow.session.flush()
            return number.id

    @property
    def size(self) -> int:
        """Texts in all."""
        return sum(len(lot.people) for lot in self.lots)

    def queue(self, lots: Sequence[Lot] | None = None) -> None:
        """Queue every text and wake the senders."""
        for lot in self.lots if lots is None else lots:
            with self.world.db.begin(self.world.org) as uow:
                messaging.queue_many(uow, lot.campaign, 1, [one.draft(lot.body) for one in lot.people])
        self.dispatch()

    def dispatch(self) -> None:
        """Wake the senders."""
        with self.world.db.begin(self.world.org) as uow:
            messaging.dispatch(uow)

    # How it stands

    def unfinished(self) -> int:
        """Count texts that have not ended."""
        ends = [state.value for state in TERMINAL]
        return self.world.one("select count(*) from message where state <> all(%s)", ends)

    def moving(self) -> int:
        """Count texts that something is to happen to now: the others have ended or wait for a look not yet due."""
        return self.world.one(STUCK, self.world.now())

    def books(self) -> dict[str, Any]:
        """Write down what LeadFlow believes."""
        world = self.world
        tags = {str(lot.campaign): lot.tag for lot in self.lots}
        rows = world.rows(
            "select campaign_id::text, e164, state from message where purpose = 'campaign' and org_id = %s", world.org
        )
        money = world.rows(
            "select spent::bigint, reserved::bigint from budget where subject = 'organization' and org_id = %s",
            world.org,
        )
        counts = Counter(row[2] for row in rows)
        return {
            "at_carrier": {state: counts[state] for state in AT_CARRIER if counts[state]},
            "unsent": [[tags[campaign], f"+{number}"] for campaign, number, state in rows if state in UNSENT],
            "unsure": [[tags[campaign], f"+{number}"] for campaign, number, state in rows if state == "failed_unknown"],
            "spent": sum(row[0] for row in money),
            "reserved": sum(row[1] for row in money),
        }

    def judged(self, ledger: Path, *, books: bool = True, look_s: float = 0) -> dict[str, Any]:
        """Ask the oracle, a program of its own; ``look_s``: how old the last look before a call may be."""
        folder = ledger.parent
        people = (
            {"number": one.e164, "campaign": lot.tag, "zones": self.zones.get(one.e164, ["America/Chicago"])}
            for lot in self.lots
            for one in lot.people
        )
        (folder / "people").write_text("".join(json.dumps(one) + "\n" for one in people))
        (folder / "stops").write_text("".join(json.dumps(one) + "\n" for one in self.stops))
        case = {
            "ledger": str(ledger),
            "people": str(folder / "people"),
            "stops": str(folder / "stops"),
            "bodies": {lot.body: lot.tag for lot in self.lots},
            "confirmations": ["Cedar Homes: "],
            "look_s": look_s,
            "price": PRICE,
            "cap": self.cap,
            "books": self.books() if books else None,
        }
        (folder / "case").write_text(json.dumps(case))
        done = subprocess.run(
            [sys.executable, "-I", oracle.__file__, str(folder / "case")], capture_output=True, check=False, text=True
        )
        assert done.stdout, done.stderr
        return json.loads(done.stdout)
