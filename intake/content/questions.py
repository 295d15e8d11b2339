"""Reads the milestone checklists a parent is asked about; refuses a file that is incomplete or inconsistent.

Each ``content/questions/NN-months.yaml`` holds the questions of one age; ``ids.yaml`` is the fixed list of
all milestones with their age and domain, so that a question can neither vanish nor appear unseen. The facts
follow the revised "Learn the Signs. Act Early." checklists (Zubler et al., Pediatrics
2022;149(3):e2021052138); the wording is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from intake.content.bilingual import Bilingual
from intake.content.yaml_source import ContentError, Place, Problem, Source, parse, read_source

Domain = Literal["social_emotional", "language_communication", "cognitive", "movement_physical"]

IDS_FILE = "ids.yaml"
CHILD = "{child}"
# Staff read labels in a narrow column and parents read them back as a list in one text message.
LABEL_MAX_CHARACTERS = 60

_BRACES = re.compile(r"\{[^{}]*\}|[{}]")


def _web_address(text: str) -> str:
    if not re.fullmatch(r"https?://\S+", text):
        raise ValueError("write a web address that begins with https://")
    return text


_WebAddress = Annotated[str, AfterValidator(_web_address)]


class _Entry(BaseModel):
    """What every part of a question file has in common: no unknown field, no change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class QuestionText(Bilingual):
    """The question itself; each language names the child at least once."""

    @field_validator("en", "es")
    @classmethod
    def _names_the_child(cls, text: str) -> str:
        _allow_only_child(text)
        if CHILD not in text:
            raise ValueError(f"name the child: write {CHILD} where the child's name belongs")
        return text


class LabelText(Bilingual):
    """A short phrase for reading answers back and for staff, the same for every child."""

    @field_validator("en", "es")
    @classmethod
    def _is_short_and_nameless(cls, text: str) -> str:
        if _BRACES.search(text):
            raise ValueError("a label has no placeholder: leave the child's name out")
        if len(text) > LABEL_MAX_CHARACTERS:
            raise ValueError(f"shorten it to {LABEL_MAX_CHARACTERS} characters (now {len(text)})")
        return text


class ExampleText(Bilingual):
    """A concrete example for a parent who asks what the question means; it may name the child."""

    @field_validator("en", "es")
    @classmethod
    def _may_name_the_child(cls, text: str) -> str:
        _allow_only_child(text)
        return text


class _WrittenQuestion(_Entry):
    """A question as it stands in its file."""

    id: str
    domain: Domain
    question: QuestionText
    label: LabelText
    example: ExampleText
    source: _WebAddress


class Question(_WrittenQuestion):
    """One milestone asked in both languages; ``checklist`` is the age in months of the list it belongs to."""

    checklist: int


@dataclass(frozen=True)
class Checklist:
    """The questions of one age (``months``) in asking order; ``version`` is written beside each answer."""

    months: int
    version: int
    canonical_source: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Questions:
    """All checklists, by age in months, youngest first."""

    checklists: dict[int, Checklist]

    def knows(self, item_id: str) -> bool:
        """Whether ``item_id`` is a milestone of these checklists."""
        return item_id in self._by_id

    def question(self, item_id: str) -> Question:
        """The question with this milestone id (``m18.language.tries_three_words``); KeyError when unknown."""
        return self._by_id[item_id]

    @cached_property
    def _by_id(self) -> dict[str, Question]:
        return {
            question.id: question
            for checklist in self.checklists.values()
            for question in checklist.questions
        }


class _Milestone(_Entry):
    """A line of the fixed list: which checklist and domain an id belongs to."""

    id: str
    checklist: int
    domain: Domain


class _MilestoneList(_Entry):
    version: int = Field(ge=1)
    milestones: list[_Milestone] = Field(min_length=1)


class _Header(_Entry):
    """The top of a question file; the questions are looked at one by one, to report on each of them."""

    checklist: int
    version: int = Field(ge=1)
    canonical_source: _WebAddress
    questions: list[Any] = Field(min_length=1)


def load_questions(folder: Path) -> Questions:
    """All checklists of ``folder`` (``content/questions``).

    Raises ContentError with every problem of every file: unknown, duplicate, misplaced or missing ids, a
    missing language, an unknown field, a wrong domain, a missing {child}, invalid YAML.
    """
    ids = read_source(folder / IDS_FILE)
    reading = _Reading(ids, {milestone.id: milestone for milestone in _read_milestones(ids)})
    paths = [path for path in sorted(folder.glob("*.y*ml")) if path.name != IDS_FILE]
    checklists = [checklist for path in paths if (checklist := reading.read_checklist(path))]
    reading.report_missing_files()
    if reading.problems:
        raise ContentError(reading.problems)
    return Questions(
        {checklist.months: checklist for checklist in sorted(checklists, key=lambda each: each.months)}
    )


def _read_milestones(ids: Source) -> list[_Milestone]:
    if not ids.data:
        return []
    listed = parse(ids, (), ids.data, _MilestoneList)
    seen: set[str] = set()
    for position, milestone in enumerate(listed.milestones if listed else []):
        if milestone.id in seen:
            ids.complain(("milestones", position), f"'{milestone.id}' is listed twice: remove one")
        seen.add(milestone.id)
    return listed.milestones if listed else []


