"""Loads the directory of programs and crisis lines from content/programs, and which program plays which part.

What an affiliate elsewhere replaces is this folder, affiliate.yaml and the first lines of the dialogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import Field, model_validator

from intake.content.program_facts import AgeBand, Code, CrisisLine, Program, Strict, Words
from intake.content.yaml_source import ContentError, Source, parse, read_source
from intake.rules.concerns import ConcernDomain
from intake.rules.needs import NeedPhrases, Phrase, phrase_of
from intake.rules.places import Neighborhood
from intake.rules.routing import Door, Doors

__all__ = ["CRISIS", "DOORS", "NO_PROGRAM", "SAFETY_LINES", "AgeBand", "CrisisLine", "Program", "Programs", "load_programs"]

CRISIS, DOORS, SAFETY_LINES = "crisis.yaml", "doors.yaml", "safety_lines.yaml"
_ANY_AGE = 1200  # months
NO_PROGRAM = frozenset({CRISIS, DOORS, SAFETY_LINES})  # files of the folder that are no program


class _CrisisFile(Strict):
    lines: tuple[CrisisLine, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> _CrisisFile:
        if len({line.id for line in self.lines}) < len(self.lines):
            raise ValueError("two lines have the same id")
        return self


class _EarlyIntervention(Strict):
    program: Code
    closes_days_before_end: int = Field(ge=0, le=365)
    source: tuple[Words, ...] = Field(min_length=1)


class _ByWorry(Strict):
    worry: ConcernDomain
    program: Code


class _DoorsFile(Strict):
    hub: Code
    coordination: Code
    early_intervention: _EarlyIntervention
    preschool: Code
    monitoring: Code | None = None
    by_worry: tuple[_ByWorry, ...] = ()

    def named(self) -> dict[tuple[str | int, ...], str]:
        """Every program that is named here, by its place in the file."""
        found: dict[tuple[str | int, ...], str] = {
            ("hub",): self.hub, ("coordination",): self.coordination,
            ("early_intervention", "program"): self.early_intervention.program, ("preschool",): self.preschool}
        if self.monitoring is not None:
            found["monitoring",] = self.monitoring
        return found | {("by_worry", at, "program"): entry.program for at, entry in enumerate(self.by_worry)}


@dataclass(frozen=True)
class Programs:
    """All programs and crisis lines by id, the ``doors``: which program plays which part, and the phrases of parents by which
    a program is ``recognised``."""

    programs: Mapping[str, Program]
    crisis: Mapping[str, CrisisLine]
    doors: Doors
    recognised: NeedPhrases

    def program(self, program_id: str) -> Program:
        """The program of that id; raises KeyError when there is none."""
        return self.programs[program_id]

    @property
    def fallback(self) -> Program:
        """The hub: the door to name when another has no number to show."""
        return self.programs[self.doors.hub]

    @property
    def early_intervention(self) -> Program:
        """The program for the youngest children."""
        return self.programs[self.doors.early_intervention.program_id]

    @property
    def monitoring(self) -> Program | None:
        """The program in which a family keeps an eye on how the child grows; an affiliate may have none."""
        return None if self.doors.monitoring is None else self.programs[self.doors.monitoring.program_id]

    def near(self, place: str) -> tuple[str, ...]:
        """Ids of place-based programs whose ZIP codes or districts ``place`` names, as a family tells it.

        Only a hint: the borders of a program are seldom those of a ZIP code.
        """
        return tuple(sorted(program.id for program in self.programs.values()
                            if program.may_be_told and program.shows("places") and _neighborhood(program).may_hold(place)))

    def named_in(self, texts: Iterable[str]) -> tuple[Door, ...]:
        """The programs that a family's own words call for, in the order in which they come up."""
        return tuple(_door(self.programs[program]) for program in self.recognised.programs_in(texts))


