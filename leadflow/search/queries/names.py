"""Finds what has a name: campaigns, imports, lists, tags, members; and follow-ups by their words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from leadflow.kernel.db import UnitOfWork
from leadflow.search.types import Named
from models.vocabulary import SearchKind

_MINE = """ and (%(me)s::uuid is null or exists (
    select 1 from {members} m join lead l on l.org_id = m.org_id and l.id = m.lead_id
    where m.org_id = x.org_id and m.{key} = x.id and l.assignee_id = %(me)s and l.removed_at is null))"""
_GROUPS = {SearchKind.LIST: ("lead_list_entry", "list_id"), SearchKind.TAG: ("lead_tag", "tag_id")}
"""Somebody who sees own leads only sees of lists and tags those that one of them has."""

_NAMED: dict[SearchKind, LiteralString] = {
    SearchKind.CAMPAIGN: """
        select x.id, x.name, x.state as about, x.created_at as at from campaign x
        where x.org_id = %(org)s and ' ' || lower(x.name) like all(%(patterns)s)""",
    SearchKind.IMPORT: """
        select x.id, x.filename as name, x.state as about, x.created_at as at from import_batch x
        where x.org_id = %(org)s and ' ' || lower(x.filename) like all(%(patterns)s)""",
    SearchKind.LIST: """
        select x.id, x.name, x.source as about from lead_list x
        where x.org_id = %(org)s and ' ' || lower(x.name) like all(%(patterns)s)""",
    SearchKind.TAG: """
        select x.id, x.name, '' as about from tag x
        where x.org_id = %(org)s and ' ' || lower(x.name) like all(%(patterns)s)""",
    SearchKind.MEMBER: """
        select u.id, u.name, u.email as about from membership x join "user" u on u.id = x.user_id
        where x.org_id = %(org)s and ' ' || lower(u.name || ' ' || u.email) like all(%(patterns)s)""",
}


def named(
    uow: UnitOfWork, kind: SearchKind, patterns: Sequence[str], only_mine: UUID | None, enough: int
) -> list[Named]:
    """Read rows of a kind whose name matches all patterns, in no order.

    Args:
        uow: the caller's transaction.
        kind: a key of ``_NAMED``.
        patterns: of ``rules.reading.pattern``.
        only_mine: the member who sees own leads only; None sees all.
        enough: rows.
    """
    params: dict[str, Any] = {"org": uow.org(), "patterns": list(patterns), "me": only_mine, "enough": enough}
    statement = sql.Composed([sql.SQL(_NAMED[kind])])
    if kind in _GROUPS:
        members, key = map(sql.Identifier, _GROUPS[kind])
        statement += sql.SQL(_MINE).format(members=members, key=key)
    with uow.connection().cursor(row_factory=class_row(Named)) as cursor:
        cursor.execute(statement + sql.SQL(" limit %(enough)s"), params, prepare=False)
        return cursor.fetchall()


def tasks(
    uow: UnitOfWork, where: tuple[sql.Composable, dict[str, Any]], patterns: Sequence[str], me: UUID | None, enough: int
) -> list[Named]:
    """Read open follow-ups whose title matches all patterns: of leads that the caller sees, or the caller's own."""
    statement = sql.SQL(
        """
        select k.id, k.title as name, concat_ws(' · ', nullif(s.street, ''), nullif(s.owner, '')) as about,
               k.due_at as at, k.lead_id
        from unnest(array(select find_tasks(%(patterns)s::text[], %(me)s::uuid, %(enough)s))) as t (id)
        join task k on k.org_id = %(org)s and k.id = t.id
        join lead_search s on s.org_id = k.org_id and s.lead_id = k.lead_id
        where (({}) or k.assignee_id = %(me)s)
        """
    ).format(where[0])
    params = {**where[1], "org": uow.org(), "patterns": list(patterns), "me": me, "enough": enough}
    with uow.connection().cursor(row_factory=class_row(Named)) as cursor:
        cursor.execute(statement, params, prepare=False)
        return cursor.fetchall()
