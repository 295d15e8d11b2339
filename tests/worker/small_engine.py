"""An engine of a few lines on a real socket: it writes down each turn and answers, breaks or hangs as a test says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

Answering = Callable[[dict[str, Any]], tuple[int, bytes]]


def answers(turn: dict[str, Any]) -> tuple[int, bytes]:
    """The answer of an engine whose actions have committed the turn."""
    receipt = {"receipt": turn["message_id"], "expects": {"kind": "worry", "id": None}, "choices": []}
    body = {"replies": [{"text": "Thank you."}, {"text": ""}, {"text": "What worries you?"}], "receipt": receipt,
            "understood": {"intent": "inform"}}
    return 200, json.dumps(body).encode()


def answers_with(**changes: Any) -> Answering:
    """An answer in which some parts are as given."""

    def answer(turn: dict[str, Any]) -> tuple[int, bytes]:
        return 200, json.dumps({**json.loads(answers(turn)[1]), **changes}).encode()

    return answer


def hangs(seconds: float) -> Answering:
    """An engine that takes too long."""

    def answer(turn: dict[str, Any]) -> tuple[int, bytes]:
        time.sleep(seconds)
        return answers(turn)

    return answer


class SmallEngine:
    """Serves until the ``with`` ends; ``turns`` is what came, ``answering`` what is done about it."""

    def __init__(self) -> None:
        self.turns: list[dict[str, Any]] = []
        self.answering: Answering = answers
        engine = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                turn = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                engine.turns.append(turn)
                status, body = engine.answering(turn)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> SmallEngine:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
