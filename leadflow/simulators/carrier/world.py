"""The carrier's memory and the life of each message: acceptance, status callbacks, the people who answer."""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import aiohttp

from leadflow.simulators.carrier import dialect, scenario
from leadflow.simulators.carrier.clock import MovableClock
from leadflow.simulators.carrier.dialect import Sms
from leadflow.simulators.carrier.ledger import Ledger
from leadflow.simulators.carrier.scenario import Fault, Scenario

FINAL = frozenset({"delivered", "undelivered", "failed"})


@dataclass(frozen=True, slots=True)
class Account:
    """Who may use this carrier and where it sends inbound texts.

    Attributes:
        sid: account id (``AC…``).
        token: its auth token; signs every webhook.
        inbound_url: where inbound texts go; ``None`` drops them.
    """

    sid: str
    token: str
    inbound_url: str | None = None


@dataclass(slots=True)
class Barrier:
    """Holds answers after the message is in the ledger, until released."""

    skip: int
    count: int
    held: int = 0
    ports: list[int] = field(default_factory=list[int])
    """From which ports those came who stand here, so that a test knows which process waits."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def stand(self, port: int) -> None:
        """Wait here if it is this request's turn."""
        if self.opened.is_set() or self.held >= self.count:
            return
        if self.skip > 0:
            self.skip -= 1
            return
        self.held += 1
        self.ports.append(port)
        self.changed.set()
        await self.opened.wait()

    async def reached(self, held: int) -> int:
        """Wait until ``held`` requests stand here; answer how many do."""
        while self.held < held:
            self.changed.clear()
            await self.changed.wait()
        return self.held


