"""/compliance/consents: the ledger of who agreed to what, when and how."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import reflex as rx
from pydantic import TypeAdapter, ValidationError

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Grant
from leadflow.kernel import phone as numbers
from leadflow.kernel.errors import Invalid
from leadflow.pages.compliance.components import top
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.feedback import icon
from leadflow.ui.form import button, choose, field, text_in
from leadflow.ui.shell import may, page
from leadflow.ui.table import column
from leadflow.ui.tokens import words
from models.vocabulary import Basis, Channel, Permission

INSTANT = TypeAdapter(datetime)
COLUMNS = [
    column("e164", "Number", 150, "phone", small=True, small_width=130),
    column("person_name", "Person", 160),
    column("basis", "Basis", 160, "words", small=True, small_width=130),
    column("channel", "For", 80, "words"),
    column("purpose", "Purpose", 180),
    column("source", "Proof", 140),
    column("shown_text", "As they saw it", 200, flex=1),
    column("given_at", "Given", 120, "day", small=True, small_width=110),
    column("revoked_at", "Revoked", 140, "when"),
]


class Consents(Page, rx.State):
    """The form."""

    @loads(Permission.CONSENT_READ)
    async def load(self, desk: Desk) -> None:  # noqa: ARG002 the grid reads the rows
        """Begin with an empty form."""
        self.failure, self.errors = {}, {}
        self.loaded = True

    @action(Permission.CONSENT_RECORD)
    async def record(self, desk: Desk, form: dict[str, Any]) -> None:
        """Add an entry to the ledger."""
        grant = _grant(form)
        await desk.do(lambda uow: compliance.grant(uow, desk.actor, grant))
        desk.say("Recorded", "The entry cannot be changed any more; it can be revoked.")
        desk.ring("lf:grid")
        desk.go("/compliance/consents")


def _grant(form: dict[str, Any]) -> Grant:
    def text(name: str, complaint: str) -> str:
        if value := str(form.get(name) or "").strip():
            return value
        raise Invalid(complaint, name)

    try:
        given = INSTANT.validate_python(text("given_at", "Say when it was given."))
    except ValidationError as error:
        raise Invalid("That is not an instant.", "given_at") from error
    return Grant(
        e164=numbers.parse(text("number", "Write the number.")),
        channel=Channel(text("channel", "Choose the channel.")),
        basis=Basis(text("basis", "Choose the basis.")),
        purpose=text("purpose", "Say what they agreed to hear about."),
        shown_text=text("shown_text", "Write the request exactly as they saw it."),
        source=text("source", "Name the page, form or call."),
        given_at=given,
    )


def view() -> rx.Component:
    """Show the ledger and the form beside it."""
    add = rx.cond(
        may(Permission.CONSENT_RECORD),
        client.WordLink.create(
            icon("plus", 14), "Record consent", words={"add": "1"}, class_name="btn primary", id="add-consent"
        ),
    )
    return rx.fragment(
        page(
            top("/compliance/consents", client.Count.create(grid="consents", one="entry", many="entries"), add),
            rx.el.div(
                client.SearchBox.create(param="phone", placeholder="Number", id="consent-phone"), class_name="bar top"
            ),
            rx.el.div(
                client.Grid.create(
                    name="consents",
                    api="/api/v1/consents",
                    columns=COLUMNS,
                    params=["phone"],
                    row_key="id",
                    label="Consent ledger",
                    cursor=True,
                    empty_title="The ledger is empty",
                    empty_text="Without a recorded consent or relationship the gate blocks every marketing text.",
                ),
                class_name="gridbox",
            ),
            scroll=False,
        ),
        client.Drawer.create(_add(), param="add", shown="1", label="Record consent"),
    )


def _add() -> rx.Component:
    errors = Consents.errors
    return rx.fragment(
        rx.el.header(rx.el.h2("Record consent"), class_name="drawer-h"),
        rx.el.form(
            field(
                "Number", text_in("number", required=True, placeholder="(206) 555-0142"), name="number", errors=errors
            ),
            rx.cond(errors.contains("phone"), rx.el.span(errors["phone"], class_name="err", role="alert")),
            field("Basis", choose("basis", [(str(basis), words(basis)) for basis in reversed(Basis)]), name="basis"),
            field("For", choose("channel", [(str(one), words(one)) for one in Channel]), name="channel"),
            field(
                "They agreed to hear about",
                text_in("purpose", required=True, default_value="offers to buy the property"),
                name="purpose",
                errors=errors,
            ),
            field(
                "The request exactly as they saw or heard it",
                rx.el.textarea(id="shown_text", name="shown_text", rows=4, class_name="in", required=True),
                name="shown_text",
                errors=errors,
            ),
            field("Proof: page, form, call or file", text_in("source", required=True), name="source", errors=errors),
            field(
                "Given",
                client.Moment.create(id="given_at", name="given_at", label="Given"),
                name="given_at",
                errors=errors,
            ),
            button("Record", kind="primary", type="submit", id="record-consent"),
            on_submit=Consents.record,
            class_name="drawer-b",
        ),
    )
