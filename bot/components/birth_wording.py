"""One spelling for numbers, units and months in what families write about a birth.

"Dos añitos y medio", "two and a half yrs" and "2 1/2" become "2.5 years" or "2.5", so that the readers of
dates, ages and early birth each know one way of writing. What has no other spelling is left as it stands.
"""

from __future__ import annotations

import re
from datetime import date
from difflib import get_close_matches

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = {"twenty": 20, "thirty": 30, "forty": 40}
_UNOS = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete "
    "dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete "
    "veintiocho veintinueve treinta"
)
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth"
)
NUMBERS = {word: value for line in (_ONES, _UNOS) for value, word in enumerate(line.split())}
NUMBERS |= _TENS | {"cuarenta": 40, "veintiun": 21, "veintiuna": 21}
_UNITS = {word: value for word, value in NUMBERS.items() if 1 <= value <= 9}
ORDINALS = {word: value for value, word in enumerate(_ORDINALS.split(), start=1)}
ORDINALS |= {"primero": 1, "primer": 1, "primera": 1, "1ero": 1, "1er": 1, "thirtieth": 30}


def _any(words: dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_COMPOUND = re.compile(
    rf"\b(twenty|thirty|forty|treinta|cuarenta|veinti|dieci)(?:[\s-]| y |(?<=veinti)|"
    rf"(?<=dieci))({_any(_UNITS | ORDINALS)})\b"
)
_COMPOUND_TENS = _TENS | {"treinta": 30, "cuarenta": 40, "veinti": 20, "dieci": 10}
_YEAR_WORDS = re.compile(r"\b(?:2 thousand|20|2 mil)(?: and)? (\d{1,2})(?!\d|\s*(?:years|months|weeks|days))\b")
_NUMBER_WORD = re.compile(rf"(?<![a-z])({_any(NUMBERS)})(?![a-z'])")
_ORDINAL_WORD = re.compile(rf"\b({_any(ORDINALS)})\b")

_UNIT_SPELLINGS = {
    # A lone "y" after a space is the Spanish "and"; "yo" before a verb is the Spanish "I".
    "years old": r"\d\s?-?(?:y\s?/\s?o|y\.\s?o\.?|yo(?! (?:creo|no|pienso)))(?![a-z])",
    "years": (
        r"(?:years?|yeras?|yesrs?|yesr|yaers?|yeasr|yers?|yrs?\.?|anos?|anios?|an(?:it|il|ot)l?[oae]s?|anyos?)(?![a-z])"
        r"|(?<=\d)y(?![a-z])"
    ),
    "months": (
        r"(?:months?|monthes|monthss|moths?|mon?ths?|mnths?|mths?|monts?|mons|mos?\.?|mes(?:es?"
        r"|ecit[oa]s?|esit[oa]s?|it[oa]s?)?)(?![a-z])"
        r"|(?<=\d)m(?![a-z])|(?<=\d )m(?![a-z'])"
    ),
    "weeks": r"(?:weeks?|weaks?|wekks?|wks?\.?|semanas?|semanit[oa]s?|sems?\.?)(?![a-z])|(?<=\d)w(?![a-z])"
        r"|(?<=\d )w(?![a-z])",
    "days": r"(?:days?|dias?|diit?[oa]s?|diecit[oa]s)(?![a-z])|(?<=\d)d(?![a-z])",
}
# "Cumplió el año", "no cumple añito" tell the first birthday; "cumple años" tells none.
_THE_YEAR = re.compile(r"\b(cumpl\w+|hizo|tiene) (?:ya )?(?:el |su )?(?:ano|anito)\b(?! y)")
_YEARS_OLD = re.compile(r"(?<=\d)\s?-?(?:y\s?/\s?o|y\.\s?o\.?|yo(?! (?:creo|no|pienso)))(?![a-z])")
_UNIT_PATTERNS = [
    (unit, re.compile(rf"(?:(?<![a-z\d])|(?<=\d)-?)(?:{spelling})"))
    for unit, spelling in _UNIT_SPELLINGS.items()
    if unit != "years old"
]
_UNIT = r"(?:years|months|weeks|days)"
_AND = r"(?:and|an|y|n|&|con|with|\+|,)"
_REWRITES = [
    (re.compile(pattern), written)
    for pattern, written in (
        (rf"\b(?:a|one|1) ?(?:couple|cpl)(?: of)? (?={_UNIT})|\b(?:un )?par de (?={_UNIT})", "2 "),
        (rf"\b(?:a|an|un|una)[\s-](?={_UNIT})", "1 "),
        # "Año y medio", "mes y medio": one is not said.
        (rf"(?<!\d )(?<!\d-)(?<!\d)\b({_UNIT}) (?:{_AND} )?(?:a |una? )?(?:half|medi[oa]|1/2)\b", r"1.5 \1"),
        (r"(?<!\d )(?<!\d-)(?<!\d)\b(years) (?:y|con) (?=\d+ ?months)", r"1 \1 "),
        (r"(?<!\d )(?<!\d)\byears y (?:pico|algo|tantos)\b", "1 years y pico"),
        (rf"\b(\d+)[\s-]?({_UNIT}) (?:{_AND} )?(?:a |una? )?(?:half|medi[oa]|1/2)(?![/\d])", r"\1.5 \2"),
        (rf"(?<![/\d.])(\d+)[\s-]*(?:{_AND} ?)?(?:a |una? )?(?:half|medi[oa]|1/2)(?![/\d])", r"\1.5"),
        (r"(?<![/\d.,])(\d),5(?![\d/])", r"\1.5"),
        (r"\b(?:a )?half (?:of )?(?:an? |1 )?years\b|\bmedio years\b", "6 months"),
        (r"(?<=[a-z]) -old\b", " old"),
        (rf"(?<=\d)[\s-]*(?={_UNIT})", " "),
        (rf"(?<![/\d.])(\d+)(?: {_UNIT})? (?:{_AND} )?(?:a )?(?:quarter|cuarto|1/4)(?![/\d])", r"\1.25"),
        (r"(?<![/\d.])(\d+) (?:and )?(?:3/4|3 quarters)(?![/\d])", r"\1.75"),
        (r"(?<=\d)\s?-?ish\b", ""),
        (r"^(?=years old)", "1 "),
        (r"\bu (?=8)", "o "),
        # "Los dos tienen" tells of both children.
        (r"\b(?:los|las|the) 2 (?=(?:tienen|estan|son|nacieron|cumpl|are|of them|were|de ell))", "ambos "),
    )
]

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero ene janurary januray",
            "february feb febrero febr febuary feburary",
            "march mar marzo marz marso",
            "april apr abril abr apirl",
            "may mayo",
            "june jun junio",
            "july jul julio",
            "august aug agosto ago agost agust",
            "september sept sep septiembre setiembre",
            "october oct octubre",
            "november nov noviembre novienbre",
            "december dec diciembre dic disiembre",
        ),
        start=1,
    )
    for name in names.split()
}
# "12 d enero d 2024", "12d enero": how a date is texted in Spanish.
_A_LONE_D = re.compile(rf"(?<=[a-z0-9]) d (?=[a-z0-9])|(?<=\d)d (?=(?:{_any(MONTHS)})\b)")
# Short names are too like other words and first names ("Julia", "junior") to be corrected.
_LONG_MONTHS = [name for name in MONTHS if len(name) >= 7] + ["august", "agosto"]
_LONG_WORD = re.compile(r"\b[adefnos][a-z]{4,10}\b|\bja[a-z]{4,8}\b")
_NAMES_LIKE_MONTHS = frozenset({"augusta", "augustus", "augustin", "agustin", "agustina", "octavio"})


