"""Events, not sentences; ids, never bodies, names or numbers."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import sentry_sdk
import structlog

SECRET_KEYS = frozenset(
    {"password", "token", "cookie", "headers", "payload", "router_data", "body", "secret", "authorization"}
)
PHONE = re.compile(r"\+1\d{10}\b")
SECRET = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]+"  # a token of ours
    r"|lfk_[\w-]+"  # an API key
    r"|(?<![\w-])[\w-]{43}(?![\w-])"  # 256 random bits: cookies, refresh tokens, links, keys
    r"|(?<![\w-])[0-9a-f]{32}(?![\w-])"  # a carrier's auth token
)
"""What secrets look like, for where they stand inside a sentence or a traceback."""


def clean(text: str) -> str:
    """Take numbers and secrets out of a text by their shape."""
    return SECRET.sub("[secret]", PHONE.sub("[phone]", text))


def scrub(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401 structlog's signature
    """Take out what must not be logged: secrets by key, phone numbers by shape."""
    for key, value in event.items():
        if key.lower() in SECRET_KEYS:
            event[key] = "[removed]"
        elif isinstance(value, str):
            event[key] = clean(value)
    return event


def report(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401 structlog's signature
    """Hand an error to the reporter (``kernel.reports``), which sends nothing unless it was begun."""
    if event.get("exc_info") and sys.exc_info()[1] is not None:
        sentry_sdk.capture_exception(sys.exc_info()[1])
    return event


class ScrubFilter(logging.Filter):
    """The same for libraries that log through the standard library (Reflex logs whole events)."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the line, keep it."""
        text = record.getMessage()
        if "router_data" in text or "cookie" in text.lower():
            record.msg, record.args = "[a line that held request headers was removed]", None
        else:
            record.msg, record.args = clean(text), None
        return True


class Lossy:
    """A stream that drops what cannot be written: a full disk under the log must not stop the work that it tells of.

    Args:
        stream: where it goes.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, if there is room."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, if there is room."""
        with suppress(OSError):
            self._stream.flush()


def configure(fmt: str = "console", level: int = logging.INFO) -> None:
    """Set up logging for this process, to standard error.

    Args:
        fmt: ``console`` for people, ``json`` for machines.
        level: least level that is written.
    """
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if fmt == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            scrub,
            report,
            structlog.processors.format_exc_info,
            # Once more: a traceback ends with the error's own words.
            scrub,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", Lossy(sys.stderr))),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(ScrubFilter())
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
