"""The trained engine: what it understands and leaves behind, and no thanks for what failed."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, ActionServer, a_request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.channel import parse_only, take_turn

HELD_OUT = ROOT / "tests" / "understanding" / "first.jsonl"
LEAST_RIGHT = 0.90
ODD_TEXTS = [
    "",
    " ",
    "\n\n",
    "😀😀😀",
    "a" * 10_000,
    "no " * 3_000,
    "\x00",
    "<script>alert(1)</script>",
    "я не говорю",
    "/",
    "{}",
    "/inform{}",
]


def understand(engine: Any, text: str, kind: str | None = "milestone", **context: Any) -> dict[str, Any]:
    return asyncio.run(parse_only(engine, a_request(text, kind, context=context)))


def take(engine: Any, server: ActionServer, text: str, message_id: str = "m1") -> dict[str, Any]:
    engine.processor.action_endpoint = EndpointConfig(server.url, enable_selective_domain=True)
    return asyncio.run(take_turn(engine, engine.handle_message, a_request(text, message_id=message_id)))


def is_right(answer: dict[str, Any], line: dict[str, Any]) -> bool:
    """Whether an answer holds the intent and every entity the line expects."""
    found: dict[str, list[Any]] = {}
    for entity in answer["entities"]:
        found.setdefault(entity["entity"], []).append(entity["value"])
    return answer["intent"] in line["intent"].split("|") and all(
        _holds(found.get(name, []), value) for name, value in line.get("entities", {}).items()
    )


def _holds(values: list[Any], expected: Any) -> bool:
    if isinstance(expected, dict):
        return len(values) == 1 and expected.items() <= values[0].items()
    return sorted(values) == (expected if isinstance(expected, list) else [expected])


def _understood(engine: Any, line: dict[str, Any]) -> dict[str, Any]:
    context = {"expects": line["expects"], "language": line["language"], "today": line["today"]}
    return understand(engine, line["text"], **context)


def test_held_out_messages_are_understood(engine: Any) -> None:
    lines = [json.loads(line) for line in HELD_OUT.read_text(encoding="utf-8").splitlines()]
    wrong = [line["text"] for line in lines if not is_right(_understood(engine, line), line)]
    share = 1 - len(wrong) / len(lines)
    print(f"{share:.3f} of {len(lines)} held-out messages understood")
    assert share >= LEAST_RIGHT, wrong


def test_no_held_out_message_is_a_training_example(engine: Any) -> None:
    trained = {
        line.strip()[2:].lower()
        for path in Path(ROOT / "data" / "nlu").glob("*.yml")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("    - ")
    }
    held_out = {
        json.loads(line)["text"].lower() for line in HELD_OUT.read_text(encoding="utf-8").splitlines()
    }
    assert len(held_out & trained) == 0, held_out & trained


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_an_odd_text_gets_a_well_formed_answer(engine: Any, text: str) -> None:
    answer = understand(engine, text)
    assert set(answer) == {"intent", "confidence", "entities"}
    assert json.loads(json.dumps(answer)) == answer


@pytest.mark.parametrize("text", ["x" * 10_000, "...", "{{7*7}}", "%s%n", "<script>alert(1)</script>", "q"])
def test_signs_and_noise_are_no_answer(engine: Any, text: str) -> None:
    assert understand(engine, text)["intent"] == "out_of_scope"


def test_what_is_said_over_and_over_is_said_once(engine: Any) -> None:
    assert understand(engine, ("no sé " * 2_000)[:9_998])["intent"] == "not_sure"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=300), kind=st.sampled_from(["milestone", "worry", "birth_date", "child_name", None])
)
def test_any_text_is_understood_as_something(engine: Any, text: str, kind: str | None) -> None:
    answer = understand(engine, text, kind)
    assert isinstance(answer["intent"], str)
    assert 0 <= answer["confidence"] <= 1


def test_a_turn_runs_its_action_with_the_turns_context(engine: Any, action_server: ActionServer) -> None:
    answer = take(engine, action_server, "yes", message_id="turn-7")
    assert answer["receipt"] == {"receipt": "turn-7"}
    assert answer["replies"]
    slots = action_server.calls[0]["tracker"]["slots"]
    assert (slots["expects_kind"], slots["expects_id"], slots["message_id"]) == (
        "milestone",
        "walks",
        "turn-7",
    )
    assert "domain" not in action_server.calls[0]


@pytest.mark.parametrize("failure", ["stopped", "error", "nonsense"])
def test_a_turn_whose_action_failed_has_no_receipt_and_logs_no_message(
    engine: Any, action_server: ActionServer, failure: str, caplog: pytest.LogCaptureFixture
) -> None:
    if failure == "stopped":
        action_server.stop()
        action_server.stop = lambda: None  # type: ignore[method-assign]
    action_server.status = 500 if failure == "error" else 200
    action_server.body = {"Leo": "yes she walks", "events": "Leo"} if failure != "stopped" else None
    with caplog.at_level(logging.INFO):
        answer = take(engine, action_server, "yes she walks")
    assert answer["receipt"] is None
    assert "yes she walks" not in caplog.text
    assert "Leo" not in caplog.text


def test_many_turns_leave_no_tracker_and_no_lock(engine: Any, action_server: ActionServer) -> None:
    for number in range(50):
        take(engine, action_server, "yes", message_id=f"many-{number}")
    gc.collect()
    left = [thing for thing in gc.get_objects() if isinstance(thing, DialogueStateTracker)]
    assert [tracker for tracker in left if tracker.sender_id.startswith("many-")] == []
    assert engine.lock_store.conversation_locks == {}
    assert list(asyncio.run(engine.tracker_store.keys())) == []
