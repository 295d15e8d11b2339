"""``growline understand``: JSON lines in, JSON lines out, in the agreed form, whatever comes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from people import Phone
from sqlalchemy import select

from growline.system import System
from intake.settings import ROOT
from intake.store.connection import Store
from intake.store.models import Conversation, Message

pytestmark = pytest.mark.system

FORM: dict[str, tuple[type, ...]] = {
    "text": (str,), "language": (str,), "opt_out": (bool,), "safety": (dict, type(None)), "reply": (str, type(None)),
    "intent": (str,), "confidence": (float, int), "concerns": (list,), "negated": (list,), "birth": (dict, type(None)),
    "out_of_scope": (bool,),
}
ODD_TEXTS = ["", "   ", "\u0000", "🤷‍♀️", "x" * 10_000, "<b>hi</b>", "/yes", "/intent{}", "//", "привет как дела",
             "\ud83d", "%s", "{{1}}", "no", "3", "ya no"]
ODD_QUESTIONS = [None, {"kind": "unheard_of"}, {"kind": "milestone"}, {"kind": "milestone", "id": 3}, {"kind": ""}]


def _understand(lines: list[str], engine_url: str) -> list[dict[str, Any]]:
    done = subprocess.run([sys.executable, "-m", "growline", "understand"], input="\n".join(lines) + "\n", text=True,
                          capture_output=True, cwd=ROOT, timeout=180, env={**os.environ, "GROWLINE_ENGINE_URL": engine_url})
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def engine_url(system: System) -> str:
    return f"http://127.0.0.1:{system.ports.engine}"


def test_every_line_is_answered_in_the_agreed_form(engine_url: str) -> None:
    lines = Path(ROOT / "tests/understanding/first.jsonl").read_text().splitlines()
    asked = [json.loads(line) for line in lines if line.strip()]
    asked += [{"text": text} for text in ODD_TEXTS] + [{"text": "yes", "expects": expects} for expects in ODD_QUESTIONS]
    answers = _understand([json.dumps(line) for line in asked], engine_url)
    assert len(answers) == len(asked)
    for line, answer in zip(asked, answers, strict=True):
        assert set(answer) == set(FORM), line
        assert answer["text"] == line["text"]
        for name, kinds in FORM.items():
            assert isinstance(answer[name], kinds), (name, answer)


def test_a_line_that_is_no_request_is_named_and_the_next_is_answered(engine_url: str) -> None:
    broken = ["not json", "[]", '{"text": 3}', '{"expects": {"kind": "worry"}}', '{"text": "hi", "today": "yesterday"}']
    answers = _understand([*broken, '{"text": "please stop texting me"}'], engine_url)
    assert all("error" in answer for answer in answers[:-1])
    assert answers[-1]["opt_out"] is True


def test_broken_utf8_does_not_end_the_reading(engine_url: str) -> None:
    done = subprocess.run([sys.executable, "-m", "growline", "understand"], input=b'{"text": "no \xff\xfe"}\n{"text": "hi"}\n',
                          capture_output=True, cwd=ROOT, timeout=180, env={**os.environ, "GROWLINE_ENGINE_URL": engine_url})
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["no \ufffd\ufffd", "hi"]


def test_it_reads_what_the_contract_names(engine_url: str) -> None:
    lines = [
        {"text": "STOP"},
        {"text": "she swallowed a button battery"},
        {"text": "ya no", "expects": {"kind": "milestone", "id": "m18.movement.walks_alone"}},
        {"text": "talks great, but won't walk", "expects": {"kind": "worry"}},
        {"text": "3/4/24", "expects": {"kind": "birth_date"}, "today": "2026-11-22"},
    ]
    stop, danger, lost, worry, birth = _understand([json.dumps(line) for line in lines], engine_url)
    assert stop["opt_out"] and danger["safety"] == {"category": "battery_or_poison", "level": "emergency"}
    assert lost["reply"] == "lost_skill"
    assert worry["concerns"] == ["movement_physical"] and worry["negated"] == ["language_communication"]
    assert birth["birth"] == {"dob": "2024-03-04", "months": 32, "weeks_early": None, "ambiguous": False, "reason": None}


def test_a_live_message_is_understood_as_the_command_says(phone: Phone, engine_url: str, live_store: Store) -> None:
    phone.says("hi")
    phone.says("yes")
    phone.says("mom")
    phone.says("Kai")
    phone.says("2 and a half")
    phone.says("he bites and wont sleep but eats fine")
    with live_store.reading() as session:
        mine = live_store.keys.phone_index(phone.number)
        rows = session.scalars(select(Message).join(Conversation, Conversation.id == Message.conversation_id)
                               .where(Conversation.phone_index == mine, Message.direction == "inbound", Message.state == "done")
                               .order_by(Message.seq)).all()
    asked = [{"text": row.text, "expects": (row.context or {}).get("expects"), "today": (row.context or {}).get("today")}
             for row in rows if row.understood and row.context]
    assert len(asked) == 6
    for row, answer in zip(rows, _understand([json.dumps(line) for line in asked], engine_url), strict=True):
        assert row.understood is not None
        assert answer["intent"] == row.understood["intent"]
        live = {e["value"] for e in row.understood["entities"] if e["entity"] == "concern"}
        assert set(answer["concerns"]) == live


def test_without_an_engine_it_starts_one_of_its_own() -> None:
    answers = _understand(['{"text": "no habla", "expects": {"kind": "worry"}}'], "http://127.0.0.1:9")
    assert answers[0]["concerns"] == ["language_communication"]
