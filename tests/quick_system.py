"""A running system for tests: on free ports, with every pause in it short and no limit that a test would meet by accident."""

from __future__ import annotations

from pathlib import Path

from growline.demo import Ports
from growline.system import System

# Everything that waits in earnest waits shortly here, and nobody is too fast or too dear. But a send that is unclear must be
# looked up for longer than a send may take (10 s), or it is sent again while the first try is still on its way.
QUICK = {
    "GROWLINE_RETRY_SECONDS": "0.3", "GROWLINE_CHAT_SESSIONS_PER_HOUR": "100000", "SIMULATOR_RECEIPT_DELAY": "0.05",
    "GROWLINE_CROSSING_SECONDS": "0", "GROWLINE_TEXTS_A_MINUTE": "100000", "GROWLINE_DAILY_SPEND_DOLLARS": "1000000",
    "GROWLINE_RECONCILE_SECONDS": "5", "GROWLINE_UNCLEAR_SECONDS": "12",
}


def quick_system(var: Path, **changes: str) -> System:
    """A system of its own under ``var``; a fault test arms its marked places with files in ``var``/failpoints."""
    armed = var / "failpoints"
    armed.mkdir(parents=True, exist_ok=True)
    return System(var=var, ports=Ports.free(), extra={**QUICK, "GROWLINE_FAILPOINTS": str(armed), **changes})
