"""Every setting: its variable, its default, and what makes it too weak for production.

Layers, strongest first: the environment, one file a secret in a folder, ``.env`` (only in dev). An ``LF_`` variable
that nothing reads is an error, so that a typing mistake is never a silent default. Read once by ``get_settings``;
frozen. This module and ``kernel.clock`` are the only ones that look at the process's surroundings.
"""

from __future__ import annotations

import json
import os
import re
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AwareDatetime, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "LF_"
SECRETS_DIR_VARIABLE = "LF_SECRETS_DIR"
"""Names the folder of secrets; it is needed before any setting can be read, so it is none itself."""
DEFAULT_SECRETS_DIR = Path("/run/secrets")
"""Where container runtimes put secrets."""


class Environment(StrEnum):
    """How serious this process is."""

    DEV = "dev"
    """One machine, demo data, simulated carrier; missing secrets are made by the runner."""
    TEST = "test"
    """Automated tests."""
    STAGING = "staging"
    """Like production, with a simulated carrier allowed."""
    PROD = "prod"
    """Real people get the texts. Starts only without weaknesses."""


class Carrier(StrEnum):
    """Who delivers texts."""

    SIMULATOR = "simulator"
    """The built-in carrier, a process that speaks Twilio's dialect and reaches nobody."""
    TWILIO = "twilio"


