"""Leads over HTTP: the list with the gate's word, one lead, and the work on it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from leadflow.api.answers import answer, answer_page
from leadflow.api.deps import Actor, After, Db, Direction, Limit, Work, allow
from leadflow.kernel.area import LONGEST
from leadflow.leads import service as leads
from leadflow.leads.card_types import Weight
from leadflow.leads.types import Claim, LeadFilter, ListRow, TagRow, Today
from leadflow.leads.types import Named as LeadNamed
from leadflow.leads.view_types import Asked, Cell, Steps, Without
from leadflow.leads.work_types import TimelinePart
from leadflow.properties.types import Loss
from models.vocabulary import LeadStatus, Permission, PhoneStatus

router = APIRouter(prefix="/api/v1/leads", tags=["leads"])

READ = [allow(Permission.LEAD_READ)]
WRITE = [allow(Permission.LEAD_WRITE)]
REMOVE = [allow(Permission.LEAD_REMOVE)]

_SEVERAL = frozenset({"status", "state", "list", "not_list", "tag", "where"})
Several = Annotated[list[str] | None, Query()]
One = Annotated[str | None, Query(max_length=200)]


def chosen(  # noqa: PLR0913 one parameter a field of the filter, so that they stand in the OpenAPI document
    request: Request,
    *,
    q: One = None,
    status: Several = None,
    state: Several = None,
    list: Several = None,  # noqa: A002 the filter's own name
    not_list: Several = None,
    tag: Several = None,
    assignee: One = None,
    min_stack: One = None,
    min_equity: One = None,
    min_value: One = None,
    source: One = None,
    import_id: One = None,
    has_phone: One = None,
    where: Several = None,
    area: Annotated[str | None, Query(max_length=LONGEST)] = None,
) -> LeadFilter:
    """Read the filter of the address: ``list=A&list=B&min_stack=3&where=city:is:Dallas,Houston``."""
    del (
        where,
        area,
        q,
        status,
        state,
        list,
        not_list,
        tag,
        assignee,
        min_stack,
        min_equity,
        min_value,
        source,
        import_id,
        has_phone,
    )
    given = request.query_params
    return leads.parse_filter(
        {
            name: given.getlist(name) if name in _SEVERAL else given[name]
            for name in LeadFilter.model_fields
            if name in given
        }
    )


Chosen = Annotated[LeadFilter, Depends(chosen)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LeadChange(_Given):
    """What to change on a lead; absent fields stay as they are."""

    status: LeadStatus | None = None
    assignee_id: UUID | Literal["none"] | None = None


class CellChange(_Given):
    """One value of a lead: what it shall be, and what it was when the caller began."""

    value: Any = None
    seen: Any = None


class PhoneFound(_Given):
    """What was found out about a number."""

    number: Annotated[str, Field(max_length=40)]
    status: PhoneStatus


class NeverContact(_Given):
    """Who is not to be contacted again, and why."""

    number: Annotated[str, Field(max_length=40)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class Note(_Given):
    """What somebody learnt; members named in it behind an ``@``, and those given, find it under Today."""

    text: Annotated[str, Field(max_length=4_000)]
    mentions: Annotated[list[UUID], Field(max_length=50)] = []


class Weights(_Given):
    """Points by the names of the facts."""

    weights: Annotated[dict[str, int], Field(max_length=20)]


class LossGiven(_Given):
    """What is known of an owner's death; absent fields stay as they are."""

    died_on: date | None = None
    filed_on: date | None = None
    """Day on which probate was filed."""
    surviving_spouse_id: UUID | None = None


class PersonChange(_Given):
    """What to change on a person of the lead."""

    billing_state: Annotated[str, Field(max_length=2)] | None
    """Two letters; null takes it back."""


class Reason(_Given):
    """Why."""

    why: Annotated[str, Field(max_length=200)]


class NewTask(_Given):
    """A follow-up."""

    title: Annotated[str, Field(max_length=200)]
    due_at: AwareDatetime | None = None
    assignee_id: UUID | None = None


class Named(_Given):
    """A list or tag by its name; a new one is made."""

    name: Annotated[str, Field(max_length=80)]


