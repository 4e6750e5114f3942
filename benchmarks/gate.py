"""How fast the gate decides over a whole audience, against the one statement that gathers its facts.

    python -m benchmarks.gate            # BENCH_RECIPIENTS=100000

Prints ``name ratio floor goal``: ``gate.simulate`` (assess the whole audience), ``gate.clear`` (pass it: locks, rules,
a receipt each, stored), both against the facts statement alone in the same run; a ratio at or below its floor is good
enough, the goal is better. The audience stands among a million look-ups, 200,000 litigators and five texts a head of
history. Lines that begin with ``#`` are figures for people.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import psycopg

from leadflow.compliance import service as compliance
from leadflow.compliance.queries import facts as loader
from leadflow.compliance.service.asking import question
from leadflow.compliance.types import Ask, Cleared, Recipient
from leadflow.kernel.db import Database
from leadflow.kernel.schema import migrate
from leadflow.local.postgres import running_postgres
from models.base import new_id
from models.identity import Organization
from models.vocabulary import Purpose

RECIPIENTS = int(os.environ.get("BENCH_RECIPIENTS", "100000"))  # noqa: TID251 the size of a measurement is no setting
FLOORS = {"gate.simulate": (2.0, 1.3), "gate.clear": (2.5, 1.5)}
"""At most this ratio; and the goal. Source: docs/performance."""
RUNS = 3
SERVER = {"shared_buffers": "1GB", "max_wal_size": "4GB", "maintenance_work_mem": "256MB"}

DATA = """
select setseed(0.4);
create temp table head as
select i, uuidv7() as property, uuidv7() as person, uuidv7() as phone, uuidv7() as lead,
       10002000000 + 10000000
           * (array[205,212,213,214,303,305,312,404,415,503,602,617,702,713,803])[1 + i %% 15]::bigint
           + (i / 15) as e164,
       (array['AL','NY','CA','TX','CO','FL','IL','GA','CA','OR','AZ','MA','NV','TX','SC'])[1 + i %% 15] as state,
       (array['35203','10001','90001','75201','80202','33101','60601','30303','94102','97201','85001','02108','89101',
              '77002','29201'])[1 + i %% 15] as zip5
from generate_series(0, %(n)s - 1) i;
insert into property (org_id, id, property_key, state, zip5) select %(org)s, property, i::text, state, zip5 from head;
insert into person (org_id, id, person_key, name, mailing_state, deceased)
    select %(org)s, person, i::text, 'Person ' || i, state, random() < .003 from head;
insert into phone (org_id, id, e164, line_type)
    select %(org)s, phone, e164, case when random() < .8 then 'mobile' else 'landline' end from head;
insert into property_party (org_id, property_id, person_id, role) select %(org)s, property, person, 'owner' from head;
insert into person_phone (org_id, person_id, phone_id) select %(org)s, person, phone from head;
insert into lead (org_id, id, property_id, status)
    select %(org)s, lead, property, case when random() < .05 then 'dead' else 'new' end from head;
insert into consent (org_id, e164, phone_key, person_id, channel, basis, purpose, shown_text, source, given_at,
                     recorded_at, artefact_sha256, revoked_at)
    select %(org)s, e164, ''::bytea, person, 'text', (array['written_consent','existing_relationship','inquiry'])
           [1 + floor(random() * 3)::int], 'offers', 'I agree', 'form', %(at)s - random() * interval '300 days',
           %(at)s, 'form', case when random() < .04 then %(at)s end
    from head where random() < .9;
insert into scrub_result (org_id, e164, list, verdict, provider, as_of, recorded_at)
    select %(org)s, e164, 'national_dnc', case when random() < .25 then 'listed' else 'clean' end, 'registry',
           %(at)s - random() * interval '40 days', %(at)s from head;
insert into scrub_result (org_id, e164, list, verdict, provider, as_of, recorded_at)
    select %(org)s, 19000000000 + i, 'national_dnc', 'listed', 'registry', %(at)s, %(at)s
    from generate_series(1, 1000000) i;
