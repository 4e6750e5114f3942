"""Every term of the business, once. Standard library only; docs/glossary.md is made from it."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a member of an organisation may do; the table is data in ``leadflow.identity.rules``."""

    OWNER = "owner"
    MANAGER = "manager"
    AGENT = "agent"
    AUDITOR = "auditor"
    SYSTEM = "system"
    """Workers and webhooks; never given to a person."""


class Permission(StrEnum):
    """One act that a role may or may not do."""

    SESSION_USE = "session.use"
    """Be signed in: see the shell and one's own name."""
    LEAD_READ = "lead.read"
    LEAD_WRITE = "lead.write"
    LEAD_ASSIGN = "lead.assign"
    LEAD_REMOVE = "lead.remove"
    """Remove leads, and restore them; owners and managers."""
    VIEW_SHARE = "view.share"
    """Show one's saved views to the whole team, and change what others have shared; owners and managers."""
    FIELD_WRITE = "field.write"
    """Make, change and archive custom fields; owners and managers."""
    DUPLICATE_MERGE = "duplicate.merge"
    """Make two records one, and take that back; owners and managers."""
    LEAD_EXPORT = "lead.export"
    """Take leads away as a file; in person, an auditor with masked numbers."""
    IMPORT_RUN = "import.run"
    CAMPAIGN_READ = "campaign.read"
    CAMPAIGN_EDIT = "campaign.edit"
    CAMPAIGN_APPROVE = "campaign.approve"
    CAMPAIGN_LAUNCH = "campaign.launch"
    CAMPAIGN_EXPORT = "campaign.export"
    """Take the list of a campaign's recipients away as a file."""
    INBOX_READ = "inbox.read"
    INBOX_REPLY = "inbox.reply"
    CALL_PLACE = "call.place"
    """Call somebody through the gate, and say what came of it."""
    LETTER_EXPORT = "letter.export"
    """Take an audience away as a mailing list; owners and managers, in person."""
    SUPPRESSION_READ = "suppression.read"
    SUPPRESSION_ADD = "suppression.add"
    SUPPRESSION_RELEASE = "suppression.release"
    """Take a suppression away again, with a reason; owners only."""
    CONSENT_READ = "consent.read"
    CONSENT_RECORD = "consent.record"
    DECISION_READ = "decision.read"
    DECISION_REVIEW = "decision.review"
    """Draw a sample of decisions, judge it and sign it off."""
    PERSON_ERASE = "person.erase"
    """Erase what is kept of a person, for good; owners only."""
    HOLD_WRITE = "hold.write"
    """Put a person, number or campaign under legal hold, or lift another member's hold."""
    RETENTION_WRITE = "retention.write"
    """Change how long each kind of record is kept; owners only."""
    SCRUB_RUN = "scrub.run"
    """Buy look-ups of numbers at a provider; owners and managers."""
    GEOCODE_RUN = "geocode.run"
    """Send addresses of leads to a geocoder outside, which answers where they are; owners and managers, in person."""
    AUDIT_READ = "audit.read"
    """Read who did what, when."""
    AUDIT_VERIFY = "audit.verify"
    EVIDENCE_EXPORT = "evidence.export"
    """Make evidence packs and take them away; they hold real numbers and the words of texts."""
    SENDING_SWITCH = "sending.switch"
    """Pause or resume all sending of the organisation (kill switch)."""
    RESTORE_CONFIRM = "restore.confirm"
    """Let sending go on after a backup was restored; owners only, and a person."""
    SETTINGS_READ = "settings.read"
    SETTINGS_WRITE = "settings.write"
    MEMBER_READ = "member.read"
    MEMBER_WRITE = "member.write"
    API_KEY_WRITE = "api_key.write"
    """Make and end keys by which programs act; owners only."""
    CREDENTIAL_WRITE = "credential.write"
    """Set the credentials of providers; nobody reads them back."""
    MAIL_READ = "mail.read"
    """See the mail that waits in the local outbox, where no mail server is set; owners only."""
    JOB_READ = "job.read"
    POLICY_WRITE = "policy.write"
    """Install a version of a rule pack: what the gate goes by; owners only, and a person."""
    DRILL_RUN = "drill.run"
    """Put the organisation's configuration to the drill."""


