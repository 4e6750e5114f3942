"""/compliance/decisions: everything the gate ever said, allowed or not; ``?decision=`` opens the receipt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
import reflex as rx

from leadflow.audit.types import Proof
from leadflow.compliance import service as compliance
from leadflow.compliance.types import Receipt
from leadflow.kernel.phone import display
from leadflow.pages.compliance.components import REASON, RuleView, pair, rule_list, rule_views, top
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, loads
from leadflow.ui.address import record
from leadflow.ui.feedback import NONE, banner, icon, pill, ready
from leadflow.ui.form import link
from leadflow.ui.shell import may, page
from leadflow.ui.table import column, options
from leadflow.ui.tokens import VERDICT, words
from models.vocabulary import Permission, Purpose, Verdict

FILTERS = ["verdict", "rule", "phone", "campaign", "purpose"]
COLUMNS = [
    column("at", "When", 138, "when", small=True, small_width=132),
    column("verdict", "Verdict", 116, "pill", tones=VERDICT, small=True, small_width=108),
    column("reasons", "Why", 230, "reasons", tones=REASON, flex=1, small=True, small_width=160),
    column("person_name", "Person", 170),
    column("e164", "Number", 140, "phone"),
    column("campaign_name", "Campaign", 180),
    column("purpose", "Asked by", 120, "words"),
    column("policy_version", "Rules", 136, "mono"),
]


@dataclass(frozen=True)
class ReceiptView:
    """A decision with everything it rests on."""

    id: str = ""
    at: str = ""
    verdict: str = ""
    tone: str = "mute"
    label: str = ""
    sentence: str = ""
    later_at: str = ""
    person: str = ""
    number: str = ""
    campaign: str = ""
    campaign_id: str = ""
    lead_id: str = ""
    purpose: str = ""
    policy: str = ""
    digest: str = ""
    sealed: bool = False
    evidence: str = ""
    """The number for the address of the evidence page."""
    holds: bool = False
    place: str = ""
    anchor: str = ""
    path: str = ""
    """Digest, neighbours, root: a line each."""
    seal_signature: str = ""
    inputs: str = ""
    rules: list[RuleView] = field(default_factory=list)


class Decisions(Page, rx.State):
    """The receipt that is open."""

    receipt: ReceiptView = ReceiptView()
    shown: str = ""

    @loads(Permission.DECISION_READ)
    async def load(self, desk: Desk) -> None:
        """Read the receipt that the address names."""
        self.failure, self.shown = {}, ""
        if wanted := record(self, "decision"):
            self.shown = str(wanted)
            receipt = await desk.do(lambda uow: compliance.receipt(uow, desk.actor, wanted))
            proof = await desk.do(lambda uow: compliance.prove(uow, desk.actor, wanted)) if receipt.sealed else None
            self.receipt = _receipt(receipt, proof)
        self.loaded = True


def _receipt(receipt: Receipt, proof: Proof | None) -> ReceiptView:
    row, (tone, label) = receipt.row, VERDICT[receipt.row.verdict]
    rules = rule_views(receipt.rules)
    inputs = {key: value for key, value in receipt.body.items() if key != "rules"}
    return ReceiptView(
        id=str(row.id),
        at=row.at.isoformat(),
        verdict=str(row.verdict),
        tone=tone,
        label=label,
        sentence=_sentence(row.verdict, rules),
        later_at=row.later_at.isoformat() if row.later_at else "",
        person=row.person_name or "",
        number=display(row.e164) if row.e164 else "",
        evidence=(row.e164 or "").lstrip("+"),
        campaign=row.campaign_name or "",
        campaign_id=str(row.campaign_id or ""),
        lead_id=str(row.lead_id or ""),
        purpose=words(row.purpose),
        policy=row.policy_version,
        digest=row.digest,
        sealed=receipt.sealed,
        inputs=orjson.dumps(inputs, option=orjson.OPT_INDENT_2, default=str).decode(),
        rules=rules,
        **(_place(proof) if proof else {}),
    )


def _place(proof: Proof) -> dict[str, Any]:
    """Tell where the receipt stands in the record, for people."""
    return {
        "holds": proof.holds,
        "place": f"Position {proof.position:,}, under seal {proof.seal:,}",
        "anchor": "also kept outside the database" if proof.anchored else "",
        "path": "\n".join((proof.digest, *proof.path, proof.merkle_root)),
        "seal_signature": proof.signature,
    }


def _sentence(verdict: Verdict, rules: list[RuleView]) -> str:
    against = next((rule.sentence for rule in rules if rule.outcome != "pass"), "")
    return {
        Verdict.SENDABLE: "Every rule was satisfied at that moment.",
        Verdict.LATER: f"It had to wait: {against}",
        Verdict.BLOCKED: f"It was refused: {against}",
    }[verdict]


def view() -> rx.Component:
    """Show the list and, where the address names one, a receipt."""
    rules = options(REASON)
    return rx.fragment(
        page(
            top("/compliance/decisions", client.Count.create(grid="decisions", one="decision", many="decisions")),
            rx.el.div(
                client.SearchBox.create(param="phone", placeholder="Number", id="decision-phone"),
                client.Choice.create(param="verdict", options=options(VERDICT), label="Verdict", id="filter-verdict"),
                client.Choice.create(param="rule", options=rules, label="Rule", id="filter-rule"),
                client.Choice.create(
                    param="purpose",
                    options=[[str(p), words(p)] for p in Purpose if p is not Purpose.CHECK],
                    label="Asked by",
                    id="filter-purpose",
                ),
                client.WordChip.create(param="campaign", label="One campaign"),
                class_name="bar top",
            ),
            rx.el.div(
                client.Grid.create(
                    name="decisions",
                    api="/api/v1/decisions",
                    columns=COLUMNS,
                    params=FILTERS,
                    row_key="id",
                    open_param="decision",
                    label="Decisions",
                    cursor=True,
                    empty_title="No decision yet",
                    empty_text="Before a text leaves, the gate decides and keeps a receipt here, refusals too.",
                ),
                class_name="gridbox",
            ),
            scroll=False,
        ),
        client.Drawer.create(ready(Decisions, _drawer()), param="decision", shown=Decisions.shown, label="Receipt"),
    )


def _drawer() -> rx.Component:
    one = Decisions.receipt
    return rx.fragment(
        rx.el.header(
            rx.el.div(
                rx.el.h2("Receipt"),
                rx.el.div(client.When.create(at=one.at, kind="when"), " · ", one.purpose, class_name="dim"),
                class_name="grow",
            ),
            class_name="drawer-h",
        ),
        rx.el.div(
            banner(
                one.tone,
                rx.el.div(
                    rx.el.div(one.label, class_name="w"),
                    one.sentence,
                    rx.cond(
                        one.later_at != "",
                        rx.fragment(" Earliest ", client.When.create(at=one.later_at, kind="when"), "."),
                    ),
                    class_name="grow",
                ),
                sign="shield-check",
                id="receipt-sentence",
                attrs={"data-verdict": one.verdict},
            ),
            rx.el.section(
                rx.el.dl(
                    pair("Person", rx.cond(one.person != "", one.person, NONE)),
                    pair("Number", rx.cond(one.number != "", one.number, "erased")),
                    pair(
                        "Campaign",
                        rx.cond(
                            one.campaign_id != "", rx.link(one.campaign, href="/campaigns/" + one.campaign_id), NONE
                        ),
                    ),
                    pair("Rules in force", rx.el.span(one.policy, class_name="code")),
                    pair(
                        "In the record",
                        rx.match(
                            rx.cond(one.place != "", rx.cond(one.holds, "ok", "bad"), "waits"),
                            ("ok", rx.fragment(pill("ok", "Proved"), " ", one.place, " ", one.anchor)),
                            ("bad", rx.fragment(pill("bad", "Changed"), " ", one.place)),
                            pill("warn", "Waits for the next seal"),
                        ),
                    ),
                    pair("Digest", rx.el.span(one.digest, class_name="code")),
                    class_name="pairs",
                ),
                rx.cond(
                    one.lead_id != "", link("Open the lead", "/leads?lead=" + one.lead_id, sign="house", kind="sm")
                ),
                rx.cond(
                    (one.evidence != "") & may(Permission.EVIDENCE_EXPORT),
                    link("Evidence pack", "/compliance/evidence?phone=" + one.evidence, sign="package", kind="sm"),
                ),
                class_name="sect stack tight",
            ),
            rx.cond(
                one.path != "",
                rx.el.section(
                    rx.el.details(
                        rx.el.summary("Proof: from the receipt up to a signed root"),
                        rx.el.pre(one.path, class_name="code", custom_attrs={"tabIndex": "0"}),
                        rx.el.p("Signature of the seal: ", rx.el.span(one.seal_signature, class_name="code wrap")),
                        client.Download.create(
                            icon("download", 14),
                            "Proof as JSON",
                            href="/api/v1/decisions/" + one.id + "/proof",
                            class_name="btn sm",
                        ),
                    ),
                    class_name="sect",
                    id="receipt-proof",
                ),
            ),
            rx.el.section(rx.el.h3("Every rule"), rule_list(one.rules), class_name="sect"),
            rx.el.section(
                rx.el.details(
                    rx.el.summary("What the gate knew"),
                    rx.el.pre(one.inputs, class_name="code", custom_attrs={"tabIndex": "0"}),
                ),
                class_name="sect",
            ),
            class_name="drawer-b",
        ),
    )