insert into suppression (org_id, kind, e164, at, source)
    select %(org)s, 'litigator', 19200000000 + i, %(at)s, 'import' from generate_series(1, 200000) i;
insert into suppression (org_id, kind, e164, at, source)
    select %(org)s, 'opt_out', e164, %(at)s, 'inbound' from head where random() < .02;
insert into sender_number (org_id, id, e164, registration) values (%(org)s, %(sender)s, 17735550100, 'verified');
insert into campaign (org_id, id, name, state, basis, sender_number_id)
    values (%(org)s, %(campaign)s, 'Benchmark', 'running', 'inquiry', %(sender)s);
insert into decision (org_id, id, at, channel, purpose, verdict, policy_version, phone_key, body, digest)
    values (%(org)s, %(decision)s, %(at)s, 'text', 'campaign', 'sendable', '', ''::bytea, ''::bytea, ''::bytea);
insert into message (org_id, purpose, state, e164, person_id, sender_number_id, body, not_before, submitted_at,
                     decision_id)
    select %(org)s, 'manual_reply', 'delivered', e164, person, %(sender)s, 'Hello', %(at)s,
           %(at)s - random() * interval '60 days', %(decision)s
    from head, generate_series(1, 5);
"""


def fill(db: Database, org: UUID, campaign: UUID) -> list[Recipient]:
    """Write the audience and everything around it; answer its recipients."""
    with db.begin(org) as uow, uow.cursor() as cursor:
        values = {
            "org": org,
            "n": RECIPIENTS,
            "at": uow.now(),
            "campaign": campaign,
            "sender": new_id(),
            "decision": new_id(),
        }
        for statement in DATA.split(";\n"):
            if statement.strip():
                cursor.execute(statement.encode(), values)
        cursor.execute("select lead, property, person, phone from head order by i")
        found = [Recipient._make((*row, None, new_id(), None)) for row in cursor.fetchall()]
    # Only the owner may; and what a transaction of an organisation may not, Postgres leaves out with a warning.
    with psycopg.connect(db.url, autocommit=True) as connection:
        connection.execute("analyze")
    return found


def median(work: Callable[[], object]) -> float:
    """Time something a few times; answer the middle, in seconds."""
    took: list[float] = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def main() -> None:
    """Fill, measure, print."""
    compliance.configure(b"benchmark" * 4)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_postgres(Path(folder) / "data", settings=SERVER) as url,
    ):
        migrate(url)
        db = Database(url)
        try:
            measure(db)
        finally:
            db.dispose()


def measure(db: Database) -> None:
    """Measure on a fresh database."""
    organization = Organization(name="Benchmark")
    with db.begin() as uow:
        uow.session.add(organization)
    org, campaign = organization.id, new_id()
    recipients = fill(db, org, campaign)
    ask = Ask(purpose=Purpose.CAMPAIGN, campaign_id=campaign)

    def facts() -> None:
        with db.begin(org) as uow:
            asked = question(uow, ask, uow.now(), past=False)
            loader.rows(uow, asked.sending, recipients, asked.moment)

    def simulate() -> None:
        with db.begin(org) as uow:
            verdicts.update(one.verdict.value for one in compliance.assess(uow, recipients, ask, uow.now()))

    def clear() -> None:
        with db.begin(org) as uow:
            answers = compliance.clear(uow, recipients, ask, uow.now())
            passed.append(sum(isinstance(one, Cleared) for one in answers))

    verdicts: Counter[str] = Counter()
    passed: list[int] = []
    bare = median(facts)
    took = {"gate.simulate": median(simulate), "gate.clear": median(clear)}
    print(f"# {len(recipients)} recipients; facts alone {bare:.2f} s; {dict(verdicts)}; cleared {passed}")
    for name, seconds in took.items():
        floor, goal = FLOORS[name]
        print(f"# {name}: {seconds:.2f} s, {len(recipients) / seconds:,.0f} a second")
        print(f"{name} {seconds / bare:.3f} {floor} {goal}")


if __name__ == "__main__":
    main()
