"""Make two records one: hold both, move what hangs on the one that goes, settle the values, write down who is whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from leadflow.audit import service as audit
from leadflow.duplicates.errors import Erased, Gone
from leadflow.duplicates.queries import audiences, holding, merges, pairs, strictness
from leadflow.duplicates.queries.journal import Journal, snapshot
from leadflow.duplicates.rules import values
from leadflow.duplicates.service.looking import compare, pair
from leadflow.duplicates.types import Wish
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid, NotFound
from leadflow.leads import service as leads
from models.base import new_id
from models.duplicates import RecordMerge
from models.vocabulary import ActivityKind, DuplicateKind, PairState, Permission

MOST_HISTORIES = 20
"""Leads of a person on whose history a merge is noted."""
Row = Mapping[str, Any]


def merge_pair(
    uow: UnitOfWork,
    actor: Principal,
    pair_id: UUID,
    survivor: str | None = None,
    choose: Mapping[str, str] | None = None,
    *,
    job_id: UUID | None = None,
) -> UUID:
    """Merge a proposed pair; what is not chosen stands as the comparison suggests.

    Args:
        uow: the caller's transaction.
        actor: who merges.
        pair_id: the pair.
        survivor: which of the two stays, ``one`` or ``other``.
        choose: by group of fields whose value stands, ``one`` or ``other``.
        job_id: the job that merges many.

    Returns:
        The merge's id.

    Raises:
        NotFound: there is no such pair, or not the caller's to see.
        Gone: one of the two was merged or removed meanwhile.
    """
    require(actor, Permission.DUPLICATE_MERGE)
    found = pair(uow, actor, pair_id)
    if found.state is PairState.MERGED:
        raise Gone
    side = survivor or compare(uow, actor, pair_id).survivor
    ids = (found.one.id, found.other.id) if side == "one" else (found.other.id, found.one.id)
    chosen = {name: "survivor" if whose == side else "loser" for name, whose in (choose or {}).items()}
    return merge(uow, actor, Wish(found.kind, *ids, chosen), job_id=job_id)


def merge(uow: UnitOfWork, actor: Principal, wish: Wish, *, job_id: UUID | None = None) -> UUID:
    """Make two records one, in this transaction; everything that named the one that goes names the one that stays.

    Returns:
        The merge's id, by which it is taken back.

    Raises:
        NotFound: one of them is none of this organisation's.
        Gone: somebody else was faster.
        GoingOut: a text to one of them is being handed over.
        Erased: one of them was erased.
        Invalid: the two are the same, or a choice names nothing.
    """
    require(actor, Permission.DUPLICATE_MERGE)
    _check(wish)
    holding.alone(uow, (wish.survivor_id, wish.loser_id))
    both = (wish.survivor_id, wish.loser_id)
    if wish.kind is DuplicateKind.PERSON:
        holding.hold(uow, people=both)
    else:
        holding.hold(uow, properties=both)
    survivor, loser = _rows(uow, wish)
    uow.session.flush()
    made = RecordMerge(
        id=new_id(),
        org_id=uow.org(),
        kind=wish.kind,
        survivor_id=wish.survivor_id,
        loser_id=wish.loser_id,
        at=uow.now(),
        actor_id=actor.user_id,
        job_id=job_id,
    )
    uow.session.add(made)
    uow.session.flush()
    journal = Journal(uow, made.id)
    work = _Merge(journal, wish, made.at, actor.user_id)
    chosen, lead_ids = (
        work.people(survivor, loser) if wish.kind is DuplicateKind.PERSON else work.places(survivor, loser)
    )
    made.lead_id = lead_ids[0] if lead_ids else None
    made.score, made.chosen, made.moved = work.score, chosen, dict(journal.moved)
    audit.record(
        uow,
        actor.user_id,
        "duplicate.merged",
        wish.kind.value,
        wish.survivor_id,
        {
            "merge": str(made.id),
            "loser": str(wish.loser_id),
            "leads": [str(lead_id) for lead_id in work.lead_pair],
            "score": work.score,
            "rows": dict(journal.moved),
            "chosen": chosen,
        },
    )
    uow.session.flush()
    # What the statements changed is not what the session has read.
    uow.session.expire_all()
    return made.id


def _check(wish: Wish) -> None:
    if wish.survivor_id == wish.loser_id:
        raise Invalid("Name two records: a record is not merged with itself.", "loser_id")
    groups = {group.name for group in (*values.GROUPS[wish.kind], *values.LEAD) if not group.fixed}
    for name, side in wish.choose.items():
        if name not in groups or side not in {"survivor", "loser"}:
            raise Invalid(f"Choose the survivor's or the loser's value of: {', '.join(sorted(groups))}.", "choose")


def _rows(uow: UnitOfWork, wish: Wish) -> tuple[Row, Row]:
    found: list[Row] = []
    for record_id in (wish.survivor_id, wish.loser_id):
        row = holding.row(uow, wish.kind.value, record_id)
        if row is None:
            if holding.is_whom(uow, record_id) is None:
                raise NotFound("One of the two does not exist here.")
            raise Gone
        key: str = row["person_key" if wish.kind is DuplicateKind.PERSON else "property_key"]
        if key.startswith("erased:"):
            raise Erased
        found.append(row)
    return found[0], found[1]


class _Merge:
    """One merge under way."""

    def __init__(self, journal: Journal, wish: Wish, now: datetime, actor_id: UUID | None) -> None:
        self.journal, self.wish, self.now, self.actor_id = journal, wish, now, actor_id
        self.uow = journal.uow
        self.score: int | None = None
        self.lead_pair: tuple[UUID, ...] = ()

    def people(self, survivor: Row, loser: Row) -> tuple[dict[str, str], list[UUID]]:
        """Make two people one."""
        both = (survivor["id"], loser["id"])
        lead_ids = holding.leads_of_people(self.uow, both)
        flat = snapshot(self.uow, "lead_search", "lead_id", lead_ids)
        audiences.join_people(self.journal, both, self.now)
        strictness.revoke_for_both(self.journal, both, self.now)
        self.journal.rehome("person", *both)
        chosen, new = self._settle(values.PERSON, survivor, loser)
        _keep_place(survivor, loser, new)
        merges.remove(self.journal, "person", loser["id"])
        merges.assign(self.journal, "person", survivor["id"], new)
        merges.forward(self.journal, "person", survivor["id"], loser, loser["person_key"], self.now)
        self._finish(lead_ids, flat, str({**survivor, **new}["name"]))
        return chosen, lead_ids

    def places(self, survivor: Row, loser: Row) -> tuple[dict[str, str], list[UUID]]:
        """Make two properties one, and their leads."""
        kept, gone = (holding.lead_of(self.uow, row["id"]) for row in (survivor, loser))
        lead_ids = sorted(lead_id for lead_id in (kept, gone) if lead_id)
        flat = snapshot(self.uow, "lead_search", "lead_id", lead_ids)
        chosen: dict[str, str] = {}
        if kept and gone:
            chosen = self._leads(kept, gone)
        self.journal.rehome("property", survivor["id"], loser["id"])
        sides, new = self._settle(values.PROPERTY, survivor, loser)
        if loser["extra"]:
            new["extra"] = orjson.dumps(loser["extra"]).decode()
        unborne: str = loser["property_key"]
        if sides["address"] == "loser" or not survivor["mailable"]:
            # The key goes with the address; what nobody bears any more still leads here.
            unborne, new["property_key"] = survivor["property_key"], loser["property_key"]
        merges.remove(self.journal, "property", loser["id"])
        merges.assign(self.journal, "property", survivor["id"], new)
        merges.forward(self.journal, "property", survivor["id"], loser, unborne, self.now)
        standing = [lead_id for lead_id in (kept or gone,) if lead_id]
        whole = {**survivor, **new}
        self._finish(
            standing, flat, " ".join(filter(None, (whole["street"], whole["unit"]))) or str(whole["apn"] or "")
        )
        return chosen | sides, standing

    def _leads(self, kept: UUID, gone: UUID) -> dict[str, str]:
        survivor, loser = (holding.row(self.uow, "lead", lead_id) for lead_id in (kept, gone))
        if survivor is None or loser is None:
            raise Gone
        audiences.join_leads(self.journal, kept, gone, self.now)
        self.journal.rehome("lead", kept, gone)
        sides, new = self._settle(values.LEAD, survivor, loser)
        if survivor["removed_at"] is not None and loser["removed_at"] is None:
            # What somebody works on does not vanish because its twin was removed.
            new |= {"removed_at": None, "removed_by": None, "removed_why": ""}
        merges.remove(self.journal, "lead", gone)
        merges.assign(self.journal, "lead", kept, new)
        merges.forward(self.journal, "lead", kept, loser, None, self.now)
        self.lead_pair = (kept, gone)
        return sides

    def _settle(
        self, groups: tuple[values.Group, ...], survivor: Row, loser: Row
    ) -> tuple[dict[str, str], dict[str, Any]]:
        names = {group.name for group in groups}
        choose = {name: side for name, side in self.wish.choose.items() if name in names}
        return values.sides(groups, survivor, loser, choose), values.settled(groups, survivor, loser, choose)

    def _finish(self, lead_ids: list[UUID], flat: Mapping[str, Any], title: str) -> None:
        self.score = pairs.follow(self.journal, self.wish.kind, self.wish.survivor_id, self.wish.loser_id, self.now)
        noun = "person" if self.wish.kind is DuplicateKind.PERSON else "property"
        for lead_id in lead_ids[:MOST_HISTORIES]:
            entry = leads.record(
                self.uow,
                lead_id,
                ActivityKind.EDITED,
                f"Two records of one {noun} merged: {title}",
                actor_id=self.actor_id,
                detail={"merge_id": str(self.journal.merge_id)},
            )
            for row in snapshot(self.uow, "activity", "id", [entry]).values():
                self.journal.keep("activity", None, row)
        leads.refresh_search(self.uow, lead_ids)
        for key, after in snapshot(self.uow, "lead_search", "lead_id", lead_ids).items():
            if flat.get(key) != after:
                self.journal.keep("lead_search", flat.get(key), after)


def _keep_place(survivor: Row, loser: Row, new: dict[str, Any]) -> None:
    """Let no place be lost in which the person may be: its hours bind as well."""
    becomes = {**survivor, **new}
    known = {row[name] for row in (survivor, loser) for name in ("mailing_state", "billing_state")}
    rest = sorted(known - {None, "", becomes["mailing_state"], becomes["billing_state"]})
    if rest and not becomes["billing_state"]:
        new["billing_state"] = rest[0]
