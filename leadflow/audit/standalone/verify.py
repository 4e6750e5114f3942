"""Check an evidence pack without LeadFlow: Python 3.8 or newer, standard library only, no network.

    python3 verify.py [FOLDER] [--key-file FILE] [--anchors FILE] [--json]

FOLDER is the unpacked pack; without it, the folder of this file. It checks that

* every file is the one that the manifest names, and there is no other (manifest.json, manifest.sha256),
* every receipt and event hashes to its digest, stands at its place in the chain, and leads by its path to the Merkle
  root of its seal (record/receipts.jsonl, record/events.jsonl),
* every seal names the signature of the one before and begins where that one ended (record/seals.jsonl), and agrees with
  the anchors that were kept outside the database (record/anchors.jsonl, and FILE of --anchors),
* the rules that a receipt names agree with its verdict, and the rule texts that it names are those in rules/,
* what a consent rests on hashes to what the ledger says (ledger/artefacts).

A seal is signed with a secret key (HMAC-SHA256). Whoever keeps the key passes it with --key-file: the text of the key,
or a JSON object of key names and keys. Without it the signatures are not checked, and this is said.

It ends with 0 where everything holds, with 1 where something does not (each finding names file, line and position),
and with 2 where there is nothing to check.
"""

# pyright: basic
from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import sys
from functools import lru_cache
from pathlib import Path

ZERO = bytes(32)
MOST = 50
"""Findings that are told; the rest is counted."""
MANIFEST, MANIFEST_SUM = "manifest.json", "manifest.sha256"
RECEIPTS, EVENTS = "record/receipts.jsonl", "record/events.jsonl"
SEALS, ANCHORS = "record/seals.jsonl", "record/anchors.jsonl"
CONSENTS, ARTEFACTS = "ledger/consents.jsonl", "ledger/artefacts"
FORMATS = (1, 2)
"""Formats of a receipt: 1 names every rule; 2 those that stood against it, and the book of rules by its digest."""
MALFORMED = (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError)


class Findings:
    """What did not hold, and how much was checked."""

    def __init__(self):
        self.told = []
        self.count = 0
        self.notes = []
        self.checked = {}

    def add(self, file, what, line=None, position=None):
        """Note that something does not hold."""
        self.count += 1
        if self.count <= MOST:
            self.told.append({"file": file, "line": line, "position": position, "what": what})

    def passed(self, what, count=1):
        """Count what was checked."""
        self.checked[what] = self.checked.get(what, 0) + count


def sha256(content):
    """Hash bytes."""
    return hashlib.sha256(content).digest()


@lru_cache(maxsize=1024)
def sha256_of_text(path):
    """Hash a rule text once, however many receipts name it."""
    return sha256_of_file(path)


def sha256_of_file(path):
    """Hash a file piece by piece, hexadecimal."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            found.update(piece)
    return found.hexdigest()


def canonical(document):
    """Write a document in one way only: sorted keys, no spaces, UTF-8."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def rows_of(folder, name, findings):
    """Read a file of JSON lines: number of the line and the row. A line that is none is a finding."""
    path = folder / name
    if not path.is_file():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line.decode())
            except ValueError:
                row = None
            if isinstance(row, dict):
                yield number, row
            else:
                findings.add(name, "this line is no JSON object", number)


# The files


def check_files(folder, findings):
    """Hold every file against the manifest; answer the manifest."""
    try:
        raw = (folder / MANIFEST).read_bytes()
    except OSError:
        findings.add(MANIFEST, "is missing")
        return {}
    said = folder / MANIFEST_SUM
    if not said.is_file() or said.read_bytes() != (hashlib.sha256(raw).hexdigest() + "\n").encode():
        findings.add(MANIFEST, "does not hash to what manifest.sha256 says: one of the two was changed")
    try:
        manifest = json.loads(raw.decode())
        files = dict(manifest["files"])
    except MALFORMED:
        findings.add(MANIFEST, "cannot be read")
        return {}
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for name in sorted(present - set(files) - {MANIFEST, MANIFEST_SUM}):
        findings.add(name, "is not in the manifest")
    for name, entry in sorted(files.items()):
        if name not in present:
            findings.add(name, "is missing")
        elif sha256_of_file(folder / name) != entry.get("sha256"):
            findings.add(name, "was changed: it does not hash to what the manifest says")
        else:
            findings.passed("files")
    return manifest


# The record


