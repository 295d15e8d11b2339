"""Says the detail of a line of the audit trail in words: names for ids of colleagues, words for codes.

What has no words is shown as it stands, but for the ids of rows, which tell a reader nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from console.words import Words

_STAFF, _NOBODY, _FROM, _TO = "staff:", "nobody", "from ", " to "
_ROW = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_GROUPS = {
    "flag.cleared": "cleared", "follow_up.answered": "follow_up_answer", "case.opened": "agreed",
}


def detail_in_words(words: Words, action: str, detail: str, names: Mapping[int, str]) -> str:
    """The ``detail`` of an ``action``; ``names`` are those of the colleagues by id."""
    if _ROW.fullmatch(detail):
        return ""
    group = _GROUPS.get(action)
    if group is not None:
        return words.code(group, detail)
    if action == "call.logged":
        callee, _, outcome = detail.partition(" ")
        return f"{words.code('call_to', callee)} · {words.code('call_outcome', outcome)}"
    before, to, after = detail.partition(_TO)
    if to:
        return f"{_part(words, before, names)} → {_part(words, after, names)}"
    if detail.startswith(_FROM):
        return words.text("trail.from", name=_part(words, detail.removeprefix(_FROM), names))
    return detail


def _part(words: Words, part: str, names: Mapping[int, str]) -> str:
    """One side of a change: a colleague, nobody, or the domains of a worry."""
    if part == _NOBODY:
        return words.text("trail.nobody")
    if part.startswith(_STAFF):
        id_ = part.removeprefix(_STAFF)
        return names.get(int(id_), part) if id_.isdigit() else part
    return ", ".join(words.code("concern", code.strip()) for code in part.split(","))
