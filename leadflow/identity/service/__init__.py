"""Sign in, stay signed in, sign out; members and the organisation's own settings.

This is the room's door: other rooms and the doors import only these names. Every use case that changes something writes
its audit event in the same transaction.

``secrets`` keeps the keys and hashes passwords; ``attempts`` counts tries; ``signing`` signs in and renews; ``living``
knows open sessions and ends them; ``passwords`` changes them; ``people`` are the members; ``houses`` the organisation.
"""

from leadflow.identity.queries import REVOKED
from leadflow.identity.service.attempts import count_failure
from leadflow.identity.service.confirming import check_own_password, confirm, need_confirmed
from leadflow.identity.service.factors import (
    begin_second_factor,
    confirm_second_factor,
    drop_second_factor,
    renew_recovery_codes,
    reset_lost_second_factor,
    reset_second_factor,
    second_factor,
)
from leadflow.identity.service.houses import (
    change_organization,
    create_organization,
    frame,
    organization,
    outbox,
    own_organization,
    set_sending,
)
from leadflow.identity.service.inviting import invitations, invite, join, look_at_invitation, resend, withdraw
from leadflow.identity.service.living import (
    access,
    end_session,
    resume,
    sessions,
    sign_out,
    sign_out_everywhere,
    still_open,
    tidy,
)
from leadflow.identity.service.moving import organizations, switch
from leadflow.identity.service.passwords import ask_reset, change_password, reset
from leadflow.identity.service.people import (
    add_member,
    change_member,
    demo_logins,
    end_sessions_of,
    member_principal,
    members,
    names_of,
    owner_of,
)
from leadflow.identity.service.programs import KEY_START, api_keys, by_key, end_api_key, make_api_key
from leadflow.identity.service.secrets import configure, cookies, keys
from leadflow.identity.service.signing import finish_sign_in, refresh, sign_in

__all__ = [
    "KEY_START",
    "REVOKED",
    "access",
    "add_member",
    "api_keys",
    "ask_reset",
    "begin_second_factor",
    "by_key",
    "change_member",
    "change_organization",
    "change_password",
    "check_own_password",
    "configure",
    "confirm",
    "confirm_second_factor",
    "cookies",
    "count_failure",
    "create_organization",
    "demo_logins",
    "drop_second_factor",
    "end_api_key",
    "end_session",
    "end_sessions_of",
    "finish_sign_in",
    "frame",
    "invitations",
    "invite",
    "join",
    "keys",
    "look_at_invitation",
    "make_api_key",
    "member_principal",
    "members",
    "names_of",
    "need_confirmed",
    "organization",
    "organizations",
    "outbox",
    "own_organization",
    "owner_of",
    "refresh",
    "renew_recovery_codes",
    "resend",
    "reset",
    "reset_lost_second_factor",
    "reset_second_factor",
    "resume",
    "second_factor",
    "sessions",
    "set_sending",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
    "still_open",
    "switch",
    "tidy",
    "withdraw",
]
