"""Finds which earlier question a correction is about: "actually he does point" means the question about pointing.

Words are compared by their first letters, so that "points", "pointing" and "point" meet; words that stand in many questions
count for little. When two questions fit equally well, none is chosen and the parent is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from intake.rules.interview import Kind
from intake.rules.words import words_of

_STEM = 5  # letters; enough to tell "point" from "poin", short enough for "caminar" and "camina"
_ENDINGS = ("ing", "ed", "s")
_SHORTEST_STEM = 3
_SHORTEST = 4  # letters; shorter words ("she", "con") say nothing about the question
# Words of correcting and answering itself, which happen to stand in questions too or share their first letters with words
# that do: "I meant sometimes" is not about "something new".
_ABOUT_THE_ANSWER = frozenset(
    {"sometimes", "veces", "meant", "quise", "decir", "actually", "question", "pregunta", "answer", "answered", "before",
     "antes", "change", "cambiar", "that", "does", "doing", "told", "still"})

# Words by which somebody comes back to what they have just said.
_TAKES_BACK = (("actually",), ("on", "second", "thought"), ("en", "realidad"), ("de", "hecho"), ("pensandolo", "bien"))

FACTS: Mapping[Kind, frozenset[str]] = {
    Kind.BIRTH_DATE: frozenset({"birthday", "bday", "birthdate", "birth", "born", "cumpleanos", "nacio", "nacimiento"}),
    Kind.CHILD_NAME: frozenset({"name", "nombre", "spelled", "llama"}),
}


def kind_meant(text: str, facts: Mapping[Kind, frozenset[str]]) -> Kind | None:
    """The fact about the child that a correction names ("wrong birthday"), or None."""
    said = frozenset(words_of(text))
    return next((kind for kind, words in facts.items() if words & said), None)


def takes_back(text: str) -> bool:
    """Whether ``text`` begins by coming back to something said before: "actually yes", "no, en realidad sí"."""
    said = words_of(text)
    said = said[1:] if said[:1] in {("no",), ("wait",), ("perdon",)} else said
    return any(said[:len(words)] == words for words in _TAKES_BACK)


def item_meant(text: str, questions: Mapping[str, str]) -> str | None:
    """The id of the one question among ``questions`` (id to its words) that ``text`` is about; None when unclear."""
    said = _stems(" ".join(word for word in words_of(text) if word not in _ABOUT_THE_ANSWER))
    stems = {item: _stems(words) for item, words in questions.items()}
    frequency = Counter(stem for words in stems.values() for stem in words)
    scores = {item: sum(1 / frequency[stem] for stem in words & said) for item, words in stems.items()}
    ranked = sorted(((score, item) for item, score in scores.items() if score > 0), reverse=True)
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1]


def _stems(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in words_of(text) if len(word) >= _SHORTEST)


def _stem(word: str) -> str:
    """The first letters without an English ending, so that "jumping", "jumps" and "jump" meet."""
    ending = next((end for end in _ENDINGS if word.endswith(end) and len(word) - len(end) >= _SHORTEST_STEM), "")
    return word.removesuffix(ending).removesuffix("e")[:_STEM]
