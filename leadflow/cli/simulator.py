"""``leadflow simulator carrier`` and ``lookups``: run what stands in for a vendor, as the settings describe it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from leadflow.local.folder import DataFolder
from leadflow.local.services import settle
from leadflow.settings import BadSettings, Environment, Problem, Settings

app = typer.Typer()

INBOUND = "/hooks/twilio/inbound"
"""Our webhook for texts that people send us."""


@app.callback()
def simulator() -> None:
    """Stand in for a vendor, over HTTP, on this machine."""


@app.command()
def carrier(
    config: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A scenario in JSON: what goes wrong, how often.")
    ] = None,
) -> None:
    """Be the carrier: take texts in Twilio's dialect, deliver, fail, answer and say STOP as configured."""
    settings = settle()
    if settings.env is Environment.PROD:
        raise BadSettings((Problem("LF_ENV", "is prod: there is no simulated carrier"),))
    from leadflow.simulators.carrier.cli import main  # noqa: PLC0415 a server of its own

    main(arguments(settings, config))


@app.command()
def lookups(
    config: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A scenario in JSON: who is listed, what goes wrong."),
    ] = None,
) -> None:
    """Be the registries: look numbers up in DNCScrub's dialect, and fail as configured."""
    settings = settle()
    if settings.env is Environment.PROD:
        raise BadSettings((Problem("LF_ENV", "is prod: there are no simulated registries"),))
    from leadflow.simulators.lookups.cli import main  # noqa: PLC0415 a server of its own

    main(lookup_arguments(settings, config))


def lookup_arguments(settings: Settings, config: Path | None = None) -> list[str]:
    """The registries' command line."""
    folder = DataFolder(settings.data_dir)
    folder.make()
    address = urlsplit(settings.dncscrub_api_url)
    words = {
        "--host": address.hostname or "127.0.0.1",
        "--port": str(address.port or 0),
        "--book": str(folder.lookups_book),
        "--login-id": settings.dncscrub_login_id.get_secret_value(),
    }
    if config:
        words["--config"] = str(config)
    return [word for pair in words.items() for word in pair]


def arguments(settings: Settings, config: Path | None = None) -> list[str]:
    """The simulator's command line: it is a program that knows nothing of our settings."""
    folder = DataFolder(settings.data_dir)
    folder.make()
    address = urlsplit(settings.twilio_api_url)
    words = {
        "--host": address.hostname or "127.0.0.1",
        "--port": str(address.port or 0),
        "--log": str(folder.carrier_log),
        "--account": settings.twilio_account_sid,
        "--token": settings.twilio_auth_token.get_secret_value(),
        "--inbound-url": settings.public_url + INBOUND,
        "--clock-shift-s": str(settings.clock_shift_s),
    }
    if config:
        words["--config"] = str(config)
    return [word for pair in words.items() for word in pair]
