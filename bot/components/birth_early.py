"""Early birth as families tell it: "33 weeker", "se adelantó un mes", "6 weeks early", "nació de 7 meses".

All of it becomes weeks before a term of forty weeks; months are turned into weeks. Correcting an age for an early
birth is a rule of the service and not part of reading, so a corrected age a family tells is set aside.
"""

from __future__ import annotations

import re

from bot.components.birth_dates import Birth

FULL_TERM_WEEKS = 40
FULL_TERM_MONTHS = 9
# Nobody is born alive before about 20 weeks, so a larger number of weeks early is the week of birth.
MOST_WEEKS_EARLY = 20
LONGEST_TERM_WEEKS = 43
WEEKS_PER_MONTH = 30.4375 / 7

_N = r"(?<![\d/.])(\d{1,2}(?:\.\d+)?)(?:\s?(?:-|to|or|o|u|a|y)\s?\d{1,2})?"
_UNIT = r"(weeks|months|days)"
_AND_DAYS = r"(?: ?(?:and|y|con|,|\+)? ?\d days|\s?\+\s?\d| \d/7)?"

_EARLY = re.compile(
    rf"{_N} {_UNIT}{_AND_DAYS},? (?:too |muy )?(?:early|earlier|premature|preterm|preemie|premie"
    rf"|premee|prem|ahead|de adelanto"
    r"|prematur[oa]s?|adelantad[oa]s?|de anticipacion|shy|before (?:the |her |his |their |my )?(?:due|term|time)"
    r"|antes de (?:tiempo|la fecha|lo (?:esperado|previsto|debido)|termino)|temprano)\b"
)
_BEFORE = re.compile(rf"{_N} {_UNIT}{_AND_DAYS} (?:before|antes)\b")
_EARLY_BY = re.compile(
    rf"\b(?:early|premature|preterm|prematur[oa]s?|(?:se )?(?:me )?(?:le )?adelant(?:o|aron"
    rf"|ad[oa]s?)|antes)\b,? ?(?:by|por|unas?|unos|como|about"
    rf"|casi|around|con|like|de tiempo)? ?(?:about |como |unas )?{_N} {_UNIT}"
)
_BORN = (
    r"(?:born|came|come|delivered|arrived|had (?:him|her|them)|nacio|naci|nacieron|nacid[oa]s?"
    r"|tuve|preemies?|premature|preterm"
    r"|prematur[oa]s?|broke|c ?section|cesarea|llego|induced)"
)
_GESTATION = re.compile(
    rf"\b{_BORN}\b(?:(?! (?:years|months))[^|\d]){{0,30}}?{_N} {_UNIT}{_AND_DAYS}(?! ?(?:old|ago"
    rf"|de edad|de nacid|de vida|early|antes|late|atras))"
)
_AT_WEEKS = re.compile(
    rf"\b(?:at|a las|con|de|was|fue|were|is|a) (?:a |las )?{_N} {_UNIT}{_AND_DAYS}(?! ?(?:old|ago"
    rf"|de edad|de nacid|de vida))"
)
# The date may stand between: "born 3/4/2025 at 33 weeks".
_BORN_AT = re.compile(rf"(?<=\d )(?:at|a las|con) {_N} (weeks){_AND_DAYS}(?! ?(?:old|ago|de edad))")
_WEEKER = re.compile(
    r"(?<![\d/.])(\d{2})(?:\s?\+\s?\d)?(?:[\s-]?(?:weekers?|wkrs?|wker|weaker)\b| ?(?:and )?"
    r"(?:\d days )?weeks? (?:\d days? )?"
    r"(?:preemies?|premies?|premature|preterm|gestation|gestational|pregnant|de (?:gestacion|embarazo))\b)"
)
_MONTHS_OF_TERM = re.compile(r"\b(\d)(?:\.5)? months (?:de (?:gestacion|embarazo)|pregnant|of pregnancy|along)\b")
_NAMED_MONTH = re.compile(r"\b(siete|ocho|seis|7|8|6) ?mesin[oa]s?\b")
_NAMED = {"siete": "7", "ocho": "8", "seis": "6"}
_TERM = re.compile(
    r"\b(?:full[ -]?terms?|on time|(?:on|right at) (?:his |her |their |the )?due date|a ?tiempo|"
    r"(?:a |de )termino|de tiempo completo"
    r"|not (?:early|premature)|no (?:se adelanto|fue prematur[oa])|las 40)\b"
)
_LATE = re.compile(
    rf"(?:{_N} {_UNIT}(?: and \d days)? (?:late|over ?due|past|after|tarde|despues|pasad[oa]s?)|\b"
    rf"(?:late|over ?due|se (?:me )?paso|se atraso|tarde)"
    rf"\b(?: (?:by|por|unas?|como|about))?(?: {_N} {_UNIT})?)\b"
)
_ADJUSTED_WORD = r"(?:adjusted|adj|corrected|corregid[oa]s?|ajustad[oa]s?)"
_ADJUSTED = re.compile(
    rf"(?:(?:or|so|o sea|pero|but|y|and)\s+)?(?:(?:que )?(?:seria[n]?|es|like|about|are|is|he's"
    rf"|she's)\s+)?\(?\b(\d{{1,2}}(?:\.5)?)(?: (?:months|weeks))?(?: old)?,? ?(?:(?:de|en|of|when|is|con) )?"
    rf"(?:(?:su |la )?(?:edad|age) )?{_ADJUSTED_WORD}(?: age)?\b\)?"
    rf"|\b(?:(?:edad|age) )?{_ADJUSTED_WORD}(?: age| edad)?(?: (?:is|of|de|es|for|a|to|son))*,? ?"
    rf"(?:like |about |como )?(\d{{1,2}}(?:\.5)?)(?: (?:months|weeks))?"
)
_ALONE = re.compile(
    rf"(?<!for )(?<!por ){_N}(){_AND_DAYS}(?= ?(?:$|[^\w\s]|and\b|y\b|so\b|i\b|creo|think|or\b|because"
    rf"|bc|por|but|pero|maybe|ago|wk|he\b|she\b))"
)
_WITH_UNIT = re.compile(
    rf"(?<!\bfor )(?<!\bpor )(?<!\bhace )(?<!\bcada )(?<!\bevery )(?<!\blast )"
    rf"(?<!\bnicu ){_N} {_UNIT}{_AND_DAYS}(?! ?(?:in|en|later|despues|at|of))"
)
_OLD = re.compile(r"\b(?:old|now|de edad|tiene|ahora|ago|hace)\b")


