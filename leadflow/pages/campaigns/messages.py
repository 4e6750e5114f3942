"""The builder's messages: their waits and variants, the text of one, and how real people would get it."""

from __future__ import annotations

import reflex as rx

from leadflow.pages.campaigns.editor import Editor
from leadflow.pages.campaigns.stages import PATIENCE, UNITS, Stage, Variant
from leadflow.pages.campaigns.state import Builder
from leadflow.ui.feedback import banner, icon
from leadflow.ui.form import button, choose, confirm, field, link, text_in
from leadflow.ui.shell import may
from models.vocabulary import Permission

EDIT = Permission.CAMPAIGN_EDIT


def locked() -> rx.Var[bool]:
    """Say whether nothing may be changed now."""
    return ~Builder.view.draft | ~may(EDIT)


def messages() -> rx.Component:
    """Show the messages of the sequence and write one of them."""
    return rx.el.div(
        rx.el.div(
            rx.el.h2("What they read"),
            rx.el.p(
                "Each further message goes only to those who got the one before and have not answered. "
                'A merge field without a value blocks that text; {{ first_name | default: "there" }} gives it one. '
                "{Hi|Hello} reads one of the two.",
                class_name="dim",
            ),
        ),
        rx.el.ol(
            rx.foreach(Builder.stages, _stage),
            rx.cond(
                ~locked() & (Builder.stages.length() < 10),  # noqa: PLR2004 types.MOST_STEPS
                rx.el.li(button("Add a message", sign="plus", kind="soft", on_click=Builder.add_stage, id="add-stage")),
            ),
            class_name="stages",
            id="stages",
        ),
        _variants(),
        rx.cond(Builder.stages.length() > 0, _timing()),
        rx.el.div(_text(), _preview(), class_name="cols"),
        rx.el.div(
            link("Continue", "?step=sending", kind="primary", id="to-sending"),
            link("Snippets", "/campaigns/snippets", kind="ghost", sign="puzzle"),
            class_name="foot row",
        ),
        class_name="stack wide",
    )


def _stage(stage: rx.Var[Stage], index: rx.Var[int]) -> rx.Component:
    return rx.el.li(
        rx.cond(stage.wait != "", rx.el.span(icon("clock", 12), stage.wait, " later", class_name="wait")),
        rx.el.button(
            rx.el.b("Message ", stage.n),
            rx.el.span(rx.cond(stage.summary != "", stage.summary, "Not written yet"), class_name="dim"),
            type="button",
            class_name="stage",
            on_click=Builder.pick(index + 1, Builder.at_variant),
            custom_attrs={
                "aria-pressed": rx.cond(Builder.at_stage == index + 1, "true", "false"),
                "data-stage": stage.n,
            },
        ),
    )


def _variants() -> rx.Component:
    return rx.el.div(
        rx.cond(
            Builder.variants.length() > 0,
            rx.fragment(
                rx.el.span("Variants", class_name="label"),
                rx.foreach(Builder.variants, _variant),
            ),
            rx.el.span("Everybody reads the same.", class_name="dim"),
        ),
        rx.cond(
            ~locked() & (Builder.variants.length() < 5),  # noqa: PLR2004 types.MOST_VARIANTS
            button("Add a variant", sign="split", kind="ghost sm", on_click=Builder.add_variant, id="add-variant"),
        ),
        class_name="row wrap variants",
        id="variants",
    )


def _variant(variant: rx.Var[Variant], index: rx.Var[int]) -> rx.Component:
    chosen = Builder.at_variant == variant.label
    return rx.el.span(
        rx.el.button(
            variant.label,
            rx.el.span(variant.share, class_name="n"),
            type="button",
            class_name="chip",
            on_click=Builder.pick(Builder.at_stage, variant.label),
            custom_attrs={"aria-pressed": rx.cond(chosen, "true", "false"), "data-variant": variant.label},
        ),
        rx.cond(
            chosen & ~locked(),
            rx.fragment(
                rx.el.input(
                    type="number",
                    min=1,
                    max=100,
                    class_name="in sm",
                    style={"width": "64px"},
                    default_value=variant.weight,
                    key=variant.label + variant.weight,
                    on_blur=lambda v: Builder.set_weight(variant.label, v),
                    aria_label="Share of this variant, beside the others'",
                    id="weight",
                ),
                rx.cond(
                    index > 0,
                    rx.el.button(
                        icon("x", 13),
                        rx.el.span("Take this variant out", class_name="sr"),
                        type="button",
                        class_name="btn icon sm",
                        on_click=Builder.drop_variant(variant.label),
                    ),
                ),
            ),
        ),
        class_name="row",
    )