class LogFormat(StrEnum):
    """How a log event is written."""

    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """The least important event that is still written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"


class Settings(BaseSettings):
    """The configuration of one process. Secrets print as stars."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    env: Environment = Environment.DEV

    database_url: SecretStr = Field(validation_alias="DATABASE_URL")
    """``postgresql://user:password@host:port/database``, Postgres 18 or newer."""
    redis_url: SecretStr = Field(validation_alias="REDIS_URL")
    """``redis://:password@host:port/database``, with ``maxmemory-policy noeviction``."""
    owner_database_url: SecretStr = SecretStr("")
    """The same database, signed in as the role that owns its tables; only ``leadflow migrate`` and ``up`` use it.

    Empty takes ``DATABASE_URL``, which dev and test allow."""
    database_pool_size: int = Field(10, ge=1, le=200)
    """Connections that one process keeps at most."""

    host: str = "127.0.0.1"
    """The address that the web process listens on."""
    port: int = Field(8300, ge=1, le=65535)
    """The port that the web process listens on."""
    public_url: str = "http://127.0.0.1:8300"
    """Where browsers and the carrier reach us; webhook signatures and links are made with it. No slash at the end."""
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins that may talk to the API and the socket besides ``public_url``."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """Networks of the proxies before us, such as ``10.0.0.0/8``; only they may say whom a request comes from."""
    docs_enabled: bool = False
    """Whether the API's documentation is served."""

    session_keys: dict[str, SecretStr] = Field(min_length=1)
    """Key ring of sessions and access tokens, name to key. The first signs; all verify."""
    phone_pepper: SecretStr
    """Keys the HMAC under which phone numbers stand in suppressions and the audit log. Must not be in the database."""
    audit_seal_keys: dict[str, SecretStr] = Field(min_length=1)
    """Key ring of the audit seals, name to key. The first seals; all verify."""
    vault_keys: dict[str, SecretStr] = Field(min_length=1)
    """Key ring of secrets at rest (credentials, second factors, mail), name to key. The first seals; all open."""
    bcrypt_cost: int = Field(12, ge=4, le=16)
    """Logarithm of the work to check one password."""

    carrier: Carrier = Carrier.SIMULATOR
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_auth_token_secondary: SecretStr = SecretStr("")
    """Also accepted on webhooks while the primary token is being rotated."""
    twilio_api_url: str = "https://api.twilio.com"
    """Where the carrier's REST interface is; the simulator has the same one elsewhere."""

    dncscrub_login_id: SecretStr = SecretStr("")
    """The installation's login at DNCScrub, where organisations do not set their own."""
    dncscrub_api_url: str = "https://www.dncscrub.com"
    """Where numbers are scrubbed; the simulator has the same interface elsewhere."""
    dncscrub_data_url: str = "https://dataapi.dncscrub.com"
    """Where reassigned numbers are looked up."""
    dnc_price: int = Field(50, ge=0, le=100_000)
    """Price of one scrubbed number, in hundredths of a cent."""
    reassigned_price: int = Field(200, ge=0, le=100_000)
    """Price of one look-up of a reassigned number, in hundredths of a cent."""

    census_url: str = "https://geocoding.geo.census.gov"
    """Where addresses are geocoded, once somebody asks for it; the simulator has the same interface elsewhere."""
    geocode_price: int = Field(0, ge=0, le=100_000)
    """Price of one geocoded address, in hundredths of a cent; the Census Bureau asks nothing."""
    map_tiles: str = ""
    """Address of map tiles such as ``https://tiles.example.com/{z}/{x}/{y}.png``; browsers then ask there.

    Empty draws boundaries from our own server, and asks nobody."""
    map_attribution: str = ""
    """What the makers of those tiles want to be said."""

    smtp_url: SecretStr = SecretStr("")
    """``smtps://user:password@host:465``, or ``smtp://…:587`` with STARTTLS. Empty keeps mail in the local outbox."""
    mail_from: str = ""
    """The sender of our mail, such as ``LeadFlow <no-reply@example.com>``."""

    workers: int = Field(2, ge=1, le=64)
    """Worker processes that ``leadflow up`` starts."""
    worker_threads: int = Field(4, ge=1, le=64)
    """Jobs that one worker process runs at once."""

    data_dir: Path = Path(".leadflow")
    """The folder of everything that ``leadflow up`` keeps."""
    web_dir: Path | None = None
    """The folder of the built page. None takes the one inside the package, as installed from a wheel."""
    anchor_dir: Path | None = None
    """Folder outside the database that gets a copy of each audit seal. None keeps seals only in the database."""

    anchor_bucket: str = ""
    """Bucket with object lock that gets a copy of each audit seal too. Empty keeps none there.

    Its credentials come by the usual ways of S3 clients: the machine's role, or its own variables."""
    anchor_endpoint: str = ""
    """Where the bucket is, if not at Amazon."""
    anchor_region: str = "us-east-1"
    anchor_days: int = Field(3_650, ge=1, le=36_500)
    """Days for which the bucket refuses to change or remove a copy."""

    log_format: LogFormat = LogFormat.CONSOLE
    log_level: LogLevel = LogLevel.INFO
    sentry_dsn: SecretStr = SecretStr("")
    """Where errors are reported, without personal data. Empty reports nowhere."""

    clock_start: AwareDatetime | None = None
    """The instant at which the clocks of ``leadflow up`` start, to see quiet hours at any hour."""
    clock_shift_s: float = 0
    """Seconds that this process's clock runs ahead; ``leadflow up`` derives it from the line above."""

    codespaces_domain: str = Field("", validation_alias="GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN")
    """Set by GitHub's development machines, which forward ports to the outside; Reflex then trusts that domain."""

    @property
    def migrating_url(self) -> str:
        """The address to migrate with: the owner's, or the only one there is."""
        return self.owner_database_url.get_secret_value() or self.database_url.get_secret_value()

    @property
    def origins(self) -> tuple[str, ...]:
        """Every origin that may talk to us; on one person's machine also its other name."""
        local = self.env in {Environment.DEV, Environment.TEST} and "//127.0.0.1" in self.public_url
        other = (self.public_url.replace("//127.0.0.1", "//localhost"),) if local else ()
        return tuple(dict.fromkeys((self.public_url, *other, *self.allowed_origins)))

    @field_validator("allowed_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            try:
                ip_network(name, strict=False)
            except ValueError:
                raise ValueError(
                    "must be networks, such as 10.0.0.0/8, or addresses, with commas between them"
                ) from None
        return value

    @field_validator("map_tiles")
    @classmethod
    def _tiles(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (
            parts.scheme not in {"http", "https"}
            or not re.fullmatch(r"[A-Za-z0-9.-]+(:[0-9]+)?", parts.netloc)
            or not all(word in value for word in ("{z}", "{x}", "{y}"))
        ):
            raise ValueError("must be an address with {z}, {x} and {y}, such as https://example.com/{z}/{x}/{y}.png")
        return value

    @property
    def tile_origin(self) -> str:
        """Where browsers fetch tiles; empty where they fetch none."""
        parts = urlsplit(self.map_tiles)
        return f"{parts.scheme}://{parts.netloc}" if self.map_tiles else ""

    @field_validator("public_url", "twilio_api_url", "dncscrub_api_url", "dncscrub_data_url", "census_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be a whole address, such as https://app.example.com")
        return value.rstrip("/")

    @field_validator("database_url", "redis_url")
    @classmethod
    def _known_scheme(cls, value: SecretStr) -> SecretStr:
        if urlsplit(value.get_secret_value()).scheme.partition("+")[0] not in {
            "postgresql",
            "postgres",
            "redis",
            "rediss",
        }:
            raise ValueError("must be an address that starts with postgresql:// or redis://")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take the variables that ``load`` was given, or the surroundings' in their order of precedence."""
        del env_settings, dotenv_settings, file_secret_settings
        return (init_settings, _Variables(settings_cls))


class _Variables(EnvSettingsSource):
    """Variables from one merged mapping instead of the process's environment alone."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        given = _given.get()
        return {name.lower(): value for name, value in (surroundings() if given is None else given).items()}


_given: ContextVar[Mapping[str, str] | None] = ContextVar("variables given to load", default=None)


@dataclass(frozen=True, slots=True)
class Problem:
    """One variable and what is wrong with it, in words that never hold its value."""

    variable: str
    message: str


class BadSettings(Exception):
    """The configuration cannot be used; carries every problem, not only the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(f"{problem.variable}: {problem.message}" for problem in problems))
        self.problems = problems


def variable_of(field: str) -> str:
    """The environment variable that sets ``field``."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{PREFIX}{field.upper()}"


def known_variables() -> dict[str, str]:
    """Each variable that sets something, and the field it sets."""
    return {variable_of(field): field for field in Settings.model_fields}


def load(variables: Mapping[str, str]) -> Settings:
    """Settings from ``variables`` alone, whatever the surroundings.

    Raises:
        BadSettings: a value is missing or cannot be read, or an ``LF_`` variable is unknown.
    """
    known = known_variables()
    unknown = sorted(
        name for name in variables if name.startswith(PREFIX) and name not in {*known, SECRETS_DIR_VARIABLE}
    )
    problems = [Problem(name, "nothing reads this variable; is it misspelt?") for name in unknown]
    token = _given.set({name: value for name, value in variables.items() if name in known})
    try:
        settings = Settings()  # pyright: ignore[reportCallIssue] - its values come from the variables
    except ValidationError as error:
        problems += [
            Problem(_variable_at(line["loc"]), _in_words(line["type"], line["msg"])) for line in error.errors()
        ]
        raise BadSettings(tuple(problems)) from None
    except SettingsError as error:
        # Raised for a value that should be JSON and is not; names the field in quotes.
        field = str(error).partition('"')[2].partition('"')[0]
        raise BadSettings((*problems, Problem(variable_of(field), "must be JSON"))) from None
    finally:
        _given.reset(token)
    if problems:
        raise BadSettings(tuple(problems))
    return settings


def _variable_at(location: tuple[int | str, ...]) -> str:
    name = str(location[0]) if location else ""
    if name in Settings.model_fields:
        return variable_of(name)
    return name if name in known_variables() else "LF_*"


def _in_words(kind: str, message: str) -> str:
    return "is missing" if kind == "missing" else message.removeprefix("Value error, ")


def surroundings() -> dict[str, str]:
    """The variables around this process: the environment over the folder of secrets over ``.env`` (dev only).

    What the runner provides lies beneath them all. Empty values count as absent.
    """
    environment = dict(os.environ)
    layers = [_provided, _dotenv(environment), _secret_files(environment), environment]
    return {name: value for layer in layers for name, value in layer.items() if value}


def _dotenv(environment: Mapping[str, str]) -> dict[str, str]:
    path = Path(".env")
    if environment.get("LF_ENV", Environment.DEV) != Environment.DEV or not path.is_file():
        return {}
    found = {name: value for name, value in dotenv_values(path).items() if value}
    if found.get("LF_ENV", Environment.DEV) != Environment.DEV:
        raise BadSettings((Problem("LF_ENV", "the file .env is for dev; set this in the environment"),))
    return found


def _secret_files(environment: Mapping[str, str]) -> dict[str, str]:
    """One file a variable, named after it in either case. Other files in the folder are not ours."""
    named = environment.get(SECRETS_DIR_VARIABLE)
    folder = Path(named) if named else DEFAULT_SECRETS_DIR
    if named and not folder.is_dir():
        raise BadSettings((Problem(SECRETS_DIR_VARIABLE, "is not a folder"),))
    known = known_variables()
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return {path.name.upper(): path.read_text().strip() for path in files if path.name.upper() in known}


_provided: dict[str, str] = {}


def provide(variables: Mapping[str, str]) -> None:
    """Fill gaps of the surroundings, for this process; an earlier ``get_settings`` is forgotten."""
    _provided.update(variables)
    get_settings.cache_clear()


@cache
def get_settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        BadSettings: they cannot be used.
    """
    return load(surroundings())


def as_variables(settings: Settings) -> dict[str, str]:
    """The variables that make another process load equal settings. Holds secrets in the clear."""
    words = {variable_of(field): _as_word(getattr(settings, field)) for field in Settings.model_fields}
    return {name: word for name, word in words.items() if word}


def _as_word(value: object) -> str:
    match value:
        case None:
            word = ""
        case SecretStr():
            word = value.get_secret_value()
        case datetime():
            word = value.isoformat()
        case Path():
            # The other process may start in another folder.
            word = str(value.resolve())
        case dict():
            word = json.dumps({kid: _as_word(key) for kid, key in cast("dict[str, SecretStr]", value).items()})
        case tuple():
            word = ",".join(cast("tuple[str, ...]", value))
        case _:
            word = str(value)
    return word


def environment_for(settings: Settings) -> dict[str, str]:
    """The environment of a child process: ours, with our variables replaced by ``settings``."""
    known = known_variables()
    inherited = {name: value for name, value in os.environ.items() if name not in known}
    return inherited | as_variables(settings)
