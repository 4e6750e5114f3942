"""Write a mail, deliver it, look into the local outbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.errors import MessageError
from uuid import UUID

import structlog

from leadflow.jobs import service as jobs
from leadflow.kernel import vault
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import NotFound, Permanent, Transient
from leadflow.mail import queries, rules
from leadflow.mail.providers import smtp
from leadflow.mail.types import Letter, MailRow, Post
from models.base import new_id
from models.mail import Mail
from models.vocabulary import JobKind, MailKind, MailState

log = structlog.get_logger(__name__)

TRIES = 9
"""Of the job: some twenty-five minutes, about as long as a link to a new password works."""

_post: Post | None = None


def configure(post: Post) -> None:
    """Tell this process how mail is sent; called once by the door at start."""
    global _post  # noqa: PLW0603 one mail server a process, read from the settings at start
    _post = post


def post() -> Post:
    """Answer how mail is sent.

    Raises:
        RuntimeError: the process was started without it.
    """
    if _post is None:
        msg = "mail.service.configure was not called"
        raise RuntimeError(msg)
    return _post


def send(uow: UnitOfWork, kind: MailKind, recipient: str, facts: Mapping[str, str], org_id: UUID | None = None) -> UUID:
    """Write a mail into the caller's transaction; a worker delivers it after the commit.

    Args:
        uow: the transaction of the act that the mail tells of.
        kind: why it is written.
        recipient: an address of somebody who signs in, or is invited to.
        facts: what fills the gaps of the text (``mail.rules.TEXTS``).
        org_id: on whose behalf, in a transaction of no organisation.

    Returns:
        The mail's id.
    """
    subject, body = rules.written(kind, facts, post().public_url)
    mail_id, owner = new_id(), uow.org_id or org_id
    uow.session.add(
        Mail(
            id=mail_id,
            created_at=uow.now(),
            org_id=owner,
            kind=kind,
            recipient=recipient,
            subject=subject,
            body=vault.vault().seal(_place(mail_id, owner), body.encode()),
        )
    )
    uow.session.flush()
    jobs.enqueue(uow, JobKind.MAIL_SEND, payload={"mail_id": str(mail_id)}, max_attempts=TRIES)
    return mail_id


def deliver(db: Database, mail_id: UUID, *, last: bool) -> None:
    """Hand a mail over to the server, or keep it for the outbox where no server is set.

    A worker that dies between the server's yes and our note sends it twice, under the same ``Message-ID``.

    Args:
        db: the database.
        mail_id: the mail; one that does not wait any more is left alone.
        last: give it up if this try fails too.

    Raises:
        Transient: the server may take it later.
    """
    # Mail about an account alone belongs to no organisation.
    with db.begin() as uow:
        found = queries.waiting(uow, mail_id)
        if found is None:
            return
        if not post().url:
            queries.settle(uow, mail_id, MailState.KEPT, "", uow.now())
            return
    try:
        smtp.hand_over(post().url, rules.message(_opened(found)))
    except Transient as error:
        _settle(db, mail_id, MailState.FAILED if last else MailState.WAITING, error.message)
        raise
    except Permanent as error:
        log.warning("mail.refused", mail_id=str(mail_id), why=error.message)
        _settle(db, mail_id, MailState.FAILED, error.message)
        return
    except (ValueError, MessageError):
        log.warning("mail.unwritable", mail_id=str(mail_id))
        _settle(db, mail_id, MailState.FAILED, "the address or LF_MAIL_FROM is none that mail can be sent with")
        return
    _settle(db, mail_id, MailState.SENT, "")


def _opened(found: queries.Waiting) -> Letter:
    try:
        body = vault.vault().open(_place(found.id, found.org_id), found.body or b"").decode()
    except vault.Unsealable as error:
        raise Permanent(f"The text cannot be opened: {error}.") from error
    return Letter(found.id, post().sender, found.recipient, found.subject, body, found.created_at)


def _settle(db: Database, mail_id: UUID, state: MailState, fault: str) -> None:
    with db.begin() as uow:
        queries.settle(uow, mail_id, state, fault, uow.now())


def outbox(uow: UnitOfWork, limit: int = 50) -> tuple[MailRow, ...]:
    """Show the organisation's mail with its texts, links included; who may look is for identity to say.

    Raises:
        NotFound: real people sign in here, and nobody reads their mail.
    """
    if not post().outbox:
        raise NotFound
    return tuple(
        MailRow(
            id=row["id"],
            kind=MailKind(row["kind"]),
            recipient=row["recipient"],
            subject=row["subject"],
            state=MailState(row["state"]),
            created_at=row["created_at"],
            body=None
            if row["body"] is None
            else vault.vault().open(_place(row["id"], uow.org()), row["body"]).decode(),
        )
        for row in queries.latest(uow, limit)
    )


def count_since(uow: UnitOfWork, kind: MailKind, since: datetime) -> int:
    """Count the organisation's mail of a kind, for those who limit it."""
    return queries.count_since(uow, kind.value, since)


def tidy(db: Database) -> int:
    """Give up what could not be delivered in a day, and remove what is old.

    Returns:
        How many mails were touched.
    """
    with db.begin() as uow:
        now = uow.now()
        return queries.give_up(uow, now - rules.GIVEN_UP) + queries.forget(uow, now - rules.KEPT)


def _place(mail_id: UUID, org_id: UUID | None) -> vault.Place:
    return vault.Place("mail", "body", mail_id, org_id)
