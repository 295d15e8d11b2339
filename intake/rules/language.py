"""Which language a message is in, from the small words that give a language away.

It answers "unknown" rather than guess: a name, a number or "no" says nothing. Only clear evidence makes a message
"other", because a family must not be sent away from English or Spanish by a misspelling.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from intake.rules.phrases import PhraseBook
from intake.rules.words import words_of

Ours = Literal["en", "es"]
Recognised = Literal["en", "es", "mixed", "other", "unknown"]

# Two small words of a third language, and more than of English or Spanish, are clear evidence.
CLEAR_EVIDENCE = 2
# A quarter as many words of the second language as of the first make a message mixed, and so do two words of it: one word
# in a long message may be borrowed.
MIXED_SHARE = 0.25
MIXED_WORDS = 2
# One word alone is clear evidence when it is the whole message and too long for a slip: "obrigada".
LONG_WORD = 5
# Scripts written without spaces need this many signs before they are more than a name.
SIGNS_OF_A_SENTENCE = 5


@dataclass(frozen=True)
class LanguageLists:
    """``words``: folded telling words of each language ("en", "es", "pt", ...); ``asks``: requests for en or es."""

    words: Mapping[str, frozenset[str]]
    asks: Mapping[Ours, PhraseBook]
    asks_whole: Mapping[Ours, frozenset[str]]


def recognise(text: str, lists: LanguageLists) -> Recognised:
    """The language of ``text``: "mixed" holds both ours, "other" clearly neither, "unknown" says nothing."""
    if _is_other_script(text):
        return "other"
    words = words_of(text)
    if len(words) == 1 and len(words[0]) == 1:
        return "unknown"  # "y" is a yes in one language and "and" in the other
    counts = {name: sum(word in telling for word in set(words)) for name, telling in lists.words.items()}
    english, spanish = counts.pop("en"), counts.pop("es")
    other = max(counts.values(), default=0)
    if other >= CLEAR_EVIDENCE and other > max(english, spanish):
        return "other"
    if other == len(words) == 1 and english + spanish == 0 and len(words[0]) >= LONG_WORD:
        return "other"
    return _ours(english, spanish)


def _ours(english: int, spanish: int) -> Recognised:
    fewer, more = sorted((english, spanish))
    if more == 0:
        return "unknown"
    if fewer >= MIXED_WORDS or fewer / more >= MIXED_SHARE:
        return "mixed"
    return "en" if english > spanish else "es"


def asks_for_language(text: str, lists: LanguageLists) -> Ours | None:
    """The language a person asks to go on in, or None. The last one named wins ("no English, español")."""
    whole = " ".join(words_of(text))
    for language, messages in lists.asks_whole.items():
        if whole in messages:
            return language
    spots = {language: book.last_spot(text) for language, book in lists.asks.items()}
    # Of two that end together the longer says more: "no hablo inglés" against "hablo inglés".
    language = max(spots, key=lambda name: spots[name])
    return language if spots[language][1] else None


def _is_other_script(text: str) -> bool:
    foreign = [char for char in text if char.isalpha() and not char.isascii() and not _is_latin(char)]
    letters = sum(char.isalpha() for char in text)
    if not foreign or len(foreign) * 2 < letters:
        return False
    spoken_words = [word for word in text.split() if any(char in foreign for char in word)]
    return len(spoken_words) >= CLEAR_EVIDENCE or (len(foreign) >= SIGNS_OF_A_SENTENCE and _is_unspaced(foreign[0]))


def _is_latin(char: str) -> bool:
    return "LATIN" in unicodedata.name(char, "") or char in "ªº"


def _is_unspaced(char: str) -> bool:
    return unicodedata.name(char, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR"))
