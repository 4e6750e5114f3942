"""Every fixture of a vendor, a county and a court: counts, rejects, duplicates, suppressions, records, field by field.

Where a soft rule of the fixtures is decided otherwise, the case says so with its reason; hard rules stand.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from leadflow.identity.types import Principal
from leadflow.imports import service as imports
from leadflow.imports.types import Options, Report, RowReport
from leadflow.kernel.db import Database, UnitOfWork
from models.vocabulary import RowVerdict
from tests.imports.conftest import FIXTURES, Importer

KINDS = {
    "dnc_phone": "vendor_dnc", "opt_out_phone": "opt_out", "litigator_phone": "litigator", "do_not_mail": "do_not_mail",
    "dnc_national": "national_dnc", "dnc_state": "state_dnc",
    "dnc_dma": "vendor_dnc",  # the industry's own list is no register of a state or the nation
}  # fmt: skip
"""The fixtures' words for ours."""

SAME = {
    "data_rows": "data_rows", "new": "leads_created", "people": "people", "organisations": "organisations",
    "phones": "phones", "phone_links": "phone_links", "reject": "rejected", "duplicate": "duplicates_merged",
    "blank": "blank_rows", "footer": "footer_rows", "accepted": "accepted_rows", "decedents": "decedents",
}  # fmt: skip
"""Our counts by the fixtures' name."""


@dataclass(frozen=True)
class Case:
    """One fixture.

    Attributes:
        layout: that must be recognised; None for a sheet that nobody made a layout of.
        file: its name.
        ours: counts that we decide otherwise, each with its reason.
        rejected: rows that we close another way than the fixture, with the verdict.
        reasons: words of our reasons by row, where the fixture's are not ours.
        said: rows whose warning the fixture names, with words of ours.
        options: what the user must decide.
    """

    layout: str | None
    file: str
    ours: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    rejected: dict[int, RowVerdict] = field(default_factory=dict[int, RowVerdict])
    reasons: dict[int, str] = field(default_factory=dict[int, str])
    said: dict[int, str] = field(default_factory=dict[int, str])
    options: Options = field(default_factory=Options)

    def __str__(self) -> str:
        return self.file.partition(".")[0]

    @property
    def path(self) -> Path:
        return FIXTURES / self.file

    @property
    def expected(self) -> dict[str, Any]:
        return json.loads((FIXTURES / f"{self}.expected.json").read_text())


CASES = (
    Case("propstream_contacts", "propstream_contacts.csv"),
    Case("batchleads", "batchleads.tsv"),
    Case(
        "dealmachine_properties", "dealmachine_properties.csv",
        reasons={14: "no property identity: no street and no APN"}, said={5: "land: not recorded"},
    ),
    Case(
        "dealmachine_contacts", "dealmachine_contacts.csv",
        ours={
            "accepted": (11, "a second contact of a property is merged into its lead"),
            "duplicate": (6, "a second contact of a property is merged into its lead"),
        },
        reasons={18: "no property identity"},
    ),
    Case("xleads_wide", "xleads_wide.csv"),
    Case(
        "propwire", "propwire.csv",
        ours={
            "reject": (0, "the line of totals is a footer, as it is in the hand-kept list"),
            "footer": (1, "the line of totals is a footer, as it is in the hand-kept list"),
        },
        rejected={16: RowVerdict.FOOTER}, said={11: "padded to 01109", 15: "matched by APN + county"},
    ),
    Case("propertyradar", "propertyradar.csv", said={7: "ET AL", 8: "deceased"}),
    Case("datasift", "datasift_upload.csv"),
    Case("tracerfy_result", "tracerfy_result.csv"),
    Case(
        "tracerfy_dnc", "tracerfy_dnc.csv", reasons={22: "it has 7 digits"},
        said={8: "unknown, never clean", 13: "unknown, never clean"},
    ),
    Case(
        "florida_nal", "fl_nal.csv",
        said={
            1: "nominal, not a price", 3: "estate", 6: "second owner is unknown", 7: "life estate",
            9: "no house number",
        },
    ),
    Case(
        "court_cases", "probate_court_semicolon.csv",
        ours={"people": (19, "who asks to be the guardian of a living ward is a fiduciary, nobody to contact")},
        said={6: "law office", 12: "nobody died", 13: "nobody died"},
    ),
    Case(
        "california_petitions", "ca_petitions.csv",
        said={
            2: "no real estate", 3: "no real estate", 5: "the attorney's number", 8: "no real estate",
            9: "case kept, no lead yet",
        },
    ),
    Case(
        None, "handkept_list.xlsx", options=Options(state="MI"),
        said={
            2: "damaged by a spreadsheet", 4: "padded to 08901",
            6: "deceased", 9: "beside the number", 12: "Excel serial: 2025-09-04",
            13: "asks not to be contacted",
        },
    ),
)  # fmt: skip
"""``propstream_property`` has a file of its own."""


