"""Serves the API alone, for the carrier's callbacks: ``python -m granian --factory tests.faults.hooks:app``."""

from __future__ import annotations

from fastapi import FastAPI

from leadflow.api.app import create_app
from leadflow.process import begin
from leadflow.settings import get_settings


def app() -> FastAPI:
    """Build the API from the process's settings."""
    settings = get_settings()
    return create_app(begin(settings), settings)
