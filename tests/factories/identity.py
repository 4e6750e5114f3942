"""Builds members."""

from __future__ import annotations

import itertools

from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from models.identity import Membership, User
from models.vocabulary import Role

_numbers = itertools.count(1)


def a_member(uow: UnitOfWork, role: Role = Role.OWNER, name: str = "") -> Principal:
    """Write a user and the membership, and answer who acts; nobody signs in with this password hash."""
    number = next(_numbers)
    user = User(email=f"member{number}@example.com", name=name or f"Member {number}", password_hash="-")
    with uow.everywhere():
        uow.session.add(user)
        uow.session.flush()
    uow.session.add(Membership(org_id=uow.org(), user_id=user.id, role=role))
    uow.session.flush()
    return Principal(user_id=user.id, org_id=uow.org(), role=role, name=user.name)
