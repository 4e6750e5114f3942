"""How commands speak: one JSON document (or lines of it) for programs, words and tables for people.

With ``--json`` standard output carries JSON and nothing else, failures included; without it, failures go to standard
error. A failure always leaves with a code other than zero: 2 for a wrong command line or configuration, 1 otherwise.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from enum import Enum
from typing import Annotated, Any

import orjson
import psycopg
import structlog
import typer
from rich.console import Console
from sqlalchemy.exc import DBAPIError
from typer.exceptions import TyperException

from leadflow.kernel.errors import Invalid, LeadFlowError, Refused
from leadflow.settings import BadSettings

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON on standard output, and nothing else there.")]
"""The option that every answering command takes."""

Org = Annotated[str | None, typer.Option(help="The organisation's name or id, where there are several.")]
"""The option that every command of one organisation takes."""

FAILED, MISUSED, INTERRUPTED = 1, 2, 130

log = structlog.get_logger(__name__)


def console() -> Console:
    """Where people read answers: standard output, with colours only on a terminal."""
    return Console(highlight=False, soft_wrap=True)


def answer(document: Any, render: Callable[[Console], None], *, as_json: bool) -> None:  # noqa: ANN401 whatever JSON can hold
    """Give one answer.

    Args:
        document: what programs get: plain values, dataclasses, pydantic models, enums, instants, ids.
        render: shows the same to a person.
        as_json: which of the two.
    """
    if as_json:
        line(document)
    else:
        render(console())


def line(document: Any) -> None:  # noqa: ANN401 whatever JSON can hold
    """Write one JSON document as one line on standard output."""
    sys.stdout.write(orjson.dumps(document, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode() + "\n")
    sys.stdout.flush()


def lines(documents: Iterable[Any]) -> None:
    """Write JSON lines."""
    for document in documents:
        line(document)


def _plain(value: Any) -> Any:  # noqa: ANN401 whatever a service answers
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)


# Failures


def explain_failure(failure: BaseException, arguments: Sequence[str]) -> int:
    """Put a failure into words, or into JSON where the arguments ask for it, and answer the exit code."""
    if isinstance(failure, typer.Exit):
        return failure.exit_code
    code, document = _described(failure)
    if "--json" in arguments:
        line({"error": document})
    else:
        _tell(document)
    return code


def _described(failure: BaseException) -> tuple[int, dict[str, Any]]:  # noqa: PLR0911 one line a kind of failure
    match failure:
        case KeyboardInterrupt() | typer.Abort():
            return INTERRUPTED, _document("interrupted", "Interrupted.")
        case TyperException():
            return MISUSED, _document("usage", failure.format_message())
        case BadSettings():
            problems = [asdict(problem) for problem in failure.problems]
            return MISUSED, _document("settings", "The configuration cannot be used.", problems=problems)
        case LeadFlowError():
            return FAILED, _of_ours(failure)
        case DBAPIError() | psycopg.OperationalError():
            return FAILED, _document("database", "The database does not answer, or refused; see the log.")
        case OSError():
            return FAILED, _document("failed", str(failure))
        case RuntimeError() if type(failure).__module__.startswith("leadflow."):
            return FAILED, _document("failed", str(failure))
        case _:
            log.error("cli.broke", exc_info=failure)
            return FAILED, _document(
                "broke", f"Something broke: {type(failure).__name__}. Its traceback is on standard error."
            )


def _of_ours(failure: LeadFlowError) -> dict[str, Any]:
    document = _document(failure.code, failure.message)
    if isinstance(failure, Invalid) and failure.field:
        document["field"] = failure.field
    if isinstance(failure, Refused) and failure.reasons:
        document["reasons"] = list(failure.reasons)
    return document


def _document(code: str, message: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 parts of a JSON document
    return {"code": code, "message": message, **more}


def _tell(document: Mapping[str, Any]) -> None:
    out = Console(stderr=True, highlight=False, soft_wrap=True)
    out.print(str(document["message"]), style="red", markup=False)
    for problem in document.get("problems", ()):
        out.print(f"  {problem['variable']}: {problem['message']}", markup=False)
    for reason in document.get("reasons", ()):
        out.print(f"  {reason}", markup=False)
