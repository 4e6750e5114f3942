"""What passes the gate and what it leaves behind."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import orjson
import pytest
from psycopg import errors

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.compliance.queries import facts as loader
from leadflow.compliance.rules import gate, receipts
from leadflow.compliance.rules.keys import phone_key
from leadflow.compliance.service import books
from leadflow.compliance.service.asking import question
from leadflow.compliance.types import Cleared, DecisionFilter, Later, Recipient, Refused, WrittenRule
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.kernel.errors import NotFound
from models.base import new_id
from models.vocabulary import Purpose, RuleOutcome, Suppress, SuppressionKind, Verdict
from tests.compliance.world import NUMBER, PEPPER, World
from tests.owning import as_owner


def _bodies(world: World) -> list[tuple[bytes, bytes, str]]:
    with world.db.begin(world.org) as uow, uow.cursor() as cursor:
        cursor.execute("select body, digest, verdict from decision where org_id = %s order by id", [world.org])
        return [(bytes(row[0]), bytes(row[1]), row[2]) for row in cursor.fetchall()]


def test_the_text_of_this_world_may_go_out(world: World) -> None:
    assert world.assessed().reasons == ()
    assert world.assessed(world.ask(Purpose.CHECK)).verdict is Verdict.SENDABLE
    found = world.cleared()
    assert isinstance(found, Cleared)
    assert (found.message_id, found.e164) == (world.message, NUMBER)
    assert found.expires_at == world.clock.now() + timedelta(minutes=1)


def test_asking_leaves_no_trace(world: World) -> None:
    world.assessed()
    assert _bodies(world) == []


def test_every_answer_is_a_row_with_a_receipt_that_hashes(world: World) -> None:
    world.cleared()
    world.add(world.a_suppression(SuppressionKind.OPT_OUT))
    world.cleared()
    rows = _bodies(world)
    assert [verdict for _, _, verdict in rows] == ["sendable", "blocked"]
    for body, digest, verdict in rows:
        document = orjson.loads(body)
        assert hashlib.sha256(body).digest() == digest
        assert orjson.dumps(document, option=orjson.OPT_SORT_KEYS) == body, "canonical"
        assert document["verdict"] == verdict
        assert document["book"] == receipts.BOOK_DIGEST
        assert "unknown" not in document
        assert document["facts"]["consents"] == [str(world.consent)]
        assert document["facts"]["places"] == ["IL America/Chicago"]
        assert document["subject"]["phone_key"] == phone_key(PEPPER, NUMBER).hex()


def test_a_receipt_names_no_number_and_no_name(world: World) -> None:
    world.cleared()
    body = _bodies(world)[0][0]
    assert NUMBER[1:].encode() not in body
    assert b"Ann Oak" not in body


def test_the_receipt_opens_with_each_rules_outcome_and_says_whether_it_is_sealed(
    world: World, owner: Principal
) -> None:
    world.add(world.a_suppression(SuppressionKind.OPT_OUT))
    answer = world.cleared()
    assert isinstance(answer, Refused)
    with world.db.begin(world.org) as uow:
        found = compliance.receipt(uow, owner, answer.decision_id)
    assert {rule.rule: rule.outcome for rule in found.rules}["opted_out"] is RuleOutcome.FAIL
    assert sum(rule.outcome is not RuleOutcome.PASS for rule in found.rules) == 1
    assert all(rule.citation for rule in found.rules)
    assert not found.sealed
    audit.seal(world.db, world.org)
    with world.db.begin(world.org) as uow:
        assert compliance.receipt(uow, owner, answer.decision_id).sealed
    assert audit.verify(world.db, world.org).whole


def test_a_changed_receipt_is_named_by_the_verifier(world: World) -> None:
    for _ in range(5):
        world.cleared()
    audit.seal(world.db, world.org)
    with as_owner(world.db.url) as connection:
        connection.execute("alter table decision disable trigger user")
        connection.execute(
            "update decision set body = set_byte(body, 40, 0) where org_id = %s and id = "
            "(select source_id from audit_leaf where org_id = %s and position = 3)",
            [world.org, world.org],
        )
        connection.execute("alter table decision enable trigger user")
    fault = audit.verify(world.db, world.org).fault
    assert fault is not None
    assert fault.position == 3


def test_the_database_refuses_to_change_a_decision_but_lets_a_number_be_erased(world: World) -> None:
    world.cleared()
    with as_owner(world.db.url, autocommit=False) as connection, pytest.raises(errors.RestrictViolation):
        connection.execute("update decision set verdict = 'blocked' where org_id = %s", [world.org])
    with as_owner(world.db.url, autocommit=False) as connection, pytest.raises(errors.RestrictViolation):
        connection.execute("delete from decision where org_id = %s", [world.org])
    with as_owner(world.db.url, autocommit=False) as connection:
        assert connection.execute("update decision set e164 = null where org_id = %s", [world.org]).rowcount == 1


def test_texts_cleared_in_one_batch_count_against_each_other(world: World) -> None:
    wanted = [world.recipient(message_id=new_id()) for _ in range(5)]
    with world.db.begin(world.org) as uow:
        found = compliance.clear(uow, wanted, world.ask(), uow.now())
    assert [type(one) for one in found] == [Cleared, Cleared, Cleared, Later, Later]
    assert isinstance(found[3], Later)
    assert found[3].reasons == ("frequency",)


def test_a_batch_is_answered_in_its_own_order(world: World) -> None:
    blocked = world.recipient(message_id=new_id(), person_id=None)
    wanted = [blocked, world.recipient(), blocked._replace(message_id=new_id())]
    with world.db.begin(world.org) as uow:
        found = compliance.clear(uow, wanted, world.ask(), uow.now())
    assert [one.message_id for one in found] == [one.message_id for one in wanted]
    assert [type(one) for one in found] == [Refused, Cleared, Refused]


def test_only_messages_are_cleared(world: World) -> None:
    with world.db.begin(world.org) as uow, pytest.raises(ValueError, match="messages"):
        compliance.clear(uow, [world.recipient(message_id=None)], world.ask(), uow.now())


def test_nothing_of_another_organisation_counts_or_is_seen(
    world: World, make_org: Callable[[str], UUID], owner: Principal
) -> None:
    other = World(world.db, make_org("Other")).build()
    other.add(other.a_suppression(SuppressionKind.OPT_OUT))
    answer = other.cleared()
    assert isinstance(answer, Refused)
    assert isinstance(world.cleared(), Cleared)
    with world.db.begin(world.org) as uow:
        assert len(compliance.decisions(uow, owner, DecisionFilter(), None, 10).rows) == 1
        with pytest.raises(NotFound):
            compliance.receipt(uow, owner, answer.decision_id)


def test_one_by_one_and_all_at_once_the_facts_are_the_same(world: World) -> None:
    others = [_varied(world, number) for number in range(12)]
    recipients = [one.recipient() for one in (world, *others)]
    with world.db.begin(world.org) as uow:
        asked = question(uow, world.ask(), uow.now(), past=False)
        at_once = loader.load(uow, asked.sending, recipients * 60, asked.moment)
        one_by_one = [loader.load(uow, asked.sending, [one], asked.moment)[0] for one in recipients]
    assert len(recipients * 60) > loader.SMALL
    assert at_once == one_by_one * 60
    assert len({gate.decide(fact, asked.policy, world.clock.now()).reasons for fact in one_by_one}) > 5


def _varied(world: World, number: int) -> World:
    """Make one more lead of the same campaign, spoiled in one of several ways."""
    other = World(world.db, world.org, sender=world.sender, campaign=world.campaign, e164=f"+1312555{2000 + number}")
    other.join()
    kinds = [None, *list(SuppressionKind)[:8]]
    if kind := kinds[number % len(kinds)]:
        other.add(other.a_suppression(kind))
    if number % 3 == 0:
        other.sent(timedelta(hours=number + 1))
    return other


class TestRace:
    """An opt-out and a submission take the same lock: whichever commits first is seen by the other."""

    def test_a_submission_waits_for_an_opt_out_that_came_first_and_then_refuses(self, world: World) -> None:
        answers: list[object] = []
        began = threading.Event()

        def submit() -> None:
            began.set()
            answers.append(world.cleared())

        with world.db.begin(world.org) as uow:
            compliance.opt_out(uow, NUMBER, source="inbound", evidence={}, now=uow.now())
            thread = threading.Thread(target=submit)
            thread.start()
            began.wait(5)
            thread.join(0.3)
            assert answers == [], "it waits for the gate"
        thread.join(10)
        assert isinstance(answers[0], Refused)
        assert "opted_out" in answers[0].reasons

    def test_an_opt_out_waits_for_a_submission_that_came_first(self, world: World) -> None:
        done = threading.Event()

        def opt_out() -> None:
            with world.db.begin(world.org) as other:
                compliance.opt_out(other, NUMBER, source="inbound", evidence={}, now=other.now())
            done.set()

        with world.db.begin(world.org) as uow:
            found = compliance.clear(uow, [world.recipient()], world.ask(), uow.now())
            assert isinstance(found[0], Cleared)
            thread = threading.Thread(target=opt_out)
            thread.start()
            assert not done.wait(0.3), "it waits for the gate"
        thread.join(10)
        assert done.is_set()
        assert isinstance(world.cleared(), Refused)

    def test_many_of_both_at_once_never_lock_each_other_out(self, db: Database, world: World) -> None:
        others = [_varied(world, number) for number in (0, 1, 2, 3)]

        def submit() -> None:
            with db.begin(world.org) as uow:
                wanted = [one.recipient(message_id=new_id()) for one in others]
                compliance.clear(uow, wanted, world.ask(), uow.now())

        def opt_out() -> None:
            for one in reversed(others):
                with db.begin(world.org) as uow:
                    compliance.opt_out(uow, one.e164, source="inbound", evidence={}, now=uow.now())

        with ThreadPoolExecutor(4) as pool:
            turns = [pool.submit(work) for _ in range(5) for work in (submit, opt_out, submit, opt_out)]
        assert [turn.exception() for turn in turns] == [None] * 20
        assert all(isinstance(one.cleared(), Refused) for one in others)


def test_a_recipient_by_number_alone_is_locked_and_judged_too(world: World) -> None:
    found = world.cleared(phone_id=None, e164=NUMBER)
    assert isinstance(found, Cleared)
    stranger = world.cleared(phone_id=None, e164="+13125550777", person_id=None)
    assert isinstance(stranger, Refused)


def test_the_meaning_of_words_is_asked_of_the_same_room() -> None:
    assert compliance.classify("STOP").suppress is Suppress.YES


def test_an_unknown_recipient_still_leaves_a_receipt(world: World) -> None:
    with world.db.begin(world.org) as uow:
        compliance.clear(uow, [Recipient(message_id=world.message)], world.ask(), uow.now())
    assert _bodies(world)[0][2] == "blocked"


def test_the_record_keeps_the_rules_under_which_was_decided_once(world: World) -> None:
    for _ in range(2):
        world.cleared()
    with world.db.begin(world.org) as uow:
        kept = uow.connection().execute(
            "select detail from audit_event where action = 'rule_book.used' and org_id = %s", [world.org]
        )
        (detail,) = [row[0] for row in kept.fetchall()]
        read = books.read(uow, detail["digest"])
        assert receipts.book_digest(read) == detail["digest"] == receipts.BOOK_DIGEST
        assert [list(rule) for rule in read] == detail["rules"]
        with pytest.raises(NotFound):
            books.read(uow, "0" * 64)


def test_a_receipt_is_read_by_the_book_it_names() -> None:
    older = (WrittenRule("budget", "The money was gone.", "an older law"), WrittenRule("a_rule_of_old", "Gone.", ""))
    read = receipts.results({"format": 2, "reasons": ["budget"]}, older)
    assert [(one.rule, one.outcome, one.citation) for one in read] == [
        ("budget", RuleOutcome.FAIL, "an older law"),
        ("a_rule_of_old", RuleOutcome.PASS, ""),
    ]
