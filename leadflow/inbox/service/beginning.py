"""Begin a conversation with somebody of a lead who has not written: the way to a first single text by hand.

Nothing is sent here. A conversation in which they have not written is asked about as ``Purpose.FIRST_TEXT``: by every
rule that a campaign's text is asked by, basis of contact and look-ups included; nothing leans on an answer that never
came (docs/explanation/inbox.md).
"""

from __future__ import annotations

from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.compliance.rules.gate import sentence
from leadflow.compliance.types import Ask, Recipient
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.inbox.errors import WithColleague
from leadflow.inbox.queries import listing
from leadflow.inbox.queries import working as queries
from leadflow.inbox.service.reading import own
from leadflow.inbox.types import Begun, Closed
from leadflow.kernel import phone
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.leads import service as leads
from leadflow.messaging import service as messaging
from models.vocabulary import Channel, Permission, Purpose, Verdict


def begin(uow: UnitOfWork, actor: Principal, lead_id: UUID, number: str) -> Begun | Closed:
    """Find the conversation with a number of a lead, or begin one where the gate would let a first text go.

    A conversation that there is opens whatever the gate says: its composer tells. Until something is sent, one that was
    begun stands in no folder.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
        Invalid: that is none of the lead's numbers.
        Claimed: somebody else works on the lead.
        WithColleague: the number is in a conversation that is not the caller's to see.
        Conflict: the organisation has no number to send from.
    """
    require(actor, Permission.INBOX_REPLY)
    leads.see(uow, actor, lead_id)
    e164 = phone.parse(number)
    whom = queries.reached(uow, lead_id, e164)
    if whom is None:
        raise Invalid("That is none of this lead's numbers.", "number")
    present = listing.with_number(uow, e164)
    if present is not None:
        if listing.one(uow, present, own(actor)) is None:
            raise WithColleague
        return Begun(present)
    leads.check(uow, actor, [lead_id])
    now, sender_id = uow.now(), messaging.sender_for(uow, e164)
    recipient = Recipient(lead_id, whom.property_id, whom.person_id, whom.phone_id, e164)
    ask = Ask(Purpose.FIRST_TEXT, Channel.TEXT, sender_number_id=sender_id)
    decision = compliance.assess(uow, [recipient], ask, now)[0]
    if decision.verdict is Verdict.BLOCKED:
        return Closed(decision.reasons, tuple(sentence(one) for one in decision.reasons))
    begun = queries.begin(uow, sender_id, e164, whom.person_id, lead_id, now)
    audit.record(uow, actor.user_id, "conversation.begun", "conversation", begun, {"lead": str(lead_id)})
    return Begun(begun)
