"""Short ways through the parts of a conversation that a test is not about."""

from __future__ import annotations

import re
from datetime import date, timedelta

from people import Parent

from intake.rules.age import latest_birth_date

_PROGRESS = re.compile(r"(?:^|\n)(\d+) (?:of|de) (\d+) ")


def born(months: int, *, extra_days: int = 10) -> date:
    """The birth date of a child ``months`` months and some days old today."""
    return latest_birth_date(months, date.today()) - timedelta(days=extra_days)


def in_words(day: date) -> str:
    """``day`` as a parent would text it."""
    return day.strftime("%m/%d/%Y")


def walks_checklist(parent: Parent, said: str, answers: dict[int, str], otherwise: str) -> str:
    """Answers every milestone, ``answers`` by number and ``otherwise`` else; returns what is said after the last one."""
    asked = _PROGRESS.search(said)
    assert asked, f"no milestone was asked: {said[-200:]}"
    number, total = int(asked.group(1)), int(asked.group(2))
    while True:
        said = parent.says(answers.get(number, otherwise))
        if number == total:
            return said
        asked = _PROGRESS.search(said)
        assert asked and int(asked.group(1)) == number + 1, said
        number += 1


def about_a_child(parent: Parent, *, yes: str, relation: str, name: str, birth: str, early: str | None) -> str:
    """Consent and the child: returns what is said next."""
    parent.says(yes)
    parent.says(relation)
    parent.says(name)
    said = parent.says(birth)
    return parent.says(early) if early is not None else said

