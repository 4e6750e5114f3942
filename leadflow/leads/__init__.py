"""Leads: the properties that a team works.

Owns: ``lead``, ``lead_list``, ``lead_list_entry``, ``tag``, ``lead_tag``, ``task``, ``activity``, ``lead_search``,
``mention``, ``lead_scoring``.
Promises: ``lead_search`` equals the tables that it is made of at every commit; a list walked page by page shows each
row once, whatever the sort; an agent meets assigned leads only, everywhere; "Contactable now" is the gate's own word.
Knocked at by pages, API, imports, campaigns and messaging.
"""
