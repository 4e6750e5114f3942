"""The state of one campaign's page: builder, simulation, approval, launch, course. Recipients stay in the grid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import reflex as rx

from leadflow.campaigns import service as campaigns
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid, NotFound
from leadflow.leads import service as leads
from leadflow.messaging import service as messaging
from leadflow.pages.campaigns.rows import (
    Course,
    Forecast,
    Signed,
    Size,
    Text,
    View,
    course_of,
    forecast_of,
    reason_word,
    signed_of,
    size_of,
    text_of,
    view_of,
)
from leadflow.pages.campaigns.sequence import Sequence, checked
from leadflow.pages.campaigns.sources import Sources
from leadflow.pages.campaigns.stages import Echo, Failure, Since, echo_of, failures_of, since_of
from leadflow.pages.campaigns.weather import Sky, sky_of
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import record, word
from models.vocabulary import CampaignState, Permission, Verdict

STEPS = ("audience", "basis", "message", "sending", "simulate", "approval", "launch")
STEP_OF = {
    "audience_filter": "audience",
    "basis": "basis",
    "template": "message",
    "sender_number_id": "sending",
    "window_end": "sending",
    "send_before": "sending",
    "start_at": "sending",
}
"""Where the builder mends a problem."""
SEVERAL = frozenset({"status", "state", "list", "not_list", "tag", "where"})
"""Fields of the filter that hold several words."""
NUMBERS = frozenset({"min_stack", "min_equity"})
CHOICES = 60
"""Lists, tags and sources offered, largest first."""
EXAMPLES = 8
"""Recipients whose text can be looked at."""


class Builder(Sources, Sequence, Page, rx.State):
    """One campaign."""

    view: View = View()
    step: str = "audience"
    wanted: dict[str, list[str]] = {}
    """The audience's filter, every value as a word."""
    wanted_words: list[str] = []
    size: Size = Size()
    lists: list[list[str]] = []
    tags: list[list[str]] = []
    sources: list[list[str]] = []
    states: list[list[str]] = []
    """States that leads are in, with their number."""
    texts: list[Text] = []
    at_text: int = 0
    missing: dict[str, str] = {}
    """What is missing, by step."""
    problems: list[list[str]] = []
    """Step and sentence of each problem."""
    forecast: Forecast = Forecast()
    people: dict[str, str] = {}
    """Filters of the list of people behind a bar; empty when none is chosen."""
    people_title: str = ""
    signed: list[Signed] = []
    since: Since = Since()
    course: Course = Course()
    echo: Echo = Echo()
    sky: Sky = Sky()
    failures: list[Failure] = []
    chosen: list[str] = []
    """Why texts failed that shall be sent anew."""
    fixed: dict[str, str] = {}
    beat: int = 0
    """Grows while the campaign runs, so that the grid reads again."""

    # Loading

    @loads(Permission.CAMPAIGN_READ)
    async def load(self, desk: Desk) -> None:
        """Read the campaign that the address names."""
        self.failure = {}
        if self.view.id != word(self, "campaign_id"):
            self.view, self.forecast, self.course = View(), Forecast(), Course()
        await self._read(desk)
        if self.view.editable:
            await self._read_choices(desk)
            await self._read_pieces(desk)
            await self._read_forecast(desk)
        else:
            await self._read_course(desk)
        self.loaded = True

    def _id(self) -> UUID:
        found = record(self, "campaign_id")
        if found is None:
            raise NotFound
        return found

    def _path(self) -> str:
        return f"/campaigns/{self._id()}"

    async def _read(self, desk: Desk) -> None:
        campaign_id = self._id()

        def work(uow: UnitOfWork) -> tuple[Any, ...]:
            found = campaigns.get(uow, desk.actor, campaign_id)
            return (
                found,
                campaigns.approvals(uow, desk.actor, campaign_id),
                campaigns.changed(uow, desk.actor, campaign_id),
                messaging.senders(uow, desk.actor),
                messaging.pools(uow, desk.actor),
                messaging.senders(uow, desk.actor, campaign_id),
            )

        found, signed, since, senders, pools, sources = await desk.do(work)
        if self.view.id != str(found.id):
            self.at_text, self.at_stage, self.chosen = 0, 1, []
        self.view = view_of(found)
        self._take_sequence(found)
        self.signed = [signed_of(row) for row in signed]
        self.since = since_of(since)
        self._take_senders(found, senders, pools)
        self._take_sources(sources)
        self._take_filter(found.audience_filter)
        self.problems = [[_step_of(p.field), p.message] for p in found.problems]
        self.missing = dict(reversed(self.problems))  # pyright: ignore[reportArgumentType] pairs

    def _take_filter(self, wanted: dict[str, Any]) -> None:
        self.wanted = {
            key: [str(one) for one in value] if isinstance(value, list) else [_word(value)]
            for key, value in wanted.items()
        }

    async def _read_choices(self, desk: Desk) -> None:
        step = word(self, "step")
        self.step = step if step in STEPS else "audience"

        def work(uow: UnitOfWork) -> tuple[Any, ...]:
            return (
                [[str(row.id), row.name, f"{row.count:,}"] for row in leads.lists(uow, desk.actor)[:CHOICES]],
                [[row.name, f"{row.count:,}"] for row in leads.tags(uow, desk.actor)[:CHOICES]],
                *campaigns.words_in_use(uow, desk.actor),
            )

        self.lists, self.tags, states, sources = await desk.do(work)
        self.states = [[name, f"{count:,}"] for name, count in states.items()]
        self.sources = [["", "Any source"], *([name, name] for name in list(sources)[:CHOICES])]
        await self._read_size(desk)
        await self._read_texts(desk, None)

    async def _changed(self, desk: Desk) -> None:
        await self._read(desk)
        await self._read_texts(desk, None)
        if self.forecast.at:
            await self._read_forecast(desk)

    async def _read_size(self, desk: Desk) -> None:
        campaign_id = self._id()

        def work(uow: UnitOfWork) -> Size:
            found = campaigns.get(uow, desk.actor, campaign_id)
            return size_of(campaigns.size_up(uow, desk.actor, found.audience_filter), found.approval_threshold)

        self.size = await desk.do(work)
        names = {row[0]: row[1] for row in self.lists}
        self.wanted_words = [
            f"{LABELS.get(key, key)}: {', '.join(names.get(one, _shown(one)) for one in values)}"
            for key, values in self.wanted.items()
        ]

    async def _read_texts(self, desk: Desk, template: str | None) -> None:
        campaign_id, step, variant = self._id(), self.at_stage, self.at_variant or None
        found = await desk.do(
            lambda uow: campaigns.preview(
                uow, desk.actor, campaign_id, template=template, step=step, variant=variant, limit=EXAMPLES
            )
        )
        self.texts = [text_of(one) for one in found]
        self.at_text = min(self.at_text, max(0, len(self.texts) - 1))

    async def _read_forecast(self, desk: Desk) -> None:
        campaign_id = self._id()
        found = await desk.do(lambda uow: campaigns.latest_simulation(uow, desk.actor, campaign_id))
        self.forecast = forecast_of(found, self._path()) if found else Forecast()
        reason, verdict = word(self, "reason"), word(self, "verdict")
        self.people = {}
        if found and (reason or verdict):
            self.people = {"at": self.forecast.at} | ({"reason": reason} if reason else {})
            if verdict in set(Verdict):
                self.people["verdict"] = verdict
            self.people_title = (
                reason_word(reason) if reason else VERDICTS.get(str(verdict), "Everybody in the audience")
            )

    async def _read_course(self, desk: Desk) -> None:
        campaign_id = self._id()
        found = await desk.do(lambda uow: campaigns.progress(uow, desk.actor, campaign_id))
        self.sky = sky_of(await desk.do(lambda uow: campaigns.weather(uow, desk.actor, campaign_id)))
        self._take_sources(await desk.do(lambda uow: messaging.senders(uow, desk.actor, campaign_id)))
        self.course, self.echo = course_of(found, self._path()), echo_of(found, self.stages)
        self.failures = failures_of(await desk.do(lambda uow: campaigns.may_retry(uow, desk.actor, campaign_id)))

    # Editing

    async def _edit(self, desk: Desk, **given: Any) -> None:  # noqa: ANN401 fields of the input
        change = checked(given)
        campaign_id = self._id()
        await desk.do(lambda uow: campaigns.edit(uow, desk.actor, campaign_id, change))
        await self._read(desk)
        if self.forecast.at:
            await self._read_forecast(desk)

    @action(Permission.CAMPAIGN_EDIT)
    async def reopen(self, desk: Desk) -> None:
        """Take a submitted campaign back into the works."""
        await self._edit(desk)
        desk.say("Back to draft", "What was approved before does not count any more.")

    @action(Permission.CAMPAIGN_EDIT)
    async def rename(self, desk: Desk, name: str) -> None:
        """Give it another name."""
        if name.strip() != self.view.name:
            await self._edit(desk, name=name)

    @action(Permission.CAMPAIGN_EDIT)
    async def narrow(self, desk: Desk, key: str, value: str) -> None:
        """Set one field of the audience's filter; an empty value takes it away."""
        wanted = dict(self.wanted) | {key: [value] if value else []}
        await self._narrow(desk, wanted)

    @action(Permission.CAMPAIGN_EDIT)
    async def toggle(self, desk: Desk, key: str, value: str) -> None:
        """Put one word into a field of the filter, or take it out."""
        have = self.wanted.get(key, [])
        await self._narrow(
            desk, dict(self.wanted) | {key: [v for v in have if v != value] if value in have else [*have, value]}
        )

    async def _narrow(self, desk: Desk, wanted: dict[str, list[str]]) -> None:
        given = {key: values if key in SEVERAL else values[0] for key, values in wanted.items() if values}
        await self._edit(desk, audience_filter=given)
        await self._read_size(desk)
        await self._read_texts(desk, None)

    @action(Permission.CAMPAIGN_EDIT)
    async def set_basis(self, desk: Desk, basis: str) -> None:
        """Say why these people may be contacted."""
        await self._edit(desk, basis=basis)

    @action(Permission.CAMPAIGN_READ)
    async def rest(self, desk: Desk, template: str) -> None:
        """Show what is being typed as real recipients would get it; nothing is stored."""
        await self._read_texts(desk, template[:1_600])

    @action(Permission.CAMPAIGN_READ)
    async def turn(self, desk: Desk, by: int) -> None:
        """Look at the next or the previous recipient's text."""
        del desk
        self.at_text = (self.at_text + by) % max(1, len(self.texts))

    @action(Permission.CAMPAIGN_EDIT)
    async def set_sending(self, desk: Desk, field: str, value: str | float | None) -> None:
        """Set one field of the sending step; a number field of the browser sends a number."""
        if field not in SENDING:
            raise Invalid("There is no such field.", field)
        kept = SENDING[field](_plain(value))
        if field == "sender_number_id":
            pooled = kept in self.pools
            await self._edit(desk, sender_number_id=None if pooled else kept, pool_id=kept if pooled else None)
            return
        await self._edit(desk, **{field: kept})

    @action(Permission.CAMPAIGN_EDIT)
    async def toggle_day(self, desk: Desk, day: int) -> None:
        """Send on that day of the week, or not."""
        chosen = [n for n, on in enumerate(self.view.weekdays) if on != (n == day)]
        await self._edit(desk, weekdays=chosen)

    # Simulation, approval, launch

    @action(Permission.CAMPAIGN_READ)
    async def simulate(self, desk: Desk, form: dict[str, str]) -> None:
        """Ask the gate about everybody, now or at an instant."""
        campaign_id, at = self._id(), _instant(form.get("at", ""))
        await desk.do(lambda uow: campaigns.simulate(uow, desk.actor, campaign_id, at))
        await self._read_forecast(desk)

    @action(Permission.CAMPAIGN_EDIT)
    async def submit(self, desk: Desk) -> None:
        """Declare it complete."""
        campaign_id = self._id()
        made = await desk.do(lambda uow: campaigns.submit(uow, desk.actor, campaign_id).state)
        await self._read(desk)
        waits = made is CampaignState.AWAITING_APPROVAL
        desk.say("Submitted", "A second person must approve it now." if waits else "It can be launched.")

    @action(Permission.CAMPAIGN_APPROVE)
    async def approve(self, desk: Desk, form: dict[str, str]) -> None:
        """Give a second person's word."""
        campaign_id = self._id()
        await desk.do(lambda uow: campaigns.approve(uow, desk.actor, campaign_id, form.get("note", "")[:1_000]))
        await self._read(desk)
        desk.say("Approved", "It can be launched.")

    @action(Permission.CAMPAIGN_LAUNCH)
    async def unschedule(self, desk: Desk) -> None:
        """Take the planned start back."""
        campaign_id = self._id()
        await desk.do(lambda uow: campaigns.unschedule(uow, desk.actor, campaign_id))
        await self._read(desk)
        desk.say("The start is taken back", "The approval stands; launch it when you like.")

    @action(Permission.CAMPAIGN_LAUNCH)
    async def launch(self, desk: Desk, form: dict[str, str]) -> None:
        """Freeze the audience and begin."""
        campaign_id = self._id()
        made = await desk.do(lambda uow: campaigns.launch(uow, desk.actor, campaign_id, form.get("name", "")).state)
        await self._read(desk)
        if made is CampaignState.SCHEDULED:
            desk.say("Scheduled", "Everything is checked once more when it begins.")
            return
        await self._read_course(desk)
        desk.say("Launched", "The audience is frozen. Texts go out at your throttle.")
        desk.go(self._path())

    # Its course

    @action(Permission.CAMPAIGN_READ)
    async def tick(self, desk: Desk) -> None:
        """Look again."""
        await self._read(desk)
        await self._read_course(desk)
        self.beat += 1

    @action(Permission.CAMPAIGN_LAUNCH)
    async def pause(self, desk: Desk) -> None:
        """Stop; what is queued stays queued."""
        await self._move(desk, campaigns.pause)
        desk.say("Paused", "What is queued stays queued.")

    @action(Permission.CAMPAIGN_LAUNCH)
    async def resume(self, desk: Desk) -> None:
        """Go on where it stopped."""
        await self._move(desk, campaigns.resume)
        desk.say("Going on")

    @action(Permission.CAMPAIGN_LAUNCH)
    async def resume_with(self, desk: Desk, form: dict[str, str]) -> None:
        """Go on after a storm, with the reason."""
        why = form.get("resume_why", "")
        await self._move(desk, lambda uow, actor, key: campaigns.resume(uow, actor, key, why))
        desk.say("Going on", "Its rates are counted anew.")

    @action(Permission.CAMPAIGN_LAUNCH)
    async def cancel(self, desk: Desk) -> None:
        """End it for good."""
        await self._move(desk, campaigns.cancel)
        desk.say("Cancelled", "What was queued has been taken back.")

    @action(Permission.CAMPAIGN_READ)
    async def choose_failure(self, desk: Desk, reason: str) -> None:
        """Have texts that failed for this reason sent anew, or not."""
        del desk
        self.chosen = [one for one in self.chosen if one != reason] if reason in self.chosen else [*self.chosen, reason]

    @action(Permission.CAMPAIGN_LAUNCH)
    async def retry_failed(self, desk: Desk) -> None:
        """Send the chosen failed texts anew."""
        campaign_id, reasons = self._id(), list(self.chosen)
        count = await desk.do(lambda uow: campaigns.retry_failed(uow, desk.actor, campaign_id, reasons))
        self.chosen = []
        await self._read(desk)
        await self._read_course(desk)
        self.beat += 1
        desk.say(f"{count:,} {'text is' if count == 1 else 'texts are'} sent anew", "Each through the gate once more.")

    async def _move(self, desk: Desk, act: Callable[[UnitOfWork, Principal, UUID], Any]) -> None:
        campaign_id = self._id()
        await desk.do(lambda uow: act(uow, desk.actor, campaign_id))
        await self._read(desk)
        await self._read_course(desk)
        self.beat += 1

    @rx.var
    def text(self) -> Text:
        """The text that is looked at."""
        return self.texts[self.at_text] if self.at_text < len(self.texts) else Text()

    @rx.var
    def place(self) -> str:
        """Which of the recipients is looked at."""
        return f"{self.at_text + 1} of {len(self.texts)}" if self.texts else ""


