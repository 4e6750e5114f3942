"""The builder's last steps: submit and approve by what changed, then launch now or at the planned instant."""

from __future__ import annotations

import reflex as rx

from leadflow.pages.campaigns.rows import Signed
from leadflow.pages.campaigns.stages import Difference, Piece
from leadflow.pages.campaigns.state import Builder
from leadflow.ui import client
from leadflow.ui.feedback import banner, icon, pill
from leadflow.ui.form import button, confirm, field, link, text_in
from leadflow.ui.shell import may
from models.vocabulary import Permission


def approval() -> rx.Component:
    """Show what is submitted, what changed since it was approved last, and who signed."""
    return rx.el.div(
        rx.el.div(
            rx.el.h2("Approval"),
            rx.el.p("What is signed here is what is launched, to the letter.", class_name="dim"),
        ),
        _submit(),
        _changes(),
        _approve(),
        rx.cond(Builder.signed.length() > 0, _signatures()),
        rx.el.div(link("Continue", "?step=launch", kind="primary", id="to-launch"), class_name="foot"),
        class_name="stack",
    )


def launching() -> rx.Component:
    """Show what stands between an approved campaign and its launch."""
    view = Builder.view
    return rx.el.div(
        rx.el.div(
            rx.el.h2("Launch"),
            rx.el.p(
                "The launch freezes the audience. From then on each text passes the gate once more, at its own moment.",
                class_name="dim",
            ),
        ),
        rx.cond(
            view.state == "missed",
            banner(
                "bad",
                rx.el.div(rx.el.b("It did not start. "), view.pause_reason, " Launch it anew, or plan another start."),
                id="missed",
            ),
        ),
        rx.cond(view.state == "scheduled", _scheduled()),
        rx.cond((view.state == "ready") | (view.state == "missed"), _launch()),
        rx.cond(
            (view.state == "draft") | (view.state == "awaiting_approval"),
            banner(
                "info",
                rx.el.span(
                    rx.cond(view.state == "draft", "Submit it first. ", "It waits for a second person's approval. "),
                    rx.link("Approval", href="?step=approval"),
                ),
            ),
        ),
        class_name="stack",
    )


def _part(title: str, done: rx.Var[bool], *body: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.h2(title, rx.cond(done, pill("ok", "Done"), rx.fragment())),
        *body,
        class_name="card stack tight",
    )


def _submit() -> rx.Component:
    view = Builder.view
    return _part(
        "Submit",
        ~view.draft,
        rx.cond(
            Builder.size.above,
            rx.el.p(
                "More than ", view.threshold, " people would be addressed: somebody other than you must approve it."
            ),
            rx.el.p("Up to ", view.threshold, " people may be addressed without a second person."),
        ),
        rx.cond(
            view.draft,
            rx.cond(
                Builder.problems.length() > 0,
                banner("warn", rx.el.span("Something is missing; the list stands in the summary.")),
                rx.cond(
                    Builder.size.none,
                    banner("warn", rx.el.span("Nobody in this audience has a number to text.")),
                    rx.cond(
                        may(Permission.CAMPAIGN_EDIT),
                        rx.el.div(button("Submit", kind="primary", on_click=Builder.submit, id="submit-campaign")),
                    ),
                ),
            ),
            rx.el.p("Submitted", rx.cond(view.submitter != "", " by " + view.submitter, ""), ".", class_name="dim"),
        ),
    )


def _changes() -> rx.Component:
    since = Builder.since
    return rx.cond(
        Builder.view.draft,
        rx.fragment(),
        rx.el.section(
            rx.el.h2(
                rx.cond(
                    since.first,
                    "First approval: everything that is set",
                    rx.fragment("Changed since ", since.approver, " approved it"),
                ),
                rx.cond(since.at != "", rx.el.small(client.When.create(at=since.at, kind="when"), class_name="dim")),
            ),
            rx.cond(
                since.rows.length() > 0,
                rx.el.dl(rx.foreach(since.rows, _difference), class_name="kv diff"),
                rx.el.p("Nothing: it is word for word what was approved.", class_name="dim"),
            ),
            class_name="card stack tight",
            id="changes",
        ),
    )


def _difference(row: rx.Var[Difference]) -> rx.Component:
    return rx.fragment(
        rx.el.dt(row.label),
        rx.el.dd(
            rx.cond(
                row.pieces.length() > 0,
                rx.el.div(rx.foreach(row.pieces, _piece), class_name="letter"),
                rx.fragment(
                    rx.cond(
                        ~Builder.since.first & (row.before != ""),
                        rx.fragment(rx.el.del_(row.before), " "),
                    ),
                    rx.cond(
                        row.after != "",
                        rx.cond(Builder.since.first, rx.el.span(row.after), rx.el.ins(row.after)),
                    ),
                ),
            ),
            custom_attrs={"data-field": row.name},
        ),
    )


