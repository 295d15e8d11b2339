"""About which school grade a text needs to be read: Flesch-Kincaid for English, Crawford for Spanish.

English: 0.39 words per sentence + 11.8 syllables per word - 15.59 (J. P. Kincaid and others, "Derivation of New Readability
Formulas for Navy Enlisted Personnel", 1975). Spanish: 0.049 syllables - 0.205 sentences, both per hundred words, - 3.407
(A. N. Crawford, "Fórmula y gráfico para determinar la comprensibilidad de textos de nivel primario en castellano", 1984,
legible.es/blog/formula-de-crawford). Both were made for passages of a hundred words, so a short text gets a rough word only,
and a very short one none. Syllables are counted by the hyphenation of Pyphen, as textstat does, which our own words are held
to; textstat itself needs an old setuptools when it runs, and keeps one language for all threads. A test compares the two.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import ceil
from uuid import UUID

from pyphen import Pyphen
from sqlalchemy import select

from intake.content.bilingual import Language, as_language
from intake.store.connection import Store
from intake.store.models import Conversation
from intake.usecases.casework import CaseUnknown

HIGHEST = 6  # the grade that everything we write is held to
FEWEST_WORDS = 5
_DICTIONARIES = {"en": "en_US", "es": "es"}
_SENTENCE = re.compile(r"\b[^.!?]+[.!?]*")
_NO_LETTER = re.compile(r"[^\w\s]")
_INTERJECTION = 2  # a "sentence" of so few words counts for none


def grade_for(store: Store, conversation_id: UUID, words: str) -> int | None:
    """The grade of what is written to this family, in its language; None when too little is written. Raises CaseUnknown."""
    with store.reading() as session:
        language = session.scalar(select(Conversation.language).where(Conversation.id == conversation_id))
    if language is None:
        raise CaseUnknown("no such conversation")
    return whole_grade(words, as_language(language))


def whole_grade(text: str, language: Language) -> int | None:
    """The lowest whole grade that is enough for ``text``, at least 1; None below five words."""
    if len(_words(text)) < FEWEST_WORDS:
        return None
    return max(1, ceil(grade(text, language)))


def grade(text: str, language: Language) -> float:
    """The grade of ``text`` by the formula of its language. It must hold a word."""
    words = _words(text)
    sentences, syllables = _sentences(text), sum(_syllables(word.lower(), language) for word in words)
    if language == "en":
        return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59
    return 100 * (0.049 * syllables - 0.205 * sentences) / len(words) - 3.407


def _words(text: str) -> list[str]:
    return _NO_LETTER.sub("", text).split()


def _sentences(text: str) -> int:
    return max(1, sum(len(_words(sentence)) > _INTERJECTION for sentence in _SENTENCE.findall(text)))


@lru_cache(maxsize=4096)
def _syllables(word: str, language: Language) -> int:
    return len(_hyphenation(language).positions(word)) + 1


@lru_cache
def _hyphenation(language: Language) -> Pyphen:
    """Read at the first text, not at start: a third of a second, once, and some megabytes."""
    return Pyphen(lang=_DICTIONARIES[language])
