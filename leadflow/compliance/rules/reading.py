"""Make a reply comparable: one alphabet, one spelling, one word for each thing. Pure; it decides nothing.

People write "S-T-O-P", "st0p", the word in Cyrillic letters, "dnt txt me", "remvoe me". The wordings are searched in
what comes out here: lower case letters without accents, disguises and common misspellings, slang written out.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from leadflow.compliance.rules.spelling import corrected, off_by_one

KEYWORDS = frozenset(
    {
        *("stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"),
        *("stopall", "stop all", "optout", "remove", "arret", "td", "alto", "pare", "basta", "cancelar", "no mas"),
    }
)
"""47 CFR 64.1200(a)(10) names the first seven; carriers add the next (Twilio, AWS); Spanish: the reasonable person."""

MOST = 2_000
"""Signs that are read of one reply; ten segments are at most 1,530. Bounds the work that a stranger can cause."""


class Reading(NamedTuple):
    """A reply made comparable."""

    raw: str
    """Without invisible signs, otherwise as it came."""
    plain: str
    """The whole reply, words apart by one space."""
    sentences: tuple[str, ...]
    """Each by itself, also without the courtesy around it, and what a reply in pieces spells."""
    asks: bool
    """It holds a question mark."""


def read(body: str) -> Reading:
    """Read a reply."""
    said = _said(unicodedata.normalize("NFKC", body[:MOST]))
    folded = unicodedata.normalize("NFKC", said.translate(_SIGNS))
    visible = "".join(sign for sign in folded if unicodedata.category(sign) != "Cf" and sign not in _FILLERS)
    marked = unicodedata.normalize("NFD", visible)
    bare = "".join(sign for sign in marked if not unicodedata.category(sign).startswith("M"))
    lower = _APOSTROPHES.sub("", bare.lower().translate(_LOOKALIKES))
    pieces = [plain for piece in _BETWEEN.split(lower) if (plain := _plain(piece))]
    whole = " ".join(pieces)
    bare = [_without_courtesy(sentence) for sentence in (*pieces, whole)]
    # A reply written one letter a line is read as a whole, too.
    joined = _plain(whole) if all(len(piece) == 1 for piece in pieces) else ""
    sentences = tuple(dict.fromkeys(plain for plain in (*pieces, *bare, _rejoined(lower), joined) if plain))
    return Reading(visible, whole, sentences, "?" in body or "¿" in body)


def _said(body: str) -> str:
    """Answer what the writer said: without a telephone's signature, and of a reaction to our text only the reaction."""
    # The signature may be in letters of other alphabets, like the rest; each stands for one letter.
    signature = _SIGNATURE.search(body.lower().translate(_LOOKALIKES))
    unsigned = body[: signature.start()] if signature and len(body.lower()) == len(body) else body
    reaction = _REACTION.fullmatch(unsigned.strip())
    if reaction is None or len(reaction["ours"].split()) < _SHORTEST_OF_OURS:
        return unsigned
    return reaction["sign"] or _REACTIONS[reaction["verb"].casefold()]


def _plain(piece: str) -> str:
    """Write a sentence in plain words."""
    bared = _CENSORED.sub("fuck", piece)
    words = " ".join(_WORD.findall(bared))
    joined = _LONE_LETTERS.sub(lambda spaced: spaced.group().replace(" ", ""), words)
    # A hidden word may come out only once its letters stand together, so what was joined is read like the rest.
    known = " ".join(_known(word) for word in joined.split())
    for pattern, plainly in _PHRASES:
        known = pattern.sub(plainly, known)
    return known


@lru_cache(maxsize=8192)
def _known(word: str) -> str:
    """Write one word plainly: without stretched letters, digits for letters, slang and slips."""
    short = _STRETCHED.sub(r"\1", word)
    if short in _SLANG:
        return _SLANG[short]
    glued = _GLUED.fullmatch(short)
    if glued:
        return f"{glued[1]} {' '.join(_known(part) for part in _parts(glued[2]))}"
    if not short.isalpha():
        disguised = short.translate(_DIGITS)
        return disguised if _UNSPACED.fullmatch(disguised) else short
    return corrected(short)


def _parts(rest: str) -> list[str]:
    return _GLUE.findall(rest)


