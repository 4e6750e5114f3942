"""Use cases of the room, by errand. This is the room's door: the doors and the nightly job import only these names.

``erasing`` erases a person, ``leaving`` a removed lead; ``holding`` keeps from it; ``keeping`` says how long each kind
stays and lets go what is older.
"""

from leadflow.retention.service.erasing import erase, erase_with_password, erasures, find, preview
from leadflow.retention.service.holding import lift, listed, place
from leadflow.retention.service.keeping import change, keep_all, keep_to, rules
from leadflow.retention.service.leaving import erase_lead, erase_lead_with_password, lead_preview

__all__ = [
    "change",
    "erase",
    "erase_lead",
    "erase_lead_with_password",
    "erase_with_password",
    "erasures",
    "find",
    "keep_all",
    "keep_to",
    "lead_preview",
    "lift",
    "listed",
    "place",
    "preview",
    "rules",
]
