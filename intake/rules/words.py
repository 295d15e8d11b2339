"""The words of a message in one plain form, so that word lists need a single spelling each.

Capital letters, accents, apostrophes, full-width letters and stretched letters ("heeeelp") make no difference.
"""

from __future__ import annotations

import re
import unicodedata

# A full stop, a question mark, a line break or a semicolon ends a thought; a comma ends a part of one.
_TOKEN = re.compile(r"[^\W_]+|[.!?;:\n,]")
_APOSTROPHES = re.compile("['\u2018\u2019\u201b\u02bc`\u00b4]")
_ENDS = frozenset(".!?;:\n")
# A decimal point or comma between digits belongs to the number, as in 100.4.
_DECIMAL = re.compile(r"(?<=\d)[.,](?=\d)")
_STRETCHED = re.compile(r"(\w)\1{2,}")

BREAK = "."
PAUSE = ","


def fold(text: str) -> str:
    """``text`` in NFKC, without case, accents and apostrophes: the spelling all word lists are kept in."""
    if text.isascii():
        return _APOSTROPHES.sub("", text).lower()
    wide = unicodedata.normalize("NFKC", _APOSTROPHES.sub("", text)).casefold()
    bare = "".join(char for char in unicodedata.normalize("NFD", wide) if not unicodedata.combining(char))
    return _APOSTROPHES.sub("", bare)


def tokens_of(text: str) -> list[str]:
    """The folded words in order, with BREAK where a thought ends and PAUSE at a comma; numbers keep their digits."""
    folded = _DECIMAL.sub("_", fold(text)).replace("_", "")
    return [BREAK if token in _ENDS else token for token in _TOKEN.findall(folded)]


def words_of(text: str) -> tuple[str, ...]:
    """The folded words of ``text`` in order, without punctuation."""
    return tuple(token for token in tokens_of(text) if token != BREAK and token != PAUSE)


def unstretched(word: str) -> tuple[str, ...]:
    """The spellings a stretched word may stand for: "stoppp" gives "stop" and "stopp"; others give themselves."""
    if not _STRETCHED.search(word):
        return (word,)
    return (_STRETCHED.sub(r"\1", word), _STRETCHED.sub(r"\1\1", word))
