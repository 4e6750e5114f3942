"""What an inbound text means, and what it does to consent. Pure; tests hold it to a table of 160 real-life replies.

A missed "no" is the costly error, so the order is: legal threat, death, opt-out, wrong number, the rest; and a text
that contains a stop word which nothing explains is held for a person (``review``), never ignored. Any wording counts
that a reasonable person would read as a wish to stop: 47 CFR 64.1200(a)(10).
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import NamedTuple

from leadflow.compliance.types import ReplyClass
from models.vocabulary import ReplyLabel, Suppress

KEYWORDS = frozenset(
    {
        *("stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"),
        *("stopall", "stop all", "optout", "remove", "arret", "td", "alto", "pare", "basta", "cancelar", "no mas"),
    }
)
"""47 CFR 64.1200(a)(10) names the first seven; carriers add the next (Twilio, AWS); Spanish: the reasonable person."""
CONSENT_WORDS = frozenset({"start", "unstop", "yes start", "start again"})
"""Carrier opt-in words: for the consent machine, they say nothing about the sale."""

_MISSPELT = ("stop", "stopall", "quit", "cancel", "unsubscribe", "revoke", "remove", "optout")
"""Keywords that are recognised with one letter wrong, missing, doubled or swapped, when they stand alone."""
_COURTESY = frozenset(
    {
        "please",
        "pls",
        "plz",
        "thanks",
        "thank",
        "you",
        "u",
        "now",
        "ok",
        "sir",
        "it",
        "this",
        "texting",
        "already",
        "por",
        "favor",
    }
)
_LONE_LETTERS = re.compile(r"\b(?:[a-z] ){2,}[a-z]\b")

_TALK = r"(?:text|txt|message|msg|contact|call|write|reach|bother|email|mail|send|spam|harass|annoy|hit|solicit)"
_TALKING = r"(?:text|txt|messag|contact|call|writ|reach|bother|email|mail|send|spam|harass|annoy|hitt|solicit)in+g?"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_HOSTILE = _any(
    r"\bsue (?:you|u|ya|your|yall|for|over)\b|\b(?:to|will|ill|can|gonna|could|i) sue\b",
    r"\b(?:suing|sued|lawsuits?|litigat\w*|tcpa|fcc|ftc|subpoena)\b",
    r"\b(?:gonna|going to|will|ill|im) (?:soo|sew|su) (?:u|you|ya|ur|yall)\b",
    r"telephone consumer|class action|cease and desist|cease desist|registered agent|service of process",
    r"\b(?:my|our|an|a|the) (?:attorney|lawyer)s? (?:will|is going|is gonna|are|has been|would)\b",
    r"\b(?:hear from|contact|talk to|speak to|call|calling|contacting|with|hired?) (?:my|our|an|"
    r"a) (?:attorney|lawyer)",
    r"attorney general|legal action|legal name|legal department|legal counsel|legal notice|press charges",
    r"\bviolat(?:ion|ions|ing|ed|es)\b|\billegal\b|harassment|statutory|\bdamages\b.*\btext",
    r"\$ ?\d[\d,]* ?(?:dollars )?(?:per|each|a|every) (?:text|message|call|violation)",
    r"\breport(?:ed|ing)? (?:you|u|this|these|it|to the)\b",
    r"\breport(?:ed|ing)? .*\b(?:police|spam|authorit\w+|carrier)\b",
    r"(?:do not call|dnc|opt out|consent) (?:policy|procedures?)",
    r"\b(?:recorded|logged|documented|screenshot\w*)\b.*\b(?:court|lawyer|attorney|evidence|judge)\b",
    r"\b(?:see you in|for|take you to|small claims) court\b",
    r"\bwon \d+ of (?:these|those)\b|\bkeep (?:texting|going|it up)\b.*\b(?:lawyer|court|case|cases|text)\b",
    r"\b(?:cases?|per text|per message)\b.*\bkeep (?:texting|going|it up)\b",
    r"\bunder \w+ (?:state )?law\b|\byou have \d+ days\b",
    r"see what happens|\bor else\b|\bi will (?:find|hurt|kill|shoot)\b",
    r"\b(?:kill|shoot|hurt) (?:you|u)\b|call(?:ing)? the (?:police|cops)",
    r"\babogad[oa]s?\b|\bdemand(?:ar|are|a|o) (?:a |los |legal)|voy a demandar|los voy a demandar",
    r"\bpolicia\b",
)
"""Legal and physical threats, demands that come before a suit, and notices that evidence is being kept."""

_DECEASED = _any(
    r"\bpassed (?:away|last|this|yesterday|recently|in (?:19|20)\d\d|\w+ (?:years?|months?|weeks?|days?) ago)\b",
    r"\b(?:he|she|husband|wife|father|mother|dad|mom|mum|brother|sister|son|daughter|owner|grandma|grandpa|uncle|aunt)"
    r" (?:has |is |was |just )?(?:passed|died|dead|deceased)\b",
    r"\bdied\b|\bdeceased\b|\bdead (?:man|woman|person|guy|lady|owner)\b|\b(?:is|hes|shes|been|are) dead\b",
    r"\brip\b(?! (?:off|up|out|the|it|this))|\brest in peace\b|\bfuneral\b|\bobituary\b",
    r"\bmy late (?:husband|wife|father|mother|dad|mom|brother|sister)\b",
    r"\bfallecio\b|\bfallecid[oa]\b|\bmurio\b|\besta muert[oa]\b|\bdifunt[oa]\b",
)

_OPT_OUT = _any(
    rf"\b(?:stop|quit|cease|halt|end|no more|enough with|done with|tired of|sick of) (?:\w+ )?{_TALKING}",
    r"\bstop (?:it|this|that|these|all|now|already|please|pls|plz|with|everything|immediately|"
    r"contact|text|messag\w*|sms)\b",
    r"\bstop (?:\w+ ){0,2}(?:texts?|txts?|messages?|msgs?|calls?|spam|sms|contact)\b",
    r"\b(?:please|pls|plz|just|kindly) (?:stop|quit|cease)\b(?! (?:by|in|over|at)\b)",
    r"\b(?:you|u|yall|people|guys|it|this|them|these|texts?|messages) (?:to |need to |must |gotta |"
    r"should )stop\b(?! by)",
    rf"\b(?:dont|do not|never|not to|no need to) (?:\w+ )?{_TALK}(?! (?:list|"
    rf"registry) )\b(?! (?:me )?(?:back )?(?:until|till|before|after|on)\b)",
    r"\b(?:remove|delete|erase|scrub|drop) (?:me|my|us|our|this|the number|number|from)\b",
    r"\bt(?:a)?ke? (?:me|us|my|this)\b.*\boff\b",
    r"\boff (?:of )?(?:your|ur|the|this|yo) (?:l[i]?st|lists|contacts|system|database)\b",
    r"\b(?:lose|forget|loose) (?:my|this) (?:number|phone|contact|info|#)",
    r"\b(?:do not call|dnc|no call|donotcall)\b(?: list| registry)?",
    r"\bno more (?:texts?|txts?|messages?|msgs?|calls?|contact|sms|offers|of this|of these|please)\b",
    r"\bleave (?:me|us) (?:alone|be)\b|\bgo away\b|\bget lost\b|\benough already\b",
    r"\benough is enough\b|^enough$|\bbuzz off\b",
    r"\b(?:fuck|f|piss|bug) off\b|\bbug (?:somebody|someone) else\b|\bgo bother\b",
    r"\bcancel (?:\w+ ){0,2}(?:texts?|txts?|messages?|msgs?|subscription|alerts?|sms|service|consent|contact)\b",
    r"\bend (?:\w+ ){0,2}(?:texts?|txts?|messages?|msgs?|subscription|alerts?|sms|contact|this conversation)\b",
    r"\bblock(?:ed|ing)? (?:you|u|this number|your number)\b|\bunsub(?:scribed?|bed)?\b",
    r"\b(?:withdraw|revok\w*|rescind) (?:\w+ )?consent\b",
    r"\bno mas\b|\bya no (?:me|nos|mas|quiero)\b|\bdej[ea]n? de\b|\bparen?\b(?! (?:de )?casa)",
    r"\bbasta\b|\balto\b$",
    r"\bno (?:me|nos) (?:mand|envi|escrib|llam|text|contact|molest|habl)\w*|\bno molest\w+",
    r"\b(?:quite|quiten|borre|elimine)(?:me|n)?\b",
)

_WRONG = _any(
    r"\bwrong (?:number|num|no|person|guy|phone|contact|party|house|one|lady|man|woman)\b",
    r"\bwr?o?ng? numb?e?r\b",
    r"\b(?:work|business|company|office) (?:phone|line|number|cell)\b",
    r"\bthis is (?:a|an|the) (?:\w+ )?(?:office|business|company|store|shop|restaurant|school|church|"
    r"hospital|clinic|hotel|bank)\b",
    r"\b(?:nobody|no one|noone|no body|not anyone) (?:here )?(?:by|with|named|called|has)\b",
    r"\bno (?!one\b|way\b|need\b)\w+ here\b",
    r"\bcheck your records\b|\bnot (?:the )?(?:right|correct) (?:person|number)\b",
    r"\bnot (?:the )?(?:owner|homeowner)\b",
    r"\b(?:dont|do not) know (?:a|any|anyone|anybody|who|him|her|them|that person|this person)\b",
    r"\byou (?:have|got) the wrong\b",
    r"\bequivoc\w+|\bnumero incorrecto\b|\bno (?:soy|conozco)\b|\bpersona incorrecta\b",
)
_FORMER = _any(
    r"\b(?:i|we|already|just|she|he|they) (?:already |just )?sold (?:it|that|this|the|my|our|mine)\b",
    r"\bno longer (?:own|the owner|mine|ours)\b",
    r"\b(?:dont|do not|never|didnt) own(?:ed)?\b|\bnot my (?:house|property|home|place|land)\b",
    r"\bya (?:la |lo )?vendi\w*",
)
"""A former owner: the number may be right, the property is not; a person should look."""
_NOT_NAMES = frozenset(
    {
        *("a", "an", "the", "my", "our", "your", "it", "that", "this"),
        *("there", "true", "right", "fair", "fun", "funny", "cool", "good", "great"),
        *("ok", "okay", "real", "legal", "going", "happening", "working", "possible", "necessary"),
        *("nice", "appropriate", "me", "him", "her", "them", "who", "what", "for"),
        *("spam", "helpful", "over", "done", "worth", "about", "enough", "easy", "urgent"),
        *("available", "ready", "listed", "vacant", "rented", "occupied", "mine", "how", "why"),
        *("where", "when", "cheap", "news", "new", "bad", "\b(?:this|that)", "(?:isnt|is", "not|aint|not)"),
        *(r"(\w+)(?:", r"\w+)?$"),
    }
)
_DENIED = re.compile(r"\b(?:this|that) (?:isnt|is not|aint|not) (\w+)(?: \w+)?$")
_NEVER_NAMES = frozenset({"interested", "selling", "sure", "looking", "moving", "you", "they", "owns", "is"})
_NAMED = re.compile(r"\bI(?:'|\u2019)?(?:m| am) not ([A-Z][a-z]+)")
_WHO = re.compile(r"\b[Ww]ho(?:'s|\u2019s|s| is) ([A-Z][a-z]+)")

_SARCASM = _any(r"\b(?:b|tr|gaz|z)illion\b|\b\d+ ?(?:million|mil|mm)\b")
_REFUSED = _any(
    r"\bnot (?:\w+ )?(?:interested|for sale|selling|looking to sell|planning|wanting|an investment|"
    r"at this time|going to sell)\b",
    r"^(?:no|nope|nah|na|naw|no sir|no maam|pass|negative|hell no|no way|never|no gracias|not)\b",
    r"\bno thanks?\b|\bno thank (?:you|u)\b|\bhard pass\b|\bim good\b|\bwere good\b|\bno way\b|\bnot today\b",
    r"\bhappy (?:here|where|with|in)\b|\blisted with\b",
    r"\balready (?:listed|have an? (?:agent|realtor|buyer))\b|\brefinanced\b",
    r"\b(?:dont|do not|wont|will not|never|not gonna|aint) (?:\w+ )?(?:sell|selling|want to sell|be selling)\b",
    r"\bkeeping (?:it|the)\b",
    r"\bno (?:esta|estamos|estoy) (?:en venta|interesad\w+|vendiendo)\b",
    r"\bno (?:me interesa|vendo|quiero vender|gracias)\b",
)
_SOFT = _any(
    r"\b(?:maybe|possibly|perhaps|depends|down the road|next (?:year|month))\b",
    r"\bin the (?:spring|summer|fall|winter|future)\b|\bbut (?:maybe|later)\b",
)
_KEEN = _any(
    r"^(?:yes|yeah|yea|yep|yup|sure|ok|okay|absolutely|definitely|si|claro)\b",
    r"\b(?:might|may|want to|wanna|ready to|like to|looking to|hoping to|willing to|need to|"
    r"thinking about|trying to) (?:sell|selling|moving|move)\b",
    r"\b(?:make|send|give|shoot)(?: me)? (?:an|a|your|the|ur|another)? ?(?:offer|price|number)\b",
    r"\b(?:the|ur|your|an) offers?\b|\bopen to\b",
    r"\bhow much\b|\bwhat (?:would|will|can|could|do) (?:you|u) (?:pay|give|offer)\b|\bdepends on\b",
    r"\b(?:id|i would|ill|well|wed) take\b",
    r"\bmake it \d|\bwe can talk\b|\blets talk\b|\bcan we (?:do|talk|meet|set)\b|\bcall me\b",
    r"\bsend me (?:your|ur|the|more)\b",
    r"\b(?:stop|come|swing) (?:by|over)\b|\bforeclosure\b|\bbehind on\b|\bget rid of\b",
    r"\b(?:its|is) vacant\b|\b(?:im|am|were|very) interested\b",
    r"\bi(?:m| am)? (?:would )?(?:sell|selling|consider)\b|\b(?:me|nos) interesa\b|\bcuanto\b",
    r"\bllame(?:me|nos)\b|\bsi vendo\b|\bquiero vender\b",
    r"\bjust (?:been )?busy\b",
)
_ASKED = _any(
    r"^(?:who|how|what|whats|which|when|where|why|are|is|do|does|did|can|could|will|would|should|have|has)\b",
    r"^(?:quien|que|como|cuando|donde|de donde|por que|es|help|info|ayuda)\b",
)
_NEGATED = re.compile(
    r"\b(?:dont|do not|not|never|cant|cannot|wont|didnt|doesnt|no) (?:\w+ ){0,3}?"
    r"(?:stop|quit|end|cancel|opt out|optout|unsubscribe|revoke|remove)"
)
_STOP_WORD = re.compile(
    r"\b(?:stop\w*|quit\w*|end(?:s|ed|ing)?|cancel\w*|unsubscrib\w*|revok\w*|remov\w*|opt(?:ed|ing)? out|optout)\b"
)
_EXPLAINED = re.compile(
    r"\bstop(?:ping|ped)? (?:by|in|over) \w+|\bstop (?:the|my|our|a) (?:foreclosure|auction|sale|bank|eviction)"
    r"|\bcant stop thinking\b|\b(?:dont|do not|never) (?:stop|quit) (?:texting|trying|looking|messaging|calling)"
    r"|\b(?:dont|do not) want to (?:opt out|stop|cancel|unsubscribe)\b"
    r"|\b(?:the|by|at|until|till|before|week|month|year|dead|back|front|high|low) ?end(?: of)?\b"
    r"|\bend of\b|\bend up\b|\bended up\b"
    r"|\bcancel (?:my|our|the) (?:listing|appointment|insurance|lease|contract)|\bcan i cancel\b"
)
"""What a stop word means when it means something else; it is taken out before the text is searched for others."""


class _Text(NamedTuple):
    """A reply made comparable."""

    raw: str
    plain: str
    """Lower case, without accents, marks and invisible signs; words apart by one space."""
    sentences: tuple[str, ...]
    asks: bool


def classify(body: str) -> ReplyClass:
    """Say what a reply means and what it does to consent.

    Args:
        body: the text as it came.

    Returns:
        The label by rank, and ``yes`` (stop all sends now), ``review`` (hold until a person has looked) or ``no``.
    """
    text = _read(body)
    if text.plain in CONSENT_WORDS:
        return ReplyClass(ReplyLabel.NEUTRAL, Suppress.NO)
    for says, label in _STOPPING:
        if says(text):
            return ReplyClass(label, Suppress.YES)
    label, suppress = _rest(text)
    return ReplyClass(label, _at_least(suppress, _by_stop_word(text)))


def _threatens(text: _Text) -> bool:
    return _HOSTILE.search(text.plain) is not None


def _reports_death(text: _Text) -> bool:
    return _DECEASED.search(text.plain) is not None


def _opts_out(text: _Text) -> bool:
    if any(_is_keyword(sentence) for sentence in (text.plain, *text.sentences)):
        return True
    return any(_begs_to_stop(sentence) for sentence in text.sentences)


def _begs_to_stop(sentence: str) -> bool:
    """Search what is left of a sentence once negated and otherwise explained stop words are out."""
    left = _EXPLAINED.sub(" ", sentence)
    if _OPT_OUT.search(" ".join(left.split())):
        return True
    words = sentence.split()
    first = words[0] if words else ""
    if first in {"stop", "stopall", "unsubscribe", "optout", "revoke"} and not _EXPLAINED.match(sentence):
        return len(words) == 1 or words[1] not in {"by", "in", "over", "at", "the", "my", "our", "a"}
    bare = _NEGATED.sub(" ", left)
    return bool(re.search(r"\b(?:unsubscribe|revoke|opt(?:ing)? (?:me )?out|optout)\b|\bstop$", bare.strip()))


def _is_keyword(sentence: str) -> bool:
    """Say whether a sentence is keywords alone, spaced out, repeated, misspelt or with courtesy around them."""
    for spaced in _TWO_WORDS:
        sentence = sentence.replace(spaced, spaced.replace(" ", ""))
    words = [word for word in sentence.split() if word not in _COURTESY]
    return bool(words) and all(word in _ONE_WORD or _is_misspelt(word) for word in words)


_TWO_WORDS = tuple(word for word in KEYWORDS if " " in word)
_ONE_WORD = frozenset(word.replace(" ", "") for word in KEYWORDS)


def _is_misspelt(word: str) -> bool:
    return any(_off_by_one(word, keyword) for keyword in _MISSPELT)


def _off_by_one(word: str, keyword: str) -> bool:
    """Say whether one letter is wrong, missing, too many, or swapped with its neighbour."""
    if word == keyword:
        return True
    if abs(len(word) - len(keyword)) > 1 or word in _HONEST_WORDS:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(word, keyword, strict=False)) if a != b), min(len(word), len(keyword))
    )
    a, b = word[start:], keyword[start:]
    swapped = len(a) > 1 and len(b) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:]
    return swapped or a[1:] == b[1:] or a[1:] == b or a == b[1:]


_HONEST_WORDS = frozenset({"step", "shop", "top", "quite", "quiet", "suit", "stow", "removed"})
"""Words of their own that lie one letter from a keyword."""


def _is_wrong_number(text: _Text) -> bool:
    if _WRONG.search(text.plain) or _misspelt_wrong(text.plain.split()):
        return True
    denied = next((found for sentence in text.sentences if (found := _DENIED.search(sentence))), None)
    if denied and denied.group(1) not in _NOT_NAMES:
        return True
    named = [*_WHO.findall(text.raw), *_NAMED.findall(text.raw)]
    return any(name.lower() not in _NOT_NAMES and name.lower() not in _NEVER_NAMES for name in named)


def _misspelt_wrong(words: list[str]) -> bool:
    pairs = pairwise(words)
    return any(_off_by_one(first, "wrong") and _off_by_one(second, "number") for first, second in pairs)


_STOPPING = (
    (_threatens, ReplyLabel.HOSTILE_LEGAL),
    (_reports_death, ReplyLabel.DECEASED),
    (_opts_out, ReplyLabel.OPT_OUT),
    (_is_wrong_number, ReplyLabel.WRONG_NUMBER),
)
"""By rank."""


def _rest(text: _Text) -> tuple[ReplyLabel, Suppress]:
    """Tell what does not stop everything: a former owner, a refusal, interest, a question, or nothing clear."""
    if _FORMER.search(text.plain):
        return ReplyLabel.WRONG_NUMBER, Suppress.REVIEW
    if _refuses(text):
        return ReplyLabel.NOT_INTERESTED, Suppress.REVIEW
    if _KEEN.search(text.plain) or _SOFT.search(text.plain):
        return ReplyLabel.INTERESTED, Suppress.NO
    if text.asks or _ASKED.search(text.plain):
        return ReplyLabel.QUESTION, Suppress.NO
    return ReplyLabel.NEUTRAL, Suppress.NO


def _refuses(text: _Text) -> bool:
    if "\N{THUMBS DOWN SIGN}" in text.raw or _SARCASM.search(text.plain):
        return True
    return _SOFT.search(text.plain) is None and any(_REFUSED.search(sentence) for sentence in text.sentences)


def _by_stop_word(text: _Text) -> Suppress:
    """Hold a text with a stop word that nothing explains, or that begins with one."""
    for sentence in text.sentences:
        if _STOP_WORD.match(sentence) or _STOP_WORD.search(_EXPLAINED.sub(" ", sentence)):
            return Suppress.REVIEW
    return Suppress.NO


_WEIGHT = {Suppress.NO: 0, Suppress.REVIEW: 1, Suppress.YES: 2}


def _at_least(one: Suppress, other: Suppress) -> Suppress:
    return max(one, other, key=_WEIGHT.__getitem__)


def _read(body: str) -> _Text:
    folded = unicodedata.normalize("NFKC", body)
    visible = "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")
    bare = "".join(sign for sign in unicodedata.normalize("NFD", visible) if unicodedata.category(sign) != "Mn")
    lower = re.sub(r"['\u2019`\u00b4]", "", bare.lower())
    pieces = re.split(r"[.!?\n;:¡¿]+(?=\s|$)|[\n¡¿]+", lower)
    sentences = tuple(words for piece in pieces if (words := _words(piece)))
    return _Text(visible, _words(lower), sentences, "?" in body or "¿" in body)


def _words(text: str) -> str:
    plain = " ".join(re.findall(r"[a-z0-9$#]+", text))
    return _LONE_LETTERS.sub(lambda spaced: spaced.group().replace(" ", ""), plain)
