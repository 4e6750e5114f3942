"""Bring registry files in whole or not at all, and ask the newest of them about every number of ours."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database, UnitOfWork, organizations
from leadflow.kernel.errors import Conflict, Invalid
from leadflow.registries import queries, rules
from leadflow.registries.types import Applied, Described, FileRow
from models.vocabulary import Permission, ScrubList, ScrubVerdict

PROVIDER = "registry file"
"""How an answer names where it came from."""
LISTS = frozenset({ScrubList.NATIONAL_DNC, ScrubList.STATE_DNC, ScrubList.LITIGATOR})
LARGEST = 400_000_000
"""Bytes of a file, unpacked. A line is twelve, an area code has ten million numbers."""
OLDEST = timedelta(days=366)
_SHOWN = 200


def add(uow: UnitOfWork, actor: Principal, described: Described, content: bytes) -> UUID:
    """Keep a registry's file and ask it about every number of ours at once.

    Args:
        uow: the caller's transaction: a file is in whole or not at all.
        actor: who may scrub.
        described: what the file is.
        content: as it came: text, or text in gzip or zip.

    Raises:
        Invalid: a line is wrong, or what the file is said to be cannot be.
        Conflict: the same file is here already.
    """
    require(actor, Permission.SCRUB_RUN)
    _check(uow, described)
    covered = queries.covered(uow, described)
    digest = hashlib.sha256(content).hexdigest()
    if digest in covered.values():
        raise Conflict("This very file has been brought in already.")
    if covered:
        codes = ", ".join(str(code) for code in sorted(covered))
        raise Conflict(
            f"Version {described.version} of this list has answered for {codes} already. "
            "Give a corrected file a version of its own, such as 2026-11b: then it answers anew."
        )
    blocks = rules.blocks(_lines(content), described.area_codes)
    if not any(block.listed for block in blocks):
        # An error page or a cut download would call every number of the area codes clean.
        raise Invalid("The file names no number. Get it again from the registry.", "file")
    file_id = queries.add(uow, described, digest, blocks, actor.user_id)
    if file_id is None:
        raise Conflict("This very file has been brought in already.")
    detail = {
        "list": described.list,
        "version": described.version,
        "area_codes": sorted(described.area_codes),
        "listed": sum(block.listed for block in blocks),
    }
    audit.record(uow, actor.user_id, "registry.added", "registry_file", file_id, detail)
    apply(uow)
    return file_id


def apply(uow: UnitOfWork) -> Applied:
    """Write what the newest files say of numbers that they were not asked about yet: new leads', mostly."""
    found: dict[ScrubVerdict, Counter[ScrubList]] = {ScrubVerdict.LISTED: Counter(), ScrubVerdict.CLEAN: Counter()}
    for one in queries.newest(uow):
        numbers = queries.unasked(uow, one, PROVIDER)
        if not numbers:
            continue
        answers = dict(rules.listed(queries.block(uow, one), numbers))
        source = compliance.ScrubSource(one.list, PROVIDER, one.version, one.as_of)
        compliance.record_registry(uow, source, answers)
        hits = sum(answers.values())
        found[ScrubVerdict.LISTED][one.list] += hits
        found[ScrubVerdict.CLEAN][one.list] += len(answers) - hits
    return Applied(found[ScrubVerdict.LISTED], found[ScrubVerdict.CLEAN])


def apply_all(db: Database) -> None:
    """Do so for every organisation; the clockwork asks every few minutes."""
    with db.begin() as uow:
        owners = organizations(uow)
    for org_id in owners:
        with db.begin(org_id) as uow:
            apply(uow)


def files(uow: UnitOfWork, actor: Principal) -> list[FileRow]:
    """List the files, newest first, each with how long its clean answers last."""
    require(actor, Permission.DECISION_READ)
    lasts, now = compliance.policy(uow).scrub_max_age, uow.now()
    return [replace(row, days_left=max(0, (row.as_of + lasts - now).days)) for row in queries.files(uow, _SHOWN)]


def _check(uow: UnitOfWork, described: Described) -> None:
    if described.list not in LISTS:
        raise Invalid("Only national and state do-not-call lists and litigator lists come as files.", "list")
    if not described.area_codes:
        raise Invalid("Name the area codes that the file covers: what it leaves out there is clean.", "area_codes")
    if any(not 200 <= code <= 999 for code in described.area_codes):  # noqa: PLR2004 the plan's own bounds
        raise Invalid("An area code has three digits and begins with 2 to 9.", "area_codes")
    if not described.version.strip():
        raise Invalid("Name the registry's version, such as 2026-11.", "version")
    if described.as_of > uow.now():
        raise Invalid("A file cannot be true of a day to come.", "as_of")
    if described.as_of < uow.now() - OLDEST:
        raise Invalid("This file is older than a year; get the present one.", "as_of")


def _lines(content: bytes) -> Iterator[str]:
    """Read a file line by line, unpacking as it goes, and never more than ``LARGEST`` bytes of it."""
    try:
        with _opened(content) as file:
            read = 0
            for position, line in enumerate(iter(lambda: file.readline(1_000), b""), 1):
                read += len(line)
                if read > LARGEST:
                    raise Invalid(f"The file is larger than {LARGEST // 1_000_000} MB unpacked.", "file")
                if len(line) == 1_000:  # noqa: PLR2004 the length asked for
                    raise Invalid(f"Line {position} is longer than any number.", "file")
                yield line.decode("ascii", "replace")
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, RuntimeError) as error:
        # RuntimeError is what zipfile says of a locked zip, and its subclass of a way of packing that it does not know.
        raise Invalid("The packed file is damaged or locked. Unpack it first.", "file") from error


def _opened(content: bytes) -> io.BufferedIOBase:
    if content.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=io.BytesIO(content))
    if content.startswith(b"PK\x03\x04"):
        packed = zipfile.ZipFile(io.BytesIO(content))
        names = [one for one in packed.infolist() if not one.is_dir()]
        if len(names) != 1:
            raise Invalid("The zip holds several files. Bring them in one by one.", "file")
        return io.BufferedReader(packed.open(names[0]))  # pyright: ignore[reportArgumentType] it reads bytes
    return io.BytesIO(content)