class PersonKind(StrEnum):
    """What sort of party a name stands for."""

    INDIVIDUAL = "individual"
    ENTITY = "entity"
    """A company, trust or government body."""
    ESTATE = "estate"


class PartyRole(StrEnum):
    """How a person stands to a property."""

    OWNER = "owner"
    HEIR = "heir"
    PERSONAL_REPRESENTATIVE = "personal_representative"
    ATTORNEY = "attorney"
    TENANT = "tenant"
    RELATIVE = "relative"
    DECEDENT = "decedent"
    PETITIONER = "petitioner"
    """Asked the court to open the estate; often the heir who will speak for it."""
    WARD = "ward"
    """Lives under a guardian or conservator; never contacted."""
    FIDUCIARY = "fiduciary"
    """Trustee or guardian who holds for somebody else; not an owner, never contacted."""


class LineType(StrEnum):
    """What kind of line a number is; unknown is never textable."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    VOIP = "voip"
    TOLL_FREE = "toll_free"
    UNKNOWN = "unknown"


class PhoneStatus(StrEnum):
    """What the team found out about a number by using it."""

    UNVERIFIED = "unverified"
    CORRECT = "correct"
    WRONG = "wrong"
    """Belongs to somebody else."""
    DEAD = "dead"
    """Disconnected or unknown to the carrier."""


class Precision(StrEnum):
    """How exact a coordinate is, the best first; a worse one never replaces a better one."""

    PIN = "pin"
    """Somebody of the team put it there by hand."""
    ROOFTOP = "rooftop"
    """A geocoder knows the building."""
    FILE = "file"
    """The vendor's file said so."""
    STREET = "street"
    """A geocoder reckoned it from the house numbers of the street."""
    ZIP = "zip"
    """The middle of the ZIP code: nothing better is known."""


class LeadStatus(StrEnum):
    """Where a lead stands. The first four are prospecting, the others sales, the last two are closed."""

    NEW = "new"
    ATTEMPTED = "attempted"
    CONTACTED = "contacted"
    FOLLOW_UP = "follow_up"
    INTERESTED = "interested"
    APPOINTMENT = "appointment"
    OFFER = "offer"
    UNDER_CONTRACT = "under_contract"
    WON = "won"
    DEAD = "dead"


STOP_STATUSES = (
    *(LeadStatus.INTERESTED, LeadStatus.APPOINTMENT, LeadStatus.OFFER, LeadStatus.UNDER_CONTRACT, LeadStatus.WON),
    LeadStatus.DEAD,
)
"""Statuses at which somebody works the lead, or nobody shall: a campaign that says nothing else stops there."""


class FieldKind(StrEnum):
    """What a custom field of an organisation holds."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    """Cents."""
    DATE = "date"
    YES_NO = "yes_no"
    SELECT = "select"
    """One of the field's own words."""
    MULTI_SELECT = "multi_select"
    """Any of the field's own words."""
    LINK = "link"
    """A web address; only http and https."""


class ActivityKind(StrEnum):
    """An entry on a lead's timeline."""

    CREATED = "created"
    IMPORTED = "imported"
    STATUS = "status"
    NOTE = "note"
    TASK = "task"
    TEXT_OUT = "text_out"
    TEXT_FAILED = "text_failed"
    """A text of ours did not arrive; the entry says why, and what was done about it."""
    TEXT_IN = "text_in"
    CLICKED = "clicked"
    """Somebody opened the link in a text of ours; once a text."""
    CALL = "call"
    BLOCKED = "blocked"
    OPT_OUT = "opt_out"
    SUPPRESSED = "suppressed"
    EDITED = "edited"


