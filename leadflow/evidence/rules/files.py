"""Names of a pack's files, and how rows, tables and the manifest are written: one way only, harmless to open. Pure."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from leadflow.evidence.types import Heading, Scope

FORMAT = 1
"""Shape of the pack; grows when a file changes its meaning."""
MANIFEST, MANIFEST_SUM = "manifest.json", "manifest.sha256"
README, VERIFIER, HTML, PDF = "README.txt", "verify.py", "summary.html", "summary.pdf"
RECEIPTS, EVENTS = "record/receipts.jsonl", "record/events.jsonl"
SEALS, ANCHORS = "record/seals.jsonl", "record/anchors.jsonl"
DECISIONS = "decisions"
ROWS: Mapping[str, str] = {
    "people": "ledger/people.jsonl",
    "phones": "ledger/phones.jsonl",
    "consents": "ledger/consents.jsonl",
    "suppressions": "ledger/suppressions.jsonl",
    "scrubs": "ledger/scrubs.jsonl",
    "messages": "messages/outbound.jsonl",
    "deliveries": "messages/deliveries.jsonl",
    "inbound": "messages/inbound.jsonl",
}
"""Where the rows of each query stand."""
_ENDINGS: Mapping[str, str] = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "text/plain": "txt",
    "message/rfc822": "eml",
}


def artefact(sha256: str, media_type: str) -> str:
    """Name the file of a document by what it holds, never by what somebody called it."""
    return f"ledger/artefacts/{sha256}.{_ENDINGS.get(media_type, 'bin')}"


TABLES: Mapping[str, tuple[str, ...]] = {
    "decisions": (
        *("at", "e164", "verdict", "reasons", "later_at", "channel", "purpose", "campaign", "policy_version"),
        *("position", "id", "message_id", "digest"),
    ),
    "messages": (
        *("submitted_at", "sender", "e164", "state", "body", "segments", "error_code", "reasons", "not_before"),
        *("final_at", "carrier_sid", "id", "decision_id", "campaign_id"),
    ),
    "inbound": ("received_at", "e164", "sender", "body", "label", "suppress", "carrier_sid", "id"),
    "consents": (
        *("given_at", "e164", "channel", "basis", "purpose", "shown_text", "source", "address", "expires_at"),
        *("revoked_at", "recorded_at", "artefact_sha256", "id"),
    ),
    "suppressions": ("at", "e164", "kind", "source", "evidence", "released_at", "released_why", "id"),
    "scrubs": ("as_of", "e164", "list", "verdict", "provider", "list_version", "recorded_at", "id"),
}
"""What also comes as a table for spreadsheets, and its columns."""
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for a formula. Source: OWASP, CSV Injection."""


def filename(pack_id: UUID, of: str, at: datetime) -> str:
    """Name the zip: of our own words only, so that no name or number leads anywhere."""
    return f"evidence-{of}-{at.astimezone(UTC):%Y-%m-%d}-{pack_id.hex[-8:]}.zip"


def line(row: Mapping[str, Any]) -> bytes:
    """Write one row as canonical JSON with its line end."""
    return orjson.dumps(row, default=_plain, option=orjson.OPT_SORT_KEYS) + b"\n"


def _plain(value: Any) -> Any:  # noqa: ANN401 whatever a row holds
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def entry_line(
    position: int, entry_id: UUID, digest: bytes, chain: bytes, body: bytes, seal: int, path: Sequence[bytes]
) -> bytes:
    """Write a receipt or event with its place and its path; the body as exactly the text that was hashed."""
    row: dict[str, Any] = {
        "position": position,
        "id": entry_id,
        "digest": digest.hex(),
        "chain": chain.hex(),
        "seal": seal,
        "path": [one.hex() for one in path],
    }
    try:
        row["body"] = body.decode()
    except UnicodeDecodeError:
        # Somebody changed it. The verifier shall say so, so it comes as it is.
        row["body_base64"] = body
        return orjson.dumps(row, default=_base64, option=orjson.OPT_SORT_KEYS) + b"\n"
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS) + b"\n"


def _base64(value: bytes) -> str:
    import base64  # noqa: PLC0415 only where a record was tampered with

    return base64.b64encode(value).decode()


def table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterable[bytes]:
    """Write a table for spreadsheets: UTF-8 with its mark, every cell text, no cell a formula."""
    yield b"\xef\xbb\xbf" + _cells(columns)
    for row in rows:
        yield _cells([cell(row.get(name)) for name in columns])


def _cells(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()


def cell(value: Any) -> str:  # noqa: ANN401 whatever a row holds
    """Write one cell; what a spreadsheet would run gets a quote before it."""
    match value:
        case None:
            return ""
        case list() | dict():
            text = orjson.dumps(value, default=_plain).decode()
        case _:
            text = str(value)
    return f"'{text}" if text.startswith(_STARTS) else text


def query(scope: Scope) -> dict[str, Any]:
    """Name what the pack is about, so that it can be asked for again."""
    return {
        "of": scope.of.value,
        "phone": scope.e164,
        "phone_key": scope.phone_key.hex() if scope.phone_key else None,
        "person": scope.person_id,
        "campaign": scope.campaign_id,
        "from": scope.since,
        "until": scope.until,
    }


def manifest(
    heading: Heading,
    scope: Scope,
    *,
    files: Mapping[str, Mapping[str, Any]],
    told: Mapping[str, Any],
) -> bytes:
    """Name every file with its SHA-256, what was asked for, and the head of the chain."""
    document = {
        "format": FORMAT,
        "program": f"LeadFlow {heading.version}",
        "pack": heading.pack_id,
        "organization": {"id": heading.org_id, "name": heading.organization},
        "asked_at": heading.asked_at,
        "asked_by": {"id": heading.asked_by_id, "name": heading.asked_by},
        "query": query(scope),
        "files": files,
        **told,
    }
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"


def manifest_sum(content: bytes) -> bytes:
    """Write the file that the manifest itself is held against."""
    return (hashlib.sha256(content).hexdigest() + "\n").encode()
