"""What each role may do, as data; who may change whom; and the arithmetic of passwords, tokens and limits. Pure.

``roles`` is the table; ``sessions``, ``tokens``, ``passwords`` and ``limits`` decide about signing in.
docs/security/threats.md says what each of these stands against.
"""

from leadflow.identity.rules.limits import FREE, MOST, WINDOW, wait_before
from leadflow.identity.rules.passwords import (
    COMMON,
    LONGEST,
    SHORTEST,
    check_password,
    hash_password,
    is_password,
    prepared,
)
from leadflow.identity.rules.roles import (
    PEOPLE,
    ROLES,
    allows,
    leaves_an_owner,
    mask_phone,
    may_change_member,
    only_assigned,
    require,
)
from leadflow.identity.rules.sessions import (
    ABSOLUTE,
    ACCESS,
    IDLE,
    LEEWAY,
    SESSIONS,
    TOUCH,
    Dead,
    Mint,
    Repeat,
    Stolen,
    rotation,
)
from leadflow.identity.rules.tokens import AUDIENCE, ISSUER, TYPE, access_token, child_of, hashed, read_access_token

__all__ = [
    "ABSOLUTE",
    "ACCESS",
    "AUDIENCE",
    "COMMON",
    "FREE",
    "IDLE",
    "ISSUER",
    "LEEWAY",
    "LONGEST",
    "MOST",
    "PEOPLE",
    "ROLES",
    "SESSIONS",
    "SHORTEST",
    "TOUCH",
    "TYPE",
    "WINDOW",
    "Dead",
    "Mint",
    "Repeat",
    "Stolen",
    "access_token",
    "allows",
    "check_password",
    "child_of",
    "hash_password",
    "hashed",
    "is_password",
    "leaves_an_owner",
    "mask_phone",
    "may_change_member",
    "only_assigned",
    "prepared",
    "read_access_token",
    "require",
    "rotation",
    "wait_before",
]
