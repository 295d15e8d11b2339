"""Starts the programs a bench needs and sees to it that they end, whatever happens; reads their memory.

Everything listens on free loopback ports, so a bench can run beside a running system.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from bench.measuring import Memory
from growline.programs import Program

READY_SECONDS = 90


class OutOfTime(Exception):
    """The bench took longer than it may."""


@contextmanager
def running(*programs: Program) -> Iterator[None]:
    """Starts the programs, waits until all are ready, stops them at the end. Raises NotReady."""
    with ExitStack() as started:
        for program in programs:
            started.callback(program.stop)
            program.start()
        for program in programs:
            program.wait_until_ready(READY_SECONDS)
        yield


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Raises OutOfTime in the main thread after ``seconds``; a request to end the bench unwinds it too."""

    def too_late(_number: int, _frame: FrameType | None) -> None:
        raise OutOfTime(f"the bench did not end within {seconds} s")

    def asked_to_end(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(143)

    signal.signal(signal.SIGALRM, too_late)
    signal.signal(signal.SIGTERM, asked_to_end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


class MemoryWatch:
    """Resident memory of a running program from now to ``end``."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._before = self._now()

    def end(self) -> Memory:
        """What it held at the start and what it holds now."""
        return Memory(self._before, self._now())

    def _now(self) -> int:
        if self._program.process is None:
            raise ValueError(f"{self._program.name} is not running")
        return sum(_resident(pid) for pid in _family(self._program.process.pid))


def _family(pid: int) -> list[int]:
    """The process and all its descendants."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return [pid, *(grandchild for child in children for grandchild in _family(child))]


def _resident(pid: int) -> int:
    """Resident bytes of one process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
