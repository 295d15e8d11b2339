"""A running system for tests: on free ports, with every pause in it short and no limit that a test would meet by accident."""

from __future__ import annotations

import socket
from contextlib import ExitStack, suppress
from pathlib import Path

from growline.demo import Ports
from growline.system import System

# Everything that waits in earnest waits shortly here, and nobody is too fast or too dear.
QUICK = {
    "GROWLINE_RETRY_SECONDS": "0.3", "GROWLINE_CHAT_SESSIONS_PER_HOUR": "100000", "SIMULATOR_RECEIPT_DELAY": "0.05",
    "GROWLINE_CROSSING_SECONDS": "0", "GROWLINE_TEXTS_A_MINUTE": "100000", "GROWLINE_DAILY_SPEND_DOLLARS": "1000000",
    "GROWLINE_RECONCILE_SECONDS": "5", "GROWLINE_UNCLEAR_SECONDS": "2",
}


def free_ports() -> Ports:
    """A free loopback port for each program, and the one after it free too, for the second of its kind."""
    with ExitStack() as bound:
        return Ports(**{name: _pair(bound) for name in Ports.__dataclass_fields__})


def _pair(bound: ExitStack) -> int:
    while True:
        first, second = bound.enter_context(socket.socket()), bound.enter_context(socket.socket())
        first.bind(("127.0.0.1", 0))
        with suppress(OSError, OverflowError):
            second.bind(("127.0.0.1", first.getsockname()[1] + 1))
            return int(first.getsockname()[1])


def quick_system(var: Path, **changes: str) -> System:
    """A system of its own under ``var``; a fault test arms its marked places with files in ``var``/failpoints."""
    armed = var / "failpoints"
    armed.mkdir(parents=True, exist_ok=True)
    return System(var=var, ports=free_ports(), extra={**QUICK, "GROWLINE_FAILPOINTS": str(armed), **changes})
