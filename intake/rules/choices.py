"""Reads the pick from a list of ready answers: by number, letter, label or a word that means it.

Whole words only, after folding case and accents: "other" must never be found inside "mother".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intake.rules.words import words_of

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Option:
    """A ready answer's ``code`` and all the ways (``names``) to say it, in any language."""

    code: str
    names: tuple[str, ...]


def pick(text: str, options: Sequence[Option]) -> str | None:
    """The code of the one option that ``text`` picks, or None when none or several do."""
    words = words_of(text)
    by_place = _by_place(words, options)
    if by_place is not None:
        return by_place
    phrase = f" {' '.join(words)} "
    exact = [option.code for option in options if any(phrase == f" {_folded(name)} " for name in option.names)]
    if len(exact) == 1:
        return exact[0]
    inside = [option.code for option in options if any(f" {_folded(name)} " in phrase for name in option.names)]
    return inside[0] if len(set(inside)) == 1 else None


def numbered(labels: Sequence[str]) -> str:
    """The ready answers as a text shows them, which has no buttons: a line each, with its number."""
    return "\n".join(f"{place} {label}" for place, label in enumerate(labels, start=1))


def is_label(text: str, labels: Sequence[str]) -> bool:
    """Whether ``text`` is, word for word, one of the ``labels`` shown, such as a tapped button sends it."""
    return words_of(text) in [words_of(label) for label in labels]


def _folded(name: str) -> str:
    return " ".join(words_of(name))


def _by_place(words: Sequence[str], options: Sequence[Option]) -> str | None:
    if len(words) != 1:
        return None
    word = words[0]
    if word.isdigit() and 1 <= int(word) <= len(options):
        return options[int(word) - 1].code
    if len(word) == 1 and word in _LETTERS[:len(options)] and len(options) > 2:
        return options[_LETTERS.index(word)].code
    return None
