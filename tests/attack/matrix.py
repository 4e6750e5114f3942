"""The table of roles as it was decided (the project's security goals, section 3.2), word for word.

A copy on purpose: whoever loosens ``leadflow.identity.rules`` must loosen this too, and have that read by somebody. The
generated attacks expect what stands here.
"""

from __future__ import annotations

from models.vocabulary import Role

MATRIX: dict[Role, frozenset[str]] = {
    Role.OWNER: frozenset(
        {
            "api_key.write",
            "audit.read",
            "audit.verify",
            "campaign.approve",
            "call.place",
            "campaign.edit",
            "campaign.launch",
            "campaign.read",
            "consent.read",
            "consent.record",
            "credential.write",
            "decision.read",
            "drill.run",
            "evidence.export",
            "decision.review",
            "hold.write",
            "import.run",
            "inbox.read",
            "inbox.reply",
            "job.read",
            "lead.assign",
            "lead.read",
            "lead.write",
            "letter.export",
            "mail.read",
            "member.read",
            "member.write",
            "policy.write",
            "person.erase",
            "retention.write",
            "scrub.run",
            "sending.switch",
            "session.use",
            "settings.read",
            "settings.write",
            "suppression.add",
            "suppression.read",
            "suppression.release",
        }
    ),
    Role.MANAGER: frozenset(
        {
            "audit.read",
            "audit.verify",
            "campaign.approve",
            "call.place",
            "campaign.edit",
            "campaign.launch",
            "campaign.read",
            "consent.read",
            "consent.record",
            "decision.read",
            "drill.run",
            "evidence.export",
            "decision.review",
            "hold.write",
            "import.run",
            "inbox.read",
            "inbox.reply",
            "job.read",
            "lead.assign",
            "lead.read",
            "lead.write",
            "letter.export",
            "member.read",
            "member.write",
            "scrub.run",
            "sending.switch",
            "session.use",
            "settings.read",
            "suppression.add",
            "suppression.read",
        }
    ),
    Role.AGENT: frozenset(
        {
            "call.place",
            "campaign.edit",
            "campaign.read",
            "consent.read",
            "decision.read",
            "import.run",
            "inbox.read",
            "inbox.reply",
            "job.read",
            "lead.read",
            "lead.write",
            "session.use",
            "suppression.add",
            "suppression.read",
        }
    ),
    Role.AUDITOR: frozenset(
        {
            "audit.read",
            "audit.verify",
            "campaign.read",
            "consent.read",
            "decision.read",
            "decision.review",
            "job.read",
            "lead.read",
            "member.read",
            "session.use",
            "settings.read",
            "suppression.read",
        }
    ),
}
