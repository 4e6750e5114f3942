"""What the gate refuses to do, and packs that cannot be read."""

from __future__ import annotations

from leadflow.kernel.errors import LeadFlowError


class BadPack(LeadFlowError):
    """A rule pack is damaged or lacks what no policy may lack. Nothing is sent under it."""

    code, status = "bad_rule_pack", 422
