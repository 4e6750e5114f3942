"""The state of /inbox: one page of conversations, the open one, and what is asked about it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import reflex as rx
from pydantic import TypeAdapter, ValidationError

from leadflow.compliance.rules.gate import sentence
from leadflow.identity import rules
from leadflow.identity import service as identity
from leadflow.identity.types import Principal
from leadflow.inbox import service as inbox
from leadflow.inbox.errors import ConversationLocked, JustAnswered
from leadflow.inbox.types import ConversationOutcome, Filled, Folder, PresenceKind, Present, Thread, Window
from leadflow.inbox.types import Inbox as Box
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid, Refused
from leadflow.leads import service as leads
from leadflow.leads.errors import Claimed
from leadflow.leads.types import Claim
from leadflow.pages.inbox.rows import FOLDERS, Conv, Ready, Stop, Talk, WindowView, advice, conv, ready, talk, window
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import record, word
from leadflow.ui.shell import Shell
from models.vocabulary import Permission, ReplyLabel

PAGE = 40
"""Conversations of one page."""
MORNING = time(9)
"""When what is put off until another day comes back, by the team's clock. Own choice."""
SAID = {
    ConversationOutcome.VERIFIED: "The number is correct; the property's other numbers are not texted any more",
    ConversationOutcome.QUALIFIED: "Qualified: the lead moved on and has a task",
    ConversationOutcome.PRIORITY: "Marked as priority",
    ConversationOutcome.INTERESTED: "Marked as interested",
    ConversationOutcome.NOT_INTERESTED: "Marked as not interested",
    ConversationOutcome.WRONG_NUMBER: "The number will not be texted again",
    ConversationOutcome.DNC: "This person will not be contacted again",
    ConversationOutcome.REVIEWED: "Reviewed",
}
INSTANT = TypeAdapter(datetime)