@dataclass
class _Reading:
    """One pass over the folder: what is known beforehand, and what has been seen so far."""

    ids: Source
    milestones: dict[str, _Milestone]
    first_seen: dict[str, Place] = field(default_factory=dict)
    ages_seen: set[int] = field(default_factory=set)
    problems: list[Problem] = field(init=False)

    def __post_init__(self) -> None:
        self.problems = list(self.ids.problems)

    def read_checklist(self, path: Path) -> Checklist | None:
        """The checklist of one file, or None when something in it must be mended first."""
        source = read_source(path)
        checklist = self._checked(source) if source.data else None
        if not source.data:
            # The one fault of an unreadable file is told; its questions are not reported as missing as well.
            self.ages_seen.update(_age_in_name(path))
        self.problems.extend(source.problems)
        return None if source.problems else checklist

    def report_missing_files(self) -> None:
        """Complains once about every age that has no file at all, at its first line in the list of ids."""
        for position, milestone in enumerate(self.milestones.values()):
            if milestone.checklist not in self.ages_seen:
                self.ages_seen.add(milestone.checklist)
                name = _file_name(milestone.checklist)
                message = f"no file holds the {milestone.checklist}-month checklist: write {name}"
                line = self.ids.line_of(("milestones", position))
                self.problems.append(Problem(str(self.ids.path), line, message))

    def _checked(self, source: Source) -> Checklist | None:
        header = parse(source, (), source.data, _Header)
        months = source.data.get("checklist")
        self._check_age(source, months)
        questions = [self._question(source, months, position, node) for position, node in _entries(source)]
        self._check_complete(source, months)
        if header is None or source.problems:
            return None
        complete = tuple(question for question in questions if question)
        return Checklist(header.checklist, header.version, header.canonical_source, complete)

    def _check_age(self, source: Source, months: Any) -> None:
        if not isinstance(months, int):
            self.ages_seen.update(_age_in_name(source.path))
            return
        if months not in {milestone.checklist for milestone in self.milestones.values()}:
            source.complain(("checklist",), f"there is no {months}-month checklist in {IDS_FILE}")
        elif source.path.name != _file_name(months):
            source.complain(
                ("checklist",), f"rename the file to {_file_name(months)} or correct the age {months}"
            )
        self.ages_seen.add(months)

    def _question(self, source: Source, months: Any, position: int, node: Any) -> Question | None:
        where = ("questions", position)
        if isinstance(node, dict) and isinstance(node.get("id"), str):
            self._check_id(source, months, position, node)
        written = parse(source, where, node, _WrittenQuestion)
        if written is None or not isinstance(months, int):
            return None
        return Question(checklist=months, **dict(written))

    def _check_id(self, source: Source, months: Any, position: int, node: dict[str, Any]) -> None:
        item_id, place = node["id"], ("questions", position, "id")
        if item_id in self.first_seen:
            first = self.first_seen[item_id]
            source.complain(place, f"duplicate id '{item_id}': it stands already at {first}, remove one")
        self.first_seen.setdefault(item_id, Place(source, place))
        milestone = self.milestones.get(item_id)
        if milestone is None:
            source.complain(place, f"unknown id '{item_id}': correct it, or add it to {IDS_FILE}")
            return
        if isinstance(months, int) and milestone.checklist != months:
            source.complain(place, f"'{item_id}' belongs in {_file_name(milestone.checklist)}: move it there")
        if node.get("domain") in get_args(Domain) and node["domain"] != milestone.domain:
            source.complain(("questions", position, "domain"), f"wrong domain: write {milestone.domain}")

    def _check_complete(self, source: Source, months: Any) -> None:
        expected = [milestone.id for milestone in self.milestones.values() if milestone.checklist == months]
        written = [node.get("id") for _, node in _entries(source) if isinstance(node, dict)]
        for item_id in expected:
            if item_id not in written:
                source.complain(("questions",), f"missing id '{item_id}': add its question")
        known = list(dict.fromkeys(item_id for item_id in written if item_id in expected))
        in_order = [item_id for item_id in expected if item_id in known]
        for found, wanted in zip(known, in_order, strict=True):
            if found != wanted:
                place = ("questions", written.index(found), "id")
                source.complain(place, f"wrong order: '{wanted}' comes here, as in {IDS_FILE}")
                break


def _entries(source: Source) -> Iterator[tuple[int, Any]]:
    questions = source.data.get("questions")
    return iter(enumerate(questions)) if isinstance(questions, list) else iter(())


def _file_name(months: int) -> str:
    return f"{months:02d}-months.yaml"


def _age_in_name(path: Path) -> set[int]:
    found = re.match(r"(\d+)-months\.yaml$", path.name)
    return {int(found[1])} if found else set()


def _allow_only_child(text: str) -> None:
    for braces in _BRACES.findall(text):
        if braces != CHILD:
            raise ValueError(f"unknown placeholder '{braces}': only {CHILD} is filled in")
