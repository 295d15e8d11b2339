"""Tells by the ZIP code whether a family lives outside Connecticut, whose programs we refer to.

Town names are not read: many stand in several states, and a coordinator asks. Connecticut's ZIP codes begin with 06
(https://pe.usps.com/text/dmm300/L002.htm), but for 06390, Fishers Island in New York.
"""

from __future__ import annotations

import re

_ZIP = re.compile(r"(?<!\d)(\d{5})(?:-\d{4})?(?!\d)")
_CONNECTICUT = "06"
_FISHERS_ISLAND = "06390"


def is_elsewhere(place: str) -> bool:
    """Whether ``place`` holds a ZIP code and none of Connecticut."""
    codes = _ZIP.findall(place)
    return bool(codes) and not any(code.startswith(_CONNECTICUT) and code != _FISHERS_ISLAND for code in codes)
