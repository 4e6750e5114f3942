"""The circuit breaker before every provider, shared by all processes through Redis.

A provider that fails is left alone for a while instead of being asked by everybody: at least ``failures`` failures that
make up ``share`` of the last ``last`` calls of ``within_s`` open the circuit for ``open_s``, and each probe that fails
doubles that, up to ``longest_s``. When the time is over one call of all processes goes through, the probe: its success
closes the circuit. An answer that blames us (4xx) or asks us to slow down (429) shows that the provider is alive.

While the last call that a process knows of has failed, it makes one call at a time. So from the moment at which a
provider breaks, no more than ``failures`` calls begin, and one a process, besides those under way.

Is Redis away, each process keeps a circuit of its own, by the same rules.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple, ParamSpec, TypeVar
from uuid import uuid4

import structlog

from leadflow.kernel.circuits import POLICY, Alone, Circuit, Policy, Store, View

log = structlog.get_logger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

GLANCE_S = 0.25
"""How old a process's view of the circuit may be, and how long it keeps successes to itself."""
STEP_S = 0.02
"""How often a call that waits for another of its process looks again."""


class Shut(Exception):
    """The circuit is open: nothing was asked of the provider."""

    def __init__(self, name: str, wait_s: float) -> None:
        super().__init__(f"{name} is left alone for another {wait_s:.0f} s")
        self.wait_s = wait_s


class Call:
    """One call under way; whoever makes it says how it went. Not said: nothing was learnt of the provider."""

    def __init__(self, token: str, *, alone: bool) -> None:
        self.token, self.alone = token, alone
        self.well: bool | None = None

    def good(self) -> None:
        """The provider answered, whatever it said."""
        self.well = True

    def bad(self) -> None:
        """The provider failed: no connection, no whole answer, or 5xx."""
        self.well = False


