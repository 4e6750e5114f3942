"""Gather a pack's files into a zip, one after another, none of them in memory as a whole."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files as resources
from typing import IO, Any, cast
from uuid import UUID

import orjson

from leadflow.audit import service as audit
from leadflow.compliance.rules.policy import policy_digest, shipped
from leadflow.compliance.rules.receipts import BOOK_DIGEST
from leadflow.compliance.service import books
from leadflow.compliance.service.policies import packs_in_force
from leadflow.evidence import queries
from leadflow.evidence.rules import files, printed, readme, summary
from leadflow.evidence.rules.summary import Part, Summary
from leadflow.evidence.types import Heading, Scope
from leadflow.identity import service as identity
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import NotFound

MOST_SEALS = 20_000
"""Beyond so many seals between the first entry and the head, a pack holds those of its entries, each with its next."""
STEP = 500
"""Receipts between two signs of progress."""
_BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The time that every file of a zip bears: the same state gives the same bytes."""

Tell = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is told of a pack beside its bytes."""

    head: dict[str, Any]
    counts: dict[str, int]


class Archive:
    """A zip that hashes what is written into it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self.files: dict[str, dict[str, Any]] = {}

    def add(self, name: str, content: Iterable[bytes]) -> int:
        """Write one file; answer how many pieces it had."""
        entry = zipfile.ZipInfo(name, _BEGINNING)
        entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
        digest, size, count = hashlib.sha256(), 0, 0
        with self.zip.open(entry, "w", force_zip64=True) as out:
            for piece in content:
                out.write(piece)
                digest.update(piece)
                size, count = size + len(piece), count + 1
        self.files[name] = {"sha256": digest.hexdigest(), "bytes": size}
        return count


@dataclass
class _Seen:
    """What the entries of a pack rest on."""

    seals: set[int] = field(default_factory=set[int])
    policies: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """Policies by what names them, each with an instant at which it was in force."""
    packs: set[str] = field(default_factory=set[str])
    books: set[str] = field(default_factory=set[str])
    unproved: int = 0

    def rests_on(self, receipt: Mapping[str, Any]) -> None:
        """Note by what texts a receipt was decided; format 1 names its packs one by one, and no book."""
        policy: Any = receipt.get("policy")
        if isinstance(policy, str):
            self.policies.setdefault(policy, datetime.fromisoformat(receipt["at"]))
        elif isinstance(policy, dict):
            self.packs.update(cast("dict[str, dict[str, str]]", policy).get("packs", {}).values())
        self.books.add(str(receipt.get("book", BOOK_DIGEST)))


def gather(uow: UnitOfWork, heading: Heading, scope: Scope, file: IO[bytes], *, left_out: int, tell: Tell) -> Gathered:
    """Write a pack.

    Args:
        uow: a transaction of the organisation; everything is read in it.
        heading: what the pack says of itself.
        scope: what it is about.
        file: where to; seekable.
        left_out: receipts that still wait for their seal.
        tell: is told how many receipts are written.
    """
    archive, parts, seen = Archive(file), summary.parts(), _Seen()
    counts = _record(uow, scope, archive, parts, seen, tell)
    tell(counts["receipts"], "ledger and messages")
    counts |= _rows(uow, scope, archive, parts)
    counts["artefacts"] = 0
    for sha256, media_type, content in queries.artefacts(uow, scope):
        archive.add(files.artefact(sha256, media_type), [content])
        counts["artefacts"] += 1
    absent = _rule_texts(uow, archive, seen)
    head, whole = _seals(uow, archive, seen.seals)
    tell(counts["receipts"], "summary")
    document = Summary(f"Evidence: {heading.about}", summary.facts(heading, scope, head, counts), tuple(parts.values()))
    archive.add(files.HTML, [summary.html(document).encode()])
    archive.add(files.PDF, [printed.pdf(document)])
    archive.add(files.README, [readme.readme(heading).encode()])
    archive.add(files.VERIFIER, [resources("leadflow.audit.standalone").joinpath("verify.py").read_bytes()])
    told = {
        "head": head,
        "counts": counts,
        "seals": {"whole": whole},
        "absent_rule_texts": absent,
        "left_out": {"not_sealed_yet": left_out, "not_provable": seen.unproved},
    }
    manifest = files.manifest(heading, scope, files=archive.files, told=told)
    archive.add(files.MANIFEST, [manifest])
    archive.add(files.MANIFEST_SUM, [files.manifest_sum(manifest)])
    archive.zip.close()
    return Gathered(head, counts)