def rows_of(db: Database, owner: Principal, report: Report) -> dict[int, RowReport]:
    with db.begin(owner.org_id) as uow:
        return {row.row: row for row in imports.rows(uow, owner, report.id, limit=200).rows}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_file_is_read_as_the_fixture_says(case: Case, take: Importer, db: Database, owner: Principal) -> None:
    report = take(case.path, write=False, options=case.options)
    rows = rows_of(db, owner, report)
    assert report.layout == case.layout
    assert report.confidence >= (0.9 if case.layout else 0.0)
    assert bool(report.doubtful) is (case.layout is None)
    _counts_are_expected(case, report)
    _rejects_are_expected(case, rows)
    merged = {
        row: (rows[row].verdict, rows[row].same_as_row) for row in (one["row"] for one in case.expected["duplicates"])
    }
    assert merged == {
        one["row"]: (RowVerdict.DUPLICATE, one["same_property_as_row"]) for one in case.expected["duplicates"]
    }
    said = {row: words in "; ".join(rows[row].warnings) for row, words in case.said.items()}
    assert said == dict.fromkeys(case.said, True)
    different = {
        record["row"]: _Record(rows, record["row"], case.path).differs(record)
        for record in case.expected["expected_records"]
        if record["row"]
    }
    assert different == {row: {} for row in different}


def _counts_are_expected(case: Case, report: Report) -> None:
    counts, expected = report.counts, case.expected["counts"]
    wanted = {ours: expected[theirs] for ours, theirs in SAME.items() if theirs in expected}
    wanted |= {name: count for name, (count, _) in case.ours.items()}
    assert {name: counts[name] for name in wanted} == wanted
    closed = counts["duplicate"] + counts["reject"] + counts["blank"] + counts["footer"]
    assert counts["data_rows"] == counts["accepted"] + closed


def _rejects_are_expected(case: Case, rows: dict[int, RowReport]) -> None:
    for one in case.expected["rejected"]:
        row = rows[one["row"]]
        assert row.verdict is case.rejected.get(one["row"], RowVerdict.REJECT)
        assert row.raw is not None
        if row.verdict is RowVerdict.REJECT:
            assert str(case.reasons.get(one["row"], one["reason"])) in "; ".join(row.reasons)
    rejected = {row.row for row in rows.values() if row.verdict is RowVerdict.REJECT} | set(case.rejected)
    assert rejected == {one["row"] for one in case.expected["rejected"]}


@pytest.mark.parametrize("case", [*CASES, Case("propstream_property", "propstream_property.csv")], ids=str)
def test_two_imports_at_once_and_a_third_one_write_everything_once(
    case: Case, take: Importer, db: Database, owner: Principal, uow: UnitOfWork
) -> None:
    checked = [take(case.path, write=False, options=case.options) for _ in range(2)]
    for one in checked:
        with db.begin(owner.org_id) as begun:
            imports.commit(begun, owner, one.id)
    with ThreadPoolExecutor(2) as pool:
        while not all(pool.map(lambda one: imports.run_commit(db, owner.org_id, one.id), checked)):
            pass
    found = uow.connection().execute("select kind, coalesce('+' || e164, address_key) from suppression").fetchall()
    listed = {(KINDS[kind], subject) for kind, subject in case.expected["suppression_list"]}
    assert {(row[0], row[1]) for row in found} == listed
    assert len(found) == len(listed)
    before = counted(uow)
    assert before["lead"] == case.expected["counts"]["leads_created"]
    again = take(case.path, options=case.options)
    assert (again.counts["new"], again.counts["update"]) == (0, 0)
    assert counted(uow) == before


def counted(uow: UnitOfWork) -> dict[str, int]:
    """How many rows there are of each table that an import fills."""
    return {
        table: uow.connection().execute(f"select count(*) from {table}").fetchall()[0][0]  # noqa: S608 names below
        for table in (
            "property", "person", "property_party", "phone", "person_phone", "email_address", "suppression", "lead",
            "lead_list_entry", "lead_tag", "scrub_result",
        )
    }  # fmt: skip


