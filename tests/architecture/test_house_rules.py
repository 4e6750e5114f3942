"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadflow.jobs.types import QUEUES
from models.vocabulary import JobKind
from scripts import carrier_errors, glossary, roles
from workers import job
from workers.main import load_handlers

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("leadflow", "models", "workers", "migrations")
LONGEST = 500
"""Lines of one file; past 400 ask which noun is missing."""
LONG_ON_PURPOSE = {
    "models/vocabulary.py": "every term of the business, once, in one place",
    "migrations/versions/0001_foundation.py": "every table of the foundation, in the words of Alembic",
    "benchmarks/generate_leads.py": "the tables of an invented county, and little else",
    "leadflow/local/demo/story.py": "one story, told from beginning to end",
    "scripts/drill_cases.py": "the cases of the drill, each with its law, and little else",
    "tests/compliance/test_rules_alone.py": "every rule of the gate with its cases, a table that new rules join",
}
TOO_LONG = {
    "leadflow/campaigns/types.py": 620,
    "leadflow/compliance/types.py": 580,
    "tests/campaigns/test_service.py": 560,
}
"""Files that want a noun of their own for a part of them. They may shrink, and leave this list; they may not grow."""
SPLIT = {"service", "queries", "rules"}
ROOMS = {
    "audit", "campaigns", "compliance", "costs", "duplicates", "identity", "imports", "jobs", "leads", "mail", "maps",
    "messaging", "properties", "retention", "reviews",
}  # fmt: skip
"""Each a folder of leadflow, and a name that its tables, doors and tests share."""


