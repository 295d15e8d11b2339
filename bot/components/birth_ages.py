"""Ages and early birth as families write them: "18m", "año y medio", "almost 3", "33 weeker", "6 semanas
antes".

An age is given in completed months. Where the unit is missing ("3") or the age is only near ("casi 3")
that is said, so that it can be asked; correcting an age for early birth is a rule of the service, not part of
reading.
"""

from __future__ import annotations

import re

from bot.components.birth_dates import TOO_OLD_YEARS, Birth

FULL_TERM_WEEKS = 40
# Nobody is born alive before about 20 weeks, so a larger number of weeks early is a slip.
MOST_WEEKS_EARLY = 20
# A bare number up to this may be years as well as months; above it only months are worth offering.
MOST_YEARS_OFFERED = 8
DAYS_PER_MONTH = 30.4375
WEEKS_PER_MONTH = DAYS_PER_MONTH / 7

_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty",
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis "
    "diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco "
    "veintiseis veintisiete veintiocho veintinueve treinta",
)
NUMBERS = {word: value for line in _WORDS for value, word in enumerate(line.split())}
NUMBERS |= {"a": 1, "an": 1, "un": 1, "una": 1, "twenty one": 21, "twenty two": 22, "twenty three": 23,
            "twenty four": 24, "thirty": 30, "thirty two": 32, "thirty three": 33, "thirty four": 34,
            "treinta y dos": 32, "treinta y tres": 33, "treinta y cuatro": 34}  # fmt: skip
# A number in words ends where its word ends: "any" is no "an y", and "am" no "a m".
_NUMBER = r"(\d{1,3}(?:\.\d+)?|(?:" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")(?![a-z]))"
_YEARS = r"(?:years?|yrs?|yr|y/?o|y\.o\.?|anos?|anit[oa]s?|y)\b"
_MONTHS = r"(?:months?|mos?|mths?|mnths?|meses(?:it[oa]s)?|mes|m)\b"
_WEEKS = r"(?:weeks?|wks?|semanas?|semanit[oa]s?|sem|w)\b"
_DAYS = r"(?:days?|dias?|diit[oa]s?)\b"
_HALF = r"(?:(?:and|y|n|&)?\s*(?:a )?(?:half|medi[oa])|1/2|½)"
_NOT_AN_AGE = (
    r"(?<!for )(?<!hace )(?<!since )(?<!por )(?<!last )(?<!every )(?<!cada )(?<!desde )"
    r"(?<!at )(?<!until )(?<!a los )(?<!hasta los )(?<!twice )(?<!once )(?<!times )(?<!veces )"
)
_AGO = r"(?!\s*(?:ago|atras|que (?:no|se|me)|early|premature|antes))"

