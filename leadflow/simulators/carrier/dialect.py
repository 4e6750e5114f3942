"""Twilio's words: message documents, error documents, test numbers, signatures, segments.

Written from the public documentation and independent of the application, which must agree with it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

API_VERSION = "2010-04-01"

ERRORS: dict[int, tuple[int, str]] = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    21211: (400, "Invalid 'To' Phone Number"),
    21212: (400, "Invalid From Number"),
    21408: (
        400,
        "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
    ),
    21602: (400, "Message body is required"),
    21604: (400, "A 'To' phone number is required."),
    21603: (400, "A 'From' phone number is required."),
    21606: (
        400,
        "The 'From' phone number provided is not a valid message-capable phone number",
    ),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (
        429,
        "This 'From' number has exceeded the maximum number of queued messages",
    ),
    21612: (
        400,
        "Message cannot be sent with the current combination of 'To' and/or 'From' parameters",
    ),
    21614: (400, "'To' number is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
}
"""Code to HTTP status and text. https://www.twilio.com/docs/api/errors"""

TEST_TO = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
"""Recipients that always fail. https://www.twilio.com/docs/iam/test-credentials"""

TEST_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
"""Senders that always fail; +15005550006 is the one that works. Same page."""

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
"""Words that the carrier itself honours when they are the whole message."""

START_WORDS = frozenset({"START", "UNSTOP", "YES"})

CONFIRMATION = (
    "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe."
)
"""What the carrier itself answers to an opt-out."""

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")
BASIC_PLANE = 0xFFFF
"""The last character that UTF-16 writes in one unit; UCS-2 texts count units."""
MAX_BODY = 1600
"""Characters. https://www.twilio.com/docs/api/errors/21617"""


@dataclass(slots=True)
class Sms:
    """One message as the carrier knows it."""

    sid: str
    account: str
    to: str
    from_: str
    body: str
    callback: str
    status: str
    direction: str
    created: datetime
    updated: datetime
    sent: datetime | None = None
    error_code: int | None = None


def segments(body: str) -> int:
    """Count the parts a text is billed as: 160/153 septets in GSM-7, 70/67 code units in UCS-2."""
    if all(letter in GSM_BASIC or letter in GSM_EXTENDED for letter in body):
        sizes, one, many = (
            [2 if letter in GSM_EXTENDED else 1 for letter in body],
            160,
            153,
        )
    else:
        sizes, one, many = [2 if ord(letter) > BASIC_PLANE else 1 for letter in body], 70, 67
    if sum(sizes) <= one:
        return 1
    parts, room = 1, many
    for size in sizes:
        if size > room:
            parts, room = parts + 1, many
        room -= size
    return parts


def document(sms: Sms) -> dict[str, Any]:
    """Write a message as the API does."""
    uri = f"/{API_VERSION}/Accounts/{sms.account}/Messages/{sms.sid}.json"
    return {
        "account_sid": sms.account,
        "api_version": API_VERSION,
        "body": sms.body,
        "date_created": stamp(sms.created),
        "date_sent": stamp(sms.sent),
        "date_updated": stamp(sms.updated),
        "direction": sms.direction,
        "error_code": sms.error_code,
        "error_message": None,
        "from": sms.from_,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": str(segments(sms.body)),
        "price": None,
        "price_unit": "USD",
        "sid": sms.sid,
        "status": sms.status,
        "subresource_uris": {"media": uri.replace(".json", "/Media.json")},
        "to": sms.to,
        "uri": uri,
    }


def stamp(at: datetime | None) -> str | None:
    """Write an instant as RFC 2822."""
    return None if at is None else format_datetime(at)


def error(code: int) -> tuple[int, dict[str, Any]]:
    """Answer the HTTP status and the body of an error."""
    status, message = ERRORS[code]
    more = f"https://www.twilio.com/docs/errors/{code}"
    return status, {
        "code": code,
        "message": message,
        "more_info": more,
        "status": status,
    }


def page(messages: list[Sms], number: int, size: int, path: str, query: Mapping[str, str]) -> dict[str, Any]:
    """Cut one page out of a list, newest first, with the neighbours' addresses."""
    chosen = messages[number * size : (number + 1) * size]

    def address(index: int) -> str:
        return f"{path}?{urlencode({**query, 'PageSize': str(size), 'Page': str(index)})}"

    more = len(messages) > (number + 1) * size
    return {
        "messages": [document(sms) for sms in chosen],
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + max(len(chosen) - 1, 0),
        "uri": address(number),
        "first_page_uri": address(0),
        "previous_page_uri": address(number - 1) if number else None,
        "next_page_uri": address(number + 1) if more else None,
    }


def sign(token: str, url: str, fields: Mapping[str, str]) -> str:
    """Sign a webhook: HMAC-SHA1 of the address and the sorted fields, base64.

    https://www.twilio.com/docs/usage/webhooks/webhooks-security
    """
    text = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def status_form(sms: Sms, status: str, error_code: int | None) -> dict[str, str]:
    """Fill in a status callback; ``ErrorCode`` only where there is one."""
    form = {
        "AccountSid": sms.account,
        "ApiVersion": API_VERSION,
        "From": sms.from_,
        "MessageSid": sms.sid,
        "MessageStatus": status,
        "SmsSid": sms.sid,
        "SmsStatus": status,
        "To": sms.to,
    }
    return form if error_code is None else {**form, "ErrorCode": str(error_code)}


def inbound_form(sms: Sms, opt_out: str | None) -> dict[str, str]:
    """Fill in an inbound webhook; ``OptOutType`` only where the account has advanced opt-out."""
    form = {
        "AccountSid": sms.account,
        "ApiVersion": API_VERSION,
        "Body": sms.body,
        "From": sms.from_,
        "FromCountry": "US",
        "MessageSid": sms.sid,
        "NumMedia": "0",
        "NumSegments": str(segments(sms.body)),
        "SmsMessageSid": sms.sid,
        "SmsSid": sms.sid,
        "SmsStatus": "received",
        "To": sms.to,
        "ToCountry": "US",
    }
    return form if opt_out is None else {**form, "OptOutType": opt_out}
