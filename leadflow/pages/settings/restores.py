"""/settings: a backup that was restored, what the carrier knew and it did not, and the owner's word to send again."""

from __future__ import annotations

import asyncio

import reflex as rx

from leadflow.identity.rules import may as allowed
from leadflow.messaging import service as messaging
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.feedback import banner
from leadflow.ui.form import button, confirm
from leadflow.ui.shell import Shell, may
from models.vocabulary import Permission


class Restores(Page, rx.State):
    """The restored backup that waits for an owner, if one does."""

    epoch: int = 0
    as_of: str = ""
    why: str = ""
    answered: bool = False
    trouble: str = ""
    texts: int = 0
    joined: int = 0
    received: int = 0
    stops: int = 0

    @loads(Permission.SESSION_USE)
    async def load(self, desk: Desk) -> None:
        """Read whether one waits."""
        self.failure, self.epoch = {}, 0
        if allowed(desk.actor, Permission.SETTINGS_READ):
            found = await desk.do(lambda uow: messaging.restores(uow, desk.actor))
            waiting = next((one for one in found if one.resumed_at is None), None)
            if waiting is not None:
                self.epoch, self.as_of, self.why = waiting.epoch, waiting.as_of.isoformat(), waiting.why
                self.answered, self.trouble = waiting.answered_at is not None, waiting.trouble
                self.texts, self.joined = waiting.texts, waiting.joined
                self.received, self.stops = waiting.received, waiting.stops
        self.loaded = True

    @action(Permission.RESTORE_CONFIRM)
    async def resume(self, desk: Desk) -> None:
        """Let sending go on; the carrier is asked once more before."""
        await asyncio.to_thread(messaging.resume, desk.database, desk.actor, self.epoch)
        self.epoch = 0
        shell = await self.get_state(Shell)
        shell.restored = ""
        desk.say("Sending goes on", "Whoever was texted after the backup is not texted again.")


def view() -> rx.Component:
    """Tell what the backup does not know, and offer an owner to go on."""
    return rx.cond(
        Restores.epoch > 0,
        banner(
            "bad",
            rx.el.div(
                rx.el.div(
                    rx.el.span("These records are a restored backup, as of ", class_name="w"),
                    client.When.create(at=Restores.as_of, kind="when"),
                ),
                rx.el.div(Restores.why, " Nothing is sent, planned or started until an owner resumes."),
                rx.cond(Restores.answered, _known(), _unknown()),
                class_name="grow stack tight",
            ),
            rx.cond(Restores.answered & may(Permission.RESTORE_CONFIRM), _resume()),
            sign="database-backup",
            id="restored",
        ),
    )


def _known() -> rx.Component:
    return rx.el.ul(
        rx.el.li(
            rx.el.b(Restores.texts),
            " texts at the carrier that these records did not know of; ",
            rx.el.b(Restores.joined, id="restored-joined"),
            " are texts of yours by now, the others are looked up before a campaign texts the same person.",
        ),
        rx.el.li(
            rx.el.b(Restores.received),
            " texts from people that were lost and are back; ",
            rx.el.b(Restores.stops),
            " of them forbid further texts, and are in force.",
        ),
        rx.el.li("Everything else since then is lost: imports, notes, tasks, campaigns that were made or changed."),
        id="restored-known",
    )


def _unknown() -> rx.Component:
    return rx.el.div(
        "The carrier is being asked what it has sent and received since. Nobody can resume before it has answered. ",
        Restores.trouble,
        id="restored-unknown",
    )


def _resume() -> rx.Component:
    return confirm(
        button("Resume sending", sign="play", kind="primary", id="resume-restored"),
        "Send again on these records?",
        "Running campaigns go on, and each text still passes the gate. What was lost since the backup stays lost.",
        button("Resume sending", kind="primary", on_click=Restores.resume, id="confirm-restored"),
    )
