"""Do-not-call files over HTTP: bring one in, list them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Body, Header, Query
from pydantic import AwareDatetime

from leadflow.api.deps import Made, Work, allow
from leadflow.registries import service as registries
from leadflow.registries.types import Described, FileRow
from models.vocabulary import Permission, ScrubList

router = APIRouter(prefix="/api/v1/registry-files", tags=["compliance"])


@dataclass(frozen=True, slots=True)
class Files:
    """Registry files, newest first."""

    rows: tuple[FileRow, ...]


@router.get("", dependencies=[allow(Permission.DECISION_READ)])
def files(desk: Work) -> Files:
    """List the files, each with what it covers and how many days its clean answers last."""
    return Files(tuple(registries.files(desk.uow, desk.actor)))


@router.post("", status_code=201, dependencies=[allow(Permission.SCRUB_RUN)])
def add(
    desk: Work,
    *,
    content: Annotated[bytes, Body(media_type="application/octet-stream")],
    list: Annotated[ScrubList, Query()],  # noqa: A002 the parameter's own name
    version: Annotated[str, Query(min_length=1, max_length=80)],
    area_codes: Annotated[str, Query(pattern=r"^\s*\d{3}(\s*[,\s]\s*\d{3})*\s*$", max_length=2_000)],
    as_of: Annotated[AwareDatetime, Query()],
    x_filename: Annotated[str, Header(max_length=1000, description="percent-encoded")] = "registry.txt",
) -> Made:
    """Take the raw bytes of a registry's file (text, gzip or zip): in whole, or not at all and with the wrong line."""
    codes = frozenset(int(code) for code in area_codes.replace(",", " ").split())
    described = Described(list, version.strip(), codes, as_of, unquote(x_filename)[-200:])
    return Made(registries.add(desk.uow, desk.actor, described, content))
