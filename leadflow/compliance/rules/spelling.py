"""Slips of the thumb: which word was meant? Pure; knows only the words that replies are judged by."""

from __future__ import annotations

from functools import lru_cache

WORDS = (
    *(
        "texting",
        "message",
        "messages",
        "messaging",
        "contact",
        "contacting",
        "contacted",
        "calling",
        "number",
        "numbers",
    ),
    *(
        "remove",
        "removed",
        "delete",
        "please",
        "bother",
        "bothering",
        "unsubscribe",
        "unsubscribed",
        "cancel",
        "revoke",
    ),
    *("discontinue", "harassing", "harassment", "harass", "attorney", "lawyer", "lawsuit", "illegal", "violation"),
    *("deceased", "funeral", "passed", "person", "blocked", "permission", "consent", "database", "subscription"),
    *("solicit", "solicitation", "reported", "reporting", "anymore", "stopping", "legal", "wrong", "enough", "again"),
    *("mensajes", "molestar", "moleste", "equivocado", "fallecio", "deje", "numero", "bothered", "lawyers", "receive"),
)
"""Words that decide about a reply; longer ones, because a short one lies beside too many others."""

HONEST = frozenset(
    {
        *("testing", "nesting", "texting", "massage", "massages", "massaging", "contract", "contracts", "contracting"),
        *(
            "contrast",
            "intact",
            "falling",
            "calming",
            "balling",
            "galling",
            "tailing",
            "mailing",
            "lumber",
            "umber",
            "cumber",
        ),
        *("slumber", "remote", "remodel", "removes", "remover", "deleted", "deplete", "deletes", "pleased", "lease"),
        *("brother", "mother", "other", "both", "another", "canceled", "cancelled", "cancels", "revoked", "evoke"),
        *(
            "invoke",
            "provoke",
            "evoked",
            "harassed",
            "attorneys",
            "layer",
            "lawyers",
            "lawsuits",
            "legal",
            "violations",
        ),
        *("decreased", "increased", "funerals", "parsed", "pissed", "paused", "passes", "massed", "based", "persons"),
        *(
            "prison",
            "parson",
            "locked",
            "clocked",
            "flocked",
            "blocker",
            "permissions",
            "consents",
            "content",
            "contents",
        ),
        *("databases", "solicits", "reports", "imported", "exported", "deported", "regal", "strong", "wring", "prong"),
        *("wrongs", "along", "against", "gain", "regain", "mensaje", "molesta", "molesto", "molesten", "equivocada"),
        *(
            "equivocados",
            "dele",
            "dejé",
            "dejen",
            "deja",
            "dije",
            "numeros",
            "numerous",
            "bothers",
            "received",
            "receives",
        ),
        *("stepping", "shopping", "topping", "stocking", "regal", "wronged", "agains", "pease", "plead", "pleases"),
        *("stooping", "swing", "calving", "culling", "pulling", "filling", "calling", "called", "lender", "member"),
        *("attorneys", "relieve", "recede", "receiver", "legally", "leal", "persona", "contacts", "consented", "lego"),
        *("deceive", "texing", "resting", "vesting", "besting", "numbered", "deuce", "cancer", "cancelar", "cancele"),
        *("contacto", "contacte", "contacten", "passer", "lapsed", "passe", "removal", "removing", "fallecia", "dee"),
        *("message", "messaged", "legals", "posed", "tossed", "mossed", "gassed", "amassed", "passel", "deja", "deles"),
    }
)
"""Words of their own that lie one slip from a word above."""

_SHORTEST = 5
_LONG = 9
"""From here on two slips are forgiven."""


@lru_cache(maxsize=8192)
def corrected(word: str) -> str:
    """Answer the judged word that was meant, or the word itself."""
    if len(word) < _SHORTEST or word in HONEST or word in _KNOWN:
        return word
    if one := next((known for known in WORDS if off_by_one(word, known)), None):
        return one
    if len(word) < _LONG:
        return word
    return next((known for known in WORDS if len(known) >= _LONG and _off_by_two(word, known)), word)


_KNOWN = frozenset(WORDS)


def off_by_one(word: str, meant: str) -> bool:
    """Say whether one letter is wrong, missing, too many, or swapped with its neighbour; or none at all."""
    if word == meant:
        return True
    if abs(len(word) - len(meant)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(word, meant, strict=False)) if a != b), min(len(word), len(meant)))
    a, b = word[start:], meant[start:]
    swapped = len(a) > 1 and len(b) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:]
    return swapped or a[1:] == b[1:] or a[1:] == b or a == b[1:]


def _off_by_two(word: str, meant: str) -> bool:
    """Say whether two letters were missed, doubled or mistaken: one repair leaves one slip."""
    if abs(len(word) - len(meant)) > 2 or word[0] != meant[0]:  # noqa: PLR2004 two slips
        return False
    start = next((i for i, (a, b) in enumerate(zip(word, meant, strict=False)) if a != b), min(len(word), len(meant)))
    a, b = word[start:], meant[start:]
    swapped = len(a) > 1 and len(b) > 1 and a[0] == b[1] and a[1] == b[0] and off_by_one(a[2:], b[2:])
    return swapped or off_by_one(a[1:], b[1:]) or off_by_one(a[1:], b) or off_by_one(a, b[1:])