class _Way:
    """The way of one call from the thread that lets it go to who waits for it, and may be cut at any moment of it.

    Whoever of the two comes last knows of the other: a call that is let go for nobody has to be let go of again, or
    every other call of this process would wait for it for ever.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cut = False
        self._call: Call | None = None

    def arrive(self, call: Call | None) -> bool:
        """Bring the call; False: nobody waits for it any more."""
        with self._lock:
            self._call = call
            return not self._cut

    def cut(self) -> Call | None:
        """Wait no longer; answer the call that has arrived all the same."""
        with self._lock:
            self._cut = True
            return self._call


class Breaker:
    """The circuit of one operation of one provider, as this process sees it.

    Args:
        provider: as ``twilio``.
        operation: as ``messages``.
        policy: when it opens and closes.
        store: another place than this process's, for tests.
        tick: seconds that only grow.
    """

    def __init__(
        self,
        provider: str,
        operation: str,
        policy: Policy = POLICY,
        store: Store | None = None,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self.provider, self.operation, self.policy = provider, operation, policy
        self.name = f"{provider}:{operation}"
        self._own_store, self._tick = store, tick
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Begin anew, as a process that has made no call."""
        self._trusted = self._busy = False
        self._good = 0
        # When somebody last began to look, and to tell.
        self._seen_at = self._told_at = float("-inf")

    @property
    def _store(self) -> Store:
        return self._own_store or _store

    @property
    def trusted(self) -> bool:
        """Whether the last call of this process that told something went well."""
        return self._trusted

    def view(self) -> View:
        """Look at the circuit."""
        view = self._store.look(self.name)
        if view.well:
            self._trusted = True
        return view

    def shall_feel(self) -> bool:
        """Say whether this process shall ask the provider, by a call that does nothing, whether it lives."""
        return self._store.feel(self.name, self.policy)

    def felt(self) -> None:
        """The provider lives again, as far as such a call can tell: let the probe go."""
        self._store.felt(self.name)

    @asynccontextmanager
    async def calling(self) -> AsyncGenerator[Call]:
        """Make one call from an event loop, which never waits for Redis.

        Raises:
            Shut: the circuit is open.
        """
        one = self._pass()
        while one is None:
            one = None if self._held() else await self._entered()
            if one is None:
                await asyncio.sleep(STEP_S)
        try:
            yield one
        finally:
            if not self._keep(one):
                await asyncio.shield(_in_thread(self._leave, one))

    async def _entered(self) -> Call | None:
        way = _Way()
        try:
            return await _in_thread(self._enter_by, way)
        except asyncio.CancelledError:
            if (one := way.cut()) is not None:
                _in_thread(self._leave, one)
            raise

    def _enter_by(self, way: _Way) -> Call | None:
        one = self._enter()
        if not way.arrive(one) and one is not None:
            self._leave(one)
        return one

    def _held(self) -> bool:
        return self._busy and not self._trusted

    def _pass(self) -> Call | None:
        """Let a call go without a look: this process's last went well, and its view is fresh, or being renewed.

        Of hundreds of calls that begin when the view has grown old, one renews it: were all to, each would wait for
        Redis in a thread of its own, four times a second.
        """
        if not self._trusted:
            return None
        with self._lock:
            now = self._tick()
            if now - self._seen_at >= GLANCE_S:
                self._seen_at = now
                return None
        return Call("", alone=False)

    def _enter(self) -> Call | None:
        """Let a call go; None while another call of this process has to show first how the provider does."""
        with self._lock:
            if self._held():
                return None
            alone = not self._trusted
            self._busy = self._busy or alone
        token = uuid4().hex
        view = self._store.ask(self.name, self.policy, token)
        self._seen_at = self._tick()
        if view.state is Circuit.OPEN:
            with self._lock:
                self._trusted = False
                self._busy = self._busy and not alone
            raise Shut(self.name, view.wait_s)
        if view.well:
            self._trusted = True
        return Call(token if view.state is Circuit.PROBE else "", alone=alone)

    def _keep(self, one: Call) -> bool:
        """Keep a success to ourselves for a moment; False when it has to be told now, with those kept."""
        if not one.well or one.token or one.alone:
            return False
        with self._lock:
            now = self._tick()
            if now - self._told_at > GLANCE_S:
                self._told_at = now
                return False
            self._good += 1
        return True

    def _leave(self, one: Call) -> None:
        with self._lock:
            good, self._good = self._good, 0
            if one.well is not None:
                self._trusted = one.well
        try:
            if one.token:
                self._probed(one)
            elif one.well is not None or good:
                view = self._store.tell(
                    self.name, self.policy, good + int(one.well is True), int(one.well is False), ""
                )
                self._told_at = self._seen_at = self._tick()
                if view.state is Circuit.OPEN:
                    self._trusted = False
                    if one.well is False and view.opened_s == 0:
                        log.error("breaker.opened", provider=self.provider, operation=self.operation)
        finally:
            if one.alone:
                with self._lock:
                    self._busy = False

    def _probed(self, one: Call) -> None:
        view = self._store.tell(self.name, self.policy, int(one.well is True), int(one.well is False), one.token)
        self._told_at = self._seen_at = self._tick()
        if view.state is Circuit.CLOSED:
            log.info("breaker.closed", provider=self.provider, operation=self.operation)


def _in_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[R]:
    """Begin ``work`` in a thread. Unlike the task of ``asyncio.to_thread``, it is not forgotten where a loop ends."""
    within = partial(contextvars.copy_context().run, work, *args, **kwargs)
    return asyncio.get_running_loop().run_in_executor(None, within)


# This process's


class Standing(NamedTuple):
    """A circuit, for people."""

    provider: str
    operation: str
    view: View


_store: Store = Alone()
_known: dict[str, Breaker] = {}


def of(provider: str, operation: str, policy: Policy = POLICY) -> Breaker:
    """Answer this process's breaker of an operation; the same one whoever asks."""
    name = f"{provider}:{operation}"
    return _known.setdefault(name, Breaker(provider, operation, policy))


def install(store: Store) -> None:
    """Keep circuits there, as ``leadflow.process`` says at the start of each process; what was seen is forgotten."""
    global _store  # noqa: PLW0603 one a process
    _store = store
    for one in _known.values():
        one.forget()


def standings() -> tuple[Standing, ...]:
    """Look at every circuit that this process knows."""
    return tuple(Standing(one.provider, one.operation, one.view()) for one in _known.values())
