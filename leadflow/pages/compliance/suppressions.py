"""/compliance/suppressions: who must not be contacted and why; added by hand, released only by two people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Mark, ReleaseRow
from leadflow.kernel import phone as numbers
from leadflow.kernel.errors import Invalid
from leadflow.kernel.phone import display
from leadflow.pages.compliance.components import top
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import record
from leadflow.ui.feedback import banner, icon
from leadflow.ui.form import button, choose, field, text_in
from leadflow.ui.shell import may, page
from leadflow.ui.table import column, options, table
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
    column("kind", "Why", 150, "pill", tones=SUPPRESSION, small=True, small_width=130),
    column("e164", "Number", 150, "reach", small=True, small_width=130),
    column("person_name", "Person", 200),
    column("source", "Came by", 110, "words"),
    column("evidence", "Evidence", 260, "evidence", flex=1),
    column("at", "Since", 140, "when", small=True, small_width=130),
    column("released_at", "Released", 140, "when"),
]


@dataclass(frozen=True)
class Wish:
    """A release that waits for a second person."""

    id: str
    kind: str
    whom: str
    why: str
    evidence: str
    asked_by: str
    expires_at: str
    may_decide: bool
    may_withdraw: bool


class Suppressions(Page, rx.State):
    """The form that is open, and the releases that wait."""

    shown: str = ""
    wishes: list[Wish] = []

    @loads(Permission.SUPPRESSION_READ)
    async def load(self, desk: Desk) -> None:
        """Read the releases that wait; the grid reads the suppressions itself."""
        self.failure, self.errors = {}, {}
        self.shown = str(record(self, "suppression") or "")
        rows = await desk.do(lambda uow: compliance.releases(uow, desk.actor))
        self.wishes = [_wish(row) for row in rows]
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


def _wish(row: ReleaseRow) -> Wish:
    return Wish(
        id=str(row.id),
        kind=SUPPRESSION[row.kind][1],
        whom=row.person_name or (display(row.e164) if row.e164 else "a mailing address"),
        why=row.why,
        evidence=row.evidence,
        asked_by=row.asked_by_name or "a former member",
        expires_at=row.expires_at.isoformat(),
        may_decide=row.may_decide,
        may_withdraw=row.may_withdraw,
    )


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
    file = rx.cond(
        may(Permission.SUPPRESSION_ADD),
        client.WordLink.create(
            icon("upload", 14),
            "Bring a file in",
            words={"file": "1", "suppression": "", "add": ""},
            class_name="btn",
            id="suppress-file",
        ),
    )
    return rx.fragment(
        page(
            top(
                "/compliance/suppressions",
                client.Count.create(grid="suppressions", one="suppression", many="suppressions"),
                file,
                add,
            ),
            rx.el.div(
                client.SearchBox.create(param="phone", placeholder="Number", id="suppression-phone"),
                client.Choice.create(param="kind", options=options(SUPPRESSION), label="Why", id="filter-kind"),
                class_name="bar top",
            ),
            rx.cond(Suppressions.wishes.length() > 0, _waiting()),
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
        client.Drawer.create(_file(), param="file", shown="1", label="Bring a file in"),
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


def _file() -> rx.Component:
    return rx.fragment(
        rx.el.header(rx.el.h2("Bring a file in"), class_name="drawer-h"),
        rx.el.div(
            rx.el.p(
                "CSV with a header that names phone and, if you like, kind and note; or numbers alone, one a line. One "
                "wrong line refuses the whole file and is named.",
                class_name="dim",
            ),
            client.FileForm.create(
                field(
                    "Why, where a line names no kind",
                    choose("file-kind", [(str(kind), SUPPRESSION[kind][1]) for kind in BY_HAND], form_name="kind"),
                    name="file-kind",
                ),
                url="/api/v1/suppressions/file",
                accept=".csv,.txt",
                label="Bring a file of suppressions in",
                submit="Suppress all",
                done="No text to these numbers leaves any more.",
                on_done=Suppressions.load,
            ),
            class_name="drawer-b",
        ),
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        table(
            ["Release asked for", "Reason and evidence", "Asked by", ""],
            rx.foreach(Suppressions.wishes, _waits),
            "Releases that wait for a second person",
        ),
        class_name="card waits",
        id="releases",
    )


def _waits(one: rx.Var[Wish]) -> rx.Component:
    url = "/api/v1/releases/" + one.id
    return rx.el.tr(
        rx.el.td(rx.el.b(one.whom), rx.el.div(one.kind, class_name="dim")),
        rx.el.td(one.why, rx.el.div(one.evidence, class_name="dim wrap"), class_name="wrap"),
        rx.el.td(
            one.asked_by,
            rx.el.div("lapses ", client.When.create(at=one.expires_at, kind="day"), class_name="dim"),
        ),
        rx.el.td(
            rx.el.div(
                rx.cond(
                    one.may_decide,
                    rx.fragment(
                        client.Act.create(
                            "Grant",
                            url=url + "/approve",
                            done="Released. Both names stay on record.",
                            sure="Release " + one.whom + "? The gate may answer sendable again.",
                            on_done=Suppressions.load,
                            class_name="btn sm danger",
                        ),
                        client.ApiForm.create(
                            rx.el.div(
                                rx.el.input(
                                    name="why",
                                    required=True,
                                    placeholder="Why not?",
                                    class_name="in sm",
                                    custom_attrs={"aria-label": "Why not"},
                                ),
                                button("Decline", type="submit"),
                                class_name="row",
                            ),
                            url=url + "/decline",
                            label="Decline",
                            on_done=Suppressions.load,
                        ),
                    ),
                ),
                rx.cond(
                    one.may_withdraw,
                    client.Act.create(
                        "Take back",
                        url=url + "/withdraw",
                        done="Taken back",
                        on_done=Suppressions.load,
                        class_name="btn sm ghost",
                    ),
                ),
                rx.cond(
                    one.may_decide | one.may_withdraw,
                    rx.fragment(),
                    rx.el.span("An owner decides", class_name="dim"),
                ),
                class_name="row end",
            ),
            class_name="acts",
        ),
    )


def _release() -> rx.Component:
    return rx.fragment(
        rx.el.header(rx.el.h2("Release this suppression"), class_name="drawer-h"),
        rx.el.div(
            banner(
                "warn",
                rx.el.div(
                    "After a release the gate may answer sendable again. Ask for it only where the suppression was a "
                    "mistake, or where the person asked to hear from you. A second person decides."
                ),
            ),
            rx.cond(
                may(Permission.SUPPRESSION_ADD),
                client.ApiForm.create(
                    field(
                        "Reason",
                        rx.el.textarea(id="release-why", name="why", rows=3, class_name="in", required=True),
                        name="release-why",
                        hint="Stays on record with your name.",
                    ),
                    field(
                        "Evidence",
                        rx.el.textarea(id="release-evidence", name="evidence", rows=3, class_name="in", required=True),
                        name="release-evidence",
                        hint="Their own words and when, a letter, a file's name.",
                    ),
                    rx.el.div(button("Ask for release", kind="primary", type="submit", id="ask-release")),
                    url="/api/v1/suppressions/" + Suppressions.shown + "/releases",
                    done="Asked. An owner who is not you decides within seven days.",
                    label="Ask for release",
                    on_done=Suppressions.load,
                    class_name="stack",
                ),
                rx.el.p("Your role cannot ask for it.", class_name="dim"),
            ),
            class_name="drawer-b",
        ),
    )