class Inbox(Page, rx.State):
    """One page of conversations and the open one."""

    folders: list[list[Any]] = []
    rows: list[Conv] = []
    next: str = ""
    first: bool = True
    """Whether this is the first page of the folder."""
    talk: Talk = Talk()
    shown: str = ""
    window: WindowView = WindowView()
    sent: int = 0
    """Grows with every answer that was taken, so that the composer empties."""
    stop: Stop = Stop()
    """Why the last answer was not taken."""
    beside: str = ""
    """A colleague's answer of moments ago: the next try is sent beside it."""
    others: list[list[str]] = []
    """Who else is at the open conversation: name, and ``replying`` or ``viewing``."""
    ready: list[Ready] = []
    asking: str = ""
    """Which question stands over the conversation: dnc, snooze, assign, label, undo, actions."""
    colleagues: list[list[str]] = []
    claim: dict[str, str] = {}
    """Who works on the lead of the open conversation: ``by``, ``until`` and whether it is ``mine``."""

    @loads(Permission.INBOX_READ)
    async def load(self, desk: Desk) -> None:
        """Read the folder and the conversation that the address names."""
        wanted = record(self, "conversation")
        if str(wanted or "") != self.shown:
            self.stop, self.beside, self.asking, self.others = Stop(), "", "", []
        self.failure, self.shown = {}, str(wanted or "")
        await self._look(desk)
        self.loaded = True

    @action(Permission.INBOX_READ)
    async def refresh(self, desk: Desk) -> None:
        """Look for news."""
        await self._look(desk)

    @action(Permission.INBOX_REPLY)
    async def typing(self, desk: Desk) -> None:
        """Tell colleagues that an answer is being written."""
        if self.shown:
            conversation = UUID(self.shown)
            found = await desk.do(lambda uow: inbox.arrive(uow, desk.actor, conversation, PresenceKind.REPLYING))
            self._show_others(found)

    @action(Permission.INBOX_REPLY)
    async def reply(self, desk: Desk, form: dict[str, Any]) -> None:
        """Queue an answer; the gate decides again when it leaves. What was written stays until it is taken."""
        body, conversation = str(form.get("body") or "").strip(), UUID(str(form.get("conversation")))
        beside = UUID(self.beside) if self.beside else None
        if not body:
            raise Invalid("Write something first.", "body")
        try:
            await desk.do(lambda uow: inbox.reply(uow, desk.actor, conversation, body, beside))
        except JustAnswered as told:
            self.beside, self.stop = str(told.message_id), Stop(told.message, "", confirm=True)
            return
        except (Refused, ConversationLocked) as refused:
            reasons = refused.reasons if isinstance(refused, Refused) else ("legal_threat",)
            self.stop = Stop(refused.message, advice(reasons[0]), reasons=[sentence(one) for one in reasons[1:]])
            return
        except Claimed as held:
            self.stop = Stop(held.message, "What you wrote stays here until you send it.")
            await self._look(desk)
            return
        self.sent, self.beside, self.stop = self.sent + 1, "", Stop()
        await self._look(desk)

    @action(Permission.LEAD_WRITE)
    async def finish(self, desk: Desk) -> None:
        """Say that the work on the lead is done, so that others may answer."""
        lead_id = UUID(self.talk.lead_id)
        await desk.do(lambda uow: leads.release(uow, desk.actor, lead_id))
        await self._look(desk)

    @action(Permission.LEAD_ASSIGN)
    async def take_over(self, desk: Desk) -> None:
        """Claim the lead on which a colleague works; the timeline tells."""
        lead_id = UUID(self.talk.lead_id)
        await desk.do(lambda uow: leads.take_over(uow, desk.actor, lead_id))
        self.stop = Stop()
        await self._look(desk)

    @action(Permission.INBOX_REPLY)
    async def settle(self, desk: Desk, outcome: ConversationOutcome) -> None:
        """Say what the conversation came to."""
        await self._settled(desk, outcome, "")

    @action(Permission.INBOX_REPLY)
    async def refuse(self, desk: Desk, form: dict[str, Any]) -> None:
        """Note that the person is never to be contacted again, and why."""
        await self._settled(desk, ConversationOutcome.DNC, str(form.get("reason") or ""))

    @action(Permission.INBOX_REPLY)
    async def undo(self, desk: Desk, form: dict[str, Any]) -> None:
        """Undo the last outcome; where that had suppressed somebody, a second person is asked."""
        conversation, why = UUID(self.shown), str(form.get("why") or "")
        done = await desk.do(lambda uow: inbox.undo(uow, desk.actor, conversation, why))
        self.asking = ""
        await self._look(desk)
        if done.lifted:
            desk.say("Undone")
        else:
            desk.say("A second person is asked", "Until an owner grants it, nobody contacts this person.")

    @action(Permission.INBOX_REPLY)
    async def relabel(self, desk: Desk, form: dict[str, Any]) -> None:
        """Say what the last reply really means."""
        conversation, why = UUID(self.shown), str(form.get("why") or "")
        label = ReplyLabel(str(form.get("label")))
        done = await desk.do(lambda uow: inbox.relabel(uow, desk.actor, conversation, label, why))
        self.asking = ""
        await self._look(desk)
        if done.release_ids:
            desk.say(
                "Noted; a second person is asked", "What the reply had suppressed stands until an owner grants it."
            )
        else:
            desk.say("Noted")

    @action(Permission.INBOX_REPLY)
    async def snooze(self, desk: Desk, wish: str) -> None:
        """Put the conversation off: for 1 or 4 hours, until tomorrow or Monday morning, or (empty) bring it back."""
        await self._put_off(desk, lambda uow: _until(uow, wish))

    @action(Permission.INBOX_REPLY)
    async def snooze_until(self, desk: Desk, form: dict[str, Any]) -> None:
        """Put the conversation off until a chosen instant."""
        try:
            until = INSTANT.validate_python(str(form.get("until") or ""))
        except ValidationError as error:
            raise Invalid("Choose a day and an hour.", "until") from error
        await self._put_off(desk, lambda _: until)

    @action(Permission.INBOX_REPLY)
    async def assign(self, desk: Desk, user_id: str) -> None:
        """Give the conversation to somebody, or to nobody."""
        conversation, wanted = UUID(self.shown), UUID(user_id) if user_id else None
        await desk.do(lambda uow: inbox.assign(uow, desk.actor, conversation, wanted))
        self.asking = ""
        await self._look(desk)
        desk.say("Given to " + self.talk.assignee if self.talk.assignee else "Given to nobody")

    @action(Permission.INBOX_REPLY)
    async def ask(self, desk: Desk, what: str) -> None:
        """Put a question over the conversation."""
        if what == "assign":
            found = await desk.do(lambda uow: inbox.colleagues(uow, desk.actor))
            self.colleagues = [[str(one.id), one.name] for one in found]
        self.asking = what if self.shown else ""

    @action(Permission.INBOX_READ)
    async def put_away(self, _desk: Desk, opened: bool) -> None:  # noqa: FBT001 what Radix says of a dialog
        """Take the question away again."""
        if not opened:
            self.asking = ""

    async def _settled(self, desk: Desk, outcome: ConversationOutcome, reason: str) -> None:
        conversation = UUID(self.shown)
        await desk.do(lambda uow: inbox.settle(uow, desk.actor, conversation, outcome, reason))
        self.asking = ""
        await self._look(desk)
        desk.say(SAID[outcome], "Undo stands over the texts (u).")

    async def _put_off(self, desk: Desk, until: Any) -> None:  # noqa: ANN401 a function of the transaction
        conversation = UUID(self.shown)
        await desk.do(lambda uow: inbox.snooze(uow, desk.actor, conversation, until(uow)))
        self.asking = ""
        await self._look(desk)
        desk.say(
            "Back in the list" if self.talk.snoozed_until == "" else "Out of sight until then, or until they reply"
        )

    async def _look(self, desk: Desk) -> None:
        """Read everything in one transaction, and send only what has changed."""
        folder, after, words = _folder(word(self, "folder")), word(self, "after") or None, word(self, "q")
        conversation = UUID(self.shown) if self.shown else None
        seen = await desk.do(lambda uow: _read(uow, desk.actor, folder, after, words, conversation))
        rows = [conv(row, seen.now) for row in seen.box.rows]
        counts = seen.box.counts
        folders = [["" if one is Folder.ALL else str(one), label, counts.get(one, 0)] for one, label in FOLDERS]
        self.first, self.next = after is None, seen.box.after or ""
        if rows != self.rows:
            self.rows = rows
        if folders != self.folders:
            self.folders = folders
            (await self.get_state(Shell)).waiting = counts[Folder.UNREAD]
        if seen.thread is not None and seen.window is not None:
            self._show(seen.thread, seen.window, seen.ready)
            self._show_claim(seen.thread.claim, desk.actor)
            self._show_others(seen.others)

    def _show(self, thread: Thread, seen: Window, filled: tuple[Filled, ...]) -> None:
        shown, open_now, answers = talk(thread), window(seen), [ready(one) for one in filled]
        if shown != self.talk:
            self.talk = shown
        if open_now != self.window:
            self.window = open_now
        if answers != self.ready:
            self.ready = answers

    def _show_claim(self, found: Claim | None, actor: Principal) -> None:
        mine = "1" if found is not None and found.user_id == actor.user_id else ""
        shown = {"by": found.name, "until": found.until.isoformat(), "mine": mine} if found else {}
        if shown != self.claim:
            self.claim = shown

    def _show_others(self, found: tuple[Present, ...]) -> None:
        others = [[one.name, str(one.kind)] for one in found]
        if others != self.others:
            self.others = others


