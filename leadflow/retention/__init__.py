"""What goes, when, and what may not: erasure of a person, retention by kind of record, legal hold.

Owns: ``erasure``, ``legal_hold``, ``retention_rule``. Promises: an erased person is found nowhere in the database but
where ``rules.kept`` says and why; every receipt stays and the chain verifies as before; a number that was erased is
still closed when it comes back, by its keyed hash alone; what stands under legal hold neither goes by age nor by wish.
This is the one room that writes other rooms' tables (docs/decisions/0005-erasure.md): a person is spread over all of
them, and goes in one transaction or not at all. Knocked at by the doors and by the nightly job.
"""
