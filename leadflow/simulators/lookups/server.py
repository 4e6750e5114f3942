"""The HTTP face: DNCScrub's two interfaces, the Census geocoder, and a control endpoint for loopback only.

``sold`` is the provider's own book: how often each number was looked up for money, by service.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from leadflow.simulators.lookups import geocoder
from leadflow.simulators.lookups.scenario import Fault, FaultKind, Scenario, reassigned, scrubbed

MOST_SCRUBBED = 10_000
"""Numbers in one scrub (docs.dncscrub.com, "Scrub Multiple Numbers")."""
MOST_REASSIGNED = 1_000
"""docs.dncscrub.com, "RND Basic (POST)"."""
_PHONE = re.compile(r"[2-9]\d{9}")
_DATES = ("%Y%m%d", "%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y")
_UNSOLD = frozenset({FaultKind.RATE_LIMITED, FaultKind.UNAVAILABLE, FaultKind.UNAUTHORISED})


class World:
    """The provider: its setting, its account and its book."""

    def __init__(self, setting: Scenario, login_id: str, book: Path | None) -> None:
        self.setting = setting
        self.login_id = login_id
        self.book = book
        self.calls = 0
        self.struck = 0
        self.sold: dict[str, Counter[str]] = {service: Counter() for service in ("dnc", "reassigned", "geocoder")}

    def change(self, changes: dict[str, Any]) -> None:
        """Change members of the scenario; a new fault strikes anew. ``forget`` empties the book."""
        if changes.pop("forget", False):
            self.sold = {service: Counter() for service in self.sold}
        self.setting = Scenario.model_validate({**self.setting.model_dump(), **changes})
        if "fault" in changes:
            self.calls = self.struck = 0

    def next_fault(self) -> Fault | None:
        """Say what this call suffers."""
        self.calls += 1
        fault = self.setting.fault
        if fault is None or self.calls <= fault.skip or self.struck >= fault.calls:
            return None
        self.struck += 1
        return fault

    def sell(self, service: str, numbers: Sequence[str]) -> None:
        """Write into the book what is charged."""
        self.sold[service].update(numbers)
        if self.book is not None:
            with self.book.open("ab") as file:
                file.writelines(orjson.dumps({"service": service, "number": one}) + b"\n" for one in numbers)


WORLD = web.AppKey("world", World)


def application(world: World) -> web.Application:
    """Assemble the server around ``world``."""
    app = web.Application(client_max_size=4_000_000)
    app[WORLD] = world
    app.router.add_get("/app/main/rpc/scrub", scrub)
    app.router.add_post("/app/main/rpc/scrub", scrub)
    app.router.add_get("/v1.5/Data/RNDBasic", rnd)
    app.router.add_post("/v1.5/Data/RNDBasic", rnd)
    app.router.add_post("/geocoder/locations/addressbatch", geocode)
    app.router.add_get("/__control", control_read)
    app.router.add_post("/__control", control_write)
    return app


async def scrub(request: web.Request) -> web.StreamResponse:
    """GET or POST a scrub: a comma-separated list of ten-digit numbers."""
    world = request.app[WORLD]
    fields = dict(request.query) if request.method == "GET" else await _json(request)
    numbers = str(fields.get("phoneList", "")).split(",")
    if _unknown(request, fields):
        return web.json_response({"ErrorCode": "InvalidLogin"}, status=401)
    if len(numbers) > MOST_SCRUBBED or not all(map(_PHONE.fullmatch, numbers)):
        return web.json_response({"ErrorCode": "InvalidPhone"}, status=400)
    return await _answer(request, "dnc", numbers, lambda one: scrubbed(world.setting, one))


async def rnd(request: web.Request) -> web.StreamResponse:
    """GET one, or POST up to a thousand, of (number, day of consent)."""
    world = request.app[WORLD]
    fields = dict(request.query) if request.method == "GET" else await _json(request)
    if _unknown(request, fields):
        return web.json_response({"message": "Unauthorized"}, status=401)
    rows: Any = [fields] if request.method == "GET" else fields.get("data") or fields.get("Data")
    try:
        asked = {str(row["phoneNumber"]): _day(str(row["date"])) for row in rows}
    except (KeyError, TypeError, ValueError):
        asked = {}
    if not 0 < len(asked) <= MOST_REASSIGNED or not all(map(_PHONE.fullmatch, asked)):
        return web.json_response({"message": "Bad Request"}, status=400)
    return await _answer(request, "reassigned", list(asked), lambda one: reassigned(world.setting, one, asked[one]))


async def geocode(request: web.Request) -> web.StreamResponse:
    """POST a file of addresses; the answer is another."""
    world, form = request.app[WORLD], await request.post()
    part = form.get("addressFile")
    text = part.file.read().decode() if isinstance(part, web.FileField) else ""
    found = geocoder.answer(world.setting, text) if form.get("benchmark") else None
    if found is None:
        return web.Response(status=400, text="<html>Bad Request</html>", content_type="text/html")
    struck = world.next_fault()
    lines = found.splitlines(keepends=True)
    if struck is not None and struck.kind is FaultKind.PARTIAL:
        lines = lines[::2]
    elif struck is not None:
        return await _misbehave(request, struck, [])
    world.sell("geocoder", [line.split(",")[0].strip('"') for line in lines])
    return web.Response(text="".join(lines), content_type="text/csv")


async def _answer(
    request: web.Request, service: str, numbers: list[str], look_up: Callable[[str], dict[str, Any]]
) -> web.StreamResponse:
    world = request.app[WORLD]
    if world.setting.latency_ms:
        await asyncio.sleep(world.setting.latency_ms / 1000)
    struck = world.next_fault()
    if struck is None:
        world.sell(service, numbers)
        return _json_answer([look_up(one) for one in numbers])
    if struck.kind is FaultKind.PARTIAL:
        kept = numbers[::2]
        world.sell(service, kept)
        return _json_answer([look_up(one) for one in reversed(kept)])
    if struck.kind not in _UNSOLD:
        world.sell(service, numbers)
    return await _misbehave(request, struck, [look_up(one) for one in numbers])


async def _misbehave(request: web.Request, struck: Fault, rows: list[dict[str, Any]]) -> web.StreamResponse:
    if struck.kind is FaultKind.DRIP:
        return await _drip(request, struck.seconds, rows)
    if struck.kind is FaultKind.SILENCE:
        await asyncio.sleep(struck.seconds)
    after = {"Retry-After": str(struck.retry_after_s)}
    ways: dict[FaultKind, tuple[int, bytes, dict[str, str]]] = {
        FaultKind.RATE_LIMITED: (429, b"", after),
        FaultKind.UNAVAILABLE: (503, b"", after),
        FaultKind.UNAUTHORISED: (401, b'{"message": "Unauthorized"}', {}),
        FaultKind.ERROR_500: (500, b"<html>error</html>", {}),
        FaultKind.NULL: (200, b"null", {}),
        FaultKind.HTML: (200, b"<html><body>Please sign in</body></html>", {}),
        FaultKind.SILENCE: (200, orjson.dumps(rows), {}),
    }
    status, body, headers = ways[struck.kind]
    kind = "text/html" if body.startswith(b"<") else "application/json"
    return web.Response(status=status, body=body, headers=headers, content_type=kind)


async def _drip(request: web.Request, seconds: float, rows: list[dict[str, Any]]) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "application/json"})
    await answer.prepare(request)
    for byte in orjson.dumps(rows):
        await asyncio.sleep(seconds)
        await answer.write(bytes([byte]))
    return answer


async def control_read(request: web.Request) -> web.Response:
    """Tell the setting, and what was sold how often."""
    world = request.app[WORLD]
    sold = {service: dict(counts) for service, counts in world.sold.items()}
    return web.json_response({"setting": world.setting.model_dump(mode="json"), "sold": sold, "calls": world.calls})


async def control_write(request: web.Request) -> web.Response:
    """Change members of the scenario."""
    request.app[WORLD].change(await request.json())
    return await control_read(request)


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        found = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _unknown(request: web.Request, fields: dict[str, Any]) -> bool:
    login = request.headers.get("loginId") or str(fields.get("loginId", ""))
    return login != request.app[WORLD].login_id


def _day(text: str) -> date:
    for shape in _DATES:
        try:
            return datetime.strptime(text, shape).date()  # noqa: DTZ007 a day has no zone
        except ValueError:
            continue
    raise ValueError(text)


def _json_answer(rows: list[dict[str, Any]]) -> web.Response:
    return web.Response(body=orjson.dumps(rows), content_type="application/json")
