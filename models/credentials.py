"""By what providers know an organisation."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field

from models.base import TenantTable, global_fk
from models.columns import Bytes, Term
from models.vocabulary import Provider


class ProviderCredential(TenantTable, table=True):
    """An organisation's account at one provider. The secret is sealed and never shown again."""

    __tablename__ = "provider_credential"
    __table_args__ = (
        global_fk("org_id", "organization", ondelete="CASCADE"),
        UniqueConstraint("org_id", "provider"),
    )

    provider: Provider = Field(sa_type=Term(Provider))  # pyright: ignore[reportArgumentType] instances are accepted
    account: str = Field(sa_type=Text)
    """The public half: Twilio's account SID."""
    secret: bytes = Field(sa_type=Bytes)
    """AES-256-GCM by ``kernel.vault``, bound to this table, row and organisation."""
    hint: str = Field(default="", sa_type=Text)
    """The last four characters of the secret, by which an owner tells which one is set."""
    set_by: UUID | None = None
