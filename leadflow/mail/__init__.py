"""Mail to people who sign in, never to leads: written in the transaction of the act, delivered by a worker.

Owns: ``mail``. Promises: a mail exists if and only if its act was committed; its text, which may hold a link that works
once, is sealed until it is handed over and erased then; where no mail server is set it stays in the local outbox.
Knocked at by identity (``send``, ``outbox``), by the worker (``deliver``) and by the clockwork (``tidy``).
"""
