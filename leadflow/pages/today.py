"""/: what needs attention now, most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx

from leadflow.campaigns import service as campaigns
from leadflow.campaigns.types import CampaignRow
from leadflow.identity import rules
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.paging import Page as Rows
from leadflow.leads import service as leads
from leadflow.leads.types import LeadFilter, LeadRow
from leadflow.leads.types import Today as Facts
from leadflow.pages.leads import mentions
from leadflow.pages.leads.rows import TaskView, task_view
from leadflow.ui import client, lists
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.feedback import banner, empty, icon, ready, skeleton, term
from leadflow.ui.form import link
from leadflow.ui.shell import Shell, header, may, page
from leadflow.ui.tokens import CAMPAIGN
from models.vocabulary import CampaignState, Permission, Verdict

LIVE = (CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.AWAITING_APPROVAL, CampaignState.READY)
SHOWN = 8
"""Rows of a card."""
SAMPLE = 50
"""Newest leads that the gate is asked about."""


@dataclass(frozen=True)
class CampaignLine:
    """A campaign that moves or waits for somebody."""

    id: str
    name: str
    state: str
    sent: int
    audience: int


@dataclass(frozen=True)
class Storm:
    """A campaign that its filter or opt-out rate has paused."""

    name: str
    href: str
    why: str


class Today(Page, rx.State):
    """The day."""

    hello: str = ""
    replies: int = 0
    new_leads: str = ""
    no_next_task: str = ""
    leads: str = ""
    overdue: list[TaskView] = []
    due: list[TaskView] = []
    campaigns: list[CampaignLine] = []
    storms: list[Storm] = []
    sendable: int = 0
    later: int = 0
    blocked: int = 0
    asked: int = 0

    @loads(Permission.LEAD_READ)
    async def load(self, desk: Desk) -> None:
        """Read what waits."""
        self.failure = {}
        facts, found, rows = await desk.do(lambda uow: _read(uow, desk.actor))
        self.storms = await desk.do(lambda uow: _storms(uow, desk.actor))
        self.hello = desk.actor.name.split()[0] if desk.actor.name else ""
        self.replies, self.new_leads, self.no_next_task = (
            facts.replies,
            f"{facts.new_leads:,}",
            f"{facts.no_next_task:,}",
        )
        self.overdue = [task_view(task) for task in facts.overdue[:SHOWN]]
        self.due = [task_view(task) for task in facts.due[:SHOWN]]
        self._take_verdicts(found)
        self.campaigns = [_line(row) for row in rows]
        self.loaded = True

    @action(Permission.LEAD_WRITE)
    async def finish(self, desk: Desk, task_id: UUID) -> None:
        """Tick a follow-up off."""
        await desk.do(lambda uow: leads.finish_task(uow, desk.actor, task_id))
        self.overdue = [task for task in self.overdue if task.id != str(task_id)]
        self.due = [task for task in self.due if task.id != str(task_id)]
        desk.say("Task done")

    def _take_verdicts(self, found: Rows[LeadRow]) -> None:
        verdicts = [row.contactable.verdict for row in found.rows]
        self.asked = len(verdicts)
        self.sendable, self.later, self.blocked = (verdicts.count(str(verdict)) for verdict in Verdict)
        self.leads = f"{found.count:,}" if found.count is not None else f"{found.at_least or 0:,}+"


def _read(uow: UnitOfWork, actor: Principal) -> tuple[Facts, Rows[LeadRow], list[CampaignRow]]:
    """Read everything in one transaction: the fewer trips, the shorter this user's state is locked."""
    found = leads.page(uow, actor, LeadFilter(), "added_at", "desc", None, SAMPLE)
    shown = rules.may(actor, Permission.CAMPAIGN_READ)
    rows = campaigns.listing(uow, actor, states=LIVE, limit=SHOWN)[0] if shown else []
    return leads.today(uow, actor), found, rows


def _storms(uow: UnitOfWork, actor: Principal) -> list[Storm]:
    if not rules.may(actor, Permission.CAMPAIGN_READ):
        return []
    return [Storm(row.name, f"/campaigns/{row.id}", row.why) for row in campaigns.stormbound(uow, actor)]


def _line(row: CampaignRow) -> CampaignLine:
    sent, audience = row.tally.delivered + row.tally.moving + row.tally.failed, row.audience or 0
    return CampaignLine(str(row.id), row.name, str(row.state), sent, audience)


def view() -> rx.Component:
    """Show the day."""
    return page(
        header(
            rx.cond(Today.hello != "", "Good day, " + Today.hello, "Today"),
            actions=(
                rx.cond(may(Permission.IMPORT_RUN), link("Import", "/imports", sign="file-up")),
                rx.cond(
                    may(Permission.CAMPAIGN_EDIT),
                    link("New campaign", "/campaigns/new", sign="send", kind="primary hide-s"),
                ),
            ),
        ),
        ready(
            Today,
            rx.el.div(
                _paused(),
                _alerts(),
                rx.cond(Today.leads == "0", _start(), rx.fragment(_numbers(), _cards())),
                class_name="pad wide stack",
            ),
            rx.el.div(skeleton(8), class_name="pad"),
        ),
        soft=True,
    )


def _paused() -> rx.Component:
    return rx.cond(
        Shell.sending,
        rx.fragment(),
        banner(
            "bad",
            rx.el.div(rx.el.span("Sending is paused. ", class_name="w"), Shell.sending_reason, class_name="grow"),
            link("Look", "/settings", kind="sm"),
            sign="octagon-pause",
        ),
    )


