"""What the page of an import shows, made from its ``Report``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leadflow.imports.rules.fields import EXTRA, FIELDS, IGNORE, label
from leadflow.imports.rules.reading import ENCODINGS
from leadflow.imports.types import FieldKind, Options, RemovedPolicy, Report, Undo, UpdatePolicy
from leadflow.ui.tokens import ROW, Tone, words
from models.vocabulary import RowVerdict

GROUPS: tuple[tuple[str, frozenset[FieldKind]], ...] = (
    ("Address", frozenset({FieldKind.ADDRESS})),
    ("People", frozenset({FieldKind.NAME, FieldKind.EMAIL})),
    ("Phones", frozenset({FieldKind.PHONE})),
    ("Marks against contact", frozenset({FieldKind.MARK})),
    ("Property", frozenset({FieldKind.NUMBER, FieldKind.FLAG, FieldKind.MONEY, FieldKind.RATIO, FieldKind.DATE})),
    ("Lists and tags", frozenset({FieldKind.WORDS})),
)
DELIMITERS = ((",", "Comma"), (";", "Semicolon"), ("tab", "Tab"), ("|", "Bar"))
LOW = 0.8
"""Below this confidence the recognition is shown as doubtful."""
WRITTEN: dict[str, str] = {
    "properties": "properties",
    "people": "people",
    "phones": "phones",
    "leads": "leads",
    "suppressions": "suppressions",
    "consents": "consents",
}


@dataclass(frozen=True)
class Tile:
    """A count of rows with one verdict."""

    word: str
    label: str
    count: int
    tone: Tone | str


@dataclass(frozen=True)
class Column:
    """One column of the file."""

    header: str
    samples: str
    field: str
    kind: str
    doubtful: bool
    changed: bool = False


@dataclass(frozen=True)
class OptionsView:
    """The user's decisions, as the form shows them."""

    list_name: str = ""
    tags: str = ""
    source: str = ""
    as_of: str = ""
    policy: str = UpdatePolicy.OVERWRITE
    policy_word: str = ""
    state: str = ""
    removed: str = RemovedPolicy.KEEP
    removed_word: str = ""
    match_keys: list[str] = field(default_factory=list)
    keys_word: str = ""
    asserted: bool = False
    basis: str = ""
    basis_word: str = ""
    shown_text: str = ""
    given_on: str = ""
    proof: str = ""
    purpose: str = "offers to buy the property"


@dataclass(frozen=True)
class ImportView:
    """An import, ready to read."""

    id: str = ""
    filename: str = ""
    size: str = ""
    state: str = ""
    layout: str = ""
    confidence: int = 0
    low: bool = False
    written_as: str = ""
    rows: int = 0
    created_at: str = ""
    committed_at: str = ""
    error: str = ""
    reconciles: bool = True
    warnings: int = 0
    accepted: str = ""
    """How many rows became a lead or met one, in a sentence."""
    leads: bool = False
    """Whether any did."""
    noted: str = ""
    """How many rows were taken in without a lead, in a sentence; empty for none."""
    tiles: list[Tile] = field(default_factory=list)
    sum: str = ""
    finds: list[list[str]] = field(default_factory=list)
    doubtful: int = 0
    unmapped: int = 0
    sheet: str = ""
    sheets: list[list[str]] = field(default_factory=list)
    delimiter: str = ""
    encoding: str = ""
    encodings: list[list[str]] = field(default_factory=list)
    header_row: int = 1
    removed: str = ""
    """How many rows are of leads that were removed and stay so; empty for none."""
    undone: str = ""
    kept: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class UndoView:
    """What an undo would take back, in sentences."""

    goes: str = "Looking what nobody has touched since…"
    stays: list[str] = field(default_factory=list)


