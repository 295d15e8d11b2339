"""Tells by the ZIP code whether a family lives outside the area whose programs we refer to, and which part of it they name.

Town names alone are not read: many stand in several states, and a coordinator asks. Which ZIP codes are the affiliate's stands
in ``content/affiliate.yaml``, which parts a program serves in its own file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from intake.rules.words import words_of

_ZIP = re.compile(r"(?<!\d)(\d{5})(?:-\d{4})?(?!\d)")


@dataclass(frozen=True)
class ZipArea:
    """The affiliate's ZIP codes: how they begin, and those that begin so and lie elsewhere."""

    begin: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()

    def holds(self, code: str) -> bool:
        """Whether the five digits ``code`` are the affiliate's."""
        return code.startswith(self.begin) and code not in self.elsewhere


def is_elsewhere(place: str, area: ZipArea) -> bool:
    """Whether ``place`` holds a ZIP code and none of ``area``."""
    codes = _ZIP.findall(place)
    return bool(codes) and not any(area.holds(code) for code in codes)


@dataclass(frozen=True)
class Neighborhood:
    """Where a place-based program is at home: its ZIP codes, the names of its ``districts``, and the ``towns`` they lie in."""

    zip_codes: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    towns: tuple[str, ...] = ()

    def may_hold(self, place: str) -> bool:
        """Whether ``place``, as a family tells it, names one of the ZIP codes or districts; a hint, never a promise.

        A district of one word ("Northeast") is a part of many towns: it counts alone, or beside the name of its town.
        """
        if set(_ZIP.findall(place)) & set(self.zip_codes):
            return True
        said = words_of(place)
        at_home = any(_holds(said, words_of(town)) for town in self.towns)
        return any(_holds(said, name) and (len(name) > 1 or at_home or said == name) for name in map(words_of, self.districts))


def _holds(said: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return bool(name) and any(said[start:start + len(name)] == name for start in range(len(said) - len(name) + 1))
