"""How many SMS segments a text takes, as a carrier counts and bills them.

A text whose every character is in the GSM 03.38 alphabet travels as GSM-7 (160 characters, or 153 a segment
when there are several); one other character, such as the "í" of "así" or an emoji, turns all of it into
UCS-2 (70, or 67 a segment).
"""

from dataclasses import dataclass
from typing import Literal

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each of these is sent as an escape and a second character, so it takes two places.
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")

Encoding = Literal["GSM-7", "UCS-2"]


@dataclass(frozen=True)
class Segmentation:
    """The encoding a text needs and the number of segments it fills (at least one, also when empty)."""

    encoding: Encoding
    segments: int


def count_segments(text: str) -> Segmentation:
    """Count the segments of `text`; a character is never split between two segments."""
    if all(character in GSM_BASIC or character in GSM_EXTENSION for character in text):
        widths = [2 if character in GSM_EXTENSION else 1 for character in text]
        return Segmentation("GSM-7", _fill(widths, single=160, several=153))
    widths = [2 if ord(character) > 0xFFFF else 1 for character in text]
    return Segmentation("UCS-2", _fill(widths, single=70, several=67))


def _fill(widths: list[int], *, single: int, several: int) -> int:
    if sum(widths) <= single:
        return 1
    segments, used = 1, 0
    for width in widths:
        if used + width > several:
            segments, used = segments + 1, 0
        used += width
    return segments
