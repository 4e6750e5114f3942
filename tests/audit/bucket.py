"""A bucket with object lock on a real socket: as much of the S3 protocol as anchors use, and its refusals.

It keeps what it was given in memory. Source: Amazon S3 API Reference (PutObject, GetObject, ListObjectsV2,
"Locking objects with Object Lock").
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

PAGE = 2
"""Keys of one page of a listing: so that every test turns pages."""


@dataclass
class LockedBucket:
    """What it holds, and how it behaves."""

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict[str, bytes])
    until: dict[str, str] = field(default_factory=dict[str, str])
    down: bool = False
    """Refuses everything as a server that has broken."""
    forgets: bool = False
    """Keeps the object and loses the answer, once."""


def _handler(bucket: LockedBucket) -> type[BaseHTTPRequestHandler]:  # noqa: C901 one protocol, a method an act
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the library's own name
            """Say nothing."""

        def _answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "application/xml")
            self.end_headers()
            self.wfile.write(body)

        def _refuse(self, status: int, code: str) -> None:
            self._answer(status, f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode())

        def _body(self) -> bytes:
            raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
                return raw
            whole = b""
            while raw:
                size, _, raw = raw.partition(b"\r\n")
                count = int(size.partition(b";")[0], 16)
                whole, raw = whole + raw[:count], raw[count + 2 :] if count else b""
            return whole

        def _known(self) -> bool:
            if bucket.down:
                self._refuse(503, "SlowDown")
            elif "AWS4-HMAC-SHA256" not in self.headers.get("Authorization", ""):
                self._refuse(403, "AccessDenied")
            else:
                return True
            return False

        def do_PUT(self) -> None:
            body = self._body()
            if not self._known():
                return
            key, checksum = unquote(urlsplit(self.path).path), self.headers.get("x-amz-checksum-sha256")
            if checksum and base64.b64decode(checksum) != hashlib.sha256(body).digest():
                self._refuse(400, "BadDigest")
            elif self.headers.get("x-amz-object-lock-mode") != "COMPLIANCE":
                self._refuse(400, "InvalidRequest")
            elif key in bucket.objects:
                self._refuse(412, "PreconditionFailed") if self.headers.get("If-None-Match") else self._refuse(
                    403, "AccessDenied"
                )
            else:
                bucket.objects[key] = body
                bucket.until[key] = self.headers["x-amz-object-lock-retain-until-date"]
                if bucket.forgets:
                    bucket.forgets = False
                    self._refuse(500, "InternalError")
                else:
                    self._answer(200)

        def do_GET(self) -> None:
            if not self._known():
                return
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if "list-type" not in asked:
                found = bucket.objects.get(unquote(parts.path))
                self._answer(200, found) if found is not None else self._refuse(404, "NoSuchKey")
                return
            root = unquote(parts.path).rstrip("/") + "/"
            after = asked.get("continuation-token", "")
            keys = sorted(key.removeprefix(root) for key in bucket.objects)
            keys = [key for key in keys if key.startswith(asked.get("prefix", "")) and key > after]
            shown, more = keys[:PAGE], len(keys) > PAGE
            rows = "".join(f"<Contents><Key>{escape(key)}</Key></Contents>" for key in shown)
            token = f"<NextContinuationToken>{escape(shown[-1])}</NextContinuationToken>" if more else ""
            truncated = f"<IsTruncated>{str(more).lower()}</IsTruncated>"
            self._answer(200, f"<ListBucketResult>{truncated}{token}{rows}</ListBucketResult>".encode())

    return Handler


@contextmanager
def serving() -> Generator[LockedBucket]:
    """Serve one bucket on a free port of this machine."""
    bucket = LockedBucket()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(bucket))
    server.daemon_threads = True
    bucket.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
