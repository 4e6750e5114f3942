"""/campaigns/new: a name, and the filter that the lead list handed over; then the builder."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import reflex as rx

from leadflow.campaigns import service as campaigns
from leadflow.campaigns.types import CampaignInput
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.leads.types import LeadFilter
from leadflow.pages.campaigns.rows import Size, size_of
from leadflow.pages.campaigns.state import SEVERAL
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.feedback import icon, ready
from leadflow.ui.form import button, field, link, text_in
from leadflow.ui.shell import header, page
from models.vocabulary import Permission

LONGEST = 120


class NewCampaign(Page, rx.State):
    """A campaign about to begin."""

    size: Size = Size()
    from_filter: bool = False

    @loads(Permission.CAMPAIGN_EDIT)
    async def load(self, desk: Desk) -> None:
        """Count whom the filter of the address finds."""
        self.failure = {}
        wanted = self._filter()
        self.from_filter = bool(wanted)
        self.size = size_of(await desk.do(lambda uow: campaigns.size_up(uow, desk.actor, wanted)), 0)
        self.loaded = True

    @action(Permission.CAMPAIGN_EDIT)
    async def create(self, desk: Desk, form: dict[str, str]) -> None:
        """Begin it and go to the builder."""
        name, wanted = " ".join(form.get("name", "").split()), self._filter()
        if not name or len(name) > LONGEST:
            raise Invalid("Give it a name of at most 120 letters.", "name")

        def work(uow: UnitOfWork) -> str:
            made = campaigns.draft(uow, desk.actor, name)
            if wanted:
                campaigns.edit(uow, desk.actor, made.id, CampaignInput(audience_filter=wanted))
            return str(made.id)

        desk.go(f"/campaigns/{await desk.do(work)}?step=audience")

    def _filter(self) -> dict[str, Any]:
        """Read the lead filter that the address carries; other words are left out."""
        given = parse_qs(urlsplit(str(self.router_data.get("asPath", ""))).query)
        known = {key: values for key, values in given.items() if key in LeadFilter.model_fields}
        return {key: values if key in SEVERAL else values[0] for key, values in known.items()}


def view() -> rx.Component:
    """Show the form."""
    return page(
        header("New campaign", back=("/campaigns", "Campaigns")),
        ready(NewCampaign, rx.el.div(_form(), class_name="pad")),
        soft=True,
    )


def _form() -> rx.Component:
    return rx.el.form(
        field(
            "Name",
            text_in(
                "name",
                size="lg",
                placeholder="Tax delinquent, Dallas County, December",
                max_length=LONGEST,
                auto_focus=True,
            ),
            name="name",
            hint="You type it again to launch, so make it tell which one it is.",
            errors=NewCampaign.errors,
        ),
        rx.el.div(
            icon("users-round", 15),
            rx.el.span(
                rx.cond(NewCampaign.from_filter, "The filter you came with finds ", "Without a filter: "),
                rx.el.b(NewCampaign.size.leads, " leads"),
                ". A text could be addressed to ",
                rx.el.b(NewCampaign.size.addressed),
                "; whether it may go is the gate's word. You can change the audience in the next step.",
            ),
            class_name="banner",
        ),
        rx.el.div(
            button("Begin", kind="primary lg", type="submit", id="begin-campaign"),
            link("Cancel", "/campaigns", kind="ghost lg"),
            class_name="foot",
        ),
        on_submit=NewCampaign.create,
        class_name="card stack new-campaign",
        id="new-campaign-form",
    )