LABELS = {
    "q": "Words",
    "status": "Status",
    "state": "State",
    "list": "On list",
    "not_list": "Not on list",
    "tag": "Tag",
    "min_stack": "Lists at least",
    "min_equity": "Equity at least",
    "min_value": "Value at least",
    "source": "Source",
    "import_id": "One import",
    "has_phone": "Has a number",
    "assignee": "Assigned to",
    "area": "On the map",
}
VERDICTS = {
    str(Verdict.SENDABLE): "Sendable at that moment",
    str(Verdict.LATER): "Later",
    str(Verdict.BLOCKED): "Blocked",
}


def _cents(value: str) -> int | None:
    if not value.strip():
        return None
    try:
        return round(float(value.replace("$", "").replace(",", "")) * 100)
    except ValueError as error:
        raise Invalid("Write an amount such as 25.00.", "budget_cents") from error


def _plain(value: str | float | None) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


def _or_none(value: str) -> str | None:
    return value or None


SENDING: dict[str, Callable[[str], Any]] = {
    "sender_number_id": _or_none,
    "per_minute": str.strip,
    "window_start": str.strip,
    "window_end": str.strip,
    "send_before": _or_none,
    "budget_cents": _cents,
}
"""Fields of the sending step and how each is read."""


def _word(value: Any) -> str:  # noqa: ANN401 a JSON value
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _shown(value: str) -> str:
    return {"true": "yes", "false": "no"}.get(value, value.replace("_", " "))


def _step_of(field: str) -> str:
    return "message" if field.startswith(("steps", "split")) else STEP_OF.get(field, "approval")


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("That is not an instant.", "at") from error
