"""Finds a birth date, an age or an early birth in a message, and says what is doubtful about it.

Read fully where the question is about the birth; elsewhere only what is plainly stated as one ("my 2
year old", "nació el 4 de marzo de 2023"), since "he started at 12 months" tells no age.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.birth_ages import read_age, read_early
from bot.components.birth_dates import Birth, read_dates
from bot.components.reader import MessageReader, OpenQuestion, add_entities
from bot.components.wording import fold

BIRTH_QUESTIONS = frozenset({"birth_date", "early_birth"})
# A birth is stated in the first lines if at all; a text of 10,000 characters is not searched whole.
READ_CHARACTERS = 1000

_TELLS_BIRTH = re.compile(
    r"\b(born|birth ?day|bday|b-day|dob|birth ?date|date of birth|nacio|nacid[oa]|naci|cumpleanos"
    r"|fecha de nacimiento)\b"
)
_UNIT = (
    r"(?:years?|yrs?|y/?o|months?|mos?|mths?|weeks?|wks?|anos?|anit[oa]s?|mes(?:es)?(?:it[oa]s)?|semanas?"
    r"|days?|dias?)"
)
_TELLS_AGE = re.compile(
    rf"\b{_UNIT}[\s-]old\b|\d\s?y/?o\b|\b{_UNIT} de edad\b"
    rf"|\b(?:he|she|they|who|baby|son|daughter|kid|child|toddler)(?:'s|s| is| are)? (?:now |almost |about "
    rf"|only |just |already )*(?:turned )?[\w.]+(?: and a half)? {_UNIT}\b"
    rf"|\b(?:tiene|cumplio|con|hij[oa] de|bebe de|nin[oa] de|nen[eao] de) (?:ya |casi |como |apenas "
    rf"|solo )*(?:[\w.]+ (?:y medi[oa] )?{_UNIT}|ano y medio)\b"
)


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
    folded = fold(text[:READ_CHARACTERS])
    early, rest = read_early(folded, question.kind)
    asked = question.kind == "birth_date"
    born = None
    if asked or _TELLS_BIRTH.search(folded):
        born = _one(read_dates(rest, question.today, question.language))
    if born is None and (asked or (question.kind != "early_birth" and _TELLS_AGE.search(folded))):
        born = read_age(rest, bare_number=asked)
    elif born is not None and born.dob is None:
        born = _with_age(born, rest)
    return _joined(born, early)


def _one(dates: list[Birth]) -> Birth | None:
    if len(dates) > 1:
        return Birth(ambiguous=True, reason="several")
    return dates[0] if dates else None


def _with_age(partial: Birth, folded: str) -> Birth:
    """An incomplete date beside an age: "casi 3, nació en marzo" keeps both, and stays to be asked."""
    age = read_age(folded, bare_number=True) if partial.ambiguous else None
    return replace(partial, months=age.months) if age and age.months is not None else partial


def _joined(born: Birth | None, early: Birth | None) -> Birth | None:
    if born is None or early is None:
        return born or early
    return replace(
        born,
        weeks_early=early.weeks_early,
        ambiguous=born.ambiguous or early.ambiguous,
        reason=born.reason or early.reason,
    )


def is_past(birth: Birth, today: date) -> bool:
    """Whether a birth's date, if it has one, is not ahead of today."""
    return birth.dob is None or birth.dob <= today