_START = rf"(?<![\w/.-]){_NOT_AN_AGE}"
_YEARS_MONTHS = re.compile(
    rf"{_START}{_NUMBER}\s?-?{_YEARS}\s*(?:,|and|y|con|&)?\s*{_NUMBER}\s?{_MONTHS}{_AGO}"
)
_YEARS_MONTHS_TIGHT = re.compile(r"(?<!\w)(\d{1,2})y(\d{1,2})m?\b")
_YEARS_HALF = re.compile(rf"{_START}{_NUMBER}\s?-?(?:{_YEARS})?\s*{_HALF}(?:\s*{_YEARS})?{_AGO}")
_YEAR_AND_HALF = re.compile(r"\b(?:year and a half|ano y medio|anito y medio)\b")
_HALF_YEAR = re.compile(r"\b(?:half a year|half year|medio ano)\b")
_SINGLE = {
    "years": re.compile(rf"{_START}{_NUMBER}[\s-]?{_YEARS}{_AGO}"),
    "months": re.compile(rf"{_START}{_NUMBER}[\s-]?{_MONTHS}{_AGO}"),
    "weeks": re.compile(rf"{_START}{_NUMBER}[\s-]?{_WEEKS}{_AGO}"),
    "days": re.compile(rf"{_START}{_NUMBER}[\s-]?{_DAYS}{_AGO}"),
}
_NEWBORN = re.compile(r"\b(newborn|new born|recien nacid[oa]|just born)\b")
_ALMOST = re.compile(
    r"\b(almost|nearly|about to (?:be|turn)|going on|will be|turning|turns|close to|casi|va (?:a cumplir"
    r"|para|pa)|por cumplir|"
    r"a punto de cumplir|cumple|cumplira|anda en)\b"
)
_ALMOST_NUMBER = re.compile(rf"{_ALMOST.pattern}\s*(?:los |sus )?{_NUMBER}(?!\w)")
_JUST_TURNED = re.compile(
    rf"\b(?:just turned|turned|acaba de cumplir|cumplio|recien cumplio)\s*(?:los )?{_NUMBER}(?!\w)"
)
_BARE = re.compile(
    rf"^\W*(?:(?:he|she|they)(?:'s|s| is| are)?|is|tiene|es de|age|edad|i think|creo que|como|about"
    rf"|ya tiene)?\s*{_NUMBER}\W*$"
)
_SEVERAL_BARE = re.compile(rf"^\W*{_NUMBER}\s*(?:,|and|y|&)\s*{_NUMBER}\W*$")

_EARLY = re.compile(
    rf"{_NUMBER}\s?(weeks?|wks?|w|semanas?|sem|months?|mos?|meses|mes)\s*(?:too )?(?:early|premature"
    rf"|preemie|premie|prem|before|"
    rf"ahead|antes|prematur[oa]|de adelanto|adelantad[oa]|de anticipacion)"
)
_EARLY_BY = re.compile(
    rf"\b(?:early|premature|prematur[oa]|se adelanto|adelanto|antes)\s*(?:by|por|unas?|como"
    rf"|about)?\s*{_NUMBER}\s?(weeks?|wks?|semanas?|months?|meses|mes)"
)
_GESTATION = re.compile(
    rf"(?:(?:born|came|delivered|arrived|nacio|naci|nacieron|at|a las|de|con)\s*(?:prematur[oa] )?(?:at"
    rf"|around|about|a las|de|con|en la|a)?\s*)"
    rf"{_NUMBER}\s?(?:\+\s?\d)?\s?(?:weeks?|wks?|w|semanas?|sem)\b(?!\s*(?:old|de edad|de nacid|de vida))"
)
_WEEKER = re.compile(
    rf"{_NUMBER}[\s-]?(?:weeker|wkr|week(?:s)? (?:preemie|premie|premature|gestation)"
    rf"|semanas de (?:gestacion|embarazo))"
)
_FULL_TERM = re.compile(
    r"\b(full[ -]?term|on time|on (?:his|her|their|the) due date|a ?tiempo|a termino|de tiempo completo"
    r"|not early)\b"
)
_WEEKS_ALONE = re.compile(rf"^\D*?{_NUMBER}\s?(?:weeks?|wks?|w|semanas?|sem)?\b\D*$")


def number(written: str) -> float:
    """The value of a number in digits or words."""
    return float(NUMBERS[written]) if written in NUMBERS else float(written)


def read_early(folded: str, kind: str) -> tuple[Birth | None, str]:
    """Early birth said in a folded text, and the text without those words, lest weeks be read as an age."""
    for pattern in (_EARLY, _EARLY_BY):
        match = pattern.search(folded)
        if match:
            return _weeks_early(match.group(1), match.group(2)), _without(folded, match)
    for pattern in (_WEEKER, _GESTATION):
        match = pattern.search(folded)
        if match and 20 <= number(match.group(1)) <= 43:
            return _from_gestation(match.group(1)), _without(folded, match)
    if kind == "early_birth" and _FULL_TERM.search(folded):
        return Birth(weeks_early=0), folded
    if (
        kind == "early_birth"
        and (match := _WEEKS_ALONE.match(folded))
        and re.search(r"\d|week|semana", folded)
    ):
        return _early_birth_number(match.group(1)), ""
    return None, folded