def body_of(row):
    """Answer the exact bytes that were hashed."""
    return base64.b64decode(row["body_base64"], validate=True) if "body_base64" in row else row["body"].encode()


def root_from(digest, index, size, path):
    """Fold a digest with its neighbours into a root; None where their number does not fit."""
    node, rest = sha256(b"\x00" + digest), list(path)
    while size > 1:
        if index ^ 1 < size:
            if not rest:
                return None
            neighbour = rest.pop(0)
            node = sha256(b"\x01" + (neighbour + node if index % 2 else node + neighbour))
        index, size = index // 2, (size + 1) // 2
    return None if rest else node


def seal_body(org, row):
    """Write what a seal signs."""
    names = ("number", "first", "last", "root", "head", "previous", "sealed_at")
    return canonical(dict({name: row[name] for name in names}, org=org))


def check_seals(folder, manifest, keys, findings):
    """Walk the seals; answer them by number."""
    seals, before = {}, None
    org = manifest.get("organization", {}).get("id")
    whole = manifest.get("seals", {}).get("whole", True)
    for line, row in rows_of(folder, SEALS, findings):
        try:
            fault = seal_fault(row, before, org, keys, whole=whole)
        except MALFORMED:
            fault = "cannot be read"
        if fault:
            findings.add(SEALS, "seal {}: {}".format(row.get("number"), fault), line, row.get("first"))
        else:
            findings.passed("seals")
        seals[row.get("number")] = before = row
    head = manifest.get("head") or {}
    if head:
        named = seals.get(head.get("number"), {})
        if before is not named or any(named.get(name) != value for name, value in head.items()):
            findings.add(SEALS, "does not end with the chain head that the manifest names", None, head.get("last"))
    return seals


def seal_fault(row, before, org, keys, *, whole):
    """Say what is wrong with a seal, or None."""
    if not 1 <= row["first"] <= row["last"]:
        return "covers no entries"
    if row["number"] == 1 and (row["previous"] != ZERO.hex() or row["first"] != 1):
        return "is the first and does not begin the chain"
    fault = order_fault(row, before, whole=whole) if before is not None else None
    return fault or (signature_fault(row, org, keys) if keys else None)


def order_fault(row, before, *, whole):
    """Say whether a seal does not follow the one before, or None."""
    if row["number"] != before["number"] + 1:
        gap = row["number"] > before["number"] and row["first"] > before["last"]
        return None if gap and not whole else "does not follow the seal before"
    if row["previous"] != before["signature"]:
        return "does not name the signature of the seal before"
    return None if row["first"] == before["last"] + 1 else "does not begin where the seal before ended"


def signature_fault(row, org, keys):
    """Say whether a seal is not signed by its key, or None."""
    key = keys.get(row["key_id"], keys.get(""))
    if key is None:
        return "was signed with a key that is not in the key file"
    signed = hmac.new(key, seal_body(org, row), hashlib.sha256).hexdigest()
    return None if hmac.compare_digest(signed, row["signature"]) else "its signature does not match what it covers"


def check_anchors(folder, name, seals, findings):
    """Hold the copies that were kept outside the database against the seals."""
    for line, row in rows_of(folder, name, findings):
        seal = seals.get(row.get("number"))
        if seal is None:
            continue
        if any(row.get(field) != seal.get(field) for field in ("signature", "head", "last")):
            findings.add(name, "differs from seal {}".format(row.get("number")), line, seal.get("first"))
        else:
            findings.passed("anchors")


def check_record(folder, manifest, seals, findings):
    """Check every receipt and event by itself and against its seal."""
    seen, chains = {}, {}
    for name, kind in ((RECEIPTS, "receipts"), (EVENTS, "events")):
        lines = 0
        for line, row in rows_of(folder, name, findings):
            lines += 1
            position = row.get("position")
            fault = fault_of(folder, name, row, manifest, seals, chains)
            if fault is None and position in seen:
                fault = "stands where {} stands".format(seen[position])
            if fault:
                findings.add(name, fault, line, position)
            else:
                findings.passed(kind)
            seen[str(position) if fault else position] = "{} line {}".format(name, line)
        named = manifest.get("counts", {}).get(kind)
        if lines != named:
            findings.add(name, "holds {} lines, and the manifest names {}".format(lines, named))


def fault_of(folder, name, row, manifest, seals, chains):
    """Say what is wrong with a receipt or event, or None."""
    try:
        fault = entry_fault(row, manifest, seals) or chain_fault(row, seals, chains)
        return fault or (receipt_fault(folder, row, manifest) if name == RECEIPTS else event_fault(row))
    except MALFORMED as error:
        return "cannot be read ({})".format(type(error).__name__)


