"""Takes the name out of what a parent answers when asked for one: "his name is Mateo", "se llama Luz María", "Mateo, he's 2".

A name is taken as given, with its accents, capitals and apostrophes. A sentence is no name: then there is none, and the
parent is asked again, rather than calling the child by half a sentence for the rest of the conversation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from intake.rules.words import fold

LONGEST_NAME = 60  # characters; the longest given names stay well below
MOST_WORDS = 4  # "Luz María de Jesús"

_ENDS = re.compile(r"[,;:.!?\n(]")
# "Mateo and he is 2", "Leo y tiene dos años", "Aaliyah shes almost 3": where the name ends and the story begins.
_STORY = re.compile(r"\s+(?:and|y|&)\s+(?:he|she|they|hes|shes|he's|she's|is"
                    r"|tiene|nació|nacio|cumple|va|ya|es|está|esta|el|ella)\s.*$"
                    r"|\s+(?:he|she|hes|shes|he's|she's|tiene|cumple)\s(?:\w+\s){0,2}\d.*$", re.IGNORECASE)
_SMALL_WORDS = frozenset({"de", "del", "la", "las", "los", "y", "e", "van", "von", "da", "dos"})
_NOT_IN_NAMES = re.compile(r"[\d<>=@#/\\_*{}\[\]|]")


@dataclass(frozen=True)
class NameLists:
    """``leads``: folded words people write before a name; ``not_names``: folded words that make it a sentence."""

    leads: tuple[tuple[str, ...], ...]
    not_names: frozenset[str]


def read_name(text: str, lists: NameLists) -> str | None:
    """The name in ``text``, or None when it holds none that is plain."""
    words = [word for word in re.split(r"\s+", _first_part(text)) if word]
    words = _STORY.sub("", " ".join(_without_lead(words, lists.leads))).split()
    name = _capitalised(words)
    if not 0 < len(words) <= MOST_WORDS or len(name) > LONGEST_NAME or _NOT_IN_NAMES.search(name):
        return None
    if any(fold(word) in lists.not_names for word in words) or not any(char.isalpha() for char in name):
        return None
    return name


def _capitalised(words: list[str]) -> str:
    """The name as given; one typed all in small letters gets its capitals, as the child's name is said back many times."""
    name = " ".join(words)
    if name != name.lower():
        return name
    return " ".join(word if place and word in _SMALL_WORDS else word[:1].upper() + word[1:] for place, word in enumerate(words))


def _first_part(text: str) -> str:
    """What stands before the first comma or full stop: the name usually comes first, the story after."""
    parts = [part.strip(" \"'“”") for part in _ENDS.split(text.strip())]
    return next((part for part in parts if part), "")


def _without_lead(words: list[str], leads: Iterable[tuple[str, ...]]) -> list[str]:
    folded = tuple(fold(word) for word in words)
    fitting = [lead for lead in leads if folded[: len(lead)] == lead and len(folded) > len(lead)]
    return words[len(max(fitting, key=len)) :] if fitting else words
