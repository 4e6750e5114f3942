"""Events, not sentences; ids, never bodies, names or numbers."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import sentry_sdk
import structlog

SECRET_KEYS = frozenset(
    {"password", "token", "cookie", "headers", "payload", "router_data", "body", "secret", "authorization"}
)
PHONE = re.compile(r"\+1\d{10}\b")


def scrub(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401 structlog's signature
    """Take out what must not be logged: secrets by key, phone numbers by shape."""
    for key, value in event.items():
        if key.lower() in SECRET_KEYS:
            event[key] = "[removed]"
        elif isinstance(value, str):
            event[key] = PHONE.sub("[phone]", value)
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
        elif PHONE.search(text):
            record.msg, record.args = PHONE.sub("[phone]", text), None
        return True


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
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(ScrubFilter())
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
