"""Where circuits are kept: in one process, or in Redis for all. ``kernel.breaker`` says what they are for."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, cast

import structlog
from redis import ConnectionError as RedisConnectionError
from redis import Redis, ResponseError
from redis import TimeoutError as RedisTimeoutError

log = structlog.get_logger(__name__)

REDIS_TIMEOUT_S = 0.5
"""A call to a provider does not wait longer for Redis."""
LEAVE_REDIS_S = 5.0
"""How long a process keeps to its own circuit after Redis did not answer."""


@dataclass(frozen=True, slots=True)
class Policy:
    """When a circuit opens and closes. Own choice, from the design of sending."""

    failures: int = 5
    share: float = 0.5
    last: int = 20
    within_s: float = 30.0
    open_s: float = 30.0
    longest_s: float = 300.0
    probe_s: float = 40.0
    """A probe that has not answered by then is lost, and another may go; longer than any call."""
    feel_s: float = 5.0
    """How often one process asks a provider that offers it whether it lives again."""


POLICY = Policy()


class Circuit(StrEnum):
    """Whether a provider is asked."""

    CLOSED = "closed"
    OPEN = "open"
    PROBE = "probe"
    """Open, and this call is the one that may try."""


class View(NamedTuple):
    """A circuit as of now."""

    state: Circuit
    wait_s: float = 0.0
    """Until the next probe, at least."""
    opened_s: float = 0.0
    """How long it has been open."""
    well: bool = False
    """The last call that was told of went well, whoever made it."""
    failures: int = 0
    """Failed calls: while closed, among the last that are kept; while open, those that opened it and failed probes."""
    good_ago_s: float | None = None
    """How long ago a call went well; None when none ever has, as far as is known."""


class Store(Protocol):
    """Where circuits are kept. ``name`` is ``provider:operation``."""

    def ask(self, name: str, policy: Policy, token: str) -> View:
        """May one call go? Takes the probe, under ``token``, where it is free."""
        ...

    def tell(self, name: str, policy: Policy, good: int, bad: int, token: str) -> View:
        """Count calls; with a ``token`` the one call was the probe. No call at all gives the probe back."""
        ...

    def look(self, name: str) -> View:
        """Look, and change nothing."""
        ...

    def feel(self, name: str, policy: Policy) -> bool:
        """Say whether this process shall ask the provider whether it lives; one of all, now and then."""
        ...

    def felt(self, name: str) -> None:
        """The provider lives: the probe may go now. Not believed any more where a probe failed all the same."""
        ...


# One process alone


@dataclass(slots=True)
class _State:
    until: float = 0.0
    """0 while closed."""
    opened: float = 0.0
    open_s: float = 0.0
    probe: str = ""
    probe_ends: float = 0.0
    feels: float = 0.0
    felt: bool = False
    deaf: bool = False
    failed: int = 0
    """Of the calls that opened it, and the probes since."""
    calls: deque[tuple[float, bool]] = field(default_factory=deque[tuple[float, bool]])


class Alone:
    """Circuits of one process.

    Args:
        tick: seconds that only grow.
    """

    def __init__(self, tick: Callable[[], float] = time.monotonic) -> None:
        self._tick = tick
        self._lock = threading.Lock()
        self._states: dict[str, _State] = {}
        self._good: dict[str, float] = {}

    def ask(self, name: str, policy: Policy, token: str) -> View:
        """See ``Store``."""
        with self._lock:
            now, one = self._tick(), self._states.setdefault(name, _State())
            view = self._view(name, one, now)
            if view.state is Circuit.CLOSED or view.wait_s > 0:
                return view
            one.probe, one.probe_ends = token, now + policy.probe_s
            return view._replace(state=Circuit.PROBE)

    def tell(self, name: str, policy: Policy, good: int, bad: int, token: str) -> View:
        """See ``Store``."""
        with self._lock:
            now, one = self._tick(), self._states.setdefault(name, _State())
            if good:
                self._good[name] = now
            if token:
                self._probed(name, one, policy, good, bad, token, now)
            elif not one.until:
                self._count(one, policy, good, bad, now)
            return self._view(name, self._states.setdefault(name, _State()), now)

    def look(self, name: str) -> View:
        """See ``Store``."""
        with self._lock:
            return self._view(name, self._states.get(name, _State()), self._tick())

    def feel(self, name: str, policy: Policy) -> bool:
        """See ``Store``."""
        with self._lock:
            now, one = self._tick(), self._states.get(name)
            if one is None or not one.until or one.deaf or now >= one.until or now < one.feels:
                return False
            one.feels = now + policy.feel_s
            return True

    def felt(self, name: str) -> None:
        """See ``Store``."""
        with self._lock:
            one = self._states.get(name)
            if one is not None and one.until and not one.deaf:
                one.felt, one.until = True, min(one.until, self._tick())

    def _view(self, name: str, one: _State, now: float) -> View:
        ago = now - self._good[name] if name in self._good else None
        if not one.until:
            failures = sum(not well for _, well in one.calls)
            return View(Circuit.CLOSED, well=bool(one.calls) and one.calls[-1][1], failures=failures, good_ago_s=ago)
        ends = one.probe_ends if one.probe and one.probe_ends > now else 0.0
        wait = max(0.0, max(one.until, ends) - now)
        return View(Circuit.OPEN, wait, now - one.opened, failures=one.failed, good_ago_s=ago)

    def _probed(self, name: str, one: _State, policy: Policy, good: int, bad: int, token: str, now: float) -> None:
        if one.probe != token:
            return
        one.probe = ""
        if good:
            del self._states[name]
        elif bad:
            one.open_s = min(one.open_s * 2, policy.longest_s)
            one.until, one.deaf, one.failed = now + one.open_s, one.felt, one.failed + 1

    @staticmethod
    def _count(one: _State, policy: Policy, good: int, bad: int, now: float) -> None:
        one.calls.extend([(now, True)] * min(good, policy.last) + [(now, False)] * bad)
        while len(one.calls) > policy.last:
            one.calls.popleft()
        recent = [well for at, well in one.calls if at > now - policy.within_s]
        failed = recent.count(False)
        if failed >= policy.failures and failed >= policy.share * len(recent):
            one.calls.clear()
            one.opened, one.open_s, one.until = now, policy.open_s, now + policy.open_s
            one.failed = failed


# All processes together

_HEAD = """
local now = tonumber(ARGV[1])
if not now then local t = redis.call('TIME'); now = t[1] * 1000 + math.floor(t[2] / 1000) end
local function view(state)
    local until_ = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
    local good = redis.call('GET', KEYS[3])
    local ago = good and math.max(0, now - tonumber(good)) or -1
    if until_ == 0 then
        local calls, failed = redis.call('LRANGE', KEYS[2], 0, -1), 0
        for _, one in ipairs(calls) do if string.sub(one, -1) == '0' then failed = failed + 1 end end
        return {'closed', 0, 0, (calls[1] and string.sub(calls[1], -1) == '1') and 1 or 0, failed, ago}
    end
    local ends = tonumber(redis.call('HGET', KEYS[1], 'probe_ends') or '0')
    return {state or 'open', math.max(0, until_ - now, ends - now),
            now - tonumber(redis.call('HGET', KEYS[1], 'opened')), 0,
            tonumber(redis.call('HGET', KEYS[1], 'failed') or '0'), ago}
