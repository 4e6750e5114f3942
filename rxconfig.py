"""Reflex settings for building the page. The server reads those of ``leadflow.ui.config.serving``."""

from leadflow.ui.config import building

config = building()
