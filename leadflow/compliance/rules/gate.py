"""The gate's rules and the one function that folds them: facts and policy in, decision out.

Pure: no clock, no database. Every rule looks at every recipient, so an answer names all that stands against it.
A rule answers True (passes), False (stands against it) or None (a fact is missing, which stands against it too).
Each constant below a rule is its source. To add a rule: one function, one line in ``RULES`` at its rank.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from leadflow.compliance.rules.bases import RANK, answering, by_consent, by_hand, kept, rank_standing, standing_since
from leadflow.compliance.rules.mourning import over_at
from leadflow.compliance.rules.windows import closed, opening
from leadflow.compliance.types import Cap, Decision, Facts, Place, Policy, RuleResult, WindowFault
from models.vocabulary import (
    CampaignState,
    Channel,
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

Check = Callable[[Facts, Policy, datetime], bool | None]

CONFIRM_WITHIN = timedelta(minutes=5)
"""47 CFR 64.1200(a)(12); FCC SoundBite ruling 2012-11-29: within five minutes it is inside the old consent."""

OWN_POLICY = "LeadFlow's own caution; no law"

_TEXTABLE = frozenset({LineType.MOBILE})
_CLOSED_LEADS = frozenset({LeadStatus.WON, LeadStatus.DEAD})
_NEVER = frozenset({PartyRole.ATTORNEY, PartyRole.DECEDENT, PartyRole.WARD, PartyRole.FIDUCIARY})
_IN_CAMPAIGN = Purpose.CAMPAIGN
_NOWHERE: frozenset[Place] = frozenset()
_ANSWERS = frozenset({Purpose.MANUAL_REPLY, Purpose.CONFIRMATION})
_MAY_LEAN = _ANSWERS | {Purpose.CALL}
"""What may lean on the person's own text to us."""


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
        return by_consent(f, p, at)
    return True


def _state_dnc(f: Facts, _p: Policy, _at: datetime) -> bool:
    return SuppressionKind.STATE_DNC not in f.suppressions and ScrubList.STATE_DNC not in f.listed


def _vendor_dnc(f: Facts, _p: Policy, _at: datetime) -> bool:
    return SuppressionKind.VENDOR_DNC not in f.suppressions


def _wrong_number(f: Facts, _p: Policy, _at: datetime) -> bool:
    return SuppressionKind.WRONG_NUMBER not in f.suppressions and f.phone_status != PhoneStatus.WRONG


def _reassigned(f: Facts, _p: Policy, _at: datetime) -> bool:
    return ScrubList.REASSIGNED not in f.listed


def _reassigned_known(f: Facts, p: Policy, at: datetime) -> bool | None:
    """Ask of an old basis that the number was found with the same person: no data and no look-up are not enough."""
    after = p.reassigned_after
    if after is None:
        return True
    since = standing_since(f, p, at)
    if since is None or at - since <= after or answering(f, p, at):
        return True
    if f.unchanged_at is None or f.unchanged_since is None:
        return None
    return f.unchanged_since <= since and at - f.unchanged_at <= p.reassigned_max_age


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
    if f.sending.channel is Channel.CALL:
        return True
    if f.inbound_at is not None and f.sending.purpose in _ANSWERS:
        return True
    return None if f.line_type is None or f.line_type == LineType.UNKNOWN else True


def _line_textable(f: Facts, _p: Policy, _at: datetime) -> bool:
    if f.sending.channel is Channel.CALL:
        return True
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
    if sending.sender_id is None and (sending.purpose == Purpose.CHECK or sending.channel is Channel.CALL):
        return True
    return sending.registration == RegistrationState.VERIFIED and not sending.sender_disabled


def _budget(f: Facts, _p: Policy, _at: datetime) -> bool:
    return f.sending.budget_left is None or f.sending.budget_left > 0


def _basis_named(f: Facts, _p: Policy, _at: datetime) -> bool:
    return f.sending.campaign_id is None or f.sending.basis is not None


def _basis_recorded(f: Facts, _p: Policy, at: datetime) -> bool:
    return bool(kept(f)) or f.consent_revoked or f.consent_lapsed or answering(f, _p, at) or by_hand(f)


