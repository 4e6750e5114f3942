"""Change the compliance engine in one place at a time and see whether the tests that need no database notice.

``python -m scripts.mutants [FILE ...]`` prints killed and total of each file, names what survived, and fails below the
floor; ``make mutants`` runs it for all. The changes are mutmut's own (operators and visitor of the pinned version). Its
way of running them is not used: it puts every mutant of a function behind a trampoline in one process, so it leaves out
each function with a decorator, and here the hours, the places and the months are behind ``lru_cache`` (boxed/mutmut,
issue 387); docs/proofs/mutants.md has the figures. Here each mutant is a fork of a process that has imported the
libraries but nothing of the engine, and imports the changed file like any other.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import functools
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import CodeType, ModuleType

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import Mutation, MutationVisitor
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

ROOT = Path(__file__).parent.parent
RULES = ROOT / "leadflow" / "compliance" / "rules"
TESTS = ROOT / "tests" / "compliance"
REPORT = ROOT / ".mutants.json"
"""What the last run found, for ``scripts.mutants_page``; in no commit."""
FLOOR = 0.9
LONGEST_S = 60
"""A mutant that runs longer is killed, and counts as such: it loops."""

PLAN: dict[str, tuple[str, ...]] = {
    "gate": ("test_rules_alone", "test_properties"),
    "bases": ("test_rules_alone", "test_properties"),
    "windows": ("test_engine_hours", "test_windows"),
    "hours": ("test_engine_hours",),
    "places": ("test_engine_places", "test_windows"),
    "policy": ("test_engine_policy", "test_windows"),
    "receipts": ("test_engine_receipts", "test_properties"),
    "explain": ("test_engine_explain",),
    "keys": ("test_engine_receipts",),
    "mourning": ("test_engine_mourning",),
    "replies": ("test_engine_replies", "test_replies"),
    "reading": ("test_engine_replies", "test_replies"),
    "likeness": ("test_engine_replies", "test_replies"),
    "spelling": ("test_engine_replies", "test_replies"),
}
"""Each file of the engine that holds functions, and the tests that need no database, quickest first."""


class Everywhere(MutationVisitor):
    """mutmut's visitor, which also looks into functions behind a decorator; their names and defaults stay."""

    METADATA_DEPENDENCIES = (*MutationVisitor.METADATA_DEPENDENCIES, PositionProvider)

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        return not isinstance(node, cst.FunctionDef) and super()._skip_node_and_children(node)


@dataclass(frozen=True)
class Mutant:
    """One change."""

    file: str
    number: int
    line: int
    before: str
    after: str
    outcome: str = "not run"
    """``killed``, ``slow`` (killed for looping), or ``survived``."""


def mutants(name: str) -> Iterator[tuple[Mutant, str]]:
    """Yield each change of a file's functions with the whole changed source."""
    source = (RULES / f"{name}.py").read_text(encoding="utf-8")
    wrapper = MetadataWrapper(cst.parse_module(source))
    visitor = Everywhere(mutation_operators, IgnoredCode(set(), set(), set()))
    wrapper.visit(visitor)
    positions = wrapper.resolve(PositionProvider)
    number = 0
    for found in visitor.mutations:
        if not isinstance(found.contained_by_top_level_function, cst.FunctionDef):
            continue
        number += 1
        yield (
            _described(name, number, found, positions[found.original_node].start.line, wrapper.module),
            _changed(wrapper.module, found),
        )


def _described(name: str, number: int, found: Mutation, line: int, module: cst.Module) -> Mutant:
    before, after = (" ".join(module.code_for_node(node).split()) for node in (found.original_node, found.mutated_node))
    return Mutant(name, number, line, before, after)