@router.get("", dependencies=READ)
def listing(
    desk: Work,
    which: Chosen,
    sort: Annotated[str, Query(max_length=40)] = "added",
    direction: Direction = "desc",
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """List leads. ``count`` is exact on the first page up to 10,000; beyond, ``at_least`` says that there are more."""
    return answer_page(leads.page(desk.uow, desk.actor, which, sort, direction, after or None, limit))


@router.get("/count", dependencies=READ)
def count(desk: Work, which: Chosen) -> dict[str, int]:
    """Count the leads of a filter, however many."""
    return {"count": leads.count(desk.uow, desk.actor, which, leads.EVERYTHING)}


@router.get("/steps", dependencies=READ)
def steps(
    desk: Work,
    which: Chosen,
    lead_id: UUID,
    sort: Annotated[str, Query(max_length=40)] = "added",
    direction: Direction = "desc",
    mark: After = None,
) -> Steps:
    """Tell who stands before and behind a lead in the list; ``mark`` is where it stood when it was opened."""
    return leads.steps(desk.uow, desk.actor, which, sort, direction, lead_id, mark or None)


@router.get("/without", dependencies=READ)
def without(desk: Work, which: Chosen) -> list[Without]:
    """Count the leads that there would be without each part of the filter; a count stops at 10,001."""
    return list(leads.without(desk.uow, desk.actor, which))


@router.get("/choices", dependencies=READ)
def choices(
    desk: Work, field: Annotated[str, Query(max_length=40)], q: Annotated[str, Query(max_length=120)] = ""
) -> list[str]:
    """List values of city, county, zip, source or property_type that begin with ``q``."""
    return leads.choices(desk.uow, desk.actor, field, q)


@router.get("/asked", dependencies=READ)
def asked(desk: Work) -> Asked:
    """Tell what a filter is built of: each field with what it can be asked, own ones too, and names to choose from."""
    return leads.asked(desk.uow, desk.actor)


@router.get("/export.csv", dependencies=[allow(Permission.LEAD_EXPORT)], response_class=StreamingResponse)
def export(
    db: Db,
    actor: Actor,
    which: Chosen,
    sort: Annotated[str, Query(max_length=40)] = "added",
    direction: Direction = "desc",
) -> StreamingResponse:
    """Take the leads of a filter away as CSV; the record of acts says who did, and how many."""
    taken = leads.export(db, actor, which, sort, direction)
    headers = {"Content-Disposition": f'attachment; filename="{taken.filename}"'}
    return StreamingResponse(taken.chunks, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/board", dependencies=READ)
def board(desk: Work, which: Chosen) -> Response:
    """Count the leads of a filter by status, in the order of the pipeline, with what they are worth in cents."""
    return answer(leads.board(desk.uow, desk.actor, which))


@router.get("/board/{stage}", dependencies=READ)
def cards(desk: Work, stage: LeadStatus, which: Chosen, after: After = None, limit: Limit = 20) -> Response:
    """List the leads of one status, newest first, each with since when it has stood there."""
    return answer_page(leads.cards(desk.uow, desk.actor, which, stage, after, limit))


@router.get("/today", dependencies=READ)
def today(desk: Work) -> Today:
    """Tell what waits for the caller."""
    return leads.today(desk.uow, desk.actor)


@router.get("/lists", dependencies=READ)
def lists(desk: Work) -> list[ListRow]:
    """List the lists with their sizes."""
    return leads.lists(desk.uow, desk.actor)


@router.get("/claims", dependencies=READ)
def claims(desk: Work, after: After = None, limit: Limit = 50) -> Response:
    """List the leads on which somebody works, those whose claim ends first first."""
    return answer_page(leads.claims(desk.uow, desk.actor, after, limit))


@router.get("/tags", dependencies=READ)
def tags(desk: Work) -> list[TagRow]:
    """List the tags with their use."""
    return leads.tags(desk.uow, desk.actor)


@router.get("/sources", dependencies=READ)
def sources(desk: Work) -> list[str]:
    """List where leads came from."""
    return leads.sources(desk.uow, desk.actor)


@router.get("/score-weights", dependencies=READ)
def score_weights(desk: Work) -> list[Weight]:
    """Tell how many points each fact can bring to a score."""
    return list(leads.score_weights(desk.uow, desk.actor))


@router.put("/score-weights", dependencies=[allow(Permission.SETTINGS_WRITE)], status_code=204)
def set_score_weights(desk: Work, given: Weights) -> None:
    """Let each fact bring so many points; together a hundred."""
    leads.set_score_weights(desk.uow, desk.actor, given.weights)


@router.get("/colleagues", dependencies=READ)
def colleagues(desk: Work) -> list[LeadNamed]:
    """List whom a note can mention."""
    return list(leads.colleagues(desk.uow, desk.actor))


@router.get("/mentions", dependencies=READ)
def mentions(desk: Work, after: After = None, limit: Limit = 50) -> Response:
    """List the caller's mentions in notes that wait to be read, newest first."""
    return answer_page(leads.mentions(desk.uow, desk.actor, after or None, limit))


@router.post("/mentions/{mention_id}/read", dependencies=READ, status_code=204)
def read_mention(desk: Work, mention_id: UUID) -> None:
    """Note that the caller has read a mention."""
    leads.read_mention(desk.uow, desk.actor, mention_id)


@router.get("/removed", dependencies=REMOVE)
def removed(
    desk: Work, q: Annotated[str, Query(max_length=200)] = "", after: After = None, limit: Limit = 50
) -> Response:
    """List leads that were removed, the latest first; ``q`` narrows by address, owner or reason."""
    page = leads.removed(desk.uow, desk.actor, q, after or None, limit)
    return answer({"rows": page.rows, "count": page.count, "next": page.next})


@router.post("/{lead_id}/remove", dependencies=REMOVE, status_code=204)
def remove(desk: Work, lead_id: UUID, given: Reason) -> None:
    """Remove the lead, with a reason; it can be restored. What stands against contact stays as it is."""
    leads.remove(desk.uow, desk.actor, lead_id, given.why)


@router.post("/{lead_id}/restore", dependencies=REMOVE, status_code=204)
def restore(desk: Work, lead_id: UUID) -> None:
    """Restore a removed lead as it was."""
    leads.restore(desk.uow, desk.actor, lead_id)


@router.post("/{lead_id}/claim", dependencies=WRITE)
def claim(desk: Work, lead_id: UUID) -> Claim:
    """Say that the caller works on the lead; 409 ``claimed`` where somebody else does."""
    return leads.claim(desk.uow, desk.actor, lead_id)


@router.post("/{lead_id}/take-over", dependencies=[allow(Permission.LEAD_ASSIGN)])
def take_over(desk: Work, lead_id: UUID) -> Claim:
    """Work on a lead on which somebody else does."""
    return leads.take_over(desk.uow, desk.actor, lead_id)


@router.post("/{lead_id}/release", dependencies=WRITE, status_code=204)
def release(desk: Work, lead_id: UUID) -> None:
    """Give the caller's claim up."""
    leads.release(desk.uow, desk.actor, lead_id)


@router.get("/{lead_id}", dependencies=READ)
def detail(desk: Work, lead_id: UUID) -> Response:
    """Read a lead with people, numbers, facts, lists, tasks and timeline."""
    return answer(leads.detail(desk.uow, desk.actor, lead_id))


@router.get("/{lead_id}/timeline", dependencies=READ)
def timeline(
    desk: Work, lead_id: UUID, part: TimelinePart | None = None, after: After = None, limit: Limit = 100
) -> Response:
    """Read a lead's timeline, newest first; one part of it where told so."""
    return answer_page(leads.timeline(desk.uow, desk.actor, lead_id, after or None, limit, part=part))


@router.get("/{lead_id}/history", dependencies=READ)
def history(desk: Work, lead_id: UUID, after: After = None, limit: Limit = 50) -> Response:
    """Tell which field of the lead, its property, people and numbers became what: when, by whom, from where."""
    return answer_page(leads.history(desk.uow, desk.actor, lead_id, after or None, limit))


@router.patch("/{lead_id}", dependencies=WRITE, status_code=204)
def change(desk: Work, lead_id: UUID, given: LeadChange) -> None:
    """Change status or assignee; the latter needs the right to assign."""
    leads.see(desk.uow, desk.actor, lead_id)
    if given.status is not None:
        leads.set_status(desk.uow, desk.actor, lead_id, given.status)
    if given.assignee_id is not None:
        wanted = None if given.assignee_id == "none" else given.assignee_id
        leads.assign(desk.uow, desk.actor, lead_id, wanted)


@router.put("/{lead_id}/cells/{name}", dependencies=WRITE)
def set_cell(desk: Work, lead_id: UUID, name: Annotated[str, Path(max_length=60)], given: CellChange) -> Response:
    """Write one value of a lead and answer its row; 409 where it is not what was ``seen`` any more."""
    return answer(leads.set_cell(desk.uow, desk.actor, lead_id, Cell(name, given.value, given.seen)))


@router.post("/{lead_id}/phones", dependencies=WRITE)
def mark_phone(desk: Work, lead_id: UUID, given: PhoneFound) -> dict[str, UUID | None]:
    """Mark a number of the lead's people as correct, wrong or dead; it holds wherever the number stands.

    ``entry_id`` is the entry of the timeline by which it is taken back; null where it was known.
    """
    return {"entry_id": leads.mark_phone(desk.uow, desk.actor, lead_id, given.number, given.status)}


@router.post("/{lead_id}/phones/marks/{entry_id}/undo", dependencies=WRITE, status_code=204)
def unmark_phone(desk: Work, lead_id: UUID, entry_id: UUID) -> None:
    """Take a mark of a number back; 409 where the number was marked anew since."""
    leads.unmark_phone(desk.uow, desk.actor, lead_id, entry_id)


@router.post("/{lead_id}/phones/never", dependencies=[allow(Permission.SUPPRESSION_ADD)], status_code=204)
def never_contact(desk: Work, lead_id: UUID, given: NeverContact) -> None:
    """Put a person of the lead on the team's do-not-call list, with all their numbers; two people take that back."""
    leads.never_contact(desk.uow, desk.actor, lead_id, given.number, given.reason)


@router.patch("/{lead_id}/loss", dependencies=WRITE, status_code=204)
def note_loss(desk: Work, lead_id: UUID, given: LossGiven) -> None:
    """Note when an owner died, when probate was filed and who survives as spouse: it opens a time of mourning."""
    leads.note_loss(desk.uow, desk.actor, lead_id, Loss(**given.model_dump()))


@router.patch("/{lead_id}/people/{person_id}", dependencies=WRITE, status_code=204)
def change_person(desk: Work, lead_id: UUID, person_id: UUID, given: PersonChange) -> None:
    """Note where somebody of the lead is billed: the hours of that state bind as well."""
    leads.note_billing(desk.uow, desk.actor, lead_id, person_id, given.billing_state)


@router.post("/{lead_id}/notes", dependencies=WRITE, status_code=201)
def add_note(desk: Work, lead_id: UUID, given: Note) -> dict[str, UUID]:
    """Write a note on the timeline."""
    return {"id": leads.add_note(desk.uow, desk.actor, lead_id, given.text, given.mentions)}


@router.patch("/{lead_id}/notes/{entry_id}", dependencies=WRITE, status_code=204)
def change_note(desk: Work, lead_id: UUID, entry_id: UUID, given: Note) -> None:
    """Change the words of an own note."""
    leads.change_note(desk.uow, desk.actor, lead_id, entry_id, given.text, given.mentions)


@router.delete("/{lead_id}/notes/{entry_id}", dependencies=WRITE, status_code=204)
def remove_note(desk: Work, lead_id: UUID, entry_id: UUID) -> None:
    """Take an own note away; for a day it can be brought back."""
    leads.remove_note(desk.uow, desk.actor, lead_id, entry_id)


@router.post("/{lead_id}/notes/{entry_id}/restore", dependencies=WRITE, status_code=204)
def restore_note(desk: Work, lead_id: UUID, entry_id: UUID) -> None:
    """Bring an own note back that was taken away."""
    leads.restore_note(desk.uow, desk.actor, lead_id, entry_id)


@router.put("/{lead_id}/notes/{entry_id}/pin", dependencies=WRITE, status_code=204)
def pin_note(desk: Work, lead_id: UUID, entry_id: UUID) -> None:
    """Let a note stand above the timeline, in the place of the one that stood there."""
    leads.pin_note(desk.uow, desk.actor, lead_id, entry_id)


@router.delete("/{lead_id}/notes/{entry_id}/pin", dependencies=WRITE, status_code=204)
def unpin_note(desk: Work, lead_id: UUID, entry_id: UUID) -> None:
    """Put a note back into its place on the timeline."""
    leads.unpin_note(desk.uow, desk.actor, lead_id, entry_id)


@router.post("/{lead_id}/tasks", dependencies=WRITE, status_code=201)
def add_task(desk: Work, lead_id: UUID, given: NewTask) -> dict[str, UUID]:
    """Add a follow-up."""
    return {"id": leads.add_task(desk.uow, desk.actor, lead_id, given.title, given.due_at, given.assignee_id)}


@router.post("/{lead_id}/tags", dependencies=WRITE, status_code=204)
def tag(desk: Work, lead_id: UUID, given: Named) -> None:
    """Give the lead a tag."""
    leads.tag(desk.uow, desk.actor, lead_id, given.name)


@router.delete("/{lead_id}/tags/{name:path}", dependencies=WRITE, status_code=204)
def untag(desk: Work, lead_id: UUID, name: str) -> None:
    """Take a tag away, by name or id."""
    leads.untag(desk.uow, desk.actor, lead_id, name)


@router.post("/{lead_id}/lists", dependencies=WRITE, status_code=204)
def put_on_list(desk: Work, lead_id: UUID, given: Named) -> None:
    """Put the lead on a list."""
    leads.put_on_list(desk.uow, desk.actor, lead_id, given.name)


@router.delete("/{lead_id}/lists/{name:path}", dependencies=WRITE, status_code=204)
def take_off_list(desk: Work, lead_id: UUID, name: str) -> None:
    """Take the lead off a list, by name or id."""
    leads.take_off_list(desk.uow, desk.actor, lead_id, name)