class Channel(StrEnum):
    """A way to reach a person."""

    TEXT = "text"
    CALL = "call"
    MAIL = "mail"


class Basis(StrEnum):
    """Why a contact is lawful. Ordered: each also covers what the ones above it cover.

    Source: 47 CFR 64.1200(f)(5), (f)(9); 16 CFR 310.2.
    """

    INQUIRY = "inquiry"
    """The person asked about selling within three months (EBR)."""
    EXISTING_RELATIONSHIP = "existing_relationship"
    """A transaction within eighteen months (EBR)."""
    WRITTEN_CONSENT = "written_consent"
    """Prior express written consent (PEWC)."""


class ConsentState(StrEnum):
    """Whether an entry of the consent ledger still speaks for a contact."""

    STANDING = "standing"
    EXPIRED = "expired"
    """Past its own date. (A basis may also have run out by its age: the rule packs say after how many months.)"""
    REVOKED = "revoked"


class ReleaseState(StrEnum):
    """What became of the wish to contact a suppressed person again."""

    PENDING = "pending"
    """Waits for a second person."""
    APPROVED = "approved"
    """A second person agreed, and the suppression was lifted."""
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    """Nobody answered in time."""


class SuppressionKind(StrEnum):
    """Why a person or number must not be contacted."""

    OPT_OUT = "opt_out"
    INTERNAL_DNC = "internal_dnc"
    NATIONAL_DNC = "national_dnc"
    STATE_DNC = "state_dnc"
    VENDOR_DNC = "vendor_dnc"
    """A list vendor's DNC column said yes, without naming the list."""
    LITIGATOR = "litigator"
    WRONG_NUMBER = "wrong_number"
    DECEASED = "deceased"
    DO_NOT_MAIL = "do_not_mail"
    CARRIER_OPT_OUT = "carrier_opt_out"
    """The carrier refused because the person had opted out there (21610)."""
    LEGAL_THREAT = "legal_threat"
    REVIEW = "review"
    """Held until a person has read an unclear reply."""
    ADMIN = "admin"


class ScrubList(StrEnum):
    """A list that a number was looked up in."""

    NATIONAL_DNC = "national_dnc"
    STATE_DNC = "state_dnc"
    LITIGATOR = "litigator"
    REASSIGNED = "reassigned"


class ScrubVerdict(StrEnum):
    """What the look-up answered; no data is never clean."""

    CLEAN = "clean"
    LISTED = "listed"
    NO_DATA = "no_data"


class LookupService(StrEnum):
    """What a provider looks numbers up in."""

    DNC = "dnc"
    """The do-not-call registries (national and state) and known litigators."""
    REASSIGNED = "reassigned"
    """The Reassigned Numbers Database: has the number changed hands since a day?"""


class ScrubRunState(StrEnum):
    """Life of a run of look-ups."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class GeocodeRunState(StrEnum):
    """Life of a run of the geocoder."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class LookupState(StrEnum):
    """Where one number of a run of look-ups stands."""

    WAITING = "waiting"
    ASKED = "asked"
    """Committed before the call; never asked again by itself, so that no answer is paid twice."""
    ANSWERED = "answered"
    MISSING = "missing"
    """The provider's answer left it out."""
    DOUBTFUL = "doubtful"
    """Asked, and the answer was lost; counted as paid."""


class Verdict(StrEnum):
    """What the gate answers."""

    SENDABLE = "sendable"
    LATER = "later"
    """Only the hour or a frequency cap stands against it."""
    BLOCKED = "blocked"


class AnswerSource(StrEnum):
    """What an answer about a past instant rests on."""

    RECEIPT = "receipt"
    """What was really decided then, as its receipt holds it."""
    RECORDS = "records"
    """The rules, on the records as they stood."""
    UNKNOWN = "unknown"
    """The instant lies before records were kept by date."""


class RuleOutcome(StrEnum):
    """What one rule says of one recipient; unknown counts as fail."""

    PASS = "pass"  # noqa: S105 a verdict, not a secret
    FAIL = "fail"
    UNKNOWN = "unknown"


