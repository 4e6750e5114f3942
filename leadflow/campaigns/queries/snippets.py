"""SQL of snippets: the pieces of text that messages of many campaigns name."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, select

from leadflow.kernel.db import UnitOfWork
from models.campaigns import Snippet
from models.identity import User


def bodies(uow: UnitOfWork, names: Collection[str] | None = None) -> dict[str, str]:
    """Read snippets by name: those that are named, or all."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select name, body from snippet where org_id = %(org)s"
            " and (%(names)s::text[] is null or name = any(%(names)s)) order by name",
            {"org": uow.org(), "names": None if names is None else list(names)},
        )
        return {row[0]: row[1] for row in cursor.fetchall()}


def listing(uow: UnitOfWork, after: str | None, limit: int) -> list[tuple[Snippet, str]]:
    """List snippets by name, with who wrote them last."""
    statement = (
        select(Snippet, User.name)
        .join(User, col(User.id) == Snippet.updated_by, isouter=True)
        .where(Snippet.org_id == uow.org())
        .order_by(col(Snippet.name))
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(Snippet.name > after)
    return [(row, name or "") for row, name in uow.session.exec(statement)]


def count(uow: UnitOfWork) -> int:
    """Count snippets."""
    with uow.cursor() as cursor:
        cursor.execute("select count(*) from snippet where org_id = %s", [uow.org()])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def get(uow: UnitOfWork, snippet_id: UUID) -> Snippet | None:
    """Read a snippet and hold it."""
    return uow.session.get(Snippet, (uow.org(), snippet_id), with_for_update=True)


class Text(NamedTuple):
    """A text of a campaign that may name snippets."""

    campaign: str
    state: str
    text: str


def texts(uow: UnitOfWork) -> list[Text]:
    """List the texts of all campaigns that are not launched."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select c.name, c.state, t.text
            from campaign c
            join campaign_step s on s.org_id = c.org_id and s.campaign_id = c.id
            cross join lateral (select s.template as text union all select value from jsonb_each_text(s.others)) t
            where c.org_id = %s and c.launched_at is null and c.state <> 'cancelled' and t.text like '%%snippets.%%'
            order by c.name
            """,
            [uow.org()],
        )
        return [Text(*row) for row in cursor.fetchall()]