def entry_fault(row, manifest, seals):
    """Say what is wrong with an entry's hashes, or None."""
    body, digest = body_of(row), bytes.fromhex(row["digest"])
    if sha256(body) != digest:
        return "does not hash to its digest: it was changed"
    seal = seals.get(row["seal"])
    if seal is None:
        return "names seal {}, which is not here".format(row["seal"])
    if not seal["first"] <= row["position"] <= seal["last"]:
        return "stands outside of its seal"
    path = [bytes.fromhex(one) for one in row["path"]]
    root = root_from(digest, row["position"] - seal["first"], seal["last"] - seal["first"] + 1, path)
    if root is None or root.hex() != seal["root"]:
        return "does not lead to the Merkle root of seal {}".format(row["seal"])
    document = json.loads(body.decode())
    if document.get("id") != row["id"] or document.get("org") != manifest["organization"]["id"]:
        return "is the receipt of something else"
    return None


def chain_fault(row, seals, chains):
    """Say whether an entry's link contradicts the entry before it, or the seal that it ends; None if not."""
    position, chain = row["position"], row["chain"]
    before = ZERO.hex() if position == 1 else chains.get(position - 1)
    if before is not None and sha256(bytes.fromhex(before) + bytes.fromhex(row["digest"])).hex() != chain:
        return "the chain does not follow from the entry before"
    seal = seals[row["seal"]]
    if position == seal["last"] and chain != seal["head"]:
        return "the chain does not end with the head of seal {}".format(row["seal"])
    chains[position] = chain
    return None


def event_fault(row):
    """Say whether an event is more than what its body says, or None."""
    document = json.loads(body_of(row).decode())
    return None if document.get("action") else "names no act"


def receipt_fault(folder, row, manifest):
    """Say where a receipt contradicts itself, the pack or the rule texts, or None."""
    document = json.loads(body_of(row).decode())
    if document["format"] not in FORMATS:
        return "is of format {}, which this verifier does not know".format(document["format"])
    fault = verdict_fault(document) or subject_fault(document, manifest.get("query", {}))
    return fault or text_fault(folder, document, manifest.get("absent_rule_texts", []))


def verdict_fault(document):
    """Say whether the verdict does not follow from the rules, or None."""
    verdict, reasons = document["verdict"], document.get("reasons", [])
    rules = document.get("rules", {"fail": reasons, "unknown": []})
    against = list(rules.get("fail", [])) + list(rules.get("unknown", []))
    if verdict not in ("sendable", "later", "blocked") or (verdict == "sendable") != (not against):
        return "says {} with {} rules against it".format(verdict, len(against))
    if sorted(against) != sorted(reasons) or not set(document.get("unknown", [])) <= set(reasons):
        return "names other reasons than the rules that stood against it"
    return "says later and not when" if verdict == "later" and not document.get("later_at") else None


def subject_fault(document, query):
    """Say whether a receipt is about somebody else than the pack, or None."""
    of = query.get("of")
    subject = document.get("subject", {})
    named = {"phone": subject.get("phone_key"), "person": subject.get("person")}
    named["campaign"] = document.get("ask", {}).get("campaign")
    wanted = query.get("phone_key") if of == "phone" else query.get(of)
    return None if of in named and named[of] == wanted else "is about another {} than the pack".format(of)


def text_fault(folder, document, absent):
    """Say which rule text of a receipt is missing or another, or None."""
    policy, book = document["policy"], document.get("book")
    if isinstance(policy, dict):
        digests = list(policy["packs"].values())
    elif policy in absent:
        digests = []
    else:
        digests = sorted(packs_of(folder / "rules" / "policies" / (policy + ".json")).values())
        if sha256("".join(digests).encode()).hex() != policy:
            return "the rule packs are others than those that it names"
    for digest in digests:
        if digest not in absent and sha256_of_text(folder / "rules" / "packs" / (digest + ".json")) != digest:
            return "the text of rule pack {} is another".format(digest)
    if book is None or book in absent:
        return None
    text = folder / "rules" / "books" / (book + ".json")
    if sha256_of_text(text) != book:
        return "the rule book is another"
    return None if set(document.get("reasons", [])) <= rules_in(text) else "names a rule that is not in its rule book"