class World:
    """Everything the carrier knows.

    Args:
        account: the one customer.
        setting: how the carrier and the people behave.
        ledger: its book; what it holds already is remembered.
        clock: stamps messages.
    """

    def __init__(self, account: Account, setting: Scenario, ledger: Ledger, clock: MovableClock) -> None:
        self.account = account
        self.setting = setting
        self.barrier: Barrier | None = None
        self.messages: dict[str, Sms] = {}
        self.struck: dict[tuple[scenario.FaultKind, str], int] = defaultdict(int)
        self._clock = clock
        self._ledger = ledger
        self._answered: set[str] = set()
        self._opted_out: set[tuple[str, str]] = set()
        self._pairs: dict[tuple[str, str], list[Sms]] = defaultdict(list)
        self._buckets: dict[str, tuple[float, float]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._http: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Remember what the ledger holds and go on with unfinished messages."""
        self._http = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=15),
            connector=aiohttp.TCPConnector(limit=50),
        )
        for line in self._ledger.read():
            self._recall(line)
        await self._ledger.append("start", scenario=self.setting.model_dump(mode="json"))
        for sms in list(self.messages.values()):
            if sms.direction != "inbound" and sms.status not in FINAL:
                self.go(self._live(sms))

    async def close(self) -> None:
        """Stop every life and close the book."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()
        await self._ledger.close()

    def now(self) -> datetime:
        """The carrier's present instant."""
        return self._clock.now()

    def go(self, life: Coroutine[None, None, None]) -> None:
        """Let something happen in the background."""
        task = asyncio.create_task(life)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # What the API asks

    def refusal(self, form: dict[str, str]) -> int | None:
        """Say with which code a request is refused, if it is."""
        to, sender, body = (
            form.get("To", ""),
            form.get("From", ""),
            form.get("Body", ""),
        )
        for missing, code in ((to, 21604), (sender, 21603), (body, 21602)):
            if not missing:
                return code
        if code := dialect.TEST_TO.get(to) or dialect.TEST_FROM.get(sender):
            return code
        if not is_e164(to):
            return 21211
        if len(body) > dialect.MAX_BODY:
            return 21617
        if (to, sender) in self._opted_out:
            return 21610
        return 20429 if self._too_fast(sender) else None

    def fault(self, number: str) -> Fault | None:
        """Say which fault strikes a request to ``number``, and count it."""
        found = scenario.fault(self.setting, number, self.struck)
        if found is not None:
            self.struck[found.kind, number] += 1
        return found

    async def refuse(self, form: dict[str, str], code: int | None, struck_by: Fault | None, begun: datetime) -> None:
        """Write down a request that was not accepted."""
        await self._ledger.append(
            "request",
            begun=begun.isoformat(),
            **self._facts(form),
            verdict="refused",
            code=code,
            fault=struck_by.kind if struck_by else None,
        )

    async def accept(self, form: dict[str, str], struck_by: Fault | None, begun: datetime) -> Sms:
        """Take a message whose request began to come in at ``begun``; it is in the ledger when this returns."""
        sms = self._made(form["To"], form["From"], form["Body"], form.get("StatusCallback", ""))
        await self._ledger.append(
            "request",
            begun=begun.isoformat(),
            **self._facts(form),
            verdict="accepted",
            sid=sms.sid,
            fault=struck_by.kind if struck_by else None,
        )
        if scenario.roll(self.setting.seed, "before", sms.to) < self.setting.callbacks.before_answer:
            await self._live(sms)
        else:
            self.go(self._live(sms))
        return sms

    async def unread(self, sms: Sms) -> None:
        """Write down that whoever sent a message was gone before he had his answer."""
        await self._ledger.append("unread", sid=sms.sid, to=sms.to)

    def move_clock(self, shift: timedelta) -> None:
        """Let the clock run so far ahead of the machine's from now on."""
        self._clock.shift = shift

    def listed(self, to: str | None, sender: str | None) -> list[Sms]:
        """List messages newest first; the freshest are missing for ``list_lag_s``."""
        if to and sender:
            found = self._pairs.get((to, sender), [])
        else:
            found = [
                sms
                for sms in self.messages.values()
                if (not to or sms.to == to) and (not sender or sms.from_ == sender)
            ]
        seen_until = self.now() - timedelta(seconds=self.setting.list_lag_s)
        return [sms for sms in reversed(found) if sms.created <= seen_until]

    async def receive(self, person: str, ours: str, body: str) -> int | None:
        """A person texts us; answer the webhook's HTTP status (``None``: nobody listened)."""
        sms = self._made(ours, person, body, "", direction="inbound")
        opt_out = self._opt_out(person, ours, body)
        fields = {"sid": sms.sid, "from": person, "to": ours, "body": body}
        await self._ledger.append("inbound_sent", **fields)
        answer = None
        if self.account.inbound_url is not None:
            named = opt_out if self.setting.advanced_opt_out else None
            answer = await self._post(self.account.inbound_url, dialect.inbound_form(sms, named))
        await self._ledger.append("inbound_answered", **fields, answer=answer)
        if opt_out == "STOP":
            await self._ledger.append("carrier_confirmation", to=person, **{"from": ours})
        return answer

    def recipients(self) -> list[tuple[str, str]]:
        """List the (person, our number) pairs that got a text and have not opted out, in order."""
        seen = {(sms.to, sms.from_) for sms in self.messages.values() if sms.direction != "inbound"}
        return sorted(seen - self._opted_out)

    # How a message lives

    async def _live(self, sms: Sms) -> None:
        setting, seed = self.setting.callbacks, self.setting.seed
        end = scenario.fate(self.setting, sms.to)
        steps = [
            (setting.sent_after_s, "sent", None),
            (setting.final_after_s, end.status, end.error_code),
        ]
        early = scenario.roll(seed, "before", sms.to) < setting.before_answer
        late = scenario.roll(seed, "reversed", sms.to) < setting.reversed
        begun = asyncio.get_running_loop().time()
        for after, status, code in steps:
            if not early:
                await asyncio.sleep(max(0.0, begun + after - asyncio.get_running_loop().time()))
            sms.status, sms.error_code, sms.updated = status, code, self.now()
            sms.sent = sms.sent or sms.updated
            await self._ledger.append("status", sid=sms.sid, status=status, code=code)
            if not late:
                await self._report(sms, status, code)
        for _, status, code in steps[::-1] if late else []:
            await self._report(sms, status, code)
        if end.status == "delivered":
            self.go(self._reply(sms))

    async def _report(self, sms: Sms, status: str, code: int | None) -> None:
        setting, seed = self.setting.callbacks, self.setting.seed
        if not sms.callback or scenario.roll(seed, "never", sms.to) < setting.never:
            return
        twice = scenario.roll(seed, "doubled", sms.to) < setting.doubled
        for _ in range(2 if twice else 1):
            answer = await self._post(sms.callback, dialect.status_form(sms, status, code))
            await self._ledger.append("callback", sid=sms.sid, status=status, answer=answer)

    async def _reply(self, sms: Sms) -> None:
        script = scenario.reply(self.setting, sms.to)
        if script is None or sms.to in self._answered:
            return
        self._answered.add(sms.to)
        await asyncio.sleep(script.after_s)
        await self.receive(sms.to, sms.from_, script.body)

    async def _post(self, url: str, form: dict[str, str]) -> int | None:
        if self._http is None:
            return None
        headers = {"X-Twilio-Signature": dialect.sign(self.account.token, url, form)}
        try:
            async with self._http.post(url, data=form, headers=headers) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return None

    # What it remembers

    def _made(
        self,
        to: str,
        sender: str,
        body: str,
        callback: str,
        direction: str = "outbound-api",
    ) -> Sms:
        at = self.now()
        status = "received" if direction == "inbound" else "queued"
        sid = f"SM{secrets.token_hex(16)}"
        sms = Sms(sid, self.account.sid, to, sender, body, callback, status, direction, at, at)
        self.messages[sms.sid] = sms
        self._pairs[to, sender].append(sms)
        return sms

    def _recall(self, line: dict[str, str]) -> None:
        kind, sid = line["kind"], line.get("sid") or ""
        if kind == "status" and sid in self.messages:
            self.messages[sid].status = line["status"]
        elif kind == "inbound_sent":
            self._opt_out(line["from"], line["to"], line["body"])
            self._answered.add(line["from"])
        elif kind == "request" and line["verdict"] == "accepted":
            at = datetime.fromisoformat(line["at"])
            texts = (line["to"], line["from"], line["body"], line["callback"])
            sms = Sms(sid, self.account.sid, *texts, "queued", "outbound-api", at, at)
            self.messages[sid] = sms
            self._pairs[sms.to, sms.from_].append(sms)

    def _opt_out(self, person: str, ours: str, body: str) -> str | None:
        word = body.strip().upper()
        if word in dialect.STOP_WORDS:
            self._opted_out.add((person, ours))
            return "STOP"
        if word in dialect.START_WORDS:
            self._opted_out.discard((person, ours))
            return "START"
        return "HELP" if word == "HELP" else None

    def _too_fast(self, sender: str) -> bool:
        rate = self.setting.per_sender_per_s
        if rate is None:
            return False
        at = asyncio.get_running_loop().time()
        left, since = self._buckets.get(sender, (max(rate, 1.0), at))
        left = min(max(rate, 1.0), left + (at - since) * rate)
        self._buckets[sender] = (left - 1 if left >= 1 else left, at)
        return left < 1

    def _facts(self, form: dict[str, str]) -> dict[str, str | None]:
        callback = form.get("StatusCallback", "")
        message = parse_qs(urlsplit(callback).query).get("m", [None])[0]
        return {
            "to": form.get("To", ""),
            "from": form.get("From", ""),
            "body": form.get("Body", ""),
            "callback": callback,
            "message": message,
        }


def is_e164(number: str) -> bool:
    """Say whether ``number`` looks like E.164; North American numbers have ten digits after +1."""
    digits = number.removeprefix("+")
    if not number.startswith("+") or not digits.isascii() or not digits.isdigit():
        return False
    return len(digits) == 11 if digits.startswith("1") else 8 <= len(digits) <= 15  # noqa: PLR2004 E.164 lengths
