"""Step three of an import, the rules; and step five, to run it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from leadflow.imports.types import MatchKey, RemovedPolicy, UpdatePolicy
from leadflow.pages.imports.state import Import
from leadflow.ui.form import button, choose, field, text_in
from models.vocabulary import Basis

BASES = [
    (Basis.WRITTEN_CONSENT, "Written consent (PEWC)"),
    (Basis.EXISTING_RELATIONSHIP, "Existing relationship, 18 months"),
    (Basis.INQUIRY, "They asked about selling, 3 months"),
]
POLICIES = [
    (UpdatePolicy.OVERWRITE, "The file wins; empty cells never do"),
    (UpdatePolicy.MERGE, "The newer value wins, by the day it was true"),
    (UpdatePolicy.FILL, "Only fill what is empty"),
    (UpdatePolicy.SKIP, "Leave leads that are there as they are"),
]
REMOVED = [
    (RemovedPolicy.KEEP, "Stay removed"),
    (RemovedPolicy.RESTORE, "Come back as they were, and take the file's values"),
    (RemovedPolicy.REPLACE, "Come back as new leads, as the file says"),
]
KEYS = [
    (MatchKey.ADDRESS, "Address and unit"),
    (MatchKey.PARCEL, "Parcel number and county"),
    (MatchKey.PHONE, "Phone number of exactly one lead"),
]


def settled() -> rx.Component:
    """Show what was decided."""
    options = Import.options

    def pair(label: str, value: Any) -> rx.Component:  # noqa: ANN401 a Var
        return rx.cond(value != "", rx.el.div(rx.el.dt(label), rx.el.dd(value)))

    return rx.el.section(
        rx.el.h2("Decided"),
        rx.el.dl(
            pair("List", options.list_name),
            pair("Tags", options.tags),
            pair("Source", options.source),
            pair("File made on", options.as_of),
            pair("Values that were there", options.policy_word),
            pair("A row is known by", options.keys_word),
            pair("Leads that were removed", options.removed_word),
            pair("Consent asserted", options.basis_word),
            class_name="pairs",
        ),
        class_name="stack tight",
    )


def form() -> rx.Component:
    """Ask for lists, tags, source, policy and consent, then run."""
    options, errors = Import.options, Import.errors
    return rx.el.form(
        rx.el.h2("3 Rules, then run"),
        field(
            "Put every lead on the list",
            text_in("list_name", default_value=options.list_name, max_length=120),
            name="list_name",
            errors=errors,
        ),
        field(
            "Tags",
            text_in("tags", default_value=options.tags, placeholder="comma between them"),
            name="tags",
            errors=errors,
        ),
        field(
            "Source, for reports",
            text_in("source", default_value=options.source, placeholder="as: PropStream, driving"),
            name="source",
            errors=errors,
        ),
        field(
            "The vendor made this file on",
            text_in("as_of", type="date", default_value=options.as_of),
            name="as_of",
            hint="Do-not-call marks count from this day.",
            errors=errors,
        ),
        field(
            "Values that are there already",
            choose(
                "policy",
                [(str(value), text) for value, text in POLICIES],
                default_value=options.policy,
            ),
            name="policy",
            hint="Do-not-call marks are added whatever you choose.",
        ),
        _keys(),
        field(
            "Leads that were removed",
            choose("removed", [(str(value), text) for value, text in REMOVED], default_value=options.removed),
            name="removed",
            hint="Texts, consents and marks against contact stay whatever you choose.",
        ),
        field(
            "State of rows that name none",
            text_in("state", default_value=options.state, max_length=2, placeholder="as: TX", size="short"),
            name="state",
            errors=errors,
        ),
        rx.el.label(
            rx.el.input(
                type="checkbox",
                id="asserted",
                name="asserted",
                # The browser ticks it at once; the form has a key of its own for each check of the file.
                default_checked=Import.asserted,
                on_change=Import.assert_consent,
                # Whoever asserts a consent does so now, not by a tick that an earlier visit left.
                custom_attrs={"data-undrafted": "1"},
            ),
            rx.el.span(
                rx.el.b("These people agreed to be texted"),
                rx.el.div("Leave it off unless you can prove it. A bought list is not consent.", class_name="dim"),
            ),
            class_name="check",
        ),
        rx.cond(Import.asserted, _consent()),
        rx.cond(errors.contains("run"), rx.el.span(errors["run"], class_name="err", role="alert")),
        button(
            rx.fragment("Run import"),
            sign="play",
            kind="primary lg block",
            type="submit",
            id="run-import",
            disabled=~Import.view.reconciles | (Import.changes.length() > 0),
        ),
        rx.el.p("Rejected rows stay in the file; download them with their reasons above.", class_name="dim"),
        on_submit=Import.run,
        class_name="stack",
        key=Import.view.id + Import.version.to(str),
        id="import-options",
    )


def _keys() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("A row is a lead that is there already by its"),
        *(
            rx.el.label(
                rx.el.input(
                    type="checkbox",
                    id=f"key-{key}",
                    name=f"key_{key}",
                    default_checked=Import.options.match_keys.contains(str(key)),
                ),
                rx.el.span(text),
                class_name="check",
            )
            for key, text in KEYS
        ),
        rx.el.p(
            "Beside the address, the parcel number speaks for rows without a whole address; alone, for all. Two leads "
            "never share an address: a row found by a key that you did not choose leaves its lead as it is.",
            class_name="dim",
        ),
        rx.cond(Import.errors.contains("keys"), rx.el.span(Import.errors["keys"], class_name="err", role="alert")),
        class_name="bare stack tight",
        id="import-keys",
    )


def _consent() -> rx.Component:
    options, errors = Import.options, Import.errors
    return rx.el.fieldset(
        rx.el.legend("Consent", class_name="sr"),
        field(
            "On what basis",
            choose("basis", [(str(v), t) for v, t in BASES], default_value=options.basis),
            name="basis",
            errors=errors,
        ),
        field(
            "The request exactly as they saw it",
            rx.el.textarea(
                id="shown_text",
                name="shown_text",
                rows=4,
                class_name="in",
                default_value=options.shown_text,
                required=True,
            ),
            name="shown_text",
            hint="Kept word for word in the consent ledger.",
            errors=errors,
        ),
        field(
            "Given on",
            text_in("given_on", type="date", default_value=options.given_on, required=True),
            name="given_on",
            errors=errors,
        ),
        field(
            "Proof: page, form or file",
            text_in("proof", default_value=options.proof, required=True),
            name="proof",
            errors=errors,
        ),
        field(
            "They agreed to hear about",
            text_in("purpose", default_value=options.purpose, required=True),
            name="purpose",
            errors=errors,
        ),
        class_name="bare stack consent",
    )
