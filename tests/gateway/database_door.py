"""A door between a gateway and the real database: a test shuts it (the database is down), or lets everything hang in it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from sqlalchemy.engine import make_url


class Door:
    """Listens on loopback and passes on what comes to the server behind ``database_url`` (a Unix socket) while it is open."""

    def __init__(self, database_url: str) -> None:
        url = make_url(database_url)
        folder = str(url.query["host"])
        self._server = Path(folder) / ".s.PGSQL.5432"
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = url.set(query={}, host="127.0.0.1", port=port).render_as_string(hide_password=False)
        self._passing = threading.Event()
        self._shut = False
        self._sockets: list[socket.socket] = []
        self.open()
        threading.Thread(target=self._accept, daemon=True).start()

    def open(self) -> None:
        """The database answers."""
        self._shut = False
        self._passing.set()

    def shut(self) -> None:
        """The database is down: connections are cut, new ones end at once."""
        self._shut = True
        self._passing.set()
        self._cut()

    def hang(self) -> None:
        """The database takes connections and questions, and answers nothing."""
        self._passing.clear()

    def __enter__(self) -> Door:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.shut()
        self._listener.close()

    def _cut(self) -> None:
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._sockets.clear()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._shut:
                    client.close()
                else:
                    threading.Thread(target=self._connect, args=[client], daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        server.connect(str(self._server))
        self._sockets += [client, server]
        threading.Thread(target=self._pass_on, args=[client, server], daemon=True).start()
        self._pass_on(server, client)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._passing.wait()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


def wait_until(true: Callable[[], bool], *, seconds: float = 20) -> None:
    """Waits until something holds; fails when it does not in time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
