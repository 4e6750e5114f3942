"""Map tiles from outside: asked for at the address of the settings and nowhere else, admitted by the policy."""

from __future__ import annotations

import base64
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from models.vocabulary import Role
from tests.attack.serving import running_web
from tests.conftest import RuntimeOf
from tests.identity.people import PASSWORD, make_team
from tests.ui.looking import WITHIN_MS, Watch, show, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A picture of one pixel."""


@dataclass
class Tiles:
    """A tile server and what it was asked for."""

    origin: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def tile_server() -> Generator[Tiles]:
    """Serve the same picture for every tile, on loopback."""
    tiles = Tiles()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            tiles.asked.append(self.path)
            self.send_response(200)
            for name, value in (("Content-Type", "image/png"), ("Access-Control-Allow-Origin", "*")):
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(DOT)))
            self.end_headers()
            self.wfile.write(DOT)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the library's name
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        tiles.origin = f"http://127.0.0.1:{server.server_port}"
        yield tiles
        server.shutdown()
        thread.join()


def test_tiles_come_from_the_address_of_the_settings_and_from_no_other(
    browser: Browser, database_url: str, runtime_of: RuntimeOf, redis_url: str, tmp_path: Path
):
    with tile_server() as tiles:
        variables = {
            "LF_MAP_TILES": tiles.origin + "/{z}/{x}/{y}.png",
            "LF_MAP_ATTRIBUTION": "Drawn by a test",
        }
        with running_web(runtime_of(database_url), redis_url, tmp_path, **variables) as served:
            team = make_team(served.db)
            login = {"email": team.emails[Role.OWNER], "password": PASSWORD}
            context = signed_in(browser, served.address, login)
            watch = Watch(served.address)
            page = watch.over(context.new_page())
            answer = page.goto(f"{served.address}/map")
            assert answer is not None
            assert tiles.origin in answer.headers["content-security-policy"]
            for path in ("/map", "/leads?map=1"):
                tiles.asked.clear()
                show(page, f"{served.address}{path}", "[data-map][data-ready='1'][data-busy='0']")
                page.locator(".maplibregl-ctrl-zoom-in").click(click_count=3)
                expect(page.locator(".maplibregl-ctrl-attrib")).to_contain_text("Drawn by a test", timeout=WITHIN_MS)
                for _ in range(100):
                    if tiles.asked:
                        break
                    page.wait_for_timeout(100)
                assert tiles.asked
                assert all(len(asked.split("/")) == 4 for asked in tiles.asked)
            context.close()
    assert watch.outside
    assert {url[: len(tiles.origin) + 1] for url in watch.outside} == {tiles.origin + "/"}
    assert watch.complaints == []
