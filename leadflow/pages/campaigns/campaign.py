"""/campaigns/[campaign_id]: the builder while nothing has gone out, afterwards the campaign's course."""

from __future__ import annotations

import reflex as rx

from leadflow.pages.campaigns.builder import builder
from leadflow.pages.campaigns.running import actions, running
from leadflow.pages.campaigns.state import Builder
from leadflow.ui import client
from leadflow.ui.feedback import ready, term
from leadflow.ui.shell import header, page
from leadflow.ui.tokens import CAMPAIGN


def view() -> rx.Component:
    """Show one campaign."""
    return page(
        client.Here.create(
            header(
                rx.cond(Builder.view.name != "", Builder.view.name, "Campaign"),
                rx.cond(Builder.view.state != "", term(Builder.view.state, CAMPAIGN)),
                back=("/campaigns", "Campaigns"),
                actions=(actions(),),
            ),
            ready(Builder, rx.cond(Builder.view.editable, builder(), running())),
            shown=Builder.view.id,
        ),
        scroll=False,
    )
