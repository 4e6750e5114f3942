"""Replies that say the wrong person was reached: a death, a stranger's number, a former owner. Pure wordings.

Searched in the plain writing of ``reading``.
"""

from __future__ import annotations

import re

from leadflow.compliance.rules.wordings import either

_KIN = (
    r"(?:he|she|husband|wife|father|mother|dad|daddy|mom|mum|mama|papa|brother|sister|son|daughter|owner|grandma|"
    r"grandpa|grandmother|grandfather|granny|"
    r"uncle|aunt|cousin|nephew|niece|spouse|partner|friend|landlord|parents|they|person|man|woman|lady|guy|client|"
    r"fiance)"
)

DECEASED = either(
    r"\b(?:pass|past|passes|passed|passing|paased|pased)(?:ed)? (?:away|aways|on (?:in|last|a|to|this|recently)|"
    r"on$)\b",
    rf"\b{_KIN} (?:has |have |had |just |recently |already |all |sadly |unfortunately )*(?:passed|"
    r"pased)\b(?! (?:inspection|the|it|by|up|out|over|this|on the|you|your|my|our|me|along))",
    r"\bpassed (?:last|this|yesterday|recently|in (?:19|20)\d\d|in (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|"
    r"dec)\w*|\w+ (?:years?|months?|weeks?|days?) ago)\b",
    rf"\b{_KIN} (?:has |is |was |just |have |been |hes |already )*(?:died|dead|deceased|expired|dyed|deseased)\b|"
    r"\bdied\b|\bdeceased\b|\bdecesed\b|\bdeseased\b|\bdiseased\b",
    r"\bdead (?:man|woman|person|guy|lady|owner|people|husband|wife|father|mother|dad|mom|brother|sister|son|"
    r"daughter|relative)\b|\b(?:is|hes|shes|been|are|theyre|was) (?:\w+ )?dead\b(?! (?:end|serious|set|tired|weight|"
    r"line|on|wrong|broke|zone|last))",
    r"\brip\b(?! (?:off|up|out|the|it|this|me|that))|\brest in (?:peace|paradise|power)\b|\b(?:the|his|her|he|she|"
    r"was|were|for|planning|attend\w*|after) (?:\w+ )?funeral (?:was|is|arrangements|yesterday|today|this|last|on|"
    r"for|home|service)\b|^at the funeral\b|\bobituary\b|\bgod rest\b|\brest (?:her|his|their) soul\b|"
    r"\bmemorial service\b|\bwake is\b|\bcondolences\b",
    r"\b(?:my|her|his|our|the|your) late (?:husband|wife|father|mother|dad|mom|brother|sister|son|daughter|grand\w+|"
    r"uncle|aunt|owner|spouse|parents|partner)s?\b(?! in law)",
    r"\bno longer (?:with us|living|alive|on this earth|among us|here with us|breathing)\b|\b(?:isnt|not|aint|"
    r"arent) (?:alive|living|with us)\b|\bunalive\b",
    r"\b(?:buried|cremated|burying) (?:him|her|my|our|them|the|grand\w+|mom|dad)\b|\blost (?:him|her|my (?:dad|mom|"
    r"husband|wife|father|mother|brother|sister|son|daughter|grand\w+|uncle|aunt|parents)|our (?:dad|mom|father|"
    r"mother|son|daughter)) "
    r"?(?:in|to|last|this|two|three|a|on|yesterday|recently|$)",
    r"\bin heaven\b|\bto heaven\b|\bwith (?:the lord|god|jesus|the angels)\b|\bpushing (?:up )?daisies\b|"
    r"\bsix feet under\b|\bin the (?:cemetery|ground|grave)\b|\bin (?:his|her) grave\b|\bheart attack and\b|"
    r"\bjoined the angels\b|\bmeet (?:his|her) maker\b",
    r"\bkilled (?:him|her)self\b|\bsuicide\b|\blost (?:his|her) (?:battle|fight|life)\b|\b(?:he|she|was|"
    r"were) (?:was )?killed\b|\bmurdered\b|\boverdosed\b|\bgone (?:for )?\w+ (?:years?|months?)\b.*\bsoul\b",
    r"\b(?:ya )?fallec\w+\b|\bmurio\b|\bmurieron\b|\bha muerto\b|\b(?:esta|estan|es|ya) (?:\w+ )?muert[oa]s?\b|"
    r"\bmuert[oa]\b|\bdifunt[oa]s?\b|\bfinad[oa]\b|\bpaz descanse\b|\bdescans[ea] en paz\b|\bqepd\b|"
    r"\bmi .* ya no (?:esta|vive) (?:con nosotros|vivo)",
)  # fmt: skip
"""Somebody died."""

