"""Mail the head of each record to its owners once a day: a copy that no administrator of the database reaches."""

from __future__ import annotations

from datetime import timedelta

from leadflow.audit import service as audit
from leadflow.evidence import queries
from leadflow.kernel.db import Database, UnitOfWork, organizations
from leadflow.mail import service as mail
from models.vocabulary import MailKind

EVERY = timedelta(days=1)


def mail_heads(db: Database) -> int:
    """Write to the owners of every organisation whose record has grown since yesterday's mail.

    Returns:
        How many mails were written.
    """
    with db.begin() as uow:
        houses = organizations(uow)
    made = 0
    for org_id in houses:
        with db.begin(org_id) as uow:
            made += _mail(uow)
    return made


def _mail(uow: UnitOfWork) -> int:
    last = queries.last_mail(uow, MailKind.CHAIN_HEAD)
    head = audit.head(uow)
    if head is None or (last is not None and (uow.now() - last < EVERY or head.sealed_at <= last)):
        return 0
    facts = {
        "organization": queries.house(uow)[0],
        "position": f"{head.last_position:,}",
        "number": f"{head.number:,}",
        "sealed_at": f"{head.sealed_at:%Y-%m-%d %H:%M:%S}",
        "anchor": audit.anchor_of(head),
    }
    owners = queries.owners(uow)
    for address in owners:
        mail.send(uow, MailKind.CHAIN_HEAD, address, facts)
    return len(owners)
