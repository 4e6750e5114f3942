"""Makes calls out of the API's own document: each address with ids filled in, each body as small as it may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

BY_NAME = {
    "email": "somebody@else.test",
    "password": "correct horse battery",
    "phone": "+13125550188",
    "e164": "+13125550188",
    "number": "+13125550188",
    "timezone": "America/Chicago",
}
"""Values that a schema cannot tell: they have a meaning."""


WORDS = {"name": "probate"}
"""Parameters of an address that are any word. One of a list of words takes its first."""
Ids = Callable[[str], str]
"""Answers the id that a parameter or a member of a body shall have."""


def nobodys(name: str) -> str:
    """Answer an id that nothing has."""
    del name
    return str(uuid4())


@dataclass(frozen=True)
class Call:
    """One operation of the document."""

    method: str
    path: str
    permission: str
    parameters: tuple[str, ...]
    """Ids in the address."""
    words: dict[str, str]
    """What else stands in the address."""
    queries: tuple[str, ...]
    """Ids that may follow the address."""
    document: dict[str, Any]
    schema: dict[str, Any] | None

    @property
    def changes(self) -> bool:
        """Say whether the operation may change something."""
        return self.method not in {"GET", "HEAD"}

    @property
    def body(self) -> Any:
        """Make the smallest body that fits."""
        return sample(self.document, self.schema) if self.schema else None

    def aimed(self, ids: Ids) -> Any:
        """Make a body with every id that it may hold, optional ones too."""
        return sample(self.document, self.schema, ids=ids) if self.schema else None

    @property
    def holds_ids(self) -> bool:
        """Say whether a body may hold ids."""
        asked: list[str] = []
        self.aimed(lambda name: asked.append(name) or str(uuid4()))
        return bool(asked)

    def address(self, ids: Ids) -> str:
        """Fill in the path."""
        return self.path.format(**self.words, **{name: ids(name) for name in self.parameters})

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def calls(document: dict[str, Any]) -> Iterator[Call]:
    """List every operation."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            given = operation.get("parameters", ())
            inside = {p["name"]: p["schema"] for p in given if p["in"] == "path"}
            ids = tuple(name for name, schema in inside.items() if schema.get("format") == "uuid")
            content = operation.get("requestBody", {}).get("content", {})
            yield Call(
                method.upper(),
                path,
                operation.get("x-permission", "?"),
                ids,
                {name: WORDS.get(name) or sample(document, inside[name], name) for name in inside if name not in ids},
                tuple(p["name"] for p in given if p["in"] == "query" and _is_id(p["schema"])),
                document,
                content.get("application/json", {}).get("schema"),
            )


def _is_id(schema: dict[str, Any]) -> bool:
    return any(one.get("format") == "uuid" for one in (schema, *schema.get("anyOf", ())))


def sample(  # noqa: C901, PLR0911 one branch a kind
    document: dict[str, Any], schema: dict[str, Any], name: str = "", ids: Ids | None = None
) -> Any:
    """Make the smallest value that fits ``schema``; with ``ids``, one that holds every id it may."""
    if "$ref" in schema:
        found = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        return sample(document, found, name, ids)
    if "anyOf" in schema:
        return sample(document, next(one for one in schema["anyOf"] if one.get("type") != "null"), name, ids)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            known = schema.get("properties", {})
            # A change of nothing is no attack: where all is optional, the first field is given.
            wanted = schema.get("required") or list(known)[:1]
            if ids is not None:
                wanted = [*wanted, *(key for key in known if key not in wanted and _may_hold_ids(document, known[key]))]
            return {key: sample(document, known[key], key, ids) for key in wanted}
        case "array":
            least = 1 if ids is not None and _may_hold_ids(document, schema) else 0
            return [sample(document, schema["items"], name, ids)] * max(least, schema.get("minItems", 0))
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "string":
            return ids(name) if ids and schema.get("format") == "uuid" else _text(schema, name)
        case _:
            return {}


def _may_hold_ids(document: dict[str, Any], schema: dict[str, Any], depth: int = 6) -> bool:
    if depth == 0:
        return False
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    parts = [*schema.get("anyOf", ()), *schema.get("properties", {}).values(), *filter(None, [schema.get("items")])]
    return schema.get("format") == "uuid" or any(_may_hold_ids(document, part, depth - 1) for part in parts)


def _text(schema: dict[str, Any], name: str) -> str:
    by_format = {"uuid": str(uuid4()), "date-time": "2026-12-02T18:00:00Z", "date": "2026-12-02", "time": "12:00:00"}
    if schema.get("format") in by_format:
        return by_format[schema["format"]]
    return BY_NAME.get(name, "x" * max(3, schema.get("minLength", 0)))[: schema.get("maxLength")]
