"""The made-up families that staff practice with: ``practice/*.yaml``, one file for each conversation.

A file says what the family tells at each question and how that is understood; the talk itself is made by the same rules as any
other. It ends at the first question without an answer. ``answers`` are what the family says to staff, one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from intake.content.questions import Questions
from intake.content.yaml_source import ContentError, Problem, Source, parse, read_source
from intake.rules.concerns import ConcernDomain
from intake.rules.interview import OF_SOMEBODY_ELSE, Kind

START, MILESTONES = "start", "milestones"
FEWEST = 6  # that make a queue worth practicing on; an affiliate without any runs all the same
_PLACES = frozenset({START, *(kind.value for kind in Kind if kind is not Kind.FREE), *(own.item for own in OF_SOMEBODY_ELSE)})
Text = Annotated[str, Field(min_length=1, max_length=1_000)]


class Told(BaseModel):
    """What is said at one question, and how it is understood: the ``reply`` word, worries by domain, an age in ``months``, or a
    danger as "category/level"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    says: str = Field(max_length=1_000)
    reply: Literal["yes", "not_yet", "sometimes", "not_sure", "skip", "inform", "lost_skill"] = "inform"
    concerns: tuple[ConcernDomain, ...] = ()
    months: int | None = Field(default=None, ge=0, le=120)
    danger: str | None = None


class PracticeFamily(BaseModel):
    """One made-up conversation. ``waited_minutes`` ago it was written; ``same_family_as`` names the file of a twin or sibling,
    which stands before it in the alphabet. Only as many ``milestones`` as ``milestones_answered`` says are answered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int
    language: Literal["en", "es"]
    channel: Literal["sms", "web"]
    waited_minutes: int = Field(ge=1, le=60 * 24 * 14)
    phone: str = Field(pattern=r"^\+1\d{3}55501\d{2}$")
    same_family_as: str | None = None
    told: dict[str, Told]
    milestones: dict[str, Told] = {}
    milestones_answered: int | None = Field(default=None, ge=0)
    answers: tuple[Text, ...]


def load_practice(folder: Path, questions: Questions) -> Mapping[str, PracticeFamily]:
    """The families of ``folder`` by the name of their file, in its order; raises ContentError naming file and line."""
    families: dict[str, PracticeFamily] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        source = read_source(path)
        family = None if source.problems else parse(source, (), source.data, PracticeFamily)
        if family is not None:
            _check(source, family, questions, families)
            families[path.stem] = family
        problems += source.problems
    if problems:
        raise ContentError(problems)
    return MappingProxyType(families)


def _check(source: Source, family: PracticeFamily, questions: Questions, before: Mapping[str, PracticeFamily]) -> None:
    for place in family.told.keys() - _PLACES:
        source.complain(("told", place), f"'{place}' is no question; known are {', '.join(sorted(_PLACES))}")
    for item in family.milestones:
        if not questions.knows(item):
            source.complain((MILESTONES, item), f"'{item}' is no milestone of the checklists")
    for place, told in _silent(family):
        source.complain(("told", place), "nothing is said here") if not told.says.strip() else None
    if family.same_family_as is not None and family.same_family_as not in before:
        source.complain(("same_family_as",), f"'{family.same_family_as}' names no file before this one")


def _silent(family: PracticeFamily) -> Iterator[tuple[str, Told]]:
    """Everything that must have words: a web chat alone begins before anybody has written."""
    yield from ((place, told) for place, told in family.told.items() if place != START or family.channel == "sms")
