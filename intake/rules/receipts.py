"""Finds a case's number in what somebody writes: "my doctor gave me hmg 9eh64m"."""

from __future__ import annotations

import re

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread on the phone: no 0 O 1 I L U
LENGTH = 6


def read_receipt_number(text: str, prefix: str) -> str | None:
    """The first case number in ``text`` as it is kept; ``prefix`` is what the affiliate's numbers begin with.

    The prefix must be there: six letters alone are too often a word or a name.
    """
    found = re.search(rf"(?<![A-Z0-9]){re.escape(prefix)}[\s\-#:.]{{0,3}}([{LETTERS}]{{{LENGTH}}})(?![A-Z0-9])", text.upper())
    return None if found is None else f"{prefix}-{found[1]}"
