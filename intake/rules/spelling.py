"""Weighty words with typing errors: "siezure", "swalowed", "convulcion".

Only words that are put on a list are known this way, only near their right spelling, and never when the word written is
itself a good word ("batter" is no battery).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

SHORTEST = 5
# From this length on a word may hold two typing errors and still be that word.
LONG = 9


class SpellingIndex:
    """Finds which listed words a written word may stand for; built once, immutable."""

    def __init__(self, words: Iterable[str], good_words: Iterable[str]) -> None:
        self._words = frozenset(word for word in words if len(word) >= SHORTEST)
        self._good_words = frozenset(good_words)
        self._by_shortened: dict[str, set[str]] = {}
        for word in self._words:
            for shortened in _shortened(word, _errors_allowed(word)):
                self._by_shortened.setdefault(shortened, set()).add(word)

    def meant_by(self, written: str) -> frozenset[str]:
        """The listed words that ``written`` may stand for; empty when it is a good word or far from all.

        The first letter must be right: it almost always is, and it keeps "burned" apart from "turned".
        """
        if len(written) < SHORTEST - 1 or written in self._good_words or written in self._words:
            return frozenset()
        near: set[str] = set()
        for shortened in _shortened(written, 2 if len(written) >= LONG - 1 else 1):
            near |= self._by_shortened.get(shortened, set())
        return frozenset(word for word in near if _is_near(written, word))


def _errors_allowed(word: str) -> int:
    return 2 if len(word) >= LONG else 1


def _is_near(written: str, word: str) -> bool:
    return written[0] == word[0] and edits_between(written, word) <= _errors_allowed(word)


def _shortened(word: str, errors: int) -> Iterator[str]:
    """``word`` and what is left of it when up to ``errors`` letters are taken out."""
    layer = {word}
    yield word
    for _ in range(errors):
        layer = {short[:i] + short[i + 1 :] for short in layer for i in range(len(short))}
        yield from layer


def edits_between(one: str, other: str) -> int:
    """The fewest letters to insert, drop, change or swap with their neighbour to turn ``one`` into ``other``."""
    before: tuple[int, ...] = ()
    row = tuple(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        fresh = [i]
        for j, aim in enumerate(other, start=1):
            cost = min(row[j] + 1, fresh[j - 1] + 1, row[j - 1] + (letter != aim))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == aim:
                cost = min(cost, before[j - 2] + 1)
            fresh.append(cost)
        before, row = row, tuple(fresh)
    return row[-1]
