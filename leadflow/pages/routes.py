"""Every page: path, view, title, permission of its loader, place in the menu. Site map, menu and guard in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import reflex as rx

from leadflow.pages import login, missing, today
from leadflow.ui.shell import Shell, shell


@dataclass(frozen=True, slots=True)
class Route:
    """One page.

    Attributes:
        path: as in the address; ``[name]`` is a part that varies.
        view: builds what stands below the top bar.
        title: of the browser's tab.
        menu: path of the menu item that is marked.
        loaders: handlers that read what the page shows; each carries its own permission.
    """

    path: str
    view: Callable[[], rx.Component]
    title: str
    menu: str
    loaders: tuple[Any, ...] = ()


ROUTES: tuple[Route, ...] = (Route("/", today.view, "Today", "/", ()),)


def register(app: rx.App) -> None:
    """Add every page to the application; the sign-in page stands outside the frame and is the only public one."""
    for route in ROUTES:
        app.add_page(_framed(route), route=route.path, title=f"{route.title} · LeadFlow", on_load=[Shell.load, *route.loaders])
    app.add_page(login.view, route="/login", title="Sign in · LeadFlow")
    app.add_page(missing.view, route="/404", title="Not found · LeadFlow")


def _framed(route: Route) -> Callable[[], rx.Component]:
    # The page's own module stays its module: Reflex bundles the script by it.
    @wraps(route.view)
    def framed() -> rx.Component:
        return shell(route.menu, route.view())

    return framed
