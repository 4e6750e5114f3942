"""Write ``docs/glossary.md`` from ``models/vocabulary.py``: a word means one thing on screen, in code and here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VOCABULARY = ROOT / "models/vocabulary.py"
GLOSSARY = ROOT / "docs/glossary.md"
HEAD = """# Glossary

Every word that the database, the code and the screens share. Written by `make glossary` from
`models/vocabulary.py`; change it there. A test keeps the two equal.
"""


def text() -> str:
    """Answer the glossary as it should be."""
    tree = ast.parse(VOCABULARY.read_text())
    return HEAD + "".join(_section(node) for node in tree.body if isinstance(node, ast.ClassDef))


def _section(node: ast.ClassDef) -> str:
    told = [(word, _flat(meaning)) for word, meaning in _words(node)]
    lines = [f"\n## {node.name}\n", _flat(ast.get_docstring(node))]
    if any(meaning for _, meaning in told):
        lines.append("\n| Word | Means |\n| --- | --- |")
        lines += [f"| `{word}` | {meaning.replace('|', '/')} |" for word, meaning in told if meaning]
    if plain := [f"`{word}`" for word, meaning in told if not meaning]:
        lines.append("\nIn its plain sense: " + ", ".join(plain) + ".")
    return "\n".join(lines) + "\n"


def _words(node: ast.ClassDef) -> Iterator[tuple[str, str | None]]:
    """Pair each member's value with the docstring beneath it."""
    for member, after in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(member, ast.Assign) and isinstance(member.value, ast.Constant):
            told = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else None
            yield str(member.value.value), told if isinstance(told, str) else None


def _flat(docstring: str | None) -> str:
    return " ".join((docstring or "").split()).replace("``", "`")


def main() -> None:
    """Write the file."""
    GLOSSARY.parent.mkdir(exist_ok=True)
    GLOSSARY.write_text(text())


if __name__ == "__main__":
    main()
