"""/compliance/evidence: ask for a pack of proof, see it being made, take it away; ``?about=`` says of what."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from leadflow.campaigns import service as campaigns
from leadflow.evidence import service as evidence
from leadflow.evidence.types import PackRow
from leadflow.pages.compliance.components import top
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import word
from leadflow.ui.feedback import NONE, empty, icon, ready, term
from leadflow.ui.form import button, choose, field, text_in
from leadflow.ui.shell import may, page
from leadflow.ui.table import table
from leadflow.ui.tokens import EVIDENCE
from models.vocabulary import EvidenceOf, EvidenceState, Permission

EVERY_MS = 1_500
SHOWN = 50
CAMPAIGNS = 100
"""Campaigns to choose from, newest first; a pack about an older one is made on the command line."""
ABOUT = [
    ["", "A number"],
    [EvidenceOf.PERSON.value, "A person, by a number"],
    [EvidenceOf.CAMPAIGN.value, "A campaign"],
]
_KIB = 1024


@dataclass(frozen=True)
class PackView:
    """A pack as the page shows it."""

    id: str
    about: str
    of: str
    since: str
    until: str
    state: str
    done: int
    total: int
    fault: str
    requested_at: str
    asked_by: str
    expires_at: str
    size: str
    sha256: str
    head: str
    receipts: str


class Evidence(Page, rx.State):
    """The packs."""

    packs: list[PackView] = []
    campaigns: list[list[str]] = []
    making: bool = False
    count: int = 0
    older: str = ""
    phone: str = ""
    """Number that the address suggests."""

    @loads(Permission.AUDIT_READ)
    async def load(self, desk: Desk) -> None:
        """Read the packs, and what may be chosen."""
        self.failure, self.errors = {}, {}
        self.phone = word(self, "phone")
        await self._show(desk)
        rows, _ = await desk.do(lambda uow: campaigns.listing(uow, desk.actor, limit=CAMPAIGNS))
        self.campaigns = [[str(row.id), row.name] for row in rows]
        self.loaded = True

    @action(Permission.AUDIT_READ)
    async def refresh(self, desk: Desk) -> None:
        """Look how far the packs are."""
        await self._show(desk)

    async def _show(self, desk: Desk) -> None:
        after = word(self, "after") or None
        found = await desk.do(lambda uow: evidence.listing(uow, desk.actor, after, SHOWN))
        self.packs = [_view(row) for row in found.rows]
        self.making = any(row.state is EvidenceState.MAKING for row in found.rows)
        self.older = found.next or ""
        if found.count is not None:
            self.count = found.count


def _view(row: PackRow) -> PackView:
    return PackView(
        id=str(row.id),
        about=row.about,
        of=row.of.value,
        since=row.since.isoformat() if row.since else "",
        until=row.until.isoformat(),
        state=row.state.value,
        done=min(row.done, row.total or row.done),
        total=row.total or 0,
        fault=row.fault,
        requested_at=row.requested_at.isoformat(),
        asked_by=row.asked_by,
        expires_at=row.expires_at.isoformat() if row.expires_at else "",
        size=_size(row.size_bytes),
        sha256=row.sha256 or "",
        head=f"{row.head_position:,}" if row.head_position else "",
        receipts=f"{row.counts.get('receipts', 0):,}" if row.counts else "",
    )


def _size(size: int | None) -> str:
    if size is None:
        return ""
    return f"{size / _KIB:,.0f} KB" if size < _KIB * _KIB else f"{size / _KIB / _KIB:,.1f} MB"


def view() -> rx.Component:
    """Show the form over the packs."""
    return page(
        top("/compliance/evidence", rx.cond(Evidence.loaded, rx.el.span(Evidence.count, " kept", class_name="dim"))),
        ready(
            Evidence,
            rx.el.div(
                rx.cond(may(Permission.EVIDENCE_EXPORT), _form(), _not_yours()),
                rx.cond(Evidence.packs.length() > 0, _list(), _none()),
                client.Ticker.create(every=EVERY_MS, on=Evidence.making, on_tick=Evidence.refresh),
                class_name="pad wide stack",
            ),
        ),
        soft=True,
    )


def _not_yours() -> rx.Component:
    return rx.el.p(
        "You see which packs were made. Owners and managers make and take them: they hold real numbers.",
        class_name="dim",
        id="evidence-form",
    )


def _form() -> rx.Component:
    return rx.el.section(
        rx.el.h2("New evidence pack"),
        rx.el.p(
            "A zip that proves what was decided and why: receipts, consents, texts, rule texts and a verifier that "
            "needs no LeadFlow. It is kept for thirty days.",
            class_name="dim",
        ),
        client.Words.create(param="about", items=ABOUT, label="About"),
        client.ApiForm.create(
            client.Shown.create(_number(EvidenceOf.PHONE, "Number"), param="about", value=""),
            client.Shown.create(
                _number(EvidenceOf.PERSON, "A number at which the person is reached"),
                param="about",
                value=EvidenceOf.PERSON.value,
            ),
            client.Shown.create(_campaign(), param="about", value=EvidenceOf.CAMPAIGN.value),
            rx.el.div(
                field("From", text_in("since", type="date"), name="since", hint="Empty: from the beginning."),
                field("To", text_in("until", type="date"), name="until", hint="This day counts too. Empty: up to now."),
                class_name="cols",
            ),
            rx.el.div(button("Make pack", sign="package", kind="primary", type="submit", id="make-evidence")),
            url="/api/v1/evidence",
            done="The pack is being made",
            label="New evidence pack",
            on_done=Evidence.refresh,
            class_name="stack narrow",
            id="evidence-form",
        ),
        class_name="card stack",
    )


def _number(of: EvidenceOf, label: str) -> rx.Component:
    return rx.fragment(
        rx.el.input(type="hidden", name="of", value=of.value),
        field(
            label,
            text_in("phone", required=True, placeholder="(206) 555-0142", default_value=Evidence.phone),
            name="phone",
        ),
    )


def _campaign() -> rx.Component:
    return rx.fragment(
        rx.el.input(type="hidden", name="of", value=EvidenceOf.CAMPAIGN.value),
        field("Campaign", choose("campaign_id", Evidence.campaigns, required=True), name="campaign_id"),
    )


def _none() -> rx.Component:
    return empty(
        "package",
        "No evidence pack",
        "Ask for one above. Who made it, about whom, and the SHA-256 of the file stay in the audit log for good.",
    )


def _list() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            table(
                ["About", "Time", "Asked for", "Holds", ""],
                rx.foreach(Evidence.packs, _row),
                "Evidence packs",
            ),
            class_name="card flush",
            id="evidence-packs",
        ),
        rx.cond(
            Evidence.older != "",
            rx.el.div(client.WordLink.create("Older packs", words={"after": Evidence.older}, class_name="btn")),
        ),
    )


def _row(one: rx.Var[PackView]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.b(one.about), rx.el.div(one.of, class_name="dim cap")),
        rx.el.td(
            rx.cond(one.since != "", client.When.create(at=one.since, kind="day"), "Beginning"),
            f" {NONE} ",
            client.When.create(at=one.until, kind="day"),
            class_name="nowrap",
        ),
        rx.el.td(client.When.create(at=one.requested_at, kind="when"), rx.el.div(one.asked_by, class_name="dim")),
        rx.el.td(
            term(one.state, EVIDENCE),
            rx.cond(one.state == "making", _progress(one)),
            rx.cond(one.fault != "", rx.el.div(one.fault, class_name="dim note")),
            rx.cond(
                one.sha256 != "",
                rx.fragment(
                    rx.el.div(
                        one.receipts, " receipts · ", one.size, " · chain head ", one.head, class_name="dim note"
                    ),
                    rx.el.div(one.sha256, class_name="code dim", title="SHA-256 of the file"),
                ),
            ),
        ),
        rx.el.td(
            rx.cond(
                (one.state == "ready") & may(Permission.EVIDENCE_EXPORT),
                rx.fragment(
                    client.Fetch.create(
                        icon("download", 14),
                        "Download",
                        ask="/api/v1/evidence/" + one.id + "/unlock",
                        href="/api/v1/evidence/" + one.id + "/file",
                        label="Download the pack about " + one.about,
                        class_name="btn sm",
                    ),
                    rx.el.div("until ", client.When.create(at=one.expires_at, kind="day"), class_name="dim note"),
                ),
            ),
            class_name="acts",
        ),
        custom_attrs={"data-state": one.state},
    )


def _progress(one: rx.Var[PackView]) -> rx.Component:
    label = "Making the pack about " + one.about
    return rx.cond(
        one.total > 0,
        rx.el.progress(value=one.done, max=one.total, aria_label=label),
        rx.el.progress(aria_label=label),
    )
