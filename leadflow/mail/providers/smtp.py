"""Hands a mail to a server by SMTP (RFC 5321), encrypted unless the server is this machine (RFC 8314)."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from leadflow.kernel.errors import Permanent, Transient
from leadflow.mail.rules import may_be_plain

TRIES = 3
"""At once, for what passes in seconds; after them the job waits longer."""
TIMEOUT_S = 20
_FINAL = 500


def hand_over(url: str, mail: EmailMessage, *, pause_s: float = 0.5) -> None:
    """Give a mail to the server.

    Args:
        url: ``smtps://user:password@host:465`` or ``smtp://…:587``.
        mail: the mail.
        pause_s: before the second try; doubles with each.

    Raises:
        Transient: the server is away, busy, or does not let us in; nothing was taken, as far as we know.
        Permanent: the server refuses this mail for good.
    """
    tries = Retrying(
        stop=stop_after_attempt(TRIES),
        wait=wait_exponential(multiplier=pause_s, max=4),
        retry=retry_if_exception_type(Transient),
        reraise=True,
    )
    tries(_once, url, mail)


def _once(url: str, mail: EmailMessage) -> None:
    try:
        server = _open(url)
        try:
            server.send_message(mail)
        finally:
            # The mail was taken or refused by now; how the server says goodbye changes neither.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
    except smtplib.SMTPAuthenticationError as error:
        raise Transient(f"The mail server does not let us sign in ({error.smtp_code}). Check LF_SMTP_URL.") from None
    except smtplib.SMTPRecipientsRefused as error:
        raise _refusal(max(code for code, _ in error.recipients.values())) from None
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code) from None
    except smtplib.SMTPNotSupportedError:
        raise Transient("The mail server offers no encryption (STARTTLS) or no sign-in; mail is not sent so.") from None
    except (smtplib.SMTPException, OSError) as error:
        raise Transient(f"The mail server cannot be reached ({type(error).__name__}).") from None


def _refusal(code: int) -> Transient | Permanent:
    """Tell "not now" (4yz) from "never" (5yz); RFC 5321, 4.2.1. The server's words may hold addresses: not kept."""
    if code >= _FINAL:
        return Permanent(f"The mail server refuses this mail ({code}).")
    return Transient(f"The mail server does not take this mail now ({code}).")


def _open(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "smtps"
    trusted = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_S, context=trusted)
        if secure
        else smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT_S)
    )
    try:
        server.ehlo()
        if not secure and (server.has_extn("starttls") or not may_be_plain(host)):
            server.starttls(context=trusted)
            server.ehlo()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server
