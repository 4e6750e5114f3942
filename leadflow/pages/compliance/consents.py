"""/compliance/consents: the ledger of who agreed to what, when and how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import reflex as rx
from pydantic import TypeAdapter, ValidationError

from leadflow.compliance import service as compliance
from leadflow.compliance.types import ConsentFilter, ConsentRow, Grant
from leadflow.kernel import phone as numbers
from leadflow.kernel.errors import Invalid
from leadflow.pages.compliance.components import pair, top
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import record
from leadflow.ui.feedback import icon, pill
from leadflow.ui.form import button, choose, field, text_in
from leadflow.ui.shell import may, page
from leadflow.ui.table import column, options
from leadflow.ui.tokens import CONSENT, words
from models.vocabulary import Basis, Channel, ConsentState, Permission

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
    column("state", "State", 110, "pill", tones=CONSENT),
]
BASES = [[str(basis), words(basis)] for basis in Basis]
TAKEN = ".pdf,.png,.jpg,.jpeg,.txt,.eml,.html,.htm"
"""What the chooser offers; what counts is what the bytes are."""


@dataclass(frozen=True)
class Entry:
    """An entry of the ledger with everything that it says."""

    id: str = ""
    number: str = ""
    person: str = ""
    basis: str = ""
    channel: str = ""
    purpose: str = ""
    shown_text: str = ""
    source: str = ""
    given_at: str = ""
    expires_at: str = ""
    recorded_at: str = ""
    revoked_at: str = ""
    artefact: str = ""
    row: str = ""
    import_id: str = ""
    tone: str = ""
    label: str = ""
    standing: bool = False


class Consents(Page, rx.State):
    """The form, and the entry that is open."""

    entry: Entry = Entry()

    @loads(Permission.CONSENT_READ)
    async def load(self, desk: Desk) -> None:
        """Read the entry that the address names; the grid reads the ledger itself."""
        self.failure, self.errors = {}, {}
        wanted = record(self, "consent")
        self.entry = Entry()
        if wanted:
            found = await desk.do(lambda uow: compliance.consents(uow, desk.actor, ConsentFilter(id=wanted)))
            self.entry = _entry(found.rows[0]) if found.rows else Entry()
        self.loaded = True

    @action(Permission.CONSENT_RECORD)
    async def add(self, desk: Desk, form: dict[str, Any]) -> None:
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
        artefact_sha256=str(form.get("artefact_sha256") or "") or None,
    )


def _entry(row: ConsentRow) -> Entry:
    tone, label = CONSENT[row.state]
    return Entry(
        id=str(row.id),
        number=numbers.display(row.e164),
        person=row.person_name or "",
        basis=words(row.basis),
        channel=words(row.channel),
        purpose=row.purpose,
        shown_text=row.shown_text,
        source=row.source,
        given_at=row.given_at.isoformat(),
        expires_at=row.expires_at.isoformat() if row.expires_at else "",
        recorded_at=row.recorded_at.isoformat(),
        revoked_at=row.revoked_at.isoformat() if row.revoked_at else "",
        artefact=row.artefact_sha256 or "",
        row=str(row.row_number or ""),
        import_id=str(row.import_id or ""),
        tone=tone,
        label=label,
        standing=row.state is not ConsentState.REVOKED,
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
                client.SearchBox.create(param="phone", placeholder="Number", id="consent-phone"),
                client.Choice.create(param="basis", options=BASES, label="Basis", id="filter-basis"),
                client.Choice.create(param="state", options=options(CONSENT), label="State", id="filter-state"),
                class_name="bar top",
            ),
            rx.el.div(
                client.Grid.create(
                    name="consents",
                    api="/api/v1/consents",
                    columns=COLUMNS,
                    params=["phone", "basis", "state"],
                    row_key="id",
                    open_param="consent",
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
        client.Drawer.create(_open(), param="consent", shown=Consents.entry.id, label="Consent"),
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
            field("Where: page, form, call or letter", text_in("source", required=True), name="source", errors=errors),
            field(
                "The document that shows it",
                client.Enclosure.create(
                    url="/api/v1/consents/artefacts",
                    name="artefact_sha256",
                    accept=TAKEN,
                    label="The document that shows it",
                ),
                name="artefact_sha256",
                hint="Signed form, screenshot or mail; at most 5 MB. A written consent needs one.",
                errors=errors,
            ),
            field(
                "Given",
                client.Moment.create(id="given_at", name="given_at", label="Given"),
                name="given_at",
                errors=errors,
            ),
            button("Record", kind="primary", type="submit", id="record-consent"),
            on_submit=Consents.add,
            class_name="drawer-b",
        ),
    )


def _open() -> rx.Component:
    one = Consents.entry
    return rx.fragment(
        rx.el.header(
            rx.el.div(
                rx.el.h2(one.number),
                rx.el.p(one.basis, " · ", one.channel, class_name="dim"),
            ),
            class_name="drawer-h",
        ),
        rx.el.div(
            rx.el.dl(
                pair("State", pill(one.tone, one.label)),
                pair("Person", one.person),
                pair("To hear about", one.purpose),
                pair("Where", one.source),
                pair("Given", client.When.create(at=one.given_at, kind="when")),
                pair("Recorded", client.When.create(at=one.recorded_at, kind="when")),
                pair(
                    "Ends", rx.cond(one.expires_at, client.When.create(at=one.expires_at, kind="day"), "with its basis")
                ),
                pair("Revoked", rx.cond(one.revoked_at, client.When.create(at=one.revoked_at, kind="when"), "no")),
                pair(
                    "Document",
                    rx.cond(
                        one.artefact,
                        client.Download.create(
                            "Download",
                            href="/api/v1/consents/artefacts/" + one.artefact,
                            id="artefact",
                            class_name="btn sm",
                        ),
                        rx.cond(
                            one.import_id,
                            rx.link("Row " + one.row + " of the imported file", href="/imports/" + one.import_id),
                            "none",
                        ),
                    ),
                ),
                class_name="pairs",
            ),
            rx.el.h3("As they saw it"),
            rx.el.div(one.shown_text, class_name="letter"),
            rx.cond(
                one.standing & may(Permission.SUPPRESSION_ADD),
                client.ApiForm.create(
                    field(
                        "They took it back",
                        rx.el.textarea(id="revoke-why", name="why", rows=2, class_name="in", required=True),
                        name="revoke-why",
                        hint="Their words, when and by which way. To stop every text, suppress the number too.",
                    ),
                    rx.el.div(button("Revoke", kind="danger", type="submit", id="revoke-consent")),
                    url="/api/v1/consents/" + one.id + "/revoke",
                    done="Revoked. The entry stays on record.",
                    label="Revoke this consent",
                    on_done=Consents.load,
                    class_name="stack",
                ),
            ),
            class_name="drawer-b",
        ),
    )
