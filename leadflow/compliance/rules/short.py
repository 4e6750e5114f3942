"""Each reason in two or three words, for columns and charts; ``gate.sentence`` says the same in full. Pure.

A rule is named for what it asks (``basis_recorded``), which reads as its opposite under "why did it not go out".
"""

from __future__ import annotations

from collections.abc import Mapping

SHORT: Mapping[str, str] = {
    "kill_switch": "Sending paused",
    "legal_threat": "Legal threat",
    "litigator": "Litigator",
    "opted_out": "Opted out",
    "internal_dnc": "Internal DNC",
    "admin_block": "Blocked by an administrator",
    "deceased": "Deceased",
    "role": "Not a contact by role",
    "national_dnc": "National DNC",
    "state_dnc": "State DNC",
    "vendor_dnc": "Vendor DNC",
    "wrong_number": "Wrong number",
    "reassigned": "Number reassigned",
    "held_for_review": "Reply waits for review",
    "emergency": "Declared emergency",
    "number_valid": "Not a US number",
    "number_in_service": "Out of service",
    "line_known": "Line type unknown",
    "line_textable": "Line takes no texts",
    "lead_open": "Lead closed",
    "campaign_active": "Campaign not running",
    "not_stale": "Too late for this text",
    "sender_registered": "Sender not registered",
    "budget": "Budget used up",
    "basis_named": "Campaign names no basis",
    "basis_recorded": "No consent on record",
    "basis_unrevoked": "Consent revoked",
    "basis_unexpired": "Consent expired",
    "basis_sufficient": "Basis too weak",
    "state_consent": "State asks written consent",
    "scrub_known": "Never scrubbed",
    "scrub_fresh": "Scrub too old",
    "reassigned_known": "Reassignment unchecked",
    "location_known": "Place unknown",
    "sensitivity_unknown": "Day of death unknown",
    "not_repeated": "Sent before",
    "sensitivity": "Time of mourning",
    "frequency": "Contacted too often",
    "holiday": "Holiday",
    "quiet_hours": "Quiet hours",
    "campaign_hours": "Outside campaign hours",
}
"""By the rule's name; a test holds it equal to ``gate.RULES``."""
