"""Settings for tests: made secrets, addresses of this machine, nothing of the surroundings."""

from __future__ import annotations

from leadflow.settings import Settings, load

TWILIO_SID = "AC" + "7" * 32
TWILIO_TOKEN = "t" * 32
VARIABLES = {
    "LF_ENV": "test",
    "DATABASE_URL": "postgresql://nobody:nothing@127.0.0.1:1/none",
    "REDIS_URL": "redis://:nothing@127.0.0.1:1/0",
    "LF_PUBLIC_URL": "http://testserver",
    "LF_SESSION_KEYS": '{"test": "session-session-session-session-session"}',
    "LF_PHONE_PEPPER": "pepper-pepper-pepper-pepper-pepper-pepper",
    "LF_AUDIT_SEAL_KEYS": '{"test": "seal-seal-seal-seal-seal-seal-seal-seal-"}',
    "LF_VAULT_KEYS": '{"test": "vault-vault-vault-vault-vault-vault-vaul"}',
    "LF_BCRYPT_COST": "4",
    "LF_TWILIO_ACCOUNT_SID": TWILIO_SID,
    "LF_TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
    "LF_TWILIO_API_URL": "http://127.0.0.1:1",
    "LF_DNCSCRUB_API_URL": "http://127.0.0.1:1",
    "LF_DNCSCRUB_DATA_URL": "http://127.0.0.1:1",
}
"""Every service's address leads to a closed port, so a test that needs one and did not start it fails at once."""


def settings_of(**variables: str) -> Settings:
    """Load test settings with ``variables`` on top."""
    return load(VARIABLES | variables)
