"""Phrase books: lists of word patterns that are looked up in a message.

A pattern is a line an editor can read. Words stand in order, with only filler words between them; ``a|b`` is
either word; ``word*`` a beginning; ``{set}`` any word of a named set; ``..`` up to three other words; ``+`` joins
parts that may stand in either order in one sentence, ``&`` parts that may also stand in sentences side by side
("He is 5 weeks old. Temp 101."). Look-alikes are patterns too: what they cover is no longer
seen by the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from intake.rules.spelling import SpellingIndex
from intake.rules.words import BREAK, PAUSE, fold, tokens_of, unstretched

WIDEST_GAP = 3
# Parts joined by "+" belong together only this near to each other, in words.
WIDEST_DISTANCE = 9
# A frightened parent tells one thing in short sentences; parts joined by "&" may lie this far apart.
WIDEST_DISTANCE_ACROSS = 12

_JOINTS = re.compile("[+&]")

LOOK_ALIKE = "look_alike"


class PatternError(ValueError):
    """A pattern that cannot be read; the message says why."""


@dataclass(frozen=True)
class Match:
    """A pattern found: its ``name`` in the book, the word positions each part covers, the sentence it stands in."""

    name: str
    parts: tuple[tuple[int, ...], ...]
    sentence: int

    @property
    def covered(self) -> tuple[int, ...]:
        """All covered positions, in order."""
        return tuple(sorted(position for part in self.parts for position in part))


@dataclass(frozen=True)
class Line:
    """A message as its weighty words, each with the number of its sentence and of its clause."""

    words: tuple[str, ...]
    sentences: tuple[int, ...]
    clauses: tuple[int, ...]


@dataclass(frozen=True)
class _Step:
    element: int
    gap: int


@dataclass(frozen=True)
class _Pattern:
    name: str
    parts: tuple[tuple[_Step, ...], ...]
    across_sentences: bool


Seen = Mapping[int, list[int]]


class PhraseBook:
    """Compiled patterns, immutable after construction and safe to share.

    ``patterns``: the lines under each name; the name "look_alike" is special (see the module). ``sets``: named
    word sets. ``fillers``: words that never matter. ``misspelled``: words that are also known with typing errors,
    unless the word stands in ``not_misspelled``. Raises PatternError with the offending line.
    """

    def __init__(
        self,
        patterns: Mapping[str, Iterable[str]],
        *,
        sets: Mapping[str, Iterable[str]] | None = None,
        fillers: Iterable[str] = (),
        misspelled: Iterable[str] = (),
        not_misspelled: Iterable[str] = (),
    ) -> None:
        self._sets = {name: tuple(fold(str(word)) for word in words) for name, words in (sets or {}).items()}
        self._fillers = frozenset(fold(str(word)) for word in fillers)
        self._elements: dict[frozenset[str], int] = {}
        self._exact: dict[str, set[int]] = {}
        self._beginnings: dict[str, set[int]] = {}
        self._by_first: dict[int, list[_Pattern]] = {}
        for name, lines in patterns.items():
            for line in lines:
                self._add(name, line)
        self._lengths = tuple(sorted({len(beginning) for beginning in self._beginnings}))
        self._spelling = SpellingIndex(map(fold, misspelled), map(fold, not_misspelled))

    def finds(self, text: str) -> bool:
        """Whether any pattern, other than a look-alike, occurs in ``text``."""
        return next(self.matches(self.read(text)), None) is not None

    def last_spot(self, text: str) -> tuple[int, int]:
        """Where the last pattern found in ``text`` ends and how many words it covers; (-1, 0) when there is none."""
        found = (match.covered for match in self.matches(self.read(text)))
        return max(((covered[-1], len(covered)) for covered in found), default=(-1, 0))

    def read(self, text: str) -> Line:
        """``text`` as this book sees it, without its filler words."""
        words: list[str] = []
        sentences: list[int] = []
        clauses: list[int] = []
        sentence = clause = 0
        for token in tokens_of(text):
            if token in (BREAK, PAUSE):
                clause += 1
                sentence += token == BREAK
            elif token not in self._fillers:
                words.append(token)
                sentences.append(sentence)
                clauses.append(clause)
        return Line(tuple(words), tuple(sentences), tuple(clauses))

    def matches(self, line: Line) -> Iterator[Match]:
        """Every occurrence of every pattern, look-alikes taken out first."""
        seen = self._see(line)
        found = [*self._search(line, seen)]
        hidden = {position for match in found if match.name == LOOK_ALIKE for position in match.covered}
        return (match for match in found if match.name != LOOK_ALIKE and hidden.isdisjoint(match.covered))

    def _add(self, name: str, line: str) -> None:
        parts = tuple(self._part(part, line) for part in _JOINTS.split(line))
        if len(line.split()) > 1 and sum(map(len, parts)) == 1:
            raise PatternError(f"'{line}' has one word left without its filler words: it would match far too much")
        self._by_first.setdefault(parts[0][0].element, []).append(_Pattern(name, parts, "&" in line))

    def _part(self, part: str, line: str) -> tuple[_Step, ...]:
        steps: list[_Step] = []
        gap = 0
        for piece in part.split():
            if piece == "..":
                gap = WIDEST_GAP
                continue
            words = self._alternatives(piece, line)
            if words:
                steps.append(_Step(self._element(words), gap))
                gap = 0
        if not steps:
            raise PatternError(f"'{line}' has a part without a word")
        return tuple(steps)

    def _alternatives(self, piece: str, line: str) -> frozenset[str]:
        words: set[str] = set()
        for choice in piece.split("|"):
            if choice.startswith("{"):
                words.update(self._set(choice.strip("{}"), line))
            elif choice:
                words.add(fold(choice))
        return frozenset(words - self._fillers)

    def _set(self, name: str, line: str) -> tuple[str, ...]:
        if name not in self._sets:
            raise PatternError(f"'{line}' names the set '{name}', which is not in 'sets'")
        return self._sets[name]

    def _element(self, words: frozenset[str]) -> int:
        if words not in self._elements:
            number = self._elements[words] = len(self._elements)
            for word in words:
                home, key = (self._beginnings, word[:-1]) if word.endswith("*") else (self._exact, word)
                home.setdefault(key, set()).add(number)
        return self._elements[words]

    def _see(self, line: Line) -> dict[int, list[int]]:
        seen: dict[int, list[int]] = {}
        for position, word in enumerate(line.words):
            for element in self._elements_of(word):
                seen.setdefault(element, []).append(position)
        return seen

    def _elements_of(self, word: str) -> set[int]:
        elements: set[int] = set()
        for spelling in unstretched(word):
            elements |= self._known(spelling)
            # A good word ("batter") still is no typing error, and a word of the book needs no guess.
            if spelling not in self._exact:
                for meant in self._spelling.meant_by(spelling):
                    elements |= self._known(meant)
        return elements

    def _known(self, word: str) -> set[int]:
        elements = set(self._exact.get(word, ()))
        for length in self._lengths:
            elements |= self._beginnings.get(word[:length], set())
        return elements

    def _search(self, line: Line, seen: Seen) -> Iterator[Match]:
        for element in seen:
            for pattern in self._by_first.get(element, ()):
                yield from _occurrences(pattern, line, seen)


def _occurrences(pattern: _Pattern, line: Line, seen: Seen) -> Iterator[Match]:
    spots = [[*_part_occurrences(part, line, seen)] for part in pattern.parts]
    if not all(spots):
        return
    for first in spots[0]:
        together = _stand_near if pattern.across_sentences else _belong_together
        near = [[spot for spot in others if together(first, spot, line)] for others in spots[1:]]
        for rest in product(*near):
            if _share_no_word((first, *rest)):
                yield Match(pattern.name, (first, *rest), line.sentences[first[0]])


def _share_no_word(parts: tuple[tuple[int, ...], ...]) -> bool:
    """Whether each word is used once: "alone" is not both what is felt and why."""
    positions = [position for part in parts for position in part]
    return len(set(positions)) == len(positions)


def _belong_together(one: tuple[int, ...], other: tuple[int, ...], line: Line) -> bool:
    return line.sentences[one[0]] == line.sentences[other[0]] and _words_between(one, other) <= WIDEST_DISTANCE


def _stand_near(one: tuple[int, ...], other: tuple[int, ...], line: Line) -> bool:
    sentences_apart = abs(line.sentences[one[0]] - line.sentences[other[0]])
    return sentences_apart <= 1 and _words_between(one, other) <= WIDEST_DISTANCE_ACROSS


def _words_between(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    return max(one[0], other[0]) - min(one[-1], other[-1]) - 1


def _part_occurrences(part: tuple[_Step, ...], line: Line, seen: Seen) -> Iterator[tuple[int, ...]]:
    for start in seen.get(part[0].element, ()):
        spot = _follow(part[1:], (start,), line, seen)
        if spot is not None:
            yield spot


def _follow(
    steps: tuple[_Step, ...], taken: tuple[int, ...], line: Line, seen: Seen
) -> tuple[int, ...] | None:
    if not steps:
        return taken
    here = taken[-1]
    for position in seen.get(steps[0].element, ()):
        if here < position <= here + 1 + steps[0].gap and _may_continue(here, position, steps[0].gap, line):
            spot = _follow(steps[1:], (*taken, position), line, seen)
            if spot is not None:
                return spot
    return None


def _may_continue(here: int, there: int, gap: int, line: Line) -> bool:
    """Words side by side belong to one clause; a gap may bridge a comma, never the end of a sentence."""
    numbers = line.sentences if gap else line.clauses
    return numbers[here] == numbers[there]
