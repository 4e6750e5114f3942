"""Use cases of messaging, by errand. This is the room's door: other rooms and the doors import only these names.

``carriers`` holds how we reach the carrier; ``queueing`` writes texts down and takes them back; ``sending`` is the send
loop; ``outcomes`` applies what the carrier said; ``recovery`` finds what was left behind; ``webhooks`` takes the
carrier's calls; ``weather`` watches filter and opt-out rates; ``numbers`` serves people; ``restoring`` notices that the
database is a restored backup, and ``regaining`` takes over what the carrier knows since.
"""

from leadflow.messaging.service.carriers import configure
from leadflow.messaging.service.linking import follow
from leadflow.messaging.service.numbers import add_sender, change_sender, senders
from leadflow.messaging.service.pools import keep_pool, pools, remove_pool, sender_for
from leadflow.messaging.service.queueing import (
    dispatch,
    queue_many,
    queue_one,
    wake,
    withdraw_campaign,
    withdraw_numbers,
    withdraw_others,
)
from leadflow.messaging.service.recovery import reconcile, sweep
from leadflow.messaging.service.regaining import ask, restored_as_of, restores, resume
from leadflow.messaging.service.registering import brands, keep_brand, keep_registration
from leadflow.messaging.service.restoring import attend, beat, held, standing
from leadflow.messaging.service.sending import send
from leadflow.messaging.service.telling import Stormy, Verified, Wrote, settled, stormy, verified, wrote
from leadflow.messaging.service.weather import look_again, weather_of_campaign, weather_of_numbers
from leadflow.messaging.service.webhooks import apply_callbacks, inbound, status_callback

__all__ = [
    "Stormy",
    "Verified",
    "Wrote",
    "add_sender",
    "apply_callbacks",
    "ask",
    "attend",
    "beat",
    "brands",
    "change_sender",
    "configure",
    "dispatch",
    "follow",
    "held",
    "inbound",
    "keep_brand",
    "keep_pool",
    "keep_registration",
    "look_again",
    "pools",
    "queue_many",
    "queue_one",
    "reconcile",
    "remove_pool",
    "restored_as_of",
    "restores",
    "resume",
    "send",
    "sender_for",
    "senders",
    "settled",
    "standing",
    "status_callback",
    "stormy",
    "sweep",
    "verified",
    "wake",
    "weather_of_campaign",
    "weather_of_numbers",
    "withdraw_campaign",
    "withdraw_numbers",
    "withdraw_others",
    "wrote",
]
