"""Set, list and use credentials; seal everything anew under the first key of the vault's ring."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import structlog

from leadflow.audit import service as audit
from leadflow.credentials import queries, rules
from leadflow.credentials.errors import CredentialLocked
from leadflow.credentials.types import Credential, CredentialInput, CredentialRow, KeyUse, SealedRow
from leadflow.identity import service as identity
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Invalid, NotFound
from leadflow.kernel.vault import Place, Unsealable, Vault, vault
from models.base import new_id
from models.credentials import ProviderCredential
from models.vocabulary import Permission, Provider

log = structlog.get_logger(__name__)

SHARED_BY = 20
"""Organisations that may have set one account and are asked on a webhook; further ones are not."""
AT_ONCE = 200
"""Rows that are sealed anew in one transaction."""


# An organisation's own


def listed(uow: UnitOfWork, actor: Principal) -> list[CredentialRow]:
    """List what is set: the account and the last four characters of the secret, nothing else.

    Raises:
        Forbidden: the role may not.
    """
    require(actor, Permission.CREDENTIAL_WRITE)
    return [_shown(row) for row in queries.every(uow)]


def set_credential(uow: UnitOfWork, actor: Principal, provider: Provider, given: CredentialInput) -> CredentialRow:
    """Seal and keep a credential; what was set before is gone.

    Raises:
        Forbidden: the role may not.
        ConfirmPassword: the password was not typed lately.
        Invalid: this cannot be a credential of that provider.
    """
    require(actor, Permission.CREDENTIAL_WRITE)
    identity.need_confirmed(uow, actor)
    secret = given.secret.get_secret_value().strip()
    if wrong := rules.fault(provider, given.account, secret):
        field, message = wrong
        raise Invalid(message, field)
    row = queries.find(uow, provider, hold=True)
    if row is None:
        row = ProviderCredential(id=new_id(), org_id=uow.org(), provider=provider, account="", secret=b"")
    row.account, row.hint, row.set_by = given.account, rules.hint(secret), actor.user_id
    row.secret = vault().seal(_place(row), secret.encode())
    uow.session.add(row)
    uow.session.flush()
    detail = {"provider": provider.value, "account": given.account}
    audit.record(uow, actor.user_id, "credential.set", "provider_credential", row.id, detail)
    return _shown(row)


def remove(uow: UnitOfWork, actor: Principal, provider: Provider) -> None:
    """Forget a credential; the installation's own is used from then on.

    Raises:
        Forbidden: the role may not.
        ConfirmPassword: the password was not typed lately.
        NotFound: none is set.
    """
    require(actor, Permission.CREDENTIAL_WRITE)
    identity.need_confirmed(uow, actor)
    row = queries.find(uow, provider, hold=True)
    if row is None:
        raise NotFound
    detail = {"provider": provider.value, "account": row.account}
    audit.record(uow, actor.user_id, "credential.removed", "provider_credential", row.id, detail)
    uow.session.delete(row)
    uow.session.flush()


def of(uow: UnitOfWork, provider: Provider) -> Credential | None:
    """Open the organisation's credential; None where it has set none. For machines: nothing of it may be shown.

    Raises:
        CredentialLocked: it is set and cannot be opened.
    """
    row = queries.find(uow, provider)
    return None if row is None else _open(row)


def holders(uow: UnitOfWork, provider: Provider, account: str) -> list[Credential]:
    """Open the credentials of every organisation that says it has this account. In a transaction of the system.

    One that cannot be opened is left out: no call can be proved to come from its provider.
    """
    found: list[Credential] = []
    for row in queries.of_account(uow, provider, account, SHARED_BY):
        try:
            found.append(_open(row))
        except CredentialLocked:
            log.warning("credential.locked", org_id=str(row.org_id), provider=provider.value)
    return found


def _open(row: ProviderCredential) -> Credential:
    try:
        return Credential(row.org_id, row.account, vault().open(_place(row), row.secret).decode())
    except Unsealable as fault:
        raise CredentialLocked from fault


def _place(row: ProviderCredential) -> Place:
    return Place("provider_credential", "secret", row.id, row.org_id)


def _shown(row: ProviderCredential) -> CredentialRow:
    return CredentialRow(row.provider, row.account, row.hint, row.updated_at, row.set_by)


# The vault's keys


def keys(db: Database, of_vault: Vault | None = None) -> list[KeyUse]:
    """Say of each vault key, of the ring or not, how many rows it still seals.

    Args:
        db: where the rows are.
        of_vault: another vault than this process's.
    """
    present = of_vault or vault()
    ring = present.ring
    rows: dict[str, Counter[str]] = {name: Counter() for name in ring}
    with db.begin() as uow:
        for column in queries.SEALED:
            for name, count in queries.keys_in_use(uow, column).items():
                rows.setdefault(name, Counter())[str(column)] += count
    return [KeyUse(name, name == present.current, name in ring, dict(used)) for name, used in rows.items()]


def reseal(db: Database) -> tuple[int, int]:
    """Seal every value anew that another key than the first has sealed, batch by batch.

    Each batch is a transaction of its own, with its audit event, so that an interrupted run goes on where it stopped.

    Returns:
        How many were sealed anew, and how many could not be opened and were left as they are.
    """
    done = left = 0
    for column in queries.SEALED:
        after: UUID | None = None
        while True:
            with db.begin() as uow:
                rows = queries.sealed_otherwise(uow, column, vault().head, after, AT_ONCE)
                fresh = [(row, value) for row in rows if (value := _anew(column, row)) is not None]
                queries.put(uow, column, [(row.id, value) for row, value in fresh])
                _note(uow, column, [row for row, _ in fresh])
            done, left = done + len(fresh), left + len(rows) - len(fresh)
            if len(rows) < AT_ONCE:
                break
            after = rows[-1].id
    return done, left


def _anew(column: queries.Column, row: SealedRow) -> bytes | None:
    place = Place(column.table, column.column, row.id, row.org_id)
    try:
        return vault().seal(place, vault().open(place, row.value))
    except Unsealable as fault:
        log.warning("vault.unsealable", table=column.table, id=str(row.id), why=str(fault))
        return None


def _note(uow: UnitOfWork, column: queries.Column, rows: list[SealedRow]) -> None:
    """Write into each record concerned that secrets were sealed anew; a user's concern every house of theirs."""
    if column.of_org:
        counts = Counter(row.org_id for row in rows if row.org_id is not None)
    else:
        counts = Counter(queries.houses(uow, [row.id for row in rows]))
    for org_id, count in counts.items():
        detail = {"column": str(column), "rows": count, "key": vault().current}
        audit.record(uow, None, "vault.rewrapped", "organization", org_id, detail, org_id=org_id)
