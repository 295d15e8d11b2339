"""Makes what families wrote safe and discreet to show: tricks of direction visible, phone numbers masked,
names as initials.

HTML escaping is the templates' work and always on; this is about text that is dangerous or too telling even
when escaped.
"""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

REGION = "US"
_DIGITS = re.compile(
    r"(?:\d\D{0,3}){6}\d"
)  # seven digits close together: the shortest thing that could be a number
_KEPT = {"\n", "\t"}
_DIRECTION = {
    "\u061c",
    "\u200e",
    "\u200f",
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2066, 0x206A)),
}
_INITIALS_AT_MOST = 3


def visible(text: str) -> str:
    """``text`` with control and direction marks written out as [U+202E], so that none can rearrange what
    staff read.
    """
    lines = text.replace("\r\n", "\n")
    return "".join(f"[U+{ord(letter):04X}]" if _is_hidden(letter) else letter for letter in lines)


def _is_hidden(letter: str) -> bool:
    return letter in _DIRECTION or (unicodedata.category(letter) == "Cc" and letter not in _KEPT)


def mask_phone(phone: str) -> str:
    """A phone with all but its last four digits hidden."""
    return "••• ••• " + re.sub(r"\D", "", phone)[-4:]


def show_phone(phone: str) -> str:
    """A phone as it is dialled here: (860) 555-0142."""
    try:
        number = phonenumbers.parse(phone, REGION)
    except phonenumbers.NumberParseException:
        return phone
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL))


def mask_phones(text: str, only: str | None = None) -> str:
    """``text`` with every US phone number in it masked; ``only`` (E.164) limits that to one number."""
    if not _DIGITS.search(text):
        return text
    matches = phonenumbers.PhoneNumberMatcher(text, REGION, leniency=phonenumbers.Leniency.POSSIBLE)
    for match in reversed(list(matches)):
        if (
            only is None
            or phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164) == only
        ):
            text = text[: match.start] + mask_phone(match.raw_string) + text[match.end :]
    return text


def initials(name: str | None) -> str:
    """The first letters of a name's words ("Ana Lucía" becomes "A. L."); "?" when it has none, empty without
    a name.
    """
    firsts = [
        next((letter for letter in word if letter.isalnum()), "") for word in re.split(r"[\s\-]+", name or "")
    ]
    letters = [f"{first.upper()}." for first in firsts if first]
    return " ".join(letters[:_INITIALS_AT_MOST]) or ("?" if name else "")


def shortened(text: str, length: int) -> str:
    """``text`` on one line, cut after ``length`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
