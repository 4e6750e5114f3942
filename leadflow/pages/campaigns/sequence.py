"""The part of a campaign's state that writes its messages, waits, variants, start and stop rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import reflex as rx
from pydantic import ValidationError

from leadflow.campaigns import service as campaigns
from leadflow.campaigns.types import MOST_STEPS, CampaignInput, CampaignView, StepInput
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.messaging.rules.fields import MERGE_FIELDS
from leadflow.pages.campaigns.stages import (
    LABELS,
    UNITS,
    ZONES,
    Rules,
    Stage,
    Variant,
    rules_of,
    stages_of,
    steps_input,
    text_at,
    variants_of,
)
from leadflow.ui.action import Desk, action
from models.vocabulary import LeadStatus, Permission

FIELDS = [[name, meaning] for name, meaning in MERGE_FIELDS.items()]
NEXT_WAIT = 3 * 1_440
"""Minutes that a new message waits for the one before it, until somebody says otherwise."""


class Sequence(rx.State, mixin=True):
    """The messages of one campaign; mixed into its page's state."""

    stages: list[Stage] = []
    variants: list[Variant] = []
    rules: Rules = Rules()
    at_stage: int = 1
    at_variant: str = ""
    """Whose text is written; empty where everybody reads the same."""
    typed: str = ""
    """The text that is written, as it is stored."""
    pieces: list[list[str]] = FIELDS
    """Merge fields and snippets: name and meaning."""

    def _id(self) -> UUID:
        """Answer which campaign the page is about."""
        raise NotImplementedError

    async def _changed(self, desk: Desk) -> None:
        """Read again what a change has touched."""
        raise NotImplementedError

    def _take_sequence(self, found: CampaignView) -> None:
        self.stages, self.variants, self.rules = stages_of(found), variants_of(found), rules_of(found)
        self.at_stage = min(max(self.at_stage, 1), max(1, len(self.stages)))
        labels = [one.label for one in self.variants]
        if self.at_variant not in labels:
            self.at_variant = labels[0] if labels else ""
        self.typed = text_at(found, self.at_stage, self.at_variant) if found.steps else ""

    async def _read_pieces(self, desk: Desk) -> None:
        found = await desk.do(lambda uow: campaigns.snippets(uow, desk.actor))
        self.pieces = [*FIELDS, *([f"snippets.{row.name}", row.body] for row in found.rows)]

    async def _write(self, desk: Desk, change: Callable[[CampaignView], dict[str, Any]]) -> None:
        """Edit by what the campaign says at that moment, in one transaction."""
        campaign_id = self._id()

        def work(uow: UnitOfWork) -> None:
            given = change(campaigns.get(uow, desk.actor, campaign_id))
            campaigns.edit(uow, desk.actor, campaign_id, checked(given))

        await desk.do(work)
        await self._changed(desk)

    @action(Permission.CAMPAIGN_READ)
    async def pick(self, desk: Desk, stage: int, variant: str) -> None:
        """Look at another message, or at another variant of it."""
        self.at_stage, self.at_variant = stage, variant
        await self._changed(desk)

    @action(Permission.CAMPAIGN_EDIT)
    async def leave(self, desk: Desk, template: str) -> None:
        """Store the text of the message and variant that is looked at."""
        position, label = self.at_stage, self.at_variant

        def written(found: CampaignView) -> dict[str, Any]:
            steps = [one.model_dump() for one in steps_input(found)]
            own = steps[min(position, len(steps)) - 1]
            if found.split and label != found.split[0][0]:
                own["others"] = {**own["others"], label: template}
            else:
                own["template"] = template
            return {"steps": steps}

        await self._write(desk, written)

    @action(Permission.CAMPAIGN_EDIT)
    async def add_stage(self, desk: Desk) -> None:
        """Let a further message follow."""
        self.at_stage = min(len(self.stages) + 1, MOST_STEPS)
        await self._write(
            desk,
            lambda found: {"steps": [*steps_input(found), StepInput(wait_minutes=NEXT_WAIT, good_for_minutes=1_440)]},
        )

    @action(Permission.CAMPAIGN_EDIT)
    async def drop_stage(self, desk: Desk, stage: int) -> None:
        """Take a message out; the first of a campaign stays."""
        await self._write(
            desk,
            lambda found: {
                "steps": [one for n, one in enumerate(steps_input(found), 1) if n != stage or len(found.steps) == 1]
            },
        )

    @action(Permission.CAMPAIGN_EDIT)
    async def set_wait(self, desk: Desk, stage: int, count: str | float | None, unit: str) -> None:
        """Say how long after the message before this one goes."""
        if unit not in dict(UNITS):
            raise Invalid("There is no such unit.", "wait")
        try:
            minutes = round(float(count or 0)) * int(unit)
        except ValueError as error:
            raise Invalid("Write a whole number.", "wait") from error
        await self._write(desk, lambda found: {"steps": _with(found, stage, wait_minutes=minutes)})

    @action(Permission.CAMPAIGN_EDIT)
    async def set_patience(self, desk: Desk, stage: int, minutes: int) -> None:
        """Say how long a text may wait for its hour before it expires."""
        await self._write(desk, lambda found: {"steps": _with(found, stage, good_for_minutes=minutes)})

    @action(Permission.CAMPAIGN_EDIT)
    async def add_variant(self, desk: Desk) -> None:
        """Split the audience once more."""

        def split(found: CampaignView) -> dict[str, Any]:
            have = list(found.split) or [(LABELS[0], 1)]
            free = [label for label in LABELS if label not in dict(have)]
            if not free:
                raise Invalid(f"A campaign has {len(LABELS)} variants at most.", "split")
            return {"split": [{"label": label, "weight": weight} for label, weight in [*have, (free[0], 1)]]}

        await self._write(desk, split)

    @action(Permission.CAMPAIGN_EDIT)
    async def drop_variant(self, desk: Desk, label: str) -> None:
        """Take a variant out; its readers go to the others. The first stays: its texts are everybody's."""
        await self._write(
            desk,
            lambda found: {
                "split": [
                    {"label": one, "weight": weight}
                    for n, (one, weight) in enumerate(found.split)
                    if one != label or n == 0
                ]
            },
        )

    @action(Permission.CAMPAIGN_EDIT)
    async def set_weight(self, desk: Desk, label: str, weight: str | float | None) -> None:
        """Give a variant a larger or smaller share."""
        try:
            wanted = round(float(weight or 0))
        except ValueError as error:
            raise Invalid("Write a whole number.", "split") from error
        await self._write(
            desk,
            lambda found: {
                "split": [{"label": one, "weight": wanted if one == label else now} for one, now in found.split]
            },
        )

    @action(Permission.CAMPAIGN_EDIT)
    async def set_start(self, desk: Desk, at: str, zone: str) -> None:
        """Plan the start by the clock of a zone; empty: it begins at the launch."""
        if zone not in dict(ZONES) and zone != self.rules.zone:
            raise Invalid("There is no such time zone.", "start_at")
        try:
            start = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone)) if at else None
        except ValueError as error:
            raise Invalid("That is not an instant.", "start_at") from error
        await self._write(desk, lambda _: {"start_at": start, "start_zone": zone})

    @action(Permission.CAMPAIGN_EDIT)
    async def set_rule(self, desk: Desk, rule: str, on: bool) -> None:  # noqa: FBT001 the browser's own word
        """Turn a stop rule, or the rest on holidays, on or off."""
        if rule not in {"stop_on_reply", "stop_on_outcome", "skip_holidays"}:
            raise Invalid("There is no such rule.", rule)
        await self._write(desk, lambda _: {rule: on})

    @action(Permission.CAMPAIGN_EDIT)
    async def toggle_status(self, desk: Desk, status: LeadStatus) -> None:
        """Stop people at that status, or do not."""
        await self._write(desk, lambda found: {"stop_on_statuses": sorted({*found.stop_on_statuses} ^ {status.value})})


