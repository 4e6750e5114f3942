"""Use cases of campaigns. This is the room's door: the doors import only these names.

``drafting`` reads and edits them; ``judging`` says what would happen; ``launching`` takes them from draft to launch;
``running`` takes them on afterwards; ``stopping`` heeds replies; ``retrying`` sends failed texts anew; ``snippets`` are
pieces of text; ``supposing`` asks what if.
"""

from leadflow.campaigns.service.drafting import (
    check,
    draft,
    edit,
    get,
    listing,
    named,
    size_up,
    state_counts,
    words_in_use,
)
from leadflow.campaigns.service.judging import judged, latest_simulation, preview, simulate
from leadflow.campaigns.service.launching import approvals, approve, changed, launch, start, submit, unschedule
from leadflow.campaigns.service.retrying import may_retry, retry_failed
from leadflow.campaigns.service.running import (
    cancel,
    export,
    pace,
    pause,
    plan,
    progress,
    recipients,
    resume,
    stormbound,
    wake,
    weather,
)
from leadflow.campaigns.service.snippets import add as add_snippet
from leadflow.campaigns.service.snippets import change as change_snippet
from leadflow.campaigns.service.snippets import listing as snippets
from leadflow.campaigns.service.snippets import remove as remove_snippet
from leadflow.campaigns.service.stopping import heed, stop_people
from leadflow.campaigns.service.supposing import suppose

__all__ = [
    "add_snippet",
    "approvals",
    "approve",
    "cancel",
    "change_snippet",
    "changed",
    "check",
    "draft",
    "edit",
    "export",
    "get",
    "heed",
    "judged",
    "latest_simulation",
    "launch",
    "listing",
    "may_retry",
    "named",
    "pace",
    "pause",
    "plan",
    "preview",
    "progress",
    "recipients",
    "remove_snippet",
    "resume",
    "retry_failed",
    "simulate",
    "size_up",
    "snippets",
    "start",
    "state_counts",
    "stop_people",
    "stormbound",
    "submit",
    "suppose",
    "unschedule",
    "wake",
    "weather",
    "words_in_use",
]
