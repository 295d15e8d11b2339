"""Gives the gateway and the workers a clock that a test can set while they run, with libfaketime (Debian's faketime).

Only the time of day is moved. What counts seconds (time-outs, sleeps) goes on as before, as on a machine whose clock is set.
The database and the engine keep the true time, so that the programs also disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.faults.judging import Bench

LIBRARIES = Path("/usr/lib")
NAME = "libfaketimeMT.so.1"
FAKED = ("gateway", "worker", "worker2")


def library() -> Path | None:
    """Where libfaketime is installed, or None."""
    return next(iter(LIBRARIES.glob(f"*/faketime/{NAME}")), None)


@dataclass(frozen=True)
class Clock:
    """The clock of the programs: so far it shows the true time."""

    file: Path

    def moves(self, by: timedelta) -> None:
        """From now on the clock is so far ahead of the true time, or behind it."""
        beside = self.file.with_suffix(".new")
        beside.write_text(f"{by.total_seconds():+.0f}\n")
        beside.rename(self.file)

    def shows(self, moment: datetime) -> None:
        """From now on the clock goes on from ``moment``."""
        self.moves(moment - datetime.now(UTC))


@contextmanager
def faked(bench: Bench) -> Iterator[Clock]:
    """A clock under the gateway and the workers while the body runs."""
    found = library()
    assert found is not None, "libfaketime is not installed; make faults installs it"
    clock = Clock(bench.system.var / "clock")
    clock.moves(timedelta())
    changes: dict[str, str | None] = {
        "LD_PRELOAD": str(found), "FAKETIME_TIMESTAMP_FILE": str(clock.file), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1", "GROWLINE_OUTREACH_SECONDS": "1"}
    _restart(bench, changes)
    try:
        yield clock
    finally:
        _restart(bench, dict.fromkeys(changes))


def _restart(bench: Bench, changes: dict[str, str | None]) -> None:
    for name in FAKED:
        bench.system.restart(name, changes)
    bench.wait_until_ready()