def _rejoined(text: str) -> str:
    """Answer the keyword that a whole reply spells when its letters are put together ("st op", "un-subscribe")."""
    letters = "".join(_LETTERS.findall(text.translate(_DIGITS)))
    found = _UNSPACED.fullmatch(letters)
    return found[1] if found else ""


def is_keyword(sentence: str) -> bool:
    """Say whether a sentence is keywords alone, repeated, misspelt or with courtesy around them."""
    for spaced in _TWO_WORDS:
        sentence = sentence.replace(spaced, spaced.replace(" ", ""))
    words = [word for word in sentence.split() if word not in _COURTESY]
    if not words:
        return False
    return all(word in _ONE_WORD or is_misspelt(word) for word in words) or _opts_misspelt(words)


def _without_courtesy(sentence: str) -> str:
    return _GREETING.sub("", _FAREWELL.sub("", sentence))


_FAREWELL = re.compile(
    r"(?: (?:please|thanks|thank(?: you)?|you|ok|sir|maam|lol|bye|now|gracias|por favor|god bless(?: you)?|"
    r"have a \w+ (?:day|one|night|evening|weekend|week|life)|sent (?:from|via) my \w+|sent from \w+|good luck|regards|"
    r"cheers))+$"
)
_GREETING = re.compile(r"^(?:(?:please|ok|hi|hey|hello|sorry|sir|maam|good (?:morning|day|evening)) )+")


def _opts_misspelt(words: list[str]) -> bool:
    """Recognise "opt uot", "otp out", "op out" and the like where they stand alone."""
    return len(words) == 2 and any(  # noqa: PLR2004 the keyword has two words
        off_by_one(first, "opt") and off_by_one(second, "out") and first not in {"not", "apt"}
        for first, second in pairwise(words)
    )


def is_misspelt(word: str) -> bool:
    """Say whether a word that stands alone is a keyword with one letter wrong, missing, doubled or swapped."""
    return word not in _HONEST and any(off_by_one(word, keyword) for keyword in _MISSPELT)


_TWO_WORDS = tuple(sorted(word for word in KEYWORDS if " " in word))
_ONE_WORD = frozenset(word.replace(" ", "") for word in KEYWORDS)
_MISSPELT = ("stop", "stopall", "quit", "cancel", "unsubscribe", "revoke", "remove", "optout", "end", "stahp", "sotpp")
_HONEST = frozenset(
    {
        *("step", "shop", "top", "quite", "quiet", "suit", "stow", "removed", "stops", "and", "send", "bend", "en"),
        *("lend", "mend", "tend", "fend", "ed", "eno", "ends", "ind", "nd", "evoke", "remote", "quid", "quip", "unit"),
        *(
            "revoked",
            "canceled",
            "ena",
            "eng",
            "bnd",
            "de",
            "ne",
            "ended",
            "kend",
            "vend",
            "slop",
            "strop",
            "sop",
            "rend",
        ),
        *("ent", "eid", "emd", "d", "e", "n", "nde", "eend"),
    }
)
"""Words of their own that lie one letter from a keyword."""
_COURTESY = frozenset(
    {
        *("please", "thanks", "thank", "you", "now", "ok", "sir", "it", "this", "texting", "already", "por", "favor"),
        *("no", "lol", "just", "bro", "man", "maam", "the", "to", "sorry", "hey", "hi", "hello", "god", "damn", "ya"),
    }
)

