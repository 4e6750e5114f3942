"""The second factor: set it up, show it, lose it."""

from __future__ import annotations

from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity import queries, rules
from leadflow.identity.errors import WrongCode
from leadflow.identity.service.acting import enter, person
from leadflow.identity.service.attempts import take_attempt
from leadflow.identity.service.confirming import check_own_password, need_confirmed
from leadflow.identity.service.living import end_all
from leadflow.identity.service.secrets import keys
from leadflow.identity.types import Principal, RecoveryCodes, SecondFactorSetup, SecondFactorState
from leadflow.kernel import vault
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict, Forbidden, NotFound
from leadflow.mail import service as mail
from models.vocabulary import MailKind, Permission, Role

# A second factor is a person's, in every organisation: each transaction here is of no organisation, and enters the
# caller's only to write down what was done.


def second_factor(db: Database, actor: Principal) -> SecondFactorState:
    """Say how the caller's second factor stands."""
    user_id = person(actor)
    with db.begin() as uow:
        enter(uow, actor.org_id)
        since, left = queries.factor_state(uow, user_id)
        found = queries.organization(uow)
    return SecondFactorState(since is not None, since, left, found is not None and found.second_factor_required)


def begin_second_factor(db: Database, actor: Principal) -> SecondFactorSetup:
    """Make a secret for the caller's authenticator app. It counts only once a code has confirmed it.

    Raises:
        ConfirmPassword: the password was typed too long ago.
        Conflict: there is a second factor already.
    """
    user_id, secret = person(actor), rules.new_secret()
    with db.begin() as uow:
        need_confirmed(uow, actor)
        found = _own(uow, user_id)
        if found.totp_confirmed_at is not None:
            raise Conflict("You have a second factor already. Remove it first, then set up another.")
        queries.begin_factor(uow, user_id, vault.vault().seal(_place(user_id), secret.encode()))
        enter(uow, actor.org_id)
        audit.record(uow, user_id, "second_factor.begun", "user", user_id)
    uri = rules.key_uri(secret, found.email)
    return SecondFactorSetup(secret, uri, rules.picture(uri))


def confirm_second_factor(db: Database, actor: Principal, code: str) -> RecoveryCodes:
    """Turn the second factor on with a code of the app; every other session of the person ends.

    Raises:
        ConfirmPassword: the password was typed too long ago.
        Conflict: nothing was begun, or it is on already.
        WrongCode: the app shows another code now.
    """
    user_id = person(actor)
    with db.begin() as uow:
        need_confirmed(uow, actor)
        email = _own(uow, user_id).email
    key, attempts = take_attempt(db, email, f"session:{actor.session_id}", "factor")
    codes = rules.recovery_codes()
    with db.begin() as uow:
        found, now = _own(uow, user_id), uow.now()
        if found.totp_secret is None or found.totp_confirmed_at is not None:
            raise Conflict("Begin to set up a second factor first.")
        if not _takes_totp(uow, user_id, found, code):
            raise WrongCode
        queries.forgive(uow, key, attempts)
        queries.confirm_factor(uow, user_id, now)
        queries.replace_recovery_codes(uow, user_id, [rules.recovery_hash(keys(), user_id, one) for one in codes])
        if actor.session_id is not None:
            queries.show_second_factor(uow, actor.session_id, now)
        enter(uow, actor.org_id)
        audit.record(uow, user_id, "second_factor.set", "user", user_id)
        tell(uow, email, "it was turned on")
        end_all(uow, actor.user_id, user_id, "second_factor_set", keep=actor.session_id)
    return RecoveryCodes(codes)


def drop_second_factor(db: Database, actor: Principal, password: str, code: str) -> None:
    """Turn the caller's second factor off, with the password and one code; every other session ends.

    Raises:
        Invalid: another password.
        WrongCode: neither a code of the moment nor an unused recovery code.
        Conflict: there is none.
    """
    user_id = person(actor)
    email = check_own_password(db, actor, password, field="password")
    key, attempts = take_attempt(db, email, f"session:{actor.session_id}", "factor")
    with db.begin() as uow:
        if _own(uow, user_id).totp_confirmed_at is None:
            raise Conflict("You have no second factor.")
        if takes_code(uow, user_id, code) is None:
            raise WrongCode
        queries.forgive(uow, key, attempts)
        queries.drop_factor(uow, user_id)
        enter(uow, actor.org_id)
        audit.record(uow, user_id, "second_factor.removed", "user", user_id)
        tell(uow, email, "it was turned off")
        end_all(uow, actor.user_id, user_id, "second_factor_removed", keep=actor.session_id)


