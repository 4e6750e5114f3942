"""What a pack says of itself to whoever opens it first. Pure."""

from __future__ import annotations

from leadflow.evidence.types import Heading

TEXT = """\
EVIDENCE PACK
=============

About:        {about}
Organization: {organization}
Asked for:    {asked_at} UTC by {asked_by}
Made by:      LeadFlow {version}

Read summary.html (any browser, offline) or summary.pdf first.

CHECK IT
--------

    python3 -I -S verify.py

in this folder. It needs Python 3.8 or newer and nothing else: no network, no LeadFlow. It ends with "the pack holds",
or names the file, the line and the position that do not hold. With the key of the seals (--key-file FILE) it also
checks who signed them; with a list of anchors that was kept elsewhere (--anchors FILE) it compares the seals with
those.

Rather than the verify.py in here, a careful reader uses one that came another way: from another pack, or from the
sources of LeadFlow. It is one short file of standard Python, written to be read.

WHAT IS IN IT
-------------

  manifest.json               the question, the head of the chain, and the SHA-256 of every file
  manifest.sha256             the SHA-256 of the manifest
  record/receipts.jsonl       each decision to send or not to send: what was known, what each rule said, the verdict;
                              with its place in the record and its path up to a signed root
  record/events.jsonl         acts of people and of the system that touch the subject, proved alike
  record/seals.jsonl          the signed roots; each names the signature of the one before
  record/anchors.jsonl        copies of those seals that were kept outside the database
  rules/books/                the rules by which was decided, each book named by its SHA-256; a receipt names its book
  rules/policies/, packs/     the legal texts in force at each decision, named alike
  ledger/                     people, numbers, consents with their artefacts, suppressions, look-ups in lists
  messages/                   texts that went out or did not, what the carrier said of them, and texts that came in
  tables/                     the same as tables for spreadsheets; a cell that could run as a formula begins with '

WHAT IT PROVES, AND WHAT IT DOES NOT
------------------------------------

Receipts and events stand in one chain of hashes, sealed within seconds, signed, and anchored outside the database. None
of them can be changed, removed, inserted or backdated afterwards without breaking the chain, a signature or an anchor.
The receipts hold the keyed hash of the number, not the number.

The rows in ledger/ and messages/ are the database as it stood when this pack was made; the manifest keeps them as they
were handed over, and the receipts name the consents and lists that they rest on. Instants are UTC.

This pack holds real names, numbers and words. Keep it as you keep a file of a court.
"""


def readme(heading: Heading) -> str:
    """Write README.txt."""
    return TEXT.format(
        about=heading.about,
        organization=heading.organization,
        asked_at=f"{heading.asked_at:%Y-%m-%d %H:%M:%S}",
        asked_by=heading.asked_by,
        version=heading.version,
    )