_SIGNATURE = re.compile(
    r"(?:^|[\n\r.!?]|(?<=\s))\s*-*\s*(?:sent (?:from|via) (?:my )?(?:i ?phone|i ?pad|android|galaxy|samsung|pixel|"
    r"mobile|phone|outlook|yahoo|verizon|t-?mobile)[^\n]{0,40}|get outlook for \w+|"
    r"enviado desde mi (?:i ?phone|i ?pad|android|\w+))\s*$",
    re.IGNORECASE,
)
"""What a telephone or a mail program writes below a text; nobody says it."""
_REACTIONS = {
    **dict.fromkeys(
        ("liked", "loved", "emphasized", "me gustó", "le gustó", "me encantó", "le encantó"), "\N{THUMBS UP SIGN}"
    ),
    **dict.fromkeys(("laughed at", "questioned", "se rió de", "se ha reído de", "preguntó por"), "?"),
    **dict.fromkeys(("disliked", "no le gustó", "no me gustó"), "\N{THUMBS DOWN SIGN}"),
}
_REACTION = re.compile(
    rf"(?:(?P<verb>{'|'.join(_REACTIONS)})|reacted (?P<sign>\S{{1,12}}) to) "
    r"[\"\u201c\u00ab](?P<ours>.*)[\"\u201d\u00bb]",
    re.IGNORECASE | re.DOTALL,
)
"""A telephone's words for a tap on a text, which it quotes: the stop words in there are our own."""
_SHORTEST_OF_OURS = 5
"""Words of the shortest text that may be ours; less than that may be the writer's own "stop"."""
_UNSPACED = re.compile(r"(stop|stopall|unsubscribe|optout|cancel|quit|revoke|remove|stoptext|stoptexting)")
_GLUE = re.compile(
    r"texting|text|txting|txt|messaging|message|msg|contacting|contact|calling|call|spamming|spam|please|pls|plz|now|all|"
    r"it|me|end|quit|the|this|to|2|already|asap"
)
_GLUED = re.compile(rf"(stop|unsubscribe|optout|remove|wrong|dont)((?:{_GLUE.pattern}|number|num)+)")
_WORD = re.compile(r"[$#]?[a-z0-9$]+|#")
_LETTERS = re.compile(r"[a-z0-9]")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_LONE_LETTERS = re.compile(r"\b(?:[a-z0-9] ){2,}[a-z0-9]\b")
_CENSORED = re.compile(r"\bf[*#@$%!\-_.]{1,4}k?\b|\bf[*#@$%!]{2,}|\bfu[*@#]k?\b|\bf[*]ck")
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u2032`\u00b4\u201b\uff07]")
_BETWEEN = re.compile(r"[.!?;:]+(?=\s|$)|[\n\r\u2028\u2029¡¿!?]+|,(?=\s?(?:stop|remove|quit|unsubscribe)\b)")
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters that show nothing."""
_DIGITS = str.maketrans("0134578@$", "oieastbas")
"""Digits that stand for letters."""
_SIGNS = str.maketrans(
    {
        "\N{OCTAGONAL SIGN}": " stop ",
        "\N{BELL WITH CANCELLATION STROKE}": " stop ",
        "\N{REVERSED HAND WITH MIDDLE FINGER EXTENDED}": " fuckyou ",
        "\N{NO ENTRY SIGN}": " no ",
        "\N{NO MOBILE PHONES}": " no texts ",
        "\N{MOBILE PHONE}": " text ",
        **{chr(0x1F150 + n): chr(97 + n) for n in range(26)},
        **{chr(0x1F170 + n): chr(97 + n) for n in range(26)},
    }
)
_LOOKALIKES = str.maketrans(
    "авсеһіјкмнорԛгѕтуѵԝхԁӏαβεικνορτυχωηϲϳꜱᴛᴏᴘᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴʀᴜᴠᴡʏᴢɑɡɩıøł",
    "abcehijkmhopqrstyvwxdlabeikvoptuxwncjstopabcdefghijklmnruvwyzagiiol",
)
"""Letters of other alphabets that look like ours: Unicode Technical Standard 39, confusables, those of these words."""

_SLANG = {
    **dict.fromkeys(("u", "ya", "yall", "yalls", "yous", "ye", "youse"), "you"),
    **dict.fromkeys(("ur", "yo", "yor", "ypur", "yer"), "your"),
    **dict.fromkeys(("dnt", "donot", "don", "dount", "odnt"), "dont"),
    **dict.fromkeys(("txt", "tect", "tesxt", "txet", "tetx", "texr", "textt"), "text"),
    **dict.fromkeys(("txts", "txtz", "texs", "textes", "texst"), "texts"),
    **dict.fromkeys(("txting", "txtin", "textin", "texing", "textn", "txtn", "texn", "textign"), "texting"),
    **dict.fromkeys(("txted", "txtd"), "texted"),
    **dict.fromkeys(("msg", "mesage", "mssg", "mssge", "messge"), "message"),
    **dict.fromkeys(("msgs", "msgz", "mesages", "messges", "msges"), "messages"),
    **dict.fromkeys(("msging", "msgin", "messagin", "mesaging", "messgin"), "messaging"),
    **dict.fromkeys(("callin", "calln"), "calling"),
    **dict.fromkeys(("hittin", "hitn"), "hitting"),
    **dict.fromkeys(("blowin", "blown"), "blowing"),
    **dict.fromkeys(("botherin", "bothring", "bothern"), "bothering"),
    **dict.fromkeys(("askin",), "asking"),
    **dict.fromkeys(("buggin",), "bugging"),
    **dict.fromkeys(
        ("pls", "plz", "plzz", "plese", "plase", "pleas", "pleae", "pl0x", "pleez", "plss", "pleese"), "please"
    ),
    **dict.fromkeys(("thx", "ty", "tks", "thnx", "tnx"), "thanks"),
    **dict.fromkeys(("num", "nbr", "nmbr", "numbr", "numba", "numb", "digits", "#", "no#"), "number"),
    **dict.fromkeys(("rmv", "rm", "rmove"), "remove"),
    **dict.fromkeys(("da", "teh", "th", "hte"), "the"),
    **dict.fromkeys(("dis", "tis"), "this"),
    **dict.fromkeys(("tke", "tak", "tek", "tkae"), "take"),
    **dict.fromkeys(("lst", "lsit", "lits", "liist"), "list"),
    **dict.fromkeys(("fck", "fuk", "phuck", "fuxk", "fk", "fuc", "fkn", "fucc", "eff"), "fuck"),
    **dict.fromkeys(("kno", "knw"), "know"),
    **dict.fromkeys(("mo", "mor", "mroe", "moar"), "more"),
    **dict.fromkeys(("wnat", "wnt", "wan"), "want"),
    **dict.fromkeys(("awya", "awy"), "away"),
    **dict.fromkeys(("aloen", "alon", "aloone"), "alone"),
    **dict.fromkeys(("leav", "leve", "laeve", "leevme"), "leave"),
    **dict.fromkeys(("wrng", "rong", "wrog", "worng", "wong"), "wrong"),
    **dict.fromkeys(("stahp", "stpo", "sotp", "sttop", "srop", "stoip", "stpp", "tsop", "sopt"), "stop"),
    **dict.fromkeys(("loose", "lsoe"), "lose"),
    **dict.fromkeys(("lawer", "laywer", "lawyr", "layer"), "lawyer"),
    **dict.fromkeys(("enuf", "enuff", "nuff", "enogh"), "enough"),
    "r": "are",
    "db": "database",
    "nomore": "no more",
    "unsub": "unsubscribe",
    "unsubbed": "unsubscribed",
    "wanna": "want to",
    "gonna": "going to",
    "tryna": "trying to",
    "gotta": "got to",
    "ion": "i dont",
    "idk": "i dont know",
    "gtfo": "get the fuck out",
    "stfu": "shut the fuck up",
    "nto": "not",
    "ill": "ill",
    "cuz": "because",
    "w": "with",
    "munber": "number",
    "nuber": "number",
    "numer": "number",
    "n": "and",
    "outta": "out of",
    "cops": "police",
    "atty": "attorney",
}
_PHRASES = tuple(
    (re.compile(pattern), plainly)
    for pattern, plainly in (
        (r"\b(don|won|can|isn|doesn|didn|aren|wasn|couldn|wouldn|shouldn|haven|ain) t\b", r"\1t"),
        (r"\bdo not\b", "dont"),
        (r"\bis not\b", "isnt"),
        (r"\b(?:can not|cannot)\b", "cant"),
        (r"\bwill not\b", "wont"),
        (r"\bdid not\b", "didnt"),
        (r"\bdoes not\b", "doesnt"),
        (r"\bhave not\b", "havent"),
        (r"\bi am\b", "im"),
        (r"\bwe are\b", "were"),
        (r"\byou are\b", "youre"),
        (r"\bgoing too\b", "going to"),
        (r"\bdont of\b", "dont"),
        (r"\b(off|out) of\b", r"\1 of"),
        (r"\b(take|get) me of (?=your|the|this|that)", r"\1 me off "),
        (r"\bun (?:subscribe|subscibe|suscribe|subscrib)\b", "unsubscribe"),
        (r"\bremove me form\b", "remove me from"),
        (r"\bback the fuck\b", "back"),
        (r"\b(?:the (?:fuck|hell)|tf|freaking|fucking|damn|effing) (?=off|out|alone|up|away|texting|stop|is|down)", ""),
    )
)