end
"""
"""Times in milliseconds of Redis's own clock: the processes' may differ. ``until`` is there while it is open."""
_ASK = (
    _HEAD
    + """
local found = view()
if found[1] == 'closed' or found[2] > 0 then return found end
redis.call('HSET', KEYS[1], 'probe', ARGV[2], 'probe_ends', now + ARGV[3])
return view('probe')
"""
)
_TELL = (
    _HEAD
    + """
local good, bad, token = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local failures, share, last, within = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local open, longest = tonumber(ARGV[9]), tonumber(ARGV[10])
if good > 0 then redis.call('SET', KEYS[3], now) end
if token ~= '' then
    if redis.call('HGET', KEYS[1], 'probe') ~= token then return view() end
    redis.call('HDEL', KEYS[1], 'probe', 'probe_ends')
    if good > 0 then
        redis.call('DEL', KEYS[1], KEYS[2])
    elseif bad > 0 then
        local longer = math.min(2 * tonumber(redis.call('HGET', KEYS[1], 'open')), longest)
        redis.call('HSET', KEYS[1], 'open', longer, 'until', now + longer)
        redis.call('HINCRBY', KEYS[1], 'failed', 1)
        if redis.call('HGET', KEYS[1], 'felt') then redis.call('HSET', KEYS[1], 'deaf', 1) end
    end
