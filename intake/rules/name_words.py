"""A name as it is searched for: its words without accents, case or punctuation, so that "José-Luís" is found by "jose luis"."""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = str.maketrans("", "", "'’‘`´ʼ")
_WORD = re.compile(r"[^\W_]+")


def name_words(name: str) -> frozenset[str]:
    """The words of ``name``, folded; "O'Neil" is one word, "Delgado-Ortiz" are two."""
    apart = unicodedata.normalize("NFKD", name.translate(_APOSTROPHES))
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return frozenset(_WORD.findall(plain.casefold()))