def _basis_unrevoked(f: Facts, p: Policy, at: datetime) -> bool:
    return bool(kept(f)) or f.consent_lapsed or not f.consent_revoked or answering(f, p, at)


def _basis_unexpired(f: Facts, p: Policy, at: datetime) -> bool:
    recorded = bool(kept(f)) or f.consent_lapsed
    return not recorded or rank_standing(f, p, at) > 0 or answering(f, p, at) or by_hand(f)


def _basis_sufficient(f: Facts, p: Policy, at: datetime) -> bool:
    standing, needed = rank_standing(f, p, at), f.sending.basis
    return standing == 0 or needed is None or standing >= RANK[needed] or answering(f, p, at)


def _state_consent(f: Facts, p: Policy, at: datetime) -> bool:
    if f.places is None or all(place.state not in p.written_consent for place in f.places):
        return True
    return by_consent(f, p, at) or answering(f, p, at)


def _scrub_known(f: Facts, p: Policy, at: datetime) -> bool | None:
    if f.national in (ScrubVerdict.CLEAN, ScrubVerdict.LISTED) and f.national_at is not None:
        return True
    return True if by_consent(f, p, at) or answering(f, p, at) else None


def _scrub_fresh(f: Facts, p: Policy, at: datetime) -> bool:
    if f.national_at is None or at - f.national_at <= p.scrub_max_age:
        return True
    return by_consent(f, p, at) or answering(f, p, at)


def _location_known(f: Facts, _p: Policy, _at: datetime) -> bool | None:
    return True if f.places else None


def _not_repeated(f: Facts, _p: Policy, _at: datetime) -> bool:
    return not f.already


def _sensitivity_unknown(f: Facts, p: Policy, at: datetime) -> bool | None:
    if not f.death_undated or f.filed_on is not None or answering(f, p, at):
        return True
    return None


def _sensitivity(f: Facts, p: Policy, at: datetime) -> bool:
    # Nearly nobody's property is in mourning, and this runs for each of a hundred thousand.
    return (f.died_on is None and f.filed_on is None) or over_at(f, p) <= at or answering(f, p, at)


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
    against = closed(p, f.places, f.sending.window, at) if f.places else ()
    # A holiday that the campaign itself keeps is one of its own hours, not a law.
    return all(c.fault != fault or c.window.jurisdiction == "campaign" for c in against)


def _free_at(f: Facts, p: Policy, at: datetime) -> datetime:
    """Find the instant at which every cap allows one more contact."""
    if f.sending.purpose in _MAY_LEAN and f.inbound_at is not None and f.inbound_at >= f.touches[0]:
        return at
    releases = (_release(cap, f.touches, at) for cap in _caps(p, f.places or _NOWHERE))
    return max(releases, default=at)


def _release(cap: Cap, touches: Sequence[datetime], at: datetime) -> datetime:
    recent = [touch for touch in touches if touch > at - cap.span]
    return at if len(recent) < cap.count else recent[cap.count - 1] + cap.span


@lru_cache(maxsize=4096)
def _caps(p: Policy, places: frozenset[Place]) -> tuple[Cap, ...]:
    states = {place.state for place in places}
    return (*p.caps, *(cap for state in sorted(states) for cap in p.state_caps.get(state, ())))


class Rule(NamedTuple):
    """One rule: its name in receipts and funnels, what it says to people, and where it comes from."""

    name: str
    check: Check
    sentence: str
    """Why it stands against a contact, for people."""
    citation: str
    timely: bool = False
    """Time alone lifts it: the hour, the day or a frequency cap."""


