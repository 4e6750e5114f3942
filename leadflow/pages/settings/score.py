"""/settings: what a lead's score goes by."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from leadflow.kernel.errors import Invalid
from leadflow.leads import service as leads
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.form import button
from leadflow.ui.shell import may
from models.vocabulary import Permission

WRITE = Permission.SETTINGS_WRITE


@dataclass(frozen=True)
class WeightView:
    """How many points a fact can bring."""

    name: str
    label: str
    points: str
    usual: int


class Scoring(Page, rx.State):
    """What the scores go by."""

    weights: list[WeightView] = []

    @loads(Permission.SESSION_USE)
    async def load(self, desk: Desk) -> None:
        """Read the weights."""
        self.failure = {}
        found = await desk.do(lambda uow: leads.score_weights(uow, desk.actor))
        self.weights = [WeightView(one.name, one.label, str(one.points), one.usual) for one in found]
        self.loaded = True

    @action(WRITE)
    async def save(self, desk: Desk, form: dict[str, str]) -> None:
        """Keep other weights."""
        names = [one.name for one in self.weights]
        chosen = {name: _points(form.get(name, ""), name) for name in names}
        await desk.do(lambda uow: leads.set_score_weights(uow, desk.actor, chosen))
        self.weights = [WeightView(one.name, one.label, str(chosen[one.name]), one.usual) for one in self.weights]
        desk.say("Kept", "The scores follow, of many leads within minutes.")


def _points(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise Invalid("Write a whole number from 0 to 100.", name) from error


def view() -> rx.Component:
    """Show the weights to all; owners change them."""
    return rx.el.form(
        rx.el.h2("Lead score"),
        rx.el.p(
            "A score is the sum of what its facts bring. Say how many of the hundred points each can bring at most.",
            class_name="dim",
        ),
        rx.foreach(Scoring.weights, _weight),
        rx.cond(
            Scoring.errors.contains("weights"), rx.el.span(Scoring.errors["weights"], class_name="err", role="alert")
        ),
        rx.cond(
            may(WRITE),
            rx.el.div(button("Keep", kind="primary", type="submit", id="save-weights")),
            rx.el.p("Only an owner changes these.", class_name="dim"),
        ),
        on_submit=Scoring.save,
        class_name="card stack narrow",
        id="score-weights",
    )


def _weight(one: rx.Var[WeightView]) -> rx.Component:
    return rx.el.div(
        rx.el.label(one.label, html_for="weight-" + one.name),
        rx.el.input(
            id="weight-" + one.name,
            name=one.name,
            default_value=one.points,
            key=one.name + one.points,
            input_mode="numeric",
            required=True,
            disabled=~may(WRITE),
            class_name="in",
        ),
        rx.el.span("Usually ", one.usual, class_name="hint"),
        rx.cond(
            Scoring.errors.contains(one.name), rx.el.span(Scoring.errors[one.name], class_name="err", role="alert")
        ),
        class_name="field",
        custom_attrs={"data-weight": one.name},
    )