class EvidenceOf(StrEnum):
    """What an evidence pack is about."""

    PHONE = "phone"
    PERSON = "person"
    CAMPAIGN = "campaign"


class EvidenceState(StrEnum):
    """Life of an evidence pack; thirty days after it was made it is removed."""

    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


class Purpose(StrEnum):
    """Who asked the gate and why."""

    CAMPAIGN = "campaign"
    MANUAL_REPLY = "manual_reply"
    FIRST_TEXT = "first_text"
    """A single text that a person writes to somebody who has not written yet; every rule of a campaign's text holds."""
    CONFIRMATION = "confirmation"
    """The one text that confirms an opt-out (47 CFR 64.1200(a)(12))."""
    CALL = "call"
    CHECK = "check"
    """Somebody only asked: list column, explain box, simulation."""


class ReplyLabel(StrEnum):
    """What an inbound text means. When several fit, the earlier one wins."""

    HOSTILE_LEGAL = "hostile_legal"
    DECEASED = "deceased"
    OPT_OUT = "opt_out"
    WRONG_NUMBER = "wrong_number"
    INTERESTED = "interested"
    NOT_INTERESTED = "not_interested"
    QUESTION = "question"
    NEUTRAL = "neutral"


class Confidence(StrEnum):
    """How sure the machine is of what a reply means; docs/explanation/inbox.md has what each was measured at."""

    HIGH = "high"
    """The words themselves say it, and replies like this one meant it."""
    LOW = "low"
    """Only one of the two, or neither: for a person to confirm."""


class Suppress(StrEnum):
    """What a reply does to consent."""

    YES = "yes"
    REVIEW = "review"
    NO = "no"


class Weather(StrEnum):
    """How carriers and people take a campaign's texts; each is a rate over its last texts, with a limit."""

    FILTERED = "filtered"
    """A carrier's filter stopped the text (30007, 30004)."""
    OPTED_OUT = "opted_out"
    """The person answered with an opt-out, or the carrier knew of one (21610)."""


class CampaignState(StrEnum):
    """Life of a campaign."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    READY = "ready"
    """Approved, or below the threshold that asks for a second person."""
    SCHEDULED = "scheduled"
    """Launched for a later instant, at which everything is checked once more."""
    MISSED = "missed"
    """Its start was missed or refused. It never begins late by itself; a person may launch it anew."""
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class MessageState(StrEnum):
    """The send state machine; docs/explanation/sending.md draws it."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SUBMITTING = "submitting"
    """Committed before the first byte goes out; never retried blindly."""
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    """Bytes may have reached the carrier; a reconciler asks."""
    FAILED_UNKNOWN = "failed_unknown"
    BLOCKED = "blocked"
    EXPIRED_WINDOW = "expired_window"
    WITHDRAWN = "withdrawn"
    """Taken back before submission: opt-out, reply, cancel."""


class Direction(StrEnum):
    """Which way a text went."""

    OUT = "out"
    IN = "in"


class CallOutcome(StrEnum):
    """What came of a call, in the words of whoever made it."""

    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    """A message was left."""
    TALKED = "talked"
    CALL_BACK = "call_back"
    """They asked to be called again, at an agreed instant."""
    WRONG_NUMBER = "wrong_number"
    DEAD_NUMBER = "dead_number"
    DO_NOT_CALL = "do_not_call"
    """They do not wish to hear from us again, in any way."""


class LetterState(StrEnum):
    """Life of a mailing list; a week after it was made it is removed."""

    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


class RegistrationState(StrEnum):
    """10DLC state of a sender number; only verified ones may send (carrier code 30034)."""

    PENDING = "pending"
    VERIFIED = "verified"
    REJECTED = "rejected"
    SUSPENDED = "suspended"


