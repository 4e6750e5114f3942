"""R16: a budget that many workers draw on."""

from __future__ import annotations

from tests.faults.crew import ticking, wait_for
from tests.faults.field import PRICE, Field
from tests.faults.goals.kills import taken
from tests.faults.ground import Ground, Report, Scale, finish

WORKERS, THREADS = 4, 4
"""Sixteen numbers are served at once."""


def one_purse(ground: Ground, scale: Scale) -> Report:
    """R16. Sixteen workers share a budget that bears two thirds of the texts; they are started again on the way."""
    report = Report()
    bears = min(1_000, scale.share(10))
    with ground.crew("r16") as crew:
        field = Field.planted(crew.db, bears * 3 // 2, numbers=WORKERS * THREADS, per_minute=240)
        field.cap = bears * PRICE
        field.world.do("update organization set monthly_budget_cents = %s", field.cap // 100)
        crew.serve_hooks()
        for _ in range(WORKERS):
            crew.start_worker(THREADS)
        field.queue()
        with ticking(crew):
            wait_for(lambda: taken(crew) >= bears // 3, 120)
            crew.end(*crew.workers[: WORKERS // 2])
            crew.kill(*crew.workers)
            for _ in range(WORKERS):
                crew.start_worker(THREADS)
            wait_for(lambda: not field.moving(), 240)
        crew.end(*crew.workers)
        finish(crew, field)
        verdict = field.judged(crew.carrier.log)
        spent = field.books()["spent"]
    told = verdict["figures"]
    report.heed(verdict)
    report.figures |= {
        "the budget bears": bears,
        "spent, hundredths of a cent": spent,
        "billed by the carrier": told["cost"],
    }
    report.must(told["accepted"] <= bears, f"{told['accepted']} texts on a budget of {bears}")
    report.must(told["accepted"] == bears, f"only {told['accepted']} texts on a budget of {bears}")
    report.must(spent == told["cost"], f"{spent} in the books, {told['cost']} on the bill")
    return report
