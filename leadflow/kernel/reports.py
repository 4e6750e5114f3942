"""Reports errors to Sentry where a DSN is set: the place and the traceback, never what people wrote or who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import sentry_sdk

from leadflow.kernel.logs import SECRET_KEYS, clean

if TYPE_CHECKING:
    from sentry_sdk.transport import Transport
    from sentry_sdk.types import Event, Hint

REMOVED = "[removed]"
KEPT_SECTIONS = ("request", "user", "breadcrumbs", "extra")
"""Parts of a report that hold whatever a library found interesting: taken out whole."""


def configure(dsn: str, environment: str, release: str, transport: Transport | None = None) -> None:
    """Begin to report; without a DSN nothing is ever sent.

    Args:
        dsn: where to; empty reports nowhere.
        environment: ``dev``, ``test``, ``staging`` or ``prod``.
        release: the version that runs.
        transport: another way out, for tests.
    """
    if not dsn:
        return
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        release=release,
        transport=transport,
        before_send=scrub,
        # Local variables hold numbers, names and bodies; libraries' hooks read requests and log lines.
        include_local_variables=False,
        include_source_context=False,
        max_breadcrumbs=0,
        default_integrations=False,
        auto_enabling_integrations=False,
        traces_sample_rate=0.0,
    )


def scrub(event: Event, hint: Hint) -> Event:
    """Keep the place of an error and its words, without numbers; drop requests, users and everything else."""
    del hint
    kept = {name: part for name, part in event.items() if name not in KEPT_SECTIONS}
    return cast("Event", _clean(kept))


def _clean(part: Any) -> Any:  # noqa: ANN401 any JSON value
    if isinstance(part, dict):
        pairs = cast("dict[str, Any]", part).items()
        return {name: REMOVED if name.lower() in SECRET_KEYS else _clean(value) for name, value in pairs}
    if isinstance(part, list | tuple):
        return [_clean(value) for value in cast("list[Any]", part)]
    return clean(part) if isinstance(part, str) else part
