"""Ages as families write them: "18m", "año y medio", "almost 3", "turned 2 last week", "cumple 3 mañana".

An age is given in completed months, with the range of months it can stand for: "2 years" is said until the third
birthday. Where the unit is missing ("3") that is said, so that it can be asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from bot.components.birth_dates import TOO_OLD_YEARS, Birth
from bot.components.birth_moments import Moment, completed_months, months_back

# A bare number up to this may be years as well as months; above it only months are worth offering.
MOST_YEARS_OFFERED = 8
DAYS_PER_MONTH = 30.4375
# "Almost 3" is said from about a quarter of a year before the birthday.
ALMOST_MONTHS = 3


@dataclass(frozen=True)
class Age:
    """Completed months told, and the fewest and most they can stand for; `near` where only nearness was told."""

    months: int
    fewest: int
    most: int
    near: bool = False

    @property
    def width(self) -> int:
        """How many months the words leave open."""
        return self.most - self.fewest


_N = r"(\d{1,3}(?:\.\d+)?)"
_NOT_AN_AGE = (
    r"(?<!\bfor )(?<!\bhace )(?<!\bsince )(?<!\bpor )(?<!\blast )(?<!\bevery )(?<!\bcada )"
    r"(?<!\bdesde )(?<!\bin )(?<!\ben )(?<!\bwithin )(?<!\bnext )"
    r"(?<!\bat )(?<!\buntil )(?<!\ba los )(?<!\bhasta los )(?<!\btwice )(?<!\bonce )(?<!\btimes )"
    r"(?<!\bveces )(?<!\bafter )(?<!\bdentro de )"
)
_START = rf"(?<![\w/.$-]){_NOT_AN_AGE}"
_END = r"(?!\s*(?:ago|atras|que (?:no|se|me)|early|premature|antes|sin\b))"
_AND = r"\s*(?:,|and|y|con|&|\+)?\s*"
_YEARS_MONTHS = re.compile(
    rf"{_START}{_N} years(?: old)?{_AND}{_N} months(?:{_AND}{_N} (?:weeks|days))?{_END}"
    rf"|{_START}{_N} years{_AND}{_N}(?= ?$)|{_START}([1-8]) (?:and|y|con|&) {_N} months{_END}"
)
_MONTHS_MORE = re.compile(rf"{_START}{_N} months{_AND}{_N} (?:weeks|days){_END}")
_YEARS_MORE = re.compile(rf"{_START}{_N} years(?: old)?{_AND}{_N} (?:weeks|days){_END}")
_WEEKS_DAYS = re.compile(rf"{_START}{_N} weeks{_AND}{_N} days{_END}")
_SINGLE = re.compile(rf"{_START}{_N} (years|months|weeks|days){_END}")
_NEWBORN = re.compile(
    r"\b(newborn|new born|recien nacid[oa]s?|just born|neonat[oa]|acaba de nacer|born (?:this "
    r"(?:morning|week)|today))\b"
)

_FILL = (
    r"(?:\s*(?:los|las|sus|his|her|their|the|a|un|be|turn|turning|to|only|tener|tiene|like|like a"
    r"|cumplir|ya|de|años)\b)*\s*"
)
_ALMOST = (
    r"(?:almost|allmost|almst|alomst|amost|nearly|about to (?:be|turn|make)|close to|not quite"
    r"|not yet|nearing|approaching|turning|turns?(?!ed)|"
    r"will be|will turn|(?:he|she|they|it)'?ll (?:be|turn)|(?:shell|hell|theyll) (?:be|turn)"
    r"|gonna be|gonna turn|going to be|going to turn|bout to be|bouta be|"
    r"a month (?:shy|away) (?:of|from)|soon to be|going on|casi(?: casi)?|va(?:n)? (?:a cumplir"
    r"|a hacer|a tener|para|pa'?|pal|camino a|por)|(?:esta(?:n)? )?por cumplir"
    r"|a punto de cumplir|cumplen?(?! ?anos)|cumplira|hara|(?:ya )?mero|(?:le |les )?faltan? "
    r"(?:muy )?poco para(?: cumplir)?|anda (?:en|por|cerca de)|cerca de|todavia no cumple"
    r"|aun no cumple|proxim[oa] a cumplir)"
)
_ALMOST_AGE = re.compile(rf"\b{_ALMOST}{_FILL}{_N}(?:th|st|nd|rd)?(?: (years|months|weeks|days))?(?: old)?(?![\w/]|\.\d)")
_GOING_ON = re.compile(
    rf"{_START}{_N}(?: (years|months))?(?: old)?,? (?:going on|goin on|almost|about to be|casi|para"
    rf"(?: los)?|pa(?: los)?) {_N}(?: (years|months))?(?![\w/])"
)
_SOON = re.compile(rf"{_START}{_N}(?: (years|months))?(?: old)? (?:soon|very soon|pronto|any day now|ya mero)\b")
_TURNED = re.compile(
    r"\b(?:(?:just|recently|already|barely) )?(?:turned|made|became|hit|cumplio|cumplieron|"
    r"(?:acaba(?:n)?|acabo) de (?:cumplir|hacer)|(?:recien|apenas|ya) cumpli\w+|hizo"
    rf"|was|were){_FILL}{_N}(?:th|st|nd|rd)?(?: (years|months|weeks))?(?! ?(?:words|times|kids|lbs|weeks|days)|[\w/:])"
)
_BIRTHDAY = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|ro|er|o)? (?:birth ?day|bday|b-day|cumple(?:anos|years)?)\b"
    r"|\bcumple(?:anos| ?years)? numero (\d{1,2})\b"
)
_COMING = re.compile(r"\b(?:soon|coming|next|upcoming|almost|casi|pronto|se acerca|will|viene|planning)\b")
_MORE_THAN = re.compile(
    rf"\b(?:a little (?:over|past|more than)|just over|over|past|more than|un poco mas de"
    rf"|un poquito mas de|mas de|pasad[oa] de){_FILL}{_N}(?: (years|months))?(?![\w/])"
    rf"|{_START}{_N}(?: (years|months))? (?:and change|and some change|y pico|y algo|y tantos|y unos (?:dias|meses))"
)
_LESS_THAN = re.compile(rf"\b(?:less than|under|menos de|not even){_FILL}{_N} (months|weeks)\b")
_NOT_YET = re.compile(
    rf"\b(?:not(?: even| quite)?|isn'?t|aren'?t|hasn'?t turned|just under|a little under"
    rf"|a bit under|todavia no|aun no|no){_FILL}(?:(?:cumple[n]?|ha cumplido|llega a|tiene[n]?|hace){_FILL})?"
    rf"{_N}(?: (years|months|weeks))?(?: old)?(?= yet| todavia| aun|(?<=years)|(?<=months)| ?$)"
)
_GROWN_UP = re.compile(r"\b(?:i'?m|i am|yo tengo|tengo) (\d\d)(?: years)?(?: old)?\b")
_AGO = re.compile(
    rf"{_N} (years|months|weeks|days)(?:{_AND}{_N} (months|weeks|days))? (?:ago|atras)\b|\bhace "
    rf"(?:como |unos |unas |casi )?{_N} (years|months|weeks|days)(?:{_AND}{_N} (months|weeks|days))?"
)
_BORN = re.compile(
    r"\b(?:born|nacio|naci|nacieron|nacid[oa]s?|(?:i |we )(?:just )?(?:had|gave birth)|gave birth"
    r"|tuve|di a luz|delivered|llego|dob|came)\b"
)


def in_months(number: float, unit: str) -> float:
    """An age in months, not rounded."""
    return {"years": number * 12, "months": number, "weeks": number * 7 / DAYS_PER_MONTH, "days": number / DAYS_PER_MONTH}[unit]


def _age(number: float, unit: str, more: float = 0.0) -> Age:
    """The age a number and its unit stand for. Months and years are said roughly; whole years until the next birthday."""
    months = int(in_months(number, unit) + more)
    if unit == "years" and not more:
        return Age(months, months, months + 11) if number == int(number) else Age(months, max(0, months - 3), months + 3)
    return Age(months, max(0, months - 1), months + 1)


def _almost(number: float, unit: str | None) -> Age:
    unit = unit or "years"
    whole = int(in_months(number, unit))
    if unit == "years":
        back = 12 if number == int(number) else ALMOST_MONTHS
        return Age(max(0, whole - 2), max(0, whole - back), max(0, whole - 1), near=True)
    near = max(0, whole - 1) if unit == "months" else int(in_months(max(0.0, number - 1), unit))
    return Age(near, max(0, near - 1), max(0, near), near=True)


def _more_than(match: re.Match[str]) -> Age:
    number, unit = float(match[1] or match[3]), match[2] or match[4] or "years"
    whole = int(in_months(number, unit))
    return Age(whole + (1 if unit == "years" else 0), whole, whole + (11 if unit == "years" else 1), near=True)


def _going_on(match: re.Match[str]) -> Age:
    unit = match[2] if float(match[3]) == float(match[1]) + 1 else None
    return _almost(float(match[3]), match[4] or unit)


def _birthday(match: re.Match[str]) -> Age:
    number = float(match[1] or match[2])
    return _almost(number, "years") if _COMING.search(match.string) else _age(number, "years")


def _years_months(match: re.Match[str]) -> Age:
    years, months = [group for group in match.groups() if group][:2]
    return _age(float(years), "years", float(months) + 1e-9)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Age]], ...] = (
    (_YEARS_MONTHS, _years_months),
    (_MORE_THAN, _more_than),
    (_NOT_YET, lambda m: _almost(float(m[1]), m[2])),
    (_LESS_THAN, lambda m: _almost(float(m[1]), m[2])),
    (_GOING_ON, _going_on),
    (_ALMOST_AGE, lambda m: _almost(float(m[1]), m[2])),
    (_BIRTHDAY, _birthday),
    (_SOON, lambda m: _almost(float(m[1]), m[2])),
    (_YEARS_MORE, lambda m: _age(float(m[1]), "years", 1e-9)),
    (_MONTHS_MORE, lambda m: _age(float(m[1]), "months")),
    (_WEEKS_DAYS, lambda m: _age(float(m[1]), "weeks")),
    (_TURNED, lambda m: _age(float(m[1]), m[2] or "years")),
    (_SINGLE, lambda m: _age(float(m[1]), m[2])),
)


def read_ages(written: str) -> tuple[list[Age], str]:
    """Every age told with its unit or its verb, longest forms first, each part of the text read once; and the rest."""
    found: list[Age] = []
    if grown_up := _GROWN_UP.search(written):
        rest = _without(written, grown_up)
        if any(pattern.search(rest) for pattern, _ in _FORMS):
            written = rest
    for pattern, age in _FORMS:
        while match := pattern.search(written):
            found.append(age(match))
            written = _without(written, match)
    if match := _NEWBORN.search(written):
        found.append(Age(0, 0, 2))
        written = _without(written, match)
    return found, written


def _without(written: str, match: re.Match[str]) -> str:
    return written[: match.start()] + " | " + written[match.end() :]


def read_born_ago(written: str) -> tuple[Age | None, str]:
    """The age of a child born "5 months ago"."""
    match = _AGO.search(written) if _BORN.search(written) else None
    if match is None:
        return None, written
    first, unit, second, second_unit = (match.groups()[:4] if match[1] else match.groups()[4:])
    more = in_months(float(second), second_unit) if second else 0.0
    months = int(in_months(float(first), unit) + more)
    return Age(months, max(0, months - 1), months + 1), _without(written, match)


_LACKING = re.compile(
    rf"@ *(?:para|pa'?|away|from|shy|short|of|till|until|before|to)(?: (?:los|las|el|que|cumplir"
    rf"|cumpla|sus|from|of|turning|turns|being|becoming|(?:s?he|they)(?:'s| is| turns)?|her|his"
    rf"|shes|hes))* {_N}(?:th|st|nd|rd)?(?: (years|months))?"
)


def read_anniversary(written: str, moment: Moment, today: date) -> Age | None:
    """The age that follows from a birthday and the time it is on: "turned 2 last week", "cumple 3 mañana"."""
    for pattern in (_BIRTHDAY, _TURNED, _ALMOST_AGE, moment.beside, _LACKING):
        match = pattern.search(written)
        if match:
            number = float(next(group for group in match.groups() if group))
            unit = next((group for group in match.groups() if group in ("months", "weeks", "years")), "years")
            return _at(number, unit, moment, today)
    return None


def _at(number: float, unit: str, moment: Moment, today: date) -> Age | None:
    if unit == "weeks":
        return _age(number, unit)
    back = round(in_months(number, unit))
    if back > TOO_OLD_YEARS * 12:
        return None
    most, fewest = (completed_months(months_back(day, back), today) for day in (moment.first, moment.last))
    fewest, most = sorted((max(0, fewest), max(0, most)))
    return Age(max(fewest, min(most, completed_months(months_back(moment.likely, back), today))), fewest, most)


_FILLER_WORDS = (
    "barely he she they is are his her its it he's she's they're hes shes theyre age aged edad tiene tienen ya "
    "now currently about around like como i think creo que es de son un una the los las el la my mi nene nena "
    "hijo hija bebe baby daughter kid child boy girl twins gemelos both ambos ambas dos im just only solo apenas "
    "uh um ok si yes sir maam ella ellos ellas maybe probably turned unos unas mas o menos right today hoy ahora "
    "so well and y or & one other uno otro otra oldest youngest mayor menor to toddler nino nina ages lol ahorita "
    "been has anda le mis sus chiquito chiquita little ones todavia aun still old not sure no se between entre "
    "i'm guess either forget olvido depends hi hello hola gracias thanks thank you please perdon sorry oh"
)
_FILLERS = frozenset(_FILLER_WORDS.split())
_NUMBER_ALONE = re.compile(r"(?<![\w/.$:])(\d{1,3}(?:\.\d+)?)(?![\w/:%]|\.\d)")
_COUNTED = (
    r"kids?|words?|times?|of|am|pm|lbs?|pounds?|kg|kilos?|teeth|feet|inches|in|ft|years|months|weeks"
    r"|days|hours?|minutes?|blocks|houses"
)
_SAID_OF_CHILD = re.compile(
    rf"\b(?:is|are|he's|she's|they're|hes|shes|theyre|tiene|tienen|age|aged|edad(?: es)?|ages"
    rf"|either|entre|between|(?:esta|anda) (?:en|por)|\w+'s)(?: (?:now|already|only|just|ya|about"
    rf"|around|like|como|apenas|solo|de|unos|both|los|the|maybe|probably))* {_N}"
    r"(?= ?(?:$|[^\w\s:/%]|now\b|already\b|ya\b|and\b|y\b|but\b|pero\b|right\b|ahora\b|today\b"
    r"|i think|creo|so\b|or\b|he\b|she\b|el\b|ella\b|soon\b|nacio|born))"
    rf"|\b(?:(?:he|she|they)(?: is| are|'s|'re)|hes|shes|theyre) (?:now |already |only |just "
    rf"|barely )*{_N}(?! ?(?:{_COUNTED})\b|[\w/:%.-])"
    rf"|(?<![\w/.$:-])(?:{_N})(?= (?:or|o) \d{{1,2}}(?! ?(?:{_COUNTED})\b|[\w/:%.-]))"
)


def read_bare(written: str, child_name: str | None) -> list[float]:
    """The numbers that can be ages though no unit is told: alone, or said of a child ("hes 5 going to school").

    `child_name` is the first name, folded, or None.
    """
    written = _GROWN_UP.sub(" | ", written)
    words = re.findall(r"[a-z'&]+", written)
    if all(word in _FILLERS or word == child_name for word in words):
        return [float(match) for match in _NUMBER_ALONE.findall(written)][:4]
    return [float(next(filter(None, match))) for match in _SAID_OF_CHILD.findall(written)][:4]


def bare_age(numbers: list[float]) -> Birth | None:
    """What numbers without a unit tell: two are two ages; one is years or months, but for halves, said of years."""
    if len(set(numbers)) != 1:
        return Birth(ambiguous=True, reason="several") if numbers else None
    number = numbers[0]
    if number != int(number):
        return Birth(months=int(number * 12)) if number <= TOO_OLD_YEARS else Birth(reason="too_old")
    whole = int(number)
    if whole > TOO_OLD_YEARS * 12:
        return Birth(reason="too_old")
    readings = (f"P{whole}Y", f"P{whole}M") if whole <= MOST_YEARS_OFFERED else (f"P{whole}M",)
    return Birth(ambiguous=True, reason="unit_missing", readings=readings)
