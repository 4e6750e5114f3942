"""Which passwords may be used, and how they are stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata

import bcrypt

from leadflow.identity.errors import WeakPassword
from leadflow.identity.types import Keys

SHORTEST, LONGEST = 12, 128
COMMON = frozenset(
    {
        "123456789012",
        "1234567890123",
        "12345678901234",
        "123456789123",
        "qwertyuiopas",
        "qwertyuiop12",
        "qwertyuiop123",
        "qwerty123456",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "q1w2e3r4t5y6",
        "zaq12wsxcde3",
        "password1234",
        "password12345",
        "password123456",
        "passwordpassword",
        "passw0rd1234",
        "p@ssw0rd1234",
        "adminadmin12",
        "administrator",
        "administrator1",
        "letmeinletmein",
        "welcome12345",
        "welcome123456",
        "iloveyou1234",
        "iloveyouiloveyou",
        "abcdefghijkl",
        "abcdef123456",
        "abc123abc123",
        "changeme1234",
        "changemechangeme",
        "trustno1trustno1",
        "superman1234",
        "football1234",
        "baseball1234",
        "sunshine1234",
        "princess1234",
        "leadflowleadflow",
        "leadflow1234",
        "realestate12",
        "realestate123",
        "realestate1234",
    }
)
"""Passwords of twelve characters or more that are tried first; lower case."""


def typed_email(text: str) -> str:
    """Read an address as it is stored, whatever was typed around it; Postgres keeps no NUL."""
    return text.replace("\x00", "").strip().lower()[:254]


def prepared(password: str) -> str:
    """Normalise a password, so that the same one typed on two keyboards is the same."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, *, email: str) -> None:
    """Refuse a password that is too short, too long or among the first to be tried.

    Raises:
        WeakPassword: says what would be right.
    """
    text = prepared(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise WeakPassword(f"Use {SHORTEST} to {LONGEST} characters.")
    if text.lower() in COMMON or len(set(text)) < 4:  # noqa: PLR2004 aaaabbbbcccc
        raise WeakPassword("This password is among the first that are tried. Use another, such as four random words.")
    if email.lower() in text.lower():
        raise WeakPassword("Do not use your e-mail address as your password.")


def hash_password(keys: Keys, password: str) -> str:
    """Hash a password for the database; takes a quarter of a second by design."""
    return bcrypt.hashpw(_digest(keys, password), bcrypt.gensalt(keys.bcrypt_cost)).decode()


def is_password(keys: Keys, password: str, stored: str) -> bool:
    """Say whether ``password`` is the one that was stored."""
    return bcrypt.checkpw(_digest(keys, password), stored.encode())


def _digest(keys: Keys, password: str) -> bytes:
    # bcrypt refuses more than 72 bytes and stops at NUL: 44 characters of base64 have neither fault.
    pepper = keys.peppered("password")
    return base64.b64encode(hmac.new(pepper, prepared(password).encode(), hashlib.sha256).digest())
