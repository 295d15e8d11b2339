"""The programs of a running system: how each is started, and when it is ready."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import httpx

from growline.demo import Ports
from growline.training import MODEL, engine_environment, rasa
from intake.settings import ROOT

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG: no program outlives a killed supervisor
RESTART_PAUSE = 0.5


@dataclass
class Program:
    """One program: its ``command``, the address that answers 200 when it is ready, its log file."""

    name: str
    command: list[str]
    ready_url: str
    environment: dict[str, str] = field(repr=False)
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    _file: IO[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Starts the program, its output going to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._file or self.log.open("ab")
        self.process = subprocess.Popen(self.command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL,
                                        stdout=self._file, stderr=subprocess.STDOUT, preexec_fn=_die_with_parent)
        self.starts += 1

    def is_running(self) -> bool:
        """Whether the process lives."""
        return self.process is not None and self.process.poll() is None

    def is_ready(self) -> bool:
        """Whether the program says that it can work."""
        try:
            return httpx.get(self.ready_url, timeout=2.0).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def wait_until_ready(self, seconds: float) -> None:
        """Waits; raises NotReady when the program ends or does not answer in time."""
        end = time.monotonic() + seconds
        while not self.is_ready():
            if not self.is_running() or time.monotonic() > end:
                raise NotReady(f"{self.name} did not become ready; its log: {self.log}\n{self.last_words()}")
            time.sleep(0.1)

    def last_words(self) -> str:
        """The end of the log."""
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    def kill(self) -> None:
        """Ends the program at once, as a power cut would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self, seconds: float = 20) -> None:
        """Asks the program to end, and ends it when it does not."""
        if self.process is not None and self.is_running():
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        if self._file is not None:
            self._file.close()
            self._file = None


class NotReady(RuntimeError):
    """A program did not start; the message ends with the last lines of its log."""


def _die_with_parent() -> None:
    ctypes.CDLL("libc.so.6", use_errno=True).prctl(_DIE_WITH_PARENT, signal.SIGTERM)


def programs(environment: dict[str, str], ports: Ports, logs: Path, *, simulator: bool) -> list[Program]:
    """All programs in the order they are started; the engine first, since it takes longest."""
    base = {**os.environ, **environment, "PYTHONWARNINGS": "ignore", "PYTHONUNBUFFERED": "1"}

    def service(name: str, ready_port: int, path: str = "/health/ready") -> Program:
        return Program(name, [sys.executable, "-m", name], f"http://127.0.0.1:{ready_port}{path}", base, logs / f"{name}.log")

    engine = Program(
        "engine",
        [str(rasa()), "run", "-i", "127.0.0.1", "--port", str(ports.engine), "--model", str(MODEL), "--endpoints",
         "endpoints.yml", "--credentials", "credentials.yml"],
        f"http://127.0.0.1:{ports.engine}/webhooks/turn/health", engine_environment(base), logs / "engine.log")
    others = [service("actions", ports.actions), service("gateway", ports.gateway), service("console", ports.console),
              service("worker", ports.worker_operations)]
    return [engine, *([service("simulator", ports.simulator)] if simulator else []), *others]
