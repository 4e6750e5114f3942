"""Evidence packs: a zip that proves, years later and without LeadFlow, why somebody was or was not contacted.

Owns: evidence_pack, evidence_chunk. Reads every other room's tables, and changes none.
Promises: a pack is there whole or not at all; it holds what its query names and nothing of anybody else; the same
state gives the same bytes; whoever unpacks it can check it with the verifier inside; its making and every download
stand in the record of acts; after thirty days it is removed.
Who knocks: ``/compliance/evidence``, ``/api/v1/evidence``, ``leadflow compliance evidence``, the job that makes a pack
and the clockwork.
"""