def _changed(module: cst.Module, found: Mutation) -> str:
    changed = module.deep_replace(found.original_node, found.mutated_node)
    if not isinstance(changed, cst.Module):
        raise TypeError
    return changed.code


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports one module from the source of a mutant."""

    def __init__(self, name: str, source: str) -> None:
        self._name, self._source = f"leadflow.compliance.rules.{name}", source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        return importlib.util.spec_from_loader(fullname, self) if fullname == self._name else None

    def get_source(self, fullname: str) -> str:
        del fullname
        return self._source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, f"<mutant of {fullname}>", "exec")


def warm() -> None:
    """Import what is not changed, so that a fork starts at once."""
    # Imported here: the command's own help needs none of it.
    import holidays  # noqa: PLC0415
    import hypothesis  # noqa: PLC0415
    import pytest  # noqa: F401, PLC0415
    import yaml  # noqa: PLC0415

    import leadflow.compliance.types  # noqa: F401, PLC0415
    import models.base  # noqa: F401, PLC0415

    for year in range(2024, 2032):
        for state in (None, "RI", "LA", "PA", "AL", "UT"):
            holidays.country_holidays("US", subdiv=state, years=year)
    # Reading the packs' text takes most of a mutant's time, and no mutant changes the reader.
    read = functools.cache(yaml.safe_load)
    for pack in (RULES.parent / "packs").glob("*.yaml"):
        read(pack.read_text(encoding="utf-8"))
    yaml.safe_load = lambda text: copy.deepcopy(read(text))
    hypothesis.settings.register_profile("mutants", deadline=None, derandomize=True, database=None, max_examples=40)
    hypothesis.settings.load_profile("mutants")


def tested(name: str, source: str) -> int:
    """Run a file's tests against a source, in this process; 0 is that nothing was noticed."""
    import pytest  # noqa: PLC0415 after ``warm``

    sys.meta_path.insert(0, _Changed(name, source))
    chosen = [str(TESTS / f"{test}.py") for test in PLAN[name]]
    # Neither other plugins nor rewritten assertions: most of a mutant's time would go there.
    options = [
        "--disable-plugin-autoload",
        "--assert=plain",
        "--noconftest",
        "-x",
        "-qq",
        "--no-header",
        "--no-summary",
    ]
    cleared = ["-o", "addopts=--import-mode=importlib", "-o", "filterwarnings="]
    without = [part for plugin in ("cacheprovider", "unraisableexception") for part in ("-p", f"no:{plugin}")]
    return int(pytest.main([*options, *cleared, *without, *chosen]))


def _forked(name: str, source: str) -> int:
    child = os.fork()
    if child:
        return child
    signal.alarm(LONGEST_S)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    code = 3
    with contextlib.suppress(BaseException):
        code = tested(name, source)
    os._exit(code)


def run(names: Sequence[str], jobs: int) -> list[Mutant]:
    """Run every mutant of the files, ``jobs`` at a time."""
    warm()
    gc.freeze()
    running: dict[int, Mutant] = {}
    done: list[Mutant] = []

    def wait() -> None:
        child, status = os.wait()
        mutant = running.pop(child)
        alarmed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM
        survived = os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0
        outcome = "slow" if alarmed else "survived" if survived else "killed"
        done.append(Mutant(**{**asdict(mutant), "outcome": outcome}))

    for name in names:
        untouched = _forked(name, (RULES / f"{name}.py").read_text(encoding="utf-8"))
        if os.waitpid(untouched, 0)[1]:
            raise SystemExit(f"The tests of {name} fail without any change; mutants would prove nothing.")
        for mutant, source in mutants(name):
            if len(running) >= jobs:
                wait()
            running[_forked(name, source)] = mutant
        while running:
            wait()
        _print_file(name, [one for one in done if one.file == name])
    return done


def _print_file(name: str, found: Sequence[Mutant]) -> None:
    alive = [one for one in found if one.outcome == "survived"]
    sys.stdout.write(f"{name:10} {len(found) - len(alive):5} of {len(found):5} killed\n")
    for one in alive:
        sys.stdout.write(f"    {one.file}.py:{one.line} #{one.number}  {one.before[:90]}  ->  {one.after[:90]}\n")
    sys.stdout.flush()


def main() -> None:
    """Run, print, keep what was found, and fail below the floor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", choices=[*PLAN, []], help="files of the engine, without .py; all")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    began = time.monotonic()
    found = run(asked.files or list(PLAN), asked.jobs)
    kept = {one["file"]: [] for one in _kept()} | {one.file: [] for one in found}
    for one in [*(one for one in _kept() if one["file"] not in {m.file for m in found}), *map(asdict, found)]:
        kept[one["file"]].append(one)
    REPORT.write_text(json.dumps([one for of_file in kept.values() for one in of_file]), encoding="utf-8")
    killed = sum(one.outcome != "survived" for one in found)
    sys.stdout.write(f"{killed} of {len(found)} killed ({killed / len(found):.1%}), {time.monotonic() - began:.0f} s\n")
    if killed < FLOOR * len(found):
        raise SystemExit(f"Fewer than {FLOOR:.0%} of the changes were noticed.")


def _kept() -> list[dict[str, object]]:
    return json.loads(REPORT.read_text(encoding="utf-8")) if REPORT.exists() else []


if __name__ == "__main__":
    main()
