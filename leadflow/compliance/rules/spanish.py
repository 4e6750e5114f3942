"""How people say stop in Spanish, as texts write it: without accents, with tu, usted and ustedes. Pure."""

from __future__ import annotations

from leadflow.compliance.rules.wordings import either

_THING = r"(?:mensajes?|textos?|texts|llamadas?|mensajitos?|ofertas?|contacto|avisos|spam|correos?|sms)"
_VERB = (
    r"(?:mand\w*|envi\w*|escrib\w*|llam\w*|text\w*|contact\w*|molest\w*|habl\w*|busque\w*|marqu?\w*|insist\w*|"
    r"fastidi\w*|jod\w*|"
    r"chingu?\w*|hostig\w*|acos\w*|comuni\w*|respond\w*|pregunt\w*)"
)
_ME = r"(?:me|nos|le|les|lo|la)"
_ON_LIST = r"(?:lista|sistema|base|contactos?|registros?|datos)"

SPANISH_OPT_OUT = either(
    r"^(?:eliminar|baja|borrar|salir|terminar|quitar|quitarme|borrarme|desuscribir)$",
    rf"\bno (?:{_ME} )?(?:(?:vuelv|quier|dese|sig)\w* (?:a |que )?)?(?:{_ME} )?{_VERB}(?: (?:mas|nada|"
    r"nunca))?\b(?! (?:manana|hoy|antes|despues|ahorita|ahora|en la|todavia))",
    rf"\bya no (?:{_ME} |mas|quier\w*|dese\w*|{_VERB})|^ya (?:basta|estuvo|parale|parele|parenle|deja|dejen|deje)\b|"
    r"\bya basta\b",
    rf"\bno (?:quiero|quiere|queremos|deseo|deseamos|necesito|autorizo|acepto|doy) (?:\w+ ){{0,3}}(?:{_THING}|ser|"
    r"contactad\w+|contacten|permiso|que me|saber)\b",
    rf"\bno (?:mas|mandes?|manden) (?:{_THING})|^(?:ya )?no mas(?: (?:por favor|please|gracias))?$|"
    r"\bplease no mas\b|\bno mas please\b|\bno mas (?!de \d|que)\w*(?:textos|mensaje|llama)\w*",
    r"\bdej(?:a|e|en|ame|eme|enme|enos|anos)(?: (?:ya|me|nos))?(?: de)? (?:en paz|de|tranquil\w+|molest\w+|mand\w+|"
    r"escrib\w+|llam\w+|text\w+|envi\w+)|\bdej(?:a|e|en) de\b|\bdej[ea]n?(?:me|nos) (?:de|en paz|tranquil\w+|ya)\b",
    r"\b(?:pare|paren|para|parale|parele|parenle|detente|detengan?se|detener|deten|alto)(?: (?:ya|por favor|please|"
    r"de|con|todo|esto|los|las|el))*$|\b(?:pare|paren|parale|parele|parenle|para|alto) (?:ya|con|de (?:mand|moles|"
    r"escrib|llam|text|envi))\w*",
    r"^parar(?: (?:ya|todo|por favor))*$",
    r"\bpare(?:n)? (?:de|con|los|estos)\b|\bdeteng\w+\b|\bbasta\b|\bsuficiente$|^alto\b(?! (?:precio|costo))|"
    r"\bstop (?:los|las|con|de|por)\b",
    r"\b(?:quit|borr|elimin|remuev|remov|saqu|tach|retir|cancel|anul|desactiv)(?:e|en|a|an|ar|er|o)?(?:me|nos|lo|"
    r"la|melo)?n?(?: (?:por favor|ya|mi|este|ese|de|el|mis|la|a))*"
    rf" (?:numero|nombre|contacto|telefono|informacion|datos|cuenta|suscripcion|su {_ON_LIST}|tu {_ON_LIST}|"
    rf"la {_ON_LIST}|esa {_ON_LIST}|{_ON_LIST}|{_THING})\b",
    r"\b(?:quit|borr|elimin|saqu|remuev|retir)(?:e|a|en)(?:me|nos|nme)\b|\b(?:borrame|borreme|eliminame|elimineme|"
    r"quitame|quiteme|quitenme|sacame|saqueme|saquenme|remuevame)\b|\b(?:cancele|cancelen|cancela|cancelar|"
    r"cancelenlo)$|\bcancel(?:ar|e|en|a) (?:mensajes|textos|mi|todo|esto)",
    r"\b(?:dar(?:se|me)|de(?:me)?|dame|den) de baja\b|\bdesuscri\w+\b|\bdesinscri\w+\b|\bno llamar\b|\b(?:olvide|"
    r"pierda|pierde|olvida|tire|bote) (?:mi|este|el) numero\b|\bno insist\w+\b|\bno (?:jod|chingu?|fastidi|mam)\w+\b",
    r"\b(?:bloquead[oa]|bloquear\w*|bloqueo|bloqueando)\b|\b(?:largate|larguese|larguense|vete|vayase|vayanse)\b|"
    r"\ba la (?:chingada|verga|fregada|mierda)\b|\bchinga(?:te| tu| a)\b|\bcallate\b|\bcallese\b|\bvete al\b|"
    r"\bal (?:diablo|carajo)\b|\bme canse de\b|\bcans(?:e|ado|ada) de (?:sus|tus|los|que)\b|\bcancel\w* (?:la |"
    r"mi )?suscri\w+\b|\bno (?:se comuniqu|conteste mas|contact)\w*\b",
    r"\bno (?:los|las|lo|le) (?:autoriz|permit|acept)\w+|\bme (?:estan|esta|estas) (?:molestando|acosando|"
    r"fastidiando)\b|\b(?:estoy|ya) (?:hart[oa]|cansad[oa]) de\b|\bno respond\w+ mas\b|\brespet\w+ (?:mi|"
    r"nuestra) privacidad\b",
)  # fmt: skip

NOT_SPANISH_OPT_OUT = either(
    r"\b(?:muy|mas|tan|precio|bastante|algo|demasiado|es|esta) alto\b|\bparar? (?:el|la|un|una) (?:embargo|"
    r"ejecucion|subasta|venta|remate|desalojo)\b|\b(?:puede|pueden|quiere|podria|si) par(?:ar|e|a) por\b|"
    r"\bpara (?!ya)(?:cuando|que|mi|el|la|los|nada|vender|ver|saber)\b",
    r"\bno (?:me )?(?:deje|dejen|dejes) de\b|\bno (?:pare|paren|cancele|quite|borre|elimine)\w*\b|"
    r"\bno me (?:contest\w+|llamaron|llamo|respondieron|hablaron|escribieron|han \w+|mandaron|llego)\b|"
    r"\bcancelar (?:mi|la|el) (?:cita|contrato|listado)\b|\bquitar (?:mis|las) cosas\b",
)  # fmt: skip
"""Innocent words that look like one of them."""
