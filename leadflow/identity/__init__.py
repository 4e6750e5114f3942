"""Who may come in and what they may do.

Owns: ``organization``, ``user``, ``membership``, ``session``, ``refresh_token``, ``login_attempt``. Promises: a caller
is resolved from the database for every event and every call; the role is read there and never from a token; a refresh
token has at most one child; a session that was ended anywhere ends everywhere; the last owner stays. Knocked at by
every door.
"""
