"""Restored backups: what is known of them, and the word by which an owner lets sending go on."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from leadflow.api.deps import Actor, Db, Work, allow
from leadflow.messaging import service as messaging
from leadflow.messaging.rules.restoring import RestoreView
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1/restores", tags=["restores"])


@router.get("", dependencies=[allow(Permission.SETTINGS_READ)])
def show(desk: Work) -> dict[str, Any]:
    """List the backups that were restored, newest first, each with what the carrier knew and we did not."""
    rows = messaging.restores(desk.uow, desk.actor)
    return {"rows": [asdict(row) for row in rows], "count": len(rows), "next": None}


@router.post("/{epoch}/resume", dependencies=[allow(Permission.RESTORE_CONFIRM)])
def resume(db: Db, actor: Actor, epoch: int) -> RestoreView:
    """Let sending go on; the carrier is asked once more before."""
    return messaging.resume(db, actor, epoch)
