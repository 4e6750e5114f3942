"""The gate's rules and the one function that folds them: facts and policy in, decision out.

Pure: no clock, no database. Every rule looks at every recipient, so an answer names all that stands against it.
A rule answers True (passes), False (stands against it) or None (a fact is missing, which stands against it too).
Each constant below a rule is its source. To add a rule: one function, one line in ``RULES`` at its rank.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from leadflow.compliance.replies import classify
from leadflow.compliance.types import Cap, Decision, Facts, Policy, RuleResult, WindowFault
from leadflow.compliance.windows import closed, opening
from models.vocabulary import (
    Basis,
    CampaignState,
    LeadStatus,
    LineType,
    PartyRole,
    PersonKind,
    PhoneStatus,
    Purpose,
    RegistrationState,
    RuleOutcome,
    ScrubList,
    ScrubVerdict,
    SuppressionKind,
    Verdict,
)

__all__ = ["BOOK", "RULES", "Rule", "RuleBook", "classify", "decide", "longest_cap", "outcomes"]

Check = Callable[[Facts, Policy, datetime], bool | None]

CONFIRM_WITHIN = timedelta(minutes=5)
"""47 CFR 64.1200(a)(12); FCC SoundBite ruling 2012-11-29: a confirmation within five minutes is inside the old consent."""

OWN_POLICY = "LeadFlow's own caution; no law"

_RANK = {Basis.INQUIRY: 1, Basis.EXISTING_RELATIONSHIP: 2, Basis.WRITTEN_CONSENT: 3}
_TEXTABLE = frozenset({LineType.MOBILE})
_CLOSED_LEADS = frozenset({LeadStatus.WON, LeadStatus.DEAD})
_NEVER = frozenset({PartyRole.ATTORNEY, PartyRole.DECEDENT})
_IN_CAMPAIGN = Purpose.CAMPAIGN
_ANSWERS = frozenset({Purpose.MANUAL_REPLY, Purpose.CONFIRMATION})


def _kill_switch(f: Facts, _p: Policy, _at: datetime) -> bool:
    return not f.sending.paused


def _legal_threat(f: Facts, _p: Policy, _at: datetime) -> bool:
    return SuppressionKind.LEGAL_THREAT not in f.suppressions


def _litigator(f: Facts, _p: Policy, _at: datetime) -> bool:
    return SuppressionKind.LITIGATOR not in f.suppressions and ScrubList.LITIGATOR not in f.listed


def _opted_out(f: Facts, _p: Policy, at: datetime) -> bool:
    if f.sending.purpose == Purpose.CONFIRMATION and f.opted_out_at is not None:
        return f.opted_out_at <= at <= f.opted_out_at + CONFIRM_WITHIN
    return SuppressionKind.OPT_OUT not in f.suppressions and SuppressionKind.CARRIER_OPT_OUT not in f.suppressions


def _internal_dnc(f: Facts, _p: Policy, _at: datetime) -> bool:
    return SuppressionKind.INTERNAL_DNC not in f.suppressions


def _admin_block(f: Facts, _p: Policy, _at: datetime) -> bool:
    return SuppressionKind.ADMIN not in f.suppressions


def _deceased(f: Facts, _p: Policy, _at: datetime) -> bool:
    if SuppressionKind.DECEASED in f.suppressions:
        return False
    return not (f.deceased or f.decedent or f.person_kind == PersonKind.ESTATE)


def _role(f: Facts, _p: Policy, _at: datetime) -> bool | None:
    if f.sending.purpose in _ANSWERS:
        return True
    if not f.person_known or not f.roles:
        return None
    return _NEVER.isdisjoint(f.roles)


def _national_dnc(f: Facts, p: Policy, at: datetime) -> bool:
    if SuppressionKind.NATIONAL_DNC in f.suppressions or f.national == ScrubVerdict.LISTED:
        return _by_consent(f, p, at)
    return True


def _state_dnc(f: Facts, _p: Policy, _at: datetime) -> bool:
    return SuppressionKind.STATE_DNC not in f.suppressions and ScrubList.STATE_DNC not in f.listed


def _vendor_dnc(f: Facts, _p: Policy, _at: datetime) -> bool:
    return SuppressionKind.VENDOR_DNC not in f.suppressions


def _wrong_number(f: Facts, _p: Policy, _at: datetime) -> bool:
    return SuppressionKind.WRONG_NUMBER not in f.suppressions and f.phone_status != PhoneStatus.WRONG


def _reassigned(f: Facts, _p: Policy, _at: datetime) -> bool:
    return ScrubList.REASSIGNED not in f.listed


def _held_for_review(f: Facts, _p: Policy, _at: datetime) -> bool:
    return f.sending.purpose in _ANSWERS or SuppressionKind.REVIEW not in f.suppressions


def _emergency(f: Facts, p: Policy, _at: datetime) -> bool:
    return not p.emergencies or all(place.state not in p.emergencies for place in f.places or ())


def _number_valid(f: Facts, _p: Policy, _at: datetime) -> bool:
    number = f.e164
    return number is not None and len(number) == 12 and number.startswith("+1")  # noqa: PLR2004 +1 and ten digits


def _number_in_service(f: Facts, _p: Policy, _at: datetime) -> bool:
    return f.phone_status != PhoneStatus.DEAD


def _line_known(f: Facts, _p: Policy, _at: datetime) -> bool | None:
    if f.inbound_at is not None and f.sending.purpose in _ANSWERS:
        return True
    return None if f.line_type is None or f.line_type == LineType.UNKNOWN else True


def _line_textable(f: Facts, _p: Policy, _at: datetime) -> bool:
    return f.line_type is None or f.line_type == LineType.UNKNOWN or f.line_type in _TEXTABLE


def _lead_open(f: Facts, _p: Policy, _at: datetime) -> bool:
    return f.sending.purpose in _ANSWERS or f.lead_status not in _CLOSED_LEADS


def _campaign_active(f: Facts, _p: Policy, _at: datetime) -> bool:
    return f.sending.purpose != _IN_CAMPAIGN or f.sending.campaign_state == CampaignState.RUNNING


def _not_stale(f: Facts, _p: Policy, at: datetime) -> bool:
    limits = (f.send_before, f.sending.send_before)
    return all(limit is None or at < limit for limit in limits)


def _sender_registered(f: Facts, _p: Policy, _at: datetime) -> bool:
    sending = f.sending
    if sending.purpose == Purpose.CHECK and sending.sender_id is None:
        return True
    return sending.registration == RegistrationState.VERIFIED and not sending.sender_disabled


def _budget(f: Facts, _p: Policy, _at: datetime) -> bool:
    return f.sending.budget_left is None or f.sending.budget_left > 0


def _basis_named(f: Facts, _p: Policy, _at: datetime) -> bool:
    return f.sending.campaign_id is None or f.sending.basis is not None


def _basis_recorded(f: Facts, _p: Policy, at: datetime) -> bool:
    return bool(_kept(f)) or f.consent_revoked or f.consent_lapsed or _answering(f, _p, at)


def _basis_unrevoked(f: Facts, p: Policy, at: datetime) -> bool:
    return bool(_kept(f)) or f.consent_lapsed or not f.consent_revoked or _answering(f, p, at)


def _basis_unexpired(f: Facts, p: Policy, at: datetime) -> bool:
    recorded = bool(_kept(f)) or f.consent_lapsed
    return not recorded or _standing(f, p, at) > 0 or _answering(f, p, at)


def _basis_sufficient(f: Facts, p: Policy, at: datetime) -> bool:
    standing, needed = _standing(f, p, at), f.sending.basis
    return standing == 0 or needed is None or standing >= _RANK[needed] or _answering(f, p, at)


def _state_consent(f: Facts, p: Policy, at: datetime) -> bool:
    if f.places is None or all(place.state not in p.written_consent for place in f.places):
        return True
    return _by_consent(f, p, at) or _answering(f, p, at)


def _scrub_known(f: Facts, p: Policy, at: datetime) -> bool | None:
    if f.national in (ScrubVerdict.CLEAN, ScrubVerdict.LISTED) and f.national_at is not None:
        return True
    return True if _by_consent(f, p, at) or _answering(f, p, at) else None


def _scrub_fresh(f: Facts, p: Policy, at: datetime) -> bool:
    if f.national_at is None or at - f.national_at <= p.scrub_max_age:
        return True
    return _by_consent(f, p, at) or _answering(f, p, at)


def _location_known(f: Facts, _p: Policy, _at: datetime) -> bool | None:
    return True if f.places else None


def _not_repeated(f: Facts, _p: Policy, _at: datetime) -> bool:
    return not f.already


def _frequency(f: Facts, p: Policy, at: datetime) -> bool:
    return not f.touches or _free_at(f, p, at) <= at


def _holiday(f: Facts, p: Policy, at: datetime) -> bool:
    return _unless(f, p, at, WindowFault.HOLIDAY)


def _quiet_hours(f: Facts, p: Policy, at: datetime) -> bool:
    if not f.places:
        return True
    against = closed(p, f.places, f.sending.window, at)
    return not any(c.fault != WindowFault.HOLIDAY and c.window.jurisdiction != "campaign" for c in against)


def _campaign_hours(f: Facts, p: Policy, at: datetime) -> bool:
    if f.sending.window is None or not f.places:
        return True
    return all(c.window.jurisdiction != "campaign" for c in closed(p, f.places, f.sending.window, at))


def _unless(f: Facts, p: Policy, at: datetime, fault: WindowFault) -> bool:
    return not f.places or all(c.fault != fault for c in closed(p, f.places, f.sending.window, at))


def _kept(f: Facts) -> int:
    """Rank the strongest entry that was neither revoked nor ended by its own date; 0 is none."""
    if f.written_at is not None:
        return 3
    return 2 if f.relationship_at is not None else int(f.inquiry_at is not None)


def _standing(f: Facts, p: Policy, at: datetime) -> int:
    """Rank the strongest basis that still holds at ``at``; 0 is none."""
    given = ((Basis.WRITTEN_CONSENT, f.written_at), (Basis.EXISTING_RELATIONSHIP, f.relationship_at))
    for basis, since in (*given, (Basis.INQUIRY, f.inquiry_at)):
        if since is not None and since <= at and _holds(p, basis, since, at):
            return _RANK[basis]
    return 0


def _holds(p: Policy, basis: Basis, since: datetime, at: datetime) -> bool:
    months = p.basis_months.get(basis)
    return months is None or at < add_months(since, months)


def _by_consent(f: Facts, p: Policy, at: datetime) -> bool:
    """Say whether written consent stands, which waives the registries (16 CFR 310.4(b)(1)(iii)(B)(1))."""
    return f.written_at is not None and f.written_at <= at and _holds(p, Basis.WRITTEN_CONSENT, f.written_at, at)


def _answering(f: Facts, p: Policy, at: datetime) -> bool:
    """Say whether this answers the person's own text, no older than an inquiry may be."""
    if f.sending.purpose == Purpose.CONFIRMATION:
        return True
    if f.sending.purpose != Purpose.MANUAL_REPLY or f.inbound_at is None:
        return False
    return _holds(p, Basis.INQUIRY, f.inbound_at, at)


