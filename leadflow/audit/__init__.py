"""The record of acts and its proof.

Owns: ``audit_event``, ``audit_leaf``, ``audit_seal`` and the anchors outside the database.
Promises: an event commits with its act or not at all; nothing is changed afterwards; whoever changes, removes, inserts
or swaps a row is named by the verifier, a cut tail by the anchor. Knocked at by every slice (``record``) and by
``compliance`` (``digest_of`` for receipts).
"""
