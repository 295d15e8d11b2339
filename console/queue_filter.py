"""Which part of the queue is asked for: read from an address or a form, and written into links again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from intake.content.bilingual import LANGUAGES
from intake.rules.triage import Urgency

URGENCIES = tuple(urgency for urgency in Urgency if urgency is not Urgency.NONE)
CHANNELS = ("sms", "web", "phone")
ME, NOBODY = "me", "nobody"
_LAST_PAGE = 1_000_000
_YES = "1"
_PROGRAM = re.compile(r"[a-z][a-z0-9_]{0,47}")  # as an id is written; one that is gone may still have open referrals


@dataclass(frozen=True)
class QueueFilter:
    """What is shown: one urgency, language, channel, assignee ("me" or "nobody"), or all; ``overdue`` alone, or all; those with
    an open referral to ``program``, or all.

    ``page`` counts from 1.
    """

    urgency: Urgency | None = None
    language: str | None = None
    channel: str | None = None
    assignee: str | None = None
    overdue: bool = False
    program: str | None = None
    page: int = 1

    def parts(self) -> dict[str, Any]:
        """What narrows the list, by name, as an address or a kept view holds it; without the page."""
        found = {
            "urgency": self.urgency.value if self.urgency else None,
            "language": self.language,
            "channel": self.channel,
            "assignee": self.assignee,
            "overdue": _YES if self.overdue else None,
            "program": self.program,
        }
        return {name: value for name, value in found.items() if value}

    def but(self, **changes: str | None) -> dict[str, Any]:
        """The parts of this filter with some of them changed (None: left out), for a link to the first page."""
        return {name: value for name, value in {**self.parts(), **changes}.items() if value}


def filter_from(arguments: Mapping[str, str]) -> QueueFilter:
    """The filter an address or a form asks for; what is unknown is left out."""
    urgency, page, program = arguments.get("urgency"), arguments.get("page", ""), arguments.get("program", "")
    return QueueFilter(
        Urgency(urgency) if urgency in URGENCIES else None,
        _known(arguments.get("language"), LANGUAGES),
        _known(arguments.get("channel"), CHANNELS),
        _known(arguments.get("assignee"), (ME, NOBODY)),
        arguments.get("overdue") == _YES,
        program if _PROGRAM.fullmatch(program) else None,
        min(int(page), _LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 8 else 1,
    )


def _known(value: str | None, known: tuple[str, ...]) -> str | None:
    return value if value in known else None
