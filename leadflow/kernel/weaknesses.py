"""What production refuses to start with; values are never told."""

from __future__ import annotations

import math
from collections import Counter
from ipaddress import ip_network
from itertools import chain, pairwise
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from leadflow.settings import BadSettings, Carrier, Environment, LogLevel, Problem, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MIN_KEY_BYTES = 32
MIN_KEY_BITS = 128
"""Of entropy, estimated from how often each character and each step between neighbours occurs."""
MIN_BCRYPT_COST = 12
"""OWASP Password Storage asks for 10 or more; security goals of this project ask for 12."""
KNOWN_WORDS = ("change", "example", "secret", "password", "replace", "insert", "default")
"""Words of keys that somebody copied. A made key of 43 characters holds one of them once in some thousand million."""
DEFAULT_PASSWORDS = frozenset(
    {"", "postgres", "password", "leadflow", "admin", "secret", "changeme", "root", "redis", "test"}
)
DEFAULT_SUPERUSERS = frozenset({"postgres", "root", "admin", "rdsadmin", "cloudsqlsuperuser"})


def weaknesses(settings: Settings) -> tuple[Problem, ...]:
    """Everything in ``settings`` that production refuses, in the order of the settings. Values are never told."""
    return tuple(
        chain(
            _weak_addresses(settings),
            _weak_proxies(settings),
            _weak_keys(settings),
            _weak_carrier(settings),
            _weak_lookups(settings),
            _weak_mail(settings),
            _weak_surroundings(settings),
        )
    )


def refuse_weak(settings: Settings) -> None:
    """Let production start only without weaknesses, and staging only on the true time.

    Raises:
        BadSettings: something is too weak for the environment.
    """
    refused = {Environment.PROD: weaknesses, Environment.STAGING: _shifted_clock}.get(settings.env)
    if refused and (weak := tuple(refused(settings))):
        raise BadSettings(weak)


def _weak_addresses(settings: Settings) -> Iterator[Problem]:
    database = urlsplit(settings.database_url.get_secret_value())
    if (database.password or "") in DEFAULT_PASSWORDS or database.password == database.username:
        yield Problem("DATABASE_URL", "has no password, or one that everybody knows")
    if database.username in DEFAULT_SUPERUSERS:
        yield Problem("DATABASE_URL", "signs in as a superuser; give the application a role of its own")
    if (urlsplit(settings.redis_url.get_secret_value()).password or "") in DEFAULT_PASSWORDS:
        yield Problem("REDIS_URL", "has no password, or one that everybody knows")
    if not settings.public_url.startswith("https://"):
        yield Problem("LF_PUBLIC_URL", "must be an https:// address")
    for origin in settings.allowed_origins:
        if "*" in origin or not origin.startswith("https://"):
            yield Problem("LF_ALLOWED_ORIGINS", "must name each origin in full, with https:// and without *")
    if settings.docs_enabled:
        yield Problem("LF_DOCS_ENABLED", "must be false: the API's documentation is not for the public")


def _weak_proxies(settings: Settings) -> Iterator[Problem]:
    if any(ip_network(name, strict=False).prefixlen == 0 for name in settings.trusted_proxies):
        yield Problem("LF_TRUSTED_PROXIES", "must not be everybody: any caller could then choose its address")


def _weak_keys(settings: Settings) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for variable, key in _keys(settings):
        if weak := _weakness_of(key):
            yield Problem(variable, weak)
        if seen.setdefault(key, variable) != variable:
            yield Problem(variable, f"is the same key as in {seen[key]}; each use needs its own")
    if settings.bcrypt_cost < MIN_BCRYPT_COST:
        yield Problem("LF_BCRYPT_COST", f"must be {MIN_BCRYPT_COST} or more")


def _weak_carrier(settings: Settings) -> Iterator[Problem]:
    if settings.carrier is Carrier.SIMULATOR:
        yield Problem("LF_CARRIER", "is the simulator, which reaches nobody")
        return
    if not settings.twilio_account_sid:
        yield Problem("LF_TWILIO_ACCOUNT_SID", "is missing")
    if not settings.twilio_auth_token.get_secret_value():
        yield Problem("LF_TWILIO_AUTH_TOKEN", "is missing: no webhook could be trusted")
    if not settings.twilio_api_url.startswith("https://"):
        yield Problem("LF_TWILIO_API_URL", "must be an https:// address")


def _weak_lookups(settings: Settings) -> Iterator[Problem]:
    addresses = {
        "LF_DNCSCRUB_API_URL": settings.dncscrub_api_url,
        "LF_DNCSCRUB_DATA_URL": settings.dncscrub_data_url,
        "LF_CENSUS_URL": settings.census_url,
        "LF_MAP_TILES": settings.map_tiles,
    }
    for variable, address in addresses.items():
        if address and not address.startswith("https://"):
            yield Problem(variable, "must be an https:// address")


def _weak_mail(settings: Settings) -> Iterator[Problem]:
    mail = urlsplit(settings.smtp_url.get_secret_value())
    if not mail.hostname:
        yield Problem("LF_SMTP_URL", "is missing: invitations, resets and warnings would reach nobody")
    elif mail.scheme not in {"smtp", "smtps"}:
        yield Problem("LF_SMTP_URL", "must start with smtps://, or smtp:// for STARTTLS")
    if "@" not in settings.mail_from:
        yield Problem("LF_MAIL_FROM", "is missing or no address, such as LeadFlow <no-reply@example.com>")


def _shifted_clock(settings: Settings) -> Iterator[Problem]:
    if settings.clock_start:
        yield Problem("LF_CLOCK_START", "must be unset: quiet hours are real")
    if settings.clock_shift_s:
        yield Problem("LF_CLOCK_SHIFT_S", "must be unset: quiet hours are real")


def _weak_surroundings(settings: Settings) -> Iterator[Problem]:
    yield from _shifted_clock(settings)
    if settings.log_level is LogLevel.DEBUG:
        yield Problem("LF_LOG_LEVEL", "must not be debug: such logs hold more than they should")
    if settings.codespaces_domain:
        yield Problem("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN", "must be unset: it opens the page to another domain")


def _keys(settings: Settings) -> Iterator[tuple[str, str]]:
    yield from (("LF_SESSION_KEYS", key.get_secret_value()) for key in settings.session_keys.values())
    yield "LF_PHONE_PEPPER", settings.phone_pepper.get_secret_value()
    yield from (("LF_AUDIT_SEAL_KEYS", key.get_secret_value()) for key in settings.audit_seal_keys.values())
    yield from (("LF_VAULT_KEYS", key.get_secret_value()) for key in settings.vault_keys.values())


def _weakness_of(key: str) -> str | None:
    if _length_bytes(key) < MIN_KEY_BYTES:
        return f"holds a key of less than {MIN_KEY_BYTES} bytes"
    if any(word in key.lower() for word in KNOWN_WORDS):
        return "holds a key that looks like an example"
    if min(_bits(key), _bits([ord(after) - ord(before) for before, after in pairwise(key)])) < MIN_KEY_BITS:
        return "holds a key that is too regular to be random"
    return None


def _length_bytes(key: str) -> int:
    """The bytes that ``key`` stands for: two hexadecimal digits are one."""
    return len(key) // 2 if set(key.lower()) <= set("0123456789abcdef") else len(key.encode())


def _bits(symbols: Sequence[object]) -> float:
    """Shannon entropy of the whole of ``symbols``, by their frequencies."""
    total = len(symbols)
    return -sum(count * math.log2(count / total) for count in Counter(symbols).values())
