"""What each role may do, as data; who may change whom."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from leadflow.identity.types import Principal
from leadflow.kernel.errors import Forbidden
from models.vocabulary import Permission, Role

_READ = frozenset(
    {
        Permission.SESSION_USE,
        Permission.LEAD_READ,
        Permission.CAMPAIGN_READ,
        Permission.SUPPRESSION_READ,
        Permission.CONSENT_READ,
        Permission.DECISION_READ,
        Permission.JOB_READ,
    }
)
_OFFICE = frozenset(
    {
        Permission.AUDIT_READ,
        Permission.AUDIT_VERIFY,
        Permission.SETTINGS_READ,
        Permission.MEMBER_READ,
        Permission.DECISION_REVIEW,
        Permission.CAMPAIGN_EXPORT,
        Permission.LEAD_EXPORT,
    }
)
_AGENT = _READ | {
    Permission.LEAD_WRITE,
    Permission.IMPORT_RUN,
    Permission.CAMPAIGN_EDIT,
    Permission.INBOX_READ,
    Permission.INBOX_REPLY,
    Permission.CALL_PLACE,
    Permission.SUPPRESSION_ADD,
}
_MANAGER = (
    _AGENT
    | _OFFICE
    | {
        Permission.LEAD_ASSIGN,
        Permission.LEAD_REMOVE,
        Permission.VIEW_SHARE,
        Permission.FIELD_WRITE,
        Permission.DUPLICATE_MERGE,
        Permission.CAMPAIGN_APPROVE,
        Permission.CAMPAIGN_LAUNCH,
        Permission.CONSENT_RECORD,
        Permission.SCRUB_RUN,
        Permission.GEOCODE_RUN,
        Permission.SENDING_SWITCH,
        Permission.MEMBER_WRITE,
        Permission.DRILL_RUN,
        Permission.EVIDENCE_EXPORT,
        Permission.LETTER_EXPORT,
        Permission.HOLD_WRITE,
    }
)
_PERSONAL = frozenset(
    {
        Permission.CAMPAIGN_APPROVE,
        Permission.CAMPAIGN_LAUNCH,
        Permission.SUPPRESSION_RELEASE,
        Permission.SETTINGS_WRITE,
        Permission.MEMBER_WRITE,
        Permission.SENDING_SWITCH,
        Permission.RESTORE_CONFIRM,
        Permission.API_KEY_WRITE,
        Permission.CREDENTIAL_WRITE,
        Permission.MAIL_READ,
        Permission.POLICY_WRITE,
        Permission.EVIDENCE_EXPORT,
        Permission.LETTER_EXPORT,
        Permission.GEOCODE_RUN,
        Permission.CAMPAIGN_EXPORT,
        Permission.LEAD_EXPORT,
        Permission.PERSON_ERASE,
        Permission.RETENTION_WRITE,
        Permission.HOLD_WRITE,
        Permission.DECISION_REVIEW,
    }
)
"""Acts that a person must answer for: no worker and no webhook does them."""
ROLES: Mapping[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.MANAGER: _MANAGER,
    Role.AGENT: _AGENT,
    Role.AUDITOR: _READ | _OFFICE,
    Role.SYSTEM: frozenset(Permission) - _PERSONAL,
}
"""Each role and everything it may do. An act that is not listed is refused."""
PEOPLE = (Role.OWNER, Role.MANAGER, Role.AGENT, Role.AUDITOR)
"""Roles that a person may have, strongest first."""
_MASKED = frozenset({Role.AUDITOR})
_SHOWN_DIGITS = 4
_NUMBER = re.compile(r"(?<!\d)\+?1?[\s.(-]*\d{3}[\s.)-]*\d{3}[\s.-]*\d{4}(?!\d)")


def allows(role: Role, permission: Permission) -> bool:
    """Say whether ``role`` may do ``permission``."""
    return permission in ROLES.get(role, frozenset())


SCOPES = frozenset(Permission) - _PERSONAL - {Permission.SESSION_USE}
"""What a program's key may be given: nothing that a person must answer for, and nothing of a person's own session."""


def may(actor: Principal, permission: Permission) -> bool:
    """Say whether this caller may: by the role, less what was taken from the member, within a key's scopes."""
    return (
        allows(actor.role, permission)
        and permission not in actor.denied
        and (actor.only is None or permission in actor.only)
    )


def require(actor: Principal, permission: Permission) -> None:
    """Let only a caller pass who may do ``permission``.

    Raises:
        Forbidden: the role does not allow it, or it was taken from this member, or it lies beyond a key's scopes.
    """
    if not may(actor, permission):
        raise Forbidden


def can_hand_out(actor: Principal, present: frozenset[Permission], wanted: frozenset[Permission]) -> bool:
    """Say whether the actor may do everything that a member would gain: nobody hands out what they have not got."""
    return all(may(actor, permission) for permission in wanted - present)


def only_assigned(role: Role) -> bool:
    """Say whether ``role`` sees only the leads that are assigned to the caller."""
    return role is Role.AGENT


def masked(role: Role) -> bool:
    """Say whether ``role`` sees numbers masked, and so must find nobody by the digits behind the mask."""
    return role in _MASKED


def mask_phone(role: Role, e164: str) -> str:
    """Write a number as ``role`` may see it: an auditor gets ``+1******0142``."""
    if role not in _MASKED or len(e164) <= _SHOWN_DIGITS:
        return e164
    keep = 2 if e164.startswith("+") else 1
    return e164[:keep] + "*" * (len(e164) - keep - _SHOWN_DIGITS) + e164[-_SHOWN_DIGITS:]


def mask_numbers(role: Role, value: Any) -> Any:  # noqa: ANN401 what a free field holds
    """Write a free field as ``role`` may see it: whatever in it looks like a number in the US is masked.

    Args:
        role: who looks.
        value: a text, a number, or a list or a mapping of them; anything else stays as it is.
    """
    if role not in _MASKED:
        return value
    if isinstance(value, Mapping):
        return {key: mask_numbers(role, one) for key, one in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [mask_numbers(role, one) for one in cast("Sequence[Any]", value)]
    if isinstance(value, (str, int)):
        text = _NUMBER.sub(lambda found: mask_phone(role, found.group()), str(value))
        return value if text == str(value) else text
    return value


def without_numbers(text: str) -> str:
    """Take whatever looks like a number in the US out of a text."""
    return _NUMBER.sub(" ", text)


def may_change_member(actor: Role, present: Role | None, wanted: Role) -> bool:
    """Say whether ``actor`` may make a member of ``present`` role (None: a new one) into ``wanted``.

    Nobody hands out more than their own role, and only owners touch owners.
    """
    if wanted not in PEOPLE or not allows(actor, Permission.MEMBER_WRITE):
        return False
    return actor is Role.OWNER or Role.OWNER not in {present, wanted}


def leaves_an_owner(owners: int, present: Role, *, stays_owner: bool) -> bool:
    """Say whether the organisation still has an owner after the change.

    Args:
        owners: active owners now.
        present: the role of the member that changes.
        stays_owner: whether that member is an active owner afterwards.
    """
    return stays_owner or present is not Role.OWNER or owners > 1
