"""Edit the packs: what a new version would change, whom it touches, its installation, and every version there was.

A version is never changed: editing installs the next one. What lies below federal law is refused whoever asks; what
allows more than before asks for a reason and the password. Nothing of a text with a fault is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from leadflow.audit import service as audit
from leadflow.compliance.errors import BelowLaw, NeedsReason, Overtaken
from leadflow.compliance.queries import packs as kept
from leadflow.compliance.rules import packtext
from leadflow.compliance.rules.book import PackRow
from leadflow.compliance.rules.changes import Change, diff, loosens, overall
from leadflow.compliance.rules.conflicts import Clash, conflicts
from leadflow.compliance.rules.drill import Graded
from leadflow.compliance.rules.floor import below
from leadflow.compliance.rules.policy import parse
from leadflow.compliance.service.drilling import drill_installed, grade
from leadflow.compliance.service.policies import install_packs, packs_in_force, replaced, version_of
from leadflow.compliance.service.touching import Effect, effect
from leadflow.compliance.types import (
    Pack,
)
from leadflow.identity import service as identity
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from leadflow.kernel.paging import Page
from models.base import new_id
from models.vocabulary import DrillOutcome, Leaning, Permission

FARTHEST = timedelta(days=5 * 366)
"""How far ahead a version may begin. Own choice."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A version that somebody wants.

    Attributes:
        text: the whole pack as YAML.
        starts: first day (UTC) on which it counts; None, or a day that has come, is at once.
        reason: why, in its author's words.
        seen: the number of the last version when its author looked; None where that does not matter.
    """

    text: str
    starts: date | None = None
    reason: str = ""
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a proposal would change."""

    name: str
    title: str
    present: int | None
    """The version in force; None for a pack of a new name."""
    last: int
    """The number of the last version, in force or not; 0 for a pack of a new name."""
    starts: date | None
    leaning: Leaning
    needs_reason: bool
    """It may allow more than before: a reason and the password are asked for."""
    changes: tuple[Change, ...]
    withdrawn: tuple[int, ...]
    """Versions that were to begin later and would never."""
    conflicts: tuple[Clash, ...]
    """Disagreements that there would be and are not now."""
    effect: Effect
    drill: tuple[Graded, ...]
    """Cases of the drill that it would fail."""
    policy_before: str
    policy_after: str
    yaml: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Installed:
    """A version that was installed."""

    name: str
    version: int
    policy_version: str
    starts: date | None
    leaning: Leaning
    drill_score: float
    """Share of the drill's cases that did not fail, in percent."""
    drill_unlawful: int
    """Cases that failed and carry the weight of law; with one, nothing is launched."""


@dataclass(frozen=True, slots=True)
class _Weighed:
    pack: Pack
    starts: date | None
    rows: tuple[PackRow, ...]
    """Versions of the name that were not retired."""
    present: tuple[Pack, ...]
    after: tuple[Pack, ...]
    changes: tuple[Change, ...]
    leaning: Leaning


def preview(uow: UnitOfWork, actor: Principal, wanted: Proposal) -> Preview:
    """Say what a version would change, which way, and what it would do to the texts that wait; installs nothing.

    Raises:
        BadPack: the text is no pack; with line and column.
        BelowLaw: federal law does not allow it.
    """
    require(actor, Permission.POLICY_WRITE)
    now = uow.now()
    found = _weigh(uow, wanted, now)
    known = set(conflicts(found.present, now.date()))
    today = found.starts or now.date()
    return Preview(
        name=found.pack.name,
        title=str(found.pack.content["title"]),
        present=_present(found.rows, now.date()),
        last=kept.lock(uow, found.pack.name),
        starts=found.starts,
        leaning=found.leaning,
        needs_reason=loosens(found.leaning),
        changes=found.changes,
        withdrawn=_withdrawn(found),
        conflicts=tuple(clash for clash in conflicts(found.after, today) if clash not in known),
        effect=effect(uow, actor, found.after, now),
        drill=tuple(one for one in grade(uow, found.after) if one.outcome is DrillOutcome.FAILED),
        policy_before=version_of(found.present),
        policy_after=version_of(found.after),
        yaml=wanted.text,
    )