def _free_at(f: Facts, p: Policy, at: datetime) -> datetime:
    """Find the instant at which every cap allows one more contact."""
    if f.sending.purpose in _ANSWERS and f.inbound_at is not None and f.inbound_at >= f.touches[0]:
        return at
    releases = (_release(cap, f.touches, at) for cap in _caps(p, f.places or frozenset()))
    return max(releases, default=at)


def _release(cap: Cap, touches: object, at: datetime) -> datetime:
    recent: list[datetime] = [touch for touch in touches if touch > at - cap.span]  # type: ignore[attr-defined]
    return at if len(recent) < cap.count else recent[cap.count - 1] + cap.span


@lru_cache(maxsize=4096)
def _caps(p: Policy, places: frozenset[object]) -> tuple[Cap, ...]:
    states = {place.state for place in places}  # type: ignore[attr-defined]
    return (*p.caps, *(cap for state in sorted(states) for cap in p.state_caps.get(state, ())))


@lru_cache(maxsize=8192)
def add_months(since: datetime, months: int) -> datetime:
    """Count calendar months on; a day that the month lacks becomes its last."""
    year, month = divmod(since.year * 12 + since.month - 1 + months, 12)
    for day in (since.day, 30, 29, 28):
        try:
            return since.replace(year=year, month=month + 1, day=min(day, since.day))
        except ValueError:
            continue
    raise AssertionError(since)
