"""Money that may be spent: caps, what is reserved, what is spent.

Owns: ``budget``. Promises: reserved and spent together never exceed a cap, however many reserve at once; a
reservation commits with what it is for; every reservation is settled or released once. Knocked at by campaigns
(``set_cap``), by the gate (``left``) and by messaging (``reserve``, ``settle``, ``release``).
"""
