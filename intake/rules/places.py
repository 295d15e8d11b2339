"""Tells by the ZIP code whether a family lives outside the area whose programs we refer to.

Town names are not read: many stand in several states, and a coordinator asks. Which ZIP codes are the affiliate's stands in
``content/affiliate.yaml``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

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
