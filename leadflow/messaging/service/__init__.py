"""Use cases of messaging, by errand. This is the room's door: other rooms and the doors import only these names.

``carriers`` holds how we reach the carrier; ``queueing`` writes texts down and takes them back; ``sending`` is the send
loop; ``outcomes`` applies what the carrier said; ``recovery`` finds what was left behind; ``webhooks`` takes the
carrier's calls; ``inbox`` and ``numbers`` serve people.
"""

from leadflow.messaging.service.carriers import configure
from leadflow.messaging.service.inbox import inbox, mark_read, outcome, reply, thread, window
from leadflow.messaging.service.numbers import add_sender, change_sender, senders
from leadflow.messaging.service.queueing import dispatch, queue_many, wake, withdraw_campaign, withdraw_numbers
from leadflow.messaging.service.recovery import reconcile, sweep
from leadflow.messaging.service.sending import send
from leadflow.messaging.service.webhooks import apply_callbacks, inbound, status_callback

__all__ = [
    "add_sender",
    "apply_callbacks",
    "change_sender",
    "configure",
    "dispatch",
    "inbound",
    "inbox",
    "mark_read",
    "outcome",
    "queue_many",
    "reconcile",
    "reply",
    "send",
    "senders",
    "status_callback",
    "sweep",
    "thread",
    "wake",
    "window",
    "withdraw_campaign",
    "withdraw_numbers",
]
