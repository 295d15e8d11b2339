"""Finds in a parent's own words that they need one of the programs: "peeling paint", "le dispararon", a program's name.

Which phrases mark which program is the affiliate's and stands in each program's file. A phrase counts as whole words side by
side in one clause, in either language, however it is spelled in capitals and accents. What is denied is no need: "no peeling
paint". Danger in the same words is the business of ``rules.safety``, which comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from intake.rules.words import BREAK, PAUSE, tokens_of

# Said before a phrase in the same clause these deny it ("not his asthma plan", "no hay pintura vieja").
DENIALS = frozenset({"no", "not", "never", "without", "nunca", "sin", "ni", "tampoco", "dont", "doesnt", "didnt", "isnt", "arent",
                     "wasnt", "werent", "hasnt", "havent", "nobody", "nadie"})
DENIED_WITHIN = 3  # words between the denial and the phrase, and one more

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class NeedPhrases:
    """The phrases of all programs: each as folded words, with the program it marks; by its first word, so that looking is
    quick."""

    by_first_word: Mapping[str, tuple[tuple[Phrase, str], ...]]

    @staticmethod
    def of(phrases: Mapping[str, Iterable[str]]) -> NeedPhrases:
        """Out of the ``phrases`` of each program as they are written; one without a word is left out."""
        found: dict[str, list[tuple[Phrase, str]]] = {}
        for program, lines in phrases.items():
            for words in filter(None, map(phrase_of, lines)):
                found.setdefault(words[0], []).append((words, program))
        return NeedPhrases({first: tuple(each) for first, each in found.items()})

    def programs_in(self, texts: Iterable[str]) -> tuple[str, ...]:
        """The programs that ``texts`` call for, each once, in the order in which they come up."""
        return tuple(dict.fromkeys(program for text in texts for program in self._in_one(text)))

    def _in_one(self, text: str) -> Iterable[str]:
        words = tokens_of(text)
        for place, word in enumerate(words):
            for phrase, program in self.by_first_word.get(word, ()):
                if tuple(words[place:place + len(phrase)]) == phrase and not _is_denied(words, place):
                    yield program


def phrase_of(line: str) -> Phrase:
    """A phrase as its folded words."""
    return tuple(token for token in tokens_of(line) if token not in (BREAK, PAUSE))


def _is_denied(words: list[str], place: int) -> bool:
    for word in reversed(words[max(0, place - DENIED_WITHIN - 1):place]):
        if word in (BREAK, PAUSE):
            return False
        if word in DENIALS:
            return True
    return False
