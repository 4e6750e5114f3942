"""Reads what the user decided about an import from the page's form."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from leadflow.imports.types import AssertedConsent, MatchKey, Options, Reading, RemovedPolicy, UpdatePolicy
from leadflow.kernel.errors import Invalid
from models.vocabulary import Basis

DAY = TypeAdapter(date)


def read_form(form: dict[str, Any], *, asserted: bool) -> Options:
    """Read the form.

    Args:
        form: names and what was typed.
        asserted: whether the user says that these people agreed.

    Raises:
        Invalid: names the field.
    """

    def text(name: str) -> str:
        return str(form.get(name) or "").strip()

    consent = None
    if asserted:
        given = _day(text("given_on"), "given_on")
        if given is None or not text("shown_text"):
            raise Invalid("Write the request exactly as the people saw it, and when they agreed.", "shown_text")
        consent = AssertedConsent(
            Basis(text("basis") or Basis.WRITTEN_CONSENT), text("shown_text"), given, text("proof"), text("purpose")
        )
    return Options(
        list_name=text("list_name") or None,
        tags=tuple(tag.strip() for tag in text("tags").split(",") if tag.strip()),
        source=text("source") or None,
        as_of=_day(text("as_of"), "as_of"),
        policy=UpdatePolicy(text("policy") or UpdatePolicy.OVERWRITE),
        consent=consent,
        state=text("state").upper() or None,
        removed=RemovedPolicy(text("removed") or RemovedPolicy.KEEP),
        keys=tuple(key for key in MatchKey if form.get(f"key_{key}")),
    )


def read_reading(form: dict[str, Any]) -> Reading:
    """Read how the user says that the file is written; what the form does not ask stays to be found out.

    Raises:
        Invalid: the row is no number.
    """
    row = str(form.get("header_row") or "").strip()
    if row and not row.isdecimal():
        raise Invalid("Write the number of the row that holds the names of the columns.", "header_row")
    words = {name: str(form.get(name) or "") or None for name in ("encoding", "sheet")}
    # A tab would not live through a form's value.
    delimiter = {"tab": "\t"}.get(str(form.get("delimiter") or ""), form.get("delimiter")) or None
    return Reading(words["encoding"], delimiter, int(row) if row else None, words["sheet"])


def _day(text: str, name: str) -> date | None:
    if not text:
        return None
    try:
        return DAY.validate_python(text)
    except ValidationError as error:
        raise Invalid("That is not a day.", name) from error