def _record(
    uow: UnitOfWork, scope: Scope, archive: Archive, parts: Mapping[str, Part], seen: _Seen, tell: Tell
) -> dict[str, int]:
    prover = audit.Prover(uow)

    def receipts() -> Iterator[bytes]:
        for number, entry in enumerate(queries.entries(uow, "receipts", scope), 1):
            seen.rests_on(_document(entry.body))
            if number % STEP == 0:
                tell(number, "receipts")
            yield from _line(prover, entry, seen)

    acts: list[dict[str, Any]] = []

    def events() -> Iterator[bytes]:
        for entry in queries.entries(uow, "events", scope):
            if len(acts) < summary.MOST:
                acts.append(_document(entry.body))
            yield from _line(prover, entry, seen)

    counts = {"receipts": archive.add(files.RECEIPTS, receipts()), "events": archive.add(files.EVENTS, events())}
    names = identity.names_of(uow, {UUID(act["actor"]) for act in acts if act.get("actor")})
    for act in acts:
        actor = names.get(UUID(act["actor"]), "a former member") if act.get("actor") else None
        parts["events"].rows.append(summary.acted({**act, "actor": actor}))
    parts["events"].count = counts["events"]
    return counts


def _document(body: bytes) -> dict[str, Any]:
    """Read a body; one that somebody damaged reads as nothing, and the verifier names it."""
    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _line(prover: audit.Prover, entry: queries.Entry, seen: _Seen) -> Iterator[bytes]:
    place = prover.place(entry.position)
    if place is None:
        seen.unproved += 1
        return
    seen.seals.add(place.seal.number)
    yield files.entry_line(
        entry.position, entry.id, entry.digest, entry.chain, entry.body, place.seal.number, place.path
    )


_TOLD: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, ...]]] = {
    "decisions": summary.decided,
    "messages": summary.texted,
    "inbound": summary.heard,
    "consents": summary.agreed,
    "suppressions": summary.suppressed,
    "scrubs": summary.looked_up,
}


def _rows(uow: UnitOfWork, scope: Scope, archive: Archive, parts: Mapping[str, Part]) -> dict[str, int]:
    counts = {
        name: archive.add(path, (files.line(row) for row in queries.rows(uow, name, scope)))
        for name, path in files.ROWS.items()
    }
    for name, columns in files.TABLES.items():
        archive.add(f"tables/{name}.csv", files.table(columns, _noted(uow, name, scope, parts[name])))
    return counts


def _noted(uow: UnitOfWork, name: str, scope: Scope, part: Part) -> Iterator[dict[str, Any]]:
    """Read rows, and tell the first of them in the summary."""
    for row in queries.rows(uow, name, scope):
        part.count += 1
        if len(part.rows) < summary.MOST:
            part.rows.append(_TOLD[name](row))
        yield row


def _rule_texts(uow: UnitOfWork, archive: Archive, seen: _Seen) -> list[str]:
    """Write the text of every policy, rule pack and book that a receipt names; answer what nobody has any more."""
    absent: list[str] = []
    for digest, at in sorted(seen.policies.items()):
        packs = packs_in_force(uow, at)
        if policy_digest(pack.digest for pack in packs) != digest:
            absent.append(digest)
            continue
        named = {pack.name: pack.digest for pack in packs}
        archive.add(f"rules/policies/{digest}.json", [files.line({"packs": named})])
        seen.packs.update(named.values())
    known = {pack.digest: pack.content for pack in shipped()} | queries.rule_packs(uow)
    for digest in sorted(seen.packs & set(known)):
        archive.add(f"rules/packs/{digest}.json", [orjson.dumps(known[digest], option=orjson.OPT_SORT_KEYS)])
    for digest in sorted(seen.books):
        try:
            book = books.read(uow, digest)
        except NotFound:
            absent.append(digest)
            continue
        archive.add(f"rules/books/{digest}.json", [orjson.dumps([list(rule) for rule in book])])
    return sorted([*absent, *(seen.packs - set(known))])


def _seals(uow: UnitOfWork, archive: Archive, touched: set[int]) -> tuple[dict[str, Any], bool]:
    """Write the seals from the first that is needed up to the head, and their anchors; answer the head."""
    numbers: set[int] = set()
    head: dict[str, Any] = {}

    def lines() -> Iterator[bytes]:
        nonlocal head
        first = min(touched, default=1)
        for row in queries.seals(uow, first, most=MOST_SEALS, touched=sorted(touched)):
            row["sealed_at"] = _instant(row["sealed_at"])
            numbers.add(row["number"])
            head = {name: row[name] for name in ("number", "last", "head", "signature", "sealed_at", "key_id")}
            yield files.line(row)

    archive.add(files.SEALS, lines())
    kept = (anchor for anchor in audit.anchors(uow.org()) if anchor.get("number") in numbers)
    archive.add(files.ANCHORS, (files.line(anchor) for anchor in kept))
    whole = not numbers or max(numbers) - min(numbers) + 1 == len(numbers)
    return head, whole


def _instant(at: datetime) -> str:
    """Write an instant as a seal signs it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
