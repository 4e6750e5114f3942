"""How every process begins: logs, clock, database, keys, doorbell, breakers. No logic of its own.

The web process, a worker, the scheduler and each command call ``begin`` once, with their settings. A room that needs
a key or a vendor gets it here and nowhere else, so that this file answers "who holds which secret".
"""

from __future__ import annotations

import logging
from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

import psycopg

from leadflow.audit import service as audit
from leadflow.audit.types import Bucket, Sealing
from leadflow.campaigns import service as campaigns
from leadflow.compliance import service as compliance
from leadflow.identity import service as identity
from leadflow.identity.types import Keys
from leadflow.imports import service as imports
from leadflow.kernel import breaker, circuits, doorbell, logs, reports, roles, vault
from leadflow.kernel.clock import SystemClock
from leadflow.kernel.db import Database
from leadflow.mail import service as mail
from leadflow.mail.types import Post
from leadflow.maps import service as maps
from leadflow.maps.types import Geocoding
from leadflow.messaging import service as messaging
from leadflow.messaging.types import Carriers
from leadflow.scrubs import service as scrubs
from leadflow.scrubs.types import Providers
from leadflow.settings import BadSettings, Environment, LogLevel, Problem, Settings
from models import registry
from models.vocabulary import LookupService

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import SecretStr

TABLES = registry.metadata
"""Every table: a process that knew only some could not write a row whose foreign key points to another."""
LEVELS = {LogLevel.DEBUG: logging.DEBUG, LogLevel.INFO: logging.INFO, LogLevel.WARNING: logging.WARNING}


def begin(settings: Settings) -> Database:
    """Prepare this process, and answer its database; nothing stays connected yet.

    Args:
        settings: checked already (``leadflow.local.services.settle``).

    Raises:
        BadSettings: in production, the database's role could step over the walls between organisations.
    """
    if settings.env is Environment.PROD:
        _refuse_unfit_role(settings.database_url.get_secret_value())
    logs.configure(settings.log_format, LEVELS[settings.log_level])
    reports.configure(settings.sentry_dsn.get_secret_value(), settings.env, version("leadflow"))
    configure(settings)
    doorbell.hang(doorbell.RedisBell(settings.redis_url.get_secret_value()))
    breaker.install(circuits.Shared(settings.redis_url.get_secret_value()))
    return Database(
        settings.database_url.get_secret_value(),
        clock=SystemClock(timedelta(seconds=settings.clock_shift_s)),
        pool_size=settings.database_pool_size,
        strict=settings.env is Environment.PROD,
    )


def _refuse_unfit_role(url: str) -> None:
    """Look at the role that the database signs us in as. A database that is away is met by ``Database`` later."""
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            wrong = roles.faults(connection)
    except psycopg.OperationalError:
        return
    if wrong:
        raise BadSettings(tuple(Problem("DATABASE_URL", sentence) for sentence in wrong))


def configure(settings: Settings) -> None:
    """Give each room its keys and vendors."""
    vault.configure(vault.Vault(_keys(settings.vault_keys)))
    audit.configure(
        Sealing(
            keys=_keys(settings.audit_seal_keys),
            key_id=next(iter(settings.audit_seal_keys)),
            anchor_dir=settings.anchor_dir,
            bucket=_bucket(settings),
        )
    )
    identity.configure(
        Keys(
            ring=_keys(settings.session_keys),
            pepper=settings.phone_pepper.get_secret_value().encode(),
            bcrypt_cost=settings.bcrypt_cost,
            secure=settings.public_url.startswith("https://"),
            demo_users=settings.env is not Environment.PROD,
        )
    )
    mail.configure(
        Post(
            url=settings.smtp_url.get_secret_value(),
            sender=settings.mail_from,
            public_url=settings.public_url,
            # Its links open other people's accounts, so it is for machines on which nobody real signs in.
            outbox=settings.env in {Environment.DEV, Environment.TEST},
        )
    )
    imports.configure(
        imports.Setup(settings.data_dir.resolve() / "files", settings.phone_pepper.get_secret_value().encode())
    )
    compliance.configure(settings.phone_pepper.get_secret_value().encode())
    messaging.configure(
        Carriers(
            api_url=settings.twilio_api_url,
            account_sid=settings.twilio_account_sid,
            auth_token=settings.twilio_auth_token.get_secret_value(),
            public_url=settings.public_url,
            secondary_token=settings.twilio_auth_token_secondary.get_secret_value(),
        )
    )
    messaging.attend(settings.data_dir.resolve() / "epochs", settings.redis_url.get_secret_value())
    campaigns.heed()
    maps.configure(Geocoding(settings.census_url, settings.geocode_price))
    scrubs.configure(
        Providers(
            api_url=settings.dncscrub_api_url,
            data_url=settings.dncscrub_data_url,
            login_id=settings.dncscrub_login_id.get_secret_value(),
            prices={
                LookupService.DNC: settings.dnc_price,
                LookupService.REASSIGNED: settings.reassigned_price,
            },
        )
    )


def _bucket(settings: Settings) -> Bucket | None:
    if not settings.anchor_bucket:
        return None
    return Bucket(
        settings.anchor_bucket, settings.anchor_endpoint, settings.anchor_region, timedelta(days=settings.anchor_days)
    )


def _keys(ring: Mapping[str, SecretStr]) -> dict[str, bytes]:
    return {name: key.get_secret_value().encode() for name, key in ring.items()}
