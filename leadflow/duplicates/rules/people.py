"""How likely two people are one, and why: alike in name, and something shared that two people seldom share."""

from __future__ import annotations

from leadflow.duplicates.rules.likeness import alike
from leadflow.duplicates.rules.streets import near
from leadflow.duplicates.types import LEAST, Reason, Shared, Verdict, Who
from models.vocabulary import PartyRole

_SHARED = (
    (Shared.EMAIL.value, 32, "same e-mail address"),
    (Shared.PHONE.value, 29, "same phone"),
    (Shared.MAILING.value, 26, "same mailing address"),
    (Shared.PROPERTY.value, 21, "same property"),
)
"""What each is worth. Own choice, set on the generated people of the benchmark."""
_NEAR, _MAILING = Shared.NEAR.value, Shared.MAILING.value
_NEAR_WORTH = 20
_NAME_WORTH = 55
_SHARED_MOST = 45
_AGAINST_COSTS = 30
_SPEAK_FOR_OTHERS = {PartyRole.ATTORNEY: "attorney", PartyRole.DECEDENT: "decedent", PartyRole.HEIR: "heir"}
"""Roles that two people of one name may have beside each other: father and son, the lawyer and the client."""


def judge(one: Who, other: Who, shared: int) -> Verdict | None:
    """Say how likely two people are one; None where they are not to be proposed.

    Args:
        one: the one.
        other: the other.
        shared: the bits of what they share.
    """
    likeness = alike(one, other)
    if not likeness.degree:
        return None
    reasons = [Reason("same name" if likeness.degree == 1 else f"name {likeness.degree:.2f}")]
    worth = 0
    for bit, points, words in _SHARED:
        if shared & bit:
            worth += points
            reasons.append(Reason(words))
    if shared & _NEAR and not shared & _MAILING and (degree := near(one.street, other.street)):
        worth += _NEAR_WORTH
        reasons.append(Reason(f"mailing street {degree:.2f}, same ZIP"))
    if not worth:
        return None
    against = [*likeness.against, *_roles(one, other)]
    if one.deceased != other.deceased:
        against.append("one of them has died")
    score = round(_NAME_WORTH * likeness.degree) + min(_SHARED_MOST, worth) - (_AGAINST_COSTS if against else 0)
    if score < LEAST - (_AGAINST_COSTS if against else 0):
        return None
    return Verdict(max(0, score), (*reasons, *(Reason(words, against=True) for words in against)))


def _roles(one: Who, other: Who) -> list[str]:
    if not one.roles or not other.roles:
        return []
    return [
        f"one is {'an' if word[0] in 'ah' else 'a'} {word}, the other is not"
        for role, word in _SPEAK_FOR_OTHERS.items()
        if (role in one.roles) != (role in other.roles)
    ]