def _timing() -> rx.Component:
    stage = Builder.stages[Builder.at_stage - 1]
    return rx.el.fieldset(
        rx.cond(
            Builder.at_stage > 1,
            rx.fragment(
                field(
                    "Goes after",
                    text_in(
                        "wait",
                        type="number",
                        min=1,
                        default_value=stage.count,
                        key="wait" + stage.n + stage.count,
                        on_blur=lambda v: Builder.set_wait(Builder.at_stage, v, stage.unit),
                    ),
                    name="wait",
                ),
                field(
                    "counted from the text before",
                    choose(
                        "wait-unit",
                        list(UNITS),
                        value=stage.unit,
                        on_change=lambda v: Builder.set_wait(Builder.at_stage, stage.count, v),
                    ),
                    name="wait-unit",
                ),
            ),
        ),
        field(
            "Expires if it could not go within",
            choose(
                "patience",
                list(PATIENCE),
                value=stage.patience,
                on_change=lambda v: Builder.set_patience(Builder.at_stage, v),
            ),
            name="patience",
        ),
        rx.cond(
            (Builder.stages.length() > 1) & ~locked(),
            confirm(
                button("Take this message out", kind="ghost sm", sign="trash-2", id="drop-stage"),
                "Take this message out?",
                "Its text is gone, in every variant.",
                button("Take it out", kind="stop", on_click=Builder.drop_stage(Builder.at_stage), id="drop-stage-yes"),
            ),
        ),
        disabled=locked(),
        class_name="bare row wrap timing",
    )


def _text() -> rx.Component:
    first = Builder.variants[0].label
    return rx.el.div(
        Editor.create(
            id="template",
            value=Builder.typed,
            key=Builder.view.id + Builder.at_stage.to(str) + Builder.at_variant,
            fields=Builder.pieces,
            disabled=locked(),
            label="Message",
            on_rest=Builder.rest,
            on_leave=Builder.leave,
        ),
        rx.cond(
            (Builder.variants.length() > 0) & (Builder.at_variant != first) & (Builder.typed == ""),
            rx.el.span("Left empty, this variant reads what ", first, " reads.", class_name="dim"),
        ),
        rx.foreach(
            Builder.problems,
            lambda p: rx.cond(p[0] == "message", rx.el.span(p[1], class_name="err", role="alert")),
        ),
        rx.el.div(
            rx.el.span(Builder.text.size, id="segments", class_name="strong"),
            rx.el.span(Builder.text.letters, class_name="dim"),
            class_name="row wrap",
        ),
        rx.cond(
            Builder.text.shorteners != "",
            rx.el.span(
                "Carriers filter texts with links of public shorteners, here ",
                Builder.text.shorteners,
                ". Write the whole address, or let your own domain shorten it (Settings).",
                class_name="err",
                id="shortener",
            ),
        ),
        class_name="stack tight",
    )


def _preview() -> rx.Component:
    text = Builder.text
    return rx.el.div(
        rx.el.div(
            rx.cond(
                Builder.texts.length() > 0,
                rx.fragment(
                    rx.el.span("As ", rx.el.b(text.name), " would get it", class_name="grow"),
                    rx.el.span(Builder.place, class_name="dim"),
                    _turn("chevron-left", "Recipient before", -1, "text-before"),
                    _turn("chevron-right", "Next recipient", 1, "text-next"),
                ),
                rx.el.b("As somebody would get it"),
            ),
            class_name="row",
        ),
        rx.cond(
            Builder.texts.length() > 0,
            rx.el.div(
                rx.el.div(text.phone, class_name="dim"),
                rx.el.div(
                    rx.cond(text.body != "", text.body, "…"),
                    class_name="msg",
                    id="preview",
                    custom_attrs={"data-tone": rx.cond(text.unresolved != "", "bad", "")},
                ),
                class_name="phone",
            ),
            rx.el.p("Nobody in this audience has a number to text.", class_name="dim"),
        ),
        rx.cond(
            text.unresolved != "",
            banner("bad", rx.el.span("No value for: ", text.unresolved, ". This person would get nothing.")),
        ),
        class_name="stack tight",
    )


def _turn(sign: str, label: str, by: int, name: str) -> rx.Component:
    return rx.el.button(
        icon(sign, 15),
        rx.el.span(label, class_name="sr"),
        type="button",
        class_name="btn icon sm",
        on_click=Builder.turn(by),
        id=name,
    )
