"""The HTTP face: Twilio's Messages resource, and a control endpoint for loopback only."""

from __future__ import annotations

import asyncio
import base64
import hmac
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import web

from leadflow.simulators.carrier import dialect
from leadflow.simulators.carrier.dialect import Sms
from leadflow.simulators.carrier.scenario import Fault, FaultKind, Scenario, accepts
from leadflow.simulators.carrier.world import Barrier, World

WORLD = web.AppKey("world", World)
MESSAGES = f"/{dialect.API_VERSION}/Accounts/{{account}}/Messages.json"
MESSAGE = f"/{dialect.API_VERSION}/Accounts/{{account}}/Messages/{{sid}}.json"
MAX_PAGE = 1000


def application(world: World) -> web.Application:
    """Assemble the server around ``world``."""
    app = web.Application()
    app[WORLD] = world
    app.router.add_post(MESSAGES, create)
    app.router.add_get(MESSAGES, index)
    app.router.add_get(MESSAGE, fetch)
    app.router.add_get("/__control", control_read)
    app.router.add_post("/__control", control_write)
    app.router.add_post("/__control/barrier", barrier_close)
    app.router.add_get("/__control/barrier", barrier_wait)
    app.router.add_delete("/__control/barrier", barrier_open)
    app.router.add_post("/__control/clock", clock_move)
    app.router.add_post("/__control/inbound", inbound)
    app.router.add_post("/__control/storm", storm)
    return app


# The API


async def create(request: web.Request) -> web.StreamResponse:
    """POST Messages: take, refuse or strike one message."""
    world = request.app[WORLD]
    begun = world.now()
    raw = await request.read()
    if not authorised(request):
        return failure(20003)
    form = dict(parse_qsl(raw.decode(), keep_blank_values=True))
    struck_by = world.fault(form.get("To", ""))
    if world.setting.latency_ms:
        await asyncio.sleep(world.setting.latency_ms / 1000)
    if (code := world.refusal(form)) is not None:
        await world.refuse(form, code, None, begun)
        return failure(code, 1 if code == 20429 else None)  # noqa: PLR2004 Twilio's code
    if struck_by is not None:
        return await strike(request, form, struck_by, begun)
    sms = await world.accept(form, None, begun)
    if world.barrier is not None:
        await world.barrier.stand(port_of(request))
    if request.transport is None or request.transport.is_closing():
        await world.unread(sms)
    return created(sms)


def port_of(request: web.Request) -> int:
    """Say from which port a request came; 0 when the caller is gone."""
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    return int(peer[1]) if peer else 0


async def strike(request: web.Request, form: dict[str, str], struck_by: Fault, begun: datetime) -> web.StreamResponse:
    """Let one request go wrong, whether or not the message was taken."""
    world = request.app[WORLD]
    sms = None
    if accepts(world.setting, struck_by, form["To"]):
        earlier = list(world.messages)
        sms = await world.accept(form, struck_by, begun)
        if struck_by.kind is FaultKind.SAME_SID and earlier:
            return created(world.messages[earlier[0]])
    else:
        await world.refuse(form, None, struck_by, begun)
    return await misbehave(request, struck_by, sms)


async def misbehave(request: web.Request, struck_by: Fault, sms: Sms | None) -> web.StreamResponse:
    """Answer wrongly, slowly, or not at all."""
    match struck_by.kind:
        case FaultKind.RATE_LIMITED:
            return failure(20429, struck_by.retry_after_s)
        case FaultKind.UNAUTHORISED:
            return failure(20003)
        case FaultKind.BROKEN_JSON:
            return web.Response(status=201, body=b'{"sid": "SM', content_type="application/json")
        case FaultKind.ERROR_500 | FaultKind.ERROR_502 | FaultKind.UNAVAILABLE:
            return broken(struck_by)
        case _:
            return await stall(request, struck_by, sms)


async def stall(request: web.Request, struck_by: Fault, sms: Sms | None) -> web.StreamResponse:
    """Answer too slowly, or cut the connection."""
    if struck_by.kind is FaultKind.DRIP:
        return await drip(request, struck_by, sms)
    if struck_by.kind is FaultKind.SILENCE:
        await asyncio.sleep(struck_by.seconds)
    elif request.transport is not None:
        request.transport.abort()
    return web.Response(status=500) if sms is None else created(sms)


def broken(struck_by: Fault) -> web.Response:
    """Answer with a server error that is not JSON, as proxies do."""
    statuses = {
        FaultKind.ERROR_500: 500,
        FaultKind.ERROR_502: 502,
        FaultKind.UNAVAILABLE: 503,
    }
    after = struck_by.retry_after_s
    headers = {} if after is None else {"Retry-After": str(after)}
    return web.Response(status=statuses[struck_by.kind], text="<html>error</html>", headers=headers)


async def drip(request: web.Request, struck_by: Fault, sms: Sms | None) -> web.StreamResponse:
    """Answer one byte at a time."""
    text = orjson.dumps({} if sms is None else dialect.document(sms))
    answer = web.StreamResponse(status=201, headers={"Content-Type": "application/json"})
    answer.content_length = len(text)
    await answer.prepare(request)
    for byte in text:
        await asyncio.sleep(struck_by.seconds)
        await answer.write(bytes([byte]))
    return answer


async def index(request: web.Request) -> web.Response:
    """GET Messages: newest first, filtered by To, From and DateSent (also ``DateSent>`` and ``DateSent<``)."""
    if not authorised(request):
        return failure(20003)
    query = dict(request.query)
    found = [sms for sms in request.app[WORLD].listed(query.get("To"), query.get("From")) if sent_within(sms, query)]
    size = min(int(query.pop("PageSize", "50")), MAX_PAGE)
    number = int(query.pop("Page", "0"))
    return answer_json(200, dialect.page(found, number, size, request.path, query))


