"""A rule pack as text: read it with the place of every fault, write it. Pure.

YAML can name a value once and repeat it by reference, so that a few lines unfold into gigabytes: references are
refused, as is a text that is long or deep. What is read becomes plain data; nothing is kept of a text with a fault.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import yaml
from pydantic import ValidationError
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, Event, NodeEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from leadflow.compliance.errors import BadPack
from leadflow.compliance.rules.checks import fault_of
from leadflow.compliance.rules.policy import PackContent, Provision, digest
from leadflow.compliance.types import Pack

LONGEST = 400_000
"""Bytes of a pack's text; the states take 50,000. Own choice."""
DEEPEST = 8
"""Lists and mappings inside each other; a pack needs five. Own choice."""
LARGEST = 100_000
"""The largest number a pack may hold: hours, months, days, counts. Own choice."""

_SAID = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of a rule pack",
    "literal_error": "is none of the words that may stand here",
    "enum": "is none of the words that may stand here",
}


class _Loader(yaml.CSafeLoader):
    """Reads plain values; a date stays the text that it is."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def read(text: str) -> Pack:
    """Read one pack.

    Raises:
        BadPack: it is no YAML, no pack, or says something that no pack may say; with line and column.
    """
    root = _root(text)
    content = _value(root)
    if not isinstance(root, MappingNode):
        raise _fault("A rule pack is a mapping with name, title and provisions.", root)
    try:
        parsed = PackContent.model_validate(content)
    except ValidationError as error:
        raise _located(error, content, root) from error
    found = fault_of(parsed)
    if found is not None:
        raise _fault(found.message, _at(root, found.path))
    return Pack(parsed.name, content, digest(content))


def write(content: Mapping[str, Any]) -> str:
    """Write a pack as text that ``read`` reads back as the same."""
    return yaml.dump(_plain(_ordered(content)), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _ordered(content: Mapping[str, Any]) -> dict[str, Any]:
    """Put fields as people read them; the database keeps them in another order."""
    provisions = [{name: one[name] for name in Provision.model_fields if name in one} for one in content["provisions"]]
    return {"name": content["name"], "title": content["title"], "provisions": provisions}


class _Dumper(yaml.SafeDumper):
    """Repeats a value instead of referring to it."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401, ARG002 as in the library
        """Never refer."""
        return True


def _plain(value: Any) -> Any:  # noqa: ANN401 what JSON can hold
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return value


def _root(text: str) -> Node:
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LONGEST:
        raise BadPack(f"The text has {size:,} bytes; a rule pack has at most {LONGEST:,}.", 1, 1)
    try:
        _look_over(text)
        root = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise BadPack(
            f"This is no YAML: {error.problem or error.context or 'it cannot be read'}.", line, column
        ) from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position] if error.position >= 0 else ""
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise BadPack("A character stands here that no text may hold.", line, column) from error
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        raise BadPack("This cannot be read as text.", 1, 1) from error
    if root is None:
        raise BadPack("The text is empty. A rule pack is a mapping with name, title and provisions.", 1, 1)
    return root


def _look_over(text: str) -> None:
    """Refuse references, tags and depth before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise _fault("References (& and *) are not taken: write the value out.", event)
        if isinstance(event, CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise _fault("This is nested too deeply for a rule pack.", event)
        elif isinstance(event, CollectionEndEvent):
            depth -= 1


def _value(node: Node) -> Any:  # noqa: ANN401 what YAML can hold
    if isinstance(node, MappingNode):
        return _mapping(node)
    if isinstance(node, SequenceNode):
        return [_value(child) for child in node.value]
    return _scalar(node)


def _mapping(node: MappingNode) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, child in node.value:
        name: Any = _scalar(key) if isinstance(key, ScalarNode) else None
        if not isinstance(name, Hashable) or not isinstance(name, str):
            raise _fault("The name of a field is a word.", key)
        if name in found:
            raise _fault(f"“{name}” stands here twice.", key)
        found[name] = _value(child)
    return found


def _scalar(node: Node) -> Any:  # noqa: ANN401 what YAML can hold
    loader = _Loader("")
    try:
        value: Any = loader.construct_object(node)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise _fault("This value cannot be read. Put it in quotes.", node) from error
    finally:
        loader.dispose()
    if isinstance(value, str) and "\0" in value:
        raise _fault("A character stands here that no text may hold.", node)
    if isinstance(value, int) and abs(value) > LARGEST:
        raise _fault("This number is larger than any in a rule pack.", node)
    if value is None or isinstance(value, (str, int, bool)):
        return value
    raise _fault("This kind of value has no place in a rule pack. Put it in quotes if it is a word.", node)


def _located(error: ValidationError, content: Any, root: Node) -> BadPack:  # noqa: ANN401 what YAML can hold
    first = error.errors()[0]
    path = list(first["loc"])
    message = _SAID.get(first["type"]) or first["msg"][0].lower() + first["msg"][1:].replace("tuple", "list")
    return _fault(f"{_named(content, path)} {message}.", _at(root, path))


def _named(content: Any, path: Sequence[str | int]) -> str:  # noqa: ANN401 what YAML can hold
    """Name a field by the key of its provision, where that has one."""
    words = [str(part) for part in path]
    if len(path) > 1 and isinstance(path[1], int):
        provision = content["provisions"][path[1]]
        if isinstance(provision, Mapping) and isinstance(key := provision.get("key"), str):  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
            words = [key, *words[2:]]
        else:
            words = [f"provision {path[1] + 1}", *words[2:]]
    return f"{', '.join(words)}:" if words else "The pack:"


def _at(root: Node, path: Sequence[str | int]) -> Node:
    """Find the node that a path leads to, or the last one on the way: what is missing has no place of its own."""
    node = root
    for part in path:
        following = _child(node, part)
        if following is None:
            return node
        node = following
    return node


def _child(node: Node, part: str | int) -> Node | None:
    if isinstance(node, MappingNode):
        return next((child for key, child in node.value if key.value == part), None)
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None


def _fault(message: str, where: Node | Event) -> BadPack:
    mark = where.start_mark
    return BadPack(message, mark.line + 1 if mark else 1, mark.column + 1 if mark else 1)
