"""/leads/removed?erase=: what would go with a removed lead, what stays and why; then the act itself."""

from __future__ import annotations

import reflex as rx

from leadflow.pages import erasure
from leadflow.pages.erasure import Line
from leadflow.retention import service as retention
from leadflow.retention.types import LeadPreview
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, loads
from leadflow.ui.address import record
from leadflow.ui.feedback import banner, failed
from leadflow.ui.form import button, field, text_in
from leadflow.ui.shell import may
from models.vocabulary import Permission


class Erasing(Page, rx.State):
    """The removed lead whose erasure is being weighed."""

    lead: str = ""
    address: str = ""
    people: str = ""
    goes: list[Line] = []
    stays: list[Line] = []
    blocked: str = ""

    @loads(Permission.LEAD_REMOVE)
    async def load(self, desk: Desk) -> None:
        """Read what an erasure would take, where the address names a lead; only owners do."""
        self.failure, self.lead = {}, ""
        if wanted := record(self, "erase"):
            self._weigh(await desk.do(lambda uow: retention.lead_preview(uow, desk.actor, wanted)))
        self.loaded = True

    def _weigh(self, told: LeadPreview) -> None:
        self.lead, self.address, self.blocked = str(told.lead_id), told.address or "an address not known", told.blocked
        self.people = ", ".join(told.people)
        self.goes, self.stays = erasure.goes(told), erasure.stays(told)


def weighing() -> rx.Component:
    """Show it above the list, to whom it opens."""
    return rx.cond(
        may(Permission.PERSON_ERASE) & Erasing.loaded,
        rx.cond(Erasing.failure.contains("text"), failed(Erasing), rx.cond(Erasing.lead != "", _preview())),
    )


def _preview() -> rx.Component:
    form = client.ApiForm.create(
        field(
            "Your matter number",
            text_in("reference", max_length=120),
            name="reference",
            hint="If there is one. It stays for good: nothing of a person or the address.",
        ),
        rx.el.div(
            button("Erase for good", kind="danger", type="submit", id="erase-lead"),
            client.WordLink.create("Keep it", words={"erase": ""}, class_name="btn"),
            class_name="row",
        ),
        url="/api/v1/erasures/leads/" + Erasing.lead,
        next="/leads/removed",
        label="Erase a removed lead",
    )
    keep = client.WordLink.create("Back", words={"erase": ""}, class_name="btn")
    return rx.el.section(
        rx.el.h2("Erase ", Erasing.address, " for good?"),
        rx.el.p(
            "This cannot be undone. ",
            rx.cond(Erasing.people != "", rx.fragment("With it go: ", Erasing.people, "."), "Nobody goes with it."),
        ),
        erasure.both("What goes", Erasing.goes, Erasing.stays),
        rx.cond(
            Erasing.blocked != "",
            rx.fragment(banner("warn", rx.el.div(Erasing.blocked), id="erase-blocked"), rx.el.div(keep)),
            form,
        ),
        class_name="card stack",
        id="erase-preview",
    )