class RowVerdict(StrEnum):
    """What an import does with one row of a file."""

    NEW = "new"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    """Merged into an earlier row of the same file."""
    NOTED = "noted"
    """Taken in without a lead: a look-up of a number, or a court case whose property is not known."""
    REJECT = "reject"
    BLANK = "blank"
    FOOTER = "footer"
    REMOVED = "removed"
    """Of a lead that was removed, and stays removed."""
    RESTORED = "restored"
    """Of a lead that was removed: it comes back as it was, and the file adds to it."""
    REPLACED = "replaced"
    """Of a lead that was removed: it comes back as a new one, as the file says."""


class ImportState(StrEnum):
    """Life of an import."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    COMMITTING = "committing"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    """Taken back as far as nobody had touched what it brought."""
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobKind(StrEnum):
    """One kind of background work; each has exactly one actor in ``workers``."""

    IMPORT_CHECK = "import.check"
    IMPORT_COMMIT = "import.commit"
    IMPORT_UNDO = "import.undo"
    CAMPAIGN_PACE = "campaign.pace"
    CAMPAIGN_START = "campaign.start"
    MESSAGE_SEND = "message.send"
    MESSAGE_RECONCILE = "message.reconcile"
    MESSAGE_SWEEP = "message.sweep"
    CALLBACK_APPLY = "callback.apply"
    RESTORE_ASK = "restore.ask"
    """Ask the carrier what it knows and a restored backup does not."""
    OPT_OUT_FANOUT = "opt_out.fanout"
    LEAD_SEARCH_REFRESH = "lead_search.refresh"
    AUDIT_SEAL = "audit.seal"
    EVIDENCE_MAKE = "evidence.make"
    MAIL_SEND = "mail.send"
    RETENTION_APPLY = "retention.apply"
    SCRUB_RUN = "scrub.run"
    LETTERS_MAKE = "letters.make"
    FIELD_FILL = "field.fill"
    """Fill a custom field with what files have brought under its header."""
    DUPLICATE_SEARCH = "duplicate.search"
    DUPLICATE_MERGE = "duplicate.merge"
    GEOCODE_RUN = "geocode.run"
    BULK_EDIT = "bulk.edit"
    BULK_UNDO = "bulk.undo"


class JobState(StrEnum):
    """Life of a job; ``waiting`` is visible to users."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class DuplicateKind(StrEnum):
    """What two records that may be one are."""

    PERSON = "person"
    PROPERTY = "property"
    """Two properties, with the leads that stand on them."""


class PairState(StrEnum):
    """What became of two records that may be one."""

    OPEN = "open"
    DISMISSED = "dismissed"
    """Somebody said that they are not one; never proposed again."""
    MERGED = "merged"


class BulkState(StrEnum):
    """Life of an edit of many leads."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    """Somebody stopped it on the way; what was changed until then stays, and can be undone."""
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


class BulkOutcome(StrEnum):
    """What an edit of many leads did to one of them."""

    WAITING = "waiting"
    CHANGED = "changed"
    SAME = "same"
    """It was so already."""
    GONE = "gone"
    """It was removed meanwhile, or given to somebody else."""
    UNDONE = "undone"
    KEPT = "kept"
    """Somebody changed it further since: the undo left it as it is."""


class SearchKind(StrEnum):
    """What the search over everything finds, in the order in which it is shown."""

    LEAD = "lead"
    PERSON = "person"
    PHONE = "phone"
    CAMPAIGN = "campaign"
    TASK = "task"
    LIST = "list"
    TAG = "tag"
    VIEW = "view"
    """A saved view of the lead list."""
    IMPORT = "import"
    MEMBER = "member"
    """Somebody of the team."""
    PAGE = "page"
    COMMAND = "command"
    """Something to do, and the place where it is done."""


class TurnKind(StrEnum):
    """Why somebody's turn has come on *Today*, in the order in which they are worked."""

    REPLY = "reply"
    """A text of theirs that nobody has answered."""
    OVERDUE = "overdue"
    """A follow-up whose time has passed."""
    UNTOUCHED = "untouched"
    """A new lead that nobody has contacted for more than five minutes."""
    DUE = "due"
    """A follow-up that is due before the day ends."""
    IDLE = "idle"
    """A lead in work without a next task."""


