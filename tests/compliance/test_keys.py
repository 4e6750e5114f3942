"""What stands for a number is HMAC-SHA256, whatever way it is worked out."""

from __future__ import annotations

import hmac

from hypothesis import given
from hypothesis import strategies as st

from leadflow.compliance.rules.keys import phone_key


@given(pepper=st.binary(min_size=1, max_size=130), number=st.integers(10**10, 10**15))
def test_the_key_of_a_number_is_its_hmac(pepper: bytes, number: int) -> None:
    assert phone_key(pepper, f"+{number}") == hmac.digest(pepper, f"+{number}".encode(), "sha256")
