"""The merge fields of texts: what a template may name, for campaigns and for answers alike."""

from __future__ import annotations

from collections.abc import Mapping

MERGE_FIELDS: Mapping[str, str] = {
    "first_name": "First name of the person texted",
    "last_name": "Last name",
    "full_name": "Whole name",
    "street": "Street of the property",
    "city": "City of the property",
    "state": "State of the property, two letters",
    "zip": "ZIP of the property",
    "county": "County of the property",
    "our_name": "Name of your organisation",
}
"""What a message may name; anything else is an error in the builder."""
