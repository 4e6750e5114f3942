"""The credentials by which providers know an organisation: set, used, never shown.

Owns: ``provider_credential``. Promises: a secret is sealed before it reaches the database and opens only in its own row
(``kernel.vault``); no answer, log or audit event holds more of it than four characters; to set or remove one takes the
permission and the password, typed minutes ago. Knocked at by messaging (``of``, ``holders``) and by the keys command,
which seals everything anew when a key is retired (``reseal``).
"""
