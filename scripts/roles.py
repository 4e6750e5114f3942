"""Write ``docs/security/roles.md`` from the role table, so that what is written is what is enforced."""

from __future__ import annotations

from pathlib import Path

from leadflow.identity.rules import PEOPLE, ROLES
from models.vocabulary import Permission, Role

PAGE = Path(__file__).resolve().parents[1] / "docs/security/roles.md"
NO = "\N{EN DASH}"
HEAD = """# Who may do what

Written by `make roles` from `leadflow/identity/rules/roles.py`, the one table that pages, services and API ask; a test
compares them. An act that is not listed for a role is refused. What is taken from a member (`membership.denied`) is
refused whatever the role allows, and a key may do what its scopes and its member both allow. Agents see the leads
assigned to them and what belongs to those; auditors see numbers masked.

`system` is what workers and webhooks act as: it lacks every act that a person must answer for.
"""


def rendered() -> str:
    """Answer the page as it should be."""
    roles = (*PEOPLE, Role.SYSTEM)
    lines = ["| Permission | " + " | ".join(roles) + " |", "| --- |" + " :-: |" * len(roles)]
    lines += [
        f"| `{permission}` | " + " | ".join("yes" if permission in ROLES[role] else NO for role in roles) + " |"
        for permission in Permission
    ]
    return HEAD + "\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(rendered())
