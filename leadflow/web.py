"""Serve the built page, the API and the event socket from one process on one port, without Node.

Every HTML file leaves with a strict content security policy, every other answer with one that forbids all; everything
with a content hash in its name may be kept for ever; the compressed copies made at build time are sent as they are.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import reflex as rx
from reflex.utils.precompressed_staticfiles import PrecompressedStaticFiles
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from leadflow.api.app import create_app
from leadflow.kernel.edge import Edge, Refusal
from leadflow.process import begin
from leadflow.settings import as_variables, get_settings
from leadflow.ui import guard
from leadflow.ui.build import BUILT
from leadflow.ui.gate import Gate

POLICY = (
    "default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:{tiles}; "
    "font-src 'self' data:; connect-src 'self'{tiles}; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
"""No script runs that is not ours. Each exception was measured: docs/security/csp.md says who needs it."""

MACHINES = ("/api/", "/hooks/", "/_")
"""Paths that never answer with a page."""


def built_page() -> Path:
    """Name the folder of the built page: the setting, or the one inside the package."""
    return Path(get_settings().web_dir or BUILT)


class Frontend(PrecompressedStaticFiles):
    """The built page: ``/x`` answers ``x.html`` without a redirect; unknown paths answer the page's own 404."""

    def __init__(self, folder: Path, router: Callable[[str], Any], tiles: str = "") -> None:
        super().__init__(directory=folder / "build/client", html=True, encodings=["brotli", "gzip"], router=router)
        self.root = folder / "build/client"
        self.policy = POLICY.replace("{tiles}", f" {tiles}" if tiles else "")
        self.hashes: dict[str, list[str]] = json.loads((folder / "csp.json").read_text())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer machines in JSON, people with a page."""
        if scope["type"] == "http" and scope["path"].startswith(MACHINES):
            await Refusal(404, "not_found", "Not found.")(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Find the file of a path; a path without a suffix is a page."""
        if path not in {"", "."} and "." not in path.rsplit("/", 1)[-1]:
            found, stat = super().lookup_path(path.rstrip("/") + ".html")
            if stat:
                return found, stat
        return super().lookup_path(path)

    def file_response(self, full_path: Any, stat_result: os.stat_result, scope: Scope, status_code: int = 200) -> Any:  # noqa: ANN401 Starlette's signature
        """Send a file with its policy."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        path = Path(str(full_path))
        if path.suffix == ".html":
            response.headers["cache-control"] = "no-store"
            response.headers["content-security-policy"] = self.policy.replace("{hashes}", " ".join(self._hashes(path)))
        elif path.parent.name == "assets":
            response.headers["cache-control"] = "public, max-age=31536000, immutable"
        else:
            response.headers["cache-control"] = "public, max-age=3600"
        return response

    def _hashes(self, page: Path) -> list[str]:
        name = page.relative_to(self.root).as_posix()
        return self.hashes.get(name) or self.hashes.get("__spa-fallback.html") or self.hashes["index.html"]


def asgi() -> ASGIApp:
    """Build the whole application: events, API, page. Granian's factory, called once a process."""
    from leadflow.leadflow import app  # noqa: PLC0415 importing it wakes Reflex, which reads its environment

    settings = get_settings()
    database = begin(settings)
    guard.use(database)
    guard.install(app)
    app.api_transformer = _mount_page(app)
    gate = Gate(app(), create_app(database, settings), settings.origins)
    return Edge(gate, settings.trusted_proxies, settings.public_url)


def _mount_page(app: rx.App) -> Callable[[ASGIApp], ASGIApp]:
    from reflex.utils.exec import _match_routable_page  # noqa: PLC0415 Reflex's own matcher, loaded after its environment is set

    folder = built_page()

    def mount(inner: ASGIApp) -> ASGIApp:
        if not isinstance(inner, Starlette):
            msg = f"Reflex's application is a {type(inner).__name__}, not a Starlette one"
            raise TypeError(msg)
        origin = get_settings().tile_origin
        page = Frontend(folder, lambda path: _match_routable_page(app.router, path), origin)
        # Last of Reflex's own routes, so that the event socket is matched before the page.
        inner.routes.append(Mount("/", app=page, name="page"))
        return inner

    return mount


def serve(host: str, port: int, workers: int = 1) -> None:
    """Serve until stopped.

    Args:
        host: address to bind; loopback unless a proxy stands before it.
        port: TCP port.
        workers: processes. More than one needs Redis, where Reflex then keeps its state.

    Raises:
        FileNotFoundError: the page has not been built.
    """
    from granian import Granian  # noqa: PLC0415 a worker process has no need of it
    from granian.constants import Interfaces  # noqa: PLC0415 same

    folder = built_page()
    if not (folder / "csp.json").is_file():
        msg = f"There is no built page in {folder}. Run: python -m leadflow.ui.build"
        raise FileNotFoundError(msg)
    prepare(folder)
    Granian(
        "leadflow.web:asgi",
        factory=True,
        interface=Interfaces.ASGI,
        address=host,
        port=port,
        workers=workers,
        respawn_failed_workers=True,
        log_access=False,
    ).serve()


def prepare(folder: Path) -> None:
    """Tell Reflex that the page is built and where; it reads its environment and working directory only."""
    os.environ.update(  # noqa: TID251 Reflex is configured by its environment and has no other way in
        # Our own settings too: the server's processes are spawned, and start in another folder than we did.
        as_variables(get_settings())
        | {
            "REFLEX_ADD_ALL_ROUTES_ENDPOINT": "false",
            "REFLEX_BACKEND_ONLY": "true",
            "REFLEX_ENV_MODE": "prod",
            "REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE": "65536",
            "REFLEX_TELEMETRY_ENABLED": "false",
            "REFLEX_WEB_WORKDIR": str(folder),
            "__REFLEX_SKIP_COMPILE": "true",
        }
    )
    os.chdir(folder)