class _Record:
    """What a row would store, in the fixtures' words."""

    def __init__(self, rows: dict[int, RowReport], number: int, path: Path) -> None:
        row = rows[number]
        self.noted = row.verdict is RowVerdict.NOTED
        self.values = row.values or {}
        self.people: list[dict[str, Any]] = self.values.get("owners", [])
        self.phones: list[dict[str, Any]] = self.values.get("phones", [])
        every = [other.values or {} for other in rows.values()]
        self.marked = {one["number"] for values in every for one in values.get("phones", ()) if one["marks"]}
        same = [
            values
            for other, values in zip(rows.values(), every, strict=True)
            if number in {other.row, other.same_as_row}
        ]
        self.lists = sorted({name for values in same for name in values.get("lists", ())})
        head = path.read_bytes()[:4_000].decode("cp1252", "replace")
        self.county = "county" in head.lower() or "CO_NO" in head

    def differs(self, record: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
        """Answer what the fixture says and the row does not, by the fixture's key; both values."""
        out: dict[str, tuple[Any, Any]] = {}
        for name, wanted in record.items():
            read = getattr(self, f"of_{name}", None)
            if read is not None and (found := read(wanted)) != wanted:
                out[name] = (wanted, found)
        return out

    def named(self, *roles: str, kind: str | None = None) -> list[str]:
        return sorted(
            {one["name"] for one in self.people if one["role"] in roles and (kind is None or one["kind"] == kind)}
        )

    def of_property(self, wanted: dict[str, Any]) -> dict[str, Any]:
        # A county that stands in no column of the file is not guessed from the ZIP code.
        return {
            name: self.values.get(name) if name != "zip" else str(self.values.get("zip"))[:5]
            for name in wanted
            if name != "county" or self.county
        } | ({} if self.county else {"county": wanted.get("county")} if "county" in wanted else {})

    def of_lead(self, wanted: dict[str, Any] | None) -> dict[str, Any] | None:
        return None if self.noted else self.of_property(wanted or {})

    def of_apn(self, _: str) -> str:
        return self.values["apn"]

    of_parcel = of_apn

    def of_owner(self, wanted: str) -> str:
        return wanted if wanted in self.named("owner") else str(self.named("owner"))

    def of_person(self, wanted: str) -> str | None:
        return wanted if wanted in [one["name"] for one in self.people] else None

    of_contact = of_person

    def of_organisation(self, wanted: object) -> object:
        entities = self.named("owner", kind="entity")
        return (entities[0] if entities else None) if not isinstance(wanted, bool) else bool(entities)

    def of_people(self, _: list[str]) -> list[str]:
        return self.named("owner", "relative", "tenant", "petitioner", "personal_representative", kind="individual")

    def of_decedent(self, _: str | None) -> str | None:
        return next(iter(self.named("decedent")), None)

    def of_decedents(self, _: list[str]) -> list[str]:
        return self.named("decedent")

    def of_ward(self, _: str | None) -> str | None:
        return next(iter(self.named("ward")), None)

    def of_attorney(self, wanted: str) -> str | None:
        return wanted if wanted in self.named("attorney") else None

    def of_personal_representative(self, _: str | None) -> str | None:
        return next(iter(self.named("personal_representative")), None)

    def of_petitioner(self, _: str | None) -> str | None:
        return next(iter(self.named("petitioner", "fiduciary")), None)

    def of_contactable(self, _: list[str]) -> list[str]:
        return self.named("owner", "petitioner", "personal_representative", "heir", "relative")

    def of_mailing(self, wanted: dict[str, str]) -> dict[str, str]:
        first = self.people[0]
        return {name: first[f"mailing_{name}"] for name in wanted}

    of_petitioner_mail = of_mailing

    def of_phones(self, wanted: list[str] | dict[str, list[str]]) -> list[str] | dict[str, list[str]]:
        if isinstance(wanted, list):
            return sorted({one["number"] for one in self.phones})
        by_name: dict[str, set[str]] = {}
        for one in self.phones:
            whose = next(person["name"] for person in self.people if person["position"] == one["position"])
            by_name.setdefault(whose, set()).add(one["number"])
        return {name: sorted(numbers) for name, numbers in by_name.items()}

    def of_suppressed(self, _: list[str]) -> list[str]:
        return sorted(self.marked & {one["number"] for one in self.phones})

    def of_phone(self, _: str) -> str:
        return self.phones[0]["number"]

    def of_primary(self, _: str | None) -> str | None:
        return self.phones[0]["number"] if self.phones else None

    def of_email(self, _: str | None) -> str | None:
        return next(iter(self.values.get("emails") or ()), None)

    def of_lists(self, _: list[str]) -> list[str]:
        return self.lists

    def of_est_value(self, _: int) -> float:
        return self.values["estimated_value"] / 100

    of_just_value = of_est_value

    def of_est_equity(self, _: int) -> float:
        return self.values["estimated_equity"] / 100

    def of_beds(self, _: float | None) -> float | None:
        return self.values.get("bedrooms")

    def of_lat(self, _: float) -> float:
        return self.values["latitude"]

    def of_lon(self, _: float) -> float:
        return self.values["longitude"]

    def of_attorney_is_contact(self, _: object) -> bool:
        return any(
            one["number"] and person["role"] == "attorney"
            for person in self.people
            for one in self.phones
            if one["position"] == person["position"]
        )

    def of_date_of_death(self, _: str | None) -> str | None:
        return self.values.get("decedent_died_on")