def field_groups() -> list[list[Any]]:
    """List every field a column can be mapped to, grouped for a select."""
    groups: list[list[Any]] = [["Not a field", [[IGNORE, "Leave it in the file"], [EXTRA, "Keep beside the property"]]]]
    for title, kinds in GROUPS:
        names = [name for name, kind in FIELDS.items() if kind in kinds and name not in {EXTRA, IGNORE}]
        groups.append([title, [[name, field_label(name)] for name in names]])
    rest = [name for name, kind in FIELDS.items() if kind is FieldKind.TEXT and name not in {EXTRA, IGNORE}]
    groups.append(["Text", [[name, field_label(name)] for name in rest]])
    return groups


def field_label(name: str) -> str:
    """Write a field for people: ``phone_2_dnc`` is ``Phone 2: DNC``."""
    return label(name)


def import_view(report: Report) -> ImportView:
    """Write an import."""
    counts = report.counts
    tiles = [Tile(str(verdict), label, int(counts.get(verdict, 0)), tone) for verdict, (tone, label) in ROW.items()]
    total = int(counts.get("data_rows", 0))
    leads = int(counts.get("accepted", 0)) - int(counts.get("noted", 0))
    kept = [tile for tile in tiles if tile.count or tile.word in {RowVerdict.NEW, RowVerdict.UPDATE, RowVerdict.REJECT}]
    return ImportView(
        id=str(report.id),
        filename=report.filename,
        size=_size(report.size_bytes),
        state=str(report.state),
        layout=report.layout_title or "",
        confidence=round(100 * report.confidence),
        low=report.confidence < LOW,
        written_as=_dialect(report.dialect),
        rows=total,
        created_at=report.created_at.isoformat(),
        committed_at=report.committed_at.isoformat() if report.committed_at else "",
        error=report.error or "",
        reconciles=total == sum(tile.count for tile in tiles),
        warnings=int(counts.get("warnings", 0)),
        accepted=_came(leads),
        leads=leads > 0,
        noted=_noted(int(counts.get("noted", 0))),
        tiles=kept if total else [],
        sum=" + ".join(f"{tile.count:,} {tile.label.lower()}" for tile in kept) + f" = {total:,} rows of the file",
        finds=_finds(counts),
        doubtful=len(report.doubtful),
        unmapped=sum(1 for name in report.mapping.values() if name in {None, IGNORE}),
        sheet=report.dialect.get("sheet") or "",
        sheets=[[name, name] for name in report.dialect.get("sheets") or ()],
        delimiter={"\t": "tab"}.get(str(report.dialect.get("delimiter")), str(report.dialect.get("delimiter", ""))),
        encoding=str(report.dialect.get("encoding", "")),
        encodings=[[name, name] for name in ENCODINGS],
        header_row=int(report.dialect.get("header_row") or 1),
        removed=_some(int(counts.get("removed", 0))),
        undone=_undone(counts.get("undone") or {}),
        kept=_kept(counts.get("undone") or {}),
    )


def undo_view(found: Undo) -> UndoView:
    """Write what an undo would do."""
    goes = f"{_counted(found.leads, 'lead')} would be removed with what came with them"
    if found.again:
        goes += f", {found.again:,} that it restored are removed again"
    if found.properties:
        goes += f", and earlier values of {_counted(found.properties, 'property', 'properties')} come back"
    stays = [f"{_counted(count, 'lead stays', 'leads stay')}: {reason}." for reason, count in found.kept.items()]
    if found.suppressions:
        marks = _counted(found.suppressions, "mark against contact stays", "marks against contact stay")
        stays.append(f"{marks}, as always.")
    return UndoView(f"{goes}.", stays)


def _some(count: int) -> str:
    return f"{count:,}" if count else ""


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _came(leads: int) -> str:
    if not leads:
        return "No lead came in. "
    return _counted(leads, "lead came in or was looked at again", "leads came in or were looked at again") + ". "


def _noted(rows: int) -> str:
    if not rows:
        return ""
    named = _counted(rows, "row names no property", "rows name no property")
    return f"{named}: a look-up of a number, or a court case alone. Noted for the record, without a lead."


