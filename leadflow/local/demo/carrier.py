"""A carrier inside this process, for the minutes in which the demonstration's past is made.

It speaks just enough of Twilio's dialect for our adapter, over HTTP on loopback, and reaches nobody. What became of a
text is told through our own webhooks, signed as Twilio signs them: the same way in as in real life.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from twilio.request_validator import RequestValidator

from leadflow.kernel.db import Database
from leadflow.messaging import service as messaging
from leadflow.messaging.service.carriers import INBOUND_PATH, configured
from leadflow.messaging.types import Webhook

FATES = (
    *(("delivered", None),) * 46,
    ("undelivered", 30003),
    ("undelivered", 30005),
    ("undelivered", 30006),
    ("undelivered", 30007),
)
"""What becomes of a text, each as often as it stands here: unreachable, unknown, landline, filtered."""
REFUSED_ONE_IN = 60
"""One in so many numbers is refused at once, as no valid number."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A text that the carrier took."""

    sid: str
    to: str
    sender: str
    body: str
    callback: str
    """Path and query of the address that it names for reports."""


@dataclass
class Line:
    """The carrier's side: what was posted, and how it calls us."""

    token: str
    public_url: str
    posted: list[Posted] = field(default_factory=list[Posted])
    told: int = 0
    """How many of the posted texts have been reported on."""
    _numbers: Any = field(default_factory=lambda: count(1))

    def take(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Answer a POST of a message."""
        if _spin(form["To"], REFUSED_ONE_IN) == 0:
            return 400, {"code": 21211, "message": "Invalid 'To' Phone Number", "status": 400}
        sid = "SM" + hashlib.sha256(form["StatusCallback"].encode()).hexdigest()[:32]
        address = urlsplit(form["StatusCallback"])
        self.posted.append(Posted(sid, form["To"], form["From"], form["Body"], f"{address.path}?{address.query}"))
        return 201, {"sid": sid, "status": "queued", "num_segments": "0", "to": form["To"], "from": form["From"]}

    def report(self, db: Database) -> int:
        """Tell us, through our own webhook, what became of the texts that were posted since; answers how many."""
        fresh = self.posted[self.told :]
        self.told = len(self.posted)
        for one in fresh:
            status, code = FATES[_spin(one.to + one.sid, len(FATES))]
            params = {"MessageSid": one.sid, "MessageStatus": status, "To": one.to, "From": one.sender}
            messaging.status_callback(
                db, self._signed(one.callback, params | ({"ErrorCode": str(code)} if code else {}))
            )
        return len(fresh)

    def says(self, db: Database, sender: str, to: str, body: str) -> bool:
        """Let somebody answer one of our numbers."""
        sid = "SM" + hashlib.sha256(f"{sender}{to}{body}{next(self._numbers)}".encode()).hexdigest()[:32]
        params = {"MessageSid": sid, "From": sender, "To": to, "Body": body, "NumMedia": "0"}
        return messaging.inbound(db, self._signed(INBOUND_PATH, params))

    def _signed(self, target: str, params: dict[str, str]) -> Webhook:
        signature = RequestValidator(self.token).compute_signature(self.public_url + target, params)
        return Webhook(target=target, params=params, signature=signature)


def _spin(text: str, sides: int) -> int:
    """Throw a die that falls the same way for the same text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % sides


@contextmanager
def open_line(token: str = "demonstration-only-token") -> Generator[Line]:  # noqa: S107 lives as long as this process's loopback server
    """Be this process's carrier until the end of the block; then the configured one is back."""
    before = configured()
    line = Line(before.auth_token or token, before.public_url)
    server = _Exchange(("127.0.0.1", 0), _handler(line))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    messaging.configure(
        replace(
            before,
            api_url=f"http://127.0.0.1:{server.server_port}",
            account_sid=before.account_sid or "ACdemonstration",
            auth_token=line.token,
        )
    )
    try:
        yield line
    finally:
        messaging.configure(before)
        server.shutdown()
        server.server_close()


class _Exchange(ThreadingHTTPServer):
    """Answers each connection in a thread of its own."""

    daemon_threads = True
    # A batch knocks at once; whoever does not fit into the usual queue of five knocks again a second later.
    request_queue_size = 256


def _handler(line: Line) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers our adapter."""

        protocol_version = "HTTP/1.1"
        # Head and body leave together: apart, each answer waits 40 ms until the reader has confirmed the head.
        wbufsize = -1

        def do_POST(self) -> None:
            """Take a message."""
            form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode())
            status, document = line.take({name: values[0] for name, values in form.items()})
            body = orjson.dumps(document)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 the base class names it so
            """Keep quiet."""

    return Handler
