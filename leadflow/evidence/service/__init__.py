"""Ask for evidence packs, make them, list them, take them away, and let them go."""

from leadflow.evidence.service.asking import ask, ask_at_desk
from leadflow.evidence.service.heads import mail_heads
from leadflow.evidence.service.keeping import listing, open_pack, save, sweep, unlock
from leadflow.evidence.service.making import make

__all__ = ["ask", "ask_at_desk", "listing", "mail_heads", "make", "open_pack", "save", "sweep", "unlock"]
