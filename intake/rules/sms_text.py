"""A text as it leaves by SMS: typography made plain, so that one curly quote does not turn a whole message into UCS-2.

A character outside the GSM 03.38 alphabet halves what fits into a segment. What only looks better than its plain form is
replaced (GOV.UK Notify does the same, github.com/alphagov/notifications-utils, sanitise_text.py). Letters stay: "año" and
"ano" are two words, and no letter ever becomes a "?". Only an operator who asks for it loses the accents that GSM 03.38 lacks
(3GPP TS 23.038: é ñ ü ¿ ¡ are in the alphabet, á í ó ú are not).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

Accents = Literal["keep", "drop"]

_PLAIN: Final = {
    "'": "‘’‚‛′‹›`´", '"': "“”„‟″«»", "-": "‐‑‒–—―−•‣◦▪●·", "...": "…", "": "\u200b\u2060\ufeff\u00ad\u200e\u200f",
    " ": "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
}
_TYPOGRAPHY: Final = {ord(fancy): plain for plain, several in _PLAIN.items() for fancy in several}
_ACCENTS: Final = str.maketrans("áíóúÁÍÓÚªº", "aiouAIOUao")
# A joiner holds one emoji together out of several ("family"); after anything else it is nothing to see, and costs a segment.
_STRAY_JOINER: Final = re.compile("(?<![\u2190-\U0001ffff])[\u200c\u200d]")


def as_sms(text: str, accents: Accents = "keep") -> str:
    """``text`` with plain quotes, dashes, dots and spaces; with ``drop`` also without the accents that GSM 03.38 lacks."""
    plain = _STRAY_JOINER.sub("", unicodedata.normalize("NFC", text).translate(_TYPOGRAPHY))
    composed = unicodedata.normalize("NFC", plain)
    return _without_accents(composed) if accents == "drop" else composed


def _without_accents(text: str) -> str:
    """A letter that lost its accent may join a mark that follows it, and then has one to lose again."""
    bare = unicodedata.normalize("NFC", text.translate(_ACCENTS))
    return bare if bare == text else _without_accents(bare)