def _undone(undone: Mapping[str, Any]) -> str:
    if not undone:
        return ""
    removed = {name: int(count) for name, count in (undone.get("removed") or {}).items()}
    text = f"{removed.get('leads', 0):,} leads and {removed.get('phones', 0):,} numbers were removed"
    if again := removed.get("again"):
        text += f", {again:,} leads went back to the removed ones"
    return f"{text}, {int(undone.get('restored', 0)):,} earlier values came back."


def _kept(undone: Mapping[str, Any]) -> list[str]:
    found = [f"{int(count):,} leads stayed: {reason}." for reason, count in (undone.get("kept") or {}).items()]
    if since := int(undone.get("changed_since") or 0):
        found.append(f"{since:,} values were changed since and stayed.")
    if marks := int(undone.get("suppressions_kept") or 0):
        found.append(f"{marks:,} marks against contact stayed, as they always do.")
    return found


def columns(report: Report, changes: Mapping[str, str]) -> list[Column]:
    """List the file's columns in its order, doubtful ones marked."""
    samples = report.dialect.get("samples") or {}
    headers = report.dialect.get("headers") or list(report.mapping)
    found: list[Column] = []
    for header in headers:
        name = changes.get(header) or report.mapping.get(header) or IGNORE
        found.append(
            Column(
                header=header,
                samples=" · ".join(str(value) for value in samples.get(header, ())[:3] if str(value).strip())
                or "(empty)",
                field=name,
                kind=str(FIELDS.get(name, "")) if name not in {IGNORE, EXTRA} else "",
                doubtful=header in report.doubtful and header not in changes,
                changed=header in changes,
            )
        )
    return found


def options_view(options: Mapping[str, Any]) -> OptionsView:
    """Write the options for the form."""
    consent = options.get("consent") or {}
    keys = [str(key) for key in options.get("keys") or Options().keys]
    return OptionsView(
        list_name=options.get("list_name") or "",
        tags=", ".join(options.get("tags") or ()),
        source=options.get("source") or "",
        as_of=str(options.get("as_of") or ""),
        policy=str(options.get("policy") or UpdatePolicy.OVERWRITE),
        policy_word=words(str(options.get("policy") or UpdatePolicy.OVERWRITE)),
        state=options.get("state") or "",
        removed=str(options.get("removed") or RemovedPolicy.KEEP),
        removed_word=words(str(options.get("removed") or RemovedPolicy.KEEP)),
        match_keys=keys,
        keys_word=", ".join(words(key) for key in keys),
        asserted=bool(consent),
        basis=str(consent.get("basis") or ""),
        basis_word=words(str(consent.get("basis") or "")),
        shown_text=consent.get("shown_text") or "",
        given_on=str(consent.get("given_on") or ""),
        proof=consent.get("source") or "",
        purpose=consent.get("purpose") or OptionsView.purpose,
    )


def _finds(counts: Mapping[str, Any]) -> list[list[str]]:
    found = [
        [f"{int(counts.get(key, 0)):,}", label]
        for key, label in (("people", "people"), ("organisations", "organisations"), ("phones", "phone numbers"))
        if counts.get(key)
    ]
    marks = counts.get("suppressions") or {}
    return found + [[f"{int(number):,}", f"{words(kind)} marks"] for kind, number in marks.items() if number]


def _dialect(dialect: Mapping[str, Any]) -> str:
    if dialect.get("sheet"):
        return f"sheet {dialect['sheet']}, names of the columns in row {dialect.get('header_row') or 1}"
    delimiter = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}.get(str(dialect.get("delimiter", "")), "")
    return ", ".join(
        part for part in (str(dialect.get("encoding", "")), delimiter and f"{delimiter} between cells") if part
    )


def _size(size: int) -> str:
    return f"{size / 1_048_576:.1f} MB" if size >= 1_048_576 else f"{max(1, size // 1024)} KB"  # noqa: PLR2004 a mebibyte