NOT_DECEASED = either(
    r"\b(?:phone|battery|car|truck|ac|a c|hvac|furnace|heater|boiler|fridge|trees?|lawn|grass|deal|signal|engine|"
    r"laptop|computer|tv|router|wifi|internet|cell|thread|conversation|offer|market|bushes|plants?|mower|pump|line|"
    r"motor|compressor|dishwasher|washer|transmission|appliances?|street|dog|cat|alternator|power)"
    r"(?: (?:out )?(?:front|back|in|the|there|yard|just|is|are|was|has|also|has been|completely|almost|"
    r"about)){0,4} (?:died|dead|dying|dies)\b",
    r"\b(?:just |completely |basically |almost |nearly )?died (?:laughing|down|on me)\b|\bdead (?:end|serious|set|"
    r"tired|weight|bolt|line|zone|tree|trees|grass|beat|lift|on|wrong|broke|fall|last)s?\b|"
    r"\bpassed (?:\w+ )?(?:inspection|the test)\b",
    r"\b(?:if|when|once|can|unless) (?:\w+ ){0,3}?(?:the|my|an?|his|her) \w+ (?:is|has|was|are) (?:deceased|dead|"
    r"died|passed(?: away)?|passes)\b|\b(?:when|till|until|before|after) i(?:m| am)? (?:die|dead|gone)\b|"
    r"\bpassed (?:it|your|the|that|this|along)\b|\bin (?:the )?paradise valley\b",
    r"\bto die for\b|\blate (?:fee|fees|payment)\b",
)  # fmt: skip
"""Things that die without a funeral."""

