"""All SQL of the gate.

``facts`` reads what the rules need, one recipient or a whole audience by the same statement; ``packs`` the rule packs
and what holds for a batch; ``marks`` writes suppressions, consents and scrubs; ``decisions`` writes and lists receipts;
``lists`` reads for people.
"""