elseif redis.call('HEXISTS', KEYS[1], 'until') == 0 then
    for _ = 1, math.min(good, last) do redis.call('LPUSH', KEYS[2], now .. ':1') end
    for _ = 1, math.min(bad, last) do redis.call('LPUSH', KEYS[2], now .. ':0') end
    redis.call('LTRIM', KEYS[2], 0, last - 1)
    redis.call('PEXPIRE', KEYS[2], within)
    local all, failed = 0, 0
    for _, one in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
        if tonumber(string.match(one, '^(%d+)')) > now - within then
            all = all + 1
            if string.sub(one, -1) == '0' then failed = failed + 1 end
        end
    end
    if failed >= failures and failed >= share * all then
        redis.call('DEL', KEYS[2])
        redis.call('HSET', KEYS[1], 'until', now + open, 'open', open, 'opened', now, 'failed', failed)
    end
end
return view()
"""
)
_LOOK = _HEAD + "return view()"
_FEEL = (
    _HEAD
    + """
local until_ = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
if until_ <= now or redis.call('HEXISTS', KEYS[1], 'deaf') == 1 then return 0 end
if tonumber(redis.call('HGET', KEYS[1], 'feels') or '0') > now then return 0 end
redis.call('HSET', KEYS[1], 'feels', now + ARGV[2])
return 1
"""
)
_FELT = (
    _HEAD
    + """
local until_ = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
if until_ > 0 and redis.call('HEXISTS', KEYS[1], 'deaf') == 0 then
    redis.call('HSET', KEYS[1], 'felt', 1, 'until', math.min(until_, now))
end
return 1
"""
)


class Shared:
    """Circuits in Redis, under ``cb:{provider}:{operation}``; while Redis is away, this process's own.

    Args:
        url: of Redis; connected to at the first call.
        tick: seconds that only grow, for this process's own circuits and for how long Redis is left alone.
        now_ms: tells Redis the time, in tests; else Redis asks its own clock.
    """

    def __init__(
        self, url: str, tick: Callable[[], float] = time.monotonic, now_ms: Callable[[], int] | None = None
    ) -> None:
        self._client: Any = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
            url, socket_connect_timeout=REDIS_TIMEOUT_S, socket_timeout=REDIS_TIMEOUT_S, decode_responses=True
        )
        self._scripts: dict[str, Any] = {
            name: self._client.register_script(text)
            for name, text in {"ask": _ASK, "tell": _TELL, "look": _LOOK, "feel": _FEEL, "felt": _FELT}.items()
        }
        self._alone = Alone(tick)
        self._tick, self._now_ms = tick, now_ms
        self._away_until = 0.0

    def ask(self, name: str, policy: Policy, token: str) -> View:
        """See ``Store``."""
        found = self._run("ask", name, token, int(policy.probe_s * 1000))
        return self._alone.ask(name, policy, token) if found is None else _read(found)

    def tell(self, name: str, policy: Policy, good: int, bad: int, token: str) -> View:
        """See ``Store``."""
        times = [int(seconds * 1000) for seconds in (policy.within_s, policy.open_s, policy.longest_s)]
        found = self._run("tell", name, good, bad, token, policy.failures, policy.share, policy.last, *times)
        return self._alone.tell(name, policy, good, bad, token) if found is None else _read(found)

    def look(self, name: str) -> View:
        """See ``Store``."""
        found = self._run("look", name)
        return self._alone.look(name) if found is None else _read(found)

    def feel(self, name: str, policy: Policy) -> bool:
        """See ``Store``."""
        found = self._run("feel", name, int(policy.feel_s * 1000))
        return self._alone.feel(name, policy) if found is None else bool(found)

    def felt(self, name: str) -> None:
        """See ``Store``."""
        if self._run("felt", name) is None:
            self._alone.felt(name)

    def _run(self, script: str, name: str, *values: object) -> Any:  # noqa: ANN401 whatever the script answers
        """Run a script; None when Redis is away, or was a moment ago."""
        if self._tick() < self._away_until:
            return None
        now = "" if self._now_ms is None else self._now_ms()
        try:
            return self._scripts[script](
                keys=[f"cb:{name}", f"cb:{name}:calls", f"cb:{name}:good"], args=[now, *values]
            )
        except (RedisConnectionError, RedisTimeoutError, ResponseError) as error:
            self._away_until = self._tick() + LEAVE_REDIS_S
            log.warning("breaker.alone", error=type(error).__name__)
            return None


def _read(found: Any) -> View:  # noqa: ANN401 a list of Redis's
    state, wait, opened, well, failures, ago = cast("tuple[str, int, int, int, int, int]", tuple(found))
    good_ago_s = None if ago < 0 else ago / 1000
    return View(Circuit(state), wait / 1000, opened / 1000, bool(well), failures, good_ago_s)