def _alerts() -> rx.Component:
    return rx.foreach(
        Today.storms,
        lambda one: banner(
            "bad",
            rx.el.div(rx.el.span(one.name, " is paused. ", class_name="w"), one.why, class_name="grow"),
            link("Look", one.href, kind="sm"),
            sign="cloud-lightning",
            attrs={"data-storm": one.name},
        ),
    )


def _start() -> rx.Component:
    return rx.el.div(
        empty(
            "file-up",
            "Start with a list",
            "Import a vendor's file. LeadFlow shows what each row becomes and who may be texted, or why not.",
            link("Import a file", "/imports", kind="primary"),
        ),
        class_name="card",
    )


def _numbers() -> rx.Component:
    def tile(value: Any, text: str, href: str, tone: Any, name: str) -> rx.Component:  # noqa: ANN401 a Var
        return rx.link(
            rx.el.b(value),
            rx.el.span(rx.el.i(), text),
            href=href,
            class_name="tile",
            underline="none",
            id=name,
            custom_attrs={"data-tone": tone},
        )

    return rx.el.div(
        rx.cond(
            may(Permission.INBOX_READ),
            tile(
                Today.replies,
                "Replies waiting",
                "/inbox?folder=unread",
                rx.cond(Today.replies > 0, "warn", "mute"),
                "tile-replies",
            ),
        ),
        tile(
            Today.overdue.length(),
            "Tasks overdue",
            "#overdue",
            rx.cond(Today.overdue.length() > 0, "bad", "mute"),
            "tile-overdue",
        ),
        tile(Today.new_leads, "New leads", "/leads?status=new", "info", "tile-new"),
        tile(Today.no_next_task, "Without a next task", "/leads?where=next_task:empty", "mute", "tile-idle"),
        tile(Today.leads, "Leads", "/leads", "mute", "tile-leads"),
        class_name="tiles",
    )


def _cards() -> rx.Component:
    return rx.el.div(
        rx.el.div(mentions.card(), _whom_next(), _tasks(), class_name="stack"),
        rx.el.div(_contact(), _campaigns(), class_name="stack"),
        class_name="cols two",
    )


def _whom_next() -> rx.Component:
    return lists.TodayQueue.create(who=Shell.organization + " " + Shell.email, calls=may(Permission.CALL_PLACE))


def _tasks() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Follow-ups"),
        rx.cond(
            (Today.overdue.length() + Today.due.length()) > 0,
            rx.el.ul(
                rx.foreach(Today.overdue, _task),
                rx.foreach(Today.due, _task),
                class_name="tasks wide",
                id="overdue",
            ),
            empty("circle-check", "Nothing is due", "Tasks that you add to a lead come up here on their day."),
        ),
        class_name="card",
    )


def _task(task: rx.Var[TaskView]) -> rx.Component:
    return rx.el.li(
        rx.cond(
            may(Permission.LEAD_WRITE),
            rx.el.button(
                icon("check", 12),
                rx.el.span("Finish: ", task.title, class_name="sr"),
                type="button",
                class_name="tick",
                on_click=Today.finish(task.id),
            ),
        ),
        rx.el.div(
            rx.el.div(task.title, class_name="strong wrap"),
            rx.cond(
                task.lead_id != "",
                rx.link(
                    task.street,
                    rx.cond(task.owner != "", rx.fragment(" · ", task.owner)),
                    href="/leads?lead=" + task.lead_id,
                    class_name="dim",
                ),
            ),
            class_name="grow",
        ),
        rx.cond(
            task.due_at != "",
            rx.el.span(
                client.When.create(at=task.due_at, kind="due"), class_name=rx.cond(task.overdue, "due late", "due")
            ),
        ),
    )


def _contact() -> rx.Component:
    def part(count: rx.Var[int], tone: str) -> rx.Component:
        return rx.el.i(style={"width": (count * 100 / Today.asked).to(str) + "%"}, custom_attrs={"data-tone": tone})

    def word_(count: rx.Var[int], text: str, tone: str) -> rx.Component:
        return rx.el.span(rx.el.i(custom_attrs={"data-tone": tone}), rx.el.b(count), text)

    return rx.el.div(
        rx.el.h2("Contactable now"),
        rx.cond(
            Today.asked > 0,
            rx.fragment(
                rx.el.div(
                    part(Today.sendable, "ok"),
                    part(Today.later, "warn"),
                    part(Today.blocked, "bad"),
                    class_name="stackbar",
                    custom_attrs={"aria-hidden": "true"},
                ),
                rx.el.div(
                    word_(Today.sendable, "sendable", "ok"),
                    word_(Today.later, "later", "warn"),
                    word_(Today.blocked, "blocked", "bad"),
                    class_name="legend",
                    id="contactable",
                ),
                rx.el.p(
                    "What the gate answers at this moment for the ",
                    Today.asked,
                    " newest leads. Each row of the list says why.",
                    class_name="dim",
                ),
            ),
        ),
        class_name="card stack tight",
    )


def _campaigns() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Campaigns"),
        rx.cond(
            Today.campaigns.length() > 0,
            rx.el.ul(rx.foreach(Today.campaigns, _campaign), class_name="plain lines"),
            rx.el.p("None is running or waiting for approval.", class_name="dim"),
        ),
        class_name="card",
    )


def _campaign(one: rx.Var[CampaignLine]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.link(one.name, href="/campaigns/" + one.id, class_name="strong"),
            term(one.state, CAMPAIGN),
            class_name="between",
        ),
        rx.cond(
            one.audience > 0,
            rx.el.div(
                rx.el.progress(value=one.sent, max=one.audience, aria_label="Sent of " + one.name),
                rx.el.span(one.sent, " of ", one.audience, class_name="dim nowrap"),
                class_name="row",
            ),
        ),
    )
