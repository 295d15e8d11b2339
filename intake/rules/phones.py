"""Tells the phone of a person in the United States or Canada from whatever else may stand where a sender stands.

A short code, a name, a foreign number or a toll-free line is kept but never answered: behind it is a program, and two
programs that answer each other never stop.
"""

from __future__ import annotations

import re

_NORTH_AMERICAN = re.compile(r"\+1([2-9][0-9]{2})[2-9][0-9]{6}")
# Area codes that are no phone of a person in the United States or Canada: toll-free, premium and special services, and the
# other countries of the +1 plan, where texts cost far more (NANPA, "Area Code Map" and "Non-Geographic NPAs").
_TOLL_FREE_AND_SERVICES = "800 833 844 855 866 877 888 900 211 311 411 511 611 711 811 911"
_OTHER_COUNTRIES = "242 246 264 268 284 345 441 473 649 658 664 721 758 767 784 809 829 849 868 869 876"
_NOT_A_PERSON = frozenset(f"{_TOLL_FREE_AND_SERVICES} {_OTHER_COUNTRIES}".split())


def is_person(sender: str) -> bool:
    """Whether ``sender`` is a phone of the United States or Canada, and not a short code, a name, or ``whatsapp:``."""
    number = _NORTH_AMERICAN.fullmatch(sender)
    return number is not None and number[1] not in _NOT_A_PERSON
