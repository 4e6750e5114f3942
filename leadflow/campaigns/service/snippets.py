"""Snippets: pieces of text with a name, written once and named by many messages.

A launched campaign keeps the words that were signed. One that is not launched reads the present ones, so a change of a
snippet takes back the approval of what names it: its hash is another.
"""

from __future__ import annotations

from uuid import UUID

from leadflow.audit import service as audit
from leadflow.campaigns.queries import snippets as queries
from leadflow.campaigns.types import SnippetInput, SnippetRow
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from leadflow.kernel.paging import Page, decode, encode
from leadflow.messaging.errors import UnresolvedField
from leadflow.messaging.rules.fields import MERGE_FIELDS
from leadflow.messaging.rules.templates import names, used
from models.campaigns import Snippet
from models.vocabulary import Permission


def listing(uow: UnitOfWork, actor: Principal, after: str | None = None, limit: int = 100) -> Page[SnippetRow]:
    """List snippets by name, each with the campaigns that would read a change of it."""
    require(actor, Permission.CAMPAIGN_READ)
    mark = str(decode(after, 1)[0]) if after else None
    found = queries.listing(uow, mark, limit + 1)
    uses = _uses(uow)
    rows = tuple(
        SnippetRow(row.id, row.name, row.body, row.updated_at, author, tuple(sorted(uses.get(row.name, ()))))
        for row, author in found[:limit]
    )
    return Page(rows, encode(rows[-1].name) if len(found) > limit else None, queries.count(uow))


def add(uow: UnitOfWork, actor: Principal, given: SnippetInput) -> UUID:
    """Write a snippet.

    Raises:
        Conflict: there is one of this name.
        Invalid: its text cannot be read, or names what nobody knows.
    """
    require(actor, Permission.CAMPAIGN_EDIT)
    _check(given)
    if queries.bodies(uow, [given.name]):
        raise Conflict(f"There is a snippet called “{given.name}” already.")
    made = Snippet(org_id=uow.org(), name=given.name, body=given.body, updated_by=actor.user_id, updated_at=uow.now())
    uow.session.add(made)
    uow.session.flush()
    audit.record(uow, actor.user_id, "snippet.added", "snippet", made.id, {"name": made.name})
    return made.id


def change(uow: UnitOfWork, actor: Principal, snippet_id: UUID, given: SnippetInput) -> None:
    """Change a snippet. What names it and was approved must be approved again; what was launched stays as it was.

    Raises:
        NotFound: no such snippet.
        Conflict: another has the name, or texts name it by the old one.
        Invalid: its text cannot be read, or names what nobody knows.
    """
    require(actor, Permission.CAMPAIGN_EDIT)
    _check(given)
    found = _found(uow, snippet_id)
    if given.name != found.name:
        _unused(uow, found.name, "renamed")
        if queries.bodies(uow, [given.name]):
            raise Conflict(f"There is a snippet called “{given.name}” already.")
    before = found.name
    found.name, found.body, found.updated_by, found.updated_at = given.name, given.body, actor.user_id, uow.now()
    audit.record(uow, actor.user_id, "snippet.changed", "snippet", snippet_id, {"name": given.name, "was": before})


def remove(uow: UnitOfWork, actor: Principal, snippet_id: UUID) -> None:
    """Delete a snippet that nothing names.

    Raises:
        NotFound: no such snippet.
        Conflict: a campaign that is not launched names it.
    """
    require(actor, Permission.CAMPAIGN_EDIT)
    found = _found(uow, snippet_id)
    _unused(uow, found.name, "deleted")
    uow.session.delete(found)
    audit.record(uow, actor.user_id, "snippet.removed", "snippet", snippet_id, {"name": found.name})


def _found(uow: UnitOfWork, snippet_id: UUID) -> Snippet:
    found = queries.get(uow, snippet_id)
    if found is None:
        raise NotFound
    return found


def _unused(uow: UnitOfWork, name: str, done: str) -> None:
    if users := sorted(_uses(uow).get(name, ())):
        raise Conflict(f"“{users[0]}” names this snippet, so it cannot be {done}. Change its messages first.")


def _uses(uow: UnitOfWork) -> dict[str, set[str]]:
    found = dict[str, set[str]]()
    for text in queries.texts(uow):
        for name in used(text.text):
            found.setdefault(name, set()).add(text.campaign)
    return found


def _check(given: SnippetInput) -> None:
    if used(given.body):
        raise Invalid("A snippet cannot hold another snippet.", "body")
    try:
        asked = names(given.body)
    except UnresolvedField as error:
        raise Invalid(error.message, "body") from error
    unknown = [name for name in asked if name not in MERGE_FIELDS]
    if unknown:
        raise Invalid(f"There is no merge field called “{unknown[0]}”.", "body")