def _without(folded: str, match: re.Match[str]) -> str:
    return folded[: match.start()] + " " + folded[match.end() :]


def _weeks_early(written: str, unit: str) -> Birth:
    if unit.startswith("m"):
        return Birth(
            weeks_early=round(number(written) * WEEKS_PER_MONTH), ambiguous=True, reason="weeks_from_months"
        )
    weeks = int(number(written))
    return Birth(weeks_early=weeks) if weeks <= MOST_WEEKS_EARLY else Birth(reason="impossible")


def _from_gestation(written: str) -> Birth:
    return Birth(weeks_early=max(0, FULL_TERM_WEEKS - int(number(written))))


def _early_birth_number(written: str) -> Birth:
    weeks = int(number(written))
    if weeks <= MOST_WEEKS_EARLY:
        return Birth(weeks_early=weeks)
    return _from_gestation(written) if weeks <= 43 else Birth(reason="impossible")


def read_age(folded: str, bare_number: bool) -> Birth | None:
    """The age a folded text states; a number without a unit only where `bare_number` says it may be one."""
    if _NEWBORN.search(folded):
        return Birth(months=0)
    stated = _stated_months(folded)
    if len(stated) > 1:
        return Birth(ambiguous=True, reason="several")
    if stated:
        return _age(stated.pop(), folded)
    return _age_without_unit(folded) if bare_number else None


def _age(months: int, folded: str) -> Birth:
    if months > TOO_OLD_YEARS * 12:
        return Birth(reason="too_old")
    if _ALMOST.search(folded) and not _JUST_TURNED.search(folded):
        return Birth(months=max(0, months - 1), ambiguous=True, reason="almost")
    return Birth(months=months)


def _age_without_unit(folded: str) -> Birth | None:
    if match := _ALMOST_NUMBER.search(folded):
        return _age(int(number(match.group(match.lastindex or 1)) * 12), folded)
    if match := _JUST_TURNED.search(folded):
        return _age(int(number(match.group(1)) * 12), folded)
    if _SEVERAL_BARE.match(folded):
        return Birth(ambiguous=True, reason="several")
    match = _BARE.match(folded)
    if match and "." in match.group(1):
        # Halves are said of years: "2.5" is two and a half.
        return _age(int(number(match.group(1)) * 12), folded)
    return _years_or_months(match.group(1)) if match else None


def _years_or_months(bare: str) -> Birth:
    whole = int(number(bare))
    readings = (f"P{whole}Y", f"P{whole}M") if whole <= MOST_YEARS_OFFERED else (f"P{whole}M",)
    return Birth(ambiguous=True, reason="unit_missing", readings=readings)


def _stated_months(folded: str) -> set[int]:
    """Completed months of every age stated, longest forms first, each part of the text read once."""
    found: set[int] = set()
    for pattern, months in _FORMS:
        while match := pattern.search(folded):
            found.add(months(match))
            folded = _without(folded, match)
    return found


def _whole_months(years: str, extra: float) -> int:
    return int(number(years) * 12 + extra)


_FORMS = (
    (_YEARS_MONTHS, lambda match: _whole_months(match.group(1), number(match.group(2)))),
    (_YEARS_MONTHS_TIGHT, lambda match: _whole_months(match.group(1), number(match.group(2)))),
    (_YEAR_AND_HALF, lambda match: 18),
    (_HALF_YEAR, lambda match: 6),
    (_YEARS_HALF, lambda match: _whole_months(match.group(1), 6)),
    (_SINGLE["years"], lambda match: _whole_months(match.group(1), 0)),
    (_SINGLE["months"], lambda match: int(number(match.group(1)))),
    (_SINGLE["weeks"], lambda match: int(number(match.group(1)) * 7 / DAYS_PER_MONTH)),
    (_SINGLE["days"], lambda match: int(number(match.group(1)) / DAYS_PER_MONTH)),
)
