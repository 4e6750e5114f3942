"""Tell the state of a recipient as it was, and what of it has changed since. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from leadflow.compliance.rules.gate import BOOK
from leadflow.compliance.types import Decision, Facts
from models.vocabulary import Verdict

LABELS = {
    "line_type": "Kind of line",
    "phone_status": "State of the number",
    "lead_status": "State of the lead",
    "person_known": "Person known",
    "person_kind": "Kind of person",
    "roles": "Role at the property",
    "deceased": "Noted as deceased",
    "decedent": "Decedent of a property",
    "suppressions": "Suppressions",
    "opted_out_at": "Opted out",
    "national_dnc": "National do-not-call registry",
    "national_dnc_at": "Looked up in it",
    "listed": "On other lists",
    "consents": "Entries of the consent ledger",
    "written_consent_at": "Written consent given",
    "relationship_at": "Relationship since",
    "inquiry_at": "Inquiry made",
    "consent_revoked": "A consent was revoked",
    "consent_lapsed": "A consent had run out",
    "contacts": "Contacts that count",
    "already_sent": "This message sent before",
    "inbound_at": "Last text from the person",
    "died_on": "Owner of the property died",
    "death_undated": "An owner died on an unknown day",
    "probate_filed_on": "Probate filed",
    "surviving_spouse": "Surviving spouse",
    "places": "Where the person may be",
    "zip5": "ZIP of the property",
    "property_state": "State of the property",
    "mailing_state": "State of the mailing address",
    "billing_state": "State of the billing address",
    "organisation_paused": "All sending paused",
    "campaign_state": "State of the campaign",
    "campaign_basis": "Basis of the campaign",
    "campaign_send_before": "Campaign sends until",
    "sender": "Sender number",
    "sender_registration": "Registration of the sender",
    "sender_disabled": "Sender switched off",
    "budget_left": "Budget left",
}
"""What each fact of a receipt is called, in the order in which people read them."""

_NOT_COMPARED = frozenset({"send_before", "budget_left"})
"""What is of the one text, or moves with every text: it says nothing of the recipient."""

KEPT_BY_DATE = frozenset(
    {
        *("deceased", "role", "wrong_number", "emergency", "number_in_service", "line_known", "line_textable"),
        *(
            "lead_open",
            "sensitivity_unknown",
            "sensitivity",
            "state_consent",
            "location_known",
            "holiday",
            "quiet_hours",
        ),
    }
)
"""Rules that read of a person, number, lead or place what is known of the past only since it is kept by date."""
KEPT_OF_CAMPAIGNS = frozenset(
    {
        *("campaign_active", "not_stale", "sender_registered", "budget", "basis_named", "basis_sufficient"),
        "campaign_hours",
    }
)
"""The same of a campaign, its sender and its budget."""
_ALSO_SUPPRESSED = frozenset({"deceased", "wrong_number"})
"""Suppressions say this too, and they tell their instants themselves."""


@dataclass(frozen=True, slots=True)
class StateRow:
    """One fact as it was, and as it is now."""

    name: str
    label: str
    then: Any
    """None where nothing was known or nothing stood."""
    now: Any
    changed: bool

    @property
    def then_words(self) -> str:
        """Say to people what was; empty where nothing was known or stood."""
        return in_words(self.name, self.then)

    @property
    def now_words(self) -> str:
        """Say to people what is now."""
        return in_words(self.name, self.now)


def flat(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the facts of a receipt of any format side by side, those of the whole batch too."""
    return {**facts.get("sending", {}), **{name: value for name, value in facts.items() if name != "sending"}}


def compared(then: Mapping[str, Any], now: Mapping[str, Any] | None) -> tuple[StateRow, ...]:
    """List what stood then, and mark what stands differently now.

    Args:
        then: facts as a receipt writes them.
        now: the same today; None where the answer is about today itself.
    """
    was, is_now = flat(then), None if now is None else flat(now)
    names = [name for name in LABELS if name in was or (is_now and name in is_now and name not in _NOT_COMPARED)]
    return tuple(_row(name, was.get(name), is_now) for name in names)


def _row(name: str, was: Any, now: Mapping[str, Any] | None) -> StateRow:  # noqa: ANN401 any fact
    if now is None or name in _NOT_COMPARED:
        return StateRow(name, LABELS[name], was, was, changed=False)
    value = now.get(name)
    return StateRow(name, LABELS[name], was, value, changed=_same(was) != _same(value))


def _same(value: Any) -> Any:  # noqa: ANN401 any fact
    """Take lists as sets, and nothing as nothing."""
    return (frozenset(cast("list[str]", value)) or None) if isinstance(value, list) else (value or None)


def in_words(name: str, value: Any) -> str:  # noqa: ANN401 any fact
    """Say a fact to people; an empty text is nothing known."""
    if value is None or value == [] or value is False:
        return ""
    if value is True:
        return "yes"
    if name in {"consents", "contacts"}:
        return str(len(value))
    if isinstance(value, list):
        return ", ".join(_word(one) for one in cast("list[str]", value))
    return _word(str(value))


def _word(text: str) -> str:
    try:
        at = datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        at = None
    if at is not None:
        return f"{at:%d %b %Y %H:%M:%S} UTC"
    return text if "/" in text else text.replace("_", " ")


def undated(facts: Facts) -> Facts:
    """Leave out what is known by date only, for an instant before the dates begin."""
    return facts._replace(
        line_type=None,
        phone_status=None,
        lead_status=None,
        person_known=False,
        person_kind=None,
        deceased=False,
        decedent=False,
        roles=None,
        places=None,
        zip5=None,
        property_state=None,
        mailing_state=None,
        billing_state=None,
    )


def unsure(decision: Decision, *, campaign: bool) -> Decision:
    """Turn the answer on undated facts into what can be said: every rule that reads what is missing is unknown."""
    missing = (KEPT_BY_DATE | KEPT_OF_CAMPAIGNS) if campaign else KEPT_BY_DATE
    unknown = decision.unknown | (missing - (_ALSO_SUPPRESSED & set(decision.reasons)))
    reasons = tuple(rule.name for rule in BOOK.rules if rule.name in unknown or rule.name in decision.reasons)
    return decision._replace(verdict=Verdict.BLOCKED, later_at=None, reasons=reasons, unknown=unknown)
