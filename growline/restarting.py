"""When a program that ended is started again: at once after a good run, later and later when it dies again and again.

A killed program is back as fast as it can start. One that cannot live, because the database is away or a setting is wrong,
does not fill its log and the processor with starts.
"""

from __future__ import annotations

from dataclasses import dataclass

STEADY_SECONDS = 10.0
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 4.0  # so that what has been mended is used within 5 s


@dataclass
class RestartPause:
    """The pauses of one program; it counts the deaths in a row that came within ten seconds of a start."""

    early_deaths: int = 0

    def after(self, lived_seconds: float) -> float:
        """Seconds to wait before the next start of a program that has lived so long. The first early death costs nothing."""
        if lived_seconds >= STEADY_SECONDS:
            self.early_deaths = 0
            return 0.0
        self.early_deaths += 1
        if self.early_deaths == 1:
            return 0.0
        return float(min(FIRST_PAUSE * 2 ** min(self.early_deaths - 2, 10), LONGEST_PAUSE))
