"""What the gate refuses to do, and packs that cannot be read."""

from __future__ import annotations

from leadflow.kernel.errors import LeadFlowError


class BadPack(LeadFlowError):
    """A rule pack is damaged or lacks what no policy may lack. Nothing is sent under it."""

    code, status = "bad_rule_pack", 422


class NoPepper(RuntimeError):
    """The process was started without ``compliance.service.configure``: a mistake of ours, not of a user."""

    def __init__(self) -> None:
        super().__init__("compliance.service.configure was not called")
