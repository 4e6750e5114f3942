"""Use cases of look-ups: quote, start, run, cancel, tell.

``lines`` reaches the provider; ``ordering`` says what a run would cost and starts it; ``running`` carries it out batch
by batch and ends it; ``telling`` shows coverage, runs and the provider's state.
"""

from leadflow.scrubs.service.lines import configure
from leadflow.scrubs.service.ordering import quote, read_order, start
from leadflow.scrubs.service.running import cancel, carry_out
from leadflow.scrubs.service.telling import coverage, overview, run, runs

__all__ = [
    "cancel",
    "carry_out",
    "configure",
    "coverage",
    "overview",
    "quote",
    "read_order",
    "run",
    "runs",
    "start",
]
