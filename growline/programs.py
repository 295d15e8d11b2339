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
from growline.restarting import RestartPause
from growline.training import MODEL, engine_environment, rasa
from intake.settings import ROOT

# How far a program gives way to the others (nice). What takes texts in comes first: Twilio waits seconds, a parent minutes.
_GIVES_WAY = {"actions": 5, "engine": 5, "worker": 5}
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG: no program outlives a killed supervisor


@dataclass
class Program:
    """One program: its ``command``, the address that answers 200 when it is ready, its log file.

    A ``spare`` is one of several of a kind whose first start nobody needs to wait for. On a busy machine it ``gives_way`` to
    the others by so much (nice, 0 to 19).
    """

    name: str
    command: list[str]
    ready_url: str
    environment: dict[str, str] = field(repr=False)
    log: Path
    spare: bool = False
    gives_way: int = 0
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    _started_at: float = 0.0
    _due_at: float | None = None
    _pause: RestartPause = field(default_factory=RestartPause, repr=False)
    _file: IO[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Starts the program, its output going to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._file or self.log.open("ab")
        self.process = subprocess.Popen(self.command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL,
                                        stdout=self._file, stderr=subprocess.STDOUT, preexec_fn=self._begin)
        self.starts, self._started_at, self._due_at = self.starts + 1, time.monotonic(), None

    def _begin(self) -> None:
        """In the new process, before the program: it dies with its supervisor and gives way to others."""
        ctypes.CDLL("libc.so.6", use_errno=True).prctl(_DIE_WITH_PARENT, signal.SIGTERM)
        os.nice(self.gives_way)

    def is_due(self) -> bool:
        """Whether the program has ended and its pause before the next start is over."""
        if self.is_running():
            return False
        now = time.monotonic()
        if self._due_at is None:
            self._due_at = now + self._pause.after(now - self._started_at)
        return now >= self._due_at

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

    def freeze(self) -> None:
        """Stops the program where it stands, as a machine that hangs does; ``thaw`` lets it go on."""
        if self.process is not None:
            self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets a frozen program go on."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)

    def stop(self, seconds: float = 20) -> None:
        """Asks the program to end, and ends it when it does not."""
        if self.process is not None and self.is_running():
            self.thaw()
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


def programs(environment: dict[str, str], ports: Ports, logs: Path, *, simulator: bool, workers: int = 1,
             engines: int = 1) -> list[Program]:
    """All programs in the order they are started; the engines first, since they take longest.

    The second of a kind is named with its number, such as ``worker2``, and has the port after the first one's.
    """
    base = {**os.environ, **environment, "PYTHONWARNINGS": "ignore", "PYTHONUNBUFFERED": "1"}
    others = [service("actions", base, ports.actions, logs), service("gateway", base, ports.gateway, logs),
              service("console", base, ports.console, logs)]
    return [*(engine(number, base, ports, logs) for number in range(1, engines + 1)),
            *([service("simulator", base, ports.simulator, logs)] if simulator else []), *others,
            *(worker(number, base, ports, logs) for number in range(1, workers + 1))]


def service(name: str, base: dict[str, str], ready_port: int, logs: Path, *, module: str | None = None) -> Program:
    """A program of the service's environment: ``python -m module``, ready when its port says so."""
    return Program(name, [sys.executable, "-m", module or name], f"http://127.0.0.1:{ready_port}/health/ready", dict(base),
                   logs / f"{name}.log", gives_way=_GIVES_WAY.get(module or name, 0))


def worker(number: int, base: dict[str, str], ports: Ports, logs: Path) -> Program:
    """The worker of this number, from 1 on."""
    port = ports.worker_operations + number - 1
    return service(_numbered("worker", number), {**base, "WORKER_OPERATIONS_PORT": str(port)}, port, logs, module="worker")


def engine(number: int, base: dict[str, str], ports: Ports, logs: Path) -> Program:
    """The engine of this number, from 1 on; all but the first are spares."""
    name, port = _numbered("engine", number), ports.engine + number - 1
    command = [str(rasa()), "run", "-i", "127.0.0.1", "--port", str(port), "--model", str(MODEL), "--endpoints",
               "endpoints.yml", "--credentials", "credentials.yml"]
    return Program(name, command, f"http://127.0.0.1:{port}/webhooks/turn/health", engine_environment(base),
                   logs / f"{name}.log", spare=number > 1,
                   gives_way=_GIVES_WAY["engine"])


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}{number}"
