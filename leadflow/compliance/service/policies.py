"""Which rules are in force: the organisation's packs, compiled, and those that ship with the program."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance.queries import packs as kept
from leadflow.compliance.rules.policy import compile_policy, parse, shipped, version
from leadflow.compliance.types import Pack, Policy
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import Channel


def policy(uow: UnitOfWork, channel: Channel = Channel.TEXT, at: datetime | None = None) -> Policy:
    """Compile the packs in force for the organisation; equal packs give the very same object."""
    moment = at or uow.now()
    return compiled(packs_in_force(uow, moment), channel, moment.date())


def install_packs(uow: UnitOfWork, actor_id: UUID | None = None) -> int:
    """Install the packs that ship with the program where the organisation has older ones, or none.

    Returns:
        How many were installed.
    """
    now, installed = uow.now(), 0
    for pack in shipped():
        parse(pack.content)
        number = kept.install(uow, kept.Installing(pack, now, actor_id, SHIPPED_REASON))
        if number is not None:
            installed += 1
            detail = {"name": pack.name, "version": number, "digest": pack.digest}
            audit.record(uow, actor_id, "rule_pack.installed", "rule_pack", None, detail)
    return installed


SHIPPED_REASON = "Came with the program."

_by_digest: dict[str, Pack] = {}


def packs_in_force(uow: UnitOfWork, at: datetime) -> tuple[Pack, ...]:
    """Answer the organisation's packs; one that never had any goes by those that ship with the program.

    On the day on which a version begins, the one before it is in force too: all bind, so the strictest wins.
    """
    digests = kept.digests(uow, at)
    if not digests:
        return shipped()
    if any(digest not in _by_digest for digest in digests):
        _by_digest.update((pack.digest, pack) for pack in kept.packs(uow, at))
    return tuple(_by_digest[digest] for digest in digests)


def replaced(packs: Iterable[Pack], pack: Pack) -> tuple[Pack, ...]:
    """Put a pack in the place of every one of its name."""
    others = [one for one in packs if one.name != pack.name]
    return tuple(sorted((*others, pack), key=lambda one: one.name))


def version_of(packs: Iterable[Pack]) -> str:
    """Name a set of packs by what it holds."""
    return version(pack.digest for pack in packs)


_policies: dict[tuple[tuple[str, ...], Channel, date], Policy] = {}
MOST_POLICIES = 4_096
"""Kept compiled; drafts and simulations of many days would fill the memory otherwise. Own choice."""


def compiled(packs: tuple[Pack, ...], channel: Channel, today: date) -> Policy:
    """Compile packs once a process, channel and day: answers are cached by the policy's identity."""
    key = (tuple(pack.digest for pack in packs), channel, today)
    found = _policies.get(key)
    if found is None:
        if len(_policies) >= MOST_POLICIES:
            _policies.clear()
        found = _policies.setdefault(key, compile_policy(packs, channel, today))
    return found