def install(uow: UnitOfWork, actor: Principal, wanted: Proposal) -> Installed:
    """Install a version, at once or from a day on.

    Raises:
        BadPack: the text is no pack.
        BelowLaw: federal law does not allow it.
        NeedsReason: it allows more than before, and nobody said why.
        ConfirmPassword: the same, and the password was typed too long ago.
        Conflict: it is in force already.
        Overtaken: another version came in since its author looked.
    """
    require(actor, Permission.POLICY_WRITE)
    found = _weigh(uow, wanted, uow.now())
    if loosens(found.leaning):
        identity.need_confirmed(uow, actor)
    return _install(uow, actor, wanted, found)


def install_from_console(uow: UnitOfWork, actor: Principal, wanted: Proposal) -> Installed:
    """Install a version for whoever runs commands on the machine itself, and so holds its secrets already."""
    require(actor, Permission.POLICY_WRITE)
    return _install(uow, actor, wanted, _weigh(uow, wanted, uow.now()))


def _install(uow: UnitOfWork, actor: Principal, wanted: Proposal, found: _Weighed) -> Installed:
    reason = wanted.reason.strip()
    if loosens(found.leaning) and not reason:
        raise NeedsReason
    if not kept.digests(uow, uow.now()):
        # Until its first version an organisation goes by what ships; alone, one pack would be all its law.
        install_packs(uow)
    last = kept.lock(uow, found.pack.name)
    if wanted.seen is not None and wanted.seen != last and not (wanted.seen == 0 and last == 1):
        raise Overtaken(last)
    number = kept.install(uow, kept.Installing(found.pack, uow.now(), actor.user_id, reason, found.starts))
    if number is None:
        raise Conflict("This is the version in force already: nothing differs.")
    policy_version = version_of(found.after)
    audit.record(
        uow,
        actor.user_id,
        "rule_pack.installed",
        "rule_pack",
        None,
        {
            "name": found.pack.name,
            "version": number,
            "digest": found.pack.digest,
            "policy": policy_version,
            "leaning": found.leaning.value,
            "starts": found.starts.isoformat() if found.starts else None,
            "reason": reason,
            "changes": [f"{change.what} {change.key} ({change.leaning})" for change in found.changes],
        },
    )
    drilled = drill_installed(uow, actor.user_id, found.starts)
    return Installed(
        found.pack.name, number, policy_version, found.starts, found.leaning, drilled.score, drilled.unlawful
    )


def _weigh(uow: UnitOfWork, wanted: Proposal, now: datetime) -> _Weighed:
    pack = packtext.read(wanted.text)
    starts = _starts(wanted.starts, now.date())
    present = packs_in_force(uow, now)
    then = packs_in_force(uow, datetime.combine(starts, time(), UTC)) if starts else present
    rows = tuple(row for row in kept.listing(uow) if row.name == pack.name and row.retired_at is None)
    after = replaced(then, pack)
    if lost := below(after, starts or now.date()):
        raise BelowLaw(lost)
    # What it takes the place of, and what was to come and now will not.
    contents = [one.content for one in present if one.name == pack.name]
    contents += [row.content for row in rows if row.effective_from and row.effective_from > now.date()]
    target = parse(pack.content)
    differences = [diff(parse(content), target) for content in contents]
    fresh = diff(target.model_copy(update={"provisions": ()}), target)
    changes = differences[0] if differences else fresh
    leaning = overall(change for found in (differences or [fresh]) for change in found)
    return _Weighed(pack, starts, rows, present, after, changes, leaning)


def _starts(wanted: date | None, today: date) -> date | None:
    if wanted is None or wanted <= today:
        return None
    if wanted - today > FARTHEST:
        raise Invalid("A version may begin within the next five years.", "effective_from")
    return wanted


