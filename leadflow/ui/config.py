"""Reflex's own configuration: one to build the page, one to serve it. They differ only in what the machine decides."""

from __future__ import annotations

from typing import Any

import reflex as rx

from leadflow.settings import get_settings
from leadflow.ui.build import HostFree
from leadflow.ui.tokens import THEME


def building() -> rx.Config:
    """Build the page: no address, no secret, no setting goes into the bundle."""
    return _config(state_manager_mode=rx.constants.StateManagerMode.MEMORY)


def serving() -> rx.Config:
    """Serve the page from our own origins only: Reflex's default admits every site, with credentials."""
    settings = get_settings()
    return _config(
        cors_allowed_origins=list(settings.origins),
        redis_url=settings.redis_url.get_secret_value(),
        state_manager_mode=rx.constants.StateManagerMode.REDIS,
    )


def _config(**by_machine: Any) -> rx.Config:  # noqa: ANN401 Reflex's own keyword arguments
    return rx.Config(
        app_name="leadflow",
        backend_host="127.0.0.1",
        default_color_mode="system",
        disable_plugins=[rx.plugins.SitemapPlugin],
        frontend_compression_formats=["brotli", "gzip"],
        plugins=[rx.plugins.RadixThemesPlugin(theme=rx.theme(**THEME)), HostFree()],
        redis_token_expiration=3600,
        show_built_with_reflex=False,
        telemetry_enabled=False,
        transport="websocket",
        **by_machine,
    )
