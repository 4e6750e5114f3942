"""/compliance/packs?pack=…: one rule pack as text, what a change would do, and its versions."""

from __future__ import annotations

import reflex as rx

from leadflow.compliance import service as compliance
from leadflow.pages.compliance.components import top
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, loads
from leadflow.ui.address import word
from leadflow.ui.feedback import banner, ready
from leadflow.ui.shell import may, page
from models.vocabulary import Permission


class PackEditor(rx.Component):
    """The pack of that name: text, preview, installation, versions. It speaks to the API itself."""

    library = rx.asset("packs.jsx", shared=True).importable_path
    tag = "PackEditor"
    name: rx.Var[str]
    may: rx.Var[bool]


class Packs(Page, rx.State):
    """Which pack is open."""

    name: str = ""
    names: list[list[str]] = []

    @loads(Permission.DECISION_READ)
    async def load(self, desk: Desk) -> None:
        """Read which packs there are."""
        self.failure = {}
        self.name = word(self, "pack") or "organization"
        wanted = self.name
        found = await desk.do(
            lambda uow: (compliance.rules(uow, desk.actor).packs, compliance.version(uow, desk.actor, wanted))
        )
        known = {pack.name: pack.title for pack in (*found[0], found[1])}
        self.names = [[name, title] for name, title in sorted(known.items())]
        self.loaded = True


def view() -> rx.Component:
    """Show the editor of one pack."""
    return page(
        top("/compliance/rules"),
        ready(
            Packs,
            rx.el.div(
                client.Words.create(param="pack", items=Packs.names, label="Packs"),
                banner("info", rx.el.span("Federal law is the floor: what lies below it is refused, whoever asks.")),
                PackEditor.create(name=Packs.name, may=may(Permission.POLICY_WRITE), key=Packs.name),
                class_name="pad wide stack",
            ),
        ),
        soft=True,
    )