@lru_cache(maxsize=1024)
def packs_of(path):
    """Read which rule packs a policy is made of: their names and digests."""
    return json.loads(path.read_text("utf-8"))["packs"]


@lru_cache(maxsize=1024)
def rules_in(path):
    """List the names of the rules of a book."""
    return frozenset(rule[0] for rule in json.loads(path.read_text("utf-8")))


# What consents rest on


def check_artefacts(folder, findings):
    """Hold the artefacts of consents against the ledger."""
    kept = folder / ARTEFACTS
    names = {path.name: path for path in kept.iterdir()} if kept.is_dir() else {}
    for name, path in sorted(names.items()):
        if sha256_of_file(path) == name.partition(".")[0]:
            findings.passed("artefacts")
        else:
            findings.add("{}/{}".format(ARTEFACTS, name), "does not hash to its name")
    have = {name.partition(".")[0] for name in names}
    absent = 0
    for _, row in rows_of(folder, CONSENTS, findings):
        wanted = row.get("artefact_sha256")
        absent += bool(wanted and wanted not in have)
    if absent:
        findings.notes.append("{} consents name an artefact that is not in the pack".format(absent))


# The command


def read_keys(path):
    """Read a key file: one key, or a JSON object of names and keys."""
    text = Path(path).read_text("utf-8").strip()
    try:
        ring = json.loads(text)
    except ValueError:
        ring = None
    if isinstance(ring, dict):
        return {str(name): str(key).encode() for name, key in ring.items()}
    return {"": text.encode()}


def verify(folder, keys, anchors):
    """Check a pack; answer what was found."""
    findings = Findings()
    try:
        manifest = check_files(folder, findings)
        seals = check_seals(folder, manifest, keys, findings)
        check_anchors(folder, ANCHORS, seals, findings)
        if anchors is not None:
            check_anchors(anchors.parent, anchors.name, seals, findings)
        check_record(folder, manifest, seals, findings)
        check_artefacts(folder, findings)
    except MALFORMED as error:
        findings.add(MANIFEST, "the pack cannot be read ({})".format(type(error).__name__))
    if not keys:
        findings.notes.append("the seals' signatures were not checked (no key given)")
    if not findings.checked.get("anchors"):
        findings.notes.append("no anchor was compared: the record had none outside the database, or none was given")
    return findings


def main(arguments=None):
    """Check the pack that the arguments name and answer the exit code."""
    parser = argparse.ArgumentParser(description="Check an evidence pack of LeadFlow.")
    parser.add_argument("folder", nargs="?", default=str(Path(__file__).resolve().parent))
    parser.add_argument("--key-file", help="the key of the seals: its text, or a JSON object of names and keys")
    parser.add_argument("--anchors", help="a file of anchors that was kept elsewhere")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    given = parser.parse_args(arguments)
    folder = Path(given.folder)
    if not folder.is_dir():
        print("{} is no folder; unpack the zip first".format(folder), file=sys.stderr)
        return 2
    try:
        keys = read_keys(given.key_file) if given.key_file else {}
    except (OSError, UnicodeError) as error:
        print("the key file cannot be read: {}".format(error), file=sys.stderr)
        return 2
    anchors = Path(given.anchors).resolve() if given.anchors else None
    if anchors is not None and not anchors.is_file():
        print("{} is no file of anchors".format(anchors), file=sys.stderr)
        return 2
    findings = verify(folder, keys, anchors)
    tell(findings, as_json=given.json)
    return 1 if findings.count else 0


def tell(findings, *, as_json):
    """Print what was found."""
    if as_json:
        document = {
            "holds": not findings.count,
            "faults": findings.told,
            "count": findings.count,
            "checked": findings.checked,
            "notes": findings.notes,
        }
        print(json.dumps(document))
        return
    for one in findings.told:
        line = "" if one["line"] is None else " line {}".format(one["line"])
        position = "" if one["position"] is None else " (position {})".format(one["position"])
        print("FAULT {}{}{}: {}".format(one["file"], line, position, one["what"]))
    if findings.count > MOST:
        print("and {} more".format(findings.count - MOST))
    for note in findings.notes:
        print("NOTE  {}".format(note))
    checked = ", ".join("{} {}".format(count, what) for what, count in sorted(findings.checked.items()))
    print("checked: {}".format(checked or "nothing"))
    print("THE PACK DOES NOT HOLD" if findings.count else "the pack holds")


if __name__ == "__main__":
    sys.exit(main())
