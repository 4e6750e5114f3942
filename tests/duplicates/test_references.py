"""Of every column that may name a person, a property or a lead it is decided what becomes of it in a merge."""

from __future__ import annotations

import pytest
from sqlalchemy import ARRAY, Column, UniqueConstraint, Uuid

from leadflow.duplicates.rules.references import (
    ELSEWHERE,
    NEVER_MERGED,
    OF_SOMETHING_ELSE,
    REFERENCES,
    SUBJECTS,
    How,
    Reference,
)
from models.registry import metadata

COLUMNS = sorted(
    (
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Uuid) and column.name not in {"id", "org_id"}
    ),
)


def _column(table: str, name: str) -> Column[object]:
    return metadata.tables[table].columns[name]


def _named(table: str, name: str) -> set[str]:
    """The tables to whose rows a column is bound by a foreign key."""
    return {key.column.table.name for key in _column(table, name).foreign_keys} - {"organization"}


@pytest.mark.parametrize(("table", "name"), COLUMNS)
def test_it_is_decided_what_becomes_of_every_column_that_holds_an_id(table: str, name: str):
    bound = _named(table, name)
    if bound & set(SUBJECTS):
        assert (table, name) in REFERENCES, "decide in leadflow/duplicates/rules/references.py what a merge does to it"
        return
    decided = (
        (table, name) in REFERENCES
        or (table, name) in OF_SOMETHING_ELSE
        or name in NEVER_MERGED
        or name in ELSEWHERE
        or name.endswith("_by")
        or bool(bound)
    )
    assert decided, "may it name a person, a property or a lead? Decide in leadflow/duplicates/rules/references.py"


def test_no_decision_is_about_a_column_that_is_not_there():
    assert set(REFERENCES) | OF_SOMETHING_ELSE <= set(COLUMNS)


@pytest.mark.parametrize("name", sorted(ELSEWHERE | NEVER_MERGED))
def test_what_names_something_else_never_names_one_of_the_three(name: str):
    assert [table for table, column in COLUMNS if column == name and _named(table, column) & set(SUBJECTS)] == []


def test_a_foreign_key_says_what_the_decision_says():
    wrong = [
        (table, column)
        for (table, column), reference in REFERENCES.items()
        if (bound := _named(table, column)) and bound != {reference.of}
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("place", "reference"),
    [pytest.param(place, one, id=".".join(place)) for place, one in REFERENCES.items() if one.how is How.MOVE],
)
def test_what_simply_moves_cannot_meet_its_like(place: tuple[str, str], reference: Reference):
    """A key or unique index over the column asks for folding, where two rows may become equal by moving."""
    table, column = metadata.tables[place[0]], place[1]
    unique = [{one.name for one in table.primary_key.columns}]
    unique += [{one.name for one in index.columns} for index in table.indexes if index.unique]
    unique += [
        {one.name for one in constraint.columns}
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    joined = {("audience_member", "lead_id"), ("lead", "property_id")}
    """Each is made one of two by a rule of its own before anything moves."""
    assert place in joined or not any(column in columns for columns in unique), reference


def test_ids_in_arrays_name_lists_and_tags_alone():
    arrays = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, ARRAY) and isinstance(column.type.item_type, Uuid)
    }
    assert {name for _, name in arrays} <= {"list_ids", "tag_ids"}, "a list of ids may name what a merge takes away"
