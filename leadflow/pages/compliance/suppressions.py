"""/compliance/suppressions: who must not be contacted and why; added by hand, released only with a reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import reflex as rx

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Mark
from leadflow.kernel import phone as numbers
from leadflow.kernel.errors import Invalid
from leadflow.pages.compliance.components import top
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import record
from leadflow.ui.feedback import banner, icon
from leadflow.ui.form import button, choose, field, text_in
from leadflow.ui.shell import may, page
from leadflow.ui.table import column, options
from leadflow.ui.tokens import SUPPRESSION
from models.vocabulary import Permission, SuppressionKind

BY_HAND = (
    SuppressionKind.INTERNAL_DNC,
    SuppressionKind.OPT_OUT,
    SuppressionKind.WRONG_NUMBER,
    SuppressionKind.LITIGATOR,
    SuppressionKind.LEGAL_THREAT,
    SuppressionKind.DECEASED,
    SuppressionKind.ADMIN,
)
"""Kinds that a person may set; the others come from lists and carriers."""
COLUMNS = [
    column("kind", "Why", 150, "pill", tones=SUPPRESSION, small=True, small_width=140),
    column("e164", "Number", 150, "reach", small=True, small_width=130),
    column("person_name", "Person", 200),
    column("source", "Came by", 110, "words"),
    column("evidence", "Evidence", 260, "evidence", flex=1),
    column("at", "Since", 140, "when", small=True, small_width=110),
    column("released_at", "Released", 140, "when"),
]


class Suppressions(Page, rx.State):
    """The form that is open."""

    shown: str = ""

    @loads(Permission.SUPPRESSION_READ)
    async def load(self, desk: Desk) -> None:  # noqa: ARG002 the grid reads the rows
        """Note which suppression the address names."""
        self.failure, self.errors = {}, {}
        self.shown = str(record(self, "suppression") or "")
        self.loaded = True

    @action(Permission.SUPPRESSION_ADD)
    async def add(self, desk: Desk, form: dict[str, Any]) -> None:
        """Suppress a number."""
        why = str(form.get("why") or "").strip()
        if not why:
            raise Invalid("Say how you know.", "why")
        mark = Mark(
            kind=SuppressionKind(str(form.get("kind"))),
            source="manual",
            e164=numbers.parse(str(form.get("number") or "")),
            evidence={"why": why},
        )
        await desk.do(lambda uow: compliance.suppress(uow, desk.actor, mark))
        desk.say("Suppressed", "No text to this number leaves any more.")
        desk.ring("lf:grid")
        desk.go("/compliance/suppressions")

    @action(Permission.SUPPRESSION_RELEASE)
    async def release(self, desk: Desk, form: dict[str, Any]) -> None:
        """Let a number go, with a reason that stays on record."""
        suppression = UUID(str(form.get("suppression")))
        await desk.do(lambda uow: compliance.release(uow, desk.actor, suppression, str(form.get("why") or "").strip()))
        desk.say("Released", "The reason stays on record.")
        desk.ring("lf:grid")
        desk.go("/compliance/suppressions")


def view() -> rx.Component:
    """Show the list with the two forms beside it."""
    add = rx.cond(
        may(Permission.SUPPRESSION_ADD),
        client.WordLink.create(
            icon("plus", 14),
            "Suppress a number",
            words={"add": "1", "suppression": ""},
            class_name="btn primary",
            id="add-suppression",
        ),
    )
    return rx.fragment(
        page(
            top(
                "/compliance/suppressions",
                client.Count.create(grid="suppressions", one="suppression", many="suppressions"),
                add,
            ),
            rx.el.div(
                client.SearchBox.create(param="phone", placeholder="Number", id="suppression-phone"),
                client.Choice.create(param="kind", options=options(SUPPRESSION), label="Why", id="filter-kind"),
                class_name="bar top",
            ),
            rx.el.div(
                client.Grid.create(
                    name="suppressions",
                    api="/api/v1/suppressions",
                    columns=COLUMNS,
                    params=["phone", "kind"],
                    row_key="id",
                    open_param="suppression",
                    label="Suppressions",
                    cursor=True,
                    empty_title="Nobody is suppressed",
                    empty_text="Opt-outs, do-not-call marks of files and carrier refusals come in here by themselves.",
                ),
                class_name="gridbox",
            ),
            scroll=False,
        ),
        client.Drawer.create(_add(), param="add", shown="1", label="Suppress a number"),
        client.Drawer.create(_release(), param="suppression", shown=Suppressions.shown, label="Suppression"),
    )


def _add() -> rx.Component:
    errors = Suppressions.errors
    return rx.fragment(
        rx.el.header(rx.el.h2("Suppress a number"), class_name="drawer-h"),
        rx.el.form(
            field(
                "Number", text_in("number", required=True, placeholder="(206) 555-0142"), name="number", errors=errors
            ),
            rx.cond(errors.contains("phone"), rx.el.span(errors["phone"], class_name="err", role="alert")),
            field(
                "Why",
                choose("kind", [(str(kind), SUPPRESSION[kind][1]) for kind in BY_HAND]),
                name="kind",
                errors=errors,
            ),
            field(
                "How do you know?",
                rx.el.textarea(id="why", name="why", rows=3, class_name="in", required=True),
                name="why",
                hint="Kept as evidence.",
                errors=errors,
            ),
            button("Suppress", kind="primary", type="submit", id="suppress"),
            on_submit=Suppressions.add,
            class_name="drawer-b",
        ),
    )


def _release() -> rx.Component:
    errors = Suppressions.errors
    return rx.fragment(
        rx.el.header(rx.el.h2("Release this suppression"), class_name="drawer-h"),
        rx.el.div(
            banner(
                "warn",
                rx.el.div(
                    "After a release the gate may answer sendable again. Release only what was set by mistake, "
                    "or where the person asked to hear from you."
                ),
            ),
            rx.cond(
                may(Permission.SUPPRESSION_RELEASE),
                rx.el.form(
                    rx.el.input(type="hidden", name="suppression", value=Suppressions.shown),
                    field(
                        "Reason",
                        rx.el.textarea(id="release-why", name="why", rows=3, class_name="in", required=True),
                        name="release-why",
                        hint="Stays on record with your name.",
                    ),
                    rx.cond(errors.contains("why"), rx.el.span(errors["why"], class_name="err", role="alert")),
                    button("Release", kind="danger", type="submit", id="release"),
                    on_submit=Suppressions.release,
                    class_name="stack",
                ),
                rx.el.p("Only an owner can release it.", class_name="dim"),
            ),
            class_name="drawer-b",
        ),
    )
