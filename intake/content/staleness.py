"""Which facts of the directory were last checked when, which nobody has confirmed, and which cautions have come due.

A fact counts as checked on its own evidence, else with its program. A fact that is not shown cannot mislead a family: it is
listed, and does not count as stale.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from intake.content.program_facts import NEVER, Caution, Checked, CrisisLine, Program
from intake.content.programs import Programs


@dataclass(frozen=True)
class FactChecked:
    """One ``fact`` of the program or line ``subject``, and the month in which it was last ``checked`` ("never" in a draft)."""

    subject: str
    fact: str
    checked: str
    months_ago: int


@dataclass(frozen=True)
class CautionDue:
    """A ``caution`` and whether it ``is_due``: its month has come and a fact that hangs on it is still shown."""

    subject: str
    caution: Caution
    is_due: bool


@dataclass(frozen=True)
class Staleness:
    """What a person has to look at.

    ``old`` are shown facts last checked longer ago than the limit, ``ahead`` those that claim a month still to come;
    ``unconfirmed`` are not shown. All are sorted, the longest ago first.
    """

    old: tuple[FactChecked, ...]
    ahead: tuple[FactChecked, ...]
    unconfirmed: tuple[FactChecked, ...]
    cautions: tuple[CautionDue, ...]
    newest: str
    oldest: str

    @property
    def is_wrong(self) -> bool:
        """Whether a family may be told something that nobody has looked at for too long."""
        return bool(self.old or self.ahead or any(caution.is_due for caution in self.cautions))


def staleness(programs: Programs, today: date, months: int) -> Staleness:
    """The state of the directory on ``today``; a shown fact is old when it was checked more than ``months`` months ago."""
    subjects: list[Program | CrisisLine] = [*programs.programs.values(), *programs.crisis.values()]
    facts = [(subject, fact) for subject in subjects for fact in _facts(subject, today)]
    shown = [fact for subject, fact in facts if subject.shows(fact.fact)]
    hidden = [fact for subject, fact in facts if not subject.shows(fact.fact)]
    dated = sorted(fact.checked for fact in shown) or [NEVER]
    return Staleness(
        old=_longest_ago_first(fact for fact in shown if fact.months_ago > months),
        ahead=_longest_ago_first(fact for fact in shown if fact.months_ago < 0),
        unconfirmed=_longest_ago_first(iter(hidden)),
        cautions=tuple(due for subject in subjects for due in _cautions(subject, today)),
        newest=dated[-1], oldest=dated[0],
    )


def last_checked(subject: Checked, fact: str) -> str:
    """The month in which ``fact`` was last seen on a page: by its own evidence, else with all of ``subject``."""
    return max((seen.checked for seen in subject.evidence if fact in seen.facts), default=subject.checked)


def _facts(subject: Program | CrisisLine, today: date) -> Iterator[FactChecked]:
    for fact in subject.facts():
        month = last_checked(subject, fact)
        yield FactChecked(subject.id, fact, month, _months_ago(month, today))


def _months_ago(month: str, today: date) -> int:
    """Calendar months since ``month``; for a fact never checked, more than any limit."""
    if month == NEVER:
        return today.year * 12
    year, number = (int(part) for part in month.split("-"))
    return (today.year - year) * 12 + today.month - number


def _cautions(subject: Program | CrisisLine, today: date) -> Iterator[CautionDue]:
    for caution in subject.cautions:
        has_come = caution.since is not None and _months_ago(caution.since, today) >= 0
        yield CautionDue(subject.id, caution, has_come and any(subject.shows(fact) for fact in caution.facts))


def _longest_ago_first(facts: Iterator[FactChecked]) -> tuple[FactChecked, ...]:
    return tuple(sorted(facts, key=lambda fact: (-fact.months_ago, fact.subject, fact.fact)))
