"""``growline understand``: JSON lines in, JSON lines out, through the same code as a live message.

It asks the engine that runs; where none answers it starts one of its own for as long as it needs it.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, TextIO

import httpx

from growline.demo import Ports
from growline.free_ports import free_ports
from growline.programs import Program, programs
from growline.training import train
from intake.content.library import load_content
from intake.settings import ROOT
from intake.usecases.local_day import local_today
from intake.usecases.understanding import understand
from worker.engine import Engine, EngineUnavailable

ENGINE_SECONDS = 90


def understand_lines(lines: TextIO, out: TextIO) -> None:
    """Reads ``{"text", "question"?, "expects"?, "today"?}`` a line; a line that is no such thing gets {"error"} and the next."""
    content = load_content(ROOT / "content")
    with an_engine() as engine:
        for line in lines:
            if line.strip():
                out.write(_as_line(_one(line, content, engine)) + "\n")
                out.flush()


def _as_line(answer: dict[str, Any]) -> str:
    """``answer`` as one line; half a character (a lone surrogate), which no file can hold, stays escaped."""
    line = json.dumps(answer, ensure_ascii=False)
    return line if _can_be_written(line) else json.dumps(answer)


def _can_be_written(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


def _one(line: str, content: Any, engine: Engine) -> dict[str, Any]:
    try:
        asked = json.loads(line)
        text, expects = asked["text"], asked.get("expects")
        today = date.fromisoformat(asked["today"]) if asked.get("today") else local_today(content)
        if not isinstance(text, str) or not (expects is None or isinstance(expects.get("kind"), str)):
            raise TypeError
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"error": 'a line must be {"text": "…", "expects"?: {"kind": "…", "id"?: "…"}, "today"?: "YYYY-MM-DD"}'}
    try:
        return understand(text, expects, today, content, engine.parse)
    except EngineUnavailable as error:
        return {"error": f"the engine did not answer: {error}"}


@contextmanager
def an_engine() -> Iterator[Engine]:
    """The engine that runs, or one of our own for as long as it is needed."""
    url = os.environ.get("GROWLINE_ENGINE_URL", "http://127.0.0.1:5005").split(",")[0].rstrip("/")
    if _answers(url):
        engine = Engine([url])
        yield engine
        engine.close()
        return
    with _own_engine() as own:
        engine = Engine([own])
        yield engine
        engine.close()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/webhooks/turn/health", timeout=2.0).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


@contextmanager
def _own_engine() -> Iterator[str]:
    train()
    ports = Ports(engine=free_ports(1)[0])
    with tempfile.TemporaryDirectory() as folder:
        program: Program = next(p for p in programs({}, ports, Path(folder), simulator=False) if p.name == "engine")
        program.start()
        try:
            program.wait_until_ready(ENGINE_SECONDS)
            yield f"http://127.0.0.1:{ports.engine}"
        finally:
            program.stop()
