"""Use cases of the gate, by errand. This is the room's door: other rooms and the doors import only these names.

Each errand has a module, whose docstring says what it is for: ask, clear, refuse, release, grant, forget, edit, tell.
"""

from leadflow.compliance.rules.replies import classify
from leadflow.compliance.service.asking import Outlook, assess, outlook
from leadflow.compliance.service.clearing import clear, hold
from leadflow.compliance.service.deciding import Decided, LawfulHours, decide
from leadflow.compliance.service.drilling import (
    DrillRow,
    Standing,
    drill_run,
    drill_standing,
    drills,
    run_drill,
    standing,
)
from leadflow.compliance.service.editing import (
    Installed,
    Preview,
    Proposal,
    as_text,
    compare,
    disagreements,
    install,
    install_from_console,
    preview,
    restoring,
    version,
    versions,
    with_provision,
)
from leadflow.compliance.service.explaining import Explanation, explain
from leadflow.compliance.service.forgetting import forget_numbers, recall
from leadflow.compliance.service.granting import (
    artefact,
    consents_staged,
    grant,
    keep_artefact,
    record_registry,
    record_scrub,
    record_scrubs,
    revoke,
    scrubs_staged,
    suppress_staged,
)
from leadflow.compliance.service.policies import install_packs, policy
from leadflow.compliance.service.refusing import (
    closure,
    opt_out,
    settle_review,
    start_again,
    suppress,
    suppress_file,
    suppress_system,
)
from leadflow.compliance.service.releasing import (
    approve_release,
    ask_release,
    decline_release,
    releases,
    withdraw_release,
)
from leadflow.compliance.service.secrets import configure, phone_key
from leadflow.compliance.service.simulating import Answers, Scenario, recipient_of, simulate
from leadflow.compliance.service.telling import (
    consents,
    decisions,
    overview,
    prove,
    receipt,
    rules,
    suppressions,
)
from leadflow.compliance.service.understanding import understand
from leadflow.compliance.types import ScrubSource

__all__ = [
    "Answers",
    "Decided",
    "DrillRow",
    "Explanation",
    "Installed",
    "LawfulHours",
    "Outlook",
    "Preview",
    "Proposal",
    "Scenario",
    "ScrubSource",
    "Standing",
    "approve_release",
    "artefact",
    "as_text",
    "ask_release",
    "assess",
    "classify",
    "clear",
    "closure",
    "compare",
    "configure",
    "consents",
    "consents_staged",
    "decide",
    "decisions",
    "decline_release",
    "disagreements",
    "drill_run",
    "drill_standing",
    "drills",
    "explain",
    "forget_numbers",
    "grant",
    "hold",
    "install",
    "install_from_console",
    "install_packs",
    "keep_artefact",
    "opt_out",
    "outlook",
    "overview",
    "phone_key",
    "policy",
    "preview",
    "prove",
    "recall",
    "receipt",
    "recipient_of",
    "record_registry",
    "record_scrub",
    "record_scrubs",
    "releases",
    "restoring",
    "revoke",
    "rules",
    "run_drill",
    "scrubs_staged",
    "settle_review",
    "simulate",
    "standing",
    "start_again",
    "suppress",
    "suppress_file",
    "suppress_staged",
    "suppress_system",
    "suppressions",
    "understand",
    "version",
    "versions",
    "with_provision",
    "withdraw_release",
]