def load_programs(folder: Path, milestones: Iterable[str] = ()) -> Programs:
    """The directory in ``folder`` (content/programs). Raises ContentError with all problems found; one of them is a phrase of a
    program that stands in the words of the ``milestones``: an answer about the child would then call for the program."""
    files = {path: read_source(path) for path in sorted(folder.glob("*.yaml")) if path.name not in NO_PROGRAM}
    crisis_source, doors_source = read_source(folder / CRISIS), read_source(folder / DOORS)
    crisis = parse(crisis_source, (), crisis_source.data, _CrisisFile) if not crisis_source.problems else None
    programs = {source.path.stem: program for source in files.values() if (program := _program(source)) is not None}
    doors = parse(doors_source, (), doors_source.data, _DoorsFile) if not doors_source.problems else None
    if not files:
        crisis_source.complain((), "there is no program beside this file")
    _check_hubs(files.values(), programs)
    broken = frozenset(path.stem for path in files) - set(programs)
    _check_phrases(files.values(), programs, [*milestones])
    if doors is not None:
        _check_doors(doors_source, doors, programs, broken)
    problems = [problem for source in (*files.values(), crisis_source, doors_source) for problem in source.problems]
    if problems or crisis is None or doors is None:
        raise ContentError(problems)
    return Programs(
        MappingProxyType(programs), MappingProxyType({line.id: line for line in crisis.lines}), _doors(doors, programs),
        NeedPhrases.of({program.id: phrases_of(program) for program in programs.values() if program.may_be_told}),
    )


def _program(source: Source) -> Program | None:
    program = parse(source, (), source.data, Program) if not source.problems else None
    if program is not None and program.id != source.path.stem:
        source.complain(("id",), f"the id is '{program.id}' but the file is named '{source.path.stem}'")
    return program


def _check_hubs(sources: Iterable[Source], programs: Mapping[str, Program]) -> None:
    """A referral that goes through a hub needs that hub."""
    for source in sources:
        program = programs.get(source.path.stem)
        hub = program.referral.through if program is not None else None
        if hub is not None and not (source.path.parent / f"{hub}.yaml").exists():
            source.complain(("referral", "through"), f"no program here is named '{hub}'")


def phrases_of(program: Program) -> tuple[str, ...]:
    """The phrases of parents that mark ``program``, in both languages."""
    words = program.recognised_by
    return () if words is None else (*words.en, *words.es)


def _check_phrases(sources: Iterable[Source], programs: Mapping[str, Program], milestones: list[str]) -> None:
    """Each phrase has words, marks one program, and is nothing that is said of a milestone."""
    owner: dict[Phrase, str] = {}
    lines = [line for program in programs.values() for line in phrases_of(program)]
    of_a_milestone = set(NeedPhrases.of({line: [line] for line in lines}).programs_in(milestones))  # read once, not once a phrase
    for source in sources:
        program = programs.get(source.path.stem)
        for line in phrases_of(program) if program is not None else ():
            phrase = phrase_of(line)
            if not phrase:
                source.complain(("recognised_by",), f"'{line}' has no word")
            elif owner.setdefault(phrase, source.path.stem) != source.path.stem:
                source.complain(("recognised_by",), f"'{line}' already marks '{owner[phrase]}'")
            elif line in of_a_milestone:
                source.complain(("recognised_by",), f"'{line}' stands in the words of a milestone: say it more closely")


def _check_doors(source: Source, doors: _DoorsFile, programs: Mapping[str, Program], broken: frozenset[str]) -> None:
    """Every door is a program that families may hear of; whoever finds no number is given the hub's."""
    for where, name in doors.named().items():
        program = programs.get(name)
        if program is None and name not in broken:
            source.complain(where, f"no program here is named '{name}'")
        elif program is not None and not (program.may_be_told and program.shows("ages")):
            source.complain(where, f"'{name}' is a draft: its name, 'tell' and 'ages' wait for a person to confirm them")
    hub = programs.get(doors.hub)
    if hub is not None and hub.shown_phone is None:
        source.complain(("hub",), f"'{doors.hub}' needs a confirmed phone: it is named where another program has none")


def _neighborhood(program: Program) -> Neighborhood:
    places = program.places
    return Neighborhood(places.zip_codes, places.districts, places.towns)


def _door(program: Program) -> Door:
    """The program with the ages that are confirmed; ages that are not keep no door shut."""
    ages = program.ages
    return Door(program.id, ages.from_months, ages.to_months) if program.shows("ages") else Door(program.id, 0, _ANY_AGE)


def _doors(file: _DoorsFile, programs: Mapping[str, Program]) -> Doors:
    def door(program_id: str) -> Door:
        return _door(programs[program_id])

    return Doors(
        hub=file.hub, coordination=file.coordination, early_intervention=door(file.early_intervention.program),
        closes_days_before=file.early_intervention.closes_days_before_end, preschool=door(file.preschool),
        monitoring=None if file.monitoring is None else door(file.monitoring),
        by_concern=tuple((entry.worry, door(entry.program)) for entry in file.by_worry),
    )
