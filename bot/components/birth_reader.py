"""Finds a birth date, an age or an early birth in a message, and says what is doubtful about it.

Read fully where the question is about the birth; elsewhere only what is plainly stated as one ("my 2
year old", "nació el 4 de marzo de 2023"), since "he started at 12 months" tells no age.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.birth_ages import Age, read_ages, read_anniversary, read_bare, read_born_ago
from bot.components.birth_agreement import agreed, joined
from bot.components.birth_dates import Birth, Told, read_dates
from bot.components.birth_early import read_early, set_adjusted_aside
from bot.components.birth_moments import Moment, read_moment
from bot.components.birth_wording import plain_birth_words, with_stated_year
from bot.components.reader import MessageReader, OpenQuestion, add_entities
from bot.components.wording import fold

# A birth is stated in the first lines if at all; a text of 10,000 characters is not searched whole.
READ_CHARACTERS = 1000

_TELLS_BIRTH = re.compile(
    r"\b(born|birth ?days?|bday|b-day|dob|birth ?date|date of birth|nacio|nacieron|nacid[oa]s?|naci|cumpleanos|cumpleyears"
    r"|fecha de nacimiento)\b"
)
_UNIT = r"(?:years|months|weeks|days)"
_AGE = (
    rf"(?<!\bat )(?<!\ba los )(?<!\bsince )(?<!\bfor )(?<!\buntil )\b\d{{1,3}}(?:\.5)? {_UNIT}(?:,? "
    rf"(?:(?:and|y) )?\d{{1,2}} (?:months|weeks))?"
)
_NEARLY = (
    r"(?:almost|nearly|about to (?:be|turn)|just turned|turned|going on|casi|acaba de cumplir|va para"
    r"|va a cumplir|cumplio|por cumplir)"
)
_TELLS_AGE = re.compile(
    rf"(?:\b{_NEARLY} (?:los )?)?{_AGE} (?:old|de edad|de nacid\w+|de vida)\b"
    rf"|\b(?:he|she|they|who|baby|son|daughter|kid|child|toddler|boy|girl|twins|lo|is|are|im|hes"
    rf"|shes|theyre)(?:'s|s| is| are)? "
    rf"(?:(?:now|almost|nearly|about|only|just|already|turned) )*{_AGE}\b(?! (?:ago|of|que|early|behind|late|now? without))"
    rf"|\b(?:is|are|s|'s|hes|shes|theyre|who|just|son|daughter|he|she) (?:just |almost |nearly )?"
    rf"(?:almost|nearly|about to (?:be|turn)|going on|just turned|turned) \d(?:\.5)?(?![\w/])(?! "
    rf"(?:words|times|weeks|days))"
    rf"|\b(?:tienen?|cumplio|con|hij[oa]s? de|bebe de|nin[oa]s? de|nen[eao] de|gemelos de|ya)(?: "
    rf"(?:ya|casi|como|apenas|solo))* {_AGE}\b(?! (?:que|sin|de (?:no|retraso)|diciendo))"
    rf"|\b(?:tienen?|ya|esta) (?:ya )?(?:casi|por cumplir|acaba de cumplir) \d(?:\.5)?(?![\w/])"
)
# "Was due in June" tells when a child was awaited; "due in June", that there is none yet.
_WAS_DUE = re.compile(
    r"\b(?:(?:was|were) (?:due|supposed to (?:be born|come|arrive))|due date (?:was|is)"
    r"|instead of|debia nacer|iba a nacer|tenia que nacer|fecha probable(?: era)?)"
    r"(?: (?:in|on|en|el|for|para|is|was|era))* [^,.;|]*?(?=$|[,.;|]| but| pero| and| y | so)"
)
_NOT_BORN = re.compile(
    r"\b(?:due (?:in|on|next|any)|expecting|not born yet|isn'?t born|hasn'?t been born"
    r"|i'?m pregnant|pregnant with|estoy embarazada|todavia no nace"
    r"|aun no nace|no ha nacido|nacera|va a nacer|next (?:january|february|march|april|may|june"
    r"|july|august|september|october|november|december)$)\b"
)
_RANGE = re.compile(
    r"(?<![\w/.-])(?<!at )(?<!in )(\d{1,2}(?:\.5)?)(?: ?(?:-|/) ?| (?:or|to|o|u|a) | (?:and|y|&) "
    r"(?=\d{1,2} years)|(?<=\d\d) (?:and|y|&) )(\d{1,2}(?:\.5)?) (years|months)(?! ?(?:ago|atras))"
)
_TWO_AGES = Birth(ambiguous=True, reason="several")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class BirthReader(MessageReader):
    """Adds one `birth` entity to a message that tells the child's birth date, age or early birth."""

    def read(self, message: Message, question: OpenQuestion) -> None:
        """Set the entity; its value holds dob, months, weeks_early, ambiguous and reason."""
        birth = read_birth(message.get(TEXT), question)
        if birth is not None:
            add_entities(message, [{"entity": "birth", "value": birth_value(birth)}], type(self).__name__)


