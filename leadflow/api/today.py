"""Whose turn it is, over HTTP."""

from __future__ import annotations

from fastapi import APIRouter

from leadflow.api.deps import Work, allow
from leadflow.today import service as today
from leadflow.today.types import Queue
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1/today", tags=["today"])


@router.get("", dependencies=[allow(Permission.LEAD_READ)])
def queue(desk: Work) -> Queue:
    """List everybody whose turn has come, in order, with what the gate lets be done now."""
    return today.queue(desk.uow, desk.actor)
