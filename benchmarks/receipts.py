"""How fast receipts are written, sealed and proved, against bare SHA-256 of the same bytes.

    python -m benchmarks.receipts        # BENCH_RECEIPTS=200000

Prints ``name ratio floor goal``: ``receipts.verify`` (every hash of the record recomputed from the database, chain,
Merkle roots and seals) and ``receipts.store`` (receipts built and stored), both against hashing as many receipts in
memory; a ratio at or below its floor is good enough, the goal is better. Lines that begin with ``#`` are for people.
"""

from __future__ import annotations

import hashlib
import os
import resource
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.audit.types import Sealing
from leadflow.compliance import service as compliance
from leadflow.compliance.queries import decisions as stored
from leadflow.compliance.rules import gate, receipts
from leadflow.compliance.rules.places import places
from leadflow.compliance.rules.policy import shipped
from leadflow.compliance.service import clearing
from leadflow.compliance.types import Decision, Facts, Policy, Recipient, Sending
from leadflow.kernel.db import Database
from leadflow.kernel.schema import migrate
from leadflow.local.postgres import running_postgres
from models.base import new_id
from models.identity import Organization
from models.vocabulary import Basis, CampaignState, Channel, Purpose, RegistrationState

RECEIPTS = int(os.environ.get("BENCH_RECEIPTS", "200000"))  # noqa: TID251 the size of a measurement is no setting
FLOORS = {"receipts.verify": (8.0, 4.0), "receipts.store": (15.0, 8.0)}
"""At most this ratio; and the goal. Source: docs/performance."""
SERVER = {"shared_buffers": "1GB", "max_wal_size": "4GB"}
BATCH = 10_000
CAMPAIGN = new_id()


class Judged(NamedTuple):
    """A recipient whom the gate has decided about; how fast it decides is measured by ``benchmarks.gate``."""

    recipient: Recipient
    facts: Facts
    decision: Decision


def judge(policy: Policy, now: datetime, start: int, count: int) -> list[Judged]:
    """Decide about recipients whose facts differ."""
    sending = Sending(
        purpose=Purpose.CAMPAIGN,
        channel=Channel.TEXT,
        paused=False,
        campaign_id=CAMPAIGN,
        campaign_state=CampaignState.RUNNING,
        basis=Basis.INQUIRY,
        sender_id=CAMPAIGN,
        registration=RegistrationState.VERIFIED,
    )
    found: list[Judged] = []
    for number in range(start, start + count):
        e164 = f"+1312{2_000_000 + number % 7_000_000}"
        facts = Facts(
            sending,
            e164,
            line_type="mobile",
            lead_status="new",
            person_known=True,
            roles=["owner"],
            national="clean" if number % 4 else "listed",
            national_at=now - timedelta(days=number % 40),
            consent_ids=[new_id()],
            inquiry_at=now - timedelta(days=number % 120),
            places=places(e164, "60601", "IL", "IL"),
            zip5="60601",
            property_state="IL",
            mailing_state="IL",
        )
        recipient = Recipient(new_id(), new_id(), new_id(), new_id(), e164, new_id())
        found.append(Judged(recipient, facts, gate.decide(facts, policy, now)))
    return found


def store(db: Database, org: UUID) -> float:
    """Build and store all receipts by the code of ``compliance.clear``, a transaction a batch; answer the seconds."""
    took = 0.0
    with db.begin(org) as uow:
        now, policy = uow.now(), compliance.policy(uow)
    heading = receipts.Heading(org, now, policy, shipped())
    for start in range(0, RECEIPTS, BATCH):
        batch = judge(policy, now, start, min(BATCH, RECEIPTS - start))
        began = time.perf_counter()
        with db.begin(org) as uow:
            stored.write(uow, (clearing.row(heading, new_id(), *one) for one in batch))
        took += time.perf_counter() - began
    return took


def hash_alone(body: bytes) -> None:
    """Hash as many receipts of this size as the record holds."""
    for _ in range(RECEIPTS):
        hashlib.sha256(body).digest()


def main() -> None:
    """Fill, measure, print."""
    compliance.configure(b"benchmark" * 4)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_postgres(Path(folder) / "data", settings=SERVER) as url,
    ):
        audit.configure(Sealing(keys={"bench": b"b" * 32}, key_id="bench", anchor_dir=Path(folder) / "anchors"))
        migrate(url)
        db = Database(url)
        try:
            measure(db)
        finally:
            db.dispose()


def measure(db: Database) -> None:
    """Measure on a fresh database.

    Raises:
        RuntimeError: the record did not verify.
    """
    organization = Organization(name="Benchmark")
    with db.begin() as uow:
        uow.session.add(organization)
    org = organization.id
    took = {"receipts.store": store(db, org)}
    began = time.perf_counter()
    audit.seal(db, org)
    sealing = time.perf_counter() - began
    with db.begin(org) as uow, uow.cursor() as cursor:
        sample: bytes = cursor.execute("select body from decision where org_id = %s limit 1", [org]).fetchall()[0][0]
    began = time.perf_counter()
    hash_alone(sample)
    bare = time.perf_counter() - began
    began = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = audit.verify(db, org)
    took["receipts.verify"] = time.perf_counter() - began
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if not report.whole or report.leaves < RECEIPTS:
        msg = f"the record does not verify: {report}"
        raise RuntimeError(msg)
    print(f"# {RECEIPTS} receipts of {len(sample)} bytes; bare SHA-256 {bare:.2f} s; sealed in {sealing:.2f} s")
    million = took["receipts.verify"] / RECEIPTS * 1e6
    print(f"# verified {report.leaves} entries; a million takes {million:.1f} s, and {grown:,} KB more were held")
    for name, seconds in took.items():
        floor, goal = FLOORS[name]
        print(f"# {name}: {seconds:.2f} s, {RECEIPTS / seconds:,.0f} a second")
        print(f"{name} {seconds / bare:.3f} {floor} {goal}")


if __name__ == "__main__":
    main()
