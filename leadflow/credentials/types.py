"""What somebody sets, what is shown of it, and what a provider gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from models.vocabulary import Provider


class CredentialInput(BaseModel):
    """A new credential; it replaces the present one."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    account: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    """The public half: Twilio's account SID."""
    secret: Annotated[SecretStr, Field(min_length=16, max_length=500)]


@dataclass(frozen=True, slots=True)
class CredentialRow:
    """What is shown of a credential."""

    provider: Provider
    account: str
    hint: str
    """The last four characters of the secret."""
    set_at: datetime
    set_by: UUID | None


@dataclass(frozen=True, slots=True)
class Credential:
    """What a provider gets."""

    org_id: UUID
    account: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A sealed value as it stands in its row."""

    id: UUID
    org_id: UUID | None
    value: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyUse:
    """How much one vault key still seals."""

    name: str
    current: bool
    """It seals what is written now."""
    known: bool
    """It is in the ring; if not, what it seals cannot be opened."""
    rows: Mapping[str, int]
    """Rows by ``table.column``."""

    @property
    def total(self) -> int:
        """Count all rows."""
        return sum(self.rows.values())