WRONG = either(
    r"\bwrong ?(?:number|person|guy|phone|contact|party|house|one|lady|man|woman|dude|fella|fellow|gal|girl|chick|"
    r"family|address|no|cell|individual|bro|people|name|homie|owner|human|line|recipient|#|property)s?\b",
    r"\b(?:work|business|company|office|government|school|corporate) (?:phone|line|number|cell)\b|\bthis is (?:a |"
    r"my |an )?business\b|\bwrong$",
    r"\b(?:this|that) is (?:a|an|the|my) (?:\w+ ){0,3}(?:office|business|company|store|shop|restaurant|school|"
    r"church|hospital|clinic|hotel|bank|department|station|pharmacy|library|daycare|salon|warehouse|"
    r"landline)\b(?! (?:building|space))|\byou(?:ve| have)? (?:have )?reached\b",
    r"\b(?:nobody|no one|noone|no body|not anyone|aint nobody|there isnt|theres not|"
    r"isnt anyone) (?:\w+ )?(?:here )?(?:by|with|named|called|has|in this house)\b|\b(?:nobody|no one|noone|"
    r"aint no one) (?:by|named|called|here)\b",
    r"\b(?:isnt|not|aint) who (?:you|your|u)\b|\bnot who youre?\b|\b(?:looking for|want|meant|mean|"
    r"trying to (?:reach|text|get|contact)|confusing me with|after) (?:to (?:text|reach|call) )?(?:someone|somebody|"
    r"some one|another (?:person|\w+)|a different)\b(?: else)?(?! (?:to buy|who (?:can|buys)))|"
    r"\bthink this is\b.*\bnot me\b",
    r"\bdont know (?:no|any|anybody|nobody|a|an|of) (?!one |way |thing )\w+$|\b(?:old|former|fake|bad|"
    r"bogus) number$|\b(?:gave|give|given) (?:you |them )?(?:a |the )?(?:fake|bad|wrong|bogus|false) (?:number|"
    r"info)\b|\b(?:was|used to be) (?:my |his |her |their |the )?\w+ (?:old )?(?:number|phone)\b|"
    r"\bsomeone else (?:has|gave|put|used|owns|lives)\b|\bsomebody else (?:has|gave|put|used|owns|lives)\b",
    r"\b(?:isnt|not|aint|arent) (?:mine|ours|my address|our address|my place|registered to me)\b|\b(?:dont|never|"
    r"didnt|do not) (?:even )?live (?:there|at that|at this|on that|in that|in this state|in \w+$|anywhere near)\b|"
    r"\bnot (?:from|in) (?:that|your) (?:state|area|city|county)\b",
    r"\b(?:this is|youve reached|you reached|reached|texting) (?:a|an|the) (?:\w+ ){0,3}(?:nursing home|home|"
    r"landline|office|center|agency|firm|desk|switchboard|police|hotline|church|parish|ministry|county|city|"
    r"dealership|garage|dentist|doctor|vet|plumber)\b(?! (?:on|i|that|we|is|was|with|in) )|\b(?:water|sheriffs|fire|"
    r"police|health|sanitation|human resources|billing|customer service|sales|front) (?:department|desk|line|"
    r"office)\b",
    r"\bby that name\b|\bof that name\b|\bno such person\b|\b(?:there is|theres|aint) no (?:one|body|\w+) (?:here|"
    r"at this|by|named|on this)\b|\bno (?!one\b|way\b|need\b|problem\b|longer\b|worries\b|more\b|tenants\b|"
    r"rush\b)\w+ here\b",
    r"\bcheck your (?:records|info|facts|number|list)\b|\bnot (?:the )?(?:right|correct) (?:person|number|one|guy|"
    r"party)\b|\bwrong(?:number)\b|\b(?:update|fix) your (?:records|info|list)\b",
    r"\b(?:not|never been|aint|isnt|never was) (?:the |an? |even the )?(?:owner|homeowner|property owner|landlord|"
    r"person (?:you|your)\w*)\b(?! only| yet)|\bnot who (?:you|your|i)\b|\bnot (?:the )?person\b|"
    r"\bnot that person\b|\bthats not me\b|\bthat isnt me\b|\bisnt me\b|\bnot me$|\bnot him$|\bnot her$",
    r"\b(?:dont|doesnt|didnt) (?:even )?know (?:a|any|anyone|anybody|who|him|her|them|that|this|the) ?(?:person|guy|"
    r"man|woman|name|lady|people|that|this|\w+ is|named|dude|fella|family|who|anybody|you are looking for)(?=$|"
    r" )(?! (?:if|what|how|when|price|about|yet|think|want|exact|answer|value))|"
    r"\bdont know (?:any )?\w+$(?<!know yet)(?<!know)(?<!know why)(?<!know how)(?<!know when)(?<!know what)(?<!know "
    r"much)",
    r"\bdont know (?:him|her|them|who|that|this)\b(?! (?:yet|to|would|i|we|buys|else|should|can))|"
    r"\bnever heard of\b|\bno idea who (?:that|this|he|she|you are (?:talking|looking)|\w+ is)\b|\b(?:no|"
    r"dont have a) clue who\b",
    r"\b(?:you|ya|yall|think you|u)(?:ve| have)? (?:\w+ )?(?:have|got|dialed|texted|called|reached|"
    r"messaged) (?:\w+ )?(?:the |da )?wrong\b|\b(?:have|got) (?:me|my number|us) (?:confused|mixed up|mistaken)\b|"
    r"\bmistaken (?:identity|me|for)\b|\byoure mistaken\b|\bmust have (?:me|my) \b|\bconfus(?:ed|ing) me\b|"
    r"\bmixed up with\b|\bnumber (?:\w+ )?(?:confused|mixed)\b",
    r"\b(?:he|she|they|robert|that person|the owner|[a-z]+) (?:doesnt|dont|no longer|hasnt|didnt) (?:live|lived|"
    r"stay|reside|use|have this number|have this phone|work|own this phone)\b(?: here| at this)?|\b(?:moved|"
    r"changed) (?:his|her|their) (?:number|phone)\b",
    r"\b(?:no longer|isnt|not|used to be|was|aint) (?:his|her|their|hers|\w+s) (?:number|phone|cell)\b|"
    r"\bnumber (?:no longer |doesnt |dont |now )?(?:belongs?|assigned) (?:to )?(?:someone|somebody|me|him|her|"
    r"\w+)?\b|\b(?:just|recently) (?:got|received|acquired|bought|assigned) (?:this|the|a new|"
    r"my) (?:\w+ )?(?:number|phone|line)\b",
    r"\b(?:this is a )?new (?:number|phone)\b(?! who)|\bhad (?:this|the|my) (?:\w+ )?(?:number|phone|cell)\b|"
    r"\bprevious (?:owner|holder)\b|\bthis is (?:his|her|my|the|their) (?:ex|exs|daughter|son|wife|husband|mom|"
    r"mother|sister|neighbor|neighbors|grandson|kids?|childs?|nurse|caregiver)\b(?! (?:house|place|and we|and i))|"
    r"\b(?:ex|my ex) (?:husband|wife|boyfriend|girlfriend)?s? number\b",
    r"\b(?:dont|do not|never|didnt|doesnt|aint) (?:even |ever )?(?:own|owned|have|had|got) (?:\w+ ){0,2}(?:property|"
    r"house|home|land|place|real estate|houses|properties|anything)\b(?! (?:insurance|payment|equity|yet|"
    r"to sell yet|in mind|inspection|warranty))|\bdont own\b(?! it alone| all)|\bnever (?:even )?(?:owned|lived)\b",
    r"\b(?:not|isnt|aint|wasnt) (?:my|our) (?:house|property|home|place|land|address|name|neighborhood|"
    r"phone)\b(?! (?:only|main|primary|full|problem))|\bmy name (?:isnt|aint|not)\b|\bmy name is not\b|"
    r"\bmy neighbors? (?:house|home|place|property)\b|\bthats my neighbors\b",
    r"\b(?:just|only) (?:the |a |an )?(?:tenant|renter|tenants|renters|house ?sitter|babysitter|nanny|caretaker)\b|"
    r"\b(?:im|were|i am) (?:the |a |an )?(?:tenant|renter|renters|tenants)\b(?! and)|\bi (?:just |"
    r"only )?rent\b(?! (?:it|the|them|this|that|mine|my|to|out))|\bwe (?:just |only )?rent\b(?! (?:it|the|them|this|"
    r"out|to))|\brenting (?:here|this place)\b",
    r"\b(?:minor|im (?:only )?(?:\d|1[0-7])(?: (?:years?|yrs?|yo)(?: old)?)?$|im (?:only )?1[0-7]\b|"
    r"im (?:just )?a (?:kid|child|teenager|minor)|\b\d{1,2} year old\b(?! (?:roof|house|home|hvac|furnace|ac|tenant|"
    r"mother|mom|dad|father))|(?:kids?|childs?|childrens?) (?:phone|number|cell))\b",
    r"\bequivoc\w+|\b(?:numero|persona|telefono) (?:incorrect[oa]|equivocad[oa]|mal)\b|\bno (?:soy|lo conozco|"
    r"la conozco|los conozco|le conozco|conozco a|conozco)\b(?! (?:el area|los precios|el valor))|\bno es (?:mi|su|"
    r"el|la) (?:casa|numero|telefono|propiedad|persona)\b|\bno es mi\b|\bpersona incorrecta\b|\bnumero mal\b",
    r"\bno (?:vive|hay) (?:nadie|ningun)\w*|\baqui no (?:vive|hay|es|esta)\b|\bya no (?:vive|es su|es el numero|"
    r"tiene este)\b|\bno tengo (?:\w+ )?(?:casas?|propiedad(?:es)?|terrenos?)\b|\b(?:yo|solo|"
    r"nomas) rento\b(?! (?:la|mi))|\b(?:soy|somos) (?:el |la |los )?inquilin[oa]s?\b|\bno (?:soy|es) (?:el|"
    r"la) (?:duen[oa]|propietari[oa])\b|\b(?:este|ese|esta|esa) no (?:soy|es)\b",
)  # fmt: skip
"""The number or the property is somebody else's."""