def plain_birth_words(folded: str) -> str:
    """A folded text with numbers in digits, halves as ".5", units as years, months, weeks, days, and months mended."""
    written = _LONG_WORD.sub(_month_mended, _A_LONE_D.sub(" de ", folded))
    written = _COMPOUND.sub(_compound, written)
    if not re.search(r"\bonce (?:he|she|they|i|we|a|in|the|every)\b", written):
        written = _NUMBER_WORD.sub(lambda match: str(NUMBERS[match.group(1)]), written)
    written = _ORDINAL_WORD.sub(lambda match: f"{ORDINALS[match.group(1)]}th", written)
    written = _THE_YEAR.sub(r"\1 1 ano", written)
    written = _YEARS_OLD.sub(" years old", written)
    for unit, pattern in _UNIT_PATTERNS:
        written = pattern.sub(f" {unit} ", written)
    written = re.sub(r"\s+", " ", written).strip()
    for pattern, instead in _REWRITES:
        written = pattern.sub(instead, written)
    return _YEAR_WORDS.sub(lambda match: f"20{int(match.group(1)):02d}", written)


def _month_mended(match: re.Match[str]) -> str:
    word = match.group()
    if word in MONTHS or word in _NAMES_LIKE_MONTHS:
        return word
    near = get_close_matches(word, _LONG_MONTHS, n=1, cutoff=0.82)
    return near[0] if near and near[0][0] == word[0] else word


def _compound(match: re.Match[str]) -> str:
    tens, unit = _COMPOUND_TENS[match.group(1)], match.group(2)
    return f"{tens + ORDINALS[unit]}th" if unit in ORDINALS else str(tens + _UNITS[unit])


_RELATIVE_YEARS = [
    (r"year before last|years before last|ante ?pasado|anteantepasado", 2),
    (r"last years|(?:del? |el )?years pasado|past years", 1),
    (r"this years|(?:del? |de )?este (?:mismo )?years|(?:del )?(?:presente|mismo) years", 0),
]
_RELATIVE_YEAR_PATTERNS = [(re.compile(rf"\b(?:{said})\b"), back) for said, back in _RELATIVE_YEARS]
_YEARS_AGO = re.compile(r"\b(?:hace (\d) years|(\d) years ago|(\d) years atras)\b")
_MONTH_NAME = re.compile(rf"\b(?:{_any(MONTHS)})\b")


def with_stated_year(written: str, today: date) -> str:
    """The year in digits where a month is told with "last year", "este año" or "2 years ago"."""
    for pattern, back in _RELATIVE_YEAR_PATTERNS:
        written = pattern.sub(f" {today.year - back} ", written)
    if _MONTH_NAME.search(written):
        written = _YEARS_AGO.sub(
            lambda match: f" {today.year - int(match.group(1) or match.group(2) or match.group(3))} ", written
        )
    return re.sub(r"\s+", " ", written).strip()