class TaskState(StrEnum):
    """Life of a follow-up task."""

    OPEN = "open"
    DONE = "done"


class BudgetSubject(StrEnum):
    """What a budget is for."""

    ORGANIZATION = "organization"
    CAMPAIGN = "campaign"


class OneTimeUse(StrEnum):
    """What a token that works once is for."""

    PASSWORD_RESET = "password_reset"  # noqa: S105 a use, not a secret
    SECOND_FACTOR = "second_factor"
    """The password was right; the code of the second factor is still to come."""


class MailKind(StrEnum):
    """Why a mail is written; each has one text in ``leadflow.mail.rules``."""

    PASSWORD_RESET = "password_reset"  # noqa: S105 same
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 same
    INVITATION = "invitation"
    REFRESH_REUSED = "refresh_reused"
    """Somebody used a copied refresh token; the session was ended."""
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    API_KEY_MADE = "api_key_made"
    CAMPAIGN_MISSED = "campaign_missed"
    """To whoever planned its start."""
    CHAIN_HEAD = "chain_head"
    """Daily, to owners: the head of the record, kept where no administrator of the database reaches."""


class MailState(StrEnum):
    """Life of a mail."""

    WAITING = "waiting"
    KEPT = "kept"
    """No mail server is set: it stays in the local outbox, where the page shows it (never in production)."""
    SENT = "sent"
    FAILED = "failed"
    """The server refused it for good, or for too long."""


class Provider(StrEnum):
    """A service that we pay for and that knows us by a credential."""

    TWILIO = "twilio"
    DNCSCRUB = "dncscrub"
    """Looks numbers up in do-not-call registries and in the Reassigned Numbers Database."""


class Leaning(StrEnum):
    """Which way a change of the rules goes."""

    STRICTER = "stricter"
    LOOSER = "looser"
    OTHER = "other"
    """It cannot be told; treated like looser."""
    WORDING = "wording"
    """Texts, sources and reviewers; no verdict depends on them."""


class DrillWeight(StrEnum):
    """What it means when a case of the drill fails."""

    LAW = "law"
    """Something would be sent that the law forbids: nothing is launched."""
    CAUTION = "caution"
    """A caution of our own, or of an unsure reading, is gone: told, and left to the owner."""


class DrillOutcome(StrEnum):
    """How the configuration answered one case of the drill."""

    PASSED = "passed"
    STRICTER = "stricter"
    """It refused what may be sent: no fault."""
    FAILED = "failed"
    """It would send what must not be sent, or for the wrong reason."""


class ErasureRequest(StrEnum):
    """At whose wish a person was erased."""

    PERSON = "person"
    """Their own."""
    REPRESENTATIVE = "representative"
    """Somebody who acts for them: an executor, an attorney, a parent."""
    AUTHORITY = "authority"
    """A regulator or a court."""
    ORGANIZATION = "organization"
    """Ours: nobody asked, and nothing needs it any more."""


class HoldSubject(StrEnum):
    """What a legal hold keeps from being erased."""

    PERSON = "person"
    PHONE = "phone"
    CAMPAIGN = "campaign"


class RetentionKind(StrEnum):
    """A kind of record that is kept for a time and then goes."""

    MESSAGE_BODY = "message_body"
    """The words of texts, both ways, and of their entries on timelines."""
    IMPORT_FILE = "import_file"
    """Raw files that were imported, and the cells of rows that they could not give."""
    CONSENT = "consent"
    """Consents that have ended, counted from their end."""
    DECISION = "decision"
    """The number in a decision; the receipt with its keyed hash stays, and the chain with it."""
    WEBHOOK = "webhook"
    """What the carrier reported, as it came."""
    SESSION = "session"
    """Sign-ins that have ended, counted from their end."""
