"""Turns measured times into the figures the README states: an early and a late turn, their ratio, p95.

A turn is counted from 1 within its conversation. Medians, not means: one pause of the machine must not move a
figure.
"""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

EARLY = range(3, 13)
LATE = range(295, 306)
RATIO_LIMIT = 1.2  # a turn at the end of a long conversation may take this much longer than one at its start
NOTHING = "–"


class TooFewTurns(ValueError):
    """There is nothing measured in the turns a figure is about."""


@dataclass(frozen=True)
class TimedTurn:
    """The seconds that turn number ``turn`` of some conversation took."""

    turn: int
    seconds: float


@dataclass(frozen=True)
class Memory:
    """Resident memory of a program, in bytes, when it was ready and after all turns."""

    before: int
    after: int

    def __str__(self) -> str:
        return f"{self.before / 2**20:.0f} → {self.after / 2**20:.0f}"


@dataclass(frozen=True)
class Measured:
    """One row of the table: the ``turns`` of what is ``named``; what was not measured for it is None."""

    named: str
    turns: Sequence[TimedTurn]
    turns_a_second: float | None = None
    engine: Memory | None = None
    actions: Memory | None = None

    def median(self, around: range) -> float:
        """Median seconds of the turns numbered in ``around``; raises TooFewTurns when there are none."""
        seconds = [timed.seconds for timed in self.turns if timed.turn in around]
        if not seconds:
            raise TooFewTurns(f"{self.named}: no turn between {around.start} and {around.stop - 1}")
        return statistics.median(seconds)

    def ratio(self) -> float:
        """How many times longer a late turn takes than an early one."""
        return self.median(LATE) / self.median(EARLY)

    def p95(self) -> float:
        """The seconds 95 of 100 turns stay under, from the first early turn on; raises TooFewTurns."""
        seconds = [timed.seconds for timed in self.turns if timed.turn >= EARLY.start]
        if len(seconds) < 20:
            raise TooFewTurns(f"{self.named}: {len(seconds)} turns are too few for a 95th percentile")
        return statistics.quantiles(seconds, n=20)[-1]

    def stays_flat(self) -> bool:
        """Whether the late turns are within the limit."""
        return self.ratio() <= RATIO_LIMIT


def table(rows: Sequence[Measured]) -> str:
    """The rows as a Markdown table, times in milliseconds, memory in MiB."""
    head = ["", f"turns {EARLY.start}–{EARLY.stop - 1}, ms", f"turns {LATE.start}–{LATE.stop - 1}, ms", "ratio",
            "p95, ms", "turns/s, 4 at once", "engine, MiB", "actions, MiB"]
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *[_cells(row) for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cells(row: Measured) -> list[str]:
    return [row.named, _ms(row.median(EARLY)), _ms(row.median(LATE)), f"{row.ratio():.2f}", _ms(row.p95()),
            NOTHING if row.turns_a_second is None else f"{row.turns_a_second:.0f}", _or_nothing(row.engine),
            _or_nothing(row.actions)]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


def _or_nothing(memory: Memory | None) -> str:
    return NOTHING if memory is None else str(memory)


def circumstances(load_before: float, figures: str = "Medians") -> str:
    """The line that stands with the table: day, processors, how busy the machine was before, and what the figures are."""
    return (f"Measured {date.today().isoformat()}, {os.cpu_count()} cores ({platform.machine()}), Python "
            f"{platform.python_version()}; load average before the run {load_before:.2f}. {figures}; the "
            "families, the database and the programs on one machine.")
