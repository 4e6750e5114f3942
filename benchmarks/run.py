"""Run every heavy job against its bare twin, and print each ratio with its floor, its goal and a verdict.

``python -m benchmarks.run [NAME …] [--record]``. A benchmark is a module of this package that prints lines of either
form, and anything else besides::

    name ratio floor goal
    {"benchmark": name, "ratio": …, "floor": …, "goal": …}

Where the goal is below the floor, less is better. Leaves with 1 when a ratio is beyond its floor or a benchmark fails.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / "docs/performance.md"
NAMES = ("imports", "gate", "receipts", "lists", "search", "maps", "duplicates", "send")
"""In the order of the main job."""
BOUNDS = {"send": (0.85, 0.95)}
"""Floor and goal of benchmarks that do not print their own."""
LONGEST_S = 1_800
_LINE = re.compile(r"([a-z0-9_.]+)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)")


@dataclass(frozen=True, slots=True)
class Ratio:
    """One figure of one run."""

    name: str
    ratio: float
    floor: float
    goal: float

    @property
    def verdict(self) -> str:
        """Say how the figure stands."""
        if self._reaches(self.goal):
            return "goal reached"
        return "floor held" if self._reaches(self.floor) else "BEYOND THE FLOOR"

    @property
    def held(self) -> bool:
        """Say whether the floor holds."""
        return self._reaches(self.floor)

    def _reaches(self, bound: float) -> bool:
        return self.ratio <= bound if self.goal < self.floor else self.ratio >= bound

    def __str__(self) -> str:
        """Write one line of the table."""
        sign = "≤" if self.goal < self.floor else "≥"
        bounds = f"floor {sign} {self.floor:<6g} goal {sign} {self.goal:<6g}"
        return f"{self.name:<24} {self.ratio:>9.3f}   {bounds} {self.verdict}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES, help=f"of {', '.join(NAMES)}")
    parser.add_argument("--record", action="store_true", help="write the figures into docs/performance.md")
    asked = parser.parse_args(argv)
    print(f"{machine()}\n")
    found: list[Ratio] = []
    failed: list[str] = []
    for name in asked.names:
        code, output = _run(name)
        ratios = list(read(output))
        found += ratios
        if not ratios or (code and all(ratio.held for ratio in ratios)):
            failed.append(name)
            print(f"{name:<24} did not finish (code {code}):\n{output[-2000:]}")
        for ratio in ratios:
            print(ratio, flush=True)
    if asked.record:
        record(found)
    beyond = [ratio.name for ratio in found if not ratio.held]
    print(f"\n{len(found)} ratios, {len(beyond)} beyond the floor, {len(failed)} benchmarks failed")
    return 1 if beyond or failed else 0


def _run(name: str) -> tuple[int, str]:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    print(f"· {name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return done.returncode, done.stdout


def read(output: str) -> Iterator[Ratio]:
    """Find the figures among what a benchmark said."""
    for line in output.splitlines():
        if match := _LINE.fullmatch(line.strip()):
            name, *numbers = match.groups()
            yield Ratio(name, *map(float, numbers))
        elif line.startswith('{"benchmark"'):
            told = json.loads(line)
            floor, goal = BOUNDS.get(told["benchmark"], (0.0, 0.0))
            yield Ratio(told["benchmark"], told["ratio"], told.get("floor", floor), told.get("goal", goal))


def machine() -> str:
    """Describe the machine, without its name."""
    gib = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores, {gib:.0f} GiB, {platform.machine()}, Python {platform.python_version()}"


def record(found: Sequence[Ratio]) -> None:
    """Write the figures into the documentation."""
    rows = "\n".join(f"| {r.name} | {r.ratio:.3f} | {r.floor:g} | {r.goal:g} | {r.verdict} |" for r in found)
    table = f"{machine()}.\n\n| Figure | Ratio | Floor | Goal | Verdict |\n| --- | --- | --- | --- | --- |\n{rows}"
    text = FIGURES.read_text()
    fresh = re.sub(
        r"(<!-- figures -->\n).*?(\n<!-- /figures -->)", lambda m: m[1] + table + m[2], text, flags=re.DOTALL
    )
    FIGURES.write_text(fresh)


if __name__ == "__main__":
    sys.exit(main())