def checked(given: dict[str, Any]) -> CampaignInput:
    """Check what was given as the service takes it.

    Raises:
        Invalid: a field says nothing; in the words of a form.
    """
    try:
        return CampaignInput(**given)
    except ValidationError as error:
        raise Invalid(_said(error), str(error.errors()[0]["loc"][0])) from error


def _with(found: CampaignView, stage: int, **change: int) -> list[dict[str, Any]]:
    """Write all messages with a change of one; checked anew when they are given."""
    steps = [one.model_dump() for one in steps_input(found)]
    if not 1 <= stage <= len(steps):
        raise Invalid("There is no such message.", "steps")
    steps[stage - 1] |= change
    return steps


SAID = {
    "greater_than_equal": "Write a number of at least {ge}",
    "less_than_equal": "Write a number of at most {le}",
    "int_parsing": "Write a whole number",
    "time_parsing": "Write an hour such as 09:00",
    "too_long": "There are {max_length} at most",
}
"""What Pydantic refuses most, in the words of a form."""


def _said(error: ValidationError) -> str:
    first = error.errors()[0]
    if first["type"] in SAID:
        return SAID[first["type"]].format(**first.get("ctx", {})) + "."
    message = str(first["msg"]).removeprefix("Value error, ")
    return message[0].upper() + message[1:] + "."