def _present(rows: tuple[PackRow, ...], today: date) -> int | None:
    there = [row.version for row in rows if row.effective_from is None or row.effective_from <= today]
    return max(there, default=None)


def _withdrawn(found: _Weighed) -> tuple[int, ...]:
    later = [row for row in found.rows if row.effective_from]
    return tuple(
        row.version
        for row in later
        if found.starts is None or (row.effective_from and row.effective_from >= found.starts)
    )


# One provision


def with_provision(uow: UnitOfWork, actor: Principal, name: str, key: str, fields: Mapping[str, Any]) -> str:
    """Write the present version of a pack as text, with some fields of one provision changed; None takes a field out.

    Raises:
        NotFound: no such pack or provision.
    """
    require(actor, Permission.POLICY_WRITE)
    content = dict(version(uow, actor, name).content)
    provisions: list[dict[str, Any]] = [dict(one) for one in content["provisions"]]
    place = next((index for index, one in enumerate(provisions) if one["key"] == key), None)
    if place is None:
        raise NotFound(f"The pack {name} has no provision {key}.")
    provisions[place] |= fields
    return packtext.write({**content, "provisions": provisions})


# Versions


def versions(
    uow: UnitOfWork, actor: Principal, name: str | None = None, after: str | None = None, limit: int = 100
) -> Page[PackRow]:
    """List versions of packs, newest first under each name."""
    require(actor, Permission.DECISION_READ)
    mark = None
    if after:
        given, number = paging.decode(after, 2)
        if not isinstance(given, str) or not isinstance(number, int):
            raise Invalid("This page marker belongs to another list. Reload it.", "after")
        mark = (given, number)
    rows, counted = kept.page(uow, name, mark, limit + 1)
    shown, more = tuple(rows[:limit]), len(rows) > limit
    following = paging.encode(shown[-1].name, shown[-1].version) if more else None
    return Page(shown, following, None if after else counted)


def version(uow: UnitOfWork, actor: Principal, name: str, number: int | None = None) -> PackRow:
    """Read one version of a pack; without a number the one in force.

    Raises:
        NotFound: there is none.
    """
    require(actor, Permission.DECISION_READ)
    today = uow.now().date()
    found = kept.stored(uow, name, number, today)
    if found is None and number is None and not kept.digests(uow, uow.now()):
        found = next((_shipped(pack, uow.now()) for pack in packs_in_force(uow, uow.now()) if pack.name == name), None)
    if found is None:
        raise NotFound(f"There is no version {number} of the pack {name}." if number else f"There is no pack {name}.")
    return found


def _shipped(pack: Pack, now: datetime) -> PackRow:
    """Show a pack of the program as a version that nobody installed yet."""
    return PackRow(new_id(), pack.name, 0, pack.content, pack.digest, now, None, None, None, "", None, "")


def as_text(row: PackRow) -> str:
    """Write a version as YAML."""
    return packtext.write(row.content)


def compare(uow: UnitOfWork, actor: Principal, name: str, before: int, after: int | None = None) -> tuple[Change, ...]:
    """List what differs between two versions of a pack; without a second number that in force."""
    old, new = version(uow, actor, name, before), version(uow, actor, name, after)
    return diff(parse(old.content), parse(new.content))


def restoring(uow: UnitOfWork, actor: Principal, name: str, number: int) -> str:
    """Write an old version as text, to be installed as the next one."""
    require(actor, Permission.POLICY_WRITE)
    return packtext.write(version(uow, actor, name, number).content)


def disagreements(uow: UnitOfWork, actor: Principal, on: date | None = None) -> tuple[Clash, ...]:
    """List where the packs in force on a day disagree, and which provision wins; today when absent."""
    require(actor, Permission.DECISION_READ)
    now = uow.now()
    day = on or now.date()
    at = now if day == now.date() else datetime.combine(day, time(), UTC)
    return conflicts(packs_in_force(uow, at), day)