class _Seen:
    """What one look brought."""

    def __init__(self, box: Box, now: datetime) -> None:
        self.box, self.now = box, now
        self.thread: Thread | None = None
        self.window: Window | None = None
        self.others: tuple[Present, ...] = ()
        self.ready: tuple[Filled, ...] = ()


def _read(
    uow: UnitOfWork, actor: Principal, folder: Folder, after: str | None, words: str, conversation: UUID | None
) -> _Seen:
    seen = _Seen(inbox.inbox(uow, actor, folder, after, PAGE, words), uow.now())
    if conversation is None:
        return seen
    seen.thread = inbox.thread(uow, actor, conversation)
    seen.window = inbox.window(uow, actor, conversation)
    seen.others = inbox.arrive(uow, actor, conversation)
    seen.ready = inbox.ready(uow, actor, conversation)
    if seen.thread.row.unread and rules.may(actor, Permission.INBOX_REPLY):
        inbox.mark_read(uow, actor, conversation)
    return seen


def _until(uow: UnitOfWork, wish: str) -> datetime | None:
    """Read a wish by the team's clock."""
    now = uow.now()
    if wish == "":
        return None
    if wish in {"1", "4"}:
        return now + timedelta(hours=int(wish))
    zone = ZoneInfo(identity.own_organization(uow).timezone)
    today = now.astimezone(zone).date()
    days = {"tomorrow": 1, "monday": 7 - today.weekday()}.get(wish)
    if days is None:
        raise Invalid("Choose until when.", "until")
    return datetime.combine(today + timedelta(days=days), MORNING, zone)


def _folder(text: str) -> Folder:
    return next((one for one in Folder if one == text), Folder.ALL)
