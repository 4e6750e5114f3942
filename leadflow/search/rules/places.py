"""Where one can go and what one can begin: pages, parts and commands with what each asks for.

The sidebar, the tabs, the keys, the palette and the search read this table; ``pages.routes`` must agree.
"""

from __future__ import annotations

from leadflow.identity.rules import PEOPLE, allows, may
from leadflow.identity.types import Principal
from leadflow.search.types import Place
from models.vocabulary import Permission

P = Permission
PAGES = (
    Place("/", "Today", P.LEAD_READ, "home queue"),
    Place("/today/focus", "Focus: one at a time", P.LEAD_READ, "queue start next"),
    Place("/search", "Search", P.LEAD_READ, "find everything"),
    Place("/inbox", "Inbox", P.INBOX_READ, "replies conversations texts messages"),
    Place("/inbox/replies", "Ready answers", P.INBOX_READ, "canned templates"),
    Place("/calls", "Calls", P.LEAD_READ, "call log"),
    Place("/leads", "Leads", P.LEAD_READ, "properties list records"),
    Place("/leads/removed", "Removed leads", P.LEAD_REMOVE, "restore deleted trash"),
    Place("/map", "Map", P.LEAD_READ, "places"),
    Place("/board", "Pipeline", P.LEAD_READ, "board kanban stages"),
    Place("/tasks", "Tasks", P.LEAD_READ, "follow-ups todo"),
    Place("/bulk", "Bulk edits", P.LEAD_WRITE, "mass undo"),
    Place("/letters", "Mailing lists", P.LETTER_EXPORT, "direct mail postcards"),
    Place("/campaigns", "Campaigns", P.CAMPAIGN_READ, "texts sms drip"),
    Place("/campaigns/snippets", "Snippets", P.CAMPAIGN_READ, "merge fields spintax"),
    Place("/imports", "Imports", P.IMPORT_RUN, "upload csv xlsx files"),
    Place("/duplicates", "Duplicates", P.LEAD_READ, "merge"),
    Place("/compliance", "Compliance", P.DECISION_READ, "audit overview"),
    Place("/compliance/decisions", "Decisions", P.DECISION_READ, "receipts gate"),
    Place("/compliance/explain", "Explain", P.DECISION_READ, "why was a number texted"),
    Place("/compliance/suppressions", "Suppressions", P.SUPPRESSION_READ, "do not contact dnc opt out stop"),
    Place("/compliance/consents", "Consents", P.CONSENT_READ, "ledger permission"),
    Place("/compliance/lookups", "Look-ups", P.DECISION_READ, "scrub litigator reassigned"),
    Place("/compliance/registries", "Registry files", P.DECISION_READ, "national dnc"),
    Place("/compliance/rules", "Rules", P.DECISION_READ, "law hours"),
    Place("/compliance/packs", "Rule pack", P.DECISION_READ, "policy versions"),
    Place("/compliance/simulator", "Simulator", P.DECISION_READ, "what if"),
    Place("/compliance/drill", "Drill", P.DECISION_READ, "red team test"),
    Place("/compliance/evidence", "Evidence", P.AUDIT_READ, "packs proof export"),
    Place("/compliance/reviews", "Reviews", P.DECISION_REVIEW, "sample sign off"),
    Place("/compliance/retention", "Retention", P.AUDIT_READ, "erase legal hold"),
    Place("/settings/assignment", "Assignment", P.LEAD_ASSIGN, "round robin turns away"),
    Place("/settings", "Settings", P.SESSION_USE, "members numbers providers keys"),
)
COMMANDS = (
    Place("/campaigns/new", "New campaign", P.CAMPAIGN_EDIT, "create text sms"),
    Place("/imports", "Import a file", P.IMPORT_RUN, "upload add leads csv"),
    Place("/leads?where=next_task:empty", "Leads without a next task", P.LEAD_READ, "forgotten follow-up"),
    Place("/settings?part=members", "Invite a member", P.MEMBER_WRITE, "add team"),
    Place("/settings", "Pause or resume all sending", P.SENDING_SWITCH, "kill switch stop"),
    Place("/settings?part=account", "My account", P.SESSION_USE, "password second factor sessions"),
)

SETTINGS = (
    Place("", "Organisation", P.SETTINGS_READ),
    Place("account", "My account", P.SESSION_USE),
    Place("members", "Members", P.MEMBER_READ),
    Place("fields", "Own fields", P.FIELD_WRITE),
    Place("score", "Lead score", P.SESSION_USE),
    Place("numbers", "Numbers", P.SETTINGS_READ),
    Place("keys", "API keys", P.API_KEY_WRITE),
    Place("providers", "Providers", P.SETTINGS_READ),
    Place("outbox", "Outbox", P.MAIL_READ),
    Place("audit", "Audit log", P.AUDIT_READ),
)
"""The parts of the settings, by the word of the address that opens each."""
_BY_PATH = {place.path: place for place in PAGES}


def page(path: str) -> Place:
    """Find a page by its path.

    Raises:
        KeyError: there is none; a part of the program leads nowhere.
    """
    return _BY_PATH[path]


def everybodys(place: Place) -> bool:
    """Say whether every role of a person may open it: it can be shown before it is known who is here."""
    return all(allows(role, place.permission) for role in PEOPLE)


def allowed(places: tuple[Place, ...], actor: Principal) -> tuple[Place, ...]:
    """Keep the places that the caller may open."""
    return tuple(place for place in places if may(actor, place.permission))
