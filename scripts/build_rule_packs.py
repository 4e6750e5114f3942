"""Build ``leadflow/compliance/packs/*.yaml`` from the reading notes in ``scripts/sources``.

Run by hand when the notes change: ``uv run scripts/build_rule_packs.py``. The notes are tables of state hours
with citation, source and confidence; what they say in prose (holidays by name, consent, switches) is written
here as data. A row that a note marks as not to be loaded is left out. Not legal advice.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "scripts" / "sources"
PACKS = ROOT / "leadflow" / "compliance" / "packs"

Entry = dict[str, Any]

CHANNELS = {"both": ["text", "call"], "call": ["call"]}
HOLIDAYS_BY_NAME = {
    "LA": ["01-08", "robert-e-lee", "easter-2", "12-26", "election-day"],
    "PA": ["easter-2", "06-14", "election-day"],
    # R.I. Gen. Laws 25-1-1; a day of the last five is kept on the Monday after a weekend that it falls on.
    "RI": ["election-day", "05-04/sun", "01-01/sat-sun", "07-04/sat-sun", "11-11/sat-sun", "12-25/sat-sun"],
}
"""Days that the notes name and that the public calendar of the state lacks."""

UNREVIEWED = None
"""``reviewed_by`` of every entry until counsel has signed it."""


def read(name: str) -> list[dict[str, str]]:
    """Read one table of notes."""
    with (SOURCES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day_of(text: str) -> str | None:
    """Take the date that a note begins with; anything else is no date."""
    found = re.match(r"\d{4}-\d{2}-\d{2}", text)
    return found[0] if found else None


def span(row: dict[str, str], day: str) -> str:
    """Write the hours of a kind of day."""
    start, end = row[f"{day}_start"], row[f"{day}_end"]
    return "none" if start == "none" else f"{start}-{end}"


def entry(kind: str, jurisdiction: str, row: dict[str, str], **body: object) -> Entry:
    """Give a provision its body and its provenance."""
    key = ".".join(filter(None, [jurisdiction.lower(), kind.replace("_", "-"), row.get("variant", "")]))
    return {
        "key": key,
        "kind": kind,
        "jurisdiction": jurisdiction,
        "channels": list(CHANNELS.get(row.get("channel", "both"), ["text", "call"])),
        **body,
        "citation": row["citation"],
        "source": row["source"],
        "effective_from": day_of(row.get("effective_from", "")),
        "effective_to": day_of(row.get("effective_to", "")),
        "confidence": row["confidence"],
        "reviewed_by": UNREVIEWED,
        "note": row.get("note", ""),
    }


def hours(row: dict[str, str]) -> Entry:
    """Make the hours of a row, with the holidays on which they are none."""
    where = row["jurisdiction"]
    closed = row["holidays_prohibited"].startswith("yes")
    zone = "America/Chicago" if row.get("variant") == "central_reading" else None
    return entry(
        "hours",
        where,
        row,
        hours={name: span(row, day) for name, day in (("weekday", "weekday"), ("saturday", "sat"), ("sunday", "sun"))},
        holidays=["US", f"US-{where}", *HOLIDAYS_BY_NAME.get(where, [])] if closed else [],
        zone=zone,
    )


def caps(row: dict[str, str]) -> list[Entry]:
    """Make the cap of a row, if it has one that binds more than automated devices."""
    found = re.match(r"(\d+) per (\d+)h", row["call_cap"])
    if not found or "automated" in row["call_cap"]:
        return []
    return [entry("cap", row["jurisdiction"], row, count=int(found[1]), hours=int(found[2]))]


def law(kind: str, where: str, citation: str, source: str, confidence: str, note: str = "", **body: object) -> Entry:
    """Write a provision that the notes hold as prose."""
    row = {"citation": citation, "source": source, "confidence": confidence, "note": note}
    row["effective_from"] = str(body.pop("effective_from", ""))
    return entry(kind, where, row, **body)


FEDERAL = [
    law(
        "scrub", "US", "16 CFR 310.4(b)(3)(iv); 47 CFR 64.1200(c)(2)(i)(D)",
        "federal.elaws.us 04-6830 ; docs.justia.com FCC 04-204", "high",
        "A number must be clean in a registry version no older than 31 days; waived by written consent only.",
        list="national_dnc", max_age_days=31, waived_by="written_consent",
    ),
    law(
        "basis", "US", "47 CFR 64.1200(f)(5)", "telemarketing.donotcall.gov/faq/faqbusiness.aspx", "high",
        "Established business relationship by inquiry.", basis="inquiry", months=3,
    ),
    law(
        "basis", "US", "47 CFR 64.1200(f)(5)", "telemarketing.donotcall.gov/faq/faqbusiness.aspx", "high",
        "Established business relationship by transaction.", basis="existing_relationship", months=18,
    ),
    law(
        "keywords", "US", "47 CFR 64.1200(a)(10)",
        "jdsupra.com/legalnews/fcc-issues-one-year-limited-waiver-of-9458629 ; manatt.com/insights/newsletters/tcpa-connect/fcc-adopts-revocation-rules",
        "high", "The seven per-se words, what carriers add, and Spanish by the reasonable-person test.",
        effective_from="2025-04-11",
        words=["stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe", "stop all", "stopall", "optout",
               "opt-out", "remove", "arret", "td", "alto", "pare", "basta", "cancelar", "no mas"],
    ),
]  # fmt: skip

WRITTEN_CONSENT = [
    law(
        "written_consent", "CT", "Conn. Gen. Stat. 42-288a, 42-289 (P.A. 23-98)",
        "tcpadefenseforce.com ; tcpaworld.com 2023-06-28", "high",
        "Any telephonic sales call, text included; a CT area code is presumed in state.",
        effective_from="2023-10-01",
    ),
    law(
        "written_consent", "FL", "Fla. Stat. 501.059(1), (8)(a)",
        "flsenate.gov/Committees/BillSummaries/2023/html/3034", "high",
        "The ban needs automated selection and dialing; whether a platform is that is for counsel, so consent is asked.",
        effective_from="2021-07-01",
    ),
    law(
        "written_consent", "NJ", "N.J.S.A. 56:8-130", "secondary lists only", "medium",
        "Reported ban on unsolicited sales calls to mobile phones; counsel must rule.",
    ),
]  # fmt: skip

EMERGENCY = [
    law(
        "emergency", "LA", "La. R.S. 29:721; LPSC General Order R-29617", "lpsc.louisiana.gov/DNC_Emergency", "high",
        "All solicitation is barred while an emergency is declared in which LPSC reports to the EOC.", declared=False,
    ),
    law(
        "emergency", "NY", "N.Y. Gen. Bus. Law 399-z(5-a)", "nysenate.gov/legislation/laws/GBS/399-Z", "medium",
        "No unsolicited telemarketing in the area of a declared state of emergency.", declared=False,
    ),
]  # fmt: skip

ORGANIZATION = [
    law(
        "cap", "US", "own policy, no law", "own choice", "high",
        "Texts and calls to one person over all campaigns, users and numbers.", count=3, hours=24,
    ) | {"key": "organization.cap.day"},
    law(
        "cap", "US", "own policy, no law", "own choice", "high",
        "Texts and calls to one person over all campaigns, users and numbers.", count=6, hours=168,
    ) | {"key": "organization.cap.week"},
    law(
        "closing_margin", "US", "own policy, no law", "own choice", "high",
        "The last text leaves this long before a window closes, so that a slow carrier does not deliver after it.",
        minutes=5,
    ) | {"key": "organization.closing-margin"},
    *(
        law("sensitivity", "US", "own policy, no law", "own choice", "high", note, **said)
        | {"key": f"organization.sensitivity.{key}"}
        for key, note, said in (
            ("death", "A family is left alone this long after a death.", {"days": 30, "after": "death"}),
            ("filing", "A family is left alone this long after probate was filed.", {"days": 30, "after": "filing"}),
            (
                "spouse-death",
                "The surviving spouse is left alone longer.",
                {"days": 90, "after": "death", "surviving_spouse": True},
            ),
            (
                "spouse-filing",
                "The surviving spouse is left alone longer.",
                {"days": 90, "after": "filing", "surviving_spouse": True},
            ),
        )
    ),
    law(
        "reassigned", "US", "47 CFR 64.1200(m)", "own choice; the safe harbour asks for a correct answer of no", "high",
        "Set required to true, and a basis older than after_days needs a look-up that found the number not reassigned "
        "since the day of the basis, not older than max_age_days.",
        required=False, after_days=90, max_age_days=30,
    ) | {"key": "organization.reassigned"},
]  # fmt: skip


def write(name: str, title: str, provisions: list[Entry]) -> None:
    """Write one pack."""
    document = {"name": name, "title": title, "provisions": provisions}
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    (PACKS / f"{name}.yaml").write_text(text, encoding="utf-8")


def main() -> None:
    """Write the three packs."""
    rows = read("state_windows.csv")
    extra = [row for row in read("state_windows_extra.csv") if "Do not load" not in row["note"]]
    federal = [hours(row) for row in rows if row["jurisdiction"] == "US"]
    states = [hours(row) for row in rows if row["jurisdiction"] != "US"]
    states += [cap for row in rows for cap in caps(row)]
    states += [hours(row) for row in extra]
    keyed = [item | {"key": f"us.basis.{item['basis']}"} if item["kind"] == "basis" else item for item in FEDERAL]
    write("federal", "Federal: TCPA, TSR and FCC rules", federal + keyed)
    write("states", "States, the District and territories", states + WRITTEN_CONSENT + EMERGENCY)
    write("organization", "The organisation's own limits", ORGANIZATION)


if __name__ == "__main__":
    main()
