"""The two tables of the matrix: a made-up family for every program, and words for every danger that stops the questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML

from intake.content.library import Content, load_content
from intake.rules.age import latest_birth_date
from intake.settings import ROOT

Language = Literal["en", "es"]
Channel = Literal["sms", "web"]

LANGUAGES: tuple[Language, ...] = ("en", "es")
CHANNELS: tuple[Channel, ...] = ("sms", "web")
EVERYWHERE: tuple[tuple[Language, Channel], ...] = tuple((language, channel) for language in LANGUAGES for channel in CHANNELS)
HERE = Path(__file__).parent
A_FEW_DAYS = timedelta(days=10)  # past the day on which a child is just so many months old


@cache
def content() -> Content:
    """The affiliate's content, as the programs load it."""
    return load_content(ROOT / "content")


@dataclass(frozen=True)
class Child:
    """How old a made-up child is; nothing is said of the age where nothing is set."""

    months: int | None = None
    days: int | None = None
    days_to_end: int | None = None

    def birth(self, today: date) -> date | None:
        """The birth date, as of ``today``."""
        if self.days is not None:
            return today - timedelta(days=self.days)
        if self.days_to_end is not None:
            end = content().programs.doors.early_intervention.to_months
            return latest_birth_date(end, today + timedelta(days=self.days_to_end))
        return None if self.months is None else latest_birth_date(self.months, today) - A_FEW_DAYS


@dataclass(frozen=True)
class ProgramRow:
    """What one family brings and what must come of it; the fields are described at the head of programs.yaml."""

    program: str
    rule: str
    lines: tuple[str, ...]
    answers: tuple[str, ...]
    child: Child = Child()
    worry: Mapping[str, str] | None = None
    concerns: tuple[str, ...] = ()
    place: str | None = None
    way: Literal["staff", "family"] = "staff"


@dataclass(frozen=True)
class DangerRow:
    """What is written of one danger; the fields are described at the head of dangers.yaml."""

    situation: str
    words: Mapping[str, str]
    child: Child | None = None
    lines: tuple[str, ...] = ()


def _read(name: str) -> dict[str, dict[str, Any]]:
    return dict(YAML(typ="safe", pure=True).load(HERE / name))


def _of(row: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return plain | ({"child": Child(**plain["child"])} if "child" in plain else {})


@cache
def program_rows() -> dict[str, ProgramRow]:
    """The families, by the program they are for."""
    return {program: ProgramRow(program, **_of(row)) for program, row in _read("programs.yaml").items()}


@cache
def danger_rows() -> dict[str, DangerRow]:
    """The dangers, by the name of their situation."""
    return {name: DangerRow(name, **_of(row)) for name, row in _read("dangers.yaml").items()}


def named(key: str, language: str, channel: str) -> str:
    """How a case of the matrix is named in a report."""
    return f"{key}-{language}-{channel}"
