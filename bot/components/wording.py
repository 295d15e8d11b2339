"""One spelling for the many ways a message is typed: case, accents, stretched letters, curly quotes.

Parents write "Sí", "si", "SIII" and mean one word. Everything that compares words compares their folded form;
what a family wrote is never replaced by it.
"""

from __future__ import annotations

import re
import unicodedata

_QUOTES = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "`": "'",
        "´": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "\u00a0": " ",
        "½": " 1/2",
    }
)
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\u2640\u2642\U0001f3fb-\U0001f3ff]")
_SPACES = re.compile(r"\s+")


def fold(text: str) -> str:
    """Lower case, no accents, single spaces; a letter typed three times stands once ("siii" is "si")."""
    plain = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text).translate(_QUOTES))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return _SPACES.sub(" ", _STRETCHED.sub(r"\1", plain.lower())).strip()


_ABOUT_THE_CHILD = re.compile(
    r"\b(he|she|my (?:son|daughter|kid|child|baby|boy|girl|toddler|grandson|granddaughter|nephew|niece)"
    r"|mi (?:hij[oa]|nin[oa]|bebe|nen[ea]|chiquit[oa]|niet[oa]|sobrin[oa])|el nin[oa]|la nina|ella|tiene|habla|dice|camina"
    r"|gatea|voltea|mira|come|contesta|responde|duerme|entiende|juega"
    r"|\d+ ?(?:years?|yrs?|months?|mos?|anos?|anitos?|mes(?:es)?))\b"
)
# "Q", "k", "ke" for "que" and "xq", "pq" for "por que": how Spanish is texted. In English they mean other things, or nothing.
_SHORTENED = [
    (re.compile(r"\b(?:porq|xq|pq|xk|pk|xke)\b"), "por que"),
    (re.compile(r"\b(?:q|k|ke)\b"), "que"),
]


def spelled_out(folded: str) -> str:
    """A folded Spanish text with its shortened small words written out."""
    for pattern, written in _SHORTENED:
        folded = pattern.sub(written, folded)
    return folded


def bare(text: str) -> str:
    """The folded text without punctuation around it and between words, for comparing whole messages."""
    return _SPACES.sub(" ", re.sub(r"[^\w'/&+\-\U0001f000-\U0001ffff\u2600-\u27bf]+", " ", fold(text))).strip(
        " '-"
    )


def speaks_of_child(folded: str) -> bool:
    """Whether a folded text says something of a child, in the third person, or tells an age."""
    return bool(_ABOUT_THE_CHILD.search(folded))
