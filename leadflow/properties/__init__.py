"""Properties, the people who stand to them, and their numbers: three things, joined many to many.

Owns: property, property_fact, person, property_party, phone, person_phone, email_address.
Promises: one row a place, a person and a number in an organisation; nothing that a source wrote is lost;
where a value came from can be told.
Who knocks: imports (set-wise), leads and pages (reading), messaging and compliance (reading).
"""
