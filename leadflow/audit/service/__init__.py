"""Record acts, seal them in the background, prove single ones, verify the whole."""

from leadflow.audit.service.anchoring import anchor_all, anchor_of, anchors
from leadflow.audit.service.anchoring import read as anchors_in
from leadflow.audit.service.proving import Place, Prover, prove
from leadflow.audit.service.recording import events, latest, record, remove_aged
from leadflow.audit.service.ring import configure, sealing
from leadflow.audit.service.sealer import head, last_sealed_at, seal, seal_all
from leadflow.audit.service.verifying import verify

__all__ = [
    "Place",
    "Prover",
    "anchor_all",
    "anchor_of",
    "anchors",
    "anchors_in",
    "configure",
    "events",
    "head",
    "last_sealed_at",
    "latest",
    "prove",
    "record",
    "remove_aged",
    "seal",
    "seal_all",
    "sealing",
    "verify",
]
