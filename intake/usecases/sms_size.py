"""How many SMS segments a text takes, which is what it costs.

The alphabet is the library's (gsm0338, GSM 03.38); the arithmetic is 3GPP TS 23.040's: 160 places in one segment or 153 in
each of several, and in UCS-2 70 or 67. A character of two places is never split between two segments.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import gsm0338

Encoding = Literal["GSM-7", "UCS-2"]

MOST_SEGMENTS = 10     # of one text; a longer answer leaves as several, in order, and a carrier may swap them
MOST_CHARACTERS = 1530  # the provider takes 1,600 (twilio.com/docs/glossary/what-sms-character-limit)

_CODEC = gsm0338.Codec()
_ESCAPE = "\x1b"  # announces a character of the extension table; by itself it is none


@dataclass(frozen=True)
class Size:
    """The encoding a text needs and the segments it fills, at least one."""

    encoding: Encoding
    segments: int


def count(text: str) -> Size:
    """The size of ``text`` as it stands; make it plain first (``intake.rules.sms_text``)."""
    places = _places_in_gsm(text)
    if places is not None:
        return Size("GSM-7", _segments(places, 160, 153))
    return Size("UCS-2", _segments([2 if ord(character) > 0xFFFF else 1 for character in text], 70, 67))


def fits(text: str) -> bool:
    """Whether ``text`` may leave as one message."""
    return len(text) <= MOST_CHARACTERS and count(text).segments <= MOST_SEGMENTS


def _places_in_gsm(text: str) -> list[int] | None:
    """How many places each character takes; None when one of them is not in the alphabet."""
    places = [_places_of(character) for character in text]
    return None if 0 in places else places


@lru_cache(maxsize=1024)
def _places_of(character: str) -> int:
    if character == _ESCAPE:
        return 0
    try:
        return len(_CODEC.encode(character)[0])
    except UnicodeEncodeError:
        return 0


def _segments(places: list[int], single: int, several: int) -> int:
    if sum(places) <= single:
        return 1
    segments, used = 1, 0
    for width in places:
        if used + width > several:
            segments, used = segments + 1, 0
        used += width
    return segments
