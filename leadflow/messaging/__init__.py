"""Texts: the send machine, the numbers we send from, the carrier's webhooks and the inbox.

Owns: ``message``, ``message_event``, ``sender_number``, ``conversation``, ``inbound_message``, ``webhook_inbox``.

Promises: a text goes out at most once and is accounted for in the end; nothing is submitted without a decision that
cleared it; an opt-out is in force before its webhook is answered; a status never goes backwards; Postgres is the truth.

Knocked at by campaigns (``queue_many``, ``dispatch``, ``counts``), by the inbox (``reply``, ``settle``), by the carrier
(``take_status``, ``take_inbound``) and by the clock (``send``, ``apply_callbacks``, ``sweep``, ``reconcile``).
"""
