"""Reads what a family may do at home: a few activities for the age of each checklist, in our own words.

Each ``content/activities/NN-months.yaml`` belongs to one checklist. An activity is an idea for playing together and no
exercise: it asks nothing of the child and promises nothing. Its id is only a name for editors; nothing stored points to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from intake.content.questions import Domain, ExampleText
from intake.content.yaml_source import ContentError, Place, Problem, Source, parse, read_source
from intake.rules.checklist import CHECKLIST_MONTHS

FEWEST, MOST = 4, 6  # activities of one age
FEWEST_DOMAINS = 3   # so that there is something for most worries

_ID = re.compile(r"a(\d\d)\.[a-z0-9_]+")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Activity(_Entry):
    """One idea in both languages, and the ``domains`` it plays to."""

    id: str
    domains: Annotated[tuple[Domain, ...], Field(min_length=1)]
    text: ExampleText


class _Header(_Entry):
    """The top of a file; the activities are looked at one by one, to report on each of them."""

    checklist: int
    version: int = Field(ge=1)
    activities: list[Any] = Field(min_length=1)


def load_activities(folder: Path) -> dict[int, tuple[Activity, ...]]:
    """The activities of ``folder`` (content/activities) by the age in months of their checklist, in the order of the files.

    Raises ContentError with every problem of every file: a missing file or language, too few or too many activities, too few
    domains, an id that is used twice or belongs elsewhere, an unknown field.
    """
    reading = _Reading(folder)
    read = {months: reading.activities_of(months) for months in CHECKLIST_MONTHS}
    reading.report_files_of_no_checklist()
    if reading.problems:
        raise ContentError(reading.problems)
    return read


@dataclass
class _Reading:
    """One pass over the folder: what is wrong, and where each id stood first."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)
    first_seen: dict[str, Place] = field(default_factory=dict)

    def activities_of(self, months: int) -> tuple[Activity, ...]:
        """The activities of one age; incomplete when there is a problem."""
        path = self.folder / _file_name(months)
        if not path.exists():
            self.problems.append(Problem(str(path), 1, f"the {months}-month checklist has no activities: write this file"))
            return ()
        source = read_source(path)
        found = self._checked(source, months) if source.data else ()
        self.problems.extend(source.problems)
        return found

    def report_files_of_no_checklist(self) -> None:
        """Complains about every file that no checklist would ever read."""
        expected = {_file_name(months) for months in CHECKLIST_MONTHS}
        for path in sorted(self.folder.glob("*.y*ml")):
            if path.name not in expected:
                self.problems.append(Problem(str(path), 1, "no checklist has this age: rename the file or remove it"))

    def _checked(self, source: Source, months: int) -> tuple[Activity, ...]:
        header = parse(source, (), source.data, _Header)
        if header is not None and header.checklist != months:
            source.complain(("checklist",), f"rename the file to {_file_name(header.checklist)} or correct the age to {months}")
        found = [self._activity(source, months, position, node) for position, node in _entries(source)]
        _check_variety(source, found)
        return tuple(activity for activity in found if activity)

    def _activity(self, source: Source, months: int, position: int, node: Any) -> Activity | None:
        where = ("activities", position)
        if isinstance(node, dict) and isinstance(node.get("id"), str):
            self._check_id(source, months, (*where, "id"), node["id"])
        return parse(source, where, node, Activity)

    def _check_id(self, source: Source, months: int, place: tuple[str | int, ...], name: str) -> None:
        form = _ID.fullmatch(name)
        if form is None or int(form[1]) != months:
            source.complain(place, f"'{name}': write a{months:02d}. and a name in small letters, such as a{months:02d}.sock_ball")
        if name in self.first_seen:
            source.complain(place, f"duplicate id '{name}': it stands already at {self.first_seen[name]}, change one")
        self.first_seen.setdefault(name, Place(source, place))


def _check_variety(source: Source, found: list[Activity | None]) -> None:
    if found and not FEWEST <= len(found) <= MOST:
        source.complain(("activities",), f"write {FEWEST} to {MOST} activities (now {len(found)})")
    if None in found:  # what is wrong with it is told already, and its domains are not known
        return
    domains = {domain for activity in found if activity for domain in activity.domains}
    if found and len(domains) < FEWEST_DOMAINS:
        source.complain(("activities",), f"play to {FEWEST_DOMAINS} domains or more (now {len(domains)})")


def _entries(source: Source) -> Iterator[tuple[int, Any]]:
    activities = source.data.get("activities")
    return iter(enumerate(activities)) if isinstance(activities, list) else iter(())


def _file_name(months: int) -> str:
    return f"{months:02d}-months.yaml"
