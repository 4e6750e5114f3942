"""The floor: what federal law asks of every policy. No reason and no role goes below it. Pure.

Each provision of a pack is held against it by itself, for one that is wider than the law looks like permission even
where another one closes it; then all packs together, for something must say each of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from leadflow.compliance.rules.checks import DAYS
from leadflow.compliance.rules.policy import Provision, hours, parse
from leadflow.compliance.rules.windows import in_force
from leadflow.compliance.types import Pack, Span
from models.vocabulary import Basis, Channel

LAWFUL = Span(8 * 3600, 21 * 3600)
"""47 CFR 64.1200(c)(1): 8 a.m. to 9 p.m. at the called party's location."""
SCRUB_DAYS = 31
"""16 CFR 310.4(b)(3)(iv): a version of the registry no more than 31 days old."""
MONTHS = {Basis.INQUIRY: 3, Basis.EXISTING_RELATIONSHIP: 18}
"""47 CFR 64.1200(f)(5): three months after an inquiry, eighteen after a transaction."""
PER_SE = frozenset({"stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"})
"""47 CFR 64.1200(a)(10): the words that revoke consent by themselves."""


def below(packs: Iterable[Pack], today: date) -> tuple[str, ...]:
    """Say what of these packs lies below the law, each sentence naming its provision; empty when nothing does.

    Args:
        packs: all that would be in force together.
        today: what is in force on this day must hold without an end.
    """
    provisions = [one for pack in packs for one in parse(pack.content).provisions]
    found = [sentence for one in provisions for sentence in _of_one(one)]
    for channel in (Channel.TEXT, Channel.CALL):
        lasting = [
            one
            for one in provisions
            if channel in one.channels
            and one.jurisdiction == "US"
            and in_force(one.effective_from, None, today)
            and one.effective_to is None
        ]
        found += _missing(lasting, channel)
    return tuple(dict.fromkeys(found))


def _of_one(one: Provision) -> Iterator[str]:
    if one.kind == "hours":
        for day in DAYS:
            span = hours(one.hours[day])
            if span is not None and (span.opens < LAWFUL.opens or span.closes > LAWFUL.closes):
                yield f"{one.key}: {one.hours[day]} on a {day} is wider than 08:00-21:00 (47 CFR 64.1200(c)(1))."
    if one.kind == "scrub" and (one.max_age_days or 0) > SCRUB_DAYS:
        yield (
            f"{one.key}: a look-up of {one.max_age_days} days is older than the {SCRUB_DAYS} days of "
            "16 CFR 310.4(b)(3)(iv)."
        )
    longest = MONTHS.get(one.basis) if one.kind == "basis" and one.basis else None
    if longest is not None and (one.months or 0) > longest:
        yield f"{one.key}: {one.months} months are more than the {longest} of 47 CFR 64.1200(f)(5)."


def _missing(lasting: list[Provision], channel: Channel) -> Iterator[str]:
    of_kind = {kind: [one for one in lasting if one.kind == kind] for kind in ("hours", "scrub", "basis", "keywords")}
    how = "texts" if channel is Channel.TEXT else "calls"
    # Hours of another clock are no hours at the called party's location.
    if not any(one.zone is None for one in of_kind["hours"]):
        yield f"us.hours: no pack holds federal hours for {how} without an end (47 CFR 64.1200(c)(1))."
    if not of_kind["scrub"]:
        yield f"us.scrub: no pack limits the age of a registry look-up for {how} (16 CFR 310.4(b)(3)(iv))."
    for basis in MONTHS.keys() - {one.basis for one in of_kind["basis"]}:
        yield f"us.basis.{basis}: no pack says for {how} how long it holds (47 CFR 64.1200(f)(5))."
    if channel is Channel.TEXT:
        words = {word.casefold().strip() for one in of_kind["keywords"] for word in one.words}
        if lost := PER_SE - words:
            yield f"us.keywords: {', '.join(sorted(lost))} must end all texts (47 CFR 64.1200(a)(10))."
