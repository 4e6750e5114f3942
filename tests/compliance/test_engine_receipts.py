"""A receipt byte by byte, without a database."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from leadflow.compliance.rules import gate, receipts
from leadflow.compliance.rules.keys import phone_key
from leadflow.compliance.rules.policy import campaign_window, compile_policy, policy_digest, shipped
from leadflow.compliance.types import Facts, Place, Recipient, RuleResult, Sending, WrittenRule
from models.vocabulary import (
    Basis,
    CampaignState,
    Channel,
    LineType,
    Purpose,
    RegistrationState,
    RuleOutcome,
    Verdict,
)

NOON = datetime(2026, 12, 2, 18, tzinfo=UTC)
POLICY = compile_policy(shipped(), Channel.TEXT, date(2026, 12, 2))
ORG, DECISION, ACTOR = UUID(int=1), UUID(int=2), UUID(int=3)
PLAIN = Sending(purpose=Purpose.CHECK, channel=Channel.TEXT, paused=False)
OWN = campaign_window(datetime.min.time().replace(hour=9), datetime.min.time().replace(hour=11), range(7))
FULL = Sending(
    purpose=Purpose.CAMPAIGN,
    channel=Channel.TEXT,
    paused=True,
    campaign_id=UUID(int=4),
    step=2,
    campaign_state=CampaignState.RUNNING,
    basis=Basis.INQUIRY,
    window=OWN,
    send_before=NOON,
    sender_id=UUID(int=5),
    registration=RegistrationState.PENDING,
    sender_disabled=True,
    budget_left=0,
)
HERE = frozenset({Place("IL", "America/Chicago"), Place("CA", "America/Los_Angeles")})


def _written(facts: Facts, recipient: Recipient, at: datetime = NOON, actor: UUID | None = None) -> dict[str, Any]:
    heading = receipts.Heading(ORG, at, POLICY, shipped(), actor)
    found = gate.decide(facts, POLICY, at)
    body = receipts.body(heading, DECISION, recipient, facts, found, b"\x01\x02")
    document = orjson.loads(body)
    assert orjson.dumps(document, option=orjson.OPT_SORT_KEYS) == body
    return document


def test_a_receipt_says_everything_that_is_known() -> None:
    facts = Facts(
        sending=FULL,
        e164="+13125550105",
        line_type=LineType.UNKNOWN,
        phone_status="correct",
        lead_status="new",
        person_known=True,
        person_kind="individual",
        deceased=True,
        decedent=True,
        roles=("owner",),
        suppressions=("review",),
        opted_out_at=NOON,
        national="clean",
        national_at=NOON,
        unchanged_at=NOON,
        unchanged_since=NOON,
        listed=("state_dnc",),
        consent_ids=(UUID(int=9),),
        written_at=NOON,
        relationship_at=NOON,
        inquiry_at=NOON,
        consent_revoked=True,
        consent_lapsed=True,
        touches=(NOON,),
        already=True,
        inbound_at=NOON,
        died_on=date(2026, 11, 1),
        death_undated=True,
        filed_on=date(2026, 11, 2),
        surviving_spouse=True,
        send_before=NOON,
        places=HERE,
        zip5="60601",
        property_state="IL",
        mailing_state="CA",
        billing_state="IL",
    )
    everybody = Recipient(*(UUID(int=10 + n) for n in range(4)), e164="+13125550105", message_id=UUID(int=14))
    said = _written(facts, everybody, actor=ACTOR)
    now = "2026-12-02T18:00:00+00:00"
    reasons = said.pop("reasons")
    assert reasons == list(gate.decide(facts, POLICY, NOON).reasons)
    assert {"kill_switch", "line_known", "campaign_hours"} <= set(reasons)
    assert said == {
        "format": 2,
        "id": str(DECISION),
        "org": str(ORG),
        "at": now,
        "policy": policy_digest(pack.digest for pack in shipped()),
        "book": receipts.BOOK_DIGEST,
        "ask": {
            "actor": str(ACTOR),
            "campaign": str(UUID(int=4)),
            "channel": "text",
            "purpose": "campaign",
            "step": 2,
        },
        "subject": {
            "lead": str(UUID(int=10)),
            "message": str(UUID(int=14)),
            "person": str(UUID(int=12)),
            "phone": str(UUID(int=13)),
            "phone_key": "0102",
            "property": str(UUID(int=11)),
        },
        "facts": {
            "sending": {
                "budget_left": 0,
                "campaign_basis": "inquiry",
                "campaign_send_before": now,
                "campaign_state": "running",
                "organisation_paused": True,
                "sender": str(UUID(int=5)),
                "sender_disabled": True,
                "sender_registration": "pending",
            },
            "line_type": "unknown",
            "phone_status": "correct",
            "lead_status": "new",
            "person_known": True,
            "person_kind": "individual",
            "deceased": True,
            "decedent": True,
            "roles": ["owner"],
            "suppressions": ["review"],
            "opted_out_at": now,
            "national_dnc": "clean",
            "national_dnc_at": now,
            "not_reassigned_at": now,
            "not_reassigned_since": now,
            "listed": ["state_dnc"],
            "consents": [str(UUID(int=9))],
            "written_consent_at": now,
            "relationship_at": now,
            "inquiry_at": now,
            "consent_revoked": True,
            "consent_lapsed": True,
            "contacts": [now],
            "already_sent": True,
            "inbound_at": now,
            "died_on": "2026-11-01",
            "death_undated": True,
            "probate_filed_on": "2026-11-02",
            "surviving_spouse": True,
            "send_before": now,
            "places": ["CA America/Los_Angeles", "IL America/Chicago"],
            "zip5": "60601",
            "property_state": "IL",
            "mailing_state": "CA",
            "billing_state": "IL",
        },
        "verdict": "blocked",
        "unknown": ["line_known"],
        "closed": ["campaign.hours America/Chicago after_close"],
    }


def test_what_is_not_known_is_left_out() -> None:
    said = _written(Facts(sending=PLAIN, e164=None), Recipient())
    assert said["ask"] == {"channel": "text", "purpose": "check"}
    assert said["subject"] == {"phone_key": "0102"}
    assert said["facts"] == {"sending": {}}
    assert "closed" not in said
    assert "later_at" not in said
    assert set(said["unknown"]) == {"role", "line_known", "scrub_known", "location_known"}
    assert said["unknown"] == [name for name in said["reasons"] if name in said["unknown"]]
    assert receipts.inputs(Facts(sending=FULL, e164=None, zip5="1"))["zip5"] == "1"
    assert orjson.loads(orjson.dumps(receipts.inputs(Facts(sending=FULL, e164=None))))["sending"]["budget_left"] == 0


def test_a_contact_that_may_come_later_says_when_and_what_is_closed() -> None:
    facts = Facts(
        sending=Sending(
            purpose=Purpose.CHECK, channel=Channel.TEXT, paused=False, registration=None, basis=Basis.WRITTEN_CONSENT
        ),
        e164="+13125550105",
        line_type=LineType.MOBILE,
        person_known=True,
        roles=("owner",),
        written_at=NOON - timedelta(days=9),
        places=HERE,
    )
    noon = _written(facts, Recipient())
    assert noon["verdict"] == Verdict.SENDABLE
    assert noon.keys().isdisjoint({"reasons", "unknown", "later_at", "closed"})
    night = _written(facts, Recipient(), datetime(2026, 12, 3, 3, tzinfo=UTC))
    assert night["verdict"] == Verdict.LATER
    assert night["reasons"] == ["quiet_hours"]
    assert night["later_at"] == "2026-12-03T16:00:00+00:00"
    assert "unknown" not in night
    assert night["closed"] == sorted(night["closed"])
    assert "us.hours America/Chicago after_close" in night["closed"]


RULES = (WrittenRule("a", "A.", "law a"), WrittenRule("b", "B.", "law b"), WrittenRule("c", "C.", "law c"))


def test_outcomes_are_read_back() -> None:
    found = receipts.results({"format": 2, "reasons": ["a", "c"], "unknown": ["c"]}, RULES)
    assert found == (
        RuleResult("a", RuleOutcome.FAIL, "A.", "law a"),
        RuleResult("b", RuleOutcome.PASS, "B.", "law b"),
        RuleResult("c", RuleOutcome.UNKNOWN, "C.", "law c"),
    )
    assert {one.outcome for one in receipts.results({"format": 2}, RULES)} == {RuleOutcome.PASS}


def test_the_first_format_is_still_read() -> None:
    lists = {"pass": ["b", "gone"], "fail": ["a"], "unknown": []}
    expected = (
        RuleResult("a", RuleOutcome.FAIL, "A.", "law a"),
        RuleResult("b", RuleOutcome.PASS, "B.", "law b"),
        RuleResult("gone", RuleOutcome.PASS, "gone", ""),
    )
    assert receipts.results({"rules": lists}, RULES) == expected
    assert receipts.results({"format": 1, "rules": lists}, RULES) == expected


def test_a_book_is_named_by_the_hash_of_its_text() -> None:
    assert receipts.written(gate.RuleBook(gate.RULES[:1])) == (
        WrittenRule(gate.RULES[0].name, gate.RULES[0].sentence, gate.RULES[0].citation),
    )
    assert len(receipts.written()) == len(gate.RULES)
    expected = hashlib.sha256(b'[["a","A.","law a"],["b","B.","law b"],["c","C.","law c"]]').hexdigest()
    assert receipts.book_digest(RULES) == expected
    assert receipts.book_digest(receipts.written()) == receipts.BOOK_DIGEST


def test_a_number_stands_in_a_receipt_by_its_keyed_hash() -> None:
    for pepper in (b"one", b"other"):
        for number in ("+13125550105", "+13125550106"):
            assert phone_key(pepper, number) == hmac.digest(pepper, number.encode(), "sha256")
