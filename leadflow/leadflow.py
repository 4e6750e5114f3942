"""Assembles the page: look, routes. API, guard and built files join when it is served (``leadflow.web``)."""

from __future__ import annotations

import reflex as rx

from leadflow.pages import routes

app = rx.App(stylesheets=["/theme.css"])
routes.register(app)