def _piece(piece: rx.Var[Piece]) -> rx.Component:
    return rx.cond(
        piece.kind == "gone",
        rx.el.del_(piece.text),
        rx.cond(piece.kind == "new", rx.el.ins(piece.text), rx.el.span(piece.text)),
    )


def _approve() -> rx.Component:
    view = Builder.view
    waiting = view.state == "awaiting_approval"
    return rx.cond(
        waiting | (Builder.signed.length() > 0),
        _part(
            "Approval by a second person",
            (view.state == "ready") | (view.state == "scheduled"),
            rx.cond(
                waiting,
                rx.cond(
                    view.own,
                    banner("info", rx.el.span("You wrote or submitted it. Ask a manager or an owner to approve it.")),
                    rx.cond(
                        may(Permission.CAMPAIGN_APPROVE),
                        rx.el.form(
                            field(
                                "Note", text_in("note", placeholder="What you looked at", max_length=1000), name="note"
                            ),
                            rx.el.div(
                                button("Approve", kind="primary", sign="check", type="submit", id="approve-campaign")
                            ),
                            on_submit=Builder.approve,
                            class_name="stack tight",
                        ),
                        banner("info", rx.el.span("It waits for a manager or an owner.")),
                    ),
                ),
                rx.fragment(),
            ),
        ),
    )


def _scheduled() -> rx.Component:
    return rx.el.section(
        rx.el.h2("It begins by itself"),
        rx.el.p(
            rx.el.b(client.When.create(at=Builder.rules.start_at, kind="when")),
            " by your clock; ",
            Builder.rules.start,
            " in ",
            Builder.rules.zone,
            ". Everything that a launch asks for is checked once more at that moment. "
            "More than half an hour late, it does not begin.",
        ),
        rx.cond(
            may(Permission.CAMPAIGN_LAUNCH),
            confirm(
                button("Take the start back", sign="calendar-x", id="unschedule"),
                "Take the start back?",
                "The approval stands. You can launch it when you like.",
                button("Take it back", kind="primary", on_click=Builder.unschedule, id="unschedule-yes"),
            ),
        ),
        class_name="card stack tight",
        id="scheduled",
    )


def _launch() -> rx.Component:
    view = Builder.view
    planned = (Builder.rules.start_at != "") & (view.state == "ready")
    return rx.cond(
        may(Permission.CAMPAIGN_LAUNCH),
        rx.el.form(
            rx.el.p(
                rx.el.b(Builder.size.addressed),
                " people, ",
                rx.cond(Builder.forecast.cost != "", Builder.forecast.cost, "a sum not simulated yet"),
                " at most for the first message, from ",
                Builder.sender,
                ". ",
                rx.cond(
                    planned,
                    rx.fragment("It begins ", client.When.create(at=Builder.rules.start_at, kind="when"), "."),
                    "It begins at once, and cannot be taken back once a text has left.",
                ),
            ),
            field(
                rx.fragment("Type ", rx.el.b(view.name), " to launch it"),
                text_in("launch-name", form_name="name", auto_complete="off"),
                name="launch-name",
            ),
            *[
                rx.cond(Builder.errors.contains(name), rx.el.span(Builder.errors[name], class_name="err", role="alert"))
                for name in ("name", "state", "sender_number_id")
            ],
            rx.el.div(
                button(
                    rx.cond(planned, "Schedule", "Launch"),
                    kind="primary",
                    sign="rocket",
                    type="submit",
                    id="launch-campaign",
                )
            ),
            on_submit=Builder.launch,
            class_name="card stack tight",
        ),
        banner("info", rx.el.span("A manager or an owner launches it.")),
    )


def _signatures() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Approvals"),
        rx.el.ul(rx.foreach(Builder.signed, _signature), class_name="todo"),
        class_name="card",
    )


def _signature(row: rx.Var[Signed]) -> rx.Component:
    return rx.el.li(
        icon("signature", 14),
        rx.el.span(
            rx.el.b(row.approver),
            " ",
            client.When.create(at=row.at, kind="when"),
            rx.cond(row.note != "", rx.fragment(": ", row.note)),
            rx.el.div(
                "Content ",
                rx.el.span(row.content, class_name="code"),
                rx.cond(row.current, " is what stands here now", " was changed since"),
                class_name="dim",
            ),
        ),
        class_name="row",
    )
