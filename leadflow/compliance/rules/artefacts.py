"""What a document that shows a consent is, by its bytes. Pure."""

from __future__ import annotations

import re

LARGEST = 5_000_000
"""Bytes. Own choice: a scanned page is a tenth of it."""
_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_MAIL = re.compile(r"\A(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}\r?\n")
_PAGE = re.compile(r"\A\s*<(?:!doctype|html)", re.IGNORECASE)


def media_type(content: bytes) -> str | None:
    """Name what the bytes are: PDF, PNG, JPEG, a mail, a web page or plain text; None for anything else."""
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return kind
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    if "\0" in text or not text.strip():
        return None
    if _PAGE.match(text):
        return "text/html"
    return "message/rfc822" if _MAIL.match(text.replace("\r\n", "\n")) else "text/plain"
