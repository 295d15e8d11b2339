"""Loads the programs and crisis lines a family may be told about, from content/programs.

A number or a fact that nobody has confirmed is listed as ``unconfirmed`` in the file and never comes out of here:
what a parent could act on is either known or replaced by 211 Child Development.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from intake.content.bilingual import Bilingual
from intake.content.yaml_source import ContentError, Source, parse, read_source

CRISIS = "crisis.yaml"
FALLBACK_PROGRAM = "ct211_child_development"

Phone = str
_PHONE_PATTERN = r"^(1-)?\d{3}-\d{3}-\d{4}$|^(211|911|988)$"
_URL_PATTERN = r"^https?://\S+$"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AgeBand(_Strict):
    """True ages in completed months: from ``from_months`` up to, not including, ``to_months``."""

    from_months: int = Field(ge=0)
    to_months: int = Field(gt=0)

    @model_validator(mode="after")
    def _runs_forward(self) -> AgeBand:
        if self.to_months <= self.from_months:
            raise ValueError("'to_months' must be larger than 'from_months'")
        return self

    def holds(self, months: int) -> bool:
        """Whether a child of ``months`` completed months is in the band."""
        return self.from_months <= months < self.to_months


class Program(_Strict):
    """One program.

    ``tell`` says to the family what it is and what happens next. ``unconfirmed`` names fields that must not be
    shown: use ``shown_phone`` and ``shown_url``.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Bilingual
    kind: Literal[
        "hub",
        "care_coordination",
        "early_intervention",
        "special_education",
        "screening",
        "home_safety",
        "injury_prevention",
        "violence_recovery",
        "asthma",
        "place_based",
    ]
    tell: Bilingual
    phone: Phone | None = Field(default=None, pattern=_PHONE_PATTERN)
    url: str | None = Field(default=None, pattern=_URL_PATTERN)
    needs: tuple[str, ...] = Field(min_length=1)
    ages: AgeBand
    zip_codes: tuple[str, ...] = ()
    source: tuple[str, ...] = Field(min_length=1)
    checked: str = Field(pattern=r"^\d{4}-\d{2}$")
    unconfirmed: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _hides_only_what_it_has(self) -> Program:
        unknown = set(self.unconfirmed) - set(type(self).model_fields)
        if unknown:
            raise ValueError(f"'unconfirmed' names no field of a program: {', '.join(sorted(unknown))}")
        return self

    @property
    def shown_phone(self) -> Phone | None:
        """The phone number, unless it waits for confirmation."""
        return None if "phone" in self.unconfirmed else self.phone

    @property
    def shown_url(self) -> str | None:
        """The web address, unless it waits for confirmation."""
        return None if "url" in self.unconfirmed else self.url


class CrisisLine(_Strict):
    """A line for danger: who answers, whom to call or text. Unconfirmed fields must not be shown."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Bilingual
    tell: Bilingual
    phone: str | None = None
    text: str | None = None
    url: str | None = Field(default=None, pattern=_URL_PATTERN)
    source: tuple[str, ...] = Field(min_length=1)
    checked: str = Field(pattern=r"^\d{4}-\d{2}$")
    unconfirmed: tuple[Literal["phone", "text", "url", "tell"], ...] = ()

    @property
    def shown_phone(self) -> str | None:
        """The number to call, unless it waits for confirmation."""
        return None if "phone" in self.unconfirmed else self.phone

    @property
    def shown_text(self) -> str | None:
        """The number to text, unless it waits for confirmation."""
        return None if "text" in self.unconfirmed else self.text


class _CrisisFile(_Strict):
    lines: tuple[CrisisLine, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Programs:
    """All programs and crisis lines by id."""

    programs: Mapping[str, Program]
    crisis: Mapping[str, CrisisLine]

    def program(self, program_id: str) -> Program:
        """The program of that id; raises KeyError when there is none."""
        return self.programs[program_id]

    @property
    def fallback(self) -> Program:
        """211 Child Development: the door to name when another has no number to show."""
        return self.programs[FALLBACK_PROGRAM]

    def near(self, zip_code: str) -> tuple[str, ...]:
        """Ids of place-based programs whose ZIP codes hold ``zip_code`` (five digits, "-1234" is ignored)."""
        five = zip_code.strip()[:5]
        return tuple(sorted(program.id for program in self.programs.values() if five in program.zip_codes))


def load_programs(folder: Path) -> Programs:
    """The catalogue in ``folder`` (content/programs). Raises ContentError with all problems found."""
    sources = {path: read_source(path) for path in sorted(folder.glob("*.yaml"))}
    crisis_source = sources.pop(folder / CRISIS, None) or read_source(folder / CRISIS)
    crisis = parse(crisis_source, (), crisis_source.data, _CrisisFile)
    programs = {source.path.stem: program for source in sources.values() if (program := _program(source)) is not None}
    if not sources:
        crisis_source.complain((), "there is no program beside this file")
    problems = [problem for source in (*sources.values(), crisis_source) for problem in source.problems]
    if problems or crisis is None:
        raise ContentError(problems)
    return Programs(
        MappingProxyType(programs), MappingProxyType({line.id: line for line in crisis.lines})
    )


def _program(source: Source) -> Program | None:
    program = parse(source, (), source.data, Program)
    if program is not None and program.id != source.path.stem:
        source.complain(("id",), f"the id is '{program.id}' but the file is named '{source.path.stem}'")
    return program