RULES: tuple[Rule, ...] = (
    Rule("kill_switch", _kill_switch, "Sending is paused for the whole organisation.", OWN_POLICY),
    Rule("legal_threat", _legal_threat, "The person threatened legal action.", OWN_POLICY),
    Rule("litigator", _litigator, "The number belongs to a known litigator.", OWN_POLICY),
    Rule("opted_out", _opted_out, "The person has opted out.", "47 CFR 64.1200(a)(10)-(12)"),
    Rule("internal_dnc", _internal_dnc, "The person is on our own do-not-call list.", "47 CFR 64.1200(d)"),
    Rule("admin_block", _admin_block, "An administrator has blocked this contact.", OWN_POLICY),
    Rule("deceased", _deceased, "The person has died, or the number is an estate's.", OWN_POLICY),
    Rule("role", _role, "The person's role is not known, or is attorney or decedent.", OWN_POLICY),
    Rule("national_dnc", _national_dnc, "The number is on the national do-not-call registry.", "47 CFR 64.1200(c)(2)"),
    Rule("state_dnc", _state_dnc, "The number is on a state do-not-call list.", "state do-not-call acts"),
    Rule("vendor_dnc", _vendor_dnc, "A list vendor marks the number do-not-call.", "47 CFR 64.1200(c)(2)"),
    Rule("wrong_number", _wrong_number, "The number belongs to somebody else.", OWN_POLICY),
    Rule("reassigned", _reassigned, "The number was reassigned to somebody else.", "47 CFR 64.1200(l)-(m)"),
    Rule("held_for_review", _held_for_review, "A reply waits to be read by a person.", "47 CFR 64.1200(a)(10)"),
    Rule(
        "emergency", _emergency, "Soliciting is barred in a declared emergency.", "La. R.S. 29:721; N.Y. GBL 399-z(5-a)"
    ),
    Rule("number_valid", _number_valid, "The number is not a US number.", OWN_POLICY),
    Rule("number_in_service", _number_in_service, "The number is out of service.", OWN_POLICY),
    Rule("line_known", _line_known, "The kind of line is not known.", OWN_POLICY),
    Rule("line_textable", _line_textable, "The line takes no texts (landline, VoIP or toll-free).", OWN_POLICY),
    Rule("lead_open", _lead_open, "The lead is closed.", OWN_POLICY),
    Rule("campaign_active", _campaign_active, "The campaign is not running.", OWN_POLICY),
    Rule("not_stale", _not_stale, "The time in which the text made sense is over.", OWN_POLICY),
    Rule(
        "sender_registered",
        _sender_registered,
        "The sender number has no verified 10DLC registration.",
        "carrier code 30034",
    ),
    Rule("budget", _budget, "The budget is used up.", OWN_POLICY),
    Rule("basis_named", _basis_named, "The campaign names no basis to contact.", OWN_POLICY),
    Rule("basis_recorded", _basis_recorded, "The ledger holds no consent or relationship.", "16 CFR 310.5(a)(8)"),
    Rule("basis_unrevoked", _basis_unrevoked, "The consent was revoked.", "47 CFR 64.1200(a)(10)"),
    Rule("basis_unexpired", _basis_unexpired, "The consent or relationship has run out.", "47 CFR 64.1200(f)(5)"),
    Rule("basis_sufficient", _basis_sufficient, "The basis on record is weaker than the one named.", OWN_POLICY),
    Rule(
        "state_consent",
        _state_consent,
        "A state asks for prior express written consent.",
        "Conn. Gen. Stat. 42-288a; Fla. Stat. 501.059",
    ),
    Rule(
        "scrub_known", _scrub_known, "The number was not looked up in the national registry.", "16 CFR 310.4(b)(3)(iv)"
    ),
    Rule("scrub_fresh", _scrub_fresh, "The look-up in the national registry is too old.", "16 CFR 310.4(b)(3)(iv)"),
    Rule(
        "reassigned_known",
        _reassigned_known,
        "The consent is old, and no look-up shows that the number is still the same person's.",
        "47 CFR 64.1200(m)",
    ),
    Rule("location_known", _location_known, "Where the person is cannot be told.", "47 CFR 64.1200(c)(1)"),
    Rule(
        "sensitivity_unknown",
        _sensitivity_unknown,
        "When the owner of this property died is not known, nor when probate was filed.",
        OWN_POLICY,
    ),
    Rule("not_repeated", _not_repeated, "This message has gone out before.", OWN_POLICY),
    Rule(
        "sensitivity",
        _sensitivity,
        "The family is in mourning: too few days have passed since the death or the filing.",
        OWN_POLICY,
        timely=True,
    ),
    Rule(
        "frequency",
        _frequency,
        "The person was contacted too often of late.",
        "Fla. Stat. 501.616(6)(b); own caps",
        timely=True,
    ),
    Rule("holiday", _holiday, "It is a holiday at a place where the person may be.", "state holiday bans", timely=True),
    Rule(
        "quiet_hours",
        _quiet_hours,
        "It is a quiet hour at a place where the person may be.",
        "47 CFR 64.1200(c)(1) and state law",
        timely=True,
    ),
    Rule("campaign_hours", _campaign_hours, "It is outside the campaign's own hours.", OWN_POLICY, timely=True),
)
"""Every rule, worst first: the order in which reasons are told."""