def birth_value(birth: Birth) -> dict[str, Any]:
    """A birth as the JSON it travels in."""
    return {
        "dob": birth.dob.isoformat() if birth.dob else None,
        "months": birth.months,
        "weeks_early": birth.weeks_early,
        "ambiguous": birth.ambiguous,
        "reason": birth.reason,
        "readings": list(birth.readings),
    }


def read_birth(text: str, question: OpenQuestion) -> Birth | None:
    """What a message tells about the child's birth, or None. Never raises; a future date is refused."""
    written = with_stated_year(plain_birth_words(fold(text[:READ_CHARACTERS])), question.today)
    written = _WAS_DUE.sub(" | ", written)
    written, adjusted = set_adjusted_aside(written)
    early, rest = read_early(written, question.kind)
    if question.kind == "birth_date":
        born = Birth(reason="future") if _NOT_BORN.search(rest) else _answered(rest, question)
    else:
        born = _volunteered(rest, question)
    if adjusted and born is None:
        born = Birth(ambiguous=True, reason="adjusted_age")
    return joined(born, early)


def _answered(written: str, question: OpenQuestion) -> Birth | None:
    """A birth where it was asked for: dates, ages, and numbers that can be ages."""
    if (two := _RANGE.search(written)) and two.group(1) != two.group(2) and "years" not in written[: two.start()]:
        return _TWO_AGES
    ages, dates, rest = _told(written, question)
    found, rest_of_ages = read_ages(rest)
    name = fold(question.child_name) if question.child_name else None
    bare = [] if any(told.days for told in dates) else read_bare(rest_of_ages, name)
    return agreed(dates, ages or found, bare, rest, question.today)


def _told(written: str, question: OpenQuestion) -> tuple[list[Age], list[Told], str]:
    """Ages and dates told by a time ("born 5 months ago", "turned 2 last week"), dates, and the rest of the text."""
    ago, written = read_born_ago(written)
    if ago is not None:
        return [ago], *read_dates(written, question.today, question.language)
    moment, marked = read_moment(written, question.today)
    if moment is None:
        return [], *read_dates(written, question.today, question.language)
    anniversary = read_anniversary(marked, moment, question.today)
    dates, rest = read_dates(marked, question.today, question.language)
    if anniversary is not None:
        return [anniversary], dates, rest
    return [], dates or _born_at(moment, marked, question.today), rest


def _born_at(moment: Moment, marked: str, today: date) -> list[Told]:
    if not (_TELLS_BIRTH.search(marked) or re.fullmatch(r"[^\w@]*(?:el |la |on |en )?@\W*", marked.strip())):
        return []
    if moment.first > today:
        return [Told(reason="future")]
    return [Told(days=(moment.first, min(moment.last, today)))]


def _volunteered(written: str, question: OpenQuestion) -> Birth | None:
    """A birth told without being asked for: only what is plainly stated as one."""
    ages: list[Age] = []
    for match in _TELLS_AGE.finditer(written):
        ages += read_ages(match.group())[0]
    dates: list[Told] = []
    if _TELLS_BIRTH.search(written):
        told_ages, dates, _ = _told(written, question)
        ages = ages or told_ages
    born = agreed(dates, ages, [], written, question.today)
    return None if born and born.ambiguous and question.kind == "early_birth" else born
