"""``leadflow assignment``: rules that give new leads to members in turn, and who is away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from leadflow.cli.desk import Desk, desk
from leadflow.cli.given import checked, named
from leadflow.cli.output import AsJson, Org, answer
from leadflow.leads import service as leads
from leadflow.leads.assignment_types import Attendance, RuleChange, RuleInput, RuleOrder, RuleRow, Turns
from leadflow.leads.types import Named

app = typer.Typer(no_args_is_help=True)

Rule = Annotated[str, typer.Argument(help="The rule's name or id.")]
Member = Annotated[str, typer.Argument(help="The member's name or id.")]
Source = Annotated[str | None, typer.Option(help="Only leads from this source; empty: from any.")]
OnList = Annotated[str | None, typer.Option("--list", help="Only leads on this list; empty: on any or none.")]
County = Annotated[str | None, typer.Option(help="Only leads in this county; empty: in any.")]


@app.callback()
def describe() -> None:
    """Rules that give new leads to members in turn, and who is away."""


@app.command("list")
def listed(org: Org = None, *, as_json: AsJson = False) -> None:
    """List the rules in the order in which they are tried, each with who is next first."""
    with desk(org) as office:
        rows = _rules(office)
    answer(rows, lambda out: _table(out, rows), as_json=as_json)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Its name.")],
    member: Annotated[list[str], typer.Option(help="A member, by name or id; given again, the next in turn.")],
    source: Source = None,
    list_name: OnList = None,
    county: County = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a rule; it is tried after those that there are, for leads that come in from now on."""
    with desk(org) as office:
        after = max((row.position + 1 for row in _rules(office)), default=0)
        parts = {"source": source or "", "list_name": list_name or "", "county": county or ""}
        given = {"name": name, "members": _ids(office, member), "position": min(after, 1_000), **parts}
        with office.uow() as uow:
            made = leads.make_rule(uow, office.actor, checked(RuleInput, given))
        found = named(_rules(office), str(made), "rule", "assignment list")
    answer(found, lambda out: _table(out, [found]), as_json=as_json)


@app.command()
def change(
    rule: Rule,
    name: Annotated[str | None, typer.Option(help="Its new name.")] = None,
    member: Annotated[list[str] | None, typer.Option(help="All its members from now on, who is next first.")] = None,
    source: Source = None,
    list_name: OnList = None,
    county: County = None,
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Rename a rule, give it other members or another filter; without --member everybody keeps the turn."""
    told = {"name": name, "source": source, "list_name": list_name, "county": county}
    _change(rule, told, member or [], org, as_json=as_json)


@app.command()
def on(rule: Rule, org: Org = None, *, as_json: AsJson = False) -> None:
    """Turn a rule on."""
    _change(rule, {"active": True}, [], org, as_json=as_json)


@app.command()
def off(rule: Rule, org: Org = None, *, as_json: AsJson = False) -> None:
    """Turn a rule off; the next ones take its leads."""
    _change(rule, {"active": False}, [], org, as_json=as_json)


def _change(rule: str, told: Mapping[str, object], members: Sequence[str], org: str | None, *, as_json: bool) -> None:
    with desk(org) as office:
        held = named(_rules(office), rule, "rule", "assignment list")
        given = {part: getattr(held, part) for part in ("name", "source", "list_name", "county", "active", "position")}
        given |= {part: value for part, value in told.items() if value is not None}
        given |= {
            "members": _ids(office, members) if members else [turn.user_id for turn in held.turns],
            "turns": Turns.AS_GIVEN if members else Turns.KEPT,
            "seen": held.changed_at,
        }
        with office.uow() as uow:
            leads.change_rule(uow, office.actor, held.id, checked(RuleChange, given))
        found = named(_rules(office), str(held.id), "rule", "assignment list")
    answer(found, lambda out: _table(out, [found]), as_json=as_json)


@app.command()
def order(
    rules: Annotated[list[str], typer.Argument(help="Rules by name or id, the first one first; the rest stay behind.")],
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Put rules in the order in which they are tried."""
    with desk(org) as office:
        rows = _rules(office)
        first = [named(rows, one, "rule", "assignment list").id for one in rules]
        wanted = [*dict.fromkeys(first), *(row.id for row in rows if row.id not in first)]
        with office.uow() as uow:
            leads.order_rules(uow, office.actor, checked(RuleOrder, {"rules": wanted}))
        found = _rules(office)
    answer(found, lambda out: _table(out, found), as_json=as_json)


@app.command()
def delete(rule: Rule, org: Org = None, *, as_json: AsJson = False) -> None:
    """Delete a rule; leads that it gave stay with whom they are."""
    with desk(org) as office:
        held = named(_rules(office), rule, "rule", "assignment list")
        with office.uow() as uow:
            leads.delete_rule(uow, office.actor, held.id)
    answer({"id": held.id}, lambda out: out.print(f"“{held.name}” is deleted.", markup=False), as_json=as_json)


@app.command()
def members(org: Org = None, *, as_json: AsJson = False) -> None:
    """List the members who work on leads, and until when each is away."""
    with desk(org) as office:
        rows = _members(office)
    answer(rows, lambda out: _attendance(out, rows), as_json=as_json)


@app.command()
def away(
    member: Member,
    until: Annotated[datetime, typer.Argument(formats=["%Y-%m-%dT%H:%M:%S%z"], help="As 2026-12-24T09:00:00-0600.")],
    org: Org = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Note until when a member is away; turns pass by."""
    _attend(member, until, org, as_json=as_json)


@app.command()
def here(member: Member, org: Org = None, *, as_json: AsJson = False) -> None:
    """Note that a member is here again."""
    _attend(member, None, org, as_json=as_json)


def _attend(member: str, until: datetime | None, org: str | None, *, as_json: bool) -> None:
    with desk(org) as office:
        (user_id,) = _ids(office, [member])
        with office.uow() as uow:
            leads.set_away(uow, office.actor, user_id, until)
        (found,) = (one for one in _members(office) if one.user_id == user_id)
    answer(found, lambda out: _attendance(out, [found]), as_json=as_json)


def _rules(office: Desk) -> list[RuleRow]:
    with office.uow() as uow:
        return leads.assignment_rules(uow, office.actor)


def _members(office: Desk) -> list[Attendance]:
    with office.uow() as uow:
        return leads.attendance(uow, office.actor)


def _ids(office: Desk, names: Sequence[str]) -> list[UUID]:
    known = [Named(one.user_id, one.name) for one in _members(office)]
    return [named(known, name, "member who works on leads", "assignment members").id for name in names]


def _table(out: Console, rows: Sequence[RuleRow]) -> None:
    table = Table("Rule", "Leads", "Members, who is next first", "State", "Id", box=None)
    for row in rows:
        parts = (("source", row.source), ("list", row.list_name), ("county", row.county))
        about = ", ".join(f"{part} {value}" for part, value in parts if value) or "all new ones"
        queue = ", ".join(f"{turn.name} {turn.given:,}{'' if turn.available else ' (away)'}" for turn in row.turns)
        table.add_row(row.name, about, queue, "on" if row.active else "off", str(row.id))
    out.print(table)


def _attendance(out: Console, rows: Sequence[Attendance]) -> None:
    table = Table("Member", "Away until", "Id", box=None)
    for row in rows:
        until = row.away_until.isoformat(timespec="minutes") if row.away_until else ""
        table.add_row(row.name, until, str(row.user_id))
    out.print(table)