NOT_WRONG = either(
    r"\bwrong (?:with|about|time|day|price|way|place|idea)\b|\bwhats wrong\b|\banything wrong\b|\bnothing wrong\b|"
    r"\b(?:something|whats|what is) wrong$|\bdont get me wrong\b|\b(?:address|spelling|name) (?:is|was) wrong\b",
    r"\bdont know (?:the|what|how|when|if|about|why|a lot|much)\b|\bdont know (?:who|anyone|anybody) (?:to|else|"
    r"would|buys|who)\b|\b(?:new|my new) number is\b|\bhere is my new number\b|\bwrong (?:or|and) right\b|"
    r"\bno (?:tenants?|mortgage|liens?|pets|one lives|one is living|hoa|basement|garage) (?:here|there)\b",
    r"\b(?:im|were) (?:not|isnt) the only owner\b|\bnot the only\b|\b(?:tenant|tenants) (?:doesnt|dont|no longer|"
    r"didnt) (?:live|pay|have)\b|\bno one (?:has )?(?:lives|lived|living) (?:here|there)\b|\b(?:i|we) (?:dont|"
    r"no longer) live (?:here|there)\b",
)  # fmt: skip
"""What is wrong without a wrong number."""

FORMER = either(
    r"(?<!havent )(?<!not )(?<!never )(?<!get it )(?<!want it )(?<!be )(?<!been )(?<!if )(?<!for )(?<!have )(?<!hous"
    r"es )(?<!comps )\bsold\b(?! (?:on|for|near|next|down|around|yet|as|to date))",
    r"\b(?:i|we|already|just|she|he|they) (?:already |just )?sold\b|\bno longer (?:own|the owner|mine|ours|"
    r"have (?:it|that|the))\b|\bused to own\b",
    r"\b(?:dont|do not) own (?:it|that|this|the \w+)? ?(?:anymore|any more|any longer|now)\b|\bbank (?:took|owns|"
    r"has|foreclosed)\b|\blost (?:it|the house|that house|my house|our house) (?:to|in)\b",
    r"\bya (?:la |lo |se |las )?vend(?:i|io|imos|ida|ido|ieron)\b|\b(?:la|lo) vend(?:i|imos|ieron)\b",
)  # fmt: skip
"""A former owner: the number may be right, the property is not; a person should look."""

DENIES_NAME = re.compile(
    r"\b(?:this|that|it|its|thats) (?:isnt|is not|aint|not|is no|wasnt) (\w+?)(?: (?:number|phone|cell|house))?$|"
    r"\b(?:(?:im|i am|i was|were|my name is|my name) (?:not|never|isnt|aint)|i aint) (?:no )?(?:mr |mrs |ms )?(\w+)|"
    r"\bwho(?:s| is| the \w+ is| tf is| in the \w+ is| fuck is) (\w+)$|^(\w+) who$|\b(?:no|not) (\w+)$"
)
"""A name that is denied or asked for; only one of ``NAMES`` counts."""