async def fetch(request: web.Request) -> web.Response:
    """GET one message."""
    if not authorised(request):
        return failure(20003)
    sms = request.app[WORLD].messages.get(request.match_info["sid"])
    return failure(20404) if sms is None else answer_json(200, dialect.document(sms))


def sent_within(sms: Sms, query: dict[str, str]) -> bool:
    """Say whether the message's sending date (UTC) fits the filters; an unsent message fits none."""
    day = sms.sent.date().isoformat() if sms.sent else None
    tests = {
        "DateSent": lambda asked: day == asked,
        "DateSent>": lambda asked: day is not None and day >= asked,
        "DateSent<": lambda asked: day is not None and day <= asked,
    }
    return all(test(query[name]) for name, test in tests.items() if name in query)


def authorised(request: web.Request) -> bool:
    """Check HTTP Basic credentials and that the address names the same account."""
    account = request.app[WORLD].account
    expected = base64.b64encode(f"{account.sid}:{account.token}".encode()).decode()
    given = request.headers.get("Authorization", "").removeprefix("Basic ")
    same = hmac.compare_digest(given.encode(), expected.encode())
    return same and request.match_info["account"] == account.sid


def created(sms: Sms) -> web.Response:
    """Answer 201 with the message as it was taken: queued."""
    return answer_json(201, {**dialect.document(sms), "status": "queued", "date_sent": None})


def failure(code: int, retry_after_s: int | None = None) -> web.Response:
    """Answer an error document."""
    status, body = dialect.error(code)
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return web.Response(
        status=status,
        body=orjson.dumps(body),
        content_type="application/json",
        headers=headers,
    )


def answer_json(status: int, body: dict[str, Any]) -> web.Response:
    """Answer a JSON document."""
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")


# The control endpoint


def loopback(request: web.Request) -> World:
    """Answer the world to a caller on this machine.

    Raises:
        web.HTTPForbidden: the caller is elsewhere.
    """
    if request.remote not in {"127.0.0.1", "::1"}:
        raise web.HTTPForbidden
    return request.app[WORLD]


async def control_read(request: web.Request) -> web.Response:
    """GET: the scenario and a count of messages by status."""
    world = loopback(request)
    counts: dict[str, int] = {}
    for sms in world.messages.values():
        counts[sms.status] = counts.get(sms.status, 0) + 1
    return answer_json(200, {"scenario": world.setting.model_dump(mode="json"), "messages": counts})


async def control_write(request: web.Request) -> web.Response:
    """POST: replace members of the scenario."""
    world = loopback(request)
    try:
        changes = orjson.loads(await request.read())
        world.setting = Scenario.model_validate({**world.setting.model_dump(), **changes})
    except ValueError as error:
        return answer_json(422, {"error": str(error)})
    return await control_read(request)


async def barrier_close(request: web.Request) -> web.Response:
    """POST ``{"skip": n, "count": k}``: after ``n`` accepted messages hold up to ``k`` answers."""
    world = loopback(request)
    asked = orjson.loads(await request.read())
    if world.barrier is not None:
        world.barrier.opened.set()
    world.barrier = Barrier(skip=int(asked.get("skip", 0)), count=int(asked["count"]))
    return answer_json(200, {"held": 0})


async def barrier_wait(request: web.Request) -> web.Response:
    """GET ``?held=k&timeout=s``: wait until ``k`` answers are held, and name their ports; 408 if they are not."""
    world = loopback(request)
    if world.barrier is None:
        return answer_json(409, {"held": 0})
    try:
        async with asyncio.timeout(float(request.query.get("timeout", "10"))):
            held = await world.barrier.reached(int(request.query.get("held", "0")))
    except TimeoutError:
        return answer_json(408, {"held": world.barrier.held})
    return answer_json(200, {"held": held, "ports": world.barrier.ports})


async def barrier_open(request: web.Request) -> web.Response:
    """DELETE: answer everybody who waits."""
    world = loopback(request)
    held = 0
    if world.barrier is not None:
        world.barrier.opened.set()
        held, world.barrier = world.barrier.held, None
    return answer_json(200, {"held": held})


async def clock_move(request: web.Request) -> web.Response:
    """POST ``{"shift_s": n}``: let the clock run so far ahead of the machine's."""
    world = loopback(request)
    asked = orjson.loads(await request.read())
    world.move_clock(timedelta(seconds=float(asked["shift_s"])))
    return answer_json(200, {"now": world.now().isoformat()})


async def inbound(request: web.Request) -> web.Response:
    """POST ``{"from", "to", "body"}``: a person texts us now; answers the webhook's status and milliseconds."""
    world = loopback(request)
    asked = orjson.loads(await request.read())
    begun = asyncio.get_running_loop().time()
    answer = await world.receive(asked["from"], asked["to"], asked["body"])
    took = (asyncio.get_running_loop().time() - begun) * 1000
    return answer_json(200, {"answer": answer, "milliseconds": round(took, 1)})


async def storm(request: web.Request) -> web.Response:
    """POST ``{"count", "body"}``: that many recipients text the same at once."""
    world = loopback(request)
    asked = orjson.loads(await request.read())
    pairs = world.recipients()[: int(asked["count"])]
    texts = [world.receive(person, ours, asked.get("body", "STOP")) for person, ours in pairs]
    answers = await asyncio.gather(*texts)
    return answer_json(200, {"sent": len(answers), "ok": sum(one in {200, 204} for one in answers)})
