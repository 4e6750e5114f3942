"""Who may do what; passwords, tokens and limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.identity import rules
from leadflow.identity.errors import SessionEnded, WeakPassword
from leadflow.identity.types import Keys, Principal, TokenFacts
from leadflow.kernel.errors import Forbidden
from models.vocabulary import Permission, Role

NOW = datetime(2026, 12, 2, 18, tzinfo=UTC)
KEYS = Keys(ring={"new": b"n" * 32, "old": b"o" * 32}, pepper=b"p" * 32, bcrypt_cost=4, secure=False)
PEOPLE = st.sampled_from(rules.PEOPLE)

TABLE = {
    # permission: owner, manager, agent, auditor
    Permission.SESSION_USE: "yyyy",
    Permission.LEAD_READ: "yyyy",
    Permission.LEAD_WRITE: "yyy-",
    Permission.LEAD_ASSIGN: "yy--",
    Permission.LEAD_REMOVE: "yy--",
    Permission.VIEW_SHARE: "yy--",
    Permission.FIELD_WRITE: "yy--",
    Permission.DUPLICATE_MERGE: "yy--",
    Permission.LEAD_EXPORT: "yy-y",
    Permission.IMPORT_RUN: "yyy-",
    Permission.CAMPAIGN_READ: "yyyy",
    Permission.CAMPAIGN_EDIT: "yyy-",
    Permission.CAMPAIGN_APPROVE: "yy--",
    Permission.CAMPAIGN_LAUNCH: "yy--",
    Permission.INBOX_READ: "yyy-",
    Permission.INBOX_REPLY: "yyy-",
    Permission.SUPPRESSION_READ: "yyyy",
    Permission.SUPPRESSION_ADD: "yyy-",
    Permission.SUPPRESSION_RELEASE: "y---",
    Permission.CONSENT_READ: "yyyy",
    Permission.CONSENT_RECORD: "yy--",
    Permission.DECISION_READ: "yyyy",
    Permission.SCRUB_RUN: "yy--",
    Permission.GEOCODE_RUN: "yy--",
    Permission.AUDIT_READ: "yy-y",
    Permission.AUDIT_VERIFY: "yy-y",
    Permission.EVIDENCE_EXPORT: "yy--",
    Permission.CAMPAIGN_EXPORT: "yy-y",
    Permission.LETTER_EXPORT: "yy--",
    Permission.CALL_PLACE: "yyy-",
    Permission.DECISION_REVIEW: "yy-y",
    Permission.HOLD_WRITE: "yy--",
    Permission.PERSON_ERASE: "y---",
    Permission.RETENTION_WRITE: "y---",
    Permission.SENDING_SWITCH: "yy--",
    Permission.RESTORE_CONFIRM: "y---",
    Permission.SETTINGS_READ: "yy-y",
    Permission.SETTINGS_WRITE: "y---",
    Permission.MEMBER_READ: "yy-y",
    Permission.MEMBER_WRITE: "yy--",
    Permission.API_KEY_WRITE: "y---",
    Permission.CREDENTIAL_WRITE: "y---",
    Permission.MAIL_READ: "y---",
    Permission.JOB_READ: "yyyy",
    Permission.POLICY_WRITE: "y---",
    Permission.DRILL_RUN: "yy--",
}
"""The table of roles as it was agreed; a new permission must be entered here by hand."""


@pytest.mark.parametrize("permission", Permission)
def test_each_role_may_do_what_the_table_says(permission: Permission) -> None:
    allowed = "".join("y" if rules.allows(role, permission) else "-" for role in rules.PEOPLE)
    assert allowed == TABLE[permission]


@pytest.mark.parametrize(
    "permission",
    [
        Permission.CAMPAIGN_APPROVE,
        Permission.CAMPAIGN_LAUNCH,
        Permission.MEMBER_WRITE,
        Permission.SETTINGS_WRITE,
        Permission.SUPPRESSION_RELEASE,
        Permission.SENDING_SWITCH,
        Permission.RESTORE_CONFIRM,
        Permission.POLICY_WRITE,
    ],
)
def test_no_machine_does_what_a_person_must_answer_for(permission: Permission) -> None:
    assert not rules.allows(Role.SYSTEM, permission)


def test_require_refuses_what_the_table_does_not_allow() -> None:
    agent = Principal(uuid4(), uuid4(), Role.AGENT)
    rules.require(agent, Permission.LEAD_WRITE)
    with pytest.raises(Forbidden):
        rules.require(agent, Permission.CAMPAIGN_LAUNCH)


def test_only_an_auditor_sees_masked_numbers() -> None:
    assert rules.mask_phone(Role.AUDITOR, "+13125550142") == "+1******0142"
    assert rules.mask_phone(Role.AGENT, "+13125550142") == "+13125550142"


@pytest.mark.parametrize(
    ("held", "shown"),
    [
        ("Kim, 312-555-0142", "Kim, ********0142"),
        ("+1 (312) 555-0142", "+1***********0142"),
        (3_125_550_142, "3*****0142"),
        ({"Cell 2": "3125550142", "Roof": "Tar"}, {"Cell 2": "3*****0142", "Roof": "Tar"}),
        (["3125550142", "no"], ["3*****0142", "no"]),
        ("Parcel 00000123456789", "Parcel 00000123456789"),
        (27, 27),
        (None, None),
    ],
)
def test_an_auditor_reads_no_number_in_a_free_field(held: object, shown: object) -> None:
    assert rules.mask_numbers(Role.AUDITOR, held) == shown
    assert rules.mask_numbers(Role.MANAGER, held) == held


@given(PEOPLE, st.none() | PEOPLE, PEOPLE)
def test_nobody_but_an_owner_touches_or_makes_owners(actor: Role, present: Role | None, wanted: Role) -> None:
    if rules.may_change_member(actor, present, wanted):
        assert actor in {Role.OWNER, Role.MANAGER}
        assert actor is Role.OWNER or Role.OWNER not in {present, wanted}


def test_nobody_becomes_the_system() -> None:
    assert not rules.may_change_member(Role.OWNER, Role.AGENT, Role.SYSTEM)


@pytest.mark.parametrize(
    ("owners", "present", "stays", "kept"),
    [
        (1, Role.OWNER, False, False),
        (2, Role.OWNER, False, True),
        (1, Role.OWNER, True, True),
        (1, Role.AGENT, False, True),
    ],
)
def test_the_last_owner_stays(owners: int, present: Role, stays: bool, kept: bool) -> None:  # noqa: FBT001 a table of cases
    assert rules.leaves_an_owner(owners, present, stays_owner=stays) is kept


# Refresh tokens


def facts(**changed: object) -> TokenFacts:
    values: dict[str, object] = {
        "session_live": True,
        "expires_at": NOW + timedelta(hours=1),
        "used_at": None,
        "child_used": False,
    }
    return TokenFacts(**(values | changed))  # pyright: ignore[reportArgumentType] a table of cases


@pytest.mark.parametrize(
    ("given_facts", "outcome"),
    [
        (facts(), rules.Mint),
        (facts(used_at=NOW - timedelta(seconds=10)), rules.Repeat),
        (facts(used_at=NOW - timedelta(seconds=11)), rules.Stolen),
        (facts(used_at=NOW - timedelta(seconds=1), child_used=True), rules.Stolen),
        (facts(session_live=False), rules.Dead),
        (facts(session_live=False, used_at=NOW - timedelta(days=1)), rules.Dead),
        (facts(expires_at=NOW), rules.Dead),
    ],
)
def test_a_refresh_token_has_one_child_and_ten_seconds(given_facts: TokenFacts, outcome: type) -> None:
    assert isinstance(rules.rotation(given_facts, NOW), outcome)


def test_a_child_is_the_same_each_time_and_differs_by_key_and_parent() -> None:
    assert rules.child_of(KEYS, "new", "a") == rules.child_of(KEYS, "new", "a")
    assert len({rules.child_of(KEYS, key, parent) for key in KEYS.ring for parent in "ab"}) == 4


# Access tokens


def test_an_access_token_names_its_session_for_ten_minutes() -> None:
    session = uuid4()
    token = rules.access_token(KEYS, uuid4(), session, NOW)
    assert rules.read_access_token(KEYS, token, NOW + timedelta(minutes=9, seconds=59)) == session
    with pytest.raises(SessionEnded):
        rules.read_access_token(KEYS, token, NOW + timedelta(minutes=10))


def test_the_role_is_not_in_the_token() -> None:
    claims = jwt.decode(rules.access_token(KEYS, uuid4(), uuid4(), NOW), options={"verify_signature": False})
    assert set(claims) == {"iss", "aud", "typ", "sub", "sid", "iat", "exp"}


def test_an_older_key_still_verifies_until_it_is_retired() -> None:
    before = Keys(ring={"old": b"o" * 32}, pepper=b"p" * 32)
    token = rules.access_token(before, uuid4(), uuid4(), NOW)
    rules.read_access_token(KEYS, token, NOW)
    after = Keys(ring={"new": b"n" * 32}, pepper=b"p" * 32)
    with pytest.raises(SessionEnded):
        rules.read_access_token(after, token, NOW)


# Passwords


@pytest.mark.parametrize(
    "password", ["elevenchars", "x" * 129, "password1234", "PASSWORD1234", "aaaaaaaaaaaa", "me@cedar.test"]
)
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        rules.check_password(password, email="me@cedar.test")


@pytest.mark.parametrize(
    "password", ["twelve chars", "nul\x00 is a character", "日本語のとても長い合言葉です", "long " * 25]
)
def test_any_other_password_of_twelve_to_128_characters_works(password: str) -> None:
    rules.check_password(password, email="me@cedar.test")
    stored = rules.hash_password(KEYS, password)
    assert rules.is_password(KEYS, password, stored)
    assert not rules.is_password(KEYS, password + "x", stored)


def test_a_password_is_the_same_on_two_keyboards() -> None:
    composed, decomposed = "caf\u00e9 caf\u00e9 caf\u00e9", "cafe\u0301 cafe\u0301 cafe\u0301"
    assert rules.is_password(KEYS, decomposed, rules.hash_password(KEYS, composed))


def test_another_pepper_opens_nothing() -> None:
    other = Keys(ring=KEYS.ring, pepper=b"q" * 32, bcrypt_cost=4)
    assert not rules.is_password(other, "correct horse battery", rules.hash_password(KEYS, "correct horse battery"))


# Limits


@given(st.sampled_from(sorted(rules.MOST)), st.lists(st.integers(0, 899), max_size=70))
def test_a_wait_never_outlives_the_window(kind: str, ages: list[int]) -> None:
    failures = sorted(NOW - timedelta(seconds=age) for age in ages)
    assert timedelta(0) <= rules.wait_before(kind, failures, NOW) <= rules.WINDOW


@given(st.lists(st.integers(0, 899), min_size=20, max_size=70))
def test_after_twenty_failures_an_account_waits(ages: list[int]) -> None:
    failures = sorted(NOW - timedelta(seconds=age) for age in ages)
    assert rules.wait_before("account", failures, NOW) > timedelta(0)


def test_the_first_five_failures_cost_nothing() -> None:
    assert rules.wait_before("account", [NOW] * 4, NOW) == timedelta(0)
    assert rules.wait_before("account", [NOW] * 5, NOW) == timedelta(seconds=1)
