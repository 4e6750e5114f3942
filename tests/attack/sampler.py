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


@dataclass(frozen=True)
class Call:
    """One operation of the document."""

    method: str
    path: str
    permission: str
    parameters: tuple[str, ...]
    body: Any

    @property
    def changes(self) -> bool:
        """Say whether the operation may change something."""
        return self.method not in {"GET", "HEAD"}

    def address(self, value: Callable[[str], str]) -> str:
        """Fill in the path."""
        return self.path.format(**{name: value(name) for name in self.parameters})

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def calls(document: dict[str, Any]) -> Iterator[Call]:
    """List every operation."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            names = [p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"]
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            body = sample(document, schema) if schema else None
            yield Call(method.upper(), path, operation.get("x-permission", "?"), tuple(names), body)


def sample(document: dict[str, Any], schema: dict[str, Any], name: str = "") -> Any:  # noqa: C901, PLR0911 one branch a kind
    """Make the smallest value that fits ``schema``."""
    if "$ref" in schema:
        found = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        return sample(document, found, name)
    if "anyOf" in schema:
        return sample(document, next(one for one in schema["anyOf"] if one.get("type") != "null"), name)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            # A change of nothing is no attack: where all is optional, the first field is given.
            wanted = schema.get("required") or list(schema.get("properties", {}))[:1]
            return {key: sample(document, schema["properties"][key], key) for key in wanted}
        case "array":
            return [sample(document, schema["items"], name)] * schema.get("minItems", 0)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "string":
            return _text(schema, name)
        case _:
            return {}


def _text(schema: dict[str, Any], name: str) -> str:
    by_format = {"uuid": str(uuid4()), "date-time": "2026-12-02T18:00:00Z", "date": "2026-12-02", "time": "12:00:00"}
    if schema.get("format") in by_format:
        return by_format[schema["format"]]
    return BY_NAME.get(name, "x" * max(3, schema.get("minLength", 0)))
