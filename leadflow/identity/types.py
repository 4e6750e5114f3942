"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from models.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of a service, resolved afresh at each door."""

    user_id: UUID | None
    org_id: UUID
    role: Role
    session_id: UUID | None = None
    name: str = ""

    @classmethod
    def system(cls, org_id: UUID) -> Principal:
        """Make the caller that workers and webhooks act as."""
        return cls(user_id=None, org_id=org_id, role=Role.SYSTEM, name="LeadFlow")
