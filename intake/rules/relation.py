"""Who writes to us: reads "soy la abuela", "grandma, I have custody", "her mom asked me, I'm the teacher" in own words.

Only what is said of the writer counts: "my mom says he is late" names somebody else. A relative who has custody, or says
"foster" or "guardian", stands in a parent's place; only a parent or guardian may accept a referral (rule W6,
https://www.birth23.org/).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from intake.rules.choices import Option, pick
from intake.rules.interview import CHILD_CARE, FAMILY, PROVIDER
from intake.rules.spelling import SHORTEST, SpellingIndex
from intake.rules.words import BREAK, PAUSE, tokens_of, words_of

GUARDIAN = "parent"
_PROFESSIONS = frozenset({PROVIDER, CHILD_CARE})
# Said of a person, and held by one.
_IN_A_PARENTS_PLACE = frozenset({
    "guardian", "foster", "adoptive", "adopted", "tutora", "tutor", "adoptiva", "adoptivo", "acogida"})
_HELD = frozenset({"custody", "guardianship", "custodia", "tutela"})
_MINE = frozenset({"i", "im", "ive", "we", "have", "tengo", "tenemos", "yo", "soy", "somos", "me", "nos", "got"})
_HAS = frozenset({"has", "had", "is", "tiene", "tienen", "tenia", "es", "esta"})
_NOT = frozenset({
    "no", "not", "dont", "sin", "without", "isnt", "aint", "never", "nunca", "havent", "lost", "perdi", "nor", "ni"})
_I_AM = (("i", "am"), ("im",), ("soy",), ("somos",), ("we", "are"), ("this", "is"), ("le", "habla"), ("le", "escribe"))
_AND = frozenset({BREAK, PAUSE, "and", "y", "but", "pero", "because", "porque", "who", "que", "with", "con"})
_MY = frozenset({"my", "mi", "mis", "our", "nuestra", "nuestro"})
_OF = frozenset({"of", "de", "del", "for", "para", "from"})
_THE = frozenset({"the", "his", "her", "their", "la", "el", "su", "sus", "a", "una", "un"})
_SAYS = frozenset({
    "says", "said", "say", "told", "tells", "asked", "asks", "wants", "thinks", "knows", "gave", "is", "has", "was", "does",
    "doesnt", "and", "dice", "dijo", "pidio", "quiere", "cree", "sabe", "dio", "me", "nos", "esta", "tiene", "no"})
# A child's own word stands right after one of these: "he used to say mama".
_SPEAKS = frozenset({
    "say", "says", "said", "saying", "calls", "called", "calling", "call", "word", "words", "dice", "decir", "decia", "diga",
    "dijo", "diciendo", "dicen", "llama", "palabra", "palabras"})
_NEAR = 4  # words between "I am" and who: "I am the little boy's teacher"
_GOOD_WORDS = frozenset({"tumor", "farther", "bother", "other", "patent", "another", "grander", "prime", "cousins", "schools"})


@dataclass(frozen=True)
class Told:
    """Who writes (the ``code`` of a ready answer), and whether they said that they are (not) the legal ``guardian``."""

    code: str
    guardian: bool | None = None


class RelationReader:
    """Reads answers to "who are you to the child?" by the ready answers and their ``options``' words."""

    def __init__(self, options: Sequence[Option]) -> None:
        self._options = tuple(options)
        self._roles = {words_of(name): option.code for option in options for name in option.names}
        self._longest = max((len(role) for role in self._roles), default=0)
        single = [role[0] for role in self._roles if len(role) == 1]
        self._slips = SpellingIndex([*single, *_IN_A_PARENTS_PLACE, *_HELD], _GOOD_WORDS)

    def read(self, text: str) -> Told | None:
        """Who writes, or None when nobody or more than one can be meant."""
        by_place = pick(text, self._options) if len(words_of(text)) == 1 else None
        return self._told(by_place or self._code(self._corrected(text)), self.guardianship(text))

    def says_of_oneself(self, text: str) -> Told | None:
        """Who writes, only where it is said outright ("actually I am the mother"); for words that answer another question."""
        tokens = self._corrected(text)
        if not any(_begins(tokens, place) for place in range(len(tokens))):
            return None
        code = self._after_i_am(tokens)
        return None if code is None else self._told(code, self.guardianship(text))

    @staticmethod
    def _told(code: str | None, guardian: bool | None) -> Told | None:
        if guardian and code not in _PROFESSIONS:
            return Told(GUARDIAN, True)
        return None if code is None else Told(code, guardian if code == FAMILY else None)

    def guardianship(self, text: str) -> bool | None:
        """Whether the writer says to be the child's legal guardian; None when nothing is said of it."""
        found = None
        for clause in _clauses(self._corrected(text)):
            words = frozenset(clause)
            held, named = words & _HELD, words & _IN_A_PARENTS_PLACE
            if not held and not named:
                continue
            theirs = words & _HAS or any(self._roles.get((word,)) == GUARDIAN for word in clause)
            others = held and not words & _MINE and theirs
            found = not (words & _NOT or others)
            if found:
                return True
        return found

    def _corrected(self, text: str) -> list[str]:
        return [self._meant(token) for token in tokens_of(text)]

    def _meant(self, word: str) -> str:
        if (word,) in self._roles or len(word) < SHORTEST - 1 or (word.endswith("s") and (word[:-1],) in self._roles):
            return word  # "mother's sister" is no mother
        meant = self._slips.meant_by(word)
        codes = {self._roles.get((one,)) for one in meant}
        return min(meant) if len(codes) == 1 else word

    def _code(self, tokens: list[str]) -> str | None:
        outright = self._after_i_am(tokens)
        if outright is not None:
            return outright
        denied = any(_begins(tokens, place) and place and tokens[place - 1] in _NOT for place in range(len(tokens)))
        codes = {code for clause in _clauses(tokens) for _, code in self._mentions(clause) if not denied or code != GUARDIAN}
        return codes.pop() if len(codes) == 1 else None

    def _after_i_am(self, tokens: list[str]) -> str | None:
        for clause in _clauses(tokens):
            for place in range(len(clause)):
                start = _begins(clause, place)
                if not start or _NOT & set(clause[max(0, place - 1):start + 1]):
                    continue
                codes = {code for where, code in self._mentions(clause) if start <= where <= start + _NEAR}
                if len(codes) == 1:
                    return codes.pop()
        return None

    def _mentions(self, clause: list[str]) -> Iterator[tuple[int, str]]:
        """Where somebody who may be the writer is named: nobody's mother, and nobody who is told to have said something."""
        place = 0
        while place < len(clause):
            size = next((n for n in range(self._longest, 0, -1) if tuple(clause[place:place + n]) in self._roles), 0)
            if size and not _is_somebody_elses(clause, place, size):
                yield place, self._roles[tuple(clause[place:place + size])]
            place += size or 1


def _is_somebody_elses(clause: list[str], place: int, size: int) -> bool:
    before = clause[max(0, place - 2):place]
    if before[-1:] and (before[-1] in _MY | _OF | _SPEAKS or (before[-1] in _THE and before[0] in _OF and len(before) > 1)):
        return True
    if before[:1] and before[0] in _SPEAKS and before[-1] in _HAS | {"was", "era"}:  # "his only word is mama"
        return True
    named = any(_begins(clause, start) for start in range(place))
    after = clause[place + size:place + size + 1]
    return not named and bool(before) and before[-1] in _THE and bool(after) and after[0] in _SAYS


def _begins(tokens: Sequence[str], place: int) -> int:
    """Where what follows "I am" begins, when it stands at ``place``; 0 when it does not."""
    return next((place + len(lead) for lead in _I_AM if tuple(tokens[place:place + len(lead)]) == lead), 0)


def _clauses(tokens: Sequence[str]) -> Iterator[list[str]]:
    clause: list[str] = []
    for token in tokens:
        if token in _AND and clause:
            yield clause
            clause = []
        elif token not in _AND:
            clause.append(token)
    if clause:
        yield clause
