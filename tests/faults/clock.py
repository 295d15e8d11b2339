"""Gives programs and database a clock that a test can set while they run, with libfaketime (Debian's package faketime).

Only the time of day is moved. What counts seconds (time-outs, sleeps) goes on as before, as on a machine whose clock is set.
Either the whole machine is set, or the gateway and the workers alone, which then disagree with the database.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.faults.database import Database
from tests.faults.judging import Bench

LIBRARIES = Path("/usr/lib")
NAME = "libfaketimeMT.so.1"
FAKED = ("gateway", "worker", "worker2")
OF_THE_MACHINE = (*FAKED, "actions")


def library() -> Path | None:
    """Where libfaketime is installed, or None."""
    return next(iter(LIBRARIES.glob(f"*/faketime/{NAME}")), None)


@dataclass(frozen=True)
class Clock:
    """The clock of the programs: so far it shows the true time. They look at it every ``seconds``; at once, where it is 0."""

    file: Path
    seconds: int = 0

    def moves(self, by: timedelta) -> None:
        """From now on the clock is so far ahead of the true time, or behind it."""
        beside = self.file.with_suffix(".new")
        beside.write_text(f"{by.total_seconds():+.0f}\n")
        beside.rename(self.file)
        time.sleep(1.5 * self.seconds)

    def shows(self, moment: datetime) -> None:
        """From now on the clock goes on from ``moment``."""
        self.moves(moment - datetime.now(UTC))


@contextmanager
def faked(bench: Bench, *, database: bool, also: Sequence[str] = (), seconds: int = 0) -> Iterator[Clock]:
    """A clock under the gateway and the workers while the body runs, and under the database and the actions if asked for.

    ``also`` names further programs that are to have it. Where all look at it each time they ask for the time (``seconds`` is 0)
    they are slow.
    """
    found = library()
    assert found is not None, "libfaketime is not installed; make faults installs it"
    clock = Clock(bench.system.var / "clock", seconds)
    clock.moves(timedelta())
    changes = {
        "LD_PRELOAD": str(found), "FAKETIME_TIMESTAMP_FILE": str(clock.file),
        **({"FAKETIME_CACHE_DURATION": str(seconds)} if seconds else {"FAKETIME_NO_CACHE": "1"}),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1", "GROWLINE_OUTREACH_SECONDS": "1",
        # Without this the library lets no thread wait for another: Python's threads then spin, and take ten times as long.
        "FAKETIME_FORCE_MONOTONIC_FIX": "0"}
    _restart(bench, changes, database, also)
    try:
        yield clock
    finally:
        clock.moves(timedelta())
        _restart(bench, dict.fromkeys(changes), database, also)


def _restart(bench: Bench, changes: Mapping[str, str | None], database: bool, also: Sequence[str]) -> None:
    if database:
        with Database(bench.system).away() as server:
            server.starts_with(changes)
    for name in (*(OF_THE_MACHINE if database else FAKED), *also):
        bench.system.restart(name, changes)
    bench.wait_until_ready()
