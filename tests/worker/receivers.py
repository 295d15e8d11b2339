"""A mail server and a webhook's receiver of our own, on loopback, that do what a test tells them to."""

from __future__ import annotations

import socketserver
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass
class Behaviour:
    """What a receiver does with what comes: refuses so many first (``refuses``), waits ``seconds`` before it answers."""

    refuses: int = 0
    seconds: float = 0.0
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def takes(self) -> bool:
        """Whether the next one is taken; a refusal is used up."""
        time.sleep(self.seconds)
        if self.refuses > 0:
            self.refuses -= 1
            return False
        return True


class Receiver:
    """Runs a server in a thread while it is open; ``port`` 0 takes a free one."""

    def __init__(self, server: socketserver.TCPServer, behaviour: Behaviour) -> None:
        self._server, self.behaviour = server, behaviour
        self.port = int(server.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def received(self) -> list[tuple[dict[str, str], bytes]]:
        """What was taken: headers (or sender and recipients) and the body."""
        return self.behaviour.received


class _Server(ThreadingHTTPServer):
    allow_reuse_address = daemon_threads = True


def webhook(behaviour: Behaviour, port: int = 0) -> Receiver:
    """A receiver of webhooks."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken = behaviour.takes()
            if taken:
                behaviour.received.append((dict(self.headers), body))
            self.send_response(204 if taken else 503)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the tests look at what was received."""

    return Receiver(_Server(("127.0.0.1", port), Handler), behaviour)


def mail_server(behaviour: Behaviour, port: int = 0) -> Receiver:
    """A mail server (RFC 5321) without TLS, as one on this machine may be."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._says(b"220 here")
            envelope: list[str] = []
            while line := self.rfile.readline().strip():
                verb = line.split(b" ")[0].upper()
                if verb == b"DATA":
                    self._says(b"354 go on")
                    self._data(envelope)
                elif verb == b"QUIT":
                    return self._says(b"221 bye")
                else:
                    envelope += [line.decode()] if verb in (b"MAIL", b"RCPT") else []
                    self._says(b"250 ok")

        def _data(self, envelope: list[str]) -> None:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line)
            if behaviour.takes():
                behaviour.received.append(({"envelope": " ".join(envelope)}, b"".join(lines)))
                return self._says(b"250 taken")
            self._says(b"451 later")

        def _says(self, words: bytes) -> None:
            self.wfile.write(words + b"\r\n")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

    return Receiver(Server(("127.0.0.1", port), Handler), behaviour)
