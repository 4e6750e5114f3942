"""What the compliance pages share: their tabs, a rule's word, and the rows of a receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import reflex as rx

from leadflow.compliance.rules.short import SHORT
from leadflow.compliance.types import RuleResult
from leadflow.search.rules import places
from leadflow.ui.feedback import pill
from leadflow.ui.shell import header, tab_row
from leadflow.ui.tokens import OUTCOME, VERDICT, Tones, words
from models.vocabulary import RuleOutcome

TABS = (
    replace(places.page("/compliance"), title="Overview"),
    *(
        places.page(f"/compliance/{name}")
        for name in (
            "decisions",
            "explain",
            "simulator",
            "suppressions",
            "consents",
            "lookups",
            "rules",
            "drill",
            "reviews",
            "evidence",
            "retention",
        )
    ),
)


REASON: Tones = {rule: ("bad", short) for rule, short in SHORT.items()}
"""Why it did not go out, for columns and filters."""


@dataclass(frozen=True)
class RuleView:
    """One rule's word on one recipient."""

    name: str
    outcome: str
    tone: str
    label: str
    sentence: str
    citation: str


def rule_views(rules: Sequence[RuleResult]) -> list[RuleView]:
    """Write rules: those that stand against it first."""
    against = [rule for rule in rules if rule.outcome is not RuleOutcome.PASS]
    passed = [rule for rule in rules if rule.outcome is RuleOutcome.PASS]
    return [
        RuleView(words(rule.rule), str(rule.outcome), *OUTCOME[rule.outcome], rule.sentence, rule.citation)
        for rule in (*against, *passed)
    ]


def top(path: str, *actions: rx.Component) -> rx.Component:
    """Head every compliance page with its tabs."""
    return rx.fragment(header("Compliance", actions=actions), tab_row(TABS, path, "Compliance"))


def rule_list(rules: rx.Var[list[RuleView]]) -> rx.Component:
    """Show each rule with its outcome; passed ones quietly."""
    return rx.el.ul(rx.foreach(rules, _rule), class_name="rules")


def _rule(rule: rx.Var[RuleView]) -> rx.Component:
    return rx.el.li(
        rx.el.span(pill(rule.tone, rule.label)),
        rx.el.div(
            rx.el.b(rule.name),
            rx.cond(rule.outcome != "pass", rx.el.div(rule.sentence)),
        ),
        rx.el.div(rule.citation, class_name="cite"),
        class_name="rule",
        custom_attrs={"data-outcome": rule.outcome, "data-rule": rule.name},
    )


def pair(label: str, value: Any) -> rx.Component:  # noqa: ANN401 text or component
    """Write one line of a list of facts (inside ``dl.pairs``)."""
    return rx.el.div(rx.el.dt(label), rx.el.dd(value))


def verdict_tone(verdict: str) -> str:
    """Answer the tone of a verdict by its word."""
    return next((tone for word, (tone, _) in VERDICT.items() if word == verdict), "mute")
