"""Answers that are kept ready: which fields they may name. Pure."""

from __future__ import annotations

from leadflow.kernel.errors import Invalid
from leadflow.messaging.errors import UnresolvedField
from leadflow.messaging.rules.fields import MERGE_FIELDS
from leadflow.messaging.rules.templates import names


def check(body: str) -> None:
    """Refuse a template that cannot be read or that names a field nobody has.

    Raises:
        Invalid: with the field's name.
    """
    try:
        asked = names(body)
    except UnresolvedField as error:
        raise Invalid(error.message, "body") from error
    unknown = [name for name in asked if name not in MERGE_FIELDS]
    if unknown:
        known = ", ".join(MERGE_FIELDS)
        raise Invalid(f"There is no merge field called “{unknown[0]}”. Use one of: {known}.", "body")
