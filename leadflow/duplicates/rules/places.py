"""How likely two properties are one. Flats of one house are not: they are never taken for one, whatever they share."""

from __future__ import annotations

from leadflow.duplicates.rules.streets import near
from leadflow.duplicates.types import LEAST, Place, Reason, Verdict

_PARCEL = 58
_STREET = 45
_PLACE = 18
"""Same ZIP code, or the same town where one of them has none."""
_OWNER = 22
_SAME_STREET = 12
_AGAINST = 35
_ONLY_ONE_UNIT = "only one of them names a unit: the house and a flat of it, or one and the same"


def judge(one: Place, other: Place) -> Verdict | None:
    """Say how likely two properties are one; None where they are not to be proposed."""
    same_parcel = bool(one.parcel) and one.parcel == other.parcel
    if _flats(one, other) or (one.parcel and other.parcel and not same_parcel and one.unit != other.unit):
        return None
    degree = near(one.street, other.street)
    if not same_parcel and (not degree or not _same_town(one, other)):
        return None
    score, reasons = _weigh(one, other, degree, same_parcel=same_parcel)
    against = _against(one, other, degree, same_parcel=same_parcel)
    if against:
        score -= _AGAINST
    if score < (LEAST if not against else LEAST - _AGAINST):
        return None
    return Verdict(max(0, min(100, score)), (*reasons, *(Reason(words, against=True) for words in against)))


def _flats(one: Place, other: Place) -> bool:
    """Two doors of one house, or a house of which more than one door is known."""
    if one.unit and other.unit:
        return one.unit != other.unit
    return one.unit != other.unit and max(one.doors, other.doors) > 1


def _same_town(one: Place, other: Place) -> bool:
    if one.zip5 and other.zip5:
        return one.zip5 == other.zip5
    return bool(one.city) and (one.city, one.state) == (other.city, other.state)


def _weigh(one: Place, other: Place, degree: float, *, same_parcel: bool) -> tuple[int, list[Reason]]:
    score, reasons = 0, list[Reason]()
    if same_parcel:
        score += _PARCEL
        reasons.append(Reason("same parcel number in the same county"))
    if degree:
        score += round(_STREET * degree) if not same_parcel else _SAME_STREET
        reasons.append(Reason("same street and house number" if degree == 1 else f"street {degree:.2f}"))
    if _same_town(one, other):
        score += _PLACE
        reasons.append(Reason("same ZIP" if one.zip5 and other.zip5 else "same town, one without a ZIP"))
    if one.owners & other.owners:
        score += _OWNER
        reasons.append(Reason("an owner of the same name"))
    return score, reasons


def _against(one: Place, other: Place, degree: float, *, same_parcel: bool) -> list[str]:
    against: list[str] = []
    if one.unit != other.unit:
        against.append(_ONLY_ONE_UNIT)
    if one.parcel and other.parcel and not same_parcel:
        against.append("their parcel numbers differ")
    if same_parcel and one.street and other.street and not degree:
        against.append("their streets differ")
    return against
