"""Assembles the API: every router, the one error handler, and a document that names each route's permission."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from leadflow.api import (
    accounts,
    api_keys,
    assignment,
    audit,
    bulk,
    calls,
    campaigns,
    compliance,
    credentials,
    drills,
    duplicates,
    errors,
    evidence,
    fields,
    identity,
    imports,
    inbox,
    invitations,
    jobs,
    leads,
    letters,
    links,
    maps,
    messaging,
    meta,
    numbers,
    packs,
    registries,
    restores,
    retention,
    reviews,
    scrubs,
    search,
    settings,
    simulations,
    tasks,
    today,
    views,
)
from leadflow.api.deps import Allow, Public
from leadflow.api.frame import Frame
from leadflow.api.once import Once
from leadflow.kernel.db import Database
from leadflow.settings import Settings

ROUTERS: tuple[APIRouter, ...] = (
    meta.router,
    identity.router,
    accounts.router,
    invitations.router,
    api_keys.router,
    settings.router,
    credentials.router,
    audit.router,
    jobs.router,
    assignment.router,
    fields.router,
    views.router,
    imports.router,
    leads.router,
    duplicates.router,
    search.router,
    maps.router,
    bulk.router,
    tasks.router,
    today.router,
    inbox.router,
    calls.router,
    letters.router,
    numbers.router,
    messaging.hooks,
    links.router,
    campaigns.router,
    compliance.router,
    registries.router,
    packs.router,
    evidence.router,
    retention.router,
    restores.router,
    drills.router,
    simulations.router,
    scrubs.router,
    reviews.router,
)
"""One line a slice."""

MARK = "x-permission"
PUBLIC = "public"


def create_app(db: Database, configuration: Settings) -> FastAPI:
    """Build the API of one process.

    Args:
        db: its database.
        configuration: its settings.

    Raises:
        RuntimeError: a route names no permission.
    """
    docs = configuration.docs_enabled
    app = FastAPI(
        title="LeadFlow",
        version="1",
        docs_url="/api/docs" if docs else None,
        redoc_url=None,
        openapi_url="/api/openapi.json" if docs else None,
        redirect_slashes=False,
    )
    app.state.db, app.state.settings = db, configuration
    for router in ROUTERS:
        # As they are: ``include_router`` would read the signatures of four hundred routes once more, for each app.
        app.router.routes.extend(router.routes)
    errors.install(app)
    _declare()
    app.add_middleware(Once, db=db)
    app.add_middleware(Frame, origins=configuration.origins)
    return app


def routes() -> Iterator[APIRoute]:
    """List every route of ours."""
    return (route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute))


def declared(route: APIRoute) -> str | None:
    """Name the permission of a route, or ``public``; None where it declares neither."""
    for call in _calls(route.dependant):
        if isinstance(call, Allow):
            return call.permission.value
        if isinstance(call, Public):
            return PUBLIC
    return None


def _calls(dependant: Dependant) -> Iterator[Any]:
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from _calls(dependency)


def _declare() -> None:
    silent: list[str] = []
    for route in routes():
        permission = declared(route)
        if permission is None:
            silent.append(f"{sorted(route.methods or ())} {route.path}")
            continue
        route.openapi_extra = (route.openapi_extra or {}) | {MARK: permission}
    if silent:
        msg = "These routes declare no permission; give them dependencies=[allow(Permission.X)]: " + ", ".join(silent)
        raise RuntimeError(msg)