def set_adjusted_aside(written: str) -> tuple[str, bool]:
    """A text without the corrected age it tells, and whether it told one."""
    rest = _ADJUSTED.sub(" | ", written)
    return rest, rest != written


def read_early(written: str, kind: str) -> tuple[Birth | None, str]:
    """Early birth told in plain birth words, and the text without it, lest weeks be read as an age.

    `kind` is the question asked: a number alone tells weeks only where it was about early birth.
    """
    if match := _LATE.search(written):
        return Birth(weeks_early=0), _without(written, match)
    asked = kind in ("early_birth", "birth_date")
    for pattern, weeks in _PATTERNS if asked or re.search(rf"\b{_BORN}\b", written) else _PLAIN_PATTERNS:
        for match in pattern.finditer(written):
            early = weeks(match)
            if early is not None:
                return _told(early, match), _without(written, match)
    if kind != "early_birth":
        return (Birth(weeks_early=0), written) if _TERM.search(written) and asked else (None, written)
    return _answer(written)


def _answer(written: str) -> tuple[Birth | None, str]:
    """What a number alone says where early birth was asked."""
    for pattern in (_AT_WEEKS, _WITH_UNIT, _ALONE):
        for match in pattern.finditer(written):
            early = _either(match)
            if early is not None and not _OLD.search(written):
                return _told(early, match), _without(written, match)
    return (Birth(weeks_early=0), written) if _TERM.search(written) else (None, written)


def _without(written: str, match: re.Match[str]) -> str:
    return written[: match.start()] + " | " + written[match.end() :]


def _told(weeks: int, match: re.Match[str]) -> Birth:
    in_months = "months" in match.group() or "mesin" in match.group()
    return Birth(weeks_early=weeks, reason="weeks_from_months" if in_months else None)


def _weeks_before(number: float, unit: str | None) -> int | None:
    """A time before term, in weeks; the week or month of birth where the number is too large for that."""
    if unit == "months":
        return round(number * WEEKS_PER_MONTH) if number < 5 else _term_left(number, unit)
    weeks = int(number / 7) if unit == "days" else int(number)
    return weeks if weeks <= MOST_WEEKS_EARLY else _term_left(number, unit)


def _term_left(number: float, unit: str | None) -> int | None:
    """The weeks missing to a full term for a birth in the week or month given, or None where none is viable."""
    if unit == "months":
        return max(0, round((FULL_TERM_MONTHS - number) * WEEKS_PER_MONTH)) if 5 <= number <= 10 else None
    viable = unit != "days" and MOST_WEEKS_EARLY < number <= LONGEST_TERM_WEEKS
    return max(0, FULL_TERM_WEEKS - int(number)) if viable else None


def _before(match: re.Match[str]) -> int | None:
    return _weeks_before(float(match.group(1)), match.group(2))


def _term(match: re.Match[str]) -> int | None:
    return _term_left(float(match.group(1)), match.group(2))


def _either(match: re.Match[str]) -> int | None:
    return _weeks_before(float(match.group(1)), match.group(2))


_PLAIN_PATTERNS = (
    (_EARLY, _before),
    (_WEEKER, lambda match: _term_left(float(match.group(1)), "weeks")),
    (_NAMED_MONTH, lambda match: _term_left(float(_NAMED.get(match.group(1), match.group(1))), "months")),
    (_MONTHS_OF_TERM, lambda match: _term_left(float(match.group(1)), "months")),
)
_PATTERNS = (*_PLAIN_PATTERNS, (_BEFORE, _before), (_EARLY_BY, _before), (_GESTATION, _term), (_BORN_AT, _term))
