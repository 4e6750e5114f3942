"""Erase a person: preview by doing it and taking it back, then for good, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.identity import service as identity
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.imports import service as imports
from leadflow.kernel import paging
from leadflow.kernel import phone as phones
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Invalid, NotFound
from leadflow.kernel.paging import Page
from leadflow.leads import service as leads
from leadflow.retention.errors import Held, UnderWay
from leadflow.retention.queries import erasing, holds, subjects, sweeping
from leadflow.retention.rules import kept, wording
from leadflow.retention.service.holding import shown
from leadflow.retention.types import Candidate, ErasureRow, HoldRow, Preview, Subject, Wish
from models.retention import Erasure
from models.vocabulary import ErasureRequest, Permission

CANDIDATES = 20
"""People who are offered for one search; who is not among them is searched more narrowly."""
LONGEST_REFERENCE = 120


def find(uow: UnitOfWork, actor: Principal, words: str) -> tuple[Candidate, ...]:
    """Find who may be meant, by number, name or e-mail address.

    Raises:
        Invalid: nothing to look for.
    """
    require(actor, Permission.PERSON_ERASE)
    given = words.strip()
    if len(given) < 3:  # noqa: PLR2004 fewer letters find everybody
        raise Invalid("Give a telephone number, or at least three letters of a name or e-mail address.", "words")
    reading = phones.read(given)
    number = int(reading.e164[1:]) if reading.e164 else None
    return tuple(subjects.candidates(uow, number, given, CANDIDATES))


def preview(uow: UnitOfWork, actor: Principal, person_id: UUID) -> Preview:
    """Tell what would go, what would stay and why, and what stands against it; changes nothing.

    Raises:
        NotFound: no such person, or erased already.
    """
    require(actor, Permission.PERSON_ERASE)
    subject = subject_of(uow, person_id)
    against = holds_against(uow, actor, subject)
    trial = uow.session.begin_nested()
    try:
        goes = take_out(uow, subject, uow.now())
    finally:
        trial.rollback()
        # What the statements wrote is taken back; what the session read meanwhile is not to be believed.
        uow.session.expire_all()
    blocked = ""
    if against:
        blocked = "A legal hold stands against it."
    elif subject.under_way:
        blocked = UnderWay().message
    counted = {name: count for name, count in goes.items() if count}
    return Preview(person_id, subject.name, counted, kept.stays(subject), against, blocked)


def erase(uow: UnitOfWork, actor: Principal, wish: Wish) -> UUID:
    """Erase a person for good. What is left is told by ``preview``; the suppressions stay, by keyed hash.

    Returns:
        The tombstone's id.

    Raises:
        ConfirmPassword: the password was not typed lately.
        Held: a legal hold stands against it.
        UnderWay: a text to the person is being submitted.
        Invalid: the reference names the person.
        NotFound: no such person, or erased already.
    """
    require(actor, Permission.PERSON_ERASE)
    identity.need_confirmed(uow, actor)
    return _erase(uow, actor, wish)


def erase_with_password(db: Database, actor: Principal, password: str, wish: Wish) -> UUID:
    """Do the same where there is no session to confirm: the password is taken with the act itself."""
    require(actor, Permission.PERSON_ERASE)
    identity.check_own_password(db, actor, password, field="password")
    with db.begin(actor.org_id) as uow:
        return _erase(uow, actor, wish)


def _erase(uow: UnitOfWork, actor: Principal, wish: Wish) -> UUID:
    subjects.hold_texts(uow, wish.person_id)
    subject = subject_of(uow, wish.person_id)
    reference = wish.reference.strip()
    check_reference(subject, reference)
    if holds_against(uow, actor, subject):
        raise Held("A legal hold stands against erasing this person. It has to be lifted first.")
    now = uow.now()
    files = erasing.files(uow, subject)
    counts = {name: count for name, count in take_out(uow, subject, now).items() if count}
    if subject.under_way:
        raise UnderWay
    stone_id = entomb(uow, actor, subject.person_id, wish.request, reference, counts)
    for key in files:
        uow.after_commit(lambda key=key: imports.forget_file(uow.db, key))
    return stone_id


def entomb(
    uow: UnitOfWork,
    actor: Principal,
    person_id: UUID,
    request: ErasureRequest,
    reference: str,
    counts: Mapping[str, int],
) -> UUID:
    """Write down that a person was erased, by whom and at whose wish; nothing of them."""
    stone = Erasure(
        org_id=uow.org(),
        person_id=person_id,
        at=uow.now(),
        actor_id=actor.user_id,
        request=request,
        reference=reference,
        counts=dict(counts),
    )
    uow.session.add(stone)
    uow.session.flush()
    detail = {"request": request.value, "rows": dict(counts)}
    audit.record(uow, actor.user_id, "person.erased", "person", person_id, detail)
    return stone.id


def take_out(uow: UnitOfWork, subject: Subject, now: datetime) -> dict[str, int]:
    """Empty every row by which a person, or a place alone, is known; answers rows by what they were."""
    numbers = [wording.number_pattern(number) for number in subject.alone]
    written = [*map(wording.words_pattern, subject.emails), *map(wording.words_pattern, subject.addresses)]
    if subject.own_name:
        written += map(wording.words_pattern, subject.names)
    everywhere = wording.any_of([*numbers, *written])
    names = wording.any_of([*numbers, *written, *map(wording.words_pattern, subject.names)])
    sids = erasing.carrier_ids(uow, subject)
    done = compliance.forget_numbers(uow, subject.alone, now)
    done |= erasing.erase(uow, subject, names or "(?!)", now)
    done["callbacks"] = erasing.erase_callbacks(uow, sids, wording.any_of(numbers))
    done["kept_answers"] = erasing.forget_answers(uow, everywhere)
    changes = [(pattern, wording.ERASED_NUMBER) for pattern in numbers]
    changes += [(pattern, wording.ERASED) for pattern in written]
    done["free_text"] = sweeping.sweep(uow, changes)
    if not subject.own_name:
        done["free_text"] += sweeping.sweep_leads(
            uow, subject.leads, [(wording.words_pattern(name), wording.ERASED) for name in subject.names]
        )
    leads.refresh_search(uow, subject.leads)
    return done


def subject_of(uow: UnitOfWork, person_id: UUID) -> Subject:
    """Read by what a person is known.

    Raises:
        NotFound: no such person, or erased already.
    """
    subject = subjects.read(uow, person_id)
    if subject is None:
        raise NotFound("There is no such person here, or they were erased already.")
    return subject


def holds_against(uow: UnitOfWork, actor: Principal, subject: Subject) -> tuple[HoldRow, ...]:
    """List the legal holds that stand against erasing a person."""
    keys = [compliance.phone_key(number) for number in (*subject.alone, *subject.shared)]
    return tuple(shown(actor, row) for row in holds.against(uow, subject.person_id, keys))


def check_reference(subject: Subject, reference: str) -> None:
    """Let only a reference pass that says nothing of the person.

    Raises:
        Invalid: it names them, or is too long.
    """
    if len(reference) > LONGEST_REFERENCE:
        raise Invalid(f"Keep the reference under {LONGEST_REFERENCE} characters.", "reference")
    told = reference.lower()
    digits = "".join(filter(str.isdigit, reference))
    last = [name.split()[-1].lower() for name in subject.names]
    if any(word in told for word in (*last, *(email.lower() for email in subject.emails))) or any(
        number[-10:] in digits for number in subject.alone
    ):
        raise Invalid(
            "The reference stays for good, so it must not name the person. Give a matter number.", "reference"
        )


def erasures(uow: UnitOfWork, actor: Principal, after: str | None = None, limit: int = 100) -> Page[ErasureRow]:
    """List who was erased, newest first: ids and counts, nothing of the person."""
    require(actor, Permission.AUDIT_READ)
    rows = holds.erasures(uow, paging.instant_and_id(after), limit + 1)
    shown_rows = tuple(ErasureRow(request=ErasureRequest(row.pop("request")), **row) for row in rows[:limit])
    following = (
        paging.encode(rows[limit - 1]["at"].isoformat(), str(rows[limit - 1]["id"])) if len(rows) > limit else None
    )
    return Page(shown_rows, following, None if after else holds.count_erasures(uow))
