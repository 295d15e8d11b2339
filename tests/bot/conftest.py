"""What the engine's tests share: a turn's request, the trained model, an action server."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

MODEL = Path(os.environ.get("GROWLINE_MODEL", ROOT / "models" / "growline.tar.gz"))
TODAY = "2026-11-22"


def a_request(text: str, kind: str | None = "milestone", **changes: Any) -> dict[str, Any]:
    """A turn's request, as the worker sends it."""
    expects = {"kind": kind, "id": "walks"} if kind else None
    context = {"language": "en", "channel": "sms", "child_name": "Leo", "expects": expects, "today": TODAY}
    context |= changes.pop("context", {})
    return {"conversation": "c1", "message_id": "m1", "text": text, "context": context} | changes


class ActionServer:
    """Answers every action with a sentence and a receipt, or breaks as told; keeps the calls."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.status = 200
        self.body: Any = None
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.calls.append(call)
                body = json.dumps(server.body if server.body is not None else server.answer(call)).encode()
                self.send_response(server.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Stay silent."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._http.server_port}/webhook"

    @staticmethod
    def answer(call: dict[str, Any]) -> dict[str, Any]:
        receipt = {"receipt": call["tracker"]["slots"].get("message_id")}
        return {"events": [], "responses": [{"text": f"{call['next_action']} is done"}, {"custom": receipt}]}

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def action_server() -> Iterator[ActionServer]:
    server = ActionServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def engine() -> Any:
    """Rasa's agent with the trained model and the tracker store the engine runs with."""
    if not MODEL.is_file():
        pytest.fail(
            f"There is no trained model at {MODEL.name}: train one (rasa train) or set GROWLINE_MODEL."
        )
    from rasa.core.agent import Agent
    from rasa.shared.core.domain import Domain

    import bot.channel  # noqa: F401  (puts the changes to Rasa in place, as the running engine does)
    from bot.tracker_store import ContextTrackerStore

    agent = Agent(tracker_store=ContextTrackerStore(domain=Domain.empty()))
    agent.load_model(MODEL)
    return agent