def renew_recovery_codes(db: Database, actor: Principal) -> RecoveryCodes:
    """Make ten new recovery codes; the old ones are void.

    Raises:
        ConfirmPassword: the password was typed too long ago.
        Conflict: there is no second factor.
    """
    user_id, codes = person(actor), rules.recovery_codes()
    with db.begin() as uow:
        need_confirmed(uow, actor)
        found = _own(uow, user_id)
        if found.totp_confirmed_at is None:
            raise Conflict("Set up a second factor first.")
        queries.replace_recovery_codes(uow, user_id, [rules.recovery_hash(keys(), user_id, one) for one in codes])
        enter(uow, actor.org_id)
        audit.record(uow, user_id, "second_factor.codes_renewed", "user", user_id)
        tell(uow, found.email, "new recovery codes were made")
    return RecoveryCodes(codes)


def reset_second_factor(db: Database, actor: Principal, user_id: UUID) -> None:
    """Take away the second factor of a member who has lost it, and sign the member out everywhere.

    Raises:
        NotFound: no such member here.
        Forbidden: the caller is no owner, or the member belongs to other organisations too: no owner may weaken those.
        ConfirmPassword: the password was typed too long ago.
        Conflict: the member has none.
    """
    rules.require(actor, Permission.MEMBER_WRITE)
    with db.begin() as uow:
        enter(uow, actor.org_id)
        if queries.membership(uow, user_id) is None:
            raise NotFound
        if actor.role is not Role.OWNER:
            raise Forbidden("Only an owner may take away a member's second factor.")
        need_confirmed(uow, actor)
        if queries.organizations_of(uow, user_id) != [actor.org_id]:
            raise Forbidden(
                "This person is a member of several organisations. Only a recovery code, or whoever runs this "
                "installation (`leadflow members reset-second-factor`), can help."
            )
        _forget(uow, actor.user_id, user_id, "an owner took it away, because it was lost")


def reset_lost_second_factor(db: Database, email: str) -> None:
    """Take away the second factor of somebody who lost it: for the command line, which has the machine's own trust.

    Raises:
        NotFound: no account that may come in has this address.
        Conflict: it has no second factor.
    """
    with db.begin() as uow:
        found = queries.account(uow, rules.typed_email(email))
        if found is None or found.org_id is None:
            raise NotFound("No account that may sign in has this e-mail address.")
        for org_id in reversed(queries.organizations_of(uow, found.id)):
            enter(uow, org_id)
            audit.record(uow, None, "second_factor.reset_by_hand", "user", found.id)
        _forget(uow, None, found.id, "whoever runs this installation took it away, because it was lost")


def _forget(uow: UnitOfWork, by: UUID | None, user_id: UUID, what: str) -> None:
    found = _own(uow, user_id)
    if found.totp_secret is None:
        raise Conflict("This member has no second factor.")
    queries.drop_factor(uow, user_id)
    audit.record(uow, by, "second_factor.reset", "user", user_id)
    end_all(uow, by, user_id, "second_factor_reset")
    tell(uow, found.email, what)


def tell(uow: UnitOfWork, email: str, what: str) -> None:
    """Tell a person by mail what became of the second factor (ASVS 5.0, 6.3.7)."""
    mail.send(uow, MailKind.SECOND_FACTOR_CHANGED, email, {"what": what})


def takes_code(uow: UnitOfWork, user_id: UUID, code: str) -> str | None:
    """Take a code of the second factor, once, under the lock of its user.

    Returns:
        ``totp`` or ``recovery``; None where it is neither.
    """
    found = _own(uow, user_id)
    if _takes_totp(uow, user_id, found, code):
        return "totp"
    if queries.use_recovery_code(uow, user_id, rules.recovery_hash(keys(), user_id, code), uow.now()):
        return "recovery"
    return None


def _takes_totp(uow: UnitOfWork, user_id: UUID, found: queries.Factor, code: str) -> bool:
    if found.totp_secret is None:
        return False
    secret = vault.vault().open(_place(user_id), found.totp_secret).decode()
    step = rules.matching_step(secret, code, uow.now(), found.totp_last_step)
    if step is None:
        return False
    queries.take_step(uow, user_id, step)
    return True


def _own(uow: UnitOfWork, user_id: UUID) -> queries.Factor:
    found = queries.factor(uow, user_id)
    if found is None:
        raise NotFound
    return found


def _place(user_id: UUID) -> vault.Place:
    return vault.Place("user", "totp_secret", user_id)
