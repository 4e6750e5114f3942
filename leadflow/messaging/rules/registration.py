"""Whether a number may send, as the carriers see it: its brand, its 10DLC campaign, and what binds it to that."""

from __future__ import annotations

from models.vocabulary import RegistrationState

_WORST_FIRST = (
    RegistrationState.REJECTED,
    RegistrationState.SUSPENDED,
    RegistrationState.PENDING,
    RegistrationState.VERIFIED,
)


def effective(
    brand: RegistrationState | None, campaign: RegistrationState | None, binding: RegistrationState
) -> RegistrationState:
    """Answer the worst of the three; a number that is bound to no campaign is pending (carrier code 30034)."""
    if brand is None or campaign is None:
        return RegistrationState.PENDING
    return min(brand, campaign, binding, key=_WORST_FIRST.index)


def to_do(brand: RegistrationState | None, campaign: RegistrationState | None, binding: RegistrationState) -> str:
    """Say what has to be done before a number may send; empty when nothing."""
    if brand is None or campaign is None:
        return "Bind it to a registered campaign, here and at the carrier."
    for what, state in (("brand", brand), ("campaign", campaign), ("binding of the number", binding)):
        if state is RegistrationState.VERIFIED:
            continue
        return {
            RegistrationState.PENDING: f"Wait until the carrier has verified the {what}, then say so here.",
            RegistrationState.REJECTED: f"The {what} was rejected: read why at the carrier, correct it and resubmit.",
            RegistrationState.SUSPENDED: f"The {what} is suspended: ask the carrier why before anything is sent.",
        }[state]
    return ""
