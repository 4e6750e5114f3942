"""Who works on the open lead: said at its top, with the ways to begin, to end and to take over."""

from __future__ import annotations

import reflex as rx

from leadflow.pages.leads.state import Leads
from leadflow.ui import client
from leadflow.ui.feedback import banner
from leadflow.ui.form import button
from leadflow.ui.shell import may
from models.vocabulary import Permission


def working() -> rx.Component:
    """Say who works on the lead, and until when."""
    lead, claim = Leads.lead, Leads.claim
    until = client.When.create(at=claim["until"], kind="time")
    return rx.cond(
        claim.contains("by"),
        rx.cond(
            claim["mine"] != "",
            banner(
                "info",
                rx.el.div("You are working on this, until ", until, class_name="grow"),
                button("Done", kind="sm", on_click=Leads.release_it(lead.id), id="release-lead"),
                sign="hand",
                attrs={"data-claim": "mine"},
            ),
            banner(
                "warn",
                rx.el.div(rx.el.b(claim["by"]), " is working on this, until ", until, class_name="grow"),
                rx.cond(
                    may(Permission.LEAD_ASSIGN),
                    button("Take over", kind="sm", on_click=Leads.take_over(lead.id), id="take-over"),
                ),
                sign="hand",
                attrs={"data-claim": "other"},
            ),
        ),
        rx.cond(
            may(Permission.LEAD_WRITE) & (lead.assignee_id == ""),
            rx.el.div(
                button("Claim", sign="hand", kind="sm", on_click=Leads.claim_it(lead.id), id="claim-lead"),
                rx.el.span("Nobody has this lead. Claim it while you work on it.", class_name="dim"),
                class_name="row wrap",
            ),
        ),
    )
