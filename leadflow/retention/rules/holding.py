"""Who may lift a legal hold. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from models.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Lifting:
    """Whether a hold may be lifted, and whether the password is asked for."""

    allowed: bool
    password: bool = False


def may_lift(role: Role, *, own: bool) -> Lifting:
    """Say who may lift a hold: a second member at once, an owner their own one by password, nobody else their own."""
    if not own:
        return Lifting(allowed=True)
    return Lifting(allowed=role is Role.OWNER, password=role is Role.OWNER)
