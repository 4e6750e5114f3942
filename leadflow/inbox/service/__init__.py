"""Use cases of the inbox, by errand. This is the room's door: other rooms and the doors import only these names.

``reading`` lists and shows; ``answering`` replies, and warns where a colleague does; ``working`` gives away, puts off
and marks as read; ``settling`` says what came of a conversation and undoes it; ``labeling`` corrects what the machine
made of a reply; ``canned`` keeps answers ready; ``beginning`` opens a conversation for a first text.
"""

from leadflow.inbox.service.answering import arrive, others, reply
from leadflow.inbox.service.beginning import begin
from leadflow.inbox.service.canned import canned, change_canned, keep_canned, ready, remove_canned
from leadflow.inbox.service.labeling import relabel
from leadflow.inbox.service.reading import inbox, of_lead, thread, waiting, window
from leadflow.inbox.service.settling import settle, undo
from leadflow.inbox.service.working import assign, colleagues, mark_read, snooze

__all__ = [
    "arrive",
    "assign",
    "begin",
    "canned",
    "change_canned",
    "colleagues",
    "inbox",
    "keep_canned",
    "mark_read",
    "of_lead",
    "others",
    "ready",
    "relabel",
    "remove_canned",
    "reply",
    "settle",
    "snooze",
    "thread",
    "undo",
    "waiting",
    "window",
]
