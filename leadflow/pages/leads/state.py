"""The state of /leads and /leads/[lead_id]: the choices of the filter bar, the open lead. Rows stay in the grid."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import reflex as rx
from pydantic import TypeAdapter, ValidationError

from leadflow.duplicates import service as duplicates
from leadflow.duplicates.types import PairFilter
from leadflow.identity import service as identity
from leadflow.identity.rules import may
from leadflow.inbox import service as inbox
from leadflow.kernel.errors import Invalid
from leadflow.kernel.phone import display
from leadflow.leads import service as leads
from leadflow.leads.errors import MergedLead
from leadflow.leads.work_types import TimelinePart
from leadflow.pages.inbox.rows import Talk, talk
from leadflow.pages.leads.rows import LeadView, lead_view, own_field
from leadflow.pages.leads.told import ENTRIES, PASTS, Entry, Past, entries, past
from leadflow.properties.types import Loss
from leadflow.ui import maps
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import record, without, word
from models.vocabulary import LeadStatus, Permission, PhoneStatus

CHOICES = 100
"""Lists, tags and sources offered in the filter bar, largest first."""
TWINS = 3
"""Pairs, and merges, that the drawer names."""
INSTANT = TypeAdapter(datetime)


class Leads(Page, rx.State):
    """What stands beside the rows."""

    lists: list[list[str]] = []
    tags: list[list[str]] = []
    sources: list[list[str]] = []
    members: list[list[str]] = []
    tiles: dict[str, str] = {}
    """Of the map beside the list, as ``ui.maps.tiles`` says."""
    lead: LeadView = LeadView()
    feed: list[Entry] = []
    """The timeline, or a part of it."""
    feed_next: str = ""
    """Mark of what is older; empty where that is all."""
    feed_count: int = 0
    pinned: list[Entry] = []
    """The note that stands above it, if one does."""
    editing: str = ""
    """The note whose words are being changed."""
    past: list[Past] = []
    """The history, only while it is looked at."""
    past_next: str = ""
    talks: list[Talk] = []
    """Conversations with the lead's people, only while they are looked at."""
    asking: str = ""
    """The number that is about to be closed for good."""
    own: list[dict[str, Any]] = []
    """The organisation's own fields with what they hold at the open lead, as JSON."""
    twins: list[list[str]] = []
    """Pairs that may be one with something of the lead: id, and the other's name."""
    merges: list[list[str]] = []
    """Merges of the lead that can be taken back: id, and what it is about."""
    shown: str = ""
    """Id of the lead that ``lead`` or ``failure`` speaks of."""
    noted: int = 0
    """Grows when a note was written, so that its box empties; a draft outlives whatever else is done."""
    claim: dict[str, str] = {}
    """Who works on the lead: ``by``, ``until``, and ``mine`` where it is the caller; empty for nobody."""
    saved: int = 0
    """Grows when something was added, so that inputs empty."""

    @loads(Permission.LEAD_READ)
    async def load(self, desk: Desk) -> None:
        """Read the choices and the lead that the address names."""
        self.lists = await desk.do(
            lambda uow: [[str(row.id), f"{row.name} ({row.count:,})"] for row in leads.lists(uow, desk.actor)[:CHOICES]]
        )
        self.tags = await desk.do(
            lambda uow: [[row.name, f"{row.name} ({row.count:,})"] for row in leads.tags(uow, desk.actor)[:CHOICES]]
        )
        self.sources = await desk.do(lambda uow: [[name, name] for name in leads.sources(uow, desk.actor)[:CHOICES]])
        self.tiles = maps.tiles()

    @loads(Permission.LEAD_READ)
    async def open(self, desk: Desk) -> None:
        """Read the lead that the address names."""
        self.failure, self.shown, self.asking, self.editing = {}, "", "", ""
        if wanted := record(self, "lead_id") or record(self, "lead"):
            self.lead = LeadView()
            self.shown = str(wanted)
            try:
                await self._show(desk, wanted)
            except MergedLead as merged:
                desk.say("This lead was merged into another", "You see the one that it is today.", "info")
                desk.go(
                    f"/leads/{merged.survivor_id}" if word(self, "lead_id") else f"/leads?lead={merged.survivor_id}"
                )
        self.loaded = True

    @action(Permission.LEAD_WRITE)
    async def set_status(self, desk: Desk, lead_id: UUID, status: LeadStatus) -> None:
        """Move the lead to another status."""
        await desk.do(lambda uow: leads.set_status(uow, desk.actor, lead_id, status))
        await self._changed(desk, lead_id)

    @action(Permission.LEAD_ASSIGN)
    async def assign(self, desk: Desk, lead_id: UUID, user_id: str) -> None:
        """Give the lead to somebody, or to nobody."""
        wanted = UUID(user_id) if user_id else None
        await desk.do(lambda uow: leads.assign(uow, desk.actor, lead_id, wanted))
        await self._changed(desk, lead_id)

    @action(Permission.LEAD_WRITE)
    async def add_task(self, desk: Desk, form: dict[str, str]) -> None:
        """Add a follow-up."""
        lead_id, due = _id(form), _instant(form.get("due_at", ""))
        await desk.do(lambda uow: leads.add_task(uow, desk.actor, lead_id, form.get("title", ""), due))
        await self._changed(desk, lead_id)

    @action(Permission.LEAD_WRITE)
    async def finish_task(self, desk: Desk, lead_id: UUID, task_id: UUID) -> None:
        """Tick a follow-up off."""
        await desk.do(lambda uow: leads.finish_task(uow, desk.actor, task_id))
        await self._changed(desk, lead_id)
        desk.say("Task done", "Undo stands beside it.")

    @action(Permission.LEAD_WRITE)
    async def reopen_task(self, desk: Desk, lead_id: UUID, task_id: UUID) -> None:
        """Take a tick back."""
        await desk.do(lambda uow: leads.reopen_task(uow, desk.actor, task_id))
        await self._changed(desk, lead_id)

    @action(Permission.LEAD_WRITE)
    async def add_note(self, desk: Desk, form: dict[str, str]) -> None:
        """Write a note on the timeline."""
        lead_id = _id(form)
        await desk.do(lambda uow: leads.add_note(uow, desk.actor, lead_id, form.get("text", "")))
        self.noted += 1
        await self._changed(desk, lead_id)

    @action(Permission.LEAD_WRITE)
    async def edit_note(self, desk: Desk, entry_id: str) -> None:
        """Open a note to change its words; none closes it."""
        del desk
        self.editing = entry_id

    @action(Permission.LEAD_WRITE)
    async def change_note(self, desk: Desk, form: dict[str, str]) -> None:
        """Change the words of an own note."""
        lead_id, entry_id, text = _id(form), UUID(form.get("entry_id", "")), form.get("text", "")
        await desk.do(lambda uow: leads.change_note(uow, desk.actor, lead_id, entry_id, text))
        self.editing = ""
        await self._show(desk, lead_id)

    @action(Permission.LEAD_WRITE)
    async def remove_note(self, desk: Desk, lead_id: UUID, entry_id: UUID) -> None:
        """Take an own note away."""
        await desk.do(lambda uow: leads.remove_note(uow, desk.actor, lead_id, entry_id))
        await self._show(desk, lead_id)
        desk.say("Note taken away", undo=f"/api/v1/leads/{lead_id}/notes/{entry_id}/restore")

    @action(Permission.LEAD_WRITE)
    async def pin_note(self, desk: Desk, lead_id: UUID, entry_id: UUID) -> None:
        """Let a note stand above the timeline."""
        await desk.do(lambda uow: leads.pin_note(uow, desk.actor, lead_id, entry_id))
        await self._show(desk, lead_id)

    @action(Permission.LEAD_WRITE)
    async def unpin_note(self, desk: Desk, lead_id: UUID, entry_id: UUID) -> None:
        """Put it back into its place."""
        await desk.do(lambda uow: leads.unpin_note(uow, desk.actor, lead_id, entry_id))
        await self._show(desk, lead_id)

    @action(Permission.LEAD_WRITE)
    async def note_loss(self, desk: Desk, form: dict[str, str]) -> None:
        """Note a death, the filing of probate and who survives."""
        lead_id, spouse = _id(form), form.get("surviving_spouse_id", "")
        loss = Loss(_day(form, "died_on"), _day(form, "filed_on"), UUID(spouse) if spouse else None)
        await desk.do(lambda uow: leads.note_loss(uow, desk.actor, lead_id, loss))
        await self._changed(desk, lead_id)
        desk.say("Noted", "Nobody of this property is texted before the time of mourning is over.")

    @action(Permission.LEAD_WRITE)
    async def note_billing(self, desk: Desk, form: dict[str, str]) -> None:
        """Note where somebody is billed."""
        lead_id, person, state = _id(form), UUID(form.get("person_id", "")), form.get("billing_state", "")
        await desk.do(lambda uow: leads.note_billing(uow, desk.actor, lead_id, person, state))
        await self._changed(desk, lead_id)
        desk.say("Noted", "The hours of that state bind as well." if state else "The billing state was taken away.")

    @action(Permission.LEAD_WRITE)
    async def mark_phone(self, desk: Desk, lead_id: UUID, number: str, status: PhoneStatus) -> None:
        """Note what was found out about a number."""
        made = await desk.do(lambda uow: leads.mark_phone(uow, desk.actor, lead_id, number, status))
        await self._changed(desk, lead_id)
        if made is not None:
            word = "not verified" if status is PhoneStatus.UNVERIFIED else status.value
            back = f"/api/v1/leads/{lead_id}/phones/marks/{made}/undo"
            desk.say(f"{display(number)} is {word}", "It holds wherever the number stands.", undo=back)

    @action(Permission.SUPPRESSION_ADD)
    async def ask_never(self, desk: Desk, number: str) -> None:
        """Ask why nobody shall call or text this person again."""
        del desk
        self.asking = number

    @action(Permission.SUPPRESSION_ADD)
    async def put_away(self, desk: Desk, opened: bool) -> None:  # noqa: FBT001 what Radix says of a dialog
        """Close the question."""
        del desk
        self.asking = self.asking if opened else ""

    @action(Permission.SUPPRESSION_ADD)
    async def never_contact(self, desk: Desk, form: dict[str, str]) -> None:
        """Close every number of a person for good."""
        lead_id, number, why = _id(form), form.get("number", ""), form.get("reason", "")
        await desk.do(lambda uow: leads.never_contact(uow, desk.actor, lead_id, number, why))
        self.asking = ""
        await self._changed(desk, lead_id)
        desk.say("Never again", "All their numbers are closed. Only a release by two people opens them.")

    @action(Permission.LEAD_WRITE)
    async def add_tag(self, desk: Desk, form: dict[str, str]) -> None:
        """Put a tag on the lead."""
        lead_id = _id(form)
        await desk.do(lambda uow: leads.tag(uow, desk.actor, lead_id, form.get("name", "")))
        await self._changed(desk, lead_id)

    @action(Permission.LEAD_WRITE)
    async def remove_tag(self, desk: Desk, lead_id: UUID, name: str) -> None:
        """Take a tag away."""
        await desk.do(lambda uow: leads.untag(uow, desk.actor, lead_id, name))
        await self._changed(desk, lead_id)

    @action(Permission.LEAD_WRITE)
    async def claim_it(self, desk: Desk, lead_id: UUID) -> None:
        """Say that the caller works on the lead."""
        await desk.do(lambda uow: leads.claim(uow, desk.actor, lead_id))
        await self._show(desk, lead_id)

    @action(Permission.LEAD_WRITE)
    async def release_it(self, desk: Desk, lead_id: UUID) -> None:
        """Say that the caller is done with it."""
        await desk.do(lambda uow: leads.release(uow, desk.actor, lead_id))
        await self._show(desk, lead_id)

    @action(Permission.LEAD_ASSIGN)
    async def take_over(self, desk: Desk, lead_id: UUID) -> None:
        """Work on a lead on which somebody else does."""
        await desk.do(lambda uow: leads.take_over(uow, desk.actor, lead_id))
        await self._changed(desk, lead_id)

    @action(Permission.LEAD_REMOVE)
    async def remove(self, desk: Desk, form: dict[str, str]) -> None:
        """Remove the lead, and close it."""
        lead_id = _id(form)
        await desk.do(lambda uow: leads.remove(uow, desk.actor, lead_id, form.get("why", "")))
        desk.go("/leads" if record(self, "lead_id") else without(self, "lead"))
        desk.ring("lf:grid")
        desk.say("Removed", "It waits under Removed leads.", undo=f"/api/v1/leads/{lead_id}/restore")

    @action(Permission.LEAD_READ)
    async def look_again(self, desk: Desk) -> None:
        """Read the open lead anew, after something was done beside this state."""
        if self.shown:
            await self._show(desk, UUID(self.shown))

    @action(Permission.DUPLICATE_MERGE)
    async def unmerge(self, desk: Desk, merge_id: UUID) -> None:
        """Take a merge back that stands on this lead's history."""
        undone = await desk.do(lambda uow: duplicates.unmerge(uow, desk.actor, merge_id))
        stayed = ", ".join(f"{count:,} {name}" for name, count in undone.stayed.items())
        desk.say("Two again", f"Came later and stayed here: {stayed}." if stayed else "Row for row.")
        await self._changed(desk, UUID(self.shown))

    async def _twins(self, desk: Desk, lead_id: UUID) -> None:
        found = await desk.do(lambda uow: duplicates.pairs(uow, desk.actor, PairFilter(lead_id=lead_id), None, TWINS))
        self.twins = [
            [str(row.id), row.one.title if row.other.lead_id == lead_id else row.other.title] for row in found.rows
        ]
        made = await desk.do(lambda uow: duplicates.merges(uow, desk.actor, lead_id, None, TWINS))
        self.merges = [[str(row.id), row.title] for row in made.rows if row.can_undo]

    async def _changed(self, desk: Desk, lead_id: UUID) -> None:
        self.saved += 1
        await self._show(desk, lead_id)
        desk.ring("lf:grid")

    async def _show(self, desk: Desk, lead_id: UUID) -> None:
        found = await desk.do(lambda uow: leads.detail(uow, desk.actor, lead_id))
        self.lead = lead_view(found, self.lead if self.lead.id == str(lead_id) else None)
        self.pinned = entries([found.pinned], desk.actor.user_id) if found.pinned else []
        await self._remember(desk, lead_id)
        mine = found.claim is not None and found.claim.user_id == desk.actor.user_id
        self.claim = (
            {"by": found.claim.name, "until": found.claim.until.isoformat(), "mine": "1" if mine else ""}
            if found.claim
            else {}
        )
        own = await desk.do(lambda uow: leads.custom_fields(uow, desk.actor))
        self.own = [own_field(field, found.row.fields.get(str(field.id))) for field in own if not field.archived_at]
        await self._twins(desk, lead_id)
        people = {str(found.row.assignee.id): found.row.assignee.name} if found.row.assignee else {}
        if may(desk.actor, Permission.LEAD_ASSIGN) and may(desk.actor, Permission.MEMBER_READ):
            members = await desk.do(lambda uow: identity.members(uow, desk.actor))
            people |= {str(member.id): member.name for member in members if member.active}
        self.members = [["", "Nobody"], *([key, name] for key, name in people.items())]

    async def _remember(self, desk: Desk, lead_id: UUID) -> None:
        """Read what the address asks for: the timeline, the history or the conversations; only one of them is shown."""
        tab, before = word(self, "tab"), word(self, "before") or None
        self.feed, self.past, self.talks, self.feed_next, self.past_next = [], [], [], "", ""
        if tab == "history":
            told = await desk.do(lambda uow: leads.history(uow, desk.actor, lead_id, before, PASTS))
            self.past, self.past_next = [past(one) for one in told.rows], told.next or ""
        elif tab == "messages" and may(desk.actor, Permission.INBOX_READ):
            self.talks = [talk(one) for one in await desk.do(lambda uow: inbox.of_lead(uow, desk.actor, lead_id))]
        else:
            asked = _part(word(self, "part"))
            found = await desk.do(lambda uow: leads.timeline(uow, desk.actor, lead_id, before, ENTRIES, part=asked))
            self.feed, self.feed_next, self.feed_count = (
                entries(found.rows, desk.actor.user_id),
                found.next or "",
                found.count or 0,
            )


def _part(text: str) -> TimelinePart | None:
    return next((part for part in TimelinePart if part == text), None)


def _id(form: dict[str, str]) -> UUID:
    return UUID(form.get("lead_id", ""))


def _day(form: dict[str, str], name: str) -> date | None:
    text = form.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid("That is not a day. Write it as 2026-11-30.", name) from error


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return INSTANT.validate_python(text)
    except ValidationError as error:
        raise Invalid("That is not a date.", "due_at") from error
