"""A made-up parent who never finishes: answers the open question, then interrupts, and takes answers back.

What the parent says stands in a YAML file. The parent looks at the kind of the open question only, so a change in
the order of the questions changes nothing here.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

MILESTONE = "milestone"


class NothingToSay(LookupError):
    """The parent has no answer to the open question: the conversation went another way than meant."""


@dataclass(frozen=True)
class Script:
    """What a parent says: first, to each kind of question, one by one to milestones, and as interruptions."""

    opening: str
    answers: dict[str, str]
    milestones: list[str]
    interruptions: list[str]


def read_script(path: Path) -> Script:
    """The script in ``path``."""
    read = YAML(typ="safe").load(path)
    return Script(read["opening"], read["answers"], read["milestones"], read["interruptions"])


class Parent:
    """One parent in one conversation; ``turn`` is the number of the message said last."""

    def __init__(self, script: Script) -> None:
        self.turn = 0
        self._script = script
        self._milestones = itertools.cycle(script.milestones)
        self._interruptions = itertools.cycle(script.interruptions)

    def says(self, open_question: str | None) -> str:
        """The next message, with the kind of the question now open; raises NothingToSay."""
        self.turn += 1
        if self.turn == 1:
            return self._script.opening
        if self.turn % 2:
            return next(self._interruptions)
        return self._answer(open_question)

    def _answer(self, open_question: str | None) -> str:
        if open_question == MILESTONE:
            return next(self._milestones)
        if open_question not in self._script.answers:
            raise NothingToSay(f"turn {self.turn}: no answer to the question {open_question!r}")
        return self._script.answers[open_question]
