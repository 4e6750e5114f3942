"""/campaigns: every campaign with its state and what became of its audience."""

from __future__ import annotations

import reflex as rx

from leadflow.campaigns import service as campaigns
from leadflow.pages.campaigns.rows import Line, Share, line, tabs
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, loads
from leadflow.ui.address import word
from leadflow.ui.feedback import empty, ready, skeleton, term
from leadflow.ui.form import link
from leadflow.ui.shell import header, may, page
from leadflow.ui.tokens import CAMPAIGN
from models.vocabulary import CampaignState, Permission

SHOWN = 50


class Campaigns(Page, rx.State):
    """The campaigns of one tab."""

    rows: list[Line] = []
    tabs: list[list[str]] = []
    total: str = ""
    following: str = ""

    @loads(Permission.CAMPAIGN_READ)
    async def load(self, desk: Desk) -> None:
        """Read the tab and the page that the address names."""
        self.failure = {}
        wanted, after = word(self, "state"), word(self, "after") or None
        states = [CampaignState(wanted)] if wanted in set(CampaignState) else []
        counted = await desk.do(lambda uow: campaigns.state_counts(uow, desk.actor))
        rows, following = await desk.do(
            lambda uow: campaigns.listing(
                uow, desk.actor, states=states, words=word(self, "q"), after=after, limit=SHOWN
            )
        )
        self.rows = [line(row) for row in rows]
        self.tabs, self.total = tabs(counted), f"{sum(counted.values()):,}"
        kept = f"&state={wanted}" if states else ""
        self.following = f"/campaigns?after={following}{kept}" if following else ""
        self.loaded = True


def view() -> rx.Component:
    """Show them."""
    return page(
        header(
            "Campaigns",
            rx.el.span(Campaigns.total, class_name="count"),
            actions=(
                link("Snippets", "/campaigns/snippets", kind="ghost"),
                rx.cond(
                    may(Permission.CAMPAIGN_EDIT),
                    link("New campaign", "/campaigns/new", sign="plus", kind="primary", id="new-campaign"),
                ),
            ),
        ),
        client.Words.create(param="state", items=Campaigns.tabs, label="State", kind="tabs", clear=["after"]),
        ready(Campaigns, _list(), rx.el.div(skeleton(8), class_name="pad")),
        soft=True,
    )


def _list() -> rx.Component:
    return rx.el.div(
        rx.cond(
            Campaigns.rows.length() > 0,
            rx.el.ul(rx.foreach(Campaigns.rows, _line), class_name="camps", id="campaigns"),
            empty(
                "send",
                "No campaigns here",
                "A campaign texts the leads of a filter, each only if the gate allows it at that moment.",
                rx.cond(
                    may(Permission.CAMPAIGN_EDIT),
                    link("New campaign", "/campaigns/new", kind="primary"),
                    link("Look at the leads", "/leads"),
                ),
            ),
        ),
        rx.cond(Campaigns.following != "", link("Older campaigns", Campaigns.following, kind="soft")),
        class_name="pad",
    )


def _line(row: rx.Var[Line]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.link(row.name, href=row.href, class_name="cover", underline="none"),
            rx.el.span(row.note, class_name="dim"),
            class_name="what",
        ),
        term(row.state, CAMPAIGN),
        rx.el.div(
            rx.cond(
                row.shares.length() > 0,
                rx.fragment(
                    bar(row.shares),
                    rx.el.div(rx.foreach(row.shares, _count), class_name="legend small"),
                ),
                rx.el.span("Not launched", class_name="dim"),
            ),
            class_name="course",
        ),
        rx.el.div(
            rx.cond(
                row.audience != "",
                rx.fragment(rx.el.b(row.audience), rx.el.span("leads", class_name="dim")),
                rx.el.span("-", class_name="dim"),
            ),
            class_name="fig",
        ),
        rx.el.div(
            rx.el.span(row.when_label, " ", client.When.create(at=row.when, kind="when")),
            rx.el.span(row.sender, class_name="dim"),
            class_name="when",
        ),
        class_name="camp",
        custom_attrs={"data-campaign": row.id, "data-state": row.state},
    )


def bar(shares: rx.Var[list[Share]]) -> rx.Component:
    """Draw what became of an audience as one stacked bar."""
    return rx.el.div(
        rx.foreach(
            shares, lambda s: rx.el.i(custom_attrs={"data-tone": s.tone}, style={"width": s.width}, title=s.label)
        ),
        class_name="stackbar",
        role="img",
        aria_label="What became of the audience",
    )


def _count(share: rx.Var[Share]) -> rx.Component:
    return rx.el.span(rx.el.i(custom_attrs={"data-tone": share.tone}), rx.el.b(share.count), share.label)
