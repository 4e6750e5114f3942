"""What an inbound text means, and what it does to consent. Pure; docs/explanation/replies.md gives the figures.

A missed "no" is the costly error, so the order is: legal threat, death, opt-out, wrong number, the rest; and a text
that contains a stop word which nothing explains is held for a person (``review``), never ignored. Any wording counts
that a reasonable person would read as a wish to stop: 47 CFR 64.1200(a)(10).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from leadflow.compliance.rules import likeness
from leadflow.compliance.rules.names import NAMES
from leadflow.compliance.rules.people import (
    DECEASED,
    DENIES_NAME,
    FORMER,
    NOT_DECEASED,
    NOT_WRONG,
    WRONG,
)
from leadflow.compliance.rules.reading import KEYWORDS, Reading, is_keyword, read
from leadflow.compliance.rules.spanish import NOT_SPANISH_OPT_OUT, SPANISH_OPT_OUT
from leadflow.compliance.rules.wordings import DOUBTFUL, HOSTILE, NOT_HOSTILE, NOT_OPT_OUT, OPT_OUT, either
from leadflow.compliance.types import ReplyClass
from models.vocabulary import Confidence, ReplyLabel, Suppress

__all__ = ["CONSENT_WORDS", "KEYWORDS", "classify", "judge"]

CONSENT_WORDS = frozenset({"start", "unstop", "yes start", "start again"})
"""Carrier opt-in words: for the consent machine, they say nothing about the sale."""

_SARCASM = either(
    r"\b(?:b|tr|gaz|z)illion\b|\b\d+ ?(?:million|mil+ion|mm)\b|\bmillion (?:dollars|bucks|cash)\b|\byeah right\b"
)
_REFUSED = either(
    r"\bnot (?:\w+ )?(?:interested|for sale|selling|looking to sell|planning|wanting|an investment|at this time|"
    r"going to sell)\b",
    r"\b(?:not|isnt|aint) (?:\w+ )?(?:for sale|right now|today|at the moment|going anywhere|happening|a chance|"
    r"in this lifetime|available|gonna happen)\b",
    r"^(?:no|nope|nah|na|naw|no sir|no maam|pass|negative|hell no|no way|never|no gracias|not|nty|ha no|lol no|"
    r"lol nope|haha no|nunca|jamas)\b(?! (?:problem|worries|doubt))",
    r"\bno (?:thanks?|thank (?:you|u)|interest|plans|intention|chance|ty)\b|\bhard (?:pass|no)\b|\bim (?:good|cool|"
    r"straight|all set)\b|\bwere good\b|\bno way\b|\bill pass\b",
    r"\b(?:all set|we (?:good|straight)|staying put|over my dead body|hell freezes|feet first|absolutely not|"
    r"ni loco|i decline|zero interest|thanks but no|thank you but no|yeah no|fat chance)\b",
    r"\bhappy (?:here|where|with|in)\b|\blisted with\b|\b(?:love|like) (?:my|our|this|the) (?:house|home|place)\b|"
    r"\b(?:rented|under contract|refinanced|remodeled)\b|\bjust (?:bought|moved)\b",
    r"^(?:thanks|thank you) no$|\b(?:already|have|got) (?:listed|(?:have )?an? (?:agent|realtor|buyer))\b|"
    r"\bdie in this house\b|"
    r"\b(?:plan|planning|intend) (?:on|to) (?:dying|die|staying|stay|keeping|keep|retiring|retire)\b|"
    r"\b(?:appreciate|thanks|thank you|sorry|flattered|kind)\b(?: \w+){0,4} but (?:no|not)\b|"
    r"\bcouldnt afford\b|\bnever (?:gonna|going to) (?:happen|sell)\b|\bwhat youd pay\b",
    r"\b(?:dont|wont|never|not gonna|aint|not going to) (?:\w+ )?(?:sell|selling|want to sell|be selling)\b|"
    r"\bkeeping (?:it|the)\b",
    r"\bno (?:esta|estamos|estoy|se) (?:en venta|a la venta|interesad\w+|vendiendo|vende)\b|\b(?:ahorita|ahora|"
    r"por ahora) no\b|\bno por el momento\b",
    r"\bno (?:me interesa|vendo|vendemos|quiero vender|queremos vender|gracias)\b|^(?:this is a )?scam(?:mers?)?$",
)
_SOFT = either(
    r"\b(?:maybe|possibly|perhaps|depends|down the road|next (?:year|month)|keep in touch|check (?:back|with me))\b",
    r"\bin the (?:spring|summer|fall|winter|future)\b|\bbut (?:maybe|later|id)\b|\bnot (?:for that|less|under|yet|"
    r"ready)\b|^no (?:less|calls|texts)\b",
)
_KEEN = either(
    r"^(?:yes|yeah|yea|yep|yup|sure|absolutely|definitely|si|claro|interested|interesad[oa]|hell yeah|damn right)\b",
    r"\b(?:might|may|want to|ready to|like to|looking to|hoping to|willing to|need to|thinking (?:about|of)|"
    r"trying to|id|consider\w*) (?:\w+ )?"
    r"(?:sell|selling|moving|move|it|offers?)\b",
    r"\b(?:make|send|give|shoot)(?: me| us)? (?:an|a|your|the|ur|another)? ?(?:offer|price|number)\b",
    r"\b(?:the|your|an|best|cash) offers?\b|\bopen to\b|\bhow much\b|\bwhat (?:would|will|can|could|do|"
    r"are) (?:you) (?:pay|paying|give|offer\w*)\b|\bdepends on\b",
    r"\b(?:id|i would|ill|well|wed) (?:take|sell|listen)\b|\bmake it \d|\bwe can talk\b|\blets (?:talk|set|do)\b|"
    r"\bcan we (?:do|talk|meet|set)\b|\bcall me\b|\bsounds good\b",
    r"\bsend me (?:your|the|more)\b|\b(?:stop|come|swing) (?:by|over)\b|\bforeclosure\b|\bbehind on\b|"
    r"\bget rid of\b|\boff (?:of )?(?:my|our) hands\b|\bright price\b",
    r"\b(?:its|is) vacant\b|\b(?:im|am|were|very|still) interested\b|\bi(?:m| am)? (?:would )?(?:sell|selling|"
    r"consider)\b|\b(?:me|nos) interesa\b|\bcuanto\b|\boferta\b",
    r"\bllame(?:me|nos)?\b|\bsi (?:la )?(?:vendo|quiero)\b|\bquiero vender\b|\bjust (?:been )?busy\b|\b\d{2,3}k\b",
)
_ASKED = either(
    r"^(?:who|whos|how|what|whats|which|when|where|why|are|is|do|does|did|can|could|will|would|should|have|has|"
    r"new phone)\b",
    r"^(?:quien|que|como|cuando|donde|de donde|por que|es|cual|de que|help|info|ayuda|huh)\b",
)
_STOP_WORD = re.compile(
    r"\b(?:stop\w*|quit\w*|end(?:s|ed|ing)?|cancel\w*|unsubscrib\w*|revok\w*|remov\w*|opt(?:ed|ing)? out|optout|"
    r"cease\w*|desist)\b"
)
_NEGATED = either(
    r"\b(?:dont|no|not|never|wont|cant|no more|without)\b(?: \w+){0,4} (?:texts?|messages?|contact|calls?|number|"
    r"list|bother|mensajes?|textos?)\b",
    r"\b(?:fuck\w*|shit\w*|asshole|bitch|creep\w*|vultures?|idiots?|annoying|rude|police|attorney|lawyer|abogado)\b",
    r"\bmy (?:number|privacy)\b.*\b(?:how|why|private|personal)\b|\bleave me\b",
)
"""What sounds like a no to us without being one; a person should look."""
_INSULT = either(
    r"\b(?:assholes?|a ?holes?|bitch(?:es)?|bastards?|scumbags?|dickheads?|douche\w*|motherfuck\w*|mf(?:er)?s?|"
    r"pendej[oa]s?|cabron(?:es)?|pinches?|put[oa]s?|"
    r"dipshits?|dumbass\w*|jackass\w*|pieces? of shit|pos|scammers?|parasites?|bottom feeders?|predators?|vultures?|"
    r"losers?|morons?)\b"
)
"""Abuse that is aimed at us: nobody who uses it wishes for another text."""
_AIMED = re.compile(r"\b(?:you|your|youre|stop|off|people|these|damn|fuck\w*)\b|^(?:\w+ ){0,2}\w+$")


def classify(body: str) -> ReplyClass:
    """Say what a reply means and what it does to consent.

    Args:
        body: the text as it came.

    Returns:
        The label by rank, and ``yes`` (stop all sends now), ``review`` (hold until a person has looked) or ``no``.
    """
    return judge(body, likeness.shipped())


def judge(body: str, weights: Mapping[str, float]) -> ReplyClass:
    """Do what ``classify`` does, with other weights than those that ship."""
    text = read(body)
    if text.plain in CONSENT_WORDS:
        return ReplyClass(ReplyLabel.NEUTRAL, Suppress.NO)
    if _is_bare_keyword(text) and not _threatens(text) and not _reports_death(text):
        return ReplyClass(ReplyLabel.OPT_OUT, Suppress.YES)
    odds = _odds(text, weights)
    for says, label in _STOPPING:
        if says(text):
            firm = odds > _INNOCENT or _is_bare_keyword(text)
            return ReplyClass(label, Suppress.YES if firm else Suppress.REVIEW, _sure(firm, odds))
    label, suppress = _rest(text)
    if odds > (_ALIKE_BUT_KEEN if label in _WARM else _ALIKE):
        return ReplyClass(ReplyLabel.OPT_OUT, Suppress.YES, Confidence.LOW)
    held = _at_least(suppress, _at_least(_by_stop_word(text), _by_likeness(odds)))
    return ReplyClass(label, held, _guessed(label, held, odds))


def _sure(firm: bool, odds: float) -> Confidence:  # noqa: FBT001 a fact of the reply
    """Say how sure a wording that stops is: sure where replies like this one were a no as well."""
    return Confidence.HIGH if firm and odds > 0 else Confidence.LOW


def _guessed(label: ReplyLabel, held: Suppress, odds: float) -> Confidence:
    """Say how sure a reply is that stops nothing: what is held, or of which no wording speaks, is a guess."""
    warm = held is Suppress.NO and label in _WARM
    return Confidence.HIGH if warm and odds < _INNOCENT else Confidence.LOW


_INNOCENT = -2.5
"""A wording was found, but replies like this one were innocent: a person decides. By the tuned replies."""
_ALIKE, _ALIKE_BUT_KEEN, _DOUBT = 2.75, 5.0, 0.75
"""No wording was found, but replies like this one were a no. By the tuned replies."""
_WARM = frozenset({ReplyLabel.INTERESTED, ReplyLabel.QUESTION})


def _odds(text: Reading, weights: Mapping[str, float]) -> float:
    """Score the reply as a whole, and each sentence alone and without courtesy: thanks dilute no opt-out."""
    alone = (text._replace(plain=sentence) for sentence in text.sentences if sentence != text.plain)
    return max(likeness.score(one, weights) for one in (text, *alone))


def _by_likeness(odds: float) -> Suppress:
    return Suppress.REVIEW if odds > _DOUBT else Suppress.NO


def _is_bare_keyword(text: Reading) -> bool:
    return any(is_keyword(sentence) for sentence in (text.plain, *text.sentences))


def _threatens(text: Reading) -> bool:
    return _found(HOSTILE, NOT_HOSTILE, text.sentences)


def _reports_death(text: Reading) -> bool:
    return _found(DECEASED, NOT_DECEASED, text.sentences)


def _found(meant: re.Pattern[str], innocent: re.Pattern[str], sentences: Iterable[str]) -> bool:
    """Search what is left of each sentence once its innocent meanings are out."""
    return any(meant.search(" ".join(innocent.sub(" | ", sentence).split())) for sentence in sentences)


def _opts_out(text: Reading) -> bool:
    if _is_bare_keyword(text):
        return True
    if _INSULT.search(text.plain) and _AIMED.search(text.plain) and not _KEEN.search(text.plain):
        return True
    return any(_begs_to_stop(sentence) for sentence in text.sentences)


def _begs_to_stop(sentence: str) -> bool:
    left = " ".join(DOUBTFUL.sub(" | ", NOT_OPT_OUT.sub(" | ", sentence)).split())
    if OPT_OUT.search(left) or _found(SPANISH_OPT_OUT, NOT_SPANISH_OPT_OUT, [sentence]):
        return True
    words = left.split()
    if words and words[0] in _FIRST:
        return len(words) == 1 or words[1] not in _ELSEWHERE
    return bool(re.search(r"\bstop$", left))


_FIRST = frozenset({"stop", "stopall", "unsubscribe", "optout", "revoke"})
_ELSEWHERE = frozenset({"by", "in", "over", "at", "the", "my", "our", "a", "|"})


def _is_wrong_number(text: Reading) -> bool:
    if _found(WRONG, NOT_WRONG, text.sentences):
        return True
    if any(_denies_a_name(sentence) for sentence in text.sentences):
        return True
    named = [*_WHO.findall(text.raw), *(name for found in _NOT_ME.findall(text.raw) for name in found if name)]
    return any(name.lower() not in _NO_NAMES for name in named)


def _denies_a_name(sentence: str) -> bool:
    named = (name for found in DENIES_NAME.finditer(sentence) for name in found.groups() if name)
    return any(name in NAMES or name.removesuffix("s") in NAMES for name in named)


_NOT_ME = re.compile(
    r"\b(?:[Tt]his|[Tt]hat)(?:'|\u2019)?(?: is|s) ?n(?:o|'|\u2019)t ([A-Z][a-z]+)|\bI(?:'|\u2019)?(?:m|"
    r" am) not ([A-Z][a-z]+)"
)
_WHO = re.compile(r"\b[Ww]ho(?:'s|\u2019s|s| is) ([A-Z][a-z]+)")
_NO_NAMES = frozenset(
    {
        *(
            "a",
            "buying",
            "calling",
            "going",
            "i",
            "interested",
            "is",
            "it",
            "legal",
            "looking",
            "moving",
            "owns",
            "paying",
            "real",
            "selling",
            "sure",
            "that",
            "the",
            "they",
            "this",
            "you",
            "your",
        ),
    }
)

_STOPPING = (
    (_threatens, ReplyLabel.HOSTILE_LEGAL),
    (_reports_death, ReplyLabel.DECEASED),
    (_opts_out, ReplyLabel.OPT_OUT),
    (_is_wrong_number, ReplyLabel.WRONG_NUMBER),
)
"""By rank."""


def _rest(text: Reading) -> tuple[ReplyLabel, Suppress]:
    """Tell what does not stop everything: a former owner, a refusal, interest, a question, or nothing clear."""
    if FORMER.search(text.plain):
        return ReplyLabel.WRONG_NUMBER, Suppress.REVIEW
    if _refuses(text):
        return ReplyLabel.NOT_INTERESTED, Suppress.REVIEW
    if _KEEN.search(text.plain) or _SOFT.search(text.plain):
        return ReplyLabel.INTERESTED, Suppress.NO
    if text.asks or _ASKED.search(text.plain):
        return ReplyLabel.QUESTION, Suppress.NO
    return ReplyLabel.NEUTRAL, Suppress.NO


def _refuses(text: Reading) -> bool:
    if "\N{THUMBS DOWN SIGN}" in text.raw or "\N{FACE WITH NO GOOD GESTURE}" in text.raw or _SARCASM.search(text.plain):
        return True
    return _SOFT.search(text.plain) is None and any(_REFUSED.search(sentence) for sentence in text.sentences)


def _by_stop_word(text: Reading) -> Suppress:
    """Hold a text with a stop word that nothing explains or that begins with one, and one that sounds like a no."""
    for sentence in text.sentences:
        left = NOT_OPT_OUT.sub(" ", sentence)
        if _STOP_WORD.match(sentence) or _STOP_WORD.search(left) or _NEGATED.search(NOT_HOSTILE.sub(" ", left)):
            return Suppress.REVIEW
    return Suppress.NO


_WEIGHT = {Suppress.NO: 0, Suppress.REVIEW: 1, Suppress.YES: 2}


def _at_least(one: Suppress, other: Suppress) -> Suppress:
    return max(one, other, key=_WEIGHT.__getitem__)