@dataclass(frozen=True, eq=False)
class RuleBook:
    """Rules ready to be folded; compared by identity, so that answers may be cached by it."""

    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "checks", tuple((1 << i, rule.check) for i, rule in enumerate(self.rules)))
        object.__setattr__(self, "timely", sum(1 << i for i, rule in enumerate(self.rules) if rule.timely))

    checks: tuple[tuple[int, Check], ...] = ()
    timely: int = 0


BOOK = RuleBook(RULES)


def decide(facts: Facts, policy: Policy, at: datetime, book: RuleBook = BOOK) -> Decision:
    """Run every rule and answer.

    Args:
        facts: what is known of the recipient, as of ``at``.
        policy: the packs in force.
        at: aware instant for which the answer holds.
        book: all rules; another book only in tests of the rules themselves.

    Returns:
        ``sendable``; ``later`` where only time stands against it, with the earliest instant that every place, the
        campaign and every cap allow; else ``blocked``.
    """
    against = unknown = 0
    for bit, check in book.checks:
        outcome = check(facts, policy, at)
        if not outcome:
            against |= bit
            if outcome is None:
                unknown |= bit
    if not against:
        return Decision(Verdict.SENDABLE, None, (), _NO_NAMES, policy.version)
    reasons, missing = _names(book, against, unknown)
    later_at = None if against & ~book.timely else _later(facts, policy, at)
    verdict = Verdict.BLOCKED if later_at is None else Verdict.LATER
    return Decision(verdict, later_at, reasons, missing, policy.version)


def outcomes(decision: Decision, book: RuleBook = BOOK) -> tuple[RuleResult, ...]:
    """Tell what each rule said, in rank order."""
    return tuple(
        RuleResult(rule.name, _outcome(rule.name, decision), rule.sentence, rule.citation) for rule in book.rules
    )


def sentence(reason: str) -> str:
    """Say a reason to people."""
    return _BY_NAME[reason].sentence


def longest_cap(policy: Policy) -> timedelta:
    """Tell how far back contacts must be counted."""
    caps = (*policy.caps, *(cap for caps in policy.state_caps.values() for cap in caps))
    return max((cap.span for cap in caps), default=timedelta(0))


_NO_NAMES: frozenset[str] = frozenset()
_BY_NAME = {rule.name: rule for rule in RULES}


def _outcome(name: str, decision: Decision) -> RuleOutcome:
    if name in decision.unknown:
        return RuleOutcome.UNKNOWN
    return RuleOutcome.FAIL if name in decision.reasons else RuleOutcome.PASS


@lru_cache(maxsize=8192)
def _names(book: RuleBook, against: int, unknown: int) -> tuple[tuple[str, ...], frozenset[str]]:
    named = [(1 << i, rule.name) for i, rule in enumerate(book.rules)]
    reasons = tuple(name for bit, name in named if against & bit)
    return reasons, frozenset(name for bit, name in named if unknown & bit)


def _later(f: Facts, p: Policy, at: datetime) -> datetime | None:
    """Find when time will have lifted what stands against it; None when the text is stale by then."""
    free = _free_at(f, p, at) if f.touches else at
    if not _sensitivity(f, p, at):
        free = max(free, over_at(f, p))
    opens = opening(p, f.places, f.sending.window, max(at, free)) if f.places else None
    if opens is None or not _not_stale(f, p, opens):
        return None
    return opens
