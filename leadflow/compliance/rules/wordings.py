"""What stops every send, in the words of people: threats, deaths, opt-outs, wrong numbers; and what only sounds so.

Searched in the plain writing of ``reading``: "do not" is "dont", "u" is "you", "txt" is "text". Any wording counts
that a reasonable person would read as a wish to stop: 47 CFR 64.1200(a)(10). Each ``EXCUSES`` takes an innocent
meaning out of a sentence before it is searched.
"""

from __future__ import annotations

import re


def either(*patterns: str) -> re.Pattern[str]:
    """Unite patterns."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_TALK = (
    r"(?:text|message|contact|call|write|reach(?: out)?|bother|email|mail|spam|harass|annoy|hit|solicit|pester|bug|"
    r"hound|"
    r"disturb|dm|ping|phone|ring|hmu|communicate|blow|msg|badger|nag|approach|respond|reply|sms|market)"
)
_TALKING = (
    r"(?:text|messag|contact|call|writ|reach|bother|email|mail|send|spam|harass|annoy|hitt|solicit|pester|bugg|hound|"
    r"disturb|dm|ping|phon|ring|blow|badger|nagg|ask|tr[iy]|market|us|com|both|target|stalk|hassl|pursu)in+g?"
)
_TEXTS = (
    r"(?:texts?|messages?|calls?|spam|sms|contact|notifications?|alerts?|emails?|solicitations?|offers|"
    r"communications?|"
    r"texting|messaging|calling|marketing|subscription|service|campaign|correspondence|nonsense|bs|crap|shit|mess|"
    r"madness)"
)
_WHOM = (
    r"(?:me|us|him|her|them|my \w+|our \w+|this (?:number|phone|line|person|contact|cell)|the (?:number|family)|"
    r"these people|people|anyone|again)"
)
_LIST = r"(?:lists?|data ?base|system|contacts?|records?|campaigns?|phone|files?|rolodex|directory|mailing|books?|crm)"
_WE = r"(?:i|we|im|my|he|she|they|id|please)"
_YOURS = r"(?:your|the|this|that|these|any|all|whatever|every|you|mailing|text|marketing|call(?:ing)?|ya|contact|sms)"

OPT_OUT = either(
    r"\b(?:make|let|be|is|was) (?:this |that |it |be )*(?:the|your|our|my) (?:very )?(?:last|final) (?:text|message|"
    r"one|contact|call)\b|"
    r"^(?:the )?(?:last|final) (?:text|message|warning|notice)(?: please)?$",
    rf"\bquite {_TALKING}\b|\b(?:dont|stop) massag(?:e|ing) (?:me|us|this)\b|\bfuck off\b|\bf off\b|\boff my phone\b",
    r"\bmeant for (?:someone|somebody) else\b|\b(?:permission|consent) (?:is |was |has been |hereby )?(?:revoked|"
    r"withdrawn|denied)\b|"
    r"\b(?:take|taking) back (?:my|any|all) consent\b|\b(?:stop|opt out|removal|unsubscribe) request\b|\bi said no\b",
    r"\bdont (?:ever )?(?:do|try) (?:it|this|that|me|to|again)\b(?: again)?$|\b(?:text|contact|call|"
    r"message) me again\b|"
    r"\bwast(?:e|ing) (?:of )?(?:my|your) time\b|\b(?:too|way too) many texts\b|\bnever again\b",
    # Stop doing it.
    rf"\b(?:stop|quit|cease|halt|end|discontinue|refrain from|desist from|knock off|cut out|lay off|ease up|give up|"
    rf"no more|enough with|done with|tired of|sick of|fed up with|stopped|without) (?:\w+ ){{0,2}}{_TALKING}\b",
    r"\bstop (?:it|this|that|these|all|now|already|please|with|everything|immediately|asap|contact|sms|today|forever|"
    r"me|right|there|ok|bro|man|dude|bruh|damn|the (?:texts?|messages?|calls?|spam|madness|harassment|"
    r"bs))\b(?! thinking)",
    rf"\b(?:stop|halt|cease|end|discontinue|terminate|kill|cut|enough with|enough of|quit with|chill with|ease up on|"
    rf"chill on|cancel|deactivate|suspend|cut out|knock off|drop) (?:\w+ ){{0,2}}{_TEXTS}\b",
    r"\b(?:please|just|kindly|now|and|so|ok|lol|bro|omg|wtf) (?:stop|quit|cease|desist)\b(?! (?:by|in|over|at|my|"
    r"the) )",
    r"\b(?:you|people|guys|it|this|them|these|those|they|texts|messages|calls|that) (?:all )?"
    r"(?:to |need to |needs to |must |got to |have to |has to |should |better |can |could |would |will )(?:please |"
    r"just )*"
    r"(?:stop|quit|cease)(?! (?:by|in|over|at)\b)(?: (?!the|my|our)\w+|$)",
    r"\b(?:want|need|like|ask(?:ed|ing)?|told|tell(?:ing)?|said|say(?:ing)?|repl(?:y|ied)|texted|typed|wrote|sent|"
    r"request(?:ed)?|beg(?:ging)?|warn(?:ed|ing)?) (?:\w+ ){0,4}(?:to )?(?:stop|quit|unsubscribe|be (?:removed|"
    r"taken)|"
    r"dont (?:contact|text|call)|not to (?:text|contact|call|message|be))(?! by| the| my)\b",
    r"\b(?:repl(?:y|ying)|respond(?:ing)?|sending|^text) (?:with )?stop\b|^text stop$|^stop to \w+",
    r"\bhow (?:\w+ ){1,4}(?:get|make|have) (?:\w+ ){1,4}(?:to )?stop\b|\bmake (?:it|this|them|these) stop\b",
    # Do not do it.
    rf"\b(?:dont|never|not to|no need to|cant|shouldnt|wont you not|quit|you (?:please |kindly |just |all )*not|"
    rf"do t) (?:ever |please |even |you |"
    rf"dare |bother to |need to |want you to |want to be |wish to be |you ever |you dare |think about )*"
    rf"{_TALK}(?:ed)?(?! (?:list|registry)\b)\b(?! (?:me )?(?:back )?(?:until|till|before|after|on)\b)",
    r"\b(?:dont|not to|never) (?:ever )?(?:send|forward|give) (?:me|us|this|anything|any|more|another|out|stuff)\b"
    r"(?! (?:a )?(?:low|lowball|offer under))",
    r"^dont (?:bother|ask|text|call|message|even)\b|\bdont (?:ever )?ask(?: me| us)?(?: again| anymore| about|$)",
    r"\b(?:dont|never|do t) (?:ever )?us(?:e|ing) (?:this|my)\b|\bstop using\b",
    rf"\b(?:dont|no longer|never|not|didnt|doesnt) (?:ever )?(?:want|wish|care|need|like|desire|interested in|"
    rf"looking for|trying|consent|authorize|appreciate|accept|agree|asked? for) (?:\w+ ){{0,5}}(?:{_TEXTS}|"
    rf"contacted|texted|messaged|called|bothered|solicited|hear (?:from|anymore|about it)|on (?:this|your|any) list|"
    rf"reached|communication)\b(?! (?:the )?(?:price|offer|until|till|before|after|at work))",
    r"\bwant (?:no|nothing) (?:\w+ ){0,2}(?:texts?|messages?|calls?|contact|from you|to do with you)",
    r"\b(?:no longer|dont|not|never|aint) (?:want|wish|care|trying|interested|need)(?: \w+){0,3} hear(?:ing)? from\b",
    r"\b(?:id|would|we d|prefer) (?:rather |prefer |really )*(?:you )?(?:not|didnt|dont)(?: to)? (?:be |get |"
    r"receive |"
    r"hear |text|contact|call|message|write|reach)",
    rf"\bnot interested in (?:\w+ )?(?:receiving|getting|hearing|{_TEXTS})\b",
    rf"\b(?:no|zero)(?: (?:more|further|additional|longer|unsolicited|marketing|new))* (?:{_TEXTS}|contact|texting|"
    r"solicit\w*|unsolicited|communication|of (?:this|these|that)|please)\b",
    r"^no more(?: (?:please|thanks|ok|bro))?$|\bunsolicited\b|\bno (?:trespass|solicit)\w*",
    # Take me off.
    r"\b(?:remove|delete|erase|scrub|drop|strike|scratch|exclude|purge|wipe|clear|rid|block|take out|pull|release) "
    r"(?:me|us|him|her|(?:my|our|his|her|this|the|her) (?:\w+ )?(?:number|name|info\w*|contact|phone|cell|address|"
    r"email|"
    r"data|details|family|husband|wife|mom|mother|dad|line)|number|this|from (?:your|this|the) list)\b(?! (?:house|"
    r"place|wall|low))",
    r"\b(?:take|get|keep|leave|want|wants|wanting|be|taken|need|put|cross|cut|knock|kick|mark|scratch|strike|him|"
    r"her) "
    rf"(?:\w+ ){{0,6}}(?:off|out) of? ?(?:\w+ ){{0,2}}{_LIST}\b",
    rf"\b(?:off|out of|on|from) (?:of )?{_YOURS} (?:\w+ )?(?:list|lists|database|contact list|call list)\b(?! price)",
    r"\b(?:take|get|keep|leave) (?:me|us|my (?:name|number|info|family)|this (?:number|phone)) off\b",
    r"\b(?:please|kindly|just|interested) remove$|\btake (?:me|us) (?:out|away)\b|^(?:off|remove|removed|removal|"
    r"me off|take off) (?:please|now|me|list|the|your)\b",
    r"\bkeep (?:me|us|my \w+|this number) out\b|\bi want off\b|^want off\b|\bout of (?:your|the) (?:system|database|"
    r"crm)\b",
    r"\b(?:lose|forget|toss|trash|shred|dump|burn|discard|throw(?: \w+)?(?: away| out)?|delete|erase|misplace) "
    r"(?:you (?:have |had |ever had )?)?(?:my|this|our|her|his|dis|the) (?:\w+ )?(?:number|phone|contact|info\w*|"
    r"digits|#|cell)",
    r"\b(?:request(?:ing)?|want|demand(?:ing)?|ask(?:ing|ed)?) (?:\w+ ){0,3}(?:removal|(?:be|to be|being) "
    r"(?:removed|taken off|left alone|deleted))\b|\bremoval (?:please|request)",
    r"\b(?:to be|be|been|get) (?:removed|deleted|taken off|unsubscribed) (?:from|off|please|immediately|asap|now)\b",
    r"\b(?:dont call|dnc|no call|donotcall|dont contact|do not call|dont text)(?: list| registry| me| us|$)",
    r"\b(?:dnc|donotcall)\b|\bdont (?:disturb|solicit)\b(?! (?:on|mode|while|enabled))|\bno call list\b",
    r"\b(?:dont|no|never|stop|quit|not) (?:ever )?follow(?:ing)? ?ups?\b|\bno (?:more )?follow ?ups?\b|"
    r"\bsay(?:ing)? (?:no more|no)$",
    r"\b(?:anything|nothing) (?:else )?(?:more )?to do with (?:you|this|your|these|it|yall)\b|\bnothing (?:more |"
    r"else )?from you\b",
    r"\b(?:never|not|dont) (?:\w+ )?hear(?:ing)? (?:from|anything from) (?:you|yall|this|these|any|your|him|them)\b|"
    r"\bnot being (?:contacted|texted|called|messaged|bothered)\b",
    rf"\b(?:why|how come) (?:do|are|does|would|did|is|r) (?:you|he|she|they|your)(?: \w+){{0,2}} (?:keep|kept|still|"
    rf"always|constantly|continue\w*) (?:on )?(?:to )?(?:{_TALK}|{_TALKING})\b|"
    r"\b(?:you|yall|people|guys|they|your) (?:\w+ )?(?:keep|kept|continue to|wont stop|never stop|"
    rf"dont stop) (?:on )?(?:{_TALKING}|{_TALK})\b",
    r"\bdont (?:ever )?(?:come back|return)\b|^(?:bye|goodbye|good bye) (?:now|forever|felicia|felisha)\b|"
    r"^(?:cancel|end|stop|remove|delete|quit|unsubscribe) (?:everything|it all|all of it|all)\b",
    r"\b(?:remove|delete|removal|take|drop|cut)(?: \w+){0,2} (?:from|frm|off|of)(?: \w+){0,2} (?:list|database|"
    r"system|contacts|texts|program|rotation|group|thread|chat|blast|blasts)\b|\blist removal\b|"
    r"\b(?:off|out of|from) (?:your|the|this|all) (?:\w+ ){0,2}(?:program|rotation|group|thread|chat|blast|blasts|"
    r"texts|messages|texting|marketing)\b",
    r"\b(?:im|i am|were|we are|consider (?:me|us)) (?:so |all |completely )?(?:done (?:with|talking to) (?:you|this|"
    r"yall|these)|out$|unsubscribed|opted out|off)\b",
    r"\b(?:would|id|wed) (?:really |truly )?(?:appreciate|like|love|be grateful) (?:it |"
    r"very much )?(?:if )?(?:you )?(?:not|no|never|nothing|didnt|dont|to be (?:left|removed|taken)|stopped|stop|"
    r"would stop|would not|wouldnt|zero)\b",
    r"\b(?:pester|harass|bother|annoy|disturb|spam|stalk|hound)(?:ing|ed|s)? (?:me|us|my|our|people|old|elderly|her|"
    r"him)\b|\b(?:so|very|really|extremely) (?:intrusive|invasive|annoying)\b|\b(?:is|youre|are|so) (?:intrusive|"
    r"invasive)\b",
    r"\b(?:mark|flag|list|put|note|tag|set) (?:me|us|this number|my number|it|this)(?: down)? (?:as|"
    r"on) (?:\w+ ){0,2}(?:contact|call|text|uninterested|dead|removed|never|inactive|no)\b|\bclose (?:my|the|"
    r"this) file\b|\blose interest\b",
    r"\b(?:last|final|only) (?:time|warning|chance|text|message) (?:\w+ ){0,4}(?:text|contact|stop|hear|you)\b|"
    r"\b(?:stay|keep) (?:away|out|off) (?:from|of) (?:me|us|my|our)\b|\bget out$|\bgood riddance\b|\bbug off\b|"
    r"\bmind your (?:own )?business\b",
    r"\b(?:not|isnt|arent|no) (?:ok|okay|acceptable|cool|appropriate) (?:to|that you) (?:text|contact|call|"
    r"message)\b|\bhow dare you\b|\b(?:creep|creepy|creeps|stalker|stalking)\b",
    # Leave me be.
    r"\bleave (?:me|us|him|her|them|my \w+|our \w+|people|folks|this \w+) (?:\w+ ){0,3}?(?:alone|be|out of)\b",
    r"\bleave (?:me|us|him|her) b$|\blet (?:me|us|her|him) be\b|\bgo away\b|\bget lost\b|\bget away from\b|"
    r"\bbeat it$|\btake a hike\b|"
    r"\bkick rocks\b",
    r"\bpound sand\b|^(?:\w+ )?(?:scram|shoo|vamoose)\b|\bget out of (?:my|our|here)\b|\bget off (?:my|me|this|"
    r"our)\b|\bget bent\b",
    r"\b(?:fuck|f|piss|bug|back|buzz|screw|hop|step|sod|jog|naff|move along|shove|bugger|get the fuck|"
    r"get the hell) off?\b"
    r"(?<!\bf o)(?<!fuck)(?<!\bf)(?<!screw)(?<!hop)(?<!step)(?<!back)(?<!bug)|\bmove along\b|\bmove on please\b",
    r"\bknock it off\b|\bcut it out\b|\bgive it (?:a rest|up)\b|\bgive me a break\b|\blay off\b|\bback off\b|"
    r"\bdrop it$",
    r"\benough (?:already|is enough|of (?:this|it|these|your)|with)\b|^(?:\w+ ){0,2}enough$|\bthats enough\b",
    r"\b(?:had enough|sick|tired|sick and tired|fed up) (?:of|with) (?:\w+ ){0,3}(?:texts|messages|calls|you|yall|"
    r"your|being (?:texted|bothered|harassed|contacted)|(?:this|it)$|this (?:shit|crap|bs|spam|harassment)|people)\b",
    r"\b(?:bother|bug|harass|annoy|pester|text|spam) (?:somebody|someone|some one) else\b|\bgo bother\b",
    r"\b(?:if|unless) you dont stop\b|\bquit (?:it|that|this|with)\b|\bget (?:the fuck )?out (?:of )?my\b|"
    r"\bshut (?:up|the|it|your)\b|\bno means no\b|\bwhat part of (?:\w+ ){0,2}(?:no|stop|dont|not|quit|leave)\b",
    r"\btake (?:a|the) hint\b|\bget (?:a|the) (?:hint|clue|life|real job|message)\b|\b(?:get|take) the picture$",
    r"\bfuckyou\b|\bfuck(?:ing)? (?:you|your|this|all|them|outta|out of|yourself|urself|u)\b(?! price)|\bgo fuck\b|"
    r"\bfuck off\b",
    r"\bscrew (?:you|off|your)\b|\bkiss my\b|\beat (?:shit|s h i t|sht|my)\b|\bgo to hell\b|\bsuck (?:my|it|a)\b|"
    r"\bf you\b|"
    r"\bgo f yourself\b|\b(?:f|fuck|hop|step|bug|screw|get) (?:the )?off\b(?! my (?:hands|plate|chest|market))|"
    r"\bdrop dead\b",
    r"\bblock(?:ed|ing)? (?:you|and|this|your|the|now|number)\b|^blocked\b|\bblocked$|\bblock (?:you|u)\b|"
    r"\byou(?:re)? blocked\b",
    r"\b(?:this|that|your|its|just|more|is) spam\b(?<!is this spam)(?<!this is spam or)|^spam\b|\bstop spam|"
    r"\bjunk text",
    r"\bunsubscribed?\b|\bopt(?:ed|ing)? (?:\w+ ){0,3}out\b|\boptout\b|\bdesubscribe\b",
    r"\b(?:withdraw|revoke|rescind|terminate|withdrawing|revoking|deny|decline) (?:\w+ ){0,3}(?:consent|permission|"
    r"authorization)\b|"
    r"\brevok(?:e|ing|ed) (?:\w+ )?(?:consent|permission)",
    r"\b(?:dont|didnt|never|not|without|no|havent) (?:ever )?(?:have |had |give |gave |given |got |get |"
    r"you )?(?:you )?"
    r"(?:my |our |any )?(?:permission|consent(?:ed)?|authoriz\w+|approval)\b",
    r"\b(?:didnt|never|dont remember|not) (?:ever )?(?:sign(?:ed|ing)? up|subscrib\w*|opt(?:ed)? in|"
    r"ask(?:ed)? for (?:this|these|"
    r"your|any)|request(?:ed)? (?:this|these|any)|agreed? to (?:this|these|get|receive|be))\b",
    r"\b(?:respect|invasion of|violat\w* of|invading) (?:my|our|people\w*)? ?(?:privacy|wishes|time)\b|"
    r"\bprivate number\b",
    r"\b(?:why|how come) (?:am i|are we|do i|im i) (?:still |even |always |keep )?(?:getting|receiving|on|being|"
    r"get)\b",
    r"\b(?:already|i have|i) (?:opted|unsubscribed|opted out|said (?:no|stop))\b|\bstill (?:texting|"
    r"getting (?:texts|these))\b",
    r"^(?:please |kindly )?(?:terminate|discontinue|desist|halt|cease|erase|delete)\b(?! the foreclosure)|"
    r"\bcease (?:all|contact|comm\w*|immediately)\b",
    r"\bend (?:this|all|it|the conversation|conversation|immediately|now)\b(?! (?:week|month|year|saga))|"
    r"\blast (?:time|warning|request) "
    r"(?:\w+ ){0,4}(?:tell|ask|say|stop|remove)",
    r"\b(?:you|u) (?:can|may|should) (?:all )?(?:stop|take me|remove)\b(?! by)|\bfinal (?:warning|notice|request)\b",
    r"\b(?:not|isnt|arent) (?:welcome|allowed|appreciated|wanted)\b(?: here)?(?: to (?:text|call|contact))?$",
)  # fmt: skip
"""The many ways to say stop."""

NOT_OPT_OUT = either(
    r"\bquit paying\b|\bwrong (?:zip|square|"
    r"unit)\b|"
    r"\b(?:you|auction|it) (?:please )?stop (?:it|the auction|the sale)$|\bdrop (?:me |by|off|the price|to|"
    r"in)\b(?: a number| a line)?",
    r"\bstop(?:ping|ped|s)? (?:by|in|over|at|for|off|out|and (?:see|look|talk))\b(?: \w+)?",
    r"\bstop(?:ping)? (?:\w+ ){0,2}(?:foreclosure|auction|sale|bank|eviction|repo|repossession|bleeding|clock|leak|"
    r"payments?)\b",
    r"(?<!you )\b(?:cant|wont|never|doesnt|didnt|dont) (?:ever )?(?:stop|stops|stopped|quit) (?!me|us)\w*(?: about)?",
    r"(?<!you )\b(?:cant|wont|never|doesnt|dont) (?:stop|stops|quit)\b|\bnon ?stop\b|\b(?:bus|pit|one|train|truck|"
    r"rest|first|last|next|my|our|subway|the|a|gas) stop\b",
    r"\b(?:get|got|getting|am|im|when i|until i|till i|after i) (?:get |am )?off (?:work|the (?:bus|phone|plane|"
    r"train|call|clock)|at \d|shift|early|in an?)\b|"
    r"\blets (?:end|stop|quit)\b(?: this| it)?|\b(?:tenants?|renters?|they|he|she|bank|buyers?|agent|realtor|"
    r"it) (?:stopped|"
    r"quit|quits|ended|cancell?ed)\b(?: \w+)?|\bnot (?:quite |nearly |even )?enough\b|\b(?:good|fair|close|big|"
    r"fast|old|sure) enough\b",
    r"\bstop (?:sign|light|shop|gap|payment)\b|(?<!you )\bdont (?:you )?(?:stop|quit) (?:texting|trying|looking|"
    r"messaging|calling)\b",
    r"\b(?:did|have|had|why|when|would|do) (?:you )?(?:all )?(?:ever )?(?:stop|stopped|quit) (?:texting|calling|"
    r"buying|messaging|looking)\b",
    r"\b(?:dont|not|never) (?:want|wanna|need)?(?: me)?(?: to)? ?(?:opt out|stop|cancel|unsubscribe|remove|take|"
    r"delete|be removed|end)\b"
    r"(?: me| us| my \w+)?(?: off| from)?(?: (?:of )?(?:the|your) list)?",
    r"\b(?:keep|leave|put|stay|get|am i|remain|still) (?:me |us )?on (?:your|the) list\b|\bkeep me (?:posted|"
    r"in mind|updated)\b",
    r"\b(?:off|of) (?:the |your )?list(?:ing)? price\b|\boff (?:of )?(?:my|our) (?:hands|plate|chest|shoulders)\b|"
    r"\boff market\b",
    r"\b(?:no need to|dont|please dont|no|rather not|not) (?:call|calls|phone|text|texts|"
    r"email)s?(?: me)? (?:at \w+ |so )?(?:(?:just|only|instead|but|please) "
    r"(?:text|email|call|message)|(?<=calls )(?:text|email|message) me)(?: me)?\b(?! again)",
    r"\bdont (?:forget|hesitate|be afraid|mind|wait|know)(?: to)? \w+(?: me)?(?: back)?|\bno need to (?:call|text|"
    r"reply|respond)(?: back)?\b",
    r"\b(?:dont|cant|never|please dont) (?:call|text|message|contact|ring|phone|reach)(?: me|"
    r" us)?(?: back)? (?:at work|before|after|until|till|"
    r"today|tonight|tomorrow|this (?:week\w*|month|morning|afternoon|evening)|right now|in the|between|during|"
    r"so (?:early|late)|that (?:early|late)|late|early|on (?:sun|sat|mon|tue|wed|thu|fri|"
    r"week)|from work|while|past)\b",
    r"\b(?:cant) (?:text|talk|call|reply|message|respond|write)\b|\byou (?:guys )?never (?:call|text|replied|reply|"
    r"respond|message|contact)\w*",
    r"\b(?:didnt|never|havent|not) (?:get|got|gotten|received?|see|saw|seen) (?:\w+ ){0,2}(?:texts?|messages?|"
    r"calls?|email|offers?)\b",
    r"\bdont disturb (?:on|mode|while|enabled)\b|\b(?:with|have|on) dont disturb\b",
    r"\b(?:the|by|at|until|till|before|week|month|year|dead|back|front|high|low|rear|other|tail|does \w+ \w+|deep|"
    r"west|east|south|north) ?"
    r"end(?:s|ed)?(?: of)?\b|\b(?:lease|school|contract|listing|term|season|year|semester|agreement|rental|shift|"
    r"meeting|job|auction|probate|summer|winter|divorce|trial) (?:term |year )?ends?\b|\bend (?:of|unit|up|date|"
    r"user|table|lot)\b|\bended up\b",
    r"\bcancel(?:led|ed)? (?:my|our|the|that|an?) (?:listing|appointment|insurance|lease|contract|meeting|showing|"
    r"visit|closing|agent|walk\w*|"
    r"deal|sale|call|inspection)\b|\b(?:can|could|may|do|how) (?:i|we|you) (?:still )?(?:cancel|back out)\b|"
    r"\bcancel (?:fee|anytime|after)\b",
    r"\bquit ?claim\b|\bquit (?:my|his|her|the) (?:job|work)\b|\bquit (?:smoking|drinking|working)\b",
    r"\b(?:remove|removed|removing) (?:my|our|the|their|his|her|all|some|this)? ?(?:stuff|furniture|things|junk|car|"
    r"cars|items|tenants?|carpet|"
    r"belongings|tree|trees|trash|wall|lien|liens|name from the (?:deed|title|mortgage|loan))\b",
    r"\b(?:take|remove) (?:my|her|his) (?:name|husband|wife) (?:off|from) (?:of )?(?:the )?(?:deed|title|mortgage|"
    r"loan)\b",
    r"\b(?:take|get) (?:it|this|that|the) (?:\w+ )?off (?:of )?(?:my|our|the market)\b|\bget rid of (?:it|this|the|"
    r"her|my)\b",
    r"\bwhat part of (?:town|the city)\b|\bis (?:this|it) (?:a )?spam\b|\bno contact (?:order|form)\b|"
    r"\bfuck(?:ing)? (?:yeah|yes|ya|yea)\b|\bfuck it\b",
    r"\b(?:dont|do|does) (?:i|we|you) (?:need|have) (?:to )?(?:give |my )?(?:consent|permission|approval)\b",
    r"\b(?:need|get|want|without) (?:my |the |his |her )?(?:wife|husband|sister|brother|court|judge|bank|lender|"
    r"partner)\w* (?:\w+ )?(?:consent|permission|approval)\b",
    r"\bno offers? (?:yet|under|below|less)\b|\b(?:got|get|had|have|received|been) no (?:more )?(?:offers|calls|"
    r"messages|texts)\b|\bno offers under\b",
    r"\btired of (?:being a landlord|showing|tenants)\b|\bknock (?:\d+k?|a few|some|ten|five) (?:\w+ ){0,2}off\b|"
    r"\bno call (?:back|no show)\b",
    r"\bcant get (?:me |it )?off\b|\b(?:doing|going|hanging) without\b",
)  # fmt: skip
"""Innocent stops, ends and offs."""

DOUBTFUL = either(
    r"\b(?:i|id|we|wed|im|she|he)(?: would| really)? (?:like|want|need|have|had|got|ready|"
    r"trying)(?: \w+)? to (?:stop|quit|end) (?:paying|working|"
    r"renting|fixing|dealing|owning|throwing|pouring|my|our|the) ?(?:\w+)?",
    r"\bis stop\b|\bif (?:i|you|we) (?:\w+ )?(?:say|text|reply|send|type|write|stop)\w* (?:no|stop)\b.*|"
    r"\bwill you (?:really )?stop\b.*|"
    r"\bdoes \w+ (?:stop|end|cancel|quit)\b.*",
)
"""Questions about stopping: no opt-out yet, and for a person to answer."""

HOSTILE = either(
    r"\bsue (?:you|ya|your|for|over|him|them)\b|(?<!talk )(?<!speak )(?<!ask )\b(?:to|will|ill|can|could|i|would|"
    r"gonna) sue\b",
    r"\b(?:suing|sued|sueing|lawsuits?|litigat\w*|tcpa|fcc|ftc|bbb|subpoena|ftsa|telemarket\w+ (?:act|law|rule)|"
    r"cfpb)\b",
    r"\b(?:to|will|ill|im|gonna) (?:soo|sew|su) (?:you|your)\b|\bbetter business bureau\b|"
    r"\breal estate (?:commission|board)\b",
    r"telephone (?:consumer|solicitation)|class action|cease and desist|cease desist|registered agent|"
    r"service of process|serve (?:you|papers)",
    r"\b(?:my|our|an|a|the|your|to|have) (?:\w+ )?(?:attorney|lawyer|counsel)s?\b|^(?:attorney|lawyer)s?\b|\b(?:im|"
    r"is|are) (?:an? )?(?:attorney|lawyer)\b",
    r"\b(?:attorney general|legal (?:action|name|department|counsel|notice|team|trouble|issue|proceedings|"
    r"consequences)|leagal)\b|press(?:ing)? charges|full legal",
    r"\bviolat(?:ion|ions|ing|ed|es|e)\b|\billegal(?:ly)?\b|\bharass\w*|\bstatutory\b|\bdamages\b.*\btext|"
    r"\bunlawful\b|\bagainst the law\b|\bbreaking the law\b",
    r"\$ ?\d[\d,]* ?(?:dollars )?(?:per|each|a|every|for) (?:\w+ )?(?:text|message|call|violation)|\bper (?:text|"
    r"violation|message)\b|\byou owe me\b|"
    r"\b\d+ dollars (?:per|each|for every)\b|\b(?:my fee|charge|bill) (?:\w+ ){0,5}(?:text|message|solicit\w*)",
    r"\b(?:report|reported|reporting|turning|turn) (?:you|this|these|it|your|to|them|yall|that|him)\b|\breported?$|"
    r"\breport(?:ed|ing)? as (?:spam|junk)\b|"
    r"\breport(?:ed|ing)? .*\b(?:police|spam|authorit\w+|carrier|junk|scam)\b|^reported\b|\bbe reported\b|"
    r"\bfurther contact\b",
    r"\b(?:file|filed|filing|filling|lodge|making|make|submit\w*) (?:a |an |the )?(?:\w+ )?(?:complaint|report|"
    r"charges|suit|claim against)\b|\bcomplaint\b",
    r"(?:dont call|do not call|dnc|opt out|consent) (?:policy|procedures?)|"
    r"\bdont call (?:list )?(?:registry )?(?:violation|and you)\b|\bviolat\w+ .*\bregistry\b",
    r"\b(?:recorded|logged|documented|documenting|logging|recording|saving|screenshot\w*|saved)\b.*\b(?:court|"
    r"lawyer|attorney|evidence|judge|text|messages)\b",
    r"\b(?:see you in|take you to|small claims|meet you in|end up in) court\b|\bsmall claims\b|\btelemarketers\b|"
    r"\bfor court\b",
    r"\b(?:won|sued|collected|settled) (?:\w+ )*(?:these|those|companies|cases|\d+ (?:of )?(?:these|those|"
    r"companies))\b|\bkeep (?:texting|going|it up)\b.*\b(?:lawyer|court|case|cases|text)\b",
    r"\b(?:cases?|per text|per message|each|every text|lawyer|attorney|court)\b.*\bkeep (?:texting|going|it up)\b|"
    r"\bkeep it up\b",
    r"\bunder \w+ (?:state |federal )?law\b|\byou have \d+ (?:business )?days\b|\bknow my rights\b|"
    r"\bdemand letter\b|\bconsider this (?:your|a|my|formal)\b",
    r"\b(?:proof|copy|record|evidence|documentation) (?:of|that) (?:\w+ ){0,4}consent\w*|\bcompliance (?:officer|"
    r"department)\b|\bwritten consent\b|\bprove (?:\w+ ){0,3}consent\w*",
    r"\bbe served\b|\byourself served\b|\b(?:have|got|get|hire|need) (?:a |an )?(?:\w+ )?(?:lawyer|attorney)\b|"
    r"\b47 (?:usc|cfr|u s c)\b|\b64 ?1200\b|\b227 c\b|\b(?:text|message|texts|messages)\b.*\$ ?\d|"
    r"\$ ?\d[\d,. ]* (?:x|times) \d",
    r"\blegal (?:address|entity|contact)\b|\b(?:coming|come|came|looking) (?:for|after) you\b(?! (?:offer|call))|"
    r"\bblow (?:your|you)\b.*\b(?:head|brains|away|off)\b|\b(?:a )?(?:bullet|bullets|shotgun|baseball bat|knife)\b|"
    r"\b(?:break|snap|smash|bash|slap|punch|choke|knock) (?:your|you)\b(?! (?:price|offer))|"
    r"\b(?:paid|money|cash|check|collect|settlement) (?:\w+ ){0,4}(?:per|each|every|for each|for every|"
    r"from) (?:\w+ )?(?:text|message|violation|telemarketers|spammers)\b|\btreble\b|\bserial (?:plaintiff|"
    r"litigant)\b|\bmagistrate\b|\bplaintiff\b|\bjudge will\b|\btell it to the judge\b|\bsubject to (?:a )?(?:fine|"
    r"penalt|lawsuit)\w*\b|\b(?:fined|fines|penalty|penalties) (?:for|of|under|per)\b",
    r"\bsb 140\b|\bregistered to solicit\b|\bcommitting (?:\w+ )?fraud\b|\bbreak(?:ing)? the law\b|"
    r"\bidentity theft\b|\bwire fraud\b",
    r"\bsee what happens\b|\bor else\b|\bfind out$|\b(?:try me|test me|fuck around)\b|\bwatch (?:your|ur) back\b|"
    r"\bknow where you (?:live|work)\b",
    r"\b(?:i|ill|im|we|well|will|gonna|going to|to|come) (?:\w+ )?(?:find|hurt|kill|shoot|beat|burn|stab|murder|"
    r"destroy|hunt|fuck) (?:you|your|somebody|someone|yall|u|ur)\b(?! (?:on|a|the|with) )",
    r"\b(?:kill|shoot|hurt|murder|beat|burn|stab|strangle) (?:you|your|yall)\b|\b(?:kick|beat|whoop|whip) (?:your|"
    r"you)(?: \w+)? ?(?:ass|butt|face)?\b|\bget shot\b|\bbe shot\b",
    r"\bi (?:have|got|own) (?:a |my )?(?:guns?|shotgun|rifle|ar15)\b|\b(?:step|set|come) (?:foot )?on(?:to)? (?:my|"
    r"our) (?:property|land|porch|lawn|yard)\b.*\b(?:and|ill|see|shoot|shot|again)\b",
    r"\bill (?:shoot|kill|stab|hurt)$|\b(?:come|came|coming) (?:near|around|close to) (?:me|us|my|our|"
    r"here)\b.*\b(?:shoot|"
    r"shot|kill|hurt|regret|sorry)\b|"
    r"\bhope you (?:die|rot|burn|get|choke|go to)\b|\byour?e? (?:a )?dead(?: (?:man|meat))?$|\bcall(?:ing|"
    r"ed)? the police\b|\b(?:police|sheriff) (?:will|are|have|has|is|report on)\b|\bto the (?:police|authorities)\b",
    r"\babogad[oa]s?\b|\b(?:demand|denunci|report)(?:ar|are|o|ando|aremos)(?:los|las|lo|la|te|le|les)?\b|"
    r"\bdemanda(?:s)?\b|\bdenuncia\b|\bpolicia\b|\bacoso\b|\bhostigamiento\b|\bilegal\b|"
    r"\baccion(?:es)? legal(?:es)?\b|\b(?:te|los|lo) voy a (?:matar|partir|madrear|buscar|encontrar)\b|"
    r"\b(?:tribunal|corte)\b.*\b(?:vemos|llevar)\b",
)  # fmt: skip
"""Legal and physical threats, demands that come before a suit, and notices that evidence is being kept."""

NOT_HOSTILE = either(
    r"\b(?:code|building|city|zoning|health|permit|hoa|county|fire|housing|parking|grass)s? (?:\w+ )?(?:violation|"
    r"violations|violation notice|complaints?)\b|\bviolation notice\b|\bhoa .*violat\w+",
    r"\b(?:an? )?(?:illegal|unpermitted) (?:addition|unit|apartment|basement|conversion|bedroom|garage|structure|"
    r"tenant|deck|suite|occupant)s?\b|\bis (?:it|that|this) (?:legal|illegal) to (?:sell|buy|rent)\b",
    r"\b(?:my |our |an? |the |her |his )?(?:\w+ )?(?:attorney|lawyer)s?\b(?: \w+){0,5} (?:review|look|looks|looking|"
    r"contract|paperwork|closing|estate|offer|handle|handles|handling|sell|title|draw|close|deed|documents?|"
    r"agreement|present|there|recommend\w*)\b",
    r"\b(?:run|show|send|pass|take|let|want|need|get|ask|check)(?:ing|s)? (?:it |this |that |the \w+ |"
    r"them )?(?:by|past|to|with|for)? ?(?:my|our|an?|the) (?:\w+ )?(?:attorney|lawyer)s?\b(?! (?:will|to sue|"
    r"about you|on you|and sue))",
    r"\b(?:attorney|lawyer) (?:said|says|told|thinks|advised|suggested|wants|recommends|is|for|named)\b(?! (?:going|"
    r"suing|ready|filing|to sue|you|to (?:tell|stop)|calling|contacting|not to))|\b(?:the|my|our|an?) (?:attorney|"
    r"lawyer) for the (?:estate|sale|closing)\b|"
    r"\b(?:we|i|well|ill|my \w+) (?:have|has|use|got) (?:a|an) (?:good |great )?(?:real estate|closing|title|estate|"
    r"probate) (?:attorney|lawyer)\b",
    r"\b(?:do|would|will|should|can|could|does) (?:i|we|my|our|you|the|your) (?:\w+ )?(?:need |have |want |use |"
    r"attorney|lawyer)(?:an? |your |my )?(?:\w+ )?(?:attorney|lawyer|be)?s?\b|\b(?:attorney|lawyer) (?:fees?|fee|"
    r"state)\b|\bpower of attorney\b|\b(?:divorce|probate|estate|title|closing) (?:attorney|lawyer)\b",
    r"\b(?:lien|liens|tenants?|bank|title|lender|neighbor\w*|ex|hoa|siblings?|"
    r"contractor)\b(?: \w+){0,4} (?:lawsuits?|sued|suing|litigation)\b|\b(?:lawsuits?|litigation) (?:on|against|"
    r"over|with) (?:the|my|our) (?:title|property|house|bank|contractor|estate)\b|\b(?:being|got|getting) sued by\b|"
    r"\bsettle the lawsuit\b",
    r"\b(?:inspection|survey|police|credit|title|appraisal|termite|home|termites) report\w*\b|\breport (?:back|"
    r"card)\b|\bwater damages?\b|\bprobate court\b",
    r"\bkill(?:ing)? (?:me|us)\b|\bid kill (?:for|to)\b|\bkill (?:two|the) (?:birds|deal|mood)\b|"
    r"\bsmoke and fire damages?\b|\blegal (?:description|owner|address|fees?|age)\b|\bit legal\b",
    r"\bill find (?:you )?(?:the|a|an|out|some)\b|\bill (?:let|get|text|call) you\b|\bto find out\b|\bbeat (?:your|"
    r"that|the|their|his|you) (?:\w+ )?(?:offer|price|bid)\w*\b|\bpolice (?:officer|department|man) (?:and|so|here|"
    r"lives)\b",
    r"\bi will find (?:the|out|a)\b|\bhope you get (?:it|well|better|a|the|this|home|my)\b",
)  # fmt: skip
"""Law and trouble that belong to the house, not to us."""