def _tracked() -> list[Path]:
    """Every file of the repository, new ones included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607 git is on the path of a developer
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def _sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders or PACKAGES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "_web" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if (isinstance(called, ast.Name) and called.id == name) or (
                isinstance(called, ast.Attribute) and called.attr == name
            ):
                yield node


def test_every_kind_of_job_has_exactly_one_handler():
    load_handlers()
    assert {kind.value for kind in job.HANDLERS} == {kind.value for kind in JobKind}


def test_every_kind_of_job_is_registered_once_in_the_sources():
    registered = [
        ast.unparse(decorator.args[0])
        for _, tree in _sources("workers")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "job"
    ]
    assert sorted(registered) == sorted(f"JobKind.{kind.name}" for kind in JobKind)


def test_a_queue_of_its_own_is_for_a_kind_that_exists():
    assert set(QUEUES) <= set(JobKind)


def test_only_the_gate_can_clear_a_message():
    makers = sorted({path for path, tree in _sources() if next(_calls(tree, "Cleared"), None)})
    assert len(makers) == 1, makers
    assert makers[0].startswith("leadflow/compliance/")


def test_only_the_clock_asks_the_time():
    asked = re.compile(r"\bdatetime\.(now|utcnow|today)\(|\bdate\.today\(|\btime\.time\(|\btime_ns\(")
    askers = [
        path.relative_to(ROOT).as_posix()
        for folder in PACKAGES
        for path in (ROOT / folder).rglob("*.py")
        if asked.search(path.read_text())
    ]
    assert askers == ["leadflow/kernel/clock.py"]


def test_nobody_commits_but_the_unit_of_work():
    committers = {path for path, tree in _sources("leadflow", "workers") if next(_calls(tree, "commit"), None)}
    # `imports.commit` and `service.commit` are a use case, not a transaction.
    allowed = {"leadflow/kernel/db.py", "leadflow/kernel/schema.py", "workers/schedule.py"}
    doors = ("leadflow/pages", "leadflow/api", "leadflow/cli", "leadflow/local/demo")
    own = {path for path in committers if "imports" in path or path.startswith(doors)}
    assert committers - own <= allowed


def test_every_init_is_a_docstring_only():
    """A package that stands for one module of a room (``service``, ``queries``) may also name what is in its files."""
    wordy = [
        path
        for path, tree in _sources()
        if path.endswith("__init__.py")
        and path != "leadflow/ui/react/__init__.py"  # Reflex takes an asset only from the package that lies beside it
        and not _only_a_docstring(tree, may_import=Path(path).parent.name in SPLIT)
    ]
    assert wordy == []


def _only_a_docstring(tree: ast.Module, *, may_import: bool) -> bool:
    rest = [node for node in tree.body if not isinstance(node, ast.Expr)]
    names = {"__all__"}
    naming = [
        node
        for node in rest
        if isinstance(node, ast.ImportFrom)
        or (isinstance(node, ast.Assign) and {ast.unparse(target) for target in node.targets} == names)
    ]
    return ast.get_docstring(tree) is not None and (not rest or (may_import and naming == rest))


def test_every_room_has_a_charter_its_tables_and_its_tests():
    for room in ROOMS:
        charter = ast.get_docstring(ast.parse((ROOT / "leadflow" / room / "__init__.py").read_text()))
        assert charter, room
        assert len(charter) > 80, f"{room}: what it owns, what it promises, who knocks"
        assert (ROOT / "models" / f"{room}.py").is_file(), room
        assert list((ROOT / "tests" / room).glob("test_*.py")), room


def test_no_drawer_swallows_the_design():
    banned = {"utils.py", "helpers.py", "common.py", "misc.py", "manager.py"}
    assert [path for path, _ in _sources(*PACKAGES, "tests") if Path(path).name in banned] == []


def test_no_file_grows_past_its_noun():
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for folder in (*PACKAGES, "tests", "benchmarks", "scripts")
        for path in (ROOT / folder).rglob("*.py")
        if "_web" not in path.parts and (lines := len(path.read_text().splitlines())) > LONGEST
    }
    assert {
        path: n for path, n in long.items() if path not in LONG_ON_PURPOSE and n > TOO_LONG.get(path, LONGEST)
    } == {}
    assert set(TOO_LONG) <= set(long), "shorter now: take it off the list"


def test_every_file_says_what_it_is():
    silent = [path for path, tree in _sources(*PACKAGES, "benchmarks", "scripts") if not ast.get_docstring(tree)]
    assert silent == []


@pytest.mark.parametrize("module", ["windows", "policy", "places", "gate"])
def test_every_constant_of_the_gate_has_a_source(module: str):
    tree = ast.parse((ROOT / "leadflow/compliance/rules" / f"{module}.py").read_text())
    bare: list[str] = []
    for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(node, ast.Assign) and _is_a_figure(node.value):
            told = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            names = [ast.unparse(target) for target in node.targets]
            bare += [name for name in names if not told and not name.startswith("_")]
    assert bare == []


def _is_a_figure(value: ast.expr) -> bool:
    """Say whether a value is a number, a time or a span, on which somebody must have decided."""
    if isinstance(value, ast.Call):
        return ast.unparse(value.func) in {"timedelta", "time", "date", "Window", "Decimal"}
    return (
        isinstance(value, ast.Constant) and isinstance(value.value, int | float) and not isinstance(value.value, bool)
    )


def test_every_rule_of_the_packs_names_its_source():
    import yaml  # noqa: PLC0415 only this test reads them

    for pack in sorted((ROOT / "leadflow/compliance/packs").glob("*.yaml")):
        rules = yaml.safe_load(pack.read_text())["provisions"]
        assert rules, pack.name
        silent = [rule["key"] for rule in rules if not (rule.get("citation") and rule.get("source"))]
        assert silent == [], pack.name


def test_every_dependency_says_why_it_is_here():
    told = (ROOT / "docs/dependencies.md").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    named = [
        re.split(r"[\[>=<]", line)[0]
        for line in [*project["project"]["dependencies"], *groups["dev"], *groups["build"]]
    ]
    assert [name for name in named if f"| {name} |" not in told] == []


def test_the_glossary_is_current():
    assert (ROOT / "docs/glossary.md").read_text() == glossary.text(), "run `make glossary`"


def test_the_page_of_the_carriers_errors_is_current():
    page = ROOT / "docs/reference/carrier-errors.md"
    assert page.read_text() == carrier_errors.rendered(), "run `make carrier-errors`"


def test_the_page_of_roles_is_current():
    assert (ROOT / "docs/security/roles.md").read_text() == roles.rendered(), "run `make roles`"


def test_no_lock_holds_a_download_address():
    for lock in ("requirements.lock", "requirements-dev.lock", "reflex.lock/package-lock.json"):
        text = (ROOT / lock).read_text()
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links|\"resolved\"", text), lock


def test_every_pinned_package_has_a_checksum():
    for lock in ("requirements.lock", "requirements-dev.lock"):
        pins = re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip())
        assert [pin.splitlines()[0] for pin in pins if "--hash=sha256:" not in pin] == [], lock


def test_the_locks_pin_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime, everything = (
        set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / lock).read_text(), re.MULTILINE))
        for lock in ("requirements.lock", "requirements-dev.lock")
    )
    named = {re.split(r"[\[>=<]", line)[0].lower() for line in project["project"]["dependencies"]}
    assert named <= runtime <= everything


def test_no_file_names_the_place_where_it_lies():
    forbidden = re.compile(rf"{re.escape(str(ROOT))}/|\.\./shared")
    told: list[str] = []
    for path in _tracked():
        if path.suffix in {".png", ".woff2", ".ico", ".gz", ".parquet", ".xlsx"} or path == Path(__file__).resolve():
            continue
        if forbidden.search(path.read_text(errors="replace")):
            told.append(path.relative_to(ROOT).as_posix())
    assert told == []


def test_no_tracked_file_holds_a_made_secret():
    private = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bghp_[A-Za-z0-9]{36}\b")
    files = [path for path in _tracked() if path.suffix not in {".png", ".woff2", ".ico", ".gz", ".xlsx"}]
    assert [str(path) for path in files if private.search(path.read_text(errors="replace"))] == []
